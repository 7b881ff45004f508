package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// shortList is how many changes of one kind the report for a terminal shows; the other formats have them all.
const shortList = 20

// longText is how much of a message or a reason a row of changes shows, in characters.
const longText = 300

// kindTitles head the lists of changes.
var kindTitles = map[result.Kind]string{
	result.New:           "New",
	result.Reopened:      "Reopened: failed before, was mended, and fails again",
	result.Changed:       "Changed: failing before and now",
	result.NotObservable: "Not observable: failing when last seen, and not to be seen now",
	result.RuleChanged:   "By another rule: the check changed, or its parameters",
	result.Resolved:      "Resolved",
	result.Persisting:    "Persisting",
}

// kindName is a kind as it is read.
func kindName(k result.Kind) string { return strings.ReplaceAll(string(k), "_", " ") }

// countsOf is the counts in a line: those of fails first, nothing left out that there is.
func countsOf(counts map[result.Kind]int) string {
	var parts []string
	for _, k := range result.Kinds() {
		if n := counts[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kindName(k)))
		}
	}
	if len(parts) == 0 {
		return "nothing fails, before or now"
	}
	return strings.Join(parts, ", ")
}

// weightOf is how much a change weighs: by the later verdict where it fails, else by the earlier.
func weightOf(c result.Change) finding.Severity {
	switch {
	case c.After != nil && c.After.Status == finding.Fail:
		return c.After.Severity
	case c.Before != nil:
		return c.Before.Severity
	}
	return ""
}

// kept is changes of one kind, or findings of one status, the worst first: all, or as many as are to be shown.
type kept[T any] struct {
	total int
	ranks map[int]int // how many there are of each severity's rank
	by    map[int][]T // severity's rank → those that are kept, in their order
	limit int         // 0: all
}

func newKept[T any](limit int) *kept[T] {
	return &kept[T]{ranks: map[int]int{}, by: map[int][]T{}, limit: limit}
}

func (k *kept[T]) add(v T, severity finding.Severity) {
	rank := severity.Rank()
	k.total++
	k.ranks[rank]++
	if k.limit == 0 || len(k.by[rank]) < k.limit {
		k.by[rank] = append(k.by[rank], v)
	}
}

func (k *kept[T]) list() []T {
	var out []T
	for rank := range len(finding.Severities()) + 1 {
		out = append(out, k.by[rank]...)
	}
	if k.limit > 0 && len(out) > k.limit {
		return out[:k.limit]
	}
	return out
}

// sortKinds puts changes under their kinds.
func sortKinds(all func(func(result.Change) bool), limit int) map[result.Kind]*kept[result.Change] {
	out := map[result.Kind]*kept[result.Change]{}
	for c := range all {
		if out[c.Change] == nil {
			out[c.Change] = newKept[result.Change](limit)
		}
		out[c.Change].add(c, weightOf(c))
	}
	return out
}

// changes tells what changed since the baseline.
func (p printer) changes() {
	c := p.r.Comparison
	if c == nil {
		return
	}
	p.heading("What changed")
	if c.Baseline == nil {
		p.printf("  A first run: there is no earlier scan to compare with.\n\n")
		return
	}
	p.sentence("  ", fmt.Sprintf("Since the scan of %s: %s.", stamp(c.Baseline.FinishedAt), countsOf(c.Counts)))
	if !c.Baseline.Complete {
		p.sentence("  ", "That scan was incomplete: what it could not see may have failed before.")
	}
	p.printf("\n")
	for _, k := range result.Kinds() {
		if k != result.Persisting && p.seen.kinds[k] != nil {
			p.changeList(k, p.seen.kinds[k], p.seen.suppressed)
		}
	}
}

