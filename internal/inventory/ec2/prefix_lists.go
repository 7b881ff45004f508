package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// PrefixListRef is one managed prefix list that inbound rules of security groups name. Rules give its id alone, so it has
// no ARN: that would name the list's owner, which may be another account or AWS.
type PrefixListRef struct {
	*inventory.Resource
}

// Key is the list's id.
func (r PrefixListRef) Key() string { return r.ID }

// PrefixListRefs are the distinct lists that inbound rules of the account's security groups name, in the order in which
// they are named first.
var PrefixListRefs = inventory.Derived("ec2.prefix-list-refs", true,
	func(b *inventory.Binder) inventory.Rows[SecurityGroup] { return inventory.Use(b, SecurityGroups) },
	func(groups inventory.Rows[SecurityGroup]) inventory.Rows[PrefixListRef] {
		rows := inventory.Rows[PrefixListRef]{Gaps: groups.Gaps}
		seen := map[string]bool{"": true}
		for _, g := range groups.List {
			for _, r := range g.Inbound {
				for _, id := range r.PrefixLists {
					if seen[id] {
						continue
					}
					seen[id] = true
					rows.List = append(rows.List, PrefixListRef{&inventory.Resource{Type: "AWS::EC2::PrefixList", ID: id, Region: g.Region}})
				}
			}
		}
		return rows
	})

// PrefixList is what was read of a list: a row also where a page was lost, with the entries of the others.
type PrefixList struct {
	*inventory.Resource
	Entries []string `json:"entries"` // CIDR blocks
	Listed  bool     `json:"listed"`  // every answer gave its entries; otherwise Entries are not all of them
}

// Key is the list's id.
func (l PrefixList) Key() string { return l.ID }

var prefixListOps = awsapi.Calls("ec2:GetManagedPrefixListEntries")

// PrefixLists are the entries of the named lists, the account's own, those shared with it and AWS's. What could not be
// read is a gap whose parent is the list.
var PrefixLists = inventory.Under(PrefixListRefs, "ec2.prefix-lists", prefixListOps,
	func(ctx context.Context, s *awsapi.Session, ref PrefixListRef) ([]PrefixList, error) {
		in := &ec2.GetManagedPrefixListEntriesInput{PrefixListId: &ref.ID, MaxResults: aws.Int32(100)}
		pages := ec2.NewGetManagedPrefixListEntriesPaginator(client(s), in)
		answers, err := awsapi.Pages(ctx, pages, func(o *ec2.GetManagedPrefixListEntriesOutput) [][]types.PrefixListEntry {
			return [][]types.PrefixListEntry{o.Entries}
		})
		row := prefixListRow(ref, answers)
		if err == nil && !row.Listed {
			err = broken(s, prefixListOps, "the entries of the prefix list")
		}
		row.Listed = err == nil
		return []PrefixList{row}, err
	})

func prefixListRow(ref PrefixListRef, answers [][]types.PrefixListEntry) PrefixList {
	row := PrefixList{Resource: ref.Resource, Entries: []string{}, Listed: len(answers) > 0}
	for _, entries := range answers {
		row.Listed = row.Listed && entries != nil // AWS writes an empty element for none
		for _, e := range entries {
			row.Entries = append(row.Entries, aws.ToString(e.Cidr))
		}
	}
	return row
}
