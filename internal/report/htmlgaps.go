package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// gaps is what could not be seen.
type gaps struct {
	Scan       []string // of the scan as a whole
	NotEntered []result.AccountStatus
	Lines      []gapLine
	Other      []gapOther
	Policy     string // the permissions that are missing, as a policy to paste
	Actions    int
	Unobserved []unobservedRow
	More       int // unobserved ones that are not listed
	UnknownAll int
	Nothing    bool
}

// gapLine is one operation of one account that gave no answer somewhere.
type gapLine struct {
	Account   string // empty where the scan is of one account
	Text      string
	Why       string
	Lost      int
	Calls     int
	Verdicts  int
	Action    string // the permission to add; empty where that does not help
	Operation string
}

// gapOther counts unknown verdicts that no call explains: evidence that does not suffice, a fault, a gap in an inventory.
type gapOther struct {
	Word  string
	Count int
}

type unobservedRow struct {
	Check, Resource, Account, Region, Severity, Message, Why, LastFailed string
}

type lostKey struct{ account, operation, region string }

// sentences say what an outcome means for an operation.
var sentences = map[awsapi.Outcome]string{
	awsapi.Denied:               "The caller may not call %s in %s",
	awsapi.DeniedByOrganization: "A policy of the organization denies %s in %s, whatever the caller is allowed",
	awsapi.Throttled:            "%s was throttled in %s, and still after the retries",
	awsapi.Credentials:          "The credentials were not valid any more for %s in %s",
	awsapi.RegionDisabled:       "%s: the region %s is not enabled for the account",
	awsapi.NotEnabled:           "%s in %s: the service is not enabled",
	awsapi.Unsupported:          "%s is not supported in %s",
	awsapi.Failed:               "%s failed in %s",
	awsapi.Cancelled:            "The scan was stopped before %s in %s was read",
	awsapi.OverBudget:           "The scan's budget of calls was spent before %s in %s was read",
}

// otherWords say why a verdict is unknown that no call explains.
var otherWords = map[string]string{
	finding.Insufficient: "what was read does not suffice for a verdict (too old, never scanned, or beyond the reasoning)",
	finding.Internal:     "a fault within a check; please report it",
	finding.NotCollected: "the saved inventory does not hold the evidence",
}

func (v *view) gaps(lost map[lostKey]int) gaps {
	g := gaps{Scan: v.r.Scan.Gaps, UnknownAll: v.r.Summary.ByStatus[finding.Unknown]}
	for _, a := range v.r.Scan.ByAccount {
		if !a.Entered {
			g.NotEntered = append(g.NotEntered, a)
		}
	}
	actions := map[string]bool{}
	g.Lines = v.ledger(lost, actions)
	g.Policy = policyDocument(slices.Sorted(maps.Keys(actions)))
	g.Actions = len(actions)
	for u := range v.r.AllUnobserved() {
		if len(g.Unobserved) == listed {
			g.More++
			continue
		}
		row := unobservedRow{
			Check: Visible(u.CheckID), Account: Visible(u.AccountID), Region: Visible(u.Region), Severity: Visible(string(u.Severity)),
			Resource: resourceName(&finding.Resource{ID: u.Resource.ID, Name: u.Resource.Name, Key: u.Resource.Key}),
			Message:  Visible(u.Message), Why: Visible(u.Why),
		}
		if u.History != nil && u.History.LastFailed != nil {
			row.LastFailed = moment(*u.History.LastFailed)
		}
		g.Unobserved = append(g.Unobserved, row)
	}
	for _, outcome := range slices.Sorted(maps.Keys(v.uncalled)) {
		g.Other = append(g.Other, gapOther{cmp.Or(otherWords[outcome], Visible(outcome)), v.uncalled[outcome]})
	}
	g.Nothing = len(g.Scan)+len(g.NotEntered)+len(g.Lines)+len(g.Unobserved)+len(g.Other) == 0
	return g
}

// ledger joins the ledger's lines of one operation and outcome over the regions, and notes the actions that are missing.
func (v *view) ledger(lost map[lostKey]int, actions map[string]bool) []gapLine {
	type key struct {
		account, operation string
		outcome            awsapi.Outcome
		action, why        string
	}
	type sum struct {
		regions               []string
		lost, calls, verdicts int
	}
	sums := map[key]*sum{}
	for c := range v.r.AllCoverage() {
		for outcome, n := range c.Outcomes {
			if outcome == awsapi.OK || n == 0 {
				continue
			}
			k := key{c.AccountID, c.Operation, outcome, c.Action, strings.Join(c.Reasons, "; ")}
			if sums[k] == nil {
				sums[k] = &sum{}
			}
			s := sums[k]
			s.regions = append(s.regions, c.Region)
			s.lost += n
			s.calls += c.Calls
			s.verdicts += lost[lostKey{c.AccountID, c.Operation, c.Region}]
			if outcome == awsapi.Denied && c.Action != "" {
				actions[Visible(c.Action)] = true
			}
		}
	}
	order := func(a, b key) int {
		return cmp.Or(
			cmp.Compare(a.account, b.account), cmp.Compare(slices.Index(awsapi.Outcomes(), a.outcome), slices.Index(awsapi.Outcomes(), b.outcome)),
			cmp.Compare(a.operation, b.operation), cmp.Compare(a.why, b.why),
		)
	}
	keys := slices.SortedFunc(maps.Keys(sums), order)
	// A finding of another region or of the whole account may rest on a regional call: it counts with the first line of it.
	for l, n := range lost {
		counted := slices.ContainsFunc(keys, func(k key) bool {
			return k.account == l.account && k.operation == l.operation && slices.Contains(sums[k].regions, l.region)
		})
		i := slices.IndexFunc(keys, func(k key) bool { return k.account == l.account && k.operation == l.operation })
		if !counted && i >= 0 {
			sums[keys[i]].verdicts += n
		}
	}
	var out []gapLine
	for _, k := range keys {
		s := sums[k]
		slices.Sort(s.regions)
		line := gapLine{
			Operation: Visible(k.operation), Text: fmt.Sprintf(cmp.Or(sentences[k.outcome], "%s in %s: no answer"), Visible(k.operation), Visible(joined(s.regions))),
			Why: Visible(k.why), Lost: s.lost, Calls: s.calls, Verdicts: s.verdicts,
		}
		if len(v.r.Scan.Accounts) > 1 {
			line.Account = Visible(k.account)
		}
		if k.outcome == awsapi.Denied {
			line.Action = Visible(k.action)
		}
		out = append(out, line)
	}
	return out
}

// policyDocument allows exactly these actions: each reads or lists, which the catalogue's tests prove.
func policyDocument(actions []string) string {
	if len(actions) == 0 {
		return ""
	}
	type statement struct {
		Sid      string
		Effect   string
		Action   []string
		Resource string
	}
	b, err := json.MarshalIndent(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{{"MissingForOurshare", "Allow", actions, "*"}}}, "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}
