// Package checktest runs a check on evidence that a test's table gives by hand. What the table does not give counts as
// not collected, so that a check which reads more than it says turns unknown.
package checktest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
)

// The account, region and clock of every fixture.
const (
	Account   = "111122223333"
	Partition = "aws"
	Region    = "us-east-1"
)

// Clock is the time of collection in every fixture.
var Clock = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// DaysAgo is a time before Clock.
func DaysAgo(n int) *time.Time {
	t := Clock.Add(-time.Duration(n) * 24 * time.Hour)
	return &t
}

// Fixture is the evidence of one test.
type Fixture struct{ Store *inventory.Store }

// New makes an empty fixture with one region.
func New() *Fixture {
	return &Fixture{inventory.NewFixture(Partition, Account, []string{Region}, Clock)}
}

func scope(n *inventory.Node) string {
	if n.Regional {
		return Region
	}
	return awsapi.Global
}

// Rows puts a whole listing.
func Rows[T inventory.Row](f *Fixture, d *inventory.Dataset[T], rows ...T) {
	inventory.SetRows(f.Store, d, scope(d.Node()), inventory.Rows[T]{List: rows})
}

// Broken puts a listing that failed after the given rows.
func Broken[T inventory.Row](f *Fixture, d *inventory.Dataset[T], operation string, rows ...T) {
	inventory.SetRows(f.Store, d, scope(d.Node()), inventory.Rows[T]{
		List: rows, Gaps: []inventory.Gap{{Error: *inventory.DeniedError(operation)}},
	})
}

// Facts puts a detail's facts by key.
func Facts[T inventory.Row, V any](f *Fixture, d *inventory.Detail[T, V], facts map[string]inventory.Field[V]) {
	inventory.SetFacts(f.Store, d, scope(d.Node()), facts)
}

// Run judges, and returns the verdicts by the resource's id; "" is a listing that failed.
func (f *Fixture) Run(c *checks.Check) map[string]checks.Verdict {
	f.Store.Compute(c.Plan().Nodes)
	out := map[string]checks.Verdict{}
	c.Evaluate(f.Store.Bind(scope(c.Subject())), func(r *finding.Resource, v checks.Verdict) {
		id := ""
		if r != nil {
			id = r.ID
			if r.Key != "" {
				id += "/" + r.Key
			}
		}
		out[id] = v
	})
	return out
}

// Want fails the test unless the verdict has the status and its message (for an unknown: its reason) holds each text.
func Want(t *testing.T, v checks.Verdict, status finding.Status, texts ...string) {
	t.Helper()
	message := v.Message
	if r := inventory.Reason(v.Why...); r != nil {
		message += " | " + r.Text
	}
	if v.Status != status {
		t.Errorf("verdict %q (%s), want %s", v.Status, message, status)
		return
	}
	missing := slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return strings.Contains(message, s) })
	if len(missing) > 0 {
		t.Errorf("the message %q lacks %q", message, missing)
	}
}
