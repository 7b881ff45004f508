package iampolicy

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata/actions.tsv
var actionsTSV string

// Every action of the tables exists in AWS's service authorization reference, is spelled as there, and takes the condition
// keys that the reasoning takes it to have.
func TestEscalationActionsExist(t *testing.T) {
	keys := map[string]string{}
	for line := range strings.Lines(actionsTSV) {
		if f := strings.Split(strings.TrimRight(line, "\n"), "\t"); len(f) == 3 && !strings.HasPrefix(line, "#") {
			keys[f[0]] = f[2]
		}
	}
	var used []string
	for _, x := range escalations {
		for _, step := range x.steps {
			used = append(used, step...)
		}
	}
	for _, g := range giving {
		used = append(used, g.put, g.attach)
	}
	for _, l := range lifting {
		used = append(used, l.remove, l.replace)
	}
	for _, m := range making {
		used = append(append(used, m.create), m.take...)
	}
	used = sorted(append(used, changePolicy, makePolicy, joinGroup))
	for _, a := range used {
		taken, ok := keys[a]
		if !ok {
			t.Errorf("%s is no action of the reference", a)
			continue
		}
		c := keysOf(a, nil)
		for key, name := range map[string]string{keyPassedTo: "iam:PassedToService", keyBoundary: "iam:PermissionsBoundary", keyPolicyARN: "iam:PolicyARN"} {
			if _, without := c[key]; without == slices.Contains(strings.Split(taken, ","), name) {
				t.Errorf("%s: the reference says %q of its keys, and %s is taken to be absent: %t", a, taken, name, without)
			}
		}
	}
	for _, a := range grantingActions {
		if !slices.ContainsFunc(used, func(u string) bool { return strings.EqualFold(u, a) }) {
			t.Errorf("%s gives permissions and is in no table", a)
		}
	}
	if len(keys) != len(used) {
		t.Errorf("the reference has %d rows, and the tables name %d actions", len(keys), len(used))
	}
}
