package report

import (
	"fmt"

	"github.com/ourshare/ourshare/internal/result"
)

// exceptions says which controls stand on somebody's word, and which entries of the exceptions file ask for attention.
// What an entry in force accepts is counted in the summary.
func (p printer) exceptions() {
	lines := p.attested()
	if e := p.r.Exceptions; e != nil {
		lines = append(lines, staleEntries("suppression", "counts again", "count again", e.Suppressions)...)
		lines = append(lines, staleEntries("attestation", "is to be attested again", "are to be attested again", e.Attestations)...)
		for _, w := range e.Warnings {
			lines = append(lines, "  warning: "+Visible(w))
		}
	}
	if len(lines) == 0 {
		return
	}
	p.heading("Exceptions and attestations")
	for _, l := range lines {
		p.printf("%s\n", l)
	}
	p.printf("\n")
}

// attested has one line for each control and word given for it.
func (p printer) attested() []string {
	order, counts := p.seen.attested.order, p.seen.attested.counts
	lines := make([]string, 0, len(order))
	for _, w := range order {
		lines = append(lines, fmt.Sprintf("  %s (%d %s): attested by %s until %s, not verified; evidence of %s: %s",
			w.rule.ID, counts[w], plural(counts[w], "resource", "resources"), Visible(w.said.By), Visible(w.said.Expires),
			Visible(w.said.At), Visible(w.said.Evidence)))
	}
	return lines
}

// staleEntries are the entries that no longer do anything, or of which nobody can say. one and many say what follows for a
// finding, or several, of an expired entry.
func staleEntries(kind, one, many string, entries []result.ExceptionEntry) []string {
	var lines []string
	for _, e := range entries {
		var text string
		switch e.State {
		case result.Expired:
			text = fmt.Sprintf("expired on %s", Visible(e.Expires))
			if e.Matched > 0 {
				text += fmt.Sprintf("; %d %s", e.Matched, plural(e.Matched, "finding "+one, "findings "+many))
			}
		case result.Unmatched:
			text = "matches nothing that this scan looked at"
		case result.NotExamined:
			text = "matches nothing, but this scan did not see all that it is about"
		default:
			continue
		}
		lines = append(lines, fmt.Sprintf("  %s in line %d (%s; %s): %s", kind, e.Line, Visible(e.Selector), Visible(e.Owner), text))
	}
	return lines
}

// moreSuppressed and ofThemAttested add to the summary's counts.
func moreSuppressed(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d more failing and suppressed", n)
}

func ofThemAttested(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of them attested)", n)
}
