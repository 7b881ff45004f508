package report

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// shown is a status as the report for people shows it: what is accepted and what is attested stand apart from what fails
// and from what waits for an answer.
type shown int

const (
	shownFailing shown = iota
	shownUnseen
	shownAsked
	shownAttested
	shownAccepted
	shownVerified
	shownInapplicable
)

// shownWords are the statuses' keys in the page's address and their words, in the order in which findings are listed.
var shownWords = [...][2]string{
	shownFailing:      {"fail", "failing"},
	shownUnseen:       {"unknown", "unknown"},
	shownAsked:        {"manual", "to be answered"},
	shownAttested:     {"attested", "attested"},
	shownAccepted:     {"accepted", "accepted"},
	shownVerified:     {"pass", "verified"},
	shownInapplicable: {"not_applicable", "not applicable"},
}

func shownOf(f *finding.Finding) shown {
	switch f.Status {
	case finding.Fail:
		if f.Suppressed() {
			return shownAccepted
		}
		return shownFailing
	case finding.Manual:
		if f.Attested() {
			return shownAttested
		}
		return shownAsked
	case finding.Pass:
		return shownVerified
	case finding.NotApplicable:
		return shownInapplicable
	case finding.Unknown:
	}
	return shownUnseen // also of a word that a later version may have
}

// index numbers words in the order in which they come.
type index struct {
	list []string
	at   map[string]int
}

func (x *index) of(s string) int {
	if s == "" {
		return -1
	}
	if x.at == nil {
		x.at = map[string]int{}
	}
	i, known := x.at[s]
	if !known {
		i = len(x.list)
		x.at[s] = i
		x.list = append(x.list, s)
	}
	return i
}

// ruleData is a check for the page.
type ruleData struct {
	ID         string      `json:"id"`
	Title      string      `json:"title"`
	Category   string      `json:"category"`
	Layer      string      `json:"layer"`
	Service    string      `json:"service"`
	Severity   string      `json:"severity"`
	Risk       string      `json:"risk"`
	Text       string      `json:"text"`
	URL        string      `json:"url"`
	References []string    `json:"references"`
	Parameters [][2]string `json:"parameters"`
	Revision   int         `json:"revision"`
}

// metaData is what the findings' rows point to.
type metaData struct {
	Statuses   [][2]string `json:"statuses"`
	Severities []string    `json:"severities"`
	Kinds      [][2]string `json:"kinds"`
	Compared   bool        `json:"compared"`
	Rules      []ruleData  `json:"rules"`
	Accounts   []string    `json:"accounts"`
	Regions    []string    `json:"regions"`
	Owners     []string    `json:"owners"`
	Total      int         `json:"total"`
}

// extra is what only some findings have.
type extra struct {
	Reason      *reasonData          `json:"reason,omitempty"`
	Suppression *finding.Suppression `json:"suppression,omitempty"`
	Attestation *finding.Attestation `json:"attestation,omitempty"`
	History     *historyData         `json:"history,omitempty"`
	Command     string               `json:"command,omitempty"`
}

type reasonData struct {
	Outcome string `json:"outcome"`
	Action  string `json:"action,omitempty"` // the permission that the call needs
	Text    string `json:"text"`
}

type historyData struct {
	FirstSeen  string `json:"first_seen"`
	LastSeen   string `json:"last_seen"`
	LastFailed string `json:"last_failed,omitempty"`
	Ticket     string `json:"ticket"`
	TicketKey  string `json:"ticket_key,omitempty"`
}

// writeData writes the data that the page's script reads, as JSON that no browser runs: encoding/json writes <, >, & and
// the line separators U+2028 and U+2029 as \u escapes, so that neither "</script" nor "<!--" can stand in it. The rows are
// written one by one; a resource stands in the first row that is about it, and later ones give its number.
func (v *view) writeData(out *bufio.Writer) error {
	w := data{out: out}
	w.text(`<script type="application/json" id="meta">`)
	w.json(v.meta())
	w.text("</script>\n" + `<script type="application/json" id="rows">[`)
	var resources index
	n := 0
	for f := range v.r.All() {
		if n++; n > 1 {
			w.text(",")
		}
		w.text("\n")
		w.json(v.row(&f, &resources))
		if w.err != nil {
			return w.err
		}
	}
	w.text("\n]</script>\n")
	return w.err
}

