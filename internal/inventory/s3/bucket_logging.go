package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Logging is where a bucket's server access logs go.
type Logging struct {
	TargetBucket string `json:"target_bucket"`
	TargetPrefix string `json:"target_prefix"`
}

// BucketLogging is each bucket's server access logging; absent: off. S3 answers then with an empty root element.
var BucketLogging = inventory.Each(Buckets, "s3.bucket-logging", awsapi.Calls("s3:GetBucketLogging"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (v Logging, err error) {
		o, err := client(s).GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		switch {
		case err != nil:
			return v, err
		case o.LoggingEnabled == nil:
			return v, inventory.ErrAbsent
		}
		return Logging{TargetBucket: aws.ToString(o.LoggingEnabled.TargetBucket), TargetPrefix: aws.ToString(o.LoggingEnabled.TargetPrefix)}, nil
	})
