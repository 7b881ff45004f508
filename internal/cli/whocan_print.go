package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/report"
)

// whoCan is the answer, as its JSON has it. Those who may not are not in it.
type whoCan struct {
	Account  string `json:"account_id"`
	Action   string `json:"action"`
	Resource string `json:"resource"`
	// Answered is false where something is not known: of somebody listed, or whether there are others.
	Answered bool     `json:"answered"`
	Holds    string   `json:"holds"` // what every yes is subject to
	May      []who    `json:"may"`
	NotSeen  []string `json:"not_seen"` // why there may be more, or less
	Notes    []string `json:"notes"`
}

// who is one that may do it, or of whom it is not known.
type who struct {
	Who        string   `json:"who"`    // an ARN of the account, or words
	Kind       string   `json:"kind"`   // root, user, role; anyone, any account, account, principal, organization, service, federated, canonical, unclear
	Answer     string   `json:"answer"` // yes, unknown
	All        string   `json:"all"`    // whether on all of the resource: yes, no, unknown
	Example    string   `json:"example,omitempty"`
	Conditions []string `json:"conditions"` // all of which must hold
	Through    string   `json:"through,omitempty"`
	Because    []string `json:"because"`
	Against    []string `json:"against"` // what denies a part of it, or may deny it
	Notes      []string `json:"notes"`

	decision iampolicy.Decision
}

func (f *found) answer(a ask) whoCan {
	list, complete := f.account.WhoCan(f.question)
	// Everyone first, then others, then the account's own.
	slices.SortStableFunc(list, func(x, y iampolicy.Access) int { return cmp.Compare(rank(x), rank(y)) })
	out := whoCan{
		Account: f.account.ID, Action: a.action, Resource: f.question.Resource, Holds: iampolicy.UnlessOrganization,
		Answered: complete && !f.lost && len(f.notSeen) == 0, May: []who{}, Notes: append([]string{}, f.notes...), NotSeen: []string{},
	}
	for _, x := range list {
		w := whoOf(x)
		out.May = append(out.May, w)
		out.Answered = out.Answered && x.Decision.Some != iampolicy.Unknown && x.Decision.All != iampolicy.Unknown
	}
	if !out.Answered {
		out.NotSeen = append(reasons(f.unread), f.notSeen...)
	}
	return out
}

var ranks = []iampolicy.GranteeKind{
	iampolicy.ToAnyone, iampolicy.ToAnyAccount, iampolicy.ToUnclear, iampolicy.ToOrganization, iampolicy.ToAccount, iampolicy.ToPrincipal,
	iampolicy.ToCanonical, iampolicy.ToFederated, iampolicy.ToService,
}

func rank(x iampolicy.Access) int {
	if x.Identity != nil {
		return len(ranks)
	}
	return slices.Index(ranks, x.Grantee.Kind)
}

