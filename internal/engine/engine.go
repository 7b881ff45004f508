// Package engine turns a set of checks into a result: plan, collect, evaluate, findings.
package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	fsbp "github.com/ourshare/ourshare/docs/controls"
	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

// Nodes are the datasets and details that the checks read, with what these depend on, and with the rows' tags if asked.
func Nodes(list []*checks.Check, tags bool) []*inventory.Node {
	var nodes []*inventory.Node
	add := func(n *inventory.Node) {
		if !slices.Contains(nodes, n) {
			nodes = append(nodes, n)
		}
	}
	for _, c := range list {
		for _, n := range c.Plan().Nodes {
			add(n)
		}
	}
	if tags {
		for _, n := range slices.Clone(nodes) {
			if t := n.Tags(); t != nil {
				add(t)
			}
		}
	}
	return nodes
}

// Collect reads everything that the checks need into the store.
func Collect(ctx context.Context, s *inventory.Store, list []*checks.Check, tags bool) {
	nodes := Nodes(list, tags)
	s.Collect(ctx, nodes)
	if tags {
		for _, n := range nodes {
			s.ApplyTags(n)
		}
	}
}

// Head is what a result says about its scan beside the verdicts.
type Head struct {
	ID          string
	ToolVersion string
	StartedAt   time.Time
	FinishedAt  time.Time
	CallerARN   string
	Config      config.Config // severities and owners; its thresholds are the store's
	Coverage    []awsapi.Coverage
	ScanGaps    []inventory.Gap
	Interrupted bool // the scan was stopped before its end

	OnCheck func(id string) // progress; may be nil
}

// NewResult is a result that holds its head alone.
func NewResult(all []*checks.Check, h Head) *result.Result {
	return &result.Result{
		SchemaVersion: result.SchemaVersion,
		Tool:          result.Tool{Name: "ourshare", Version: h.ToolVersion},
		Scan: result.Scan{
			ID: h.ID, StartedAt: h.StartedAt.UTC(), FinishedAt: h.FinishedAt.UTC(),
			CallerARN: h.CallerARN, ConfigSHA256: h.Config.Digest(), CatalogueSHA256: CatalogueDigest(all),
		},
		Checks: map[string]*finding.Rule{},
	}
}

// SetControls counts, for each cell of the matrix, the controls of the catalogue and those that the result has examined.
func SetControls(r *result.Result, all []*checks.Check) {
	examined := map[string]bool{}
	for _, id := range r.Examined {
		examined[id] = true
	}
	r.SetControls(controls(all, examined))
}

// Evaluate judges what the store holds. all is the whole catalogue, of which list was selected.
func Evaluate(s *inventory.Store, list, all []*checks.Check, h Head) *result.Result {
	r := NewResult(all, h)
	r.Scan.Accounts, r.Scan.Regions = []string{s.AccountID}, s.Regions
	r.SetCoverage(h.Coverage)
	complete := !h.Interrupted
	for _, g := range h.ScanGaps {
		complete = false
		r.Scan.Gaps = append(r.Scan.Gaps, g.Error.Error())
	}
	examined := map[string]bool{}
	for _, c := range list {
		rule := c.Rule(s.ParamsInForce(c.ID, c.Plan()))
		if severity, set := h.Config.Severities[c.ID]; set {
			rule.Severity = severity
		}
		r.Checks[c.ID] = rule
		findings, evaluations := judge(s, c, rule)
		for i := range findings {
			if owner := h.Config.Owners.Of(&findings[i]); owner != "" {
				findings[i].With().Owner = owner
			}
		}
		r.Findings = append(r.Findings, findings...)
		if h.OnCheck != nil {
			h.OnCheck(c.ID)
		}
		r.Evaluations = append(r.Evaluations, evaluations...)
		if wasExamined(findings, evaluations) {
			examined[c.ID] = true
		}
		for _, n := range c.Plan().Nodes {
			complete = complete && len(s.Gaps(n)) == 0
		}
	}
	for _, f := range r.Findings {
		complete = complete && (f.Reason == nil || !f.Reason.Gap)
	}
	r.Scan.Complete = complete
	r.Examined = slices.Sorted(maps.Keys(examined))
	SetControls(r, all)
	r.Summarize()
	return r
}

