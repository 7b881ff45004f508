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

// NetworkACL is one network ACL that the account owns. Those of another account, seen in a shared VPC, are no rows.
type NetworkACL struct {
	*inventory.Resource
	VPCID   string     `json:"vpc_id"`
	Owner   string     `json:"owner"` // the account; empty where the answer did not say
	Default *bool      `json:"default"`
	Subnets []string   `json:"subnets"` // associated, sorted; nil where the answer did not say
	Entries []ACLEntry `json:"entries"` // of both directions
}

// ACLEntry is one entry of a network ACL; nil and empty mean that the answer did not say.
type ACLEntry struct {
	Number   *int32 `json:"number"`
	Egress   *bool  `json:"egress"`
	Action   string `json:"action"`   // allow, deny
	Protocol string `json:"protocol"` // a number, or -1 for all
	From     *int32 `json:"from"`     // the first port, or the ICMP type; nil for all
	To       *int32 `json:"to"`       // the last port, or the ICMP code; nil for all
	CIDR     string `json:"cidr"`
	CIDR6    string `json:"cidr6"`
}

// Key is the ACL's id.
func (a NetworkACL) Key() string { return a.ID }

var networkACLOps = awsapi.Calls("ec2:DescribeNetworkAcls")

// NetworkACLs are the account's own network ACLs, the VPCs' default ones included.
var NetworkACLs = inventory.Regional("ec2.network-acls", networkACLOps,
	func(ctx context.Context, s *awsapi.Session) ([]NetworkACL, error) {
		in := &ec2.DescribeNetworkAclsInput{MaxResults: aws.Int32(1000)}
		pages := listed[ec2.DescribeNetworkAclsOutput]{
			ec2.NewDescribeNetworkAclsPaginator(client(s), in), func(o *ec2.DescribeNetworkAclsOutput) bool { return o.NetworkAcls != nil },
			broken(s, networkACLOps, "the list of network ACLs"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeNetworkAclsOutput) []NetworkACL {
			var rows []NetworkACL
			for _, a := range o.NetworkAcls {
				if owns(s, a.OwnerId) {
					rows = append(rows, networkACLRow(s, a))
				}
			}
			return rows
		})
	})

func networkACLRow(s *awsapi.Session, a types.NetworkAcl) NetworkACL {
	tags, id := tagsOf(a.Tags), aws.ToString(a.NetworkAclId)
	row := NetworkACL{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::NetworkAcl", ID: id, ARN: arn(s, "network-acl/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		VPCID: aws.ToString(a.VpcId), Owner: aws.ToString(a.OwnerId), Default: a.IsDefault,
	}
	if a.Associations != nil {
		row.Subnets = []string{}
	}
	for _, as := range a.Associations {
		row.Subnets = append(row.Subnets, aws.ToString(as.SubnetId))
	}
	slices.Sort(row.Subnets)
	for _, e := range a.Entries {
		row.Entries = append(row.Entries, aclEntry(e))
	}
	return row
}

func aclEntry(e types.NetworkAclEntry) ACLEntry {
	out := ACLEntry{
		Number: e.RuleNumber, Egress: e.Egress, Action: string(e.RuleAction), Protocol: aws.ToString(e.Protocol),
		CIDR: aws.ToString(e.CidrBlock), CIDR6: aws.ToString(e.Ipv6CidrBlock),
	}
	switch {
	case e.PortRange != nil:
		out.From, out.To = e.PortRange.From, e.PortRange.To
	case e.IcmpTypeCode != nil:
		out.From, out.To = e.IcmpTypeCode.Type, e.IcmpTypeCode.Code
	}
	return out
}
