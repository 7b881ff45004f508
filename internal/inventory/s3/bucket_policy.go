package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Policy is a bucket's policy, as text: what it means is judged later, so that a saved inventory can be judged anew.
type Policy struct {
	Document string `json:"document"`
}

// BucketPolicy is each bucket's policy; absent: it has none.
var BucketPolicy = inventory.Each(Buckets, "s3.bucket-policy", awsapi.Calls("s3:GetBucketPolicy"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (v Policy, err error) {
		o, err := client(s).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		if err != nil {
			return v, err
		}
		return Policy{Document: aws.ToString(o.Policy)}, nil
	})
