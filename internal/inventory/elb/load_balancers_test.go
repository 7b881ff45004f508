package elb

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func TestLoadBalancerRow(t *testing.T) {
	s := &awsapi.Session{Account: &awsapi.Account{ID: "111122223333", Partition: "aws-cn"}, Region: "cn-north-1", Label: "cn-north-1"}
	got := loadBalancerRow(s, types.LoadBalancerDescription{
		LoadBalancerName: aws.String("old"), Scheme: aws.String("internet-facing"), VPCId: aws.String("vpc-1"), DNSName: aws.String("old.elb"),
		Subnets: []string{"subnet-2", "subnet-1"}, SecurityGroups: []string{"sg-2", "sg-1"},
		Instances: []types.Instance{{InstanceId: aws.String("i-2")}, {InstanceId: aws.String("i-1")}},
		ListenerDescriptions: []types.ListenerDescription{
			{Listener: &types.Listener{Protocol: aws.String("TCP"), LoadBalancerPort: 2222, InstanceProtocol: aws.String("TCP"), InstancePort: aws.Int32(22)}},
			{Listener: &types.Listener{LoadBalancerPort: 80}},
			{},
		},
	})
	want := LoadBalancer{
		Resource: &inventory.Resource{
			Type: "AWS::ElasticLoadBalancing::LoadBalancer", ID: "old", ARN: "arn:aws-cn:elasticloadbalancing:cn-north-1:111122223333:loadbalancer/old",
			Name: "old", Region: "cn-north-1",
		},
		Scheme: "internet-facing", VPCID: "vpc-1", DNSName: "old.elb", Subnets: []string{"subnet-1", "subnet-2"}, SecurityGroups: []string{"sg-1", "sg-2"},
		Instances: []string{"i-1", "i-2"}, Listeners: []Listener{{"TCP", 2222, "TCP", aws.Int32(22)}, {Port: 80}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	bare := loadBalancerRow(s, types.LoadBalancerDescription{})
	if bare.Subnets != nil || bare.SecurityGroups != nil || bare.Instances != nil || bare.Listeners != nil || bare.Scheme != "" {
		t.Errorf("what was not given: %+v", bare)
	}
	empty := loadBalancerRow(s, types.LoadBalancerDescription{
		Subnets: []string{}, SecurityGroups: []string{}, Instances: []types.Instance{}, ListenerDescriptions: []types.ListenerDescription{},
	})
	if empty.Subnets == nil || empty.SecurityGroups == nil || empty.Instances == nil || empty.Listeners == nil {
		t.Errorf("what is empty reads as not given: %+v", empty)
	}
}

// wire answers each operation and marker with the inside of its result; what it does not know is denied.
type wire struct {
	mu      sync.Mutex
	answers map[string]string
	calls   []string
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	q, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	op := q.Get("Action")
	key := strings.TrimSpace(op + " " + q.Get("Marker") + q.Get("LoadBalancerNames.member.1"))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, strings.TrimSpace(key+" "+q.Get("PageSize")))
	status, answer := http.StatusOK, "<"+op+"Response><"+op+"Result>"+w.answers[key]+"</"+op+"Result></"+op+"Response>"
	if w.answers[key] == "" {
		status, answer = http.StatusForbidden, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{}, Request: r}, nil
}

func TestLoadBalancersOverTheWire(t *testing.T) {
	one := func(name string) string {
		return "<LoadBalancerDescriptions><member><LoadBalancerName>" + name + "</LoadBalancerName></member></LoadBalancerDescriptions>"
	}
	w := &wire{answers: map[string]string{
		"GetCallerIdentity":           "<Arn>arn:aws:iam::111122223333:user/a</Arn><Account>111122223333</Account>",
		"DescribeLoadBalancers":       one("a") + "<NextMarker>two</NextMarker>",
		"DescribeLoadBalancers two":   one("b") + "<NextMarker>three</NextMarker>",
		"DescribeTags a":              "<TagDescriptions><member><LoadBalancerName>a</LoadBalancerName><Tags><member><Key>team</Key><Value>web</Value></member></Tags></member></TagDescriptions>",
		"DescribeLoadBalancers three": "",
	}}
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
	s.Collect(t.Context(), []*inventory.Node{LoadBalancers.Node(), LoadBalancerTags.Node()})
	s.ApplyTags(LoadBalancers.Node())
	rows := inventory.Use(s.Bind("us-east-1"), LoadBalancers)
	if len(rows.List) != 2 || rows.List[0].Tags["team"] != "web" || rows.List[1].Tags == nil || len(rows.List[1].Tags) != 0 {
		t.Errorf("%+v", rows.List)
	}
	if len(rows.Gaps) != 1 || rows.Gaps[0].Operation != "elb:DescribeLoadBalancers" || rows.Gaps[0].Action != "elasticloadbalancing:DescribeLoadBalancers" {
		t.Errorf("the lost page: %+v", rows.Gaps)
	}
	slices.Sort(w.calls)
	want := []string{"DescribeLoadBalancers 400", "DescribeLoadBalancers three 400", "DescribeLoadBalancers two 400", "DescribeTags a", "GetCallerIdentity"}
	if d := cmp.Diff(want, w.calls); d != "" {
		t.Error(d)
	}
}
