package iampolicy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Policies of AWS's own documentation, retold, with what the page says that they do.

func TestExamplesOfBucketPolicies(t *testing.T) {
	const bucket = "amzn-s3-demo-bucket"
	tests := []struct {
		source   string
		policy   string
		writable Answer
		grants   []string // the beginning of each
	}{
		{
			"S3 guide, Bucket policy examples: granting public read-only permission to anonymous users",
			`{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":["arn:aws:s3:::amzn-s3-demo-bucket/*"]}`,
			No,
			[]string{"anyone may s3:GetObject, s3:GetObjectVersion on arn:aws:s3:::amzn-s3-demo-bucket/*"},
		},
		{
			"S3 guide, Bucket policy examples: granting permissions to multiple accounts with added conditions",
			`{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::444455556666:root"]},"Action":["s3:PutObject"],"Resource":["arn:aws:s3:::amzn-s3-demo-bucket/*"],"Condition":{"StringEquals":{"s3:x-amz-acl":["public-read"]}}}`,
			No,
			[]string{"account 111122223333 may s3:PutObject", "account 444455556666 may s3:PutObject"},
		},
		{
			"S3 guide, Bucket policy examples: uploading objects while ensuring the owner's full control",
			`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*","Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}`,
			No,
			[]string{"account 111122223333 may s3:PutObject"},
		},
		{
			"S3 guide, Bucket policy examples: restrict access to specific IP addresses",
			`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::amzn-s3-demo-bucket","arn:aws:s3:::amzn-s3-demo-bucket/*"],"Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}`,
			No, nil,
		},
		{
			"S3 guide, Bucket policy examples: restricting access to a specific HTTP referer",
			`{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*","Condition":{"StringLike":{"aws:Referer":["http://www.example.com/*","http://example.com/*"]}}}`,
			No,
			[]string{"anyone may s3:GetObject, s3:GetObjectVersion"},
		},
		{
			"S3 guide, Bucket policy examples: granting a user access to a folder",
			`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/JohnDoe"},"Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::amzn-s3-demo-bucket/home/JohnDoe/*"]}`,
			No,
			[]string{"principal arn:aws:iam::111122223333:user/JohnDoe may s3:GetObject, s3:PutObject"},
		},
		{
			"S3 guide, Bucket policy examples: managing access for Amazon CloudFront",
			`{"Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*","Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE"}}}`,
			No,
			[]string{"service cloudfront.amazonaws.com may s3:GetObject"},
		},
		{
			"S3 guide, Bucket policy examples: restricting access to an organization",
			`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-aa111bb222cc"]}}}`,
			No,
			[]string{"organization o-aa111bb222cc may s3:GetObject"},
		},
		{
			"S3 guide, Bucket policy examples: inventory and analytics",
			`{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"s3:PutObject","Resource":["arn:aws:s3:::amzn-s3-demo-bucket/*"],"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::amzn-s3-demo-source-bucket"},"StringEquals":{"aws:SourceAccount":"111122223333","s3:x-amz-acl":"bucket-owner-full-control"}}}`,
			No,
			[]string{"service s3.amazonaws.com may s3:PutObject"},
		},
		{
			"S3 guide, Bucket policy examples: requiring MFA for a folder",
			`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/taxdocuments/*","Condition":{"Null":{"aws:MultiFactorAuthAge":true}}},
			 {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*"}`,
			No,
			[]string{"anyone may s3:GetObject on arn:aws:s3:::amzn-s3-demo-bucket/*"},
		},
		{
			"S3 guide, Controlling access from VPC endpoints: restricting access to a specific VPC endpoint",
			`{"Principal":"*","Action":"s3:*","Effect":"Deny","Resource":["arn:aws:s3:::amzn-s3-demo-bucket","arn:aws:s3:::amzn-s3-demo-bucket/*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}}`,
			No, nil,
		},
		{
			"S3 guide, Blocking public access, The meaning of public: a policy that grants access to vpc-*",
			`{"Principal":"*","Resource":"*","Action":"s3:PutObject","Effect":"Allow","Condition":{"StringLike":{"aws:SourceVpc":"vpc-*"}}}`,
			Yes,
			[]string{"anyone may s3:PutObject on *"},
		},
		{
			"S3 guide, Blocking public access, The meaning of public: a fixed VPC is not public",
			`{"Principal":"*","Resource":"*","Action":"s3:PutObject","Effect":"Allow","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}}`,
			No,
			[]string{"anyone may s3:PutObject on *"},
		},
		{
			"S3 guide, Blocking public access, The meaning of public: {\"Federated\": \"graph.facebook.com\"}",
			`{"Principal":{"Federated":"graph.facebook.com"},"Resource":"*","Action":"s3:PutObject","Effect":"Allow"}`,
			Unknown,
			[]string{"federated graph.facebook.com may s3:PutObject"},
		},
		{
			"S3 guide, Policies and permissions: Deny for everyone but an organization",
			`{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*"},
			 {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-aa111bb222cc"}}}`,
			No,
			[]string{"organization o-aa111bb222cc may s3:PutObject"},
		},
		{
			"S3 guide, Security best practices: enforce encryption of data in transit",
			`{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*"},
			 {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::amzn-s3-demo-bucket","arn:aws:s3:::amzn-s3-demo-bucket/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
			Yes,
			[]string{"anyone may s3:PutObject"},
		},
		{
			"IAM guide, NotPrincipal with Allow: everyone but one user",
			`{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/Bob"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*"}`,
			Yes,
			[]string{"anyone may s3:PutObject"},
		},
		{
			"IAM guide, NotAction with Allow: all actions but deleting a bucket",
			`{"Effect":"Allow","Principal":"*","NotAction":"s3:DeleteBucket","Resource":"arn:aws:s3:::*"}`,
			Yes,
			[]string{"anyone may do all but s3:DeleteBucket on arn:aws:s3:::*"},
		},
	}
	for _, tt := range tests {
		d := mustParse(t, tt.policy)
		b := &Bucket{Name: bucket, Account: "111122223333", Policy: d, OwnerEnforced: Yes, IgnorePublicACLs: No, RestrictPublicBuckets: No}
		if got := b.WritableByAnyone(); got.Answer != tt.writable {
			t.Errorf("%s: writable is %s, want %s: %q", tt.source, got.Answer, tt.writable, got.Why)
		}
		grants := d.Grants()
		ok := len(grants) == len(tt.grants)
		for i := 0; ok && i < len(grants); i++ {
			ok = strings.HasPrefix(grants[i].String(), tt.grants[i])
		}
		if !ok {
			t.Errorf("%s: got %q, want %q", tt.source, grants, tt.grants)
		}
		b.RestrictPublicBuckets = Yes
		if got := b.WritableByAnyone(); got.Answer == Yes {
			t.Errorf("%s: writable although public policies are cut off: %q", tt.source, got.Why)
		}
	}
}

func TestExamplesOfTrustPolicies(t *testing.T) {
	const own = "111122223333"
	type want struct {
		anyone    Answer
		others    []string // grantees
		services  map[string]Answer
		providers map[string]Answer
		external  Answer // of the first other
	}
	github := "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	eks := "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
	tests := []struct {
		source, policy string
		want
	}{
		{
			"IAM guide, Role trust policies: an account", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}`,
			want{anyone: No, others: []string{"account 123456789012"}, external: No},
		},
		{
			"IAM guide, Access to AWS accounts owned by third parties: external id",
			`{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"12345"}}}`,
			want{anyone: No, others: []string{"account 444455556666"}, external: Yes},
		},
		{
			"IAM guide, Principal: all principals in a trust policy is everyone's", `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`,
			want{anyone: Yes, others: []string{"any principal of any account"}, external: No},
		},
		{
			"IAM guide, The confused deputy problem: an external id is no secret",
			`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"12345"}}}`,
			want{anyone: Yes, others: []string{"any principal of any account"}, external: Yes},
		},
		{
			"IAM guide, aws:PrincipalOrgID in a trust policy",
			`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-xxxxxxxxxx"}}}`,
			want{anyone: No, others: []string{"organization o-xxxxxxxxxx"}, external: No},
		},
		{
			"IAM guide, aws:PrincipalOrgPaths: members of an organizational unit",
			`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}}}`,
			want{anyone: No, others: []string{"organization o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}, external: No},
		},
		{
			"IAM guide, aws:PrincipalArn with a wildcard in the account's roles",
			`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/team-*"}}}`,
			want{anyone: No},
		},
		{
			"IAM guide, Switching to a role with MFA",
			`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`,
			want{anyone: No, others: []string{"account 123456789012"}, external: No},
		},
		{
			"IAM guide, Roles for Amazon EC2", `{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`,
			want{anyone: No, services: map[string]Answer{"ec2.amazonaws.com": Yes}},
		},
		{
			"Lambda guide, Execution role", `{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`,
			want{anyone: No, services: map[string]Answer{"lambda.amazonaws.com": Yes}},
		},
		{
			"Personalize guide, Cross-service confused deputy prevention: limited",
			`{"Effect":"Allow","Principal":{"Service":"personalize.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},"StringLike":{"aws:SourceArn":"arn:aws:personalize:us-east-1:111122223333:*"}}}`,
			want{anyone: No, services: map[string]Answer{"personalize.amazonaws.com": Yes}},
		},
		{
			"Personalize guide, Cross-service confused deputy prevention: not limited",
			`{"Effect":"Allow","Principal":{"Service":"personalize.amazonaws.com"},"Action":"sts:AssumeRole"}`,
			want{anyone: No, services: map[string]Answer{"personalize.amazonaws.com": No}},
		},
		{
			"AppStream 2.0 guide, fleet machine role confused deputy prevention",
			`{"Effect":"Allow","Principal":{"Service":["appstream.amazonaws.com"]},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:appstream:us-east-1:111122223333:fleet/your-fleet-name"}}}`,
			want{anyone: No, services: map[string]Answer{"appstream.amazonaws.com": Yes}},
		},
		{
			"IAM guide, The confused deputy problem: aws:SourceOrgID",
			`{"Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceOrgID":"o-xxxxxxxxxx"}}}`,
			want{anyone: No, services: map[string]Answer{"config.amazonaws.com": Yes}},
		},
		{
			"GitHub docs, Configuring OpenID Connect in AWS: one branch",
			`{"Effect":"Allow","Principal":{"Federated":"` + github + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com","token.actions.githubusercontent.com:sub":"repo:octo-org/octo-repo:ref:refs/heads/octo-branch"}}}`,
			want{anyone: No, providers: map[string]Answer{github: Yes}},
		},
		{
			"GitHub docs, Configuring OpenID Connect in AWS: any branch of a repository",
			`{"Effect":"Allow","Principal":{"Federated":"` + github + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo-org/octo-repo:*"},"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}}`,
			want{anyone: No, providers: map[string]Answer{github: Yes}},
		},
		{
			"IAM guide, Configuring a role for GitHub OIDC identity provider: sub is not limited",
			`{"Effect":"Allow","Principal":{"Federated":"` + github + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}}`,
			want{anyone: Yes, providers: map[string]Answer{github: No}},
		},
		{
			"IAM guide, Configuring a role for GitHub OIDC identity provider: any organization",
			`{"Effect":"Allow","Principal":{"Federated":"` + github + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*/octo-repo:*"}}}`,
			want{anyone: Yes, providers: map[string]Answer{github: No}},
		},
		{
			"EKS guide, Assign IAM roles to Kubernetes service accounts",
			`{"Effect":"Allow","Principal":{"Federated":"` + eks + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:sub":"system:serviceaccount:default:my-service-account","oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:aud":"sts.amazonaws.com"}}}`,
			want{anyone: No, providers: map[string]Answer{eks: Yes}},
		},
		{
			"EKS guide, all service accounts of a cluster",
			`{"Effect":"Allow","Principal":{"Federated":"` + eks + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:sub":"system:serviceaccount:*"}}}`,
			want{anyone: No, providers: map[string]Answer{eks: No}},
		},
		{
			"Cognito guide, Role trust and permissions: an identity pool",
			`{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:12345678-corner-abcd-9876-123456790ab"},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}}}`,
			want{anyone: No, providers: map[string]Answer{"cognito-identity.amazonaws.com": Yes}},
		},
		{
			"Cognito guide, Role trust: no identity pool is named",
			`{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"unauthenticated"}}}`,
			want{anyone: Yes, providers: map[string]Answer{"cognito-identity.amazonaws.com": No}},
		},
		{
			"IAM guide, Creating a role for SAML 2.0 federation",
			`{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/PROVIDER-NAME"},"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}`,
			want{anyone: No, providers: map[string]Answer{"arn:aws:iam::111122223333:saml-provider/PROVIDER-NAME": Yes}},
		},
	}
	for _, tt := range tests {
		d := mustParse(t, tt.policy)
		if got := d.AssumableByAnyone(); got.Answer != tt.anyone {
			t.Errorf("%s: by anyone is %s, want %s: %q", tt.source, got.Answer, tt.anyone, got.Why)
		}
		var others []string
		external := Unknown
		for i, o := range d.AssumableByOthers(own) {
			others = append(others, o.Grantee.String())
			if i == 0 {
				external = o.ExternalID
			}
		}
		if diff := cmp.Diff(tt.others, others); diff != "" || external != tt.external {
			t.Errorf("%s: external id %s: %s", tt.source, external, diff)
		}
		var services, providers map[string]Answer
		for _, s := range d.ServiceTrusts() {
			services = with(services, s.Service, s.Scoped)
		}
		for _, p := range d.ProviderTrusts() {
			providers = with(providers, p.Provider, p.Scoped)
		}
		if diff := cmp.Diff(tt.services, services) + cmp.Diff(tt.providers, providers); diff != "" {
			t.Errorf("%s: %s", tt.source, diff)
		}
	}
}

func with(m map[string]Answer, key string, a Answer) map[string]Answer {
	if m == nil {
		m = map[string]Answer{}
	}
	m[key] = a
	return m
}
