package iampolicy

import (
	"maps"
	"slices"
	"strings"
)

// contexts gives what is known of the requests of a grantee: for anyone, of an anonymous caller and of a stranger, who
// has an account and an organization that nobody knows.
func (g Grantee) contexts() []requestContext {
	direct := requestContext{
		"aws:sourcearn": absent, "aws:sourceaccount": absent, "aws:sourceowner": absent, "aws:sourceorgid": absent,
		"aws:sourceorgpaths": absent, "aws:principalservicename": absent, "aws:principalservicenameslist": absent,
	}
	switch g.Kind {
	case ToAnyone:
		anonymous := maps.Clone(direct)
		for _, key := range append([]string{
			"aws:principalorgid", "aws:principalorgpaths", "aws:tokenissuetime", "aws:multifactorauthpresent",
			"aws:multifactorauthage", "kms:calleraccount",
		}, identity...) {
			anonymous[key] = absent
		}
		anonymous[keyPrincipalType] = present("Anonymous")
		return append([]requestContext{anonymous}, strangers()...)
	case ToAnyAccount:
		return strangers()
	case ToAccount:
		direct["aws:principalaccount"] = present(g.ID)
		direct["kms:calleraccount"] = present(g.ID)
		direct["aws:principalisawsservice"] = present("false")
	case ToPrincipal:
		maps.Copy(direct, principalContext(Principal{AWS, g.ID}))
		if g.Account != "" {
			direct["aws:principalaccount"] = present(g.Account)
			direct["kms:calleraccount"] = present(g.Account)
		}
		direct["aws:principalisawsservice"] = present("false")
	case ToOrganization:
		id, _, _ := strings.Cut(g.ID, "/")
		direct["aws:principalorgid"] = present(id)
		direct["aws:principalisawsservice"] = present("false")
	case ToService:
		direct = requestContext{"aws:principalisawsservice": present("true")}
		if g.ID != "*" {
			direct["aws:principalservicename"] = present(g.ID)
		}
	default:
		direct = requestContext{}
	}
	return []requestContext{direct}
}

// strangers gives a user of another organization, and one of an account that is in none and so lacks its keys.
func strangers() []requestContext {
	loner := strangerContext()
	loner["aws:principalorgid"], loner["aws:principalorgpaths"] = absent, absent
	return []requestContext{strangerContext(), loner}
}

// strangerContext is that of a user of an account which no policy names.
func strangerContext() requestContext {
	user := "arn:aws:iam::" + stranger + ":user/someone"
	return requestContext{
		"aws:sourcearn": absent, "aws:sourceaccount": absent, "aws:sourceowner": absent, "aws:sourceorgid": absent,
		"aws:sourceorgpaths": absent, "aws:principalservicename": absent, "aws:principalservicenameslist": absent,
		"aws:principalarn": present(user), "aws:principalaccount": present(stranger), "kms:calleraccount": present(stranger),
		"aws:principalorgid": present(otherOrganization), "aws:principalisawsservice": present("false"),
		"aws:principalorgpaths": present(otherOrganization + "/r-zz9z/ou-zz9z-99999999/"),
		"aws:userid":            present("AIDAEXAMPLEOFSOMEONE1"),
	}
}

// contextsIn gives what is known of the requests of a grantee under a policy. A stranger may have any name: where the
// policy names principals of every account by a pattern, one that fits is tried as well.
func (d *Document) contextsIn(g Grantee) []requestContext {
	out := g.contexts()
	if !g.open() {
		return out
	}
	known := out[len(out)-2:] // the strangers
	forget := func(key string) {
		for _, c := range known {
			delete(c, key)
		}
	}
	var named []requestContext
	for i := range d.Statements {
		for _, t := range d.Statements[i].Conditions {
			key := lower(t.Key)
			if t.Operator.Base == "Null" || key != "aws:userid" && key != "aws:principalarn" {
				continue
			}
			for _, v := range t.Values {
				seg := arnSegments(v)
				switch id, _, _ := strings.Cut(v, ":"); {
				case key == "aws:userid":
					if !uniqueID.MatchString(id) && !accountID.MatchString(id) {
						forget(key)
					}
				case len(seg) == 6 && compileGlob(seg[4], false).match(stranger):
					seg[4] = stranger
					for _, c := range known {
						named = append(named, merged(c, requestContext{key: present(instance(strings.Join(seg, ":")))}))
					}
				case len(seg) != 6 && v != "":
					forget(key)
				}
			}
		}
	}
	if len(named) > 8 {
		forget("aws:principalarn")
		return out
	}
	return append(out, named...)
}

// exceptions gives whom the Deny statements leave out by name. Where everyone is allowed, and strangers are denied, what is
// granted is granted to them.
func (d *Document) exceptions() []Grantee {
	var out []Grantee
	add := func(list ...Grantee) {
		for _, g := range list {
			if !g.open() && !slices.Contains(out, g) {
				out = append(out, g)
			}
		}
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Deny {
			continue
		}
		if s.NotPrincipal {
			for _, p := range s.Principals {
				if !p.everyone() {
					add(p.grantee())
				}
			}
		}
		for _, t := range s.Conditions {
			key := lower(t.Key)
			if slices.Contains(sourceKeys, key) || key == "aws:principalisawsservice" || key == "aws:principalservicename" {
				add(Grantee{ToService, "*", ""})
			}
			if !t.Operator.Negated {
				continue
			}
			for _, v := range t.Values {
				one := t
				one.Values = []string{v}
				add(one.namesGrantees(d.hasVariables())...)
				if id, _, _ := strings.Cut(v, ":"); key == "aws:userid" && uniqueID.MatchString(id) {
					add(Grantee{ToPrincipal, id, ""})
				} else if key == "aws:userid" && accountID.MatchString(id) {
					add(Grantee{ToAccount, id, id})
				}
			}
		}
	}
	slices.SortFunc(out, compareGrantees)
	return out
}

