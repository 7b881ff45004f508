package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/target"
)

// accountsOptions say which other accounts a scan enters, and by which role.
type accountsOptions struct {
	file, role, externalID string
	atOnce                 int
	list                   []target.AccountLine
}

func (o *accountsOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.file, "accounts-file", "", "scan the accounts of this file, one id per line and its name behind it, each entered by --role-name")
	f.StringVar(&o.role, "role-name", "", "the role that is assumed in each account of --accounts-file")
	f.StringVar(&o.externalID, "external-id", "", "the external id that the role's trust policy asks for")
	f.IntVar(&o.atOnce, "accounts-at-once", 4, "accounts of --accounts-file that are scanned at the same time")
}

// prepare reads the accounts file, and refuses what does not go together.
func (o *scanOptions) prepareAccounts() error {
	a := &o.accounts
	switch {
	case a.file == "" && (a.role != "" || a.externalID != ""):
		return usagef("--role-name and --external-id are for the accounts of --accounts-file")
	case a.file == "":
		return nil
	case a.role == "":
		return usagef("--accounts-file needs --role-name, the role to be assumed in each account")
	case !target.ValidRoleName(a.role):
		return usagef("--role-name %q: it is no name of a role", a.role)
	case a.atOnce < 1 || a.atOnce > 64:
		return usagef("--accounts-at-once must be from 1 to 64")
	case o.save != "":
		return usagef("--save-inventory keeps one account's inventory: it does not go with --accounts-file")
	}
	for _, name := range o.regions {
		if !target.Published(name) {
			return usagef("no such region: %q; did you mean %q?", name, nearest(name, target.AllPublished()))
		}
	}
	b, err := os.ReadFile(a.file)
	if err != nil {
		return usagef("%s", err)
	}
	if a.list, err = target.ParseAccounts(bytes.NewReader(b)); err != nil {
		return usagef("%s: %s", a.file, err)
	}
	return nil
}

// runAccounts scans several accounts, some at the same time. Each is judged, spooled and dropped before another begins, and the
// reports are made of the spool.
func (o *scanOptions) runAccounts(ctx, reading context.Context, io streams, list []*checks.Check, cfg config.Config) (err error) {
	started, id := time.Now(), uuid.NewString()
	base, err := o.open(reading)
	if err != nil {
		return err
	}
	spool, err := result.NewSpool("")
	if err != nil {
		return fmt.Errorf("the spool could not be made: %w", err)
	}
	defer func() { err = errors.Join(err, spool.Close()) }()
	run := accountsRun{
		o: o, base: base, spool: spool, list: list, cfg: cfg, id: id, started: started,
		bar: newAccountsProgress(io.err, o.logFormat, len(o.accounts.list)),
	}
	defer run.bar.done()
	var group errgroup.Group
	group.SetLimit(o.accounts.atOnce)
	for _, line := range o.accounts.list {
		group.Go(func() error { return run.one(reading, line) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	run.bar.done()
	r, err := run.merge(reading)
	if err != nil {
		return err
	}
	if err := o.after.finish(r); err != nil {
		return err
	}
	run.bar.finished(r.Summary.Findings(), r.Scan.Complete)
	if err := o.out.write(io.out, r); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return &codeError{exitInterrupted}
	}
	return &codeError{VerdictCode(r, o.failOn)}
}

// accountsRun is the state of one run over several accounts.
type accountsRun struct {
	o       *scanOptions
	base    *awsapi.Account
	list    []*checks.Check
	cfg     config.Config
	id      string
	started time.Time
	bar     *progress

	mu       sync.Mutex
	spool    *result.Spool
	statuses []result.AccountStatus
}

// one scans one account. Only a fault of this machine is an error: an account that cannot be entered is an answer.
func (run *accountsRun) one(ctx context.Context, line target.AccountLine) error {
	status := result.AccountStatus{AccountID: line.ID, Name: line.Name}
	r, err := run.scan(ctx, line)
	if err != nil {
		status.Reason = err.Error()
	}
	run.mu.Lock()
	defer run.mu.Unlock()
	defer run.bar.account(line.ID)
	if r != nil {
		status.Entered, status.Complete, status.CallerARN = true, r.Scan.Complete, r.Scan.CallerARN
		if err := run.o.after.apply(r); err != nil {
			return err
		}
		if err := run.spool.Add(r); err != nil {
			return err
		}
	}
	run.statuses = append(run.statuses, status)
	return nil
}

func (run *accountsRun) scan(ctx context.Context, line target.AccountLine) (*result.Result, error) {
	if ctx.Err() != nil {
		return nil, errors.New("the scan was stopped before")
	}
	account, err := run.base.Enter(ctx, awsapi.Role{AccountID: line.ID, Name: run.o.accounts.role, ExternalID: run.o.accounts.externalID})
	if err != nil {
		return nil, err
	}
	s := singleScan{account: account, id: run.id, started: time.Now(), bar: func(int) *progress { return &progress{} }}
	return s.run(ctx, run.o, run.list, run.cfg)
}

// merge makes the one result. The calls that the caller made itself, to assume roles, stand in the ledger beside the accounts'.
func (run *accountsRun) merge(reading context.Context) (*result.Result, error) {
	slices.SortFunc(run.statuses, func(a, b result.AccountStatus) int { return cmp.Compare(a.AccountID, b.AccountID) })
	if !slices.ContainsFunc(run.statuses, func(s result.AccountStatus) bool { return s.Entered }) {
		var reasons []string
		for _, s := range run.statuses {
			reasons = append(reasons, "\n  "+s.AccountID+": "+s.Reason)
		}
		return nil, errors.New("none of the accounts could be entered:" + strings.Join(reasons, ""))
	}
	caller := &result.Result{Scan: result.Scan{Complete: true}}
	caller.SetCoverage(run.base.Ledger.Coverage())
	if err := run.spool.AddCoverage(caller); err != nil {
		return nil, err
	}
	head := engine.NewResult(catalog.All(), engine.Head{
		ID: run.id, ToolVersion: version(), StartedAt: run.started, FinishedAt: time.Now(), CallerARN: run.base.ARN, Config: run.cfg,
	})
	head.Scan.ByAccount = run.statuses
	r := run.spool.Merge(*head)
	if reading.Err() != nil {
		r.Scan.Complete = false
	}
	engine.SetControls(r, catalog.All())
	return r, nil
}
