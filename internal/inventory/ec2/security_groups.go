package ec2

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// SecurityGroup is one security group that the account owns. Those of another account, seen in a shared VPC, are no
// rows. A nil list of rules means that the answer did not give it; AWS writes an empty element for none.
type SecurityGroup struct {
	*inventory.Resource
	GroupName string      `json:"group_name"`
	VPCID     string      `json:"vpc_id"`
	Owner     string      `json:"owner"` // the account; empty where the answer did not say
	Inbound   []GroupRule `json:"inbound"`
	Outbound  []GroupRule `json:"outbound"`
}

// GroupRule is what DescribeSecurityGroups calls a permission: one protocol and range of ports with all its peers.
type GroupRule struct {
	Protocol    string   `json:"protocol"` // tcp, udp, icmp, icmpv6, a number, or -1 for all
	From        *int32   `json:"from"`     // the first port, or the ICMP type
	To          *int32   `json:"to"`       // the last port, or the ICMP code
	CIDRs       []string `json:"cidrs"`
	CIDR6s      []string `json:"cidr6s"`
	PrefixLists []string `json:"prefix_lists"`
	Groups      []string `json:"groups"`
}

// Key is the group's id.
func (g SecurityGroup) Key() string { return g.ID }

var securityGroupOps = awsapi.Calls("ec2:DescribeSecurityGroups")

// SecurityGroups are the account's own security groups, used or not.
var SecurityGroups = inventory.Regional("ec2.security-groups", securityGroupOps,
	func(ctx context.Context, s *awsapi.Session) ([]SecurityGroup, error) {
		in := &ec2.DescribeSecurityGroupsInput{MaxResults: aws.Int32(1000)}
		pages := listed[ec2.DescribeSecurityGroupsOutput]{
			ec2.NewDescribeSecurityGroupsPaginator(client(s), in), func(o *ec2.DescribeSecurityGroupsOutput) bool { return o.SecurityGroups != nil },
			broken(s, securityGroupOps, "the list of security groups"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeSecurityGroupsOutput) []SecurityGroup {
			var rows []SecurityGroup
			for _, g := range o.SecurityGroups {
				if owns(s, g.OwnerId) {
					rows = append(rows, securityGroupRow(s, g))
				}
			}
			return rows
		})
	})

// DefaultSecurityGroups are the default groups of the VPCs that the account owns: a VPC's default group belongs to its
// owner, and no other group can have that name (VPC user guide, "Default security groups for your VPCs"). A group without
// a name in the answer may be one.
var DefaultSecurityGroups = inventory.Derived("ec2.default-security-groups", true,
	func(b *inventory.Binder) inventory.Rows[SecurityGroup] { return inventory.Use(b, SecurityGroups) },
	func(groups inventory.Rows[SecurityGroup]) inventory.Rows[SecurityGroup] {
		rows := inventory.Rows[SecurityGroup]{Gaps: groups.Gaps}
		for _, g := range groups.List {
			if g.GroupName == "default" || g.GroupName == "" {
				rows.List = append(rows.List, g)
			}
		}
		return rows
	})

// owns reports whether a resource of a VPC is the scanned account's: in a shared VPC the owner's are listed as well (VPC
// user guide, "Share your VPC with other accounts"). One without an owner in the answer is kept, to be judged unknown.
func owns(s *awsapi.Session, owner *string) bool {
	return aws.ToString(owner) == "" || *owner == s.ID
}

func securityGroupRow(s *awsapi.Session, g types.SecurityGroup) SecurityGroup {
	tags, id, name := tagsOf(g.Tags), aws.ToString(g.GroupId), aws.ToString(g.GroupName)
	return SecurityGroup{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::SecurityGroup", ID: id, ARN: arn(s, "security-group/"+id), Name: cmp.Or(tags["Name"], name),
			Region: s.Region, Tags: tags,
		},
		GroupName: name, VPCID: aws.ToString(g.VpcId), Owner: aws.ToString(g.OwnerId),
		Inbound: groupRules(g.IpPermissions), Outbound: groupRules(g.IpPermissionsEgress),
	}
}

func groupRules(list []types.IpPermission) []GroupRule {
	if list == nil {
		return nil
	}
	rules := make([]GroupRule, 0, len(list))
	for _, p := range list {
		r := GroupRule{Protocol: aws.ToString(p.IpProtocol), From: p.FromPort, To: p.ToPort}
		for _, c := range p.IpRanges {
			r.CIDRs = append(r.CIDRs, aws.ToString(c.CidrIp))
		}
		for _, c := range p.Ipv6Ranges {
			r.CIDR6s = append(r.CIDR6s, aws.ToString(c.CidrIpv6))
		}
		for _, l := range p.PrefixListIds {
			r.PrefixLists = append(r.PrefixLists, aws.ToString(l.PrefixListId))
		}
		for _, g := range p.UserIdGroupPairs {
			r.Groups = append(r.Groups, cmp.Or(aws.ToString(g.GroupId), aws.ToString(g.GroupName)))
		}
		rules = append(rules, r)
	}
	return rules
}
