package iampolicy

import (
	"cmp"
	"slices"
	"strings"
)

// deed is what is known of a step that somebody may take.
type deed struct {
	answer  Answer
	actions []string
	on      string // in words
	text    string // where it is not "actions on"
	when    []string
	because []string
	unsure  string
}

func deedOf(d Decision, on string, actions ...string) deed {
	return deed{answer: d.Some, actions: actions, on: on, when: d.If, because: d.Because}
}

// better gives the surer of two deeds, of equals the first.
func (d deed) better(x deed) deed {
	if d.answer == No || d.answer == Unknown && x.answer == Yes {
		return x
	}
	return d
}

// also gives the deed that takes both.
func (d deed) also(x deed) deed {
	return deed{
		answer: d.answer.and(x.answer), actions: slices.Concat(d.actions, x.actions), on: cmp.Or(d.on, x.on),
		when: slices.Concat(d.when, x.when), because: slices.Concat(d.because, x.because), unsure: cmp.Or(d.unsure, x.unsure),
	}
}

// given is a policy that somebody can be given, or a group, by its ARN.
type given struct {
	policy Policy
	deed
}

// The keys of IAM's own actions that are decided exactly ("Actions, resources, and condition keys for AWS Identity and Access
// Management"): iam:PolicyARN is the policy that is attached, and iam:PermissionsBoundary the boundary that is set, or else that
// of the user or role which is changed.
const (
	keyPolicyARN = "iam:policyarn"
	keyBoundary  = "iam:permissionsboundary"
)

// boundaryOf gives the key of requests that change an identity.
func boundaryOf(id *Identity) requestContext {
	if id.Kind == Group {
		return nil
	}
	switch {
	case id.Boundary == nil:
		return requestContext{keyBoundary: absent}
	case id.Boundary.ARN == "":
		return nil // not known, or one of several
	}
	return requestContext{keyBoundary: present(id.Boundary.ARN)}
}

// administratorAccess and iamFullAccess are managed policies of AWS's, which are in every account whether attached or not
// ("AdministratorAccess" and "IAMFullAccess", AWS Managed Policy Reference Guide).
func (a *Account) administratorAccess() Policy {
	return Policy{Name: "AdministratorAccess", ARN: "arn:" + a.partition() + ":iam::aws:policy/AdministratorAccess", Document: everything}
}

func (a *Account) iamFullAccess() Policy {
	return Policy{Name: "IAMFullAccess", ARN: "arn:" + a.partition() + ":iam::aws:policy/IAMFullAccess", Document: allOfIAM}
}

var allOfIAM = &Document{Version: Version2012, Statements: []Statement{{Effect: Allow, Actions: []string{"iam:*"}, Resources: []string{"*"}}}}

// named gives what the policies of an identity test a key against.
func (e *Escalator) named(id *Identity, key string) (values []string, any bool) {
	own, boundary, _ := e.account.identityRules(id, e.account.identityContext(id))
	for _, r := range slices.Concat(own, boundary) {
		if r.unread {
			continue
		}
		for _, t := range r.st.Conditions {
			if lower(t.Key) == key {
				any = true
				if t.Operator.Base != "Null" {
					values = append(values, t.Values...)
				}
			}
		}
	}
	return sorted(values), any
}

// attach decides an action that attaches a managed policy, of the caller's choice, to somebody: one that gives everything
// (full), or some others that do not.
func (e *Escalator) attach(by *Identity, action, resource string, with requestContext) (full deed, some []given) {
	on := resourceName(resource)
	try := func(arn string) deed {
		return deedOf(e.may(by, action, resource, merged(requestContext{keyPolicyARN: present(arn)}, with)), on, action)
	}
	full = try(e.account.administratorAccess().ARN)
	values, conditional := e.named(by, keyPolicyARN)
	if full.answer == Yes || !conditional {
		return full, nil
	}
	known := append([]Policy{e.account.iamFullAccess()}, e.account.Policies...)
	for _, p := range known {
		d := try(p.ARN)
		if d.answer == No {
			continue
		}
		if accountOf(p.ARN) == e.account.ID { // it can be changed first
			full = full.better(deedOf(e.may(by, changePolicy, p.ARN, nil), on, changePolicy).also(d))
		}
		switch coverage := e.everything(p); {
		case coverage == Yes:
			full = full.better(d)
		case p.Document == nil || coverage == Unknown || p.denies():
			d.answer, d.unsure = d.answer.and(Unknown), "policy "+p.Name+", which it may attach, gives enough"
			full = full.better(d)
		default:
			some = append(some, given{p, d})
		}
	}
	return full.better(e.attachOthers(try, by, values, known)), some
}

// attachOthers decides whether a policy that is not known can be attached: one of AWS's, or one that is made first.
func (e *Escalator) attachOthers(try func(string) deed, by *Identity, values []string, known []Policy) deed {
	probes := []string{
		"arn:" + e.account.partition() + ":iam::aws:policy/SomeOtherPolicy", "arn:" + e.account.partition() + ":iam::" + e.account.ID + ":policy/some-other-policy",
	}
	for _, v := range values {
		if strings.ContainsAny(v, "*?") {
			probes = append(probes, instance(v))
		} else {
			probes = append(probes, v)
		}
	}
	best := deed{answer: No}
	for _, arn := range probes {
		if arn == e.account.administratorAccess().ARN || slices.ContainsFunc(known, func(p Policy) bool { return p.ARN == arn }) {
			continue
		}
		d := try(arn)
		switch {
		case d.answer == No:
			continue
		case accountOf(arn) == e.account.ID:
			make1 := deedOf(e.may(by, makePolicy, arn, nil), d.on, makePolicy)
			if make1.answer == No && len(e.account.Missing) > 0 {
				make1.answer, make1.unsure = Unknown, "there is such a policy"
			}
			d = make1.also(d)
		default:
			d.answer, d.unsure = d.answer.and(Unknown), "one of AWS's managed policies that it may attach gives enough"
		}
		best = best.better(d)
	}
	return best
}

