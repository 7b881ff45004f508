package report

import (
	"fmt"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// How many findings the report for a terminal lists: what somebody can read there, and scroll back to. What is unknown has
// room of its own, so that no number of fails pushes it out.
const (
	mostFailing = 500
	mostUnknown = 200
)

// gathered is what one pass over the findings, and one over the changes, give to the report for a terminal: counts of
// everything, and of the rows no more than are shown.
type gathered struct {
	failing    *kept[finding.Finding]
	unknown    *kept[finding.Finding]
	lost       map[lostKey]int // unknown verdicts by the call that was not answered
	asked      tally[*finding.Rule]
	attested   tally[word]
	kinds      map[result.Kind]*kept[result.Change]
	suppressed map[string]string // of the changes that are shown, those that an exception accepts: fingerprint → its last day
}

// word is what somebody attests of a control.
type word struct {
	rule *finding.Rule
	said finding.Attestation
}

// tally counts, and keeps the order in which things come first.
type tally[K comparable] struct {
	order  []K
	counts map[K]int
}

func (t *tally[K]) add(k K) {
	if t.counts == nil {
		t.counts = map[K]int{}
	}
	if t.counts[k] == 0 {
		t.order = append(t.order, k)
	}
	t.counts[k]++
}

func gather(r *result.Result) gathered {
	g := gathered{
		failing: newKept[finding.Finding](mostFailing), unknown: newKept[finding.Finding](mostUnknown), lost: map[lostKey]int{},
		kinds: sortKinds(r.AllChanges(), shortList), suppressed: map[string]string{},
	}
	told := map[string]bool{} // fingerprints of the changes that are shown
	for _, k := range g.kinds {
		for _, c := range k.list() {
			told[c.Fingerprint] = true
		}
	}
	for f := range r.All() {
		if f.Suppressed() && told[f.Fingerprint] {
			g.suppressed[f.Fingerprint] = f.Note.Suppression.Expires
		}
		switch {
		case f.Status == finding.Fail && !f.Suppressed():
			g.failing.add(f, f.Severity)
		case f.Status == finding.Unknown:
			g.unknown.add(f, f.Severity)
		case f.Status == finding.Manual && f.Attested():
			g.attested.add(word{f.Rule, *f.Note.Attestation})
		case f.Status == finding.Manual:
			g.asked.add(f.Rule)
		}
		if f.Reason != nil && f.Reason.Operation != nil {
			g.lost[lostKey{f.AccountID, *f.Reason.Operation, f.Region}]++
		}
	}
	return g
}

// unlisted says how many fails and unknowns are not listed, and where they are; empty: all are.
func (g gathered) unlisted() string {
	var parts []string
	if n := g.failing.total - len(g.failing.list()); n > 0 {
		left, by := mostFailing, []string(nil)
		for rank, severity := range finding.Severities() {
			hidden := max(0, g.failing.ranks[rank]-left)
			left = max(0, left-g.failing.ranks[rank])
			if hidden > 0 {
				by = append(by, fmt.Sprintf("%d %s", hidden, severity))
			}
		}
		parts = append(parts, fmt.Sprintf("%d more failing (%s)", n, strings.Join(by, ", ")))
	}
	if n := g.unknown.total - len(g.unknown.list()); n > 0 {
		parts = append(parts, fmt.Sprintf("%d more unknown", n))
	}
	if len(parts) == 0 {
		return ""
	}
	return "… and " + strings.Join(parts, ", and ") + "; the other formats have them all (json, csv, html)."
}
