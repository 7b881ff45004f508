package result

import (
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

// Kinds returns every kind, in the order in which reports tell them.
func Kinds() []Kind {
	return []Kind{New, Reopened, Changed, NotObservable, RuleChanged, Resolved, Persisting}
}

// Comparison is what changed since the baseline.
type Comparison struct {
	Baseline *Baseline    `json:"baseline"` // null: a first run
	Counts   map[Kind]int `json:"counts"`
	Changes  []Change     `json:"changes"` // all but the persisting ones, by fingerprint's finding order
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

// Exceptions tells what the exceptions file said, and what came of each entry.
type Exceptions struct {
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
	State    string `json:"state"`   // in_force, expired or unmatched
	Matched  int    `json:"matched"` // findings that it is in force for, or would be
	Unknown  int    `json:"unknown"` // unknown findings that it names: they stay unknown
}

// The states of an entry of the exceptions file.
const (
	InForce   = "in_force"
	Expired   = "expired"
	Unmatched = "unmatched"
)

// Ticket is one action for a ticket system, self-contained.
type Ticket struct {
	Action   string           `json:"action"` // open, update or close
	Key      string           `json:"key"`    // at most 255 characters; never changes
	Title    string           `json:"title"`
	Body     string           `json:"body"` // Markdown
	Severity finding.Severity `json:"severity"`
	Due      string           `json:"due,omitempty"` // 2006-01-02
	Labels   []string         `json:"labels"`
	Owner    string           `json:"owner"`
	Group    string           `json:"group"` // finding, check, resource or owner
	Findings []string         `json:"findings"`
	Reason   string           `json:"reason"` // why the action is due
}
