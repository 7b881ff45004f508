package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// Verdict is an answer with its proof in sentences.
type Verdict struct {
	Answer     Answer
	Why        []string // what decided it, in a fixed order
	Statements []Ref    // on which it rests
}

func (v *Verdict) add(ref Ref, format string, args ...any) {
	v.Why = append(v.Why, ref.String()+": "+fmt.Sprintf(format, args...))
	if !slices.Contains(v.Statements, ref) {
		v.Statements = append(v.Statements, ref)
	}
}

// strongest keeps, of several verdicts that one Yes decides, the answer and the reasons for it.
func strongest(list []Verdict, none string) Verdict {
	out := Verdict{Answer: No}
	for _, v := range list {
		out.Answer = out.Answer.or(v.Answer)
	}
	for _, v := range list {
		if v.Answer == out.Answer {
			out.Why = append(out.Why, v.Why...)
			out.Statements = append(out.Statements, v.Statements...)
		}
	}
	if len(out.Why) == 0 {
		out.Why = []string{none}
	}
	return out
}

// trustOf tells whether a role's trust policy lets a grantee of a statement take an action, Deny statements considered.
func (d *Document) trustOf(s *Statement, to Grantee, action string) (Answer, []string) {
	if m := matchesAction(s, lower(action)); m != Yes {
		return m, nil
	}
	return d.remains(s, to.authenticated(), action, "*")
}

// AssumableByAnyone tells whether a trust policy lets everyone take the role: any principal of any AWS account, or anyone
// with an account at an identity provider that is open to the public. A condition counts as a limit by the definition of
// S3Public (fixed values of keys that say who asks, or from where). An external id does not: "AWS does not treat the
// external ID as a secret" ("Access to AWS accounts owned by third parties").
func (d *Document) AssumableByAnyone() Verdict {
	vars := d.hasVariables()
	var list []Verdict
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Allow {
			continue
		}
		for _, to := range s.granteesOf(vars) {
			var v Verdict
			switch to.Kind {
			case ToAnyone:
				a, by := d.trustOf(s, to, "sts:AssumeRole")
				limited := d.limitedFor(s, []string{"sts:AssumeRole"}, nil)
				v.Answer = a.and(limited.not())
				v.add(s.Ref, "%s%s", anyoneWords(limited), unlessWords(a, by))
				v.Why[0] += conditionWords(s)
				if use := d.federatedUse(s, to); v.Answer == No && limited != Yes && use != "" {
					// "Principal" says of "*" that it is all users, and not whether people of a provider that is not named are among them.
					v = Verdict{}
					v.add(s.Ref, "everyone may use %s, and whether that lets in people of a provider that is not named is not documented%s", use, conditionWords(s))
				}
			case ToFederated:
				p := providerOf(to.ID)
				if !p.open && !strings.ContainsAny(p.host, "*?$") {
					continue
				}
				a, by := d.trustOf(s, to, p.action())
				scoped, why := s.scopes(p, vars) // Unknown for a wildcard, which AWS does not define
				if !p.open {
					v.Answer = a.and(Unknown)
					v.add(s.Ref, "%s: %s%s", to.ID, why, unlessWords(a, by))
					list = append(list, v)
					continue
				}
				v.Answer = a.and(scoped.not())
				v.add(s.Ref, "%s, where anyone can have an account: %s%s", p.host, why, unlessWords(a, by))
			case ToUnclear:
				a, by := d.trustOf(s, to, "sts:AssumeRole")
				v.Answer = a.and(Unknown)
				v.add(s.Ref, "%s is not of a form that AWS documents%s", to.ID, unlessWords(a, by))
			default:
				continue
			}
			list = append(list, v)
		}
	}
	return strongest(list, "no statement trusts everyone")
}

// federatedUse gives an action of people of identity providers that a statement gives and no Deny takes away.
func (d *Document) federatedUse(s *Statement, to Grantee) string {
	for _, use := range []string{"sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"} {
		if a, _ := d.trustOf(s, to, use); a != No {
			return use
		}
	}
	return ""
}

