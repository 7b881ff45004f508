package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/selector"
	"github.com/ourshare/ourshare/internal/strictyaml"
	testschema "github.com/ourshare/ourshare/internal/testkit/schema"
)

// files are texts, each with what is wrong with it; empty: nothing. The parser and the schema must agree on each, but for
// those that no schema can refuse.
var files = []struct {
	text, wrong string
	parserOnly  bool
}{
	{"", "", false},
	{"# a comment\n", "", false},
	{"thresholds:\nchecks:\nowners:\nlimits:\ntickets:\n", "", false},
	{"- a", "the file must be a mapping", false},
	{"a text", "the file must be a mapping", false},
	{"{[a]: b}", "a key of the file must be a word", true},
	{"1: b", `no such key: "1"`, true},
	{"threshold: {}", `line 1: no such key: "threshold"`, false},
	{"thresholds: {}\nthresholds: {}\n", "stands twice", true},
	{"limits: {}\n---\nlimits: {}\n", "more than one YAML document", true},
	{"thresholds: [", "yaml", true},
	{"thresholds: &a {max_age_days: 7}\n", "", false},
	{"thresholds: &a {max_age_days: 7}\nchecks: {ec2-thing-young: {thresholds: *a}}\n", "aliases are not read", true},
	{"thresholds: {<<: {max_age_days: 7}}\n", `no such key: "<<"`, true},
	{"thresholds: {max_age_days: 7}", "", false},
	{"thresholds: {max_age_days: 366}", "thresholds.max_age_days must be from 1 to 365", false},
	{"thresholds: {max_age_days: '7'}", "whole number", false},
	{"thresholds: {open_ports: [22, 65536]}", "no port", false},
	{"thresholds: {trusted_accounts: ['111122223333']}", "", false},
	{"thresholds: {trusted_accounts: [111122223333]}", "no account of twelve digits in quotes", false},
	{"thresholds: {trusted_organizations: [o-a1]}", "no organization", false},
	{"thresholds: {administrators: ['*']}", "no ARN", false},

	{"checks: {ec2-thing-young: }", "", false},
	{"checks: {ec2-thing-young: {severity: critical, thresholds: {max_age_days: 7}}}", "", false},
	{"checks: {ec2-thing-yung: {}}", `line 1: checks: no such check: "ec2-thing-yung"`, false},
	{"checks: {ec2-thing-young: {severty: low}}", `checks.ec2-thing-young: no such key: "severty"`, false},
	{"checks: {ec2-thing-young: {severity: lowest}}", `no such severity: "lowest"`, false},
	{"checks: {ec2-thing-young: {severity: 1}}", "must be a text", false},
	{"checks: {ec2-thing-young: {severity: }}", "must be a text", false},
	{"checks: {ec2-thing-young: {thresholds: {max_age_days: 0}}}", "checks.ec2-thing-young.thresholds.max_age_days must be from 1 to 365", false},
	{"checks: {ec2-thing-young: {thresholds: {trusted_accounts: []}}}", "no such threshold of this check", false},
	{"checks: {ec2-thing-young: {thresholds: {open_ports: [80]}}}", "several checks share what this threshold goes into", false},
	{"checks: {s3-thing-closed: {thresholds: {max_age_days: 7}}}", "no thresholds of its own", false},
	{"checks: [ec2-thing-young]", "checks must be a mapping", false},

	{"owners: {tags: [owner, team]}", "", false},
	{"owners: {tags: owner}", "owners.tags must be a list", false},
	{"owners: {tags: ['']}", "must be a text", false},
	{"owners: {tags: [1]}", "must be a text", false},
	{"owners: {rules: [{service: ec2, owner: web}]}", "", false},
	{"owners: {rules: [{check: [ec2-thing-young, s3-thing-closed], account: '111122223333', region: global, resource: 'arn:aws:s3:::a?*', owner: web}]}", "", false},
	{"owners: {rules: [{service: ec3, owner: web}]}", `no such service: "ec3"`, false},
	{"owners: {rules: [{service: [], owner: web}]}", "must name something", false},
	{"owners: {rules: [{service: [ec2, ec2], owner: web}]}", "stands twice", false},
	{"owners: {rules: [{check: nothing, owner: web}]}", `no such check: "nothing"`, false},
	{"owners: {rules: [{account: 111122223333, owner: web}]}", "must be a text", false},
	{"owners: {rules: [{account: '1111', owner: web}]}", "no account of twelve digits", false},
	{"owners: {rules: [{region: 'us east', owner: web}]}", "no name of a region", false},
	{"owners: {rules: [{resource: 'logs-*', owner: web}]}", "no ARN", false},
	{"owners: {rules: [{owner: web}]}", "needs at least one of check, service, account, region, resource", false},
	{"owners: {rules: [{service: ec2}]}", "needs `owner`", false},
	{"owners: {rules: [{service: ec2, owner: ' '}]}", "must be a text", false},
	{"owners: {rules: [{service: ec2, tag: a, owner: web}]}", `no such key: "tag"`, false},
	{"owners: {rules: [a]}", "a rule of owners must be a mapping", false},
	{"owners: {default: web}", `owners: no such key: "default"`, false},

	{"limits: {concurrency: 1, max_api_calls: 0, timeout: 1h30m}", "", false},
	{"limits: {timeout: 0s}", "", false},
	{"limits: {timeout: 10}", "limits.timeout must be a time", false},
	{"limits: {timeout: -1m}", "limits.timeout must be a time", false},
	{"limits: {timeout: soon}", "limits.timeout must be a time", false},
	{"limits: {timeout: '1h '}", "limits.timeout must be a time", false},
	{"limits: {concurrency: 0}", "from 1 to 256", false},
	{"limits: {concurrency: 257}", "from 1 to 256", false},
	{"limits: {max_api_calls: -1}", "from 0", false},
	{"limits: {max-api-calls: 1}", `no such key: "max-api-calls"`, false},

	{"tickets: {group_by: resource, max_open: 10, due_days: {critical: 1, info: null, low: }, labels: [security]}", "", false},
	{"tickets: {group_by: team}", `no such grouping: "team"`, false},
	{"tickets: {max_open: -1}", "from 0", false},
	{"tickets: {max_open: many}", "whole number", false},
	{"tickets: {due_days: {critical: -1}}", "from 0 to 3650", false},
	{"tickets: {due_days: {worst: 1}}", `no such key: "worst"`, false},
	{"tickets: {due_days: 7}", "tickets.due_days must be a mapping", false},
	{"tickets: {labels: a}", "tickets.labels must be a list", false},
	{"tickets: {labels: [[a]]}", "must be a text", false},
	{"tickets: {labels: ['']}", "must be a text", false},
}

