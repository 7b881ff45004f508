package iampolicy

import (
	"slices"
	"strings"
)

// Policy is one document that has a name, as a user's, a role's or a group's inline and attached policies have.
type Policy struct {
	Name     string
	ARN      string    // of a managed policy; empty for an inline one
	Document *Document // nil: it exists and could not be read
}

// IdentityKind is what an identity of an account is.
type IdentityKind string

// The kinds.
const (
	User  IdentityKind = "user"
	Group IdentityKind = "group"
	Role  IdentityKind = "role"
	Root  IdentityKind = "root" // the account's root user, whom no identity policy limits
)

// Identity is a user, a group or a role with what decides over its permissions, as iam:GetAccountAuthorizationDetails
// gives it.
type Identity struct {
	ARN      string
	Kind     IdentityKind
	UniqueID string   // AIDA..., AROA...; may be empty
	Policies []Policy // inline and attached, without those of groups
	Groups   []string // names or ARNs of a user's groups
	// Boundary is the permissions boundary, nil if there is none.
	Boundary *Policy
	// Trust is a role's trust policy; TrustUnread is set where it could not be read.
	Trust       *Document
	TrustUnread bool
	// Missing says what of this identity's own policies could not be read; anything may then be allowed or denied.
	Missing []string
}

// name gives "user x" or "role path/x".
func (id *Identity) name() string {
	if seg := arnSegments(id.ARN); len(seg) == 6 {
		return strings.Replace(seg[5], "/", " ", 1)
	}
	return string(id.Kind) + " " + id.ARN
}

// lastName gives the name without its path.
func (id *Identity) lastName() string { return id.ARN[strings.LastIndexByte(id.ARN, '/')+1:] }

// serviceLinked tells whether a role belongs to a service, which alone may assume and change it.
func (id *Identity) serviceLinked() bool {
	return id.Kind == Role && strings.Contains(id.ARN, ":role/aws-service-role/")
}

// Account is what is known of one account.
type Account struct {
	ID             string // twelve digits
	Partition      string // "aws", "aws-cn", ...; empty means "aws"
	OrganizationID string // o-...; empty: not known, or none
	Identities     []Identity
	// Policies are the account's own managed policies, attached or not, and those of AWS's that are in use.
	Policies []Policy
	// Missing says which users, groups or roles could not be read at all: a "nobody" is then not certain.
	Missing []string
}

func (a *Account) partition() string {
	if a.Partition == "" {
		return "aws"
	}
	return a.Partition
}

// group finds a group by its name or ARN.
func (a *Account) group(ref string) *Identity {
	for i := range a.Identities {
		g := &a.Identities[i]
		if g.Kind == Group && (g.ARN == ref || !strings.HasPrefix(ref, "arn:") && g.lastName() == ref) {
			return g
		}
	}
	return nil
}

// rule is a statement, made ready for the requests of one caller.
type rule struct {
	policy  string
	st      *Statement
	vars    bool
	unread  bool // stands for a document that was not read: it may allow, and it may deny
	applies Answer
	direct  bool // in a resource policy: it names the caller itself, not the caller's account
	free    bool // and a boundary's silence does not limit it
	granted bool // its conditions are taken to hold where they are not known
}

// String gives `policy p, statement 1 ("x")`.
func (r *rule) String() string {
	if r.unread {
		return r.policy + " (not read)"
	}
	if r.policy == "" {
		return r.st.Ref.String()
	}
	return r.policy + ", " + r.st.Ref.String()
}

// rulesOf makes a document's statements ready. Variables whose value the context has are filled in.
func rulesOf(p Policy, c requestContext) []*rule {
	if p.Document == nil {
		return []*rule{{policy: p.Name, unread: true}}
	}
	out := make([]*rule, len(p.Document.Statements))
	vars := p.Document.hasVariables()
	for i := range p.Document.Statements {
		s := p.Document.Statements[i]
		if vars && s.namesVariable() {
			s = s.filled(c)
		}
		out[i] = &rule{policy: p.Name, st: &s, vars: vars, applies: Yes}
	}
	return out
}

// filled gives a copy of the statement in which the variables that the context knows are replaced ("Variables and tags").
func (s Statement) filled(c requestContext) Statement {
	fill := func(list []string) []string {
		out := make([]string, len(list))
		for i, text := range list {
			out[i] = fillVariables(text, c)
		}
		return out
	}
	s.Resources = fill(s.Resources)
	s.Conditions = slices.Clone(s.Conditions)
	for i := range s.Conditions {
		s.Conditions[i].Values = fill(s.Conditions[i].Values)
	}
	return s
}

func fillVariables(text string, c requestContext) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		v, known := c[lower(name)]
		switch {
		case closed && known && len(v) == 1 && v[0].present && !strings.ContainsAny(v[0].text, "*?$"):
			b.WriteString(v[0].text)
		case closed:
			b.WriteString("${" + name + "}")
		default:
			b.WriteString("${" + rest)
			return b.String()
		}
		text = after
	}
}

// identityRules gives the rules of an identity, its groups' among them, and of its boundary; bounded tells whether it has
// one.
func (a *Account) identityRules(id *Identity, c requestContext) (own, boundary []*rule, bounded bool) {
	for _, p := range id.Policies {
		own = append(own, rulesOf(p, c)...)
	}
	unread := func(what string) { own = append(own, &rule{policy: what, unread: true}) }
	for _, ref := range id.Groups {
		g := a.group(ref)
		if g == nil {
			unread("the policies of group " + ref)
			continue
		}
		for _, p := range g.Policies {
			p.Name = "group " + g.lastName() + ": " + p.Name
			own = append(own, rulesOf(p, c)...)
		}
		for _, m := range g.Missing {
			unread("group " + g.lastName() + ": " + m)
		}
	}
	for _, m := range id.Missing {
		unread(m)
	}
	if id.Boundary != nil {
		b := *id.Boundary
		b.Name = "boundary " + b.Name
		return own, rulesOf(b, c), true
	}
	return own, nil, false
}

// identityContext gives the keys that every request of an identity has ("AWS global condition context keys").
func (a *Account) identityContext(id *Identity) requestContext {
	c := requestContext{
		"aws:principalarn": present(id.ARN), "aws:principalaccount": present(accountOf(id.ARN)),
		"aws:principalisawsservice": present("false"),
	}
	for _, key := range []string{
		"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths",
		"aws:principalservicename", "aws:principalservicenameslist",
	} {
		c[key] = absent
	}
	switch id.Kind {
	case User:
		c["aws:username"] = present(id.lastName())
		c[keyPrincipalType] = present("User")
		if id.UniqueID != "" {
			c["aws:userid"] = present(id.UniqueID)
		}
	case Role:
		c["aws:username"] = absent
		c[keyPrincipalType] = present("AssumedRole")
	case Group:
		delete(c, "aws:principalarn") // of one of its users
		c[keyPrincipalType] = present("User")
	case Root:
		c["aws:username"] = absent
		c["aws:principalarn"] = present("arn:" + a.partition() + ":iam::" + accountOf(id.ARN) + ":root")
		c[keyPrincipalType] = present("Account")
	}
	if a.OrganizationID != "" && accountOf(id.ARN) == a.ID {
		c["aws:principalorgid"] = present(a.OrganizationID)
	}
	return c
}
