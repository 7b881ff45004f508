package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// AccountPublicAccessBlock is the account's setting, as it is in force: what a policy of the organization sets is in it
// (GetPublicAccessBlock of S3 Control, API reference). Absent: none of the four.
var AccountPublicAccessBlock = inventory.Each(inventory.Accounts, "s3.account-public-access-block",
	awsapi.Calls("s3control:GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"), inventory.Account.Key,
	func(ctx context.Context, s *awsapi.Session, a inventory.Account) (v PublicAccessBlock, err error) {
		o, err := controlClient(s).GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: &a.AccountID})
		switch {
		case err != nil:
			return v, err
		case o.PublicAccessBlockConfiguration == nil:
			return v, errNothingSaid
		}
		c := o.PublicAccessBlockConfiguration
		return blockOf(c.BlockPublicAcls, c.IgnorePublicAcls, c.BlockPublicPolicy, c.RestrictPublicBuckets), nil
	})
