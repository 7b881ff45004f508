package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// MultiRegionAccessPoint is one way to several buckets at once, with a policy and a block of its own.
type MultiRegionAccessPoint struct {
	*inventory.Resource
	AccountID         string                `json:"account_id"`
	Alias             string                `json:"alias"`
	Status            string                `json:"status"`              // READY, CREATING, PARTIALLY_CREATED, DELETING, ...; empty: the answer did not say
	PublicAccessBlock *PublicAccessBlock    `json:"public_access_block"` // nil: the answer did not say
	Buckets           []MultiRegionEndpoint `json:"buckets"`
}

// MultiRegionEndpoint is one of the buckets. An empty field means that the answer did not say.
type MultiRegionEndpoint struct {
	Bucket        string `json:"bucket"`
	Region        string `json:"region"`
	BucketAccount string `json:"bucket_account"`
}

// Key is the name, by which it is asked about; it is unique in the account.
func (m MultiRegionAccessPoint) Key() string { return m.ID }

// MultiRegionAccessPoints are those of the account: at most 100, which one answer gives (ListMultiRegionAccessPoints, API
// reference, which also says not to use its parameters for pages; a token is followed in case it comes).
var MultiRegionAccessPoints = inventory.Global("s3.multi-region-access-points", awsapi.Calls("s3control:ListMultiRegionAccessPoints"),
	func(ctx context.Context, s *awsapi.Session) ([]MultiRegionAccessPoint, error) {
		in := &s3control.ListMultiRegionAccessPointsInput{AccountId: &s.ID}
		c := controlClient(multiRegionSession(s))
		return awsapi.Pages(ctx, s3control.NewListMultiRegionAccessPointsPaginator(c, in), func(o *s3control.ListMultiRegionAccessPointsOutput) []MultiRegionAccessPoint {
			rows := make([]MultiRegionAccessPoint, 0, len(o.AccessPoints))
			for _, m := range o.AccessPoints {
				rows = append(rows, multiRegionRow(s, m))
			}
			return rows
		})
	})

// multiRegionSession leads to the region that answers for them: US West (Oregon), whatever regions they join ("Multi-Region
// Access Point restrictions and limitations", user guide). The SDK does not go there by itself. Other partitions have no
// such region; whatever the home region answers there is the evidence.
func multiRegionSession(s *awsapi.Session) *awsapi.Session {
	if s.Partition != "aws" {
		return s.In(awsapi.Global)
	}
	return &awsapi.Session{Account: s.Account, Region: "us-west-2", Label: awsapi.Global}
}

func multiRegionRow(s *awsapi.Session, m types.MultiRegionAccessPointReport) MultiRegionAccessPoint {
	name, alias := aws.ToString(m.Name), aws.ToString(m.Alias)
	// Its ARN has the alias, not the name, and no region ("Multi-Region Access Point ARNs", user guide).
	arn := strings.Join([]string{"arn", s.Partition, "s3", "", s.ID, "accesspoint/" + alias}, ":")
	row := MultiRegionAccessPoint{
		Resource:  &inventory.Resource{Type: "AWS::S3::MultiRegionAccessPoint", ID: name, ARN: arn, Name: name, Region: awsapi.Global},
		AccountID: s.ID, Alias: alias, Status: string(m.Status), Buckets: make([]MultiRegionEndpoint, 0, len(m.Regions)),
	}
	if b := m.PublicAccessBlock; b != nil {
		block := blockOf(b.BlockPublicAcls, b.IgnorePublicAcls, b.BlockPublicPolicy, b.RestrictPublicBuckets)
		row.PublicAccessBlock = &block
	}
	for _, r := range m.Regions {
		row.Buckets = append(row.Buckets, MultiRegionEndpoint{
			Bucket: aws.ToString(r.Bucket), Region: aws.ToString(r.Region), BucketAccount: aws.ToString(r.BucketAccountId),
		})
	}
	return row
}
