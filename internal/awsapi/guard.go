package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// call is the record of one call while it is under way.
type call struct {
	op        Op
	region    string // where it goes
	attempts  atomic.Int32
	throttles atomic.Int32
}

type (
	declaredKey struct{}
	callKey     struct{}
)

// Declare returns a context in which the given operations, and no others, may be sent.
func Declare(ctx context.Context, ops Ops) context.Context {
	return context.WithValue(ctx, declaredKey{}, ops)
}

// stackOptions are the middleware of every client: the guard, outermost of all, and the count of attempts.
func (a *Account) stackOptions(region, label string) []func(*middleware.Stack) error {
	return []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
		return a.addTo(stack, region, label, func(ctx context.Context) (Op, error) {
			name := middleware.GetOperationName(ctx)
			svc, known := bySDKID[middleware.GetServiceID(ctx)]
			if !known {
				return Op{}, &NotDeclaredError{Operation: middleware.GetServiceID(ctx) + ":" + name}
			}
			declared, _ := ctx.Value(declaredKey{}).(Ops)
			op, ok := declared.find(svc, name)
			if !ok {
				return Op{}, &NotDeclaredError{Operation: svc + ":" + name}
			}
			return op, nil
		})
	}}
}

// metadataOps are the calls to the container's and the instance's own credential endpoints: plain HTTP on the machine,
// not AWS's API, so that the ledger does not count them.
var metadataOps = []string{"GetMetadata", "GetToken", "getToken", "GetCredentials"}

// credentialStack is the same for the clients of the SDK's credential chain, which may call what credentialOps lists.
// Those of the metadata endpoints set no service of their own in the context, so the stack's name tells them apart.
func (a *Account) credentialStack(stack *middleware.Stack) error {
	if slices.Contains(metadataOps, stack.ID()) {
		return nil
	}
	return a.addTo(stack, "", Global, func(ctx context.Context) (Op, error) {
		svc := bySDKID[middleware.GetServiceID(ctx)]
		op, ok := credentialOps.find(svc, stack.ID())
		if !ok {
			return Op{}, &NotDeclaredError{Operation: svc + ":" + stack.ID()}
		}
		return op, nil
	})
}

func (a *Account) addTo(stack *middleware.Stack, region, label string, allowed func(context.Context) (Op, error)) error {
	guard := middleware.InitializeMiddlewareFunc("ourshare.guard",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, md middleware.Metadata, err error) {
			op, err := allowed(ctx)
			if err != nil {
				return out, md, err
			}
			return a.guard(ctx, op, region, label, in, next)
		})
	if err := stack.Initialize.Add(guard, middleware.Before); err != nil {
		return err
	}
	count := middleware.DeserializeMiddlewareFunc("ourshare.attempts",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			c, _ := ctx.Value(callKey{}).(*call)
			if c != nil {
				c.attempts.Add(1)
			}
			out, meta, err := next.HandleDeserialize(ctx, in)
			if c != nil && isThrottle(err) {
				c.throttles.Add(1)
			}
			return out, meta, err
		})
	// Before: outermost of the step, so that the error is typed already; the step as a whole is inside the retry loop.
	return stack.Deserialize.Add(count, middleware.Before)
}

// guard stands outermost: what the dataset being read has not declared was refused before it. It classifies the answer's error, once,
// and enters the call into the ledger. Names come from smithy-go's own context values: those of the SDK's older
// middleware are still empty here for some clients. An unknown service fails closed.
func (a *Account) guard(ctx context.Context, op Op, region, label string, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, md middleware.Metadata, err error) {
	if e := a.refusal(region, label, op); e != nil {
		return out, md, e
	}
	if a.scanCtx != nil && a.scanCtx.Err() != nil {
		return out, md, classify(context.Canceled, op, label, facts{scanDone: true})
	}
	if !a.Ledger.reserve(a.opts.MaxCalls) {
		return out, md, a.refused(OverBudget, op, label)
	}
	c := &call{op: op, region: region}
	out, md, err = next.HandleInitialize(context.WithValue(ctx, callKey{}, c), in)
	if err != nil {
		scanDone := a.scanCtx != nil && a.scanCtx.Err() != nil
		err = classify(err, op, label, facts{
			scanDone: scanDone, verified: a.verified.Load() && region != a.Home, atHome: a.verified.Load() && region == a.Home,
		})
		a.notice(region, err)
	}
	a.Ledger.done(a.ID, label, op, int(c.attempts.Load()), int(c.throttles.Load()), err)
	return out, md, err
}

// refusal is why nothing is sent any more: the credentials ended, or the region is off.
func (a *Account) refusal(region, label string, op Op) error {
	for _, e := range []*Error{a.dead.Load(), a.region(region).disabled.Load()} {
		if e != nil {
			r := *e
			r.Operation, r.Action, r.Region = op.String(), firstAction(op), label
			return &r
		}
	}
	return nil
}

func (a *Account) refused(o Outcome, op Op, label string) error {
	return &Error{Outcome: o, Operation: op.String(), Action: firstAction(op), Region: label, Text: words[o]}
}

func firstAction(op Op) string {
	if len(op.Actions) == 0 {
		return ""
	}
	return op.Actions[0]
}

// notice remembers what ends all further calls, so that a region that is off is said once and not met a hundred times,
// and calling stops with the credentials.
func (a *Account) notice(region string, err error) {
	var e *Error
	if !errors.As(err, &e) {
		return
	}
	switch e.Outcome {
	case RegionDisabled:
		a.region(region).disabled.CompareAndSwap(nil, e)
	case Credentials:
		a.dead.CompareAndSwap(nil, e)
	default: // the next call may succeed
	}
}

// NotDeclaredError is the guard's refusal: a programming fault, since ourshare calls only what its datasets declare.
type NotDeclaredError struct{ Operation string }

// Error names the operation.
func (e *NotDeclaredError) Error() string {
	return fmt.Sprintf("refused to send %s: no dataset that is being read declares it", e.Operation)
}

func isThrottle(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	var e *Error
	return errors.As(classify(err, Op{}, "", facts{}), &e) && e.Outcome == Throttled
}

// wire is the HTTP client below the SDK's retry loop: it paces, bounds and completes each attempt.
type wire struct {
	inner   aws.HTTPClient
	account *Account
}

// attemptLimit is how long one attempt may take, reading the body included.
const attemptLimit = 60 * time.Second

// Do sends one attempt. Errors of the body surface here, so that the retry loop sees them.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	c, _ := ctx.Value(callKey{}).(*call)
	if c == nil {
		return w.inner.Do(req) // the credential chain's own plain HTTP (container and instance endpoints)
	}
	lane := w.account.lane(c.region, c.op.Service)
	if err := lane.pace(ctx); err != nil {
		return nil, err
	}
	select {
	case lane.slots <- struct{}{}:
		defer func() { <-lane.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	resp, err := w.inner.Do(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if err := whole(c.op, resp); err != nil {
		return nil, err
	}
	if resp.StatusCode > 299 { // an error's body is read within the limit, too
		return resp, buffer(resp)
	}
	return resp, nil
}

// OperationOf is the operation of a request that is on the wire, as service:Operation; tests that stand in for the wire
// use it. It is empty for a request that is no call of AWS's API.
func OperationOf(ctx context.Context) string {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c.op.String()
	}
	return ""
}