// row is a finding: rule, status, severity, account, region, owner, kind of change, resource, message, fingerprint,
// evidence, extra. The script reads them by these places.
func (v *view) row(f *finding.Finding, resources *index) []any {
	id := strings.Join([]string{f.AccountID, f.Region, f.Resource.Type, f.Resource.ARN, f.Resource.ID, f.Resource.Key}, "\x00")
	known := len(resources.list)
	at := resources.of(id)
	var about any = at
	if at == known {
		about = resourceRow(f.Resource)
	}
	row := []any{
		v.ruleAt[f.Rule.ID], int(shownOf(f)), f.Severity.Rank(), v.accounts.of(Visible(f.AccountID)), v.regions.of(Visible(f.Region)),
		v.owners.of(Visible(f.Owner())), v.kind(f), about, Visible(f.Message), Visible(f.Fingerprint), proofs(f.Evidence),
	}
	if e := extraOf(f); e != (extra{}) {
		row = append(row, e)
	}
	return row
}

func resourceRow(r *finding.Resource) []any {
	var tags any
	if r.Tags != nil {
		pairs := [][2]string{}
		for k, v := range r.Tags {
			pairs = append(pairs, [2]string{Visible(k), Visible(v)})
		}
		slices.SortFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
		tags = pairs
	}
	return []any{Visible(r.Type), Visible(r.ID), Visible(r.ARN), Visible(r.Name), Visible(r.Key), tags}
}

func extraOf(f *finding.Finding) extra {
	var e extra
	if f.Reason != nil {
		e.Reason = &reasonData{Outcome: Visible(f.Reason.Outcome), Text: Visible(f.Reason.Text)}
		if f.Reason.Action != nil {
			e.Reason.Action = Visible(*f.Reason.Action)
		}
	}
	if f.Status == finding.Fail {
		e.Command = Visible(command(f))
	}
	if f.Note == nil {
		return e
	}
	if s := f.Note.Suppression; s != nil {
		e.Suppression = &finding.Suppression{Reason: Visible(s.Reason), Owner: Visible(s.Owner), Expires: Visible(s.Expires)}
	}
	if a := f.Note.Attestation; a != nil {
		e.Attestation = &finding.Attestation{By: Visible(a.By), At: Visible(a.At), Evidence: Visible(a.Evidence), Expires: Visible(a.Expires)}
	}
	if h := f.Note.History; h != nil {
		e.History = &historyData{FirstSeen: moment(h.FirstSeen), LastSeen: moment(h.LastSeen), Ticket: Visible(h.Ticket), TicketKey: Visible(h.TicketKey)}
		if h.LastFailed != nil {
			e.History.LastFailed = moment(*h.LastFailed)
		}
	}
	return e
}

// kind is the place of the finding's change among the kinds; -1: it has none. Persisting fails are not among the changes.
func (v *view) kind(f *finding.Finding) int {
	kind, changed := v.kinds[f.Fingerprint]
	switch {
	case changed:
	case f.Status == finding.Fail && v.r.Comparison != nil && v.r.Comparison.Baseline != nil:
		kind = result.Persisting
	default:
		return -1
	}
	return slices.Index(result.Kinds(), kind)
}

// data keeps the first error.
type data struct {
	out *bufio.Writer
	err error
}

func (d *data) text(s string) {
	if d.err == nil {
		_, d.err = io.WriteString(d.out, s)
	}
}

func (d *data) json(v any) {
	if d.err != nil {
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		d.err = err
		return
	}
	_, d.err = d.out.Write(b)
}
