package integration

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ourshare/ourshare/internal/cli"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// The five accounts of the run, entered from another one: "closed" has no such role.
const callerAccount = "500000000000"

var fiveAccounts = []string{"500000000001", "500000000002", "500000000003", "500000000004", "500000000005"}

const closedAccount = "500000000004"

func inAccount(account string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(localstack.Endpoint),
		Credentials: credentials.NewStaticCredentialsProvider(account, "test", ""),
	}
}

// openAccounts gives each account but the closed one a role that the caller may assume with an external id, and a bucket.
func openAccounts(t *testing.T) {
	t.Helper()
	for _, account := range fiveAccounts {
		cfg := inAccount(account)
		buckets := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
		if _, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("audited-" + account)}); err != nil {
			t.Fatal(err)
		}
		if account == closedAccount {
			continue
		}
		trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"audit-7"}}}]}`, callerAccount)
		role := &iam.CreateRoleInput{RoleName: aws.String("auditor"), AssumeRolePolicyDocument: &trust}
		if _, err := iam.NewFromConfig(cfg).CreateRole(t.Context(), role); err != nil {
			t.Fatal(err)
		}
	}
}

// ourshare runs the command line in this process, as an account.
func ourshare(t *testing.T, account string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	for _, kv := range localstack.Environ(account, "us-east-1") {
		k, v, _ := strings.Cut(kv, "=")
		t.Setenv(k, v)
	}
	var out, err bytes.Buffer
	code = cli.Run(t.Context(), args, strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

// TestSeveralAccounts scans five accounts in one run, one of them closed.
func TestSeveralAccounts(t *testing.T) {
	openAccounts(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "accounts.txt")
	if err := os.WriteFile(file, []byte(strings.Join(fiveAccounts, "\tan account\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	spools := t.TempDir()
	t.Setenv("TMPDIR", spools)
	args := []string{
		"scan", "--accounts-file", file, "--role-name", "auditor", "--external-id", "audit-7", "--region", "us-east-1",
		"--check", "s3-bucket-versioning", "--format", "json,table", "--out", filepath.Join(dir, "out"),
	}
	code, stdout, stderr := ourshare(t, callerAccount, args...)
	if code != 5 {
		t.Fatalf("exit code %d, want 5 (failing and incomplete): %s", code, stderr)
	}
	f, err := os.Open(filepath.Join(dir, "out", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := result.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	if r.Scan.Complete || !slices.Equal(r.Scan.Accounts, fiveAccounts) || len(r.Scan.ByAccount) != 5 {
		t.Errorf("complete %v, accounts %v, by account %+v", r.Scan.Complete, r.Scan.Accounts, r.Scan.ByAccount)
	}
	for _, s := range r.Scan.ByAccount {
		closed := s.AccountID == closedAccount
		if s.Entered == closed || s.Complete == closed || (s.Reason != "") != closed || !closed && !strings.Contains(s.CallerARN, "assumed-role/auditor/ourshare") {
			t.Errorf("%+v", s)
		}
	}
	if n := strings.Count(stdout, closedAccount+" an account: not entered"); n != 1 || !strings.Contains(stdout, "denied") {
		t.Errorf("the table tells %d times that the account is closed:\n%s", n, stdout)
	}
	buckets := map[string]int{}
	for f := range r.All() {
		if f.Resource.Name == "audited-"+f.AccountID && f.Status == finding.Fail {
			buckets[f.AccountID]++
		}
	}
	if len(buckets) != 4 || buckets[closedAccount] != 0 {
		t.Errorf("failing buckets by account: %v", buckets)
	}
	calls := 0
	for c := range r.AllCoverage() {
		calls += c.Calls
		if c.Operation == "sts:AssumeRole" && (c.AccountID != callerAccount || c.Outcomes["denied"] != 1 || c.Outcomes["ok"] != 4) {
			t.Errorf("the ledger: %+v", c)
		}
	}
	if calls != r.Scan.APICalls.Calls {
		t.Errorf("the ledger has %d calls, the result %d", calls, r.Scan.APICalls.Calls)
	}
	if left, err := os.ReadDir(spools); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}

	// None can be entered: exit 1, each account named with its reason.
	args[6] = "wrong"
	code, _, stderr = ourshare(t, callerAccount, args...)
	if code != 1 || strings.Count(stderr, "could not be assumed: denied") != 5 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
