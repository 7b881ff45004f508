package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

// writeOCSF writes Compliance Findings (class 2003) of the Open Cybersecurity Schema Framework, version 1.6.0, with the
// profile `cloud`, one event a line. Lines, since that is how AWS itself hands OCSF on as JSON: Security Hub's export "OCSF_JSON
// produces newline-delimited JSON records" (docs.aws.amazon.com/securityhub/1.0/APIReference/API_FindingsOutput.html), and
// whatever feeds a lake takes events one by one; Security Lake itself takes Parquet, which is made of them. An array would have
// to be read whole.
//
// Every finding is an event, whatever its verdict; so is what was failing and cannot be observed or is gone, and each gap.
// `unmapped.kind` says which it is, and `unmapped` holds what the schema has no place for.
func writeOCSF(out io.Writer, r *result.Result, _ Look) error {
	w := bufio.NewWriter(out)
	c := ocsfConverter{r: r, head: headOf(r), kinds: changeKinds(r)}
	for f := range r.All() {
		if err := writeLine(w, c.finding(f)); err != nil {
			return err
		}
	}
	for u := range r.AllUnobserved() {
		if err := writeLine(w, c.unobserved(u)); err != nil {
			return err
		}
	}
	for change := range gone(r) {
		if err := writeLine(w, c.gone(change)); err != nil {
			return err
		}
	}
	for _, g := range notSeenIn(r) {
		if err := writeLine(w, c.gap(g)); err != nil {
			return err
		}
	}
	return w.Flush()
}

// ocsfConverter makes events of one result.
type ocsfConverter struct {
	r     *result.Result
	head  scanHead
	kinds map[string]result.Kind
}

func (c ocsfConverter) finding(f finding.Finding) ocsfEvent {
	j := result.JSON(f)
	e := c.about(f.Rule, j.Resource, f.AccountID, f.Region, f.Fingerprint)
	e.Message = f.Message
	e.Compliance.set(complianceOf(f.Status), string(f.Status))
	e.Severity, e.SeverityID = ocsfSeverity(f.Severity)
	if f.Status == finding.Pass || f.Status == finding.NotApplicable {
		// "Informational message. No action required." A rule that looks at the severity alone must not alarm for a pass;
		// what the check would weigh stands in compliance.checks.
		e.Severity, e.SeverityID = "Informational", 1
	}
	if len(f.Evidence) > 0 {
		e.Evidences = []ocsfEvidences{{Data: f.Evidence}}
	}
	if f.Reason != nil {
		e.StatusDetail = f.Reason.Text
		e.Compliance.StatusDetails = []string{f.Reason.Text}
	}
	kind := c.kinds[f.Fingerprint]
	c.workflow(&e, f, kind)
	c.history(&e, f.History())
	e.Unmapped.Kind, e.Unmapped.Status, e.Unmapped.Change = kindFinding, string(f.Status), kind
	e.Unmapped.Reason, e.Unmapped.Owner, e.Unmapped.History = f.Reason, f.Owner(), f.History()
	e.Unmapped.Suppression, e.Unmapped.Attestation = j.Suppression, j.Attestation
	return e
}

// workflow tells what became of the finding: status_id is the consumer's, so it says only what people have said (an exception,
// an attestation, a ticket) and what an earlier scan proves.
func (c ocsfConverter) workflow(e *ocsfEvent, f finding.Finding, kind result.Kind) {
	failedBefore := f.History() != nil && f.History().LastFailed != nil
	switch {
	case f.Suppressed():
		e.state(statusSuppressed)
		e.StatusDetail = "accepted until " + f.Note.Suppression.Expires + ": " + f.Note.Suppression.Reason
	case f.Attested():
		e.state(ocsfStatus{99, "Attested"})
		e.StatusDetail = "attested by " + f.Note.Attestation.By + " on " + f.Note.Attestation.At + ", until " + f.Note.Attestation.Expires
	case f.Status == finding.Pass || f.Status == finding.NotApplicable:
		e.state(ocsfStatus{99, "No Action"})
		if failedBefore {
			e.state(statusResolved)
		}
	case f.History() != nil && f.History().Ticket == finding.TicketOpen:
		e.state(statusInProgress)
	default:
		e.state(statusNew)
	}
	switch h := f.History(); {
	case kind == result.Resolved:
		e.activity(activityClose)
	case h != nil && h.FirstSeen.Before(c.r.Scan.StartedAt):
		e.activity(activityUpdate)
	}
}

