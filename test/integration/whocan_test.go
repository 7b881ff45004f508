package integration

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/cli"
	"github.com/ourshare/ourshare/internal/inventory"
)

// run runs a command in this process, in an empty directory.
func run(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	useEmulator(t)
	t.Chdir(t.TempDir())
	var stdout, stderr bytes.Buffer
	code = cli.Run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String() + stderr.String()
}

// demoInventory is the recorded scan of the demo account as a saved inventory.
func demoInventory(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "inventory.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := recording(t, demoAccount).store.Save(f, inventory.File{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

type whoCan struct {
	Answered bool `json:"answered"`
	May      []struct {
		Who        string   `json:"who"`
		Kind       string   `json:"kind"`
		Answer     string   `json:"answer"`
		Conditions []string `json:"conditions"`
		Through    string   `json:"through"`
		Because    []string `json:"because"`
	} `json:"may"`
}

// What the demo account says to questions that have a name in test/demo/expected.yaml as well: who, by which statement, if what.
func TestWhoCan(t *testing.T) {
	file := demoInventory(t)
	const overTLS = `not (Bool aws:SecureTransport ["false"])`
	key := func(alias string) string { return "arn:aws:kms:us-east-1:" + demoAccount + ":alias/" + alias }
	// One question of each kind is asked of the account as well.
	live := []string{"through access points", "a role of one user", "a key that anyone uses by S3", "by identity policies alone"}
	role := func(name string) string { return "arn:aws:iam::" + demoAccount + ":role/" + name }
	for name, tt := range map[string]struct {
		action, resource string
		code             int
		outsiders        []string // all that are not of the account
		insiders         []string // some that are, as "user/alice"
		not              []string // some that must not be among them
	}{
		"a bucket that anyone reads": {
			"s3:GetObject", "arn:aws:s3:::fernhill-website/*", 0,
			[]string{"anyone: yes by bucket policy, statement 1"},
			[]string{"root", "user/alice", "role/web-server"},
			nil,
		},
		"by its ACL": {
			"s3:ListBucket", "arn:aws:s3:::fernhill-press", 0, []string{"anyone: yes by ACL: READ"}, []string{"user/alice"}, []string{"role/web-server"},
		},
		"by half of the addresses": {
			"s3:GetObject", "arn:aws:s3:::fernhill-exports/*", 0,
			[]string{`anyone: yes by bucket policy, statement 1 if IpAddress aws:SourceIp ["0.0.0.0/1"]`},
			[]string{"role/web-server"},
			nil,
		},
		"a public policy that is cut off": {
			"s3:GetObject", "arn:aws:s3:::fernhill-eu-media/*", 0,
			[]string{`service cloudfront.amazonaws.com: yes by bucket policy, statement 2 if StringEquals aws:SourceArn ["arn:aws:cloudfront::` + demoAccount + `:distribution/E2EXAMPLEMEDIA"]`},
			[]string{"role/web-server"},
			nil,
		},
		"another account": {
			"s3:GetObject", "arn:aws:s3:::fernhill-partners/*", 0,
			[]string{"account 444444444444: yes by bucket policy, statement 1 if " + overTLS},
			[]string{"role/partner-stock"},
			[]string{"role/web-server"},
		},
		"through access points": {
			"s3:GetObject", "arn:aws:s3:::fernhill-data-lake/*", 0,
			[]string{
				"anyone through access point lake-open: yes by bucket policy, statement 1; policy of access point lake-open, statement 1 if " + overTLS,
				"anyone through access point lake-warehouse: yes by bucket policy, statement 1; policy of access point lake-warehouse, statement 1 if " + overTLS,
				"account 444444444444 through access point lake-partner: yes by bucket policy, statement 1; policy of access point lake-partner, statement 1 if " + overTLS,
			},
			[]string{"role/report-builder"},
			nil,
		},
		"objects with ACLs": {"s3:GetObject", "arn:aws:s3:::fernhill-press/*", 4, nil, []string{"role/press-kit-reader"}, []string{"role/web-server"}},
		"a role that anyone may take": {
			"sts:AssumeRole", role("press-kit-reader"), 0, []string{"any principal of any account: yes by trust policy, statement 1"}, []string{"user/dora"}, []string{"root"},
		},
		"a role with an external id": {
			"sts:AssumeRole", role("ridgeline-audit"), 0, []string{`account 555555555555: yes by trust policy, statement 1 if StringEquals sts:ExternalId ["fernhill-7d1c"]`}, nil, []string{"user/alice"},
		},
		"a role of one user": {"sts:AssumeRole", role("break-glass"), 0, nil, []string{"user/alice"}, []string{"user/bob", "root"}},
		"a role of a service": {
			"sts:AssumeRole", role("nightly-jobs"), 0, []string{"service lambda.amazonaws.com: yes by trust policy, statement 1"}, nil, []string{"user/alice"},
		},
		"a key that anyone uses": {
			"kms:Decrypt", key("catalogue-feed"), 0, []string{"any principal of any account: yes by key policy, statement 2"}, []string{"user/dora", "root"}, nil,
		},
		"a key that anyone uses by S3": {
			"kms:Decrypt", key("photo-uploads"), 0,
			[]string{`any principal of any account: yes by key policy, statement 2 if StringEquals kms:ViaService ["s3.us-east-1.amazonaws.com"]`},
			[]string{"user/dora"},
			nil,
		},
		"of a key's organization it is not known who is in it": {
			"kms:DescribeKey", key("analytics"), 4,
			nil,
			[]string{"user/alice"},
			nil,
		},
		"a key whose policy is not read": {"kms:Decrypt", key("archive-2019"), 4, nil, nil, nil},
		"by identity policies alone":     {"iam:CreateAccessKey", "*", 0, nil, []string{"root", "user/alice", "user/bob"}, []string{"user/dora", "role/staff-developer"}},
		"a queue's policy is not read": {
			"sqs:SendMessage", "arn:aws:sqs:us-east-1:" + demoAccount + ":reminders", 4, nil, []string{"role/reminders"}, []string{"role/web-server"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"who-can", tt.action, tt.resource, "--format", "json"}
			code, text := run(t, append(args, "--inventory", file)...)
			var a whoCan
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			var outsiders, insiders []string
			for _, w := range a.May {
				if id, own := strings.CutPrefix(w.Who, "arn:aws:iam::"+demoAccount+":"); own {
					insiders = append(insiders, id)
					continue
				}
				s := w.Who
				if w.Through != "" {
					s += " through " + w.Through
				}
				s += ": " + w.Answer + " by " + strings.Join(w.Because, "; ")
				if len(w.Conditions) > 0 {
					s += " if " + strings.Join(w.Conditions, " and ")
				}
				outsiders = append(outsiders, s)
			}
			if code != tt.code || a.Answered != (code == 0) {
				t.Errorf("exit %d, want %d; answered %v", code, tt.code, a.Answered)
			}
			if diff := cmp.Diff(tt.outsiders, outsiders); diff != "" && tt.code == 0 {
				t.Error(diff)
			}
			for _, id := range tt.insiders {
				if !slices.Contains(insiders, id) {
					t.Errorf("%s is not among %q", id, insiders)
				}
			}
			for _, id := range tt.not {
				if slices.Contains(insiders, id) {
					t.Errorf("%s is among %q", id, insiders)
				}
			}
			if !slices.Contains(live, name) {
				return
			}
			if again, live := run(t, append(args, "--region", "us-east-1", "--region", "eu-west-1")...); again != code || live != text {
				t.Errorf("the account answers otherwise than its inventory: exit %d: %s", again, cmp.Diff(text, live))
			}
		})
	}
}

