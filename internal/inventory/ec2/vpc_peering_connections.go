package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// VPCPeeringConnections are the peering connections that the account has a side of; those that are not active carry
// nothing. VPCs holds both sides.
var VPCPeeringConnections = inventory.Regional("ec2.vpc-peering-connections", awsapi.Calls("ec2:DescribeVpcPeeringConnections"),
	func(ctx context.Context, s *awsapi.Session) ([]Entrance, error) {
		in := &ec2.DescribeVpcPeeringConnectionsInput{MaxResults: aws.Int32(1000)}
		return awsapi.Pages(ctx, ec2.NewDescribeVpcPeeringConnectionsPaginator(client(s), in), func(o *ec2.DescribeVpcPeeringConnectionsOutput) []Entrance {
			rows := make([]Entrance, 0, len(o.VpcPeeringConnections))
			for _, p := range o.VpcPeeringConnections {
				rows = append(rows, peeringRow(s, p))
			}
			return rows
		})
	})

func peeringRow(s *awsapi.Session, p types.VpcPeeringConnection) Entrance {
	var state string
	if p.Status != nil {
		state = string(p.Status.Code)
	}
	row := entrance(s, "AWS::EC2::VPCPeeringConnection", "vpc-peering-connection", p.VpcPeeringConnectionId, nil, tagsOf(p.Tags), state)
	for _, side := range []*types.VpcPeeringConnectionVpcInfo{p.AccepterVpcInfo, p.RequesterVpcInfo} {
		if side != nil {
			row.VPCs = append(row.VPCs, named(side.VpcId)...)
		}
	}
	row.VPCs = sorted(row.VPCs)
	return row
}
