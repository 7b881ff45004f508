package iampolicy

import (
	"slices"
	"strings"
)

// made is a user or a role that somebody makes, and controls from then on: a role's trust policy is written with it, a user
// gets credentials.
type made struct {
	id   *Identity
	with string // its boundary
	deed
}

// makes gives what somebody can make, as far as it can then be given something. The names that are tried are those that its
// policies speak of; where no single name is found for all of it although each is allowed on some, it is not decided.
func (e *Escalator) makes(by *Identity) []made {
	var out []made
	for _, m := range making {
		steps := append([]string{m.create}, m.take...)
		if slices.ContainsFunc(steps, func(a string) bool { return e.may(by, a, "*", nil).Some == No }) || !e.givesAnything(by) && e.may(by, joinGroup, "*", nil).Some == No {
			continue
		}
		for _, boundary := range e.boundaries(by) {
			one, apart := made{deed: deed{answer: No}}, false
			for _, arn := range e.newNames(by, m.kind) {
				id := &Identity{ARN: arn, Kind: m.kind, Boundary: boundary}
				if m.kind == Role {
					id.Trust = &Document{Version: Version2012}
				}
				d := deedOf(e.may(by, m.create, arn, boundaryOf(id)), resourceName(arn), m.create)
				for _, a := range m.take {
					d = d.also(deedOf(e.may(by, a, arn, nil), "", a))
				}
				full, some := e.give(by, id)
				useful := full.answer
				if len(some) > 0 || m.kind == User && len(e.joins(by, id)) > 0 {
					useful = Yes
				}
				apart = apart || d.answer != No
				d.answer = d.answer.and(useful)
				if best := one.better(d); one.id == nil || best.answer != one.answer {
					one = made{id: id, deed: best}
				}
			}
			if one.answer == No && apart && e.givesSomewhere(by, one.id) {
				one.answer, one.unsure = Unknown, "one name is within all that it may make and give policies to"
				one.actions, one.on = []string{m.create}, "a new "+string(m.kind)
				one.id.Policies = []Policy{{Name: "given in this way", Document: everything}}
			}
			if one.answer == No {
				continue
			}
			if boundary != nil {
				one.with = " with " + boundary.ARN
			}
			out = append(out, one)
			if boundary == nil && one.answer == Yes {
				break // no other boundary leaves it more
			}
		}
	}
	return out
}

// givesSomewhere tells whether somebody may give policies to a new identity like this one, of whatever name, although none of
// the names that were tried was one.
func (e *Escalator) givesSomewhere(by, like *Identity) bool {
	if len(e.patterns(by, like.Kind)) == 0 {
		return false // names without wildcards were all tried
	}
	pattern := "arn:" + e.account.partition() + ":iam::" + e.account.ID + ":" + string(like.Kind) + "/*"
	return slices.ContainsFunc(giving, func(g gift) bool {
		if g.kind != like.Kind {
			return false
		}
		full, some := e.attach(by, g.attach, pattern, boundaryOf(like))
		return e.may(by, g.put, pattern, boundaryOf(like)).Some != No || full.answer != No || len(some) > 0
	})
}

// boundaries gives the boundaries that somebody may have to set on what it makes: none, and those that its policies name.
func (e *Escalator) boundaries(by *Identity) []*Policy {
	out := []*Policy{nil}
	values, _ := e.named(by, keyBoundary)
	for _, v := range values {
		if !strings.ContainsAny(v, "*?$") {
			out = append(out, e.policy(v))
			continue
		}
		found := false
		for _, p := range append([]Policy{e.account.administratorAccess()}, e.account.Policies...) {
			if compileGlob(v, false).match(p.ARN) {
				found, out = true, append(out, &p)
			}
		}
		if !found {
			out = append(out, &Policy{Name: v, ARN: instance(v)})
		}
	}
	return out
}

// policy gives a managed policy by its ARN; one that is not known has no document, and is not read.
func (e *Escalator) policy(arn string) *Policy {
	for _, p := range append([]Policy{e.account.administratorAccess(), e.account.iamFullAccess()}, e.account.Policies...) {
		if p.ARN == arn {
			return &p
		}
	}
	for i := range e.account.Identities {
		for _, p := range e.account.Identities[i].Policies {
			if p.ARN == arn {
				return &p
			}
		}
	}
	return &Policy{Name: arn, ARN: arn}
}

// maxNames bounds the names that are tried.
const maxNames = 48

// newNames gives ARNs of users or roles that are not in the account: for each pattern that somebody's policies speak of, and
// for each two of them together, one that fits.
func (e *Escalator) newNames(by *Identity, kind IdentityKind) []string {
	head := "arn:" + e.account.partition() + ":iam::" + e.account.ID + ":" + string(kind) + "/"
	out := []string{head + "new"}
	add := func(arn string) {
		taken := slices.ContainsFunc(e.account.Identities, func(x Identity) bool { return x.ARN == arn })
		if strings.HasPrefix(arn, head) && len(arn) > len(head) && !taken && !slices.Contains(out, arn) && len(out) < maxNames {
			out = append(out, arn)
		}
	}
	list := e.patterns(by, kind)
	own, boundary, _ := e.account.identityRules(by, e.account.identityContext(by))
	for _, r := range slices.Concat(own, boundary) {
		if !r.unread {
			for _, text := range r.st.Resources {
				add(instance(text))
			}
		}
	}
	for i, a := range list {
		add(instance(a))
		for _, b := range list[i+1:] {
			work := 1 << 14
			both := explorer{
				globs: []glob{compileGlob(a, false), compileGlob(b, false)}, prefix: head, min: 1, work: &work,
				others: "xabcdefghijklmnopqrstuvwyz0123456789", chars: func(rune) bool { return true },
			}
			both.walk(func(matched []bool, arn string) bool {
				if matched[0] && matched[1] {
					add(arn)
				}
				return !matched[0] || !matched[1]
			})
		}
	}
	return out
}

// patterns gives the resources with wildcards that the Allow statements of somebody name and that users or roles of the
// account can be.
func (e *Escalator) patterns(by *Identity, kind IdentityKind) []string {
	all := compileGlob("arn:"+e.account.partition()+":iam::"+e.account.ID+":"+string(kind)+"/*", false)
	var out []string
	own, boundary, _ := e.account.identityRules(by, e.account.identityContext(by))
	for _, r := range slices.Concat(own, boundary) {
		if r.unread || r.st.Effect == Deny || r.st.NotResource {
			continue
		}
		for _, text := range r.st.Resources {
			if strings.ContainsAny(text, "*?") && len(out) < 12 && !slices.Contains(out, text) && compileGlob(text, r.vars).overlaps(all) {
				out = append(out, text)
			}
		}
	}
	return out
}
