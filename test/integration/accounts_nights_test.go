package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ourshare/ourshare/internal/cli"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// The accounts of these nights, and the one that enters them.
const (
	nightCaller  = "510000000000"
	mendedOne    = "510000000001" // its bucket is mended on the second night
	closedOne    = "510000000002" // it is closed on the second night
	acceptedOne  = "510000000003" // its bucket's fail is accepted
	nightsBucket = "nights-"      // and the account
)

var nightAccounts = []string{mendedOne, closedOne, acceptedOne}

// openTo lets the caller enter an account by its role, or no longer.
func openTo(t *testing.T, account string, open bool) {
	t.Helper()
	roles := iam.NewFromConfig(inAccount(account))
	var err error
	if open {
		trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole"}]}`, nightCaller)
		_, err = roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("auditor"), AssumeRolePolicyDocument: &trust})
	} else {
		_, err = roles.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("auditor")})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func bucketsOf(account string) *s3.Client {
	return s3.NewFromConfig(inAccount(account), func(o *s3.Options) { o.UsePathStyle = true })
}

// nights is a job over several accounts.
type nights struct{ dir, accounts, config, exceptions string }

func newNights(t *testing.T) nights {
	t.Helper()
	dir := t.TempDir()
	n := nights{filepath.Join(dir, "job"), filepath.Join(dir, "accounts"), filepath.Join(dir, "config.yaml"), filepath.Join(dir, "exceptions.yaml")}
	for path, text := range map[string]string{
		n.accounts: strings.Join(nightAccounts, "\n") + "\n",
		n.config:   "owners: {rules: [{service: s3, owner: storage}]}\ntickets: {group_by: owner}\n",
		n.exceptions: "suppressions:\n" +
			"  - {check: s3-bucket-versioning, account: '" + acceptedOne + "', reason: a copy, owner: ann, expires: 2099-01-01}\n" +
			"  - {check: s3-bucket-versioning, resource: 'arn:aws:s3:::there-is-none', reason: r, owner: ann, expires: 2099-01-01}\n" +
			"  - {check: s3-bucket-versioning, account: '" + mendedOne + "', resource: 'arn:aws:s3:::there-is-none', reason: r, owner: ann, expires: 2099-01-01}\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(n.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n nights) args(more ...string) []string {
	return append([]string{
		"scan", "--accounts-file", n.accounts, "--role-name", "auditor", "--region", "us-east-1", "--check", "s3-bucket-versioning",
		"--baseline", n.dir, "--out", n.dir, "--format", "json,table,tickets", "--fail-on", "new", "--config", n.config, "--exceptions", n.exceptions,
	}, more...)
}

// run is one night; its tickets are one line each: "open storage 510000000001 510000000002".
func (n nights) run(t *testing.T, want int) (r *result.Result, table string, due []string, lines []result.Ticket) {
	t.Helper()
	code, stdout, stderr := ourshare(t, nightCaller, n.args()...)
	if code != want {
		t.Errorf("exit code %d, want %d: %s", code, want, stderr)
	}
	dec := json.NewDecoder(strings.NewReader(fileOf(t, n.dir, "tickets.ndjson")))
	for dec.More() {
		var line result.Ticket
		if err := dec.Decode(&line); err != nil {
			t.Fatal(err)
		}
		accounts := []string{line.Action, line.Owner}
		for _, f := range line.Findings {
			accounts = append(accounts, f.AccountID)
		}
		slices.Sort(accounts[2:])
		due, lines = append(due, strings.Join(accounts, " ")), append(lines, line)
	}
	return reportOf(t, n.dir), stdout, due, lines
}

func exceptionStates(r *result.Result) []string {
	var out []string
	for _, e := range r.Exceptions.Suppressions {
		out = append(out, e.State)
	}
	return out
}

// A job over three accounts, one of which is closed for a night: what failed in it stays, as not observable, in the tickets too,
// which are one for an owner over all accounts; and nothing is said of exceptions that may be for it.
func TestNightsOfSeveralAccounts(t *testing.T) {
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, account := range nightAccounts {
		openTo(t, account, true)
		must(bucketsOf(account).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(nightsBucket + account)}))
	}
	n := newNights(t)
	const check = "s3-bucket-versioning " + nightsBucket
	wantDue := func(night string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: tickets %q, want %q", night, got, want)
		}
	}
	wantChanges := func(night string, r *result.Result, persisting int, want ...string) {
		t.Helper()
		if got := changesOf(r, ""); !slices.Equal(got, want) || r.Comparison.Counts[result.Persisting] != persisting {
			t.Errorf("%s: %q, want %q; %v", night, got, want, r.Comparison.Counts)
		}
	}
	wantStates := func(night string, r *result.Result, want ...string) {
		t.Helper()
		if got := exceptionStates(r); !slices.Equal(got, want) {
			t.Errorf("%s: exceptions %q, want %q", night, got, want)
		}
	}

	r, _, due, _ := n.run(t, 3)
	wantDue("first", due, "open storage "+mendedOne+" "+closedOne)
	wantChanges("first", r, 0, "new "+check+mendedOne, "new "+check+closedOne, "new "+check+acceptedOne)
	wantStates("first", r, result.InForce, result.Unmatched, result.Unmatched)
	if s := r.Summary; s.Suppressed != 1 || s.ByStatus[finding.Fail] != 2 || !r.Scan.Complete {
		t.Errorf("first: %+v", s)
	}
	first := r.Findings[slices.IndexFunc(r.Findings, func(f finding.Finding) bool { return f.AccountID == closedOne })].History().FirstSeen

	r, _, due, _ = n.run(t, 0)
	wantDue("the same", due)
	wantChanges("the same", r, 3)

	openTo(t, closedOne, false)
	must(bucketsOf(mendedOne).PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String(nightsBucket + mendedOne), VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	}))
	r, table, due, lines := n.run(t, 4)
	wantDue("closed", due, "update storage "+mendedOne+" "+closedOne)
	wantChanges("closed", r, 1, "not_observable "+check+closedOne, "resolved "+check+mendedOne)
	wantStates("closed", r, result.InForce, result.NotExamined, result.Unmatched)
	if len(r.Unobserved) != 1 || r.Unobserved[0].AccountID != closedOne || r.Unobserved[0].History.Ticket != finding.TicketOpen || !strings.Contains(r.Unobserved[0].Why, "could not be entered") {
		t.Errorf("closed: %+v", r.Unobserved)
	}
	if strings.Count(table, closedOne+": not entered") != 1 || !strings.Contains(table, "1 not observable") || !strings.Contains(table, "INCOMPLETE") {
		t.Errorf("closed:\n%s", table)
	}
	if len(lines) == 1 && !slices.ContainsFunc(lines[0].Findings, func(f result.TicketFinding) bool {
		return f.AccountID == closedOne && strings.Contains(f.Note, "cannot be observed now: the account "+closedOne+" could not be entered")
	}) {
		t.Errorf("closed: %+v", lines[0].Findings)
	}
	r, _, due, _ = n.run(t, 4)
	wantDue("closed still", due)
	wantChanges("closed still", r, 1, "not_observable "+check+closedOne)

	openTo(t, closedOne, true)
	r, _, due, _ = n.run(t, 0)
	wantDue("opened again", due)
	wantChanges("opened again", r, 2)
	wantStates("opened again", r, result.InForce, result.Unmatched, result.Unmatched)
	for _, f := range r.Findings {
		if h := f.History(); f.AccountID == closedOne && (!h.FirstSeen.Equal(first) || h.Ticket != finding.TicketOpen || !r.Scan.Complete) {
			t.Errorf("opened again: %+v", h)
		}
	}

	must(bucketsOf(closedOne).DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String(nightsBucket + closedOne)}))
	r, _, due, _ = n.run(t, 0)
	wantDue("gone", due, "close storage "+closedOne)
	wantChanges("gone", r, 1, "resolved "+check+closedOne)

	interruptedNight(t, n)
	boundedNight(t, n)
}

