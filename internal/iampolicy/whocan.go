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
	// Conditions are those of the statement that grants it to others, in words. What must hold as well stands in
	// Decision.If and Decision.IfAll, which are the only ones of the account's own.
	Conditions []string
	// Through is the access point by which it is so, empty for requests to the resource itself.
	Through string
	// Notes say what else there is to know: that an account must allow it too, what cuts it off.
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
	// Points are the account's access points of the bucket.
	Points []AccessPoint
	// Grants are those of a KMS key, which add to its policy. GrantsRead says that these are all of them.
	Grants     []KeyGrant
	GrantsRead bool
}

// resourcePolicy is the policy of the resource or the bucket, nil if its kind has none.
func (q Question) resourcePolicy() *ResourcePolicy {
	if q.Bucket != nil {
		return &ResourcePolicy{Account: q.Bucket.Account, Document: q.Bucket.Policy, Unread: q.Bucket.PolicyUnread}
	}
	return q.Policy
}

// known is what every request to the resource itself has or lacks. A bucket's own requests come by no access point.
func (q Question) known() requestContext {
	if q.Bucket == nil {
		return nil
	}
	return requestContext{keyAccessPointARN: absent, keyAccessPointAccount: absent, keyPointOrigin: absent}
}

// WhoCan answers who may do an action on a resource of the account: every user and role of it and its root user, by their
// policies, boundaries and the resource's policy, and everyone to whom the resource's policy or a bucket's ACL gives it, or
// an access point or a grant of a key does. A resource that is a pattern is asked for as "on some of it" (Decision.Some)
// and "on all of it" (Decision.All). Those who surely may not are left out; what is Unknown is given. The order is fixed:
// the account's own first, by ARN.
//
// complete is false where something that could add more was not read: a policy, an ACL, the grants of a KMS key, a user.
// Every answer holds unless an organization policy forbids it.
func (a *Account) WhoCan(q Question) (list []Access, complete bool) {
	complete = len(a.Missing) == 0
	of := q.resourcePolicy()
	if of != nil && (of.Unread || of.Kind == KeyResource && !q.GrantsRead) {
		complete = false
	}
	for _, id := range a.callers(q) {
		policy := of
		if id.Kind == Root && q.Bucket != nil && slices.Contains(rootAlways, lower(q.Action)) && id.ARN == a.rootOf(q.Bucket.Account) {
			policy = nil
		}
		d := a.byService(id, q, a.decideWith(id, q.Action, q.Resource, policy, q.known()))
		list = append(list, a.throughPoints(id, q, d)...)
		list = append(list, a.byGrant(id, q, d)...)
		if d.Some == No {
			continue
		}
		x := Access{Who: id.ARN, Identity: id, Decision: q.named(d)}
		if d.Some == Unknown || d.All == Unknown {
			x.Notes = a.undecided(id, q)
		}
		list = append(list, x)
	}
	slices.SortStableFunc(list, func(a, b Access) int {
		return cmp.Or(strings.Compare(a.Who, b.Who), strings.Compare(a.Through, b.Through))
	})
	if of != nil && of.Document != nil {
		list = append(list, a.outsiders(q, of)...)
	}
	list = append(list, a.grantees(q)...)
	if q.Bucket != nil {
		byPoint, whole := a.pointOutsiders(q)
		byACL, read := q.Bucket.aclAccess(q)
		list = append(append(list, byPoint...), byACL...)
		complete = complete && whole && read
	}
	return list, complete
}

// rootAlways is what the root user of a bucket's account may whatever the bucket policy says (GetBucketPolicy,
// PutBucketPolicy, DeleteBucketPolicy, Amazon S3 API Reference: "even if their bucket policy explicitly denies the root
// user's access").
var rootAlways = []string{"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"}

func (a *Account) rootOf(account string) string {
	if account == "" {
		account = a.ID
	}
	return "arn:" + a.partition() + ":iam::" + account + ":root"
}

// callers are the account's own who can make a request of the kind. The root user cannot take a role ("Compare AWS STS
// credentials", IAM User Guide), and AssumeRoleWithSAML and AssumeRoleWithWebIdentity ask for no AWS credentials but for a
// provider's word.
func (a *Account) callers(q Question) []*Identity {
	var out []*Identity
	trust := q.Policy != nil && q.Policy.Kind == RoleTrust
	if trust && strings.HasPrefix(lower(q.Action), "sts:assumerolewith") {
		return nil
	}
	if !trust {
		out = append(out, &Identity{
			ARN: a.rootOf(a.ID), Kind: Root, Policies: []Policy{{Name: "root user", Document: everything}},
		})
	}
	for i := range a.Identities {
		if id := &a.Identities[i]; id.Kind != Group {
			out = append(out, id)
		}
	}
	return out
}

// named calls the resource's policy by its name.
func (q Question) named(d Decision) Decision {
	var name string
	switch {
	case q.Bucket != nil:
		name = "bucket policy"
	case q.Policy != nil && q.Policy.Kind == KeyResource:
		name = "key policy"
	case q.Policy != nil && q.Policy.Kind == RoleTrust:
		name = "trust policy"
	default:
		return d
	}
	d.Because, d.Against = renamed(d.Because, name), renamed(d.Against, name)
	return d
}

