package s3

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func session(partition string) *awsapi.Session {
	return &awsapi.Session{Account: &awsapi.Account{ID: account, Partition: partition, Home: "cn-north-1"}, Region: "cn-north-1", Label: "cn-north-1"}
}

func TestAccessPointRow(t *testing.T) {
	full := accessPointRow(session("aws-cn"), types.AccessPoint{
		Name: aws.String("reports"), Bucket: aws.String("b"), BucketAccountId: aws.String("444455556666"), Alias: aws.String("reports-x-s3alias"),
		AccessPointArn: aws.String("arn:aws-cn:s3:cn-north-1:" + account + ":accesspoint/reports"), NetworkOrigin: types.NetworkOriginVpc,
		VpcConfiguration: &types.VpcConfiguration{VpcId: aws.String("vpc-1")},
	})
	if full.OnOwnBucket() || full.Origin != VPCOrigin || full.VPC != "vpc-1" || full.Region != "cn-north-1" || full.Name != "reports" || full.Tags != nil {
		t.Errorf("got %+v", full)
	}
	bare := accessPointRow(session("aws-cn"), types.AccessPoint{Name: aws.String("reports")})
	if bare.ARN != full.ARN || bare.Key() != bare.ARN {
		t.Errorf("the ARN is %q, want %q", bare.ARN, full.ARN)
	}
	// What the answer does not say must not keep the access point out of the reasoning.
	if !bare.OnOwnBucket() || bare.Origin != "" || bare.AccountID != account {
		t.Errorf("got %+v", bare)
	}
}

func TestMultiRegionRow(t *testing.T) {
	row := multiRegionRow(session("aws"), types.MultiRegionAccessPointReport{
		Name: aws.String("world"), Alias: aws.String("m1.mrap"), Status: types.MultiRegionAccessPointStatusReady,
		PublicAccessBlock: &types.PublicAccessBlockConfiguration{RestrictPublicBuckets: aws.Bool(true)},
		Regions:           []types.RegionReport{{Bucket: aws.String("b"), Region: aws.String("eu-west-1")}, {}},
	})
	if row.ARN != "arn:aws:s3::"+account+":accesspoint/m1.mrap" || row.Key() != "world" || row.Region != awsapi.Global || row.Status != "READY" {
		t.Errorf("got %+v", row)
	}
	if *row.PublicAccessBlock != (PublicAccessBlock{RestrictPublicBuckets: true}) {
		t.Errorf("block %+v", row.PublicAccessBlock)
	}
	if len(row.Buckets) != 2 || row.Buckets[0] != (MultiRegionEndpoint{Bucket: "b", Region: "eu-west-1"}) {
		t.Errorf("buckets %+v", row.Buckets)
	}
	if bare := multiRegionRow(session("aws"), types.MultiRegionAccessPointReport{}); bare.PublicAccessBlock != nil || bare.Status != "" {
		t.Errorf("got %+v", bare)
	}
}

func TestMultiRegionPolicy(t *testing.T) {
	established := &types.EstablishedMultiRegionAccessPointPolicy{Policy: aws.String("old")}
	for label, tt := range map[string]struct {
		policy *types.MultiRegionAccessPointPolicyDocument
		want   []string
	}{
		"nothing":            {nil, nil},
		"empty":              {&types.MultiRegionAccessPointPolicyDocument{}, nil},
		"empty parts":        {&types.MultiRegionAccessPointPolicyDocument{Established: &types.EstablishedMultiRegionAccessPointPolicy{}, Proposed: &types.ProposedMultiRegionAccessPointPolicy{}}, nil},
		"established":        {&types.MultiRegionAccessPointPolicyDocument{Established: established}, []string{"old"}},
		"both are the same":  {&types.MultiRegionAccessPointPolicyDocument{Established: established, Proposed: &types.ProposedMultiRegionAccessPointPolicy{Policy: aws.String("old")}}, []string{"old"}},
		"on its way":         {&types.MultiRegionAccessPointPolicyDocument{Established: established, Proposed: &types.ProposedMultiRegionAccessPointPolicy{Policy: aws.String("new")}}, []string{"old", "new"}},
		"the first, not yet": {&types.MultiRegionAccessPointPolicyDocument{Proposed: &types.ProposedMultiRegionAccessPointPolicy{Policy: aws.String("new")}}, []string{"new"}},
	} {
		if got := multiRegionPolicyOf(tt.policy).Documents(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", label, got, tt.want)
		}
	}
}

