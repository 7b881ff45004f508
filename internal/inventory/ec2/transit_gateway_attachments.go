package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// TransitGatewayAttachments are the attachments of VPCs to transit gateways, the account's own or shared with it.
var TransitGatewayAttachments = inventory.Regional("ec2.transit-gateway-vpc-attachments", awsapi.Calls("ec2:DescribeTransitGatewayVpcAttachments"),
	func(ctx context.Context, s *awsapi.Session) ([]Entrance, error) {
		in := &ec2.DescribeTransitGatewayVpcAttachmentsInput{MaxResults: aws.Int32(1000)}
		return awsapi.Pages(ctx, ec2.NewDescribeTransitGatewayVpcAttachmentsPaginator(client(s), in), func(o *ec2.DescribeTransitGatewayVpcAttachmentsOutput) []Entrance {
			rows := make([]Entrance, 0, len(o.TransitGatewayVpcAttachments))
			for _, a := range o.TransitGatewayVpcAttachments {
				rows = append(rows, transitRow(s, a))
			}
			return rows
		})
	})

func transitRow(s *awsapi.Session, a types.TransitGatewayVpcAttachment) Entrance {
	row := entrance(s, "AWS::EC2::TransitGatewayAttachment", "transit-gateway-attachment", a.TransitGatewayAttachmentId, nil, tagsOf(a.Tags), string(a.State))
	row.VPCs, row.Subnets = named(a.VpcId), sorted(a.SubnetIds)
	return row
}
