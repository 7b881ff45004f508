package cli

import (
	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/result"
)

func newSchema(io streams) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of the JSON report", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			b, err := result.Schema()
			if err != nil {
				return err
			}
			_, err = io.out.Write(b)
			return err
		},
	}
}
