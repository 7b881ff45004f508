package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// ObjectLock is a bucket's Object Lock configuration.
type ObjectLock struct {
	Enabled string `json:"enabled"` // Enabled; empty: the answer did not say
	Mode    string `json:"mode"`    // of the default retention: GOVERNANCE, COMPLIANCE; empty: no default retention
	Days    *int32 `json:"days"`
	Years   *int32 `json:"years"`
}

// BucketObjectLock is each bucket's Object Lock configuration; absent: Object Lock was never turned on.
var BucketObjectLock = inventory.Each(Buckets, "s3.bucket-object-lock",
	awsapi.Calls("s3:GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (v ObjectLock, err error) {
		o, err := client(s).GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		if err != nil {
			return v, err
		}
		return objectLockOf(o.ObjectLockConfiguration), nil
	})

func objectLockOf(c *types.ObjectLockConfiguration) ObjectLock {
	if c == nil {
		return ObjectLock{}
	}
	l := ObjectLock{Enabled: string(c.ObjectLockEnabled)}
	if c.Rule != nil && c.Rule.DefaultRetention != nil {
		d := c.Rule.DefaultRetention
		l.Mode, l.Days, l.Years = string(d.Mode), d.Days, d.Years
	}
	return l
}
