package iampolicy

import (
	"slices"
	"strings"
)

// provider is an identity provider, as a trust policy names it.
type provider struct {
	host string // without scheme, with path
	saml bool
	open bool   // anyone can have an account, or a tenant, there
	rule *claim // what a role that trusts it must limit
}

// claim is what tells the tenants of a shared provider apart.
type claim struct {
	name   string // "sub", "aud"; with a colon it is a key of its own
	prefix string // of the value, before the tenant's name
	end    string // characters that end the tenant's name
}

// sharedProviders are open to the public: a role that trusts one must limit a claim ("Identity-provider controls for
// shared OIDC providers", IAM User Guide, table "Shared OIDC identity providers with identity-provider controls"; of the web
// identities, "AWS STS condition context keys", section "AWS web identity federation condition context keys"). The form of a
// sub is the provider's own; where none is given, any fixed value is taken for a tenant's.
var sharedProviders = map[string]claim{
	"token.actions.githubusercontent.com":                {"sub", "repo:", "/@"},
	"vstoken.actions.githubusercontent.com":              {"sub", "repo:", "/@"},
	"oidc-configuration.audit-log.githubusercontent.com": {"sub", "", ""},
	"gitlab.com":                     {"sub", "project_path:", "/:"},
	"app.terraform.io":               {"sub", "organization:", ":"},
	"agent.buildkite.com":            {"sub", "organization:", ":"},
	"oidc.codefresh.io":              {"sub", "account:", ":"},
	"scalr.io":                       {"sub", "account:", ":"},
	"studio.datachain.ai/api":        {"sub", "", ""},
	"proidc.upbound.io":              {"sub", "", ""},
	"api.pulumi.com/oidc":            {"aud", "", ""},
	"sandboxes.cloud":                {"aud", "", ""},
	"oidc.vercel.com":                {"aud", "", ""},
	"cognito-identity.amazonaws.com": {"aud", "", ""},
	"cognito-identity.us-gov-west-1.amazonaws.com":         {"aud", "", ""},
	"accounts.google.com":                                  {"aud", "", ""},
	"www.amazon.com":                                       {"app_id", "", ""},
	"graph.facebook.com":                                   {"app_id", "", ""},
	"tokens.cloud.shisho.dev":                              {"sub", "", ""},
	"sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d": {"sts:RoleSessionName", "", ""}, // Azure Sentinel
	// IBM Turbonomic SaaS
	"rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7": {"sub", "", ""},
	"rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr": {"sub", "", ""},
	"rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg": {"sub", "", ""},
	"rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26": {"sub", "", ""},
	"oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb":         {"sub", "", ""},
	"oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu":         {"sub", "", ""},
}

func providerOf(id string) provider {
	p := provider{host: id}
	if seg := arnSegments(id); len(seg) == 6 {
		kind, host, _ := strings.Cut(seg[5], "/")
		p.host, p.saml = host, kind == "saml-provider"
	}
	p.host = strings.TrimSuffix(strings.TrimPrefix(lower(p.host), "https://"), "/")
	if c, ok := sharedProviders[p.host]; ok && !p.saml {
		p.open, p.rule = true, &c
	}
	return p
}

func (p provider) action() string {
	if p.saml {
		return "sts:AssumeRoleWithSAML"
	}
	return "sts:AssumeRoleWithWebIdentity"
}

// cluster tells whether the provider is that of one EKS cluster.
func (p provider) cluster() bool { return strings.HasPrefix(p.host, "oidc.eks.") }

// ProviderTrust is one identity provider whose people may take a role.
type ProviderTrust struct {
	Provider string // ARN or host, as written
	SAML     bool
	Ref      Ref
	// Scoped tells whether the conditions limit it to a tenant and its subjects.
	Scoped Answer
	Why    string
	Unless []string
}

// ProviderTrusts tells of every identity provider that a trust policy trusts whether that is scoped, in a fixed order.
//
// A provider that is open to the public must be limited to one tenant by the claim that AWS names for it: GitHub's sub to an
// organization ("GitHub Actions from organizations or repositories outside of your control are able to assume roles"
// otherwise; "Configuring a role for GitHub OIDC identity provider"), Cognito's aud to an identity pool. The provider of an EKS cluster needs a sub that fixes the namespace ("Assign IAM roles
// to Kubernetes service accounts"). Any other provider needs its sub limited; with aud alone it is Unknown, with neither it
// is not scoped. SAML needs SAML:aud or another fixed attribute, and is Unknown without.
func (d *Document) ProviderTrusts() []ProviderTrust {
	vars := d.hasVariables()
	var out []ProviderTrust
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Allow || s.NotPrincipal {
			continue
		}
		for _, to := range s.granteesOf(vars) {
			if to.Kind != ToFederated {
				continue
			}
			p := providerOf(to.ID)
			a, by := d.trustOf(s, to, p.action())
			if a == No {
				continue
			}
			t := ProviderTrust{Provider: to.ID, SAML: p.saml, Ref: s.Ref, Unless: by}
			t.Scoped, t.Why = s.scopes(p, vars)
			if a == Unknown && t.Scoped == No {
				t.Scoped = Unknown
				t.Why += ", possibly denied by " + strings.Join(by, ", ")
			}
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b ProviderTrust) int {
		if c := strings.Compare(a.Provider, b.Provider); c != 0 {
			return c
		}
		return a.Ref.Index - b.Ref.Index
	})
	return out
}

