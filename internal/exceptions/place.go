package exceptions

import (
	"strings"

	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/selector"
)

// place is how much of what a selector points to the scan has looked at.
type place struct {
	checks, accounts, regions map[string]bool // that were looked at
	lost                      bool            // a listing there was not whole
	regionsLost               bool            // there may be regions that nobody looked at
	accountsLost              bool            // accounts of the run could not be entered
}

// see adds what a result looked at. Its evaluations tell of checks and accounts; of an account that could not be entered
// there are none.
func (p *place) see(s *selector.Selector, r *result.Result) {
	if p.checks == nil {
		p.checks, p.accounts, p.regions = map[string]bool{}, map[string]bool{}, map[string]bool{"global": true}
	}
	for _, e := range r.Evaluations {
		p.checks[e.CheckID], p.accounts[e.AccountID] = true, true
		if s.MatchesPlace(e.CheckID, e.AccountID, e.Region) {
			p.lost = p.lost || !e.Complete
		}
	}
	for _, region := range r.Scan.Regions {
		p.regions[region] = true
	}
	p.regionsLost = p.regionsLost || len(r.Scan.Gaps) > 0
}

// whole says that every check, account and region that the selector names was looked at, and to the end. all are the ids of
// the catalogue, which a selector without a check means.
func (p *place) whole(s *selector.Selector, all []string) bool {
	checks := s.Checks
	if len(checks) == 0 {
		checks = all
	}
	regions, accounts := named(s.Resources)
	if p.regionsLost && len(s.Regions)+len(regions) == 0 || p.accountsLost && len(s.Accounts)+len(accounts) == 0 {
		return false
	}
	return !p.lost && len(p.accounts) > 0 && has(p.checks, checks) &&
		has(p.accounts, s.Accounts) && has(p.accounts, accounts) && has(p.regions, s.Regions) && has(p.regions, regions)
}

func has(set map[string]bool, words []string) bool {
	for _, w := range words {
		if !set[w] {
			return false
		}
	}
	return true
}

// named are the regions and accounts that patterns of ARNs name without a wildcard: their fourth and fifth part.
func named(patterns []string) (regions, accounts []string) {
	for _, p := range patterns {
		parts := strings.SplitN(p, ":", 6)
		if len(parts) < 6 {
			continue
		}
		if r := parts[3]; r != "" && !strings.ContainsAny(r, "*?") {
			regions = append(regions, r)
		}
		if a := parts[4]; a != "" && !strings.ContainsAny(a, "*?") {
			accounts = append(accounts, a)
		}
	}
	return regions, accounts
}