func TestMultiRegionSession(t *testing.T) {
	if s := multiRegionSession(session("aws")); s.Region != "us-west-2" || s.Label != awsapi.Global {
		t.Errorf("goes to %s as %s", s.Region, s.Label)
	}
	if s := multiRegionSession(session("aws-cn")); s.Region != "cn-north-1" || s.Label != awsapi.Global {
		t.Errorf("goes to %s as %s", s.Region, s.Label)
	}
}

const (
	anErrorCode = `<ErrorResponse><Error><Code>%</Code><Message>no</Message></Error></ErrorResponse>`
	aPolicy     = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`
)

func refusal(status int, code string) answer {
	return answer{status, strings.Replace(anErrorCode, "%", code, 1)}
}

func TestAccessPointsOverTheWire(t *testing.T) {
	const list = `<ListAccessPointsResult xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">`
	point := func(name, rest string) string {
		return `<AccessPoint><Name>` + name + `</Name><NetworkOrigin>Internet</NetworkOrigin><Bucket>b</Bucket>` + rest + `</AccessPoint>`
	}
	var mu sync.Mutex
	var paths []string
	w := &wire{answer: func(r *http.Request) answer {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path)
		host, name := r.URL.Host, r.URL.Path[strings.Index(r.URL.Path, "accesspoint")+len("accesspoint"):]
		switch {
		case r.Header.Get("X-Amz-Account-Id") != account || !strings.HasPrefix(host, account+".s3-control."):
			return refusal(400, "InvalidRequest")
		case name == "" && r.URL.Query().Get("maxResults") != "1000":
			return refusal(400, "InvalidRequest")
		case name == "" && strings.Contains(host, "eu-west-1"):
			return refusal(403, "AccessDenied")
		case name == "" && r.URL.Query().Get("nextToken") == "":
			return answer{body: list + `<AccessPointList>` + point("open", "") + point("bare", "") + `</AccessPointList><NextToken>t</NextToken></ListAccessPointsResult>`}
		case name == "":
			return answer{body: list + `<AccessPointList>` + point("gone", "") + point("shut", "") + point("foreign", "<BucketAccountId>444455556666</BucketAccountId>") +
				`<AccessPoint><Name>inner</Name><NetworkOrigin>VPC</NetworkOrigin><VpcConfiguration><VpcId>vpc-1</VpcId></VpcConfiguration></AccessPoint></AccessPointList></ListAccessPointsResult>`}
		case strings.HasPrefix(name, "/gone"):
			return refusal(404, "NoSuchAccessPoint")
		case strings.HasPrefix(name, "/shut"):
			return refusal(403, "AccessDenied")
		case name == "/open":
			return answer{body: `<GetAccessPointResult><PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><RestrictPublicBuckets>false</RestrictPublicBuckets>` +
				`</PublicAccessBlockConfiguration></GetAccessPointResult>`}
		case name == "/bare":
			return answer{body: `<GetAccessPointResult><Name>bare</Name></GetAccessPointResult>`}
		case name == "/open/policy":
			return answer{body: `<GetAccessPointPolicyResult><Policy>` + strings.ReplaceAll(aPolicy, `"`, "&quot;") + `</Policy></GetAccessPointPolicyResult>`}
		}
		return refusal(404, "NoSuchAccessPointPolicy")
	}}
	s := scan(t, w, AccessPointPublicAccessBlock.Node(), AccessPointPolicy.Node())
	rows := inventory.Use(s.Bind("us-east-1"), AccessPoints)
	if len(rows.List) != 6 || rows.Err() != nil {
		t.Fatalf("access points %+v", rows)
	}
	if far := inventory.Use(s.Bind("eu-west-1"), AccessPoints); len(far.List) != 0 || len(far.Gaps) != 1 || far.Gaps[0].Outcome != awsapi.Denied {
		t.Errorf("in the other region: %+v", far)
	}
	want := map[string][2]string{ // block, policy
		"open":    {"{true false false false}", aPolicy},
		"bare":    {"failed", "absent"},
		"gone":    {"gone", "gone"},
		"shut":    {"denied", "denied"},
		"foreign": {"not asked", "not asked"},
		"inner":   {"not asked", "absent"},
	}
	b := s.Bind("us-east-1")
	for _, a := range rows.List {
		block := state(inventory.Read(b, AccessPointPublicAccessBlock).Of(a))
		policy := state(inventory.Read(b, AccessPointPolicy).Of(a))
		if policy == "{"+aPolicy+"}" {
			policy = aPolicy
		}
		if got := [2]string{block, policy}; got != want[a.ID] {
			t.Errorf("%s: %q, want %q", a.ID, got, want[a.ID])
		}
	}
	if n := len(paths); n != 2+1+4+5 { // two pages, the other region, four blocks, five policies
		t.Errorf("%d calls: %q", n, paths)
	}
}

