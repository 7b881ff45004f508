package rds

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
)

// The two settings of a Multi-AZ cluster that are judged on its members; good is the value that passes.
type sharedCase struct {
	member, cluster *bool // whether each side is well set; nil: unsaid
	want            finding.Status
	text            string
}

func onMembers(t *testing.T, c *checks.Check, good bool, member func(*rdsinv.Instance, *bool), ofCluster func(*rdsinv.Cluster, *bool)) {
	t.Helper()
	value := func(well *bool) *bool {
		if well == nil {
			return nil
		}
		return ptr(*well == good)
	}
	for name, tt := range map[string]sharedCase{
		"both well":            {ptr(true), ptr(true), finding.Pass, "here and on its Multi-AZ cluster c-1"},
		"member ill":           {ptr(false), ptr(true), finding.Fail, "on this member of Multi-AZ cluster c-1"},
		"cluster ill":          {ptr(true), ptr(false), finding.Fail, "on its Multi-AZ cluster c-1"},
		"both ill":             {ptr(false), ptr(false), finding.Fail, "here and on its Multi-AZ cluster c-1"},
		"ill, cluster unsaid":  {ptr(false), nil, finding.Fail, "on this member"},
		"well, cluster unsaid": {ptr(true), nil, finding.Unknown, "on its cluster c-1"},
		"unsaid, cluster ill":  {nil, ptr(false), finding.Fail, "on its Multi-AZ cluster c-1"},
		"unsaid, cluster well": {nil, ptr(true), finding.Unknown, "does not say"},
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, rdsinv.Instances, instance(multiAZMember, func(i *rdsinv.Instance) { member(i, value(tt.member)) }))
			checktest.Rows(f, rdsinv.Clusters, multiAZ(func(c *rdsinv.Cluster) { ofCluster(c, value(tt.cluster)) }))
			checktest.Want(t, f.Run(c)["db-1"], tt.want, tt.text)
		})
	}
	for name, tt := range map[string]struct {
		change func(*rdsinv.Instance)
		well   *bool
		want   finding.Status
		text   string
	}{
		"clusters denied, well":             {multiAZMember, ptr(true), finding.Unknown, "rds:DescribeDBClusters"},
		"clusters denied, ill":              {multiAZMember, ptr(false), finding.Fail, "c-1"},
		"clusters denied, alone":            {func(*rdsinv.Instance) {}, ptr(true), finding.Pass, ""},
		"clusters denied, Aurora member":    {auroraMember, ptr(true), finding.Pass, ""},
		"clusters denied, ill Aurora":       {auroraMember, ptr(false), finding.Fail, ""},
		"clusters denied, unsaid of Aurora": {auroraMember, nil, finding.Unknown, "does not say"},
		"engine unsaid, in a cluster":       {func(i *rdsinv.Instance) { i.Engine, i.ClusterID = "", "c-1" }, ptr(true), finding.Unknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, rdsinv.Instances, instance(tt.change, func(i *rdsinv.Instance) { member(i, value(tt.well)) }))
			checktest.Broken(f, rdsinv.Clusters, "rds:DescribeDBClusters")
			checktest.Want(t, f.Run(c)["db-1"], tt.want, tt.text)
		})
	}
	t.Run("cluster not in a whole listing", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, rdsinv.Instances, instance(multiAZMember))
		checktest.Rows(f, rdsinv.Clusters)
		v := f.Run(c)["db-1"]
		checktest.Want(t, v, finding.Unknown, "not in the listing")
		if len(v.Why) != 1 {
			t.Errorf("%d reasons", len(v.Why))
		}
	})
	t.Run("instances denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, rdsinv.Instances, "rds:DescribeDBInstances", instance())
		checktest.Rows(f, rdsinv.Clusters)
		got := f.Run(c)
		checktest.Want(t, got["db-1"], finding.Pass)
		checktest.Want(t, got[""], finding.Unknown, "denied")
	})
}

func TestInstanceNotPubliclyAccessible(t *testing.T) {
	onMembers(t, instanceNotPublic, false,
		func(i *rdsinv.Instance, v *bool) { i.PubliclyAccessible = v }, func(c *rdsinv.Cluster, v *bool) { c.PubliclyAccessible = v })
	for name, tt := range map[string]struct {
		gateway *bool
		text    string
	}{
		"no gateway": {ptr(false), "PubliclyAccessible is false"}, "unsaid": {nil, "PubliclyAccessible is false"},
		"internet access gateway": {ptr(true), "cluster c-1 over the internet"},
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, rdsinv.Instances, instance(auroraMember))
			checktest.Rows(f, rdsinv.Clusters, cluster(func(c *rdsinv.Cluster) { c.InternetAccessGateway = tt.gateway }))
			checktest.Want(t, f.Run(instanceNotPublic)["db-1"], finding.Pass, tt.text)
		})
	}
	t.Run("clusters denied: the gateway is not seen", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, rdsinv.Instances, instance(auroraMember))
		checktest.Broken(f, rdsinv.Clusters, "rds:DescribeDBClusters")
		checktest.Want(t, f.Run(instanceNotPublic)["db-1"], finding.Pass, "not seen: whether its cluster has an internet access gateway")
	})
}

func TestInstanceAutoMinorUpgrade(t *testing.T) {
	onMembers(t, instanceAutoMinorUpgrade, true,
		func(i *rdsinv.Instance, v *bool) { i.AutoMinorVersionUpgrade = v }, func(c *rdsinv.Cluster, v *bool) { c.AutoMinorVersionUpgrade = v })
	t.Run("RDS Custom", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, rdsinv.Instances, instance(func(i *rdsinv.Instance) { i.Engine, i.AutoMinorVersionUpgrade = "custom-oracle-ee", ptr(false) }))
		checktest.Rows(f, rdsinv.Clusters)
		checktest.Want(t, f.Run(instanceAutoMinorUpgrade)["db-1"], finding.NotApplicable, "RDS Custom")
	})
}
