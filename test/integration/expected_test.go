package integration

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/testkit/emulator"
)

// answers is test/demo/expected.yaml: account → check → "TYPE Name" → status. It was written by hand from the checks'
// definitions and AWS's documentation.
type answers struct {
	Accounts map[string]map[string]map[string]expectation `yaml:"accounts"`
}

type expectation struct {
	Status   finding.Status
	Says     []string         // what the message, of an unknown the reason's text, must hold, in any case
	Severity finding.Severity // where it is not the check's own
}

// UnmarshalYAML reads `fail`, or `{status: fail, says: [text], severity: low}`.
func (e *expectation) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&e.Status)
	}
	fields := map[string]yaml.Node{}
	if err := n.Decode(&fields); err != nil {
		return err
	}
	for k, v := range fields {
		var err error
		switch k {
		case "status":
			err = v.Decode(&e.Status)
		case "says":
			err = v.Decode(&e.Says)
		case "severity":
			err = v.Decode(&e.Severity)
		default:
			err = fmt.Errorf("line %d: no such key: %s", v.Line, k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func answerSheet(t *testing.T) answers {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(emulator.Root(), "test", "demo", "expected.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var a answers
	dec := yaml.NewDecoder(strings.NewReader(string(b)))
	dec.KnownFields(true)
	if err := dec.Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// automated is the time that RDS puts into the name of an automated snapshot: DATE in the answer sheet.
var automated = regexp.MustCompile(`^(rds:.*)-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2}$`)

// nameOf is how the answer sheet names a resource: type and Name, and the region for the account itself.
func nameOf(f finding.Finding) string {
	if f.Resource.Type == "AWS::::Account" {
		return f.Resource.Type + " " + f.Region
	}
	return f.Resource.Type + " " + automated.ReplaceAllString(cmp.Or(f.Resource.Name, f.Resource.ID), "$1-DATE")
}

// differs tells how a finding is not what the answer sheet says; empty: it is.
func (e expectation) differs(f finding.Finding) string {
	severity := cmp.Or(e.Severity, f.Rule.Severity)
	text := f.Message
	if f.Reason != nil {
		text += " " + f.Reason.Text
	}
	switch {
	case e.Status != f.Status:
		return fmt.Sprintf("is %s, want %s: %s", f.Status, e.Status, text)
	case severity != f.Severity:
		return fmt.Sprintf("has severity %s, want %s", f.Severity, severity)
	}
	for _, s := range e.Says {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(s)) {
			return fmt.Sprintf("does not say %q: %s", s, text)
		}
	}
	return ""
}

// Every verdict of the seeded accounts is as the answer sheet says; a finding that it does not have fails the test.
func TestExpectedVerdicts(t *testing.T) {
	sheet := answerSheet(t)
	for role, account := range map[string]string{"demo": demoAccount, "second": secondAccount} {
		t.Run(role, func(t *testing.T) {
			r := recording(t, account).result
			want := maps.Clone(sheet.Accounts[role])
			got := map[string]map[string]bool{}
			for _, f := range r.Findings {
				name := nameOf(f)
				if got[f.Rule.ID] == nil {
					got[f.Rule.ID] = map[string]bool{}
				}
				if got[f.Rule.ID][name] {
					t.Errorf("%s: two findings for %s", f.Rule.ID, name)
				}
				got[f.Rule.ID][name] = true
				e, ok := want[f.Rule.ID][name]
				if !ok {
					t.Errorf("%s: %s is not in the answer sheet: %s, %s", f.Rule.ID, name, f.Status, f.Message)
				} else if d := e.differs(f); d != "" {
					t.Errorf("%s: %s %s", f.Rule.ID, name, d)
				}
			}
			for check, names := range want {
				for name := range names {
					if !got[check][name] {
						t.Errorf("%s: no finding for %s", check, name)
					}
				}
			}
			if !r.Scan.Complete {
				t.Errorf("the scan is incomplete: %+v", r.Coverage)
			}
		})
	}
}

// Over the two accounts every check has resources that pass and that fail.
func TestEveryCheckPassesAndFails(t *testing.T) {
	seen := map[string]map[finding.Status]int{}
	for _, account := range []string{demoAccount, secondAccount} {
		for _, f := range recording(t, account).result.Findings {
			if seen[f.Rule.ID] == nil {
				seen[f.Rule.ID] = map[finding.Status]int{}
			}
			seen[f.Rule.ID][f.Status]++
		}
	}
	for _, c := range catalog.All() {
		want := []finding.Status{finding.Pass, finding.Fail}
		switch c.ID {
		case "ec2-application-platform", "s3-object-client-side-encryption":
			want = []finding.Status{finding.Manual}
		case "s3-bucket-default-encryption": // AWS cannot show a fail
			want = []finding.Status{finding.Pass}
		}
		for _, s := range want {
			if seen[c.ID][s] == 0 {
				t.Errorf("%s: no resource has the verdict %s (%v)", c.ID, s, slices.Sorted(maps.Keys(seen[c.ID])))
			}
		}
	}
}
