package iampolicy

import (
	"slices"
	"strings"
)

// unbounded tells whether an identity's boundary leaves it what it gives itself.
func (e *Escalator) unbounded(id *Identity) Answer {
	if id.Boundary == nil {
		return Yes
	}
	c := e.account.identityContext(id)
	_, boundary, _ := e.account.identityRules(id, c)
	a, _ := coversEverything(boundary, c)
	return a
}

func (e *Escalator) allPolicies(id *Identity) []Policy {
	out := slices.Clone(id.Policies)
	for _, ref := range id.Groups {
		if g := e.account.group(ref); g != nil {
			out = append(out, g.Policies...)
		}
	}
	return out
}

// trusts tells whether a service may take a role.
func (e *Escalator) trusts(role *Identity, service string) Answer {
	if role.TrustUnread || role.Trust == nil {
		return Unknown
	}
	result := No
	for i := range role.Trust.Statements {
		s := &role.Trust.Statements[i]
		if s.Effect != Allow {
			continue
		}
		for _, to := range s.granteesOf(role.Trust.hasVariables()) {
			switch {
			case to.Kind == ToService && (regional(to.ID) == service || strings.TrimSuffix(to.ID, ".cn") == service || to.ID == "*"):
				a, _ := role.Trust.trustOf(s, to, "sts:AssumeRole")
				if to.ID == "*" {
					a = a.and(Unknown)
				}
				result = result.or(a)
			case to.open() || to.Kind == ToUnclear:
				result = result.or(Unknown)
			}
		}
	}
	return result
}

// step decides one action; taking a role needs its trust policy as well.
func (e *Escalator) step(id *Identity, action, resource string, x *escalation, t target, extra requestContext) Decision {
	switch {
	case action == "iam:AttachUserPolicy" || action == "iam:AttachRolePolicy":
		return e.attaching(id, action, resource, boundaryOf(id))
	case action == "iam:AttachGroupPolicy":
		return e.attaching(id, action, resource, nil)
	case x.on == onItself:
		return e.may(id, action, resource, boundaryOf(id))
	case x.on == onRole && action != "sts:AssumeRole":
		return e.may(id, action, resource, boundaryOf(t.id))
	case action != "sts:AssumeRole":
		return e.may(id, action, resource, extra)
	}
	return e.account.decideWith(id, action, resource, &ResourcePolicy{
		Kind: RoleTrust, Document: t.id.Trust, Unread: t.id.TrustUnread || t.id.Trust == nil,
	}, keysOf(action, nil))
}

// attaching decides whether a policy that gives everything can be attached as it is.
func (e *Escalator) attaching(id *Identity, action, resource string, with requestContext) Decision {
	d, _ := e.attach(id, action, resource, with)
	if len(d.actions) != 1 {
		return Decision{Some: No} // in combination with another action: see the closure
	}
	return Decision{Some: d.answer, If: d.when, Because: d.because}
}

// takeOver decides whether somebody gets control over an identity of the account.
func (e *Escalator) takeOver(by *Identity, k int) deed {
	best := deed{answer: No}
	to := &e.account.Identities[k]
	for n := range escalations {
		x := &escalations[n]
		if x.on != onUser && x.on != onRole && x.on != onPassed && x.on != onHost && x.on != onProvider || !e.possible(by, x) {
			continue
		}
		for _, t := range e.targetsOn(by, x, to, 0, Yes) {
			if p, text, ok := e.attempt(by, x, t); ok {
				best = best.better(deed{
					answer: p.Answer, actions: p.Actions, text: text, when: p.If, because: p.Because, unsure: p.Unsure,
				})
			}
		}
	}
	return best
}

// useful tells of every identity whether its control may be of use: it is perhaps an administrator, may do something of the
// tables, or may take a role of which that is so.
func (e *Escalator) useful() []bool {
	if e.use != nil {
		return e.use
	}
	e.use = make([]bool, len(e.account.Identities))
	var found []int
	for k := range e.account.Identities {
		if e.admins[k].Answer != No || e.level[k] >= 0 || e.powerful(&e.account.Identities[k]) {
			e.use[k] = true
			found = append(found, k)
		}
	}
	assume := &escalations[slices.IndexFunc(escalations, func(x escalation) bool { return x.steps[0][0] == "sts:AssumeRole" })]
	for len(found) > 0 {
		var more []int
		for k := range e.account.Identities {
			if by := &e.account.Identities[k]; !e.use[k] && by.Kind != Group {
				e.use[k] = slices.ContainsFunc(found, func(to int) bool {
					return slices.ContainsFunc(e.targetsOn(by, assume, &e.account.Identities[to], 0, Yes), func(t target) bool {
						_, _, ok := e.attempt(by, assume, t)
						return ok
					})
				})
				if e.use[k] {
					more = append(more, k)
				}
			}
		}
		found = more
	}
	return e.use
}

// powerful is a quick look whether an identity may do something of the tables, on whatever.
func (e *Escalator) powerful(id *Identity) bool {
	may := func(action string) bool { return e.may(id, action, "*", nil).Some != No }
	return e.givesAnything(id) || may(joinGroup) ||
		slices.ContainsFunc(lifting, func(l lift) bool { return may(l.remove) || may(l.replace) }) ||
		slices.ContainsFunc(escalations, func(x escalation) bool { return x.steps[0][0] != "sts:AssumeRole" && e.possible(id, &x) })
}
