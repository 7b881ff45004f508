package iampolicy

import (
	"cmp"
	"slices"
	"strings"
)

// Access is what one principal may do, as an answer to "who can?".
type Access struct {
	// Who is a user's, role's or root user's ARN of the account, or in words a grantee of the resource's policy or ACL
	// ("anyone", "account 123456789012", ...), of whose own policies nothing is known.
	Who      string
	Identity *Identity // of the account; nil for others
	Grantee  Grantee   // of others
	Decision Decision
	// Notes say what else there is to know: that an account must allow it too, what a condition asks for, what cuts it off.
	Notes []string
}

// Question is what is asked of an account.
type Question struct {
	Action   string // a whole name, "s3:GetObject"
	Resource string // an ARN, in which * and ? are wildcards, or "*"
	// Policy is the policy of the resource, nil if its kind has none.
	Policy *ResourcePolicy
	// Bucket is set for a bucket and its objects instead of Policy: it brings the ACL, ownership and block public access.
	Bucket *Bucket
}

// WhoCan answers who may do an action on a resource of the account: every user and role of it and its root user, by their
// policies, boundaries and the resource's policy, and everyone to whom the resource's policy or a bucket's ACL gives it. A
// resource that is a pattern is asked for as "on some of it" (Decision.Some) and "on all of it" (Decision.All). Those who
// surely may not are left out; what is Unknown is given. The order is fixed: the account's own first, by ARN.
//
// complete is false where something that could add more was not read. It is false for KMS keys, since their grants add
// and are not looked at, and every answer holds unless an organization policy forbids it.
func (a *Account) WhoCan(q Question) (list []Access, complete bool) {
	complete = len(a.Missing) == 0
	of := q.Policy
	if q.Bucket != nil {
		of = &ResourcePolicy{Account: q.Bucket.Account, Document: q.Bucket.Policy, Unread: q.Bucket.PolicyUnread}
	}
	if of != nil && (of.Unread || of.Kind == KeyResource) {
		complete = false
	}
	root := Identity{
		ARN: "arn:" + a.partition() + ":iam::" + a.ID + ":root", Kind: Root,
		Policies: []Policy{{Name: "root user", Document: everything}},
	}
	identities := append([]*Identity{&root}, pointers(a.Identities)...)
	for _, id := range identities {
		if id.Kind == Group {
			continue
		}
		d := a.Decide(id, q.Action, q.Resource, of)
		if d.Some == No {
			continue
		}
		x := Access{Who: id.ARN, Identity: id, Decision: d}
		if id.Kind == Role {
			x.Notes = append(x.Notes, "whoever may take the role")
		}
		if b := q.Bucket; b != nil && b.OwnerEnforced != Yes && strings.Contains(q.Resource, "/") {
			x.Notes = append(x.Notes, "objects that another account owns follow their own ACLs")
		}
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b Access) int { return strings.Compare(a.Who, b.Who) })
	if of != nil && of.Document != nil {
		list = append(list, a.outsiders(q, of)...)
	}
	if q.Bucket != nil {
		byACL, whole := q.Bucket.aclAccess(q)
		list = append(list, byACL...)
		complete = complete && whole
	}
	return list, complete
}

// everything is what the root user may ("AWS account root user": it "has full access").
var everything = &Document{Version: Version2012, Statements: []Statement{{
	Effect: Allow, Actions: []string{"*"}, Resources: []string{"*"},
}}}

