package s3

import (
	"cmp"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

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

// Partition is the partition of the bucket's ARN: aws, aws-cn, aws-us-gov.
func (b Bucket) Partition() string {
	_, rest, _ := strings.Cut(b.ARN, ":")
	partition, _, _ := strings.Cut(rest, ":")
	return partition
}

// maxBuckets is the largest page of ListBuckets (API reference, max-buckets: 1 to 10000).
const maxBuckets = 10_000

// Buckets are the account's general purpose buckets of the scanned regions. MaxBuckets makes the answer paged, and makes
// it name each bucket's region (ListBuckets, API reference: BucketRegion is returned only with a valid parameter).
var Buckets = inventory.GlobalByRegion("s3.buckets", awsapi.Calls("s3:ListBuckets", "s3:ListAllMyBuckets"),
	func(ctx context.Context, s *awsapi.Session) ([]Bucket, error) {
		in := &s3.ListBucketsInput{MaxBuckets: aws.Int32(maxBuckets)}
		return awsapi.Pages(ctx, s3.NewListBucketsPaginator(client(s), in), func(o *s3.ListBucketsOutput) []Bucket {
			rows := make([]Bucket, 0, len(o.Buckets))
			for _, b := range o.Buckets {
				rows = append(rows, bucketRow(s, b))
			}
			return rows
		})
	})

// bucketRow: a bucket whose region the answer leaves out stays in the report under "global". It is asked about in the home
// region; S3 answers there with a redirect if the bucket lies elsewhere, which is a failed read, never an answer.
func bucketRow(s *awsapi.Session, b types.Bucket) Bucket {
	name := aws.ToString(b.Name)
	return Bucket{
		Resource: &inventory.Resource{
			Type: "AWS::S3::Bucket", ID: name, ARN: "arn:" + s.Partition + ":s3:::" + name, Name: name,
			Region: cmp.Or(aws.ToString(b.BucketRegion), awsapi.Global),
		},
		Owner: s.ID,
	}
}
