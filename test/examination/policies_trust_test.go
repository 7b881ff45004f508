package examination

import (
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/iam"
)

func principal(kind iam.PrincipalKind, name string) iam.Principal {
	types := map[iam.PrincipalKind]string{iam.UserKind: "User", iam.GroupKind: "Group", iam.RoleKind: "Role"}
	arn := "arn:aws:iam::" + own + ":" + string(kind) + "/" + name
	return iam.Principal{
		Resource:    &inventory.Resource{Type: "AWS::IAM::" + types[kind], ID: name, ARN: arn, Name: name, Region: "global", Tags: map[string]string{}},
		Kind:        kind,
		PrincipalID: "AID" + strings.ToUpper(name), Path: "/", Inline: []iam.InlinePolicy{}, Attached: []iam.AttachedPolicy{},
	}
}

// assumed judges a role with the trust policy; nil: the answer did not give it.
func assumed(t *testing.T, id string, trust *string, params map[string]any) checks.Verdict {
	t.Helper()
	r := principal(iam.RoleKind, "door")
	r.Trust = trust
	f := checktest.New()
	f.Store.Params = params
	checktest.Rows(f, iam.AuthorizationDetails, iam.AuthorizationDetail{Principal: &r})
	return f.Run(check(t, id))["door"]
}

type trustCase struct {
	want, label string
	statements  []string
}

func runTrust(t *testing.T, id string, cases []trustCase) {
	t.Helper()
	for _, c := range cases {
		text := document(c.statements...)
		judged(t, id+": "+c.label, assumed(t, id, &text, nil), c.want)
	}
	judged(t, id+": trust policy not given", assumed(t, id, nil, nil), "U")
	broken := `{"Statement":[`
	judged(t, id+": trust policy broken", assumed(t, id, &broken, nil), "U")
}

const (
	assume = `"Action":"sts:AssumeRole"`
	web    = `"Action":"sts:AssumeRoleWithWebIdentity"`
	saml   = `"Action":"sts:AssumeRoleWithSAML"`
	github = `"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},` + web
	actor  = "token.actions.githubusercontent.com:"
	eks    = `"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"},` + web
	cube   = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:"
	corp   = `"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/login.fernhill.example"},` + web
	lab    = `"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/gitlab.com"},` + web
)

func from(service string) string { return `"Principal":{"Service":"` + service + `"},` + assume }

