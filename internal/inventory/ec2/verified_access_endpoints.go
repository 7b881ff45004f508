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

// VerifiedAccessEndpoints let users whom a trust provider knows reach internal load balancers, interfaces, databases and
// address blocks from the internet. The listing names no VPC.
var VerifiedAccessEndpoints = inventory.Regional("ec2.verified-access-endpoints", awsapi.Calls("ec2:DescribeVerifiedAccessEndpoints"),
	func(ctx context.Context, s *awsapi.Session) ([]Entrance, error) {
		in := &ec2.DescribeVerifiedAccessEndpointsInput{MaxResults: aws.Int32(1000)}
		return awsapi.Pages(ctx, ec2.NewDescribeVerifiedAccessEndpointsPaginator(client(s), in), func(o *ec2.DescribeVerifiedAccessEndpointsOutput) []Entrance {
			rows := make([]Entrance, 0, len(o.VerifiedAccessEndpoints))
			for _, e := range o.VerifiedAccessEndpoints {
				rows = append(rows, verifiedAccessRow(s, e))
			}
			return rows
		})
	})

func verifiedAccessRow(s *awsapi.Session, e types.VerifiedAccessEndpoint) Entrance {
	var state string
	if e.Status != nil {
		state = string(e.Status.Code)
	}
	row := entrance(s, "AWS::EC2::VerifiedAccessEndpoint", "verified-access-endpoint", e.VerifiedAccessEndpointId, nil, tagsOf(e.Tags), state)
	if o := e.LoadBalancerOptions; o != nil {
		row.Targets, row.Subnets = append(row.Targets, named(o.LoadBalancerArn)...), append(row.Subnets, o.SubnetIds...)
	}
	if o := e.NetworkInterfaceOptions; o != nil {
		row.Targets = append(row.Targets, named(o.NetworkInterfaceId)...)
	}
	if o := e.RdsOptions; o != nil {
		row.Targets = append(row.Targets, named(o.RdsDbClusterArn, o.RdsDbInstanceArn, o.RdsDbProxyArn)...)
		row.Subnets = append(row.Subnets, o.SubnetIds...)
	}
	if o := e.CidrOptions; o != nil {
		row.Targets, row.Subnets = append(row.Targets, named(o.Cidr)...), append(row.Subnets, o.SubnetIds...)
	}
	slices.Sort(row.Targets)
	slices.Sort(row.Subnets)
	return row
}
