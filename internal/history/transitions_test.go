package history_test

import (
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
)

// transitions is what becomes of one finding: a row is what the earlier result says of it, a column what the later one
// says; – is no change. Of "none" the later result lists every bucket (gone; or elsewhere, where another check still has a
// finding on it), some of them (part), or did not run the check (not run).
const transitions = `
the same rule
old                           | gone           | elsewhere      | part           | not run        | pass           | not_applicable | manual         | unknown        | fail
none                          | –              | –              | –              | –              | –              | –              | –              | –              | new
none, listed in part          | –              | –              | –              | –              | –              | –              | –              | –              | new
none, not run                 | –              | –              | –              | –              | –              | –              | –              | –              | new
none, other region            | –              | –              | –              | –              | –              | –              | –              | –              | new
none, other account           | –              | –              | –              | –              | –              | –              | –              | –              | new
pass                          | –              | –              | –              | –              | –              | –              | –              | –              | new
not_applicable                | –              | –              | –              | –              | –              | –              | –              | –              | new
manual                        | –              | –              | –              | –              | –              | –              | –              | –              | new
unknown                       | –              | –              | –              | –              | –              | –              | –              | –              | new
pass, failed before           | –              | –              | –              | –              | –              | –              | –              | –              | reopened
not_applicable, failed before | –              | –              | –              | –              | –              | –              | –              | –              | reopened
manual, failed before         | –              | –              | –              | –              | –              | –              | –              | –              | reopened
unknown, failed before        | –              | –              | –              | –              | –              | –              | –              | –              | reopened
fail                          | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | persisting
fail, failed before           | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | persisting
fail, suppressed              | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | persisting
fail, listed in part          | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | persisting
fail, severity critical       | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | changed
unobserved                    | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | persisting
unobserved, not run           | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | persisting
unobserved, now unknown       | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | persisting
unobserved, now manual        | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | persisting
unobserved, now pass          | resolved       | resolved       | not_observable | not_observable | resolved       | resolved       | not_observable | not_observable | persisting

another rule
old                           | gone           | elsewhere      | part           | not run        | pass           | not_applicable | manual         | unknown        | fail
none                          | –              | –              | –              | –              | –              | –              | –              | –              | rule_changed
none, listed in part          | –              | –              | –              | –              | –              | –              | –              | –              | rule_changed
none, not run                 | –              | –              | –              | –              | –              | –              | –              | –              | new
none, other region            | –              | –              | –              | –              | –              | –              | –              | –              | new
none, other account           | –              | –              | –              | –              | –              | –              | –              | –              | new
pass                          | –              | –              | –              | –              | –              | –              | –              | –              | rule_changed
not_applicable                | –              | –              | –              | –              | –              | –              | –              | –              | rule_changed
manual                        | –              | –              | –              | –              | –              | –              | –              | –              | rule_changed
unknown                       | –              | –              | –              | –              | –              | –              | –              | –              | rule_changed
pass, failed before           | –              | –              | –              | –              | –              | –              | –              | –              | rule_changed
unknown, failed before        | –              | –              | –              | –              | –              | –              | –              | –              | rule_changed
fail                          | resolved       | rule_changed   | not_observable | not_observable | rule_changed   | rule_changed   | not_observable | not_observable | persisting
fail, suppressed              | resolved       | rule_changed   | not_observable | not_observable | rule_changed   | rule_changed   | not_observable | not_observable | persisting
fail, severity critical       | resolved       | rule_changed   | not_observable | not_observable | rule_changed   | rule_changed   | not_observable | not_observable | changed
unobserved                    | resolved       | rule_changed   | not_observable | not_observable | rule_changed   | rule_changed   | not_observable | not_observable | persisting
unobserved, now unknown       | resolved       | rule_changed   | not_observable | not_observable | rule_changed   | rule_changed   | not_observable | not_observable | persisting
unobserved, now manual        | resolved       | rule_changed   | not_observable | not_observable | rule_changed   | rule_changed   | not_observable | not_observable | persisting
`

var columns = map[string]string{
	"gone": "none", "elsewhere": "none, elsewhere", "part": "none, listed in part", "not run": "none, not run",
}

func TestTransitions(t *testing.T) {
	var header []string
	suffixes := []string{""}
	n := 0
	for _, line := range strings.Split(strings.TrimSpace(transitions), "\n") {
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch cells[0] {
		case "", "the same rule":
			continue
		case "another rule":
			suffixes = []string{", revision 2", ", days 90"}
			continue
		case "old":
			header = cells
			continue
		}
		for i, want := range cells[1:] {
			for _, suffix := range suffixes {
				n++
				words := header[i+1]
				if c, ok := columns[words]; ok {
					words = c
				}
				if !strings.Contains(words, "not run") {
					words += suffix
				}
				old, later := again(t, inWords(t, 10, cells[0])), inWords(t, 11, words)
				got := history.Compare(old, later)
				var kinds []string
				for _, c := range got.Changes {
					if c.Reason == "" {
						t.Errorf("%s → %s: no reason", cells[0], words)
					}
					kinds = append(kinds, string(c.Change))
				}
				if is := strings.Join(kinds, "+"); is != strings.TrimPrefix(want, "–") {
					t.Errorf("%s → %s: %q, want %q: %+v", cells[0], words, is, want, got.Changes)
				}
			}
		}
	}
	if n < 400 {
		t.Errorf("only %d transitions were tried", n)
	}
}

