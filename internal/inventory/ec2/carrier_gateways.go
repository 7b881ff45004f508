package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// CarrierGateways are the gateways of Wavelength Zones to a carrier's network.
var CarrierGateways = inventory.Regional("ec2.carrier-gateways", awsapi.Calls("ec2:DescribeCarrierGateways"),
	func(ctx context.Context, s *awsapi.Session) ([]Entrance, error) {
		in := &ec2.DescribeCarrierGatewaysInput{MaxResults: aws.Int32(1000)}
		return awsapi.Pages(ctx, ec2.NewDescribeCarrierGatewaysPaginator(client(s), in), func(o *ec2.DescribeCarrierGatewaysOutput) []Entrance {
			rows := make([]Entrance, 0, len(o.CarrierGateways))
			for _, g := range o.CarrierGateways {
				rows = append(rows, carrierGatewayRow(s, g))
			}
			return rows
		})
	})

func carrierGatewayRow(s *awsapi.Session, g types.CarrierGateway) Entrance {
	row := entrance(s, "AWS::EC2::CarrierGateway", "carrier-gateway", g.CarrierGatewayId, g.OwnerId, tagsOf(g.Tags), string(g.State))
	row.VPCs = named(g.VpcId)
	return row
}
