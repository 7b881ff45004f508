package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Params are the thresholds that the checks read, each once, sorted by name.
func Params(list []*checks.Check) []inventory.ParamInfo {
	byName := map[string]inventory.ParamInfo{}
	for _, c := range list {
		plan := c.Plan()
		for _, p := range slices.Concat(plan.Params, plan.Shared) {
			byName[p.Name] = p
		}
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b inventory.ParamInfo) int { return cmp.Compare(a.Name, b.Name) })
}

// Known is what a configuration may set of the checks.
func Known(list []*checks.Check) config.Known {
	k := config.Known{Params: Params(list)}
	names := func(infos []inventory.ParamInfo) []string {
		var out []string
		for _, p := range infos {
			out = append(out, p.Name)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	for _, c := range list {
		plan := c.Plan()
		k.Checks = append(k.Checks, config.KnownCheck{
			ID: c.ID, Service: c.Service, Severity: c.Severity, Own: names(plan.Params), Shared: names(plan.Shared),
		})
	}
	slices.SortFunc(k.Checks, func(a, b config.KnownCheck) int { return cmp.Compare(a.ID, b.ID) })
	return k
}

// severityOf is a verdict's severity: the rule's, which the configuration may have set in place of the check's own. Where the
// evidence makes it worse than the check's own, the worse of its word and the rule's stands; where milder, the milder.
func severityOf(own, rule, verdict finding.Severity) finding.Severity {
	switch {
	case verdict == "" || verdict == own:
		return rule
	case verdict.Rank() < own.Rank() && rule.Rank() < verdict.Rank(), verdict.Rank() > own.Rank() && rule.Rank() > verdict.Rank():
		return rule
	}
	return verdict
}
