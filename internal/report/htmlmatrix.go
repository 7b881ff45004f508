package report

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

// matrix is the responsibility model with, in each of our cells, what became of its controls.
type matrix struct {
	Categories []categoryHead
	Rows       []matrixRow
	Examined   int
	Controls   int
	Legend     []legend
}

type categoryHead struct{ Name, What string }

type matrixRow struct {
	Layer string
	Cells []matrixCell
}

// matrixCell is AWS's ("aws"), ours ("customer", "shared"), or none ("").
type matrixCell struct {
	Category string
	Share    string
	What     string
	Filter   template.URL
	Parts    []part
	Examined int
	Controls int
	Verdicts string // how many findings say what
}

// part is a piece of a cell's bar, in hundredths of its length.
type part struct {
	Class string
	Count int
	Word  string
	X, W  float64
}

type legend struct{ Class, Word string }

// controlStates are what may have become of a control, worst first: the worst of its findings decides.
var controlStates = []struct {
	of    shown
	class string
	word  string
}{
	{shownFailing, "fail", "failing"},
	{shownUnseen, "unknown", "not seen"},
	{shownAsked, "manual", "to be answered"},
	{shownAttested, "attested", "attested only"},
	{shownAccepted, "accepted", "failing, accepted"},
	{shownVerified, "pass", "verified"},
}

var categoryWords = map[responsibility.Category]string{
	responsibility.Infrastructure: "EC2, EBS, VPC, load balancers",
	responsibility.Container:      "RDS, Aurora",
	responsibility.Abstracted:     "S3",
	responsibility.Account:        "IAM, KMS, root user, audit trail",
}

func (v *view) matrix() matrix {
	var m matrix
	for _, s := range controlStates {
		m.Legend = append(m.Legend, legend{s.class, s.word})
	}
	m.Legend = append(m.Legend, legend{"none", "nothing to judge"}, legend{"unbuilt", "without a check in this scan"})
	counted := map[[2]string]result.Cell{}
	for _, c := range v.r.Responsibility {
		counted[[2]string{string(c.Category), string(c.Layer)}] = c
		m.Examined += c.Examined
		m.Controls += c.Controls
	}
	for _, c := range responsibility.Categories() {
		m.Categories = append(m.Categories, categoryHead{string(c), categoryWords[c]})
	}
	for _, l := range responsibility.Layers() {
		row := matrixRow{Layer: strings.ReplaceAll(string(l), "-", " ")}
		for _, c := range responsibility.Categories() {
			cell, ok := responsibility.Of(c, l)
			if !ok {
				row.Cells = append(row.Cells, matrixCell{Category: string(c)})
				continue
			}
			row.Cells = append(row.Cells, v.cell(cell, counted[[2]string{string(c), string(l)}]))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

func (v *view) cell(cell responsibility.Cell, counted result.Cell) matrixCell {
	out := matrixCell{
		Category: string(cell.Category),
		Share:    string(cell.Share), What: cell.What, Examined: counted.Examined, Controls: counted.Controls, Verdicts: verdicts(counted),
		Filter: template.URL("category=" + string(cell.Category) + "&layer=" + string(cell.Layer)), // words of the model
	}
	if !cell.Ours() {
		return out
	}
	states := make([]int, len(controlStates))
	here, empty := 0, 0
	for _, r := range v.rules {
		if r.Category != cell.Category || r.Layer != cell.Layer {
			continue
		}
		here++
		state := -1
		for i, s := range controlStates {
			if v.byRule[r.ID][s.of] > 0 {
				state = i
				break
			}
		}
		if state < 0 {
			empty++
			continue
		}
		states[state]++
	}
	for i, s := range controlStates {
		out.add(s.class, s.word, states[i])
	}
	out.add("none", "nothing to judge", empty)
	out.add("unbuilt", "without a check", counted.Controls-here)
	all := 0
	for _, p := range out.Parts {
		all += p.Count
	}
	x := 0.0
	for i, p := range out.Parts {
		out.Parts[i].X, out.Parts[i].W = x, 100*float64(p.Count)/float64(all)
		x += out.Parts[i].W
	}
	return out
}

// verdicts counts a cell's findings in words; what does not apply is left to the list.
func verdicts(c result.Cell) string {
	var words []string
	for _, n := range []struct {
		n    int
		word string
	}{
		{c.Fail, "fail"},
		{c.Unknown, "unknown"},
		{c.Manual - c.Attested, "to be answered"},
		{c.Attested, "attested"},
		{c.Suppressed, "accepted"},
		{c.Pass, "pass"},
	} {
		if n.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n.n, n.word))
		}
	}
	return joined(words)
}

func (c *matrixCell) add(class, word string, n int) {
	if n > 0 {
		c.Parts = append(c.Parts, part{Class: class, Count: n, Word: word})
	}
}
