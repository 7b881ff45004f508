package strictyaml

import (
	"encoding/json"

	"github.com/google/jsonschema-go/jsonschema"
)

// The pieces of which the JSON Schemas of the files are made, so that an editor refuses what the reader does.

// Property is one key of an object.
type Property struct {
	Key    string
	Doc    string
	Schema *jsonschema.Schema
}

// Object is a mapping with these keys alone; nothing at all is an empty one.
func Object(required []string, properties ...Property) *jsonschema.Schema {
	s := &jsonschema.Schema{
		Type: "object", Properties: map[string]*jsonschema.Schema{}, Required: required,
		AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
	}
	for _, p := range properties {
		if p.Doc != "" {
			p.Schema.Description = p.Doc
		}
		s.Properties[p.Key] = p.Schema
		s.PropertyOrder = append(s.PropertyOrder, p.Key)
	}
	return s
}

// OrNothing lets nothing at all stand in the place of an object or a list.
func OrNothing(s *jsonschema.Schema) *jsonschema.Schema {
	s.Types, s.Type = []string{"null", s.Type}, ""
	return s
}

// ListOf is a list.
func ListOf(items *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: items}
}

// TextSchema is a text that is not blank, of a form where one is given.
func TextSchema(form string) *jsonschema.Schema {
	if form == "" {
		form = `\S`
	}
	return &jsonschema.Schema{Type: "string", Pattern: form}
}

// TextsSchema is a text, or a list of at least one, each once.
func TextsSchema(one *jsonschema.Schema) *jsonschema.Schema {
	least := 1
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{one, {Type: "array", Items: one, MinItems: &least, UniqueItems: true}}}
}

// WordSchema is one of the valid words.
func WordSchema[S ~string](words []S) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, w := range words {
		s.Enum = append(s.Enum, string(w))
	}
	return s
}

// IntSchema is a whole number within bounds, both included.
func IntSchema(low, high int) *jsonschema.Schema {
	lowest, highest := float64(low), float64(high)
	return &jsonschema.Schema{Type: "integer", Minimum: &lowest, Maximum: &highest}
}

// DateSchema is a day. An editor reads a date that stands without quotes as a text, too.
func DateSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`, Format: "date"}
}

// SchemaFile writes a schema as a file of its own.
func SchemaFile(s *jsonschema.Schema, title string) ([]byte, error) {
	s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", title
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}
