package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
	testschema "github.com/ourshare/ourshare/internal/testkit/schema"
)

// change makes a change of a kind as a comparison would.
func change(k result.Kind, check, id string, before, after finding.Status, severity finding.Severity, reason string) result.Change {
	side := func(s finding.Status) *result.Verdict {
		if s == "" {
			return nil
		}
		return &result.Verdict{Status: s, Severity: severity, Message: "what was seen of " + id}
	}
	r := &finding.Resource{Type: "AWS::S3::Bucket", ID: id, ARN: "arn:aws:s3:::" + id, Name: id, Region: "eu-west-1"}
	return result.Change{
		Change: k, Fingerprint: finding.Fingerprint("aws", "111122223333", check, r), CheckID: check, Resource: result.ResourceJSON(r),
		Before: side(before), After: side(after), Reason: reason,
	}
}

// diffSample has a change of every kind, two severities out of their order, and a hostile name.
func diffSample() *result.Diff {
	at := time.Date(2026, 11, 23, 8, 31, 0, 0, time.UTC)
	d := &result.Diff{
		SchemaVersion: result.SchemaVersion,
		Old:           result.Baseline{ScanID: "11111111-aaaa", FinishedAt: at, Complete: true},
		New:           result.Baseline{ScanID: "22222222-bbbb", FinishedAt: at.AddDate(0, 0, 1)},
		Counts:        map[result.Kind]int{},
		Changes: []result.Change{
			change(result.New, "s3-bucket-versioning", "logs", "", finding.Fail, finding.Medium, "the earlier scan did not list it"),
			change(result.New, "s3-bucket-not-public", "site", finding.Pass, finding.Fail, finding.Critical, "passed before"),
			change(result.Reopened, "s3-bucket-policy-tls", "site", finding.Pass, finding.Fail, finding.Medium, "passed before; failed on 2026-11-02"),
			change(result.Changed, "s3-bucket-external-access", "data", finding.Fail, finding.Fail, finding.High, "severity medium → high; the evidence differs: principals"),
			change(result.NotObservable, "s3-bucket-versioning", "data", finding.Fail, finding.Unknown, finding.Medium, "it is not known now: s3:GetBucketVersioning in eu-west-1: denied (AccessDenied)"),
			change(result.RuleChanged, "s3-bucket-logging", "data", finding.Fail, finding.Pass, finding.Low, "the check's rule changed: revision 1 → 2; passes now"),
			change(result.Resolved, "s3-bucket-versioning", "old", finding.Fail, "", finding.Medium, "it is gone: what the check judges was listed whole in eu-west-1"),
			change(result.Persisting, "s3-bucket-logging", "site", finding.Fail, finding.Fail, finding.Low, "fails as before"),
		},
	}
	d.Changes[1].Resource.Name = hostile
	for _, k := range result.Kinds() {
		d.Counts[k] = 0
	}
	for _, c := range d.Changes {
		d.Counts[c.Change]++
	}
	return d
}

