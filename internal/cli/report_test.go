package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/report"
)

const savedReport = "../report/testdata/full.json"

func runReport(t *testing.T, stdin []byte, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), append([]string{"report"}, args...), bytes.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestReportJSONIsTheSame(t *testing.T) {
	want, err := os.ReadFile(savedReport)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{savedReport, "-"} {
		code, got, errs := runReport(t, want, file, "--format", "json")
		if code != exitOK || errs != "" {
			t.Errorf("%s: exit %d, %s", file, code, errs)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s: it differs (-file +written):\n%s", file, d)
		}
	}
}

func TestReportSeveralFormats(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	args := []string{savedReport, "--out", dir}
	for _, name := range report.Names() {
		if name != "tickets" { // what it opens stands in the other reports
			args = append(args, "--format", name)
		}
	}
	code, table, errs := runReport(t, nil, args...)
	if code != exitOK || errs != "" {
		t.Fatalf("exit %d, %s", code, errs)
	}
	if !strings.Contains(table, "What could not be seen") {
		t.Errorf("no table on standard output: %s", table)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(report.Formats)-1 {
		t.Errorf("%v, %v", entries, err)
	}
	for _, f := range report.Formats {
		if f.Name == "tickets" {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, f.File))
		if err != nil {
			t.Error(err)
			continue
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", f.File, info.Mode())
		}
		if f.Name == "table" {
			continue // it is as wide as the terminal
		}
		written, err := os.ReadFile(filepath.Join(dir, f.File))
		if err != nil {
			t.Fatal(err)
		}
		if _, alone, _ := runReport(t, nil, savedReport, "--format", f.Name); alone != string(written) {
			t.Errorf("%s is another one on standard output", f.Name)
		}
	}
}

// TestReportTickets holds that what a ticket is opened for is known by the JSON of the same run, and not opened again; but for one
// finding, which has no history in which it could stand.
func TestReportTickets(t *testing.T) {
	dir := t.TempDir()
	if code, _, errs := runReport(t, nil, savedReport, "--out", dir, "--format", "json,tickets"); code != exitOK {
		t.Fatalf("exit %d, %s", code, errs)
	}
	lines, err := os.ReadFile(filepath.Join(dir, "tickets.ndjson"))
	if err != nil || !strings.Contains(string(lines), `"action":"open"`) {
		t.Errorf("%s, %v", lines, err)
	}
	if code, again, errs := runReport(t, nil, filepath.Join(dir, "report.json"), "--format", "tickets"); code != exitOK || strings.Contains(again, `"update"`) || strings.Count(again, `"open"`) > 1 {
		t.Errorf("exit %d, %s, again: %s", code, errs, again)
	}
}

func TestReportRefuses(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile(savedReport)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "report.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := write("file", "")
	for name, tt := range map[string]struct {
		args []string
		code int
		says string
	}{
		"missing":              {[]string{filepath.Join(dir, "none.json")}, exitUsage, "no such file"},
		"a directory":          {[]string{dir}, exitUsage, "it is a directory"},
		"another file":         {[]string{write("inventory.json", `{"rows": []}`)}, exitUsage, "no result of ourshare"},
		"cut off":              {[]string{write("cut.json", string(whole[:len(whole)/2]))}, exitUsage, "ends in the middle"},
		"empty":                {[]string{file}, exitUsage, "no result of ourshare"},
		"another major":        {[]string{write("later.json", strings.Replace(string(whole), `"schema_version": "1.`, `"schema_version": "2.`, 1))}, exitUsage, "2."},
		"no file":              {nil, exitUsage, "one argument"},
		"two files":            {[]string{savedReport, savedReport}, exitUsage, "one argument"},
		"no such format":       {[]string{savedReport, "--format", "jsn"}, exitUsage, `did you mean "json"`},
		"several, no --out":    {[]string{savedReport, "--format", "json,csv"}, exitUsage, "give --out DIR"},
		"out is a file":        {[]string{savedReport, "--format", "csv", "--out", file}, exitUsage, "it is a file"},
		"no such baseline":     {[]string{savedReport, "--baseline", filepath.Join(dir, "none")}, exitUsage, "no such file"},
		"exceptions":           {[]string{savedReport, "--exceptions", file}, exitUsage, "no such flag"},
		"out is under a file":  {[]string{savedReport, "--format", "csv", "--out", filepath.Join(file, "x")}, exitFailed, "could not be written"},
		"a report's way taken": {[]string{savedReport, "--format", "json,csv", "--out", taken}, exitFailed, "could not be written"},
	} {
		code, out, errs := runReport(t, nil, tt.args...)
		if code != tt.code || !strings.Contains(errs, tt.says) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, want %d: %q, want %q", name, code, tt.code, errs, tt.says)
		}
		if out != "" {
			t.Errorf("%s: it wrote %q", name, out)
		}
	}
	// The JSON report comes last: it must not say that a report was written that was not.
	if _, err := os.Stat(filepath.Join(taken, "report.json")); !os.IsNotExist(err) {
		t.Errorf("report.json is there although report.csv is not: %v", err)
	}
}

func TestOrder(t *testing.T) {
	for _, tt := range []struct{ given, want []string }{
		{[]string{"json"}, []string{"json"}},
		{[]string{"json", "table", "csv"}, []string{"table", "csv", "json"}},
		{[]string{"csv", "json", "csv", "json"}, []string{"csv", "json"}},
	} {
		o := output{formats: tt.given}
		if got := o.order(); !slices.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.given, got, tt.want)
		}
	}
}

// A disk that fills up on standard output is exit 1.
func TestReportFullDisk(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer func() { _ = f.Close() }() // nothing was written
	for _, name := range report.Names() {
		if name == "tickets" {
			continue // the saved result has no action that is due
		}
		var errs bytes.Buffer
		if code := Run(t.Context(), []string{"report", savedReport, "--format", name}, nil, f, &errs); code != exitFailed {
			t.Errorf("%s: exit %d, %s", name, code, errs.String())
		}
	}
}
