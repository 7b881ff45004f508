package report

import (
	"cmp"
	"html/template"
	"maps"
	"slices"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// worstShown is how many failing findings stand at the head of the report.
const worstShown = 10

// view is what the template is given. All text in it that a stranger may have written has passed [Visible].
type view struct {
	r *result.Result

	Policy template.HTML
	Style  template.HTML

	Title    string
	Scan     result.Scan
	Tool     result.Tool
	Summary  result.Summary
	Figures  []figure
	Matrix   matrix
	Changes  *changes
	Worst    []worst
	Gaps     gaps
	Excepted *exceptions
	Asked    []question
	Read     []reading
	Total    int // findings

	rules    []*finding.Rule
	ruleAt   map[string]int
	accounts index
	regions  index
	owners   index
	kinds    map[string]result.Kind // by fingerprint
	byRule   map[string]*[len(shownWords)]int
	uncalled map[string]int  // unknown verdicts that no call explains, by reason
	known    map[string]bool // fingerprints of changes that have a finding
}

// figure is one number of the page's head, with the filter that shows what it counts.
type figure struct {
	Count  int
	Word   string
	Filter template.URL
	Class  string
}

// newView reads the result once, keeping counts and the worst findings.
func newView(r *result.Result) *view {
	v := &view{
		r: r, Scan: r.Scan, Tool: r.Tool, Summary: r.Summary, ruleAt: map[string]int{}, kinds: map[string]result.Kind{},
		byRule: map[string]*[len(shownWords)]int{}, known: map[string]bool{}, uncalled: map[string]int{},
	}
	for _, id := range slices.Sorted(maps.Keys(r.Checks)) {
		v.rule(r.Checks[id])
	}
	for c := range r.AllChanges() {
		v.kinds[c.Fingerprint] = c.Change
	}
	lost := map[lostKey]int{}
	var top []finding.Finding
	for f := range r.All() {
		v.Total++
		v.rule(f.Rule)
		v.byRule[f.Rule.ID][shownOf(&f)]++
		v.accounts.of(Visible(f.AccountID))
		v.regions.of(Visible(f.Region))
		v.owners.of(Visible(f.Owner()))
		if _, changed := v.kinds[f.Fingerprint]; changed {
			v.known[f.Fingerprint] = true
		}
		if f.Reason != nil && f.Reason.Operation != nil {
			lost[lostKey{f.AccountID, *f.Reason.Operation, f.Region}]++
		} else if f.Reason != nil {
			v.uncalled[f.Reason.Outcome]++
		}
		if shownOf(&f) == shownFailing {
			top = keepWorst(top, f)
		}
	}
	slices.Sort(v.accounts.list)
	slices.Sort(v.regions.list)
	slices.Sort(v.owners.list)
	for _, x := range []*index{&v.accounts, &v.regions, &v.owners} {
		for i, s := range x.list {
			x.at[s] = i
		}
	}
	v.Title = "AWS responsibility report, " + joined(r.Scan.Accounts)
	v.Figures = v.figures()
	v.Matrix = v.matrix()
	v.Changes = v.changes()
	for _, f := range top {
		v.Worst = append(v.Worst, worstOf(&f))
	}
	v.Gaps = v.gaps(lost)
	v.Excepted = v.exceptions()
	v.Asked = v.questions()
	v.Read = v.readings()
	return v
}

func (v *view) rule(r *finding.Rule) {
	if _, known := v.ruleAt[r.ID]; known {
		return
	}
	v.ruleAt[r.ID] = len(v.rules)
	v.rules = append(v.rules, r)
	v.byRule[r.ID] = new([len(shownWords)]int)
}

// keepWorst keeps the most severe ones, of equal ones the first.
func keepWorst(top []finding.Finding, f finding.Finding) []finding.Finding {
	i, _ := slices.BinarySearchFunc(top, f, func(a, b finding.Finding) int {
		return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), -1) // behind the equal ones
	})
	if i >= worstShown {
		return top
	}
	top = slices.Insert(top, i, f)
	return top[:min(len(top), worstShown)]
}

// worst is a failing finding as the head of the report shows it.
type worst struct {
	Fingerprint, Severity, Check, Title, Resource, Type, Account, Region, Message string

	Evidence []proof
	Risk     string
	Text     string
	Command  string
	URL      string
}

func worstOf(f *finding.Finding) worst {
	return worst{
		Fingerprint: Visible(f.Fingerprint), Severity: Visible(string(f.Severity)), Check: Visible(f.Rule.ID), Title: Visible(f.Rule.Title),
		Resource: resourceName(f.Resource), Type: Visible(f.Resource.Type), Account: Visible(f.AccountID), Region: Visible(f.Region),
		Message: Visible(f.Message), Evidence: proofs(f.Evidence), Risk: Visible(f.Rule.Risk), Text: Visible(f.Rule.Remediation.Text),
		Command: Visible(command(f)), URL: f.Rule.Remediation.URL,
	}
}

func (v *view) figures() []figure {
	s := v.r.Summary
	out := []figure{
		{s.ByStatus[finding.Fail], "failing", "status=fail", "fail"},
		{s.ByStatus[finding.Unknown], "unknown, which is not passing", "status=unknown", "unknown"},
		{s.ByStatus[finding.Pass], "verified", "status=pass", "pass"},
		{s.ByStatus[finding.Manual] - s.Attested, "to be answered by people", "status=manual", "manual"},
	}
	if s.Attested > 0 {
		out = append(out, figure{s.Attested, "attested: somebody's word, not verified", "status=attested", "attested"})
	}
	if s.Suppressed > 0 {
		out = append(out, figure{s.Suppressed, "failing, and accepted by an exception", "status=accepted", "accepted"})
	}
	return append(out, figure{s.ByStatus[finding.NotApplicable], "not applicable", "status=not_applicable", "na"})
}

// meta is what the rows of the data point to.
func (v *view) meta() metaData {
	m := metaData{
		Accounts: append([]string{}, v.accounts.list...), Regions: append([]string{}, v.regions.list...), Owners: append([]string{}, v.owners.list...),
		Rules: []ruleData{}, Total: v.Total,
		Compared: v.r.Comparison != nil && v.r.Comparison.Baseline != nil, Statuses: shownWords[:],
	}
	for _, s := range finding.Severities() {
		m.Severities = append(m.Severities, string(s))
	}
	for _, k := range result.Kinds() {
		m.Kinds = append(m.Kinds, [2]string{string(k), kindWords[k]})
	}
	for _, r := range v.rules {
		d := ruleData{
			ID: Visible(r.ID), Title: Visible(r.Title), Category: Visible(string(r.Category)), Layer: Visible(string(r.Layer)), Service: Visible(r.Service),
			Severity: Visible(string(r.Severity)), Risk: Visible(r.Risk), Text: Visible(r.Remediation.Text), URL: Visible(r.Remediation.URL),
			References: []string{}, Parameters: [][2]string{}, Revision: r.Revision,
		}
		for _, ref := range r.References {
			d.References = append(d.References, Visible(ref.Framework+" "+ref.ID))
		}
		for _, k := range slices.Sorted(maps.Keys(r.Parameters)) {
			d.Parameters = append(d.Parameters, [2]string{Visible(k), Visible(joined(evidenceValues(r.Parameters[k])))})
		}
		m.Rules = append(m.Rules, d)
	}
	return m
}
