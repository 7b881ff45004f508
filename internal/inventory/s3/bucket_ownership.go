package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// The values of object ownership. Under BucketOwnerEnforced ACLs have no effect.
const (
	BucketOwnerEnforced = string(types.ObjectOwnershipBucketOwnerEnforced)
	ObjectWriter        = string(types.ObjectOwnershipObjectWriter)
)

// Ownership is a bucket's object ownership; empty: the answer did not say.
type Ownership struct {
	ObjectOwnership string `json:"object_ownership"` // BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter
}

// BucketOwnership is each bucket's object ownership; absent: never set, which works as ObjectWriter, with ACLs in force
// ("Controlling ownership of objects and disabling ACLs for your bucket", user guide).
var BucketOwnership = inventory.Each(Buckets, "s3.bucket-ownership", awsapi.Calls("s3:GetBucketOwnershipControls"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (v Ownership, err error) {
		o, err := client(s).GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		if err != nil {
			return v, err
		}
		return ownershipOf(o.OwnershipControls), nil
	})

func ownershipOf(c *types.OwnershipControls) Ownership {
	if c == nil || len(c.Rules) == 0 {
		return Ownership{}
	}
	return Ownership{ObjectOwnership: string(c.Rules[0].ObjectOwnership)}
}
