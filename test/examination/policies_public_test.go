package examination

import (
	"testing"

	"github.com/ourshare/ourshare/internal/inventory/s3"
)

// of is one public-looking statement, anyone reading the objects, under a condition.
func of(operator, key, value string) []change {
	return []change{policy(allow(anyone + read + objects + when(operator, key, value)))}
}

func by(principal string) []change { return []change{policy(allow(principal + read + objects))} }

// The list of fixed values, and of examples, is that of [public].
func TestPublicPolicies(t *testing.T) {
	runBucket(t, "s3-bucket-not-public", []bucketCase{
		{"P", "nothing at all", nil},
		{"F", "anyone", by(anyone)},
		{"F", "any AWS", by(anyAWS)},
		{"F", "any AWS in a list", by(`"Principal":{"AWS":["arn:aws:iam::444455556666:root","*"]},`)},
		{"P", "a fixed account", by(otherAcc)},
		{"P", "a fixed account by its number", by(`"Principal":{"AWS":"444455556666"},`)},
		{"P", "a fixed canonical user", by(`"Principal":{"CanonicalUser":"` + strangerID + `"},`)},
		{"P", "a service", by(`"Principal":{"Service":"cloudtrail.amazonaws.com"},`)},
		{"F", "a web identity provider", by(`"Principal":{"Federated":"graph.facebook.com"},`)},
		{"F", "all but one", by(`"NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"},`)},
		{"F", "all but a few actions", []change{policy(allow(anyone + `"NotAction":"s3:DeleteObject",` + objects))}},
		{"F", "all but a few objects", []change{policy(allow(anyone + read + `"NotResource":"arn:aws:s3:::` + bucket + `/private/*"`))}},
		{"F", "one statement, no list", []change{func(p *pile) {
			p.policy = known(s3.Policy{Document: `{"Statement":` + allow(anyone+read+objects) + `}`})
		}}},
		{"F", "a public one among harmless ones", []change{policy(allow(otherAcc+read+objects), allow(anyone+read+objects))}},
		{"F", "an empty condition", []change{policy(allow(anyone + read + objects + `,"Condition":{}`))}},
		{"P", "only a denial", []change{policy(deny(anyone + every + both))}},

		{"P", "a /24", of("IpAddress", "aws:SourceIp", `"203.0.113.0/24"`)},
		{"P", "a single address", of("IpAddress", "aws:SourceIp", `"203.0.113.7"`)},
		{"P", "keys in another case", of("IpAddress", "AWS:sourceip", `["203.0.113.0/24"]`)},
		{"F", "the whole of IPv4", of("IpAddress", "aws:SourceIp", `"0.0.0.0/0"`)},
		{"F", "half of IPv4", of("IpAddress", "aws:SourceIp", `"0.0.0.0/1"`)},
		{"F", "both halves", of("IpAddress", "aws:SourceIp", `["0.0.0.0/1","128.0.0.0/1"]`)},
		{"P", "a /8", of("IpAddress", "aws:SourceIp", `"11.0.0.0/8"`)},
		{"F", "a /7", of("IpAddress", "aws:SourceIp", `"12.0.0.0/7"`)},
		{"F", "a /7 that holds a private /8", of("IpAddress", "aws:SourceIp", `"10.0.0.0/7"`)},
		{"P", "private addresses", of("IpAddress", "aws:SourceIp", `["10.0.0.0/8","172.16.0.0/12","192.168.0.0/16"]`)},
		{"F", "a narrow and a wide one", of("IpAddress", "aws:SourceIp", `["203.0.113.0/24","0.0.0.0/1"]`)},
		{"P", "an IPv6 /32", of("IpAddress", "aws:SourceIp", `"2001:db8::/32"`)},
		{"F", "an IPv6 /31", of("IpAddress", "aws:SourceIp", `"2001:db8::/31"`)},
		{"F", "2000::/3", of("IpAddress", "aws:SourceIp", `"2000::/3"`)},
		{"F", "::/0", of("IpAddress", "aws:SourceIp", `["203.0.113.0/24","::/0"]`)},
		{"FU", "an address if there is one", of("IpAddressIfExists", "aws:SourceIp", `"203.0.113.0/24"`)},
		{"FU", "all addresses but some", of("NotIpAddress", "aws:SourceIp", `"192.0.2.0/24"`)},
		{"FU", "an address in anybody's VPC", of("IpAddress", "aws:VpcSourceIp", `"10.0.0.0/16"`)},
		{"P", "a /24 but for an address", []change{policy(allow(anyone + read + objects +
			`,"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"NotIpAddress":{"aws:SourceIp":"203.0.113.9/32"}}`))}},

		{"P", "a VPC", of("StringEquals", "aws:SourceVpc", `"vpc-91237329"`)},
		{"F", "any VPC", of("StringLike", "aws:SourceVpc", `"vpc-*"`)},
		{"P", "a VPC without wildcard", of("StringLike", "aws:SourceVpc", `"vpc-91237329"`)},
		{"FU", "all VPCs but one", of("StringNotEquals", "aws:SourceVpc", `"vpc-91237329"`)},
		{"FU", "a VPC if any", of("StringEqualsIfExists", "aws:SourceVpc", `"vpc-91237329"`)},
		{"P", "an endpoint", of("StringEquals", "aws:SourceVpce", `["vpce-1a2b3c4d","vpce-2a2b3c4d"]`)},
		{"F", "an endpoint or any", of("StringLike", "aws:SourceVpce", `["vpce-1a2b3c4d","vpce-*"]`)},
		{"F", "through some endpoint", of("Null", "aws:SourceVpce", `"false"`)},

		{"P", "an organization", of("StringEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)},
		{"F", "any organization", of("StringLike", "aws:PrincipalOrgID", `"o-*"`)},
		{"FU", "an organization if any", of("StringEqualsIfExists", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)},
		{"FU", "an organization, all of none", of("ForAllValues:StringEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)},
		{"FU", "in some organization", of("Null", "aws:PrincipalOrgID", `"false"`)},
		{"FU", "an organization by a variable", of("StringEquals", "aws:PrincipalOrgID", `"${aws:ResourceOrgID}"`)},
		{"FU", "not of an organization", of("StringNotEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)},
		{"PU", "an account", of("StringEquals", "aws:PrincipalAccount", `"444455556666"`)},
		{"FU", "a role of any account", of("ArnLike", "aws:PrincipalArn", `"arn:aws:iam::*:role/admin"`)},
		{"PU", "a role", of("ArnEquals", "aws:PrincipalArn", `"arn:aws:iam::444455556666:role/admin"`)},
		{"FU", "a tag of the caller's", of("StringEquals", "aws:PrincipalTag/team", `"blue"`)},
		{"FU", "any organization path", of("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", `"*/r-ab12/*"`)},
		{"P", "a source account", of("StringEquals", "aws:SourceAccount", `"111122223333"`)},
		{"F", "any source account", of("StringLike", "aws:SourceAccount", `"*"`)},
		{"P", "a source owner", of("StringEquals", "aws:SourceOwner", `"111122223333"`)},
		{"P", "a source ARN", of("ArnEquals", "aws:SourceArn", `"arn:aws:sns:us-east-1:111122223333:news"`)},
		{"FU", "any source ARN", of("ArnLike", "aws:SourceArn", `"arn:aws:sns:*:*:news"`)},
		{"P", "a user id", of("StringEquals", "aws:userid", `"AIDAEXAMPLEUSERID0001"`)},
		{"FU", "any session of a role by id", of("StringLike", "aws:userid", `"AROAEXAMPLEROLEID0001:*"`)},
		{"PU", "a KMS key", of("StringEquals", "s3:x-amz-server-side-encryption-aws-kms-key-id", `"arn:aws:kms:us-east-1:111122223333:key/k1"`)},
		{"F", "TLS", of("Bool", "aws:SecureTransport", `"true"`)},
		{"F", "a referer", of("StringLike", "aws:Referer", `"https://example.com/*"`)},
		{"F", "a user agent", of("StringEquals", "aws:UserAgent", `"s3cret"`)},
		{"F", "a date", of("DateLessThan", "aws:CurrentTime", `"2030-01-01T00:00:00Z"`)},
		{"F", "a prefix", []change{policy(allow(anyone + `"Action":"s3:ListBucket",` + itself + when("StringLike", "s3:prefix", `"public/*"`)))}},
		{"F", "a region", of("StringEquals", "aws:RequestedRegion", `"us-east-1"`)},
		{"P", "TLS and a VPC", []change{policy(allow(anyone + read + objects +
			`,"Condition":{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}`))}},
		{"P", "two keys of one operator", []change{policy(allow(anyone + read + objects +
			`,"Condition":{"StringEquals":{"aws:UserAgent":"x","aws:SourceVpce":"vpce-1a2b3c4d"}}`))}},
		{"P", "another's access points of a fixed account", of("StringEquals", "s3:DataAccessPointAccount", `"111122223333"`)},
		{"P", "any name of a fixed account's access point", of("StringLike", "s3:DataAccessPointArn", `"arn:aws:s3:us-east-1:111122223333:accesspoint/*"`)},
		{"F", "access points of any account", of("StringLike", "s3:DataAccessPointArn", `"arn:aws:s3:us-east-1:*:accesspoint/*"`)},
		{"FU", "access points of VPCs", of("StringEquals", "s3:AccessPointNetworkOrigin", `"VPC"`)},
		{"U", "not JSON", []change{func(p *pile) { p.policy = known(s3.Policy{Document: `{"Statement":[`}) }}},
		{"U", "an empty text", []change{func(p *pile) { p.policy = known(s3.Policy{}) }}},
	})
}

// Which settings neutralise what: [public], [acl], [ownership].
func TestPublicByLevels(t *testing.T) {
	open := policy(allow(anyone + read + objects))
	runBucket(t, "s3-bucket-not-public", []bucketCase{
		{"P", "policy, restricted at the bucket", []change{open, bucketBlock("RestrictPublicBuckets")}},
		{"P", "policy, restricted at the account", []change{open, accountBlock("RestrictPublicBuckets")}},
		{"F", "policy, only new ones blocked", []change{open, bucketBlock("BlockPublicPolicy", "BlockPublicAcls", "IgnorePublicAcls"), accountBlock("BlockPublicPolicy")}},
		{"F", "all users read", []change{grant(s3.AllUsers, "READ")}},
		{"F", "all users read the ACL", []change{grant(s3.AllUsers, "READ_ACP")}},
		{"F", "every AWS user writes", []change{grant(s3.AuthenticatedUsers, "WRITE")}},
		{"P", "log delivery writes", []change{grant(s3.LogDelivery, "WRITE")}},
		{"P", "a stranger reads", []change{strangerReads}},
		{"F", "all users, objects preferred", []change{grant(s3.AllUsers, "READ"), owned("BucketOwnerPreferred")}},
		{"F", "all users, object writer", []change{grant(s3.AllUsers, "READ"), owned("ObjectWriter")}},
		{"P", "all users, ACLs disabled", []change{grant(s3.AllUsers, "READ"), owned("BucketOwnerEnforced")}},
		{"P", "all users, ignored", []change{grant(s3.AllUsers, "READ"), bucketBlock("IgnorePublicAcls")}},
		{"P", "all users, ignored by the account", []change{grant(s3.AllUsers, "READ"), accountBlock("IgnorePublicAcls")}},
		{"F", "all users, only new ones blocked", []change{grant(s3.AllUsers, "READ"), bucketBlock("BlockPublicAcls"), accountBlock("BlockPublicAcls")}},
		{"F", "all users, policies restricted", []change{grant(s3.AllUsers, "READ"), bucketBlock("RestrictPublicBuckets", "BlockPublicPolicy")}},
		{"P", "both, both by different levels", []change{grant(s3.AllUsers, "READ"), open, bucketBlock("RestrictPublicBuckets"), accountBlock("IgnorePublicAcls")}},
		{"F", "both, one left", []change{grant(s3.AllUsers, "READ"), open, bucketBlock("IgnorePublicAcls")}},
		{"F", "ACLs disabled say nothing of policies", []change{open, owned("BucketOwnerEnforced")}},
	})
}

// What one denied read may and may not change.
func TestPublicDenied(t *testing.T) {
	open, acl := policy(allow(anyone+read+objects)), grant(s3.AllUsers, "READ")
	noPolicy := func(p *pile) { p.policy = lost[s3.Policy]() }
	noACL := func(p *pile) { p.acl = lost[s3.ACL]() }
	noOwnership := func(p *pile) { p.ownership = lost[s3.Ownership]() }
	noBlock := func(p *pile) { p.block = lost[s3.PublicAccessBlock]() }
	noAccount := func(p *pile) { p.account = lost[s3.PublicAccessBlock]() }
	runBucket(t, "s3-bucket-not-public", []bucketCase{
		{"U", "policy", []change{noPolicy}},
		{"U", "ACL", []change{noACL}},
		{"P", "ownership, private ACL", []change{noOwnership}},
		{"U", "ownership, public ACL", []change{acl, noOwnership}},
		{"P", "block, nothing public", []change{noBlock}},
		{"P", "account's block, nothing public", []change{noAccount}},
		{"U", "block, public policy", []change{open, noBlock}},
		{"U", "account's block, public policy", []change{open, noAccount}},
		{"U", "block, public ACL", []change{acl, noBlock}},
		{"U", "account's block, public ACL", []change{acl, noAccount}},
		{"P", "account's block, restricted by the bucket's", []change{open, noAccount, bucketBlock("RestrictPublicBuckets")}},
		{"P", "block, restricted by the account's", []change{open, noBlock, accountBlock("RestrictPublicBuckets")}},
		{"P", "policy, restricted", []change{noPolicy, bucketBlock("RestrictPublicBuckets")}},
		{"U", "policy, only new ones blocked", []change{noPolicy, bucketBlock("BlockPublicPolicy")}},
		{"F", "policy, ACL proves", []change{noPolicy, acl}},
		{"F", "ACL, policy proves", []change{noACL, open}},
		{"F", "ownership, policy proves", []change{noOwnership, open}},
		{"P", "ACL, disabled", []change{noACL, owned("BucketOwnerEnforced")}},
		{"P", "ACL, ignored", []change{noACL, bucketBlock("IgnorePublicAcls")}},
		{"P", "ACL, ignored by the account", []change{noACL, accountBlock("IgnorePublicAcls")}},
		{"U", "ACL, ownership says nothing", []change{noACL, owned("")}},
		{"U", "ACL whose grants the answer left out", []change{func(p *pile) { p.acl = known(s3.ACL{}) }}},
		{"U", "public ACL, ownership says nothing", []change{acl, owned("")}},
	})
}

// Access points: [points] (their policy counts as far as the bucket's policy lets it), [public] (VPC origin is never
// public; the most restrictive of all levels holds; in an access point's own policy a wildcard name is public).
func TestPublicThroughAccessPoints(t *testing.T) {
	toPoints := policy(allow(anyAWS + every + both + when("StringEquals", "s3:DataAccessPointAccount", `"`+own+`"`)))
	ap := `"Resource":"arn:aws:s3:us-east-1:` + own + `:accesspoint/door/object/*"`
	open, narrow := allow(anyone+read+ap), allow(ownAcc+read+ap)
	mrap := `"Resource":"arn:aws:s3::` + own + `:accesspoint/mabc.mrap/object/*"`
	openWide, narrowWide := document(allow(anyone+read+mrap)), document(allow(ownAcc+read+mrap))
	vpc := func(p *pile) { p.point.Origin = s3.VPCOrigin; p.point.VPC = "vpc-1" }
	restrict := func(p *pile) { p.pointBlock = known(blocks("RestrictPublicBuckets")) }
	runBucket(t, "s3-bucket-not-public", []bucketCase{
		{"P", "no access points", []change{toPoints}},
		{"F", "a public one", []change{toPoints, point(open)}},
		{"PU", "a public one that the bucket does not let in", []change{point(open)}},
		{"P", "a narrow one", []change{toPoints, point(narrow)}},
		{"P", "one without policy", []change{toPoints, point()}},
		{"P", "a public one in a VPC", []change{toPoints, point(open), vpc}},
		{"P", "a public one, restricted", []change{toPoints, point(open), restrict}},
		{"P", "a public one, bucket restricted", []change{toPoints, point(open), bucketBlock("RestrictPublicBuckets")}},
		{"P", "a public one, account restricted", []change{toPoints, point(open), accountBlock("RestrictPublicBuckets")}},
		{"P", "one limited to a VPC", []change{toPoints, point(allow(anyone + read + ap + when("StringEquals", "aws:SourceVpc", `"vpc-91237329"`)))}},
		{"F", "one limited to names of its own", []change{toPoints, point(allow(anyone + read + ap + when("StringLike", "s3:DataAccessPointArn", `"arn:aws:s3:us-east-1:`+own+`:accesspoint/*"`)))}},
		{"P", "one of another bucket", []change{toPoints, point(open), func(p *pile) { p.point.Bucket = "another" }}},
		{"U", "not listed", []change{toPoints, func(p *pile) { p.noPoints = true }}},
		{"P", "not listed, but not let in", []change{func(p *pile) { p.noPoints = true }}},
		{"P", "not listed, restricted", []change{toPoints, bucketBlock("RestrictPublicBuckets"), func(p *pile) { p.noPoints = true }}},
		{"U", "policy denied", []change{toPoints, point(open), func(p *pile) { p.pointPolicy = lost[s3.Policy]() }}},
		{"P", "policy denied, in a VPC", []change{toPoints, point(open), vpc, func(p *pile) { p.pointPolicy = lost[s3.Policy]() }}},
		{"U", "block denied, public", []change{toPoints, point(open), func(p *pile) { p.pointBlock = lost[s3.PublicAccessBlock]() }}},
		{"P", "block denied, narrow", []change{toPoints, point(narrow), func(p *pile) { p.pointBlock = lost[s3.PublicAccessBlock]() }}},
		{"U", "origin not said", []change{toPoints, point(open), func(p *pile) { p.point.Origin = "" }, func(p *pile) { p.pointBlock = lost[s3.PublicAccessBlock]() }}},
		{"F", "a public multi-region one", []change{toPoints, multi(openWide, openWide, blocks())}},
		{"FU", "a public one proposed", []change{toPoints, multi(narrowWide, openWide, blocks())}},
		{"FU", "a narrow one proposed", []change{toPoints, multi(openWide, narrowWide, blocks())}},
		{"P", "a narrow multi-region one", []change{toPoints, multi(narrowWide, narrowWide, blocks())}},
		{"P", "a public multi-region one, restricted", []change{toPoints, multi(openWide, openWide, blocks("RestrictPublicBuckets"))}},
		{"U", "multi-region not listed", []change{toPoints, func(p *pile) { p.noMulti = true }}},
		{"U", "multi-region policy denied", []change{toPoints, multi(openWide, "", blocks()), func(p *pile) { p.multiPolicy = lost[s3.MultiRegionPolicy]() }}},
		{"U", "multi-region block not said", []change{toPoints, multi(openWide, openWide, blocks()), func(p *pile) { p.multi.PublicAccessBlock = nil }}},
	})
}
