package rds

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var serverSideEncryption = []*checks.Check{instanceStorageEncrypted, clusterStorageEncrypted, snapshotEncrypted}

const encryptionDetail = "The encryption type decides where the endpoint gives one: sse-kms (a KMS key of the account, or AWS's managed one) and " +
	"sse-rds (a key that AWS owns; StorageEncrypted is false then) pass, none fails. Without a type StorageEncrypted decides, and the message " +
	"says that no type was given. An answer that says neither, or contradicts itself, is unknown."

var instanceStorageEncrypted = checks.On(rdsinv.Instances, checks.Meta{
	ID:       "rds-instance-storage-encrypted",
	Title:    "RDS instances encrypt their storage",
	Layer:    responsibility.ServerSideEncryption,
	Severity: finding.High,
	Risk: "Data files, logs, automated backups and replicas of an unencrypted instance lie in plain text wherever they are copied, and no key " +
		"stands between a snapshot and whoever gets hold of it.",
	Fix: checks.Fix{
		Text: "An instance cannot be encrypted in place: copy a snapshot of it with a KMS key, restore from the copy, and move the clients over.",
		CLI:  "aws rds copy-db-snapshot --source-db-snapshot-identifier <snapshot> --target-db-snapshot-identifier <encrypted-snapshot> --kms-key-id <key>",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
	},
	Cites: []checks.Cite{
		{Framework: "FSBP", ID: "RDS.3"},
		{Framework: "CIS 7.0", ID: "3.2.1"},
		{Framework: "Prowler", ID: "rds_instance_storage_encrypted"},
	},
	Detail: encryptionDetail + " Members of a cluster are not applicable: the cluster's storage is judged once, by rds-cluster-storage-encrypted.",
}, own("storage encryption", func(i rdsinv.Instance) checks.Verdict {
	return encrypted("the storage", i.EncryptionType, i.StorageEncrypted, i.KMSKeyID)
}))

var clusterStorageEncrypted = checks.On(rdsinv.Clusters, checks.Meta{
	ID:       "rds-cluster-storage-encrypted",
	Title:    "RDS and Aurora clusters encrypt their storage",
	Layer:    responsibility.ServerSideEncryption,
	Severity: finding.High,
	Risk: "The volume of an unencrypted cluster, its backups and its copies lie in plain text, and no key stands between a snapshot and whoever " +
		"gets hold of it.",
	Fix: checks.Fix{
		Text: "A cluster cannot be encrypted in place: restore an Aurora cluster from a snapshot with a KMS key, or make a new encrypted Multi-AZ cluster, and move data and clients over.",
		CLI:  "aws rds restore-db-cluster-from-snapshot --db-cluster-identifier <new-cluster> --snapshot-identifier <snapshot> --engine <engine> --kms-key-id <key>",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html",
	},
	Cites:  []checks.Cite{{Framework: "FSBP", ID: "RDS.27"}, {Framework: "Prowler", ID: "rds_cluster_storage_encrypted"}},
	Detail: encryptionDetail,
}, func(c rdsinv.Cluster) checks.Verdict {
	return encrypted("the cluster's storage", c.EncryptionType, c.StorageEncrypted, c.KMSKeyID)
})

var snapshotEncrypted = checks.On(rdsinv.Snapshots, checks.Meta{
	ID:       "rds-snapshot-encrypted",
	Title:    "RDS snapshots are encrypted",
	Layer:    responsibility.ServerSideEncryption,
	Severity: finding.Medium,
	Risk: "An unencrypted snapshot holds the whole database in plain text, outlives the database, and can be shared with any account, or with all of " +
		"them, by one call.",
	Fix: checks.Fix{
		Text: "Copy the snapshot with a KMS key and delete the original; encrypt the database that it comes from, so that later ones are encrypted.",
		CLI:  "aws rds copy-db-snapshot --source-db-snapshot-identifier <snapshot> --target-db-snapshot-identifier <encrypted-snapshot> --kms-key-id <key>",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CopySnapshot.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "RDS.4"}, {Framework: "Prowler", ID: "rds_snapshots_encrypted"}},
	Detail: "Snapshots of instances and of clusters are judged, manual, automated and AWS Backup's alike; those of other accounts are left out. " +
		encryptionDetail,
}, func(s rdsinv.Snapshot) checks.Verdict {
	return encrypted("the snapshot", s.EncryptionType, s.StorageEncrypted, s.KMSKeyID).With("snapshot_type", s.SnapshotType).With("taken_of", s.Source)
})

// encrypted judges by StorageEncryptionType where it is given: with a key that AWS owns, StorageEncrypted is false and the
// data is encrypted all the same (DBCluster and DBClusterSnapshot, API reference). "none" is a value of its own, so an
// endpoint that knows the types fills the field; one that does not is judged by the flag.
func encrypted(what, kind string, flag *bool, key string) checks.Verdict {
	yes := flag != nil && *flag
	switch {
	case kind == "none" && yes:
		return checks.Unknown(inventory.Insufficient("the answer contradicts itself: StorageEncrypted is true and the encryption type is none"))
	case kind == "none":
		return checks.Fail("%s is not encrypted", what).With("storage_encryption_type", kind)
	case kind == "sse-rds":
		return checks.Pass("%s is encrypted with a key that AWS owns", what).With("storage_encryption_type", kind)
	case kind == "sse-kms", yes:
		v := checks.Pass("%s is encrypted with a KMS key", what)
		if kind == "" {
			v = v.Adding("; the endpoint names no encryption type")
		} else {
			v = v.With("storage_encryption_type", kind)
		}
		if key != "" {
			v = v.With("kms_key_id", key)
		}
		return v
	case kind != "":
		return checks.Unknown(inventory.Insufficient("the encryption type %q is not known to this check", kind))
	case flag != nil:
		return checks.Fail("%s is not encrypted: StorageEncrypted is false, and the endpoint names no encryption type", what).With("storage_encrypted", false)
	}
	return checks.Unknown(inventory.Insufficient("the answer does not say whether %s is encrypted", what))
}
