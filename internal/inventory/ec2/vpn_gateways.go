package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// VPNGateways are the virtual private gateways, of VPN connections and of Direct Connect. The operation has no pages.
var VPNGateways = inventory.Regional("ec2.vpn-gateways", awsapi.Calls("ec2:DescribeVpnGateways"),
	func(ctx context.Context, s *awsapi.Session) ([]Entrance, error) {
		o, err := client(s).DescribeVpnGateways(ctx, &ec2.DescribeVpnGatewaysInput{})
		if err != nil {
			return nil, err
		}
		rows := make([]Entrance, 0, len(o.VpnGateways))
		for _, g := range o.VpnGateways {
			rows = append(rows, vpnGatewayRow(s, g))
		}
		return rows, nil
	})

// vpnGatewayRow keeps the VPCs from which the gateway is not surely detached.
func vpnGatewayRow(s *awsapi.Session, g types.VpnGateway) Entrance {
	row := entrance(s, "AWS::EC2::VPNGateway", "vpn-gateway", g.VpnGatewayId, nil, tagsOf(g.Tags), string(g.State))
	for _, a := range g.VpcAttachments {
		if a.State != types.AttachmentStatusDetached {
			row.VPCs = append(row.VPCs, named(a.VpcId)...)
		}
	}
	row.VPCs = sorted(row.VPCs)
	return row
}
