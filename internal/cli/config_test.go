package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/exceptions"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// The examples of docs/configuration.md are valid, and what they set is set.
func TestDocumentedFiles(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) != 2 {
		t.Fatalf("%d examples", len(blocks))
	}
	known := engine.Known(catalog.All())
	cfg, err := config.Parse(blocks[0][1], known)
	if err != nil || reflect.DeepEqual(cfg, config.Default()) || cfg.Digest() == config.Default().Digest() {
		t.Errorf("%v, %+v", err, cfg)
	}
	if f, err := exceptions.Parse(blocks[1][1], knownToExceptions()); err != nil || len(f.Suppressions) != 1 || len(f.Attestations) != 1 {
		t.Errorf("%v, %+v", err, f)
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```yaml\n(thresholds:.*?)```").FindSubmatch(readme)
	if example == nil {
		t.Fatal("the README shows no configuration")
	}
	if _, err := config.Parse(example[1], known); err != nil {
		t.Errorf("README.md: %v", err)
	}
	for _, key := range []string{"thresholds", "checks", "owners", "limits", "tickets"} {
		if !bytes.Contains(text, []byte("### "+key+"\n")) {
			t.Errorf("docs/configuration.md has no section %s", key)
		}
	}
}

// The template of the whole catalogue, with every setting uncommented, changes no threshold of any check.
func TestTemplateOfTheCatalogue(t *testing.T) {
	known := engine.Known(catalog.All())
	var open strings.Builder
	for line := range strings.Lines(string(config.Template(known))) {
		if setting, ok := strings.CutPrefix(line, "# "); ok {
			open.WriteString(setting)
		}
	}
	cfg, err := config.Parse([]byte(open.String()), known)
	if err != nil {
		t.Fatalf("%v\n%s", err, open.String())
	}
	for _, p := range known.Params {
		if !reflect.DeepEqual(cfg.Params[p.Name], p.Default) {
			t.Errorf("%s: %v", p.Name, cfg.Params[p.Name])
		}
	}
	for name, v := range cfg.Params {
		if _, own, ok := strings.Cut(name, "/"); ok && !reflect.DeepEqual(v, cfg.Params[own]) {
			t.Errorf("%s: %v", name, v)
		}
	}
}

func TestLimits(t *testing.T) {
	l := config.Limits{Concurrency: 3, MaxAPICalls: 4, Timeout: time.Minute}
	for _, tt := range []struct {
		args []string
		want config.Limits
	}{
		{nil, l},
		{[]string{"--concurrency", "5"}, config.Limits{Concurrency: 5, MaxAPICalls: 4, Timeout: time.Minute}},
		{[]string{"--max-api-calls", "0", "--timeout", "0s"}, config.Limits{Concurrency: 3}},
	} {
		cmd := newScan(streams{})
		if err := cmd.ParseFlags(tt.args); err != nil {
			t.Fatal(err)
		}
		flags := cmd.Flags()
		var o scanOptions
		var err error
		if o.concurrent, err = flags.GetInt("concurrency"); err != nil {
			t.Fatal(err)
		}
		if o.maxCalls, err = flags.GetInt("max-api-calls"); err != nil {
			t.Fatal(err)
		}
		if o.timeout, err = flags.GetDuration("timeout"); err != nil {
			t.Fatal(err)
		}
		o.limit(l, flags)
		if got := (config.Limits{Concurrency: o.concurrent, MaxAPICalls: o.maxCalls, Timeout: o.timeout}); got != tt.want {
			t.Errorf("%v: %+v", tt.args, got)
		}
	}
}

// attestedResult writes a result with manual findings, one of them attested, and one of which it is not known.
func attestedResult(t *testing.T) string {
	t.Helper()
	c := catalog.Find("s3-object-client-side-encryption")
	rule := c.Rule(map[string]any{})
	make := func(id string, s finding.Status) finding.Finding {
		r := &finding.Resource{Type: "AWS::S3::Bucket", ID: id, ARN: "arn:aws:s3:::" + id, Region: "eu-west-1"}
		return finding.Finding{
			Fingerprint: finding.Fingerprint("aws", "111122223333", rule.ID, r), Rule: rule, AccountID: "111122223333", Region: "eu-west-1",
			Resource: r, Status: s, Severity: rule.Severity, Message: "who?", Evidence: finding.Evidence{},
		}
	}
	attested, lost := make("attested", finding.Manual), make("lost", finding.Unknown)
	attested.With().Attestation = &finding.Attestation{By: "Ada", At: "2026-11-01", Evidence: "e", Expires: "2027-01-01"}
	lost.Reason = &finding.Reason{Outcome: "denied", Gap: true, Text: "denied"}
	r := engine.NewResult(catalog.All(), engine.Head{FinishedAt: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)})
	r.Checks = map[string]*finding.Rule{rule.ID: rule}
	r.Findings = []finding.Finding{attested, make("open\x1b[2J", finding.Manual), lost}
	r.Evaluations = []result.Evaluation{{CheckID: rule.ID, AccountID: "111122223333", Region: "eu-west-1"}}
	r.Summarize()
	path := filepath.Join(t.TempDir(), "report.json")
	if err := writeFile(path, r.WriteJSON); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAttestList(t *testing.T) {
	path := attestedResult(t)
	t.Chdir(t.TempDir())
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "e.yaml")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	entry := func(id, expires string) string {
		return "attestations: [{check: s3-object-client-side-encryption, resource: 'arn:aws:s3:::" + id + "', by: Ada, at: 2026-11-01, evidence: e, expires: " + expires + "}]"
	}
	for name, tt := range map[string]struct {
		exceptions string
		open       []string
		attested   int
	}{
		"by the result itself": {"", []string{"open\x1b[2J"}, 1},
		"by the file alone":    {file(entry("open*", "2026-11-24")), []string{"attested"}, 1},
		"by an expired entry":  {file(entry("*", "2026-11-23")), []string{"attested", "open\x1b[2J"}, 0},
		"all of them":          {file(entry("*", "2026-11-24")), nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"attest", "list", path, "--format", "json"}
			if tt.exceptions != "" {
				args = append(args, "--exceptions", tt.exceptions)
			}
			var out, errs bytes.Buffer
			if code := Run(t.Context(), args, nil, &out, &errs); code != exitOK {
				t.Fatalf("exit %d: %s", code, errs.String())
			}
			var l openQuestions
			if err := json.Unmarshal(out.Bytes(), &l); err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, u := range l.Unanswered {
				ids = append(ids, u.Resource.ID)
				if !strings.Contains(u.Question, "which client encrypts") {
					t.Errorf("%+v", u)
				}
			}
			if !reflect.DeepEqual(ids, tt.open) || l.Attested != tt.attested || l.Unknown != 1 {
				t.Errorf("%q, %+v", ids, l)
			}
		})
	}
	var out, errs bytes.Buffer
	if code := Run(t.Context(), []string{"attest", "list", path}, nil, &out, &errs); code != exitOK {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	for _, part := range []string{`arn:aws:s3:::open\x1b[2J`, "1 to be attested, 1 attested, as of 2026-11-24", "Of 1 more it is not known"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q lacks %q", out.String(), part)
		}
	}
}
