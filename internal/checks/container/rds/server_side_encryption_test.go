package rds

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
)

func TestEncrypted(t *testing.T) {
	for name, tt := range map[string]struct {
		kind string
		flag *bool
		want finding.Status
		text string
	}{
		"a KMS key":                 {"sse-kms", ptr(true), finding.Pass, "KMS key"},
		"a KMS key, no flag":        {"sse-kms", nil, finding.Pass, "KMS key"},
		"AWS's own key, flag false": {"sse-rds", ptr(false), finding.Pass, "AWS owns"},
		"none":                      {"none", ptr(false), finding.Fail, "not encrypted"},
		"none, no flag":             {"none", nil, finding.Fail, "not encrypted"},
		"none and true":             {"none", ptr(true), finding.Unknown, "contradicts"},
		"no type, true":             {"", ptr(true), finding.Pass, "names no encryption type"},
		"no type, false":            {"", ptr(false), finding.Fail, "names no encryption type"},
		"nothing said":              {"", nil, finding.Unknown, "does not say"},
		"a new type, false":         {"sse-new", ptr(false), finding.Unknown, "sse-new"},
		"a new type, true":          {"sse-new", ptr(true), finding.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) { checktest.Want(t, encrypted("it", tt.kind, tt.flag, ""), tt.want, tt.text) })
	}
}

func TestInstanceStorageEncrypted(t *testing.T) {
	onInstances(t, instanceStorageEncrypted, map[string]instanceCase{
		"encrypted": {func(*rdsinv.Instance) {}, finding.Pass, "KMS key"},
		"not":       {func(i *rdsinv.Instance) { i.EncryptionType, i.StorageEncrypted = "none", ptr(false) }, finding.Fail, "not encrypted"},
		"AWS's own key, which is not unencrypted": {func(i *rdsinv.Instance) { i.EncryptionType, i.StorageEncrypted = "sse-rds", ptr(false) }, finding.Pass, ""},
		"nothing said": {func(i *rdsinv.Instance) { i.EncryptionType, i.StorageEncrypted = "", nil }, finding.Unknown, ""},
		"Aurora member": {func(i *rdsinv.Instance) {
			auroraMember(i)
			i.EncryptionType, i.StorageEncrypted = "", ptr(false)
		}, finding.NotApplicable, "cluster c-1"},
		"Multi-AZ member":        {multiAZMember, finding.NotApplicable, "cluster c-1"},
		"Aurora, cluster unsaid": {func(i *rdsinv.Instance) { i.Engine = "aurora-mysql" }, finding.Unknown, "does not name its cluster"},
		"an unknown engine":      {func(i *rdsinv.Instance) { i.Engine = "new" }, finding.Pass, ""},
	})
}

func TestClusterStorageEncrypted(t *testing.T) {
	onClusters(t, clusterStorageEncrypted, map[string]clusterCase{
		"encrypted":     {func(*rdsinv.Cluster) {}, finding.Pass, ""},
		"AWS's own key": {func(c *rdsinv.Cluster) { c.EncryptionType, c.StorageEncrypted = "sse-rds", ptr(false) }, finding.Pass, "AWS owns"},
		"not":           {func(c *rdsinv.Cluster) { c.EncryptionType, c.StorageEncrypted = "", ptr(false) }, finding.Fail, ""},
		"nothing said":  {func(c *rdsinv.Cluster) { c.EncryptionType, c.StorageEncrypted = "", nil }, finding.Unknown, ""},
	})
}

func snapshot(id string, changes ...func(*rdsinv.Snapshot)) rdsinv.Snapshot {
	s := rdsinv.Snapshot{
		Resource: &inventory.Resource{Type: "AWS::RDS::DBSnapshot", ID: id, ARN: "arn:aws:rds:us-east-1:111122223333:snapshot:" + id, Region: checktest.Region},
		Engine:   "postgres", SnapshotType: "manual", StorageEncrypted: ptr(true), EncryptionType: "sse-kms",
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func ofCluster(s *rdsinv.Snapshot) {
	s.OfCluster, s.Type, s.ARN = true, "AWS::RDS::DBClusterSnapshot", "arn:aws:rds:us-east-1:111122223333:cluster-snapshot:"+s.ID
}

func TestSnapshotEncrypted(t *testing.T) {
	plain := func(s *rdsinv.Snapshot) { s.EncryptionType, s.StorageEncrypted = "none", ptr(false) }
	automated := func(s *rdsinv.Snapshot) { s.SnapshotType = "automated" }
	f := checktest.New()
	checktest.Rows(f, rdsinv.DBSnapshots, snapshot("ok"), snapshot("plain", plain, automated),
		snapshot("silent", func(s *rdsinv.Snapshot) { s.EncryptionType, s.StorageEncrypted = "", nil }))
	checktest.Broken(f, rdsinv.ClusterSnapshots, "rds:DescribeDBClusterSnapshots", snapshot("of-cluster", ofCluster),
		snapshot("own-key", ofCluster, func(s *rdsinv.Snapshot) { s.EncryptionType, s.StorageEncrypted = "sse-rds", ptr(false) }), snapshot("plain-cluster", ofCluster, plain))
	got := f.Run(snapshotEncrypted)
	checktest.Want(t, got["ok"], finding.Pass)
	checktest.Want(t, got["plain"], finding.Fail)
	checktest.Want(t, got["silent"], finding.Unknown, "does not say")
	checktest.Want(t, got["of-cluster"], finding.Pass)
	checktest.Want(t, got["own-key"], finding.Pass, "AWS owns")
	checktest.Want(t, got["plain-cluster"], finding.Fail)
	checktest.Want(t, got[""], finding.Unknown, "rds:DescribeDBClusterSnapshots")
}
