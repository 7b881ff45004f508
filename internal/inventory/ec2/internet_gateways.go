package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// InternetGateway is one internet gateway that the account sees, those of VPCs shared with it included.
type InternetGateway struct {
	*inventory.Resource
	Owner       string              `json:"owner"`       // the account; empty where the answer did not say
	Attachments []GatewayAttachment `json:"attachments"` // nil where the answer did not give them; AWS writes an empty element for none
}

// GatewayAttachment is a VPC to which a gateway is attached. An internet gateway's state is available; a virtual private
// gateway's attaching, attached, detaching, detached.
type GatewayAttachment struct {
	VPCID string `json:"vpc_id"`
	State string `json:"state"`
}

// Key is the gateway's id.
func (g InternetGateway) Key() string { return g.ID }

var internetGatewayOps = awsapi.Calls("ec2:DescribeInternetGateways")

// InternetGateways are the internet gateways, attached or not.
var InternetGateways = inventory.Regional("ec2.internet-gateways", internetGatewayOps,
	func(ctx context.Context, s *awsapi.Session) ([]InternetGateway, error) {
		in := &ec2.DescribeInternetGatewaysInput{MaxResults: aws.Int32(1000)}
		pages := listed[ec2.DescribeInternetGatewaysOutput]{
			ec2.NewDescribeInternetGatewaysPaginator(client(s), in), func(o *ec2.DescribeInternetGatewaysOutput) bool { return o.InternetGateways != nil },
			broken(s, internetGatewayOps, "the list of internet gateways"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeInternetGatewaysOutput) []InternetGateway {
			rows := make([]InternetGateway, 0, len(o.InternetGateways))
			for _, g := range o.InternetGateways {
				rows = append(rows, internetGatewayRow(s, g))
			}
			return rows
		})
	})

func internetGatewayRow(s *awsapi.Session, g types.InternetGateway) InternetGateway {
	tags, id := tagsOf(g.Tags), aws.ToString(g.InternetGatewayId)
	row := InternetGateway{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::InternetGateway", ID: id, ARN: arnOf(s, nil, g.OwnerId, "internet-gateway/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		Owner: aws.ToString(g.OwnerId),
	}
	if g.Attachments != nil {
		row.Attachments = make([]GatewayAttachment, 0, len(g.Attachments))
	}
	for _, a := range g.Attachments {
		row.Attachments = append(row.Attachments, GatewayAttachment{aws.ToString(a.VpcId), string(a.State)})
	}
	return row
}
