package report

import (
	"encoding/csv"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

// csvColumns are the columns in their order. New ones are added at the end, since people count columns.
var csvColumns = []string{
	"kind", "status", "severity", "check_id", "title", "category", "layer", "share", "service", "account_id", "region",
	"resource_type", "resource_id", "resource_key", "resource_name", "resource_arn", "tags", "message", "evidence",
	"reason_outcome", "reason_operation", "reason_action", "reason_gap", "owner", "change", "first_seen", "last_seen", "last_failed",
	"ticket", "ticket_key", "suppression_reason", "suppression_owner", "suppression_expires", "attested_by", "attested_at",
	"attestation_evidence", "attestation_expires", "remediation", "remediation_cli", "remediation_url", "references", "revision",
	"fingerprint", "scan_id", "scan_started_at", "scan_finished_at", "scan_complete",
}

// csvRow is one line of the CSV, by column.
type csvRow map[string]string

// writeCSV writes a header and one row for each finding, whatever its verdict, then for what was failing and cannot be
// observed or is gone, then for each gap; the column `kind` says which it is. The form is RFC 4180's, in UTF-8. Hidden characters
// are shown by their code, and no cell begins as a formula does: the JSON report has the exact data.
func writeCSV(out io.Writer, r *result.Result, _ Look) error {
	w := csv.NewWriter(out) // it buffers
	w.UseCRLF = true
	if err := w.Write(csvColumns); err != nil {
		return err
	}
	cells := make([]string, len(csvColumns))
	write := func(line csvRow) error {
		line["scan_id"], line["scan_complete"] = r.Scan.ID, strconv.FormatBool(r.Scan.Complete)
		line["scan_started_at"], line["scan_finished_at"] = stamp(r.Scan.StartedAt), stamp(r.Scan.FinishedAt)
		for i, name := range csvColumns {
			cells[i] = csvCell(line[name])
		}
		return w.Write(cells)
	}
	kinds := changeKinds(r)
	for f := range r.All() {
		line, err := csvFinding(result.JSON(f), f.Rule)
		if err != nil {
			return err
		}
		line["kind"], line["change"] = kindFinding, string(kinds[f.Fingerprint])
		if err := write(line); err != nil {
			return err
		}
	}
	for u := range r.AllUnobserved() {
		line, err := csvFinding(u.Finding, ruleOf(r, u.CheckID))
		if err != nil {
			return err
		}
		line["kind"], line["change"], line["status"] = kindUnobserved, notObservable, notObservable
		line["message"] = u.Why + "; it was " + string(u.Status) + ": " + u.Message
		if err := write(line); err != nil {
			return err
		}
	}
	for c := range gone(r) {
		if err := write(csvGone(r, c)); err != nil {
			return err
		}
	}
	for _, g := range notSeenIn(r) {
		err := write(csvRow{
			"kind": g.Kind, "account_id": g.AccountID, "region": g.Region, "resource_name": g.Name, "message": g.Message,
			"reason_operation": g.Operation, "reason_action": g.Action,
		})
		if err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func csvFinding(f result.Finding, rule *finding.Rule) (csvRow, error) {
	evidence, err := csvJSON(f.Evidence)
	if err != nil {
		return nil, err
	}
	line := csvCheck(rule)
	line["status"], line["severity"] = string(f.Status), string(f.Severity)
	line["account_id"], line["region"], line["fingerprint"] = f.AccountID, f.Region, f.Fingerprint
	line["message"], line["evidence"], line["owner"] = f.Message, evidence, f.Owner
	csvResource(line, f.Resource)
	if f.Resource.Tags != nil { // else they were not read
		tags, err := csvJSON(f.Resource.Tags)
		if err != nil {
			return nil, err
		}
		line["tags"] = tags
	}
	if reason := f.Reason; reason != nil {
		line["reason_outcome"], line["reason_gap"] = reason.Outcome, strconv.FormatBool(reason.Gap)
		if reason.Operation != nil {
			line["reason_operation"] = *reason.Operation
		}
		if reason.Action != nil {
			line["reason_action"] = *reason.Action
		}
	}
	if s := f.Suppression; s != nil {
		line["suppression_reason"], line["suppression_owner"], line["suppression_expires"] = s.Reason, s.Owner, s.Expires
	}
	if a := f.Attestation; a != nil {
		line["attested_by"], line["attested_at"], line["attestation_evidence"], line["attestation_expires"] = a.By, a.At, a.Evidence, a.Expires
	}
	if h := f.History; h != nil {
		line["first_seen"], line["last_seen"], line["ticket"], line["ticket_key"] = stamp(h.FirstSeen), stamp(h.LastSeen), h.Ticket, h.TicketKey
		if h.LastFailed != nil {
			line["last_failed"] = stamp(*h.LastFailed)
		}
	}
	return line, nil
}

// csvCheck are the columns that come from the check.
func csvCheck(rule *finding.Rule) csvRow {
	var references []string
	for _, ref := range rule.References {
		references = append(references, ref.Framework+" "+ref.ID)
	}
	place, _ := responsibility.Of(rule.Category, rule.Layer)
	return csvRow{
		"check_id": rule.ID, "title": rule.Title, "category": string(rule.Category), "layer": string(rule.Layer),
		"share": string(place.Share), "service": rule.Service, "remediation": rule.Remediation.Text,
		"remediation_cli": rule.Remediation.CLI, "remediation_url": rule.Remediation.URL,
		"references": strings.Join(references, "; "), "revision": strconv.Itoa(rule.Revision),
	}
}

func csvResource(line csvRow, r result.Resource) {
	line["resource_type"], line["resource_id"], line["resource_key"] = r.Type, r.ID, r.Key
	line["resource_name"], line["resource_arn"] = r.Name, r.ARN
}

func csvGone(r *result.Result, c result.Change) csvRow {
	line := csvCheck(ruleOf(r, c.CheckID))
	_, region, account := arnParts(c.Resource.ARN)
	if account == "" {
		account = onlyAccount(r)
	}
	line["kind"], line["change"], line["fingerprint"] = kindGone, string(c.Change), c.Fingerprint
	line["account_id"], line["region"], line["message"] = account, region, c.Reason
	if c.Before != nil {
		line["severity"] = string(c.Before.Severity)
	}
	csvResource(line, c.Resource)
	return line
}

// csvJSON is a cell of JSON. Semicolons are escaped, so that [csvCell] need not change what stands in its strings.
func csvJSON(v any) (string, error) {
	b, err := compactJSON(v)
	return strings.ReplaceAll(string(b), ";", `\u003b`), err
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// formula finds where a spreadsheet would take a cell for a formula: by its first character, the full-width forms among them,
// spaces aside; and behind a semicolon, which separates cells where a comma separates decimals. Tab and carriage return, which begin
// a formula, too, are shown by their code already. Source: OWASP, "CSV Injection".
var formula = regexp.MustCompile(`(^|;)(\pZ*)([=+\-@＝＋－＠])`)

// csvCell is text that no spreadsheet calculates: a single quote stands before what would begin a formula.
func csvCell(s string) string {
	s = Visible(s)
	if strings.IndexByte(s, ';') < 0 && !formulaAt(s) {
		return s // as most cells
	}
	return formula.ReplaceAllString(s, "$1$2'$3")
}

// formulaAt says, without the pattern, whether a text begins as a formula does.
func formulaAt(s string) bool {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return unicode.Is(unicode.Z, r) })
	first, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("=+-@＝＋－＠", first)
}
