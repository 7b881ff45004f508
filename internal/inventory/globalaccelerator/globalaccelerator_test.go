package globalaccelerator

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func TestRows(t *testing.T) {
	a := acceleratorRow(types.Accelerator{
		AcceleratorArn: aws.String("arn:a"), Name: aws.String("front"), Enabled: aws.Bool(true), Status: "DEPLOYED", DnsName: aws.String("a.awsglobalaccelerator.com"), IpAddressType: "DUAL_STACK",
		IpSets: []types.IpSet{{IpAddresses: []string{"75.2.1.1", "99.83.1.1"}}, {IpAddresses: []string{"2600:9000::1"}}},
	})
	if d := cmp.Diff(Accelerator{
		Resource: &inventory.Resource{Type: "AWS::GlobalAccelerator::Accelerator", ID: "arn:a", ARN: "arn:a", Name: "front", Region: "global"},
		Enabled:  aws.Bool(true), Status: "DEPLOYED", DNSName: "a.awsglobalaccelerator.com", AddressType: "DUAL_STACK", Addresses: []string{"75.2.1.1", "99.83.1.1", "2600:9000::1"},
	}, a); d != "" {
		t.Error(d)
	}
	for enabled, want := range map[*bool]bool{nil: true, aws.Bool(true): true, aws.Bool(false): false} {
		if acceleratorRow(types.Accelerator{Enabled: enabled}).On() != want {
			t.Errorf("enabled %v is not %v", enabled, want)
		}
	}
	l := listenerRow(a, types.Listener{ListenerArn: aws.String("arn:l"), Protocol: "TCP", PortRanges: []types.PortRange{{FromPort: aws.Int32(22), ToPort: aws.Int32(23)}, {}}})
	if d := cmp.Diff([]PortRange{{aws.Int32(22), aws.Int32(23)}, {}}, l.Ports); d != "" || l.Accelerator != "arn:a" || l.Protocol != "TCP" || l.Name != "arn:l" {
		t.Errorf("%+v %s", l, d)
	}
	g := endpointGroupRow(l, types.EndpointGroup{
		EndpointGroupArn: aws.String("arn:g"), EndpointGroupRegion: aws.String("eu-west-1"), TrafficDialPercentage: aws.Float32(0),
		EndpointDescriptions: []types.EndpointDescription{{EndpointId: aws.String("i-1"), Weight: aws.Int32(0), ClientIPPreservationEnabled: aws.Bool(true)}, {}},
		PortOverrides:        []types.PortOverride{{ListenerPort: aws.Int32(443), EndpointPort: aws.Int32(22)}},
	})
	if d := cmp.Diff(EndpointGroup{
		Resource: &inventory.Resource{Type: "AWS::GlobalAccelerator::EndpointGroup", ID: "arn:g", ARN: "arn:g", Name: "arn:g", Region: "global"},
		Listener: "arn:l", EndpointRegion: "eu-west-1", TrafficDial: aws.Float32(0),
		Endpoints: []Endpoint{{"i-1", aws.Int32(0), aws.Bool(true)}, {}}, Overrides: []PortOverride{{aws.Int32(443), aws.Int32(22)}},
	}, g); d != "" {
		t.Error(d)
	}
	if bare := endpointGroupRow(l, types.EndpointGroup{}); bare.TrafficDial != nil || bare.Endpoints != nil {
		t.Errorf("%+v", bare)
	}
	c := attachmentRow(types.Attachment{
		AttachmentArn: aws.String("arn:c"), Name: aws.String("shared"), Principals: []string{"b", "a"},
		Resources: []types.Resource{{EndpointId: aws.String("arn:lb")}, {Cidr: aws.String("203.0.113.0/24")}, {}},
	})
	if !slices.Equal(c.Principals, []string{"a", "b"}) || !slices.Equal(c.Endpoints, []string{"203.0.113.0/24", "arn:lb"}) {
		t.Errorf("%+v", c)
	}
}

