package cli

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// selection says which checks a command is about. Values of one flag are alternatives; flags narrow each other.
type selection struct {
	checks, exclude, categories, layers, services, severities []string
}

func (s *selection) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&s.checks, "check", nil, "only this check (repeatable)")
	f.StringSliceVar(&s.exclude, "exclude", nil, "not this check (repeatable)")
	f.StringSliceVar(&s.categories, "category", nil, "only checks of this category: infrastructure, container, abstracted, account (repeatable)")
	f.StringSliceVar(&s.layers, "layer", nil, "only checks of this layer, such as operating-system (repeatable)")
	f.StringSliceVar(&s.services, "service", nil, "only checks of this service, such as ec2 (repeatable)")
	f.StringSliceVar(&s.severities, "severity", nil, "only checks of this severity: critical, high, medium, low, info (repeatable)")
}

// under chooses by the severities that the configuration sets.
func (s *selection) under(cfg config.Config) ([]*checks.Check, error) { return s.from(cfg.Severities) }

func (s *selection) choose() ([]*checks.Check, error) { return s.from(nil) }

// from chooses; set are severities in place of the checks' own.
func (s *selection) from(set map[string]finding.Severity) ([]*checks.Check, error) {
	all := catalog.All()
	ids := make([]string, len(all))
	services := []string{}
	for i, c := range all {
		ids[i] = c.ID
		services = append(services, c.Service)
	}
	for _, v := range []struct {
		what         string
		words, valid []string
	}{
		{"check", s.checks, ids},
		{"check", s.exclude, ids},
		{"category", s.categories, texts(responsibility.Categories())},
		{"layer", s.layers, texts(responsibility.Layers())},
		{"service", s.services, services},
		{"severity", s.severities, texts(finding.Severities())},
	} {
		if err := allOf(v.what, v.words, v.valid); err != nil {
			return nil, err
		}
	}
	in := func(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }
	var chosen []*checks.Check
	for _, c := range all {
		if in(s.checks, c.ID) && !slices.Contains(s.exclude, c.ID) && in(s.categories, string(c.Category)) &&
			in(s.layers, string(c.Layer)) && in(s.services, c.Service) && in(s.severities, string(cmp.Or(set[c.ID], c.Severity))) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, usagef("no check is left by these filters")
	}
	return chosen, nil
}

// operations are what a scan of the checks may call: those of every scan, and those that the datasets declare. Each
// operation stands once, sorted.
func operations(list []*checks.Check, tags bool) awsapi.Ops {
	ops := slices.Concat(awsapi.IdentityOps, awsapi.RegionOps)
	for _, n := range nodesOf(list, tags) {
		ops = append(ops, n.Ops...)
	}
	slices.SortFunc(ops, func(a, b awsapi.Op) int {
		if a.String() < b.String() {
			return -1
		}
		if a.String() > b.String() {
			return 1
		}
		return 0
	})
	return slices.CompactFunc(ops, func(a, b awsapi.Op) bool { return a.String() == b.String() })
}

// actions are the IAM actions of the operations, each once, sorted.
func actions(ops awsapi.Ops) []string {
	var out []string
	for _, o := range ops {
		out = append(out, o.Actions...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