// A grant of a key is among the answers, and without it the key is not: by the conditions of its policy.
func TestWhoCanByGrant(t *testing.T) {
	code, text := run(t, "who-can", "kms:Decrypt", "arn:aws:kms:us-east-1:"+demoAccount+":alias/analytics", "--inventory", demoInventory(t), "--format", "json")
	if code != 4 || !strings.Contains(text, `"principal arn:aws:iam::444444444444:role/importer"`) || !strings.Contains(text, `"grant `) {
		t.Errorf("exit %d: %s", code, text)
	}
}

// An account that may list its buckets and nothing else gets no answer that rests on the rest.
func TestWhoCanDenied(t *testing.T) {
	full, err := os.ReadFile(demoInventory(t))
	if err != nil {
		t.Fatal(err)
	}
	var saved map[string]json.RawMessage
	var entries []struct {
		Name   string          `json:"name"`
		Scope  string          `json:"scope"`
		ReadAt string          `json:"read_at"`
		Data   json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(full, &saved); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(saved["entries"], &entries); err != nil {
		t.Fatal(err)
	}
	without := func(name string) string {
		kept := entries[:0:0]
		for _, e := range entries {
			if e.Name != name {
				kept = append(kept, e)
			}
		}
		if len(kept) == len(entries) {
			t.Fatalf("the inventory holds no %s", name)
		}
		rest := map[string]json.RawMessage{}
		for k, v := range saved {
			rest[k] = v
		}
		if rest["entries"], err = json.Marshal(kept); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(rest)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "inventory.json")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, ask := range map[string][]string{
		"iam.authorization-details":     {"s3:GetObject", "arn:aws:s3:::fernhill-website/*"},
		"s3.buckets":                    {"s3:GetObject", "arn:aws:s3:::fernhill-website/*"},
		"s3.bucket-policy":              {"s3:GetObject", "arn:aws:s3:::fernhill-website/*"},
		"s3.bucket-ownership":           {"s3:GetObject", "arn:aws:s3:::fernhill-website/*"},
		"s3.bucket-acl":                 {"s3:ListBucket", "arn:aws:s3:::fernhill-press"},
		"s3.access-points":              {"s3:GetObject", "arn:aws:s3:::fernhill-data-lake/*"},
		"s3.access-point-policy":        {"s3:GetObject", "arn:aws:s3:::fernhill-data-lake/*"},
		"s3.multi-region-access-points": {"s3:GetObject", "arn:aws:s3:::fernhill-data-lake/*"},
		"kms.key-ids":                   {"kms:Decrypt", "arn:aws:kms:us-east-1:" + demoAccount + ":alias/catalogue-feed"},
		"kms.aliases":                   {"kms:Decrypt", "arn:aws:kms:us-east-1:" + demoAccount + ":alias/catalogue-feed"},
		"kms.keys":                      {"kms:Decrypt", "arn:aws:kms:us-east-1:" + demoAccount + ":alias/catalogue-feed"},
		"kms.key-policy":                {"kms:Decrypt", "arn:aws:kms:us-east-1:" + demoAccount + ":alias/catalogue-feed"},
		"kms.grants":                    {"kms:Decrypt", "arn:aws:kms:us-east-1:" + demoAccount + ":alias/catalogue-feed"},
	} {
		code, text := run(t, "who-can", ask[0], ask[1], "--inventory", without(name))
		if code != 4 || !strings.Contains(text, "does not hold "+name) {
			t.Errorf("without %s: exit %d:\n%s", name, code, text)
		}
	}
}
