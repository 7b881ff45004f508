package config

import (
	"fmt"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

func (c *Config) parseThresholds(e strictyaml.Entry, known Known) error {
	var names []string
	for _, p := range known.Params {
		names = append(names, p.Name)
	}
	list, err := strictyaml.Mapping(e.Value, "thresholds", "thresholds", names...)
	if err != nil {
		return err
	}
	for _, t := range list {
		p, ok := known.param(t.Key)
		if !ok {
			return fmt.Errorf("line %d: there are no thresholds", t.Line)
		}
		if c.Params[t.Key], err = threshold(t, "thresholds."+t.Key, p); err != nil {
			return err
		}
	}
	return nil
}

// parseChecks reads what holds for one check alone.
func (c *Config) parseChecks(e strictyaml.Entry, known Known) error {
	list, err := strictyaml.Mapping(e.Value, "checks", "checks")
	if err != nil {
		return err
	}
	for _, entry := range list {
		i := slices.IndexFunc(known.Checks, func(k KnownCheck) bool { return k.ID == entry.Key })
		if i < 0 {
			return &UnknownWordError{Where: strictyaml.At(entry.Line, "checks"), What: "check", Word: entry.Key, Valid: known.selectors().Checks}
		}
		if err := c.parseCheck(entry, known.Checks[i], known); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) parseCheck(e strictyaml.Entry, check KnownCheck, known Known) error {
	where := "checks." + check.ID
	list, err := strictyaml.Mapping(e.Value, where, where, "severity", "thresholds")
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Key == "severity" {
			severity, err := strictyaml.Word(e.Value, where+".severity", "severity", finding.Severities())
			if err != nil {
				return err
			}
			if severity != check.Severity {
				c.Severities[check.ID] = severity
			}
			continue
		}
		thresholds, err := strictyaml.Mapping(e.Value, where+".thresholds", "")
		if err != nil {
			return err
		}
		for _, t := range thresholds {
			if err := c.ownThreshold(t, where+".thresholds", check, known); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownThreshold reads a threshold of one check. What a dataset reads for several checks at once has one value in a scan.
func (c *Config) ownThreshold(t strictyaml.Entry, where string, check KnownCheck, known Known) error {
	switch {
	case slices.Contains(check.Shared, t.Key):
		return fmt.Errorf("line %d: %s.%s: several checks share what this threshold goes into: set it under `thresholds`, for all of them",
			t.Line, where, t.Key)
	case len(check.Own) == 0:
		return fmt.Errorf("line %d: %s: this check has no thresholds of its own", t.Line, where)
	case !slices.Contains(check.Own, t.Key):
		return &UnknownWordError{Where: strictyaml.At(t.Line, where), What: "threshold of this check", Word: t.Key, Valid: check.Own}
	}
	p, ok := known.param(t.Key)
	if !ok {
		return fmt.Errorf("line %d: %s.%s cannot be set", t.Line, where, t.Key)
	}
	v, err := threshold(t, where+"."+t.Key, p)
	c.Params[inventory.OwnParam(check.ID, t.Key)] = v
	return err
}

func threshold(e strictyaml.Entry, what string, p inventory.ParamInfo) (any, error) {
	switch p.Default.(type) {
	case int:
		low, okLow := p.Min.(int)
		high, okHigh := p.Max.(int)
		if okLow && okHigh {
			return strictyaml.Int(e.Value, what, low, high)
		}
	case []int:
		return ports(e, what)
	case inventory.AccountIDs:
		return names[inventory.AccountIDs](e, what, accountID, "no account of twelve digits in quotes")
	case inventory.OrganizationIDs:
		return names[inventory.OrganizationIDs](e, what, organizationID, "no organization (o-...)")
	case inventory.ARNPatterns:
		return names[inventory.ARNPatterns](e, what, arnPattern, "no ARN or pattern of ARNs")
	}
	return nil, fmt.Errorf("line %d: %s cannot be set", e.Line, what)
}

const maxPort = 65535

// ports is a list of port numbers; an empty list is written [].
func ports(e strictyaml.Entry, what string) (any, error) {
	list := []int{}
	if e.Value.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("line %d: %s must be a list of ports", e.Line, what)
	}
	for _, item := range e.Value.Content {
		n, err := strictyaml.Int(item, what, 0, maxPort)
		if err != nil {
			return nil, fmt.Errorf("line %d: %s: %q is no port from 0 to %d", item.Line, what, item.Value, maxPort)
		}
		list = append(list, n)
	}
	return list, nil
}

// The forms of names: an organization's is of AWS Organizations' API reference (DescribeOrganization, "Id"), and a pattern
// of ARNs has the six parts of an ARN.
const (
	accountForm      = `^[0-9]{12}$`
	organizationForm = `^o-[a-z0-9]{10,32}$`
	arnForm          = `^arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+$`
)

var (
	accountID      = regexp.MustCompile(accountForm)
	organizationID = regexp.MustCompile(organizationForm)
	arnPattern     = regexp.MustCompile(arnForm)
)

// names is a list of texts of one form. An account stands in quotes: YAML reads 012345678901 as a number.
func names[T ~[]string](e strictyaml.Entry, what string, form *regexp.Regexp, wrong string) (any, error) {
	list := T{}
	if e.Value.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("line %d: %s must be a list", e.Line, what)
	}
	for _, item := range e.Value.Content {
		if item.Kind != yaml.ScalarNode || item.Tag != "!!str" || !form.MatchString(item.Value) {
			return nil, fmt.Errorf("line %d: %s: %q is %s", item.Line, what, item.Value, wrong)
		}
		list = append(list, item.Value)
	}
	return list, nil
}
