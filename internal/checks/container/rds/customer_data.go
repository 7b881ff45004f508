package rds

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var customerData = []*checks.Check{
	instanceBackupRetention, clusterBackupRetention, snapshotNotPublic, instanceDeletionProtection, clusterDeletionProtection,
}

// Thresholds of backups.
var (
	backupRetention = inventory.Param[int]{
		Name: "backup_retention_days", Doc: "Automated backups of RDS databases are kept for at least this number of days.",
		Default: 7, Min: 1, Max: 35,
	}
	backupMaxLag = inventory.Param[int]{
		Name: "backup_max_lag_days", Doc: "An RDS database can be restored up to a time that lies back at most this number of days.",
		Default: 1, Min: 1, Max: 35,
	}
)

const backupDetail = "Passes where automated backups are kept for at least backup_retention_days and, where the database is available and the " +
	"answer gives a latest restorable time, that time lies back at most backup_max_lag_days. Either of the two that falls short fails; retention " +
	"0 means that automated backups are off. A change that is pending is mentioned, and the value in force decides. Without a retention in the " +
	"answer: unknown, unless the restorable time already fails. A read replica is not applicable, its source is named: the backups are the source's."

var instanceBackupRetention = checks.With(rdsinv.Instances, checks.Meta{
	ID:       "rds-instance-backup-retention",
	Title:    "RDS instances keep automated backups long enough, and the backups work",
	Layer:    responsibility.CustomerData,
	Severity: finding.High,
	Risk: "Data that is deleted, corrupted or encrypted by an intruder can be restored only from backups that reach back to before it happened. A " +
		"retention alone proves nothing where the backups stopped.",
	Fix: checks.Fix{
		Text: "Set a backup retention of at least seven days. Where the latest restorable time stays behind, look for failed backups in the instance's events.",
		CLI:  "aws rds modify-db-instance --db-instance-identifier <instance> --backup-retention-period 7 --apply-immediately",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
	},
	Cites:  []checks.Cite{{Framework: "FSBP", ID: "RDS.11"}},
	Detail: backupDetail + " Members of a cluster are not applicable: the cluster is judged, by rds-cluster-backup-retention.",
}, bindBackups, func(in backupLimits, i rdsinv.Instance) checks.Verdict {
	if v, is := isClusters(i, "backup retention"); is {
		return v
	}
	source := i.SourceInstance
	if source == "" {
		source = i.SourceCluster
	}
	return in.judge(backups{i.Status, i.BackupRetentionDays, i.LatestRestorableTime, i.Pending.BackupRetentionDays, source})
})

var clusterBackupRetention = checks.With(rdsinv.Clusters, checks.Meta{
	ID:       "rds-cluster-backup-retention",
	Title:    "RDS and Aurora clusters keep automated backups long enough, and the backups work",
	Layer:    responsibility.CustomerData,
	Severity: finding.High,
	Risk: "Data that is deleted, corrupted or encrypted by an intruder can be restored only from backups that reach back to before it happened. " +
		"Aurora keeps one day unless told otherwise.",
	Fix: checks.Fix{
		Text: "Set a backup retention of at least seven days. Where the latest restorable time stays behind, look for failed backups in the cluster's events.",
		CLI:  "aws rds modify-db-cluster --db-cluster-identifier <cluster> --backup-retention-period 7 --apply-immediately",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html",
	},
	Cites:  []checks.Cite{{Framework: "FSBP", ID: "RDS.50"}},
	Detail: backupDetail,
}, bindBackups, func(in backupLimits, c rdsinv.Cluster) checks.Verdict {
	return in.judge(backups{c.Status, c.BackupRetentionDays, c.LatestRestorableTime, c.Pending.BackupRetentionDays, c.Source})
})

type backupLimits struct {
	days, lagDays int
	now           time.Time
}

func bindBackups(b *inventory.Binder) backupLimits {
	return backupLimits{inventory.Value(b, backupRetention), inventory.Value(b, backupMaxLag), inventory.Clock(b)}
}

// backups is what an instance and a cluster have in common.
type backups struct {
	status      string
	days        *int32
	restorable  *time.Time
	pendingDays *int32
	replicaOf   string
}

