package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Bucket is one general purpose bucket of the account. Its CreationDate is left out: it changes with some settings, so
// it is neither an age nor a part of an identity (Bucket, API reference).
type Bucket struct {
	*inventory.Resource
	Owner string `json:"owner"` // the account that owns it, for ExpectedBucketOwner
}

// Key is the bucket's name.
func (b Bucket) Key() string { return b.ID }

// Buckets are the account's general purpose buckets of the scanned regions. MaxBuckets makes the answer paged, and makes
// it name each bucket's region (ListBuckets, API reference: BucketRegion is returned only with a valid parameter).
var Buckets = inventory.GlobalByRegion("s3.buckets", awsapi.Calls("s3:ListBuckets", "s3:ListAllMyBuckets"),
	func(ctx context.Context, s *awsapi.Session) ([]Bucket, error) {
		in := &s3.ListBucketsInput{MaxBuckets: aws.Int32(1000)}
		return awsapi.Pages(ctx, s3.NewListBucketsPaginator(client(s), in), func(o *s3.ListBucketsOutput) []Bucket {
			rows := make([]Bucket, 0, len(o.Buckets))
			for _, b := range o.Buckets {
				name := aws.ToString(b.Name)
				rows = append(rows, Bucket{
					Resource: &inventory.Resource{
						Type: "AWS::S3::Bucket", ID: name, ARN: "arn:" + s.Partition + ":s3:::" + name, Name: name,
						Region: aws.ToString(b.BucketRegion),
					},
					Owner: s.ID,
				})
			}
			return rows
		})
	})
