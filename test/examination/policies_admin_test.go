package examination

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/iam"
)

// crowd is the evidence about an account's principals; the judged one is the user "judged".
type crowd struct {
	judged   iam.Principal
	others   []iam.Principal
	policies []iam.ManagedPolicy
	cut      bool // the listing ended before its end
}

type person func(*crowd)

func people(changes ...person) *crowd {
	c := &crowd{judged: principal(iam.UserKind, "judged")}
	for _, p := range changes {
		p(c)
	}
	return c
}

func (c *crowd) verdict(t tester, id string) checks.Verdict {
	rows := []iam.AuthorizationDetail{{Principal: &c.judged}}
	for i := range c.others {
		rows = append(rows, iam.AuthorizationDetail{Principal: &c.others[i]})
	}
	for i := range c.policies {
		rows = append(rows, iam.AuthorizationDetail{Policy: &c.policies[i]})
	}
	f := checktest.New()
	if c.cut {
		checktest.Broken(f, iam.AuthorizationDetails, "iam:GetAccountAuthorizationDetails", rows...)
	} else {
		checktest.Rows(f, iam.AuthorizationDetails, rows...)
	}
	return f.Run(check(t, id))["judged"]
}

func inline(p *iam.Principal, statements ...string) {
	text := document(statements...)
	p.Inline = append(p.Inline, iam.InlinePolicy{Name: "own", Document: &text})
}

// may gives the judged one an inline policy.
func may(statements ...string) person { return func(c *crowd) { inline(&c.judged, statements...) } }

func managedRow(arn string, document *string) iam.ManagedPolicy {
	return iam.ManagedPolicy{
		Resource: &inventory.Resource{Type: "AWS::IAM::ManagedPolicy", ID: arn, ARN: arn, Name: arn, Region: "global"}, Document: document,
		DefaultVersion: "v1",
	}
}

func policyARN(name string) string { return "arn:aws:iam::" + own + ":policy/" + name }

// attached gives the judged one a managed policy of the account.
func attached(name string, statements ...string) person {
	return func(c *crowd) {
		text := document(statements...)
		c.policies = append(c.policies, managedRow(policyARN(name), &text))
		c.judged.Attached = append(c.judged.Attached, iam.AttachedPolicy{ARN: policyARN(name), Name: name})
	}
}

func unread() person {
	const name = "x"
	return func(c *crowd) {
		c.policies = append(c.policies, managedRow(policyARN(name), nil))
		c.judged.Attached = append(c.judged.Attached, iam.AttachedPolicy{ARN: policyARN(name), Name: name})
	}
}

func bounded(statements ...string) person {
	const name = "edge"
	return func(c *crowd) {
		text := document(statements...)
		c.policies = append(c.policies, managedRow(policyARN(name), &text))
		arn := policyARN(name)
		c.judged.Boundary = &arn
	}
}

// among puts the judged one into a group.
func among(statements ...string) person {
	const name = "g"
	return func(c *crowd) {
		g := principal(iam.GroupKind, name)
		if len(statements) > 0 {
			inline(&g, statements...)
		}
		c.others = append(c.others, g)
		c.judged.Groups = append(c.judged.Groups, name)
	}
}

func as(kind iam.PrincipalKind) person {
	return func(c *crowd) {
		old := c.judged
		c.judged = principal(kind, "judged")
		c.judged.Inline, c.judged.Attached, c.judged.Boundary = old.Inline, old.Attached, old.Boundary
	}
}

func can(actions string) string { return allow(`"Action":` + actions + `,"Resource":"*"`) }

const everything = `{"Effect":"Allow","Action":"*","Resource":"*"}`

type principalCase struct {
	want, label string
	changes     []person
}

