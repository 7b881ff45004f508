package exceptions

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/ourshare/ourshare/internal/strictyaml"
	testschema "github.com/ourshare/ourshare/internal/testkit/schema"
)

var known = Known{Checks: []string{"ec2-app-patched", "s3-bucket-logged", "s3-bucket-open"}, Manual: []string{"ec2-app-patched"}}

const (
	rest   = "reason: r, owner: o, expires: 2026-12-31}]"
	attest = "by: b, at: 2026-11-01, evidence: e, expires: 2026-12-31}]"
)

// files are texts, each with what is wrong with it; empty: nothing. The parser and the schema must agree on each, but for
// those that no schema can refuse.
var files = []struct {
	text, wrong string
	parserOnly  bool
}{
	{"", "", false},
	{"# nothing yet\n", "", false},
	{"suppressions:\nattestations:\n", "", false},
	{"suppressions: []\nattestations: []\n", "", false},
	{"- a", "the file must be a mapping", false},
	{"supressions: []", `line 1: no such key: "supressions"`, false},
	{"suppressions: {}", "suppressions must be a list", false},
	{"suppressions: [a]", "an entry of suppressions must be a mapping", false},
	{"suppressions: []\nsuppressions: []\n", "stands twice", true},
	{"suppressions: []\n---\nattestations: []\n", "more than one YAML document", true},
	{"suppressions: [", "yaml", true},
	{"suppressions: &a []\nattestations: *a\n", "aliases are not read", true},
	{"suppressions: [{<<: {check: s3-bucket-open}, " + rest, `no such key: "<<"`, true},

	{"suppressions: [{check: s3-bucket-open, " + rest, "", false},
	{"suppressions: [{check: [s3-bucket-open, s3-bucket-logged], account: '111122223333', region: eu-west-1, resource: 'arn:aws:s3:::a*', tag: env=test, " + rest, "", false},
	{"suppressions: [{check: s3-bucket-opn, " + rest, `line 1: suppressions.check: no such check: "s3-bucket-opn"`, false},
	{"suppressions: [{check: [], " + rest, "must name something", false},
	{"suppressions: [{check: , " + rest, "must be a text", false},
	{"suppressions: [{check: [s3-bucket-open, s3-bucket-open], " + rest, "stands twice", false},
	{"suppressions: [{account: 111122223333, " + rest, "must be a text", false},
	{"suppressions: [{account: '11112222333', " + rest, "no account of twelve digits", false},
	{"suppressions: [{region: EU, " + rest, "no name of a region", false},
	{"suppressions: [{region: global, " + rest, "", false},
	{"suppressions: [{resource: '*', " + rest, "no ARN", false},
	{"suppressions: [{resource: 'arn:aws:ec2:*', " + rest, "no ARN", false},
	{"suppressions: [{resource: 'arn:aws:ec2:*:*:instance/i-?', " + rest, "", false},
	{"suppressions: [{tag: env, " + rest, "", false},
	{"suppressions: [{tag: 'env=', " + rest, "", false},
	{"suppressions: [{tag: '=test', " + rest, "no key", false},
	{"suppressions: [{tag: [env], " + rest, "must be a text", false},
	{"suppressions: [{" + rest, "needs at least one of check, account, region, resource, tag", false},
	{"suppressions: [{service: s3, " + rest, `no such key: "service"`, false},
	{"suppressions: [{check: s3-bucket-open, owner: o, expires: 2026-12-31}]", "needs `reason`", false},
	{"suppressions: [{check: s3-bucket-open, reason: r, expires: 2026-12-31}]", "needs `owner`", false},
	{"suppressions: [{check: s3-bucket-open, reason: r, owner: o}]", "needs `expires`", false},
	{"suppressions: [{check: s3-bucket-open, reason: '  ', owner: o, expires: 2026-12-31}]", "suppressions.reason must be a text", false},
	{"suppressions: [{check: s3-bucket-open, reason: 7, owner: o, expires: 2026-12-31}]", "suppressions.reason must be a text", false},
	{"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: '2026-12-31'}]", "", false},
	{"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: never}]", "must be a date", false},
	{"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: }]", "must be a date", false},
	{"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: 2026-12}]", "must be a date", false},
	{"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: 31.12.2026}]", "must be a date", false},
	{"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: '2026-12-31T00:00:00Z'}]", "must be a date", false},
	{"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: '2026-02-30'}]", "must be a date", true},
	{"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: 20261231}]", "must be a date", false},

	{"attestations: [{check: ec2-app-patched, " + attest, "", false},
	{"attestations: [{check: s3-bucket-open, " + attest, "", false}, // never manual: told of, not refused
	{"attestations: [{account: '111122223333', " + attest, "needs `check`", false},
	{"attestations: [{check: ec2-app-patched, tag: a, " + attest, `no such key: "tag"`, false},
	{"attestations: [{check: ec2-app-patched, reason: a, " + attest, `no such key: "reason"`, false},
	{"attestations: [{check: ec2-app-patched, at: 2026-11-01, evidence: e, expires: 2026-12-31}]", "needs `by`", false},
	{"attestations: [{check: ec2-app-patched, by: b, evidence: e, expires: 2026-12-31}]", "needs `at`", false},
	{"attestations: [{check: ec2-app-patched, by: b, at: 2026-11-01, expires: 2026-12-31}]", "needs `evidence`", false},
	{"attestations: [{check: ec2-app-patched, by: b, at: 2026-11-01, evidence: e}]", "needs `expires`", false},
	{"attestations: [{check: ec2-app-patched, by: b, at: 2026-11-02, evidence: e, expires: 2026-11-01}]", "expires before", true},
	{"attestations: [{check: ec2-app-patched, by: b, at: 2026-11-01, evidence: e, expires: 2026-11-01}]", "", false},
}

