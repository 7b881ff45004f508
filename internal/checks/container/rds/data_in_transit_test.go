package rds

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
)

type (
	parameters = map[string]inventory.Field[rdsinv.Parameter]
	options    = map[string]inventory.Field[[]rdsinv.OracleOptions]
)

func valued(v string) inventory.Field[rdsinv.Parameter] {
	return inventory.Known(rdsinv.Parameter{Value: &v})
}

func group1(engine, status string) func(*rdsinv.Instance) {
	return func(i *rdsinv.Instance) { i.Engine, i.ParameterGroups[0].Status = engine, status }
}

// transit puts one instance with its evidence; what a test gives no facts for was not asked.
func transit(i rdsinv.Instance, own, ofClusters parameters, oracle options, list ...rdsinv.Cluster) *checktest.Fixture {
	f := checktest.New()
	checktest.Rows(f, rdsinv.Instances, i)
	checktest.Rows(f, rdsinv.Clusters, list...)
	checktest.Facts(f, rdsinv.TLSParameters, own)
	checktest.Facts(f, rdsinv.ClusterTLSParameters, ofClusters)
	checktest.Facts(f, rdsinv.OracleInTransit, oracle)
	return f
}

func TestTLSRequiredByTheInstancesGroup(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*rdsinv.Instance)
		field  inventory.Field[rdsinv.Parameter]
		want   finding.Status
		text   string
	}{
		"postgres, on":             {group1("postgres", "in-sync"), valued("1"), finding.Pass, "rds.force_ssl is 1 in parameter group pg"},
		"postgres, off":            {group1("postgres", "in-sync"), valued("0"), finding.Fail, "rds.force_ssl is 0"},
		"off, pending reboot":      {group1("postgres", "pending-reboot"), valued("0"), finding.Fail, ""},
		"on, pending reboot":       {group1("postgres", "pending-reboot"), valued("1"), finding.Unknown, "pending-reboot on this instance"},
		"on, applying":             {group1("postgres", "applying"), valued("1"), finding.Unknown, "applying"},
		"on, failed to apply":      {group1("postgres", "failed-to-apply"), valued("1"), finding.Unknown, "failed-to-apply"},
		"on, status unsaid":        {group1("postgres", ""), valued("1"), finding.Unknown, "does not say whether"},
		"mysql, on by word":        {group1("mysql", "in-sync"), valued(" ON "), finding.Pass, "require_secure_transport"},
		"mysql, off by word":       {group1("mysql", "in-sync"), valued("Off"), finding.Fail, ""},
		"mariadb, on":              {group1("mariadb", "in-sync"), valued("1"), finding.Pass, ""},
		"sqlserver, true":          {group1("sqlserver-se", "in-sync"), valued("true"), finding.Pass, ""},
		"sqlserver, false":         {group1("sqlserver-se", "in-sync"), valued("FALSE"), finding.Fail, ""},
		"db2, TLS alone":           {group1("db2-se", "in-sync"), valued("SSL"), finding.Pass, "DB2COMM"},
		"db2, both":                {group1("db2-se", "in-sync"), valued("TCPIP,SSL"), finding.Fail, "TCPIP,SSL"},
		"db2, plain":               {group1("db2-se", "in-sync"), valued("tcpip"), finding.Fail, ""},
		"db2, something else":      {group1("db2-se", "in-sync"), valued("NPIPE"), finding.Unknown, "NPIPE"},
		"db2, TLS and something":   {group1("db2-se", "in-sync"), valued("SSL,NPIPE"), finding.Unknown, "SSL,NPIPE"},
		"db2, empty":               {group1("db2-se", "in-sync"), valued(""), finding.Unknown, ""},
		"a value of no known form": {group1("mysql", "in-sync"), valued("maybe"), finding.Unknown, "maybe"},
		"no value":                 {group1("mysql", "in-sync"), inventory.Known(rdsinv.Parameter{}), finding.Unknown, "engine's default"},
		"no such parameter":        {group1("mariadb", "in-sync"), inventory.Failure[rdsinv.Parameter](inventory.ErrAbsent), finding.Unknown, "has no parameter require_secure_transport"},
		"not read":                 {group1("mysql", "in-sync"), inventory.Failure[rdsinv.Parameter](inventory.ErrNotAsked), finding.Unknown, "was not read"},
		"denied":                   {group1("mysql", "in-sync"), inventory.Failure[rdsinv.Parameter](inventory.DeniedError("rds:DescribeDBParameters")), finding.Unknown, "denied"},
		"RDS Custom":               {group1("custom-sqlserver-ee", "in-sync"), valued("1"), finding.Unknown, "RDS Custom"},
		"an unknown engine":        {group1("new", "in-sync"), valued("1"), finding.Unknown, "engine new"},
		"engine unsaid":            {group1("", "in-sync"), valued("1"), finding.Unknown, "names no engine"},
		"Aurora, cluster unsaid":   {group1("aurora-mysql", "in-sync"), valued("1"), finding.Unknown, "does not name its cluster"},
		"no parameter group":       {func(i *rdsinv.Instance) { i.ParameterGroups = nil }, valued("1"), finding.Unknown, "does not name one"},
		"two parameter groups":     {func(i *rdsinv.Instance) { i.ParameterGroups = append(i.ParameterGroups, rdsinv.GroupStatus{Name: "x"}) }, valued("1"), finding.Unknown, "does not name one"},
	} {
		t.Run(name, func(t *testing.T) {
			got := transit(instance(tt.change), parameters{"pg": tt.field}, nil, nil).Run(instanceTLSRequired)["db-1"]
			checktest.Want(t, got, tt.want, tt.text)
		})
	}
}

