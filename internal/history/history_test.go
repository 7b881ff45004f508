package history_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
	testschema "github.com/ourshare/ourshare/internal/testkit/schema"
)

// A first run has no baseline: every fail is new, and every finding gets a history.
func TestFirstRun(t *testing.T) {
	r := inWords(t, 5, "fail, elsewhere")
	history.Open(nil).Annotate(r)
	if r.Comparison.Baseline != nil || r.Comparison.Counts[result.New] != 1 || len(r.Comparison.Changes) != 1 || r.Unobserved == nil {
		t.Errorf("%+v", r.Comparison)
	}
	if c := r.Comparison.Changes[0]; c.Reason != "there is no earlier scan" || c.Before != nil || c.After.Status != finding.Fail {
		t.Errorf("%+v", c)
	}
	for _, f := range r.Findings {
		h := f.History()
		if h == nil || !h.FirstSeen.Equal(day(5)) || !h.LastSeen.Equal(day(5)) || (h.LastFailed != nil) != (f.Status == finding.Fail) || h.Ticket != finding.TicketNone {
			t.Errorf("%s: %+v", f.Status, h)
		}
	}
}

// What is known of a finding over a chain of scans, each written and read back before the next.
func TestChain(t *testing.T) {
	type want struct {
		kind                             result.Kind // of the one change; persisting is not among a result's changes
		first, last, failed, carriedLast int         // days; 0: none
	}
	for name, chain := range map[string][]struct {
		words string
		want  want
	}{
		"denied in between": {
			{"fail", want{result.New, 1, 1, 1, 0}},
			{"unknown", want{result.NotObservable, 1, 2, 1, 1}},
			{"none, not run", want{result.NotObservable, 0, 0, 0, 1}},
			{"none, listed in part", want{result.NotObservable, 0, 0, 0, 1}},
			{"manual", want{result.NotObservable, 1, 5, 1, 1}},
			{"fail", want{"", 1, 6, 6, 0}},
			{"pass", want{result.Resolved, 1, 7, 6, 0}},
			{"unknown", want{"", 1, 8, 6, 0}},
			{"fail", want{result.Reopened, 1, 9, 9, 0}},
		},
		"mended while nobody could look": {
			{"pass", want{"", 1, 1, 0, 0}},
			{"fail", want{result.New, 1, 2, 2, 0}},
			{"none, other region", want{result.NotObservable, 0, 0, 0, 2}},
			{"pass", want{result.Resolved, 1, 4, 2, 0}},
		},
		"the rule changed while nobody could look": {
			{"fail", want{result.New, 1, 1, 1, 0}},
			{"unknown, revision 2", want{result.NotObservable, 1, 2, 1, 1}},
			{"pass, revision 2", want{result.RuleChanged, 1, 3, 1, 0}},
		},
		"gone, and made again": {
			{"fail", want{result.New, 1, 1, 1, 0}},
			{"none", want{result.Resolved, 0, 0, 0, 0}},
			{"fail", want{result.New, 3, 3, 3, 0}},
		},
	} {
		var before *result.Result
		for i, step := range chain {
			at := i + 1
			r := inWords(t, at, step.words)
			history.Open(before).Annotate(r)
			before = again(t, r)
			kind := result.Kind("")
			for _, c := range before.Comparison.Changes {
				kind = c.Change
			}
			got := want{kind: kind}
			for _, f := range before.Findings {
				if f.Resource.ID == "data" && f.Rule.ID == check {
					h := f.History()
					got.first, got.last = h.FirstSeen.Day(), h.LastSeen.Day()
					if h.LastFailed != nil {
						got.failed = h.LastFailed.Day()
					}
				}
			}
			for _, u := range before.Unobserved {
				got.carriedLast = u.History.LastSeen.Day()
				if u.Status != finding.Fail || u.Why == "" || u.Revision != 1 || !u.History.LastFailed.Equal(day(got.carriedLast)) {
					t.Errorf("%s, %d: %+v", name, at, u)
				}
			}
			if got != step.want {
				t.Errorf("%s, scan %d (%s): %+v, want %+v: %+v", name, at, step.words, got, step.want, before.Comparison)
			}
		}
	}
}

