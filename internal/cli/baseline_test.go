package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// saved is a result of one finding, of an account, as the JSON report has it.
func saved(t *testing.T, id string, day int, status finding.Status, account string) (*result.Result, string) {
	t.Helper()
	rule := &finding.Rule{ID: "s3-bucket-versioning", Title: "t", Revision: 1, Parameters: map[string]any{}}
	resource := &finding.Resource{Type: "AWS::S3::Bucket", ID: "data", ARN: "arn:aws:s3:::data", Region: "eu-west-1"}
	at := time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)
	r := &result.Result{
		SchemaVersion: result.SchemaVersion, Tool: result.Tool{Name: "ourshare", Version: "1"},
		Scan:        result.Scan{ID: id, StartedAt: at, FinishedAt: at, Complete: true, Accounts: []string{account}, Regions: []string{"eu-west-1"}},
		Checks:      map[string]*finding.Rule{rule.ID: rule},
		Evaluations: []result.Evaluation{{CheckID: rule.ID, AccountID: account, Region: "eu-west-1", Complete: true, ObservedAt: at}},
		Findings: []finding.Finding{{
			Fingerprint: finding.Fingerprint("aws", account, rule.ID, resource), Rule: rule, AccountID: account, Region: "eu-west-1", Resource: resource,
			Status: status, Severity: finding.Medium, Message: "m",
		}},
	}
	r.Summarize()
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return r, b.String()
}

// prepared is the step as a command line prepares it.
func prepared(t *testing.T, args ...string) (*baseline, string, error) {
	t.Helper()
	var stderr bytes.Buffer
	cmd := &cobra.Command{Use: "scan"}
	cmd.SetErr(&stderr)
	b := &baseline{}
	b.flags(cmd)
	cmd.Flags().String("fail-on", "low", "")
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	err := b.prepare(config.Config{}, nil)
	return b, stderr.String(), err
}

func TestBaselineDirectory(t *testing.T) {
	const account = "111122223333"
	_, first := saved(t, "first", 1, finding.Fail, account)
	_, second := saved(t, "second", 2, finding.Fail, account)
	_, third := saved(t, "third", 3, finding.Fail, account)
	future := strings.Replace(third, `"1.0"`, `"2.0"`, 1)
	for name, c := range map[string]struct {
		files map[string]string
		want  string   // the scan compared with; empty: a first run; error: exit 2
		warns []string // in this order
	}{
		"empty":              {map[string]string{}, "", nil},
		"other files":        {map[string]string{"report.txt": "x", "report.ndjson": "{}", ".report.json": "{", ".report.json.12": first}, "", nil},
		"one":                {map[string]string{"report.json": first}, "first", nil},
		"the newest":         {map[string]string{"z.json": first, "a.json": third, "m.json": second}, "third", nil},
		"other kinds":        {map[string]string{"a.json": first, "inventory.json": `{"rows": {}}`, "report.ocsf.json": "[]", "diff.json": `{"schema_version": "1.0", "old": {}}`}, "first", nil},
		"the newest is cut":  {map[string]string{"a.json": first, "b.json": third[:len(third)-20]}, "first", []string{"b.json: it is passed over: it ends in the middle"}},
		"cut in its head":    {map[string]string{"a.json": first, "b.json": third[:40]}, "first", []string{"b.json: it is passed over: it ends in the middle"}},
		"a later version":    {map[string]string{"a.json": first, "b.json": future}, "first", []string{`b.json: it is passed over: schema version "2.0"`}},
		"of the same time":   {map[string]string{"a.json": first, "b.json": strings.ReplaceAll(first, `"first"`, `"again"`)}, "again", nil},
		"only a cut one":     {map[string]string{"b.json": third[:len(third)-20]}, "error", []string{"b.json: it is passed over"}},
		"only a later one":   {map[string]string{"b.json": future}, "error", []string{"b.json: it is passed over"}},
		"only other kinds":   {map[string]string{"a.json": `{"rows": {}}`, "b.json": `[]`}, "", []string{"none of its 2 JSON files is a result: this counts as a first run"}},
		"only what is empty": {map[string]string{"a.json": ""}, "", []string{"a.json: it is passed over: it ends in the middle", "none of its 1 JSON file is a result"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Mkdir(filepath.Join(dir, "directory.json"), 0o700); err != nil {
				t.Fatal(err)
			}
			b, stderr, err := prepared(t, "--baseline", dir)
			if (err != nil) != (c.want == "error") {
				t.Fatalf("%v", err)
			}
			for _, w := range c.warns {
				_, rest, found := strings.Cut(stderr, w)
				if !found {
					t.Errorf("no warning %q in %q", w, stderr)
				}
				stderr = rest
			}
			if len(c.warns) == 0 && stderr != "" {
				t.Errorf("a warning: %s", stderr)
			}
			if err != nil {
				return
			}
			r, _ := saved(t, "now", 9, finding.Fail, account)
			if err := b.apply(r); err != nil {
				t.Fatal(err)
			}
			got := ""
			if r.Comparison.Baseline != nil {
				got = r.Comparison.Baseline.ScanID
			}
			if got != c.want || (r.Comparison.Counts[result.New] == 1) != (c.want == "") {
				t.Errorf("compared with %q, want %q: %+v", got, c.want, r.Comparison)
			}
		})
	}
}