func TestTLSRequiredByTheClustersGroup(t *testing.T) {
	denied := inventory.Failure[rdsinv.Parameter](inventory.DeniedError("rds:DescribeDBClusterParameters"))
	status := func(s string) func(*rdsinv.Cluster) {
		return func(c *rdsinv.Cluster) { c.Members[0].ParameterGroupStatus = s }
	}
	for name, tt := range map[string]struct {
		member func(*rdsinv.Instance)
		field  inventory.Field[rdsinv.Parameter]
		list   []rdsinv.Cluster
		want   finding.Status
		text   string
	}{
		"on":                       {auroraMember, valued("1"), []rdsinv.Cluster{cluster()}, finding.Pass, "cluster parameter group cpg"},
		"off":                      {auroraMember, valued("0"), []rdsinv.Cluster{cluster()}, finding.Fail, "cpg"},
		"on, this member lags":     {auroraMember, valued("1"), []rdsinv.Cluster{cluster(status("pending-reboot"))}, finding.Unknown, "pending-reboot"},
		"off, this member lags":    {auroraMember, valued("0"), []rdsinv.Cluster{cluster(status("pending-reboot"))}, finding.Fail, ""},
		"on, not named as member":  {auroraMember, valued("1"), []rdsinv.Cluster{cluster(func(c *rdsinv.Cluster) { c.Members = c.Members[1:] })}, finding.Unknown, "in force here"},
		"off, not named as member": {auroraMember, valued("0"), []rdsinv.Cluster{cluster(func(c *rdsinv.Cluster) { c.Members = c.Members[1:] })}, finding.Fail, ""},
		"Aurora MySQL, ON": {
			func(i *rdsinv.Instance) { i.Engine, i.ClusterID = "aurora-mysql", "c-1" }, valued("ON"),
			[]rdsinv.Cluster{cluster(func(c *rdsinv.Cluster) { c.Engine = "aurora-mysql" })},
			finding.Pass, "require_secure_transport is ON",
		},
		"Multi-AZ cluster":    {multiAZMember, valued("1"), []rdsinv.Cluster{multiAZ()}, finding.Pass, "cpg"},
		"denied":              {auroraMember, denied, []rdsinv.Cluster{cluster()}, finding.Unknown, "rds:DescribeDBClusterParameters"},
		"no such cluster":     {auroraMember, valued("1"), nil, finding.Unknown, "not in the listing"},
		"group unsaid":        {auroraMember, valued("1"), []rdsinv.Cluster{cluster(func(c *rdsinv.Cluster) { c.ParameterGroup = "" })}, finding.Unknown, "parameter group of cluster c-1"},
		"no value":            {auroraMember, inventory.Known(rdsinv.Parameter{}), []rdsinv.Cluster{cluster()}, finding.Unknown, "default"},
		"the group not asked": {auroraMember, inventory.Failure[rdsinv.Parameter](inventory.ErrNotAsked), []rdsinv.Cluster{cluster()}, finding.Unknown, "was not read"},
	} {
		t.Run(name, func(t *testing.T) {
			// The member's own group says the opposite, and decides nothing.
			got := transit(instance(tt.member), parameters{"pg": valued("0")}, parameters{"cpg": tt.field}, nil, tt.list...).Run(instanceTLSRequired)["db-1"]
			checktest.Want(t, got, tt.want, tt.text)
		})
	}
	t.Run("clusters denied", func(t *testing.T) {
		f := transit(instance(auroraMember), nil, nil, nil)
		checktest.Broken(f, rdsinv.Clusters, "rds:DescribeDBClusters")
		checktest.Want(t, f.Run(instanceTLSRequired)["db-1"], finding.Unknown, "rds:DescribeDBClusters")
	})
	t.Run("clusters denied, an instance alone", func(t *testing.T) {
		f := transit(instance(), parameters{"pg": valued("1")}, nil, nil)
		checktest.Broken(f, rdsinv.Clusters, "rds:DescribeDBClusters")
		checktest.Want(t, f.Run(instanceTLSRequired)["db-1"], finding.Pass)
	})
	t.Run("instances denied", func(t *testing.T) {
		f := transit(instance(), parameters{"pg": valued("1")}, nil, nil)
		checktest.Broken(f, rdsinv.Instances, "rds:DescribeDBInstances", instance())
		got := f.Run(instanceTLSRequired)
		checktest.Want(t, got["db-1"], finding.Pass)
		checktest.Want(t, got[""], finding.Unknown, "denied")
	})
}

