package engine

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

type thing struct {
	*inventory.Resource
	State string
}

func (t thing) Key() string { return t.ID }

func row(id, region, state string) thing {
	return thing{&inventory.Resource{Type: "T", ID: id, ARN: "arn:aws:x::111122223333:" + id, Region: region}, state}
}

func listing(rows ...thing) inventory.Lister[thing] {
	return func(context.Context, *awsapi.Session) ([]thing, error) { return rows, nil }
}

var meta = checks.Meta{ID: "x-thing-good", Title: "Things are good", Layer: responsibility.IdentityAccess, Severity: finding.High}

func judgeState(t thing) checks.Verdict {
	switch t.State {
	case "good":
		return checks.Pass("good")
	case "bad":
		return checks.Fail("bad")
	case "manual":
		return checks.Manual("who?")
	}
	panic("no such state")
}

func run(t *testing.T, c *checks.Check) *result.Result {
	t.Helper()
	checks.NewGroup(responsibility.Infrastructure, "x", c)
	clock := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	s := inventory.NewStore(&awsapi.Account{ID: "111122223333", Partition: "aws", Home: "us-east-1"},
		[]string{"eu-west-1", "us-east-1"}, func() time.Time { return clock })
	list := []*checks.Check{c}
	Collect(t.Context(), s, list, false)
	return Evaluate(s, list, list, Head{StartedAt: clock, FinishedAt: clock})
}

func byID(r *result.Result) map[string]finding.Finding {
	m := map[string]finding.Finding{}
	for _, f := range r.Findings {
		m[f.Resource.ID+"@"+f.Region] = f
	}
	return m
}

// A panic in a check becomes an unknown for its resource; the scan goes on, and is incomplete.
func TestPanic(t *testing.T) {
	d := inventory.Global("things", nil, listing(row("a", "global", "good"), row("b", "global", "broken"), row("c", "global", "bad")))
	r := run(t, checks.On(d, meta, judgeState))
	got := byID(r)
	if got["a@global"].Status != finding.Pass || got["c@global"].Status != finding.Fail {
		t.Errorf("%+v", got)
	}
	b := got["b@global"]
	if b.Status != finding.Unknown || b.Reason == nil || b.Reason.Outcome != finding.Internal || !b.Reason.Gap || b.Reason.Operation != nil {
		t.Errorf("%+v", b)
	}
	if r.Scan.Complete {
		t.Error("the scan counts as complete")
	}
}

func TestPanicInBind(t *testing.T) {
	d := inventory.Global("things", nil, listing(row("a", "global", "good")))
	ready := false
	c := checks.With(d, meta, func(*inventory.Binder) int {
		if ready {
			panic("x")
		}
		return 0
	}, func(int, thing) checks.Verdict { return checks.Pass("x") })
	c.Plan()
	checks.NewGroup(responsibility.Infrastructure, "x", c)
	s := inventory.NewStore(&awsapi.Account{ID: "111122223333", Partition: "aws"}, []string{"us-east-1"}, time.Now)
	Collect(t.Context(), s, []*checks.Check{c}, false)
	rule := c.Rule(nil)
	ready = true
	findings, _ := judge(s, c, rule)
	if len(findings) != 1 || findings[0].Status != finding.Unknown || findings[0].Resource.ID != "a" {
		t.Errorf("%+v", findings)
	}
}

// A row that is listed twice has one finding; rows in regions are evaluated per scanned region.
func TestRowsInRegions(t *testing.T) {
	d := inventory.GlobalByRegion("things", nil, listing(
		row("a", "us-east-1", "good"), row("a", "us-east-1", "good"), row("b", "sa-east-1", "bad"), row("c", "", "bad")))
	r := run(t, checks.On(d, meta, judgeState))
	if got := byID(r); len(r.Findings) != 2 || got["a@us-east-1"].Status != finding.Pass || got["c@global"].Status != finding.Fail {
		t.Errorf("%+v", r.Findings)
	}
	var evaluated []string
	for _, e := range r.Evaluations {
		evaluated = append(evaluated, e.Region)
		if e.Region == "us-east-1" && e.Resources != 1 || e.Region == "eu-west-1" && e.Resources != 0 || !e.Complete {
			t.Errorf("%+v", e)
		}
	}
	if !slices.Equal(evaluated, []string{"eu-west-1", "us-east-1"}) {
		t.Errorf("evaluated %v", evaluated)
	}
}

