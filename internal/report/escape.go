package report

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonEscaper writes JSON text on and escapes, as \uXXXX, what [Visible] would show by its code: the data stays exact, and a
// report shown on a terminal or in an editor is not turned about by the names in it. Such characters stand in strings
// alone; the encoder has escaped those below U+0020 already.
type jsonEscaper struct {
	w    io.Writer
	rest []byte // the beginning of a character that the last Write cut
}

func (e *jsonEscaper) Write(p []byte) (int, error) {
	text := p
	if len(e.rest) > 0 {
		text = slices.Concat(e.rest, p)
	}
	end := len(text)
	for i := max(0, end-utf8.UTFMax); i < end; i++ {
		if utf8.RuneStart(text[i]) && !utf8.FullRune(text[i:]) {
			end = i
		}
	}
	e.rest = slices.Clone(text[end:])
	if _, err := e.w.Write(escapeJSON(text[:end])); err != nil {
		return 0, err
	}
	return len(p), nil
}

// escapeJSON escapes hidden characters of whole JSON text; the replacement character, too, as the encoder does where it replaces
// bytes that are no UTF-8, so that a result that is read back is written the same.
func escapeJSON(text []byte) []byte {
	odd := func(r rune) bool { return r >= 0x7f && (hidden(r) || r == utf8.RuneError) }
	found := false
	for i := 0; i < len(text) && !found; {
		if text[i] < 0x7f { // as most bytes
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		found = odd(r)
		i += size
	}
	if !found {
		return text
	}
	out := make([]byte, 0, len(text)+64)
	for _, r := range string(text) {
		switch {
		case !odd(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = append(out, code(uint32(high), 4, 'u')...)
			out = append(out, code(uint32(low), 4, 'u')...)
		default:
			out = append(out, code(uint32(r), 4, 'u')...)
		}
	}
	return out
}

// compactJSON is a value on one line, hidden characters escaped.
func compactJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return escapeJSON(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// writeLine writes a value as one line of JSON.
func writeLine(w io.Writer, v any) error {
	b, err := compactJSON(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
