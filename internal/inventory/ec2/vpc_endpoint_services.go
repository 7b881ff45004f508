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

// VPCEndpointServices are the account's own endpoint services (PrivateLink): what is allowed to connect reaches the load
// balancers in Targets.
var VPCEndpointServices = inventory.Regional("ec2.vpc-endpoint-services", awsapi.Calls("ec2:DescribeVpcEndpointServiceConfigurations"),
	func(ctx context.Context, s *awsapi.Session) ([]Entrance, error) {
		in := &ec2.DescribeVpcEndpointServiceConfigurationsInput{MaxResults: aws.Int32(1000)}
		return awsapi.Pages(ctx, ec2.NewDescribeVpcEndpointServiceConfigurationsPaginator(client(s), in), func(o *ec2.DescribeVpcEndpointServiceConfigurationsOutput) []Entrance {
			rows := make([]Entrance, 0, len(o.ServiceConfigurations))
			for _, c := range o.ServiceConfigurations {
				rows = append(rows, endpointServiceRow(s, c))
			}
			return rows
		})
	})

func endpointServiceRow(s *awsapi.Session, c types.ServiceConfiguration) Entrance {
	row := entrance(s, "AWS::EC2::VPCEndpointService", "vpc-endpoint-service", c.ServiceId, nil, tagsOf(c.Tags), string(c.ServiceState))
	row.Targets = sorted(slices.Concat(c.NetworkLoadBalancerArns, c.GatewayLoadBalancerArns))
	return row
}
