package elbv2

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// wire answers each operation with the inside of its result.
type wire struct {
	mu      sync.Mutex
	answers map[string]string
	asked   []url.Values
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	op := form.Get("Action")
	inner := w.answers[op]
	if op == "GetCallerIdentity" {
		inner = "<Arn>arn:aws:iam::111122223333:user/a</Arn><Account>111122223333</Account>"
	} else {
		w.asked = append(w.asked, form)
	}
	answer := "<" + op + "Response><" + op + "Result>" + inner + "</" + op + "Result></" + op + "Response>"
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{}, Request: r}, nil
}

func collect(t *testing.T, w *wire, more ...*inventory.Node) *inventory.Binder {
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
	nodes := []*inventory.Node{LoadBalancers.Node(), Listeners.Node(), ListenerRules.Node(), LoadBalancerTags.Node(), ListenerTags.Node()}
	s.Collect(t.Context(), append(nodes, more...))
	s.ApplyTags(LoadBalancers.Node())
	s.ApplyTags(Listeners.Node())
	return s.Bind("us-east-1")
}

func answers(rules string) map[string]string {
	member := func(arn, tags string) string {
		return "<member><ResourceArn>" + arn + "</ResourceArn><Tags>" + tags + "</Tags></member>"
	}
	return map[string]string{
		"DescribeLoadBalancers": "<LoadBalancers><member><LoadBalancerArn>" + lbARN + "</LoadBalancerArn><LoadBalancerName>web</LoadBalancerName>" +
			"<Type>application</Type><Scheme>internal</Scheme></member></LoadBalancers>",
		"DescribeListeners": "<Listeners><member><ListenerArn>" + listenerARN + "</ListenerArn><Protocol>HTTP</Protocol><Port>80</Port></member>" +
			"<member><ListenerArn>" + listenerARN + "0</ListenerArn><Protocol>HTTPS</Protocol><Port>443</Port></member></Listeners>",
		"DescribeRules": rules,
		"DescribeTags": "<TagDescriptions>" + member(lbARN, "") + member(listenerARN, "<member><Key>team</Key><Value>web</Value></member>") +
			"</TagDescriptions>",
	}
}

func TestListenersOverTheWire(t *testing.T) {
	w := &wire{answers: answers("<Rules><member><Priority>default</Priority><IsDefault>true</IsDefault>" +
		"<Actions><member><Type>forward</Type></member></Actions></member></Rules>")}
	b := collect(t, w)
	rows := inventory.Use(b, Listeners)
	if rows.Err() != nil || len(rows.List) != 2 || rows.List[0].Scheme != "internal" || rows.List[0].Tags["team"] != "web" {
		t.Fatalf("%+v", rows)
	}
	facts := inventory.Read(b, ListenerRules)
	got, err := facts.Of(rows.List[0]).Get()
	if d := cmp.Diff([]Rule{{Priority: "default", Default: true, Actions: []Action{{Type: "forward"}}}}, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if _, err := facts.Of(rows.List[1]).Get(); !errors.Is(err, inventory.ErrNotAsked) {
		t.Errorf("rules of an HTTPS listener: %v", err)
	}
	if lb := inventory.Use(b, LoadBalancers).List[0]; lb.Tags == nil || len(lb.Tags) != 0 {
		t.Errorf("tags of the load balancer: %v", lb.Tags)
	}
	calls := map[string]int{}
	for _, q := range w.asked {
		op := q.Get("Action")
		calls[op]++
		if op != "DescribeTags" && q.Get("PageSize") != "400" {
			t.Errorf("%s is not asked for the largest page", op)
		}
	}
	want := map[string]int{"DescribeLoadBalancers": 1, "DescribeListeners": 1, "DescribeRules": 1, "DescribeTags": 2}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}
}

func TestListenerWithoutRulesIsABrokenAnswer(t *testing.T) {
	b := collect(t, &wire{answers: answers("<Rules/>")})
	var e *awsapi.Error
	_, err := inventory.Read(b, ListenerRules).Of(inventory.Use(b, Listeners).List[0]).Get()
	if !errors.As(err, &e) || e.Outcome != awsapi.Failed || e.Action != "elasticloadbalancing:DescribeRules" {
		t.Errorf("%v", err)
	}
}
