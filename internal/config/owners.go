package config

import (
	"fmt"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/selector"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

// Owners is the key `owners`: who answers for a resource.
type Owners struct {
	Tags  []string // keys of tags; the first that the resource has, with a value, names its owner
	Rules []OwnerRule
}

// OwnerRule names the owner of what its selector matches.
type OwnerRule struct {
	selector.Selector
	Owner string
}

// Of is the owner of a finding's resource: by its tags, else by the first rule that matches; empty where none does.
// Where the tags were not read the rules alone decide.
func (o Owners) Of(f *finding.Finding) string {
	for _, key := range o.Tags {
		if owner := strings.TrimSpace(f.Resource.Tags[key]); owner != "" {
			return owner
		}
	}
	for i := range o.Rules {
		if o.Rules[i].Matches(f) {
			return o.Rules[i].Owner
		}
	}
	return ""
}

// ownerKeys are the keys of a rule. Owners by tag have a key of their own.
var ownerKeys = []string{selector.Check, selector.Service, selector.Account, selector.Region, selector.Resource, "owner"}

func (o *Owners) parse(e strictyaml.Entry, known Known) error {
	list, err := strictyaml.Mapping(e.Value, "owners", "owners", "tags", "rules")
	if err != nil {
		return err
	}
	for _, e := range list {
		items, err := strictyaml.List(e, "owners."+e.Key)
		if err != nil {
			return err
		}
		for _, item := range items {
			if e.Key == "tags" {
				key, err := strictyaml.Text(item, "owners.tags")
				if err != nil {
					return err
				}
				o.Tags = append(o.Tags, key)
				continue
			}
			fields, err := strictyaml.Mapping(item, "a rule of owners", "owners.rules", ownerKeys...)
			if err != nil {
				return err
			}
			rule, err := ownerRule(fields, item.Line, known)
			if err != nil {
				return err
			}
			o.Rules = append(o.Rules, rule)
		}
	}
	return nil
}

func ownerRule(fields []strictyaml.Entry, line int, known Known) (OwnerRule, error) {
	var rule OwnerRule
	var err error
	for _, f := range fields {
		if f.Key == "owner" {
			rule.Owner, err = strictyaml.Text(f.Value, "owners.rules.owner")
			rule.Owner = strings.TrimSpace(rule.Owner)
		} else {
			err = rule.Add(f, "owners.rules", known.selectors())
		}
		if err != nil {
			return rule, err
		}
	}
	switch {
	case rule.Owner == "":
		return rule, fmt.Errorf("line %d: a rule of owners needs `owner`", line)
	case rule.Empty():
		return rule, fmt.Errorf("line %d: a rule of owners needs at least one of %s", line, strings.Join(ownerKeys[:len(ownerKeys)-1], ", "))
	}
	return rule, nil
}
