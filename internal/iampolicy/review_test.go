package iampolicy

import (
	"strings"
	"testing"
)

// Policies that look like others and mean something else: where a rule is not plain from the operators' own page, its source
// stands in the name.
func TestAssumableByAnyoneInDisguise(t *testing.T) {
	to := func(principal, action, condition string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"` + action + `","Condition":{` + condition + `}}`
	}
	role := func(condition string) string { return to(`{"AWS":"*"}`, "sts:AssumeRole", condition) }
	web := func(provider, condition string) string {
		return to(`{"Federated":"`+provider+`"}`, "sts:AssumeRoleWithWebIdentity", condition)
	}
	unless := func(condition string) string {
		return role("") + `,{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{` + condition + `}}`
	}
	const sentinel = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"
	tests := []struct {
		name, policy string
		want         Answer
	}{
		{"everyone by web identity, no provider named", to(`"*"`, "sts:AssumeRoleWithWebIdentity", ""), Unknown},
		{"everyone by SAML", to(`{"AWS":"*"}`, "sts:AssumeRoleWithSAML", ""), Unknown},
		{"everyone by web identity, of one organization", to(`"*"`, "sts:AssumeRoleWithWebIdentity", `"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}`), No},
		{"everyone by web identity, denied", to(`"*"`, "sts:AssumeRoleWithWebIdentity", "") + `,{"Effect":"Deny","Principal":"*","Action":"sts:*"}`, No},
		{"any provider", web("*", ""), Unknown},
		{"a provider with a wildcard", web("arn:aws:iam::111122223333:oidc-provider/*", ""), Unknown},
		{"any service", to(`{"Service":"*"}`, "sts:AssumeRole", ""), Unknown},
		{"a tag of the caller's, who sets it in its own account", role(`"StringEquals":{"aws:PrincipalTag/team":"ops"}`), Yes},
		{"a user name that anyone can give a user", role(`"StringEquals":{"aws:username":"bob"}`), Yes},
		{"one account by a pattern of ARNs", role(`"StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333*"}`), No},
		{"accounts that begin alike", role(`"StringLike":{"aws:PrincipalArn":"arn:aws:iam::1111222233*"}`), Yes},
		{"a role's name in any account", role(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}`), Yes},
		{"the role's own account by a variable (Variables and tags)", role(`"StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}`), No},
		{"the same the other way round", role(`"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}`), No},
		{"the role's own organization by a variable", role(`"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}`), No},
		{"an organization only if there is one", role(`"StringEqualsIfExists":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}`), Yes},
		{"a variable that is always so", role(`"StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}`), Yes},
		{"any organization", role(`"StringLike":{"aws:PrincipalOrgID":"o-*"}`), Yes},
		{"some organization", role(`"Null":{"aws:PrincipalOrgID":"false"}`), Yes},
		{"an organization if the key is there", role(`"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}`), Yes},
		{"that, and the key is there", role(`"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"Null":{"aws:PrincipalOrgID":"false"}`), No},
		{"ForAllValues holds without the key", role(`"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}`), Yes},
		{"every account but one", role(`"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}`), Yes},
		{"two halves of all addresses", role(`"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}`), Yes},
		{"some external id", role(`"Null":{"sts:ExternalId":"false"}`), Yes},
		{"any user with MFA", role(`"Bool":{"aws:MultiFactorAuthPresent":"true"}`), Yes},
		{"denied but from an address", unless(`"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}`), No},
		{"denied but from half of all addresses", unless(`"NotIpAddress":{"aws:SourceIp":"0.0.0.0/1"}`), Yes},
		{"denied but from a VPC endpoint", unless(`"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}`), No},
		{"denied but from an endpoint or an address", unless(`"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"},"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}`), No},
		{"denied but from an endpoint or with MFA", unless(`"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"},"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`), Yes},
		{"denied where no endpoint is used", unless(`"Null":{"aws:SourceVpce":"true"}`), Yes},
		{"denied but for an organization", unless(`"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}`), No},
		{"the Deny is of another action", role("") + `,{"Effect":"Deny","Principal":"*","Action":"sts:TagSession","Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}`, Yes},
		{"Google: one subject (OpenID Connect Core)", web("accounts.google.com", `"StringEquals":{"accounts.google.com:sub":"114567890123456789012"}`), No},
		{"Google: any subject", web("accounts.google.com", `"StringLike":{"accounts.google.com:sub":"*"}`), Yes},
		{"Google: any client", web("accounts.google.com", `"StringLike":{"accounts.google.com:aud":"*"}`), Yes},
		{"GitHub: ForAllValues holds without a sub", web("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", `"ForAllValues:StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo-org/octo-repo:*"}`), Yes},
		{"GitHub: organizations that begin alike", web("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", `"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo-org*"}`), Yes},
		{"Terraform: any organization", web("arn:aws:iam::111122223333:oidc-provider/app.terraform.io", `"StringLike":{"app.terraform.io:sub":"organization:*:project:p:*"}`), Yes},
		{"Azure Sentinel without its session name (Identity-provider controls for shared OIDC providers)", web("arn:aws:iam::111122223333:oidc-provider/"+sentinel, `"StringEquals":{"`+sentinel+`:aud":"api://x"}`), Yes},
		{"Azure Sentinel with its session name", web("arn:aws:iam::111122223333:oidc-provider/"+sentinel, `"StringEquals":{"sts:RoleSessionName":"MicrosoftSentinel_1"}`), No},
		{"Shisho Cloud without a sub", web("arn:aws:iam::111122223333:oidc-provider/tokens.cloud.shisho.dev", ""), Yes},
	}
	for _, tt := range tests {
		if got := mustParse(t, tt.policy).AssumableByAnyone(); got.Answer != tt.want || len(got.Why) == 0 {
			t.Errorf("%s: got %s, want %s: %q", tt.name, got.Answer, tt.want, got.Why)
		}
	}
}