func TestBaselineFlag(t *testing.T) {
	_, text := saved(t, "first", 1, finding.Fail, "111122223333")
	dir := t.TempDir()
	files := map[string]string{"good": text, "cut": text[:200], "other": `{"rows": {}}`, "text": "hello"}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for args, want := range map[string]string{
		"":                                  "",
		"--baseline DIR/good":               "",
		"--baseline=DIR/good":               "",
		"--baseline DIR/good --fail-on=new": "",
		"--fail-on=new":                     "--fail-on new needs --baseline",
		"--fail-on=low":                     "",
		"--baseline=":                       "--baseline needs a JSON result",
		"--baseline DIR/missing":            "no such file",
		"--baseline DIR/cut":                "it ends in the middle",
		"--baseline DIR/other":              "it is no result of ourshare",
		"--baseline DIR/text":               "it is no result of ourshare",
	} {
		b, stderr, err := prepared(t, strings.Fields(strings.ReplaceAll(args, "DIR", dir))...)
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) || stderr != "" {
			t.Errorf("%s: %v, want %q; %s", args, err, want, stderr)
		}
		if err != nil && exitCode(t.Context(), err) != exitUsage {
			t.Errorf("%s: exit code %d", args, exitCode(t.Context(), err))
		}
		if asked := strings.Contains(args, "--baseline"); err == nil && (b.index != nil) != asked {
			t.Errorf("%s: compared: %v", args, b.index != nil)
		}
	}
}

// Without a baseline the step changes nothing.
func TestNoBaseline(t *testing.T) {
	b, _, err := prepared(t)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := saved(t, "now", 1, finding.Fail, "111122223333")
	if err := b.apply(r); err != nil {
		t.Fatal(err)
	}
	if err := b.finish(r); err != nil || r.Comparison != nil || r.Unobserved != nil || r.Findings[0].History() != nil {
		t.Errorf("%v, %+v", err, r)
	}
}

// Of several accounts each is compared with what is its own; one that never came cannot be observed, and is told of once.
func TestBaselineOfAccounts(t *testing.T) {
	const one, two, three = "111122223333", "444455556666", "777788889999"
	old, _ := saved(t, "first", 1, finding.Fail, one)
	for _, account := range []string{two, three} {
		r, _ := saved(t, "first", 1, finding.Fail, account)
		old.Findings, old.Evaluations = append(old.Findings, r.Findings...), append(old.Evaluations, r.Evaluations...)
		old.Scan.Accounts = append(old.Scan.Accounts, account)
	}
	old.Summarize()
	path := filepath.Join(t.TempDir(), "old.json")
	if err := writeFile(path, old.WriteJSON); err != nil {
		t.Fatal(err)
	}
	b, _, err := prepared(t, "--baseline", path)
	if err != nil {
		t.Fatal(err)
	}
	spool, err := result.NewSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = spool.Close() }()
	for account, status := range map[string]finding.Status{two: finding.Pass, one: finding.Fail} {
		r, _ := saved(t, "now", 2, status, account)
		if err := (after{b}).apply(r); err != nil {
			t.Fatal(err)
		}
		if len(r.Unobserved) != 0 {
			t.Errorf("%s: %+v", account, r.Unobserved)
		}
		if err := spool.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	head, _ := saved(t, "now", 2, finding.Pass, one)
	head.Findings, head.Evaluations = nil, nil
	head.Scan.ByAccount = []result.AccountStatus{{AccountID: one, Entered: true}, {AccountID: two, Entered: true}, {AccountID: three, Reason: "denied"}}
	merged := spool.Merge(*head)
	if err := (after{b}).finish(merged); err != nil {
		t.Fatal(err)
	}
	got := map[result.Kind]string{}
	for c := range merged.AllChanges() {
		got[c.Change] += c.Reason
	}
	counts := merged.Comparison.Counts
	if counts[result.Persisting] != 1 || counts[result.Resolved] != 1 || counts[result.NotObservable] != 1 || len(got) != 2 {
		t.Errorf("%v, %v", counts, got)
	}
	if got[result.NotObservable] != "the account 777788889999 could not be entered: denied" {
		t.Errorf("%v", got)
	}
	n := 0
	for u := range merged.AllUnobserved() {
		n++
		if u.AccountID != three || u.Status != finding.Fail || !u.History.LastSeen.Equal(old.Scan.FinishedAt) {
			t.Errorf("%+v", u)
		}
	}
	if n != 1 || merged.Err() != nil {
		t.Errorf("%d unobserved, %v", n, merged.Err())
	}
}

func TestVerdictCodeNew(t *testing.T) {
	for name, c := range map[string]struct {
		kind       result.Kind
		suppressed bool
		complete   bool
		want       int
	}{
		"new":             {result.New, false, true, exitFindings},
		"reopened":        {result.Reopened, false, true, exitFindings},
		"new, suppressed": {result.New, true, true, exitOK},
		"new, incomplete": {result.New, false, false, exitBoth},
		"changed":         {result.Changed, false, true, exitOK},
		"rule changed":    {result.RuleChanged, false, true, exitOK},
		"not observable":  {result.NotObservable, false, false, exitIncomplete},
		"nothing":         {"", false, true, exitOK},
	} {
		r, _ := saved(t, "now", 1, finding.Fail, "111122223333")
		r.Findings[0].Severity = finding.Info // whatever the severity
		r.Scan.Complete = c.complete
		r.Comparison = &result.Comparison{}
		if c.kind != "" {
			r.Comparison.Changes = []result.Change{{Change: c.kind, Fingerprint: r.Findings[0].Fingerprint}}
		}
		if c.suppressed {
			r.Findings[0].With().Suppression = &finding.Suppression{}
		}
		r.Summarize()
		if got := VerdictCode(r, "new"); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
