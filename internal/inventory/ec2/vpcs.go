package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// VPC is one VPC that the account owns. Those that another account shares with it are no rows.
type VPC struct {
	*inventory.Resource
	Owner   string `json:"owner"` // the account; empty where the answer did not say
	State   string `json:"state"` // pending, available
	CIDR    string `json:"cidr"`  // the primary IPv4 block
	Default *bool  `json:"default"`
}

// Key is the VPC's id.
func (v VPC) Key() string { return v.ID }

// VPCs are the account's own VPCs, the default one included.
var VPCs = inventory.Regional("ec2.vpcs", awsapi.Calls("ec2:DescribeVpcs"),
	func(ctx context.Context, s *awsapi.Session) ([]VPC, error) {
		in := &ec2.DescribeVpcsInput{MaxResults: aws.Int32(1000)}
		return awsapi.Pages(ctx, ec2.NewDescribeVpcsPaginator(client(s), in), func(o *ec2.DescribeVpcsOutput) []VPC {
			var rows []VPC
			for _, v := range o.Vpcs {
				if owns(s, v.OwnerId) {
					rows = append(rows, vpcRow(s, v))
				}
			}
			return rows
		})
	})

func vpcRow(s *awsapi.Session, v types.Vpc) VPC {
	tags, id := tagsOf(v.Tags), aws.ToString(v.VpcId)
	return VPC{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::VPC", ID: id, ARN: arn(s, "vpc/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		Owner: aws.ToString(v.OwnerId), State: string(v.State), CIDR: aws.ToString(v.CidrBlock), Default: v.IsDefault,
	}
}
