package awsapi

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"golang.org/x/time/rate"
)

// Global is the region label of what belongs to no region.
const Global = "global"

// Options say how to reach an account.
type Options struct {
	Profile      string // a profile of the shared configuration; empty: the SDK's own default
	Region       string // where to ask first; empty: the configured region, or the partition's default
	MaxCalls     int    // the scan's budget of calls; 0: no end
	Concurrency  int    // requests under way at once per region and service; 0: DefaultConcurrency
	UserAgentApp string

	// The seams of tests and of the replay.
	HTTPClient  aws.HTTPClient          // replaces the wire
	Credentials aws.CredentialsProvider // replaces the SDK's chain
	Retryer     func() aws.Retryer      // replaces back-off and retry quota
	Unpaced     bool                    // no rate limit
}

// DefaultConcurrency is how many requests are under way at once per region and service.
const DefaultConcurrency = 32

// attempts per call, the SDK's standard retryer (its adaptive mode stalls under throttling).
const attempts = 5

// Account is one AWS account as the scan reaches it: configuration, identity, pacing and ledger.
type Account struct {
	ID        string
	ARN       string // of the caller
	Partition string
	Home      string // the region where the identity was verified
	Ledger    *Ledger

	cfg      aws.Config
	opts     Options
	scanCtx  context.Context //nolint:containedctx // cancelled and failed are told apart by the scan's own context
	dead     atomic.Pointer[Error]
	verified atomic.Bool

	mu      sync.Mutex
	regions map[string]*regionState
	clients map[clientKey]any
}

type clientKey struct {
	region, label string
	client        reflect.Type
}

type regionState struct {
	disabled atomic.Pointer[Error] // set once: a region that is off is noticed once, and not asked again
	mu       sync.Mutex
	limiters map[string]*lane
}

// lane paces one service in one region: a slot is held only while a request is under way, never while a call waits for
// another one or backs off.
type lane struct {
	limit *rate.Limiter
	slots chan struct{}
}

// pace waits for the lane's rate. Limiter.Wait refuses at once, by an error of its own, what the context's deadline leaves
// no time for: here the wait lasts to that deadline, so that the end of the scan is met as such.
func (l *lane) pace(ctx context.Context) error {
	turn := l.limit.Reserve()
	timer := time.NewTimer(turn.Delay())
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		turn.Cancel()
		return ctx.Err()
	}
}

func (a *Account) region(name string) *regionState {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.regions[name]
	if r == nil {
		r = &regionState{limiters: map[string]*lane{}}
		a.regions[name] = r
	}
	return r
}

func (a *Account) lane(region, svc string) *lane {
	r := a.region(region)
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.limiters[svc]
	if l == nil {
		s := services[svc]
		l = &lane{slots: make(chan struct{}, a.opts.Concurrency), limit: rate.NewLimiter(rate.Limit(s.rate), s.burst)}
		if a.opts.Unpaced {
			l.limit = rate.NewLimiter(rate.Inf, 1)
		}
		r.limiters[svc] = l
	}
	return l
}

// Disable marks a region as not enabled for the account: nothing is sent there, and every read of it says so.
func (a *Account) Disable(region, text string) {
	a.region(region).disabled.Store(&Error{Outcome: RegionDisabled, Region: region, Text: text})
}

// Session is an account in one region: what a dataset is read with.
type Session struct {
	*Account
	Region string // where requests go
	Label  string // what the ledger and the findings call it: the region, or "global"
}

// In returns the session of a region; Global gives the home region under the label "global".
func (a *Account) In(region string) *Session {
	if region == Global || region == "" {
		return &Session{Account: a, Region: a.Home, Label: Global}
	}
	return &Session{Account: a, Region: region, Label: region}
}

// Client returns the SDK client of the session's region, made once per client type, account and region, so that the
// retry quota is one per account, region and service.
func Client[C any](s *Session, build func(aws.Config) C) C {
	k := clientKey{s.Region, s.Label, reflect.TypeFor[C]()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.clients[k]; ok {
		return c.(C)
	}
	cfg := s.cfg.Copy()
	cfg.Region = s.Region
	cfg.APIOptions = s.stackOptions(s.Region, s.Label)
	c := build(cfg)
	s.clients[k] = c
	return c
}

func standardRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = 8 * time.Second
	})
}
