// Package target decides what a scan covers: which regions of the account.
package target

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
)

// UnknownRegionError is a region that was asked for and that does not exist for the account.
type UnknownRegionError struct {
	Name  string
	Known []string
}

// Error names the region.
func (e *UnknownRegionError) Error() string {
	return fmt.Sprintf("the account lists no region %q", e.Name)
}

// Regions returns the regions of the scan, sorted: those asked for, or every region enabled for the account.
//
// Where DescribeRegions fails, names that were asked for are checked against AWS's published partitions and the scan
// goes on: only the ledger tells. Without names it is a gap: the home region alone is scanned. A region that is listed
// but not enabled is kept and marked, so that the report says so once. The error is an *UnknownRegionError.
func Regions(ctx context.Context, a *awsapi.Account, asked []string) ([]string, []inventory.Gap, error) {
	list, err := ec2inv.ListRegions(ctx, a.In(a.Home))
	if err == nil && len(list) == 0 {
		err = &awsapi.Error{Outcome: awsapi.Failed, Operation: "ec2:DescribeRegions", Region: a.Home, Text: "the answer lists no region"}
	}
	if err != nil {
		return unlisted(a, asked, err)
	}
	enabled, known := []string{}, []string{}
	for _, r := range list {
		known = append(known, r.Name)
		if r.Enabled {
			enabled = append(enabled, r.Name)
		} else {
			a.Disable(r.Name, "the region is not enabled for this account (not-opted-in)")
		}
	}
	slices.Sort(enabled)
	slices.Sort(known)
	if len(asked) == 0 {
		return enabled, nil, nil
	}
	for _, name := range asked {
		if !slices.Contains(known, name) {
			return nil, nil, &UnknownRegionError{name, known}
		}
	}
	return unique(asked), nil, nil
}

func unlisted(a *awsapi.Account, asked []string, cause error) ([]string, []inventory.Gap, error) {
	if len(asked) > 0 {
		for _, name := range asked {
			if !Published(name) {
				return nil, nil, &UnknownRegionError{name, PublishedRegions(a.Partition)}
			}
		}
		return unique(asked), nil, nil
	}
	var e *awsapi.Error
	if !errors.As(cause, &e) {
		e = &awsapi.Error{Outcome: awsapi.Failed, Operation: "ec2:DescribeRegions", Region: a.Home, Text: cause.Error()}
	}
	gap := *e
	gap.Text += "; only " + a.Home + " was scanned"
	return []string{a.Home}, []inventory.Gap{{Error: gap}}, nil
}

func unique(names []string) []string {
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}
