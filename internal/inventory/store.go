package inventory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
)

// Store holds what one scan read of one account. Each dataset and detail is read at most once per scope, whatever
// number of checks and goroutines ask for it.
type Store struct {
	AccountID string
	Partition string
	Regions   []string       // the regions of the scan
	Clock     time.Time      // the time of collection: what ages are measured against
	Params    map[string]any // thresholds that the configuration sets, by name, or by OwnParam for one check
	Now       func() time.Time
	OnRead    func(node *Node, scope string, rows int) // progress; may be nil

	account *awsapi.Account // nil: judged from a saved inventory, nothing is read
	mu      sync.Mutex
	entries map[entryKey]*entry
}

type entryKey struct {
	node  string
	scope string
}

type entry struct {
	once sync.Once
	done bool // set once read; guarded by once for readers that wait, by mu for those that look
	val  any
	at   time.Time
	node *Node
}

// NewStore makes the store of a live account.
func NewStore(a *awsapi.Account, regions []string, now func() time.Time) *Store {
	return &Store{
		AccountID: a.ID, Partition: a.Partition, Regions: regions, Clock: now().UTC(), Now: now,
		account: a, entries: map[entryKey]*entry{},
	}
}

func (s *Store) session(region string) *awsapi.Session { return s.account.In(region) }

// scopes are the scopes of a node in this scan.
func (s *Store) scopes(n *Node) []string {
	if n.Regional {
		return s.Regions
	}
	return []string{awsapi.Global}
}

// scopesFor are the scopes of a node that a reader in the given scope sees: a global reader sees every region's.
func (s *Store) scopesFor(n *Node, reader string) []string {
	if n.Regional && reader != awsapi.Global {
		return []string{reader}
	}
	return s.scopes(n)
}

// Collect reads all nodes, with what they depend on, in parallel. It returns when everything is read or was refused;
// errors are gaps in the entries. The end of ctx makes the rest "cancelled".
func (s *Store) Collect(ctx context.Context, nodes []*Node) {
	var wg sync.WaitGroup
	for _, n := range nodes {
		for _, scope := range s.scopes(n) {
			wg.Go(func() { s.get(ctx, n, scope) })
		}
	}
	wg.Wait()
}

func (s *Store) get(ctx context.Context, n *Node, scope string) *entry {
	k := entryKey{n.Name, scope}
	s.mu.Lock()
	e := s.entries[k]
	if e == nil {
		e = &entry{node: n}
		s.entries[k] = e
	}
	s.mu.Unlock()
	if s.account == nil && !n.derived {
		return e
	}
	e.once.Do(func() {
		val, rows := n.read(ctx, s, scope)
		s.mu.Lock()
		e.val, e.at, e.done = val, s.Now().UTC(), true
		s.mu.Unlock()
		if s.OnRead != nil {
			s.OnRead(n, scope, rows)
		}
	})
	return e
}

// value is what a node holds, read if need be.
func value[V any](ctx context.Context, s *Store, n *Node, scope string) V {
	v, _ := s.get(ctx, n, scope).val.(V)
	return v
}

// lookup is what was read; ok is false where the store does not hold it.
func (s *Store) lookup(n *Node, scope string) (e *entry, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e = s.entries[entryKey{n.Name, scope}]
	return e, e != nil && e.done
}

// ApplyTags writes the tags that were read into the rows of their datasets.
func (s *Store) ApplyTags(n *Node) {
	if n.tags == nil {
		return
	}
	for _, scope := range s.scopes(n) {
		rows, ok1 := s.lookup(n, scope)
		tags, ok2 := s.lookup(n.tags, scope)
		if ok1 && ok2 {
			n.apply(rows.val, tags.val)
		}
	}
}

// Gaps are the gaps of a node in all its scopes; a scope that the store does not hold is one.
func (s *Store) Gaps(n *Node) []Gap {
	var gaps []Gap
	for _, scope := range s.scopes(n) {
		e, ok := s.lookup(n, scope)
		if !ok {
			gaps = append(gaps, Gap{Error: *notCollected(n, scope)})
			continue
		}
		gaps = append(gaps, n.gaps(e.val)...)
	}
	return gaps
}

// ReadAt is when a node was read in a scope; what is derived was read when the last of its sources was.
func (s *Store) ReadAt(n *Node, scope string) time.Time {
	if n.derived {
		var last time.Time
		for _, dep := range n.Deps() {
			for _, sc := range s.scopesFor(dep, scope) {
				if at := s.ReadAt(dep, sc); at.After(last) {
					last = at
				}
			}
		}
		return last
	}
	if e, ok := s.lookup(n, scope); ok {
		return e.at
	}
	return s.Clock
}

// Outcomes that no call has: the saved inventory does not hold what a check asks for, and a fault of our own.
const (
	outcomeNotCollected awsapi.Outcome = finding.NotCollected
	outcomeInternal     awsapi.Outcome = finding.Internal
)

func notCollected(n *Node, scope string) *awsapi.Error {
	return &awsapi.Error{Outcome: outcomeNotCollected, Region: scope, Text: "the saved inventory does not hold " + n.Name + " of " + scope}
}

func errIsAbsent(err error) bool { return errors.Is(err, ErrAbsent) || errors.Is(err, ErrGone) }

func debugLog(format string, args ...any) { slog.Debug(fmt.Sprintf(format, args...)) }

// Whole reports whether a node was read in a scope without a gap.
func (s *Store) Whole(n *Node, scope string) bool {
	e, ok := s.lookup(n, scope)
	return ok && len(n.gaps(e.val)) == 0
}
