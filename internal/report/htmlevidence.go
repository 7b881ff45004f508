package report

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
)

// item is one value of the evidence: a text, or a chain of links.
type item struct {
	Text  string
	Chain []string
}

// MarshalJSON writes a chain as an array, a text as a string.
func (i item) MarshalJSON() ([]byte, error) {
	if len(i.Chain) > 0 {
		return json.Marshal(i.Chain)
	}
	return json.Marshal(i.Text)
}

// proof is one line of the evidence, fit to be shown.
type proof struct {
	Key   string
	Items []item
}

// MarshalJSON writes the key and then the values, as one array.
func (p proof) MarshalJSON() ([]byte, error) {
	list := make([]any, 0, 1+len(p.Items))
	list = append(list, p.Key)
	for _, i := range p.Items {
		list = append(list, i)
	}
	return json.Marshal(list)
}

// proofs makes evidence fit to be shown: its lists as values, its paths and statements as chains.
func proofs(e finding.Evidence) []proof {
	out := make([]proof, 0, len(e))
	for _, kv := range e {
		p := proof{Key: Visible(kv.Key)}
		for _, text := range evidenceValues(kv.Value) {
			text = Visible(text)
			if chain := chainOf(text); chain != nil {
				p.Items = append(p.Items, item{Chain: chain})
			} else {
				p.Items = append(p.Items, item{Text: text})
			}
		}
		out = append(out, p)
	}
	return out
}

func evidenceValues(v any) []string {
	if of := reflect.ValueOf(v); of.Kind() == reflect.Slice {
		var out []string
		for i := range of.Len() {
			out = append(out, evidenceValue(of.Index(i).Interface()))
		}
		return out
	}
	return []string{evidenceValue(v)}
}

func evidenceValue(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case fmt.Stringer: // json.Number too
		return v.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// statement is how the policy checks tell a statement: which one, who, what, on what, and under which condition.
var statement = regexp.MustCompile(`^(?:(statement [0-9]+(?: \("[^"]*"\))?): )?(.+?) may (.+?)(?: on (.+?))?(?:,? if (.+?))?( \(statement [^()]*\))?$`)

// chainOf cuts a path at its arrows ("internet → igw-1 → …") and a statement at its joints; nil: it is neither.
func chainOf(text string) []string {
	if parts := strings.Split(text, " → "); len(parts) > 1 {
		return parts
	}
	m := statement.FindStringSubmatch(text)
	if m == nil || len(text) > 4096 {
		return nil
	}
	var chain []string
	add := func(before, part string) {
		if part != "" {
			chain = append(chain, before+strings.TrimSpace(part))
		}
	}
	add("", m[1])
	add("", strings.Trim(m[6], " ()"))
	add("", m[2])
	add("may ", m[3])
	add("on ", m[4])
	add("if ", m[5])
	return chain
}