func TestEncryptionRequiredOfOracle(t *testing.T) {
	native := func(name, set string) rdsinv.OracleOptions {
		return rdsinv.OracleOptions{Group: name, Said: true, Native: true, ServerSet: set}
	}
	og := func(list ...rdsinv.OracleOptions) inventory.Field[[]rdsinv.OracleOptions] {
		return inventory.Known(list)
	}
	in := func(groups ...string) []rdsinv.GroupStatus {
		var list []rdsinv.GroupStatus
		for i := 0; i < len(groups); i += 2 {
			list = append(list, rdsinv.GroupStatus{Name: groups[i], Status: groups[i+1]})
		}
		return list
	}
	for name, tt := range map[string]struct {
		groups []rdsinv.GroupStatus
		field  inventory.Field[[]rdsinv.OracleOptions]
		want   finding.Status
		text   string
	}{
		"required":             {in("og", "in-sync"), og(native("og", "REQUIRED")), finding.Pass, "REQUIRED in option group og"},
		"requested":            {in("og", "in-sync"), og(native("og", "REQUESTED")), finding.Fail, "is REQUESTED"},
		"required, applying":   {in("og", "applying"), og(native("og", "REQUIRED")), finding.Unknown, "applying"},
		"requested, applying":  {in("og", "pending-apply"), og(native("og", "ACCEPTED")), finding.Fail, ""},
		"setting unsaid":       {in("og", "in-sync"), og(native("og", "")), finding.Unknown, "SQLNET.ENCRYPTION_SERVER"},
		"SSL alone":            {in("og", "in-sync"), og(rdsinv.OracleOptions{Group: "og", Said: true, SSL: true}), finding.Fail, "security groups, which may close it, were not considered"},
		"no option":            {in("og", "in-sync"), og(rdsinv.OracleOptions{Group: "og", Said: true}), finding.Fail, "no option of group og"},
		"options unsaid":       {in("og", "in-sync"), og(rdsinv.OracleOptions{Group: "og"}), finding.Unknown, "which options"},
		"group not listed":     {in("og", "in-sync"), og(), finding.Unknown, "not in the listing"},
		"no group":             {nil, og(), finding.Unknown, "names no option group"},
		"changing to required": {in("old", "pending-removal", "og", "pending-apply"), og(rdsinv.OracleOptions{Group: "old", Said: true}, native("og", "REQUIRED")), finding.Unknown, "pending-removal, pending-apply"},
		"two groups in sync":   {in("old", "in-sync", "og", "in-sync"), og(rdsinv.OracleOptions{Group: "old", Said: true}, native("og", "REQUIRED")), finding.Unknown, "old, og"},
		"changing, neither":    {in("old", "removing", "og", "applying"), og(rdsinv.OracleOptions{Group: "old", Said: true}, native("og", "REQUESTED")), finding.Fail, ""},
		"denied":               {in("og", "in-sync"), inventory.Failure[[]rdsinv.OracleOptions](inventory.DeniedError("rds:DescribeOptionGroups")), finding.Unknown, "denied"},
		"absent in the answer": {in("og", "in-sync"), inventory.Failure[[]rdsinv.OracleOptions](inventory.ErrAbsent), finding.Unknown, "not read"},
	} {
		t.Run(name, func(t *testing.T) {
			i := instance(func(i *rdsinv.Instance) { i.Engine, i.OptionGroups = "oracle-ee", tt.groups })
			got := transit(i, nil, nil, options{"db-1": tt.field}).Run(instanceTLSRequired)["db-1"]
			checktest.Want(t, got, tt.want, tt.text)
		})
	}
}
