package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/ourshare/ourshare/internal/testkit/emulator"
)

// htmlColumns are the figures of BenchmarkHTMLOpen that are printed, by their units.
var htmlColumns = [][2]string{
	{"MB", "MB"}, {"ms/painted", "first picture, ms"}, {"ms/ready", "list can be used, ms"}, {"ms/search", "search, ms"}, {"ms/filter", "filter, ms"},
}

// opening measures how fast the HTML report opens and answers in headless Chromium, and prints a table; without Chromium it
// says so.
func opening(ctx context.Context, out io.Writer) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkHTMLOpen$", "-benchtime", "5x", "./internal/report")
	cmd.Dir, cmd.Stderr = emulator.Root(), os.Stderr
	printed, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("the benchmark of the HTML report: %w\n%s", err, printed)
	}
	return htmlTable(out, printed)
}

// htmlTable makes the table of what `go test -bench` prints.
func htmlTable(out io.Writer, printed []byte) error {
	var b strings.Builder
	b.WriteString("| findings |")
	for _, c := range htmlColumns {
		b.WriteString(" " + c[1] + " |")
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", 1+len(htmlColumns)) + "\n")
	rows := 0
	lines := bufio.NewScanner(bytes.NewReader(printed))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "BenchmarkHTMLOpen/findings=") {
			continue
		}
		n, _, _ := strings.Cut(strings.TrimPrefix(f[0], "BenchmarkHTMLOpen/findings="), "-")
		figures := map[string]string{}
		for i := 2; i+1 < len(f); i += 2 {
			figures[f[i+1]] = f[i]
		}
		b.WriteString("| " + n + " |")
		for _, c := range htmlColumns {
			if figures[c[0]] == "" {
				return fmt.Errorf("no %s in %q", c[0], lines.Text())
			}
			b.WriteString(" " + figures[c[0]] + " |")
		}
		b.WriteString("\n")
		rows++
	}
	if err := lines.Err(); err != nil {
		return err
	}
	text := b.String()
	if rows == 0 {
		text = "The HTML report was not opened: no Chromium was found.\n"
	}
	_, err := io.WriteString(out, text)
	return err
}
