package iam

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	iaminv "github.com/ourshare/ourshare/internal/inventory/iam"
)

// roleRow is a role with a trust policy of the given statements; "" is one that the answer did not give.
func roleRow(statements string) iaminv.Principal {
	arn := "arn:aws:iam::" + checktest.Account + ":role/r"
	p := iaminv.Principal{Resource: &inventory.Resource{Type: "AWS::IAM::Role", ID: "r", ARN: arn, Name: "r", Region: "global"}, Kind: iaminv.RoleKind, Path: "/"}
	if statements != "" {
		p.Trust = new(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
	}
	return p
}

func trusts(principal, condition string) string {
	action := "sts:AssumeRole"
	if len(principal) > 12 && principal[:12] == `{"Federated"` {
		action = "sts:AssumeRoleWithWebIdentity"
	}
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"` + action + `"` + condition + `}`
}

const (
	other      = `{"AWS":"arn:aws:iam::444455556666:root"}`
	otherRole  = `{"AWS":"arn:aws:iam::444455556666:role/x"}`
	ownRole    = `{"AWS":"arn:aws:iam::111122223333:role/x"}`
	everyone   = `{"AWS":"*"}`
	github     = `{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}`
	samlIDP    = `{"Federated":"arn:aws:iam::111122223333:saml-provider/staff"}`
	externalID = `{"StringEquals":{"sts:ExternalId":"x7"}}`
	inOrg      = `{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`
	office     = `{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`
	aud        = `{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`
	oneRepo    = `{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:fernhill/shop:*"}}`
	denyAll    = `,{"Effect":"Deny","Principal":"*","Action":"sts:*"}`
)

func service(name string) string { return `{"Service":"` + name + `"}` }

func TestRoleTrust(t *testing.T) {
	type params = map[string]any
	trusted := params{"trusted_accounts": inventory.AccountIDs{"444455556666"}}
	for label, tt := range map[string]struct {
		check    *checks.Check
		trust    string
		params   params
		want     finding.Status
		severity finding.Severity
		texts    []string
	}{
		"anyone":                      {roleAssumableByAnyone, trusts(everyone, ""), nil, finding.Fail, "", []string{"statement 1", "unless an organization policy forbids it"}},
		"anyone, as a list":           {roleAssumableByAnyone, trusts(`{"AWS":["arn:aws:iam::111122223333:root","*"]}`, ""), nil, finding.Fail, "", nil},
		"anyone with an external id":  {roleAssumableByAnyone, trusts(everyone, externalID), nil, finding.Fail, "", nil},
		"anyone, denied":              {roleAssumableByAnyone, trusts(everyone, "") + denyAll, nil, finding.Pass, "", nil},
		"anyone of an organization":   {roleAssumableByAnyone, trusts(everyone, inOrg), nil, finding.Pass, "", nil},
		"an account":                  {roleAssumableByAnyone, trusts(other, ""), nil, finding.Pass, "", nil},
		"any repository":              {roleAssumableByAnyone, trusts(github, aud), nil, finding.Fail, "", []string{"token.actions.githubusercontent.com"}},
		"one repository":              {roleAssumableByAnyone, trusts(github, oneRepo), nil, finding.Pass, "", nil},
		"anyone: no document":         {roleAssumableByAnyone, "", nil, finding.Unknown, "", []string{"does not hold"}},
		"anyone: not JSON":            {roleAssumableByAnyone, `{`, nil, finding.Unknown, "", []string{"could not be judged"}},
		"anyone: a wildcard account":  {roleAssumableByAnyone, trusts(`{"AWS":"arn:aws:iam::*:role/x"}`, ""), nil, finding.Unknown, "", nil},
		"anyone of any provider":      {roleAssumableByAnyone, `{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity"}`, nil, finding.Unknown, "", []string{"sts:AssumeRoleWithWebIdentity"}},
		"anyone of any, denied":       {roleAssumableByAnyone, `{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity"}` + denyAll, nil, finding.Pass, "", nil},
		"others: the own account":     {roleAssumableByOthers, trusts(ownRole, ""), nil, finding.Pass, "", []string{"no other account"}},
		"others: a service":           {roleAssumableByOthers, trusts(service("ec2.amazonaws.com"), ""), nil, finding.Pass, "", nil},
		"others: a provider":          {roleAssumableByOthers, trusts(github, aud), nil, finding.Pass, "", nil},
		"others: an account":          {roleAssumableByOthers, trusts(other, ""), nil, finding.Fail, finding.High, []string{"account 444455556666", "without an external id", "unless an organization"}},
		"others: its role":            {roleAssumableByOthers, trusts(otherRole, ""), nil, finding.Fail, finding.High, []string{"role/x"}},
		"others: an external id":      {roleAssumableByOthers, trusts(other, externalID), nil, finding.Fail, "", []string{"with an external id"}},
		"others: an organization":     {roleAssumableByOthers, trusts(everyone, inOrg), nil, finding.Fail, "", []string{"o-a1b2c3d4e5"}},
		"others: one of two":          {roleAssumableByOthers, trusts(other, externalID) + "," + trusts(otherRole, ""), nil, finding.Fail, finding.High, nil},
		"others: trusted":             {roleAssumableByOthers, trusts(other, ""), trusted, finding.Pass, "", []string{"only trusted", "444455556666"}},
		"others: a trusted role":      {roleAssumableByOthers, trusts(otherRole, ""), trusted, finding.Pass, "", nil},
		"others: another is trusted":  {roleAssumableByOthers, trusts(`{"AWS":["444455556666","777788889999"]}`, ""), trusted, finding.Fail, finding.High, []string{"777788889999"}},
		"others: trusted org":         {roleAssumableByOthers, trusts(everyone, inOrg), params{"trusted_organizations": inventory.OrganizationIDs{"o-a1b2c3d4e5"}}, finding.Pass, "", nil},
		"others: everyone":            {roleAssumableByOthers, trusts(everyone, ""), trusted, finding.Fail, finding.High, []string{"any principal of any account"}},
		"others: everyone, an office": {roleAssumableByOthers, trusts(everyone, office), nil, finding.Unknown, "", []string{"could not be judged", "aws:SourceIp"}},
		"others: a unique id":         {roleAssumableByOthers, trusts(`{"AWS":"AROAABCDEFGHIJKLMNOPQ"}`, ""), nil, finding.Unknown, "", nil},
		"others: one sure, one not":   {roleAssumableByOthers, trusts(`{"AWS":["AROAABCDEFGHIJKLMNOPQ","444455556666"]}`, ""), nil, finding.Fail, finding.High, nil},
		"others: denied":              {roleAssumableByOthers, trusts(other, "") + denyAll, nil, finding.Pass, "", nil},
		"others: no document":         {roleAssumableByOthers, "", nil, finding.Unknown, "", nil},
		"service: none":               {roleServiceTrust, trusts(other, ""), nil, finding.NotApplicable, "", []string{"no AWS service"}},
		"service: passed roles only":  {roleServiceTrust, trusts(service("lambda.amazonaws.com"), ""), nil, finding.Pass, "", nil},
		"service: no source":          {roleServiceTrust, trusts(service("config.amazonaws.com"), ""), nil, finding.Fail, "", []string{"config.amazonaws.com", "aws:SourceAccount"}},
		"service: a source":           {roleServiceTrust, trusts(service("config.amazonaws.com"), `{"StringEquals":{"AWS:SourceAccount":"111122223333"}}`), nil, finding.Pass, "", nil},
		"service: any source":         {roleServiceTrust, trusts(service("config.amazonaws.com"), `{"StringLike":{"aws:SourceAccount":"*"}}`), nil, finding.Fail, "", nil},
		"service: not established":    {roleServiceTrust, trusts(service("newthing.amazonaws.com"), ""), nil, finding.Unknown, "", []string{"newthing"}},
		"service: two, one open": {
			roleServiceTrust, trusts(`{"Service":["lambda.amazonaws.com","newthing.amazonaws.com","config.amazonaws.com"]}`, ""), nil, finding.Fail, "", []string{"config"},
		},
		"service: no document": {roleServiceTrust, "", nil, finding.Unknown, "", nil},
		"OIDC: none":           {roleOIDCTrust, trusts(other, ""), nil, finding.NotApplicable, "", []string{"no OIDC provider"}},
		"OIDC: SAML":           {roleOIDCTrust, trusts(samlIDP, ""), nil, finding.NotApplicable, "", nil},
		"OIDC: aud alone":      {roleOIDCTrust, trusts(github, aud), nil, finding.Fail, "", []string{"sub"}},
		"OIDC: one repository": {roleOIDCTrust, trusts(github, oneRepo), nil, finding.Pass, "", nil},
		"OIDC: an open end":    {roleOIDCTrust, trusts(github, `{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:fernhill*"}}`), nil, finding.Fail, "", []string{"repo:fernhill*"}},
		"OIDC: private, aud alone": {
			roleOIDCTrust, trusts(`{"Federated":"arn:aws:iam::111122223333:oidc-provider/login.example.com"}`, `{"StringEquals":{"login.example.com:aud":"x"}}`), nil, finding.Unknown, "", nil,
		},
		"OIDC: no document": {roleOIDCTrust, "", nil, finding.Unknown, "", nil},
	} {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			f.Store.Params = tt.params
			row := roleRow(tt.trust)
			checktest.Rows(f, iaminv.AuthorizationDetails, iaminv.AuthorizationDetail{Principal: &row})
			v := f.Run(tt.check)["r"]
			checktest.Want(t, v, tt.want, tt.texts...)
			if v.Severity != tt.severity {
				t.Errorf("severity %q, want %q", v.Severity, tt.severity)
			}
		})
	}
}

func TestRoleTrustOfOtherRows(t *testing.T) {
	for _, c := range roleTrust {
		t.Run(c.ID, func(t *testing.T) {
			linked, open := roleRow(trusts(service("config.amazonaws.com"), "")), roleRow(trusts(everyone, ""))
			linked.Path = "/aws-service-role/config.amazonaws.com/"
			user := iaminv.Principal{Resource: &inventory.Resource{ID: "u"}, Kind: iaminv.UserKind}
			f := checktest.New()
			checktest.Rows(f, iaminv.AuthorizationDetails, iaminv.AuthorizationDetail{Principal: &linked}, iaminv.AuthorizationDetail{Principal: &user})
			got := f.Run(c)
			checktest.Want(t, got["r"], finding.NotApplicable, "service-linked")
			if len(got) != 1 {
				t.Errorf("%d verdicts, want the role's alone", len(got))
			}
			f = checktest.New()
			checktest.Broken(f, iaminv.AuthorizationDetails, "iam:GetAccountAuthorizationDetails", iaminv.AuthorizationDetail{Principal: &open})
			got = f.Run(c)
			checktest.Want(t, got[""], finding.Unknown, "iam:GetAccountAuthorizationDetails")
			if got["r"].Status == finding.Unknown || got["r"].Status == "" {
				t.Errorf("what was listed is %q", got["r"].Status)
			}
			checktest.Want(t, checktest.New().Run(c)[""], finding.Unknown, "does not hold")
		})
	}
}