// unobserved: it was failing, and nobody could look. Its compliance is unknown, and it is never resolved.
func (c ocsfConverter) unobserved(u result.Unobserved) ocsfEvent {
	e := c.about(ruleOf(c.r, u.CheckID), u.Resource, u.AccountID, u.Region, u.Fingerprint)
	e.Message = "not observable: " + u.Why + "; it was failing: " + u.Message
	e.Compliance.set(complianceOf(finding.Unknown), notObservable)
	e.Compliance.StatusDetails = []string{u.Why}
	e.StatusDetail = u.Why
	e.Severity, e.SeverityID = ocsfSeverity(u.Severity)
	e.activity(activityUpdate)
	switch {
	case u.Suppression != nil && u.Suppression.Expires >= c.r.Scan.FinishedAt.UTC().Format(time.DateOnly): // it may have ended meanwhile
		e.state(statusSuppressed)
	case u.History != nil && u.History.Ticket == finding.TicketOpen:
		e.state(statusInProgress)
	default:
		e.state(statusNew)
	}
	c.history(&e, u.History)
	if u.History == nil {
		e.FindingInfo.LastSeenTime = 0 // it was not seen by this scan
	}
	e.Unmapped.Kind, e.Unmapped.Status, e.Unmapped.Change = kindUnobserved, notObservable, result.NotObservable
	e.Unmapped.Owner, e.Unmapped.Suppression, e.Unmapped.History = u.Owner, u.Suppression, u.History
	e.Unmapped.Last = &lastVerdict{u.Status, u.Severity, u.Message, u.Evidence, u.Revision}
	return e
}

// gone: it was failing, and the whole listing no longer has the resource; or the check changed and has no finding of it, which
// resolves nothing.
func (c ocsfConverter) gone(change result.Change) ocsfEvent {
	_, region, account := arnParts(change.Resource.ARN)
	if account == "" {
		account = onlyAccount(c.r)
	}
	e := c.about(ruleOf(c.r, change.CheckID), change.Resource, account, region, change.Fingerprint)
	e.Message = kindName(change.Change) + ": " + change.Reason
	e.Compliance.set(ocsfCompliance{99, "Gone"}, kindGone)
	e.Compliance.StatusDetails = []string{change.Reason}
	e.StatusDetail = change.Reason
	e.Severity, e.SeverityID = "Informational", 1
	e.activity(activityClose)
	e.state(statusResolved)
	if change.Change != result.Resolved {
		e.state(ocsfStatus{99, "No Action"})
	}
	e.FindingInfo.LastSeenTime = 0
	e.Unmapped.Kind, e.Unmapped.Change = kindGone, change.Change
	e.Unmapped.Before = change.Before
	return e
}

