package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// BlockPublicAccess is a region's block of public sharing, of snapshots or of images.
type BlockPublicAccess struct {
	State     string `json:"state"`      // unblocked, block-new-sharing, and for snapshots block-all-sharing
	ManagedBy string `json:"managed_by"` // account, declarative-policy, or empty where the answer did not say
}

var snapshotBlockOps = awsapi.Calls("ec2:GetSnapshotBlockPublicAccessState")

// SnapshotBlockPublicAccess is, per region, the block of public snapshots: block-all-sharing makes those that are shared
// already private without changing their attribute, block-new-sharing leaves them public
// (GetSnapshotBlockPublicAccessState, API reference).
var SnapshotBlockPublicAccess = inventory.Each(inventory.Regions, "ec2.snapshot-block-public-access", snapshotBlockOps, inventory.Account.Key,
	func(ctx context.Context, s *awsapi.Session, _ inventory.Account) (v BlockPublicAccess, err error) {
		o, err := client(s).GetSnapshotBlockPublicAccessState(ctx, &ec2.GetSnapshotBlockPublicAccessStateInput{})
		switch {
		case err != nil:
			return v, err
		case o.State == "":
			return v, broken(s, snapshotBlockOps, "the state")
		}
		return BlockPublicAccess{State: string(o.State), ManagedBy: string(o.ManagedBy)}, nil
	})
