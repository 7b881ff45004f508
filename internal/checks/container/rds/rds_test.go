package rds

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
)

func ptr[T any](v T) *T { return &v }

// instance is a well kept PostgreSQL instance; cluster a well kept Aurora PostgreSQL cluster.
func instance(changes ...func(*rdsinv.Instance)) rdsinv.Instance {
	i := rdsinv.Instance{
		Resource: &inventory.Resource{Type: "AWS::RDS::DBInstance", ID: "db-1", ARN: "arn:aws:rds:us-east-1:111122223333:db:db-1", Region: checktest.Region},
		Engine:   "postgres", Status: "available",
		StorageEncrypted: ptr(true), EncryptionType: "sse-kms", KMSKeyID: "key-1",
		BackupRetentionDays: ptr[int32](7), LatestRestorableTime: checktest.DaysAgo(0), DeletionProtection: ptr(true),
		PubliclyAccessible: ptr(false), AutoMinorVersionUpgrade: ptr(true), MultiAZ: ptr(true),
		ParameterGroups: []rdsinv.GroupStatus{{Name: "pg", Status: "in-sync"}},
		OptionGroups:    []rdsinv.GroupStatus{{Name: "og", Status: "in-sync"}},
		LogExports:      []string{"postgresql"},
	}
	for _, change := range changes {
		change(&i)
	}
	return i
}

func cluster(changes ...func(*rdsinv.Cluster)) rdsinv.Cluster {
	c := rdsinv.Cluster{
		Resource: &inventory.Resource{Type: "AWS::RDS::DBCluster", ID: "c-1", ARN: "arn:aws:rds:us-east-1:111122223333:cluster:c-1", Region: checktest.Region},
		Engine:   "aurora-postgresql", EngineMode: "provisioned", Status: "available",
		StorageEncrypted: ptr(true), EncryptionType: "sse-kms", KMSKeyID: "key-1",
		BackupRetentionDays: ptr[int32](7), LatestRestorableTime: checktest.DaysAgo(0), DeletionProtection: ptr(true), MultiAZ: ptr(true),
		ParameterGroup: "cpg", Members: []rdsinv.Member{{InstanceID: "db-1", ParameterGroupStatus: "in-sync"}, {InstanceID: "db-2", ParameterGroupStatus: "in-sync"}},
		LogExports: []string{"postgresql"},
	}
	for _, change := range changes {
		change(&c)
	}
	return c
}

// multiAZ is a well kept Multi-AZ cluster of RDS for PostgreSQL.
func multiAZ(changes ...func(*rdsinv.Cluster)) rdsinv.Cluster {
	c := cluster(func(c *rdsinv.Cluster) {
		c.Engine, c.PubliclyAccessible, c.AutoMinorVersionUpgrade = "postgres", ptr(false), ptr(true)
	})
	for _, change := range changes {
		change(&c)
	}
	return c
}

func auroraMember(i *rdsinv.Instance)  { i.Engine, i.ClusterID = "aurora-postgresql", "c-1" }
func multiAZMember(i *rdsinv.Instance) { i.ClusterID = "c-1" }

type instanceCase struct {
	change func(*rdsinv.Instance)
	want   finding.Status
	text   string
}

// onInstances judges each state by the listing of instances alone.
func onInstances(t *testing.T, c *checks.Check, cases map[string]instanceCase) {
	t.Helper()
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, rdsinv.Instances, instance(tt.change))
			checktest.Want(t, f.Run(c)["db-1"], tt.want, tt.text)
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, rdsinv.Instances, "rds:DescribeDBInstances", instance())
		got := f.Run(c)
		checktest.Want(t, got["db-1"], finding.Pass)
		checktest.Want(t, got[""], finding.Unknown, "denied")
	})
}

type clusterCase struct {
	change func(*rdsinv.Cluster)
	want   finding.Status
	text   string
}

func onClusters(t *testing.T, c *checks.Check, cases map[string]clusterCase) {
	t.Helper()
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, rdsinv.Clusters, cluster(tt.change))
			checktest.Want(t, f.Run(c)["c-1"], tt.want, tt.text)
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, rdsinv.Clusters, "rds:DescribeDBClusters", cluster())
		got := f.Run(c)
		checktest.Want(t, got["c-1"], finding.Pass)
		checktest.Want(t, got[""], finding.Unknown, "denied")
	})
}

func TestMetadata(t *testing.T) {
	if len(Group.Checks) != 16 {
		t.Errorf("%d checks", len(Group.Checks))
	}
	for _, c := range Group.Checks {
		if c.Title == "" || c.Risk == "" || c.Detail == "" || c.Fix.Text == "" || c.Fix.CLI == "" || c.Fix.URL == "" {
			t.Errorf("%s lacks a part of its metadata", c.ID)
		}
	}
}