// gap: what nobody could look at is a check of its own, of unknown result.
func (c ocsfConverter) gap(g notSeen) ocsfEvent {
	resource := result.Resource{Type: "AWS::::Account", ID: g.AccountID, ARN: g.AccountID, Name: g.Name}
	if g.AccountID == "" {
		resource.ID, resource.ARN = c.r.Scan.ID, c.r.Scan.ID
		resource.Type, resource.Name = "scan", "the scan as a whole"
	}
	sum := sha256.Sum256([]byte(g.Kind + "\x00" + g.AccountID + "\x00" + g.Region + "\x00" + g.Operation))
	if g.Kind == kindScan {
		sum = sha256.Sum256([]byte(g.Kind + "\x00" + g.Message))
	}
	rule := &finding.Rule{
		ID: "evidence-was-read", Title: "The evidence that the checks ask for could be read",
		Risk:        "What was not read is unknown: nothing about it was verified.",
		Remediation: finding.Remediation{Text: "See the message, and scan again."},
	}
	if g.denied() {
		rule.Remediation.Text = "Give the scanning role the permission " + g.Action + ", and scan again."
	}
	e := c.about(rule, resource, g.AccountID, g.Region, "gap-"+hex.EncodeToString(sum[:16]))
	e.Message = g.Message
	e.Compliance.set(complianceOf(finding.Unknown), g.Kind)
	e.Compliance.StatusDetails = slices.DeleteFunc(slices.Clone(g.Reasons), func(s string) bool { return s == "" })
	e.StatusDetail = g.Message
	e.Severity, e.SeverityID = "Unknown", 0
	e.Compliance.Checks[0].Severity, e.Compliance.Checks[0].SeverityID = "Unknown", 0
	e.state(statusNew)
	e.Unmapped.Kind, e.Unmapped.Gap = g.Kind, &g
	e.Unmapped.TagsRead = nil
	return e
}

// about is the part of an event that comes from the check, the resource and the scan.
func (c ocsfConverter) about(rule *finding.Rule, res result.Resource, account, region, uid string) ocsfEvent {
	partition, _, _ := arnParts(res.ARN)
	at := c.r.Scan.FinishedAt.UnixMilli()
	e := ocsfEvent{
		CategoryName: "Findings", CategoryUID: 2, ClassName: "Compliance Finding", ClassUID: 2003, Time: at,
		Cloud: ocsfCloud{Provider: "AWS", Region: region, CloudPartition: partition},
		FindingInfo: ocsfFindingInfo{
			UID: uid, Title: rule.Title, Desc: rule.Risk, CreatedTime: at, LastSeenTime: at,
			Analytic: ocsfAnalytic{UID: rule.ID, Name: rule.Title, Type: "Rule", TypeID: 1, Version: itoa(rule.Revision)},
		},
		Metadata: ocsfMetadata{
			Version: "1.6.0", Profiles: []string{"cloud"}, UID: c.r.Scan.ID + "/" + uid, CorrelationUID: c.r.Scan.ID, EventCode: rule.ID,
			OriginalTime: stamp(c.r.Scan.FinishedAt),
			Product:      ocsfProduct{Name: "ourshare", UID: "ourshare", VendorName: "ourshare", Version: c.r.Tool.Version},
		},
		Resources: []ocsfResourceDetails{resourceOf(res, partition, region)},
	}
	if account != "" {
		e.Cloud.Account = &ocsfCloudAccount{UID: account, Name: c.accountName(account), Type: "AWS Account", TypeID: 10}
	}
	if fix := rule.Remediation; fix.Text != "" {
		e.Remediation = &ocsfRemediation{Desc: fix.Text}
		if fix.URL != "" {
			e.Remediation.References = []string{fix.URL}
		}
	}
	e.Compliance = complianceFor(rule)
	e.activity(activityCreate)
	read := res.Tags != nil
	place, _ := responsibility.Of(rule.Category, rule.Layer)
	e.Unmapped = ocsfUnmapped{
		CheckID: rule.ID, Category: rule.Category, Layer: rule.Layer, Share: place.Share, Service: rule.Service, ResourceID: res.ID,
		ResourceKey: res.Key, TagsRead: &read, RemediationCLI: rule.Remediation.CLI, References: rule.References, Scan: c.head,
	}
	return e
}

func (c ocsfConverter) accountName(id string) string {
	for _, a := range c.r.Scan.ByAccount {
		if a.AccountID == id {
			return a.Name
		}
	}
	return ""
}

// history carries the dates over: a finding was created when the first scan of the chain had it.
func (c ocsfConverter) history(e *ocsfEvent, h *finding.History) {
	if h == nil {
		return
	}
	e.FindingInfo.CreatedTime = h.FirstSeen.UnixMilli()
	e.FindingInfo.FirstSeenTime = h.FirstSeen.UnixMilli()
	e.FindingInfo.LastSeenTime = h.LastSeen.UnixMilli()
}