func anyoneWords(limited Answer) string {
	switch limited {
	case No:
		return "any principal of any AWS account may take the role"
	case Yes:
		return "everyone is named, and limited to fixed values"
	default:
		return "everyone is named, and whether the conditions limit it is not decided"
	}
}

func conditionWords(s *Statement) string {
	if len(s.Conditions) == 0 {
		return ""
	}
	texts := make([]string, len(s.Conditions))
	for i, t := range s.Conditions {
		texts[i] = t.String()
	}
	slices.Sort(texts)
	return ", if " + strings.Join(texts, " and ")
}

func unlessWords(a Answer, by []string) string {
	switch {
	case a == No:
		return ", but it is denied"
	case len(by) > 0 && a == Unknown:
		return ", possibly denied by " + strings.Join(by, ", ")
	default:
		return ""
	}
}

// ForeignTrust is an account, an organization or a principal outside the role's account that may take the role.
type ForeignTrust struct {
	Grantee Grantee
	Ref     Ref
	Holds   Answer // Unknown: a Deny may take it away, or it is not of a documented form
	// ExternalID tells whether the statement asks for a fixed sts:ExternalId, Organization whether it is limited to one
	// organization.
	ExternalID   Answer
	Organization Answer
	Constraints  []string
	Unless       []string
}

// AssumableByOthers gives everyone outside the account own that a trust policy lets take the role with sts:AssumeRole, in
// a fixed order: accounts, principals, organizations and anyone. Services and identity providers are not among them.
func (d *Document) AssumableByOthers(own string) []ForeignTrust {
	vars := d.hasVariables()
	var out []ForeignTrust
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Allow {
			continue
		}
		may := func(g Grantee) Answer {
			a, by := d.trustOf(s, g, "sts:AssumeRole")
			return a.and(answerIf(len(by) == 0))
		}
		for _, to := range d.recipients(s, true, may) {
			if to.Account == own && own != "" || to.Kind == ToService || to.Kind == ToFederated {
				continue
			}
			a, by := d.trustOf(s, to, "sts:AssumeRole")
			if a == No {
				continue
			}
			if to.Kind == ToPrincipal && to.Account == "" || to.Kind == ToUnclear {
				a = Unknown // a unique id does not say whose it is
			}
			f := ForeignTrust{Grantee: to.authenticated(), Ref: s.Ref, Holds: a, Unless: by, ExternalID: No, Organization: No}
			for _, t := range s.Conditions {
				f.Constraints = append(f.Constraints, t.String())
				switch lower(t.Key) {
				case "sts:externalid":
					f.ExternalID = f.ExternalID.or(t.fixesKey(s, vars))
				case "aws:principalorgid", "aws:principalorgpaths":
					f.Organization = f.Organization.or(t.fixesKey(s, vars))
				}
			}
			if to.Kind == ToOrganization {
				f.Organization = Yes
			}
			slices.Sort(f.Constraints)
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b ForeignTrust) int {
		if c := compareGrantees(a.Grantee, b.Grantee); c != 0 {
			return c
		}
		return a.Ref.Index - b.Ref.Index
	})
	return out
}

// fixesKey tells whether a test lets only fixed values of its key pass.
func (t Test) fixesKey(s *Statement, vars bool) Answer {
	key := lower(t.Key)
	op := t.Operator
	switch {
	case op.Base == "":
		return Unknown
	case op.Negated, op.Base == "Null", (op.IfExists || op.Qualifier == ForAllValues) && !s.requires(key):
		return No
	}
	a := Yes
	for _, v := range t.Values {
		one := fixedValue(op.Base, key, v, vars)
		if one == No && key == "aws:principalorgpaths" && fixedOrganization(v) || key == "aws:principalorgpaths" && one == Unknown && fixedOrganization(v) {
			one = Yes
		}
		a = a.and(one)
	}
	return a
}
