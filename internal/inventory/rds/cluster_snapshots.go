package rds

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// ClusterSnapshots are the account's snapshots of DB clusters; what others share or publish stays out.
var ClusterSnapshots = inventory.Regional("rds.cluster-snapshots", awsapi.Calls("rds:DescribeDBClusterSnapshots"),
	func(ctx context.Context, s *awsapi.Session) ([]Snapshot, error) {
		in := &rds.DescribeDBClusterSnapshotsInput{MaxRecords: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, rds.NewDescribeDBClusterSnapshotsPaginator(client(s), in), func(o *rds.DescribeDBClusterSnapshotsOutput) []Snapshot {
			rows := make([]Snapshot, 0, len(o.DBClusterSnapshots))
			for _, snap := range o.DBClusterSnapshots {
				rows = append(rows, clusterSnapshotRow(s, snap))
			}
			return own(s, rows)
		})
	})

func clusterSnapshotRow(s *awsapi.Session, snap types.DBClusterSnapshot) Snapshot {
	return Snapshot{
		Resource: resource(s, "AWS::RDS::DBClusterSnapshot", "cluster-snapshot", snap.DBClusterSnapshotIdentifier, snap.DBClusterSnapshotArn, snap.TagList),
		Source:   aws.ToString(snap.DBClusterIdentifier), Engine: aws.ToString(snap.Engine), SnapshotType: aws.ToString(snap.SnapshotType),
		OfCluster: true, StorageEncrypted: snap.StorageEncrypted, EncryptionType: string(snap.StorageEncryptionType), KMSKeyID: aws.ToString(snap.KmsKeyId),
	}
}
