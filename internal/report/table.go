package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

// writeTable is the report for a terminal: the worst findings first, what changed, what could not be seen and the permission to add,
// what only people can answer, the responsibility matrix, and the summary last, where a terminal leaves the eye.
func writeTable(out io.Writer, r *result.Result, look Look) error {
	w := bufio.NewWriter(out)
	p := printer{w: w, r: r, look: look, seen: gather(r)}
	p.findings()
	p.changes()
	p.unseen()
	p.questions()
	p.exceptions()
	p.matrix()
	p.summary()
	return w.Flush()
}

type printer struct {
	w    *bufio.Writer
	r    *result.Result
	look Look
	seen gathered
}

// printf writes into the buffer, which keeps the first error for Flush.
func (p printer) printf(format string, args ...any) { _, _ = fmt.Fprintf(p.w, format, args...) }

func (p printer) paint(c text.Colors, s string) string {
	if !p.look.Color {
		return s
	}
	return c.Sprint(s)
}

func (p printer) heading(s string) { p.printf("%s\n\n", p.paint(text.Colors{text.Bold}, s)) }

func (p printer) table() table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.Options{SeparateHeader: true}
	t.Style().Format.Header = text.FormatDefault
	return t
}

var severityColors = map[finding.Severity]text.Colors{
	finding.Critical: {text.FgHiRed, text.Bold}, finding.High: {text.FgRed}, finding.Medium: {text.FgYellow},
	finding.Low: {text.FgCyan}, finding.Info: {text.FgWhite},
}

// findings lists what fails, then what is unknown, the worst first, and tells how many more there are; what passes, or is suppressed,
// is in the summary and the JSON.
func (p printer) findings() {
	list := slices.Concat(p.seen.failing.list(), p.seen.unknown.list())
	if len(list) == 0 {
		return
	}
	p.heading("Findings")
	t := p.table()
	t.AppendHeader(table.Row{"SEVERITY", "CHECK", "REGION", "RESOURCE", "WHAT WAS SEEN"})
	for _, f := range list {
		label := p.paint(severityColors[f.Severity], string(f.Severity))
		if f.Status == finding.Unknown {
			label = p.paint(text.Colors{text.FgMagenta}, "unknown")
		}
		t.AppendRow(table.Row{label, f.Rule.ID, f.Region, resourceName(f.Resource), Visible(f.Message)})
	}
	t.SetColumnConfigs(p.columns(list))
	p.printf("%s\n", t.Render())
	if more := p.seen.unlisted(); more != "" {
		p.sentence("  ", more)
	}
	p.printf("\n")
}

// columns shares the terminal's width: the check's id and the resource get what they need within bounds, the message
// gets the rest.
func (p printer) columns(list []finding.Finding) []table.ColumnConfig {
	if p.look.Width <= 0 {
		return nil
	}
	id, res, region := 5, 8, 6
	for _, f := range list {
		id, res, region = max(id, len(f.Rule.ID)), max(res, text.StringWidth(resourceName(f.Resource))), max(region, len(f.Region))
	}
	const fixed = 8 + 5*3 // severity, and the separators
	left := p.look.Width - fixed - region
	id = min(id, max(12, left*3/10))
	res = min(res, max(12, left*3/10))
	message := max(16, left-id-res)
	names := func(n, width int) table.ColumnConfig {
		return table.ColumnConfig{Number: n, WidthMax: width, WidthMaxEnforcer: wrapName}
	}
	return []table.ColumnConfig{
		names(2, id), names(4, res), {Number: 5, WidthMax: message, WidthMaxEnforcer: text.WrapSoft},
	}
}

// wrapName breaks ids and names where they have joints: after a hyphen, a slash, a dot, a colon or a space.
func wrapName(s string, width int) string {
	var lines []string
	line, joint := "", 0 // joint: how much of the line may stay when it is broken
	for _, r := range s {
		if text.StringWidth(line+string(r)) > width {
			if joint == 0 {
				joint = len(line)
			}
			lines = append(lines, strings.TrimRight(line[:joint], " "))
			line, joint = line[joint:], 0
		}
		line += string(r)
		if strings.ContainsRune("-/.: _", r) {
			joint = len(line)
		}
	}
	return strings.Join(append(lines, line), "\n")
}

// resourceName is the id with the name behind it, where the two differ.
func resourceName(r *finding.Resource) string {
	id := r.ID
	if r.Key != "" && r.Key != id {
		id += "/" + r.Key
	}
	if r.Name == "" || r.Name == r.ID {
		return Visible(id)
	}
	return Visible(id + " (" + r.Name + ")")
}

