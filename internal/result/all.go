package result

import (
	"iter"
	"slices"

	"github.com/ourshare/ourshare/internal/finding"
)

// TicketState is what a run knows of a finding's ticket.
type TicketState struct {
	State  string // finding.TicketNone, TicketOpen or TicketHeld
	Key    string
	Opened string // the day on which it was opened, 2006-01-02
}

// TicketOf is what a history says of a ticket that is open or held; ok is false where there is none.
func TicketOf(h *finding.History) (s TicketState, ok bool) {
	if h == nil || h.Ticket == "" || h.Ticket == finding.TicketNone {
		return s, false
	}
	return TicketState{State: h.Ticket, Key: h.TicketKey, Opened: h.TicketOpened}, true
}

// All gives the findings in their order, without holding those of other accounts in memory. Where they are read back from
// a spool a fault ends the sequence, and [Result.Err] tells it.
func (r *Result) All() iter.Seq[finding.Finding] {
	if r.spool == nil {
		return func(yield func(finding.Finding) bool) {
			for _, f := range r.Findings {
				r.ticketed(f.Fingerprint, f.History())
				if !yield(f) {
					return
				}
			}
		}
	}
	return func(yield func(finding.Finding) bool) {
		for f := range lines(r.spool, func(p part) string { return p.findings }, compareFindings) {
			r.ticketed(f.Fingerprint, f.History)
			rule := r.Checks[f.CheckID]
			if rule == nil {
				rule = &finding.Rule{ID: f.CheckID}
			}
			if !yield(f.in(rule)) {
				return
			}
		}
	}
}

// ticketed enters what became of the finding's ticket in this run.
func (r *Result) ticketed(fingerprint string, h *finding.History) {
	if s, ok := r.TicketStates[fingerprint]; ok && h != nil {
		h.Ticket, h.TicketKey, h.TicketOpened = s.State, s.Key, s.Opened
	}
}

func (r *Result) allJSON() iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		for f := range r.All() {
			if !yield(JSON(f)) {
				return
			}
		}
	}
}

// AllUnobserved gives what was failing and cannot be observed now.
func (r *Result) AllUnobserved() iter.Seq[Unobserved] {
	all := slices.Values(r.Unobserved)
	if r.spool != nil {
		all = lines(r.spool, func(p part) string { return p.unobserved }, compareUnobserved)
	}
	return func(yield func(Unobserved) bool) {
		for u := range all {
			r.ticketed(u.Fingerprint, u.History)
			if !yield(u) {
				return
			}
		}
	}
}

// AllChanges gives the changes since the baseline; none without one.
func (r *Result) AllChanges() iter.Seq[Change] {
	switch {
	case r.spool != nil:
		return lines(r.spool, func(p part) string { return p.changes }, compareChanges)
	case r.Comparison == nil:
		return func(func(Change) bool) {}
	}
	return slices.Values(r.Comparison.Changes)
}

// AllEvaluations gives what each check looked at.
func (r *Result) AllEvaluations() iter.Seq[Evaluation] {
	if r.spool != nil {
		return lines(r.spool, func(p part) string { return p.evaluations }, compareEvaluations)
	}
	return slices.Values(r.Evaluations)
}

// AllCoverage gives the lines of the coverage ledger.
func (r *Result) AllCoverage() iter.Seq[Coverage] {
	if r.spool != nil {
		return summed(lines(r.spool, func(p part) string { return p.coverage }, compareCoverage))
	}
	return slices.Values(r.Coverage)
}

// summed adds up neighbours of one account, region and operation: the caller's own calls, where its account was scanned too.
func summed(all iter.Seq[Coverage]) iter.Seq[Coverage] {
	return func(yield func(Coverage) bool) {
		var last *Coverage
		for c := range all {
			switch {
			case last == nil:
			case compareCoverage(*last, c) == 0:
				last.Calls += c.Calls
				last.Attempts += c.Attempts
				addAll(last.Outcomes, c.Outcomes)
				last.Reasons = append(last.Reasons, c.Reasons...)
				slices.Sort(last.Reasons)
				last.Reasons = slices.Compact(last.Reasons)
				continue
			case !yield(*last):
				return
			}
			last = &c
		}
		if last != nil {
			yield(*last)
		}
	}
}

// AllTickets gives the actions that are due in a ticket system.
func (r *Result) AllTickets() iter.Seq[Ticket] { return slices.Values(r.Tickets) }

// Err is the first fault of reading back from the spool.
func (r *Result) Err() error {
	if r.spool == nil {
		return nil
	}
	return r.spool.failed()
}

// SetControls says how many controls a cell has, and of how many the evidence was read; the verdicts' counts stay.
func (r *Result) SetControls(cells []Cell) {
	if len(r.Responsibility) == 0 {
		r.Responsibility = cells
		return
	}
	for i := range r.Responsibility {
		c := &r.Responsibility[i]
		for _, k := range cells {
			if k.Category == c.Category && k.Layer == c.Layer {
				c.Controls, c.Examined = k.Controls, k.Examined
			}
		}
	}
}
