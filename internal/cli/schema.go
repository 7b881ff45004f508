package cli

import (
	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
)

// Schema is a published JSON Schema.
type Schema struct {
	Name string // what `ourshare schema NAME` prints
	Of   string
	Make func() ([]byte, error)
}

// Schemas is the one table of published schemas.
var Schemas = []Schema{
	{"result", "the JSON report", result.Schema},
	{"ndjson", "one line of the ndjson report", report.NDJSONSchema},
	{"tickets", "one line of the tickets report", report.TicketSchema},
	{"diff", "`ourshare diff --format json`", result.DiffSchema},
	{"config", "ourshare.yaml, for editors", ConfigSchema},
	{"exceptions", "the exceptions file, for editors", ExceptionsSchema},
}

func newSchema(io streams) *cobra.Command {
	long := "Prints a JSON Schema (draft 2020-12); without an argument that of the JSON report.\n"
	var names []string
	for _, s := range Schemas {
		names = append(names, s.Name)
		long += "\n  " + s.Name + ": " + s.Of
	}
	return &cobra.Command{
		Use: "schema [NAME]", Short: "Print a JSON Schema: of the JSON report, or of another format", Long: long, ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			switch len(args) {
			case 0:
				return nil
			case 1:
				return oneOf("schema", args[0], names)
			}
			return usagef("this command takes one argument at most: %q", args[1])
		},
		RunE: func(_ *cobra.Command, args []string) error {
			name := append(args, "result")[0]
			for _, s := range Schemas {
				if s.Name != name {
					continue
				}
				b, err := s.Make()
				if err != nil {
					return err
				}
				_, err = io.out.Write(b)
				return err
			}
			return nil
		},
	}
}
