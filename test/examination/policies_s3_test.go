package examination

import (
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/s3"
)

const plain = `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`

// TLS only: some request over plain HTTP is left, or none is. aws:SecureTransport is in every request ([keys]); a Deny
// with {"AWS":"*"} holds for anonymous callers as well ([principal]); the Deny that AWS asks for stands in
// AmazonS3/latest/userguide/security-best-practices.html.
func TestTLSOnly(t *testing.T) {
	runBucket(t, "s3-bucket-tls-only", []bucketCase{
		{"F", "no policy", nil},
		{"U", "denied", []change{func(p *pile) { p.policy = lost[s3.Policy]() }}},
		{"P", "the usual one", []change{policy(deny(anyone + every + both + plain))}},
		{"P", "any AWS", []change{policy(deny(anyAWS + every + both + plain))}},
		{"P", "every action", []change{policy(deny(anyone + `"Action":"*",` + both + plain))}},
		{"P", "a boolean of JSON", []change{policy(deny(anyone + every + both + `,"Condition":{"Bool":{"aws:SecureTransport":false}}`))}},
		{"P", "in a list", []change{policy(deny(anyone + every + both + `,"Condition":{"Bool":{"aws:SecureTransport":["false"]}}`))}},
		{"P", "if it exists", []change{policy(deny(anyone + every + both + when("BoolIfExists", "aws:SecureTransport", `"false"`)))}},
		{"P", "key in another case", []change{policy(deny(anyone + every + both + when("Bool", "AWS:securetransport", `"false"`)))}},
		{"PU", "as a string", []change{policy(deny(anyone + every + both + when("StringEquals", "aws:SecureTransport", `"false"`)))}},
		{"PU", "not true", []change{policy(deny(anyone + every + both + when("StringNotEquals", "aws:SecureTransport", `"true"`)))}},
		{"F", "if it is absent", []change{policy(deny(anyone + every + both + when("Null", "aws:SecureTransport", `"true"`)))}},
		{"P", "if it is present: no request is left", []change{policy(deny(anyone + every + both + when("Null", "aws:SecureTransport", `"false"`)))}},
		{"F", "the wrong way round", []change{policy(deny(anyone + every + both + when("Bool", "aws:SecureTransport", `"true"`)))}},
		{"P", "without condition: no request is left", []change{policy(deny(anyone + every + both))}},
		{"F", "objects alone", []change{policy(deny(anyone + every + objects + plain))}},
		{"F", "the bucket alone", []change{policy(deny(anyone + every + itself + plain))}},
		{"P", "bucket and objects apart", []change{policy(deny(anyone+every+itself+plain), deny(anyone+every+objects+plain))}},
		{"P", "a wildcard over both", []change{policy(deny(anyone + every + `"Resource":"arn:aws:s3:::` + bucket + `*"` + plain))}},
		{"F", "a prefix", []change{policy(deny(anyone + every + `"Resource":["arn:aws:s3:::` + bucket + `","arn:aws:s3:::` + bucket + `/private/*"]` + plain))}},
		{"F", "objects with a suffix", []change{policy(deny(anyone + every + `"Resource":["arn:aws:s3:::` + bucket + `","arn:aws:s3:::` + bucket + `/*.txt"]` + plain))}},
		{"F", "all but public objects", []change{policy(deny(anyone + every + `"NotResource":"arn:aws:s3:::` + bucket + `/public/*"` + plain))}},
		{"P", "all but another bucket", []change{policy(deny(anyone + every + `"NotResource":"arn:aws:s3:::another/*"` + plain))}},
		{"F", "another bucket", []change{policy(deny(anyone + every + `"Resource":["arn:aws:s3:::another","arn:aws:s3:::another/*"]` + plain))}},
		{"F", "getting", []change{policy(deny(anyone + `"Action":"s3:Get*",` + both + plain))}},
		{"F", "the well-known verbs", []change{policy(deny(anyone + `"Action":["s3:Get*","s3:Put*","s3:List*","s3:Delete*"],` + both + plain))}},
		{"F", "all but getting", []change{policy(deny(anyone + `"NotAction":"s3:GetObject",` + both + plain))}},
		{"P", "all but IAM's", []change{policy(deny(anyone + `"NotAction":"iam:*",` + both + plain))}},
		{"P", "getting and all but getting", []change{policy(deny(anyone+`"NotAction":"s3:Get*",`+both+plain), deny(anyone+`"Action":"s3:Get*",`+both+plain))}},
		{"F", "all but the account's own", []change{policy(deny(`"NotPrincipal":{"AWS":"arn:aws:iam::` + own + `:root"},` + every + both + plain))}},
		{"F", "the account's own", []change{policy(deny(ownAcc + every + both + plain))}},
		{"F", "outside the organization", []change{policy(deny(anyone + every + both + `,"Condition":{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`))}},
		{"F", "not for services", []change{policy(deny(anyone + every + both + `,"Condition":{"Bool":{"aws:SecureTransport":"false","aws:PrincipalIsAWSService":"false"}}`))}},
		{"FU", "old TLS, whose key plain HTTP lacks", []change{policy(deny(anyone + every + both + when("NumericLessThan", "s3:TlsVersion", `"1.2"`)))}},
		{"PU", "old TLS, or none", []change{policy(deny(anyone + every + both + when("NumericLessThanIfExists", "s3:TlsVersion", `"1.2"`)))}},
		{"F", "allowed over TLS only", []change{policy(allow(anyone + read + objects + when("Bool", "aws:SecureTransport", `"true"`)))}},
		{"F", "an Allow of the same form", []change{policy(allow(anyone + every + both + plain))}},
		{"P", "beside others", []change{policy(allow(otherAcc+every+both), deny(anyone+every+both+plain), deny(anyone+read+objects))}},
	})
}

