package config

import (
	"fmt"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/selector"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

// durationForm is what time.ParseDuration takes, without a sign.
const durationForm = `^([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*$`

// Schema is the JSON Schema (draft 2020-12) of ourshare.yaml, for editors. It refuses what [Parse] refuses, but for keys that
// stand twice and several documents.
func Schema(known Known) ([]byte, error) {
	none := DefaultTickets()
	property := func(key, doc string, s *jsonschema.Schema) strictyaml.Property {
		return strictyaml.Property{Key: key, Doc: doc, Schema: s}
	}
	thresholds := func(names []string) *jsonschema.Schema {
		var list []strictyaml.Property
		for _, p := range known.Params {
			if slices.Contains(names, p.Name) {
				list = append(list, property(p.Name, fmt.Sprintf("%s Default: %v.", p.Doc, p.Default), thresholdSchema(p)))
			}
		}
		return strictyaml.OrNothing(strictyaml.Object(nil, list...))
	}
	var all []string
	for _, p := range known.Params {
		all = append(all, p.Name)
	}
	var checks []strictyaml.Property
	for _, c := range known.Checks {
		checks = append(checks, property(c.ID, "", strictyaml.OrNothing(strictyaml.Object(nil,
			property("severity", fmt.Sprintf("In place of the check's own, %s.", c.Severity), strictyaml.WordSchema(finding.Severities())),
			property("thresholds", "For this check alone.", thresholds(c.Own))))))
	}
	rule := strictyaml.Object([]string{"owner"}, append(selector.Properties(known.selectors(), ownerKeys[:len(ownerKeys)-1]...),
		property("owner", "Who answers for what matches.", strictyaml.TextSchema("")))...)
	for _, key := range ownerKeys[:len(ownerKeys)-1] {
		rule.AnyOf = append(rule.AnyOf, &jsonschema.Schema{Required: []string{key}})
	}
	var due []strictyaml.Property
	for _, s := range finding.Severities() {
		days := "no due date"
		if n, ok := none.DueDays[s]; ok {
			days = fmt.Sprintf("%d", n)
		}
		due = append(due, property(string(s), "Default: "+days+".", strictyaml.OrNothing(strictyaml.IntSchema(0, maxDueDays))))
	}
	s := strictyaml.OrNothing(strictyaml.Object(nil,
		property("thresholds", "For every check that reads them.", thresholds(all)),
		property("checks", "What holds for one check alone, by its id.", strictyaml.OrNothing(strictyaml.Object(nil, checks...))),
		property("owners", "Who answers for a resource: by its tags, else by the first rule that matches.", strictyaml.OrNothing(strictyaml.Object(nil,
			property("tags", "Keys of tags, in their order.", strictyaml.OrNothing(strictyaml.ListOf(strictyaml.TextSchema("")))),
			property("rules", "In their order.", strictyaml.OrNothing(strictyaml.ListOf(rule)))))),
		property("limits", "What the flags of these names are where the command line does not give them.", strictyaml.OrNothing(strictyaml.Object(nil,
			property("concurrency", "Requests at once per region and service.", strictyaml.IntSchema(1, MaxConcurrency)),
			property("max_api_calls", "Stop calling after so many calls; 0: no limit.", strictyaml.IntSchema(0, maxNumber)),
			property("timeout", "Stop calling after this time, such as 10m; 0s: no limit.", strictyaml.TextSchema(durationForm))))),
		property("tickets", "How failing findings become tickets.", strictyaml.OrNothing(strictyaml.Object(nil,
			property("group_by", "What one ticket is about.", strictyaml.WordSchema(Groupings())),
			property("max_open", "How many tickets one run opens at most; 0: no limit.", strictyaml.IntSchema(0, maxNumber)),
			property("due_days", "Days until a ticket is due, by severity; null: no due date.", strictyaml.OrNothing(strictyaml.Object(nil, due...))),
			property("labels", "On every ticket.", strictyaml.OrNothing(strictyaml.ListOf(strictyaml.TextSchema(""))))))),
	))
	return strictyaml.SchemaFile(s, "ourshare: the configuration, ourshare.yaml")
}

func thresholdSchema(p inventory.ParamInfo) *jsonschema.Schema {
	switch p.Default.(type) {
	case int:
		low, okLow := p.Min.(int)
		high, okHigh := p.Max.(int)
		if okLow && okHigh {
			return strictyaml.IntSchema(low, high)
		}
	case []int:
		return strictyaml.ListOf(strictyaml.IntSchema(0, maxPort))
	case inventory.AccountIDs:
		return strictyaml.ListOf(strictyaml.TextSchema(accountForm))
	case inventory.OrganizationIDs:
		return strictyaml.ListOf(strictyaml.TextSchema(organizationForm))
	case inventory.ARNPatterns:
		return strictyaml.ListOf(strictyaml.TextSchema(arnForm))
	}
	return &jsonschema.Schema{Not: &jsonschema.Schema{}}
}
