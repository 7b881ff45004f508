package result

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ourshare/ourshare/internal/finding"
)

// Kind is what became of a finding between two scans.
type Kind string

// The kinds of change. NotObservable was failing and cannot be seen now: it is never resolved. RuleChanged turned to or
// from fail while the check's revision or parameters changed: not the account's doing.
const (
	New           Kind = "new"
	Reopened      Kind = "reopened"
	Changed       Kind = "changed"
	Persisting    Kind = "persisting"
	Resolved      Kind = "resolved"
	RuleChanged   Kind = "rule_changed"
	NotObservable Kind = "not_observable"
)

// OnlyTimes stands in the reason of a Changed that is one by days and moments alone: the last scan's, the latest restorable
// time. It is no news for a ticket.
const OnlyTimes = "only times differ"

// Kinds returns every kind, in the order in which reports tell them.
func Kinds() []Kind {
	return []Kind{New, Reopened, Changed, NotObservable, RuleChanged, Resolved, Persisting}
}

// Comparison is what changed since the baseline.
type Comparison struct {
	Baseline *Baseline    `json:"baseline"` // null: a first run
	Counts   map[Kind]int `json:"counts"`
	Changes  []Change     `json:"changes"` // all but the persisting ones, by kind, check and resource
}

// Baseline is the earlier scan.
type Baseline struct {
	ScanID     string    `json:"scan_id"`
	FinishedAt time.Time `json:"finished_at"`
	Complete   bool      `json:"complete"`
}

// Change is what became of one finding. Before or After is null where the scan has no finding.
type Change struct {
	Change      Kind     `json:"change"`
	Fingerprint string   `json:"fingerprint"`
	CheckID     string   `json:"check_id"`
	Resource    Resource `json:"resource"`
	Before      *Verdict `json:"before"`
	After       *Verdict `json:"after"`
	Reason      string   `json:"reason"`

	// Was is the earlier finding as it was compared, with its owner and its history: for tickets. Nil where there was
	// none, and in what was read back from JSON.
	Was *finding.Finding `json:"-"`
}

// Verdict is the part of a finding that a change is about.
type Verdict struct {
	Status   finding.Status   `json:"status"`
	Severity finding.Severity `json:"severity"`
	Message  string           `json:"message"`
}

// Unobserved is a finding that was failing and cannot be observed now, with its last verdict and the rule's revision and
// parameters of that time. It stands outside the summary, and compares as a fail with the next scan.
type Unobserved struct {
	Finding
	Revision   int            `json:"revision"`
	Parameters map[string]any `json:"parameters"`
	Why        string         `json:"why"` // why it cannot be observed
}

// AddChanges adds changes, and what cannot be observed, to a result that was compared account by account.
func (r *Result) AddChanges(c *Comparison, unobserved []Unobserved) error {
	if r.Comparison == nil {
		r.Comparison = &Comparison{Baseline: c.Baseline, Counts: map[Kind]int{}, Changes: []Change{}}
	}
	addAll(r.Comparison.Counts, c.Counts)
	if r.spool == nil {
		r.Comparison.Changes, r.Unobserved = append(r.Comparison.Changes, c.Changes...), append(r.Unobserved, unobserved...)
		r.sort()
		return nil
	}
	part := &Result{Comparison: c, Unobserved: unobserved}
	part.sort()
	p, err := r.spool.write(part)
	if err != nil {
		return fmt.Errorf("the spool could not be written: %w", err)
	}
	r.spool.parts = append(r.spool.parts, p)
	return nil
}

// As gives the finding whose last verdict the entry holds, under the given rule.
func (u Unobserved) As(rule *finding.Rule) finding.Finding { return u.in(rule) }

// Diff is what `ourshare diff` tells: every change from one result to another, persisting ones included.
type Diff struct {
	SchemaVersion string       `json:"schema_version"`
	Old           Baseline     `json:"old"`
	New           Baseline     `json:"new"`
	Counts        map[Kind]int `json:"counts"`
	Changes       []Change     `json:"changes"` // in the order of findings
}