// recipients gives to whom a statement gives an action on some of the resources, after Deny: the grantees of its principals
// and, where strangers do not have all of it, those that the Deny statements leave out.
func (d *Document) recipients(s *Statement, signed bool, may func(Grantee) Answer) []Grantee {
	var out []Grantee
	for _, g := range s.granteesOf(d.hasVariables()) {
		if g.Kind == ToAnyone && (signed || d.anonymousNever(s)) {
			g = g.authenticated()
		}
		out = append(out, g)
		if g.open() && may(g) != Yes {
			for _, x := range d.exceptions() {
				if !slices.Contains(out, x) {
					out = append(out, x)
				}
			}
		}
	}
	return out
}

// deniesFor gives the Deny statements that may apply to a grantee.
func (d *Document) deniesFor(to Grantee) []*rule {
	var out []*rule
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Deny {
			continue
		}
		if a := s.appliesToGrantee(to); a != No && !s.sparesOthers(to) {
			out = append(out, &rule{st: s, vars: d.hasVariables(), applies: a})
		}
	}
	return out
}

// sparesOthers tells whether a statement speaks of none but single principals where the grantee is an account or an
// organization: there are others there, the account's root user at least ("AWS account principals": the account's ARN stands
// for the account and its principals).
func (s *Statement) sparesOthers(to Grantee) bool {
	if s.NotPrincipal || to.Kind != ToAccount && to.Kind != ToOrganization {
		return false
	}
	return len(s.Principals) > 0 && !slices.ContainsFunc(s.Principals, func(p Principal) bool {
		g := p.grantee()
		return g.Kind != ToPrincipal && p.takesIn(to) != No
	})
}

// deniedInPart names the Deny statements that speak of single principals of a grantee alone.
func (d *Document) deniedInPart(to Grantee) (out []string) {
	for i := range d.Statements {
		if s := &d.Statements[i]; s.Effect == Deny && s.appliesToGrantee(to) != No && s.sparesOthers(to) {
			out = append(out, s.Ref.String())
		}
	}
	return out
}

// appliesToGrantee tells whether a statement's principals take in a grantee, all of it (Yes) or none (No).
func (s *Statement) appliesToGrantee(to Grantee) Answer {
	if s.Principals == nil {
		return Unknown
	}
	result := No
	for _, p := range s.Principals {
		result = result.or(p.takesIn(to))
	}
	if s.NotPrincipal {
		if result == Yes && to.Kind == ToPrincipal {
			return Unknown // the account may have to be listed as well
		}
		return result.not()
	}
	return result
}

func (p Principal) takesIn(to Grantee) Answer {
	own := p.grantee()
	fixed, _ := p.fixed()
	switch {
	case p.everyone():
		return Yes
	case to.open():
		// A stranger is none of the principals that a policy names.
		if fixed == Yes {
			return No
		}
		return Unknown
	case own == to:
		return Yes
	case fixed != Yes || to.Kind == ToUnclear:
		return Unknown
	case own.Kind == ToAccount && to.Account == own.Account:
		return Yes
	case own.Kind == ToPrincipal && to.Account != "" && own.Account != "" && own.Account != to.Account,
		own.Kind == ToPrincipal && to.Kind == ToPrincipal && principalARN.MatchString(own.ID) && principalARN.MatchString(to.ID) &&
			!isSession(own.ID) && !isSession(to.ID),
		own.Kind == ToAccount && to.Account != "",
		(own.Kind == ToService) != (to.Kind == ToService),
		own.Kind == ToService && to.ID != "*":
		return No
	default:
		return Unknown
	}
}

// isSession tells whether an ARN is a session's.
func isSession(arn string) bool { return len(arnSegments(arn)) == 6 && arnSegments(arn)[2] == "sts" }

// facts adds to a context what every request that meets the statement's conditions has: the fixed values of tests that
// fix one key.
func (s *Statement) facts(base requestContext, vars bool) requestContext {
	c := maps.Clone(base)
	for _, t := range s.Conditions {
		key := lower(t.Key)
		if _, known := c[key]; known || t.Operator.Negated || t.Operator.IfExists || t.Operator.Qualifier != NoQualifier {
			continue
		}
		switch t.Operator.Base {
		case "StringEquals", "StringLike", "ArnLike", "ArnEquals", "Bool":
		default:
			continue
		}
		var values []value
		for _, v := range t.Values {
			if strings.ContainsAny(v, "*?") || vars && strings.Contains(v, "${") {
				values = nil
				break
			}
			values = append(values, value{known: true, present: true, text: v})
		}
		if len(values) > 0 {
			c[key] = values
		}
	}
	return c
}
