package checks_test

import (
	"context"
	"testing"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
)

type thing struct{ *inventory.Resource }

// Whatever part of a check breaks, each listed resource has its finding.
func TestPanicsKeepTheRows(t *testing.T) {
	things := inventory.Regional("things", nil, func(context.Context, *awsapi.Session) ([]thing, error) { return nil, nil })
	planning := true
	breaks := func(*inventory.Binder) int {
		if !planning {
			panic("broken")
		}
		return 0
	}
	for name, c := range map[string]*checks.Check{
		"bind": checks.With(things, checks.Meta{ID: "x"}, breaks, func(int, thing) checks.Verdict { return checks.Pass("fine") }),
		"judge": checks.With(things, checks.Meta{ID: "x"}, func(*inventory.Binder) int { return 0 }, func(_ int, r thing) checks.Verdict {
			if r.ID == "a" {
				panic("broken")
			}
			return checks.Pass("fine")
		}),
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, things, thing{&inventory.Resource{ID: "a"}}, thing{&inventory.Resource{ID: "b"}})
			planning = true
			c.Plan()
			planning = false
			got := map[string]checks.Verdict{}
			c.Evaluate(f.Store.Bind(checktest.Region), func(r *finding.Resource, v checks.Verdict) { got[r.ID] = v })
			checktest.Want(t, got["a"], finding.Unknown, "internal fault")
			want := map[string]finding.Status{"bind": finding.Unknown, "judge": finding.Pass}[name]
			checktest.Want(t, got["b"], want)
		})
	}
}
