// Package history compares two results by fingerprint, and carries over to the later one what the earlier knows: when a
// finding was first seen and last failed, and what was failing and cannot be observed now. It is pure: results in, a
// comparison out.
//
// What is known goes from result to result with the findings and with what is not observable. A fail is never lost on that
// way; of what did not fail and was not listed by one scan, the next begins a new history.
package history

import (
	"cmp"
	"slices"
	"time"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// Index is an earlier result, ready to be compared with. It keeps the result, which must not be changed meanwhile.
type Index struct {
	old   *view // nil: a first run
	known map[string]earlier
}

// earlier is what the earlier result has of one fingerprint.
type earlier struct {
	found   *finding.Finding   // its finding; nil: none
	failed  *finding.Finding   // what compares as a fail: the finding, or the last verdict of what was not observable
	carried *result.Unobserved // the entry that failed comes from; nil where the finding itself fails
}

// Open indexes an earlier result by fingerprint. Nil stands for none: whatever is compared with it is a first run.
//
// What compares as a fail is a failing finding, and what the result could not observe: whatever the finding of that
// fingerprint is called in it. A finding that fails is newer than an entry of what was not observable.
func Open(old *result.Result) *Index {
	x := &Index{known: map[string]earlier{}}
	if old == nil {
		return x
	}
	x.old = look(old)
	for i := range old.Findings {
		f := &old.Findings[i]
		e := earlier{found: f}
		if f.Status == finding.Fail {
			e.failed = f
		}
		x.known[f.Fingerprint] = e
	}
	for i := range old.Unobserved {
		u := &old.Unobserved[i]
		e := x.known[u.Fingerprint]
		if e.failed != nil && e.carried == nil {
			continue
		}
		f := u.As(x.old.described(u))
		f.Status = finding.Fail
		e.failed, e.carried = &f, u
		x.known[u.Fingerprint] = e
	}
	return x
}

// Compare tells what became of each finding from one result to the other, persisting ones included, in the order of
// findings. Old may be nil: a first run. Neither is changed.
func Compare(old, later *result.Result) *result.Comparison {
	x := Open(old)
	everything := func(result.Kind) bool { return true }
	return x.comparison(x.outcomes(later, func(string) bool { return true }), everything)
}

// Annotate compares, and writes into the later result what changed (all but what persists), the history of each of its
// findings, and what was failing and cannot be observed now, with the rules that this needs. Of what failed earlier it
// accounts for the accounts of the later result: several accounts may come one by one, in any order. [Index.Rest] tells of
// the others.
func (x *Index) Annotate(later *result.Result) {
	list := x.outcomes(later, func(account string) bool { return slices.Contains(later.Scan.Accounts, account) })
	later.Comparison = x.comparison(list, func(k result.Kind) bool { return k != result.Persisting })
	later.Unobserved = x.unobserved(list, later)
	for i := range later.Findings {
		f := &later.Findings[i]
		h := x.history(f, later.Scan.FinishedAt)
		note := finding.Note{} // a note of its own: the finding's may be shared with a copy of it
		if f.Note != nil {
			note = *f.Note
		}
		note.History = &h
		f.Note = &note
	}
}

// Rest adds to the one result of all accounts what failed earlier in accounts that were never annotated: it cannot be
// observed. Errors are those of the result's spool.
func (x *Index) Rest(merged *result.Result, annotated func(account string) bool) error {
	bare := *merged
	bare.Findings, bare.Unobserved = nil, nil
	list := x.outcomes(&bare, func(account string) bool { return !annotated(account) })
	return merged.AddChanges(x.comparison(list, func(k result.Kind) bool { return k != result.Persisting }), x.unobserved(list, &bare))
}

// outcome is one change with the finding by which it is put in order: the later one, else the earlier.
type outcome struct {
	by     *finding.Finding
	change result.Change
}

// outcomes tells of every finding that fails in the later result, and of every earlier fail of some accounts; of each once.
func (x *Index) outcomes(later *result.Result, of func(account string) bool) []outcome {
	now := look(later)
	seen := map[string]bool{}
	var list []outcome
	add := func(by *finding.Finding, was earlier, is *finding.Finding, k result.Kind, reason string) {
		c := result.Change{
			Change: k, Fingerprint: by.Fingerprint, CheckID: by.Rule.ID, Resource: result.ResourceJSON(by.Resource),
			Before: verdict(was.last()), After: verdict(is), Reason: reason, Was: was.last(),
		}
		list = append(list, outcome{by, c})
	}
	for i := range later.Findings {
		f := &later.Findings[i]
		if seen[f.Fingerprint] {
			continue
		}
		was := x.known[f.Fingerprint]
		seen[f.Fingerprint] = true
		switch {
		case was.failed != nil:
			k, reason := stillThere(was, f)
			add(f, was, f, k, reason)
		case f.Status == finding.Fail:
			k, reason := x.turnedToFail(was.found, f)
			add(f, was, f, k, reason)
		}
	}
	for fingerprint, was := range x.known {
		if was.failed == nil || seen[fingerprint] || !of(was.failed.AccountID) {
			continue
		}
		k, reason := missing(was, now)
		add(was.failed, was, nil, k, reason)
	}
	slices.SortFunc(list, func(a, b outcome) int { return finding.Compare(*a.by, *b.by) })
	return list
}

// last is the earlier verdict that is compared with.
func (e earlier) last() *finding.Finding {
	if e.failed != nil {
		return e.failed
	}
	return e.found
}

func verdict(f *finding.Finding) *result.Verdict {
	if f == nil {
		return nil
	}
	return &result.Verdict{Status: f.Status, Severity: f.Severity, Message: f.Message}
}

func (x *Index) comparison(list []outcome, keep func(result.Kind) bool) *result.Comparison {
	c := &result.Comparison{Counts: map[result.Kind]int{}, Changes: []result.Change{}}
	for _, k := range result.Kinds() {
		c.Counts[k] = 0
	}
	if x.old != nil {
		b := x.old.AsBaseline()
		c.Baseline = &b
	}
	for _, o := range list {
		c.Counts[o.change.Change]++
		if keep(o.change.Change) {
			c.Changes = append(c.Changes, o.change)
		}
	}
	return c
}

// unobserved is what was failing and cannot be observed now, and what the later result itself brought of that kind.
func (x *Index) unobserved(list []outcome, later *result.Result) []result.Unobserved {
	out := []result.Unobserved{}
	told := map[string]bool{}
	for _, o := range list {
		told[o.change.Fingerprint] = true
		if o.change.Change == result.NotObservable {
			u := x.carry(o.change)
			out = append(out, u)
			if rule := o.change.Was.Rule; later.Checks != nil && later.Checks[u.CheckID] == nil && rule.Title != "" {
				later.Checks[u.CheckID] = rule
			}
		}
	}
	if len(later.Unobserved) == 0 {
		return sorted(out)
	}
	judged := map[string]bool{}
	for _, f := range later.Findings {
		judged[f.Fingerprint] = f.Status != finding.Unknown && f.Status != finding.Manual
	}
	for _, u := range later.Unobserved {
		if !told[u.Fingerprint] && !judged[u.Fingerprint] {
			out = append(out, u)
		}
	}
	return sorted(out)
}

// sorted puts entries in the order of findings.
func sorted(list []result.Unobserved) []result.Unobserved {
	slices.SortStableFunc(list, func(a, b result.Unobserved) int {
		return cmp.Or(
			cmp.Compare(a.CheckID, b.CheckID), cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region),
			cmp.Compare(a.Resource.Type, b.Resource.Type), cmp.Compare(a.Resource.ARN, b.Resource.ARN),
			cmp.Compare(a.Resource.Key, b.Resource.Key), cmp.Compare(a.Fingerprint, b.Fingerprint),
		)
	})
	return list
}

