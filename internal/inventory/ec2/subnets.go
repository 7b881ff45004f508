package ec2

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Subnet is one subnet that the account sees: its own, and those of other accounts' VPCs that are shared with it.
type Subnet struct {
	*inventory.Resource
	VPCID     string   `json:"vpc_id"`
	Owner     string   `json:"owner"` // the account; empty where the answer did not say
	State     string   `json:"state"` // pending, available, ...
	Zone      string   `json:"zone"`
	CIDR      string   `json:"cidr"`       // the IPv4 block; empty where there is none
	IPv6CIDRs []string `json:"ipv6_cidrs"` // those that are associated, sorted
	// BlockMode is the state of VPC Block Public Access that the subnet shows: off, block-bidirectional, block-ingress; empty
	// where the answer did not say.
	BlockMode string `json:"block_mode"`
}

// Key is the subnet's id.
func (s Subnet) Key() string { return s.ID }

var subnetOps = awsapi.Calls("ec2:DescribeSubnets")

// Subnets are the subnets of the account's own VPCs and those shared with it (VPC user guide, "Share your VPC with other
// accounts": participants can describe them).
var Subnets = inventory.Regional("ec2.subnets", subnetOps,
	func(ctx context.Context, s *awsapi.Session) ([]Subnet, error) {
		in := &ec2.DescribeSubnetsInput{MaxResults: aws.Int32(1000)}
		pages := listed[ec2.DescribeSubnetsOutput]{
			ec2.NewDescribeSubnetsPaginator(client(s), in), func(o *ec2.DescribeSubnetsOutput) bool { return o.Subnets != nil },
			broken(s, subnetOps, "the list of subnets"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeSubnetsOutput) []Subnet {
			rows := make([]Subnet, 0, len(o.Subnets))
			for _, n := range o.Subnets {
				rows = append(rows, subnetRow(s, n))
			}
			return rows
		})
	})

func subnetRow(s *awsapi.Session, n types.Subnet) Subnet {
	tags, id := tagsOf(n.Tags), aws.ToString(n.SubnetId)
	row := Subnet{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::Subnet", ID: id, ARN: arnOf(s, n.SubnetArn, n.OwnerId, "subnet/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		VPCID: aws.ToString(n.VpcId), Owner: aws.ToString(n.OwnerId), State: string(n.State), Zone: aws.ToString(n.AvailabilityZone),
		CIDR: aws.ToString(n.CidrBlock),
	}
	for _, a := range n.Ipv6CidrBlockAssociationSet {
		if a.Ipv6CidrBlockState != nil && a.Ipv6CidrBlockState.State == types.SubnetCidrBlockStateCodeAssociated {
			row.IPv6CIDRs = append(row.IPv6CIDRs, aws.ToString(a.Ipv6CidrBlock))
		}
	}
	slices.Sort(row.IPv6CIDRs)
	if b := n.BlockPublicAccessStates; b != nil {
		row.BlockMode = string(b.InternetGatewayBlockMode)
	}
	return row
}