// reasons are the texts of errors, each once, sorted.
func reasons(errs []error) []string {
	out := []string{}
	for _, err := range errs {
		out = append(out, inventory.Reason(err).Text)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func whoOf(x iampolicy.Access) who {
	d := x.Decision
	w := who{
		Who: x.Who, Kind: string(x.Grantee.Kind), Answer: d.Some.String(), All: d.All.String(), Through: x.Through,
		Because: append([]string{}, d.Because...), Against: append([]string{}, d.Against...), Notes: append([]string{}, x.Notes...), decision: d,
	}
	if x.Identity != nil {
		w.Kind = string(x.Identity.Kind)
	}
	w.Conditions = append([]string{}, x.Conditions...)
	if d.All == iampolicy.Yes {
		w.Conditions = append(w.Conditions, d.IfAll...)
		if len(d.IfAll) > 0 && len(d.If) == 0 && d.Resource != "" {
			w.Notes = append(w.Notes, "a part, such as "+d.Resource+", without those conditions")
		}
	} else {
		w.Conditions = append(w.Conditions, d.If...)
		if d.Some == iampolicy.Yes {
			w.Example = d.Resource
		}
	}
	slices.Sort(w.Conditions)
	w.Conditions = slices.Compact(w.Conditions)
	return w
}

func (a whoCan) writeJSON(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(a)
}

// writeTable is for people: names and conditions are other people's, and shown so that they cannot hide or forge anything.
func (a whoCan) writeTable(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s, account %s\n\n", report.Visible(a.Action), report.Visible(a.Resource), report.Visible(a.Account))
	if len(a.May) == 0 {
		b.WriteString("Nobody that was found may do it.\n")
	} else {
		b.WriteString(a.rows(lookOf(out).Width) + "\n")
	}
	b.WriteString("\n")
	say := func(text string) { b.WriteString(text + "\n") }
	has := func(is func(who) bool) bool { return slices.ContainsFunc(a.May, is) }
	if has(func(w who) bool { return w.Answer == iampolicy.Yes.String() }) {
		say("Every yes holds " + a.Holds + ": those are not read.")
	}
	if has(func(w who) bool { return w.Kind == string(iampolicy.Role) }) {
		say("What a role may, whoever can take it may: ask who-can sts:AssumeRole.")
	}
	for _, n := range a.Notes {
		say("Note: " + report.Visible(n) + ".")
	}
	for _, n := range a.NotSeen {
		say("Not seen: " + report.Visible(n) + ".")
	}
	if !a.Answered {
		say("Not all is known: the answer is not complete.")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (a whoCan) rows(width int) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.Options{SeparateHeader: true}
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"WHO", "MAY", "BY"})
	for _, row := range a.folded() {
		t.AppendRow(table.Row{report.Visible(row.names), report.Visible(row.may), report.Visible(row.by)})
	}
	if width > 0 {
		third := max(16, (width-8)/3)
		column := func(n int) table.ColumnConfig {
			return table.ColumnConfig{Number: n, WidthMax: third, WidthMaxEnforcer: text.WrapSoft}
		}
		t.SetColumnConfigs([]table.ColumnConfig{column(1), column(2), column(3)})
	}
	return t.Render()
}

type foldedRow struct{ names, may, by string }

// folded puts those of the account's own of whom the same is to be said into one row.
func (a whoCan) folded() (rows []foldedRow) {
	type key struct{ kind, through, may, by string }
	at := map[key]int{}
	for _, w := range a.May {
		k := key{w.Kind, w.Through, w.may(), w.by()}
		i, again := at[k]
		if !again || !w.own() {
			at[k] = len(rows)
			rows = append(rows, foldedRow{w.name(), k.may, k.by})
			continue
		}
		rows[i].names += ", " + w.short()
	}
	for i, w := range rows {
		for _, kind := range []string{"role", "user"} {
			if strings.HasPrefix(w.names, kind+" ") && strings.Contains(w.names, ", ") {
				rows[i].names = kind + "s" + strings.TrimPrefix(w.names, kind)
			}
		}
	}
	for k, i := range at {
		if k.through != "" {
			rows[i].names += " through " + k.through
		}
	}
	return rows
}

// own tells whether it is one of the account's own.
func (w who) own() bool {
	return slices.Contains([]iampolicy.IdentityKind{iampolicy.Root, iampolicy.User, iampolicy.Role}, iampolicy.IdentityKind(w.Kind))
}

// name is "user alice" of the account's own, and words of others.
func (w who) name() string {
	switch {
	case w.Kind == string(iampolicy.Root):
		return "root user"
	case w.own():
		return w.Kind + " " + w.short()
	}
	return w.Who
}

// short is a user's or role's path and name.
func (w who) short() string {
	_, name, found := strings.Cut(w.Who, ":"+w.Kind+"/")
	if !found {
		return w.Who
	}
	return name
}

func (w who) may() string {
	var s string
	switch {
	case w.decision.Some == iampolicy.Unknown:
		s = "not known"
	case w.decision.All == iampolicy.Yes:
		s = "yes"
	case w.decision.All == iampolicy.No:
		s = "on a part of it"
	default:
		s = "on a part of it; whether on all is not known"
	}
	if w.Example != "" {
		s += ", such as " + w.Example
	}
	if len(w.Conditions) > 0 {
		s += ", if " + strings.Join(w.Conditions, " and ")
	}
	for _, n := range w.Notes {
		s += "; " + n
	}
	return s
}

func (w who) by() string {
	s := strings.Join(w.Because, "; ")
	if against := strings.Join(w.Against, "; "); w.decision.Some == iampolicy.Unknown {
		if against != "" && !slices.ContainsFunc(w.Against, func(one string) bool { return slices.Contains(w.Because, one) }) {
			s = join(s, "may be denied by "+against)
		}
	} else if len(w.Against) > 0 && w.decision.All != iampolicy.Yes {
		s = join(s, "denied in part, or in other circumstances, by "+strings.Join(w.Against, "; "))
	}
	return s
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
