package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// VPCBlockPublicAccess is a region's VPC Block Public Access: one row per region.
type VPCBlockPublicAccess struct {
	*inventory.Resource
	Mode              string `json:"mode"`               // off, block-bidirectional, block-ingress
	State             string `json:"state"`              // default-state, update-in-progress, update-complete; empty: not said
	ManagedBy         string `json:"managed_by"`         // account, declarative-policy; empty: not said
	ExclusionsAllowed string `json:"exclusions_allowed"` // allowed, not-allowed; empty: not said
}

// Key is the region.
func (b VPCBlockPublicAccess) Key() string { return b.Region }

// Off reports a block that has no effect now and is not about to.
func (b VPCBlockPublicAccess) Off() bool {
	return b.Mode == string(types.InternetGatewayBlockModeOff) && b.State != string(types.VpcBlockPublicAccessStateUpdateInProgress)
}

var vpcBlockOps = awsapi.Calls("ec2:DescribeVpcBlockPublicAccessOptions")

// VPCBlockPublicAccessOptions is the region's setting. It speaks for the VPCs and subnets that the account owns (VPC user
// guide, "Block public access to VPCs and subnets").
var VPCBlockPublicAccessOptions = inventory.Regional("ec2.vpc-block-public-access", vpcBlockOps,
	func(ctx context.Context, s *awsapi.Session) ([]VPCBlockPublicAccess, error) {
		o, err := client(s).DescribeVpcBlockPublicAccessOptions(ctx, &ec2.DescribeVpcBlockPublicAccessOptionsInput{})
		if err != nil {
			return nil, err
		}
		b := o.VpcBlockPublicAccessOptions
		if b == nil || b.InternetGatewayBlockMode == "" {
			return nil, broken(s, vpcBlockOps, "the mode")
		}
		return []VPCBlockPublicAccess{vpcBlockRow(s, *b)}, nil
	})

func vpcBlockRow(s *awsapi.Session, b types.VpcBlockPublicAccessOptions) VPCBlockPublicAccess {
	return VPCBlockPublicAccess{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::VPCBlockPublicAccessOptions", ID: s.ID, ARN: "arn:" + s.Partition + ":iam::" + s.ID + ":root", Region: s.Region,
		},
		Mode: string(b.InternetGatewayBlockMode), State: string(b.State), ManagedBy: string(b.ManagedBy), ExclusionsAllowed: string(b.ExclusionsAllowed),
	}
}

// VPCBlockExclusion is one VPC or subnet that is excluded from VPC Block Public Access.
type VPCBlockExclusion struct {
	*inventory.Resource
	Excluded string `json:"excluded"` // the ARN of the VPC or subnet
	Mode     string `json:"mode"`     // allow-bidirectional, allow-egress
	State    string `json:"state"`    // create-complete, update-complete, delete-complete, ...
}

// Key is the exclusion's id.
func (e VPCBlockExclusion) Key() string { return e.ID }

var exclusionOps = awsapi.Calls("ec2:DescribeVpcBlockPublicAccessExclusions")

// VPCBlockExclusions are asked for only where the block is on: without it they have no effect.
var VPCBlockExclusions = inventory.Under(VPCBlockPublicAccessOptions, "ec2.vpc-block-public-access-exclusions", exclusionOps,
	func(ctx context.Context, s *awsapi.Session, _ VPCBlockPublicAccess) ([]VPCBlockExclusion, error) {
		return awsapi.Pages(ctx, &exclusionPages{s: s}, func(o *ec2.DescribeVpcBlockPublicAccessExclusionsOutput) []VPCBlockExclusion {
			rows := make([]VPCBlockExclusion, 0, len(o.VpcBlockPublicAccessExclusions))
			for _, e := range o.VpcBlockPublicAccessExclusions {
				rows = append(rows, exclusionRow(s, e))
			}
			return rows
		})
	}, inventory.Where(func(b VPCBlockPublicAccess) bool { return !b.Off() }))

// exclusionPages follows the token; the SDK has no paginator for this operation.
type exclusionPages struct {
	s     *awsapi.Session
	token *string
	begun bool
}

// HasMorePages reports whether a page is left.
func (p *exclusionPages) HasMorePages() bool { return !p.begun || aws.ToString(p.token) != "" }

// NextPage asks for it.
func (p *exclusionPages) NextPage(ctx context.Context, opts ...func(*ec2.Options)) (*ec2.DescribeVpcBlockPublicAccessExclusionsOutput, error) {
	in := &ec2.DescribeVpcBlockPublicAccessExclusionsInput{MaxResults: aws.Int32(1000), NextToken: p.token}
	o, err := client(p.s).DescribeVpcBlockPublicAccessExclusions(ctx, in, opts...)
	if err == nil {
		p.begun, p.token = true, o.NextToken
	}
	return o, err
}

func exclusionRow(s *awsapi.Session, e types.VpcBlockPublicAccessExclusion) VPCBlockExclusion {
	tags, id := tagsOf(e.Tags), aws.ToString(e.ExclusionId)
	return VPCBlockExclusion{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::VPCBlockPublicAccessExclusion", ID: id, ARN: arn(s, "vpc-block-public-access-exclusion/"+id), Name: tags["Name"],
			Region: s.Region, Tags: tags,
		},
		Excluded: aws.ToString(e.ResourceArn), Mode: string(e.InternetGatewayExclusionMode), State: string(e.State),
	}
}
