package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/result"
)

// diffFormats is the one table of the forms in which a comparison of two results is written.
var diffFormats = []struct {
	name  string
	write func(io.Writer, *result.Diff, Look) error
}{
	{"table", writeDiffTable},
	{"json", func(w io.Writer, d *result.Diff, _ Look) error { return d.WriteJSON(&jsonEscaper{w: w}) }},
	{"markdown", writeDiffMarkdown},
}

// DiffNames are the names of the forms of a comparison.
func DiffNames() []string {
	var out []string
	for _, f := range diffFormats {
		out = append(out, f.name)
	}
	return out
}

// WriteDiff writes a comparison in a form that DiffNames has.
func WriteDiff(w io.Writer, d *result.Diff, format string, look Look) error {
	for _, f := range diffFormats {
		if f.name == format {
			return f.write(w, d, look)
		}
	}
	return fmt.Errorf("no such format: %q", format)
}

// writeDiffTable is the comparison for a terminal: each kind's list, the worst first, and the counts last, where a terminal
// leaves the eye. What persists is counted.
func writeDiffTable(out io.Writer, d *result.Diff, look Look) error {
	w := bufio.NewWriter(out)
	p := printer{w: w, look: look}
	p.heading("What changed")
	kinds := sortKinds(slices.Values(d.Changes), 0)
	for _, k := range result.Kinds() {
		if k != result.Persisting && kinds[k] != nil {
			p.changeList(k, kinds[k], nil)
		}
	}
	p.printf("From the scan of %s\n  to the scan of %s:\n", sideOf(d.Old), sideOf(d.New))
	p.sentence("", countsOf(d.Counts)+".")
	if d.Counts[result.Persisting] > 0 {
		p.printf("What persists fails as before; --format json lists it.\n")
	}
	return w.Flush()
}

// sideOf names one of the two scans.
func sideOf(b result.Baseline) string {
	text := stamp(b.FinishedAt) + " (" + Visible(b.ScanID) + ")"
	if !b.Complete {
		text += ", incomplete"
	}
	return text
}

// writeDiffMarkdown is the comparison for a comment of a pull request: rows are left out where there is no room.
func writeDiffMarkdown(out io.Writer, d *result.Diff, _ Look) error {
	side := func(b result.Baseline) string {
		text := stamp(b.FinishedAt) + " (" + mdCode(b.ScanID, 60) + ")"
		if !b.Complete {
			text += ", incomplete"
		}
		return text
	}
	head := fmt.Sprintf("# ourshare: what changed\n\nFrom the scan of %s to the scan of %s: %s.\n", side(d.Old), side(d.New), countsOf(d.Counts))
	if d.Counts[result.Persisting] > 0 {
		head += "\nWhat persists fails as before; it is in the JSON form alone.\n"
	}
	if n := d.Counts[result.NotObservable]; n > 0 {
		head += fmt.Sprintf("\n**%d not observable:** failing when last seen, and not to be seen now. Nothing says that it was mended.\n", n)
	}
	if len(d.Changes) == d.Counts[result.Persisting] {
		_, err := io.WriteString(out, head)
		return err
	}
	t := newMDTable("Changes", "", "change", "severity", "check", "resource", "before", "after", "why")
	for _, c := range worstFirst(d.Changes) {
		if c.Change == result.Persisting {
			continue
		}
		if t.total++; len(t.rows) >= rowsKept {
			continue
		}
		why := mdText(c.Reason, longText)
		if c.After != nil && c.After.Message != "" && !strings.Contains(c.Reason, c.After.Message) {
			why = mdText(c.After.Message, longText) + "; " + why
		}
		t.add(kindName(c.Change), string(weightOf(c)), mdCode(c.CheckID, 100), mdResource(c.Resource), mdVerdict(c.Before), mdVerdict(c.After), why)
	}
	_, err := io.WriteString(out, head+t.render(mdLimit-len(head)))
	return err
}
