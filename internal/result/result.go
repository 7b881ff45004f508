// Package result is the one result of a scan: findings, evaluations, coverage and the responsibility matrix with its
// counts. Every report and every later comparison is made from it; its JSON form is the contract.
package result

import (
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// SchemaVersion is the version of the JSON form: the major part changes when a reader would have to.
const SchemaVersion = "1.0"

// Result is one scan's result.
type Result struct {
	SchemaVersion  string                   `json:"schema_version"`
	Tool           Tool                     `json:"tool"`
	Scan           Scan                     `json:"scan"`
	Summary        Summary                  `json:"summary"`
	Responsibility []Cell                   `json:"responsibility"`
	Coverage       []Coverage               `json:"coverage"`
	Evaluations    []Evaluation             `json:"evaluations"`
	Checks         map[string]*finding.Rule `json:"checks"`
	Exceptions     *Exceptions              `json:"exceptions,omitempty"` // where a file of them was given
	Comparison     *Comparison              `json:"comparison,omitempty"` // once there is a baseline
	Findings       []finding.Finding        `json:"-"`
	Unobserved     []Unobserved             `json:"-"`
	Tickets        []Ticket                 `json:"-"` // the actions that are due; not part of the JSON form
	TicketStates   map[string]TicketState   `json:"-"` // by fingerprint; stands in the findings' history when they are read
	Examined       []string                 `json:"-"` // ids of the checks of which evidence was read

	spool *Spool // of several accounts: the lists are there
}

// Tool names the program that made the result.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Scan is about the run as a whole. Complete is false where any evidence that a selected check asked for is missing.
type Scan struct {
	ID              string    `json:"id"`
	StartedAt       time.Time `json:"started_at"`
	FinishedAt      time.Time `json:"finished_at"`
	Complete        bool      `json:"complete"`
	Accounts        []string  `json:"accounts"`
	Regions         []string  `json:"regions"`
	CallerARN       string    `json:"caller_arn"`
	ConfigSHA256    string    `json:"config_sha256"`
	CatalogueSHA256 string    `json:"catalogue_sha256"`
	APICalls        APICalls  `json:"api_calls"`
	Gaps            []string  `json:"gaps,omitempty"` // what the scan as a whole missed: the region list
	// ByAccount tells of several accounts in one run which could be read.
	ByAccount []AccountStatus `json:"by_account,omitempty"`
}

// AccountStatus is how the scan of one of several accounts ended.
type AccountStatus struct {
	AccountID string `json:"account_id"`
	Name      string `json:"name,omitempty"` // by the accounts file
	Entered   bool   `json:"entered"`        // false: nothing of it was read
	Complete  bool   `json:"complete"`
	Reason    string `json:"reason,omitempty"` // why it could not be entered
	CallerARN string `json:"caller_arn,omitempty"`
}

// APICalls is what the scan cost the account.
type APICalls struct {
	Calls       int            `json:"calls"`
	Attempts    int            `json:"attempts"`
	Throttles   int            `json:"throttles"`
	ByOperation map[string]int `json:"by_operation"`
}

// Summary counts resources and verdicts; BySeverity counts fails only. Fails that an exception accepts are counted as
// suppressed alone; what is attested is counted among the manual ones too.
type Summary struct {
	Resources  int                      `json:"resources"`
	ByStatus   map[finding.Status]int   `json:"by_status"`
	BySeverity map[finding.Severity]int `json:"by_severity"`
	Suppressed int                      `json:"suppressed"`
	Attested   int                      `json:"attested"`
}

// Findings is how many there are, the suppressed ones included.
func (s Summary) Findings() int {
	n := s.Suppressed
	for _, k := range s.ByStatus {
		n += k
	}
	return n
}

// Cell is one cell of the responsibility matrix with the verdicts that stand in it, how many controls it has, and of how
// many the scan read the evidence. Fail is without the suppressed ones, Manual with the attested ones.
type Cell struct {
	Category      responsibility.Category `json:"category"`
	Layer         responsibility.Layer    `json:"layer"`
	Share         responsibility.Share    `json:"share"`
	Pass          int                     `json:"pass"`
	Fail          int                     `json:"fail"`
	Unknown       int                     `json:"unknown"`
	NotApplicable int                     `json:"not_applicable"`
	Manual        int                     `json:"manual"`
	Suppressed    int                     `json:"suppressed"`
	Attested      int                     `json:"attested"`
	Controls      int                     `json:"controls"`
	Examined      int                     `json:"examined"`
}

// Coverage is one line of the coverage ledger.
type Coverage struct {
	AccountID string                 `json:"account_id"`
	Region    string                 `json:"region"`
	Operation string                 `json:"operation"`
	Calls     int                    `json:"calls"`
	Attempts  int                    `json:"attempts"`
	Outcomes  map[awsapi.Outcome]int `json:"outcomes"`
	Reasons   []string               `json:"reasons"`
	Action    string                 `json:"action,omitempty"` // the IAM action that the operation needs
}

// Evaluation says that a check looked at a region, and whether the listing of what it judges was whole: it tells a
// later reader whether a missing finding means that the resource is gone, or that nobody could look.
type Evaluation struct {
	CheckID    string    `json:"check_id"`
	AccountID  string    `json:"account_id"`
	Region     string    `json:"region"`
	Resources  int       `json:"resources"`
	Complete   bool      `json:"complete"`
	ObservedAt time.Time `json:"observed_at"`
}

// Finding is the JSON form of a finding.
type Finding struct {
	Fingerprint string                  `json:"fingerprint"`
	CheckID     string                  `json:"check_id"`
	Status      finding.Status          `json:"status"`
	Severity    finding.Severity        `json:"severity"`
	Category    responsibility.Category `json:"category"`
	Layer       responsibility.Layer    `json:"layer"`
	AccountID   string                  `json:"account_id"`
	Region      string                  `json:"region"`
	Resource    Resource                `json:"resource"`
	Message     string                  `json:"message"`
	Evidence    finding.Evidence        `json:"evidence"`
	Reason      *finding.Reason         `json:"reason,omitempty"`
	Owner       string                  `json:"owner,omitempty"`
	Suppression *finding.Suppression    `json:"suppression,omitempty"`
	Attestation *finding.Attestation    `json:"attestation,omitempty"`
	History     *finding.History        `json:"history,omitempty"`
}

// Resource is the JSON form of a resource; Tags is null where they were not read.
type Resource struct {
	Type string            `json:"type"`
	ID   string            `json:"id"`
	ARN  string            `json:"arn"`
	Name string            `json:"name"`
	Tags map[string]string `json:"tags"`
	Key  string            `json:"key,omitempty"` // tells apart several with one ARN: two access keys of one user
}

// ResourceJSON is the JSON form of a resource.
func ResourceJSON(r *finding.Resource) Resource {
	return Resource{Type: r.Type, ID: r.ID, ARN: r.ARN, Name: r.Name, Tags: r.Tags, Key: r.Key}
}

// JSON is the JSON form of a finding.
func JSON(f finding.Finding) Finding {
	j := Finding{
		Fingerprint: f.Fingerprint, CheckID: f.Rule.ID, Status: f.Status, Severity: f.Severity,
		Category: f.Rule.Category, Layer: f.Rule.Layer, AccountID: f.AccountID, Region: f.Region,
		Resource: ResourceJSON(f.Resource),
		Message:  f.Message, Evidence: f.Evidence, Reason: f.Reason,
	}
	if n := f.Note; n != nil {
		j.Owner, j.Suppression, j.Attestation, j.History = n.Owner, n.Suppression, n.Attestation, n.History
	}
	return j
}

// Summarize fills summary and matrix from the findings, and sorts the lists. What was merged has its sums.
func (r *Result) Summarize() {
	if r.spool != nil {
		return
	}
	r.sort()
	s := Summary{ByStatus: map[finding.Status]int{}, BySeverity: map[finding.Severity]int{}}
	for _, st := range finding.Statuses() {
		s.ByStatus[st] = 0
	}
	for _, sv := range finding.Severities() {
		s.BySeverity[sv] = 0
	}
	type place struct {
		c responsibility.Category
		l responsibility.Layer
	}
	counts := map[place]*Cell{}
	controls := r.Responsibility // set before, by SetControls
	r.Responsibility = nil
	for _, c := range responsibility.Cells() {
		cell := Cell{Category: c.Category, Layer: c.Layer, Share: c.Share}
		for _, k := range controls {
			if k.Category == c.Category && k.Layer == c.Layer {
				cell.Controls, cell.Examined = k.Controls, k.Examined
			}
		}
		r.Responsibility = append(r.Responsibility, cell)
	}
	for i := range r.Responsibility {
		c := &r.Responsibility[i]
		counts[place{c.Category, c.Layer}] = c
	}
	seen := map[string]bool{}
	for _, f := range r.Findings {
		switch {
		case f.Suppressed():
			s.Suppressed++
		case f.Status == finding.Fail:
			s.BySeverity[f.Severity]++
			fallthrough
		default:
			s.ByStatus[f.Status]++
		}
		if f.Attested() {
			s.Attested++
		}
		seen[f.AccountID+"\x00"+f.Region+"\x00"+f.Resource.Type+"\x00"+f.Resource.ARN+"\x00"+f.Resource.Key] = true
		if c := counts[place{f.Rule.Category, f.Rule.Layer}]; c != nil {
			c.add(f)
		}
	}
	s.Resources = len(seen)
	r.Summary = s
}

func (c *Cell) add(f finding.Finding) {
	if f.Suppressed() {
		c.Suppressed++
		return
	}
	if f.Attested() {
		c.Attested++
	}
	switch f.Status {
	case finding.Pass:
		c.Pass++
	case finding.Fail:
		c.Fail++
	case finding.Unknown:
		c.Unknown++
	case finding.NotApplicable:
		c.NotApplicable++
	case finding.Manual:
		c.Manual++
	}
}

// SetCoverage takes the ledger over and adds up what the scan cost.
func (r *Result) SetCoverage(lines []awsapi.Coverage) {
	r.Coverage = make([]Coverage, 0, len(lines))
	calls := APICalls{ByOperation: map[string]int{}}
	for _, l := range lines {
		r.Coverage = append(r.Coverage, Coverage{
			AccountID: l.AccountID, Region: l.Region, Operation: l.Operation, Calls: l.Calls, Attempts: l.Attempts,
			Outcomes: l.Outcomes, Reasons: l.Reasons, Action: l.Action,
		})
		calls.Calls += l.Calls
		calls.Attempts += l.Attempts
		calls.Throttles += l.Throttles
		calls.ByOperation[l.Operation] += l.Calls
	}
	r.Scan.APICalls = calls
}

// Failing reports whether a finding fails at or above the threshold; those that an exception accepts do not count.
func (r *Result) Failing(threshold finding.Severity) bool {
	for severity, n := range r.Summary.BySeverity {
		if n > 0 && severity.Rank() <= threshold.Rank() {
			return true
		}
	}
	return false
}
