package result_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// ofAccount is the sample in another account.
func ofAccount(account string) *result.Result {
	r := sample()
	r.Scan.Accounts, r.Scan.Complete, r.Examined = []string{account}, true, []string{"s3-bucket-versioning"}
	for i := range r.Findings {
		r.Findings[i].AccountID = account
		r.Findings[i].Fingerprint += account
		r.Findings[i].Resource.ARN += account
	}
	for i := range r.Evaluations {
		r.Evaluations[i].AccountID = account
	}
	r.Unobserved[0].AccountID = account
	r.Coverage = []result.Coverage{{AccountID: account, Operation: "s3:ListBuckets", Calls: 1, Outcomes: map[awsapi.Outcome]int{"ok": 1}, Reasons: []string{}}}
	r.Scan.APICalls.Calls = 1
	r.Summarize()
	return r
}

// TestSpool holds that what was merged from a spool is what one result of all would be, whatever the number and order of
// accounts, and that the spool leaves nothing behind.
func TestSpool(t *testing.T) {
	for _, n := range []int{1, 2, 63, 64, 65, 200} {
		dir := t.TempDir()
		s, err := result.NewSpool(dir)
		if err != nil {
			t.Fatal(err)
		}
		var want *result.Result
		for i := range n {
			account := fmt.Sprintf("%012d", (i*7)%n) // not in order
			if n%7 == 0 {
				account = fmt.Sprintf("%012d", n-i)
			}
			r := ofAccount(account)
			if want == nil {
				want = ofAccount(account)
			} else {
				more := ofAccount(account)
				want.Findings = append(want.Findings, more.Findings...)
				want.Unobserved = append(want.Unobserved, more.Unobserved...)
				want.Evaluations = append(want.Evaluations, more.Evaluations...)
				want.Coverage = append(want.Coverage, more.Coverage...)
				want.Comparison.Changes = append(want.Comparison.Changes, more.Comparison.Changes...)
				want.Comparison.Counts[result.New]++
				want.Scan.Accounts = append(want.Scan.Accounts, account)
				want.Scan.APICalls.Calls++
				for k := range want.Responsibility {
					c := &want.Responsibility[k]
					d := more.Responsibility[k]
					c.Unknown, c.Manual, c.Suppressed, c.Attested = c.Unknown+d.Unknown, c.Manual+d.Manual, c.Suppressed+d.Suppressed, c.Attested+d.Attested
				}
			}
			if err := s.Add(r); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(want.Scan.Accounts)
		cells := want.Responsibility
		want.SetControls(cells)
		want.Summarize()
		got := s.Merge(*sample())
		got.SetControls(want.Responsibility)
		if !slices.Equal(got.Examined, []string{"s3-bucket-versioning"}) {
			t.Errorf("examined %v", got.Examined)
		}
		var a, b bytes.Buffer
		if err := want.WriteJSON(&a); err != nil {
			t.Fatal(err)
		}
		if err := got.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		if a.String() != b.String() {
			for i, line := range bytes.Split(a.Bytes(), []byte("\n")) {
				if other := bytes.Split(b.Bytes(), []byte("\n")); i >= len(other) || !bytes.Equal(line, other[i]) {
					t.Fatalf("%d accounts: line %d is %q", n, i, line)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestSpoolAccountNotEntered(t *testing.T) {
	s, err := result.NewSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	one, two := ofAccount("000000000001"), ofAccount("000000000002")
	two.Examined = nil
	for _, r := range []*result.Result{one, two} {
		if err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	head := result.Result{Scan: result.Scan{ByAccount: []result.AccountStatus{{AccountID: "000000000003", Reason: "denied"}}}}
	r := s.Merge(head)
	if r.Scan.Complete || !slices.Equal(r.Scan.Accounts, []string{"000000000001", "000000000002", "000000000003"}) || len(r.Examined) != 0 {
		t.Errorf("%+v, examined %v", r.Scan, r.Examined)
	}
	r.TicketStates = map[string]result.TicketState{"fp-a000000000002": {State: finding.TicketHeld, Key: "k2"}}
	held := 0
	for f := range r.All() {
		if h := f.History(); h != nil && h.Ticket == finding.TicketHeld {
			held++
		}
	}
	if held != 1 {
		t.Errorf("%d findings are held", held)
	}
}

// TestSpoolLost holds that a spool that cannot be read back is an error of the report, never a shorter report.
func TestSpoolLost(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"removed": os.Remove,
		"cut":     func(path string) error { return os.Truncate(path, 40) },
		"without its last line": func(path string) error {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			end := bytes.LastIndexByte(bytes.TrimSuffix(b, []byte("\n")), '\n')
			return os.Truncate(path, int64(end+1))
		},
		"empty": func(path string) error { return os.Truncate(path, 0) },
	} {
		dir := t.TempDir()
		s, err := result.NewSpool(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Add(ofAccount("000000000001")); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*", "*.findings"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		if err := harm(files[0]); err != nil {
			t.Fatal(err)
		}
		r := s.Merge(*sample())
		if err := r.WriteJSON(&bytes.Buffer{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	s, err := result.NewSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(ofAccount("000000000001")); err == nil {
		t.Error("no error where the spool cannot be written")
	}
}

// TestSpoolCoverage holds that the caller's own calls are added to its account's, where that was scanned too.
func TestSpoolCoverage(t *testing.T) {
	s, err := result.NewSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Add(ofAccount("000000000002")); err != nil {
		t.Fatal(err)
	}
	caller := &result.Result{}
	caller.SetCoverage([]awsapi.Coverage{
		{AccountID: "000000000001", Operation: "sts:AssumeRole", Calls: 2, Attempts: 2, Outcomes: map[awsapi.Outcome]int{"ok": 1, "denied": 1}, Reasons: []string{"denied"}},
		{AccountID: "000000000002", Operation: "s3:ListBuckets", Calls: 1, Attempts: 3, Outcomes: map[awsapi.Outcome]int{"ok": 1}, Reasons: []string{"denied", "throttled"}},
	})
	if err := s.AddCoverage(caller); err != nil {
		t.Fatal(err)
	}
	r := s.Merge(*sample())
	got := slices.Collect(r.AllCoverage())
	if len(got) != 2 || got[0].AccountID != "000000000001" || got[1].Calls != 2 || got[1].Attempts != 3 || len(got[1].Reasons) != 2 || got[1].Outcomes["ok"] != 2 {
		t.Errorf("%+v", got)
	}
	if r.Scan.APICalls.Calls != 4 {
		t.Errorf("%d calls", r.Scan.APICalls.Calls)
	}
}
