package report

import (
	"bufio"
	"encoding/json"
	"io"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// writeTickets writes one self-contained JSON line for each action that is due in a ticket system; nothing is due, nothing is
// written. Whoever passes the lines on may do so twice: the key of a ticket never changes.
func writeTickets(out io.Writer, r *result.Result, _ Look) error {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(&jsonEscaper{w: w})
	enc.SetEscapeHTML(false)
	for t := range r.AllTickets() {
		if err := enc.Encode(t); err != nil {
			return err
		}
	}
	return w.Flush()
}

// TicketSchema is the JSON Schema (draft 2020-12) of one line of the tickets report, made from the type that writes it.
func TicketSchema() ([]byte, error) {
	s, err := jsonschema.For[result.Ticket](&jsonschema.ForOptions{TypeSchemas: result.SchemaTypes()})
	if err != nil {
		return nil, err
	}
	s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", "ourshare: one line of the tickets report"
	s.Properties["action"].Enum = []any{"open", "update", "close"}
	s.Properties["group"].Enum = []any{"finding", "check", "resource", "owner"}
	s.Properties["key"].MaxLength, s.Properties["title"].MaxLength = new(255), new(255)
	s.Properties["due"].Pattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	s.Properties["severity"].Description = "the worst of what fails; of a ticket that is closed, as it was: " + string(finding.Critical) + " to " + string(finding.Info)
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}
