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

type pathListsIn struct {
	named  inventory.Rows[PrefixListRef]
	groups inventory.Rows[SecurityGroup]
	shared inventory.Rows[SecurityGroup]
	tables inventory.Rows[RouteTable]
	enis   inventory.Rows[ENI]
}

// PathPrefixListRefs are the distinct managed prefix lists that a path may depend on beyond those of PrefixListRefs: named by
// routes, by outbound rules of groups that a load balancer's interface has, and by inbound rules of shared groups.
var PathPrefixListRefs = inventory.Derived("ec2.path-prefix-list-refs", true,
	func(b *inventory.Binder) pathListsIn {
		return pathListsIn{
			inventory.Use(b, PrefixListRefs), inventory.Use(b, SecurityGroups), inventory.Use(b, SharedSecurityGroups),
			inventory.Use(b, RouteTables), inventory.Use(b, ENIs),
		}
	}, pathPrefixListRefs)

func pathPrefixListRefs(in pathListsIn) inventory.Rows[PrefixListRef] {
	rows := inventory.Rows[PrefixListRef]{
		Gaps: slices.Concat(in.groups.Gaps, in.shared.Gaps, in.tables.Gaps, in.enis.Gaps),
	}
	seen := map[string]bool{"": true}
	for _, r := range in.named.List {
		seen[r.ID] = true
	}
	add := func(region string, ids ...string) {
		for _, id := range ids {
			if !seen[id] {
				seen[id] = true
				rows.List = append(rows.List, PrefixListRef{&inventory.Resource{Type: "AWS::EC2::PrefixList", ID: id, Region: region}})
			}
		}
	}
	for _, t := range in.tables.List {
		for _, r := range t.Routes {
			add(t.Region, r.PrefixList)
		}
	}
	balancers := map[string]bool{} // groups of load balancers
	for _, e := range in.enis.List {
		if e.OfLoadBalancer() {
			for _, g := range e.Groups {
				balancers[g] = true
			}
		}
	}
	for _, g := range slices.Concat(in.groups.List, in.shared.List) {
		if balancers[g.ID] {
			for _, r := range g.Outbound {
				add(g.Region, r.PrefixLists...)
			}
		}
	}
	for _, g := range in.shared.List {
		for _, r := range g.Inbound {
			add(g.Region, r.PrefixLists...)
		}
	}
	return rows
}

var pathListOps = awsapi.Calls("ec2:GetManagedPrefixListEntries")

// PathPrefixLists are their entries. What could not be read is a gap whose parent is the list.
var PathPrefixLists = inventory.Under(PathPrefixListRefs, "ec2.path-prefix-lists", pathListOps,
	func(ctx context.Context, s *awsapi.Session, ref PrefixListRef) ([]PrefixList, error) {
		in := &ec2.GetManagedPrefixListEntriesInput{PrefixListId: &ref.ID, MaxResults: aws.Int32(100)}
		pages := ec2.NewGetManagedPrefixListEntriesPaginator(client(s), in)
		answers, err := awsapi.Pages(ctx, pages, func(o *ec2.GetManagedPrefixListEntriesOutput) [][]types.PrefixListEntry {
			return [][]types.PrefixListEntry{o.Entries}
		})
		row := prefixListRow(ref, answers)
		if err == nil && !row.Listed {
			err = broken(s, pathListOps, "the entries of the prefix list")
		}
		row.Listed = err == nil
		return []PrefixList{row}, err
	})
