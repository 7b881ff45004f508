// Package result is the one result of a scan: findings, evaluations, coverage and the responsibility matrix with its
// counts. Every report and every later comparison is made from it; its JSON form is the contract.
package result

import (
	"cmp"
	"slices"
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
	Findings       []finding.Finding        `json:"-"`

	// ScanGaps are what the scan as a whole missed, beside the findings: the region list. They are told in the coverage
	// ledger's reasons as well; reports print them in words.
	ScanGaps []string `json:"-"`
	// Controls is how many controls each cell of the matrix has, and how many were examined.
	Controls []CellControls `json:"-"`
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
}

// APICalls is what the scan cost the account.
type APICalls struct {
	Calls       int            `json:"calls"`
	Attempts    int            `json:"attempts"`
	Throttles   int            `json:"throttles"`
	ByOperation map[string]int `json:"by_operation"`
}

// Summary counts resources and verdicts; BySeverity counts fails only.
type Summary struct {
	Resources  int                      `json:"resources"`
	ByStatus   map[finding.Status]int   `json:"by_status"`
	BySeverity map[finding.Severity]int `json:"by_severity"`
}

// Cell is one cell of the responsibility matrix with the verdicts that stand in it.
type Cell struct {
	Category      responsibility.Category `json:"category"`
	Layer         responsibility.Layer    `json:"layer"`
	Share         responsibility.Share    `json:"share"`
	Pass          int                     `json:"pass"`
	Fail          int                     `json:"fail"`
	Unknown       int                     `json:"unknown"`
	NotApplicable int                     `json:"not_applicable"`
	Manual        int                     `json:"manual"`
}

// CellControls counts the controls of one cell: those of the catalogue, and those of which this scan read the evidence.
type CellControls struct {
	Category           responsibility.Category
	Layer              responsibility.Layer
	Examined, Controls int
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
	Action    string                 `json:"-"`
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
}

// Resource is the JSON form of a resource; Tags is null where they were not read.
type Resource struct {
	Type string            `json:"type"`
	ID   string            `json:"id"`
	ARN  string            `json:"arn"`
	Name string            `json:"name"`
	Tags map[string]string `json:"tags"`
}

// JSON is the JSON form of a finding.
func JSON(f finding.Finding) Finding {
	return Finding{
		Fingerprint: f.Fingerprint, CheckID: f.Rule.ID, Status: f.Status, Severity: f.Severity,
		Category: f.Rule.Category, Layer: f.Rule.Layer, AccountID: f.AccountID, Region: f.Region,
		Resource: Resource{
			Type: f.Resource.Type, ID: f.Resource.ID, ARN: f.Resource.ARN, Name: f.Resource.Name, Tags: f.Resource.Tags,
		},
		Message: f.Message, Evidence: f.Evidence, Reason: f.Reason,
	}
}

// Summarize fills summary and matrix from the findings, which it sorts.
func (r *Result) Summarize() {
	slices.SortFunc(r.Findings, finding.Compare)
	slices.SortFunc(r.Evaluations, func(a, b Evaluation) int {
		return cmp.Or(cmp.Compare(a.CheckID, b.CheckID), cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region))
	})
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
	r.Responsibility = nil
	for _, c := range responsibility.Cells() {
		r.Responsibility = append(r.Responsibility, Cell{Category: c.Category, Layer: c.Layer, Share: c.Share})
	}
	for i := range r.Responsibility {
		c := &r.Responsibility[i]
		counts[place{c.Category, c.Layer}] = c
	}
	seen := map[string]bool{}
	for _, f := range r.Findings {
		s.ByStatus[f.Status]++
		if f.Status == finding.Fail {
			s.BySeverity[f.Severity]++
		}
		seen[f.AccountID+"\x00"+f.Region+"\x00"+f.Resource.Type+"\x00"+f.Resource.ARN+"\x00"+f.Resource.Key] = true
		if c := counts[place{f.Rule.Category, f.Rule.Layer}]; c != nil {
			c.add(f.Status)
		}
	}
	s.Resources = len(seen)
	r.Summary = s
}

func (c *Cell) add(s finding.Status) {
	switch s {
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

// Failing reports whether a finding fails at or above the threshold.
func (r *Result) Failing(threshold finding.Severity) bool {
	return slices.ContainsFunc(r.Findings, func(f finding.Finding) bool {
		return f.Status == finding.Fail && f.Severity.Rank() <= threshold.Rank()
	})
}
