package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// BucketTags are each bucket's tags, which its listing does not carry; absent: it has none.
var BucketTags = inventory.Each(Buckets, "s3.bucket-tags", awsapi.Calls("s3:GetBucketTagging"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (map[string]string, error) {
		o, err := client(s).GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		if err != nil {
			return nil, err
		}
		tags := make(map[string]string, len(o.TagSet))
		for _, t := range o.TagSet {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		return tags, nil
	})

var _ = inventory.Tagged(Buckets, BucketTags)
