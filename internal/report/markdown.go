package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

// A comment of GitHub has room for 65,536 characters. They are counted as bytes here, of which there are never fewer.
// The parts beside the findings get a share of their own, so that none of them can push the findings out.
const (
	mdLimit    = 65_536
	mdChanges  = 12_000
	mdUnseen   = 14_000
	mdAccepted = 6_000
	mdPeople   = 5_000
)

// writeMarkdown is the report for a comment of a pull request: the responsibility matrix, the summary, what changed, what fails
// and what is unknown, the worst first, and what could not be seen. Whole rows are left out where there is no room, with a
// sentence that says how many, and where they are. It is GitHub's Markdown; names from the account are data in it.
func writeMarkdown(out io.Writer, r *result.Result, _ Look) error {
	m := newMarkdown(r)
	head := m.head()
	changes := m.changes(mdChanges)
	unseen := m.unseen(mdUnseen)
	accepted := m.accepted(mdAccepted)
	people := m.people(mdPeople)
	found := m.findings(mdLimit - len(head) - len(changes) - len(unseen) - len(accepted) - len(people))
	w := bufio.NewWriter(out)
	for _, part := range []string{head, changes, found, unseen, accepted, people} {
		if _, err := w.WriteString(part); err != nil {
			return err
		}
	}
	return w.Flush()
}

// markdown holds what one pass over the findings gathers: counts of everything, and of the rows no more than can fit.
type markdown struct {
	r         *result.Result
	worst     map[mdPlace][]finding.Finding
	counts    map[mdPlace]int
	kinds     map[string]result.Kind
	lost      map[string]int // unknown verdicts, by account, operation and region
	questions []*finding.Rule
	asked     map[*finding.Rule][2]int // findings, and those that are attested
}

// mdPlace is where a row stands in the order of the findings.
type mdPlace struct{ status, severity int }

// rowsKept are the rows kept of each place: more of them than fit.
const rowsKept = 1500

const acceptedPlace = -1 // mdPlace.status of a fail that an exception accepts

func newMarkdown(r *result.Result) *markdown {
	m := &markdown{
		r: r, worst: map[mdPlace][]finding.Finding{}, counts: map[mdPlace]int{}, kinds: changeKinds(r), lost: map[string]int{},
		asked: map[*finding.Rule][2]int{},
	}
	for f := range r.All() {
		at := mdPlace{slices.Index(finding.Statuses(), f.Status), f.Severity.Rank()}
		switch {
		case f.Suppressed():
			at.status = acceptedPlace
		case f.Status == finding.Fail:
		case f.Status == finding.Unknown:
			if f.Reason != nil && f.Reason.Operation != nil {
				m.lost[f.AccountID+" "+*f.Reason.Operation+" "+f.Region]++
			}
		case f.Status == finding.Manual:
			n, known := m.asked[f.Rule]
			if !known {
				m.questions = append(m.questions, f.Rule)
			}
			n[0]++
			if f.Attested() {
				n[1]++
			}
			m.asked[f.Rule] = n
			continue
		default:
			continue
		}
		m.counts[at]++
		if len(m.worst[at]) < rowsKept {
			m.worst[at] = append(m.worst[at], f)
		}
	}
	return m
}

// head is what always fits: whose report it is, the matrix and the summary.
func (m *markdown) head() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# ourshare: our share of %s\n\n", m.list(m.r.Scan.Accounts, "account", "accounts"))
	fmt.Fprintf(&b, "| layer |")
	for _, c := range responsibility.Categories() {
		fmt.Fprintf(&b, " %s |", c)
	}
	b.WriteString("\n| --- |" + strings.Repeat(" --- |", len(responsibility.Categories())) + "\n")
	for _, l := range responsibility.Layers() {
		fmt.Fprintf(&b, "| %s |", l)
		for _, c := range responsibility.Categories() {
			fmt.Fprintf(&b, " %s |", m.cell(c, l))
		}
		b.WriteString("\n")
	}
	examined, all := 0, 0
	for _, c := range m.r.Responsibility {
		examined += c.Examined
		all += c.Controls
	}
	fmt.Fprintf(&b, "\n%d of %d controls examined. AWS: AWS answers for it. ours: we answer for it, and no control looks at it yet.\n\n", examined, all)
	b.WriteString(m.summary())
	return b.String()
}

func (m *markdown) list(words []string, one, many string) string {
	if len(words) == 0 {
		return "no " + one
	}
	const most = 5
	var shown []string
	for _, w := range words[:min(most, len(words))] {
		shown = append(shown, mdCode(w, 60))
	}
	text := plural(len(words), one, many) + " " + strings.Join(shown, ", ")
	if left := len(words) - most; left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return text
}

