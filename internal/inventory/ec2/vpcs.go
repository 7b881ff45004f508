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

// VPC is one VPC that the account owns. Those that another account shares with it are no rows.
type VPC struct {
	*inventory.Resource
	Owner   string `json:"owner"` // the account; empty where the answer did not say
	State   string `json:"state"` // pending, available
	CIDR    string `json:"cidr"`  // the primary IPv4 block
	Default *bool  `json:"default"`

	// All blocks that are associated, sorted; nil where the answer did not give them.
	CIDRs     []string `json:"cidrs"`
	IPv6CIDRs []string `json:"ipv6_cidrs"`
	// PrivateIPv6 are those of IPv6CIDRs whose addresses are not advertised to the internet (Ipv6AddressAttribute,
	// VpcIpv6CidrBlockAssociation, API reference).
	PrivateIPv6 []string `json:"private_ipv6"`
}

// Key is the VPC's id.
func (v VPC) Key() string { return v.ID }

var vpcOps = awsapi.Calls("ec2:DescribeVpcs")

// VPCs are the account's own VPCs, the default one included.
var VPCs = inventory.Regional("ec2.vpcs", vpcOps,
	func(ctx context.Context, s *awsapi.Session) ([]VPC, error) {
		in := &ec2.DescribeVpcsInput{MaxResults: aws.Int32(1000)}
		pages := listed[ec2.DescribeVpcsOutput]{
			ec2.NewDescribeVpcsPaginator(client(s), in), func(o *ec2.DescribeVpcsOutput) bool { return o.Vpcs != nil },
			broken(s, vpcOps, "the list of VPCs"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeVpcsOutput) []VPC {
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
	row := VPC{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::VPC", ID: id, ARN: arn(s, "vpc/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		Owner: aws.ToString(v.OwnerId), State: string(v.State), CIDR: aws.ToString(v.CidrBlock), Default: v.IsDefault,
	}
	row.CIDRs, row.IPv6CIDRs, row.PrivateIPv6 = vpcBlocks(v)
	return row
}

func vpcBlocks(v types.Vpc) (ipv4, ipv6, private []string) {
	associated := func(s *types.VpcCidrBlockState) bool {
		return s != nil && s.State == types.VpcCidrBlockStateCodeAssociated
	}
	if v.CidrBlockAssociationSet != nil {
		ipv4 = []string{}
	}
	for _, a := range v.CidrBlockAssociationSet {
		if associated(a.CidrBlockState) {
			ipv4 = append(ipv4, aws.ToString(a.CidrBlock))
		}
	}
	for _, a := range v.Ipv6CidrBlockAssociationSet {
		if !associated(a.Ipv6CidrBlockState) {
			continue
		}
		ipv6 = append(ipv6, aws.ToString(a.Ipv6CidrBlock))
		if a.Ipv6AddressAttribute == types.Ipv6AddressAttributePrivate {
			private = append(private, aws.ToString(a.Ipv6CidrBlock))
		}
	}
	for _, list := range [][]string{ipv4, ipv6, private} {
		slices.Sort(list)
	}
	return ipv4, ipv6, private
}
