package result_test

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// many is an account's result of n findings, each about a resource of its own.
func many(account string, n int) *result.Result {
	r := ofAccount(account)
	kinds := r.Findings
	r.Findings = nil
	for i := range n {
		f := kinds[i%len(kinds)]
		about := *f.Resource
		about.ARN = fmt.Sprintf("%s-%06d", about.ARN, i)
		f.Resource = &about
		f.Fingerprint = finding.Fingerprint("aws", account, f.Rule.ID, f.Resource)
		r.Findings = append(r.Findings, f)
	}
	r.Summarize()
	return r
}

// TestSpoolMemory holds that what is in memory while a report is written does not grow with the findings of more accounts: what
// does is a buffer for each part that is read, of which there is a bounded number.
func TestSpoolMemory(t *testing.T) {
	const each = 200
	live := func(accounts int) (most uint64) {
		s, err := result.NewSpool(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		for i := range accounts {
			if err := s.Add(many(fmt.Sprintf("%012d", i), each)); err != nil {
				t.Fatal(err)
			}
		}
		r := s.Merge(*sample())
		n := 0
		for range r.All() {
			if n++; n%(accounts*each/4) == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		if err := r.Err(); err != nil || n != accounts*each {
			t.Fatalf("%d findings, %v", n, err)
		}
		if err := r.WriteJSON(io.Discard); err != nil {
			t.Fatal(err)
		}
		return most
	}
	live(1) // what is made once
	few, lots := live(4), live(63)
	if more := (float64(lots) - float64(few)) / (59 * each); more > 100 {
		t.Errorf("%.0f bytes more for each finding: %d with 4 accounts, %d with 63", more, few, lots)
	}
}

// TestSpoolJoins holds how many files there are: parts are joined level by level, and none is written again and again.
func TestSpoolJoins(t *testing.T) {
	dir := t.TempDir()
	s, err := result.NewSpool(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for i := range 3*64 + 5 {
		if err := s.Add(ofAccount(fmt.Sprintf("%012d", i))); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.findings"))
	if err != nil || len(files) != 3+5 {
		t.Errorf("%d parts, %v", len(files), err)
	}
}
