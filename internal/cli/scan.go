package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/target"
)

type scanOptions struct {
	sel        selection
	out        output
	profile    string
	regions    []string
	failOn     string
	configFile string
	tags       bool
	save       string
	maxCalls   int
	timeout    time.Duration
	concurrent int
	plan       bool
	logFormat  string
	after      after
}

func newScan(io streams) *cobra.Command {
	o := scanOptions{after: newAfter()}
	cmd := &cobra.Command{
		Use: "scan", Short: "Scan the account and write a findings report", Args: noArgs,
		Long: "Scans the account that the AWS credentials belong to. Credentials come from the SDK's own chain: environment, shared\n" +
			"files, SSO, web identity, container, instance.\n\n" +
			"Exit codes: 0 complete, nothing failing at or above --fail-on; 1 the scan could not run; 2 wrong usage or configuration;\n" +
			"3 failing findings; 4 none, but incomplete; 5 failing findings and incomplete; 130 interrupted.",
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), io) },
	}
	o.sel.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.profile, "profile", "", "a profile of the shared AWS configuration")
	f.StringSliceVar(&o.regions, "region", nil, "scan this region (repeatable); default: every region enabled for the account")
	f.StringSliceVar(&o.out.formats, "format", nil, strings.Join(report.Names(), ", ")+" (repeatable); default: table")
	f.StringVar(&o.out.out, "out", "-", "write each report into this directory; - is standard output")
	addJudging(cmd, &o.failOn, &o.configFile)
	o.after.flags(cmd)
	f.BoolVar(&o.tags, "tags", false, "read the tags of resources whose listing has none, too (one more call for each)")
	f.StringVar(&o.save, "save-inventory", "", "write what was read into this file, for `ourshare evaluate`")
	f.IntVar(&o.maxCalls, "max-api-calls", 0, "stop calling after so many calls; 0: no limit")
	f.DurationVar(&o.timeout, "timeout", 0, "stop calling after this time, such as 10m; 0: no limit")
	f.IntVar(&o.concurrent, "concurrency", awsapi.DefaultConcurrency, "requests at once per region and service")
	f.BoolVar(&o.plan, "plan", false, "print the operations, permissions and regions of this scan, and do not scan")
	f.StringVar(&o.logFormat, "log-format", "text", "text (a progress bar on a terminal) or json (structured logs on standard error)")
	return cmd
}

func addJudging(cmd *cobra.Command, failOn, configFile *string) {
	cmd.Flags().StringVar(failOn, "fail-on", "low", "exit 3 for findings failing at this severity or worse: critical, high, medium, low, info, none")
	cmd.Flags().StringVar(configFile, "config", "", "configuration file; default: ourshare.yaml in the working directory, where there is one")
}

func (o *scanOptions) run(ctx context.Context, io streams) error {
	list, cfg, err := o.validate(io.err)
	if err != nil {
		return err
	}
	if o.plan {
		return printPlan(io.out, list, o.regions, o.tags)
	}
	started := time.Now()
	reading := ctx
	if o.timeout > 0 {
		var cancel context.CancelFunc
		reading, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	first := ""
	if len(o.regions) > 0 {
		first = o.regions[0]
	}
	account, err := awsapi.Open(reading, awsapi.Options{
		Profile: o.profile, Region: first, MaxCalls: o.maxCalls, Concurrency: o.concurrent,
	})
	if err != nil {
		return regionHint(err, o.regions)
	}
	regions, gaps, err := target.Regions(reading, account, o.regions)
	if err != nil {
		return regionError(err)
	}
	store := inventory.NewStore(account, regions, time.Now)
	store.Params = cfg.Params
	bar := newProgress(io.err, o.logFormat, readings(list, o.tags, len(regions)), len(list))
	defer bar.done()
	store.OnRead = bar.read
	engine.Collect(reading, store, list, o.tags)
	head := engine.Head{
		ID: uuid.NewString(), ToolVersion: version(), StartedAt: started, FinishedAt: time.Now(), CallerARN: account.ARN,
		ConfigSHA256: cfg.Digest(), Coverage: account.Ledger.Coverage(), ScanGaps: gaps, Interrupted: reading.Err() != nil,
		OnCheck: bar.check,
	}
	if o.save != "" {
		if err := saveInventory(o.save, store, head); err != nil {
			return fmt.Errorf("the inventory could not be saved: %w", err)
		}
	}
	r := engine.Evaluate(store, list, catalog.All(), head)
	if err := o.after.apply(r); err != nil {
		return err
	}
	bar.done()
	bar.finished(len(r.Findings), r.Scan.Complete)
	if err := o.out.write(io.out, r); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return &codeError{exitInterrupted}
	}
	return &codeError{VerdictCode(r, o.failOn)}
}

