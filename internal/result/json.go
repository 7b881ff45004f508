package result

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// WriteJSON writes the contract's form, indented. Findings are written one by one: the whole text of a large account is
// never in memory.
func (r *Result) WriteJSON(out io.Writer) error {
	w := bufio.NewWriter(out)
	e := encoder{w: w}
	e.text("{\n")
	for _, m := range []struct {
		name  string
		value any
	}{
		{"schema_version", r.SchemaVersion},
		{"tool", r.Tool},
		{"scan", r.Scan},
		{"summary", r.Summary},
		{"responsibility", r.Responsibility},
		{"coverage", r.Coverage},
		{"evaluations", r.Evaluations},
		{"checks", r.Checks},
	} {
		e.text("  \"" + m.name + "\": ")
		e.value(m.value, "  ")
		e.text(",\n")
	}
	e.text("  \"findings\": [")
	for i, f := range r.Findings {
		if i > 0 {
			e.text(",")
		}
		e.text("\n    ")
		e.value(JSON(f), "    ")
	}
	if len(r.Findings) > 0 {
		e.text("\n  ")
	}
	e.text("]\n}\n")
	if e.err != nil {
		return e.err
	}
	return w.Flush()
}

// encoder keeps the first error.
type encoder struct {
	w   *bufio.Writer
	buf bytes.Buffer
	err error
}

func (e *encoder) text(s string) {
	if e.err == nil {
		_, e.err = e.w.WriteString(s)
	}
}

func (e *encoder) value(v any, prefix string) {
	if e.err != nil {
		return
	}
	e.buf.Reset()
	enc := json.NewEncoder(&e.buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	if e.err = enc.Encode(v); e.err == nil {
		_, e.err = e.w.Write(bytes.TrimSuffix(e.buf.Bytes(), []byte("\n")))
	}
}
