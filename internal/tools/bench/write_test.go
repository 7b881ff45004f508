package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
)

// What is measured holds what large accounts hold: every status, notes of every kind, most kinds of change, gaps.
func TestSynthetic(t *testing.T) {
	s := newSynthetic()
	const n = 3000
	r, states := s.compared(7, n)
	if len(r.Findings) != n || len(states) == 0 || len(r.Unobserved) == 0 || r.Scan.Complete {
		t.Errorf("%d findings, %d tickets known, %d not observable, complete %v", len(r.Findings), len(states), len(r.Unobserved), r.Scan.Complete)
	}
	seen := map[string]bool{}
	prints := map[string]bool{}
	for _, f := range r.Findings {
		seen[string(f.Status)] = true
		seen["suppressed"] = seen["suppressed"] || f.Suppressed()
		seen["attested"] = seen["attested"] || f.Attested()
		seen["history"] = seen["history"] || f.History() != nil
		seen["denied"] = seen["denied"] || f.Reason != nil && f.Reason.Operation != nil
		if prints[f.Fingerprint] {
			t.Fatalf("%s stands twice", f.Fingerprint)
		}
		prints[f.Fingerprint] = true
	}
	for _, status := range finding.Statuses() {
		if !seen[string(status)] {
			t.Errorf("no %s", status)
		}
	}
	for _, what := range []string{"suppressed", "attested", "history", "denied"} {
		if !seen[what] {
			t.Errorf("nothing %s", what)
		}
	}
	for _, k := range []result.Kind{result.New, result.Changed, result.Persisting, result.Resolved, result.NotObservable} {
		if r.Comparison.Counts[k] == 0 {
			t.Errorf("nothing is %s: %v", k, r.Comparison.Counts)
		}
	}
}

// Every format can be measured, from a spool, from memory, and of a first run.
func TestWrite(t *testing.T) {
	for _, f := range report.Formats {
		for _, w := range []writing{
			{Format: f.Name, Accounts: 3, Each: 300, Spooled: true},
			{Format: f.Name, Accounts: 1, Each: 300},
			{Format: f.Name, Accounts: 2, Each: 300, Spooled: true, First: true},
		} {
			w.Path = filepath.Join(t.TempDir(), "report")
			job, err := json.Marshal(w)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := write(string(job), &out); err != nil {
				t.Fatalf("%+v: %v", w, err)
			}
			var took written
			if err := json.Unmarshal(out.Bytes(), &took); err != nil || took.Bytes == 0 || took.Seconds <= 0 || took.PeakKB < 1000 {
				t.Errorf("%+v: %+v, %v", w, took, err)
			}
		}
	}
}
