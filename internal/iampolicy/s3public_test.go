package iampolicy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mustParse reads a policy of the newer version from its statements.
func mustParse(t testing.TB, statements ...string) *Document {
	t.Helper()
	d, err := Parse(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// allow makes an Allow of one action; condition may be empty.
func allow(principal, condition string) string {
	if condition == "" {
		condition = "{}"
	}
	return fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":%s}`,
		principal, condition)
}

func TestS3PublicPrincipals(t *testing.T) {
	const canonical = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
	tests := []struct {
		principal string
		want      Answer
	}{
		{`"*"`, Yes},
		{`{"AWS":"*"}`, Yes},
		{`{"AWS":["arn:aws:iam::123456789012:root","*"]}`, Yes},
		{`{"AWS":["123456789012"],"Service":"cloudtrail.amazonaws.com"}`, No},
		{`{"AWS":"arn:aws:iam::123456789012:root"}`, No},
		{`{"AWS":"arn:aws-cn:iam::123456789012:root"}`, No},
		{`{"AWS":"arn:aws-us-gov:iam::123456789012:role/path/x"}`, No},
		{`{"AWS":"arn:aws:iam::123456789012:user/Bob"}`, No},
		{`{"AWS":"arn:aws:sts::123456789012:assumed-role/r/session"}`, No},
		{`{"AWS":"arn:aws:sts::123456789012:federated-user/bob"}`, No},
		{`{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E15MNIMTCFKK4C"}`, No},
		{`{"AWS":"AROAEXAMPLEID12345678"}`, No},
		{`{"AWS":"AIDAEXAMPLEID12345678"}`, No},
		{`{"CanonicalUser":"` + canonical + `"}`, No},
		{`{"Service":"logging.s3.amazonaws.com"}`, No},
		{`{"Federated":"graph.facebook.com"}`, Yes},
		{`{"Federated":"accounts.google.com"}`, Yes},
		{`{"Federated":["arn:aws:iam::123456789012:saml-provider/x","www.amazon.com"]}`, Yes},
		{`{"Federated":"arn:aws:iam::123456789012:saml-provider/x"}`, Unknown},
		{`{"Federated":"idp.example.com"}`, Unknown},
		{`{"Federated":"*"}`, Unknown},
		{`{"Service":"*"}`, Unknown},
		{`{"Service":"*.amazonaws.com"}`, Unknown},
		{`{"AWS":"arn:aws:iam::*:root"}`, Unknown},
		{`{"AWS":"arn:aws:iam::123456789012:role/*"}`, Unknown},
		{`{"AWS":"**"}`, Unknown},
		{`{"AWS":"arn:aws:iam::123456789012:user/${aws:username}"}`, Unknown},
		{`{"AWS":"bob"}`, Unknown},
		{`{"AWS":"12345"}`, Unknown},
		{`{"AWS":""}`, Unknown},
		{`{"CanonicalUser":"65a011a29cdf8ec533ec3d1ccaae921c"}`, Unknown},
		{`{"CanonicalUser":"*"}`, Unknown},
		{`{"AWS":["bob","*"]}`, Yes},
		{`{"AWS":["bob","123456789012"]}`, Unknown},
	}
	for _, tt := range tests {
		if got := mustParse(t, allow(tt.principal, "")).S3Public(); got.Answer != tt.want {
			t.Errorf("%s: got %s, want %s: %q", tt.principal, got.Answer, tt.want, got.Why())
		}
	}
}

func TestS3PublicConditions(t *testing.T) {
	tests := []struct {
		condition string
		want      Answer
	}{
		// A fixed value of each key that counts.
		{`{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`, No},
		{`{"StringEquals":{"AWS:principalorgid":"o-a1b2c3d4e5"}}`, No},
		{`{"StringEquals":{"aws:PrincipalAccount":["123456789012","210987654321"]}}`, No},
		{`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/x"}}`, No},
		{`{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"}}`, No},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:eu-west-1:123456789012:topic"}}`, No},
		{`{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}`, No},
		{`{"StringLike":{"aws:SourceVpc":"vpc-91237329"}}`, No},
		{`{"StringEqualsIgnoreCase":{"aws:SourceVpce":"vpce-1"}}`, No},
		{`{"StringEquals":{"aws:SourceOwner":"123456789012"}}`, No},
		{`{"StringEquals":{"aws:SourceAccount":"123456789012"}}`, No},
		{`{"StringEquals":{"aws:userid":"AIDAEXAMPLEID"}}`, No},
		{`{"StringEquals":{"s3:DataAccessPointAccount":"123456789012"}}`, No},
		{`{"StringEquals":{"s3:DataAccessPointArn":"arn:aws:s3:eu-west-1:123456789012:accesspoint/x"}}`, No},
		{`{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:eu-west-1:123456789012:accesspoint/*"}}`, No},
		{`{"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}`, No},

		// Wildcards and policy variables undo it; several values are ORed.
		{`{"StringLike":{"aws:SourceVpc":"vpc-*"}}`, Yes},
		{`{"StringLike":{"aws:SourceVpc":["vpc-91237329","vpc-*"]}}`, Yes},
		{`{"StringLike":{"aws:PrincipalOrgID":"o-*"}}`, Yes},
		{`{"StringLike":{"aws:PrincipalOrgID":"*"}}`, Yes},
		{`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}`, Yes},
		{`{"StringLike":{"aws:PrincipalAccount":"12345678901?"}}`, Yes},
		{`{"StringEquals":{"aws:SourceVpc":"${aws:PrincipalTag/vpc}"}}`, Yes},
		{`{"StringLike":{"aws:userid":"*:session"}}`, Yes},
		{`{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:eu-west-1:*:accesspoint/*"}}`, Yes},
		{`{"StringLike":{"s3:DataAccessPointArn":"*"}}`, Yes},
		{`{"StringLike":{"s3:DataAccessPointAccount":"*"}}`, Yes},

		{`{"StringLike":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:*:123456789012:key/*"}}`, Yes},

		// What no documentation settles.
		{`{"StringEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:eu-west-1:123456789012:key/1"}}`, Unknown},
		{`{"StringEquals":{"aws:SourceVpc":"vpc-*"}}`, Unknown},
		{`{"StringEquals":{"aws:SourceVpc":"${*}"}}`, Unknown},
		{`{"StringEquals":{"aws:SourceVpc":""}}`, Unknown},
		{`{"StringLike":{"aws:userid":"AROAEXAMPLEID:*"}}`, Unknown},
		{`{"StringEquals":{"aws:userid":"AROAEXAMPLEID:session"}}`, Unknown},
		{`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}`, Unknown},
		{`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-*"}}`, Yes},
		{`{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:123456789012:accesspoint/*"}}`, Unknown},
		{`{"NumericEquals":{"aws:SourceAccount":"123456789012"}}`, Unknown},
		{`{"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}`, Unknown},
		{`{"Bool":{"aws:PrincipalIsAWSService":"true"}}`, Unknown},
		{`{"StringEquals":{"aws:SourceOrgID":"o-a1b2c3d4e5"}}`, Unknown},
		{`{"StringEquals":{"aws:PrincipalTag/team":"x"}}`, Unknown},
		{`{"StringEquals":{"s3:AccessPointNetworkOrigin":"VPC"}}`, Unknown},
		{`{"StringEquals":{"graph.facebook.com:app_id":"1"}}`, Unknown},
		{`{"stringequals":{"aws:SourceVpc":"vpc-1"}}`, Unknown},

		// Operators that fix no value.
		{`{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}`, Yes},
		{`{"StringNotLike":{"aws:PrincipalOrgID":"o-1"}}`, Yes},
		{`{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/x"}}`, Yes},
		{`{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, Yes},
		{`{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`, Yes},
		{`{"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}}`, Yes},
		{`{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r-1/"}}`, Yes},
		{`{"Null":{"aws:SourceVpc":"false"}}`, Yes},

		// ... but for one that asks that the key be there.
		{`{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r-1/"},"Null":{"aws:principalorgpaths":"false"}}`, No},
		{`{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"*"},"Null":{"aws:PrincipalOrgPaths":"false"}}`, Yes},
		{`{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"},"Null":{"aws:SourceVpce":false}}`, No},
		{`{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"},"Null":{"aws:SourceVpce":"true"}}`, Yes},
		{`{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"},"Null":{"aws:SourceVpce":["true","false"]}}`, Yes},
		{`{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"},"Null":{"aws:SourceVpc":"false"}}`, Yes},
		{`{"StringNotEquals":{"aws:SourceVpce":"vpce-1"},"Null":{"aws:SourceVpce":"false"}}`, Yes},

		// A request has an address, or comes through a VPC endpoint.
		{`{"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}`, Unknown},
		{`{"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"},"Null":{"aws:SourceIp":"false"}}`, No},
		{`{"IpAddressIfExists":{"aws:SourceIp":"0.0.0.0/0"},"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}`, Yes},
		{`{"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringLikeIfExists":{"aws:SourceVpc":"vpc-*"}}`, Yes},
		{`{"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"},"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`, Yes},

		// Keys that do not count.
		{`{"Bool":{"aws:SecureTransport":"true"}}`, Yes},
		{`{"StringEquals":{"aws:Referer":"https://example.com/"}}`, Yes},
		{`{"StringEquals":{"aws:UserAgent":"secret"}}`, Yes},
		{`{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}`, Yes},
		{`{"StringEquals":{"s3:prefix":"public/"}}`, Yes},
		{`{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}`, Yes},
		{`{"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}}`, Yes},
		{`{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`, Yes},
		{`{"StringEquals":{"s3:ExistingObjectTag/public":"yes"}}`, Yes},
		{`{"StringEquals":{"aws:PrincipalType":"User"}}`, Yes},
		{`{"Bool":{"aws:ViaAWSService":"true"}}`, Yes},
		{`{"ForAnyValue:StringEquals":{"aws:CalledVia":"athena.amazonaws.com"}}`, Yes},
		{`{"StringEquals":{"aws:CalledViaFirst":"athena.amazonaws.com"}}`, Yes},

		// Addresses.
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.7"}}`, No},
		{`{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}}`, No},
		{`{"IpAddress":{"aws:SourceIp":"12.0.0.0/8"}}`, No},
		{`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, No},
		{`{"IpAddress":{"aws:SourceIp":["172.16.0.0/12","192.168.0.0/16"]}}`, No},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.7/24"}}`, No},
		{`{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`, Yes},
		{`{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}`, Yes},
		{`{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}`, Yes},
		{`{"IpAddress":{"aws:SourceIp":"12.0.0.0/7"}}`, Yes},
		{`{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/1"]}}`, Yes},
		{`{"IpAddress":{"aws:SourceIp":["rubbish","0.0.0.0/1"]}}`, Yes},
		{`{"IpAddress":{"aws:SourceIp":"::/0"}}`, Yes},
		{`{"IpAddress":{"aws:SourceIp":"2001:db8::/31"}}`, Yes},
		{`{"IpAddress":{"aws:SourceIp":["12.0.0.0/8","13.0.0.0/8"]}}`, Unknown},
		{`{"IpAddress":{"aws:SourceIp":["12.0.0.0/9","12.128.0.0/9","13.0.0.0/8"]}}`, Unknown},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.0/33"}}`, Unknown},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.*"}}`, Unknown},
		{`{"IpAddress":{"aws:SourceIp":"::ffff:0.0.0.0/96"}}`, Unknown},
		{`{"IpAddress":{"aws:SourceIp":"fc00::/7"}}`, Unknown},
		{`{"IpAddress":{"aws:SourceIp":"fd00::/31"}}`, Unknown},
		{`{"IpAddress":{"aws:SourceIp":"fd12:3456::/32"}}`, No},
		{`{"IpAddress":{"aws:SourceIp":["fd12:3456:789a::/48","203.0.113.0/24"]}}`, No},
		{`{"StringEquals":{"aws:SourceIp":"203.0.113.7"}}`, Unknown},

		// Conditions are ANDed: one limit is enough, and one undecided beside no limit stays undecided.
		{`{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}`, No},
		{`{"StringLike":{"aws:SourceArn":"*","aws:PrincipalOrgID":"o-1"}}`, No},
		{`{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"},"StringEquals":{"aws:SourceVpce":"vpce-1"}}`, No},
		{`{"StringEquals":{"aws:PrincipalTag/x":"y","aws:SourceVpce":"vpce-1"}}`, No},
		{`{"StringEquals":{"aws:PrincipalTag/x":"y"},"Bool":{"aws:SecureTransport":"true"}}`, Unknown},
		{`{}`, Yes},
	}
	for _, tt := range tests {
		got := mustParse(t, allow(`"*"`, tt.condition)).S3Public()
		if got.Answer != tt.want {
			t.Errorf("%s: got %s, want %s: %q", tt.condition, got.Answer, tt.want, got.Why())
		}
		if strings.Contains(tt.condition, "DataAccessPoint") != got.DelegatesToAccessPoints && tt.want != Yes {
			t.Errorf("%s: delegates to access points: %v", tt.condition, got.DelegatesToAccessPoints)
		}
	}
}

func TestS3PublicStatements(t *testing.T) {
	account := `{"AWS":"123456789012"}`
	org := `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`
	accessPoint := `{"StringEquals":{"s3:DataAccessPointAccount":"123456789012"}}`
	deny := strings.ReplaceAll(allow(`"*"`, ""), "Allow", "Deny")
	tests := []struct {
		name       string
		statements []string
		want       Answer
		delegates  bool
	}{
		{"only a Deny", []string{deny}, No, false},
		{"a Deny of everything does not count", []string{deny, allow(`"*"`, "")}, Yes, false},
		{"one public of three", []string{allow(`{"Service":"cloudtrail.amazonaws.com"}`, ""), allow(account, ""), allow(`"*"`, "")}, Yes, false},
		{"one undecided", []string{allow(account, ""), allow(`{"AWS":"bob"}`, "")}, Unknown, false},
		{"public whatever is undecided", []string{allow(`{"AWS":"bob"}`, ""), allow(`"*"`, "")}, Yes, false},
		{"NotPrincipal", []string{strings.Replace(allow(account, ""), "Principal", "NotPrincipal", 1)}, Yes, false},
		{"NotPrincipal with a limit", []string{strings.Replace(allow(account, org), "Principal", "NotPrincipal", 1)}, No, false},
		{"NotAction", []string{strings.Replace(allow(`"*"`, ""), "Action", "NotAction", 1)}, Yes, false},
		{"no principal", []string{`{"Effect":"Allow","Action":"*","Resource":"*"}`}, Unknown, false},
		{"a fixed principal needs no condition", []string{allow(account, `{"StringLike":{"aws:SourceVpc":"*"}}`)}, No, false},
		{"delegates", []string{allow(`"*"`, accessPoint)}, No, true},
		{"delegates and is public", []string{allow(`"*"`, accessPoint), allow(`"*"`, "")}, Yes, true},
		{"access points of a fixed principal", []string{allow(account, accessPoint)}, No, false},
		{"access points within an organization", []string{allow(`"*"`, `{"StringEquals":{"s3:DataAccessPointAccount":"123456789012","aws:PrincipalOrgID":"o-1"}}`)}, No, false},
		{"facebook with a fixed VPC", []string{allow(`{"Federated":"graph.facebook.com"}`, `{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`)}, No, false},
		{"actions are not looked at", []string{strings.Replace(allow(`"*"`, ""), "s3:GetObject", "ec2:RunInstances", 1)}, Yes, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := mustParse(t, tt.statements...).S3Public()
			if got.Answer != tt.want || got.DelegatesToAccessPoints != tt.delegates {
				t.Errorf("got %s, delegates %v; want %s, %v: %q", got.Answer, got.DelegatesToAccessPoints, tt.want, tt.delegates, got.Why())
			}
			slices.Reverse(tt.statements)
			if again := mustParse(t, tt.statements...).S3Public(); again.Answer != tt.want {
				t.Errorf("in reverse order: got %s, want %s", again.Answer, tt.want)
			}
		})
	}
}

// In the older version of the language `${...}` is text, which no real value has.
func TestS3PublicOlderVersion(t *testing.T) {
	d, err := Parse(`{"Statement":` + allow(`"*"`, `{"StringEquals":{"aws:SourceVpc":"${aws:SourceVpc}"}}`) + `}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.S3Public(); got.Answer != Unknown {
		t.Errorf("got %s: %q", got.Answer, got.Why())
	}
}

func TestS3PublicWhy(t *testing.T) {
	d := mustParse(t,
		strings.Replace(allow(`{"AWS":["123456789012","*"]}`, `{"Bool":{"aws:SecureTransport":true},"IpAddress":{"aws:SourceIp":["10.0.0.0/8","0.0.0.0/1"]}}`),
			"{", `{"Sid":"CDN",`, 1),
		allow(`{"AWS":"123456789012"}`, ""))
	want := []string{`statement 1 ("CDN"): AWS:123456789012 is a fixed principal; AWS:* is everyone; ` +
		`Bool aws:SecureTransport ["true"] is no limit: not a key that counts; ` +
		`IpAddress aws:SourceIp ["10.0.0.0/8" "0.0.0.0/1"] is no limit: 0.0.0.0/1 is broader than /8 (IPv4) or /32 (IPv6)`}
	if diff := cmp.Diff(want, d.S3Public().Why()); diff != "" {
		t.Error(diff)
	}
	none := mustParse(t, `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`)
	if diff := cmp.Diff([]string{"no statement allows anything"}, none.S3Public().Why()); diff != "" {
		t.Error(diff)
	}
}
