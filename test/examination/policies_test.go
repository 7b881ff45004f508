// Package examination judges the verdicts of the checks by cases that were written from AWS's documentation alone, apart
// from the reasonings and their tests.
package examination

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/s3"
)

// The pages of docs.aws.amazon.com on which the cases rest. Each case, or the table that it stands in, names its own.
//
//	[public]    AmazonS3/latest/userguide/access-control-block-public-access.html ("The meaning of public")
//	[acl]       AmazonS3/latest/userguide/acl-overview.html
//	[ownership] AmazonS3/latest/userguide/about-object-ownership.html
//	[points]    AmazonS3/latest/userguide/access-points-policies.html
//	[operators] IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
//	[sets]      IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
//	[principal] IAM/latest/UserGuide/reference_policies_elements_principal.html
//	[not]       IAM/latest/UserGuide/reference_policies_elements_notprincipal.html, ..._notaction.html, ..._notresource.html
//	[keys]      IAM/latest/UserGuide/reference_policies_condition-keys.html
//	[logic]     IAM/latest/UserGuide/reference_policies_evaluation-logic.html
//	[boundary]  IAM/latest/UserGuide/access_policies_boundaries.html
//	[shared]    IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
//	[deputy]    IAM/latest/UserGuide/confused-deputy.html
//	[passrole]  IAM/latest/UserGuide/id_roles_use_passrole.html
//	[kms]       kms/latest/developerguide/conditions-kms.html

const (
	own    = checktest.Account
	other  = "444455556666"
	bucket = "fernhill-data"
)

// The answers of a case: each letter is a status that is right. More than one where AWS's documentation leaves it open:
// then FU says that it must not pass.
var letters = map[finding.Status]string{
	finding.Pass: "P", finding.Fail: "F", finding.Unknown: "U", finding.NotApplicable: "N",
}

// tester is a test, or one case of a random one.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

func check(t tester, id string) *checks.Check {
	c := catalog.Find(id)
	if c == nil {
		t.Fatalf("no check %s", id)
	}
	return c
}

func judged(t tester, label string, v checks.Verdict, want string) {
	t.Helper()
	if got := letters[v.Status]; got == "" || !strings.Contains(want, got) {
		message := v.Message
		if r := inventory.Reason(v.Why...); r != nil {
			message += " | " + r.Text
		}
		t.Errorf("%s: %q (%s), want %s", label, v.Status, message, want)
	}
}

// statement is a statement of a policy; rest holds its further elements.
func statement(effect, rest string) string { return `{"Effect":"` + effect + `",` + rest + `}` }

func allow(rest string) string { return statement("Allow", rest) }
func deny(rest string) string  { return statement("Deny", rest) }

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// The usual elements.
const (
	anyone   = `"Principal":"*",`
	anyAWS   = `"Principal":{"AWS":"*"},`
	otherAcc = `"Principal":{"AWS":"arn:aws:iam::` + other + `:root"},`
	ownAcc   = `"Principal":{"AWS":"arn:aws:iam::` + own + `:root"},`
	read     = `"Action":"s3:GetObject",`
	every    = `"Action":"s3:*",`
	objects  = `"Resource":"arn:aws:s3:::` + bucket + `/*"`
	itself   = `"Resource":"arn:aws:s3:::` + bucket + `"`
	both     = `"Resource":["arn:aws:s3:::` + bucket + `","arn:aws:s3:::` + bucket + `/*"]`
)

func when(operator, key, value string) string {
	return fmt.Sprintf(`,"Condition":{%q:{%q:%s}}`, operator, key, value)
}

// pile is the evidence about one bucket, and its account's access points.
type pile struct {
	policy         inventory.Field[s3.Policy]
	acl            inventory.Field[s3.ACL]
	ownership      inventory.Field[s3.Ownership]
	block, account inventory.Field[s3.PublicAccessBlock]
	point          *s3.AccessPoint
	pointPolicy    inventory.Field[s3.Policy]
	pointBlock     inventory.Field[s3.PublicAccessBlock]
	multi          *s3.MultiRegionAccessPoint
	multiPolicy    inventory.Field[s3.MultiRegionPolicy]
	noPoints       bool // the access points could not be listed
	noMulti        bool
	params         map[string]any
}

type change func(*pile)

func known[V any](v V) inventory.Field[V] { return inventory.Known(v) }
func none[V any]() inventory.Field[V]     { return inventory.Failure[V](inventory.ErrAbsent) }
func lost[V any]() inventory.Field[V] {
	return inventory.Failure[V](inventory.DeniedError("s3:Something"))
}

const (
	ownerID    = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
	strangerID = "eba1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1"
)

var ownerGrant = s3.Grant{GranteeType: "CanonicalUser", GranteeID: ownerID, Permission: "FULL_CONTROL"}

// bare is a bucket without policy, block and ownership controls, whose ACL is its owner's.
func bare(changes ...change) *pile {
	p := &pile{
		policy: none[s3.Policy](), acl: known(s3.ACL{Owner: ownerID, Grants: []s3.Grant{ownerGrant}}), ownership: none[s3.Ownership](),
		block: none[s3.PublicAccessBlock](), account: none[s3.PublicAccessBlock](),
		pointPolicy: none[s3.Policy](), pointBlock: known(s3.PublicAccessBlock{}), multiPolicy: none[s3.MultiRegionPolicy](),
	}
	for _, c := range changes {
		c(p)
	}
	return p
}

func policy(statements ...string) change {
	return func(p *pile) { p.policy = known(s3.Policy{Document: document(statements...)}) }
}

func grant(group, permission string) change {
	return func(p *pile) {
		g := s3.Grant{GranteeType: "Group", GroupURI: group, Permission: permission}
		p.acl = known(s3.ACL{Owner: ownerID, Grants: []s3.Grant{ownerGrant, g}})
	}
}

