package selector

import (
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/ourshare/ourshare/internal/strictyaml"
)

// Properties are the given keys of a selector for a JSON Schema, with what they mean.
func Properties(known Known, keys ...string) []strictyaml.Property {
	all := map[string]struct {
		doc    string
		schema *jsonschema.Schema
	}{
		Check:    {"The id of a check, or a list of them.", strictyaml.TextsSchema(strictyaml.WordSchema(known.Checks))},
		Service:  {"A service, such as ec2, or a list of them.", strictyaml.TextsSchema(strictyaml.WordSchema(known.Services))},
		Account:  {"An account of twelve digits in quotes, or a list of them.", strictyaml.TextsSchema(strictyaml.TextSchema(AccountForm))},
		Region:   {"A region, or global, or a list of them.", strictyaml.TextsSchema(strictyaml.TextSchema(RegionForm))},
		Resource: {"An ARN, in which * stands for any characters and ? for one, or a list of them.", strictyaml.TextsSchema(strictyaml.TextSchema(ResourceForm))},
		Tag:      {"The key of a tag, or key=value.", strictyaml.TextSchema(TagForm)},
	}
	out := make([]strictyaml.Property, 0, len(keys))
	for _, key := range keys {
		out = append(out, strictyaml.Property{Key: key, Doc: all[key].doc, Schema: all[key].schema})
	}
	return out
}