func (l backupLimits) judge(b backups) checks.Verdict {
	if b.replicaOf != "" {
		return checks.NotApplicable("it is a read replica, whose backups are those of its source %s", b.replicaOf).With("source", b.replicaOf)
	}
	kept := inventory.Unknown(inventory.Insufficient("the answer does not say how long automated backups are kept"))
	if b.days != nil {
		kept = inventory.Is(int(*b.days) >= l.days)
	}
	fresh, oldest := inventory.Yes, l.now.AddDate(0, 0, -l.lagDays)
	if b.status == "available" && b.restorable != nil {
		fresh = inventory.Is(!b.restorable.Before(oldest))
	}
	v := checks.Decide(kept.And(fresh), l.pass(b), l.fail(b, fresh))
	if b.days != nil {
		v = v.With("backup_retention_days", *b.days)
	}
	if ok, known := fresh.Known(); b.restorable != nil && (v.Status != finding.Fail || !known || !ok) { // it moves on by itself: told of a fail only where it decides
		v = v.With("latest_restorable_time", b.restorable.UTC().Format(time.RFC3339))
	}
	if b.pendingDays != nil && v.Status != finding.Unknown {
		v = v.Adding("; a change to %s is pending", days(*b.pendingDays))
	}
	return v
}

func (l backupLimits) pass(b backups) checks.Verdict {
	if b.days == nil {
		return checks.Verdict{}
	}
	v := checks.Pass("automated backups are kept for %s", days(*b.days))
	switch {
	case b.restorable == nil:
		return v.Adding("; the answer gives no latest restorable time")
	case b.status != "available":
		return v.Adding("; restorable up to %s, which does not count while it is %s", day(b.restorable), status(b.status))
	}
	return v.Adding("; restorable up to %s", day(b.restorable))
}

func (l backupLimits) fail(b backups, fresh inventory.Tri) checks.Verdict {
	var why []string
	switch {
	case b.days == nil:
	case *b.days == 0:
		why = append(why, "automated backups are off")
	case int(*b.days) < l.days:
		why = append(why, fmt.Sprintf("automated backups are kept for %s, at least %s are asked for", days(*b.days), days(l.days)))
	}
	if ok, known := fresh.Known(); known && !ok {
		why = append(why, "the latest restorable time, "+day(b.restorable)+", lies too far back for backups that work")
	}
	return checks.Fail("%s", strings.Join(why, "; "))
}

func days[N int | int32](n N) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func day(t *time.Time) string { return t.UTC().Format(time.DateOnly) }

func status(s string) string {
	if s == "" {
		return "in a state that the answer does not name"
	}
	return s
}

var snapshotNotPublic = checks.With(rdsinv.Snapshots, checks.Meta{
	ID:       "rds-snapshot-not-public",
	Title:    "RDS snapshots cannot be restored by everyone",
	Layer:    responsibility.CustomerData,
	Severity: finding.Critical,
	Risk:     "Anyone with an AWS account can restore a public snapshot and read the whole database.",
	Fix: checks.Fix{
		Text: "Take \"all\" out of the snapshot's restore attribute (for a cluster's snapshot: modify-db-cluster-snapshot-attribute). Treat the data as disclosed.",
		CLI:  "aws rds modify-db-snapshot-attribute --db-snapshot-identifier <snapshot> --attribute-name restore --values-to-remove all",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "RDS.1"}, {Framework: "Prowler", ID: "rds_snapshots_public_access"}},
	Detail: "The restore attribute of each manual snapshot, of an instance or of a cluster, is read: \"all\" among its values fails. Sharing with " +
		"accounts by their ids passes, and the evidence lists them. Automated snapshots and those of AWS Backup pass without a call, since they " +
		"cannot be shared unless copied into a manual one. An answer without a list of attributes, or a snapshot without a type, is unknown.",
}, func(b *inventory.Binder) sharings {
	return sharings{inventory.Read(b, rdsinv.DBSnapshotSharing), inventory.Read(b, rdsinv.ClusterSnapshotSharing)}
}, func(in sharings, s rdsinv.Snapshot) checks.Verdict {
	switch s.SnapshotType {
	case "automated":
		return checks.Pass("automated snapshots cannot be shared").With("snapshot_type", s.SnapshotType)
	case "awsbackup":
		return checks.Pass("snapshots of AWS Backup cannot be shared by RDS").With("snapshot_type", s.SnapshotType)
	case "manual":
		return checks.From(in.of(s), checks.Unknown(errSharingNotSaid), notPublic)
	case "":
		return checks.Unknown(inventory.Insufficient("the answer does not say whether the snapshot is manual"))
	}
	return checks.Unknown(inventory.Insufficient("the snapshot type %q is not known to this check", s.SnapshotType))
})