func TestMultiRegionAccessPointsOverTheWire(t *testing.T) {
	w := &wire{answer: func(r *http.Request) answer {
		_, name, _ := strings.Cut(r.URL.Path, "/mrap/instances")
		switch {
		case r.URL.Host != account+".s3-control.us-west-2.amazonaws.com" || r.URL.RawQuery != "":
			return refusal(400, "InvalidRequest")
		case name == "":
			return answer{body: `<ListMultiRegionAccessPointsResult><AccessPoints>` +
				`<AccessPoint><Name>world</Name><Alias>m1.mrap</Alias><Status>READY</Status><Regions><Region><Bucket>b</Bucket><Region>eu-west-1</Region></Region></Regions></AccessPoint>` +
				`<AccessPoint><Name>none</Name></AccessPoint><AccessPoint><Name>shut</Name></AccessPoint><AccessPoint><Name>gone</Name></AccessPoint>` +
				`<AccessPoint><Name>cut</Name></AccessPoint><AccessPoint><Name>code</Name></AccessPoint></AccessPoints></ListMultiRegionAccessPointsResult>`}
		case name == "/world/policy":
			return answer{body: `<GetMultiRegionAccessPointPolicyResult><Policy><Established><Policy>p</Policy></Established></Policy></GetMultiRegionAccessPointPolicyResult>`}
		case name == "/none/policy":
			return answer{body: `<GetMultiRegionAccessPointPolicyResult><Policy/></GetMultiRegionAccessPointPolicyResult>`}
		case name == "/code/policy":
			return refusal(404, "NoSuchMultiRegionAccessPointPolicy")
		case name == "/gone/policy":
			return refusal(404, "NoSuchMultiRegionAccessPoint")
		case name == "/cut/policy":
			return answer{body: `<GetMultiRegionAccessPointPolicyResult><Policy>`}
		}
		return refusal(403, "AccessDenied")
	}}
	s := scan(t, w, MultiRegionAccessPointPolicy.Node())
	b := s.Bind(awsapi.Global)
	rows := inventory.Use(b, MultiRegionAccessPoints)
	if len(rows.List) != 6 || rows.Err() != nil || rows.List[0].Buckets[0] != (MultiRegionEndpoint{Bucket: "b", Region: "eu-west-1"}) {
		t.Fatalf("rows %+v", rows)
	}
	want := map[string]string{"world": "{p }", "none": "absent", "shut": "denied", "gone": "gone", "cut": "failed", "code": "absent"}
	for _, m := range rows.List {
		if got := state(inventory.Read(b, MultiRegionAccessPointPolicy).Of(m)); got != want[m.ID] {
			t.Errorf("%s: %s, want %s", m.ID, got, want[m.ID])
		}
	}
	if n := len(w.requests()); n != 7 {
		t.Errorf("%d calls", n)
	}
}

// state is what a fact says, in a word.
func state[V any](f inventory.Field[V]) string {
	v, err := f.Get()
	var e *awsapi.Error
	switch {
	case err == nil:
		return fmt.Sprint(v)
	case errors.Is(err, inventory.ErrAbsent):
		return "absent"
	case errors.Is(err, inventory.ErrGone):
		return "gone"
	case errors.Is(err, inventory.ErrNotAsked):
		return "not asked"
	case errors.As(err, &e):
		return string(e.Outcome)
	}
	return err.Error()
}
