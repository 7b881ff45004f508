package report

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

func htmlOf(t *testing.T, r *result.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := writeHTML(&b, r, Look{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	styles   = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	inline   = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
	island   = regexp.MustCompile(`(?s)<script type="application/json" id="([a-z]+)">(.*?)</script>`)
	policies = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`)
)

// The golden files are the page without style, script and their hashes, which have their own test.
func TestHTMLGolden(t *testing.T) {
	first := fullResult()
	first.Comparison = &result.Comparison{}
	first.Unobserved = nil
	empty := &result.Result{Scan: result.Scan{Complete: true, Regions: []string{"us-east-1"}}}
	empty.Summarize()
	for file, r := range map[string]*result.Result{"full.html": fullResult(), "first.html": first, "empty.html": empty} {
		t.Run(file, func(t *testing.T) {
			page := htmlOf(t, r)
			page = styles.ReplaceAllString(page, "<style></style>")
			page = inline.ReplaceAllString(page, "<script></script>")
			page = policies.ReplaceAllString(page, "")
			golden(t, file, []byte(page))
		})
	}
}

// The policy names exactly the style and the script that stand in the page, and nothing else may run or be fetched.
func TestHTMLPolicy(t *testing.T) {
	for _, r := range []*result.Result{fullResult(), hostileResult(hostileValues["script"])} {
		page := htmlOf(t, r)
		style, script, policy := styles.FindAllStringSubmatch(page, -1), inline.FindAllStringSubmatch(page, -1), policies.FindAllStringSubmatch(page, -1)
		if len(style) != 1 || len(script) != 1 || len(policy) != 1 {
			t.Fatalf("%d styles, %d scripts, %d policies", len(style), len(script), len(policy))
		}
		want := "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '" + digest(style[0][1]) + "'; script-src '" + digest(script[0][1]) +
			"'; require-trusted-types-for 'script'; trusted-types 'none'"
		if policy[0][1] != want {
			t.Errorf("the policy is %s\nwant %s", policy[0][1], want)
		}
		if strings.Index(page, policy[0][0]) > strings.Index(page, "<style>") {
			t.Error("the policy comes after the style")
		}
		markup := island.ReplaceAllString(inline.ReplaceAllString(styles.ReplaceAllString(page, ""), ""), "")
		if found := regexp.MustCompile(`(?i)<[^>]*\s(on[a-z]+|style|src)\s*=`).FindString(markup); found != "" {
			t.Errorf("an attribute that runs, styles or fetches: %s", found)
		}
	}
	if got := digest("alert('Hello, world.');"); got != "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=" { // the specification's example
		t.Errorf("%s", got)
	}
}

// Whatever stands in names and messages, the data stays data: it ends where it should, and it can be read back.
func TestHTMLIslands(t *testing.T) {
	for name, v := range hostileValues {
		t.Run(name, func(t *testing.T) {
			page := htmlOf(t, hostileResult(v))
			found := island.FindAllStringSubmatch(page, -1)
			if len(found) != 2 {
				t.Fatalf("%d islands", len(found))
			}
			for _, m := range found {
				for _, bad := range []string{"<", "\u2028", "\u2029", "\x00"} {
					if strings.Contains(m[2], bad) {
						t.Errorf("%s: %q stands in it", m[1], bad)
					}
				}
				if !json.Valid([]byte(m[2])) {
					t.Errorf("%s is no JSON", m[1])
				}
			}
			var rows [][]any
			if err := json.Unmarshal([]byte(found[1][2]), &rows); err != nil {
				t.Fatal(err)
			}
			if len(rows) != len(fullResult().Findings) {
				t.Errorf("%d rows", len(rows))
			}
			for _, row := range rows {
				if row[8] != Visible(v) {
					t.Errorf("the message is %.200q, want %.200q", row[8], Visible(v))
				}
			}
		})
	}
}

func fixOf(cli, kind, id string) *finding.Finding {
	return &finding.Finding{
		Rule: &finding.Rule{Remediation: finding.Remediation{CLI: cli}}, AccountID: "111122223333", Region: "eu-west-1", Status: finding.Fail,
		Resource: &finding.Resource{Type: kind, ID: id, ARN: "arn:aws:iam::111122223333:user/team/" + id, Region: "eu-west-1"},
	}
}

func TestCommand(t *testing.T) {
	for _, c := range []struct{ cli, kind, id, want string }{
		{"aws s3api x --bucket <bucket>", "AWS::S3::Bucket", "data", "aws s3api x --region eu-west-1 --bucket data"},
		{"aws ec2 x --region <region>", "AWS::S3::Bucket", "data", "aws ec2 x --region eu-west-1"},
		{"aws ec2 x && aws ec2 y 'aws ec2 z'", "AWS::S3::Bucket", "data", "aws ec2 x --region eu-west-1 && aws ec2 y --region eu-west-1 'aws ec2 z'"},
		{"x --bucket <bucket>; y <bucket>", "AWS::S3::Bucket", "a b", "x --bucket 'a b'; y 'a b'"},
		{"x '{\"T\":\"<log-bucket>\",\"P\":\"<bucket>/\"}'", "AWS::S3::Bucket", "data", "x '{\"T\":\"<log-bucket>\",\"P\":\"data/\"}'"},
		{"x '{\"P\":\"<bucket>/\"}'", "AWS::S3::Bucket", "a'b", "x '{\"P\":\"<bucket>/\"}'"},
		{"x \"<bucket>\" '<bucket>'", "AWS::S3::Bucket", "$(id)", "x \"<bucket>\" '<bucket>'"},
		{"x <bucket>/y", "AWS::S3::Bucket", "a b", "x <bucket>/y"},
		{"x --id <instance-id> --bucket <bucket>", "AWS::EC2::Instance", "i-1", "x --id i-1 --bucket <bucket>"},
		{"x <instance>", "AWS::EC2::Instance", "i-1", "x <instance>"},
		{"x <access-key-id> <user>", "AWS::IAM::AccessKey", "AKIA1", "x AKIA1 AKIA1"},
		{"x <account-id> <region>", "AWS::::Account", "y", "x 111122223333 eu-west-1"},
		{"x <user>", "AWS::IAM::User", "--force", "x <user>"},
		{"x <user>", "AWS::IAM::User", "", "x <user>"},
		{"x <user>", "AWS::IAM::User", "file:///etc/passwd", "x <user>"},
		{"x <user>", "AWS::IAM::User", "HTTP://evil.example", "x <user>"},
		{"x <user>", "AWS::IAM::User", "a\nb", "x <user>"},
		{"x <user>", "AWS::IAM::User", "a\u202eb", "x <user>"},
		{"x <user>", "AWS::IAM::User", "a\x1b[201~", "x <user>"},
		{"x <user>", "AWS::IAM::User", "\xff", "x <user>"},
		{"x <user>", "AWS::IAM::User", "it's", `x 'it'\''s'`},
		{"x \\' <user> ", "AWS::IAM::User", "a;b", "x \\' 'a;b' "},
		{"x <policy.json> <a", "AWS::IAM::User", "a", "x <policy.json> <a"},
		{"", "AWS::IAM::User", "a", ""},
	} {
		if got := command(fixOf(c.cli, c.kind, c.id)); got != c.want {
			t.Errorf("%q with %q: %q, want %q", c.cli, c.id, got, c.want)
		}
	}
	global := fixOf("aws iam x <region>", "AWS::IAM::User", "a")
	global.Region = awsapi.Global
	if got := command(global); got != "aws iam x <region>" {
		t.Errorf("global is no region: %q", got)
	}
	group := fixOf("x <group>", "AWS::RDS::DBInstance", "db")
	group.Evidence = finding.Evidence{{Key: "parameter_group", Value: "custom"}}
	if got := command(group); got != "x custom" {
		t.Errorf("%q", got)
	}
}

// A shell reads a name back as one word that is the name, or the name was left out.
func TestCommandInShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no POSIX shell here")
	}
	names := []string{"plain", "a b", "it's", "''", `'"'"'`, "$(touch pwned)", "`id`", "a;b", "a&&b", "*", "~", "a\\", "\\'", "!x", "{a,b}", "#x", "a=b", "日本", "-x", ">f", "a|b"}
	for _, v := range hostileValues {
		names = append(names, v)
	}
	for _, name := range names {
		cmd := command(fixOf("show --user-name <user> --after x", "AWS::IAM::User", name))
		if strings.Contains(cmd, "<user>") {
			if quotable(name) {
				t.Errorf("%q was left out", name)
			}
			continue
		}
		script := "show() { printf '%s\\0' \"$@\"; }; " + cmd
		out, err := exec.CommandContext(t.Context(), sh, "-c", script).CombinedOutput()
		if err != nil {
			t.Errorf("%q: %v\n%s", name, err, out)
		}
		if want := "--user-name\x00" + name + "\x00--after\x00x\x00"; string(out) != want {
			t.Errorf("%q: the shell read %q", name, out)
		}
	}
}