// cell says of a cell of the matrix what stands in it, in words, since colours do not survive a comment.
func (m *markdown) cell(c responsibility.Category, l responsibility.Layer) string {
	cell, ok := responsibility.Of(c, l)
	switch {
	case !ok:
		return "–"
	case cell.Share == responsibility.AWS:
		return "AWS"
	}
	i := slices.IndexFunc(m.r.Responsibility, func(e result.Cell) bool { return e.Category == c && e.Layer == l })
	if i < 0 || m.r.Responsibility[i].Controls == 0 {
		return "ours"
	}
	v := m.r.Responsibility[i]
	var words []string
	for _, part := range []struct {
		n    int
		word string
	}{
		{v.Fail, "fail"},
		{v.Unknown, "unknown"},
		{v.Suppressed, "accepted"},
		{v.Manual - v.Attested, "to answer"},
		{v.Attested, "attested"},
		{v.Pass, "pass"},
	} {
		if part.n > 0 {
			word := fmt.Sprintf("%d %s", part.n, part.word)
			if part.word == "fail" {
				word = "**" + word + "**"
			}
			words = append(words, word)
		}
	}
	switch {
	case len(words) > 0:
	case v.Examined == 0 && v.NotApplicable == 0: // AWS FSBP has controls there, and no check of the scan looks
		words = []string{"ours"}
	default:
		words = []string{"nothing found"}
	}
	return strings.Join(words, ", ") + fmt.Sprintf(" (%d of %d examined)", v.Examined, v.Controls)
}

func (m *markdown) summary() string {
	s := m.r.Summary
	var b strings.Builder
	var fails []string
	for _, sev := range finding.Severities() {
		if n := s.BySeverity[sev]; n > 0 {
			fails = append(fails, fmt.Sprintf("%d %s", n, sev))
		}
	}
	fmt.Fprintf(&b, "**%d failing**", s.ByStatus[finding.Fail])
	if len(fails) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(fails, ", "))
	}
	fmt.Fprintf(&b, ", **%d unknown**, %d passing, %d to be answered by people", s.ByStatus[finding.Unknown], s.ByStatus[finding.Pass], s.ByStatus[finding.Manual])
	if s.Attested > 0 {
		fmt.Fprintf(&b, " (%d attested)", s.Attested)
	}
	fmt.Fprintf(&b, ", %d not applicable", s.ByStatus[finding.NotApplicable])
	if s.Suppressed > 0 {
		fmt.Fprintf(&b, "; %d more failing, accepted by an exception", s.Suppressed)
	}
	fmt.Fprintf(&b, "; on %d %s in %s.\n\n", s.Resources, plural(s.Resources, "resource", "resources"), m.list(m.r.Scan.Regions, "region", "regions"))
	if m.r.Scan.Complete {
		b.WriteString("Complete: everything that the selected checks asked for was read.")
	} else {
		b.WriteString("**Incomplete:** some evidence could not be read; what depends on it is unknown, not passing.")
	}
	fmt.Fprintf(&b, " Scanned %s to %s.\n", stamp(m.r.Scan.StartedAt), stamp(m.r.Scan.FinishedAt))
	return b.String()
}

// findings lists what fails, then what is unknown, each the worst first.
func (m *markdown) findings(room int) string {
	total := 0
	var order []mdPlace
	for status := range finding.Statuses() {
		for severity := range len(finding.Severities()) + 1 {
			at := mdPlace{status, severity}
			order = append(order, at)
			total += m.counts[at]
		}
	}
	if total == 0 {
		return ""
	}
	t := newMDTable("Findings", "", "severity", "check", "where", "resource", "what was seen")
	for _, at := range order {
		for _, f := range m.worst[at] {
			t.add(m.severity(f), mdCode(f.Rule.ID, 100), m.region(f.AccountID, f.Region), mdResource(result.ResourceJSON(f.Resource)), m.seen(f))
		}
	}
	t.total = total
	return t.render(room)
}

func (m *markdown) severity(f finding.Finding) string {
	word := string(f.Severity)
	if f.Status == finding.Unknown {
		word = "unknown (" + word + ")"
	}
	if kind := m.kinds[f.Fingerprint]; kind == result.New || kind == result.Reopened {
		word += ", " + string(kind)
	}
	return word
}

// region is the region, with the account where the report has several.
func (m *markdown) region(account, region string) string {
	if onlyAccount(m.r) == account {
		return mdText(region, 40)
	}
	return mdText(account+" "+region, 80)
}

func (m *markdown) seen(f finding.Finding) string {
	text := mdText(f.Message, 400)
	if owner := f.Owner(); owner != "" {
		text += "; owner: " + mdText(owner, 60)
	}
	return text
}

func mdResource(r result.Resource) string {
	id := r.ID
	if r.Key != "" && r.Key != id {
		id += "/" + r.Key
	}
	text := mdCode(id, 150)
	if r.Name != "" && r.Name != r.ID {
		text += " (" + mdCode(r.Name, 80) + ")"
	}
	return text
}
