package iampolicy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// kind is a JSON type, spelled for messages.
type kind string

const (
	kindString kind = "a string"
	kindNumber kind = "a number"
	kindBool   kind = "a boolean"
	kindNull   kind = "null"
	kindList   kind = "a list"
	kindObject kind = "an object"
)

// node is a JSON value that keeps the order of its members.
type node struct {
	kind    kind
	text    string // strings; numbers as written; "true" and "false"
	list    []node
	members []member
}

type member struct {
	name  string
	value node
}

// decode reads JSON with its own tree, since encoding/json keeps only the last of two members of the same name.
func decode(s string) (node, error) {
	fail := func(format string, args ...any) (node, error) {
		return node{}, &ParseError{Statement: -1, Reason: fmt.Sprintf(format, args...)}
	}
	switch {
	case len(s) > maxSize:
		return fail("larger than %d bytes", maxSize)
	case !utf8.ValidString(s):
		return fail("not UTF-8")
	case !json.Valid([]byte(s)):
		var v any
		return fail("not JSON: %v", json.Unmarshal([]byte(s), &v))
	}
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	root, err := readNode(dec, "", 0)
	if err != nil {
		if pe, ok := errors.AsType[*ParseError](err); ok {
			return node{}, pe
		}
		return fail("not JSON: %v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fail("more text after the document")
	}
	return root, nil
}

func readNode(dec *json.Decoder, path string, depth int) (node, error) {
	if depth > maxDepth {
		return node{}, &ParseError{Path: path, Statement: -1, Reason: "nested too deep"}
	}
	tok, err := dec.Token()
	if err != nil {
		return node{}, err
	}
	switch t := tok.(type) {
	case string:
		return node{kind: kindString, text: t}, nil
	case json.Number:
		return node{kind: kindNumber, text: t.String()}, nil
	case bool:
		return node{kind: kindBool, text: fmt.Sprint(t)}, nil
	case json.Delim:
		if t == '[' {
			return readList(dec, path, depth)
		}
		return readObject(dec, path, depth)
	default:
		return node{kind: kindNull}, nil
	}
}

func readList(dec *json.Decoder, path string, depth int) (node, error) {
	n := node{kind: kindList}
	for dec.More() {
		item, err := readNode(dec, fmt.Sprintf("%s[%d]", path, len(n.list)), depth+1)
		if err != nil {
			return node{}, err
		}
		n.list = append(n.list, item)
	}
	_, err := dec.Token()
	return n, err
}

func readObject(dec *json.Decoder, path string, depth int) (node, error) {
	n := node{kind: kindObject}
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return node{}, err
		}
		name, _ := tok.(string) // JSON has no other
		if seen[name] {
			return node{}, &ParseError{Path: path, Statement: -1, Reason: fmt.Sprintf("%q is given twice", name)}
		}
		seen[name] = true
		value, err := readNode(dec, strings.TrimPrefix(path+"."+name, "."), depth+1)
		if err != nil {
			return node{}, err
		}
		n.members = append(n.members, member{name, value})
	}
	_, err := dec.Token()
	return n, err
}
