package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// InstanceConnectEndpoints let principals of IAM connect to private instances of the VPC from the internet.
var InstanceConnectEndpoints = inventory.Regional("ec2.instance-connect-endpoints", awsapi.Calls("ec2:DescribeInstanceConnectEndpoints"),
	func(ctx context.Context, s *awsapi.Session) ([]Entrance, error) {
		in := &ec2.DescribeInstanceConnectEndpointsInput{MaxResults: aws.Int32(50)} // the largest page of this operation
		return awsapi.Pages(ctx, ec2.NewDescribeInstanceConnectEndpointsPaginator(client(s), in), func(o *ec2.DescribeInstanceConnectEndpointsOutput) []Entrance {
			rows := make([]Entrance, 0, len(o.InstanceConnectEndpoints))
			for _, e := range o.InstanceConnectEndpoints {
				rows = append(rows, instanceConnectRow(s, e))
			}
			return rows
		})
	})

func instanceConnectRow(s *awsapi.Session, e types.Ec2InstanceConnectEndpoint) Entrance {
	row := entrance(s, "AWS::EC2::InstanceConnectEndpoint", "instance-connect-endpoint", e.InstanceConnectEndpointId, e.OwnerId, tagsOf(e.Tags), string(e.State))
	if a := aws.ToString(e.InstanceConnectEndpointArn); a != "" {
		row.ARN = a
	}
	row.VPCs, row.Subnets = named(e.VpcId), named(e.SubnetId)
	return row
}