// Everyone: [principal]; the claims of the shared providers that make a tenant: [shared]; an external id is no secret:
// IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html.
func TestRoleAssumableByAnyone(t *testing.T) {
	sub := func(values string) []string {
		return []string{allow(github + when("StringLike", actor+"sub", values))}
	}
	runTrust(t, "iam-role-assumable-by-anyone", []trustCase{
		{"F", "every AWS principal", []string{allow(anyAWS + assume)}},
		{"F", "everyone", []string{allow(anyone + assume)}},
		{"F", "everyone in a list", []string{allow(`"Principal":{"AWS":["arn:aws:iam::111122223333:root","*"]},` + assume)}},
		{"F", "all but one", []string{allow(`"NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"},` + assume)}},
		{"F", "by a wildcard of actions", []string{allow(anyAWS + `"Action":"sts:Assume*"`)}},
		{"F", "all actions", []string{allow(anyAWS + `"Action":["sts:*"]`)}},
		{"P", "tagging a session alone", []string{allow(anyAWS + `"Action":"sts:TagSession"`)}},
		{"F", "all actions but one", []string{allow(anyAWS + `"NotAction":"sts:TagSession"`)}},
		{"P", "all actions but those that count", []string{allow(anyAWS + `"NotAction":"sts:*"`)}},
		{"F", "with a session's name", []string{allow(anyAWS + assume + when("StringEquals", "sts:RoleSessionName", `"x"`))}},
		{"F", "with a tag of the session", []string{allow(anyAWS + assume + when("StringEquals", "aws:RequestTag/team", `"x"`))}},
		{"FU", "with a tag of its own", []string{allow(anyAWS + assume + when("StringEquals", "aws:PrincipalTag/team", `"x"`))}},
		{"F", "a service's or anyone's", []string{allow(`"Principal":{"Service":"ec2.amazonaws.com","AWS":"*"},` + assume)}},
		{"P", "through an endpoint", []string{allow(anyAWS + assume + when("StringEquals", "aws:SourceVpce", `"vpce-1a2b3c4d"`))}},
		{"F", "denied to one account", []string{allow(anyAWS + assume), deny(otherAcc + assume)}},
		{"P", "denied to all but the account", []string{allow(anyAWS + assume), deny(`"NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"},` + assume)}},
		{"F", "with an external id", []string{allow(anyAWS + assume + when("StringEquals", "sts:ExternalId", `"x7"`))}},
		{"F", "with MFA", []string{allow(anyAWS + assume + when("Bool", "aws:MultiFactorAuthPresent", `"true"`))}},
		{"P", "of an organization", []string{allow(anyAWS + assume + when("StringEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`))}},
		{"F", "of any organization", []string{allow(anyAWS + assume + when("StringLike", "aws:PrincipalOrgID", `"*"`))}},
		{"FU", "of an organization if any", []string{allow(anyAWS + assume + when("StringEqualsIfExists", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`))}},
		{"F", "not of an organization", []string{allow(anyAWS + assume + when("StringNotEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`))}},
		{"P", "of an account", []string{allow(anyAWS + assume + when("StringEquals", "aws:PrincipalAccount", `"111122223333"`))}},
		{"P", "a role of the account", []string{allow(anyAWS + assume + when("ArnLike", "aws:PrincipalArn", `"arn:aws:iam::111122223333:role/ops-*"`))}},
		{"FU", "a role of any account", []string{allow(anyAWS + assume + when("StringLike", "aws:PrincipalArn", `"arn:aws:iam::*:role/ops"`))}},
		{"P", "from an office", []string{allow(anyAWS + assume + when("IpAddress", "aws:SourceIp", `"203.0.113.0/24"`))}},
		{"F", "from anywhere", []string{allow(anyAWS + assume + when("IpAddress", "aws:SourceIp", `"0.0.0.0/0"`))}},
		{"F", "from everywhere but", []string{allow(anyAWS + assume + when("NotIpAddress", "aws:SourceIp", `"203.0.113.0/24"`))}},
		{"P", "denied", []string{allow(anyAWS + assume), deny(anyone + `"Action":"sts:*"`)}},
		{"F", "tagging denied", []string{allow(anyAWS + assume), deny(anyone + `"Action":"sts:TagSession"`)}},
		{"P", "denied outside the organization", []string{allow(anyAWS + assume), deny(anyAWS + assume + when("StringNotEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`))}},
		{"F", "denied without an external id", []string{allow(anyAWS + assume), deny(anyAWS + assume + when("StringNotEquals", "sts:ExternalId", `"x7"`))}},
		{"P", "another account", []string{allow(otherAcc + assume)}},
		{"P", "a service", []string{allow(from("ec2.amazonaws.com"))}},
		{"P", "SAML", []string{allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/staff"},` + saml)}},
		{"F", "GitHub", []string{allow(github)}},
		{"F", "GitHub by its audience", []string{allow(github + when("StringEquals", actor+"aud", `"sts.amazonaws.com"`))}},
		{"P", "GitHub, an organization", sub(`"repo:fernhill/*"`)},
		{"P", "GitHub, a branch", []string{allow(github + when("StringEquals", actor+"sub", `"repo:fernhill/shop:ref:refs/heads/main"`))}},
		{"P", "GitHub, key in another case", []string{allow(github + when("StringLike", "Token.Actions.GitHubUserContent.com:SUB", `"repo:fernhill/*"`))}},
		{"F", "GitHub, any", sub(`"*"`)},
		{"F", "GitHub, any repository", sub(`"repo:*"`)},
		{"FU", "GitHub, organizations of a prefix", sub(`"repo:fern*"`)},
		{"F", "GitHub, a repository of any organization", sub(`"repo:*/shop:*"`)},
		{"FU", "GitHub, all of its subs", []string{allow(github + when("ForAllValues:StringLike", actor+"sub", `"repo:fernhill/*"`))}},
		{"FU", "GitHub, sub if there is one", []string{allow(github + when("StringLikeIfExists", actor+"sub", `"repo:fernhill/*"`))}},
		{"F", "GitHub, a sub that anybody's can end in", sub(`"*:fernhill/shop:*"`)},
		{"F", "GitHub, an organization by letters", sub(`"repo:????????/shop:*"`)},
		{"PU", "GitHub, denied outside of an organization", []string{allow(github), deny(github + when("StringNotLike", actor+"sub", `"repo:fernhill/*"`))}},
		{"F", "GitHub, one narrow, one wide", sub(`["repo:fernhill/*","repo:*"]`)},
		{"F", "GitHub, all but an organization", []string{allow(github + when("StringNotLike", actor+"sub", `"repo:fernhill/*"`))}},
		{"FU", "GitHub, by the workflow that anybody may call", []string{allow(github + when("StringLike", actor+"job_workflow_ref", `"fernhill/flows/.github/workflows/x.yml@*"`))}},
		{"P", "GitHub, sub with aud", []string{allow(github + `,"Condition":{"StringEquals":{"` + actor + `aud":"sts.amazonaws.com"},"StringLike":{"` + actor + `sub":"repo:fernhill/shop:*"}}`)}},
		{"F", "GitLab", []string{allow(lab)}},
		{"P", "GitLab, a group", []string{allow(lab + when("StringLike", "gitlab.com:sub", `"project_path:fernhill/*"`))}},
		{"F", "GitLab, any project", []string{allow(lab + when("StringLike", "gitlab.com:sub", `"project_path:*"`))}},
		{"F", "Google", []string{allow(`"Principal":{"Federated":"accounts.google.com"},` + web)}},
		{"P", "Google, an application", []string{allow(`"Principal":{"Federated":"accounts.google.com"},` + web + when("StringEquals", "accounts.google.com:aud", `"66677788899900pro0"`))}},
		{"P", "Cognito, a pool", []string{allow(`"Principal":{"Federated":"cognito-identity.amazonaws.com"},` + web + when("StringEquals", "cognito-identity.amazonaws.com:aud", `"us-east-1:12345678-abcd-abcd-abcd-123456"`))}},
		{"F", "Cognito, any pool", []string{allow(`"Principal":{"Federated":"cognito-identity.amazonaws.com"},` + web + when("ForAnyValue:StringLike", "cognito-identity.amazonaws.com:amr", `"authenticated"`))}},
	})
}

// [principal]; external ids: IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html.
func TestRoleAssumableByOtherAccounts(t *testing.T) {
	const id = "iam-role-assumable-by-other-accounts"
	runTrust(t, id, []trustCase{
		{"P", "its own account", []string{allow(ownAcc + assume)}},
		{"P", "a user of its own", []string{allow(`"Principal":{"AWS":"arn:aws:iam::111122223333:user/x"},` + assume)}},
		{"P", "a service", []string{allow(from("ec2.amazonaws.com"))}},
		{"P", "an identity provider", []string{allow(corp + when("StringEquals", "login.fernhill.example:sub", `"x"`))}},
		{"F", "another account", []string{allow(otherAcc + assume)}},
		{"F", "another account by its number", []string{allow(`"Principal":{"AWS":"444455556666"},` + assume)}},
		{"F", "another account beside its own", []string{allow(`"Principal":{"AWS":["111122223333","arn:aws:iam::444455556666:role/x"]},` + assume)}},
		{"F", "everyone", []string{allow(anyAWS + assume)}},
		{"P", "everyone of its own account", []string{allow(anyAWS + assume + when("StringEquals", "aws:PrincipalAccount", `"111122223333"`))}},
		{"F", "everyone of an organization", []string{allow(anyAWS + assume + when("StringEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`))}},
		{"P", "another account, denied", []string{allow(otherAcc + assume), deny(otherAcc + assume)}},
		{"F", "another account, a role of it denied", []string{allow(otherAcc + assume), deny(`"Principal":{"AWS":"arn:aws:iam::444455556666:role/x"},` + assume)}},
		{"P", "another account may tag alone", []string{allow(otherAcc + `"Action":"sts:TagSession"`)}},
		{"F", "another account with an external id", []string{allow(otherAcc + assume + when("StringEquals", "sts:ExternalId", `"x7"`))}},
		{"P", "another account, only within its own", []string{allow(otherAcc + assume + when("StringEquals", "aws:PrincipalAccount", `"111122223333"`))}},
	})
	for _, c := range []struct {
		want     finding.Severity
		label    string
		trust    string
		accounts inventory.AccountIDs
	}{
		{finding.High, "no external id", allow(otherAcc + assume), nil},
		{finding.Medium, "an external id", allow(otherAcc + assume + when("StringEquals", "sts:ExternalId", `"x7"`)), nil},
		{finding.High, "any external id", allow(otherAcc + assume + when("StringLike", "sts:ExternalId", `"*"`)), nil},
		{finding.High, "an external id if any", allow(otherAcc + assume + when("StringEqualsIfExists", "sts:ExternalId", `"x7"`)), nil},
		{finding.High, "all but an external id", allow(otherAcc + assume + when("StringNotEquals", "sts:ExternalId", `"x7"`)), nil},
		{finding.Medium, "an organization", allow(otherAcc + assume + when("StringEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)), nil},
		{finding.High, "one with, one without", allow(otherAcc+assume+when("StringEquals", "sts:ExternalId", `"x7"`)) + "," + allow(`"Principal":{"AWS":"777788889999"},`+assume), nil},
		{finding.Medium, "one with, a trusted one without", allow(otherAcc+assume+when("StringEquals", "sts:ExternalId", `"x7"`)) + "," + allow(`"Principal":{"AWS":"777788889999"},`+assume), inventory.AccountIDs{"777788889999"}},
	} {
		text := document(c.trust)
		v := assumed(t, id, &text, map[string]any{"trusted_accounts": c.accounts})
		judged(t, c.label, v, "F")
		got := v.Severity
		if got == "" {
			got = check(t, id).Severity
		}
		if got != c.want {
			t.Errorf("%s: severity %s, want %s", c.label, got, c.want)
		}
	}
	text := document(allow(otherAcc + assume))
	judged(t, "trusted", assumed(t, id, &text, map[string]any{"trusted_accounts": inventory.AccountIDs{other}}), "P")
}

// Which services send a source: [deputy], vpc/latest/userguide/flow-logs-iam-role.html,
// AmazonCloudWatch/.../logs (subscription filters), and each service's guide.
func TestServiceTrustScoped(t *testing.T) {
	const flow = "vpc-flow-logs.amazonaws.com"
	runTrust(t, "iam-role-service-trust-scoped", []trustCase{
		{"N", "no service", []string{allow(otherAcc + assume)}},
		{"P", "EC2", []string{allow(from("ec2.amazonaws.com"))}},
		{"P", "Lambda", []string{allow(from("lambda.amazonaws.com"))}},
		{"F", "flow logs", []string{allow(from(flow))}},
		{"P", "flow logs of the account", []string{allow(from(flow) + when("StringEquals", "aws:SourceAccount", `"111122223333"`))}},
		{"P", "flow logs of the account's ARNs", []string{allow(from(flow) + when("ArnLike", "aws:SourceArn", `"arn:aws:ec2:us-east-1:111122223333:vpc-flow-log/*"`))}},
		{"F", "flow logs of any account's ARNs", []string{allow(from(flow) + when("ArnLike", "aws:SourceArn", `"arn:aws:ec2:*:*:vpc-flow-log/*"`))}},
		{"F", "flow logs of any account", []string{allow(from(flow) + when("StringLike", "aws:SourceAccount", `"*"`))}},
		{"FU", "flow logs of the account if said", []string{allow(from(flow) + when("StringEqualsIfExists", "aws:SourceAccount", `"111122223333"`))}},
		{"F", "flow logs of all but the account", []string{allow(from(flow) + when("StringNotEquals", "aws:SourceAccount", `"111122223333"`))}},
		{"F", "flow logs with an external id", []string{allow(from(flow) + when("StringEquals", "aws:RequestedRegion", `"us-east-1"`))}},
		{"P", "flow logs, other sources denied", []string{allow(from(flow)), deny(`"Principal":{"Service":"` + flow + `"},` + assume + when("StringNotEquals", "aws:SourceAccount", `"111122223333"`))}},
		{"F", "two services", []string{allow(`"Principal":{"Service":["ec2.amazonaws.com","` + flow + `"]},` + assume)}},
		{"F", "two statements", []string{allow(from("ec2.amazonaws.com")), allow(from(flow))}},
		{"P", "of the organization", []string{allow(from(flow) + when("StringEquals", "aws:SourceOrgID", `"o-a1b2c3d4e5"`))}},
		{"U", "a service that nobody knows", []string{allow(from("made-up.amazonaws.com"))}},
		{"P", "a service that nobody knows, of the account", []string{allow(from("made-up.amazonaws.com") + when("StringEquals", "aws:SourceAccount", `"111122223333"`))}},
		{"N", "a denied service", []string{deny(from(flow))}},
	})
}

// [shared]; EKS: eks/latest/userguide/associate-service-account-role.html; GitHub's forms of sub:
// docs.github.com/actions/reference/security/oidc.
func TestOIDCTrustScoped(t *testing.T) {
	runTrust(t, "iam-role-oidc-trust-scoped", []trustCase{
		{"N", "no provider", []string{allow(otherAcc + assume)}},
		{"N", "SAML", []string{allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/staff"},` + saml)}},
		{"F", "GitHub", []string{allow(github)}},
		{"F", "GitHub by its audience", []string{allow(github + when("StringEquals", actor+"aud", `"sts.amazonaws.com"`))}},
		{"P", "GitHub, a repository", []string{allow(github + when("StringLike", actor+"sub", `"repo:fernhill/shop:*"`))}},
		{"P", "GitHub, an environment", []string{allow(github + when("StringEquals", actor+"sub", `"repo:fernhill/shop:environment:prod"`))}},
		{"P", "GitHub, pull requests", []string{allow(github + when("StringEquals", actor+"sub", `["repo:fernhill/shop:pull_request"]`))}},
		{"F", "GitHub, any", []string{allow(github + when("StringLike", actor+"sub", `"repo:*"`))}},
		{"F", "GitHub, any by question marks", []string{allow(github + when("StringLike", actor+"sub", `"repo:?*/?*"`))}},
		{"FU", "GitHub, sub if any", []string{allow(github + when("StringNotEquals", actor+"sub", `"repo:fernhill/shop:pull_request"`))}},
		{"F", "GitHub, some sub", []string{allow(github + when("Null", actor+"sub", `"false"`))}},
		{"F", "GitHub, another provider's sub", []string{allow(github + when("StringLike", "gitlab.com:sub", `"repo:*"`)), allow(github)}},
		{"F", "EKS", []string{allow(eks)}},
		{"F", "EKS by its audience", []string{allow(eks + when("StringEquals", cube+"aud", `"sts.amazonaws.com"`))}},
		{"P", "EKS, a service account", []string{allow(eks + when("StringEquals", cube+"sub", `"system:serviceaccount:shop:worker"`))}},
		{"P", "EKS, a namespace", []string{allow(eks + when("StringLike", cube+"sub", `"system:serviceaccount:shop:*"`))}},
		{"FU", "EKS, any namespace", []string{allow(eks + when("StringLike", cube+"sub", `"system:serviceaccount:*:*"`))}},
		{"FU", "EKS, any", []string{allow(eks + when("StringLike", cube+"sub", `"system:serviceaccount:*"`))}},
		{"F", "a private one", []string{allow(corp)}},
		{"U", "a private one by its audience", []string{allow(corp + when("StringEquals", "login.fernhill.example:aud", `"app-1"`))}},
		{"P", "a private one, a subject", []string{allow(corp + when("StringEquals", "login.fernhill.example:sub", `"person-7"`))}},
		{"FU", "a private one, any subject", []string{allow(corp + when("StringLike", "login.fernhill.example:sub", `"*"`))}},
		{"F", "one scoped, one not", []string{allow(corp + when("StringEquals", "login.fernhill.example:sub", `"person-7"`)), allow(github)}},
		{"P", "Terraform Cloud", []string{allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/app.terraform.io"},` + web + when("StringLike", "app.terraform.io:sub", `"organization:fernhill:project:*:workspace:*:run_phase:*"`))}},
		{"F", "Terraform Cloud, any organization", []string{allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/app.terraform.io"},` + web + when("StringLike", "app.terraform.io:sub", `"organization:*"`))}},
		{"F", "Terraform Cloud by its audience", []string{allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/app.terraform.io"},` + web + when("StringEquals", "app.terraform.io:aud", `"aws.workload.identity"`))}},
	})
}