// Write access for everyone: [public] for what limits everyone, [logic] for Deny, [acl] for the permissions.
func TestWritableByAnyone(t *testing.T) {
	let := func(action string) change { return policy(allow(anyone + `"Action":` + action + `,` + both)) }
	put := allow(anyone + `"Action":"s3:PutObject",` + objects)
	runBucket(t, "s3-bucket-writable-by-anyone", []bucketCase{
		{"P", "nothing", nil},
		{"P", "reads", []change{let(`"s3:GetObject"`)}},
		{"P", "all that gets", []change{let(`"s3:Get*"`)}},
		{"P", "lists", []change{let(`["s3:List*","s3:GetObject*"]`)}},
		{"F", "puts", []change{let(`"s3:PutObject"`)}},
		{"F", "in another case", []change{let(`"S3:PUTOBJECT"`)}},
		{"F", "by a wildcard for one letter", []change{let(`"s3:?utObject"`)}},
		{"F", "by a wildcard within", []change{let(`"s3:*Object"`)}},
		{"F", "deletes", []change{let(`"s3:DeleteObject"`)}},
		{"F", "changes the policy", []change{let(`"s3:PutBucketPolicy"`)}},
		{"F", "changes ACLs", []change{let(`"s3:PutObjectAcl"`)}},
		{"F", "everything", []change{let(`"*"`)}},
		{"F", "all but putting", []change{policy(allow(anyone + `"NotAction":"s3:PutObject",` + both))}},
		{"P", "all but S3", []change{policy(allow(anyone + `"NotAction":"s3:*",` + both))}},
		{"P", "from an office", []change{policy(allow(anyone + `"Action":"s3:PutObject",` + objects + when("IpAddress", "aws:SourceIp", `"203.0.113.0/24"`)))}},
		{"F", "from half the world", []change{policy(allow(anyone + `"Action":"s3:PutObject",` + objects + when("IpAddress", "aws:SourceIp", `"128.0.0.0/1"`)))}},
		{"P", "another account", []change{policy(allow(otherAcc + every + both))}},
		{"P", "denied to everyone", []change{policy(put, deny(anyone+every+both))}},
		{"P", "denied but for reading", []change{policy(allow(anyone+every+both), deny(anyone+`"NotAction":["s3:Get*","s3:List*"],`+both))}},
		{"F", "denied in part", []change{policy(allow(anyone+every+both), deny(anyone+`"Action":["s3:Put*"],`+both))}},
		{"F", "denied over plain HTTP", []change{policy(put, deny(anyone+every+both+plain))}},
		{"P", "denied outside the organization", []change{policy(put, deny(anyone+every+both+when("StringNotEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)))}},
		{"P", "denied outside the organization, or without any", []change{policy(put, deny(anyone+every+both+when("StringNotEqualsIfExists", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)))}},
		{"F", "denied in another organization", []change{policy(put, deny(anyone+every+both+when("StringEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)))}},
		{"F", "denied below a prefix", []change{policy(put, deny(anyone+every+`"Resource":"arn:aws:s3:::`+bucket+`/private/*"`))}},
		{"F", "denied on the bucket alone", []change{policy(put, deny(anyone+every+itself))}},
		{"F", "denied to one account", []change{policy(put, deny(otherAcc+every+both))}},
		{"P", "restricted", []change{policy(put), accountBlock("RestrictPublicBuckets")}},
		{"F", "ACL: all users write", []change{grant(s3.AllUsers, "WRITE")}},
		{"F", "ACL: all users, full control", []change{grant(s3.AllUsers, "FULL_CONTROL")}},
		{"F", "ACL: AWS users write the ACL", []change{grant(s3.AuthenticatedUsers, "WRITE_ACP")}},
		{"P", "ACL: all users read", []change{grant(s3.AllUsers, "READ")}},
		{"P", "ACL: all users read the ACL", []change{grant(s3.AllUsers, "READ_ACP")}},
		{"P", "ACL: logs", []change{grant(s3.LogDelivery, "WRITE")}},
		{"P", "ACL: disabled", []change{grant(s3.AllUsers, "WRITE"), owned("BucketOwnerEnforced")}},
		{"P", "ACL: ignored", []change{grant(s3.AllUsers, "WRITE"), accountBlock("IgnorePublicAcls")}},
		{"U", "policy not read", []change{func(p *pile) { p.policy = lost[s3.Policy]() }}},
		{"U", "ACL not read", []change{func(p *pile) { p.acl = lost[s3.ACL]() }}},
		{"F", "ACL not read, policy proves", []change{policy(put), func(p *pile) { p.acl = lost[s3.ACL]() }}},
		{"P", "ownership not read, ACL reads", []change{grant(s3.AllUsers, "READ"), func(p *pile) { p.ownership = lost[s3.Ownership]() }}},
		{"U", "account's block not read", []change{policy(put), func(p *pile) { p.account = lost[s3.PublicAccessBlock]() }}},
		{"P", "account's block not read, reading", []change{let(`"s3:GetObject"`), func(p *pile) { p.account = lost[s3.PublicAccessBlock]() }}},
	})
}

// Who else: [principal] for the forms of a principal, [public] for what RestrictPublicBuckets cuts off.
func TestExternalAccess(t *testing.T) {
	to := func(principal string) change { return policy(allow(principal + read + objects)) }
	orgs := func(ids ...string) change {
		return func(p *pile) { p.params = map[string]any{"trusted_organizations": inventory.OrganizationIDs(ids)} }
	}
	inOrg := policy(allow(anyone + read + objects + when("StringEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)))
	role := `"Principal":{"AWS":"arn:aws:iam::444455556666:role/x"},`
	two := `"Principal":{"AWS":["444455556666","arn:aws:iam::777788889999:user/y"]},`
	runBucket(t, "s3-bucket-external-access", []bucketCase{
		{"P", "nobody", nil},
		{"P", "its own account", []change{to(ownAcc)}},
		{"P", "a role of its own", []change{to(`"Principal":{"AWS":"arn:aws:iam::111122223333:role/x"},`)}},
		{"P", "a service", []change{to(`"Principal":{"Service":"cloudtrail.amazonaws.com"},`)}},
		{"F", "another account", []change{to(otherAcc)}},
		{"F", "another account's role", []change{to(role)}},
		{"P", "a trusted account's role", []change{to(role), trusting(other)}},
		{"F", "two accounts, one of them trusted", []change{to(two), trusting(other)}},
		{"P", "two trusted accounts", []change{to(two), trusting(other, "777788889999")}},
		{"F", "anyone", []change{to(anyone), trusting(other)}},
		{"F", "an organization", []change{inOrg}},
		{"P", "a trusted organization", []change{inOrg, orgs("o-a1b2c3d4e5")}},
		{"F", "an organization, another trusted", []change{inOrg, orgs("o-zzzzzzzzzz")}},
		{"P", "anyone of its own account", []change{policy(allow(anyone + read + objects + when("StringEquals", "aws:PrincipalAccount", `"111122223333"`)))}},
		{"F", "anyone of another account", []change{policy(allow(anyone + read + objects + when("StringEquals", "aws:PrincipalAccount", `"444455556666"`)))}},
		{"P", "anyone of a trusted account", []change{policy(allow(anyone + read + objects + when("StringEquals", "aws:PrincipalAccount", `"444455556666"`))), trusting(other)}},
		{"FU", "anyone through a VPC", []change{policy(allow(anyone + read + objects + when("StringEquals", "aws:SourceVpc", `"vpc-91237329"`)))}},
		{"P", "another account, denied", []change{policy(allow(otherAcc+read+objects), deny(otherAcc+every+both))}},
		{"P", "another account, all others denied", []change{policy(allow(otherAcc+read+objects), deny(anyone+every+both+when("StringNotEquals", "aws:PrincipalAccount", `"111122223333"`)))}},
		{"F", "another account, writing denied", []change{policy(allow(otherAcc+every+both), deny(otherAcc+`"Action":"s3:Put*",`+both))}},
		{"F", "another account, its role denied", []change{policy(allow(otherAcc+every+both), deny(role+every+both))}},
		{"FU", "a stranger by canonical id", []change{to(`"Principal":{"CanonicalUser":"` + strangerID + `"},`)}},
		{"P", "the owner by canonical id", []change{to(`"Principal":{"CanonicalUser":"` + ownerID + `"},`)}},
		{"FU", "ACL: a stranger", []change{strangerReads}},
		{"P", "ACL: a stranger, disabled", []change{strangerReads, owned("BucketOwnerEnforced")}},
		{"FU", "ACL: a stranger, public ones ignored", []change{strangerReads, bucketBlock("IgnorePublicAcls")}},
		{"F", "ACL: all users", []change{grant(s3.AllUsers, "READ")}},
		{"F", "restricted, and nothing public", []change{to(otherAcc), bucketBlock("RestrictPublicBuckets")}},
		{"P", "restricted, beside a public statement", []change{policy(allow(otherAcc+read+objects), allow(anyone+read+objects)), bucketBlock("RestrictPublicBuckets")}},
		{"U", "policy not read", []change{func(p *pile) { p.policy = lost[s3.Policy]() }}},
		{"U", "policy not read, restricted", []change{func(p *pile) { p.policy = lost[s3.Policy]() }, accountBlock("RestrictPublicBuckets")}},
		{"U", "ACL not read", []change{func(p *pile) { p.acl = lost[s3.ACL]() }}},
		{"P", "ACL not read, disabled", []change{func(p *pile) { p.acl = lost[s3.ACL]() }, owned("BucketOwnerEnforced")}},
		{"U", "ACL not read, ignored", []change{func(p *pile) { p.acl = lost[s3.ACL]() }, bucketBlock("IgnorePublicAcls")}},
		{"F", "ACL not read, policy proves", []change{to(otherAcc), func(p *pile) { p.acl = lost[s3.ACL]() }}},
	})
	v := bare(to(otherAcc)).verdict(t, "s3-bucket-external-access")
	if v.Severity != "" && v.Severity != finding.Medium {
		t.Errorf("severity %s, want medium", v.Severity)
	}
}
