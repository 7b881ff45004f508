package iampolicy

import (
	"strings"
	"testing"
)

func TestExamplesOfKeyPolicies(t *testing.T) {
	tests := []struct {
		source, policy string
		want           Answer
	}{
		{
			"KMS guide, Default key policy",
			`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}`, No,
		},
		{
			"KMS guide, Allows key users to use the KMS key",
			`{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/ExampleRole","arn:aws:iam::444455556666:root"]},"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*"}`, No,
		},
		{
			"KMS guide, kms:CallerAccount with kms:ViaService",
			`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"ec2.us-west-2.amazonaws.com"}}}`, No,
		},
		{
			"KMS guide, kms:ViaService without an account",
			`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"ec2.us-west-2.amazonaws.com"}}}`, Yes,
		},
		{
			"KMS guide, Do not set the principal to an asterisk",
			`{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}`, Yes,
		},
		{
			"KMS guide, aws:PrincipalOrgID",
			`{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abcde12345"}}}`, No,
		},
		{
			"KMS guide, Allowing other AWS services: CloudTrail",
			`{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"kms:GenerateDataKey*","Resource":"*","Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}}`, No,
		},
		{
			"KMS guide, kms:EncryptionContext does not say who asks",
			`{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:AppName":"ExampleApp"}}}`, Yes,
		},
		{
			"KMS guide, a Deny outside the organization",
			`{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcde12345"}}}`, No,
		},
	}
	for _, tt := range tests {
		if got := mustParse(t, tt.policy).KeyPublic(); got.Answer != tt.want {
			t.Errorf("%s: got %s, want %s: %q", tt.source, got.Answer, tt.want, got.Why)
		}
	}
}

func TestExamplesOfIdentityPolicies(t *testing.T) {
	const arn = "arn:aws:iam::123456789012:user/johndoe"
	tests := []struct {
		source, policy, boundary string
		action, resource         string
		want                     string // of Decision.String, the beginning
	}{
		{
			"IAM guide, Policy evaluation within a single account: Carlos lists", `{"Effect":"Allow","Action":["s3:GetBucketLocation","s3:ListAllMyBuckets"],"Resource":"arn:aws:s3:::*"}`, "",
			"s3:ListAllMyBuckets", "arn:aws:s3:::x", "allowed",
		},
		{
			"IAM guide, Policy evaluation within a single account: an implicit deny", `{"Effect":"Allow","Action":["s3:GetBucketLocation"],"Resource":"arn:aws:s3:::*"}`, "",
			"s3:GetObject", "arn:aws:s3:::b/k", "denied",
		},
		{
			"IAM guide, the difference between explicit and implicit denies", `{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":["arn:aws:s3:::secret","arn:aws:s3:::secret/*"]}`, "",
			"s3:GetObject", "arn:aws:s3:::secret/k", "denied",
		},
		{
			"IAM guide, NotAction with Deny: everything but IAM without MFA", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}`, "",
			"s3:GetObject", "arn:aws:s3:::b/k", `allowed if not (BoolIfExists aws:MultiFactorAuthPresent`,
		},
		{
			"IAM guide, NotAction with Deny: IAM without MFA", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}`, "",
			"iam:ListUsers", "*", "allowed",
		},
		{
			"IAM guide, Permissions boundaries: ShirleyRodriguez may not do what the boundary leaves out", `{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*"}`,
			`{"Effect":"Allow","Action":["s3:*","cloudwatch:*","ec2:*"],"Resource":"*"}`, "iam:CreateUser", "*", "denied",
		},
		{
			"IAM guide, Permissions boundaries: a boundary alone gives nothing", `{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*"}`,
			`{"Effect":"Allow","Action":["s3:*","cloudwatch:*","ec2:*"],"Resource":"*"}`, "ec2:DescribeInstances", "*", "denied",
		},
		{
			"IAM guide, Policy variables: a user's own folder", `{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::mybucket/${aws:username}/*"]}`, "",
			"s3:GetObject", "arn:aws:s3:::mybucket/johndoe/x", "allowed",
		},
		{
			"IAM guide, Policy variables: another's folder", `{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::mybucket/${aws:username}/*"]}`, "",
			"s3:GetObject", "arn:aws:s3:::mybucket/other/x", "denied",
		},
		{
			"IAM guide, Policy variables: listing by prefix", `{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::mybucket"],"Condition":{"StringLike":{"s3:prefix":["${aws:username}/*"]}}}`, "",
			"s3:ListBucket", "arn:aws:s3:::mybucket", `allowed if StringLike s3:prefix ["johndoe/*"]`,
		},
		{
			"IAM guide, Example: denies access to AWS based on the source IP", `{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","203.0.113.0/24"]}}}`, "",
			"ec2:StopInstances", "*", "allowed if not (NotIpAddress",
		},
		{
			"IAM guide, Example: pass a role to a service", `{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/EC2-roles-for-XYZ-*"}`, "",
			"iam:PassRole", "arn:aws:iam::123456789012:role/EC2-roles-for-XYZ-web", "allowed",
		},
		{
			"IAM guide, Example: pass a role to another role's name", `{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/EC2-roles-for-XYZ-*"}`, "",
			"iam:PassRole", "arn:aws:iam::123456789012:role/admin", "denied",
		},
		{
			"IAM guide, Revoke role sessions: AWSRevokeOlderSessions", `{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-01-01T00:00:00Z"}}}`, "",
			"s3:GetObject", "arn:aws:s3:::b/k", "allowed if not (DateLessThan",
		},
		{
			"IAM guide, Example: works within certain dates", `{"Effect":"Allow","Action":"service:Action","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020-04-01T00:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2020-06-30T23:59:59Z"}}}`, "",
			"service:Action", "*", "unknown",
		},
		{
			"IAM guide, Example: terminate instances by tag", `{"Effect":"Allow","Action":["ec2:TerminateInstances"],"Resource":["*"],"Condition":{"StringEquals":{"aws:ResourceTag/Owner":"${aws:username}"}}}`, "",
			"ec2:TerminateInstances", "*", "unknown",
		},
	}
	for _, tt := range tests {
		a := &Account{ID: "123456789012"}
		id := &Identity{ARN: arn, Kind: User, Policies: []Policy{{Name: "p", Document: mustParse(t, tt.policy)}}}
		if tt.boundary != "" {
			id.Boundary = &Policy{Name: "b", Document: mustParse(t, tt.boundary)}
		}
		if got := a.Decide(id, tt.action, tt.resource, nil); !strings.HasPrefix(got.String(), tt.want) || tt.want == "allowed" && got.String() != tt.want {
			t.Errorf("%s: got %s, want %s: %+v", tt.source, got, tt.want, got)
		}
	}
}
