package report

import (
	"encoding/json"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/ourshare/ourshare/internal/result"
)

// NDJSONSchema is the JSON Schema (draft 2020-12) of one line of the ndjson report, made from the types that write it.
func NDJSONSchema() ([]byte, error) {
	options := &jsonschema.ForOptions{TypeSchemas: result.SchemaTypes()}
	s := &jsonschema.Schema{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: "ourshare: one line of the ndjson report",
	}
	add := func(line *jsonschema.Schema, err error, kinds ...any) error {
		if err == nil {
			line.Properties["kind"] = &jsonschema.Schema{Type: "string", Enum: kinds}
			s.OneOf = append(s.OneOf, line)
		}
		return err
	}
	of, err := jsonschema.For[findingLine](options)
	if err := add(of, err, kindFinding); err != nil {
		return nil, err
	}
	of.Properties["evidence"] = &jsonschema.Schema{Type: "object"}
	of, err = jsonschema.For[unobservedLine](options)
	if err := add(of, err, kindUnobserved); err != nil {
		return nil, err
	}
	of.Properties["last"].Properties["evidence"] = &jsonschema.Schema{Type: "object"}
	of, err = jsonschema.For[goneLine](options)
	if err := add(of, err, kindGone); err != nil {
		return nil, err
	}
	of, err = jsonschema.For[notSeenLine](options)
	if err := add(of, err, kindCoverage, kindScan, kindAccount); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}