func TestChainOf(t *testing.T) {
	for text, want := range map[string][]string{
		"internet → igw-1 → i-2:22":      {"internet", "igw-1", "i-2:22"},
		"no arrow":                       nil,
		"statement 1 (\"TLSOnly\")":      nil,
		"READ to AllUsers (anyone)":      nil,
		"statement 2: everyone may x:Y":  {"statement 2", "everyone", "may x:Y"},
		"s 1 may s3:GetObject on arn:x*": {"s 1", "may s3:GetObject", "on arn:x*"},

		"statement 2: any principal may kms:Decrypt, kms:Encrypt on *": {"statement 2", "any principal", "may kms:Decrypt, kms:Encrypt", "on *"},

		"statement 1 (\"a\"): anyone may s3:PutObject, if IpAddress aws:SourceIp [\"0.0.0.0/1\"]":                          {"statement 1 (\"a\")", "anyone", "may s3:PutObject", "if IpAddress aws:SourceIp [\"0.0.0.0/1\"]"},
		"organization o-1 may s3:GetObject on arn:aws:s3:::b/* if StringEquals aws:PrincipalOrgID [\"o-1\"] (statement 2)": {"statement 2", "organization o-1", "may s3:GetObject", "on arn:aws:s3:::b/*", "if StringEquals aws:PrincipalOrgID [\"o-1\"]"},
	} {
		if d := cmp.Diff(want, chainOf(text)); d != "" {
			t.Errorf("%q (-want +got):\n%s", text, d)
		}
	}
}