// strangerReads grants to a canonical user who is not the owner.
func strangerReads(p *pile) {
	g := s3.Grant{GranteeType: "CanonicalUser", GranteeID: strangerID, Permission: "READ"}
	p.acl = known(s3.ACL{Owner: ownerID, Grants: []s3.Grant{ownerGrant, g}})
}

func owned(by string) change {
	return func(p *pile) { p.ownership = known(s3.Ownership{ObjectOwnership: by}) }
}

func blocks(names ...string) s3.PublicAccessBlock {
	var b s3.PublicAccessBlock
	for _, n := range names {
		switch n {
		case "BlockPublicAcls":
			b.BlockPublicACLs = true
		case "IgnorePublicAcls":
			b.IgnorePublicACLs = true
		case "BlockPublicPolicy":
			b.BlockPublicPolicy = true
		case "RestrictPublicBuckets":
			b.RestrictPublicBuckets = true
		default:
			panic(n)
		}
	}
	return b
}

func bucketBlock(names ...string) change { return func(p *pile) { p.block = known(blocks(names...)) } }

func accountBlock(names ...string) change {
	return func(p *pile) { p.account = known(blocks(names...)) }
}

// point adds an access point on the bucket.
func point(statements ...string) change {
	return func(p *pile) {
		arn := "arn:aws:s3:us-east-1:" + own + ":accesspoint/door"
		p.point = &s3.AccessPoint{
			Resource:  &inventory.Resource{Type: "AWS::S3::AccessPoint", ID: "door", ARN: arn, Name: "door", Region: checktest.Region},
			AccountID: own, Bucket: bucket, BucketAccount: own, Origin: "Internet",
		}
		if len(statements) > 0 {
			p.pointPolicy = known(s3.Policy{Document: document(statements...)})
		}
	}
}

// multi adds a multi-region access point on the bucket.
func multi(established, proposed string, block s3.PublicAccessBlock) change {
	return func(p *pile) {
		arn := "arn:aws:s3::" + own + ":accesspoint/mabc.mrap"
		p.multi = &s3.MultiRegionAccessPoint{
			Resource:  &inventory.Resource{Type: "AWS::S3::MultiRegionAccessPoint", ID: "wide", ARN: arn, Name: "wide", Region: "global"},
			AccountID: own, Alias: "mabc.mrap", Status: "READY", PublicAccessBlock: &block,
			Buckets: []s3.MultiRegionEndpoint{{Bucket: bucket, Region: checktest.Region, BucketAccount: own}},
		}
		p.multiPolicy = known(s3.MultiRegionPolicy{Established: established, Proposed: proposed})
	}
}

func trusting(accounts ...string) change {
	return func(p *pile) { p.params = map[string]any{"trusted_accounts": inventory.AccountIDs(accounts)} }
}

// verdict judges the bucket.
func (p *pile) verdict(t tester, id string) checks.Verdict {
	f := checktest.New()
	f.Store.Params = p.params
	checktest.Rows(f, s3.Buckets, s3.Bucket{
		Resource: &inventory.Resource{Type: "AWS::S3::Bucket", ID: bucket, ARN: "arn:aws:s3:::" + bucket, Name: bucket, Region: checktest.Region},
		Owner:    own,
	})
	checktest.Facts(f, s3.BucketPolicy, map[string]inventory.Field[s3.Policy]{bucket: p.policy})
	checktest.Facts(f, s3.BucketACL, map[string]inventory.Field[s3.ACL]{bucket: p.acl})
	checktest.Facts(f, s3.BucketOwnership, map[string]inventory.Field[s3.Ownership]{bucket: p.ownership})
	checktest.Facts(f, s3.BucketPublicAccessBlock, map[string]inventory.Field[s3.PublicAccessBlock]{bucket: p.block})
	checktest.Facts(f, s3.AccountPublicAccessBlock, map[string]inventory.Field[s3.PublicAccessBlock]{own: p.account})
	points, wide := []s3.AccessPoint{}, []s3.MultiRegionAccessPoint{}
	pointPolicy, pointBlock := map[string]inventory.Field[s3.Policy]{}, map[string]inventory.Field[s3.PublicAccessBlock]{}
	multiPolicy := map[string]inventory.Field[s3.MultiRegionPolicy]{}
	if p.point != nil {
		points = append(points, *p.point)
		pointPolicy[p.point.ARN] = p.pointPolicy
		if p.point.Origin != s3.VPCOrigin {
			pointBlock[p.point.ARN] = p.pointBlock
		}
	}
	if p.multi != nil {
		wide = append(wide, *p.multi)
		multiPolicy[p.multi.ID] = p.multiPolicy
	}
	listed(f, s3.AccessPoints, p.noPoints, points)
	listed(f, s3.MultiRegionAccessPoints, p.noMulti, wide)
	checktest.Facts(f, s3.AccessPointPolicy, pointPolicy)
	checktest.Facts(f, s3.AccessPointPublicAccessBlock, pointBlock)
	checktest.Facts(f, s3.MultiRegionAccessPointPolicy, multiPolicy)
	return f.Run(check(t, id))[bucket]
}

func listed[T inventory.Row](f *checktest.Fixture, d *inventory.Dataset[T], broken bool, rows []T) {
	if broken {
		checktest.Broken(f, d, "s3control:List", rows...)
		return
	}
	checktest.Rows(f, d, rows...)
}

// bucketCase is a case about the bucket.
type bucketCase struct {
	want    string
	label   string
	changes []change
}

func runBucket(t *testing.T, id string, cases []bucketCase) {
	t.Helper()
	for _, c := range cases {
		judged(t, c.label, bare(c.changes...).verdict(t, id), c.want)
	}
}
