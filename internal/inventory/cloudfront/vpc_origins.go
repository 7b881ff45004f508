package cloudfront

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// VPCOrigin is one VPC origin: CloudFront's way to a private load balancer or instance.
type VPCOrigin struct {
	*inventory.Resource
	Endpoint string `json:"endpoint"` // the ARN of the load balancer or instance
	Status   string `json:"status"`   // Deployed, Deploying, ...
	Owner    string `json:"owner"`    // the account; empty where the answer did not say
}

// Key is the origin's id.
func (o VPCOrigin) Key() string { return o.ID }

var vpcOriginOps = awsapi.Calls("cloudfront:ListVpcOrigins")

// VPCOrigins are the VPC origins that the account sees.
var VPCOrigins = inventory.Global("cloudfront.vpc-origins", vpcOriginOps,
	func(ctx context.Context, s *awsapi.Session) ([]VPCOrigin, error) {
		if s.Partition != partitionAWS {
			return nil, nil
		}
		lists, err := awsapi.Pages(ctx, &originPages{s: s}, func(o *cloudfront.ListVpcOriginsOutput) []*types.VpcOriginList {
			return []*types.VpcOriginList{o.VpcOriginList}
		})
		var rows []VPCOrigin
		for _, l := range lists {
			if l == nil {
				return rows, broken(s, vpcOriginOps, "the list")
			}
			for _, o := range l.Items {
				rows = append(rows, vpcOriginRow(o))
			}
		}
		return rows, err
	})

// originPages follows the marker; the SDK has no paginator for this operation.
type originPages struct {
	s      *awsapi.Session
	marker *string
	begun  bool
}

// HasMorePages reports whether a page is left.
func (p *originPages) HasMorePages() bool { return !p.begun || aws.ToString(p.marker) != "" }

// NextPage asks for it.
func (p *originPages) NextPage(ctx context.Context, opts ...func(*cloudfront.Options)) (*cloudfront.ListVpcOriginsOutput, error) {
	o, err := client(p.s).ListVpcOrigins(ctx, &cloudfront.ListVpcOriginsInput{MaxItems: aws.Int32(pageSize), Marker: p.marker}, opts...)
	if err != nil {
		return nil, err
	}
	p.begun, p.marker = true, nil
	if l := o.VpcOriginList; l != nil && aws.ToBool(l.IsTruncated) {
		p.marker = l.NextMarker
	}
	return o, nil
}

func vpcOriginRow(o types.VpcOriginSummary) VPCOrigin {
	return VPCOrigin{
		Resource: &inventory.Resource{
			Type: "AWS::CloudFront::VpcOrigin", ID: aws.ToString(o.Id), ARN: aws.ToString(o.Arn), Name: aws.ToString(o.Name), Region: awsapi.Global,
		},
		Endpoint: aws.ToString(o.OriginEndpointArn), Status: aws.ToString(o.Status), Owner: aws.ToString(o.AccountId),
	}
}
