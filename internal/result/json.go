package result

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"iter"
)

// WriteJSON writes the contract's form, indented. Findings are written one by one: the whole text of a large account is
// never in memory. [Load] reads it back.
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
		{"coverage", nil},
		{"evaluations", nil},
		{"checks", r.Checks},
	} {
		e.text("  \"" + m.name + "\": ")
		switch m.name {
		case "coverage":
			list(&e, "  ", r.AllCoverage())
		case "evaluations":
			list(&e, "  ", r.AllEvaluations())
		default:
			e.value(m.value, "  ")
		}
		e.text(",\n")
	}
	if r.Exceptions != nil {
		e.text("  \"exceptions\": ")
		e.value(r.Exceptions, "  ")
		e.text(",\n")
	}
	if c := r.Comparison; c != nil {
		e.text("  \"comparison\": {\n    \"baseline\": ")
		e.value(c.Baseline, "    ")
		e.text(",\n    \"counts\": ")
		e.value(c.Counts, "    ")
		e.text(",\n    \"changes\": ")
		list(&e, "    ", r.AllChanges())
		e.text("\n  },\n")
	}
	e.text("  \"findings\": ")
	list(&e, "  ", r.allJSON())
	if r.Comparison != nil {
		e.text(",\n  \"unobserved\": ")
		list(&e, "  ", r.AllUnobserved())
	}
	e.text("\n}\n")
	if err := cmp.Or(e.err, r.Err()); err != nil {
		return err
	}
	return w.Flush()
}

// list writes an array, one element after the other.
func list[T any](e *encoder, prefix string, all iter.Seq[T]) {
	e.text("[")
	inner, n := prefix+"  ", 0
	for v := range all {
		if n++; n > 1 {
			e.text(",")
		}
		e.text("\n" + inner)
		e.value(v, inner)
		if e.err != nil {
			return
		}
	}
	if n > 0 {
		e.text("\n" + prefix)
	}
	e.text("]")
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
