// Package catalog is the explicit list of every group of checks.
package catalog

import (
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/abstracted/s3"
	"github.com/ourshare/ourshare/internal/checks/account/iam"
	"github.com/ourshare/ourshare/internal/checks/account/kms"
	"github.com/ourshare/ourshare/internal/checks/container/rds"
	"github.com/ourshare/ourshare/internal/checks/infrastructure/ec2"
	"github.com/ourshare/ourshare/internal/checks/infrastructure/elb"
	"github.com/ourshare/ourshare/internal/checks/infrastructure/elbv2"
)

// Groups returns every group of checks.
func Groups() []checks.Group {
	return []checks.Group{
		ec2.Group,
		elb.Group,
		elbv2.Group,
		rds.Group,
		s3.Group,
		iam.Group,
		kms.Group,
	}
}

// All returns every check, sorted by id.
func All() []*checks.Check {
	var all []*checks.Check
	for _, g := range Groups() {
		all = append(all, g.Checks...)
	}
	slices.SortFunc(all, func(a, b *checks.Check) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Find returns the check of an id, or nil.
func Find(id string) *checks.Check {
	for _, c := range All() {
		if c.ID == id {
			return c
		}
	}
	return nil
}
