package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Lifecycle is a bucket's lifecycle rules.
type Lifecycle struct {
	Rules []LifecycleRule `json:"rules"`
}

// LifecycleRule is one of them.
type LifecycleRule struct {
	ID     string `json:"id"`
	Status string `json:"status"` // Enabled, Disabled; empty: the answer did not say
}

// BucketLifecycle is each bucket's lifecycle configuration; absent: it has none.
var BucketLifecycle = inventory.Each(Buckets, "s3.bucket-lifecycle",
	awsapi.Calls("s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (v Lifecycle, err error) {
		o, err := client(s).GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		if err != nil {
			return v, err
		}
		return lifecycleOf(o.Rules), nil
	})

func lifecycleOf(rules []types.LifecycleRule) (l Lifecycle) {
	for _, r := range rules {
		l.Rules = append(l.Rules, LifecycleRule{ID: aws.ToString(r.ID), Status: string(r.Status)})
	}
	return l
}
