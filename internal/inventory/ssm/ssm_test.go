package ssm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// wire answers Systems Manager's operations, each by its answers in turn; the last one stays.
type wire struct {
	mu      sync.Mutex
	answers map[string][]string
	asked   []string
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	answer := `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/a</Arn><UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	status := http.StatusOK
	if _, op, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		w.asked = append(w.asked, op+" "+string(body))
		list := w.answers[op]
		answer = list[0]
		if len(list) > 1 {
			w.answers[op] = list[1:]
		}
		if strings.Contains(answer, `"__type"`) {
			status = http.StatusBadRequest
		}
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{}, Request: r}, nil
}

func collect(t *testing.T, w *wire) *inventory.Binder {
	t.Helper()
	a, err := awsapi.Open(t.Context(), awsapi.Options{
		Region: "us-east-1", HTTPClient: w, Unpaced: true, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := inventory.NewStore(a, []string{"us-east-1"}, time.Now)
	s.Collect(t.Context(), []*inventory.Node{ManagedNodes.Node(), PatchStates.Node()})
	return s.Bind("us-east-1")
}

const (
	denied   = `{"__type":"AccessDeniedException","message":"no"}`
	noStates = `{"InstancePatchStates":[]}`
)

func outcome(err error) awsapi.Outcome {
	var e *awsapi.Error
	if errors.As(err, &e) {
		return e.Outcome
	}
	return awsapi.OK
}

func TestManagedNodesOverTheWire(t *testing.T) {
	for name, tt := range map[string]struct {
		answers []string
		rows    int
		want    awsapi.Outcome
	}{
		"none":             {[]string{`{"InstanceInformationList":[]}`}, 0, awsapi.OK},
		"an empty object":  {[]string{`{}`}, 0, awsapi.Failed},
		"a null list":      {[]string{`{"InstanceInformationList":null}`}, 0, awsapi.Failed},
		"a null node":      {[]string{`{"InstanceInformationList":[null]}`}, 0, awsapi.Failed},
		"denied":           {[]string{denied}, 0, awsapi.Denied},
		"not subscribed":   {[]string{`{"__type":"SubscriptionRequiredException","message":"no"}`}, 0, awsapi.NotEnabled},
		"two pages":        {[]string{`{"InstanceInformationList":[{"InstanceId":"i-1"}],"NextToken":"t"}`, `{"InstanceInformationList":[{"InstanceId":"mi-2"}]}`}, 2, awsapi.OK},
		"second page lost": {[]string{`{"InstanceInformationList":[{"InstanceId":"i-1"}],"NextToken":"t"}`, denied}, 1, awsapi.Denied},
		"second page cut":  {[]string{`{"InstanceInformationList":[{"InstanceId":"i-1"}],"NextToken":"t"}`, `{}`}, 1, awsapi.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			w := &wire{answers: map[string][]string{"DescribeInstanceInformation": tt.answers, "DescribeInstancePatchStates": {noStates}}}
			rows := inventory.Use(collect(t, w), ManagedNodes)
			if len(rows.List) != tt.rows || outcome(rows.Err()) != tt.want {
				t.Errorf("%d rows and %v, want %d and %s", len(rows.List), rows.Err(), tt.rows, tt.want)
			}
			if !strings.Contains(w.asked[0], `"MaxResults":50`) {
				t.Errorf("not asked for the largest page: %s", w.asked[0])
			}
		})
	}
}

func TestPatchStatesOverTheWire(t *testing.T) {
	info := []string{`{"InstanceInformationList":[{"InstanceId":"i-0"},{"InstanceId":"i-1"},{"InstanceId":"mi-9"}]}`}
	one := `{"InstancePatchStates":[{"InstanceId":"i-0","MissingCount":3,"OperationEndTime":1.7e9}]`
	broken, refused := &awsapi.Error{Outcome: awsapi.Failed}, &awsapi.Error{Outcome: awsapi.Denied}
	for name, tt := range map[string]struct {
		answers []string
		want    map[string]error // by node; the answers hold a state of i-0 at most
	}{
		"answered":         {[]string{one + "}"}, map[string]error{"i-0": nil, "i-1": inventory.ErrAbsent}},
		"none":             {[]string{noStates}, map[string]error{"i-0": inventory.ErrAbsent, "i-1": inventory.ErrAbsent}},
		"a null list":      {[]string{`{"InstancePatchStates":null}`}, map[string]error{"i-0": broken, "i-1": broken}},
		"a null state":     {[]string{`{"InstancePatchStates":[null]}`}, map[string]error{"i-0": broken, "i-1": broken}},
		"denied":           {[]string{denied}, map[string]error{"i-0": refused, "i-1": refused}},
		"second page lost": {[]string{one + `,"NextToken":"t"}`, denied}, map[string]error{"i-0": nil, "i-1": refused}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &wire{answers: map[string][]string{"DescribeInstanceInformation": info, "DescribeInstancePatchStates": tt.answers}}
			b := collect(t, w)
			facts := inventory.Read(b, PatchStates)
			for _, n := range inventory.Use(b, ManagedNodes).List {
				p, err := facts.Of(n).Get()
				want := tt.want[n.ID]
				if !n.OnEC2() {
					want = inventory.ErrNotAsked
				}
				if outcome(err) != outcome(want) || outcome(want) == awsapi.OK && !errors.Is(err, want) {
					t.Errorf("%s: %v, want %v", n.ID, err, want)
				}
				if err == nil && (p.Missing != 3 || p.Ended == nil || p.PendingReboot != nil) {
					t.Errorf("%s: %+v", n.ID, p)
				}
			}
			if q := w.asked[1]; !strings.Contains(q, `"MaxResults":100`) || strings.Contains(q, "mi-9") {
				t.Errorf("asked %s", q)
			}
		})
	}
}

func TestPatchStatesAreReadFiftyAtATime(t *testing.T) {
	nodes := make([]string, 0, 51)
	for i := range 51 {
		nodes = append(nodes, fmt.Sprintf(`{"InstanceId":"i-%d"}`, i))
	}
	w := &wire{answers: map[string][]string{
		"DescribeInstanceInformation": {`{"InstanceInformationList":[` + strings.Join(nodes, ",") + `]}`},
		"DescribeInstancePatchStates": {noStates},
	}}
	collect(t, w)
	if len(w.asked) != 3 {
		t.Errorf("%d calls, want one listing and two batches", len(w.asked))
	}
}

func TestNodeRow(t *testing.T) {
	s := &awsapi.Session{Account: &awsapi.Account{ID: "111122223333", Partition: "aws-us-gov"}, Region: "us-gov-west-1", Label: "us-gov-west-1"}
	ping := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	got := nodeRow(s, types.InstanceInformation{
		InstanceId: aws.String("i-1"), PingStatus: "Online", LastPingDateTime: &ping, PlatformName: aws.String("Ubuntu"), PlatformVersion: aws.String("24.04"),
	})
	want := ManagedNode{
		Resource:   &inventory.Resource{Type: "AWS::SSM::ManagedInstance", ID: "i-1", ARN: "arn:aws-us-gov:ec2:us-gov-west-1:111122223333:instance/i-1", Region: "us-gov-west-1"},
		PingStatus: "Online", LastPing: &ping, Platform: "Ubuntu 24.04",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	hybrid := nodeRow(s, types.InstanceInformation{InstanceId: aws.String("mi-1")})
	if hybrid.ARN != "arn:aws-us-gov:ssm:us-gov-west-1:111122223333:managed-instance/mi-1" || hybrid.OnEC2() || hybrid.LastPing != nil || hybrid.Platform != "" {
		t.Errorf("%+v", hybrid)
	}
}

func TestPatchState(t *testing.T) {
	epoch, zero, end := time.Unix(0, 0), time.Time{}, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct{ in, want *time.Time }{
		"missing": {nil, nil}, "the epoch": {&epoch, nil}, "Go's zero": {&zero, nil}, "given": {&end, &end},
	} {
		if got := patchState(types.InstancePatchState{OperationEndTime: tt.in, OperationStartTime: tt.in}); !cmp.Equal(got.Ended, tt.want) || !cmp.Equal(got.Started, tt.want) {
			t.Errorf("%s: %v", name, got.Ended)
		}
	}
	got := patchState(types.InstancePatchState{
		MissingCount: 1, FailedCount: 2, InstalledRejectedCount: aws.Int32(0), CriticalNonCompliantCount: aws.Int32(4),
		NotApplicableCount: 900, InstallOverrideList: aws.String("https://bucket/list?X-Amz-Signature=abc"), Operation: "Install",
	})
	want := PatchState{
		Operation: "Install", Missing: 1, Failed: 2, Rejected: aws.Int32(0), CriticalNonCompliant: aws.Int32(4), InstallOverride: true,
	}
	if d := cmp.Diff(want, got); d != "" { // what the answer leaves out stays nil, and the signed URL is not kept
		t.Error(d)
	}
}
