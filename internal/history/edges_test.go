package history_test

import (
	"slices"
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
)

// The reason names what stands for the lost listing: an unknown on the account before one on a parent, and neither one of
// a fact about another resource of the kind, nor one for which no evidence was missing.
func TestCauseOfALostListing(t *testing.T) {
	on := func(kind, id, text string, gap bool) func(*result.Result) {
		return func(r *result.Result) {
			f := verdict(r.Checks[check], &finding.Resource{Type: kind, ID: id, ARN: id, Region: region}, finding.Unknown)
			f.Reason.Text, f.Reason.Gap = text, gap
			r.Findings = append(r.Findings, f)
		}
	}
	bucketFact := on("AWS::S3::Bucket", "second", "a fact of another bucket", true)
	parent := on("AWS::S3::Parent", "p", "the parent's listing", true)
	whole := on("AWS::::Account", "a", "the account's listing", true)
	noGap := on("AWS::::Account", "a", "too old", false)
	const start = "what the check judges was not listed whole in eu-west-1"
	for want, unknowns := range map[string][]func(*result.Result){
		start:                             {bucketFact, noGap},
		start + ": the parent's listing":  {bucketFact, parent, noGap},
		start + ": the account's listing": {bucketFact, parent, whole},
	} {
		r := inWords(t, 11, "none, without listing")
		for _, u := range unknowns {
			u(r)
		}
		if got := history.Compare(inWords(t, 10, "fail"), r).Changes; len(got) != 1 || got[0].Reason != want {
			t.Errorf("%+v, want %q", got, want)
		}
	}
}

// A baseline that was never compared itself: what it had was seen, and failed, when its scan ended.
func TestBaselineWithoutHistory(t *testing.T) {
	for words, failed := range map[string]int{"fail": 10, "pass": 0} {
		r := inWords(t, 11, "pass")
		history.Open(again(t, inWords(t, 10, words))).Annotate(r)
		h := r.Findings[0].History()
		if !h.FirstSeen.Equal(day(10)) || (failed > 0) != (h.LastFailed != nil) || failed > 0 && !h.LastFailed.Equal(day(failed)) {
			t.Errorf("%s: %+v", words, h)
		}
	}
}

// Results that contradict themselves: a fail is a fail, each is told of once, and the newer verdict stands.
func TestContradictions(t *testing.T) {
	both := inWords(t, 10, "unobserved")
	f := verdict(both.Checks[check], bucket("data"), finding.Fail)
	f.Severity = finding.High
	both.Findings = append(both.Findings, f)
	same := inWords(t, 11, "fail")
	same.Findings[0].Severity = finding.High
	if got := history.Compare(both, same); got.Counts[result.Persisting] != 1 || got.Changes[0].Reason != "fails as before" {
		t.Errorf("failing, and unobserved: %+v", got.Changes)
	}

	odd := inWords(t, 10, "unobserved")
	odd.Unobserved[0].Status = finding.Pass
	if got := history.Compare(odd, inWords(t, 11, "unknown")); got.Counts[result.NotObservable] != 1 || got.Changes[0].Before.Status != finding.Fail {
		t.Errorf("unobserved, and called a pass: %+v", got.Changes)
	}

	twice := inWords(t, 11, "fail")
	twice.Findings = append(twice.Findings, twice.Findings...)
	if got := history.Compare(inWords(t, 10, "pass"), twice); len(got.Changes) != 1 {
		t.Errorf("two findings of one fingerprint: %+v", got.Changes)
	}

	evaluatedTwice := inWords(t, 11, "none, without listing")
	evaluatedTwice.Evaluations = append(evaluatedTwice.Evaluations, inWords(t, 11, "none").Evaluations...)
	if got := history.Compare(inWords(t, 10, "fail"), evaluatedTwice); got.Counts[result.NotObservable] != 1 {
		t.Errorf("evaluated in part and whole: %+v", got.Changes)
	}
}

// What both the baseline and the later result itself could not observe is carried once.
func TestUnobservedOfBoth(t *testing.T) {
	r := inWords(t, 11, "unobserved, now unknown")
	history.Open(again(t, inWords(t, 10, "fail"))).Annotate(r)
	if len(r.Unobserved) != 1 || !r.Unobserved[0].History.LastSeen.Equal(day(10)) {
		t.Errorf("%+v", r.Unobserved)
	}
}

// Changes are in the order of findings, whatever the order in which they were found.
func TestOrder(t *testing.T) {
	old, later := scanOf(10, rule(check, 1, 30), rule(other, 1, 30)), scanOf(11, rule(check, 1, 30), rule(other, 1, 30))
	for _, name := range []string{"d", "a", "c", "b", "e"} {
		for _, id := range []string{check, other} {
			side := later
			if name < "c" {
				side = old
			}
			side.Findings = append(side.Findings, verdict(side.Checks[id], bucket(name), finding.Fail))
		}
	}
	var got []string
	for _, c := range history.Compare(old, later).Changes {
		got = append(got, c.CheckID+" "+c.Resource.ID)
	}
	if len(got) != 10 || !slices.IsSorted(got) {
		t.Errorf("%v", got)
	}
	for range 3 {
		blind := scanOf(12)
		history.Open(later).Annotate(blind)
		var ids []string
		for _, u := range blind.Unobserved {
			ids = append(ids, u.CheckID+" "+u.Resource.ID)
		}
		if len(ids) != 6 || !slices.IsSorted(ids) {
			t.Errorf("%v", ids)
		}
	}
}

// Numbers differ in their last digit, however large.
func TestLargeNumbers(t *testing.T) {
	side := func(n int) *result.Result {
		r := inWords(t, n, "fail")
		r.Findings[0].Evidence = finding.Evidence{{Key: "bytes", Value: 9007199254740992 + int64(n)}}
		return r
	}
	if got := history.Compare(again(t, side(0)), side(1)); got.Counts[result.Changed] != 1 || got.Changes[0].Reason != "the evidence differs: bytes" {
		t.Errorf("%+v", got.Changes)
	}
}
