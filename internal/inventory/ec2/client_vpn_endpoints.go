package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// ClientVPNEndpoints let users with a certificate or a login into the VPCs with which they are associated.
var ClientVPNEndpoints = inventory.Regional("ec2.client-vpn-endpoints", awsapi.Calls("ec2:DescribeClientVpnEndpoints"),
	func(ctx context.Context, s *awsapi.Session) ([]Entrance, error) {
		in := &ec2.DescribeClientVpnEndpointsInput{MaxResults: aws.Int32(1000)}
		return awsapi.Pages(ctx, ec2.NewDescribeClientVpnEndpointsPaginator(client(s), in), func(o *ec2.DescribeClientVpnEndpointsOutput) []Entrance {
			rows := make([]Entrance, 0, len(o.ClientVpnEndpoints))
			for _, e := range o.ClientVpnEndpoints {
				rows = append(rows, clientVPNRow(s, e))
			}
			return rows
		})
	})

func clientVPNRow(s *awsapi.Session, e types.ClientVpnEndpoint) Entrance {
	var state string
	if e.Status != nil {
		state = string(e.Status.Code)
	}
	row := entrance(s, "AWS::EC2::ClientVpnEndpoint", "client-vpn-endpoint", e.ClientVpnEndpointId, nil, tagsOf(e.Tags), state)
	row.VPCs = named(e.VpcId)
	return row
}
