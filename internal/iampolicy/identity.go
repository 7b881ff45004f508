package iampolicy

import (
	"strings"
)

// ResourceKind is the kind of a resource's policy, by which it goes together with identity policies.
type ResourceKind int

// The kinds.
const (
	// OtherResource is a bucket, a queue, a topic, a secret, ...: within the account either policy is enough.
	OtherResource ResourceKind = iota
	// KeyResource is a KMS key: its policy must allow, by naming the caller, or the account, which lets the account's IAM
	// policies work ("Key policies in AWS KMS"; "Default key policy", section "Allows access to the AWS account and enables
	// IAM policies").
	KeyResource
	// RoleTrust is a role's trust policy, which must allow in every case ("Policy evaluation for requests within a single
	// account").
	RoleTrust
)

// ResourcePolicy is the policy of the resource that is asked for.
type ResourcePolicy struct {
	Kind     ResourceKind
	Account  string    // the owner's
	Document *Document // nil and not Unread: the resource has none
	Unread   bool      // whether it has one, or what it says, could not be read
}

// Decide tells whether a user or a role may do an action on the resources that a pattern stands for, by AWS's evaluation
// logic ("How AWS enforcement code logic evaluates requests to allow or deny access"): an explicit Deny of any policy
// wins; within the account the identity's policies or the resource's must allow, and a permissions boundary limits what the
// identity's policies allow, and what a resource's policy allows a role; across accounts both must allow.
//
// action is a whole name such as "s3:GetObject". resource is an ARN in which `*` and `?` are wildcards, or "*". of is
// the resource's policy, nil if its kind of resource has none. What is not modelled: session policies, organization
// policies (which only take away), VPC endpoint policies, grants of KMS keys. A group is decided as a user that has
// nothing but it.
//
// Sources: "Policy evaluation logic" and its pages, "Permissions boundaries for IAM entities", IAM User Guide.
func (a *Account) Decide(id *Identity, action, resource string, of *ResourcePolicy) Decision {
	return a.decideWith(id, action, resource, of, nil)
}

// decideWith is Decide for requests that have further keys.
func (a *Account) decideWith(id *Identity, action, resource string, of *ResourcePolicy, extra requestContext) Decision {
	e := a.evaluation(id, of, extra)
	return e.decide(lower(action), resource)
}

func (a *Account) evaluation(id *Identity, of *ResourcePolicy, extra requestContext) *evaluation {
	base := merged(a.identityContext(id), extra)
	e := &evaluation{base: base, mode: eitherAllows}
	e.identity, e.boundary, e.bounded = a.identityRules(id, base)
	if of == nil {
		return e
	}
	owner := of.Account
	if owner == "" {
		owner = a.ID
	}
	base["aws:resourceaccount"] = present(owner)
	base["s3:resourceaccount"] = present(owner)
	base["kms:calleraccount"] = present(accountOf(id.ARN))
	if accountOf(id.ARN) != owner {
		e.mode = bothAllow
	} else if of.Kind != OtherResource {
		e.mode = resourceMust
	}
	switch {
	case of.Unread:
		e.resource = []*rule{{policy: "the resource's policy", unread: true}}
	case of.Document != nil:
		e.attached = of.Kind == RoleTrust
		for _, r := range rulesOf(Policy{Document: of.Document}, base) {
			r.policy = "resource policy"
			if of.Kind == RoleTrust {
				r.policy = "trust policy"
			}
			e.resource = append(e.resource, r.forIdentity(id, e.bounded)...)
		}
	}
	return e
}

// forIdentity decides whether a statement of a resource's policy speaks of an identity, and in which way.
//
// What a resource's policy grants to a role's ARN is limited by an implicit deny of a permissions boundary; what it grants to
// a user's ARN is not, nor what it grants to everyone ("How AWS enforcement code logic evaluates requests to allow or deny
// access", the table of resource-based policies; "Permissions boundaries for IAM entities").
//
// An Allow gives one rule for each principal that is the identity, or may be.
func (r *rule) forIdentity(id *Identity, bounded bool) []*rule {
	s := r.st
	var out []*rule
	listed, account := No, No
	for _, p := range s.Principals {
		a, direct, free := p.isIdentity(id)
		listed = listed.or(a)
		if !direct {
			account = account.or(a)
		}
		if a != No {
			one := *r
			one.applies, one.direct, one.free = a, direct, free
			out = append(out, &one)
		}
	}
	r.direct, r.free = true, true
	switch {
	case s.Principals == nil:
		r.applies = Unknown
	case !s.NotPrincipal && s.Effect == Allow:
		return out
	case !s.NotPrincipal:
		r.applies = listed
	case s.Effect == Deny && bounded && listed != No:
		// "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary".
		r.applies = Yes
	case s.Effect == Deny && listed == Yes && account != Yes:
		r.applies = Unknown // "NotPrincipal": the account must be listed as well
	default:
		r.applies = listed.not()
	}
	return []*rule{r}
}

// isIdentity tells whether a principal is an identity: itself (direct) or through its account; free if a boundary's
// silence does not limit what it gets.
func (p Principal) isIdentity(id *Identity) (a Answer, direct, free bool) {
	fixed, _ := p.fixed()
	switch {
	case p.everyone():
		return Yes, true, true
	case fixed == Unknown && p.Type == AWS:
		return Unknown, true, false
	case p.Type == CanonicalUser:
		return Unknown, false, false // of which account it is was not read
	case p.Type == Service, p.Type == Federated && id.Kind != Role:
		return No, false, false
	case p.Type == Federated:
		return Unknown, true, false // a session of the role may be one of that provider's
	case isAccount(p.ID) && id.Kind == Root:
		return answer(accountOf(p.ID) == accountOf(id.ARN)), true, true
	case isAccount(p.ID):
		return answer(accountOf(p.ID) == accountOf(id.ARN)), false, false
	case p.ID == id.ARN:
		return Yes, true, id.Kind == User
	case uniqueID.MatchString(p.ID):
		if id.UniqueID == "" {
			return Unknown, true, id.Kind == User
		}
		return answer(p.ID == id.UniqueID), true, id.Kind == User
	case id.Kind == Role && strings.Contains(p.ID, ":assumed-role/"+id.lastName()+"/") && accountOf(p.ID) == accountOf(id.ARN):
		return Unknown, true, true // one session of the role
	case id.Kind == User && strings.Contains(p.ID, ":federated-user/") && accountOf(p.ID) == accountOf(id.ARN):
		return Unknown, true, true
	default:
		return No, false, false
	}
}