// A listing that fails is one unknown for the account and region; what was listed before is judged.
func TestLostListing(t *testing.T) {
	denied := &awsapi.Error{Outcome: awsapi.Denied, Operation: "x:List", Action: "x:List", Region: "us-east-1", Text: "denied"}
	d := inventory.Regional("things", nil, func(_ context.Context, s *awsapi.Session) ([]thing, error) {
		if s.Region == "us-east-1" {
			return []thing{row("a", s.Region, "bad")}, denied
		}
		return []thing{row("b", s.Region, "good")}, nil
	})
	r := run(t, checks.On(d, meta, judgeState))
	got := byID(r)
	lost := got["111122223333@us-east-1"]
	if len(got) != 3 || got["a@us-east-1"].Status != finding.Fail || lost.Status != finding.Unknown || !strings.Contains(lost.Message, "x:List in us-east-1: denied") {
		t.Errorf("%+v", got)
	}
	for _, e := range r.Evaluations {
		if e.Complete != (e.Region == "eu-west-1") || e.Resources != 1 {
			t.Errorf("%+v", e)
		}
	}
	if r.Scan.Complete {
		t.Error("the scan counts as complete")
	}
}

// A detail that is denied changes verdicts, never fingerprints.
func TestFingerprintsStay(t *testing.T) {
	var fail error
	d := inventory.Global("things", nil, listing(row("a", "global", "good"), row("b", "global", "bad")))
	detail := inventory.Each(d, "detail", nil, thing.Key, func(_ context.Context, _ *awsapi.Session, t thing) (string, error) { return t.State, fail })
	judge := func() *result.Result {
		return run(t, checks.OnDetail(detail, meta, checks.Fail("absent"), func(t thing, _ string) checks.Verdict { return judgeState(t) }))
	}
	prints := func(r *result.Result) (out []string) {
		for _, f := range r.Findings {
			out = append(out, f.Fingerprint)
		}
		return out
	}
	before := judge()
	fail = &awsapi.Error{Outcome: awsapi.Throttled, Operation: "x:Get", Text: "throttled"}
	after := judge()
	if !slices.Equal(prints(before), prints(after)) {
		t.Error("the fingerprints differ")
	}
	for _, f := range after.Findings {
		if f.Status != finding.Unknown || f.Reason.Outcome != "throttled" {
			t.Errorf("%+v", f)
		}
	}
}

// An insufficient evidence is unknown, and no gap; a manual control is not examined.
func TestNoGap(t *testing.T) {
	d := inventory.Global("things", nil, listing(row("a", "global", "manual")))
	r := run(t, checks.On(d, meta, judgeState))
	if !r.Scan.Complete || r.Summary.ByStatus[finding.Manual] != 1 {
		t.Errorf("%+v", r.Summary)
	}
	for _, c := range r.Responsibility {
		if c.Controls == 1 && c.Examined != 0 {
			t.Error("a manual control counts as examined")
		}
	}
	r = run(t, checks.On(d, meta, func(thing) checks.Verdict { return checks.Unknown(inventory.Insufficient("never scanned")) }))
	if !r.Scan.Complete || r.Findings[0].Reason.Gap {
		t.Errorf("%+v", r.Findings[0].Reason)
	}
}

// A cell's controls are our checks and what of AWS FSBP no check of ours covers; examined are ours alone.
func TestControls(t *testing.T) {
	count := func(all []*checks.Check, examined map[string]bool, c responsibility.Category, l responsibility.Layer) (int, int) {
		for _, cell := range controls(all, examined) {
			if cell.Category == c && cell.Layer == l {
				return cell.Controls, cell.Examined
			}
		}
		t.Fatalf("no cell %s/%s", c, l)
		return 0, 0
	}
	fsbpOnly, _ := count(nil, nil, responsibility.Infrastructure, responsibility.IdentityAccess)
	if fsbpOnly == 0 {
		t.Fatal("no control of FSBP stands in infrastructure/identity-access")
	}
	m := meta
	m.Cites = []checks.Cite{{Framework: "FSBP", ID: "EC2.8"}}
	covering := checks.On(inventory.Global("things", nil, listing()), m, judgeState)
	m.ID, m.Cites = "x-thing-better", []checks.Cite{{Framework: "Prowler", ID: "ec2_ami_public"}}
	other := checks.On(inventory.Global("others", nil, listing()), m, judgeState)
	checks.NewGroup(responsibility.Infrastructure, "x", covering, other)
	all := []*checks.Check{covering, other}
	if n, examined := count(all, map[string]bool{other.ID: true}, responsibility.Infrastructure, responsibility.IdentityAccess); n != fsbpOnly+1 || examined != 1 {
		t.Errorf("%d controls, %d examined, want %d and 1: one covers EC2.8, one covers none", n, examined, fsbpOnly+1)
	}
	for _, cell := range controls(nil, nil) {
		if c, ok := responsibility.Of(cell.Category, cell.Layer); cell.Controls > 0 && (!ok || !c.Ours()) {
			t.Errorf("%s/%s is not ours and has controls", cell.Category, cell.Layer)
		}
	}
}