// What is annotated follows the JSON Schema of results.
func TestAnnotatedFollowsTheSchema(t *testing.T) {
	text, err := result.Schema()
	schema := testschema.Compile(t, text, err)
	for _, words := range [][2]string{{"", "fail"}, {"fail", "unknown"}, {"unobserved", "none, not run"}, {"fail", "pass"}, {"pass", "fail, revision 2"}} {
		var old *result.Result
		if words[0] != "" {
			old = again(t, inWords(t, 10, words[0]))
		}
		r := inWords(t, 11, words[1])
		r.SetCoverage(nil)
		history.Open(old).Annotate(r)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(jsonOf(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%v: %v", words, err)
		}
	}
}

// BenchmarkAnnotate compares two results of 100,000 findings, a tenth of which fail.
func BenchmarkAnnotate(b *testing.B) {
	make := func(n int) *result.Result {
		ours := rule(check, 1, 30)
		r := scanOf(n, ours)
		for i := range 100_000 {
			s := finding.Pass
			if i%10 == 0 {
				s = finding.Fail
			}
			r.Findings = append(r.Findings, verdict(ours, bucket(fmt.Sprint("bucket-", i)), s))
		}
		return r
	}
	old, later := make(10), make(11)
	b.ReportAllocs()
	for b.Loop() {
		history.Open(old).Annotate(later)
	}
}

// The state of a ticket goes along, whatever can be observed.
func TestTicketsAreCarried(t *testing.T) {
	first := inWords(t, 1, "fail")
	history.Open(nil).Annotate(first)
	h := first.Findings[0].History()
	h.Ticket, h.TicketKey = finding.TicketOpen, "key"
	before := again(t, first)
	for i, words := range []string{"unknown", "none, not run", "unknown", "fail", "pass"} {
		r := inWords(t, i+2, words)
		history.Open(before).Annotate(r)
		for _, c := range r.Comparison.Changes {
			if got := c.Was.History(); got == nil || got.Ticket != finding.TicketOpen || got.TicketKey != "key" {
				t.Errorf("%s: the change knows %+v", words, got)
			}
		}
		for _, f := range r.Findings {
			if got := f.History(); got.Ticket != finding.TicketOpen || got.TicketKey != "key" {
				t.Errorf("%s: %+v", words, got)
			}
		}
		for _, u := range r.Unobserved {
			if u.History.Ticket != finding.TicketOpen || u.History.TicketKey != "key" {
				t.Errorf("%s: %+v", words, u.History)
			}
		}
		before = again(t, r)
	}
}

// The rule of what cannot be observed is described in the result, though the check was not in the scan; that the rule
// stands there does not mean, next time, that the check was run.
func TestRuleOfUnobserved(t *testing.T) {
	r := inWords(t, 11, "none, not run")
	history.Open(again(t, inWords(t, 10, "fail"))).Annotate(r)
	r = again(t, r)
	if k := r.Checks[check]; k == nil || k.Title != "a title" || k.Revision != 1 {
		t.Fatalf("the rule is %+v", k)
	}
	later := inWords(t, 12, "none, revision 2")
	later.Findings = []finding.Finding{verdict(later.Checks[check], bucket("second"), finding.Fail)}
	got := history.Compare(r, later)
	if got.Counts[result.New] != 1 || got.Counts[result.RuleChanged] != 0 || got.Counts[result.Resolved] != 1 {
		t.Errorf("%+v", got.Changes)
	}
}

// A listing of the account as a whole stands for resources in scanned regions, and for none in others.
func TestGlobalEvaluation(t *testing.T) {
	for regions, want := range map[string]result.Kind{"eu-west-1": result.Resolved, "us-east-1": result.NotObservable} {
		later := inWords(t, 11, "none")
		later.Scan.Regions = []string{regions}
		for i := range later.Evaluations {
			later.Evaluations[i].Region = "global"
		}
		if got := history.Compare(inWords(t, 10, "fail"), later); got.Changes[0].Change != want {
			t.Errorf("%s: %+v", regions, got.Changes)
		}
	}
	old, later := inWords(t, 10, "fail"), inWords(t, 11, "none")
	old.Findings[0].Region = "global"
	if got := history.Compare(old, later); got.Changes[0].Change != result.NotObservable || got.Changes[0].Reason != "the check did not look at the account" {
		t.Errorf("a check that looked at a region only: %+v", got.Changes)
	}
}

// What a result that is compared anew could not observe by an older chain is not lost.
func TestUnobservedOfItsOwn(t *testing.T) {
	for words, want := range map[string]int{"unobserved, now unknown": 1, "unobserved": 1, "unobserved, now pass": 0} {
		later := inWords(t, 11, words)
		history.Open(again(t, inWords(t, 10, "pass"))).Annotate(later)
		if len(later.Unobserved) != want || len(later.Comparison.Changes) != 0 {
			t.Errorf("%s: %+v, %+v", words, later.Unobserved, later.Comparison)
		}
	}
}

// What failed in an account that was not scanned is told of once, at the end.
func TestAccountByAccount(t *testing.T) {
	old := inWords(t, 10, "fail")
	second := old.Findings[0]
	second.AccountID, second.Fingerprint = "999988887777", "another"
	old.Findings = append(old.Findings, second)
	old.Scan.Accounts = append(old.Scan.Accounts, "999988887777")
	x := history.Open(again(t, old))
	r := inWords(t, 11, "pass")
	x.Annotate(r)
	if c := r.Comparison; len(c.Changes) != 1 || c.Counts[result.Resolved] != 1 || len(r.Unobserved) != 0 {
		t.Errorf("the account's own: %+v", r.Comparison)
	}
	if err := x.Rest(r, func(a string) bool { return a == account }); err != nil {
		t.Fatal(err)
	}
	c := r.Comparison
	if len(c.Changes) != 2 || c.Counts[result.Resolved] != 1 || c.Counts[result.NotObservable] != 1 || c.Baseline == nil {
		t.Errorf("with the rest: %+v", c)
	}
	if len(r.Unobserved) != 1 || r.Unobserved[0].Fingerprint != "another" || r.Unobserved[0].Why != "the account 999988887777 was not scanned" {
		t.Errorf("%+v", r.Unobserved)
	}
}

// Comparing changes neither result; annotating changes no note that another copy of the finding shares.
func TestNothingElseIsWritten(t *testing.T) {
	old, later := again(t, inWords(t, 10, "fail, suppressed")), inWords(t, 11, "fail, suppressed, failed before")
	note := later.Findings[0].Note
	kept := *note.History
	history.Compare(old, later)
	if later.Comparison != nil || later.Unobserved != nil || later.Findings[0].Note != note {
		t.Error("Compare wrote into the later result")
	}
	oldText := jsonOf(t, old)
	history.Open(old).Annotate(later)
	if d := cmp.Diff(kept, *note.History); d != "" {
		t.Errorf("the shared note was written to:\n%s", d)
	}
	if later.Findings[0].Note.Suppression == nil {
		t.Error("the suppression is lost")
	}
	if d := cmp.Diff(oldText, jsonOf(t, old)); d != "" {
		t.Errorf("the earlier result was written to:\n%s", d)
	}
}

// Text that is no UTF-8, and numbers of every spelling, are the same when they were written and read back.
func TestSameAfterJSON(t *testing.T) {
	r := inWords(t, 10, "fail")
	r.Findings[0].Message = "a\xff\xfe\u2028<&>"
	r.Findings[0].Evidence = finding.Evidence{
		{Key: "b\xff", Value: "\xffx"}, {Key: "n", Value: 1e21}, {Key: "f", Value: 0.1}, {Key: "l", Value: []string{"\xff", "<"}}, {Key: "z", Value: []int(nil)},
	}
	r.Checks[check].Parameters = map[string]any{"a": []int{1, 2}, "b": []string{"\xff<"}, "c": 1e21, "d": time.Hour}
	got := history.Compare(again(t, r), r)
	if got.Counts[result.Persisting] != 1 {
		t.Errorf("%+v", got.Changes)
	}
	passes := *r
	passes.Findings = []finding.Finding{verdict(r.Checks[check], bucket("data"), finding.Pass)}
	if got := history.Compare(again(t, r), &passes); got.Counts[result.Resolved] != 1 {
		t.Errorf("the rule seems to differ: %+v", got.Changes)
	}
}