// The policy to paste has exactly the actions that were denied, each once.
func TestMissingPolicy(t *testing.T) {
	r := fullResult()
	line := func(region, operation, action string, outcomes map[awsapi.Outcome]int) {
		r.Coverage = append(r.Coverage, result.Coverage{AccountID: "111122223333", Region: region, Operation: operation, Action: action, Calls: 1, Outcomes: outcomes})
	}
	line("eu-west-1", "s3:ListBuckets", "s3:ListAllMyBuckets", map[awsapi.Outcome]int{awsapi.Denied: 1})
	line("us-east-1", "s3:ListBuckets", "s3:ListAllMyBuckets", map[awsapi.Outcome]int{awsapi.Denied: 1})
	line("us-east-1", "kms:ListKeys", "kms:ListKeys", map[awsapi.Outcome]int{awsapi.DeniedByOrganization: 1})
	line("us-east-1", "rds:DescribeDBInstances", "rds:DescribeDBInstances", map[awsapi.Outcome]int{awsapi.OK: 1})
	g := newView(r).Gaps
	var policy struct {
		Version   string
		Statement []struct {
			Effect, Resource string
			Action           []string
		}
	}
	if err := json.Unmarshal([]byte(g.Policy), &policy); err != nil {
		t.Fatal(err)
	}
	want := []string{"ec2:DescribeInstances", "s3:ListAllMyBuckets"}
	if policy.Version != "2012-10-17" || len(policy.Statement) != 1 || policy.Statement[0].Effect != "Allow" || policy.Statement[0].Resource != "*" || !slices.Equal(policy.Statement[0].Action, want) {
		t.Errorf("%s", g.Policy)
	}
	var texts []string
	for _, l := range g.Lines {
		texts = append(texts, l.Text)
	}
	for _, want := range []string{
		"The caller may not call s3:ListBuckets in eu-west-1, us-east-1",
		"A policy of the organization denies kms:ListKeys in us-east-1, whatever the caller is allowed",
	} {
		if !slices.Contains(texts, want) {
			t.Errorf("no line %q in %q", want, texts)
		}
	}
}

