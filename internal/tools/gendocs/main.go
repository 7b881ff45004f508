// Command gendocs writes what is made from the catalogue: a page per check, the IAM policies, and the JSON Schema. CI
// fails where the committed files differ.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/cli"
	"github.com/ourshare/ourshare/internal/responsibility"
)

func main() {
	if err := generate("docs"); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

func generate(docs string) error {
	files := map[string][]byte{}
	all := catalog.All()
	for _, c := range all {
		files["checks/"+c.ID+".md"] = []byte(cli.Explain(c))
	}
	files["checks/README.md"] = []byte(index(all))
	policy, err := cli.Policy(all, false)
	if err != nil {
		return err
	}
	files["iam/scan.json"] = policy
	if files["iam/scan-with-tags.json"], err = cli.Policy(all, true); err != nil {
		return err
	}
	for _, s := range cli.Schemas {
		if files["schema/"+s.Name+".json"], err = s.Make(); err != nil {
			return err
		}
	}
	for _, dir := range []string{"checks", "iam", "schema"} { // a page of a check that is gone must go, too
		if err := os.RemoveAll(filepath.Join(docs, dir)); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(docs, dir), 0o755); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(docs, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func index(all []*checks.Check) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Checks\n\n%d checks, by category and layer of the shared responsibility model. Generated from the catalogue.\n", len(all))
	for _, cat := range responsibility.Categories() {
		fmt.Fprintf(&b, "\n## %s\n", cat)
		for _, layer := range responsibility.Layers() {
			first := true
			for _, c := range all {
				if c.Category != cat || c.Layer != layer {
					continue
				}
				if first {
					fmt.Fprintf(&b, "\n### %s\n\n| check | severity | what is true of a passing resource |\n| --- | --- | --- |\n", layer)
					first = false
				}
				fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s |\n", c.ID, c.ID, c.Severity, c.Title)
			}
		}
	}
	return b.String()
}
