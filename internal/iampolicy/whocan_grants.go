package iampolicy

import (
	"slices"
	"strings"
)

// KeyGrant is a grant of a KMS key: it lets one principal do some operations with the key.
type KeyGrant struct {
	ID         string
	Principal  Principal // a principal of an account or a service
	Operations []string  // "Decrypt", "GenerateDataKey", ...
	// Constraints are what a request must have, in words.
	Constraints []string
}

// gives tells whether a grant has an action, by its name in a policy.
func (g KeyGrant) gives(action string) bool {
	return slices.ContainsFunc(g.Operations, func(o string) bool { return lower("kms:"+o) == lower(action) })
}

func (g KeyGrant) String() string { return "grant " + g.ID }

// granted is the key's policy with a statement that gives what the grant does. Grants are considered along with the key's
// policy and IAM policies, and only allow ("Grants in AWS KMS", AWS KMS Developer Guide); nobody has what is explicitly denied
// ("KMS key access and permissions": "unless that permission is provided explicitly and never denied").
func (q Question) granted(g KeyGrant) *ResourcePolicy {
	of := *q.Policy
	if of.Document == nil {
		return &of
	}
	doc := *of.Document
	doc.Statements = append(slices.Clone(doc.Statements), Statement{
		Ref: Ref{Index: len(doc.Statements)}, Effect: Allow, Principals: []Principal{g.Principal},
		Actions: []string{q.Action}, Resources: []string{"*"},
	})
	of.Document = &doc
	return &of
}

// byGrant gives what grants of the key add for an identity of the account.
func (a *Account) byGrant(id *Identity, q Question, without Decision) (out []Access) {
	if q.Policy == nil || q.Policy.Kind != KeyResource || without.All == Yes && len(without.IfAll) == 0 {
		return nil
	}
	for _, g := range q.Grants {
		if !g.gives(q.Action) || g.Principal.Type != AWS {
			continue
		}
		is, _, _ := g.Principal.isIdentity(id)
		if is == No {
			continue
		}
		free := *id
		free.Boundary = nil
		d := a.decideWith(&free, q.Action, q.Resource, q.granted(g), nil)
		d.Some, d.All = d.Some.and(is), d.All.and(is)
		if id.Boundary != nil && !a.withinBoundary(id, q) { // whether a boundary's silence limits a grant is not documented
			d.Some, d.All = d.Some.and(Unknown), d.All.and(Unknown)
		}
		if !more(d, without) {
			continue
		}
		d = q.named(d)
		d.Because = []string{g.String()}
		out = append(out, Access{Who: id.ARN, Identity: id, Decision: d, Notes: g.notes()})
	}
	return out
}

// withinBoundary tells whether a boundary surely allows all that is asked for.
func (a *Account) withinBoundary(id *Identity, q Question) bool {
	bare := *id
	bare.Policies, bare.Groups, bare.Missing = []Policy{{Document: everything}}, nil, nil
	d := a.decideWith(&bare, q.Action, q.Resource, nil, nil)
	return d.All == Yes && len(d.IfAll) == 0
}

func (g KeyGrant) notes() []string {
	if len(g.Constraints) == 0 {
		return nil
	}
	return []string{"if " + strings.Join(g.Constraints, " and ")}
}

// grantees gives those beyond the account's own users and roles to whom grants of the key give the action.
func (a *Account) grantees(q Question) (out []Access) {
	if q.Policy == nil || q.Policy.Kind != KeyResource {
		return nil
	}
	for _, g := range q.Grants {
		to := g.Principal.grantee()
		if !g.gives(q.Action) || a.own(to) {
			continue
		}
		x := Access{Who: to.String(), Grantee: to, Decision: Decision{Some: Unknown, All: Unknown, Because: []string{g.String()}}, Notes: g.notes()}
		if of := q.granted(g); of.Document != nil {
			d := Decision{Some: No, All: No}
			last := &of.Document.Statements[len(of.Document.Statements)-1]
			for _, base := range of.Document.contextsIn(to) {
				one := of.Document.outsiderMay(last, to, base, q)
				d.Some, d.All = d.Some.or(one.Some), d.All.or(one.All)
				d.If, d.IfAll, d.Against = one.If, one.IfAll, one.Against
			}
			x.Decision = q.named(d)
			x.Decision.Because = []string{g.String()}
		}
		x.qualify()
		if x.Decision.Some != No {
			out = append(out, x)
		}
	}
	return out
}
