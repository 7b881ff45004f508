package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

var update = flag.Bool("update", false, "write the golden files anew; look at them before you accept them")

func ptr(s string) *string { return &s }

// hostile is a name as an intruder would give it: it clears the screen, forges a line and turns the direction of writing.
const hostile = "web\x1b[2J\r\nhigh  nothing to see\u202e\u200b\xff"

// sample is a result of a two-check catalogue with every status, a gap and a hostile name.
func sample() *result.Result {
	at := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
	imds := &finding.Rule{
		ID: "ec2-instance-imdsv2-required", Title: "EC2 instances require IMDSv2", Category: responsibility.Infrastructure,
		Service: "ec2", Layer: responsibility.IdentityAccess, Severity: finding.High, Revision: 1, Parameters: map[string]any{},
		Risk: "A request forgery reads credentials.", Remediation: finding.Remediation{Text: "Require tokens.", CLI: "aws ec2 …", URL: "https://docs.aws.amazon.com/"},
		References: []finding.Reference{{Framework: "FSBP", ID: "EC2.8"}},
	}
	cse := &finding.Rule{
		ID: "s3-object-client-side-encryption", Title: "Objects are encrypted before they are uploaded", Category: responsibility.Abstracted,
		Service: "s3", Layer: responsibility.ClientSideEncryption, Severity: finding.Medium, Revision: 2, Parameters: map[string]any{"days": 30},
		Risk: "AWS could read them.", Remediation: finding.Remediation{Text: "Encrypt.", URL: "https://docs.aws.amazon.com/"},
		References: []finding.Reference{},
	}
	make := func(rule *finding.Rule, kind, id, name string, s finding.Status, message string) finding.Finding {
		arn := "arn:aws:ec2:eu-west-1:111122223333:instance/" + id
		r := &finding.Resource{Type: kind, ID: id, ARN: arn, Name: name, Region: "eu-west-1"}
		return finding.Finding{
			Fingerprint: finding.Fingerprint("aws", "111122223333", rule.ID, r), Rule: rule, AccountID: "111122223333", Region: "eu-west-1",
			Resource: r, Status: s, Severity: rule.Severity, Message: message,
		}
	}
	fail := make(imds, "AWS::EC2::Instance", "i-0aaa", hostile, finding.Fail, "IMDSv1 is allowed: HttpTokens is optional")
	fail.Evidence = finding.Evidence{{Key: "http_tokens", Value: "optional"}, {Key: "ports", Value: []int{22, 80}}}
	fail.Resource.Tags = map[string]string{"Name": hostile, "owner": "<script>alert(1)</script>"}
	unknown := make(imds, "AWS::::Account", "111122223333", "", finding.Unknown, "not known: ec2:DescribeInstances in us-east-1: denied (AccessDenied)")
	unknown.Resource.ARN, unknown.Region = "arn:aws:iam::111122223333:root", "us-east-1"
	unknown.Reason = &finding.Reason{Outcome: "denied", Operation: ptr("ec2:DescribeInstances"), Action: ptr("ec2:DescribeInstances"), Gap: true, Text: "ec2:DescribeInstances in us-east-1: denied (AccessDenied)"}
	gone := make(imds, "AWS::EC2::Instance", "i-0ccc", "", finding.NotApplicable, "managed by eks.amazonaws.com")
	r := &result.Result{
		SchemaVersion: result.SchemaVersion, Tool: result.Tool{Name: "ourshare", Version: "0.0.0"},
		Scan: result.Scan{
			ID: "id", StartedAt: at, FinishedAt: at.Add(time.Minute), Accounts: []string{"111122223333"},
			Regions: []string{"eu-west-1", "us-east-1"}, CallerARN: "arn:aws:iam::111122223333:user/auditor",
			Gaps: []string{"ec2:DescribeRegions in eu-west-1: denied; only eu-west-1 was scanned"},
		},
		Checks: map[string]*finding.Rule{imds.ID: imds, cse.ID: cse},
		Findings: []finding.Finding{
			fail, unknown, gone, make(imds, "AWS::EC2::Instance", "i-0bbb", "db", finding.Pass, "IMDSv2 is required"),
			make(cse, "AWS::S3::Bucket", "data", "data", finding.Manual, "who holds the keys?"),
		},
		Evaluations: []result.Evaluation{{CheckID: imds.ID, AccountID: "111122223333", Region: "eu-west-1", Resources: 3, Complete: true, ObservedAt: at}},
		Responsibility: []result.Cell{
			{Category: responsibility.Infrastructure, Layer: responsibility.IdentityAccess, Examined: 1, Controls: 1},
			{Category: responsibility.Abstracted, Layer: responsibility.ClientSideEncryption, Examined: 0, Controls: 1},
		},
	}
	r.SetCoverage([]awsapi.Coverage{
		{AccountID: "111122223333", Region: "eu-west-1", Operation: "ec2:DescribeInstances", Action: "ec2:DescribeInstances", Calls: 2, Attempts: 3, Throttles: 1, Outcomes: map[awsapi.Outcome]int{"ok": 2}, Reasons: []string{}},
		{AccountID: "111122223333", Region: "us-east-1", Operation: "ec2:DescribeInstances", Action: "ec2:DescribeInstances", Calls: 1, Attempts: 1, Outcomes: map[awsapi.Outcome]int{"denied": 1}, Reasons: []string{"denied (AccessDenied)"}},
	})
	r.Summarize()
	return r
}

