package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

var sharedSecurityGroupOps = awsapi.Calls("ec2:DescribeSecurityGroups")

// SharedSecurityGroups are other accounts' groups in VPCs that they share with this one: an interface may have such a group
// (VPC user guide, "Share security groups with AWS Organizations"). SecurityGroups leaves them out.
var SharedSecurityGroups = inventory.Under(SharedVPCs, "ec2.shared-security-groups", sharedSecurityGroupOps,
	func(ctx context.Context, s *awsapi.Session, v SharedVPC) ([]SecurityGroup, error) {
		in := &ec2.DescribeSecurityGroupsInput{MaxResults: aws.Int32(1000), Filters: inVPC(v)}
		pages := listed[ec2.DescribeSecurityGroupsOutput]{
			ec2.NewDescribeSecurityGroupsPaginator(client(s), in), func(o *ec2.DescribeSecurityGroupsOutput) bool { return o.SecurityGroups != nil },
			broken(s, sharedSecurityGroupOps, "the list of security groups"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeSecurityGroupsOutput) []SecurityGroup {
			var rows []SecurityGroup
			for _, g := range o.SecurityGroups {
				if !owns(s, g.OwnerId) {
					rows = append(rows, securityGroupRow(s, g))
				}
			}
			return rows
		})
	})
