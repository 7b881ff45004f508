// Package config reads ourshare.yaml: thresholds, with strict keys.
package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/ourshare/ourshare/internal/inventory"
)

// DefaultFile is read from the working directory where no other is named.
const DefaultFile = "ourshare.yaml"

// Config is what ourshare.yaml says.
type Config struct {
	Params map[string]any // thresholds by name, of the type of their default
}

// UnknownKeyError is a key that the configuration does not know; Valid are those that it knows there.
type UnknownKeyError struct {
	Where, Key string
	Valid      []string
}

// Error names the key.
func (e *UnknownKeyError) Error() string { return fmt.Sprintf("%s: no such key: %q", e.Where, e.Key) }

// Load reads a file. params are the thresholds that the checks read. Errors name the file and the line.
func Load(path string, params []inventory.ParamInfo) (Config, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Config{}, err
	}
	c, err := Parse(b, params)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Parse reads the text of a configuration: one YAML document with the key `thresholds`.
func Parse(b []byte, params []inventory.ParamInfo) (Config, error) {
	c := Config{Params: map[string]any{}}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var root yaml.Node
	if err := dec.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return c, nil // an empty file sets nothing
		}
		return c, err
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return c, errors.New("more than one YAML document")
	}
	top, err := entries(&root, "the file")
	if err != nil {
		return c, err
	}
	for _, e := range top {
		if e.key != "thresholds" {
			return c, &UnknownKeyError{fmt.Sprintf("line %d", e.line), e.key, []string{"thresholds"}}
		}
		list, err := entries(e.value, "thresholds")
		if err != nil {
			return c, err
		}
		for _, t := range list {
			v, err := threshold(t, params)
			if err != nil {
				return c, err
			}
			c.Params[t.key] = v
		}
	}
	return c, nil
}

type entry struct {
	key   string
	line  int
	value *yaml.Node
}

// entries are the pairs of a mapping; a key that stands twice is an error.
func entries(n *yaml.Node, what string) ([]entry, error) {
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: %s must be a mapping", n.Line, what)
	}
	var out []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if seen[k.Value] {
			return nil, fmt.Errorf("line %d: the key %q stands twice", k.Line, k.Value)
		}
		seen[k.Value] = true
		out = append(out, entry{k.Value, k.Line, n.Content[i+1]})
	}
	return out, nil
}

func threshold(e entry, params []inventory.ParamInfo) (any, error) {
	var known []string
	for _, p := range params {
		known = append(known, p.Name)
		if p.Name != e.key {
			continue
		}
		switch p.Default.(type) {
		case int:
			return number(e, p)
		case []int:
			return ports(e)
		case inventory.AccountIDs:
			return names[inventory.AccountIDs](e, accountID, "no account of twelve digits in quotes")
		case inventory.OrganizationIDs:
			return names[inventory.OrganizationIDs](e, organizationID, "no organization (o-...)")
		case inventory.ARNPatterns:
			return names[inventory.ARNPatterns](e, arnPattern, "no ARN or pattern of ARNs")
		}
		return nil, fmt.Errorf("line %d: thresholds.%s cannot be set", e.line, e.key)
	}
	return nil, &UnknownKeyError{fmt.Sprintf("line %d: thresholds", e.line), e.key, known}
}

func number(e entry, p inventory.ParamInfo) (any, error) {
	low, okLow := p.Min.(int)
	high, okHigh := p.Max.(int)
	var n int
	switch {
	case !okLow || !okHigh:
		return nil, fmt.Errorf("line %d: thresholds.%s cannot be set", e.line, e.key)
	case e.value.Tag != "!!int" || e.value.Decode(&n) != nil:
		return nil, fmt.Errorf("line %d: thresholds.%s must be a whole number", e.line, e.key)
	case n < low || n > high:
		return nil, fmt.Errorf("line %d: thresholds.%s must be from %d to %d", e.line, e.key, low, high)
	}
	return n, nil
}

// ports is a list of port numbers; an empty list is written [].
func ports(e entry) (any, error) {
	list := []int{}
	if e.value.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("line %d: thresholds.%s must be a list of ports", e.line, e.key)
	}
	for _, item := range e.value.Content {
		var n int
		if item.Tag != "!!int" || item.Decode(&n) != nil || n < 0 || n > 65535 {
			return nil, fmt.Errorf("line %d: thresholds.%s: %q is no port from 0 to 65535", item.Line, e.key, item.Value)
		}
		list = append(list, n)
	}
	return list, nil
}

// The forms of names: an organization's is of AWS Organizations' API reference (DescribeOrganization, "Id"), and a pattern
// of ARNs has the six parts of an ARN.
var (
	accountID      = regexp.MustCompile(`^[0-9]{12}$`)
	organizationID = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	arnPattern     = regexp.MustCompile(`^arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+$`)
)

// names is a list of texts of one form. An account stands in quotes: YAML reads 012345678901 as a number.
func names[T ~[]string](e entry, form *regexp.Regexp, wrong string) (any, error) {
	list := T{}
	if e.value.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("line %d: thresholds.%s must be a list", e.line, e.key)
	}
	for _, item := range e.value.Content {
		if item.Kind != yaml.ScalarNode || item.Tag != "!!str" || !form.MatchString(item.Value) {
			return nil, fmt.Errorf("line %d: thresholds.%s: %q is %s", item.Line, e.key, item.Value, wrong)
		}
		list = append(list, item.Value)
	}
	return list, nil
}

// Digest identifies what the configuration sets, whatever its spelling: SHA-256 over the thresholds by name.
func (c Config) Digest() string {
	params := c.Params
	if params == nil {
		params = map[string]any{}
	}
	b, err := json.Marshal(params) // maps are written in order of their keys
	if err != nil {
		panic(err) // numbers and texts
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