func TestReasons(t *testing.T) {
	for _, c := range []struct {
		old, later string
		want       result.Kind
		says       string
	}{
		{"pass", "fail", result.New, "passed before"},
		{"unknown", "fail", result.New, "was not known before, and never seen failing: s3:GetBucketVersioning in eu-west-1: denied (AccessDenied)"},
		{"manual", "fail", result.New, "only people could answer before"},
		{"not_applicable", "fail", result.New, "the control did not apply to it before"},
		{"none", "fail", result.New, "the earlier scan did not list it"},
		{"none, elsewhere", "fail", result.New, "the earlier scan had no finding of this check on it"},
		{"none, not run", "fail", result.New, "the earlier scan could not see it: the check was not in the scan"},
		{"none, other region", "fail", result.New, "the earlier scan could not see it: the region eu-west-1 was not scanned"},
		{"none, other account", "fail", result.New, "the earlier scan could not see it: the account 111122223333 was not scanned"},
		{"none, not entered", "fail", result.New, "the earlier scan could not see it: the account 111122223333 could not be entered: sts:AssumeRole: denied"},
		{"none, listed in part", "fail", result.New, "the earlier scan could not see it: what the check judges was not listed whole in eu-west-1: s3:ListBuckets in eu-west-1: denied (AccessDenied)"},
		{"none, without listing", "fail", result.New, "the earlier scan could not see it: what the check judges was not listed whole in eu-west-1"},
		{"pass, failed before", "fail", result.Reopened, "passed before; failed on 2026-01-01"},
		{"unknown, failed before", "fail", result.Reopened, "was not known before: s3:GetBucketVersioning in eu-west-1: denied (AccessDenied); failed on 2026-01-01"},
		{"pass", "fail, revision 2", result.RuleChanged, "the check's rule changed: revision 1 → 2; passed before"},
		{"pass", "fail, revision 2, days 90", result.RuleChanged, "the check's rule changed: revision 1 → 2, max_age_days 30 → 90; passed before"},
		{"fail", "fail", result.Persisting, "fails as before"},
		{"unobserved", "fail", result.Persisting, "could be observed again; fails as before"},
		{"fail", "fail, revision 2", result.Persisting, "fails as before"},
		{"fail", "fail, severity critical, evidence", result.Changed, "severity medium → critical; the evidence differs: cidr"},
		{"fail", "fail, message", result.Changed, "the message differs"},
		{"fail, two", "fail, two turned", result.Changed, "the evidence differs: its order"},
		{"fail", "fail, two", result.Changed, "the evidence differs: cidr, a, b"},
		{"fail", "fail, message, revision 2", result.Changed, "the message differs; the check's rule changed: revision 1 → 2"},
		{"unobserved", "fail, severity critical", result.Changed, "could be observed again; severity medium → critical"},
		{"fail", "pass", result.Resolved, "passes now: it is pass"},
		{"fail", "not_applicable", result.Resolved, "the control does not apply to it now: it is not_applicable"},
		{"fail", "pass, days 90", result.RuleChanged, "the check's rule changed: max_age_days 30 → 90; passes now: it is pass"},
		{"fail", "none", result.Resolved, "it is gone: what the check judges was listed whole in eu-west-1"},
		{"fail", "none, elsewhere", result.Resolved, "the check has no finding of it now: what it judges was listed whole in eu-west-1"},
		{"fail", "none, elsewhere, revision 2", result.RuleChanged, "the check's rule changed: revision 1 → 2; the check has no finding of it now"},
		{"fail", "unknown", result.NotObservable, "it is not known now: s3:GetBucketVersioning in eu-west-1: denied (AccessDenied)"},
		{"fail", "manual", result.NotObservable, "no API shows it now, and only people can answer: it is manual"},
		{"fail", "none, not run", result.NotObservable, "the check was not in the scan"},
		{"fail", "none, other region", result.NotObservable, "the region eu-west-1 was not scanned"},
		{"fail", "none, other account", result.NotObservable, "the account 111122223333 was not scanned"},
		{"fail", "none, not entered", result.NotObservable, "the account 111122223333 could not be entered: sts:AssumeRole: denied"},
		{"fail", "none, listed in part", result.NotObservable, "what the check judges was not listed whole in eu-west-1: s3:ListBuckets in eu-west-1: denied (AccessDenied)"},
		{"fail", "none, without listing", result.NotObservable, "what the check judges was not listed whole in eu-west-1"},
	} {
		got := history.Compare(again(t, inWords(t, 10, c.old)), inWords(t, 11, c.later))
		if len(got.Changes) != 1 || got.Changes[0].Change != c.want || got.Changes[0].Reason != c.says {
			t.Errorf("%s → %s: %+v\nwant %s, %s", c.old, c.later, got.Changes, c.want, c.says)
		}
	}
}
