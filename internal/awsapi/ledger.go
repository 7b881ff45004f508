package awsapi

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Coverage is one line of the coverage ledger: an operation in one account and region, how often it was called, and
// how the calls ended. One page is one call; attempts are HTTP requests.
type Coverage struct {
	AccountID string          `json:"account_id"`
	Region    string          `json:"region"`
	Operation string          `json:"operation"`
	Action    string          `json:"action,omitempty"`
	Calls     int             `json:"calls"`
	Attempts  int             `json:"attempts"`
	Throttles int             `json:"throttles,omitempty"`
	Outcomes  map[Outcome]int `json:"outcomes"`
	Reasons   []string        `json:"reasons"`
}

type ledgerKey struct{ account, region, op string }

// Ledger counts the calls of a scan. It is safe for concurrent use.
type Ledger struct {
	mu    sync.Mutex
	lines map[ledgerKey]*Coverage
	calls *atomic.Int64 // of all ledgers of the run
}

// NewLedger returns an empty ledger.
func NewLedger() *Ledger { return &Ledger{lines: map[ledgerKey]*Coverage{}, calls: new(atomic.Int64)} }

// sharing returns an empty ledger that takes its calls from the same budget.
func (l *Ledger) sharing() *Ledger {
	return &Ledger{lines: map[ledgerKey]*Coverage{}, calls: l.calls}
}

func (l *Ledger) line(account, region string, op Op) *Coverage {
	k := ledgerKey{account, region, op.String()}
	c := l.lines[k]
	if c == nil {
		c = &Coverage{AccountID: account, Region: region, Operation: op.String(), Outcomes: map[Outcome]int{}, Reasons: []string{}}
		if len(op.Actions) > 0 {
			c.Action = op.Actions[0]
		}
		l.lines[k] = c
	}
	return c
}

// reserve takes one call from the budget; a budget of 0 has no end.
func (l *Ledger) reserve(budget int) bool {
	if n := l.calls.Add(1); budget > 0 && n > int64(budget) {
		l.calls.Add(-1)
		return false
	}
	return true
}

func (l *Ledger) done(account, region string, op Op, attempts, throttles int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.line(account, region, op)
	c.Calls++
	c.Attempts += attempts
	c.Throttles += throttles
	outcome := OK
	if e, isErr := err.(*Error); isErr { //nolint:errorlint // classify returns exactly this type, ErrAbsent or ErrGone
		outcome = e.Outcome
		if !slices.Contains(c.Reasons, e.Text) {
			c.Reasons = append(c.Reasons, e.Text)
			slices.Sort(c.Reasons)
		}
	}
	c.Outcomes[outcome]++
}

// rename gives the lines of the identity call, made before the account was known, their account.
func (l *Ledger) rename(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, c := range l.lines {
		if k.account == "" {
			delete(l.lines, k)
			c.AccountID = account
			l.lines[ledgerKey{account, k.region, k.op}] = c
		}
	}
}

// Coverage returns the lines, sorted by account, region and operation.
func (l *Ledger) Coverage() []Coverage {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Coverage, 0, len(l.lines))
	for _, c := range l.lines {
		line := *c
		line.Outcomes = maps.Clone(c.Outcomes)
		line.Reasons = slices.Clone(c.Reasons)
		out = append(out, line)
	}
	slices.SortFunc(out, func(a, b Coverage) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Operation, b.Operation))
	})
	return out
}