// [logic], [boundary], [not]; groups: IAM/latest/UserGuide/id_groups.html.
func TestAdministrator(t *testing.T) {
	cond := func(operator, key, value string) []person {
		return []person{may(allow(`"Action":"*","Resource":"*"` + when(operator, key, value)))}
	}
	but := func(denial string) []person { return []person{may(everything, deny(denial))} }
	for _, c := range []principalCase{
		{"P", "nothing", nil},
		{"F", "everything", []person{may(everything)}},
		{"F", "everything in lists", []person{may(allow(`"Action":["s3:*","*"],"Resource":["arn:aws:s3:::x","*"]`))}},
		{"F", "everything by service and action", []person{may(can(`"*:*"`))}},
		{"F", "everything, attached", []person{attached("all", everything)}},
		{"F", "everything, by a group", []person{among(everything)}},
		{"F", "a role with everything", []person{may(everything), as(iam.RoleKind)}},
		{"F", "a group with everything", []person{may(everything), as(iam.GroupKind)}},
		{"P", "all but IAM", []person{may(allow(`"NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"`))}},
		{"F", "all but IAM, and IAM by a group", []person{may(allow(`"NotAction":"iam:*","Resource":"*"`)), among(can(`"iam:*"`))}},
		{"P", "everything on a bucket", []person{may(allow(`"Action":"*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]`))}},
		{"P", "all reading", []person{may(can(`["*:Get*","*:List*","*:Describe*"]`))}},
		{"F", "with MFA", cond("Bool", "aws:MultiFactorAuthPresent", `"true"`)},
		{"F", "from an office", cond("IpAddress", "aws:SourceIp", `"203.0.113.0/24"`)},
		{"FU", "in a region", cond("StringEquals", "aws:RequestedRegion", `"us-east-1"`)},
		{"FU", "with a tag of the caller's", cond("StringEquals", "aws:PrincipalTag/admin", `"yes"`)},
		{"F", "under an empty condition", []person{may(allow(`"Action":"*","Resource":"*","Condition":{}`))}},
		{"P", "everything denied", but(`"Action":"*","Resource":"*"`)},
		{"P", "everything denied by a group", []person{may(everything), among(deny(`"Action":"*","Resource":"*"`))}},
		{"F", "a service denied", but(`"Action":"s3:*","Resource":"*"`)},
		{"F", "denied without MFA", but(`"Action":"*","Resource":"*"` + when("BoolIfExists", "aws:MultiFactorAuthPresent", `"false"`))},
		{"F", "denied outside an office", but(`"Action":"*","Resource":"*"` + when("NotIpAddress", "aws:SourceIp", `"203.0.113.0/24"`))},
		{"FU", "denied outside a region", but(`"Action":"*","Resource":"*"` + when("StringNotEquals", "aws:RequestedRegion", `"eu-central-1"`))},
		{"P", "denied but on a bucket", but(`"Action":"*","NotResource":"arn:aws:s3:::b/*"`)},
		{"F", "denied on a bucket", but(`"Action":"*","Resource":"arn:aws:s3:::b/*"`)},
		{"P", "all denied but reading", but(`"NotAction":["s3:Get*","iam:Get*"],"Resource":"*"`)},
		{"P", "within a boundary of S3", []person{may(everything), bounded(can(`"s3:*"`))}},
		{"F", "within a boundary of everything", []person{may(everything), bounded(everything)}},
		{"P", "within a boundary without IAM", []person{may(everything), bounded(allow(`"NotAction":"iam:*","Resource":"*"`))}},
		{"P", "within a boundary that denies all", []person{may(everything), bounded(everything, deny(`"Action":"*","Resource":"*"`))}},
		{"F", "within a boundary that denies a little", []person{may(everything), bounded(everything, deny(`"Action":"s3:*","Resource":"*"`))}},
		{"P", "a boundary gives nothing", []person{bounded(everything)}},
		{"P", "a boundary gives nothing to the rest", []person{may(can(`"s3:*"`)), bounded(everything)}},
		{"P", "by a group, within a boundary", []person{among(everything), bounded(can(`"s3:*"`))}},
		{"FU", "everything, another policy not read", []person{may(everything), unread()}},
		{"U", "a policy not read", []person{unread()}},
		{"U", "a policy not listed", []person{func(c *crowd) {
			c.judged.Attached = []iam.AttachedPolicy{{ARN: policyARN("gone"), Name: "gone"}}
		}}},
		{"U", "a policy not named", []person{func(c *crowd) { c.judged.Attached = []iam.AttachedPolicy{{}} }}},
		{"U", "an inline policy not read", []person{func(c *crowd) { c.judged.Inline = []iam.InlinePolicy{{Name: "own"}} }}},
		{"U", "a group not listed", []person{func(c *crowd) { c.judged.Groups = []string{"g"} }}},
		{"U", "a boundary not listed", []person{may(everything), func(c *crowd) { arn := policyARN("edge"); c.judged.Boundary = &arn }}},
		{"U", "a boundary not named", []person{may(everything), func(c *crowd) { c.judged.Boundary = new(string) }}},
		{"P", "a boundary not listed, and few permissions", []person{may(can(`"s3:*"`)), func(c *crowd) { arn := policyARN("edge"); c.judged.Boundary = &arn }}},
		{"P", "few permissions, another's not read", []person{may(can(`"s3:*"`)), func(c *crowd) {
			o := principal(iam.UserKind, "o")
			o.Inline = []iam.InlinePolicy{{Name: "own"}}
			c.others = append(c.others, o)
		}}},
		{"P", "a policy not read, and everything denied", []person{may(deny(`"Action":"*","Resource":"*"`)), unread()}},
		{"P", "a policy not read, within a boundary of S3", []person{unread(), bounded(can(`"s3:*"`))}},
		{"F", "everything, the listing cut off", []person{may(everything), func(c *crowd) { c.cut = true }}},
		{"P", "few permissions, the listing cut off", []person{may(can(`"s3:*"`)), func(c *crowd) { c.cut = true }}},
	} {
		judged(t, c.label, people(c.changes...).verdict(t, "iam-principal-administrator"), c.want)
	}
}