func renamed(list []string, name string) []string {
	out := slices.Clone(list)
	for i, text := range out {
		if rest, ok := strings.CutPrefix(text, "resource policy, "); ok {
			out[i] = name + ", " + rest
		} else if rest, ok := strings.CutPrefix(text, "the resource's policy "); ok {
			out[i] = "the " + name + " " + rest
		}
	}
	return out
}

// everything is what the root user may ("AWS account root user": it "has full access").
var everything = &Document{Version: Version2012, Statements: []Statement{{
	Effect: Allow, Actions: []string{"*"}, Resources: []string{"*"},
}}}

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
				result = result.or(doc.outsiderMay(s, g, merged(base, q.known()), q).All)
			}
			return result
		}
		for _, to := range doc.recipients(s, of.Kind != OtherResource, may) {
			if to.Account == a.ID && to.Kind != ToPrincipal || to.Kind == ToPrincipal && to.Account == a.ID && !isSession(to.ID) {
				continue // the account's own, answered above
			}
			d := Decision{Some: No, All: No}
			for _, base := range doc.contextsIn(to) {
				one := doc.outsiderMay(s, to, merged(base, q.known()), q)
				if d.Some.or(one.Some) != d.Some || d.Because == nil {
					d.If, d.IfAll, d.Resource, d.Because, d.Against = one.If, one.IfAll, one.Resource, one.Because, one.Against
				}
				d.Some, d.All = d.Some.or(one.Some), d.All.or(one.All)
			}
			if d.Some == No {
				continue
			}
			x := Access{Who: to.String(), Grantee: to, Decision: q.named(d), Conditions: conditionsOf(s, nil)}
			x.qualify()
			if q.Bucket != nil {
				x.cutBy(q.Bucket.cutOff())
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

// conditionsOf gives a statement's conditions in words, but for those that skip takes out.
func conditionsOf(s *Statement, skip func(Test) bool) []string {
	var out []string
	for _, t := range s.Conditions {
		if skip == nil || !skip(t) {
			out = append(out, t.String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// qualify says what is not known of someone outside of the account.
func (x *Access) qualify() {
	switch x.Grantee.Kind {
	case ToAccount, ToPrincipal, ToOrganization, ToAnyAccount:
		x.Notes = append(x.Notes, "and that account's own policies allow it")
	case ToUnclear:
		x.Decision.Some = x.Decision.Some.and(Unknown)
		x.Decision.All = x.Decision.All.and(Unknown)
	default:
	}
}

// cutBy takes away what RestrictPublicBuckets cuts off, which is everyone but AWS's services and the account's own.
func (x *Access) cutBy(cut Answer) {
	if x.Grantee.Kind == ToService {
		return
	}
	x.Decision.Some = x.Decision.Some.and(cut.not())
	x.Decision.All = x.Decision.All.and(cut.not())
	if cut == Unknown {
		x.Notes = append(x.Notes, "unless RestrictPublicBuckets cuts it off, which is not known")
	}
}

// cutOff is restricted where the policy may not have been read.
func (b *Bucket) cutOff() Answer {
	if b.PolicyUnread {
		return b.RestrictPublicBuckets.and(Unknown)
	}
	return b.restricted()
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
	whole = !b.ACLUnread && !b.ObjectACLs(action)
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
		d := Decision{Some: a, All: a, Because: []string{"ACL: " + g.Permission}}
		if b.Policy != nil || b.PolicyUnread {
			b.aclNotDenied(to, q, &d)
		}
		x := Access{Who: to.String(), Grantee: to, Decision: d}
		if to.Kind == ToCanonical || to.Kind == ToAnyAccount {
			x.Notes = []string{"and that account's own policies allow it"}
		}
		x.cutBy(b.cutOff())
		if x.Decision.Some == No {
			continue
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(x, y Access) int { return compareGrantees(x.Grantee, y.Grantee) })
	return out, whole
}

// aclNotDenied leaves of what the ACL gives what the bucket policy does not deny.
func (b *Bucket) aclNotDenied(to Grantee, q Question, d *Decision) {
	if b.Policy == nil {
		d.Some, d.All = d.Some.and(Unknown), d.All.and(Unknown)
		return
	}
	some, all := No, No
	given := &Statement{Effect: Allow, Principals: []Principal{{Everyone, "*"}}, Actions: []string{q.Action}, Resources: []string{"*"}}
	for _, base := range to.contexts() {
		one := b.Policy.outsiderMay(given, to, merged(base, q.known()), q)
		if some.or(one.Some) != some || d.Against == nil {
			d.If, d.IfAll, d.Against = one.If, one.IfAll, q.named(one).Against
		}
		some, all = some.or(one.Some), all.or(one.All)
	}
	d.Some, d.All = d.Some.and(some), d.All.and(all)
}