// scopes tells whether a statement limits the people of a provider.
func (s *Statement) scopes(p provider, vars bool) (Answer, string) {
	if p.saml {
		for _, t := range s.Conditions {
			if key := lower(t.Key); key != "saml:sub_type" && strings.HasPrefix(key, "saml:") && t.fixesKey(s, vars) == Yes {
				return Yes, t.String() + " is fixed"
			}
		}
		return Unknown, "no fixed SAML:aud; the provider may be limited by itself"
	}
	if strings.ContainsAny(p.host, "*?$") {
		return Unknown, "the provider has a wildcard that AWS does not define"
	}
	if p.rule != nil {
		a, why := s.limitsClaim(p, *p.rule, vars)
		if t, ok := s.oneSubject(p, vars); a == No && ok {
			return Yes, t.String() + " names the subject"
		}
		if a == No && s.hasOtherClaim(p) {
			return Unknown, why + "; other claims are limited, of which AWS's page does not speak"
		}
		return a, why
	}
	sub := claim{name: "sub"}
	if p.cluster() {
		sub.prefix, sub.end = "system:serviceaccount:", ":"
	}
	a, why := s.limitsClaim(p, sub, vars)
	if a == No && !p.cluster() {
		if aud, _ := s.limitsClaim(p, claim{name: "aud"}, vars); aud != No || s.hasOtherClaim(p) {
			return Unknown, why + "; whether every subject of this provider may is not decided"
		}
	}
	return a, why
}

// oneSubject gives a test by which the subject is one of those named, whatever the tenant: a subject is "a locally unique and
// never reassigned identifier within the Issuer" (OpenID Connect Core 1.0, 2. ID Token, sub). Amazon and Facebook have
// keys of their own for it.
func (s *Statement) oneSubject(p provider, vars bool) (Test, bool) {
	for _, t := range s.Conditions {
		if op := t.Operator; lower(t.Key) == p.host+":sub" && (op.Base == "StringEquals" || op.Base == "StringLike") && p.rule.name != "sub" {
			wild := slices.ContainsFunc(t.Values, func(v string) bool { return v == "" || strings.ContainsAny(v, "*?") })
			if a, _ := t.limitsTenant(s, claim{name: "sub"}, vars); a == Yes && !wild {
				return t, true
			}
		}
	}
	return Test{}, false
}

// hasOtherClaim tells whether a test is on a claim of the provider besides aud and sub.
func (s *Statement) hasOtherClaim(p provider) bool {
	return slices.ContainsFunc(s.Conditions, func(t Test) bool {
		name, ok := strings.CutPrefix(lower(t.Key), p.host+":")
		return ok && name != "aud" && name != "sub" && name != "amr" && !t.Operator.Negated && t.Operator.Base != "Null"
	})
}

// limitsClaim tells whether the tests on a claim let one tenant's values pass only.
func (s *Statement) limitsClaim(p provider, c claim, vars bool) (Answer, string) {
	key := p.host + ":" + c.name
	if strings.Contains(c.name, ":") {
		key = lower(c.name)
	}
	result, why := No, "no condition on "+key
	for _, t := range s.Conditions {
		if lower(t.Key) != key {
			continue
		}
		a, reason := t.limitsTenant(s, c, vars)
		if result == No && a == No || a != No && result != Yes {
			why = t.String() + " " + reason
		}
		result = result.or(a)
	}
	return result, why
}

func (t Test) limitsTenant(s *Statement, c claim, vars bool) (Answer, string) {
	op := t.Operator
	switch {
	case op.Base == "":
		return Unknown, "has an operator that is not known"
	case op.Negated || op.Base == "Null":
		return No, "fixes no value"
	case (op.IfExists || op.Qualifier == ForAllValues) && !s.requires(lower(t.Key)):
		return No, "holds where the claim is absent"
	case !strings.HasPrefix(op.Base, "String"):
		return Unknown, "compares in a way that does not fit a claim"
	}
	result := Yes
	for _, v := range t.Values {
		result = result.and(c.fixesTenant(v, op.Base == "StringLike", vars))
	}
	switch result {
	case Yes:
		return Yes, "limits it"
	case No:
		return No, "leaves open whose it is"
	default:
		return Unknown, "may limit it"
	}
}

func (c claim) fixesTenant(v string, like, vars bool) Answer {
	switch {
	case v == "" || vars && !onlySpecial(v):
		return Unknown
	case !like || !strings.ContainsAny(v, "*?"):
		return Yes
	}
	fixed := v[:strings.IndexAny(v, "*?")]
	switch rest, ok := strings.CutPrefix(fixed, c.prefix); {
	case fixed == "" || strings.HasPrefix(c.prefix, fixed):
		return No
	case c.prefix == "" || !ok:
		return Unknown // a wildcard after some fixed text
	default:
		return answer(rest != "" && strings.IndexAny(rest, c.end) > 0)
	}
}
