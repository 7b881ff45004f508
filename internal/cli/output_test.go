package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// A write that fails in the middle leaves the earlier file as it was, and nothing beside it.
func TestWriteFileIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	write := func(text string, fail error) error {
		return writeFile(path, func(w io.Writer) error {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
			return fail
		})
	}
	full := errors.New("no space left on device")
	if err := write("half", full); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a report is there: %v", err)
	}
	if err := write("whole", nil); err != nil {
		t.Fatal(err)
	}
	if err := write("half", full); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "whole" {
		t.Errorf("%q, %v", got, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestVerdictCode(t *testing.T) {
	rule := &finding.Rule{ID: "x"}
	at := func(complete bool, severities ...finding.Severity) *result.Result {
		r := &result.Result{Scan: result.Scan{Complete: complete}}
		for _, s := range severities {
			r.Findings = append(r.Findings, finding.Finding{Rule: rule, Status: finding.Fail, Severity: s, Resource: &finding.Resource{}})
		}
		r.Findings = append(r.Findings, finding.Finding{Rule: rule, Status: finding.Unknown, Severity: finding.Critical, Resource: &finding.Resource{}})
		r.Summarize()
		return r
	}
	for _, tt := range []struct {
		r      *result.Result
		failOn string
		want   int
	}{
		{at(true), "low", exitOK},
		{at(true, finding.Low), "low", exitFindings},
		{at(true, finding.Info), "low", exitOK},
		{at(true, finding.Info), "info", exitFindings},
		{at(true, finding.High), "critical", exitOK},
		{at(true, finding.Critical), "critical", exitFindings},
		{at(true, finding.Critical), "none", exitOK},
		{at(false), "low", exitIncomplete},
		{at(false, finding.Critical), "none", exitIncomplete},
		{at(false, finding.Medium), "high", exitIncomplete},
		{at(false, finding.High), "high", exitBoth},
	} {
		if got := VerdictCode(tt.r, tt.failOn); got != tt.want {
			t.Errorf("complete %v, --fail-on %s: %d, want %d", tt.r.Scan.Complete, tt.failOn, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	valid := []string{"scan", "schema", "evaluate", "network-firewall", "foundation"}
	for word, want := range map[string]string{"scann": "scan", "shcema": "schema", "network": "network-firewall", "firewall": "network-firewall", "Evaluat": "evaluate"} {
		if got := nearest(word, valid); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
