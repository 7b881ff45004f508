package rds

import (
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
)

func ago(d time.Duration) *time.Time { return ptr(checktest.Clock.Add(-d)) }

func TestInstanceBackupRetention(t *testing.T) {
	const day = 24 * time.Hour
	set := func(days int32, restorable *time.Time) func(*rdsinv.Instance) {
		return func(i *rdsinv.Instance) { i.BackupRetentionDays, i.LatestRestorableTime = &days, restorable }
	}
	onInstances(t, instanceBackupRetention, map[string]instanceCase{
		"seven days":           {set(7, ago(0)), finding.Pass, "kept for 7 days; restorable up to 2026-11-24"},
		"six days":             {set(6, ago(0)), finding.Fail, "kept for 6 days, at least 7"},
		"off":                  {set(0, nil), finding.Fail, "automated backups are off"},
		"a day behind":         {set(7, ago(day)), finding.Pass, "2026-11-23"},
		"more than a day":      {set(35, ago(day+time.Second)), finding.Fail, "2026-11-23, lies too far back"},
		"both short":           {set(1, ago(3*day)), finding.Fail, "kept for 1 day, at least 7 days are asked for; the latest restorable time, 2026-11-21"},
		"no restorable time":   {set(7, nil), finding.Pass, "no latest restorable time"},
		"retention unsaid":     {func(i *rdsinv.Instance) { i.BackupRetentionDays = nil }, finding.Unknown, "does not say how long"},
		"stale, and unsaid":    {func(i *rdsinv.Instance) { i.BackupRetentionDays, i.LatestRestorableTime = nil, ago(9*day) }, finding.Fail, "2026-11-15"},
		"stopped for a month":  {func(i *rdsinv.Instance) { set(7, ago(30*day))(i); i.Status = "stopped" }, finding.Pass, "while it is stopped"},
		"status unsaid, stale": {func(i *rdsinv.Instance) { set(7, ago(30*day))(i); i.Status = "" }, finding.Pass, "does not name"},
		"a change is pending": {
			func(i *rdsinv.Instance) { set(1, ago(0))(i); i.Pending.BackupRetentionDays = ptr[int32](14) },
			finding.Fail, "; a change to 14 days is pending",
		},
		"replica":            {func(i *rdsinv.Instance) { set(0, nil)(i); i.SourceInstance = "primary" }, finding.NotApplicable, "source primary"},
		"replica of cluster": {func(i *rdsinv.Instance) { set(0, nil)(i); i.SourceCluster = "c-9" }, finding.NotApplicable, "source c-9"},
		"Aurora member":      {func(i *rdsinv.Instance) { set(1, nil)(i); auroraMember(i) }, finding.NotApplicable, "cluster c-1"},
		"Multi-AZ member":    {func(i *rdsinv.Instance) { set(1, nil)(i); multiAZMember(i) }, finding.NotApplicable, "cluster c-1"},
	})
	t.Run("thresholds", func(t *testing.T) {
		f := checktest.New()
		f.Store.Params = map[string]any{"backup_retention_days": 14, "backup_max_lag_days": 2}
		checktest.Rows(f, rdsinv.Instances, instance(set(14, ago(2*day))))
		checktest.Want(t, f.Run(instanceBackupRetention)["db-1"], finding.Pass)
		checktest.Rows(f, rdsinv.Instances, instance(set(13, ago(2*day))))
		checktest.Want(t, f.Run(instanceBackupRetention)["db-1"], finding.Fail, "at least 14")
	})
}

func TestClusterBackupRetention(t *testing.T) {
	onClusters(t, clusterBackupRetention, map[string]clusterCase{
		"kept":    {func(*rdsinv.Cluster) {}, finding.Pass, ""},
		"one day": {func(c *rdsinv.Cluster) { c.BackupRetentionDays = ptr[int32](1) }, finding.Fail, "1 day,"},
		"stale":   {func(c *rdsinv.Cluster) { c.LatestRestorableTime = ago(25 * time.Hour) }, finding.Fail, "2026-11-23"},
		"unsaid":  {func(c *rdsinv.Cluster) { c.BackupRetentionDays = nil }, finding.Unknown, ""},
		"replica": {func(c *rdsinv.Cluster) { c.Source = "arn:aws:rds:eu-west-1:111122223333:cluster:c-0" }, finding.NotApplicable, "cluster:c-0"},
	})
}