// Who is almost an administrator must be found by one of the two checks: each can take the rest at once.
func TestAlmostAdministrator(t *testing.T) {
	for label, statements := range map[string][]string{
		"all of IAM":                         {can(`"iam:*"`)},
		"all of IAM on its resources":        {allow(`"Action":"iam:*","Resource":"arn:aws:iam::*:*"`)},
		"all but billing":                    {allow(`"NotAction":"aws-portal:*","Resource":"*"`)},
		"all but a part of IAM":              {allow(`"NotAction":["iam:DeleteUser","iam:DeleteRole"],"Resource":"*"`)},
		"everything but on a bucket":         {allow(`"Action":"*","NotResource":"arn:aws:s3:::secret/*"`)},
		"all, creating users denied":         {everything, deny(`"Action":["iam:CreateUser","iam:CreateRole"],"Resource":"*"`)},
		"all, its own policy denied by name": {everything, deny(`"Action":"iam:*","Resource":"arn:aws:iam::111122223333:user/judged"`)},
		"all of IAM with MFA":                {allow(`"Action":"iam:*","Resource":"*"` + when("Bool", "aws:MultiFactorAuthPresent", `"true"`))},
		"all but nothing":                    {allow(`"NotAction":"nosuchservice:*","Resource":"*"`)},
		"by halves": {
			allow(`"Action":"*","Resource":"*"` + when("StringEquals", "aws:RequestedRegion", `"us-east-1"`)),
			allow(`"Action":"*","Resource":"*"` + when("StringNotEquals", "aws:RequestedRegion", `"us-east-1"`)),
		},
	} {
		is := people(may(statements...)).verdict(t, "iam-principal-administrator")
		could := people(may(statements...)).verdict(t, "iam-principal-can-escalate")
		if is.Status != finding.Fail && could.Status != finding.Fail {
			t.Errorf("%s: neither fails: %s %q %v, %s %q %v", label, is.Status, is.Message, is.Why, could.Status, could.Message, could.Why)
		}
	}
}
