package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// jobAccount belongs to this test alone, which changes it between the nights.
const jobAccount = "600000000002"

// deny makes the emulator deny these operations to an account, and no others.
func deny(t *testing.T, account string, operations ...string) {
	t.Helper()
	if operations == nil {
		operations = []string{}
	}
	if _, err := localstack.Hook(context.Background(), "POST", "deny", map[string]any{"account": account, "operations": operations}); err != nil {
		t.Fatal(err)
	}
}

// nightly is what one night's job leaves to its readers.
type nightly struct {
	code    int
	table   string // as the terminal shows it
	result  *result.Result
	tickets []result.Ticket
	html    string
}

// job runs the scheduled job: the newest result of a directory is the baseline, and the reports go into the same directory.
func job(t *testing.T, dir string) nightly {
	t.Helper()
	code, stdout, stderr := ourshare(t, jobAccount, "scan", "--region", "us-east-1", "--baseline", dir, "--out", dir,
		"--format", "json,html,tickets,table", "--fail-on", "new",
		"--check", "s3-bucket-versioning,s3-bucket-access-logging,ec2-security-group-ssh-open,ec2-security-group-rdp-open")
	if stderr != "" {
		t.Errorf("standard error: %s", stderr)
	}
	n := nightly{code: code, table: stdout, result: reportOf(t, dir), html: fileOf(t, dir, "report.html")}
	dec := json.NewDecoder(strings.NewReader(fileOf(t, dir, "tickets.ndjson")))
	dec.DisallowUnknownFields()
	for dec.More() {
		var line result.Ticket
		if err := dec.Decode(&line); err != nil {
			t.Fatal(err)
		}
		n.tickets = append(n.tickets, line)
	}
	return n
}

func fileOf(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func reportOf(t *testing.T, dir string) *result.Result {
	t.Helper()
	r, err := result.Load(bytes.NewReader([]byte(fileOf(t, dir, "report.json"))))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// actions are the lines for the ticket system as "open check resource"; a ticket is about one finding here.
func (n nightly) actions() []string {
	out := []string{}
	for _, line := range n.tickets {
		for _, f := range line.Findings {
			out = append(out, line.Action+" "+f.CheckID+" "+f.Resource.ID)
		}
	}
	slices.Sort(out)
	return out
}

// fails are the failing findings as "check resource".
func (n nightly) fails() []string {
	out := []string{}
	for _, f := range n.result.Findings {
		if f.Status == finding.Fail {
			out = append(out, f.Rule.ID+" "+f.Resource.ID)
		}
	}
	slices.Sort(out)
	return out
}

func (n nightly) unobserved() []string {
	out := []string{}
	for _, u := range n.result.Unobserved {
		out = append(out, u.CheckID+" "+u.Resource.ID)
	}
	slices.Sort(out)
	return out
}

// ticketStates are the states of the tickets as the next night will know them, by "check resource".
func (n nightly) ticketStates() map[string]string {
	out := map[string]string{}
	for _, f := range n.result.Findings {
		out[f.Rule.ID+" "+f.Resource.ID] = f.History().Ticket
	}
	for _, u := range n.result.Unobserved {
		out[u.CheckID+" "+u.Resource.ID] = u.History.Ticket
	}
	return out
}

var markup = regexp.MustCompile(`<[^>]*>`)

// section is the text of a part of the page, by the id of its heading's section.
func (n nightly) section(t *testing.T, id string) string {
	t.Helper()
	_, rest, found := strings.Cut(n.html, `id="`+id+`"`)
	if !found {
		t.Fatalf("the page has no part %q", id)
	}
	part, _, _ := strings.Cut(rest, "</section>")
	return strings.Join(strings.Fields(html.UnescapeString(markup.ReplaceAllString(part, " "))), " ")
}

func sortedList(lists ...[]string) []string {
	return slices.Sorted(slices.Values(slices.Concat(lists...)))
}

func prefixed(prefix string, list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = prefix + s
	}
	return out
}

// Lines of the page and of the terminal's table that head the changes of a kind, and those that name one.
var (
	pageChange  = regexp.MustCompile(`\d+ (new|reopened|changed|not observable|rule changed|resolved|persisting) ?: |((?:s3|ec2)-[a-z0-9-]+) (job-[a-z]+|sg-[0-9a-f]+) `)
	tableChange = regexp.MustCompile(`(?m)^  (New|Reopened|Changed|Not observable|By another rule|Resolved)[^\n(]*\(\d+\)$|^ [a-z]+ +((?:s3|ec2)-[a-z0-9-]+) +(job-[a-z]+|sg-[0-9a-f]+) `)
)

// told are the changes that a report for people tells, as "kind check resource".
func told(text string, form *regexp.Regexp) []string {
	out, kind := []string{}, ""
	for _, m := range form.FindAllStringSubmatch(text, -1) {
		if m[1] != "" {
			kind = strings.ReplaceAll(strings.ToLower(m[1]), " ", "_")
			continue
		}
		out = append(out, kind+" "+m[2]+" "+m[3])
	}
	slices.Sort(out)
	return out
}

// changes holds that every reader is told of exactly these changes, and of nothing else.
func (n nightly) changes(t *testing.T, want []string) {
	t.Helper()
	slices.Sort(want)
	_, shown, _ := strings.Cut(n.table, "What changed\n")
	shown, _, _ = strings.Cut(shown, "The shared responsibility model")
	for reader, got := range map[string][]string{
		"JSON": changesOf(n.result, ""), "HTML": told(n.section(t, "changes"), pageChange), "table": told(shown, tableChange),
	} {
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", reader, got, want)
		}
	}
	counts := map[result.Kind]int{}
	for _, c := range want {
		kind, _, _ := strings.Cut(c, " ")
		counts[result.Kind(kind)]++
	}
	for _, k := range result.Kinds() {
		if got := n.result.Comparison.Counts[k]; k != result.Persisting && got != counts[k] {
			t.Errorf("%d %s, want %d", got, k, counts[k])
		}
	}
}

