package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

func TestReach(t *testing.T) {
	t.Chdir(t.TempDir()) // no ourshare.yaml
	saved := func(lost ...string) string {
		s := inventory.NewFixture(reachtest.Partition, reachtest.Owner, []string{reachtest.Region}, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
		a := reachtest.New()
		a.Lost = lost
		a.Put(s)
		path := filepath.Join(t.TempDir(), "inventory.json")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Save(f, inventory.File{}); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := saved()
	for name, tt := range map[string]struct {
		args []string
		code int
		text string
	}{
		"a path":         {[]string{"i-1", "--port", "22", "--inventory", whole}, 0, "tcp 22: reachable\n  internet → igw-1 → rtb-1 (0.0.0.0/0) → acl-1 rule 100 → sg-1 (tcp 22 from 0.0.0.0/0) → eni-1 (54.1.2.3) → i-1:22\nudp 22: not reachable\n"},
		"a stop":         {[]string{"eni-1", "--port", "3389", "--inventory", whole}, 0, "tcp 3389: not reachable\n  stopped: internet → igw-1"},
		"every port":     {[]string{"i-1", "--inventory", whole}, 0, "tcp 0-65535: reachable"},
		"tables denied":  {[]string{"i-1", "--port", "22", "--inventory", saved("ec2:DescribeRouteTables")}, 4, "tcp 22: not known\n  ec2:DescribeRouteTables"},
		"no such":        {[]string{"i-9", "--inventory", whole}, 2, "no such instance or interface"},
		"not all listed": {[]string{"i-9", "--inventory", saved("ec2:DescribeInstances")}, 4, "not all could be listed"},
		"no id":          {[]string{"web", "--inventory", whole}, 2, "one argument"},
		"no port":        {[]string{"i-1", "--port", "65536", "--inventory", whole}, 2, "--port"},
		"no file":        {[]string{"i-1", "--inventory", "nothing.json"}, 2, "nothing.json"},
		"both":           {[]string{"i-1", "--inventory", whole, "--region", "us-east-1"}, 2, "--inventory"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs strings.Builder
			code := Run(t.Context(), append([]string{"reach"}, tt.args...), strings.NewReader(""), &out, &errs)
			if text := out.String() + errs.String(); code != tt.code || !strings.Contains(text, tt.text) {
				t.Errorf("exit %d, want %d:\n%s", code, tt.code, text)
			}
		})
	}
}
