package rds

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// ClusterSnapshotSharing is who may restore each manual cluster snapshot.
var ClusterSnapshotSharing = inventory.Each(ClusterSnapshots, "rds.cluster-snapshot-sharing", awsapi.Calls("rds:DescribeDBClusterSnapshotAttributes"), Snapshot.Key,
	func(ctx context.Context, s *awsapi.Session, snap Snapshot) (Sharing, error) {
		o, err := client(s).DescribeDBClusterSnapshotAttributes(ctx, &rds.DescribeDBClusterSnapshotAttributesInput{DBClusterSnapshotIdentifier: &snap.ID})
		if err != nil || o.DBClusterSnapshotAttributesResult == nil {
			return Sharing{}, err
		}
		return sharing(o.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes, func(a types.DBClusterSnapshotAttribute) (*string, []string) {
			return a.AttributeName, a.AttributeValues
		}), nil
	}, inventory.Where(Snapshot.manual))