// changeList is one kind's list, the worst first.
func (p printer) changeList(k result.Kind, all *kept[result.Change], suppressed map[string]string) {
	list := all.list()
	p.printf("  %s (%d)\n", p.paint(kindColors[k], kindTitles[k]), all.total)
	t := p.table()
	t.AppendHeader(table.Row{"SEVERITY", "CHECK", "RESOURCE", "WHAT, AND WHY"})
	for _, c := range list {
		severity := weightOf(c)
		t.AppendRow(table.Row{
			p.paint(severityColors[severity], string(severity)), Visible(c.CheckID), changedName(c.Resource), what(c, suppressed[c.Fingerprint]),
		})
	}
	t.SetColumnConfigs(p.changeColumns(list))
	p.printf("%s\n", t.Render())
	if more := all.total - len(list); more > 0 {
		p.printf("  and %d more; the JSON report has them all\n", more)
	}
	p.printf("\n")
}

var kindColors = map[result.Kind]text.Colors{
	result.New: {text.FgHiRed, text.Bold}, result.Reopened: {text.FgHiRed, text.Bold}, result.Changed: {text.FgYellow},
	result.NotObservable: {text.FgMagenta}, result.RuleChanged: {text.FgCyan}, result.Resolved: {text.FgGreen},
}

// what tells of a change what is seen of it, and why it is called so.
func what(c result.Change, suppressed string) string {
	reason := changeText(c.Reason)
	var lines []string
	switch {
	case c.After != nil && c.After.Status == finding.Fail:
		lines = []string{changeText(c.After.Message), reason}
	case c.Before != nil:
		lines = []string{reason, "was: " + changeText(c.Before.Message)}
	default:
		lines = []string{reason}
	}
	if suppressed != "" {
		lines = append(lines, "suppressed until "+Visible(suppressed))
	}
	return strings.Join(lines, "\n")
}

// changeText is a message or a name as a row of changes shows it: safe for a terminal, and not longer than longText.
func changeText(s string) string {
	list := []rune(Visible(s))
	if len(list) <= longText {
		return string(list)
	}
	return string(list[:longText]) + fmt.Sprintf("… (of %d characters)", len(list))
}

func changedName(r result.Resource) string {
	return changeText(resourceName(&finding.Resource{ID: r.ID, Name: r.Name, Key: r.Key}))
}

// changeColumns shares the terminal's width as columns does for findings.
func (p printer) changeColumns(list []result.Change) []table.ColumnConfig {
	if p.look.Width <= 0 {
		return nil
	}
	id, res := 5, 8
	for _, c := range list {
		id, res = max(id, text.StringWidth(Visible(c.CheckID))), max(res, text.StringWidth(changedName(c.Resource)))
	}
	const fixed = 8 + 4*3 // severity, and the separators
	left := p.look.Width - fixed
	id = min(id, max(12, left*3/10))
	res = min(res, max(12, left*3/10))
	return []table.ColumnConfig{
		{Number: 2, WidthMax: id, WidthMaxEnforcer: wrapName},
		{Number: 3, WidthMax: res, WidthMaxEnforcer: wrapName},
		{Number: 4, WidthMax: max(16, left-id-res), WidthMaxEnforcer: wrapLines},
	}
}

// wrapLines breaks each line of a text at its words.
func wrapLines(s string, width int) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = text.WrapSoft(l, width)
	}
	return strings.Join(lines, "\n")
}

// sentence prints a text within the terminal's width.
func (p printer) sentence(indent, s string) {
	if p.look.Width > 0 {
		s = text.WrapSoft(s, max(20, p.look.Width-len(indent)))
	}
	for line := range strings.SplitSeq(s, "\n") {
		p.printf("%s%s\n", indent, strings.TrimRight(line, " "))
	}
}

// worstFirst puts a list of changes into the order of kinds, and within each the worst first.
func worstFirst(list []result.Change) []result.Change {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b result.Change) int {
		return cmp.Or(
			cmp.Compare(slices.Index(result.Kinds(), a.Change), slices.Index(result.Kinds(), b.Change)),
			cmp.Compare(weightOf(a).Rank(), weightOf(b).Rank()),
		)
	})
	return out
}
