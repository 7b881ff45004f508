package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// AccessPointPublicAccessBlock is the block that each access point was made with; it cannot be changed afterwards. It is
// not asked for where it changes nothing: under VPC origin, which is never public, and for another account's bucket.
var AccessPointPublicAccessBlock = inventory.Each(AccessPoints, "s3.access-point-public-access-block",
	awsapi.Calls("s3control:GetAccessPoint"), AccessPoint.Key,
	func(ctx context.Context, s *awsapi.Session, a AccessPoint) (v PublicAccessBlock, err error) {
		o, err := controlClient(s).GetAccessPoint(ctx, &s3control.GetAccessPointInput{AccountId: &a.AccountID, Name: &a.ID})
		switch {
		case err != nil:
			return v, err
		case o.PublicAccessBlockConfiguration == nil:
			return v, errNothingSaid
		}
		c := o.PublicAccessBlockConfiguration
		return blockOf(c.BlockPublicAcls, c.IgnorePublicAcls, c.BlockPublicPolicy, c.RestrictPublicBuckets), nil
	}, inventory.Where(func(a AccessPoint) bool { return a.OnOwnBucket() && a.Origin != VPCOrigin }))