// unseen says in words what could not be read, how many verdicts that cost, and the permission to add.
func (p printer) unseen() {
	var lines []string
	for c := range p.r.AllCoverage() {
		lost := 0
		for outcome, n := range c.Outcomes {
			if outcome != awsapi.OK {
				lost += n
			}
		}
		if lost == 0 {
			continue
		}
		where := c.Region
		if onlyAccount(p.r) != c.AccountID {
			where += " of " + c.AccountID
		}
		line := fmt.Sprintf("  %s in %s: %s; %d of %d %s", c.Operation, where, Visible(strings.Join(c.Reasons, "; ")), lost, c.Calls, plural(c.Calls, "call", "calls"))
		if n := p.seen.lost[lostKey{c.AccountID, c.Operation, c.Region}]; n > 0 {
			line += fmt.Sprintf("; %d %s unknown for it", n, plural(n, "verdict", "verdicts"))
		}
		if c.Outcomes[awsapi.Denied] > 0 && c.Action != "" {
			line += "\n      add the permission " + c.Action
		}
		lines = append(lines, line)
	}
	for _, a := range p.r.Scan.ByAccount {
		if !a.Entered {
			name := strings.TrimRight(a.AccountID+" "+a.Name, " ")
			lines = append(lines, "  "+Visible(name)+": not entered, nothing of it was read: "+Visible(a.Reason))
		}
	}
	if len(lines) == 0 && len(p.r.Scan.Gaps) == 0 {
		return
	}
	p.heading("What could not be seen")
	for _, g := range p.r.Scan.Gaps {
		p.printf("  %s\n", Visible(g))
	}
	for _, l := range lines {
		p.printf("%s\n", l)
	}
	p.printf("\n")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// questions lists what no API can show and nobody has attested, one line per check.
func (p printer) questions() {
	if len(p.seen.asked.order) == 0 {
		return
	}
	p.heading("What only people can answer")
	for _, r := range p.seen.asked.order {
		n := p.seen.asked.counts[r]
		p.printf("  %s: %s (%d %s)\n", r.ID, r.Title, n, plural(n, "resource", "resources"))
	}
	p.printf("\n")
}

// matrix is the shared responsibility model with the verdicts that stand in it.
func (p printer) matrix() {
	p.heading("The shared responsibility model (" + strings.Join(p.r.Scan.Accounts, ", ") + ")")
	t := p.table()
	header := table.Row{"LAYER"}
	for _, c := range responsibility.Categories() {
		header = append(header, string(c))
	}
	t.AppendHeader(header)
	for _, l := range responsibility.Layers() {
		row := table.Row{string(l)}
		for _, c := range responsibility.Categories() {
			row = append(row, p.cell(c, l))
		}
		t.AppendRow(row)
	}
	p.printf("%s\n\n", t.Render())
	examined, all := 0, 0
	for _, c := range p.r.Responsibility {
		examined += c.Examined
		all += c.Controls
	}
	p.printf("  %d of %d controls examined.\n", examined, all)
	p.printf("  Numbers: failing/unknown/passing%s. AWS: AWS answers for it.\n  yours: you answer for it, and no control looks at it yet.\n", p.legend())
	if p.r.Summary.Suppressed > 0 {
		p.printf("  +2s: two more fail, and are suppressed.\n")
	}
	p.printf("\n")
}

// narrow: a terminal on which the matrix has no room for the controls.
func (p printer) narrow() bool { return p.look.Width > 0 && p.look.Width < 100 }

func (p printer) legend() string {
	if p.narrow() {
		return ""
	}
	return " (controls examined)"
}

func (p printer) cell(c responsibility.Category, l responsibility.Layer) string {
	cell, ok := responsibility.Of(c, l)
	switch {
	case !ok:
		return "–"
	case cell.Share == responsibility.AWS:
		return "AWS"
	}
	i := slices.IndexFunc(p.r.Responsibility, func(e result.Cell) bool { return e.Category == c && e.Layer == l })
	if i < 0 || p.r.Responsibility[i].Controls == 0 {
		return "yours"
	}
	v := p.r.Responsibility[i]
	judged := v.Fail + v.Unknown + v.Pass + v.Manual + v.NotApplicable + v.Suppressed
	examined := fmt.Sprintf(" (%d of %d)", v.Examined, v.Controls)
	if p.narrow() {
		examined = ""
	}
	switch {
	case v.Fail+v.Unknown+v.Pass+v.Suppressed > 0:
	case v.Manual > 0 && v.Attested == v.Manual:
		return "attested" + examined
	case v.Manual > 0:
		return "ask people" + examined
	case judged == 0 && v.Examined == 0:
		return "yours" + examined
	default:
		return "nothing" + examined
	}
	color := text.Colors{text.FgGreen}
	switch {
	case v.Fail > 0:
		color = text.Colors{text.FgRed}
	case v.Unknown > 0:
		color = text.Colors{text.FgMagenta}
	case v.Suppressed > 0: // accepted is not passed
		color = text.Colors{text.FgYellow}
	}
	numbers := fmt.Sprintf("%d/%d/%d", v.Fail, v.Unknown, v.Pass)
	if v.Suppressed > 0 {
		numbers += fmt.Sprintf("+%ds", v.Suppressed)
	}
	return p.paint(color, numbers) + examined
}

func (p printer) summary() {
	s := p.r.Summary
	var fails []string
	for _, sev := range finding.Severities() {
		if n := s.BySeverity[sev]; n > 0 {
			fails = append(fails, fmt.Sprintf("%d %s", n, sev))
		}
	}
	failing := fmt.Sprintf("%d failing", s.ByStatus[finding.Fail])
	if len(fails) > 0 {
		failing += " (" + strings.Join(fails, ", ") + ")"
	}
	failing += moreSuppressed(s.Suppressed)
	p.printf("%s, %d unknown, %d passing,\n%d to be answered by people%s, %d not applicable, on %d %s in %s; %d API calls.\n",
		failing, s.ByStatus[finding.Unknown], s.ByStatus[finding.Pass], s.ByStatus[finding.Manual], ofThemAttested(s.Attested), s.ByStatus[finding.NotApplicable],
		s.Resources, plural(s.Resources, "resource", "resources"), strings.Join(p.r.Scan.Regions, ", "), p.r.Scan.APICalls.Calls)
	if p.r.Scan.Complete {
		p.printf("Complete: everything that the selected checks asked for was read.\n")
	} else {
		p.printf("%s\n", p.paint(text.Colors{text.FgMagenta, text.Bold}, "INCOMPLETE: some evidence could not be read; what depends on it is unknown, not passing."))
	}
}
