package s3

import (
	"slices"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

type (
	policyField = inventory.Field[s3inv.Policy]
	aclField    = inventory.Field[s3inv.ACL]
	ownerField  = inventory.Field[s3inv.Ownership]
	blockField  = inventory.Field[s3inv.PublicAccessBlock]
)

var (
	allOn      = inventory.Known(s3inv.PublicAccessBlock{BlockPublicACLs: true, IgnorePublicACLs: true, BlockPublicPolicy: true, RestrictPublicBuckets: true})
	newOnly    = inventory.Known(s3inv.PublicAccessBlock{BlockPublicACLs: true, BlockPublicPolicy: true})
	restrict   = inventory.Known(s3inv.PublicAccessBlock{RestrictPublicBuckets: true})
	ignore     = inventory.Known(s3inv.PublicAccessBlock{IgnorePublicACLs: true})
	noBlock    = absent[s3inv.PublicAccessBlock]()
	acctDenied = denied[s3inv.PublicAccessBlock]("s3control:GetPublicAccessBlock")
	ownDenied  = denied[s3inv.PublicAccessBlock]("s3:GetPublicAccessBlock")

	private   = grants(s3inv.Grant{GranteeType: "CanonicalUser", GranteeID: "abc", Permission: "FULL_CONTROL"})
	world     = grants(s3inv.Grant{GranteeType: "Group", GroupURI: s3inv.AllUsers, Permission: "READ"})
	aclDenied = denied[s3inv.ACL]("s3:GetBucketAcl")

	enforced    = inventory.Known(s3inv.Ownership{ObjectOwnership: "BucketOwnerEnforced"})
	writer      = inventory.Known(s3inv.Ownership{ObjectOwnership: "ObjectWriter"})
	ownerDenied = denied[s3inv.Ownership]("s3:GetBucketOwnershipControls")

	noPolicy     = absent[s3inv.Policy]()
	publicPolicy = allow(`"*"`, "")
	closedPolicy = allow(`{"AWS":"arn:aws:iam::111122223333:role/app"}`, "")
	delegating   = allow(`"*"`, `{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}`)
	policyDenied = denied[s3inv.Policy]("s3:GetBucketPolicy")
)

func grants(list ...s3inv.Grant) aclField {
	return inventory.Known(s3inv.ACL{Grants: append([]s3inv.Grant{}, list...)})
}

func allow(principal, condition string) policyField {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return policy(`{"Sid":"Share","Effect":"Allow","Principal":` + principal + `,"Action":"s3:GetObject","Resource":` + objectsOnly + condition + `}`)
}

// setting is the evidence about one bucket; a field that is left out is one that says "closed".
type setting struct {
	policy          *policyField
	acl             *aclField
	owner           *ownerField
	account, bucket *blockField
}

func or[V any](p *inventory.Field[V], other inventory.Field[V]) map[string]inventory.Field[V] {
	if p == nil {
		p = &other
	}
	return map[string]inventory.Field[V]{name: *p, checktest.Account: *p}
}

func (s setting) run(c *checks.Check) checks.Verdict { return s.runWith(c, nil) }

func (s setting) runWith(c *checks.Check, params map[string]any) checks.Verdict {
	return s.runFilled(c, params, func(*checktest.Fixture) {})
}

func (s setting) runFilled(c *checks.Check, params map[string]any, fill func(*checktest.Fixture)) checks.Verdict {
	f := checktest.New()
	f.Store.Params = params
	fill(f)
	checktest.Rows(f, s3inv.Buckets, bucket)
	checktest.Facts(f, s3inv.BucketPolicy, or(s.policy, noPolicy))
	checktest.Facts(f, s3inv.BucketACL, or(s.acl, private))
	checktest.Facts(f, s3inv.BucketOwnership, or(s.owner, writer))
	checktest.Facts(f, s3inv.BucketPublicAccessBlock, or(s.bucket, noBlock))
	account := or(s.account, noBlock)
	delete(account, name)
	checktest.Facts(f, s3inv.AccountPublicAccessBlock, account)
	return f.Run(c)[name]
}

func TestBucketNotPublic(t *testing.T) {
	group := func(uri, permission string) *aclField {
		return new(grants(s3inv.Grant{GranteeType: "Group", GroupURI: uri, Permission: permission}))
	}
	const unseen = "ACLs of single objects can work here and were not seen"
	for label, tt := range map[string]struct {
		s     setting
		want  finding.Status
		texts []string
	}{
		"nothing grants anything":         {setting{}, finding.Pass, []string{"there is no bucket policy", "ACL in effect grants nothing", unseen}},
		"public policy":                   {setting{policy: &publicPolicy}, finding.Fail, []string{`statement 1 ("Share")`, "everyone"}},
		"closed policy":                   {setting{policy: &closedPolicy}, finding.Pass, []string{"lets no public in"}},
		"everyone among a list":           {setting{policy: new(allow(`{"AWS":["111122223333","*"]}`, ""))}, finding.Fail, nil},
		"within the organization":         {setting{policy: new(allow(`"*"`, `{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`))}, finding.Pass, nil},
		"a condition that limits nothing": {setting{policy: new(allow(`"*"`, `{"Bool":{"aws:SecureTransport":"true"}}`))}, finding.Fail, nil},
		"half of the internet":            {setting{policy: new(allow(`"*"`, `{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}`))}, finding.Fail, nil},
		"an office":                       {setting{policy: new(allow(`"*"`, `{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`))}, finding.Pass, nil},
		"policy denied":                   {setting{policy: &policyDenied}, finding.Unknown, []string{"s3:GetBucketPolicy", "denied"}},
		"policy unreadable":               {setting{policy: new(inventory.Known(s3inv.Policy{Document: `{"Statement":7}`}))}, finding.Unknown, []string{"could not be judged"}},
		"policy beyond the reasoning":     {setting{policy: new(allow(`{"Federated":"arn:aws:iam::111122223333:saml-provider/x"}`, ""))}, finding.Unknown, []string{"could not be judged"}},

		"public policy, restricted by the account":                {setting{policy: &publicPolicy, account: &restrict}, finding.Pass, []string{"RestrictPublicBuckets at the account cuts it off"}},
		"public policy, restricted by the bucket":                 {setting{policy: &publicPolicy, bucket: &restrict}, finding.Pass, []string{"RestrictPublicBuckets at the bucket cuts it off"}},
		"BlockPublic* prove nothing":                              {setting{policy: &publicPolicy, account: &newOnly, bucket: &newOnly}, finding.Fail, nil},
		"IgnorePublicAcls is not for policies":                    {setting{policy: &publicPolicy, account: &ignore}, finding.Fail, nil},
		"policy denied, restricted":                               {setting{policy: &policyDenied, account: &restrict}, finding.Pass, []string{"whatever the policy says", "not seen: the bucket policy"}},
		"public policy, account denied":                           {setting{policy: &publicPolicy, account: &acctDenied}, finding.Unknown, []string{"s3control:GetPublicAccessBlock"}},
		"public policy, account denied, restricted by the bucket": {setting{policy: &publicPolicy, account: &acctDenied, bucket: &restrict}, finding.Pass, []string{"not seen: the account's public access block"}},
		"closed, account denied":                                  {setting{policy: &closedPolicy, account: &acctDenied}, finding.Pass, []string{"not seen: the account's public access block", unseen}},

		"access points not read":    {setting{policy: &delegating}, finding.Unknown, []string{"s3.access-points"}},
		"access points, restricted": {setting{policy: &delegating, bucket: &restrict}, finding.Pass, []string{"RestrictPublicBuckets at the bucket", "not seen: access points"}},
		"access points, and public": {setting{policy: new(policy(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}},` +
			`{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}`))}, finding.Fail, []string{`statement 2 ("Open")`}},

		"ACL to all users":         {setting{acl: &world}, finding.Fail, []string{"READ to AllUsers (anyone on the internet)"}},
		"ACL to any AWS account":   {setting{acl: group(s3inv.AuthenticatedUsers, "WRITE_ACP")}, finding.Fail, []string{"WRITE_ACP to AuthenticatedUsers (anyone with an AWS account)"}},
		"ACL to log delivery":      {setting{acl: group(s3inv.LogDelivery, "WRITE")}, finding.Pass, nil},
		"ACL to an unknown group":  {setting{acl: group("http://acs.amazonaws.com/groups/global/Everybody", "READ")}, finding.Unknown, []string{"Everybody"}},
		"ACL to nobody named":      {setting{acl: new(grants(s3inv.Grant{Permission: "READ"}))}, finding.Unknown, []string{"does not name"}},
		"a group without a URI":    {setting{acl: new(grants(s3inv.Grant{GranteeType: "Group", Permission: "READ"}))}, finding.Unknown, nil},
		"ACL by e-mail":            {setting{acl: new(grants(s3inv.Grant{GranteeType: "AmazonCustomerByEmail", Permission: "READ"}))}, finding.Pass, nil},
		"ACL without a grant":      {setting{acl: new(grants())}, finding.Pass, nil},
		"no list in the answer":    {setting{acl: new(inventory.Known(s3inv.ACL{}))}, finding.Unknown, []string{"no access control list"}},
		"ACL denied":               {setting{acl: &aclDenied}, finding.Unknown, []string{"s3:GetBucketAcl"}},
		"ACL denied, ignored":      {setting{acl: &aclDenied, account: &ignore}, finding.Pass, []string{"IgnorePublicAcls at the account", "not seen: the bucket's ACL"}},
		"ACL denied, ACLs off":     {setting{acl: &aclDenied, owner: &enforced}, finding.Pass, []string{"ACLs are disabled", "not seen: the bucket's ACL"}},
		"public ACL, ignored":      {setting{acl: &world, bucket: &ignore}, finding.Pass, []string{"IgnorePublicAcls at the bucket takes the effect", "stored ones included"}},
		"public ACL, ACLs off":     {setting{acl: &world, owner: &enforced}, finding.Pass, []string{"BucketOwnerEnforced"}},
		"public ACL, never set":    {setting{acl: &world, owner: new(absent[s3inv.Ownership]())}, finding.Fail, nil},
		"public ACL, owner denied": {setting{acl: &world, owner: &ownerDenied}, finding.Unknown, []string{"s3:GetBucketOwnershipControls"}},
		"public ACL, owner unsaid": {setting{acl: &world, owner: new(inventory.Known(s3inv.Ownership{}))}, finding.Unknown, []string{"does not name the object ownership"}},
		"public ACL, restricted":   {setting{acl: &world, account: &restrict}, finding.Fail, nil},
		"public ACL, block denied": {setting{acl: &world, bucket: &ownDenied}, finding.Unknown, []string{"s3:GetPublicAccessBlock"}},
		"private, owner denied":    {setting{owner: &ownerDenied}, finding.Pass, []string{unseen, "not seen: the object ownership"}},

		"public policy decides, ACL denied": {setting{policy: &publicPolicy, acl: &aclDenied}, finding.Fail, []string{"by its policy", "not seen: the bucket's ACL"}},
		"public both ways":                  {setting{policy: &publicPolicy, acl: &world}, finding.Fail, []string{"by its policy (", "and by its ACL ("}},
		"two reasons are joined":            {setting{policy: &policyDenied, acl: &aclDenied}, finding.Unknown, []string{"s3:GetBucketPolicy", "s3:GetBucketAcl"}},
		"all on":                            {setting{policy: &publicPolicy, acl: &world, account: &allOn}, finding.Pass, nil},
		"gone":                              {setting{policy: new(vanished[s3inv.Policy]()), acl: &world}, finding.NotApplicable, []string{"gone"}},
		"gone by its block":                 {setting{bucket: new(vanished[s3inv.PublicAccessBlock]())}, finding.NotApplicable, nil},
	} {
		t.Run(label, func(t *testing.T) {
			v := tt.s.run(bucketNotPublic)
			checktest.Want(t, v, tt.want, tt.texts...)
			if strings.Contains(v.Message, "the bucket has no public ACL") {
				t.Errorf("the ACL in effect says nothing of the stored one: %q", v.Message)
			}
			if v.Status == finding.Pass && strings.Contains(v.Message, "ACLs of single objects") && (tt.s.owner == &enforced || tt.s.account == &ignore || tt.s.account == &allOn) {
				t.Errorf("object ACLs have no effect here: %q", v.Message)
			}
		})
	}
}

// TestBucketNotPublicIsExact: for every combination of evidence the verdict is what all ways to fill in the unread agree
// on, and unknown where they do not.
func TestBucketNotPublicIsExact(t *testing.T) {
	type option[V any] struct {
		field inventory.Field[V]
		maybe []bool // what the fact may be
	}
	no, yes, either := []bool{false}, []bool{true}, []bool{false, true}
	policies := []option[s3inv.Policy]{{noPolicy, no}, {closedPolicy, no}, {publicPolicy, yes}, {delegating, either}, {policyDenied, either}}
	acls := []option[s3inv.ACL]{{private, no}, {world, yes}, {aclDenied, either}}
	owners := []option[s3inv.Ownership]{{enforced, yes}, {writer, no}, {absent[s3inv.Ownership](), no}, {ownerDenied, either}}
	type level struct {
		field            blockField
		restrict, ignore []bool
	}
	levels := []level{{noBlock, no, no}, {newOnly, no, no}, {restrict, yes, no}, {ignore, no, yes}, {allOn, yes, yes}, {acctDenied, either, either}}
	count := 0
	for _, p := range policies {
		for _, a := range acls {
			for _, o := range owners {
				for _, acct := range levels {
					for _, own := range levels {
						outcomes := map[bool]bool{}
						for _, x := range p.maybe {
							for _, y := range a.maybe {
								for _, off := range o.maybe {
									for _, r := range union(acct.restrict, own.restrict) {
										for _, i := range union(acct.ignore, own.ignore) {
											outcomes[(x && !r) || (y && !i && !off)] = true
										}
									}
								}
							}
						}
						want := finding.Unknown
						if len(outcomes) == 1 {
							want = finding.Pass
							if outcomes[true] {
								want = finding.Fail
							}
						}
						count++
						v := (setting{&p.field, &a.field, &o.field, &acct.field, &own.field}).run(bucketNotPublic)
						if v.Status != want {
							t.Fatalf("combination %d: %s (%s), want %s", count, v.Status, v.Message, want)
						}
					}
				}
			}
		}
	}
	if count != 5*3*4*6*6 {
		t.Errorf("%d combinations", count)
	}
}

// union is what the Or of two facts may be.
func union(a, b []bool) []bool {
	var out []bool
	for _, x := range a {
		for _, y := range b {
			if !slices.Contains(out, x || y) {
				out = append(out, x || y)
			}
		}
	}
	return out
}

func TestBucketPublicAccessBlock(t *testing.T) {
	half := inventory.Known(s3inv.PublicAccessBlock{BlockPublicACLs: true, IgnorePublicACLs: true})
	otherHalf := inventory.Known(s3inv.PublicAccessBlock{BlockPublicPolicy: true, RestrictPublicBuckets: true})
	three := inventory.Known(s3inv.PublicAccessBlock{BlockPublicACLs: true, IgnorePublicACLs: true, BlockPublicPolicy: true})
	for label, tt := range map[string]struct {
		account, bucket blockField
		want            finding.Status
		texts           []string
	}{
		"all at the account":              {allOn, noBlock, finding.Pass, []string{"at the account"}},
		"all at the bucket":               {noBlock, allOn, finding.Pass, []string{"at the bucket"}},
		"all by both":                     {half, otherHalf, finding.Pass, []string{"IgnorePublicAcls at the account", "RestrictPublicBuckets at the bucket"}},
		"none":                            {noBlock, noBlock, finding.Fail, []string{"BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets"}},
		"one missing":                     {noBlock, three, finding.Fail, []string{"RestrictPublicBuckets"}},
		"the same half twice":             {half, half, finding.Fail, []string{"BlockPublicPolicy, RestrictPublicBuckets"}},
		"account denied, bucket has all":  {acctDenied, allOn, finding.Pass, []string{"at the bucket", "not seen: the account's public access block"}},
		"account denied, bucket lacks":    {acctDenied, three, finding.Unknown, []string{"s3control:GetPublicAccessBlock"}},
		"bucket denied, account has all":  {allOn, ownDenied, finding.Pass, []string{"at the account", "not seen: the bucket's public access block"}},
		"bucket denied, account has none": {noBlock, ownDenied, finding.Unknown, []string{"s3:GetPublicAccessBlock"}},
		"both denied":                     {acctDenied, ownDenied, finding.Unknown, []string{"s3control:", "s3:"}},
		"gone":                            {allOn, vanished[s3inv.PublicAccessBlock](), finding.NotApplicable, []string{"gone"}},
	} {
		t.Run(label, func(t *testing.T) {
			checktest.Want(t, (setting{account: &tt.account, bucket: &tt.bucket}).run(bucketPublicAccessBlock), tt.want, tt.texts...)
		})
	}
}

func TestAccountPublicAccessBlock(t *testing.T) {
	for label, tt := range map[string]struct {
		field blockField
		want  finding.Status
		text  string
	}{
		"all on":    {allOn, finding.Pass, "all four"},
		"two on":    {newOnly, finding.Fail, "off for the account: IgnorePublicAcls, RestrictPublicBuckets"},
		"all off":   {inventory.Known(s3inv.PublicAccessBlock{}), finding.Fail, "BlockPublicPolicy"},
		"absent":    {noBlock, finding.Fail, "no public access block"},
		"denied":    {acctDenied, finding.Unknown, "denied"},
		"throttled": {throttled[s3inv.PublicAccessBlock]("s3control:GetPublicAccessBlock"), finding.Unknown, "throttled"},
	} {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			checktest.Facts(f, s3inv.AccountPublicAccessBlock, map[string]blockField{checktest.Account: tt.field})
			checktest.Want(t, f.Run(accountPublicAccessBlock)[checktest.Account], tt.want, tt.text)
		})
	}
	t.Run("not collected", func(t *testing.T) {
		checktest.Want(t, checktest.New().Run(accountPublicAccessBlock)[checktest.Account], finding.Unknown, "does not hold")
	})
}
