package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
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
	given      *pflag.FlagSet
	accounts   accountsOptions
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
	o.given = f
	f.StringVar(&o.profile, "profile", "", "a profile of the shared AWS configuration")
	f.StringSliceVar(&o.regions, "region", nil, "scan this region (repeatable); default: every region enabled for the account")
	f.StringSliceVar(&o.out.formats, "format", nil, strings.Join(report.Names(), ", ")+" (repeatable); default: table")
	f.StringVar(&o.out.out, "out", "-", "write each report into this directory; - is standard output")
	addJudging(cmd, &o.failOn, &o.configFile)
	o.after.flags(cmd)
	o.accounts.flags(cmd)
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
	cmd.Flags().StringVar(failOn, "fail-on", "low", "exit 3 for findings failing at this severity or worse: critical, high, medium, low, info, none; or new: for what is new or reopened since --baseline")
	cmd.Flags().StringVar(configFile, "config", "", "configuration file; default: ourshare.yaml in the working directory, where there is one")
}

func (o *scanOptions) run(ctx context.Context, io streams) error {
	list, cfg, err := o.validate(io.err)
	if err != nil {
		return err
	}
	if o.plan {
		return printPlan(io.out, list, o.regions, o.tags, o.accounts)
	}
	reading := ctx
	if o.timeout > 0 {
		var cancel context.CancelFunc
		reading, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	if o.accounts.file != "" {
		return o.runAccounts(ctx, reading, io, list, cfg)
	}
	started := time.Now()
	account, err := o.open(reading)
	if err != nil {
		return err
	}
	var bar *progress
	s := singleScan{account: account, id: uuid.NewString(), started: started, bar: func(regions int) *progress {
		bar = newProgress(io.err, o.logFormat, readings(list, o.tags, regions), len(list))
		return bar
	}}
	r, err := s.run(reading, o, list, cfg)
	if err != nil {
		return regionError(err)
	}
	if err := o.after.apply(r); err != nil {
		return err
	}
	if err := o.after.finish(r); err != nil {
		return err
	}
	bar.finished(r.Summary.Findings(), r.Scan.Complete)
	if err := o.out.write(io.out, r); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return &codeError{exitInterrupted}
	}
	return &codeError{VerdictCode(r, o.failOn)}
}

// open finds out whose credentials there are.
func (o *scanOptions) open(ctx context.Context) (*awsapi.Account, error) {
	first := ""
	if len(o.regions) > 0 {
		first = o.regions[0]
	}
	account, err := awsapi.Open(ctx, awsapi.Options{
		Profile: o.profile, Region: first, MaxCalls: o.maxCalls, Concurrency: o.concurrent,
	})
	if err != nil {
		return nil, regionHint(err, o.regions)
	}
	return account, nil
}

// singleScan is the scan of one account.
type singleScan struct {
	account *awsapi.Account
	id      string
	started time.Time
	bar     func(regions int) *progress
}

// run reads and judges the account. What it read is no longer in memory when it returns.
func (s singleScan) run(ctx context.Context, o *scanOptions, list []*checks.Check, cfg config.Config) (*result.Result, error) {
	regions, gaps, err := target.Regions(ctx, s.account, o.regions)
	if err != nil {
		return nil, err
	}
	store := inventory.NewStore(s.account, regions, time.Now)
	store.Params = cfg.Params
	bar := s.bar(len(regions))
	defer bar.done()
	store.OnRead = bar.read
	engine.Collect(ctx, store, list, o.tags)
	head := engine.Head{
		ID: s.id, ToolVersion: version(), StartedAt: s.started, FinishedAt: time.Now(), CallerARN: s.account.ARN,
		Config: cfg, Coverage: s.account.Ledger.Coverage(), ScanGaps: gaps, Interrupted: ctx.Err() != nil,
		OnCheck: bar.check,
	}
	if o.save != "" {
		if err := saveInventory(o.save, store, head); err != nil {
			return nil, fmt.Errorf("the inventory could not be saved: %w", err)
		}
	}
	return engine.Evaluate(store, list, catalog.All(), head), nil
}

// validate refuses every wrong word before the first call.
func (o *scanOptions) validate(stderr io.Writer) ([]*checks.Check, config.Config, error) {
	var none config.Config
	cfg, err := judging(o.failOn, o.configFile)
	if err != nil {
		return nil, none, err
	}
	o.limit(cfg.Limits, o.given)
	list, err := o.sel.under(cfg)
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
	case o.concurrent < 1 || o.concurrent > config.MaxConcurrency:
		return nil, none, usagef("--concurrency must be from 1 to %d", config.MaxConcurrency)
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
	if err := o.prepareAccounts(); err != nil {
		return nil, none, err
	}
	return list, cfg, o.after.prepare(cfg, o.out.formats)
}

// judging reads what verdicts and exit code depend on.
func judging(failOn, configFile string) (config.Config, error) {
	if err := oneOf("severity for --fail-on", failOn, append(texts(finding.Severities()), "none", failOnNew)); err != nil {
		return config.Config{}, err
	}
	return loadConfig(configFile)
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

func printPlan(w io.Writer, list []*checks.Check, regions []string, tags bool, accounts accountsOptions) error {
	ops := operations(list, tags)
	var b strings.Builder
	fmt.Fprintf(&b, "%d checks would be run.\n\n", len(list))
	if len(accounts.list) > 0 {
		fmt.Fprintf(&b, "Accounts (%d), each entered by sts:AssumeRole of the role %s; the caller itself needs no other permission:\n", len(accounts.list), accounts.role)
		for _, a := range accounts.list {
			fmt.Fprintln(&b, strings.TrimRight("  "+a.ID+" "+report.Visible(a.Name), " "))
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprint(&b, "Regions:\n")
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