func pointers(list []Identity) []*Identity {
	out := make([]*Identity, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// outsiders gives those beyond the account's own users and roles to whom the resource's policy gives the action.
func (a *Account) outsiders(q Question, of *ResourcePolicy) []Access {
	doc := of.Document
	var out []Access
	for i := range doc.Statements {
		s := &doc.Statements[i]
		m := matchesAction(s, lower(q.Action))
		if s.Effect != Allow || m == No {
			continue
		}
		may := func(g Grantee) Answer {
			result := No
			for _, base := range doc.contextsIn(g) {
				result = result.or(doc.outsiderMay(s, g, base, q).All)
			}
			return result
		}
		for _, to := range doc.recipients(s, of.Kind != OtherResource, may) {
			if to.Account == a.ID && to.Kind != ToPrincipal || to.Kind == ToPrincipal && to.Account == a.ID && !isSession(to.ID) {
				continue // the account's own, answered above
			}
			d := Decision{Some: No, All: No}
			for _, base := range doc.contextsIn(to) {
				one := doc.outsiderMay(s, to, base, q)
				if d.Some.or(one.Some) != d.Some || d.Because == nil {
					d.If, d.IfAll, d.Resource, d.Because, d.Against = one.If, one.IfAll, one.Resource, one.Because, one.Against
				}
				d.Some, d.All = d.Some.or(one.Some), d.All.or(one.All)
			}
			if d.Some == No {
				continue
			}
			x := Access{Who: to.String(), Grantee: to, Decision: d}
			for _, t := range s.Conditions {
				x.Notes = append(x.Notes, "if "+t.String())
			}
			slices.Sort(x.Notes)
			switch to.Kind {
			case ToAccount, ToPrincipal, ToOrganization, ToAnyAccount:
				x.Notes = append(x.Notes, "and that account's own policies allow it")
			case ToUnclear:
				x.Decision.Some = x.Decision.Some.and(Unknown)
				x.Decision.All = x.Decision.All.and(Unknown)
			default:
			}
			if q.Bucket != nil && to.Kind != ToService {
				cut := q.Bucket.restricted()
				x.Decision.Some = x.Decision.Some.and(cut.not())
				x.Decision.All = x.Decision.All.and(cut.not())
				if cut == Unknown {
					x.Notes = append(x.Notes, "unless RestrictPublicBuckets cuts it off, which is not known")
				}
			}
			if x.Decision.Some != No {
				out = append(out, x)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Access) int {
		return cmp.Or(compareGrantees(x.Grantee, y.Grantee), slices.Compare(x.Decision.Because, y.Decision.Because))
	})
	return out
}

// outsiderMay decides for one grantee by one Allow statement and all Deny statements.
func (d *Document) outsiderMay(s *Statement, to Grantee, base requestContext, q Question) Decision {
	allow := &rule{policy: "resource policy", st: s, vars: d.hasVariables(), applies: Yes, direct: true, free: true, granted: true}
	e := &evaluation{base: s.facts(base, d.hasVariables()), attached: true, resource: []*rule{allow}}
	for _, r := range d.deniesFor(to) {
		r.policy = "resource policy"
		e.resource = append(e.resource, r)
	}
	return e.decide(lower(q.Action), q.Resource)
}

// aclActions are what the permissions of a bucket's ACL give ("Access control list (ACL) overview", "Mapping of ACL
// permissions and access policy permissions").
var aclActions = map[string][]string{
	"READ":      {"s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"},
	"WRITE":     {"s3:putobject", "s3:deleteobject", "s3:deleteobjectversion"},
	"READ_ACP":  {"s3:getbucketacl"},
	"WRITE_ACP": {"s3:putbucketacl"},
}

// aclAccess gives those to whom the bucket's ACL gives the action; whole is false where ACLs may give more.
func (b *Bucket) aclAccess(q Question) (out []Access, whole bool) {
	action := lower(q.Action)
	if b.OwnerEnforced == Yes {
		return nil, true
	}
	objects := slices.ContainsFunc(objectActions, func(a string) bool { return lower(a) == action })
	whole = !b.ACLUnread
	if objects && action != "s3:putobject" && action != "s3:deleteobject" {
		whole = false // object ACLs are not looked at
	}
	for _, g := range b.ACL {
		gives := slices.Contains(aclActions[g.Permission], action)
		if g.Permission == "FULL_CONTROL" {
			for _, list := range aclActions {
				gives = gives || slices.Contains(list, action)
			}
		}
		if !gives || g.Grantee == b.OwnerCanonicalID || g.Grantee == groupLogDelivery && action != "s3:putobject" {
			continue
		}
		a := b.OwnerEnforced.not()
		to := Grantee{ToCanonical, g.Grantee, ""}
		switch g.Grantee {
		case groupAllUsers:
			to = Grantee{ToAnyone, "*", ""}
		case groupAuthenticatedUsers:
			to = Grantee{ToAnyAccount, "*", ""}
		}
		if to.open() {
			a = a.and(b.IgnorePublicACLs.not())
		}
		if b.Policy != nil || b.PolicyUnread {
			a = a.and(b.aclNotDenied(to, q))
		}
		if a == No {
			continue
		}
		out = append(out, Access{
			Who: to.String(), Grantee: to, Decision: Decision{Some: a, All: a, Because: []string{"ACL: " + g.Permission}},
		})
	}
	slices.SortStableFunc(out, func(x, y Access) int { return compareGrantees(x.Grantee, y.Grantee) })
	return out, whole
}

// aclNotDenied tells whether the bucket policy leaves what the ACL gives.
func (b *Bucket) aclNotDenied(to Grantee, q Question) Answer {
	if b.Policy == nil {
		return Unknown
	}
	result := No
	given := &Statement{Effect: Allow, Principals: []Principal{{Everyone, "*"}}, Actions: []string{q.Action}, Resources: []string{"*"}}
	for _, base := range to.contexts() {
		result = result.or(b.Policy.outsiderMay(given, to, base, q).Some)
	}
	return result
}