// asJSON is what an editor sees of a YAML file.
func asJSON(t *testing.T, text string) (any, error) {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		return nil, err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return validator.UnmarshalJSON(bytes.NewReader(b))
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
		v, err := asJSON(t, tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if err := schema.Validate(v); (err == nil) != (tt.wrong == "") {
			t.Errorf("%s: the schema says %v, the parser %q", tt.text, err, tt.wrong)
		}
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"thresholds:\n  max_age_days: no\n":                         "line 2:",
		"checks:\n  ec2-thing-young:\n    severity: worst\n":        "line 3: checks.ec2-thing-young.severity:",
		"owners:\n  rules:\n    - {service: ec2}\n":                 "line 3:",
		"limits:\n\n  timeout: x\n":                                 "line 3:",
		"tickets:\n  due_days:\n    low: 1\n    medum: 2\n":         "line 4: tickets.due_days:",
		strings.Repeat("#", strictyaml.MaxSize) + "\nlimits: {}\n":  "larger than 4 MB",
		"limits: " + strings.Repeat("[", 100_000):                   "yaml: exceeded max depth",
		"a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nlimits: [*c]\n": "line 1:",
	} {
		if _, err := Parse([]byte(text), known); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	var unknown *UnknownWordError
	if _, err := Parse([]byte("checks: {ec2-thing-young: {severity: worst}}"), known); !errors.As(err, &unknown) || unknown.Word != "worst" || len(unknown.Valid) != 5 {
		t.Errorf("%v", err)
	}
}

func TestValues(t *testing.T) {
	c, err := Parse([]byte(`
thresholds: {max_age_days: 20}
checks:
  ec2-thing-young: {severity: critical, thresholds: {max_age_days: 10}}
owners:
  tags: [team]
  rules:
    - {resource: "arn:aws:s3:::logs-*", owner: " platform "}
limits: {concurrency: 3, max_api_calls: 1000, timeout: 1h30m}
tickets:
  group_by: owner
  max_open: 5
  due_days: {critical: 1, low: null, info: 365}
  labels: [security, aws]
`), known)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Params:     map[string]any{"max_age_days": 20, "ec2-thing-young/max_age_days": 10},
		Severities: map[string]finding.Severity{"ec2-thing-young": finding.Critical},
		Owners:     Owners{Tags: []string{"team"}, Rules: []OwnerRule{{Selector: selector.Selector{Resources: []string{"arn:aws:s3:::logs-*"}}, Owner: "platform"}}},
		Limits:     Limits{Concurrency: 3, MaxAPICalls: 1000, Timeout: 90 * time.Minute},
		Tickets: Tickets{
			GroupBy: GroupByOwner, MaxOpen: 5, Labels: []string{"security", "aws"},
			DueDays: map[finding.Severity]int{finding.Critical: 1, finding.High: 30, finding.Medium: 90, finding.Info: 365},
		},
	}
	if d := cmp.Diff(want, c, cmpopts.IgnoreUnexported(selector.Selector{})); d != "" {
		t.Error(d)
	}
	if d := DefaultTickets().DueDays; d[finding.Low] != 180 {
		t.Errorf("reading a file changed the defaults: %v", d)
	}
}

