package history_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
)

func jsonOf(t interface {
	Helper()
	Fatal(args ...any)
}, r *result.Result,
) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	names    = []string{"a", "b", "c", "d"}
	ids      = []string{"check-one", "check-two", "check-three"}
	statuses = finding.Statuses()
)

// world is a scan of some of four buckets with some of three checks, as an account may look on a day: every verdict,
// listings that were not whole, checks that were not run, rules of several revisions.
func world(t *rapid.T, n int, label string) *result.Result {
	r := scanOf(n)
	for _, id := range ids {
		if rapid.IntRange(0, 9).Draw(t, label+id+" run") == 0 {
			continue
		}
		k := rule(id, rapid.IntRange(1, 2).Draw(t, label+id+" revision"), 30*rapid.IntRange(1, 2).Draw(t, label+id+" days"))
		r.Checks[id] = k
		whole := rapid.IntRange(0, 3).Draw(t, label+id+" whole") > 0
		r.Evaluations = append(r.Evaluations, result.Evaluation{CheckID: id, AccountID: account, Region: region, Complete: whole, ObservedAt: day(n)})
		for _, b := range names {
			s := rapid.SampledFrom(append(statuses, "none", finding.Fail)).Draw(t, label+id+b)
			if s == "none" {
				continue
			}
			f := verdict(k, bucket(b), s)
			f.Severity = rapid.SampledFrom([]finding.Severity{finding.Medium, finding.High}).Draw(t, label+id+b+" severity")
			r.Findings = append(r.Findings, f)
		}
	}
	r.Summarize()
	return r
}

// blinded is a scan that sees nothing of what the other saw: denied on each resource, in the listing, or not run at all.
func blinded(t *rapid.T, n int, of *result.Result) *result.Result {
	r := scanOf(n)
	for _, id := range ids {
		how := rapid.SampledFrom([]string{"details", "listing", "not run"}).Draw(t, id+" blinded")
		if how == "not run" {
			continue
		}
		k := rule(id, rapid.IntRange(1, 2).Draw(t, id+" revision"), 30)
		r.Checks[id] = k
		r.Evaluations = append(r.Evaluations, result.Evaluation{CheckID: id, AccountID: account, Region: region, Complete: how == "details", ObservedAt: day(n)})
		for _, f := range of.Findings {
			if f.Rule.ID == id && how == "details" {
				r.Findings = append(r.Findings, verdict(k, f.Resource, finding.Unknown))
			}
		}
	}
	r.Summarize()
	return r
}

func fails(r *result.Result) map[string]bool {
	out := map[string]bool{}
	for _, f := range r.Findings {
		if f.Status == finding.Fail {
			out[f.Fingerprint] = true
		}
	}
	for _, u := range r.Unobserved {
		out[u.Fingerprint] = true
	}
	return out
}

func kindsOf(c *result.Comparison) map[string]result.Kind {
	out := map[string]result.Kind{}
	for _, change := range c.Changes {
		out[change.Fingerprint] = change.Change
	}
	return out
}

func TestComparisonProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var old *result.Result // the last of a chain, so that it has a history and perhaps what was not observable
		for n := range rapid.IntRange(1, 3).Draw(t, "scans before") {
			r := world(t, n+1, fmt.Sprint("before ", n, " "))
			history.Open(old).Annotate(r)
			old = again(t, r)
		}
		later := world(t, 9, "later ")
		got := history.Compare(old, later)

		total, told := 0, map[string]int{}
		for _, k := range result.Kinds() {
			total += got.Counts[k]
		}
		if total != len(got.Changes) {
			t.Fatalf("the counts add up to %d of %d changes", total, len(got.Changes))
		}
		before, now := fails(old), fails(later)
		for _, c := range got.Changes {
			told[c.Fingerprint]++
			switch c.Change {
			case result.New, result.Reopened:
				if before[c.Fingerprint] || !now[c.Fingerprint] || c.After.Status != finding.Fail {
					t.Fatalf("%s of what failed before, or does not now: %+v", c.Change, c)
				}
			case result.Persisting, result.Changed:
				if !before[c.Fingerprint] || !now[c.Fingerprint] {
					t.Fatalf("%s of what does not fail in both: %+v", c.Change, c)
				}
			case result.Resolved, result.NotObservable:
				if !before[c.Fingerprint] || now[c.Fingerprint] {
					t.Fatalf("%s of what did not fail, or still does: %+v", c.Change, c)
				}
			case result.RuleChanged:
				if before[c.Fingerprint] == now[c.Fingerprint] {
					t.Fatalf("rule_changed of a verdict that did not turn: %+v", c)
				}
			}
			if c.After != nil && c.After.Status == finding.Unknown && c.Change != result.NotObservable {
				t.Fatalf("an unknown is called %s: %+v", c.Change, c)
			}
		}
		for fp := range before {
			if told[fp] != 1 {
				t.Fatalf("the earlier fail %s is told of %d times", fp, told[fp])
			}
		}
		for fp := range now {
			if told[fp] != 1 {
				t.Fatalf("the fail %s is told of %d times", fp, told[fp])
			}
		}

		// Written and read back, the later result compares the same, and what is annotated is what was compared.
		if d := cmp.Diff(kindsOf(got), kindsOf(history.Compare(old, again(t, later)))); d != "" {
			t.Fatalf("read back, it compares otherwise:\n%s", d)
		}
		history.Open(old).Annotate(later)
		var carried []string
		for _, c := range got.Changes {
			if c.Change == result.NotObservable {
				carried = append(carried, c.Fingerprint)
			}
		}
		if len(carried) != len(later.Unobserved) {
			t.Fatalf("%d are not observable, %d are carried", len(carried), len(later.Unobserved))
		}
		for _, u := range later.Unobserved {
			if !slices.Contains(carried, u.Fingerprint) || later.Checks[u.CheckID] == nil {
				t.Fatalf("carried for no reason, or with no rule: %+v", u)
			}
		}
		if back := again(t, later); jsonOf(t, back) != jsonOf(t, later) {
			t.Fatal("the annotated result differs when it was read back")
		}
	})
}

// A result compared with itself has no change: what fails persists, and what was not observable is not.
func TestCompareWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := world(t, 1, "")
		got := history.Compare(again(t, x), x)
		if got.Counts[result.Persisting] != len(fails(x)) || len(got.Changes) != len(fails(x)) {
			t.Fatalf("%+v", got.Counts)
		}
	})
}

// What could not be seen in between changes nothing for a fail: A→B→C tells of it what A→C tells.
func TestBlindScanInBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, c := world(t, 1, "a "), world(t, 9, "c ")
		want := kindsOf(history.Compare(again(t, a), c))
		last := again(t, a)
		for n := range rapid.IntRange(1, 3).Draw(t, "blind scans") {
			b := blinded(t, n+2, a)
			history.Open(last).Annotate(b)
			if got := b.Comparison.Counts; got[result.NotObservable] != len(fails(a)) || len(b.Comparison.Changes) != len(fails(a)) {
				t.Fatalf("of %d fails not all are not observable: %+v", len(fails(a)), got)
			}
			last = again(t, b)
		}
		got := kindsOf(history.Compare(last, c))
		for fp := range fails(a) {
			if got[fp] != want[fp] {
				t.Fatalf("%s: %s over a blind scan, %s without it", fp, got[fp], want[fp])
			}
		}
		// The same fails again persist.
		for fp, k := range kindsOf(history.Compare(last, a)) {
			if k != result.Persisting {
				t.Fatalf("%s: what failed before the blind scan, and still does, is %s", fp, k)
			}
		}
	})
}