// validate refuses every wrong word before the first call.
func (o *scanOptions) validate(stderr io.Writer) ([]*checks.Check, config.Config, error) {
	var none config.Config
	list, err := o.sel.choose()
	if err != nil {
		return nil, none, err
	}
	if err := o.out.check(); err != nil {
		return nil, none, err
	}
	if err := oneOf("log format", o.logFormat, []string{"text", "json"}); err != nil {
		return nil, none, err
	}
	switch {
	case o.maxCalls < 0:
		return nil, none, usagef("--max-api-calls must not be negative")
	case o.timeout < 0:
		return nil, none, usagef("--timeout must not be negative")
	case o.concurrent < 1 || o.concurrent > 256:
		return nil, none, usagef("--concurrency must be from 1 to 256")
	}
	for _, r := range o.regions {
		if strings.TrimSpace(r) == "" {
			return nil, none, usagef("--region needs the name of a region")
		}
	}
	if o.save != "" {
		if info, err := os.Stat(filepath.Dir(o.save)); err != nil || !info.IsDir() {
			return nil, none, usagef("--save-inventory %s: its directory does not exist", o.save)
		}
	}
	level := slog.LevelWarn
	if o.logFormat == "json" {
		slog.SetDefault(slog.New(slog.NewJSONHandler(stderr, nil)))
	} else {
		slog.SetDefault(slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})))
	}
	cfg, err := judging(o.failOn, o.configFile)
	if err != nil {
		return nil, none, err
	}
	return list, cfg, o.after.prepare(cfg, o.out.formats)
}

// judging reads what verdicts and exit code depend on.
func judging(failOn, configFile string) (config.Config, error) {
	if err := oneOf("severity for --fail-on", failOn, append(texts(finding.Severities()), "none")); err != nil {
		return config.Config{}, err
	}
	if configFile == "" {
		if _, err := os.Stat(config.DefaultFile); errors.Is(err, fs.ErrNotExist) {
			return config.Config{}, nil
		}
		configFile = config.DefaultFile
	}
	cfg, err := config.Load(configFile, engine.Params(catalog.All()))
	var unknown *config.UnknownKeyError
	switch {
	case errors.As(err, &unknown):
		return cfg, usagef("%s: %s; did you mean %q?", configFile, unknown, nearest(unknown.Key, unknown.Valid))
	case err != nil:
		return cfg, usagef("%s", err)
	}
	return cfg, nil
}

// regionHint: a mistyped first region makes the identity call fail before the account's own list can be read; its name
// is then held against AWS's published regions.
func regionHint(err error, asked []string) error {
	for _, name := range asked {
		if !target.Published(name) {
			return usagef("no such region: %q; did you mean %q?", name, nearest(name, target.AllPublished()))
		}
	}
	return err
}

func regionError(err error) error {
	var unknown *target.UnknownRegionError
	if errors.As(err, &unknown) {
		return usagef("%s; did you mean %q?", unknown, nearest(unknown.Name, unknown.Known))
	}
	return err
}

func nodesOf(list []*checks.Check, tags bool) []*inventory.Node { return engine.Nodes(list, tags) }

// readings is how many datasets a scan reads, regional ones once per region.
func readings(list []*checks.Check, tags bool, regions int) int {
	n := 0
	for _, node := range nodesOf(list, tags) {
		if node.Regional {
			n += regions
		} else {
			n++
		}
	}
	return n
}

func saveInventory(path string, s *inventory.Store, h engine.Head) error {
	return writeFile(path, func(w io.Writer) error {
		return s.Save(w, inventory.File{
			ScanID: h.ID, StartedAt: h.StartedAt, FinishedAt: h.FinishedAt, CallerARN: h.CallerARN,
			ScanGaps: h.ScanGaps, Coverage: h.Coverage, Interrupted: h.Interrupted,
		})
	})
}

func printPlan(w io.Writer, list []*checks.Check, regions []string, tags bool) error {
	ops := operations(list, tags)
	var b strings.Builder
	fmt.Fprintf(&b, "%d checks would be run.\n\nRegions:\n", len(list))
	if len(regions) == 0 {
		fmt.Fprintln(&b, "  every region enabled for the account (read by ec2:DescribeRegions at the start)")
	}
	for _, r := range regions {
		fmt.Fprintln(&b, "  "+r)
	}
	fmt.Fprintf(&b, "\nOperations (%d):\n", len(ops))
	for _, o := range ops {
		fmt.Fprintln(&b, "  "+o.String())
	}
	perms := actions(ops)
	fmt.Fprintf(&b, "\nPermissions (%d), each of access level Read or List:\n", len(perms))
	for _, a := range perms {
		fmt.Fprintln(&b, "  "+a)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
