package rds

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Snapshot is one of the account's own snapshots, of a DB instance or of a DB cluster.
type Snapshot struct {
	*inventory.Resource
	OfCluster        bool   `json:"of_cluster"`
	Source           string `json:"source"` // the instance or cluster that it was taken of, which may be gone
	Engine           string `json:"engine"`
	SnapshotType     string `json:"snapshot_type"` // manual, automated, awsbackup; empty: the answer did not say
	StorageEncrypted *bool  `json:"storage_encrypted"`
	EncryptionType   string `json:"encryption_type"` // none, sse-rds, sse-kms; empty: the answer did not say
	KMSKeyID         string `json:"kms_key_id"`
}

// Key is the snapshot's ARN: a DB snapshot and a cluster snapshot may share an identifier.
func (s Snapshot) Key() string { return s.ARN }

// manual reports a snapshot that can be shared at all: automated ones and those of AWS Backup have to be copied first
// (RDS user guide, "Sharing a DB snapshot").
func (s Snapshot) manual() bool { return s.SnapshotType == "manual" }

// Sharing is who may restore a manual snapshot; RestoreBy is nil where the answer did not say.
type Sharing struct {
	RestoreBy []string `json:"restore_by"` // account ids, or "all"; sorted
}

// DBSnapshots are the account's snapshots of DB instances. Without a SnapshotType the answer has the account's own; those
// that others share or publish stay out (DescribeDBSnapshots, API reference).
var DBSnapshots = inventory.Regional("rds.db-snapshots", awsapi.Calls("rds:DescribeDBSnapshots"),
	func(ctx context.Context, s *awsapi.Session) ([]Snapshot, error) {
		in := &rds.DescribeDBSnapshotsInput{MaxRecords: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, rds.NewDescribeDBSnapshotsPaginator(client(s), in), func(o *rds.DescribeDBSnapshotsOutput) []Snapshot {
			rows := make([]Snapshot, 0, len(o.DBSnapshots))
			for _, snap := range o.DBSnapshots {
				rows = append(rows, snapshotRow(s, snap))
			}
			return own(s, rows)
		})
	})

func snapshotRow(s *awsapi.Session, snap types.DBSnapshot) Snapshot {
	return Snapshot{
		Resource: resource(s, "AWS::RDS::DBSnapshot", "snapshot", snap.DBSnapshotIdentifier, snap.DBSnapshotArn, snap.TagList),
		Source:   aws.ToString(snap.DBInstanceIdentifier), Engine: aws.ToString(snap.Engine), SnapshotType: aws.ToString(snap.SnapshotType),
		StorageEncrypted: snap.Encrypted, EncryptionType: string(snap.StorageEncryptionType), KMSKeyID: aws.ToString(snap.KmsKeyId),
	}
}

// own leaves out what is another service's or another account's.
func own(s *awsapi.Session, rows []Snapshot) []Snapshot {
	var mine []Snapshot
	for _, r := range rows {
		if judged(r.Engine) && !foreign(s, r.ARN) {
			mine = append(mine, r)
		}
	}
	return mine
}
