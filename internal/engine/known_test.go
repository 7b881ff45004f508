package engine

import (
	"reflect"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

var (
	limit  = inventory.Param[int]{Name: "limit", Doc: "A limit.", Default: 10, Min: 1, Max: 100}
	prefix = inventory.Param[int]{Name: "prefix", Doc: "A prefix.", Default: 8, Min: 1, Max: 32}
)

// twoChecks read one threshold themselves, and another by a dataset that they share.
func twoChecks() []*checks.Check {
	things := inventory.Global("things", nil, listing(row("a", "global", "good")))
	derived := inventory.Derived("derived", false,
		func(b *inventory.Binder) int { inventory.Use(b, things); return inventory.Value(b, prefix) },
		func(n int) inventory.Rows[thing] {
			return inventory.Rows[thing]{List: []thing{{&inventory.Resource{ID: "d"}, string(rune('0' + n))}}}
		})
	check := func(id string) *checks.Check {
		m := meta
		m.ID = id
		return checks.With(things, m, func(b *inventory.Binder) [2]any {
			rows := inventory.Use(b, derived).List
			state := ""
			for _, r := range rows {
				state += r.State
			}
			return [2]any{inventory.Value(b, limit), state}
		}, func(in [2]any, _ thing) checks.Verdict {
			return checks.Fail("seen").With("limit", in[0]).With("prefix", in[1])
		})
	}
	list := []*checks.Check{check("x-one"), check("x-two")}
	checks.NewGroup(responsibility.Infrastructure, "x", list...)
	return list
}

func scanWith(t *testing.T, list []*checks.Check, text string) *result.Result {
	t.Helper()
	cfg, err := config.Parse([]byte(text), Known(list))
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	s := inventory.NewStore(&awsapi.Account{ID: "111122223333", Partition: "aws"}, []string{"us-east-1"}, func() time.Time { return clock })
	s.Params = cfg.Params
	Collect(t.Context(), s, list, false)
	return Evaluate(s, list, list, Head{StartedAt: clock, FinishedAt: clock, Config: cfg})
}

func TestThresholdsPerCheck(t *testing.T) {
	list := twoChecks()
	k := Known(list)
	want := config.KnownCheck{ID: "x-one", Service: "x", Severity: finding.High, Own: []string{"limit"}, Shared: []string{"prefix"}}
	if len(k.Params) != 2 || k.Params[0].Name != "limit" || k.Params[1].Name != "prefix" || !reflect.DeepEqual(k.Checks[0], want) {
		t.Errorf("%+v", k)
	}
	for text, want := range map[string][2][2]int{ // limit and prefix of each check
		"":                                   {{10, 8}, {10, 8}},
		"thresholds: {limit: 20, prefix: 3}": {{20, 3}, {20, 3}},
		"checks: {x-one: {thresholds: {limit: 30}}}":                                 {{30, 8}, {10, 8}},
		"{thresholds: {limit: 20}, checks: {x-two: {thresholds: {limit: 10}}}}":      {{20, 8}, {10, 8}},
		"checks: {x-one: {thresholds: {limit: 1}}, x-two: {thresholds: {limit: 2}}}": {{1, 8}, {2, 8}},
	} {
		r := scanWith(t, list, text)
		for i, f := range r.Findings {
			limit, prefix := want[i][0], want[i][1]
			if f.Evidence[0].Value != limit || f.Evidence[1].Value != string(rune('0'+prefix)) {
				t.Errorf("%s: %s is judged by %v", text, f.Rule.ID, f.Evidence)
			}
			if p := r.Checks[f.Rule.ID].Parameters; !reflect.DeepEqual(p, map[string]any{"limit": limit, "prefix": prefix}) {
				t.Errorf("%s: %s says %v", text, f.Rule.ID, p)
			}
		}
	}
	if _, err := config.Parse([]byte("checks: {x-one: {thresholds: {prefix: 3}}}"), k); err == nil {
		t.Error("a threshold that checks share is set for one of them")
	}
}

func TestSeverityAndOwner(t *testing.T) {
	list := twoChecks()
	r := scanWith(t, list, "checks: {x-one: {severity: low}}\nowners: {rules: [{check: x-two, owner: web}]}")
	one, two := r.Findings[0], r.Findings[1]
	if one.Severity != finding.Low || r.Checks["x-one"].Severity != finding.Low || one.Owner() != "" {
		t.Errorf("%+v %+v", one, r.Checks["x-one"])
	}
	if two.Severity != finding.High || r.Checks["x-two"].Severity != finding.High || two.Owner() != "web" {
		t.Errorf("%+v %+v", two, r.Checks["x-two"])
	}
	if r.Summary.BySeverity[finding.Low] != 1 || r.Summary.BySeverity[finding.High] != 1 || r.Scan.ConfigSHA256 == (config.Config{}).Digest() {
		t.Errorf("%+v %s", r.Summary, r.Scan.ConfigSHA256)
	}
	if list[0].Severity != finding.High {
		t.Error("the configuration changed the catalogue")
	}
}

func TestSeverityOf(t *testing.T) {
	for _, tt := range []struct{ own, rule, verdict, want finding.Severity }{
		{finding.Medium, finding.Medium, "", finding.Medium},
		{finding.Medium, finding.Low, "", finding.Low},
		{finding.Medium, finding.Low, finding.Medium, finding.Low},
		{finding.Medium, finding.Medium, finding.Critical, finding.Critical}, // raised
		{finding.Medium, finding.Low, finding.Critical, finding.Critical},
		{finding.Medium, finding.Critical, finding.High, finding.Critical},
		{finding.Medium, finding.Medium, finding.Low, finding.Low}, // made milder
		{finding.Medium, finding.Info, finding.Low, finding.Info},
		{finding.Medium, finding.High, finding.Low, finding.Low},
	} {
		if got := severityOf(tt.own, tt.rule, tt.verdict); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}