func written(t *testing.T, d *result.Diff, format string, width int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteDiff(&b, d, format, Look{Width: width}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDiffGolden(t *testing.T) {
	golden(t, "diff.txt", written(t, diffSample(), "table", 120))
	golden(t, "diff-narrow.txt", written(t, diffSample(), "table", 80))
	golden(t, "diff.md", written(t, diffSample(), "markdown", 0))
	golden(t, "diff.json", written(t, diffSample(), "json", 0))
	same := diffSample()
	same.Changes = same.Changes[7:]
	same.Counts = map[result.Kind]int{result.Persisting: 1}
	golden(t, "diff-same.md", written(t, same, "markdown", 0))
	golden(t, "diff-same.txt", written(t, same, "table", 100))
}

// The report for a terminal says what changed since the baseline, and lists no more of a kind than can be read.
func TestTableChanges(t *testing.T) {
	r, d := sample(), diffSample()
	r.Comparison = &result.Comparison{Baseline: &d.Old, Counts: d.Counts, Changes: d.Changes[:7]}
	r.Comparison.Baseline.Complete = false
	suppressed := r.Findings[0]
	suppressed.Fingerprint = d.Changes[0].Fingerprint
	suppressed.Note = &finding.Note{Suppression: &finding.Suppression{Expires: "2027-01-31"}}
	r.Findings = append(r.Findings, suppressed)
	for i := range 25 {
		c := change(result.Resolved, "s3-bucket-versioning", fmt.Sprint("bucket-", i), finding.Fail, finding.Pass, finding.Low, "passes now")
		r.Comparison.Changes = append(r.Comparison.Changes, c)
		r.Comparison.Counts[c.Change]++
	}
	part := func(r *result.Result) []byte {
		var b bytes.Buffer
		if err := writeTable(&b, r, Look{Width: 100}); err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(b.String(), "What changed\n")
		rest, _, _ = strings.Cut(rest, "What could not be seen\n")
		return []byte(rest)
	}
	golden(t, "table-changes.txt", part(r))
	r.Comparison = &result.Comparison{Counts: map[result.Kind]int{result.New: 1}, Changes: d.Changes[:1]}
	if got := string(part(r)); got != "\n  A first run: there is no earlier scan to compare with.\n\n" {
		t.Errorf("%q", got)
	}
	r.Comparison = nil
	if got := part(r); len(got) > 0 {
		t.Errorf("without a comparison: %q", got)
	}
}

// Lines keep to the terminal's width, whatever names there are.
func TestDiffWidth(t *testing.T) {
	d := diffSample()
	d.Changes[0].Resource.ID = strings.Repeat("long-", 40)
	d.Changes[2].Resource.ID = strings.Repeat("x", 500)
	for _, width := range []int{80, 100, 120, 160} {
		for line := range strings.Lines(string(written(t, d, "table", width))) {
			if n := text.StringWidth(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("width %d: a line of %d columns: %q", width, n, line)
			}
		}
	}
}

// Whatever stands in names, messages and reasons is data in every form.
func TestDiffHostile(t *testing.T) {
	for name, v := range hostileValues {
		d := diffSample()
		for i := range d.Changes {
			c := &d.Changes[i]
			c.Resource.ID, c.Resource.Name, c.Reason = v, v, v
			c.Resource.Tags = map[string]string{v: v}
			for _, s := range []*result.Verdict{c.Before, c.After} {
				if s != nil {
					s.Message = v
				}
			}
		}
		d.Old.ScanID = v
		for _, format := range DiffNames() {
			out := written(t, d, format, 120)
			if !utf8.Valid(out) {
				t.Errorf("%s, %s: it is no UTF-8", format, name)
			}
			for _, r := range string(out) {
				if hidden(r) && r != '\n' {
					t.Errorf("%s, %s: %U stands in it as it is", format, name, r)
					break
				}
			}
			if !bytes.Contains(out, []byte("m4rk")) {
				t.Errorf("%s, %s: it was dropped", format, name)
			}
		}
		var got result.Diff
		if err := json.Unmarshal(written(t, d, "json", 0), &got); err != nil || got.Changes[3].Reason != replaced(v) || got.Changes[3].Before.Message != replaced(v) {
			t.Errorf("%s: %v, %+v", name, err, got.Changes[3])
		}
		columns := 0
		for line := range strings.Lines(string(written(t, d, "markdown", 0))) {
			bare := strings.ReplaceAll(codeSpan.ReplaceAllString(line, ""), "**", "")
			if found := markup.FindString(bare); found != "" {
				t.Errorf("%s: %q is markup in %q", name, found, line)
			}
			switch n := strings.Count(line, "|"); {
			case !strings.HasPrefix(line, "|"):
				columns = 0
			case columns == 0:
				columns = n
			case n != columns:
				t.Errorf("%s: a row of %d columns in a table of %d: %q", name, n-1, columns-1, line)
			}
		}
	}
}

// However much changed, a comment of a pull request has room for it, and the worst of what is new is there.
func TestDiffMarkdownFits(t *testing.T) {
	d := diffSample()
	var many []result.Change
	for i := range 20_000 {
		c := change(result.Resolved, "s3-bucket-versioning", fmt.Sprint("bucket-", i), finding.Fail, finding.Pass, finding.Low, strings.Repeat("é|*", 50))
		if i%2 == 0 {
			c.Change, c.Before, c.After = result.New, nil, c.Before
		}
		many = append(many, c)
		d.Counts[c.Change]++
	}
	d.Changes = append(many, d.Changes...)
	out := string(written(t, d, "markdown", 0))
	if n := utf8.RuneCountInString(out); n > 65_536 || len(out) < 60_000 {
		t.Errorf("%d characters, %d bytes", n, len(out))
	}
	for _, want := range []string{"10002 new", "10001 resolved", "| new | critical | `s3-bucket-not-public` |", "left out here"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestDiffFollowsItsSchema(t *testing.T) {
	text, err := result.DiffSchema()
	schema := testschema.Compile(t, text, err)
	valid := func(b []byte) error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	whole := string(written(t, diffSample(), "json", 0))
	if err := valid([]byte(whole)); err != nil {
		t.Error(err)
	}
	for was, is := range map[string]string{
		`"change": "reopened"`: `"change": "fixed"`, `"schema_version": "1.0"`: `"schema_version": "2.0"`, `"changes": [`: `"changes": null, "x": [`,
		`"reason": "passed before"`: `"because": "passed before"`, `"status": "fail"`: `"status": "pass"`,
	} {
		if !strings.Contains(whole, was) || valid([]byte(strings.ReplaceAll(whole, was, is))) == nil {
			t.Errorf("%s → %s is valid, or is not there", was, is)
		}
	}
	empty := diffSample()
	empty.Changes = nil
	if err := valid(written(t, empty, "json", 0)); err != nil {
		t.Error(err)
	}
}

// A full disk is an error in every form.
func TestDiffWriteErrors(t *testing.T) {
	for _, format := range DiffNames() {
		for _, room := range []int{0, 10, 500} {
			if err := WriteDiff(&full{room}, diffSample(), format, Look{Width: 100}); err == nil {
				t.Errorf("%s: no error after %d bytes", format, room)
			}
		}
	}
	if err := WriteDiff(&bytes.Buffer{}, diffSample(), "html", Look{}); err == nil {
		t.Error("a form that there is not")
	}
}
