package result

import (
	"maps"
	"slices"

	"github.com/ourshare/ourshare/internal/finding"
)

// merge adds up what results of single accounts say beside their lists.
type merge struct {
	regions  map[string]bool
	accounts []string
	examined map[string]int // accounts in which a control was examined
	parts    int
	complete bool
	gaps     []string
	calls    APICalls
	summary  Summary
	cells    []Cell
	checks   map[string]*finding.Rule
	compared *Comparison
}

func newMerge() merge {
	return merge{
		regions: map[string]bool{}, examined: map[string]int{}, complete: true, checks: map[string]*finding.Rule{},
		calls:   APICalls{ByOperation: map[string]int{}},
		summary: Summary{ByStatus: map[finding.Status]int{}, BySeverity: map[finding.Severity]int{}},
	}
}

func (m *merge) add(r *Result) {
	m.parts++
	m.accounts = append(m.accounts, r.Scan.Accounts...)
	for _, name := range r.Scan.Regions {
		m.regions[name] = true
	}
	for _, id := range r.Examined {
		m.examined[id]++
	}
	m.complete = m.complete && r.Scan.Complete
	m.gaps = append(m.gaps, r.Scan.Gaps...)
	m.spent(r.Scan.APICalls)
	m.summary.Resources += r.Summary.Resources
	m.summary.Suppressed += r.Summary.Suppressed
	m.summary.Attested += r.Summary.Attested
	addAll(m.summary.ByStatus, r.Summary.ByStatus)
	addAll(m.summary.BySeverity, r.Summary.BySeverity)
	if m.cells == nil {
		m.cells = make([]Cell, len(r.Responsibility))
	}
	for i, c := range r.Responsibility { // every result has the cells of the model, in its order
		m.cells[i].sum(c)
	}
	for id, rule := range r.Checks {
		if m.checks[id] == nil {
			m.checks[id] = rule
		}
	}
	if c := r.Comparison; c != nil {
		if m.compared == nil {
			m.compared = &Comparison{Baseline: c.Baseline, Counts: map[Kind]int{}}
		}
		addAll(m.compared.Counts, c.Counts)
	}
}

func (m *merge) spent(c APICalls) {
	m.calls.Calls += c.Calls
	m.calls.Attempts += c.Attempts
	m.calls.Throttles += c.Throttles
	addAll(m.calls.ByOperation, c.ByOperation)
}

func addAll[K comparable](to, from map[K]int) {
	for k, n := range from {
		to[k] += n
	}
}

func (c *Cell) sum(d Cell) {
	c.Category, c.Layer, c.Share, c.Controls = d.Category, d.Layer, d.Share, d.Controls
	c.Pass += d.Pass
	c.Fail += d.Fail
	c.Unknown += d.Unknown
	c.NotApplicable += d.NotApplicable
	c.Manual += d.Manual
	c.Suppressed += d.Suppressed
	c.Attested += d.Attested
}

// Merge makes one result of all that was added. head says what is the run's: version, tool, scan id, times, caller, digests
// and the accounts' states. A control counts as examined where it was in every account that was entered: Examined has those,
// and SetControls is the caller's. The result reads from the spool, which must stay open as long.
func (s *Spool) Merge(head Result) *Result {
	m := s.heads
	r := head
	r.spool = s
	r.Scan.Accounts = slices.Clone(m.accounts)
	r.Scan.Complete = m.complete && m.parts > 0
	for _, a := range r.Scan.ByAccount {
		if !a.Entered {
			r.Scan.Accounts = append(r.Scan.Accounts, a.AccountID)
			r.Scan.Complete = false
		}
	}
	slices.Sort(r.Scan.Accounts)
	r.Scan.Accounts = slices.Compact(r.Scan.Accounts)
	r.Scan.Regions = slices.Sorted(maps.Keys(m.regions))
	r.Scan.Gaps = append(slices.Clone(m.gaps), head.Scan.Gaps...)
	r.Scan.APICalls = m.calls
	r.Summary, r.Responsibility, r.Checks = m.summary, m.cells, m.checks
	if m.compared != nil {
		r.Comparison = m.compared
	}
	r.Examined = nil
	for id, n := range m.examined {
		if n == m.parts {
			r.Examined = append(r.Examined, id)
		}
	}
	slices.Sort(r.Examined)
	return &r
}
