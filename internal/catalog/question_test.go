package catalog

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A check that gives a manual verdict has its question in its metadata, so that `attest list` and its page print it: the
// argument of checks.Manual is the constant that stands as Question.
func TestQuestions(t *testing.T) {
	asked := map[string]bool{}
	for _, c := range All() {
		if c.Question == "" {
			continue
		}
		asked[c.Question] = true
		if !strings.HasSuffix(c.Question, "?") {
			t.Errorf("%s: its question is none: %q", c.ID, c.Question)
		}
	}
	manual := regexp.MustCompile(`checks\.Manual\(\s*([^,)]*)`)
	calls := 0
	err := filepath.WalkDir(filepath.Join("..", "checks"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range manual.FindAllSubmatch(text, -1) {
			calls++
			if !regexp.MustCompile(`Question:\s+` + regexp.QuoteMeta(string(m[1])) + `,`).Match(text) {
				t.Errorf("%s: checks.Manual(%s) is no Question of a check in this file", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls == 0 || len(asked) == 0 {
		t.Errorf("%d calls, %d questions", calls, len(asked))
	}
}