// AsBaseline names the result as the earlier, or the later, side of a comparison.
func (r *Result) AsBaseline() Baseline {
	return Baseline{ScanID: r.Scan.ID, FinishedAt: r.Scan.FinishedAt, Complete: r.Scan.Complete}
}

// WriteJSON writes the diff's contract form, indented, change by change.
func (d *Diff) WriteJSON(out io.Writer) error {
	w := bufio.NewWriter(out)
	e := encoder{w: w}
	e.text("{\n")
	for _, m := range []struct {
		name  string
		value any
	}{{"schema_version", d.SchemaVersion}, {"old", d.Old}, {"new", d.New}, {"counts", d.Counts}} {
		e.text("  \"" + m.name + "\": ")
		e.value(m.value, "  ")
		e.text(",\n")
	}
	e.text("  \"changes\": ")
	list(&e, "  ", slices.Values(d.Changes))
	e.text("\n}\n")
	if e.err != nil {
		return e.err
	}
	return w.Flush()
}

// Exceptions tells what the exceptions file said, and what came of each entry.
type Exceptions struct {
	SHA256       string           `json:"sha256"` // of the file
	Suppressions []ExceptionEntry `json:"suppressions"`
	Attestations []ExceptionEntry `json:"attestations"`
	Warnings     []string         `json:"warnings"` // an expiry that is far away, an entry that would hide an unknown
}

// ExceptionEntry is one entry of the file with what it matched.
type ExceptionEntry struct {
	Line     int    `json:"line"`     // in the file
	Selector string `json:"selector"` // what it is for, in words: "check s3-bucket-versioning, account 111122223333"
	Reason   string `json:"reason,omitempty"`
	Owner    string `json:"owner"` // of an attestation, who attests
	At       string `json:"at,omitempty"`
	Evidence string `json:"evidence,omitempty"`
	Expires  string `json:"expires"`
	State    string `json:"state"`   // in_force, expired, unmatched or not_examined
	Matched  int    `json:"matched"` // findings that it is in force for, or would be
	Unknown  int    `json:"unknown"` // unknown findings that it names: they stay unknown
}

// The states of an entry of the exceptions file.
const (
	InForce     = "in_force"
	Expired     = "expired"      // what it matches counts again
	Unmatched   = "unmatched"    // all of its place was looked at, and nothing there needs it
	NotExamined = "not_examined" // it matches nothing, but not all of its place was looked at: nobody can say
)

// Ticket is one action for a ticket system, self-contained.
type Ticket struct {
	SchemaVersion string    `json:"schema_version"`
	ScanID        string    `json:"scan_id"`
	At            time.Time `json:"at"` // when the scan ended

	Action   string           `json:"action"` // open, update or close
	Key      string           `json:"key"`    // at most 255 characters; never changes
	Title    string           `json:"title"`
	Body     string           `json:"body"` // Markdown
	Severity finding.Severity `json:"severity"`
	Due      string           `json:"due,omitempty"` // 2006-01-02
	Labels   []string         `json:"labels"`
	Owner    string           `json:"owner"`
	Group    string           `json:"group"`  // finding, check, resource or owner
	Reason   string           `json:"reason"` // why the action is due
	Findings []TicketFinding  `json:"findings"`
}

// TicketFinding is a finding that is part of a ticket, or was until now.
type TicketFinding struct {
	Fingerprint string           `json:"fingerprint"`
	CheckID     string           `json:"check_id"`
	AccountID   string           `json:"account_id"`
	Region      string           `json:"region"`
	Resource    Resource         `json:"resource"`
	Status      finding.Status   `json:"status"`
	Severity    finding.Severity `json:"severity"`
	Message     string           `json:"message"`
	Note        string           `json:"note,omitempty"` // what changed, or why it cannot be observed
}
