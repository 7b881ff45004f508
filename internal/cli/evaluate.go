package cli

import (
	"bytes"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/report"
)

func newEvaluate(io streams) *cobra.Command {
	var sel selection
	var out output
	var failOn, configFile string
	then := newAfter()
	cmd := &cobra.Command{
		Use: "evaluate FILE", Short: "Judge a saved inventory again, without a call to AWS", Args: oneFile,
		Long: "Judges what `scan --save-inventory` kept: with the same checks and thresholds it gives the scan's findings, byte for\n" +
			"byte. Ages are measured against the time of collection. What the inventory does not hold is unknown.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return evaluate(cmd.Context(), io, args[0], &sel, &out, then, failOn, configFile)
		},
	}
	sel.flags(cmd)
	cmd.Flags().StringSliceVar(&out.formats, "format", nil, strings.Join(report.Names(), ", ")+" (repeatable); default: table")
	cmd.Flags().StringVar(&out.out, "out", "-", "write each report into this directory; - is standard output")
	addJudging(cmd, &failOn, &configFile)
	then.flags(cmd)
	return cmd
}

func evaluate(ctx context.Context, io streams, path string, sel *selection, out *output, then after, failOn, configFile string) error {
	cfg, err := judging(failOn, configFile)
	if err != nil {
		return err
	}
	list, err := sel.under(cfg)
	if err != nil {
		return err
	}
	if err := out.check(); err != nil {
		return err
	}
	if err := then.prepare(cfg, out.formats); err != nil {
		return err
	}
	b, err := readable(path)
	if err != nil {
		return err
	}
	store, file, err := inventory.Load(bytes.NewReader(b), nodesOf(catalog.All(), true))
	if err != nil {
		return usagef("%s: %s", path, err)
	}
	store.Params = cfg.Params
	engine.Collect(ctx, store, list, false) // computes what is derived; nothing is read
	r := engine.Evaluate(store, list, catalog.All(), engine.Head{
		ID: file.ScanID, ToolVersion: version(), StartedAt: file.StartedAt, FinishedAt: file.FinishedAt, CallerARN: file.CallerARN,
		Config: cfg, Coverage: file.Coverage, ScanGaps: file.ScanGaps, Interrupted: file.Interrupted,
	})
	if err := then.apply(r); err != nil {
		return err
	}
	if err := then.finish(r); err != nil {
		return err
	}
	if err := out.write(io.out, r); err != nil {
		return err
	}
	return &codeError{VerdictCode(r, failOn)}
}