func TestSnapshotNotPublic(t *testing.T) {
	kind := func(s string) func(*rdsinv.Snapshot) { return func(r *rdsinv.Snapshot) { r.SnapshotType = s } }
	type field = inventory.Field[rdsinv.Sharing]
	shared := func(with ...string) field {
		return inventory.Known(rdsinv.Sharing{RestoreBy: append([]string{}, with...)})
	}
	for name, tt := range map[string]struct {
		kind    string
		sharing field
		want    finding.Status
		text    string
	}{
		"private":         {"manual", shared(), finding.Pass, "only this account"},
		"shared":          {"manual", shared("222233334444"), finding.Pass, "222233334444"},
		"public":          {"manual", shared("222233334444", "all"), finding.Fail, "every AWS account"},
		"denied":          {"manual", inventory.Failure[rdsinv.Sharing](inventory.DeniedError("rds:DescribeDBSnapshotAttributes")), finding.Unknown, "denied"},
		"gone":            {"manual", inventory.Failure[rdsinv.Sharing](inventory.ErrGone), finding.NotApplicable, "gone"},
		"nothing said":    {"manual", inventory.Known(rdsinv.Sharing{}), finding.Unknown, "does not say who"},
		"automated":       {"automated", inventory.Failure[rdsinv.Sharing](inventory.ErrNotAsked), finding.Pass, "cannot be shared"},
		"AWS Backup's":    {"awsbackup", inventory.Failure[rdsinv.Sharing](inventory.ErrNotAsked), finding.Pass, "cannot be shared"},
		"type unsaid":     {"", inventory.Failure[rdsinv.Sharing](inventory.ErrNotAsked), finding.Unknown, "whether the snapshot is manual"},
		"an unknown type": {"new", inventory.Failure[rdsinv.Sharing](inventory.ErrNotAsked), finding.Unknown, "new"},
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			// The same identifier in both kinds: each has its own answer.
			db, ofC := snapshot("s", kind(tt.kind)), snapshot("t", ofCluster, kind(tt.kind))
			checktest.Rows(f, rdsinv.DBSnapshots, db)
			checktest.Rows(f, rdsinv.ClusterSnapshots, ofC)
			checktest.Facts(f, rdsinv.DBSnapshotSharing, map[string]field{db.ARN: tt.sharing})
			checktest.Facts(f, rdsinv.ClusterSnapshotSharing, map[string]field{ofC.ARN: tt.sharing})
			got := f.Run(snapshotNotPublic)
			checktest.Want(t, got["s"], tt.want, tt.text)
			checktest.Want(t, got["t"], tt.want, tt.text)
		})
	}
	t.Run("a listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, rdsinv.DBSnapshots, "rds:DescribeDBSnapshots")
		checktest.Rows(f, rdsinv.ClusterSnapshots, snapshot("t", ofCluster, kind("automated")))
		checktest.Facts(f, rdsinv.DBSnapshotSharing, nil)
		checktest.Facts(f, rdsinv.ClusterSnapshotSharing, nil)
		got := f.Run(snapshotNotPublic)
		checktest.Want(t, got[""], finding.Unknown, "denied")
		checktest.Want(t, got["t"], finding.Pass)
	})
}

func TestDeletionProtection(t *testing.T) {
	onInstances(t, instanceDeletionProtection, map[string]instanceCase{
		"on":              {func(*rdsinv.Instance) {}, finding.Pass, ""},
		"off":             {func(i *rdsinv.Instance) { i.DeletionProtection = ptr(false) }, finding.Fail, "off"},
		"unsaid":          {func(i *rdsinv.Instance) { i.DeletionProtection = nil }, finding.Unknown, ""},
		"a replica's own": {func(i *rdsinv.Instance) { i.DeletionProtection, i.SourceInstance = ptr(false), "primary" }, finding.Fail, ""},
		"Aurora member":   {func(i *rdsinv.Instance) { auroraMember(i); i.DeletionProtection = ptr(false) }, finding.NotApplicable, "c-1"},
		"Multi-AZ member": {multiAZMember, finding.NotApplicable, "c-1"},
	})
	onClusters(t, clusterDeletionProtection, map[string]clusterCase{
		"on":     {func(*rdsinv.Cluster) {}, finding.Pass, ""},
		"off":    {func(c *rdsinv.Cluster) { c.DeletionProtection = ptr(false) }, finding.Fail, ""},
		"unsaid": {func(c *rdsinv.Cluster) { c.DeletionProtection = nil }, finding.Unknown, ""},
	})
}