func TestParserAndSchemaAgree(t *testing.T) {
	text, err := Schema(known)
	schema := testschema.Compile(t, text, err)
	for _, tt := range files {
		_, err := Parse([]byte(tt.text), known)
		switch {
		case tt.wrong == "" && err != nil:
			t.Errorf("%s: %v", tt.text, err)
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("%s: %v, want %q", tt.text, err, tt.wrong)
		}
		if tt.parserOnly {
			continue
		}
		if err := schema.Validate(editorsView(t, tt.text)); (err == nil) != (tt.wrong == "") {
			t.Errorf("%s: the schema says %v, the parser %q", tt.text, err, tt.wrong)
		}
	}
}

// editorsView is a YAML file as JSON; a date is a text, as it is to an editor.
func editorsView(t *testing.T, text string) any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	datesAreTexts(&n)
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := validator.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func datesAreTexts(n *yaml.Node) {
	if n.Tag == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		datesAreTexts(c)
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"suppressions:\n  - check: s3-bucket-open\n    reason: r\n    owner: o\n    expires: soon\n": "line 5: suppressions.expires",
		"suppressions:\n  - check: s3-bucket-open\n    reson: r\n":                                   `line 3: suppressions: no such key: "reson"`,
		"attestations:\n  - check: ec2-app-patched\n    by: b\n":                                     "line 2: an entry of attestations needs `at`",
		"suppressions:\n  - check: s3-bucket-open\n    check: s3-bucket-open\n":                      `line 3: the key "check" stands twice`,
		strings.Repeat("#", strictyaml.MaxSize) + "\n":                                               "larger than 4 MB",
	} {
		if _, err := Parse([]byte(text), known); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v, want %q", text, err, want)
		}
	}
	var unknown *UnknownWordError
	if _, err := Parse([]byte("suppressions: [{check: s3-bucket-opn, "+rest), known); !errors.As(err, &unknown) || len(unknown.Valid) != 3 {
		t.Errorf("%v", err)
	}
}

func TestValues(t *testing.T) {
	f, err := Parse([]byte(`suppressions:
  - check: s3-bucket-open
    account: "111122223333"
    reason: |
      two
      lines
    owner: web
    expires: 2026-12-31
attestations:
  - {check: ec2-app-patched, by: Ada, at: "2026-11-01", evidence: "https://wiki/1", expires: 2027-01-31}
`), known)
	if err != nil {
		t.Fatal(err)
	}
	s, a := f.Suppressions[0], f.Attestations[0]
	if s.Line != 2 || s.Reason != "two\nlines" || s.Owner != "web" || !s.Expires.Equal(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)) ||
		s.String() != "check s3-bucket-open, account 111122223333" {
		t.Errorf("%+v", s)
	}
	if a.Line != 10 || a.By != "Ada" || a.Evidence != "https://wiki/1" || !a.At.Equal(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", a)
	}
}

// Whatever is written, reading ends, and an entry that is taken has all that it needs.
func FuzzParse(f *testing.F) {
	for _, tt := range files {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse([]byte(text), known)
		if err != nil {
			return
		}
		for _, s := range file.Suppressions {
			if s.Empty() || s.Reason == "" || s.Owner == "" || s.Expires.IsZero() {
				t.Errorf("%q: %+v", text, s)
			}
		}
		for _, a := range file.Attestations {
			if len(a.Checks) == 0 || a.By == "" || a.Evidence == "" || a.At.IsZero() || a.Expires.Before(a.At) {
				t.Errorf("%q: %+v", text, a)
			}
		}
	})
}
