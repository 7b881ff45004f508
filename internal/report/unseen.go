package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// What a line of a machine-readable report is about. Everything but a finding stands for what could not be seen, or is no
// longer there: a reader that takes findings alone filters by it.
const (
	kindFinding    = "finding"
	kindUnobserved = "unobserved"          // was failing, and cannot be observed now
	kindGone       = "gone"                // was failing, and has no finding any more: mostly, its resource is no longer there
	kindCoverage   = "coverage_gap"        // an operation of which not every call was answered
	kindScan       = "scan_gap"            // what the scan as a whole missed
	kindAccount    = "account_not_entered" // nothing of the account was read
)

// notObservable is the status of what was failing and cannot be observed now, where a report needs one word for it: its
// last verdict is no longer a verdict.
const notObservable = string(result.NotObservable)

// scanHead tells, in a line that stands alone, which scan it is of.
type scanHead struct {
	ID         string    `json:"id"`
	StartedAt  time.Time `json:"started_at"`
	FinishedAt time.Time `json:"finished_at"`
	Complete   bool      `json:"complete"`
	Tool       string    `json:"tool"` // name and version
}

func headOf(r *result.Result) scanHead {
	return scanHead{
		ID: r.Scan.ID, StartedAt: r.Scan.StartedAt, FinishedAt: r.Scan.FinishedAt, Complete: r.Scan.Complete,
		Tool: strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version),
	}
}

// notSeen is something that the scan could not see.
type notSeen struct {
	Kind      string                 `json:"kind"`
	AccountID string                 `json:"account_id,omitempty"`
	Name      string                 `json:"name,omitempty"` // the account's, by the accounts file
	Region    string                 `json:"region,omitempty"`
	Operation string                 `json:"operation,omitempty"`
	Action    string                 `json:"action,omitempty"` // the IAM action that the operation needs
	Calls     int                    `json:"calls,omitempty"`
	Lost      int                    `json:"lost,omitempty"` // calls that were not answered
	Outcomes  map[awsapi.Outcome]int `json:"outcomes,omitempty"`
	Reasons   []string               `json:"reasons,omitempty"`
	Message   string                 `json:"message"`
}

// denied says whether a permission of the account's own would have helped.
func (g notSeen) denied() bool { return g.Outcomes[awsapi.Denied] > 0 && g.Action != "" }

// notSeenIn lists what the scan could not see: accounts that were not entered, what the scan as a whole missed, and every line of
// the ledger with a call that did not end well.
func notSeenIn(r *result.Result) []notSeen {
	var list []notSeen
	for _, a := range r.Scan.ByAccount {
		if !a.Entered {
			list = append(list, notSeen{
				Kind: kindAccount, AccountID: a.AccountID, Name: a.Name, Reasons: []string{a.Reason},
				Message: "the account could not be entered, and nothing of it was read: " + a.Reason,
			})
		}
	}
	for _, text := range r.Scan.Gaps {
		list = append(list, notSeen{Kind: kindScan, Message: text})
	}
	for c := range r.AllCoverage() {
		lost := 0
		for outcome, n := range c.Outcomes {
			if outcome != awsapi.OK {
				lost += n
			}
		}
		if lost == 0 {
			continue
		}
		list = append(list, notSeen{
			Kind: kindCoverage, AccountID: c.AccountID, Region: c.Region, Operation: c.Operation, Action: c.Action, Calls: c.Calls,
			Lost: lost, Outcomes: c.Outcomes, Reasons: c.Reasons,
			Message: fmt.Sprintf("%s in %s: %s; %d of %d %s", c.Operation, c.Region, strings.Join(c.Reasons, "; "), lost, c.Calls,
				plural(c.Calls, "call", "calls")),
		})
	}
	return list
}

// changeKinds maps fingerprints to what became of them since the baseline; persisting ones are not in it.
func changeKinds(r *result.Result) map[string]result.Kind {
	kinds := map[string]result.Kind{}
	for c := range r.AllChanges() {
		kinds[c.Fingerprint] = c.Change
	}
	return kinds
}

// gone gives the changes of what was failing and has no finding any more, since its resource is gone or its check changed:
// nothing else of a result tells of them.
func gone(r *result.Result) func(func(result.Change) bool) {
	return func(yield func(result.Change) bool) {
		for c := range r.AllChanges() {
			if c.Change != result.NotObservable && c.After == nil && !yield(c) {
				return
			}
		}
	}
}

// ruleOf is the rule of a check that the result may no longer describe.
func ruleOf(r *result.Result, id string) *finding.Rule {
	if rule := r.Checks[id]; rule != nil {
		return rule
	}
	return &finding.Rule{ID: id, Title: id}
}

// arnParts are partition, region and account of an ARN; empty where it has none.
func arnParts(arn string) (partition, region, account string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return "", "", ""
	}
	return parts[1], parts[3], parts[4]
}

// onlyAccount is the scan's account, where it has one alone.
func onlyAccount(r *result.Result) string {
	if len(r.Scan.Accounts) == 1 {
		return r.Scan.Accounts[0]
	}
	return ""
}
