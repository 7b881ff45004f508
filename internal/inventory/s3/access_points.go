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

// AccessPoint is an access point of the account: another way to a bucket, with a policy and a block of its own. It lies in
// the region of its bucket, which another account may own; those of other accounts on a bucket of this one are listed there.
type AccessPoint struct {
	*inventory.Resource
	AccountID     string `json:"account_id"` // of the access point
	Bucket        string `json:"bucket"`
	BucketAccount string `json:"bucket_account"` // empty: the answer did not say
	Alias         string `json:"alias"`
	Origin        string `json:"origin"` // VPC, Internet; empty: the answer did not say
	VPC           string `json:"vpc,omitempty"`
}

// VPCOrigin is the origin of an access point that takes requests from one VPC alone, and that is never public ("Blocking
// public access to your Amazon S3 storage", user guide).
const VPCOrigin = string(types.NetworkOriginVpc)

// Key is the access point's ARN.
func (a AccessPoint) Key() string { return a.ARN }

// OnOwnBucket reports whether the access point leads to a bucket of its own account, or may.
func (a AccessPoint) OnOwnBucket() bool {
	return a.BucketAccount == "" || a.BucketAccount == a.AccountID
}

// maxAccessPoints is the largest page of the listing (ListAccessPoints, API reference).
const maxAccessPoints = 1000

// AccessPoints are the access points of a region that lead to S3 buckets. Those to other sources of data (FSx) are not
// listed unless asked for, and show no bucket's objects.
var AccessPoints = inventory.Regional("s3.access-points", awsapi.Calls("s3control:ListAccessPoints"),
	func(ctx context.Context, s *awsapi.Session) ([]AccessPoint, error) {
		in := &s3control.ListAccessPointsInput{AccountId: &s.ID, MaxResults: maxAccessPoints}
		return awsapi.Pages(ctx, s3control.NewListAccessPointsPaginator(controlClient(s), in), func(o *s3control.ListAccessPointsOutput) []AccessPoint {
			rows := make([]AccessPoint, 0, len(o.AccessPointList))
			for _, a := range o.AccessPointList {
				rows = append(rows, accessPointRow(s, a))
			}
			return rows
		})
	})

func accessPointRow(s *awsapi.Session, a types.AccessPoint) AccessPoint {
	name, arn := aws.ToString(a.Name), aws.ToString(a.AccessPointArn)
	if arn == "" { // its form: "Referencing access points", user guide
		arn = strings.Join([]string{"arn", s.Partition, "s3", s.Region, s.ID, "accesspoint/" + name}, ":")
	}
	row := AccessPoint{
		Resource:  &inventory.Resource{Type: "AWS::S3::AccessPoint", ID: name, ARN: arn, Name: name, Region: s.Region},
		AccountID: s.ID, Bucket: aws.ToString(a.Bucket), BucketAccount: aws.ToString(a.BucketAccountId),
		Alias: aws.ToString(a.Alias), Origin: string(a.NetworkOrigin),
	}
	if a.VpcConfiguration != nil {
		row.VPC = aws.ToString(a.VpcConfiguration.VpcId)
	}
	return row
}
