package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
)

func newChecks(io streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "checks", Short: "List and explain the checks",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneOf("command", args[0], []string{"list", "show"})
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newChecksList(io), newChecksShow(io))
	return cmd
}

// listedCheck is one line of `checks list --format json`.
type listedCheck struct {
	ID         string              `json:"id"`
	Title      string              `json:"title"`
	Category   string              `json:"category"`
	Service    string              `json:"service"`
	Layer      string              `json:"layer"`
	Severity   string              `json:"severity"`
	References []finding.Reference `json:"references"`
}

func newChecksList(io streams) *cobra.Command {
	var sel selection
	format := "table"
	cmd := &cobra.Command{
		Use: "list", Short: "List the checks", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := oneOf("format", format, []string{"table", "json"}); err != nil {
				return err
			}
			list, err := sel.choose()
			if err != nil {
				return err
			}
			if format == "json" {
				return listJSON(io.out, list)
			}
			return listTable(io.out, list)
		},
	}
	sel.flags(cmd)
	cmd.Flags().StringVar(&format, "format", format, "table or json")
	return cmd
}

func listJSON(w io.Writer, list []*checks.Check) error {
	lines := make([]listedCheck, len(list))
	for i, c := range list {
		lines[i] = listedCheck{
			c.ID, c.Title, string(c.Category), c.Service, string(c.Layer), string(c.Severity), c.Rule(nil).References,
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(lines)
}

func listTable(w io.Writer, list []*checks.Check) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"CHECK", "SEVERITY", "CATEGORY", "LAYER", "TITLE"})
	for _, c := range list {
		t.AppendRow(table.Row{c.ID, c.Severity, c.Category, c.Layer, c.Title})
	}
	_, err := fmt.Fprintf(w, "%s\n\n%d checks\n", t.Render(), len(list))
	return err
}

func newChecksShow(io streams) *cobra.Command {
	return &cobra.Command{
		Use: "show CHECK", Short: "Explain one check",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("this command takes one argument, a check's id")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return checkIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("check", args[0], checkIDs()); err != nil {
				return err
			}
			c := catalog.Find(args[0])
			_, err := fmt.Fprint(io.out, Explain(c))
			return err
		},
	}
}

func checkIDs() []string {
	var ids []string
	for _, c := range catalog.All() {
		ids = append(ids, c.ID)
	}
	return ids
}

// Explain is what `checks show` prints and docs/checks holds, in Markdown.
func Explain(c *checks.Check) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n\n", c.ID, c.Title)
	fmt.Fprintf(&b, "| | |\n| --- | --- |\n| severity | %s |\n| category | %s |\n| layer | %s |\n| service | %s |\n| revision | %d |\n", c.Severity, c.Category, c.Layer, c.Service, max(1, c.Revision))
	var cites []string
	for _, r := range c.Cites {
		cites = append(cites, r.Framework+" "+r.ID)
	}
	if len(cites) > 0 {
		fmt.Fprintf(&b, "| corresponds to | %s |\n", strings.Join(cites, "; "))
	}
	fmt.Fprintf(&b, "\n## Risk\n\n%s\n\n## Verdicts\n\n%s\n", c.Risk, c.Detail)
	if c.Question != "" {
		fmt.Fprintf(&b, "\n## The question to ask\n\n%s\n\nThe answer stands as an attestation in the exceptions file: docs/configuration.md.\n", c.Question)
	}
	plan := c.Plan()
	thresholds(&b, "Keys under `thresholds` in `ourshare.yaml`, or under `thresholds` of this check:", plan.Params)
	thresholds(&b, "Keys under `thresholds` in `ourshare.yaml`, for all checks alike:", plan.Shared)
	fmt.Fprintf(&b, "\n## Remediation\n\n%s\n", c.Fix.Text)
	if c.Fix.CLI != "" {
		fmt.Fprintf(&b, "\n```sh\n%s\n```\n", c.Fix.CLI)
	}
	if c.Fix.URL != "" {
		fmt.Fprintf(&b, "\n<%s>\n", c.Fix.URL)
	}
	fmt.Fprint(&b, "\n## What it reads\n\n")
	ops := operations([]*checks.Check{c}, false)
	for _, o := range ops {
		fmt.Fprintf(&b, "- `%s` (%s)\n", o, "`"+strings.Join(o.Actions, "`, `")+"`")
	}
	return b.String()
}

func thresholds(b *strings.Builder, where string, params []inventory.ParamInfo) {
	if len(params) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Thresholds\n\n%s\n\n", where)
	for _, p := range params {
		fmt.Fprintf(b, "- `%s` (default %v): %s\n", p.Name, p.Default, p.Doc)
	}
}
