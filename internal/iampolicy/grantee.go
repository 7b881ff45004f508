package iampolicy

import (
	"regexp"
	"slices"
	"strings"
)

// GranteeKind is what a grant is made to.
type GranteeKind string

// The kinds of grantee.
const (
	ToAnyone       GranteeKind = "anyone"       // anonymous callers included, where the service takes them
	ToAnyAccount   GranteeKind = "any account"  // any principal of any AWS account, and no anonymous caller
	ToAccount      GranteeKind = "account"      // the principals of an account, by its own policies
	ToPrincipal    GranteeKind = "principal"    // a user, role or session
	ToOrganization GranteeKind = "organization" // the principals of an organization, or of a part of it
	ToService      GranteeKind = "service"      // an AWS service; ID "*": any
	ToFederated    GranteeKind = "federated"    // people of an identity provider
	ToCanonical    GranteeKind = "canonical"    // an account by its canonical user id
	ToUnclear      GranteeKind = "unclear"      // of a form that AWS does not document
)

// Grantee is to whom something is granted.
type Grantee struct {
	Kind    GranteeKind
	ID      string // ARN, account, organization (or path), service, provider, canonical id; "*" for anyone
	Account string // of an account or a principal, where it is known
}

// String gives "anyone", "account 123456789012", "principal arn:...".
func (g Grantee) String() string {
	switch g.Kind {
	case ToAnyone:
		return "anyone"
	case ToAnyAccount:
		return "any principal of any account"
	default:
	}
	return string(g.Kind) + " " + g.ID
}

// open tells whether a grantee is everybody.
func (g Grantee) open() bool { return g.Kind == ToAnyone || g.Kind == ToAnyAccount }

// authenticated gives the same grantee where the service takes no anonymous requests.
func (g Grantee) authenticated() Grantee {
	if g.Kind == ToAnyone {
		g.Kind = ToAnyAccount
	}
	return g
}