func TestOwners(t *testing.T) {
	c, err := Parse([]byte(`
owners:
  tags: [owner, team]
  rules:
    - {check: ec2-thing-young, account: "111122223333", owner: first}
    - {service: ec2, region: [eu-west-1, eu-west-2], owner: second}
    - {resource: "arn:aws:ec2:*:*:thing/a?c-*", owner: third}
`), known)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		check, account, region, id string
		tags                       map[string]string
		want                       string
	}{
		{"ec2-thing-young", "111122223333", "us-east-1", "x", nil, "first"},
		{"ec2-thing-young", "111122223333", "us-east-1", "x", map[string]string{"team": " web ", "owner": " "}, "web"},
		{"ec2-thing-young", "111122223333", "us-east-1", "x", map[string]string{"team": "web", "owner": "data"}, "data"},
		{"ec2-thing-young", "111122223333", "us-east-1", "x", map[string]string{"Owner": "data"}, "first"},
		{"ec2-thing-young", "444455556666", "eu-west-2", "x", nil, "second"},
		{"ec2-thing-young", "444455556666", "eu-west-3", "x", nil, ""},
		{"ec2-thing-young", "444455556666", "eu-west-3", "abc-1/2:3", nil, "third"},
		{"ec2-thing-young", "444455556666", "eu-west-3", "abbc-1", nil, ""},
		{"ec2-thing-young", "444455556666", "eu-west-3", "abc", nil, ""},
	} {
		f := finding.Finding{
			Rule: &finding.Rule{ID: tt.check, Service: "ec2"}, AccountID: tt.account, Region: tt.region,
			Resource: &finding.Resource{ARN: "arn:aws:ec2:" + tt.region + ":" + tt.account + ":thing/" + tt.id, Tags: tt.tags},
		}
		if got := c.Owners.Of(&f); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

// The template is valid and changes nothing, as it is and with every setting uncommented; it has every key.
func TestTemplate(t *testing.T) {
	text := string(Template(known))
	c, err := Parse([]byte(text), known)
	if err != nil || !reflect.DeepEqual(c, Default()) {
		t.Errorf("%v, %+v\n%s", err, c, text)
	}
	var open strings.Builder
	for line := range strings.Lines(text) {
		if setting, ok := strings.CutPrefix(line, "# "); ok {
			open.WriteString(setting)
		}
	}
	c, err = Parse([]byte(open.String()), known)
	if err != nil {
		t.Fatalf("%v\n%s", err, open.String())
	}
	for _, p := range known.Params {
		if !reflect.DeepEqual(c.Params[p.Name], p.Default) {
			t.Errorf("%s: %#v, want %#v", p.Name, c.Params[p.Name], p.Default)
		}
		delete(c.Params, p.Name)
	}
	if own := inventory.OwnParam("ec2-thing-young", "max_age_days"); c.Params[own] != 30 {
		t.Errorf("no example of a check's threshold: %v", c.Params)
	} else {
		delete(c.Params, own)
	}
	if !reflect.DeepEqual(c, Default()) {
		t.Errorf("%+v", c)
	}
	b, err := Schema(known)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]struct{ Properties map[string]any }
	}
	if err := json.Unmarshal(b, &schema); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if !strings.Contains(text, "\n# "+key+":") {
			t.Errorf("the template lacks %s", key)
		}
		if key == "checks" {
			continue // by id
		}
		for sub := range schema.Properties[key].Properties {
			if !strings.Contains(text, fmt.Sprintf("\n#   %s:", sub)) {
				t.Errorf("the template lacks %s.%s", key, sub)
			}
		}
	}
}
