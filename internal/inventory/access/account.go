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

	byARN map[string]int
}

// Read builds the account in a check's bind function.
func Read(b *inventory.Binder) *Account {
	var self inventory.Account
	for _, a := range inventory.Use(b, inventory.Accounts).List {
		self = a
	}
	return Of(self, inventory.Use(b, iam.AuthorizationDetails))
}

// Of builds the account of its authorization details.
func Of(self inventory.Account, rows inventory.Rows[iam.AuthorizationDetail]) *Account {
	a := &Account{Account: iampolicy.Account{ID: self.AccountID, Partition: self.Partition}, byARN: map[string]int{}}
	managed := map[string]*iampolicy.Document{}
	for _, r := range rows.List {
		if r.Policy != nil {
			managed[r.Policy.ARN] = parse(r.Policy.Document)
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