func TestGolden(t *testing.T) {
	for file, write := range map[string]func(*bytes.Buffer) error{
		"table.txt":   func(b *bytes.Buffer) error { return writeTable(b, sample(), Look{Width: 120}) },
		"narrow.txt":  func(b *bytes.Buffer) error { return writeTable(b, sample(), Look{Width: 80}) },
		"report.json": func(b *bytes.Buffer) error { return writeJSON(b, sample(), Look{}) },
		"empty.txt": func(b *bytes.Buffer) error {
			r := &result.Result{Scan: result.Scan{Complete: true, Regions: []string{"us-east-1"}}}
			r.Summarize()
			return writeTable(b, r, Look{Width: 100})
		},
	} {
		t.Run(file, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", file)
			if *update {
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), b.String()); d != "" {
				t.Errorf("%s differs (-want +got):\n%s", path, d)
			}
		})
	}
}

func TestJSONIsValid(t *testing.T) {
	for _, r := range []*result.Result{sample(), {}} {
		var b bytes.Buffer
		if err := r.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(b.Bytes(), &v); err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if n := len(v["findings"].([]any)); n != len(r.Findings) {
			t.Errorf("%d findings, want %d", n, len(r.Findings))
		}
	}
}

func TestColour(t *testing.T) {
	for _, color := range []bool{true, false} {
		var b bytes.Buffer
		if err := writeTable(&b, sample(), Look{Width: 120, Color: color}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "\x1b["); got != color {
			t.Errorf("colour %v: escape sequences %v", color, got)
		}
		if strings.Contains(b.String(), "\x1b[2J") || strings.Contains(b.String(), "\u202e") {
			t.Error("a name reaches the terminal unshown")
		}
	}
}

// Lines of a table keep to the terminal's width.
func TestWidth(t *testing.T) {
	for _, width := range []int{80, 100, 140} {
		var b bytes.Buffer
		r := sample()
		r.Findings[0].Resource.ID = strings.Repeat("long-", 40)
		if err := writeTable(&b, r, Look{Width: width}); err != nil {
			t.Fatal(err)
		}
		table, _, _ := strings.Cut(b.String(), "What could not be seen")
		for line := range strings.Lines(table) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
				t.Errorf("width %d: a line of %d columns: %q", width, n, line)
			}
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain näme 日本": "plain näme 日本",
		"\x1b[31m":      `\x1b[31m`,
		"a\nb\tc\x00":   `a\x0ab\x09c\x00`,
		"\u202egnp":     `\u202egnp`,
		"a\u200bb":      `a\u200bb`,
		"\u009b31m":     `\x9b31m`,
		"\xff\xfe":      `\xff\xfe`,
		"\uFFFD":        "\uFFFD",
		"\U000E0001x":   `\ue0001x`,
		"":              "",
	} {
		if got := Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, s string) {
		if out := Visible(s); strings.ContainsFunc(out, hidden) {
			t.Errorf("%q hides something", out)
		}
	})
}

// A full disk and a closed pipe are errors, not half reports taken for whole ones.
func TestWriteErrors(t *testing.T) {
	r := sample()
	r.Tickets = []result.Ticket{{Action: "open", Body: strings.Repeat("words ", 100)}}
	for _, f := range Formats {
		for _, room := range []int{0, 10, 500} {
			if err := f.Write(&full{room}, r, Look{Width: 100}); err == nil {
				t.Errorf("%s: no error after %d bytes", f.Name, room)
			}
		}
	}
}

type full struct{ room int }

func (w *full) Write(p []byte) (int, error) {
	if len(p) > w.room {
		n := w.room
		w.room = 0
		return n, os.ErrClosed
	}
	w.room -= len(p)
	return len(p), nil
}
