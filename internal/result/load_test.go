package result_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

func sample() *result.Result {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	rule := &finding.Rule{
		ID: "s3-bucket-versioning", Title: "t", Category: responsibility.Abstracted, Service: "s3", Layer: responsibility.CustomerData,
		Severity: finding.Medium, Revision: 2, Parameters: map[string]any{"days": 30}, References: []finding.Reference{},
	}
	verdict := func(id string, status finding.Status) finding.Finding {
		return finding.Finding{
			Fingerprint: "fp-" + id, Rule: rule, AccountID: "111122223333", Region: "us-east-1", Status: status, Severity: finding.Medium,
			Resource: &finding.Resource{Type: "AWS::S3::Bucket", ID: id, ARN: "arn:aws:s3:::" + id, Name: id, Region: "us-east-1", Tags: map[string]string{"a": "<&>\u2028"}},
			Message:  "m\x1b", Evidence: finding.Evidence{{Key: "z", Value: 1.50}, {Key: "a", Value: []string{"x"}}},
		}
	}
	failed := at.Add(-time.Hour)
	f, u, m := verdict("a", finding.Fail), verdict("b", finding.Unknown), verdict("c", finding.Manual)
	f.With().Suppression = &finding.Suppression{Reason: "r", Owner: "o", Expires: "2027-01-01"}
	f.With().Owner = "team"
	f.With().History = &finding.History{FirstSeen: failed, LastSeen: at, LastFailed: &failed, Ticket: finding.TicketOpen, TicketKey: "k"}
	f.Resource.Key = "second"
	u.Reason = &finding.Reason{Outcome: "denied", Gap: true, Text: "t"}
	m.With().Attestation = &finding.Attestation{By: "b", At: "2026-01-01", Evidence: "e", Expires: "2027-01-01"}
	r := &result.Result{
		SchemaVersion: result.SchemaVersion, Tool: result.Tool{Name: "ourshare", Version: "1"},
		Scan:        result.Scan{ID: "id", StartedAt: at, FinishedAt: at, Accounts: []string{"111122223333"}, Regions: []string{"us-east-1"}},
		Checks:      map[string]*finding.Rule{rule.ID: rule},
		Findings:    []finding.Finding{f, u, m},
		Evaluations: []result.Evaluation{{CheckID: rule.ID, AccountID: "111122223333", Region: "us-east-1", Complete: true, ObservedAt: at}},
		Exceptions:  &result.Exceptions{Suppressions: []result.ExceptionEntry{}, Attestations: []result.ExceptionEntry{}, Warnings: []string{}},
		Comparison: &result.Comparison{
			Baseline: &result.Baseline{ScanID: "old", FinishedAt: failed, Complete: true}, Counts: map[result.Kind]int{result.New: 1},
			Changes: []result.Change{{Change: result.New, Fingerprint: "fp-a", CheckID: rule.ID, Resource: result.ResourceJSON(f.Resource), After: &result.Verdict{Status: finding.Fail, Severity: finding.Medium, Message: "m"}, Reason: "r"}},
		},
		Unobserved: []result.Unobserved{{Finding: result.JSON(verdict("d", finding.Fail)), Revision: 1, Parameters: map[string]any{"days": 90}, Why: "denied"}},
	}
	r.SetCoverage(nil)
	r.SetControls([]result.Cell{{Category: responsibility.Abstracted, Layer: responsibility.CustomerData, Controls: 3, Examined: 1}})
	r.Summarize()
	return r
}

// TestLoad holds that what is read back is written again byte for byte.
func TestLoad(t *testing.T) {
	for name, change := range map[string]func(*result.Result){
		"with a baseline": func(*result.Result) {},
		"a plain one":     func(r *result.Result) { r.Comparison, r.Exceptions, r.Unobserved = nil, nil, nil },
		"empty":           func(r *result.Result) { r.Findings = nil },
	} {
		r := sample()
		change(r)
		var once, twice bytes.Buffer
		if err := r.WriteJSON(&once); err != nil {
			t.Fatal(err)
		}
		back, err := result.Load(bytes.NewReader(once.Bytes()))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, once.String())
		}
		if err := back.WriteJSON(&twice); err != nil {
			t.Fatal(err)
		}
		if once.String() != twice.String() {
			t.Errorf("%s: written again it differs:\n%s\n%s", name, once.String(), twice.String())
		}
		for _, f := range back.Findings {
			if f.Rule != back.Checks[f.Rule.ID] || f.Rule.Title != "t" {
				t.Errorf("%s: a finding's rule is not the result's", name)
			}
		}
	}
}

func TestLoadOtherFiles(t *testing.T) {
	var whole bytes.Buffer
	if err := sample().WriteJSON(&whole); err != nil {
		t.Fatal(err)
	}
	text := whole.String()
	for input, want := range map[string]string{
		"":                 "it is empty",
		"[]":               "no JSON object",
		"{}":               `no "schema_version"`,
		`{"rows": {}}`:     `no "schema_version"`,
		text[:len(text)/2]: "ends in the middle",
		text[:len(text)-3]: "ends in the middle",
		"\x1f\x8b" + text:  "no JSON object",
		text + text:        "goes on after its end",
		text + "x":         "goes on after its end",
		strings.Replace(text, `"1.0"`, `"2.0"`, 1):                          "reads 1.x",
		strings.Replace(text, `"name": "ourshare"`, `"name": "x"`, 1):       `of "x"`,
		strings.ReplaceAll(text, `"status": "fail"`, `"status": "x"`):       "status",
		strings.Replace(text, `"findings": [`, `"findings": {}, "x": [`, 1): "no list",
		strings.Replace(text, `"tool": {`, `"tool": {}, "tool": {`, 1):      "twice",
	} {
		_, err := result.Load(strings.NewReader(input))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q…: %v, want %q", input, err, want)
		}
	}
	later := strings.Replace(strings.Replace(text, `"1.0"`, `"1.7"`, 1), `"tool": {`, `"later": [1], "tool": {`, 1)
	if _, err := result.Load(strings.NewReader(later)); err != nil {
		t.Errorf("a later minor version: %v", err)
	}
}

// TestSummarizeApart holds that what is accepted, or attested, is counted apart from what fails, or passes.
func TestSummarizeApart(t *testing.T) {
	r := sample()
	s := r.Summary
	if s.ByStatus[finding.Fail] != 0 || s.BySeverity[finding.Medium] != 0 || s.Suppressed != 1 || s.Attested != 1 || s.ByStatus[finding.Manual] != 1 || r.Failing(finding.Info) {
		t.Errorf("%+v", s)
	}
	for _, c := range r.Responsibility {
		if c.Layer == responsibility.CustomerData && c.Category == responsibility.Abstracted {
			if c.Fail != 0 || c.Suppressed != 1 || c.Attested != 1 || c.Manual != 1 || c.Unknown != 1 || c.Controls != 3 || c.Examined != 1 {
				t.Errorf("%+v", c)
			}
		}
	}
	r.Findings[0].Note.Suppression = nil
	r.Summarize()
	if r.Summary.ByStatus[finding.Fail] != 1 || !r.Failing(finding.Medium) || r.Failing(finding.High) {
		t.Errorf("%+v", r.Summary)
	}
}
