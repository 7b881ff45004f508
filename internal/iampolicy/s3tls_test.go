package iampolicy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	insecure = `"Condition":{"Bool":{"aws:SecureTransport":"false"}}`
	both     = `"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]`
)

// denyAll makes a Deny for everyone from what else is to be in it.
func denyAll(parts ...string) string {
	return `{"Effect":"Deny","Principal":"*",` + strings.Join(parts, ",") + `}`
}

func TestS3DeniesPlainHTTP(t *testing.T) {
	const action = `"Action":"s3:*"`
	with := func(condition string) []string { return []string{denyAll(action, both, `"Condition":`+condition)} }
	tests := []struct {
		name       string
		statements []string
		want       Answer
		says       string // in what remains
	}{
		{"the documented form", []string{denyAll(action, both, insecure)}, Yes, ""},
		{"no Deny", []string{allow(`"*"`, `{"Bool":{"aws:SecureTransport":"true"}}`)}, No, "no statement denies anything"},
		{"a Deny of everything", []string{denyAll(`"Action":"*"`, `"Resource":"*"`)}, Yes, ""},

		// Who.
		{"AWS star", []string{strings.Replace(denyAll(action, both, insecure), `"*"`, `{"AWS":"*"}`, 1)}, Yes, ""},
		{"star in a list", []string{strings.Replace(denyAll(action, both, insecure), `"*"`, `{"AWS":["123456789012","*"]}`, 1)}, Yes, ""},
		{"one account only", []string{strings.Replace(denyAll(action, both, insecure), `"*"`, `{"AWS":"123456789012"}`, 1)}, No, "it applies to AWS:123456789012 only"},
		{"a service only", []string{strings.Replace(denyAll(action, both, insecure), `"*"`, `{"Service":"a.amazonaws.com"}`, 1)}, No, "by an anonymous caller"},
		{"every web identity only", []string{strings.Replace(denyAll(action, both, insecure), `"*"`, `{"Federated":"graph.facebook.com"}`, 1)}, No, "by an anonymous caller"},
		{"a principal with a wildcard", []string{strings.Replace(denyAll(action, both, insecure), `"*"`, `{"AWS":"arn:aws:iam::*:root"}`, 1)}, Unknown, "it applies to"},
		{"no principal", []string{strings.Replace(denyAll(action, both, insecure), `"Principal":"*",`, ``, 1)}, Unknown, "it names no principal"},
		{"NotPrincipal with an account", []string{strings.Replace(denyAll(action, both, insecure), `"Principal":"*"`, `"NotPrincipal":{"AWS":"arn:aws:iam::123456789012:root"}`, 1)}, No, "it leaves out AWS:arn:aws:iam::123456789012:root"},
		{"NotPrincipal with a service", []string{strings.Replace(denyAll(action, both, insecure), `"Principal":"*"`, `"NotPrincipal":{"Service":"a.amazonaws.com"}`, 1)}, No, "by Service:a.amazonaws.com, who is left out"},
		{"NotPrincipal with a role and its account", []string{strings.Replace(denyAll(action, both, insecure), `"Principal":"*"`, `"NotPrincipal":{"AWS":["arn:aws:iam::123456789012:role/r","123456789012"]}`, 1)}, No, "who is left out"},
		{"NotPrincipal with a role alone, whose account may be denied", []string{strings.Replace(denyAll(action, both, insecure), `"Principal":"*"`, `"NotPrincipal":{"AWS":"arn:aws:iam::123456789012:role/r"}`, 1)}, Unknown, "it leaves out"},
		{"NotPrincipal beside a full Deny", []string{strings.Replace(denyAll(action, both, insecure), `"Principal":"*"`, `"NotPrincipal":{"AWS":"123456789012"}`, 1), denyAll(action, both, insecure)}, Yes, ""},

		// What.
		{"star", []string{denyAll(`"Action":"*"`, both, insecure)}, Yes, ""},
		{"upper case", []string{denyAll(`"Action":"S3:*"`, both, insecure)}, Yes, ""},
		{"a list that holds all", []string{denyAll(`"Action":["s3:GetObject","s3:*"]`, both, insecure)}, Yes, ""},
		{"only s3:Get*", []string{denyAll(`"Action":"s3:Get*"`, both, insecure)}, No, "s3:ListBucket by an anonymous caller"},
		{"only s3:GetObject", []string{denyAll(`"Action":"s3:GetObject"`, both, insecure)}, No, "s3:PutObject by an anonymous caller"},
		{"another service", []string{denyAll(`"Action":"ec2:*"`, both, insecure)}, No, "s3:ListBucket"},
		{"NotAction of another service", []string{denyAll(`"NotAction":"iam:*"`, both, insecure)}, Yes, ""},
		{"NotAction leaves one out", []string{denyAll(`"NotAction":"s3:GetObject"`, both, insecure)}, No, "s3:GetObject by an anonymous caller"},
		{"NotAction of everything", []string{denyAll(`"NotAction":"*"`, both, insecure)}, No, "s3:ListBucket"},
		{"an action and its complement", []string{denyAll(`"Action":"s3:Get*"`, both, insecure), denyAll(`"NotAction":"S3:GET*"`, both, insecure)}, Yes, ""},
		{"complement that is too small", []string{denyAll(`"Action":"s3:GetObject"`, both, insecure), denyAll(`"NotAction":"s3:Get*"`, both, insecure)}, No, "s3:GetBucketLocation"},
		{"reads, writes, deletions and lists", []string{denyAll(`"Action":["s3:Get*","s3:Put*","s3:Delete*","s3:List*"]`, both, insecure)}, No, "s3:AbortMultipartUpload"},
		{"all of today, but not of tomorrow", []string{denyAll(`"Action":["s3:Get*","s3:Put*","s3:Delete*","s3:List*","s3:AbortMultipartUpload","s3:RestoreObject"]`, both, insecure)}, Unknown, "it covers the actions"},
		{"by the first letter", []string{denyAll(`"Action":["s3:a*","s3:b*","s3:c*","s3:d*","s3:e*","s3:f*","s3:g*","s3:h*","s3:i*","s3:j*","s3:k*","s3:l*","s3:m*"]`, both, insecure), denyAll(`"NotAction":["s3:a*","s3:b*","s3:c*","s3:d*","s3:e*","s3:f*","s3:g*","s3:h*","s3:i*","s3:j*","s3:k*","s3:l*"]`, both, insecure)}, Yes, ""},
		{"a wildcard in the service", []string{denyAll(`"Action":"s*:*"`, both, insecure)}, Unknown, "it covers the actions"},
		{"no wildcards but all of one length", []string{denyAll(`"Action":["s3:?*"]`, both, insecure)}, Yes, ""},

		// Where.
		{"only the objects", []string{denyAll(action, `"Resource":"arn:aws:s3:::b/*"`, insecure)}, No, "requests to the bucket itself (arn:aws:s3:::b) over plain HTTP are not denied"},
		{"only the bucket", []string{denyAll(action, `"Resource":"arn:aws:s3:::b"`, insecure)}, No, "requests to an object (such as arn:aws:s3:::b/x) over plain HTTP are not denied"},
		{"one statement for each", []string{denyAll(action, `"Resource":"arn:aws:s3:::b/*"`, insecure), denyAll(action, `"Resource":"arn:aws:s3:::b"`, insecure)}, Yes, ""},
		{"objects for reads, bucket for all", []string{denyAll(`"Action":"s3:Get*"`, `"Resource":"arn:aws:s3:::b/*"`, insecure), denyAll(action, `"Resource":"arn:aws:s3:::b"`, insecure)}, No, "s3:PutObject"},
		{"star", []string{denyAll(action, `"Resource":"*"`, insecure)}, Yes, ""},
		{"every bucket", []string{denyAll(action, `"Resource":"arn:aws:s3:::*"`, insecure)}, Yes, ""},
		{"a pattern over both", []string{denyAll(action, `"Resource":"arn:aws:s3:::b*"`, insecure)}, Yes, ""},
		{"every partition", []string{denyAll(action, `"Resource":"arn:*:s3:::b*"`, insecure)}, Yes, ""},
		{"every region and account", []string{denyAll(action, `"Resource":["arn:aws:s3:*:*:b","arn:aws:s3:*:*:b/*"]`, insecure)}, Yes, ""},
		{"another partition", []string{denyAll(action, `"Resource":["arn:aws-cn:s3:::b","arn:aws-cn:s3:::b/*"]`, insecure)}, No, "the bucket itself"},
		{"another bucket", []string{denyAll(action, `"Resource":["arn:aws:s3:::c","arn:aws:s3:::c/*"]`, insecure)}, No, "the bucket itself"},
		{"a question mark for the bucket", []string{denyAll(action, `"Resource":["arn:aws:s3:::?","arn:aws:s3:::?/*"]`, insecure)}, Yes, ""},
		{"objects of one character or more", []string{denyAll(action, `"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/?*"]`, insecure)}, Yes, ""},
		{"objects of one and of more characters", []string{denyAll(action, `"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/?","arn:aws:s3:::b/??*"]`, insecure)}, Yes, ""},
		{"objects of two characters or more", []string{denyAll(action, `"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/??*"]`, insecure)}, No, "objects such as arn:aws:s3:::b/x"},
		{"a prefix", []string{denyAll(action, `"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/private/*"]`, insecure)}, No, "objects such as arn:aws:s3:::b/x"},
		{"a prefix and the rest", []string{denyAll(action, `"Resource":"arn:aws:s3:::b/private/*"`, insecure), denyAll(action, `"NotResource":"arn:aws:s3:::b/private/*"`, insecure)}, Yes, ""},
		{"NotResource leaves a prefix out", []string{denyAll(action, `"NotResource":"arn:aws:s3:::b/public/*"`, insecure)}, No, "arn:aws:s3:::b/public/"},
		{"NotResource of another bucket", []string{denyAll(action, `"NotResource":["arn:aws:s3:::c","arn:aws:s3:::c/*"]`, insecure)}, Yes, ""},
		{"NotResource of the bucket", []string{denyAll(action, `"NotResource":"arn:aws:s3:::b"`, insecure)}, No, "the bucket itself"},
		{"NotResource of everything", []string{denyAll(action, `"NotResource":"*"`, insecure)}, No, "the bucket itself"},
		{"a wildcard in the service's place", []string{denyAll(action, `"Resource":"arn:aws:*:::b*"`, insecure)}, Unknown, "not decided"},
		{"a pattern across the colons", []string{denyAll(action, `"Resource":"arn:aws:s3*"`, insecure)}, Unknown, "not decided"},
		{"upper case before the bucket", []string{denyAll(action, `"Resource":"ARN:aws:S3:::b*"`, insecure)}, Unknown, "not decided"},
		{"a variable", []string{denyAll(action, `"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/${aws:username}*"]`, insecure)}, Unknown, "policy variable"},
		{"a variable beside everything", []string{denyAll(action, `"Resource":["*","arn:aws:s3:::b/${aws:username}"]`, insecure)}, Unknown, "policy variable"},
		{"NotResource with a variable", []string{denyAll(action, `"NotResource":"arn:aws:s3:::b/${aws:username}"`, insecure)}, Unknown, "policy variable"},
		{"NotResource with a variable before the bucket", []string{denyAll(action, `"NotResource":"arn:${aws:PrincipalTag/p}:s3:::*"`, insecure)}, Unknown, "policy variable"},
		{"an escaped star is a star", []string{denyAll(action, `"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/${*}"]`, insecure)}, No, "objects such as"},
		{"no resource", []string{denyAll(action, insecure)}, Unknown, "not decided"},

		// When.
		{"boolean value", with(`{"Bool":{"aws:SecureTransport":false}}`), Yes, ""},
		{"list", with(`{"Bool":{"aws:SecureTransport":["false"]}}`), Yes, ""},
		{"case of the key", with(`{"Bool":{"AWS:SECURETRANSPORT":"false"}}`), Yes, ""},
		{"BoolIfExists", with(`{"BoolIfExists":{"aws:SecureTransport":"false"}}`), Yes, ""},
		{"ForAllValues", with(`{"ForAllValues:Bool":{"aws:SecureTransport":"false"}}`), Yes, ""},
		{"ForAnyValue", with(`{"ForAnyValue:Bool":{"aws:SecureTransport":"false"}}`), Yes, ""},
		{"both values", with(`{"Bool":{"aws:SecureTransport":["true","false"]}}`), Yes, ""},
		{"the wrong way round", with(`{"Bool":{"aws:SecureTransport":"true"}}`), No, "does not hold over plain HTTP"},
		{"BoolIfExists the wrong way round", with(`{"BoolIfExists":{"aws:SecureTransport":true}}`), No, "does not hold over plain HTTP"},
		{"absent", with(`{"Null":{"aws:SecureTransport":"true"}}`), No, "does not hold over plain HTTP"},
		{"present", with(`{"Null":{"aws:SecureTransport":"false"}}`), Yes, ""},
		{"another spelling", with(`{"Bool":{"aws:SecureTransport":"False"}}`), Unknown, "not decided"},
		{"StringEquals", with(`{"StringEquals":{"aws:SecureTransport":"false"}}`), Unknown, "not decided"},
		{"StringLike", with(`{"StringLike":{"aws:SecureTransport":"fals?"}}`), Unknown, "not decided"},
		{"StringEquals true", with(`{"StringEquals":{"aws:SecureTransport":"true"}}`), No, "does not hold over plain HTTP"},
		{"StringNotEquals", with(`{"StringNotEquals":{"aws:SecureTransport":"false"}}`), Unknown, "not decided"},
		{"an operator that is not known", with(`{"bool":{"aws:SecureTransport":"false"}}`), Unknown, "not decided"},
		{"TLS version", with(`{"NumericLessThan":{"s3:TlsVersion":1.2}}`), Unknown, "disagree"},
		{"TLS version if it exists", with(`{"NumericLessThanIfExists":{"s3:TlsVersion":"1.2"}}`), Yes, ""},
		{"TLS version of HTTPS", with(`{"Bool":{"aws:SecureTransport":"true"},"NumericLessThan":{"s3:TlsVersion":1.2}}`), No, "does not hold over plain HTTP"},
		{"TLS version beside the Bool", with(`{"Bool":{"aws:SecureTransport":"false"},"NumericLessThan":{"s3:TlsVersion":1.2}}`), Unknown, "disagree"},

		// A further condition restricts the Deny.
		{"from some addresses", with(`{"Bool":{"aws:SecureTransport":"false"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), No, "a further condition IpAddress aws:SourceIp"},
		{"except from some addresses", with(`{"Bool":{"aws:SecureTransport":"false"},"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), No, "from 203.0.113.0"},
		{"except from private addresses, which do not occur", with(`{"Bool":{"aws:SecureTransport":"false"},"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`), Unknown, "aws:SourceIp"},
		{"from every address, but not through a VPC endpoint", with(`{"Bool":{"aws:SecureTransport":"false"},"IpAddress":{"aws:SourceIp":["0.0.0.0/0","::/0"]}}`), No, "through a VPC endpoint"},
		{"except from a VPC", with(`{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}`), No, "through vpc-1"},
		{"except the organization", with(`{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`), No, "aws:principalorgid o-1"},
		{"except a role", with(`{"Bool":{"aws:SecureTransport":"false"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/*"}}`), No, "role/x"},
		{"except tagged callers", with(`{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:PrincipalTag/a":"b"}}`), No, "aws:principaltag/a b"},
		{"only tagged callers", with(`{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:PrincipalTag/a":"b"}}`), No, "an anonymous caller"},
		{"except AWS services", with(`{"Bool":{"aws:SecureTransport":"false","aws:PrincipalIsAWSService":"false"}}`), No, "an anonymous caller"},
		{"except AWS services, if it exists", with(`{"Bool":{"aws:SecureTransport":"false"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`), No, "aws:principalisawsservice true"},
		{"only some program", with(`{"Bool":{"aws:SecureTransport":"false"},"StringLike":{"aws:UserAgent":"evil*"}}`), No, "an anonymous caller"},
		{"only with an ACL", with(`{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"s3:x-amz-acl":"public-read"}}`), No, "an anonymous caller"},
		{"in the organization, or without one", with(`{"Bool":{"aws:SecureTransport":"false"},"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`), No, "aws:principalorgid o-z9y8x7w6v5"},
		{"without an organization", with(`{"Bool":{"aws:SecureTransport":"false"},"Null":{"aws:PrincipalOrgID":"true"}}`), No, "a caller with aws:principalorgid x"},
		{"in the organization, or without one, and the others", []string{
			denyAll(action, both, `"Condition":{"Bool":{"aws:SecureTransport":"false"},"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`),
			denyAll(action, both, `"Condition":{"Bool":{"aws:SecureTransport":"false"},"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`),
		}, Unknown, "no request was found"},
		{"from a VPC endpoint, or without one", with(`{"Bool":{"aws:SecureTransport":"false"},"StringEqualsIfExists":{"aws:SourceVpce":["vpce-1","vpce-2"]}}`), No, "through another account's VPC endpoint"},
		{"without a VPC", with(`{"Bool":{"aws:SecureTransport":"false"},"Null":{"aws:SourceVpc":"true"}}`), No, "through another account's VPC endpoint"},
		{"except for a source", with(`{"Bool":{"aws:SecureTransport":"false"},"ArnNotLike":{"aws:SourceArn":"arn:aws:cloudfront::123456789012:distribution/*"}}`), No, "aws:sourcearn arn:aws:cloudfront::123456789012:distribution/x"},
		{"except for a source, and for VPC endpoints, by which no service comes", []string{
			denyAll(action, both, `"Condition":{"Bool":{"aws:SecureTransport":"false"},"ArnNotEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:123456789012:t"}}`),
			denyAll(action, both, `"Condition":{"Bool":{"aws:SecureTransport":"false"},"Null":{"aws:SourceVpce":"true"}}`),
		}, Unknown, "no request was found"},
		{"except for an account's sources", with(`{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:SourceAccount":"123456789012"}}`), No, "aws:sourceaccount 123456789012"},
		{"except a service", with(`{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}`), No, "aws:principalservicename cloudtrail"},
		{"only some type of principal", with(`{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:PrincipalType":"User"}}`), No, "an anonymous caller"},
		{"except some type of principal", with(`{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:PrincipalType":"User"}}`), No, "a user of another account"},
		{"only a prefix", with(`{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"s3:prefix":"private/"}}`), No, "an anonymous caller"},
		{"except a prefix", with(`{"Bool":{"aws:SecureTransport":"false"},"StringNotLike":{"s3:prefix":"public/*"}}`), No, "s3:ListBucket by a caller with s3:prefix public/x"},
		{"only tagged objects", with(`{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"s3:ExistingObjectTag/secret":"yes"}}`), No, "s3:GetObject by an anonymous caller"},
		{"except tagged objects", with(`{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"s3:ExistingObjectTag/secret":"no"}}`), No, "s3:GetObject by a caller with s3:existingobjecttag/secret no"},
		{"except encrypted uploads", with(`{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}`), No, "s3:PutObject by a caller with s3:x-amz-server-side-encryption aws:kms"},
		{"except encrypted uploads, of reads", []string{denyAll(`"Action":"s3:*"`, `"Resource":"arn:aws:s3:::b"`, insecure), denyAll(`"NotAction":"s3:PutObject"`, `"Resource":"arn:aws:s3:::b/*"`,
			`"Condition":{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}`), denyAll(`"Action":"s3:PutObject"`, `"Resource":"arn:aws:s3:::b/*"`, insecure)}, Unknown, "no request was found"},
		{"until some day", with(`{"Bool":{"aws:SecureTransport":"false"},"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}`), Unknown, "aws:CurrentTime"},
		{"a key of its own", with(`{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"s3:frobnicate":"1"}}`), Unknown, "s3:frobnicate"},
		{"a condition that always holds", with(`{"Bool":{"aws:SecureTransport":"false"},"StringLikeIfExists":{"aws:PrincipalArn":"*"}}`), Yes, ""},
		{"by address and by everything else", []string{
			denyAll(action, both, `"Condition":{"Bool":{"aws:SecureTransport":"false"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`),
			denyAll(action, both, `"Condition":{"Bool":{"aws:SecureTransport":"false"},"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`),
		}, Unknown, "no request was found"},
		{"two restricted ones leave something", []string{
			denyAll(action, both, `"Condition":{"Bool":{"aws:SecureTransport":"false"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`),
			denyAll(action, both, `"Condition":{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`),
		}, No, "an anonymous caller"},
		{"a restricted one beside the full", []string{
			denyAll(action, both, `"Condition":{"Bool":{"aws:SecureTransport":"false"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`),
			denyAll(action, both, insecure),
		}, Yes, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := mustParse(t, tt.statements...).S3DeniesPlainHTTP("aws", "b")
			all := strings.Join(got.Remaining, "\n")
			if got.Answer != tt.want || !strings.Contains(all, tt.says) {
				t.Errorf("got %s %v\n%s\nwant %s with %q", got.Answer, got.Statements, all, tt.want, tt.says)
			}
			if (got.Answer == Yes) != (len(got.Statements) > 0) || (got.Answer == Yes) != (len(got.Remaining) == 0) {
				t.Errorf("proof does not fit %s: %v, %q", got.Answer, got.Statements, got.Remaining)
			}
		})
	}
}

func TestS3DeniesPlainHTTPNamesWhatItRestsOn(t *testing.T) {
	d := mustParse(t,
		allow(`"*"`, ""),
		denyAll(`"Sid":"objects"`, `"Action":"s3:*"`, `"Resource":"arn:aws-cn:s3:::b/*"`, insecure),
		denyAll(`"Sid":"other"`, `"Action":"s3:*"`, `"Resource":"arn:aws-cn:s3:::c/*"`, insecure),
		denyAll(`"Action":"*"`, `"Resource":"arn:aws-cn:s3:::b"`, insecure),
		denyAll(`"Sid":"again"`, `"Action":"*"`, `"Resource":"arn:aws-cn:s3:::b"`, insecure))
	got := d.S3DeniesPlainHTTP("aws-cn", "b")
	want := TLSResult{Answer: Yes, Statements: []Ref{{1, "objects"}, {3, ""}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := d.S3DeniesPlainHTTP("aws", "b"); got.Answer != No {
		t.Errorf("in another partition: %+v", got)
	}
}

func TestS3DeniesPlainHTTPRemaining(t *testing.T) {
	d := mustParse(t, denyAll(`"Sid":"TLS"`, `"Action":"s3:Get*"`, `"Resource":"arn:aws:s3:::b/*"`,
		`"Condition":{"Bool":{"aws:SecureTransport":"false"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`))
	want := []string{
		`requests to the bucket itself (arn:aws:s3:::b) over plain HTTP are not denied: s3:ListBucket by an anonymous caller`,
		`requests to an object (such as arn:aws:s3:::b/x) over plain HTTP are not denied: s3:GetObject by an anonymous caller`,
		`statement 1 ("TLS"): it covers the actions ["s3:Get*"] only; its resources leave out the bucket itself (arn:aws:s3:::b); ` +
			`a further condition IpAddress aws:SourceIp ["203.0.113.0/24"] restricts it`,
	}
	if diff := cmp.Diff(want, d.S3DeniesPlainHTTP("aws", "b").Remaining); diff != "" {
		t.Error(diff)
	}
}

// Policies written to be dear are answered all the same.
func TestS3DeniesPlainHTTPHostile(t *testing.T) {
	var globs []string
	for i := range 60 {
		globs = append(globs, `"arn:aws:s3:::b/*`+strings.Repeat("?", i)+"a"+strings.Repeat("?", 60-i)+`b*"`)
	}
	stars := strings.Repeat("*a", 5000)
	var many []string
	for range 1500 {
		many = append(many, denyAll(`"Action":"s3:*Object"`, `"Resource":"arn:aws:s3:::b/*a*"`, insecure))
	}
	for name, statements := range map[string][]string{
		"states":     {denyAll(`"Action":"s3:*"`, `"Resource":["arn:aws:s3:::b",`+strings.Join(globs, ",")+`]`, insecure)},
		"stars":      {denyAll(`"Action":"s3:`+stars+`"`, `"Resource":"arn:aws:s3:::b/`+stars+`"`, insecure)},
		"statements": many,
	} {
		t.Run(name, func(t *testing.T) {
			if got := mustParse(t, statements...).S3DeniesPlainHTTP("aws", "b"); got.Answer == Yes {
				t.Errorf("got %+v", got)
			}
		})
	}
}
