package cloudfront

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
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func TestDistributionRow(t *testing.T) {
	origin := func(id string) types.Origin {
		return types.Origin{Id: &id, DomainName: aws.String(id + ".example.com")}
	}
	private := origin("private")
	private.VpcOriginConfig = &types.VpcOriginConfig{VpcOriginId: aws.String("vo_1"), OwnerAccountId: aws.String("111122223333")}
	private.CustomHeaders = &types.CustomHeaders{Items: []types.OriginCustomHeader{{HeaderName: aws.String("X-Key"), HeaderValue: aws.String("a secret")}}}
	custom := origin("custom")
	custom.CustomOriginConfig = &types.CustomOriginConfig{HTTPPort: aws.Int32(80), HTTPSPort: aws.Int32(443), OriginProtocolPolicy: "match-viewer"}
	got := distributionRow(types.DistributionSummary{
		Id: aws.String("E1"), ARN: aws.String("arn:d"), DomainName: aws.String("d1.cloudfront.net"), Enabled: aws.Bool(true), Status: aws.String("Deployed"),
		Origins:              &types.Origins{Items: []types.Origin{private, custom, origin("second"), origin("unused"), origin("other group")}},
		DefaultCacheBehavior: &types.DefaultCacheBehavior{TargetOriginId: aws.String("private")},
		CacheBehaviors:       &types.CacheBehaviors{Items: []types.CacheBehavior{{TargetOriginId: aws.String("group")}}},
		OriginGroups: &types.OriginGroups{Items: []types.OriginGroup{
			{Id: aws.String("group"), Members: &types.OriginGroupMembers{Items: []types.OriginGroupMember{{OriginId: aws.String("custom")}, {OriginId: aws.String("second")}}}},
			{Id: aws.String("unused group"), Members: &types.OriginGroupMembers{Items: []types.OriginGroupMember{{OriginId: aws.String("other group")}}}},
		}},
	})
	want := Distribution{
		Resource: &inventory.Resource{Type: "AWS::CloudFront::Distribution", ID: "E1", ARN: "arn:d", Name: "d1.cloudfront.net", Region: "global"},
		Enabled:  aws.Bool(true), Status: "Deployed", DomainName: "d1.cloudfront.net",
		Origins: []Origin{
			{ID: "private", DomainName: "private.example.com", VPCOrigin: "vo_1", Owner: "111122223333", Used: true},
			{ID: "custom", DomainName: "custom.example.com", Policy: "match-viewer", HTTPPort: aws.Int32(80), HTTPSPort: aws.Int32(443), Used: true},
			{ID: "second", DomainName: "second.example.com", Used: true},
			{ID: "unused", DomainName: "unused.example.com"},
			{ID: "other group", DomainName: "other group.example.com"},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if bare := distributionRow(types.DistributionSummary{}); bare.Origins != nil || bare.Enabled != nil {
		t.Errorf("what was not given: %+v", bare)
	}
	if e := endpointOf(types.VpcOriginEndpointConfig{}); e.HTTPPort != nil || e.HTTPSPort != nil || e.Policy != "" {
		t.Errorf("what was not given: %+v", e)
	}
}

type wire struct {
	mu      sync.Mutex
	answers map[string]string // by path and query
	calls   []string
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		answer := "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>" + w.answers["arn"] + "</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{}, Request: r}, nil
	}
	key := strings.TrimPrefix(r.URL.RequestURI(), "/2020-05-31/")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, key)
	status, answer := http.StatusOK, w.answers[key]
	if answer == "" {
		status, answer = http.StatusForbidden, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{"Content-Type": {"text/xml"}}, Request: r}, nil
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
	s.Collect(t.Context(), []*inventory.Node{Distributions.Node(), VPCOrigins.Node(), VPCOriginEndpoints.Node()})
	slices.Sort(w.calls)
	return s.Bind(region)
}

func origins(ids string, rest string) string {
	text := "<VpcOriginList><Items>"
	for _, id := range strings.Fields(ids) {
		text += "<VpcOriginSummary><Id>" + id + "</Id><Arn>arn:" + id + "</Arn><Name>n</Name><OriginEndpointArn>arn:lb</OriginEndpointArn><Status>Deployed</Status></VpcOriginSummary>"
	}
	return text + "</Items>" + rest + "</VpcOriginList>"
}

