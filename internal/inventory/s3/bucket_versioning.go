package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Versioning is a bucket's versioning state.
type Versioning struct {
	Status    string `json:"status"` // Enabled, Suspended
	MFADelete bool   `json:"mfa_delete"`
}

// BucketVersioning is each bucket's versioning; absent: never turned on. S3 answers then with an empty root element.
var BucketVersioning = inventory.Each(Buckets, "s3.bucket-versioning", awsapi.Calls("s3:GetBucketVersioning"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (v Versioning, err error) {
		o, err := client(s).GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		switch {
		case err != nil:
			return v, err
		case o.Status == "":
			return v, inventory.ErrAbsent
		}
		return Versioning{Status: string(o.Status), MFADelete: o.MFADelete == "Enabled"}, nil
	})
