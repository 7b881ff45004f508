package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
)

// Whichever report cannot be written, the JSON report does not say afterwards that a ticket is open: it stays as it was, the exit code
// is 1, nothing half written is left, and the next run gives the ticket system the same lines.
func TestUnwritableReport(t *testing.T) {
	const account = "111122223333"
	_, old := saved(t, "old", 1, finding.Pass, account)
	_, now := saved(t, "now", 2, finding.Fail, account)
	from := t.TempDir()
	for name, text := range map[string]string{"old.json": old, "now.json": now} {
		if err := os.WriteFile(filepath.Join(from, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(dir string) (code int, stderr string) {
		t.Helper()
		var out, errs bytes.Buffer
		args := []string{"report", filepath.Join(from, "now.json"), "--baseline", filepath.Join(from, "old.json"), "--out", dir, "--format", strings.Join(report.Names(), ",")}
		code = Run(t.Context(), args, strings.NewReader(""), &out, &errs)
		return code, errs.String()
	}
	for _, f := range report.Formats {
		for _, earlier := range []string{"", old} {
			t.Run(f.Name, func(t *testing.T) {
				dir := t.TempDir()
				at := filepath.Join(dir, "report.json")
				if f.Name != "json" && earlier != "" {
					if err := os.WriteFile(at, []byte(earlier), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				inTheWay := filepath.Join(dir, f.File) // a directory, which no file replaces
				if err := os.Mkdir(inTheWay, 0o700); err != nil {
					t.Fatal(err)
				}
				code, stderr := run(dir)
				if code != exitFailed || !strings.Contains(stderr, "the report could not be written") || !strings.Contains(stderr, f.File) {
					t.Errorf("exit code %d: %s", code, stderr)
				}
				if f.Name != "json" {
					b, err := os.ReadFile(at)
					if earlier == "" && !os.IsNotExist(err) || earlier != "" && string(b) != earlier {
						t.Errorf("the JSON report was written: %v, %s", err, b)
					}
				}
				if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
					t.Errorf("left behind: %q, %v", left, err)
				}

				if err := os.Remove(inTheWay); err != nil {
					t.Fatal(err)
				}
				if code, stderr := run(dir); code != exitOK {
					t.Fatalf("exit code %d: %s", code, stderr)
				}
				lines, err := os.ReadFile(filepath.Join(dir, "tickets.ndjson"))
				if err != nil || strings.Count(string(lines), `"action":"open"`) != 1 {
					t.Errorf("tickets: %v, %s", err, lines)
				}
				r, err := loadResult(at)
				if err != nil || r.Findings[0].History().Ticket != finding.TicketOpen || r.Comparison.Counts[result.New] != 1 {
					t.Errorf("%v, %+v", err, r)
				}
			})
		}
	}
}

// A JSON report that is written without the tickets' actions warns of the tickets that it may lose sight of.
func TestTicketsLeftOut(t *testing.T) {
	const account = "111122223333"
	open, _ := saved(t, "old", 1, finding.Fail, account)
	at := open.Scan.FinishedAt
	open.Comparison = &result.Comparison{Counts: map[result.Kind]int{}, Changes: []result.Change{}}
	open.Findings[0].With().History = &finding.History{FirstSeen: at, LastSeen: at, LastFailed: &at, Ticket: finding.TicketOpen, TicketKey: "ourshare/finding/x", TicketOpened: "2026-01-01"}
	_, never := saved(t, "old", 1, finding.Fail, account)
	_, now := saved(t, "now", 2, finding.Pass, account)
	dir := t.TempDir()
	if err := writeFile(filepath.Join(dir, "open.json"), open.WriteJSON); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"never.json": never, "now.json": now} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for args, warned := range map[string]bool{
		"open.json json":         true,
		"open.json json,csv":     true,
		"open.json json,tickets": false,
		"open.json csv":          false, // it leaves nothing for a later run
		"never.json json":        false,
	} {
		baseline, formats, _ := strings.Cut(args, " ")
		var out, errs bytes.Buffer
		code := Run(t.Context(), []string{
			"report", filepath.Join(dir, "now.json"), "--baseline", filepath.Join(dir, baseline), "--format", formats, "--out", filepath.Join(dir, "out"),
		}, strings.NewReader(""), &out, &errs)
		if code != exitOK || strings.Contains(errs.String(), "the baseline has 1 open ticket, and --format tickets is not given") != warned {
			t.Errorf("%s: exit code %d, %q, want a warning: %v", args, code, errs.String(), warned)
		}
	}
}
