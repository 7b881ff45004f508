package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
)

func newReport(io streams) *cobra.Command {
	var out output
	var configFile string
	then := newAfter().onSaved()
	cmd := &cobra.Command{
		Use: "report FILE", Short: "Write other reports from a saved JSON result", Args: oneFile,
		Long: "Converts the JSON report of a scan, complete or not, into any format; - reads it from standard input. Nothing is judged\n" +
			"again: json gives the same file, byte for byte, unless --baseline compares it with an earlier one.\n\n" +
			"Exit codes: 0 written; 1 a report could not be written; 2 wrong usage, or a file that is no such result.",
		RunE: func(_ *cobra.Command, args []string) error { return convert(io, args[0], &out, then, configFile) },
	}
	cmd.Flags().StringSliceVar(&out.formats, "format", nil, strings.Join(report.Names(), ", ")+" (repeatable); default: table")
	cmd.Flags().StringVar(&out.out, "out", "-", "write each report into this directory; - is standard output")
	cmd.Flags().StringVar(&configFile, "config", "", "configuration file, for the tickets; default: ourshare.yaml in the working directory, where there is one")
	then.flags(cmd)
	return cmd
}

// convert writes a saved result in other formats.
func convert(io streams, path string, out *output, then after, configFile string) error {
	if err := out.check(); err != nil {
		return err
	}
	cfg, err := loadConfig(configFile)
	if err != nil {
		return err
	}
	if err := then.prepare(cfg, out.formats); err != nil {
		return err
	}
	r, err := savedResult(io, path)
	if err != nil {
		return usagef("%s: %s", path, err)
	}
	if err := then.apply(r); err != nil {
		return err
	}
	if err := then.finish(r); err != nil {
		return err
	}
	return out.write(io.out, r)
}

// savedResult reads a result from a file, or from standard input (-). Errors do not name the file.
func savedResult(io streams, path string) (*result.Result, error) {
	if path == "-" {
		return result.Load(io.in)
	}
	return loadResult(path)
}
