package awsapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

// fakeAWS answers by operation, and counts.
type fakeAWS struct {
	mu      sync.Mutex
	answers map[string]func(*http.Request) (int, string) // by the query protocol's Action
	sent    []string
}

func (f *fakeAWS) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(strings.NewReader(string(body))) // for the answer to look at
	action := ""
	for _, pair := range strings.Split(string(body), "&") {
		if v, ok := strings.CutPrefix(pair, "Action="); ok {
			action = v
		}
	}
	f.mu.Lock()
	f.sent = append(f.sent, action)
	f.mu.Unlock()
	status, text := 400, "<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>"
	if a := f.answers[action]; a != nil {
		status, text = a(r)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

func identity(*http.Request) (int, string) {
	return 200, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/x</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
}

func noWait() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		o.RateLimiter = ratelimit.None
	})
}

func open(t *testing.T, f *fakeAWS, change ...func(*Options)) (*Account, error) {
	t.Helper()
	if f.answers == nil {
		f.answers = map[string]func(*http.Request) (int, string){}
	}
	if f.answers["GetCallerIdentity"] == nil {
		f.answers["GetCallerIdentity"] = identity
	}
	t.Setenv("AWS_ENDPOINT_URL", "")
	o := Options{
		Region: "us-east-1", HTTPClient: f, Retryer: noWait, Unpaced: true,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}
	for _, c := range change {
		c(&o)
	}
	return Open(t.Context(), o)
}

func stsClient(a *Account, region string) *sts.Client {
	return Client(a.In(region), func(c aws.Config) *sts.Client { return sts.NewFromConfig(c) })
}

func TestGuardRefusesWhatIsNotDeclared(t *testing.T) {
	f := &fakeAWS{}
	a, err := open(t, f)
	if err != nil {
		t.Fatal(err)
	}
	for name, ctx := range map[string]context.Context{
		"nothing declared":            t.Context(),
		"another operation declared":  Declare(t.Context(), Calls("sts:GetAccessKeyInfo")),
		"another service's operation": Declare(t.Context(), Calls("iam:GetSessionToken")),
	} {
		_, err = stsClient(a, "us-east-1").GetSessionToken(ctx, &sts.GetSessionTokenInput{})
		var refused *NotDeclaredError
		if !errors.As(err, &refused) || refused.Operation != "sts:GetSessionToken" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What only the credential chain may call is refused to a dataset.
	_, err = stsClient(a, "us-east-1").AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/x"), RoleSessionName: aws.String("x")})
	var refused *NotDeclaredError
	if !errors.As(err, &refused) {
		t.Errorf("AssumeRole was not refused: %v", err)
	}
	if len(f.sent) != 1 {
		t.Errorf("sent %v", f.sent)
	}
}

func TestIdentityFailures(t *testing.T) {
	answer := func(status int, code string) func(*http.Request) (int, string) {
		return func(*http.Request) (int, string) {
			return status, "<ErrorResponse><Error><Code>" + code + "</Code><Message>m</Message></Error></ErrorResponse>"
		}
	}
	for name, tt := range map[string]struct {
		answer   func(*http.Request) (int, string)
		sentence string
	}{
		"wrong key":    {answer(403, "InvalidClientTokenId"), "does not accept these credentials (InvalidClientTokenId)"},
		"wrong secret": {answer(403, "SignatureDoesNotMatch"), "does not accept these credentials (SignatureDoesNotMatch): the secret key is wrong, or this machine's clock"},
		"expired":      {answer(403, "ExpiredToken"), "have expired"},
		"not AWS":      {func(*http.Request) (int, string) { return 200, "<html></html>" }, "could not be reached"},
		"no account": {func(*http.Request) (int, string) {
			return 200, "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>"
		}, "this is not AWS"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, &fakeAWS{answers: map[string]func(*http.Request) (int, string){"GetCallerIdentity": tt.answer}})
			var oe *OpenError
			if !errors.As(err, &oe) || !strings.Contains(oe.Sentence, tt.sentence) {
				t.Errorf("%v, want %q", err, tt.sentence)
			}
		})
	}
}