// everything tells whether a policy by itself allows everything.
func (e *Escalator) everything(p Policy) Answer {
	if p.Document == nil {
		return Unknown
	}
	a, _ := coversEverything(rulesOf(p, nil), requestContext{})
	return a
}

func (p Policy) denies() bool {
	return slices.ContainsFunc(p.Document.Statements, func(s Statement) bool { return s.Effect == Deny })
}

// give decides whether somebody can give an identity all permissions, or some.
func (e *Escalator) give(by, to *Identity) (full deed, some []given) {
	full = deed{answer: No}
	onIt := func(put, attach string, to *Identity) {
		full = full.better(deedOf(e.may(by, put, to.ARN, boundaryOf(to)), resourceName(to.ARN), put))
		if full.answer == Yes {
			return
		}
		d, list := e.attach(by, attach, to.ARN, boundaryOf(to))
		full, some = full.better(d), append(some, list...)
	}
	for _, g := range giving {
		if g.kind == to.Kind {
			onIt(g.put, g.attach, to)
		}
		if g.kind == Group && to.Kind == User {
			for _, ref := range to.Groups {
				if group := e.account.group(ref); group != nil {
					onIt(g.put, g.attach, group)
				}
			}
		}
	}
	for _, p := range e.allPolicies(to) {
		if accountOf(p.ARN) == e.account.ID {
			full = full.better(deedOf(e.may(by, changePolicy, p.ARN, nil), resourceName(p.ARN), changePolicy))
		}
	}
	return full, some
}

// givesAnything is a quick look whether somebody may change the policies of others at all.
func (e *Escalator) givesAnything(by *Identity) bool {
	may := func(action string) bool { return e.may(by, action, "*", nil).Some != No }
	return may(changePolicy) || slices.ContainsFunc(giving, func(g gift) bool { return may(g.put) || may(g.attach) })
}

// lift decides whether somebody can take an identity's boundary away: delete it, replace it by one that allows everything, or
// change its policy.
func (e *Escalator) lift(by, on *Identity) deed {
	best := deed{answer: No}
	name := resourceName(on.ARN)
	for _, l := range lifting {
		if l.kind != on.Kind {
			continue
		}
		best = best.better(deedOf(e.may(by, l.remove, on.ARN, boundaryOf(on)), name, l.remove))
		for _, p := range append([]Policy{e.account.administratorAccess()}, e.account.Policies...) {
			if best.answer == Yes {
				break
			}
			coverage := e.everything(p)
			if coverage == No {
				continue
			}
			d := deedOf(e.may(by, l.replace, on.ARN, requestContext{keyBoundary: present(p.ARN)}), name, l.replace)
			d.answer = d.answer.and(coverage)
			best = best.better(d)
		}
	}
	for _, arn := range append([]string{on.Boundary.ARN}, e.inTurn[on]...) {
		if arn != "" && accountOf(arn) == e.account.ID {
			best = best.better(deedOf(e.may(by, changePolicy, arn, nil), resourceName(arn), changePolicy))
		}
	}
	return best
}

// swaps gives the policies that somebody can put in the place of an identity's boundary, and which do not allow everything by
// themselves, but perhaps what it lacks.
func (e *Escalator) swaps(by, on *Identity) []given {
	var out []given
	for _, l := range lifting {
		if l.kind != on.Kind || e.may(by, l.replace, "*", nil).Some == No {
			continue
		}
		candidates := append([]Policy{e.account.iamFullAccess()}, e.account.Policies...)
		for _, p := range e.boundaries(by) {
			if p != nil {
				candidates = append(candidates, *p)
			}
		}
		for _, p := range candidates {
			if p.ARN == "" || p.ARN == on.Boundary.ARN || slices.Contains(e.inTurn[on], p.ARN) || e.everything(p) == Yes ||
				slices.ContainsFunc(out, func(g given) bool { return g.policy.ARN == p.ARN }) {
				continue
			}
			d := deedOf(e.may(by, l.replace, on.ARN, requestContext{keyBoundary: present(p.ARN)}), resourceName(on.ARN), l.replace)
			if d.answer != No {
				d.text = l.replace + " on " + d.on + " (" + resourceName(p.ARN) + ")"
				out = append(out, given{p, d})
			}
		}
	}
	return out
}

// either gives a policy that allows at least what one of two boundaries allows.
func either(a, b Policy) *Policy {
	if a.Document == nil || b.Document == nil {
		return &Policy{Name: a.Name + " or " + b.Name}
	}
	out := &Document{Version: Version2012}
	for _, s := range slices.Concat(a.Document.Statements, b.Document.Statements) {
		if s.Effect == Allow {
			out.Statements = append(out.Statements, s)
		}
	}
	return &Policy{Name: a.Name + " or " + b.Name, Document: out}
}

// joins gives the groups that somebody can put a user into.
func (e *Escalator) joins(by, on *Identity) []given {
	if e.may(by, joinGroup, "*", nil).Some == No {
		return nil
	}
	var out []given
	for i := range e.account.Identities {
		g := &e.account.Identities[i]
		if g.Kind != Group || slices.ContainsFunc(on.Groups, func(ref string) bool { return e.account.group(ref) == g }) {
			continue
		}
		if d := deedOf(e.may(by, joinGroup, g.ARN, nil), resourceName(g.ARN), joinGroup); d.answer != No {
			out = append(out, given{Policy{ARN: g.ARN}, d})
		}
	}
	return out
}
