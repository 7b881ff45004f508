package report

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// golden holds bytes against a file of testdata.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, d)
	}
}

func TestFullGolden(t *testing.T) {
	for format, file := range map[string]string{
		"json": "full.json", "ndjson": "full.ndjson", "csv": "full.csv", "markdown": "full.md", "ocsf": "full.ocsf.json",
		"tickets": "full.tickets.ndjson",
	} {
		t.Run(format, func(t *testing.T) {
			f, ok := Find(format)
			if !ok {
				t.Fatal("no such format")
			}
			var b bytes.Buffer
			if err := f.Write(&b, fullResult(), Look{}); err != nil {
				t.Fatal(err)
			}
			golden(t, file, b.Bytes())
		})
	}
}

// TestFromFile holds that a saved result gives the same reports as the scan did.
func TestFromFile(t *testing.T) {
	var saved bytes.Buffer
	if err := writeJSON(&saved, fullResult(), Look{}); err != nil {
		t.Fatal(err)
	}
	back, err := result.Load(&saved)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"json", "ndjson", "csv", "markdown", "ocsf"} {
		f, _ := Find(name)
		var live, again bytes.Buffer
		// Bytes that are no UTF-8 do not survive JSON; the AWS API gives none.
		r := fullResult()
		for i := range r.Findings {
			r.Findings[i].Resource.Name = string(bytes.ToValidUTF8([]byte(r.Findings[i].Resource.Name), []byte("�")))
			for k, v := range r.Findings[i].Resource.Tags {
				r.Findings[i].Resource.Tags[k] = string(bytes.ToValidUTF8([]byte(v), []byte("�")))
			}
		}
		if err := f.Write(&live, r, Look{}); err != nil {
			t.Fatal(err)
		}
		if err := f.Write(&again, back, Look{}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(live.String(), again.String()); d != "" {
			t.Errorf("%s differs (-scan +file):\n%s", name, d)
		}
	}
}

// TestDiskFull holds, for every format, that a disk that is full after any number of bytes is an error: never a report that
// is cut off and taken for a whole one.
func TestDiskFull(t *testing.T) {
	for _, f := range Formats {
		t.Run(f.Name, func(t *testing.T) {
			var whole bytes.Buffer
			if err := f.Write(&whole, fullResult(), Look{Width: 120}); err != nil {
				t.Fatal(err)
			}
			step := max(1, whole.Len()/40)
			for room := 0; room < whole.Len(); room += step {
				if err := f.Write(&full{room}, fullResult(), Look{Width: 120}); !errors.Is(err, os.ErrClosed) {
					t.Errorf("after %d of %d bytes: %v", room, whole.Len(), err)
				}
			}
			if whole.Len() > 0 {
				if err := f.Write(&full{whole.Len() - 1}, fullResult(), Look{Width: 120}); !errors.Is(err, os.ErrClosed) {
					t.Errorf("without room for the last byte: %v", err)
				}
			}
			if err := f.Write(&full{whole.Len()}, fullResult(), Look{Width: 120}); err != nil {
				t.Errorf("with room for all: %v", err)
			}
		})
	}
}

// TestJSONEscaper holds that text cut anywhere between two writes is escaped the same.
func TestJSONEscaper(t *testing.T) {
	const text = "{\"a\": \"é\u202e日\U000e0041\u0080\x7f😀\"}\n"
	const want = "{\"a\": \"é\\u202e日\\udb40\\udc41\\u0080\\u007f😀\"}\n"
	for cut := range len(text) {
		var b bytes.Buffer
		e := &jsonEscaper{w: &b}
		for _, part := range []string{text[:cut], text[cut:]} {
			if n, err := io.WriteString(e, part); err != nil || n != len(part) {
				t.Fatalf("%d, %v", n, err)
			}
		}
		if b.String() != want {
			t.Errorf("cut at %d: %q, want %q", cut, b.String(), want)
		}
	}
	var b bytes.Buffer
	e := &jsonEscaper{w: &b}
	for i := range len(text) { // byte by byte
		if _, err := e.Write([]byte{text[i]}); err != nil {
			t.Fatal(err)
		}
	}
	if b.String() != want {
		t.Errorf("byte by byte: %q, want %q", b.String(), want)
	}
}

// What was failing and has no finding any more is told of in every format, also where its check changed; what cannot be observed is
// told of as that alone.
func TestGoneByAnotherRule(t *testing.T) {
	r := fullResult()
	for i, c := range r.Comparison.Changes {
		if c.Change == result.RuleChanged {
			r.Comparison.Changes[i].After, r.Comparison.Changes[i].Resource.ID = nil, "left-by-the-check"
			r.Comparison.Changes[i].Before = &result.Verdict{Status: "fail", Severity: "critical", Message: "anyone may read it"}
		}
	}
	for _, format := range []string{"table", "json", "ndjson", "csv", "markdown", "ocsf", "html"} {
		f, _ := Find(format)
		var b bytes.Buffer
		if err := f.Write(&b, r, Look{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(b.Bytes(), []byte("left-by-the-check")) {
			t.Errorf("%s: not told of", format)
		}
		if n := bytes.Count(b.Bytes(), []byte(`"kind":"gone"`)); (format == "ndjson" || format == "ocsf") && n != 2 {
			t.Errorf("%s: %d are gone", format, n)
		}
	}
}

// A suppression of what cannot be observed is in force through its last day, as any other.
func TestSuppressionOfUnobserved(t *testing.T) {
	r := fullResult()
	for days, want := range map[int]string{-1: `"status":"In Progress"`, 0: `"status":"Suppressed"`, 1: `"status":"Suppressed"`} {
		r.Unobserved[0].Suppression = &finding.Suppression{Reason: "r", Owner: "o", Expires: r.Scan.FinishedAt.AddDate(0, 0, days).Format("2006-01-02")}
		var b bytes.Buffer
		if err := writeOCSF(&b, r, Look{}); err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b.Bytes()) {
			if bytes.Contains(line, []byte(`"kind":"unobserved"`)) && !bytes.Contains(line, []byte(want)) {
				t.Errorf("%d days before its end: %s", days, line)
			}
		}
	}
}
