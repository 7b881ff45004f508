package report

import (
	"fmt"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// mdTable is a part of the report: a heading, a sentence, and a table of which rows may be left out.
type mdTable struct {
	heading, intro string
	columns        []string
	rows           []string
	total          int // rows that there are, where they were not all given
}

func newMDTable(heading, intro string, columns ...string) *mdTable {
	return &mdTable{heading: heading, intro: intro, columns: columns}
}

func (t *mdTable) add(cells ...string) {
	for i, c := range cells {
		if strings.TrimSpace(c) == "" {
			cells[i] = "–"
		}
	}
	t.rows = append(t.rows, "| "+strings.Join(cells, " | ")+" |\n")
}

// render is the part in at most room bytes: as many rows as fit, and what is left out.
func (t *mdTable) render(room int) string {
	total := max(t.total, len(t.rows))
	head := "\n## " + t.heading + "\n\n"
	if t.intro != "" {
		head += t.intro + "\n\n"
	}
	if total == 0 {
		return head
	}
	head += "| " + strings.Join(t.columns, " | ") + " |\n|" + strings.Repeat(" --- |", len(t.columns)) + "\n"
	left := func(n int) string {
		return fmt.Sprintf("\n%d of these %d %s left out here, for want of room; all of them are in the JSON report (`--format json`).\n",
			n, total, plural(n, "row is", "rows are"))
	}
	all := 0
	for _, row := range t.rows {
		all += len(row)
	}
	if len(t.rows) == total && len(head)+all <= room {
		return head + strings.Join(t.rows, "")
	}
	room -= len(head) + len(left(total))
	shown := 0
	for _, row := range t.rows {
		if room -= len(row); room < 0 {
			break
		}
		shown++
	}
	return head + strings.Join(t.rows[:shown], "") + left(total-shown)
}

// changes says what became of the findings since the baseline: counts, and all but what persists.
func (m *markdown) changes(room int) string {
	c := m.r.Comparison
	if c == nil {
		return ""
	}
	if c.Baseline == nil {
		return newMDTable("What changed", "This is the first scan: there is nothing to compare it with.").render(room)
	}
	var counts []string
	for _, kind := range result.Kinds() {
		if n := c.Counts[kind]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, words(string(kind))))
		}
	}
	intro := fmt.Sprintf("Since the scan of %s: ", stamp(c.Baseline.FinishedAt))
	if len(counts) == 0 {
		intro += "nothing."
	} else {
		intro += strings.Join(counts, ", ") + "."
	}
	if !c.Baseline.Complete {
		intro += " That scan was incomplete."
	}
	t := newMDTable("What changed", intro, "change", "check", "resource", "before", "after", "why")
	// Two passes, so that what is new comes first and no more rows than fit are kept.
	for _, kind := range result.Kinds() {
		for change := range m.r.AllChanges() {
			if change.Change != kind || kind == result.Persisting {
				continue
			}
			if t.total++; len(t.rows) < rowsKept {
				t.add(words(string(kind)), mdCode(change.CheckID, 100), mdResource(change.Resource), mdVerdict(change.Before), mdVerdict(change.After),
					mdText(change.Reason, 200))
			}
		}
	}
	return t.render(room)
}

func mdVerdict(v *result.Verdict) string {
	if v == nil {
		return "no finding"
	}
	if v.Status == finding.Fail {
		return "fail (" + string(v.Severity) + ")"
	}
	return words(string(v.Status))
}

// words are a word of the JSON as it is read.
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

// unseen says in words what could not be read, how many verdicts that cost, and the permission to add.
func (m *markdown) unseen(room int) string {
	t := newMDTable("What could not be seen", "What depends on it is unknown, not passing.", "what", "where", "why", "add the permission")
	for _, g := range notSeenIn(m.r) {
		switch g.Kind {
		case kindAccount:
			t.add("the whole account: it could not be entered", m.account(g), mdText(strings.Join(g.Reasons, "; "), 300), "")
		case kindScan:
			t.add("the scan as a whole", "", mdText(g.Message, 300), "")
		default:
			what := fmt.Sprintf("%s: %d of %d %s", mdCode(g.Operation, 100), g.Lost, g.Calls, plural(g.Calls, "call", "calls"))
			if n := m.lost[g.AccountID+" "+g.Operation+" "+g.Region]; n > 0 {
				what += fmt.Sprintf("; %d %s unknown for it", n, plural(n, "verdict", "verdicts"))
			}
			permission := ""
			if g.denied() {
				permission = mdCode(g.Action, 100)
			}
			t.add(what, m.region(g.AccountID, g.Region), mdText(strings.Join(g.Reasons, "; "), 300), permission)
		}
	}
	t.total = len(t.rows)
	for u := range m.r.AllUnobserved() {
		if t.total++; len(t.rows) < rowsKept {
			t.add("was failing ("+string(u.Severity)+"), and cannot be observed now: "+mdCode(u.CheckID, 100)+" of "+mdResource(u.Resource),
				m.region(u.AccountID, u.Region), mdText(u.Why, 300), "")
		}
	}
	if t.total == 0 {
		return ""
	}
	return t.render(room)
}

func (m *markdown) account(g notSeen) string {
	if g.Name == "" {
		return mdCode(g.AccountID, 20)
	}
	return mdCode(g.AccountID, 20) + " (" + mdCode(g.Name, 80) + ")"
}

// accepted lists the failing findings that an exception accepts, with its last day.
func (m *markdown) accepted(room int) string {
	t := newMDTable("Failing, and accepted", "Exceptions accept these until their last day; they still fail.", "severity", "check", "resource", "accepted by", "until", "why")
	for severity := range len(finding.Severities()) + 1 {
		at := mdPlace{acceptedPlace, severity}
		t.total += m.counts[at]
		for _, f := range m.worst[at] {
			s := f.Note.Suppression
			t.add(string(f.Severity), mdCode(f.Rule.ID, 100), mdResource(result.ResourceJSON(f.Resource)), mdText(s.Owner, 60), mdText(s.Expires, 20), mdText(s.Reason, 200))
		}
	}
	if t.total == 0 {
		return ""
	}
	return t.render(room)
}

// people lists what no API can show, and how much of it somebody has answered. That is their word, nothing verified.
func (m *markdown) people(room int) string {
	if len(m.questions) == 0 {
		return ""
	}
	t := newMDTable("What only people can answer", "What is attested is somebody's word; nothing of it was verified.", "check", "question", "resources", "attested")
	for _, rule := range m.questions {
		n := m.asked[rule]
		t.add(mdCode(rule.ID, 100), mdText(rule.Title, 200), fmt.Sprint(n[0]), fmt.Sprint(n[1]))
	}
	return t.render(room)
}