func TestOverTheWire(t *testing.T) {
	const item = "<Items><DistributionSummary><Id>E1</Id><Enabled>true</Enabled></DistributionSummary></Items>"
	const endpoint = "<VpcOrigin><Id>vo_1</Id><VpcOriginEndpointConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>" +
		"<OriginProtocolPolicy>https-only</OriginProtocolPolicy></VpcOriginEndpointConfig></VpcOrigin>"
	w := &wire{answers: map[string]string{
		"arn":                                 "arn:aws:iam::111122223333:user/a",
		"distribution?MaxItems=100":           "<DistributionList>" + item + "<IsTruncated>true</IsTruncated><NextMarker>E1</NextMarker></DistributionList>",
		"distribution?Marker=E1&MaxItems=100": "<DistributionList>" + item + "<IsTruncated>false</IsTruncated></DistributionList>",
		"vpc-origin?MaxItems=100":             origins("vo_1 vo_2", "<IsTruncated>true</IsTruncated><NextMarker>two</NextMarker>"),
		"vpc-origin?Marker=two&MaxItems=100":  origins("vo_3", "<IsTruncated>false</IsTruncated><NextMarker>ignored</NextMarker>"),
		"vpc-origin/vo_1":                     endpoint,
		"vpc-origin/vo_2":                     "<VpcOrigin><Id>vo_2</Id></VpcOrigin>",
	}}
	b := collect(t, "eu-west-1", w)
	if rows := inventory.Use(b, Distributions); rows.Err() != nil || len(rows.List) != 2 {
		t.Errorf("%+v", rows)
	}
	rows, facts := inventory.Use(b, VPCOrigins), inventory.Read(b, VPCOriginEndpoints)
	if rows.Err() != nil || len(rows.List) != 3 || rows.List[0].Endpoint != "arn:lb" || rows.List[0].Status != "Deployed" {
		t.Fatalf("%+v", rows)
	}
	got, err := facts.Of(rows.List[0]).Get()
	if d := cmp.Diff(VPCOriginEndpoint{aws.Int32(80), aws.Int32(443), "https-only"}, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if _, err := facts.Of(rows.List[1]).Get(); err == nil || !strings.Contains(err.Error(), "lacks the endpoint") {
		t.Errorf("an answer without the endpoint: %v", err)
	}
	if _, err := facts.Of(rows.List[2]).Get(); err == nil || !strings.Contains(err.Error(), "cloudfront:GetVpcOrigin in global: denied") {
		t.Errorf("a denied one: %v", err)
	}
	if d := cmp.Diff([]string{
		"distribution?Marker=E1&MaxItems=100", "distribution?MaxItems=100", "vpc-origin/vo_1", "vpc-origin/vo_2", "vpc-origin/vo_3",
		"vpc-origin?Marker=two&MaxItems=100", "vpc-origin?MaxItems=100",
	}, w.calls); d != "" {
		t.Error(d)
	}
}

func TestAnswersThatAreNotWhole(t *testing.T) {
	w := &wire{answers: map[string]string{
		"arn":                       "arn:aws:iam::111122223333:user/a",
		"distribution?MaxItems=100": "<html>sorry</html>",
		"vpc-origin?MaxItems=100":   "<VpcOriginList/>",
	}}
	b := collect(t, "us-east-1", w)
	if inventory.Use(b, Distributions).Err() == nil || inventory.Use(b, VPCOrigins).Err() == nil {
		t.Error("a broken answer reads as nothing at all")
	}
}

func TestOtherPartitions(t *testing.T) {
	for region, want := range map[string][]string{"cn-north-1": {"distribution?MaxItems=100"}, "us-gov-west-1": nil} {
		partition := "aws-cn"
		if want == nil {
			partition = "aws-us-gov"
		}
		w := &wire{answers: map[string]string{"arn": "arn:" + partition + ":iam::111122223333:user/a", "distribution?MaxItems=100": "<DistributionList><Quantity>0</Quantity></DistributionList>"}}
		b := collect(t, region, w)
		if err := inventory.Use(b, Distributions).Err(); err != nil {
			t.Errorf("%s: %v", region, err)
		}
		if d := cmp.Diff(want, w.calls); d != "" {
			t.Errorf("%s: %s", region, d)
		}
	}
}
