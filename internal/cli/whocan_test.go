package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/iam"
	"github.com/ourshare/ourshare/internal/inventory/kms"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
	"github.com/ourshare/ourshare/internal/inventory/s3"
)

const (
	owner     = reachtest.Owner
	region    = reachtest.Region
	bucketARN = "arn:aws:s3:::data"
	objects   = bucketARN + "/*"
	keyARN    = "arn:aws:kms:" + region + ":" + owner + ":key/1"
	aliasARN  = "arn:aws:kms:" + region + ":" + owner + ":alias/orders"
	iamPrefix = "arn:aws:iam::" + owner + ":"
)

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func grantTo(principal, action, resource, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return fmt.Sprintf(`{"Sid":"S","Effect":"Allow","Principal":%s,"Action":%q,"Resource":%q%s}`, principal, action, resource, condition)
}

// estate is an account with ann, who may read everything, a role that anyone may take, a bucket and a key.
type estate struct {
	iam          inventory.Rows[iam.AuthorizationDetail]
	buckets      inventory.Rows[s3.Bucket]
	policy       inventory.Field[s3.Policy]
	acl          inventory.Field[s3.ACL]
	owner        inventory.Field[s3.Ownership]
	block, every inventory.Field[s3.PublicAccessBlock]
	points       inventory.Rows[s3.AccessPoint]
	pointPolicy  inventory.Field[s3.Policy]
	keyPolicy    inventory.Field[kms.Policy]
	grants       inventory.Rows[kms.Grant]
	keys         []kms.ListedKey
}

func principal(kind iam.PrincipalKind, path, policy, trust string) iam.AuthorizationDetail {
	p := iam.Principal{Resource: &inventory.Resource{ID: path, ARN: iamPrefix + path, Region: awsapi.Global}, Kind: kind, PrincipalID: "AIDAEXAMPLEEXAMPLE12"}
	if policy != "" {
		p.Inline = []iam.InlinePolicy{{Name: "own", Document: &policy}}
	}
	if trust != "" {
		p.Trust = &trust
	}
	return iam.AuthorizationDetail{Principal: &p}
}

func gap(operation string) []inventory.Gap {
	return []inventory.Gap{{Error: *inventory.DeniedError(operation)}}
}

func newEstate() *estate {
	return &estate{
		iam: inventory.Rows[iam.AuthorizationDetail]{List: []iam.AuthorizationDetail{
			principal(iam.UserKind, "user/ann", document(`{"Effect":"Allow","Action":["s3:Get*","kms:Decrypt","sqs:SendMessage"],"Resource":"*"}`), ""),
			principal(iam.UserKind, "user/kim", "", ""),
			principal(iam.RoleKind, "role/open", "", document(`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`)),
		}},
		buckets: inventory.Rows[s3.Bucket]{List: []s3.Bucket{{
			Resource: &inventory.Resource{Type: "AWS::S3::Bucket", ID: "data", ARN: bucketARN, Name: "data", Region: region}, Owner: owner,
		}}},
		policy: inventory.Failure[s3.Policy](inventory.ErrAbsent),
		acl:    inventory.Known(s3.ACL{Owner: "me", Grants: []s3.Grant{}}),
		owner:  inventory.Known(s3.Ownership{ObjectOwnership: s3.BucketOwnerEnforced}),
		block:  inventory.Failure[s3.PublicAccessBlock](inventory.ErrAbsent), every: inventory.Failure[s3.PublicAccessBlock](inventory.ErrAbsent),
		pointPolicy: inventory.Failure[s3.Policy](inventory.ErrAbsent),
		keyPolicy:   inventory.Known(kms.Policy{Document: document(grantTo(`{"AWS":"`+iamPrefix+`root"}`, "kms:*", "*", ""))}),
		keys:        []kms.ListedKey{{Resource: &inventory.Resource{Type: "AWS::KMS::Key", ID: "1", ARN: keyARN, Name: "1", Region: region}}},
	}
}

func (e *estate) open(p string) { e.policy = inventory.Known(s3.Policy{Document: document(p)}) }