func ask(t *testing.T, a *Account, region string) error {
	t.Helper()
	_, err := stsClient(a, region).GetAccessKeyInfo(Declare(t.Context(), Calls("sts:GetAccessKeyInfo")), &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIAAAAAAAAAAAAAAAAA")})
	return err
}

func TestLedger(t *testing.T) {
	tries := 0
	f := &fakeAWS{answers: map[string]func(*http.Request) (int, string){
		"GetAccessKeyInfo": func(*http.Request) (int, string) {
			tries++
			if tries < 3 {
				return 400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"
			}
			return 200, "<GetAccessKeyInfoResponse><GetAccessKeyInfoResult/></GetAccessKeyInfoResponse>"
		},
	}}
	a, err := open(t, f)
	if err != nil {
		t.Fatal(err)
	}
	if err := ask(t, a, "eu-west-1"); err != nil {
		t.Fatal(err)
	}
	lines := a.Ledger.Coverage()
	if len(lines) != 2 || lines[0].Operation != "sts:GetAccessKeyInfo" || lines[0].Region != "eu-west-1" ||
		lines[0].Calls != 1 || lines[0].Attempts != 3 || lines[0].Throttles != 2 || lines[0].Outcomes[OK] != 1 {
		t.Errorf("%+v", lines)
	}
	if lines[1].AccountID != "111122223333" || lines[1].Operation != "sts:GetCallerIdentity" {
		t.Errorf("the identity call has no account: %+v", lines[1])
	}
}

// A region that is off is met once; the calls after it are refused without being sent. Expired credentials end all calls.
func TestCallingStops(t *testing.T) {
	code := "UnrecognizedClientException"
	f := &fakeAWS{answers: map[string]func(*http.Request) (int, string){
		"GetAccessKeyInfo": func(*http.Request) (int, string) {
			return 403, "<ErrorResponse><Error><Code>" + code + "</Code></Error></ErrorResponse>"
		},
	}}
	a, err := open(t, f)
	if err != nil {
		t.Fatal(err)
	}
	want := func(region string, o Outcome) {
		t.Helper()
		var e *Error
		if err := ask(t, a, region); !errors.As(err, &e) || e.Outcome != o {
			t.Errorf("%s: %v, want %s", region, err, o)
		}
	}
	want("ap-east-1", RegionDisabled)
	want("ap-east-1", RegionDisabled)
	if len(f.sent) != 2 {
		t.Errorf("a region that is off was asked again: %v", f.sent)
	}
	code = "ExpiredToken"
	want("eu-west-1", Credentials)
	code = "Throttling"
	want("us-east-1", Credentials)
	if len(f.sent) != 3 {
		t.Errorf("calls went on with expired credentials: %v", f.sent)
	}
}

func TestBudget(t *testing.T) {
	f := &fakeAWS{answers: map[string]func(*http.Request) (int, string){
		"GetAccessKeyInfo": func(*http.Request) (int, string) {
			return 200, "<GetAccessKeyInfoResponse><GetAccessKeyInfoResult/></GetAccessKeyInfoResponse>"
		},
	}}
	a, err := open(t, f, func(o *Options) { o.MaxCalls = 2 })
	if err != nil {
		t.Fatal(err)
	}
	if err := ask(t, a, "us-east-1"); err != nil {
		t.Fatal(err)
	}
	var e *Error
	if err := ask(t, a, "us-east-1"); !errors.As(err, &e) || e.Outcome != OverBudget {
		t.Errorf("%v, want %s", err, OverBudget)
	}
	if len(f.sent) != 2 {
		t.Errorf("sent %v", f.sent)
	}
	total := 0
	for _, l := range a.Ledger.Coverage() {
		total += l.Calls
	}
	if total != 2 {
		t.Errorf("the ledger counts %d calls, 2 were made", total)
	}
}

func TestCancelledScan(t *testing.T) {
	f := &fakeAWS{answers: map[string]func(*http.Request) (int, string){"GetCallerIdentity": identity}}
	ctx, cancel := context.WithCancel(t.Context())
	a, err := Open(ctx, Options{
		Region: "us-east-1", HTTPClient: f, Retryer: noWait, Unpaced: true,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	var e *Error
	if err := ask(t, a, "us-east-1"); !errors.As(err, &e) || e.Outcome != Cancelled {
		t.Errorf("%v, want %s", err, Cancelled)
	}
}

// Near the end of a scan's time the pace lets no call through any more: that is the scan's end, not the service's failure.
func TestPaceAtTheEndOfTheScan(t *testing.T) {
	f := &fakeAWS{answers: map[string]func(*http.Request) (int, string){
		"GetCallerIdentity": identity,
		"GetAccessKeyInfo": func(*http.Request) (int, string) {
			return 200, "<GetAccessKeyInfoResponse><GetAccessKeyInfoResult/></GetAccessKeyInfoResponse>"
		},
	}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	a, err := Open(ctx, Options{
		Region: "us-east-1", HTTPClient: f, Retryer: noWait,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 100 { // more than the burst and a second's rate
		wg.Go(func() {
			_, err := stsClient(a, "eu-west-1").GetAccessKeyInfo(Declare(ctx, Calls("sts:GetAccessKeyInfo")),
				&sts.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIAAAAAAAAAAAAAAAAA")})
			var e *Error
			if err != nil && (!errors.As(err, &e) || e.Outcome != Cancelled) {
				t.Errorf("%v, want %s", err, Cancelled)
			}
		})
	}
	wg.Wait()
}

// Credentials that cannot be renewed in mid-scan: the call of the credential chain has passed the guard, too, and what
// it met is the outer call's "credentials", which ends all calling.
func TestCredentialsNotRenewed(t *testing.T) {
	f := &fakeAWS{answers: map[string]func(*http.Request) (int, string){
		"AssumeRole": func(*http.Request) (int, string) {
			return 403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>because no identity-based policy allows the sts:AssumeRole action</Message></Error></ErrorResponse>"
		},
	}}
	var a *Account
	static := credentials.NewStaticCredentialsProvider("AKID", "secret", "")
	chain := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		if a != nil {
			_, err := sts.New(sts.Options{
				Region: "us-east-1", HTTPClient: f, Credentials: static, Retryer: noWait(),
				APIOptions: []func(*middleware.Stack) error{a.credentialStack},
			}).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/x"), RoleSessionName: aws.String("x")})
			return aws.Credentials{}, err
		}
		return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret", CanExpire: true, Expires: time.Now()}, nil
	})
	opened, err := open(t, f, func(o *Options) { o.Credentials = chain })
	if err != nil {
		t.Fatal(err)
	}
	a = opened
	for range 2 {
		var e *Error
		if err := ask(t, a, "eu-west-1"); !errors.As(err, &e) || e.Outcome != Credentials || e.Operation != "sts:GetAccessKeyInfo" {
			t.Errorf("%v, want %s", err, Credentials)
		}
	}
	if len(f.sent) != 2 {
		t.Errorf("calls went on without credentials: %v", f.sent)
	}
}

// The first region asked for may be one that the account has not enabled: AWS then calls the key invalid there, and the
// identity is verified elsewhere. A key that is wrong everywhere is told by the first answer.
func TestFirstRegionIsNotEnabled(t *testing.T) {
	for name, tt := range map[string]struct {
		region, accepted, home string
	}{
		"not enabled":          {"me-south-1", "us-east-1", "us-east-1"},
		"enabled":              {"me-south-1", "me-south-1", "me-south-1"},
		"another partition's":  {"cn-northwest-1", "cn-north-1", "cn-north-1"},
		"a wrong key":          {"me-south-1", "", ""},
		"a wrong key, default": {"us-east-1", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeAWS{answers: map[string]func(*http.Request) (int, string){"GetCallerIdentity": func(r *http.Request) (int, string) {
				if tt.accepted != "" && strings.Contains(r.URL.Host, tt.accepted) {
					return identity(r)
				}
				return 403, "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>"
			}}}
			a, err := open(t, f, func(o *Options) { o.Region = tt.region })
			if tt.home == "" {
				if err == nil || !strings.Contains(err.Error(), "in "+tt.region) {
					t.Errorf("%v, want a sentence about %s", err, tt.region)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if a.Home != tt.home {
				t.Errorf("at home in %s, want %s", a.Home, tt.home)
			}
			if a.dead.Load() != nil {
				t.Error("the refusal of the first region ended all calling")
			}
		})
	}
}

// A role that cannot be assumed at the start is told with its cause; a source that has expired, as expired.
func TestRoleNotAssumed(t *testing.T) {
	static := credentials.NewStaticCredentialsProvider("AKID", "secret", "")
	for code, sentence := range map[string]string{
		"AccessDenied": "the credential chain failed (sts:AssumeRole: denied (AccessDenied))",
		"ExpiredToken": "have expired",
	} {
		f := &fakeAWS{answers: map[string]func(*http.Request) (int, string){"AssumeRole": func(*http.Request) (int, string) {
			return 403, "<ErrorResponse><Error><Code>" + code + "</Code></Error></ErrorResponse>"
		}}}
		guarding := &Account{Ledger: NewLedger(), regions: map[string]*regionState{}}
		_, err := open(t, f, func(o *Options) {
			o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
				_, err := sts.New(sts.Options{
					Region: "us-east-1", HTTPClient: f, Credentials: static, Retryer: noWait(),
					APIOptions: []func(*middleware.Stack) error{guarding.credentialStack},
				}).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/x"), RoleSessionName: aws.String("x")})
				return aws.Credentials{}, err
			})
		})
		if err == nil || !strings.Contains(err.Error(), sentence) {
			t.Errorf("%s: %v, want %q", code, err, sentence)
		}
	}
}