// The worst findings are the most severe ones that fail and that no exception accepts; of equal ones the first.
func TestWorst(t *testing.T) {
	r := fullResult()
	for i := range 30 {
		f := r.Findings[3]
		f.Resource = &finding.Resource{Type: "T", ID: string(rune('a'+i%26)) + "x", ARN: "arn:aws:t:::" + string(rune('A'+i))}
		f.Fingerprint = finding.Fingerprint("aws", "1", "x", f.Resource)
		f.Severity = finding.Severities()[4-i%5]
		f.Status = finding.Fail
		r.Findings = append(r.Findings, f)
	}
	r.Summarize()
	got := newView(r).Worst
	if len(got) != worstShown {
		t.Fatalf("%d", len(got))
	}
	var want []string
	for _, s := range []finding.Severity{finding.Critical, finding.High} {
		for f := range r.All() {
			if f.Status == finding.Fail && !f.Suppressed() && f.Severity == s {
				want = append(want, f.Fingerprint)
			}
		}
	}
	for i, w := range got {
		if w.Fingerprint != want[i] {
			t.Errorf("%d: %s %s, want %s", i, w.Severity, w.Fingerprint, want[i])
		}
	}
}

// The state of a control is that of its worst finding; controls without a check of the scan are counted too.
func TestMatrix(t *testing.T) {
	m := newView(fullResult()).Matrix
	if m.Examined != 4 || m.Controls != 6 {
		t.Errorf("%d of %d", m.Examined, m.Controls)
	}
	got := map[string]string{}
	for _, row := range m.Rows {
		for _, c := range row.Cells {
			for _, p := range c.Parts {
				got[row.Layer+" "+c.Category] += p.Word + ";"
			}
		}
	}
	want := map[string]string{
		"identity access infrastructure": "failing;", "customer data abstracted": "failing;without a check;",
		"client side encryption abstracted": "to be answered;", "identity access account": "failing;", "customer data container": "without a check;",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The page of several accounts whose findings are read back from a spool is that of the same findings in memory.
func TestHTMLFromSpool(t *testing.T) {
	spool, err := result.NewSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	accounts := []string{"111122223333", "444455556666"}
	for _, account := range accounts {
		r := fullResult()
		other := func(id string) bool { return id != account }
		r.Scan.Accounts, r.Scan.ByAccount = []string{account}, nil
		r.Findings = slices.DeleteFunc(r.Findings, func(f finding.Finding) bool { return other(f.AccountID) })
		r.Unobserved = slices.DeleteFunc(r.Unobserved, func(u result.Unobserved) bool { return other(u.AccountID) })
		r.Evaluations = slices.DeleteFunc(r.Evaluations, func(e result.Evaluation) bool { return other(e.AccountID) })
		r.Coverage = slices.DeleteFunc(r.Coverage, func(c result.Coverage) bool { return other(c.AccountID) })
		if account != accounts[0] {
			r.Comparison.Changes, r.Comparison.Counts = nil, map[result.Kind]int{}
		}
		r.Summarize()
		if err := spool.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	r := spool.Merge(result.Result{SchemaVersion: result.SchemaVersion, Tool: result.Tool{Name: "ourshare"}})
	rows := func(page string) string { return island.FindAllStringSubmatch(page, -1)[1][2] }
	inMemory := fullResult()
	for i := range inMemory.Findings { // bytes that are no UTF-8 do not survive the spool's JSON; AWS gives none
		about := inMemory.Findings[i].Resource
		about.Name = strings.ToValidUTF8(about.Name, "\uFFFD")
		for k, v := range about.Tags {
			about.Tags[k] = strings.ToValidUTF8(v, "\uFFFD")
		}
	}
	page := htmlOf(t, r)
	if d := cmp.Diff(rows(htmlOf(t, inMemory)), rows(page)); d != "" {
		t.Errorf("(-memory +spool):\n%s", d)
	}
	for _, want := range []string{"2 AWS accounts", "Was failing, and cannot be seen now", "The caller may not call ec2:DescribeInstances in us-east-1", "1 not observable"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