var errSharingNotSaid = inventory.Insufficient("the answer does not say who may restore the snapshot")

type sharings struct {
	db, cluster inventory.Facts[rdsinv.Snapshot, rdsinv.Sharing]
}

func (in sharings) of(s rdsinv.Snapshot) inventory.Field[rdsinv.Sharing] {
	if s.OfCluster {
		return in.cluster.Of(s)
	}
	return in.db.Of(s)
}

func notPublic(s rdsinv.Sharing) checks.Verdict {
	switch {
	case s.RestoreBy == nil:
		return checks.Unknown(errSharingNotSaid)
	case slices.Contains(s.RestoreBy, "all"):
		return checks.Fail("every AWS account may copy or restore it").With("restore_by", s.RestoreBy)
	case len(s.RestoreBy) == 0:
		return checks.Pass("only this account may restore it").With("restore_by", s.RestoreBy)
	}
	return checks.Pass("it is not public; shared with %s", strings.Join(s.RestoreBy, ", ")).With("restore_by", s.RestoreBy)
}

var instanceDeletionProtection = checks.On(rdsinv.Instances, checks.Meta{
	ID:       "rds-instance-deletion-protection",
	Title:    "RDS instances are protected against deletion",
	Layer:    responsibility.CustomerData,
	Severity: finding.Low,
	Risk:     "A wrong command, a template or an intruder can delete an unprotected database, and its automated backups with it, in one call.",
	Fix: checks.Fix{
		Text: "Turn deletion protection on: whoever means to delete the database then has to turn it off first.",
		CLI:  "aws rds modify-db-instance --db-instance-identifier <instance> --deletion-protection --apply-immediately",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "RDS.8"}, {Framework: "Prowler", ID: "rds_instance_deletion_protection"}},
	Detail: "Passes where DeletionProtection is true. Members of a cluster are not applicable: the cluster's protection is judged, by " +
		"rds-cluster-deletion-protection. An answer that does not say is unknown.",
}, own("deletion protection", func(i rdsinv.Instance) checks.Verdict { return protected(i.DeletionProtection) }))

var clusterDeletionProtection = checks.On(rdsinv.Clusters, checks.Meta{
	ID:       "rds-cluster-deletion-protection",
	Title:    "RDS and Aurora clusters are protected against deletion",
	Layer:    responsibility.CustomerData,
	Severity: finding.Low,
	Risk:     "A wrong command, a template or an intruder can delete an unprotected cluster with its volume and its automated backups.",
	Fix: checks.Fix{
		Text: "Turn deletion protection on: whoever means to delete the database then has to turn it off first.",
		CLI:  "aws rds modify-db-cluster --db-cluster-identifier <cluster> --deletion-protection --apply-immediately",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html",
	},
	Cites:  []checks.Cite{{Framework: "FSBP", ID: "RDS.7"}, {Framework: "Prowler", ID: "rds_cluster_deletion_protection"}},
	Detail: "Passes where DeletionProtection is true. An answer that does not say is unknown.",
}, func(c rdsinv.Cluster) checks.Verdict { return protected(c.DeletionProtection) })

func protected(flag *bool) checks.Verdict {
	return checks.Decide(said(flag, "whether deletion protection is on"),
		checks.Pass("deletion protection is on").With("deletion_protection", true),
		checks.Fail("deletion protection is off").With("deletion_protection", false))
}
