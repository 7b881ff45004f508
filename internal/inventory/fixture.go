package inventory

import (
	"context"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// NewFixture makes a store that is filled by hand instead of by calls: what SetRows and SetFacts did not put in counts
// as not collected. Tests of checks use it.
func NewFixture(partition, account string, regions []string, clock time.Time) *Store {
	s := &Store{
		AccountID: account, Partition: partition, Regions: regions, Clock: clock,
		Now: func() time.Time { return clock }, entries: map[entryKey]*entry{},
	}
	for _, n := range []*Node{Accounts.node, Regions.node} {
		for _, scope := range s.scopes(n) {
			SetRows(s, &Dataset[Account]{n}, scope, Rows[Account]{List: []Account{s.Account(scope)}})
		}
	}
	return s
}

// SetRows puts a listing into a fixture. The scope is a region, or awsapi.Global.
func SetRows[T Row](s *Store, d *Dataset[T], scope string, rows Rows[T]) { s.set(d.node, scope, rows) }

// SetFacts puts a detail's facts, by key, into a fixture.
func SetFacts[T Row, V any](s *Store, d *Detail[T, V], scope string, facts map[string]Field[V]) {
	s.set(d.node, scope, facts)
}

// Compute fills in the derived datasets among the nodes.
func (s *Store) Compute(nodes []*Node) {
	for _, n := range nodes {
		if !n.derived {
			continue
		}
		for _, scope := range s.scopes(n) {
			val, _ := n.read(context.Background(), s, scope)
			s.set(n, scope, val)
		}
	}
}

func (s *Store) set(n *Node, scope string, val any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries[entryKey{n.Name, scope}] = &entry{val: val, at: s.Clock, done: true, node: n}
}

// DeniedError is a denied call, as tests need it.
func DeniedError(operation string) *awsapi.Error {
	return &awsapi.Error{Outcome: awsapi.Denied, Operation: operation, Action: operation, Region: "us-east-1", Text: "denied (AccessDenied)"}
}
