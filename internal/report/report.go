// Package report writes a result, one file per format, from one table of names.
package report

import (
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ourshare/ourshare/internal/result"
)

// Look is how a report for people may look.
type Look struct {
	Width int  // columns; 0: no limit
	Color bool // ANSI colours
}

// Format is one form of a report.
type Format struct {
	Name  string
	File  string // its name in --out DIR
	write func(io.Writer, *result.Result, Look) error
}

// Write writes the report. What cannot be written, or not be read back from the result's spool, is an error.
func (f Format) Write(w io.Writer, r *result.Result, look Look) error {
	if err := f.write(w, r, look); err != nil {
		return err
	}
	return r.Err()
}

// Formats is the one table of formats.
var Formats = []Format{
	{"table", "report.txt", writeTable},
	{"json", "report.json", writeJSON},
	{"ndjson", "report.ndjson", writeNDJSON},
	{"csv", "report.csv", writeCSV},
	{"markdown", "report.md", writeMarkdown},
	{"ocsf", "report.ocsf.json", writeOCSF},
	{"html", "report.html", writeHTML},
	{"tickets", "tickets.ndjson", writeTickets},
}

// Names are the formats' names.
func Names() []string {
	var out []string
	for _, f := range Formats {
		out = append(out, f.Name)
	}
	return out
}

// Find returns the format of a name.
func Find(name string) (Format, bool) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return Formats[i], true
}

func writeJSON(w io.Writer, r *result.Result, _ Look) error { return r.WriteJSON(&jsonEscaper{w: w}) }

// Visible makes text that a stranger may have written safe for a terminal: control characters, direction marks,
// zero-width characters and broken UTF-8 are shown by their code, since they could hide or forge what is read.
func Visible(s string) string {
	if !strings.ContainsFunc(s, hidden) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteString(code(uint32(s[i]), 2, 'x'))
		case r < 0x100 && hidden(r):
			b.WriteString(code(uint32(r), 2, 'x'))
		case hidden(r):
			b.WriteString(code(uint32(r), 4, 'u'))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden: categories C (control, format, private use, surrogate) and the separators of lines and paragraphs.
func hidden(r rune) bool {
	if r >= ' ' && r <= '~' {
		return false
	}
	return unicode.Is(unicode.C, r) || r == '\u2028' || r == '\u2029' || r == '\u00ad' || r == '\u034f' || r == '\u115f' || r == '\u3164'
}

func code(v uint32, digits int, letter byte) string {
	const hex = "0123456789abcdef"
	out := []byte{'\\', letter}
	for i := max(digits, length(v)) - 1; i >= 0; i-- {
		out = append(out, hex[v>>(4*i)&15])
	}
	return string(out)
}

func length(v uint32) int {
	n := 1
	for v >>= 4; v > 0; v >>= 4 {
		n++
	}
	return n
}
