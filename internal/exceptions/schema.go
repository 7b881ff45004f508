package exceptions

import (
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/ourshare/ourshare/internal/selector"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

// Schema is the JSON Schema (draft 2020-12) of the exceptions file, for editors. It refuses what [Parse] refuses, but for
// keys that stand twice, several documents, days that no month has, and an attestation that expires before it is given.
func Schema(known Known) ([]byte, error) {
	words := selector.Known{Checks: known.Checks}
	text := func(key, doc string) strictyaml.Property {
		return strictyaml.Property{Key: key, Doc: doc, Schema: strictyaml.TextSchema("")}
	}
	day := func(key, doc string) strictyaml.Property {
		return strictyaml.Property{Key: key, Doc: doc, Schema: strictyaml.DateSchema()}
	}
	const last = "The last day on which it is in force, UTC, against the end of the scan."
	suppression := strictyaml.Object([]string{"reason", "owner", "expires"}, append(selector.Properties(words, suppressionSelectors...),
		text("reason", "Why these failing findings are accepted."), text("owner", "Who answers for this exception."), day("expires", last))...)
	for _, key := range suppressionSelectors {
		suppression.AnyOf = append(suppression.AnyOf, &jsonschema.Schema{Required: []string{key}})
	}
	attestation := strictyaml.Object([]string{"check", "by", "at", "evidence", "expires"}, append(selector.Properties(words, attestationSelectors...),
		text("by", "Who attests it."), day("at", "The day on which it was attested."),
		text("evidence", "A link to the evidence, or what it is in words."), day("expires", last))...)
	s := strictyaml.OrNothing(strictyaml.Object(nil,
		strictyaml.Property{Key: "suppressions", Doc: "Failing findings that are accepted for a time.", Schema: strictyaml.OrNothing(strictyaml.ListOf(suppression))},
		strictyaml.Property{Key: "attestations", Doc: "Answers to what no API can show.", Schema: strictyaml.OrNothing(strictyaml.ListOf(attestation))},
	))
	return strictyaml.SchemaFile(s, "ourshare: the exceptions file")
}