// wasExamined: evidence of the control was read for at least one resource, or a whole listing shows that there is none.
func wasExamined(findings []finding.Finding, evaluations []result.Evaluation) bool {
	for _, f := range findings {
		if f.Status == finding.Pass || f.Status == finding.Fail || f.Status == finding.NotApplicable {
			return true
		}
	}
	return len(findings) == 0 && !slices.ContainsFunc(evaluations, func(e result.Evaluation) bool { return !e.Complete })
}

// controls counts, for each cell, our checks and the controls of AWS FSBP that no check of ours covers; and of how many of
// ours the evidence was read.
func controls(all []*checks.Check, examined map[string]bool) []result.Cell {
	var out []result.Cell
	covered := map[string]bool{}
	for _, c := range all {
		for _, cite := range c.Cites {
			if cite.Framework == fsbp.FSBP {
				covered[cite.ID] = true
			}
		}
	}
	for _, cell := range responsibility.Cells() {
		cc := result.Cell{Category: cell.Category, Layer: cell.Layer}
		for _, c := range all {
			if c.Category == cell.Category && c.Layer == cell.Layer {
				cc.Controls++
				if examined[c.ID] {
					cc.Examined++
				}
			}
		}
		for _, p := range fsbp.Places() {
			if p.Category == cell.Category && p.Layer == cell.Layer && !covered[p.ID] {
				cc.Controls++
			}
		}
		out = append(out, cc)
	}
	return out
}

// judge evaluates one check in each of its scopes.
func judge(s *inventory.Store, c *checks.Check, rule *finding.Rule) (findings []finding.Finding, evaluations []result.Evaluation) {
	scopes := []string{awsapi.Global}
	if c.Subject().Regional {
		scopes = s.Regions
	}
	seen := map[string]bool{}
	for _, scope := range scopes {
		perRegion := map[string]int{}
		emit := func(r *finding.Resource, v checks.Verdict) {
			if r == nil {
				r = s.Account(scope).Resource
			}
			f := toFinding(s, rule, r, v)
			f.Severity = severityOf(c.Severity, rule.Severity, v.Severity)
			if seen[f.Fingerprint] { // a listing that shifts between two pages may show a row twice
				return
			}
			seen[f.Fingerprint] = true
			findings = append(findings, f)
			if !v.Lost {
				perRegion[r.Region]++
			}
		}
		evaluate(c, s.BindCheck(c.ID, scope), emit)
		e := result.Evaluation{
			CheckID: c.ID, AccountID: s.AccountID, Region: scope, ObservedAt: s.ReadAt(c.Subject(), scope),
			Complete: s.Whole(c.Subject(), scope),
		}
		if !c.Subject().ByRow {
			for _, n := range perRegion {
				e.Resources += n
			}
			evaluations = append(evaluations, e)
			continue
		}
		for _, region := range s.Regions {
			e.Region, e.Resources = region, perRegion[region]
			evaluations = append(evaluations, e)
		}
	}
	return findings, evaluations
}

// evaluate shields the scan from a panic outside of a single row's judgement.
func evaluate(c *checks.Check, b *inventory.Binder, emit checks.Emit) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a check failed", "check", c.ID, "fault", fmt.Sprint(p), "stack", string(debug.Stack()))
			emit(nil, checks.Unknown(fmt.Errorf("an internal fault in the check: %v", p)))
		}
	}()
	c.Evaluate(b, emit)
}

func toFinding(s *inventory.Store, rule *finding.Rule, r *finding.Resource, v checks.Verdict) finding.Finding {
	f := finding.Finding{
		Fingerprint: finding.Fingerprint(s.Partition, s.AccountID, rule.ID, r),
		Rule:        rule, AccountID: s.AccountID, Region: r.Region, Resource: r,
		Status: v.Status, Message: v.Message, Evidence: v.Evidence,
	}
	if f.Region == "" {
		f.Region = awsapi.Global
	}
	if v.Status == finding.Unknown {
		f.Reason = inventory.Reason(v.Why...)
		if f.Message == "" {
			f.Message = "not known: " + f.Reason.Text
		}
	}
	return f
}

// CatalogueDigest identifies the catalogue: ids and revisions of all checks.
func CatalogueDigest(all []*checks.Check) string {
	type entry struct {
		ID       string
		Revision int
	}
	list := make([]entry, 0, len(all))
	for _, c := range all {
		list = append(list, entry{c.ID, max(1, c.Revision)})
	}
	slices.SortFunc(list, func(a, b entry) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // strings and numbers
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