// interruptedNight: a signal comes between two accounts. What there is is written, and the rest is named once as not entered.
func interruptedNight(t *testing.T, n nights) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stderr := &trigger{text: `"msg":"scanned"`, call: cancel}
	var stdout bytes.Buffer
	code := cli.Run(ctx, n.args("--accounts-at-once", "1", "--log-format", "json"), nil, &stdout, stderr)
	r := reportOf(t, n.dir)
	if code != 130 || r.Scan.Complete || len(r.Scan.ByAccount) != 3 {
		t.Fatalf("interrupted: exit code %d, complete %v, %+v: %s", code, r.Scan.Complete, r.Scan.ByAccount, stderr.buf.String())
	}
	for _, a := range r.Scan.ByAccount {
		first := a.AccountID == mendedOne
		if a.Entered != first || a.Complete != first || (a.Reason == "") != first {
			t.Errorf("interrupted: %+v", a)
		}
		if said := strings.Count(stdout.String(), a.AccountID+": not entered, nothing of it was read: the scan was stopped before"); (said == 1) == first || said > 1 {
			t.Errorf("interrupted: of %s it is told %d times that it was not entered:\n%s", a.AccountID, said, stdout.String())
		}
	}
	if got := changesOf(r, ""); !slices.Equal(got, []string{"not_observable s3-bucket-versioning " + nightsBucket + acceptedOne}) {
		t.Errorf("interrupted: %q", got)
	}
	if text := fileOf(t, n.dir, "tickets.ndjson"); text != "" {
		t.Errorf("interrupted: tickets: %s", text)
	}
}

// boundedNight: the budget of calls is one for all accounts.
func boundedNight(t *testing.T, n nights) {
	t.Helper()
	counted := func() (total int) {
		for _, account := range append([]string{nightCaller}, nightAccounts...) {
			b, err := localstack.Hook(t.Context(), "GET", "calls?account="+account, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ Total int }
			if err := json.Unmarshal(b, &got); err != nil {
				t.Fatal(err)
			}
			total += got.Total
		}
		return total
	}
	for _, budget := range []int{4, 7, 9} { // within the first account, or a later one
		before := counted()
		code, _, stderr := ourshare(t, nightCaller, n.args("--accounts-at-once", "1", "--max-api-calls", fmt.Sprint(budget))...)
		r := reportOf(t, n.dir)
		if made := counted() - before; made != budget {
			t.Errorf("%d calls were made, of %d", made, budget)
		}
		if code != 4 || r.Scan.Complete || r.Scan.ByAccount[2].Complete || !strings.Contains(fmt.Sprint(r.Scan.ByAccount)+fileOf(t, n.dir, "report.txt"), "budget was spent") {
			t.Errorf("a budget of %d calls: exit code %d, complete %v, %+v: %s", budget, code, r.Scan.Complete, r.Scan.ByAccount, stderr)
		}
		if got := changesOf(r, ""); !slices.Equal(got, []string{"not_observable s3-bucket-versioning " + nightsBucket + acceptedOne}) {
			t.Errorf("a budget of %d calls: %q", budget, got)
		}
	}
}
