package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"time"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// listed is how many entries of one kind a section lists; the rest is counted and stands in the JSON.
const listed = 100

// kindWords are the kinds of change in words.
var kindWords = map[result.Kind]string{
	result.New: "new", result.Reopened: "reopened", result.Changed: "changed", result.Persisting: "persisting", result.Resolved: "resolved",
	result.RuleChanged: "rule changed", result.NotObservable: "not observable",
}

var kindMeanings = map[result.Kind]string{
	result.New:           "failing now, and not before",
	result.Reopened:      "failing again",
	result.Changed:       "failing then and now, otherwise",
	result.NotObservable: "was failing, and cannot be seen now: not resolved",
	result.RuleChanged:   "the check changed, not the account",
	result.Resolved:      "was failing, and does not fail any more",
	result.Persisting:    "failing then and now",
}

// changes is what became of the findings since the baseline.
type changes struct {
	FirstRun bool
	Baseline *result.Baseline
	Kinds    []changeKind
}

type changeKind struct {
	Key, Word, Meaning string
	Count              int
	Filter             template.URL // where its findings are in the list
	List               []changeRow
	More               int
}

type changeRow struct {
	Fingerprint             string
	Found                   bool // it has a finding in this result
	Check, Resource, Reason string
	Before, After           string
	Severity                string
}

func (v *view) changes() *changes {
	c := v.r.Comparison
	if c == nil {
		return nil
	}
	if c.Baseline == nil {
		return &changes{FirstRun: true}
	}
	out := &changes{Baseline: c.Baseline}
	at := map[result.Kind]*changeKind{}
	out.Kinds = make([]changeKind, len(result.Kinds()))
	for i, k := range result.Kinds() {
		out.Kinds[i] = changeKind{Key: string(k), Word: kindWords[k], Meaning: kindMeanings[k], Count: c.Counts[k], Filter: template.URL("change=" + string(k))} // one of our own words
		at[k] = &out.Kinds[i]
	}
	for ch := range v.r.AllChanges() {
		k := at[ch.Change]
		if k == nil {
			continue
		}
		if len(k.List) == listed {
			k.More++
			continue
		}
		row := changeRow{
			Fingerprint: Visible(ch.Fingerprint), Found: v.known[ch.Fingerprint], Check: Visible(ch.CheckID), Reason: Visible(ch.Reason),
			Resource: resourceName(&finding.Resource{ID: ch.Resource.ID, Name: ch.Resource.Name, Key: ch.Resource.Key}),
			Before:   verdictWords(ch.Before), After: verdictWords(ch.After),
		}
		if last := cmp.Or(ch.After, ch.Before); last != nil {
			row.Severity = Visible(string(last.Severity))
		}
		k.List = append(k.List, row)
	}
	return out
}

func verdictWords(v *result.Verdict) string {
	if v == nil {
		return "no finding"
	}
	return Visible(string(v.Status) + ", " + string(v.Severity) + ": " + v.Message)
}

// exceptions is what the exceptions file said, and what came of it.
type exceptions struct {
	Suppressions, Attestations []entry
	Warnings                   []string
}

type entry struct {
	result.ExceptionEntry
	Word string
}

var stateWords = map[string]string{
	result.InForce: "in force", result.Expired: "expired: what it accepted counts again", result.Unmatched: "matches nothing that this scan looked at",
	result.NotExamined: "matches nothing, and not all of its place was looked at",
}

func (v *view) exceptions() *exceptions {
	e := v.r.Exceptions
	if e == nil {
		return nil
	}
	entries := func(list []result.ExceptionEntry) []entry {
		var out []entry
		for _, x := range list {
			out = append(out, entry{x, cmp.Or(stateWords[x.State], x.State)})
		}
		return out
	}
	return &exceptions{entries(e.Suppressions), entries(e.Attestations), e.Warnings}
}

// question is a control that no API can show and that nobody answers for yet.
type question struct {
	Check, Title, Text string
	Count              int
}

func (v *view) questions() []question {
	var out []question
	for _, r := range v.rules {
		if n := v.byRule[r.ID][shownAsked]; n > 0 {
			out = append(out, question{Visible(r.ID), Visible(r.Title), Visible(r.Remediation.Text), n})
		}
	}
	return out
}

// reading tells when a check's evidence was read.
type reading struct {
	Check     string
	Resources int
	Whole     bool
	When      []string // "2026-11-24 08:30:00 UTC: eu-west-1 (3), us-east-1 (none)"
}

// accountsInFull: with more accounts than these the report tells the first and the last time of each check only.
const accountsInFull = 5

func (v *view) readings() []reading {
	var out []reading
	var list []result.Evaluation // of one check
	for e := range v.r.AllEvaluations() {
		if len(list) > 0 && list[0].CheckID != e.CheckID {
			out = append(out, v.readingOf(list))
			list = list[:0]
		}
		list = append(list, e)
	}
	if len(list) > 0 {
		out = append(out, v.readingOf(list))
	}
	return out
}

func (v *view) readingOf(list []result.Evaluation) reading {
	row := reading{Check: Visible(list[0].CheckID), Whole: true}
	for _, e := range list {
		row.Resources += e.Resources
		row.Whole = row.Whole && e.Complete
	}
	if n := len(v.r.Scan.Accounts); n > accountsInFull {
		row.When = []string{span(list, n)}
	} else {
		row.When = times(list, n > 1)
	}
	return row
}

// span is the first and the last time at which one of many accounts was read.
func span(list []result.Evaluation, accounts int) string {
	var first, last time.Time
	for _, e := range list {
		if at := e.ObservedAt; !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
		if e.ObservedAt.After(last) {
			last = e.ObservedAt
		}
	}
	if first.IsZero() {
		return "not read"
	}
	return fmt.Sprintf("%s to %s, in %d accounts (each in the JSON report, evaluations)", moment(first), moment(last), accounts)
}

// times are the times at which the regions were read, those of one second together.
func times(list []result.Evaluation, accounts bool) []string {
	type key struct{ account, at string }
	where := map[key][]string{}
	var order []key
	for _, e := range list {
		k := key{at: cmp.Or(moment(e.ObservedAt), "not read")}
		if accounts {
			k.account = Visible(e.AccountID) + ", "
		}
		if where[k] == nil {
			order = append(order, k)
		}
		text := fmt.Sprintf("%s (%d", Visible(e.Region), e.Resources)
		if !e.Complete {
			text += ", listing not whole"
		}
		where[k] = append(where[k], text+")")
	}
	slices.SortStableFunc(order, func(a, b key) int { return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.at, b.at)) })
	var out []string
	for _, k := range order {
		out = append(out, k.account+k.at+": "+joined(where[k]))
	}
	return out
}