// wire answers by target and a string of the body; what it does not know is denied.
type wire struct {
	mu      sync.Mutex
	answers map[string]string
	calls   []string
	hosts   []string
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, op, json := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !json {
		answer := "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>" + w.answers["arn"] + "</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{}, Request: r}, nil
	}
	w.calls = append(w.calls, op+" "+string(body))
	if !slices.Contains(w.hosts, r.URL.Host) {
		w.hosts = append(w.hosts, r.URL.Host)
	}
	status, answer := http.StatusBadRequest, `{"__type":"AccessDeniedException","message":"no"}`
	for key, text := range w.answers {
		if name, part, _ := strings.Cut(key, " "); name == op && strings.Contains(string(body), part) {
			status, answer = http.StatusOK, text
		}
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Request: r}, nil
}

func collect(t *testing.T, region string, w *wire) *inventory.Binder {
	t.Helper()
	a, err := awsapi.Open(t.Context(), awsapi.Options{
		Region: region, HTTPClient: w, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), Unpaced: true,
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := inventory.NewStore(a, []string{region}, time.Now)
	s.Collect(t.Context(), []*inventory.Node{
		Accelerators.Node(), CustomRoutingAccelerators.Node(), CrossAccountAttachments.Node(), Listeners.Node(), EndpointGroups.Node(),
	})
	slices.Sort(w.calls)
	return s.Bind(region)
}

func TestOverTheWire(t *testing.T) {
	w := &wire{answers: map[string]string{
		"arn":                            "arn:aws:iam::111122223333:user/a",
		"ListAccelerators ":              `{"Accelerators":[{"AcceleratorArn":"arn:a","Enabled":true},{"AcceleratorArn":"arn:off","Enabled":false}]}`,
		"ListCustomRoutingAccelerators ": `{"Accelerators":[{"AcceleratorArn":"arn:custom","Enabled":true}]}`,
		"ListListeners arn:a":            `{"Listeners":[{"ListenerArn":"arn:l1"},{"ListenerArn":"arn:l2"}]}`,
		"ListEndpointGroups arn:l1":      `{"EndpointGroups":[{"EndpointGroupArn":"arn:g1","EndpointDescriptions":[{"EndpointId":"i-1","Weight":128}]}]}`,
	}}
	b := collect(t, "eu-west-1", w)
	groups := inventory.Use(b, EndpointGroups)
	if len(groups.List) != 1 || groups.List[0].Listener != "arn:l1" || groups.List[0].Endpoints[0].ID != "i-1" {
		t.Errorf("%+v", groups.List)
	}
	if len(groups.Gaps) != 1 || groups.Gaps[0].Parent.ID != "arn:l2" || groups.Gaps[0].Region != "global" || groups.Gaps[0].Outcome != awsapi.Denied {
		t.Errorf("%+v", groups.Gaps)
	}
	if c := inventory.Use(b, CustomRoutingAccelerators); c.Err() != nil || len(c.List) != 1 {
		t.Errorf("%+v", c)
	}
	if c := inventory.Use(b, CrossAccountAttachments); c.Err() == nil || len(c.List) != 0 {
		t.Errorf("%+v", c)
	}
	if d := cmp.Diff([]string{
		`ListAccelerators {"MaxResults":100}`, `ListCrossAccountAttachments {"MaxResults":100}`, `ListCustomRoutingAccelerators {"MaxResults":100}`,
		`ListEndpointGroups {"ListenerArn":"arn:l1","MaxResults":100}`, `ListEndpointGroups {"ListenerArn":"arn:l2","MaxResults":100}`,
		`ListListeners {"AcceleratorArn":"arn:a","MaxResults":100}`,
	}, w.calls); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"globalaccelerator.us-west-2.amazonaws.com"}, w.hosts); d != "" {
		t.Error(d)
	}
}

func TestOtherPartitionsAreNotAsked(t *testing.T) {
	w := &wire{answers: map[string]string{"arn": "arn:aws-cn:iam::111122223333:user/a"}}
	b := collect(t, "cn-north-1", w)
	if rows := inventory.Use(b, EndpointGroups); rows.Err() != nil || len(w.calls) != 0 {
		t.Errorf("%v %q", rows.Err(), w.calls)
	}
}
