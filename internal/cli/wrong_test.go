package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Wrong words of the commands that read saved results and configurations: exit code 2, and a sentence that says what is wrong.
func TestWrongWords(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "empty.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for args, says := range map[string]string{
		"report DIR":                               "DIR: it is a directory",
		"report DIR/empty.json":                    "it is empty",
		"report FULL --baseline DIR/empty.json":    "--baseline DIR/empty.json: it is no result of ourshare: it is empty",
		"report FULL --format tickets,html":        "several formats do not fit on standard output",
		"diff DIR FULL":                            "DIR: it is a directory",
		"diff FULL DIR/none.json":                  "DIR/none.json: no such file",
		"diff - -":                                 "not both",
		"diff FULL -":                              "-: it is no result of ourshare: it is empty",
		"attest list DIR":                          "DIR: it is a directory",
		"attest list DIR/none.json":                "DIR/none.json: no such file",
		"attest list -":                            "-: it is no result of ourshare: it is empty",
		"config init --out DIR/none/ourshare.yaml": "DIR/none/ourshare.yaml: its directory does not exist",
		"config init --out DIR":                    "it exists already",
		"config validate FULL":                     `no such key: "schema_version"`,
		"reach i-0123456789abcdef0 --port ssh":     `--port "ssh": it is no whole number`,
		"scan --timeout 10":                        `--timeout "10": it is no time such as 10m or 1h30m`,
		"scan --max-api-calls many":                `--max-api-calls "many": it is no whole number`,
		"scan --tags=perhaps":                      `--tags "perhaps": it is neither true nor false`,
		"scan --format":                            "flag needs an argument: --format",
	} {
		fill := strings.NewReplacer("DIR", dir, "FULL", savedReport)
		var out, errs bytes.Buffer
		code := Run(t.Context(), strings.Fields(fill.Replace(args)), strings.NewReader(""), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), fill.Replace(says)) || strings.Count(errs.String(), "\n") != 1 || out.Len() > 0 {
			t.Errorf("%s: exit code %d: %s, want %s", args, code, errs.String(), says)
		}
	}
}

// One of the two results of a comparison, and the one whose questions are listed, may come from standard input.
func TestResultFromStandardInput(t *testing.T) {
	text, err := os.ReadFile(savedReport)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"diff", "-", savedReport}, {"diff", savedReport, "-"}, {"attest", "list", "-"}} {
		var out, errs bytes.Buffer
		if code := Run(t.Context(), args, bytes.NewReader(text), &out, &errs); code != exitOK || out.Len() == 0 || errs.Len() > 0 {
			t.Errorf("%v: exit code %d: %s", args, code, errs.String())
		}
	}
}
