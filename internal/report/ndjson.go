package report

import (
	"bufio"
	"io"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// findingLine is a finding that stands alone: the JSON form of the contract, with its check and its scan beside it.
type findingLine struct {
	Kind   string      `json:"kind"` // finding
	Change result.Kind `json:"change,omitempty"`
	result.Finding
	Check *finding.Rule `json:"check"`
	Scan  scanHead      `json:"scan"`
}

// unobservedLine is what was failing and cannot be observed now: its verdict of that time is told apart, so that nobody
// counts it as one of this scan.
type unobservedLine struct {
	Kind        string               `json:"kind"` // unobserved
	Fingerprint string               `json:"fingerprint"`
	CheckID     string               `json:"check_id"`
	Status      string               `json:"status"` // not_observable
	AccountID   string               `json:"account_id"`
	Region      string               `json:"region"`
	Resource    result.Resource      `json:"resource"`
	Message     string               `json:"message"` // why it cannot be observed
	Last        lastVerdict          `json:"last"`
	Owner       string               `json:"owner,omitempty"`
	Suppression *finding.Suppression `json:"suppression,omitempty"`
	History     *finding.History     `json:"history,omitempty"`
	Check       *finding.Rule        `json:"check"`
	Scan        scanHead             `json:"scan"`
}

// lastVerdict is the last verdict about something that cannot be observed now.
type lastVerdict struct {
	Status   finding.Status   `json:"status"`
	Severity finding.Severity `json:"severity"`
	Message  string           `json:"message"`
	Evidence finding.Evidence `json:"evidence"`
	Revision int              `json:"revision"` // of the check, then
}

// goneLine is what was failing and has no finding any more: its resource is gone, or its check changed.
type goneLine struct {
	Kind        string          `json:"kind"` // gone
	Change      result.Kind     `json:"change"`
	Fingerprint string          `json:"fingerprint"`
	CheckID     string          `json:"check_id"`
	Resource    result.Resource `json:"resource"`
	Message     string          `json:"message"`
	Before      *result.Verdict `json:"before"`
	Check       *finding.Rule   `json:"check"`
	Scan        scanHead        `json:"scan"`
}

// notSeenLine is something that the scan could not see.
type notSeenLine struct {
	notSeen
	Scan scanHead `json:"scan"`
}

// writeNDJSON writes one line of JSON for each finding, whatever its verdict, then one for each thing that was failing and
// cannot be observed or is gone, then one for each gap. A line's `kind` says which it is. [NDJSONSchema] describes them.
func writeNDJSON(out io.Writer, r *result.Result, _ Look) error {
	w := bufio.NewWriter(out)
	head, kinds := headOf(r), changeKinds(r)
	for f := range r.All() {
		if err := writeLine(w, findingLine{kindFinding, kinds[f.Fingerprint], result.JSON(f), f.Rule, head}); err != nil {
			return err
		}
	}
	for u := range r.AllUnobserved() {
		line := unobservedLine{
			Kind: kindUnobserved, Fingerprint: u.Fingerprint, CheckID: u.CheckID, Status: notObservable, AccountID: u.AccountID,
			Region: u.Region, Resource: u.Resource, Message: u.Why,
			Last:  lastVerdict{u.Status, u.Severity, u.Message, u.Evidence, u.Revision},
			Owner: u.Owner, Suppression: u.Suppression, History: u.History, Check: ruleOf(r, u.CheckID), Scan: head,
		}
		if err := writeLine(w, line); err != nil {
			return err
		}
	}
	for c := range gone(r) {
		if err := writeLine(w, goneLine{
			kindGone, c.Change, c.Fingerprint, c.CheckID, c.Resource, c.Reason, c.Before, ruleOf(r, c.CheckID), head,
		}); err != nil {
			return err
		}
	}
	for _, g := range notSeenIn(r) {
		if err := writeLine(w, notSeenLine{g, head}); err != nil {
			return err
		}
	}
	return w.Flush()
}