func compareGrantees(a, b Grantee) int {
	if c := strings.Compare(string(a.Kind), string(b.Kind)); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// granteesOf gives to whom a statement speaks. Everyone is narrowed by conditions on who asks.
func (s *Statement) granteesOf(vars bool) []Grantee {
	var out []Grantee
	add := func(list ...Grantee) {
		for _, g := range list {
			if !slices.Contains(out, g) {
				out = append(out, g)
			}
		}
	}
	if s.NotPrincipal || s.Principals == nil {
		add(s.narrowed(vars)...)
		return out
	}
	for _, p := range s.Principals {
		if p.everyone() {
			add(s.narrowed(vars)...)
		} else {
			add(p.grantee())
		}
	}
	slices.SortFunc(out, compareGrantees)
	return out
}

func (p Principal) grantee() Grantee {
	fixed, _ := p.fixed()
	switch {
	case p.Type == Federated:
		return Grantee{ToFederated, p.ID, accountOf(p.ID)}
	case fixed != Yes:
		return Grantee{ToUnclear, p.String(), ""}
	case p.Type == Service:
		return Grantee{ToService, p.ID, ""}
	case p.Type == CanonicalUser:
		return Grantee{ToCanonical, p.ID, ""}
	case isAccount(p.ID):
		return Grantee{ToAccount, accountOf(p.ID), accountOf(p.ID)}
	default:
		account := accountOf(p.ID)
		if !accountID.MatchString(account) {
			account = "" // CloudFront's origin access identities; unique ids
		}
		return Grantee{ToPrincipal, p.ID, account}
	}
}

// narrowed gives whom "everyone" leaves by the statement's conditions: the narrowest kind that one of them fixes.
func (s *Statement) narrowed(vars bool) []Grantee {
	var best []Grantee
	for _, t := range s.Conditions {
		op := t.Operator
		if op.Negated || op.Base == "Null" || (op.IfExists || op.Qualifier == ForAllValues) && !s.requires(lower(t.Key)) {
			continue
		}
		list := t.namesGrantees(vars)
		if len(list) > 0 && (best == nil || rank(list) < rank(best)) {
			best = list
		}
	}
	if best == nil {
		return []Grantee{{ToAnyone, "*", ""}}
	}
	return best
}

func rank(list []Grantee) int {
	worst := 0
	for _, g := range list {
		worst = max(worst, slices.Index([]GranteeKind{ToPrincipal, ToAccount, ToService, ToOrganization}, g.Kind))
	}
	return worst
}

// namesGrantees gives whom a test fixes, all of its values; nil if a value fixes nobody.
func (t Test) namesGrantees(vars bool) []Grantee {
	key := lower(t.Key)
	text := slices.Contains([]string{"StringEquals", "StringEqualsIgnoreCase", "StringLike"}, t.Operator.Base)
	arn := t.Operator.Base == "ArnLike" || t.Operator.Base == "ArnEquals"
	var out []Grantee
	for _, v := range t.Values {
		if v == "" || vars && !onlySpecial(v) {
			return nil
		}
		wild := strings.ContainsAny(v, "*?")
		seg := arnSegments(v)
		switch {
		case (key == "aws:principalaccount" || key == "kms:calleraccount") && text && accountID.MatchString(v):
			out = append(out, Grantee{ToAccount, v, v})
		case key == "aws:principalarn" && (text || arn) && len(seg) == 6 && accountID.MatchString(seg[4]):
			if a, _ := (Principal{AWS, v}).fixed(); a == Yes && !wild && !isAccount(v) {
				out = append(out, Grantee{ToPrincipal, v, seg[4]})
			} else {
				out = append(out, Grantee{ToAccount, seg[4], seg[4]})
			}
		case key == "aws:principalarn" && t.Operator.Base == "StringLike" && len(seg) == 5 && oneAccount.MatchString(v):
			out = append(out, Grantee{ToAccount, seg[4][:12], seg[4][:12]})
		case key == "aws:principalorgid" && text && !wild:
			out = append(out, Grantee{ToOrganization, v, ""})
		case key == "aws:principalorgpaths" && (text || arn) && fixedOrganization(v):
			out = append(out, Grantee{ToOrganization, v, ""})
		case slices.Contains(sourceKeys, key):
			if a, _ := t.limitsSource(vars); a != Yes {
				return nil
			}
			return []Grantee{{ToService, "*", ""}}
		default:
			return nil
		}
	}
	return out
}

// fixedOrganization tells whether a path or a pattern of paths lies within one organization.
func fixedOrganization(path string) bool {
	id, _, _ := strings.Cut(path, "/")
	return strings.HasPrefix(id, "o-") && !strings.ContainsAny(id, "*?$")
}

// sourceKeys tell for which resource, account or organization a service asks ("AWS global condition context keys",
// "Properties of the resource"; "The confused deputy problem", "Cross-service confused deputy prevention").
var sourceKeys = []string{"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"}

// limitsSource tells whether a test limits a service to ask for a fixed account, resource or organization. Wildcards
// in an ARN are fine as long as its account is fixed: "If you don't know the full ARN of the resource or if you are
// specifying multiple resources, use the aws:SourceArn global context condition key with wildcards for the unknown
// portions of the ARN".
func (t Test) limitsSource(vars bool) (a Answer, ok bool) {
	key := lower(t.Key)
	if !slices.Contains(sourceKeys, key) {
		return No, false
	}
	op := t.Operator
	if op.Base == "" {
		return Unknown, true
	}
	if op.Negated || op.IfExists || op.Qualifier == ForAllValues || op.Base == "Null" {
		return No, true
	}
	a = Yes
	for _, v := range t.Values {
		one := fixedValue(op.Base, key, v, vars)
		seg := arnSegments(v)
		switch {
		case one == No && vars && !onlySpecial(v):
		case key == "aws:sourcearn" && len(seg) == 6 && accountID.MatchString(seg[4]) && strings.ContainsAny(v, "*?"):
			if op.Base != "StringEquals" && op.Base != "StringEqualsIgnoreCase" {
				one = Yes
			}
		case key == "aws:sourcearn" && len(seg) == 6 && seg[2] == "s3" && seg[4] == "" && seg[5] != "" &&
			!strings.HasPrefix(seg[5], "*") && one == No:
			one = Unknown // bucket names that begin alike may be anyone's
		case key == "aws:sourceorgpaths" && one == No && fixedOrganization(v):
			one = Yes
		}
		a = a.and(one)
	}
	return a, true
}

// sourced tells whether a statement limits services to a fixed source.
func (s *Statement) sourced(vars bool) Answer {
	result := No
	for _, t := range s.Conditions {
		if s.requires(lower(t.Key)) {
			t.Operator.IfExists = false
			if t.Operator.Qualifier == ForAllValues {
				t.Operator.Qualifier = NoQualifier
			}
		}
		if a, ok := t.limitsSource(vars); ok {
			result = result.or(a)
		}
	}
	return result
}

// limitedToFixed tells whether a statement that speaks to everyone is limited to fixed values: by the definition of
// S3Public, and by kms:CallerAccount, aws:SourceOrgID and aws:SourceOrgPaths, and patterns of principals or sources whose
// account is fixed. What a stranger can bring along is no limit: an external id ("AWS does not treat the external ID as a
// secret", "The confused deputy problem"), a session's name, an encryption context, or the service of kms:ViaService, which
// works for every account.
func (s *Statement) limitedToFixed(vars bool) Answer {
	if n := s.narrowed(vars); n[0].Kind != ToAnyone {
		return Yes
	}
	if vars && slices.ContainsFunc(s.Conditions, func(t Test) bool { return t.sameOwner(s) }) {
		return Yes
	}
	open := *s
	open.Principals, open.NotPrincipal = []Principal{{Everyone, "*"}}, false
	open.Conditions = slices.DeleteFunc(slices.Clone(s.Conditions), func(t Test) bool {
		key := lower(t.Key)
		return strings.HasPrefix(key, "kms:") || strings.HasPrefix(key, "sts:") || strings.HasPrefix(key, tagPrefix) || key == "aws:username"
	})
	return open.public(vars).Answer.not().or(s.sourced(vars))
}

// oneAccount is a pattern of ARNs that ends in an account's twelve digits and a star: only that account's begin so.
var oneAccount = regexp.MustCompile(`^arn:[a-z*-]+:(iam|sts|\*)::[0-9]{12}\*$`)

// ownerPairs are keys of who asks, and of whose resource it is: a policy can ask for the same account or organization by a
// variable ("Variables and tags": "you can use any single-valued condition context key as a variable"; aws:ResourceAccount
// and aws:ResourceOrgID in "AWS global condition context keys"). Where the key of the variable is missing, nothing matches.
var ownerPairs = map[string]string{
	"aws:principalaccount": "aws:resourceaccount", "aws:principalorgid": "aws:resourceorgid",
	"aws:sourceaccount": "aws:resourceaccount", "aws:sourceorgid": "aws:resourceorgid",
}

// sameOwner tells whether a test asks that caller and resource belong to one account or organization.
func (t Test) sameOwner(s *Statement) bool {
	op, key := t.Operator, lower(t.Key)
	if op.Base != "StringEquals" || op.Negated || (op.IfExists || op.Qualifier == ForAllValues) && !s.requires(key) {
		return false
	}
	return len(t.Values) > 0 && !slices.ContainsFunc(t.Values, func(v string) bool {
		name, ok := strings.CutPrefix(lower(v), "${")
		name, closed := strings.CutSuffix(name, "}")
		return !ok || !closed || ownerPairs[key] != name && (ownerPairs[name] != key || name == "")
	})
}

// limitedFor is limitedToFixed for actions and resources of a statement, Deny statements included: one for everyone that
// covers them all, unless the request has fixed values, leaves those alone.
func (d *Document) limitedFor(s *Statement, actions, resources []string) Answer {
	vars := d.hasVariables()
	result := s.limitedToFixed(vars)
	for i := range d.Statements {
		if deny := &d.Statements[i]; result != Yes && deny.Effect == Deny && deny.coversAll(actions, resources, vars) {
			result = result.or(deny.spares(vars))
		}
	}
	return result
}

// coversAll tells whether a Deny statement surely speaks to everyone of all actions on all resources; no resources: of that
// which the policy is attached to.
func (s *Statement) coversAll(actions, resources []string, vars bool) bool {
	if s.NotPrincipal || s.NotResource || !slices.ContainsFunc(s.Principals, Principal.everyone) {
		return false
	}
	r := rule{st: s, vars: vars}
	for _, a := range actions {
		if r.speaksOf(newArea(lower(a))) != Yes {
			return false
		}
	}
	if s.Resources == nil {
		return true
	}
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	return !slices.ContainsFunc(resources, func(to string) bool {
		return !slices.ContainsFunc(s.Resources, func(text string) bool {
			g := compileGlob(text, vars)
			return g.exact && g.covers(compileGlob(to, false))
		})
	})
}

// spares tells whether a Deny statement leaves only requests with fixed values alone: it does not hold where one of its
// tests does not, so that each of them must be the negation of a limit.
func (s *Statement) spares(vars bool) Answer {
	result := answer(len(s.Conditions) > 0)
	for _, t := range s.Conditions {
		if !t.Operator.Negated || t.Operator.Qualifier != NoQualifier {
			return No
		}
		// Without IfExists too a negated test holds where the key is missing ("Condition operators").
		t.Operator.Negated, t.Operator.IfExists = false, false
		result = result.and((&Statement{Effect: Allow, Conditions: []Test{t}}).limitedToFixed(vars))
	}
	return result
}
