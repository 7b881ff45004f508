package integration

import (
	"fmt"
	"slices"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
)

// judgeHistory tells what is wrong with a comparison over a night on which evidence was lost: the account is the same on all
// three. Nothing is new, resolved or of another rule on either day, nothing that failed is lost, and on the day after all of it
// fails as before; only what explains a fail may differ.
func judgeHistory(base, lost *result.Result) (faults []string) {
	wrong := func(day string, c result.Change) {
		faults = append(faults, fmt.Sprintf("%s: %s of %s is %s: %s", day, c.CheckID, c.Resource.ID, c.Change, c.Reason))
	}
	fails := 0
	for _, f := range base.Findings {
		if f.Status == finding.Fail {
			fails++
		}
	}
	night := *lost
	night.Findings = slices.Clone(lost.Findings)
	history.Open(base).Annotate(&night)
	accounted := night.Comparison.Counts[result.Persisting]
	for _, c := range night.Comparison.Changes {
		accounted++
		switch {
		case c.Change == result.NotObservable && (c.After == nil || c.After.Status == finding.Unknown):
		case c.Change == result.Changed && c.After.Status == finding.Fail:
		default:
			wrong("the night of the fault", c)
		}
	}
	if accounted != fails {
		faults = append(faults, fmt.Sprintf("the night of the fault: of %d fails %d are accounted for", fails, accounted))
	}
	after := history.Compare(&night, base)
	for _, c := range after.Changes {
		if c.Change != result.Persisting && c.Change != result.Changed {
			wrong("the day after", c)
		}
	}
	if len(after.Changes) != fails {
		faults = append(faults, fmt.Sprintf("the day after: of %d fails %d are told of", fails, len(after.Changes)))
	}
	return faults
}