func TestWritableInDisguise(t *testing.T) {
	put := `{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}`
	deny := func(action, resource, condition string) string {
		return put + `,{"Effect":"Deny","Principal":"*","Action":"` + action + `","Resource":"` + resource + `","Condition":{` + condition + `}}`
	}
	tests := []struct {
		name, policy string
		want         Answer
	}{
		{"replication from a stranger's bucket (S3 guide, Granting permissions for replication across accounts)", strings.Replace(put, "PutObject", "ReplicateObject", 1), Yes},
		{"deletions by replication", strings.Replace(put, "PutObject", "ReplicateDelete", 1), Yes},
		{"denied but from a VPC endpoint", deny("s3:*", "*", `"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}`), No},
		{"denied but from an address", deny("s3:PutObject", "arn:aws:s3:::b/*", `"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}`), No},
		{"denied on a part, but from an address", deny("s3:PutObject", "arn:aws:s3:::b/a/*", `"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}`), Yes},
		{"reading is denied, but from an address", deny("s3:GetObject", "*", `"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}`), Yes},
		{"denied but from a wide range", deny("s3:*", "*", `"NotIpAddress":{"aws:SourceIp":"0.0.0.0/1"}`), Yes},
		{"denied but from any endpoint", deny("s3:*", "*", `"StringNotLike":{"aws:SourceVpce":"vpce-*"}`), Yes},
		{"denied where no endpoint is used", deny("s3:*", "*", `"Null":{"aws:SourceVpce":"true"}`), Yes},
	}
	for _, tt := range tests {
		b := &Bucket{Name: "b", Account: "111122223333", Policy: mustParse(t, tt.policy), OwnerEnforced: Yes, IgnorePublicACLs: No, RestrictPublicBuckets: No}
		if got := b.WritableByAnyone(); got.Answer != tt.want {
			t.Errorf("%s: got %s, want %s: %q", tt.name, got.Answer, tt.want, got.Why)
		}
	}
}
