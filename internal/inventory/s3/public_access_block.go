package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// PublicAccessBlock is the four settings of S3 Block Public Access at one level.
type PublicAccessBlock struct {
	BlockPublicACLs       bool `json:"block_public_acls"`
	IgnorePublicACLs      bool `json:"ignore_public_acls"`
	BlockPublicPolicy     bool `json:"block_public_policy"`
	RestrictPublicBuckets bool `json:"restrict_public_buckets"`
}

// BlockSetting is one of the four settings, by AWS's name.
type BlockSetting struct {
	Name string
	On   func(PublicAccessBlock) bool
}

// The four settings.
var (
	BlockPublicACLs       = BlockSetting{"BlockPublicAcls", func(p PublicAccessBlock) bool { return p.BlockPublicACLs }}
	IgnorePublicACLs      = BlockSetting{"IgnorePublicAcls", func(p PublicAccessBlock) bool { return p.IgnorePublicACLs }}
	BlockPublicPolicy     = BlockSetting{"BlockPublicPolicy", func(p PublicAccessBlock) bool { return p.BlockPublicPolicy }}
	RestrictPublicBuckets = BlockSetting{"RestrictPublicBuckets", func(p PublicAccessBlock) bool { return p.RestrictPublicBuckets }}
)

// BlockSettings are all four, in AWS's order.
var BlockSettings = []BlockSetting{BlockPublicACLs, IgnorePublicACLs, BlockPublicPolicy, RestrictPublicBuckets}

// BucketPublicAccessBlock is each bucket's own setting; absent: none of the four. What the account and its organization
// set is not in it (GetPublicAccessBlock, API reference).
var BucketPublicAccessBlock = inventory.Each(Buckets, "s3.bucket-public-access-block",
	awsapi.Calls("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (v PublicAccessBlock, err error) {
		o, err := client(s).GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		switch {
		case err != nil:
			return v, err
		case o.PublicAccessBlockConfiguration == nil:
			return v, errNothingSaid
		}
		c := o.PublicAccessBlockConfiguration
		return blockOf(c.BlockPublicAcls, c.IgnorePublicAcls, c.BlockPublicPolicy, c.RestrictPublicBuckets), nil
	})

// blockOf: a setting that the answer leaves out is off, as it is in a request that leaves it out.
func blockOf(blockACLs, ignoreACLs, blockPolicy, restrict *bool) PublicAccessBlock {
	return PublicAccessBlock{
		BlockPublicACLs: aws.ToBool(blockACLs), IgnorePublicACLs: aws.ToBool(ignoreACLs),
		BlockPublicPolicy: aws.ToBool(blockPolicy), RestrictPublicBuckets: aws.ToBool(restrict),
	}
}
