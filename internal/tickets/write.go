package tickets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
)

// The bounds of a ticket: Jira's summary takes 255 characters and its description 32,767
// (https://support.atlassian.com/jira/kb/jira-text-field-limits/); GitHub's title 256, its body 65,536.
const (
	maxTitle  = 255
	maxBody   = 30_000
	maxListed = 50 // findings that a body tells of in full
)

// item is what a body says of one finding.
type item struct {
	finding.Finding
	blind string // why it cannot be observed; empty: it fails
}

// write makes the lines: those that are opened first, the worst first, then updates, then what is closed.
func write(r *result.Result, due []action, known Known, cfg config.Tickets) []result.Ticket {
	items := itemsOf(r, due)
	gone := map[string]result.Change{}
	for c := range r.AllChanges() {
		gone[c.Fingerprint] = c
	}
	out := make([]result.Ticket, 0, len(due))
	for _, name := range []string{Open, Update, Close} {
		for _, a := range due {
			if a.name == name {
				out = append(out, ticket(r, a, items, known, gone, cfg))
			}
		}
	}
	return out
}

// itemsOf keeps the findings that the actions tell of, and no others.
func itemsOf(r *result.Result, due []action) map[string]item {
	wanted := map[string]bool{}
	for _, a := range due {
		for fingerprint := range a.group.now() {
			wanted[fingerprint] = true
		}
		for fingerprint := range a.group.before {
			wanted[fingerprint] = true
		}
	}
	items := map[string]item{}
	for f := range r.All() {
		if wanted[f.Fingerprint] {
			items[f.Fingerprint] = item{f, ""}
		}
	}
	for u := range r.AllUnobserved() {
		if wanted[u.Fingerprint] {
			rule := r.Checks[u.CheckID]
			if rule == nil {
				rule = &finding.Rule{ID: u.CheckID, Title: u.CheckID, Category: u.Category, Layer: u.Layer}
			}
			items[u.Fingerprint] = item{u.As(rule), u.Why}
		}
	}
	return items
}

func ticket(r *result.Result, a action, items map[string]item, earlier Known, gone map[string]result.Change, cfg config.Tickets) result.Ticket {
	g := a.group
	t := result.Ticket{
		Action: a.name, Key: g.key, Severity: g.severity, Group: cfg.GroupBy, Reason: a.reason,
		ScanID: r.Scan.ID, At: r.Scan.FinishedAt, SchemaVersion: result.SchemaVersion, Labels: []string{}, Findings: []result.TicketFinding{},
	}
	var list []item // what is part of it, or was
	for _, fingerprint := range slices.Concat(g.failing, g.blind, g.left()) {
		it, known := items[fingerprint]
		if !known {
			it = vanished(earlier.was(fingerprint), gone[fingerprint], r)
		}
		list = append(list, it)
		t.Findings = append(t.Findings, result.TicketFinding{
			Fingerprint: fingerprint, CheckID: it.Rule.ID, AccountID: it.AccountID, Region: it.Region, Resource: result.ResourceJSON(it.Resource),
			Status: it.Status, Severity: it.Severity, Message: it.Message, Note: g.note(fingerprint, it),
		})
	}
	if t.Severity == "" { // nothing of it fails now: as it was
		t.Severity = worst(list)
	}
	if days, set := cfg.DueDays[t.Severity]; set && a.name != Close {
		if day, err := time.Parse(time.DateOnly, g.opened); err == nil {
			t.Due = day.AddDate(0, 0, days).Format(time.DateOnly)
		}
	}
	t.Owner = common(list, func(i item) string { return earlier.owner(&i.Finding) })
	t.Title = title(list, t.Owner, cfg.GroupBy)
	t.Labels = labels(list, t.Severity, cfg)
	t.Body = body(a, list, t)
	return t
}

// vanished stands for a finding of which the result has nothing but the change: the earlier verdict, where it is known. Of several
// accounts the changes come from the spool, without it.
func vanished(was *finding.Finding, c result.Change, r *result.Result) item {
	if was = cmp.Or(was, c.Was); was != nil {
		return item{*was, ""}
	}
	rule := r.Checks[c.CheckID]
	if rule == nil {
		rule = &finding.Rule{ID: c.CheckID, Title: c.CheckID}
	}
	f := finding.Finding{
		Fingerprint: c.Fingerprint, Rule: rule, Status: finding.NotApplicable,
		Resource: &finding.Resource{Type: c.Resource.Type, ID: c.Resource.ID, ARN: c.Resource.ARN, Name: c.Resource.Name, Key: c.Resource.Key, Tags: c.Resource.Tags},
	}
	if c.Before != nil {
		f.Status, f.Severity, f.Message = c.Before.Status, c.Before.Severity, c.Before.Message
	}
	return item{f, ""}
}

