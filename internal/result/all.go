package result

import (
	"iter"
	"slices"

	"github.com/ourshare/ourshare/internal/finding"
)

// All gives the findings in their order, without holding those of other accounts in memory. Where they are read back from
// a spool a fault ends the sequence, and [Result.Err] tells it.
func (r *Result) All() iter.Seq[finding.Finding] { return slices.Values(r.Findings) }

// AllUnobserved gives what was failing and cannot be observed now.
func (r *Result) AllUnobserved() iter.Seq[Unobserved] { return slices.Values(r.Unobserved) }

// AllChanges gives the changes since the baseline; none without one.
func (r *Result) AllChanges() iter.Seq[Change] {
	if r.Comparison == nil {
		return func(func(Change) bool) {}
	}
	return slices.Values(r.Comparison.Changes)
}

// AllTickets gives the actions that are due in a ticket system.
func (r *Result) AllTickets() iter.Seq[Ticket] { return slices.Values(r.Tickets) }

// Err is the first fault of reading findings back.
func (r *Result) Err() error { return nil }

// SetControls says how many controls a cell has, and of how many the evidence was read. Summarize keeps it.
func (r *Result) SetControls(cells []Cell) { r.Responsibility = cells }
