package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
)

func newDiff(io streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: "diff OLD NEW", Short: "Tell what changed from one JSON result to another",
		Long: "Compares two JSON results by the fingerprints of their findings. What was failing and cannot be seen in NEW is called\n" +
			"not observable, never resolved; what turned because a check or its parameters changed is called so, never new.\n" +
			"- reads one of the two from standard input.\n\n" +
			"Exit codes: 0 answered, whatever changed; 1 it could not be written; 2 wrong usage, or a file that is no result.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("this command takes two arguments, the earlier and the later JSON result")
			}
			if args[0] == "-" && args[1] == "-" {
				return usagef("one of the two results can be read from standard input, not both")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, report.DiffNames()); err != nil {
				return err
			}
			var sides [2]*result.Result
			for i, path := range args {
				r, err := savedResult(io, path)
				if err != nil {
					return usagef("%s: %s", path, err)
				}
				sides[i] = r
			}
			old, later := sides[0], sides[1]
			if later.Scan.FinishedAt.Before(old.Scan.FinishedAt) {
				_, _ = fmt.Fprintf(io.err, "ourshare: warning: %s is of a later scan than %s\n", args[0], args[1]) // there is nowhere else to say it
			}
			c := history.Compare(old, later)
			d := &result.Diff{
				SchemaVersion: result.SchemaVersion, Old: old.AsBaseline(), New: later.AsBaseline(), Counts: c.Counts, Changes: c.Changes,
			}
			if err := report.WriteDiff(io.out, d, format, lookOf(io.out)); err != nil {
				return fmt.Errorf("the comparison could not be written: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "table", "table, json or markdown")
	return cmd
}
