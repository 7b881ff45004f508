package integration

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
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
	Status finding.Status
	Text   string // what the message must hold, where that is telling
}

// UnmarshalYAML reads `fail` or `[fail, text]`.
func (e *expectation) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&e.Status)
	}
	var pair [2]string
	if err := n.Decode(&pair); err != nil {
		return err
	}
	e.Status, e.Text = finding.Status(pair[0]), pair[1]
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

// nameOf is how the answer sheet names a resource: type and Name, and the region for the account itself.
func nameOf(f finding.Finding) string {
	if f.Resource.Type == "AWS::::Account" {
		return f.Resource.Type + " " + f.Region
	}
	return f.Resource.Type + " " + cmp.Or(f.Resource.Name, f.Resource.ID)
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
				switch {
				case !ok:
					t.Errorf("%s: %s is not in the answer sheet: %s, %s", f.Rule.ID, name, f.Status, f.Message)
				case e.Status != f.Status:
					t.Errorf("%s: %s is %s, want %s: %s", f.Rule.ID, name, f.Status, e.Status, f.Message)
				case !strings.Contains(f.Message, e.Text):
					t.Errorf("%s: %s: the message %q lacks %q", f.Rule.ID, name, f.Message, e.Text)
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
