package checks

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// Cite names a control of another framework that means the same: FSBP, "CIS 7.0" or Prowler.
type Cite struct{ Framework, ID string }

// Fix says how to mend a failing resource. The CLI may hold placeholders in angle brackets.
type Fix struct{ Text, CLI, URL string }

// Meta is a check's metadata: the single source of documentation, reports and validation.
type Meta struct {
	ID       string // words, final once released: ec2-instance-imdsv2-required
	Title    string // what is true of a passing resource
	Layer    responsibility.Layer
	Severity finding.Severity
	Revision int // raised when the check's meaning changes; 0 counts as 1
	Risk     string
	Fix      Fix
	Cites    []Cite
	Detail   string // a paragraph for its page: what exactly passes, fails, is unknown or not applicable
	Question string // of a control that no API can show, what people are to be asked; such a check alone gives Manual
}

// Check is one control.
type Check struct {
	Meta
	Category responsibility.Category // from the group
	Service  string                  // from the group

	subject *inventory.Node
	plan    func() inventory.Planned
	eval    func(b *inventory.Binder, emit Emit)
}

// Emit receives the verdict about one resource.
type Emit func(r *finding.Resource, v Verdict)

// Subject is the dataset whose rows the check judges.
func (c *Check) Subject() *inventory.Node { return c.subject }

// Plan is what the check reads.
func (c *Check) Plan() inventory.Planned { return c.plan() }

// Evaluate judges every row of one scope: a region, or "global". Where a listing failed it emits an unknown with a nil
// resource, which stands for the account in that scope.
func (c *Check) Evaluate(b *inventory.Binder, emit Emit) { c.eval(b, emit) }

// Rule is the printed half of the metadata; parameters are the thresholds in force.
func (c *Check) Rule(parameters map[string]any) *finding.Rule {
	refs := make([]finding.Reference, 0, len(c.Cites))
	for _, cite := range c.Cites {
		refs = append(refs, finding.Reference{Framework: cite.Framework, ID: cite.ID})
	}
	return &finding.Rule{
		ID: c.ID, Title: c.Title, Category: c.Category, Service: c.Service, Layer: c.Layer, Severity: c.Severity,
		Revision: max(1, c.Revision), Parameters: parameters, Risk: c.Risk,
		Remediation: finding.Remediation{Text: c.Fix.Text, CLI: c.Fix.CLI, URL: c.Fix.URL}, References: refs,
		Question: c.Question,
	}
}

// On makes a check of a dataset's rows alone.
func On[T inventory.Row](of *inventory.Dataset[T], m Meta, judge func(T) Verdict) *Check {
	return With(of, m, func(*inventory.Binder) struct{} { return struct{}{} }, func(_ struct{}, row T) Verdict { return judge(row) })
}

// With makes a check that reads more than the rows that it judges. bind asks for it, and must not branch on data.
func With[T inventory.Row, In any](of *inventory.Dataset[T], m Meta, bind func(*inventory.Binder) In, judge func(In, T) Verdict) *Check {
	c := &Check{Meta: m, subject: of.Node()}
	c.plan = func() inventory.Planned {
		return inventory.Plan(func(b *inventory.Binder) {
			inventory.Use(b, of)
			bind(b)
		})
	}
	c.eval = func(b *inventory.Binder, emit Emit) {
		rows := inventory.Use(b, of)
		var in In
		fault := shielded(c.ID, func() Verdict {
			in = bind(b)
			return Verdict{}
		})
		missing := append(b.Missing(), fault.Why...)
		for _, row := range rows.List {
			emit(row.Subject(), shielded(c.ID, func() Verdict {
				if len(missing) > 0 {
					return Unknown(missing...)
				}
				return judge(in, row)
			}))
		}
		lost(rows.Gaps, emit)
	}
	return c
}

// OnDetail makes a check of one fact about each row: absent is the verdict where AWS says "not configured". A row that
// the detail's Where leaves out is judged by outside, which is not_applicable unless given.
func OnDetail[T inventory.Row, V any](d *inventory.Detail[T, V], m Meta, absent Verdict, judge func(T, V) Verdict, outside ...Verdict) *Check {
	return With(d.Of(), m,
		func(b *inventory.Binder) inventory.Facts[T, V] { return inventory.Read(b, d) },
		func(facts inventory.Facts[T, V], row T) Verdict {
			v, err := facts.Of(row).Get()
			switch {
			case err == nil:
				return judge(row, v)
			case errors.Is(err, inventory.ErrNotAsked) && len(outside) > 0:
				return outside[0]
			}
			return fromError(err, absent)
		})
}

// lost makes one unknown for each listing that failed: on the parent of what could not be listed, or (a nil resource) on
// the account in this scope.
func lost(gaps []inventory.Gap, emit Emit) {
	var order []string
	errs := map[string][]error{}
	parents := map[string]*finding.Resource{}
	for i := range gaps {
		key := ""
		if p := gaps[i].Parent; p != nil {
			key = p.Type + "\x00" + p.ARN + "\x00" + p.Key
		}
		if _, seen := errs[key]; !seen {
			order = append(order, key)
			parents[key] = gaps[i].Parent
		}
		errs[key] = append(errs[key], &gaps[i].Error)
	}
	for _, key := range order {
		v := Unknown(errs[key]...)
		v.Lost = true
		emit(parents[key], v)
	}
}

// shielded turns a panic of a check into an unknown for its resource; the scan goes on.
func shielded(id string, f func() Verdict) (v Verdict) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a check failed on a resource", "check", id, "fault", fmt.Sprint(p), "stack", string(debug.Stack()))
			v = Unknown(fmt.Errorf("an internal fault in the check: %v", p))
		}
	}()
	return f()
}

// Group is the checks of one package: its category and service are said once.
type Group struct {
	Category responsibility.Category
	Service  string
	Checks   []*Check
}

// NewGroup gives the checks their category and service.
func NewGroup(category responsibility.Category, service string, list ...*Check) Group {
	for _, c := range list {
		c.Category, c.Service = category, service
	}
	return Group{category, service, list}
}
