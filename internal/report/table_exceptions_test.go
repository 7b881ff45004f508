package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// withExceptions is the sample with its fail suppressed and its manual control attested, by hostile people.
func withExceptions() *result.Result {
	r := sample()
	for i := range r.Findings {
		switch f := &r.Findings[i]; f.Status {
		case finding.Fail:
			f.With().Suppression = &finding.Suppression{Reason: "until the move", Owner: hostile, Expires: "2026-12-31"}
		case finding.Manual:
			f.With().Attestation = &finding.Attestation{By: hostile, At: "2026-11-01", Evidence: "https://wiki/1", Expires: "2027-01-31"}
		case finding.Unknown, finding.Pass, finding.NotApplicable:
		}
	}
	entry := func(line int, state string, matched int) result.ExceptionEntry {
		return result.ExceptionEntry{Line: line, Selector: "check x", Owner: "web" + hostile, Expires: "2026-11-23", State: state, Matched: matched}
	}
	r.Exceptions = &result.Exceptions{
		Suppressions: []result.ExceptionEntry{
			entry(2, result.InForce, 1), entry(6, result.Expired, 1), entry(10, result.Expired, 2), entry(14, result.Unmatched, 0),
			entry(18, result.NotExamined, 0), entry(22, result.Expired, 0),
		},
		Attestations: []result.ExceptionEntry{entry(30, result.Expired, 3)},
		Warnings:     []string{"line 2 (check x): expires on 2029-01-01, more than a year after the scan" + hostile},
	}
	r.Summarize()
	return r
}

// What is accepted or attested is neither a fail that counts nor a pass, and is not silently gone.
func TestExceptionsInTheTable(t *testing.T) {
	var b bytes.Buffer
	if err := writeTable(&b, withExceptions(), Look{Width: 120}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "exceptions.txt")
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
	for _, part := range []string{
		"0 failing, 1 more failing and suppressed, 1 unknown, 1 passing", "1 to be answered by people (1 of them attested)",
		"until 2027-01-31, not verified", "0/1/1+1s", "attested (0 of 1)",
	} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("the table lacks %q", part)
		}
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e\u200b") {
		t.Error("hostile characters are written as they are")
	}
}

// A control's cell that has suppressed findings alone is not painted as passing.
func TestSuppressedIsNotGreen(t *testing.T) {
	r := withExceptions()
	for i := range r.Findings { // the unknown one, too: only suppressed and passing ones are left in its cell
		if r.Findings[i].Status == finding.Unknown {
			r.Findings[i].Status, r.Findings[i].Reason = finding.Pass, nil
		}
	}
	r.Summarize()
	var b bytes.Buffer
	if err := writeTable(&b, r, Look{Width: 120, Color: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\x1b[33m0/0/2+1s") {
		t.Errorf("%q", b.String())
	}
}
