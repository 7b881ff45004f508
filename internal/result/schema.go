package result

import (
	"encoding/json"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// document is the JSON form as a plain type, for the schema alone.
type document struct {
	SchemaVersion  string                  `json:"schema_version"`
	Tool           Tool                    `json:"tool"`
	Scan           Scan                    `json:"scan"`
	Summary        Summary                 `json:"summary"`
	Responsibility []Cell                  `json:"responsibility"`
	Coverage       []Coverage              `json:"coverage"`
	Evaluations    []Evaluation            `json:"evaluations"`
	Checks         map[string]finding.Rule `json:"checks"`
	Exceptions     *Exceptions             `json:"exceptions,omitempty"`
	Comparison     *Comparison             `json:"comparison,omitempty"`
	Findings       []Finding               `json:"findings"`
	Unobserved     []Unobserved            `json:"unobserved,omitempty"`
}

// Schema is the JSON Schema (draft 2020-12) of the JSON report, made from the types that write it.
func Schema() ([]byte, error) {
	s, err := jsonschema.For[document](&jsonschema.ForOptions{TypeSchemas: SchemaTypes()})
	if err != nil {
		return nil, err
	}
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "ourshare: the result of a scan"
	s.Properties["schema_version"].Pattern = `^1\.[0-9]+$`
	findingOf := s.Properties["findings"].Items
	findingOf.Properties["fingerprint"].Pattern = "^[a-z2-7]{32}$"
	findingOf.Properties["evidence"] = &jsonschema.Schema{Type: "object"}
	// A reason stands with every unknown, and only there.
	findingOf.If = &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{"status": enum([]string{"unknown"})}}
	findingOf.Then = &jsonschema.Schema{Required: []string{"reason"}}
	findingOf.Else = &jsonschema.Schema{Not: &jsonschema.Schema{Required: []string{"reason"}}}
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}

// DiffSchema is the JSON Schema (draft 2020-12) of `ourshare diff --format json`.
func DiffSchema() ([]byte, error) {
	s, err := jsonschema.For[Diff](&jsonschema.ForOptions{TypeSchemas: SchemaTypes()})
	if err != nil {
		return nil, err
	}
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "ourshare: what changed from one result to another"
	s.Properties["schema_version"].Pattern = `^1\.[0-9]+$`
	changes := s.Properties["changes"]
	changes.Types, changes.Type = nil, "array" // never null
	changes.Items.Properties["fingerprint"].Pattern = "^[a-z2-7]{32}$"
	// A fail stands on one of the two sides at least, since nothing else is a change.
	failing := func(side string) *jsonschema.Schema {
		return &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{side: {
			Type: "object", Properties: map[string]*jsonschema.Schema{"status": enum([]string{"fail"})},
		}}}
	}
	changes.Items.AnyOf = []*jsonschema.Schema{failing("before"), failing("after")}
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}

// enum is the schema of a word among words.
func enum(words []string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, w := range words {
		s.Enum = append(s.Enum, w)
	}
	return s
}

// SchemaTypes are the schemas of types whose JSON form is not what reflection makes of them, for every schema that is made
// from types of the result.
func SchemaTypes() map[reflect.Type]*jsonschema.Schema {
	counts := func(words []string) *jsonschema.Schema {
		zero := 0.0
		return &jsonschema.Schema{
			Type: "object", PropertyNames: enum(words),
			AdditionalProperties: &jsonschema.Schema{Type: "integer", Minimum: &zero},
		}
	}
	reasons := append(words(awsapi.Outcomes()[1:]), finding.Insufficient, finding.Internal, finding.NotCollected)
	nullable := func() *jsonschema.Schema { return &jsonschema.Schema{Types: []string{"null", "string"}} }
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[finding.Status]():           enum(words(finding.Statuses())),
		reflect.TypeFor[finding.Severity]():         enum(words(finding.Severities())),
		reflect.TypeFor[responsibility.Category]():  enum(words(responsibility.Categories())),
		reflect.TypeFor[responsibility.Layer]():     enum(words(responsibility.Layers())),
		reflect.TypeFor[responsibility.Share]():     enum([]string{"aws", "customer", "shared"}),
		reflect.TypeFor[map[finding.Status]int]():   counts(words(finding.Statuses())),
		reflect.TypeFor[map[finding.Severity]int](): counts(words(finding.Severities())),
		reflect.TypeFor[map[awsapi.Outcome]int]():   counts(words(awsapi.Outcomes())),
		reflect.TypeFor[map[Kind]int]():             counts(words(Kinds())),
		reflect.TypeFor[Kind]():                     enum(words(Kinds())),
		reflect.TypeFor[finding.Evidence]():         {Type: "object"},
		reflect.TypeFor[map[string]any]():           {Type: "object"},
		reflect.TypeFor[map[string]string](): {
			Types: []string{"null", "object"}, AdditionalProperties: &jsonschema.Schema{Type: "string"},
		},
		reflect.TypeFor[finding.Reason](): {
			Type: "object",
			Properties: map[string]*jsonschema.Schema{
				"outcome": enum(reasons), "operation": nullable(), "action": nullable(),
				"gap": {Type: "boolean"}, "text": {Type: "string"},
			},
			Required:             []string{"outcome", "operation", "action", "gap", "text"},
			AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
		},
	}
}

func words[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}