// carry makes the entry of what is not observable: the last verdict, with the rule by which it was given.
func (x *Index) carry(c result.Change) result.Unobserved {
	was := x.known[c.Fingerprint]
	if was.carried != nil {
		u := *was.carried
		u.Status, u.Why = finding.Fail, c.Reason
		if u.History == nil {
			h := x.observed(was)
			u.History = &h
		}
		return u
	}
	f := *was.failed
	note := finding.Note{}
	if f.Note != nil {
		note = *f.Note
	}
	h := x.observed(was)
	note.History = &h
	f.Note = &note
	parameters := f.Rule.Parameters
	if parameters == nil {
		parameters = map[string]any{}
	}
	return result.Unobserved{Finding: result.JSON(f), Revision: f.Rule.Revision, Parameters: parameters, Why: c.Reason}
}

// observed is the history of what was failing, as of when it was last observed.
func (x *Index) observed(was earlier) finding.History {
	at := x.old.Scan.FinishedAt
	h := finding.History{FirstSeen: at, LastSeen: at, LastFailed: &at, Ticket: finding.TicketNone}
	if before := known(was.failed); before != nil {
		h.FirstSeen, h.Ticket, h.TicketKey, h.TicketOpened = before.FirstSeen, cmp.Or(before.Ticket, finding.TicketNone), before.TicketKey, before.TicketOpened
	}
	return h
}

// history is what the two results know of a finding of the later one. A history that it brings of its own is not lost.
func (x *Index) history(f *finding.Finding, at time.Time) finding.History {
	h := finding.History{FirstSeen: at, LastSeen: at}
	if f.Status == finding.Fail {
		h.LastFailed = &at
	}
	was := x.known[f.Fingerprint]
	if was.last() != nil {
		h.FirstSeen = earliest(h.FirstSeen, x.old.Scan.FinishedAt)
	}
	if was.found != nil && was.found.Status == finding.Fail {
		h.LastFailed = latest(h.LastFailed, &x.old.Scan.FinishedAt)
	}
	for _, k := range []*finding.History{known(was.failed), known(was.found), f.History()} {
		if k == nil {
			continue
		}
		h.FirstSeen, h.LastFailed = earliest(h.FirstSeen, k.FirstSeen), latest(h.LastFailed, k.LastFailed)
		if h.Ticket == "" || h.Ticket == finding.TicketNone {
			h.Ticket, h.TicketKey, h.TicketOpened = k.Ticket, k.TicketKey, k.TicketOpened
		}
	}
	h.Ticket = cmp.Or(h.Ticket, finding.TicketNone)
	return h
}

// known is a finding's history; nil where there is no finding, or none of it.
func known(f *finding.Finding) *finding.History {
	if f == nil {
		return nil
	}
	return f.History()
}

func earliest(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

func latest(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}
