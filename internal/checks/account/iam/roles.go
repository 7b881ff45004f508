package iam

import (
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/policies"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	iaminv "github.com/ourshare/ourshare/internal/inventory/iam"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// roleTrust are the checks of whom roles let in, by their trust policies.
var roleTrust = []*checks.Check{roleAssumableByAnyone, roleAssumableByOthers, roleServiceTrust, roleOIDCTrust}

const (
	trustPolicy    = "the trust policy"
	serviceLinked  = "a service-linked role: AWS writes its policies, and only the service can take it"
	changeTrust    = "aws iam update-assume-role-policy --role-name <role> --policy-document file://trust-policy.json"
	trustVerdicts  = "Deny statements count. Unknown where the policy could not be read, or has a form whose meaning AWS does not document. Service-linked roles are not applicable. "
	orgPolicyWords = "Policies of an organization are not looked at: they can only forbid."
)

// onTrust makes a check of each role's trust policy.
func onTrust[In any](m checks.Meta, bind func(*inventory.Binder) In, judge func(In, iaminv.Principal, *iampolicy.Document) checks.Verdict) *checks.Check {
	return checks.With(iaminv.Roles, m, bind, func(in In, role iaminv.Principal) checks.Verdict {
		if role.ServiceLinked() {
			return checks.NotApplicable(serviceLinked)
		}
		if role.Trust == nil {
			return checks.Unknown(inventory.Insufficient("the answer does not hold the role's trust policy"))
		}
		doc, err := iampolicy.Parse(*role.Trust)
		if err != nil {
			return checks.Unknown(policies.Unjudged(trustPolicy, err.Error()))
		}
		return judge(in, role, doc)
	})
}

func nothing(*inventory.Binder) struct{} { return struct{}{} }

var roleAssumableByAnyone = onTrust(checks.Meta{
	ID:       "iam-role-assumable-by-anyone",
	Title:    "IAM roles cannot be assumed by just anyone",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Critical,
	Risk:     "Whoever has an AWS account, or an account at a public identity provider, can take the role and do all that it may do.",
	Fix: checks.Fix{
		Text: "Name the accounts, roles or services that need the role as principals, and limit a public identity provider to your own organization or repository.",
		CLI:  changeTrust,
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
	},
	Detail: "Fails where a statement lets every AWS principal take the role under no condition that fixes who asks or from where, and where a provider that " +
		"is open to the public (GitHub, GitLab, Google, ...) is trusted without its claim being limited to one tenant. An external id is no limit, since it is no secret. " +
		trustVerdicts + orgPolicyWords,
}, nothing, func(_ struct{}, _ iaminv.Principal, doc *iampolicy.Document) checks.Verdict {
	return policies.Decided(doc.AssumableByAnyone(), trustPolicy, "anyone can assume the role", "not everyone can assume the role")
})

var roleAssumableByOthers = onTrust(checks.Meta{
	ID:       "iam-role-assumable-by-other-accounts",
	Title:    "IAM roles can be assumed by trusted accounts only",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Medium,
	Risk:     "Who controls the other account decides who takes the role; without an external id a service of that account can be made to use it for somebody else.",
	Fix: checks.Fix{
		Text: "Remove accounts that no longer need the role, ask third parties for an external id, limit a company's own to its organization, and list in ourshare.yaml those that are meant.",
		CLI:  changeTrust,
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
	},
	Detail: "Fails where another account, a principal of one or an organization may take the role with sts:AssumeRole and is listed neither under trusted_accounts nor " +
		"trusted_organizations; high instead of medium where neither an external id nor an organization limits it. Everyone counts as other accounts. Services and identity " +
		"providers are no accounts. " + trustVerdicts + orgPolicyWords,
}, policies.ReadTrusted, func(trusted policies.Trusted, role iaminv.Principal, doc *iampolicy.Document) checks.Verdict {
	return trustsOf(doc, accountOf(role.ARN), trusted).verdict()
})

// accountOf is the account in an ARN.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

// others are those outside of an account who may take a role.
type others struct {
	sure      []string
	open      bool     // a sure one is limited neither by an external id nor by an organization
	undecided []string // who may perhaps
	trusted   []string
}

func trustsOf(doc *iampolicy.Document, own string, trusted policies.Trusted) (o others) {
	limited := map[int]iampolicy.Answer{} // of the statements that speak to everyone: do conditions limit who can meet them?
	for _, g := range doc.Grants() {
		if policies.Open(g.Grantee) {
			limited[g.Ref.Index] = g.Limited
		}
	}
	for _, t := range doc.AssumableByOthers(own) {
		line := t.Grantee.String() + " (" + t.Ref.String() + ")"
		holds := t.Holds
		if policies.Open(t.Grantee) && limited[t.Ref.Index] != iampolicy.No && holds == iampolicy.Yes {
			holds = iampolicy.Unknown // who can meet the conditions they do not say: it may be the role's own account
		}
		switch {
		case trusted.Has(t.Grantee):
			o.trusted = append(o.trusted, line)
		case holds != iampolicy.Yes:
			o.undecided = append(o.undecided, line+because(t))
		default:
			if t.ExternalID == iampolicy.No && t.Organization == iampolicy.No {
				o.open = true
				line += " without an external id or a limit to an organization"
			} else if t.ExternalID == iampolicy.Yes {
				line += " with an external id"
			}
			o.sure = append(o.sure, line)
		}
	}
	return o
}

func because(t iampolicy.ForeignTrust) string {
	switch {
	case len(t.Unless) > 0:
		return ", possibly denied by " + strings.Join(t.Unless, ", ")
	case len(t.Constraints) > 0:
		return ", if " + strings.Join(t.Constraints, " and ")
	}
	return ", of which account it is is not known"
}

func (o others) verdict() checks.Verdict {
	switch {
	case len(o.sure) > 0:
		v := checks.Fail("outside of the account, and not trusted, can assume the role, %s: %s", iampolicy.UnlessOrganization, policies.Some(o.sure)).
			With("assumable_by", o.sure)
		if o.open {
			return v.As(finding.High)
		}
		return v
	case len(o.undecided) > 0:
		return checks.Unknown(policies.Unjudged(trustPolicy, policies.Some(o.undecided)))
	case len(o.trusted) > 0:
		return checks.Pass("outside of the account only trusted ones can assume the role: %s", policies.Some(o.trusted)).With("trusted", o.trusted)
	}
	return checks.Pass("no other account can assume the role")
}

var roleServiceTrust = onTrust(checks.Meta{
	ID:       "iam-role-service-trust-scoped",
	Title:    "IAM roles that trust an AWS service do so for the account's own resources only",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.High,
	Risk:     "A service that takes the role for whoever names it can be made by another customer to act on this account's resources: the confused deputy.",
	Fix: checks.Fix{
		Text: "Add aws:SourceAccount or, narrower, aws:SourceArn to the statement that trusts the service.",
		CLI:  changeTrust,
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
	},
	Cites: []checks.Cite{{Framework: "Prowler", ID: "iam_role_cross_service_confused_deputy_prevention"}},
	Detail: "Fails where a service that sends the source of its requests, as its own guide says, may take the role without a condition on aws:SourceAccount, aws:SourceArn, " +
		"aws:SourceOrgID or aws:SourceOrgPaths. Services that only take roles passed to them within the account (EC2, Lambda, ...) pass without. Of services whose guides say " +
		"neither it is unknown. Not applicable where no service is trusted. " + trustVerdicts + orgPolicyWords,
}, nothing, func(_ struct{}, _ iaminv.Principal, doc *iampolicy.Document) checks.Verdict {
	var list []scope
	for _, t := range doc.ServiceTrusts() {
		list = append(list, scope{t.Service, t.Ref, t.Scoped, t.Why})
	}
	return scopes(list, "no AWS service is trusted")
})

var roleOIDCTrust = onTrust(checks.Meta{
	ID:       "iam-role-oidc-trust-scoped",
	Title:    "IAM roles that trust an OIDC provider do so for certain subjects only",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.High,
	Risk:     "Every workload, repository or person that the provider issues a token for can take the role, those of strangers included where the provider is public.",
	Fix: checks.Fix{
		Text: "Test the provider's sub claim for the repository and branch, the service account or the users that need the role, beside aud.",
		CLI:  changeTrust,
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
	},
	Detail: "Passes where the claim that AWS names for the provider is limited: of GitHub the sub to one organization, of a Cognito pool its aud, of an EKS cluster the sub to " +
		"a namespace, of others the sub. Of a private provider that is limited by aud alone it is unknown. Not applicable where no OIDC provider is trusted; SAML is not looked at. " +
		trustVerdicts + orgPolicyWords,
}, nothing, func(_ struct{}, _ iaminv.Principal, doc *iampolicy.Document) checks.Verdict {
	var list []scope
	for _, t := range doc.ProviderTrusts() {
		if !t.SAML {
			list = append(list, scope{t.Provider, t.Ref, t.Scoped, t.Why})
		}
	}
	return scopes(list, "no OIDC provider is trusted")
})

// scope is how far one service or provider is trusted.
type scope struct {
	who    string
	ref    iampolicy.Ref
	scoped iampolicy.Answer
	why    string
}

func scopes(list []scope, none string) checks.Verdict {
	if len(list) == 0 {
		return checks.NotApplicable("%s", none)
	}
	lines := map[iampolicy.Answer][]string{}
	for _, s := range list {
		lines[s.scoped] = append(lines[s.scoped], s.who+": "+s.why+" ("+s.ref.String()+")")
	}
	for _, l := range lines {
		slices.Sort(l)
	}
	switch {
	case len(lines[iampolicy.No]) > 0:
		return checks.Fail("the trust is not scoped, %s: %s", iampolicy.UnlessOrganization, policies.Some(lines[iampolicy.No])).
			With("unscoped", lines[iampolicy.No])
	case len(lines[iampolicy.Unknown]) > 0:
		return checks.Unknown(policies.Unjudged(trustPolicy, policies.Some(lines[iampolicy.Unknown])))
	}
	return checks.Pass("the trust is scoped: %s", policies.Some(lines[iampolicy.Yes])).With("scoped", lines[iampolicy.Yes])
}