// note is what the ticket says of one finding beside its verdict.
func (g *group) note(fingerprint string, it item) string {
	switch {
	case g.why[fingerprint] != "":
		return g.why[fingerprint]
	case it.blind != "":
		return "cannot be observed now: " + it.blind
	}
	return ""
}

func worst(list []item) finding.Severity {
	s := finding.Info
	for _, it := range list {
		if it.Severity.Rank() < s.Rank() {
			s = it.Severity
		}
	}
	return s
}

// common is what all have in common; empty where they differ.
func common(list []item, of func(item) string) string {
	for _, it := range list[1:] {
		if of(it) != of(list[0]) {
			return ""
		}
	}
	return of(list[0])
}

// title is one line: what should be true, and of what it is not.
func title(list []item, owner, by string) string {
	first := list[0]
	name := resource(first)
	var s string
	switch {
	case len(list) == 1 || by == config.GroupByFinding:
		s = first.Rule.Title + ": not so for " + name
	case by == config.GroupByCheck:
		s = first.Rule.Title + ": not so for " + counted(len(list), "resource") + " of account " + first.AccountID
	case by == config.GroupByResource:
		s = counted(len(list), "finding") + " on " + name
	default:
		s = counted(len(list), "finding")
		if owner != "" {
			s += " of " + owner
		} else {
			s += " without an owner"
		}
	}
	s = strings.Join(strings.Fields(report.Visible(s)), " ")
	if utf8.RuneCountInString(s) <= maxTitle {
		return s
	}
	return string([]rune(s)[:maxTitle-1]) + "…"
}

func resource(it item) string {
	r := it.Resource
	name := r.ID
	if r.Key != "" && r.Key != r.ID {
		name += "/" + r.Key
	}
	if r.Name != "" && r.Name != r.ID {
		name += " (" + r.Name + ")"
	}
	return name
}

func labels(list []item, severity finding.Severity, cfg config.Tickets) []string {
	out := append([]string{"ourshare", string(severity)}, cfg.Labels...)
	for _, of := range []func(item) string{
		func(i item) string { return i.Rule.ID }, func(i item) string { return i.Rule.Service },
		func(i item) string { return string(i.Rule.Category) }, func(i item) string { return string(i.Rule.Layer) },
	} {
		if word := common(list, of); word != "" {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// body tells of the findings in Markdown, of the first ones in full, within the bounds of ticket systems.
func body(a action, list []item, t result.Ticket) string {
	var b strings.Builder
	if a.reason != "" {
		fmt.Fprintf(&b, "%s\n\n", report.MarkdownText(a.reason, 500))
	}
	end := fmt.Sprintf("\nSeen by ourshare in scan %s on %s. Key: `%s`\n", report.MarkdownCode(t.ScanID, 64), t.At.UTC().Format(time.DateOnly), t.Key)
	for i, it := range list {
		text := section(it, t.Findings[i].Note, i == 0 || it.Rule != list[i-1].Rule)
		if i == maxListed || b.Len()+len(text)+len(end) > maxBody {
			fmt.Fprintf(&b, "… and %s more.\n", counted(len(list)-i, "finding"))
			break
		}
		b.WriteString(text)
	}
	return b.String() + end
}

// section is one finding: where, what was seen, why it matters and how it is mended; the latter two once per check.
func section(it item, note string, explain bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", report.MarkdownCode(resource(it), 300))
	fmt.Fprintf(&b, "%s in account %s, region %s: **%s**, %s (%s).\n\n", report.MarkdownText(it.Resource.Type, 100), it.AccountID, report.MarkdownText(it.Region, 40), it.Severity, it.Status, report.MarkdownCode(it.Rule.ID, 200))
	fmt.Fprintf(&b, "%s\n\n", report.MarkdownText(it.Message, 2000))
	if note != "" {
		fmt.Fprintf(&b, "*%s*\n\n", report.MarkdownText(note, 500))
	}
	for _, kv := range it.Evidence {
		fmt.Fprintf(&b, "- %s: %s\n", report.MarkdownText(kv.Key, 80), report.MarkdownCode(fmt.Sprint(kv.Value), 500))
	}
	if len(it.Evidence) > 0 {
		b.WriteString("\n")
	}
	if !explain || it.Rule.Risk == "" {
		return b.String()
	}
	fix := it.Rule.Remediation
	fmt.Fprintf(&b, "Why it matters: %s\n\nHow it is mended: %s\n\n", report.MarkdownText(it.Rule.Risk, 2000), report.MarkdownText(fix.Text, 2000))
	if fix.CLI != "" {
		fmt.Fprintf(&b, "```\n%s\n```\n\n", strings.ReplaceAll(fix.CLI, "```", "'''"))
	}
	if fix.URL != "" {
		fmt.Fprintf(&b, "AWS: <%s>\n\n", fix.URL)
	}
	return b.String()
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