// seen holds what the reports say of the denied reads; none: that everything was read.
func (n nightly) seen(t *testing.T, denied ...string) {
	t.Helper()
	gaps := n.section(t, "gaps")
	if complete := len(denied) == 0; n.result.Scan.Complete != complete || strings.Contains(n.table, "INCOMPLETE") == complete ||
		strings.Contains(gaps, "everything that the checks asked for was read") != complete || strings.Contains(n.table, "What could not be seen") == complete {
		t.Errorf("complete %v, want %v; the page says: %s", n.result.Scan.Complete, complete, gaps)
	}
	for _, op := range denied {
		if !strings.Contains(n.table, "  "+op+" in us-east-1: denied") || !strings.Contains(n.table, "add the permission "+op+"\n") ||
			!strings.Contains(gaps, "Add the permission "+op) {
			t.Errorf("%s: the table or the page does not tell that it was denied:\n%s", op, gaps)
		}
	}
	for _, name := range n.unobserved() {
		if !strings.Contains(gaps, name+" ") {
			t.Errorf("the page does not tell that %s cannot be seen: %s", name, gaps)
		}
	}
}

// The nights of a scheduled job: by day something is mended, deleted, broken and made, and for one night a fact of the buckets and
// the list of security groups are denied. Each reader gets exactly what changed, the denied part as not observable, which the ticket
// system hears nothing of; and a night on the same state has nothing to tell.
func TestJob(t *testing.T) {
	cfg := inAccount(jobAccount)
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
	const versions, logs = "s3-bucket-versioning ", "s3-bucket-access-logging "
	for _, name := range []string{"job-stays", "job-mended", "job-gone", "job-broken"} {
		create(name)
	}
	versioning("job-broken", s3types.BucketVersioningStatusEnabled)
	made, err := groups.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("job"), Description: aws.String("job")})
	if err != nil {
		t.Fatal(err)
	}
	must(groups.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: made.GroupId, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
		}},
	}))
	ssh := "ec2-security-group-ssh-open " + *made.GroupId
	dir := t.TempDir()

	// same is a night on the state of the night before: nothing is new, and nothing is due.
	same := func(before nightly, code int) nightly {
		t.Helper()
		n := job(t, dir)
		if n.code != code || len(n.tickets) > 0 || n.result.Comparison.Baseline.ScanID != before.result.Scan.ID {
			t.Errorf("the same state again: exit code %d, want %d; tickets %q; compared with %+v", n.code, code, n.actions(), n.result.Comparison.Baseline)
		}
		if !slices.Equal(n.fails(), before.fails()) || !slices.Equal(n.unobserved(), before.unobserved()) || !maps.Equal(n.ticketStates(), before.ticketStates()) {
			t.Errorf("the same state again is another one: %q, %q", n.fails(), n.unobserved())
		}
		return n
	}

	first := job(t, dir)
	atFirst := sortedList(
		prefixed(versions, []string{"job-stays", "job-mended", "job-gone"}),
		prefixed(logs, []string{"job-stays", "job-mended", "job-gone", "job-broken"}), []string{ssh},
	)
	if first.code != 3 || !slices.Equal(first.fails(), atFirst) || !slices.Equal(first.actions(), prefixed("open ", atFirst)) {
		t.Fatalf("the first night: exit code %d, fails %q, tickets %q", first.code, first.fails(), first.actions())
	}
	if first.result.Comparison.Baseline != nil || !slices.Equal(changesOf(first.result, ""), prefixed("new ", atFirst)) ||
		!strings.Contains(first.table, "A first run") || !strings.Contains(first.section(t, "changes"), "First run") {
		t.Errorf("the first night: %+v", first.result.Comparison)
	}
	first.seen(t)
	again := same(first, 0)
	again.changes(t, nil)
	again.seen(t)

	// By day.
	versioning("job-mended", s3types.BucketVersioningStatusEnabled)
	must(buckets.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String("job-gone")}))
	versioning("job-broken", s3types.BucketVersioningStatusSuspended)
	create("job-made")
	deny(t, jobAccount, "s3:GetBucketLogging", "ec2:DescribeSecurityGroups")
	t.Cleanup(func() { deny(t, jobAccount) })

	second := job(t, dir)
	resolved := []string{versions + "job-mended", versions + "job-gone", logs + "job-gone"} // whether a bucket that is gone kept logs needs no answer
	fresh := []string{versions + "job-broken", versions + "job-made"}
	blind := sortedList(prefixed(logs, []string{"job-stays", "job-mended", "job-broken"}), []string{ssh})
	if second.code != 5 || !slices.Equal(second.unobserved(), blind) {
		t.Errorf("the night of the denial: exit code %d, not observable: %q", second.code, second.unobserved())
	}
	second.changes(t, slices.Concat(prefixed("resolved ", resolved), prefixed("new ", fresh), prefixed("not_observable ", blind)))
	if want := sortedList(prefixed("close ", resolved), prefixed("open ", fresh)); !slices.Equal(second.actions(), want) {
		t.Errorf("tickets: %q, want %q", second.actions(), want)
	}
	second.seen(t, "s3:GetBucketLogging", "ec2:DescribeSecurityGroups")
	for _, u := range second.result.Unobserved {
		if h := u.History; h.Ticket != finding.TicketOpen || !h.LastFailed.Equal(again.result.Scan.FinishedAt) || !h.FirstSeen.Equal(first.result.Scan.FinishedAt) || !strings.Contains(u.Why, "denied") {
			t.Errorf("%s %s: %+v: %s", u.CheckID, u.Resource.ID, h, u.Why)
		}
	}
	for _, f := range second.result.Findings {
		if f.Rule.ID+" " == logs && (f.Status != finding.Unknown || f.Reason.Outcome != "denied") {
			t.Errorf("%s of %s is %s", f.Rule.ID, f.Resource.ID, f.Status)
		}
	}
	still := same(second, 4)
	still.changes(t, prefixed("not_observable ", blind))
	still.seen(t, "s3:GetBucketLogging", "ec2:DescribeSecurityGroups")

	// The reads are allowed again: what was not observable persists, and has its tickets still. Of the bucket that was made in
	// between the logging is seen failing for the first time.
	deny(t, jobAccount)
	third := job(t, dir)
	seenNow := []string{logs + "job-made"}
	if want := prefixed("open ", seenNow); third.code != 3 || !slices.Equal(third.actions(), want) || len(third.unobserved()) > 0 {
		t.Errorf("the reads allowed again: exit code %d, tickets %q, want %q; not observable: %q", third.code, third.actions(), want, third.unobserved())
	}
	third.changes(t, prefixed("new ", seenNow))
	third.seen(t)
	if want := sortedList([]string{versions + "job-stays"}, fresh, blind, seenNow); !slices.Equal(third.fails(), want) || third.result.Comparison.Counts[result.Persisting] != len(want)-1 {
		t.Errorf("failing: %q, want %q; %v", third.fails(), want, third.result.Comparison.Counts)
	}
	for _, f := range third.result.Findings {
		if name := f.Rule.ID + " " + f.Resource.ID; slices.Contains(blind, name) && !f.History().FirstSeen.Equal(first.result.Scan.FinishedAt) {
			t.Errorf("%s: %+v", name, f.History())
		}
	}
	same(third, 0).changes(t, nil)
}
