package ec2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/inventory"
)

// SharedVPC is a VPC of another account, of which subnets are shared with the scanned one.
type SharedVPC struct {
	*inventory.Resource
	Owner string `json:"owner"`
}

// Key is the VPC's id.
func (v SharedVPC) Key() string { return v.ID }

// SharedVPCs are the VPCs of the subnets that belong to other accounts.
var SharedVPCs = inventory.Derived("ec2.shared-vpcs", true,
	func(b *inventory.Binder) sharedIn {
		return sharedIn{inventory.Use(b, Subnets), inventory.Use(b, inventory.Regions).List}
	},
	func(in sharedIn) inventory.Rows[SharedVPC] {
		rows := inventory.Rows[SharedVPC]{Gaps: in.subnets.Gaps}
		seen := map[string]bool{"": true}
		for _, n := range in.subnets.List {
			foreign := n.Owner != "" && !slices.ContainsFunc(in.accounts, func(a inventory.Account) bool { return a.ID == n.Owner })
			if foreign && !seen[n.VPCID] {
				seen[n.VPCID] = true
				rows.List = append(rows.List, SharedVPC{&inventory.Resource{Type: "AWS::EC2::VPC", ID: n.VPCID, Region: n.Region}, n.Owner})
			}
		}
		return rows
	})

type sharedIn struct {
	subnets  inventory.Rows[Subnet]
	accounts []inventory.Account
}

func inVPC(v SharedVPC) []types.Filter {
	return []types.Filter{{Name: aws.String("vpc-id"), Values: []string{v.ID}}}
}
