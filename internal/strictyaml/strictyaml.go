// Package strictyaml reads the program's own YAML files: one document, strict keys, no aliases, and errors that name the
// line. Files are walked as nodes, so that nothing in them is expanded or guessed.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// MaxSize is the size, in bytes, of the largest file that is read: thousands of entries, and far from filling the memory.
const MaxSize = 4 << 20

// Day is the form of a date.
const Day = "2006-01-02"

// UnknownWordError is a word that the file's reader does not know; Valid are those that it knows there.
type UnknownWordError struct {
	Where, What, Word string // "line 3: thresholds", "key", "max_age"
	Valid             []string
}

// Error names the word.
func (e *UnknownWordError) Error() string {
	return fmt.Sprintf("%s: no such %s: %q", e.Where, e.What, e.Word)
}

// Entry is one pair of a mapping.
type Entry struct {
	Key   string
	Line  int
	Value *yaml.Node
}

// Document reads the text of a file, which must be a mapping or empty. keys are the valid ones at its top.
func Document(b []byte, keys ...string) ([]Entry, error) {
	if len(b) > MaxSize {
		return nil, fmt.Errorf("the file is larger than %d MB", MaxSize>>20)
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var root yaml.Node
	if err := dec.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil // an empty file sets nothing
		}
		return nil, err
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	return Mapping(&root, "the file", "", keys...)
}

// Mapping are the pairs of a mapping; nothing at all is an empty one. what names it in errors, where its place before
// the word of an unknown key. Without keys every key is valid. A key that stands twice is an error.
func Mapping(n *yaml.Node, what, where string, keys ...string) ([]Entry, error) {
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	if null(n) {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, wrong(n, what+" must be a mapping")
	}
	out := make([]Entry, 0, len(n.Content)/2)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode {
			return nil, wrong(k, "a key of "+what+" must be a word")
		}
		if seen[k.Value] {
			return nil, fmt.Errorf("line %d: the key %q stands twice", k.Line, k.Value)
		}
		seen[k.Value] = true
		if len(keys) > 0 && !slices.Contains(keys, k.Value) {
			return nil, &UnknownWordError{At(k.Line, where), "key", k.Value, keys}
		}
		out = append(out, Entry{k.Value, k.Line, n.Content[i+1]})
	}
	return out, nil
}

// At is a place in words: "line 3", or "line 3: thresholds".
func At(line int, where string) string {
	if where == "" {
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("line %d: %s", line, where)
}

// List are the items of a list; nothing at all is an empty one.
func List(e Entry, what string) ([]*yaml.Node, error) {
	if null(e.Value) {
		return nil, nil
	}
	if e.Value.Kind != yaml.SequenceNode {
		return nil, wrong(e.Value, what+" must be a list")
	}
	return e.Value.Content, nil
}

// Text is a text that is not blank; a number or a date is none, unless it stands in quotes.
func Text(n *yaml.Node, what string) (string, error) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || strings.TrimSpace(n.Value) == "" {
		return "", wrong(n, what+" must be a text")
	}
	return n.Value, nil
}

// Texts is a text, or a list of at least one.
func Texts(n *yaml.Node, what string) ([]string, error) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	if len(items) == 0 {
		return nil, wrong(n, what+" must name something")
	}
	out := make([]string, len(items))
	for i, item := range items {
		text, err := Text(item, what)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out[:i], text) {
			return nil, fmt.Errorf("line %d: %s: %q stands twice", item.Line, what, text)
		}
		out[i] = text
	}
	return out, nil
}

// Date is a day, written 2006-01-02, with or without quotes.
func Date(n *yaml.Node, what string) (time.Time, error) {
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!str" || n.Tag == "!!timestamp") {
		if t, err := time.Parse(Day, n.Value); err == nil && t.Year() > 0 {
			return t, nil
		}
	}
	return time.Time{}, wrong(n, what+" must be a date such as 2027-01-31")
}

// Int is a whole number within bounds, both included.
func Int(n *yaml.Node, what string, low, high int) (int, error) {
	var v int
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag != "!!int" || n.Decode(&v) != nil:
		return 0, wrong(n, what+" must be a whole number")
	case v < low || v > high:
		return 0, fmt.Errorf("line %d: %s must be from %d to %d", n.Line, what, low, high)
	}
	return v, nil
}

// Word is one of the valid words.
func Word[S ~string](n *yaml.Node, where, what string, valid []S) (S, error) {
	text, err := Text(n, where)
	if err != nil {
		return "", err
	}
	words := make([]string, len(valid))
	for i, v := range valid {
		words[i] = string(v)
	}
	if !slices.Contains(words, text) {
		return "", &UnknownWordError{At(n.Line, where), what, text, words}
	}
	return S(text), nil
}

// Null says whether nothing is written, or null.
func Null(n *yaml.Node) bool { return null(n) }

func null(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// wrong is an error at a node. An alias is refused as such: what it stands for is elsewhere in the file, and might be large.
func wrong(n *yaml.Node, sentence string) error {
	if n.Kind == yaml.AliasNode {
		sentence += ": aliases are not read"
	}
	return fmt.Errorf("line %d: %s", n.Line, sentence)
}
