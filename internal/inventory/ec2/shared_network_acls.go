package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

var sharedNetworkACLOps = awsapi.Calls("ec2:DescribeNetworkAcls")

// SharedNetworkACLs are the network ACLs of VPCs that other accounts share with this one: they filter the traffic of the
// account's interfaces there. NetworkACLs leaves them out, since they are not the account's to answer for.
var SharedNetworkACLs = inventory.Under(SharedVPCs, "ec2.shared-network-acls", sharedNetworkACLOps,
	func(ctx context.Context, s *awsapi.Session, v SharedVPC) ([]NetworkACL, error) {
		in := &ec2.DescribeNetworkAclsInput{MaxResults: aws.Int32(1000), Filters: inVPC(v)}
		pages := listed[ec2.DescribeNetworkAclsOutput]{
			ec2.NewDescribeNetworkAclsPaginator(client(s), in), func(o *ec2.DescribeNetworkAclsOutput) bool { return o.NetworkAcls != nil },
			broken(s, sharedNetworkACLOps, "the list of network ACLs"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeNetworkAclsOutput) []NetworkACL {
			var rows []NetworkACL
			for _, a := range o.NetworkAcls {
				if !owns(s, a.OwnerId) {
					rows = append(rows, networkACLRow(s, a))
				}
			}
			return rows
		})
	})