func (e *estate) save(t *testing.T) string {
	t.Helper()
	s := fixture()
	inventory.SetRows(s, iam.AuthorizationDetails, awsapi.Global, e.iam)
	inventory.SetRows(s, s3.Buckets, awsapi.Global, e.buckets)
	inventory.SetFacts(s, s3.BucketPolicy, awsapi.Global, map[string]inventory.Field[s3.Policy]{"data": e.policy})
	inventory.SetFacts(s, s3.BucketACL, awsapi.Global, map[string]inventory.Field[s3.ACL]{"data": e.acl})
	inventory.SetFacts(s, s3.BucketOwnership, awsapi.Global, map[string]inventory.Field[s3.Ownership]{"data": e.owner})
	inventory.SetFacts(s, s3.BucketPublicAccessBlock, awsapi.Global, map[string]inventory.Field[s3.PublicAccessBlock]{"data": e.block})
	inventory.SetFacts(s, s3.AccountPublicAccessBlock, awsapi.Global, map[string]inventory.Field[s3.PublicAccessBlock]{owner: e.every})
	inventory.SetRows(s, s3.AccessPoints, region, e.points)
	points, blocks := map[string]inventory.Field[s3.Policy]{}, map[string]inventory.Field[s3.PublicAccessBlock]{}
	for _, p := range e.points.List {
		points[p.ARN], blocks[p.ARN] = e.pointPolicy, inventory.Known(s3.PublicAccessBlock{})
	}
	inventory.SetFacts(s, s3.AccessPointPolicy, region, points)
	inventory.SetFacts(s, s3.AccessPointPublicAccessBlock, region, blocks)
	inventory.SetRows(s, s3.MultiRegionAccessPoints, awsapi.Global, inventory.Rows[s3.MultiRegionAccessPoint]{})
	inventory.SetFacts(s, s3.MultiRegionAccessPointPolicy, awsapi.Global, map[string]inventory.Field[s3.MultiRegionPolicy]{})
	inventory.SetRows(s, kms.KeyIDs, region, inventory.Rows[kms.ListedKey]{List: e.keys})
	inventory.SetRows(s, kms.Aliases, region, inventory.Rows[kms.Alias]{List: []kms.Alias{{
		Resource: &inventory.Resource{Type: "AWS::KMS::Alias", ID: "alias/orders", ARN: aliasARN, Name: "alias/orders", Region: region}, TargetKeyID: "1",
	}}})
	var keys []kms.Key
	for _, k := range e.keys {
		keys = append(keys, kms.Key{Resource: k.Resource, Manager: kms.CustomerManaged, State: kms.Enabled})
	}
	inventory.SetRows(s, kms.Keys, region, inventory.Rows[kms.Key]{List: keys})
	inventory.SetFacts(s, kms.KeyPolicy, region, map[string]inventory.Field[kms.Policy]{keyARN: e.keyPolicy})
	inventory.SetRows(s, kms.Grants, region, e.grants)
	return save(t, s)
}

// entry is a row of the JSON as the table below writes it: who, answer, all.
func entries(t *testing.T, args ...string) (code int, rows []string, a whoCan) {
	t.Helper()
	var out, errs strings.Builder
	code = Run(t.Context(), append([]string{"who-can", "--format", "json"}, args...), strings.NewReader(""), &out, &errs)
	if err := json.Unmarshal([]byte(out.String()), &a); err != nil {
		t.Fatalf("%s: %s%s", err, out.String(), errs.String())
	}
	for _, w := range a.May {
		row := strings.TrimPrefix(w.Who, iamPrefix)
		if w.Through != "" {
			row += " through " + w.Through
		}
		row += ": " + w.Answer
		if w.All != w.Answer {
			row += ", all " + w.All
		}
		rows = append(rows, row)
	}
	return code, rows, a
}

