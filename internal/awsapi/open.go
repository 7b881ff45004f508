package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
)

// identityLimit bounds the first call: without network or credentials the user is told within seconds.
const identityLimit = 20 * time.Second

// OpenError says why the account could not be entered, in a sentence for the user.
type OpenError struct {
	Sentence string
	Err      error
}

// Error is the sentence.
func (e *OpenError) Error() string { return e.Sentence }

// Unwrap returns the cause.
func (e *OpenError) Unwrap() error { return e.Err }

// Open loads the configuration by the SDK's own chain (environment, shared files, SSO, web identity, container,
// instance) and verifies the identity with sts:GetCallerIdentity, which no policy can deny. ctx is the scan's own
// context: its end is "cancelled", whatever ends otherwise "failed". The error is an *OpenError.
func Open(ctx context.Context, opts Options) (*Account, error) {
	return openWith(ctx, opts, NewLedger())
}

func openWith(ctx context.Context, opts Options, ledger *Ledger) (*Account, error) {
	if opts.Concurrency <= 0 {
		opts.Concurrency = DefaultConcurrency
	}
	a := &Account{
		Ledger: ledger, opts: opts, scanCtx: ctx,
		regions: map[string]*regionState{}, clients: map[clientKey]any{},
	}
	load := []func(*config.LoadOptions) error{
		// The credential chain's own clients pass the guard and the ledger as well.
		config.WithAPIOptions([]func(*middleware.Stack) error{a.credentialStack}),
		config.WithAppID("ourshare"),
		config.WithLogger(logging.Nop{}), // its warnings are no part of a report
	}
	if opts.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(opts.Profile))
	}
	if opts.Region != "" {
		load = append(load, config.WithRegion(opts.Region))
	}
	if opts.Credentials != nil {
		load = append(load, config.WithCredentialsProvider(opts.Credentials))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, loadError(err, opts.Profile)
	}
	noRegion := cfg.Region == ""
	if noRegion {
		cfg.Region = "us-east-1" // the default of the aws partition; other partitions' credentials need a region
	}
	inner := cfg.HTTPClient
	if inner == nil {
		inner = awshttp.NewBuildableClient()
	}
	if opts.HTTPClient != nil {
		inner = opts.HTTPClient
	}
	cfg.HTTPClient = &wire{inner: inner, account: a}
	cfg.Retryer = standardRetryer
	if opts.Retryer != nil {
		cfg.Retryer = opts.Retryer
	}
	a.cfg, a.Home = cfg, cfg.Region
	err = a.identify(ctx)
	if elsewhere := alwaysEnabled(a.Home); opts.Region != "" && elsewhere != a.Home && disabledThere(err) {
		a.Home = elsewhere
		a.dead.Store(nil)
		if a.identify(ctx) == nil {
			err = nil
		}
	}
	var refused *OpenError
	if noRegion && disabledThere(err) && errors.As(err, &refused) {
		refused.Sentence += "; no region is configured, and credentials of AWS GovCloud or of China need one (--region)"
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// alwaysEnabled is a region of the same partition that no account can turn off. One that was asked for by name may not
// be enabled for the account, and its answer to every call is then that the key is invalid.
func alwaysEnabled(region string) string {
	for prefix, name := range map[string]string{"cn-": "cn-north-1", "us-gov-": "us-gov-west-1", "us-iso": region, "eu-isoe-": region, "eusc-": region} {
		if strings.HasPrefix(region, prefix) {
			return name
		}
	}
	return "us-east-1"
}

func disabledThere(err error) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(regionCodes, e.Code)
}

func (a *Account) identify(ctx context.Context) error {
	limited, cancel := context.WithTimeout(Declare(ctx, IdentityOps), identityLimit)
	defer cancel()
	client := Client(a.In(a.Home), func(c aws.Config) *sts.Client { return sts.NewFromConfig(c) })
	out, err := client.GetCallerIdentity(limited, &sts.GetCallerIdentityInput{})
	if err != nil {
		return identityError(err, a.Home)
	}
	parts := strings.SplitN(aws.ToString(out.Arn), ":", 6)
	if len(parts) < 6 || aws.ToString(out.Account) == "" {
		return &OpenError{Sentence: "sts:GetCallerIdentity answered without an account: this is not AWS"}
	}
	a.ID, a.ARN, a.Partition = aws.ToString(out.Account), aws.ToString(out.Arn), parts[1]
	a.verified.Store(true)
	a.Ledger.rename(a.ID)
	return nil
}

func loadError(err error, profile string) error {
	var missing config.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		if profile == "" {
			profile = missing.Profile
		}
		return &OpenError{Sentence: fmt.Sprintf("the profile %q is in none of the shared AWS configuration files", profile), Err: err}
	}
	return &OpenError{Sentence: "the AWS configuration could not be read: " + err.Error(), Err: err}
}

func identityError(err error, region string) error {
	s := "the caller's identity could not be verified in " + region + ": "
	var e *Error
	switch {
	case errors.As(err, &e) && e.cause != nil && (strings.Contains(e.cause.Error(), "no EC2 IMDS role found") || strings.Contains(e.cause.Error(), "static credentials are empty")):
		s = "no AWS credentials were found: set AWS_PROFILE or --profile, sign in (aws sso login), or give the environment's variables"
	case errors.As(err, &e) && e.Outcome == Credentials && (e.Code == "ExpiredToken" || e.Code == "ExpiredTokenException" || e.Code == "RequestExpired"):
		s = "the AWS credentials have expired: sign in again"
	case errors.As(err, &e) && e.Code == "SignatureDoesNotMatch":
		s = "AWS does not accept these credentials (SignatureDoesNotMatch): the secret key is wrong, or this machine's clock"
	case errors.As(err, &e) && e.Outcome == Credentials:
		var inner *Error
		switch {
		case e.Code != "":
			s = "AWS does not accept these credentials (" + e.Code + ") in " + region
		case errors.As(e.cause, &inner):
			s = "no usable AWS credentials: the credential chain failed (" + inner.Operation + ": " + inner.Text + ")"
		default:
			s = "no usable AWS credentials: the credential chain failed (set AWS_PROFILE or --profile, or sign in again)"
		}
	case isNetwork(err), errors.As(err, &e) && e.Code == "" && e.Outcome != Cancelled:
		s += "AWS could not be reached"
		if e != nil {
			s += " (" + strings.TrimSuffix(strings.TrimPrefix(e.Text, "failed ("), ")") + ")"
		}
	case e != nil:
		s += e.Text
	default:
		s += "unexpected answer"
	}
	return &OpenError{Sentence: s, Err: err}
}

func isNetwork(err error) bool {
	var n net.Error
	return errors.As(err, &n)
}
