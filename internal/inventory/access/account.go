// Package access makes the account of the reasoning over policies (internal/iampolicy) from the rows of IAM.
package access

import (
	"slices"

	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/iam"
)

// Account is the scanned account with its users, groups and roles. What could not be listed stands in Missing; Gaps are
// the reasons.
type Account struct {
	iampolicy.Account
	Gaps []error

	resource *inventory.Resource
	byARN    map[string]int
}

// Subject is the account itself.
func (a *Account) Subject() *inventory.Resource { return a.resource }

type evidence struct {
	accounts []inventory.Account
	details  inventory.Rows[iam.AuthorizationDetail]
}

// Accounts has one row, the scanned account with its principals. It is computed once for all checks, and again from a
// saved inventory.
var Accounts = inventory.Derived("access.accounts", false, func(b *inventory.Binder) evidence {
	return evidence{inventory.Use(b, inventory.Accounts).List, inventory.Use(b, iam.AuthorizationDetails)}
}, func(in evidence) (rows inventory.Rows[*Account]) {
	for _, self := range in.accounts { // one
		rows.List = append(rows.List, Of(self, in.details))
	}
	return rows
})

// Read gives the account in a check's bind function.
func Read(b *inventory.Binder) *Account {
	rows := inventory.Use(b, Accounts)
	for _, a := range rows.List {
		return a
	}
	a := Of(inventory.Account{}, inventory.Rows[iam.AuthorizationDetail]{}) // planning, or nothing was read
	for i := range rows.Gaps {
		a.Gaps = append(a.Gaps, &rows.Gaps[i].Error)
		a.Missing = append(a.Missing, inventory.Reason(&rows.Gaps[i].Error).Text)
	}
	return a
}

// Of builds the account of its authorization details.
func Of(self inventory.Account, rows inventory.Rows[iam.AuthorizationDetail]) *Account {
	a := &Account{resource: self.Resource, Account: iampolicy.Account{ID: self.AccountID, Partition: self.Partition}, byARN: map[string]int{}}
	managed := map[string]*iampolicy.Document{}
	for _, r := range rows.List {
		if r.Policy != nil {
			managed[r.Policy.ARN] = parse(r.Policy.Document)
			a.Policies = append(a.Policies, iampolicy.Policy{Name: r.Policy.ID, ARN: r.Policy.ARN, Document: managed[r.Policy.ARN]})
		}
	}
	for _, r := range rows.List {
		if r.Principal != nil {
			a.byARN[r.Principal.ARN] = len(a.Identities)
			a.Identities = append(a.Identities, identity(*r.Principal, managed))
		}
	}
	for i := range rows.Gaps {
		err := &rows.Gaps[i].Error
		a.Gaps = append(a.Gaps, err)
		a.Missing = append(a.Missing, inventory.Reason(err).Text)
	}
	return a
}

// Identity finds one by its ARN.
func (a *Account) Identity(arn string) (*iampolicy.Identity, bool) {
	i, ok := a.byARN[arn]
	if !ok {
		return nil, false
	}
	return &a.Identities[i], true
}

var kinds = map[iam.PrincipalKind]iampolicy.IdentityKind{
	iam.UserKind: iampolicy.User, iam.GroupKind: iampolicy.Group, iam.RoleKind: iampolicy.Role,
}

// identity: a policy whose document is not among the rows exists, and was not read.
func identity(p iam.Principal, managed map[string]*iampolicy.Document) iampolicy.Identity {
	id := iampolicy.Identity{ARN: p.ARN, Kind: kinds[p.Kind], UniqueID: p.PrincipalID, Groups: slices.Clone(p.Groups)}
	for _, i := range p.Inline {
		id.Policies = append(id.Policies, iampolicy.Policy{Name: i.Name, Document: parse(i.Document)})
	}
	for _, m := range p.Attached {
		id.Policies = append(id.Policies, iampolicy.Policy{Name: m.Name, ARN: m.ARN, Document: managed[m.ARN]})
	}
	if p.Boundary != nil {
		id.Boundary = &iampolicy.Policy{Name: "the permissions boundary", ARN: *p.Boundary, Document: managed[*p.Boundary]}
	}
	if p.Kind == iam.RoleKind {
		id.Trust = parse(p.Trust)
		id.TrustUnread = id.Trust == nil
	}
	return id
}

// parse gives nil for what was not given, or is not a policy by the grammar: not read.
func parse(document *string) *iampolicy.Document {
	if document == nil {
		return nil
	}
	doc, err := iampolicy.Parse(*document)
	if err != nil {
		return nil
	}
	return doc
}
