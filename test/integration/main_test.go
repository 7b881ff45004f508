// Package integration holds the tests that need LocalStack: it is started for the run on a free port, and stopped
// whatever happens. The demo's two accounts are seeded once; their scans are recorded once, with lists cut into pages.
package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/cli"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/target"
	"github.com/ourshare/ourshare/internal/testkit/emulator"
	"github.com/ourshare/ourshare/internal/testkit/replay"
)

// The seeded accounts of this run, and the regions of every scan.
const (
	demoAccount   = "111111111111"
	secondAccount = "222222222222"
)

var regions = []string{"eu-west-1", "us-east-1"}

var localstack *emulator.Emulator

func TestMain(m *testing.M) {
	testscript.Main(withEmulator{m}, map[string]func(){
		"ourshare": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// withEmulator runs the tests between the emulator's start and its stop; the command that scripts run does not start one.
type withEmulator struct{ m *testing.M }

// Run implements testscript.TestingM.
func (w withEmulator) Run() (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	localstack, err = emulator.Start(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := localstack.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	unhook := context.AfterFunc(ctx, func() { // a signal must not leave the server behind
		_ = localstack.Stop()
		os.Exit(130)
	})
	defer unhook()
	err = errors.Join(
		localstack.Seed(ctx, "demo", "--account", demoAccount),
		localstack.Seed(ctx, "second", "--account", secondAccount),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return w.m.Run()
}

// scanned is one scan as tests look at it.
type scanned struct {
	result *result.Result
	store  *inventory.Store
	head   engine.Head
	tape   *replay.Tape // what was recorded, of a live scan
}

// noWait is the SDK's standard retryer without its waiting and without its quota.
func noWait() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 5
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		o.RateLimiter = ratelimit.None
	})
}

type scanOptions struct {
	account string
	client  aws.HTTPClient
	checks  []*checks.Check
	regions []string
	now     func() time.Time
	change  func(*awsapi.Options)
}

// scan runs what the scan command runs, between its command line and its report.
func scan(ctx context.Context, o scanOptions) (*scanned, error) {
	opts := awsapi.Options{
		Region: "us-east-1", HTTPClient: o.client, Retryer: noWait, Unpaced: true,
		Credentials: credentials.NewStaticCredentialsProvider(o.account, "test", ""),
	}
	if o.change != nil {
		o.change(&opts)
	}
	account, err := awsapi.Open(ctx, opts)
	if err != nil {
		return nil, err
	}
	names, gaps, err := target.Regions(ctx, account, o.regions)
	if err != nil {
		return nil, err
	}
	s := inventory.NewStore(account, names, o.now)
	engine.Collect(ctx, s, o.checks, false)
	head := engine.Head{
		ID: "scan", ToolVersion: "test", StartedAt: s.Clock, FinishedAt: s.Clock, CallerARN: account.ARN,
		Coverage: account.Ledger.Coverage(), ScanGaps: gaps, Interrupted: ctx.Err() != nil,
	}
	return &scanned{result: engine.Evaluate(s, o.checks, catalog.All(), head), store: s, head: head}, nil
}

var (
	recorded   = map[string]*scanned{}
	recordings sync.Mutex
)

// recording is the live scan of a seeded account with every check, its lists cut into pages of two, recorded once.
func recording(t *testing.T, account string) *scanned {
	t.Helper()
	recordings.Lock()
	defer recordings.Unlock()
	if s := recorded[account]; s != nil {
		return s
	}
	useEmulator(t)
	pageCap(t, 2)
	defer pageCap(t, nil)
	tape := replay.NewTape()
	clock := time.Now().UTC()
	s, err := scan(t.Context(), scanOptions{
		account: account, client: &replay.Recorder{Tape: tape, Inner: awshttp.NewBuildableClient()},
		checks: catalog.All(), regions: regions, now: func() time.Time { return clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.tape = tape
	recorded[account] = s
	return s
}

// useEmulator makes the SDK see the emulator, and nothing of the user's own configuration.
func useEmulator(t *testing.T) {
	t.Helper()
	for _, kv := range localstack.Environ(demoAccount, "us-east-1") {
		for i := range kv {
			if kv[i] == '=' {
				if err := os.Setenv(kv[:i], kv[i+1:]); err != nil { // not t.Setenv: the recording outlives its test
					t.Fatal(err)
				}
				break
			}
		}
	}
}

func pageCap(t *testing.T, rows any) {
	t.Helper()
	if _, err := localstack.Hook(context.Background(), "POST", "pages", map[string]any{"cap": rows}); err != nil {
		t.Fatal(err)
	}
}

// entries are the datasets and details of a scan as a saved inventory holds them, by name and scope.
func (s *scanned) entries(t *testing.T) map[string]map[string]json.RawMessage {
	t.Helper()
	var file bytes.Buffer
	if err := s.store.Save(&file, inventory.File{}); err != nil {
		t.Fatal(err)
	}
	var saved struct {
		Entries []struct {
			Name  string                     `json:"name"`
			Scope string                     `json:"scope"`
			Data  map[string]json.RawMessage `json:"data"`
		} `json:"entries"`
	}
	if err := json.Unmarshal(file.Bytes(), &saved); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]json.RawMessage{}
	for _, e := range saved.Entries {
		out[e.Name+"\x00"+e.Scope] = e.Data
	}
	return out
}
