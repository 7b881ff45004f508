package integration

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/testkit/replay"
)

// historyAccount belongs to this test alone, which changes it between scans.
const historyAccount = "600000000001"

// historyChecks are all checks of the services whose resources the test makes.
func historyChecks() []*checks.Check {
	return slices.DeleteFunc(catalog.All(), func(c *checks.Check) bool { return c.Service != "s3" && c.Service != "ec2" })
}

// evening is a scan of the account on a day, compared with the result of the day before as it was saved. Some calls are denied.
func evening(t *testing.T, day int, before *result.Result, denied func(op string, req *http.Request) bool) *result.Result {
	t.Helper()
	useEmulator(t)
	clock := time.Now().UTC().Truncate(time.Second).AddDate(0, 0, day)
	s, err := scan(t.Context(), scanOptions{
		account: historyAccount, checks: historyChecks(), regions: []string{"us-east-1"}, now: func() time.Time { return clock },
		client: &injector{awshttp.NewBuildableClient(), func(op string, req *http.Request, later bool) (*http.Response, error, bool) {
			if !denied(op, req) {
				return nil, nil, false
			}
			return replay.Faults[0].On(op)(op, req, later)
		}, awsapi.OperationOf},
	})
	if err != nil {
		t.Fatal(err)
	}
	history.Open(before).Annotate(s.result)
	s.result.Summarize()
	var b bytes.Buffer
	if err := s.result.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	saved, err := result.Load(&b)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func nothingDenied(string, *http.Request) bool { return false }

// changesOf are a result's changes as "kind check resource", of one resource or of all.
func changesOf(r *result.Result, id string) []string {
	var out []string
	for c := range r.AllChanges() {
		if id == "" || c.Resource.ID == id {
			out = append(out, string(c.Change)+" "+c.CheckID+" "+c.Resource.ID)
		}
	}
	slices.Sort(out)
	return out
}

// failing are the fails of a resource, as changes of a kind.
func failing(r *result.Result, id string, k result.Kind) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Resource.ID == id && f.Status == finding.Fail {
			out = append(out, string(k)+" "+f.Rule.ID+" "+id)
		}
	}
	slices.Sort(out)
	return out
}

// A job scans every evening. In between one thing is mended, one is deleted, one is made and one gets worse, and two reads
// are denied: of one fact of one bucket, and of a whole listing. Each reader gets exactly what changed; what was denied is
// not observable, and persists when it can be read again.
func TestHistory(t *testing.T) {
	cfg := inAccount(historyAccount)
	buckets := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	groups := ec2.NewFromConfig(cfg)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	create := func(name string) {
		t.Helper()
		must(buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}))
	}
	versioning := func(name string, status s3types.BucketVersioningStatus) {
		t.Helper()
		must(buckets.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
			Bucket: &name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: status},
		}))
	}
	open := func(group *string, port int32) {
		t.Helper()
		must(groups.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: group, IpPermissions: []ec2types.IpPermission{{
				IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
			}},
		}))
	}
	const stays, mended, gone, broken, unread, made = "history-stays", "history-mended", "history-gone", "history-broken", "history-unread", "history-made"
	for _, name := range []string{stays, mended, gone, broken, unread} {
		create(name)
	}
	versioning(broken, s3types.BucketVersioningStatusEnabled)
	group, err := groups.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("history"), Description: aws.String("history")})
	if err != nil {
		t.Fatal(err)
	}
	open(group.GroupId, 22)

	first := evening(t, 1, nil, nothingDenied)
	if first.Comparison.Baseline != nil || first.Comparison.Counts[result.New] != first.Summary.ByStatus[finding.Fail] || len(failing(first, *group.GroupId, result.New)) == 0 {
		t.Fatalf("the first run: %+v", first.Comparison)
	}
	if again := evening(t, 2, first, nothingDenied); len(again.Comparison.Changes) != 0 || again.Comparison.Counts[result.Persisting] != first.Comparison.Counts[result.New] {
		t.Fatalf("nothing changed, but: %v", changesOf(again, ""))
	}

	versioning(mended, s3types.BucketVersioningStatusEnabled)
	must(buckets.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String(gone)}))
	create(made)
	versioning(broken, s3types.BucketVersioningStatusSuspended)
	second := evening(t, 3, first, func(op string, req *http.Request) bool {
		return op == "ec2:DescribeSecurityGroups" || op == "s3:GetBucketVersioning" && strings.Contains(req.URL.Path+req.URL.Host, unread)
	})
	for id, want := range map[string][]string{
		stays:          nil,
		mended:         {"resolved s3-bucket-versioning " + mended},
		gone:           failing(first, gone, result.Resolved),
		made:           failing(second, made, result.New),
		broken:         {"new s3-bucket-versioning " + broken},
		unread:         {"not_observable s3-bucket-versioning " + unread},
		*group.GroupId: failing(first, *group.GroupId, result.NotObservable),
	} {
		if got := changesOf(second, id); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
	denied := 0
	for _, c := range second.Comparison.Changes {
		switch id := c.Resource.ID; {
		case c.Change == result.NotObservable:
			denied++
			if !strings.Contains(c.Reason, "ec2:DescribeSecurityGroups") && !strings.Contains(c.Reason, "s3:GetBucketVersioning") || !strings.Contains(c.Reason, "denied") {
				t.Errorf("%s of %s: the reason is %q", c.CheckID, id, c.Reason)
			}
		case !strings.HasPrefix(id, "history-"):
			t.Errorf("%s %s of %s: %s", c.Change, c.CheckID, id, c.Reason)
		}
	}
	if denied == 0 || denied != len(second.Unobserved) || second.Comparison.Counts[result.NotObservable] != denied || second.Scan.Complete {
		t.Errorf("%d not observable, %d carried, complete %v", denied, len(second.Unobserved), second.Scan.Complete)
	}
	fails := second.Comparison.Counts
	if got := fails[result.Persisting] + fails[result.Resolved] + fails[result.NotObservable]; got != first.Summary.ByStatus[finding.Fail] {
		t.Errorf("of %d fails %d are accounted for: %v", first.Summary.ByStatus[finding.Fail], got, fails)
	}

	third := evening(t, 4, second, nothingDenied)
	if got := changesOf(third, ""); len(got) != 0 || len(third.Unobserved) != 0 {
		t.Errorf("what can be read again has changed: %v", got)
	}
	if got, want := third.Comparison.Counts[result.Persisting], second.Summary.ByStatus[finding.Fail]+denied; got != want {
		t.Errorf("%d persist, want %d", got, want)
	}
	for _, f := range third.Findings {
		h := f.History()
		if f.Status == finding.Fail && (h.LastFailed == nil || !h.LastFailed.Equal(third.Scan.FinishedAt)) {
			t.Errorf("%s of %s: %+v", f.Rule.ID, f.Resource.ID, h)
		}
		since := first.Scan.FinishedAt
		if f.Resource.ID == made {
			since = second.Scan.FinishedAt
		}
		if f.Status == finding.Fail && !h.FirstSeen.Equal(since) { // of what passed and was not listed the second time nothing is kept
			t.Errorf("%s of %s: first seen %s, want %s", f.Rule.ID, f.Resource.ID, h.FirstSeen, since)
		}
	}

	versioning(mended, s3types.BucketVersioningStatusSuspended)
	if got, want := changesOf(evening(t, 5, third, nothingDenied), ""), []string{"reopened s3-bucket-versioning " + mended}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