func TestWhoCan(t *testing.T) {
	t.Chdir(t.TempDir())
	world := grantTo(`"*"`, "s3:GetObject", objects, "")
	restricted := inventory.Known(s3.PublicAccessBlock{RestrictPublicBuckets: true})
	denied := inventory.Failure[s3.PublicAccessBlock](inventory.DeniedError("s3control:GetPublicAccessBlock"))
	delegating := grantTo(`{"AWS":"*"}`, "s3:*", objects, `{"StringEquals":{"s3:DataAccessPointAccount":"`+owner+`"}}`)
	read := []string{"s3:GetObject", objects}
	decrypt := []string{"kms:Decrypt", keyARN}
	point := s3.AccessPoint{
		Resource:  &inventory.Resource{Type: "AWS::S3::AccessPoint", ID: "p", ARN: "arn:aws:s3:" + region + ":" + owner + ":accesspoint/p", Region: region},
		AccountID: owner, Bucket: "data", BucketAccount: owner, Origin: "Internet",
	}
	grant := kms.Grant{Resource: &inventory.Resource{ARN: keyARN, ID: "1", Region: region}, GrantID: "g", Grantee: iamPrefix + "user/kim", Operations: []string{"Decrypt"}}
	own := "root: yes|user/ann: yes"
	for name, tt := range map[string]struct {
		change func(*estate)
		ask    []string
		code   int
		want   string
		seen   string // among not_seen
	}{
		"identities alone":       {func(*estate) {}, read, 0, own, ""},
		"everyone":               {func(e *estate) { e.open(world) }, read, 0, "anyone: yes|role/open: yes|" + own + "|user/kim: yes", ""},
		"a part":                 {func(e *estate) { e.open(grantTo(`"*"`, "s3:GetObject", bucketARN+"/www/*", "")) }, read, 0, "anyone: yes, all no|role/open: yes, all no|" + own + "|user/kim: yes, all no", ""},
		"blocked by the account": {func(e *estate) { e.open(world); e.every = restricted }, read, 0, "role/open: yes|" + own + "|user/kim: yes", ""},
		"perhaps blocked":        {func(e *estate) { e.open(world); e.every = denied }, read, 4, "anyone: unknown|role/open: yes|" + own + "|user/kim: yes", "s3control:GetPublicAccessBlock"},
		"blocked for certain":    {func(e *estate) { e.open(world); e.every, e.block = denied, restricted }, read, 0, "role/open: yes|" + own + "|user/kim: yes", ""},
		"of no account here":     {func(e *estate) { e.every = denied }, read, 0, own, ""},
		"another account":        {func(e *estate) { e.open(grantTo(`{"AWS":"444455556666"}`, "s3:GetObject", objects, "")) }, read, 0, "account 444455556666: yes|" + own, ""},
		"an organization": {func(e *estate) {
			e.open(grantTo(`"*"`, "s3:GetObject", objects, `{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`))
		}, read, 4, "organization o-a1b2c3d4e5: yes|role/open: unknown|" + own + "|user/kim: unknown", ""},
		"a service": {func(e *estate) {
			e.open(grantTo(`{"Service":"cloudfront.amazonaws.com"}`, "s3:GetObject", objects, ""))
		}, read, 0, "service cloudfront.amazonaws.com: yes|" + own, ""},
		"policy denied":            {func(e *estate) { e.policy = inventory.Failure[s3.Policy](inventory.DeniedError("s3:GetBucketPolicy")) }, read, 4, "role/open: unknown|root: unknown|user/ann: unknown|user/kim: unknown", "s3:GetBucketPolicy"},
		"no policy by the grammar": {func(e *estate) { e.policy = inventory.Known(s3.Policy{Document: "{"}) }, read, 4, "role/open: unknown|root: unknown|user/ann: unknown|user/kim: unknown", "the bucket policy could not be judged"},
		"ACL of the bucket": {func(e *estate) {
			e.owner = inventory.Failure[s3.Ownership](inventory.ErrAbsent)
			e.acl = inventory.Known(s3.ACL{Owner: "me", Grants: []s3.Grant{{GranteeType: "Group", GroupURI: s3.AllUsers, Permission: "READ"}}})
		}, []string{"s3:ListBucket", bucketARN}, 0, "anyone: yes|root: yes", ""},
		"ACLs of objects": {func(e *estate) { e.owner = inventory.Failure[s3.Ownership](inventory.ErrAbsent) }, read, 4, own, "ACLs of single objects"},
		"ACL denied": {func(e *estate) {
			e.owner = inventory.Failure[s3.Ownership](inventory.ErrAbsent)
			e.acl = inventory.Failure[s3.ACL](inventory.DeniedError("s3:GetBucketAcl"))
		}, []string{"s3:ListBucket", bucketARN}, 4, "root: yes", "s3:GetBucketAcl"},
		"ACL of no effect": {func(e *estate) { e.acl = inventory.Failure[s3.ACL](inventory.DeniedError("s3:GetBucketAcl")) }, []string{"s3:ListBucket", bucketARN}, 0, "root: yes", ""},
		"through an access point": {func(e *estate) {
			e.open(delegating)
			e.points.List = []s3.AccessPoint{point}
			e.pointPolicy = inventory.Known(s3.Policy{Document: document(grantTo(`{"AWS":"444455556666"}`, "s3:GetObject", point.ARN+"/object/*", ""))})
		}, read, 0, "account 444455556666 through access point p: yes|" + own, ""},
		"access points denied":                   {func(e *estate) { e.open(delegating); e.points.Gaps = gap("s3control:ListAccessPoints") }, read, 4, own, "s3control:ListAccessPoints"},
		"access points denied that give nothing": {func(e *estate) { e.points.Gaps = gap("s3control:ListAccessPoints") }, read, 0, own, ""},
		"IAM denied": {func(e *estate) {
			e.iam = inventory.Rows[iam.AuthorizationDetail]{Gaps: gap("iam:GetAccountAuthorizationDetails")}
		}, read, 4, "root: yes", "iam:GetAccountAuthorizationDetails"},
		"bucket perhaps":       {func(e *estate) { e.buckets = inventory.Rows[s3.Bucket]{Gaps: gap("s3:ListBuckets")} }, read, 4, "role/open: unknown|root: unknown|user/ann: unknown|user/kim: unknown", "s3:ListBuckets"},
		"a bucket to be":       {func(*estate) {}, []string{"s3:CreateBucket", "arn:aws:s3:::new"}, 0, "root: yes", ""},
		"a key":                {func(*estate) {}, decrypt, 0, own, ""},
		"a key by alias":       {func(*estate) {}, []string{"kms:Decrypt", aliasARN}, 0, own, ""},
		"a key's grant":        {func(e *estate) { e.grants.List = []kms.Grant{grant} }, decrypt, 0, own + "|user/kim: yes", ""},
		"of another operation": {func(e *estate) { e.grants.List = []kms.Grant{grant} }, []string{"kms:Encrypt", keyARN}, 0, "root: yes", ""},
		"grants denied":        {func(e *estate) { e.grants.Gaps = gap("kms:ListGrants"); e.grants.Gaps[0].Parent = grant.Resource }, decrypt, 4, own, "kms:ListGrants"},
		"an unnamed grantee": {func(e *estate) {
			grant.Grantee = ""
			e.grants.List = []kms.Grant{grant}
			grant.Grantee = iamPrefix + "user/kim"
		}, decrypt, 4, own, "does not say whom the grant g is for"},
		"key policy denied": {func(e *estate) {
			e.keyPolicy = inventory.Failure[kms.Policy](inventory.DeniedError("kms:GetKeyPolicy"))
		}, decrypt, 4, "role/open: unknown|root: unknown|user/ann: unknown|user/kim: unknown", "kms:GetKeyPolicy"},
		"another's key":    {func(*estate) {}, []string{"kms:Decrypt", "arn:aws:kms:us-east-1:444455556666:key/1"}, 4, "root: unknown|user/ann: unknown", "account 444455556666"},
		"a role":           {func(*estate) {}, []string{"sts:AssumeRole", iamPrefix + "role/open"}, 0, "any principal of any account: yes|role/open: yes|user/ann: yes|user/kim: yes", ""},
		"by a provider":    {func(*estate) {}, []string{"sts:AssumeRoleWithSAML", iamPrefix + "role/open"}, 0, "", ""},
		"without policies": {func(*estate) {}, []string{"ec2:RunInstances", "*"}, 0, "root: yes", ""},
		"with policies":    {func(*estate) {}, []string{"sqs:SendMessage", "arn:aws:sqs:us-east-1:" + owner + ":q"}, 4, own, "policies of the resource itself"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEstate()
			tt.change(e)
			code, rows, a := entries(t, append([]string{"--inventory", e.save(t)}, tt.ask...)...)
			if got := strings.Join(rows, "|"); code != tt.code || got != tt.want || a.Answered != (code == 0) {
				t.Errorf("exit %d, want %d, answered %v\n got %s\nwant %s", code, tt.code, a.Answered, got, tt.want)
			}
			if seen := strings.Join(a.NotSeen, "\n"); !strings.Contains(seen, tt.seen) || tt.seen == "" && code == 0 && seen != "" {
				t.Errorf("not seen: %q, want %q", seen, tt.seen)
			}
		})
	}
}

func TestWhoCanUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	whole := newEstate().save(t)
	for name, tt := range map[string]struct {
		args []string
		text string
	}{
		"no resource":        {[]string{"s3:GetObject"}, "two arguments"},
		"wildcard":           {[]string{"s3:Get*", objects}, "wildcard"},
		"no action":          {[]string{"GetObject", objects}, "service:Action"},
		"no ARN":             {[]string{"s3:GetObject", "data"}, "name it by its ARN"},
		"several buckets":    {[]string{"s3:GetObject", "arn:aws:s3:::d*/*"}, "one bucket"},
		"objects":            {[]string{"s3:GetObject", bucketARN}, "ask for arn:aws:s3:::data/*"},
		"the bucket":         {[]string{"s3:ListBucket", objects}, "ask for arn:aws:s3:::data"},
		"an access point":    {[]string{"s3:GetObject", "arn:aws:s3:us-east-1:" + owner + ":accesspoint/p/object/*"}, "ask about the bucket"},
		"no such bucket":     {[]string{"s3:GetObject", "arn:aws:s3:::nothing/*"}, "no such bucket in account " + owner},
		"no such key":        {[]string{"kms:Decrypt", keyARN + "2"}, "no such key"},
		"no such alias":      {[]string{"kms:Decrypt", aliasARN + "2"}, "no such key"},
		"key elsewhere":      {[]string{"kms:Decrypt", "arn:aws:kms:eu-west-1:" + owner + ":key/1"}, "eu-west-1"},
		"several keys":       {[]string{"kms:Decrypt", "arn:aws:kms:us-east-1:" + owner + ":key/*"}, "one key"},
		"no such role":       {[]string{"sts:AssumeRole", iamPrefix + "role/nothing"}, "no such role"},
		"all roles":          {[]string{"sts:AssumeRole", "*"}, "one role"},
		"no such user":       {[]string{"iam:CreateAccessKey", iamPrefix + "user/nothing"}, "no such user"},
		"another partition":  {[]string{"s3:GetObject", "arn:aws-cn:s3:::data/*"}, "partition"},
		"no format":          {[]string{"s3:GetObject", objects, "--format", "yaml"}, "no such format"},
		"region with a file": {[]string{"s3:GetObject", objects, "--region", "us-east-1"}, "--inventory"},
	} {
		t.Run(name, func(t *testing.T) {
			answers(t, 2, tt.text, append([]string{"who-can", "--inventory", whole}, tt.args...)...)
		})
	}
}

// What other people write shows in the table, and cannot forge a row of it.
func TestWhoCanTable(t *testing.T) {
	t.Chdir(t.TempDir())
	e := newEstate()
	e.open(strings.Replace(grantTo(`"*"`, "s3:GetObject", objects, `{"StringEquals":{"aws:Referer":"x\u202ey\u001b[31m\nroot user"}}`), `"S"`, `"evil\u001b[2J"`, 1))
	var out, errs strings.Builder
	code := Run(t.Context(), []string{"who-can", "s3:GetObject", objects, "--inventory", e.save(t)}, strings.NewReader(""), &out, &errs)
	text := out.String()
	if code != 0 || strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("exit %d:\n%q", code, text)
	}
	for _, want := range []string{
		"s3:GetObject on arn:aws:s3:::data/*, account 111122223333\n", "WHO", " anyone", "yes, if StringEquals aws:Referer", " role open", " root user", " user kim",
		"bucket policy, statement 1", "Every yes holds unless an organization policy forbids it",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Count(text, "\n root user") != 1 {
		t.Errorf("a forged row:\n%s", text)
	}
}
