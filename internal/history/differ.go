package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// differences tells in words what differs between two fails beside the scan: severity, message and evidence, and the rule
// where one of them does.
func differences(was, is *finding.Finding) []string {
	var out []string
	if was.Severity != is.Severity {
		out = append(out, fmt.Sprintf("severity %s → %s", was.Severity, is.Severity))
	}
	if text(was.Message) != text(is.Message) {
		out = append(out, "the message differs")
	}
	if keys, differs := evidenceDiffers(was.Evidence, is.Evidence); differs {
		out = append(out, "the evidence differs: "+keys)
	}
	if len(out) > 0 {
		if rule := ruleDiffers(was.Rule, is.Rule); rule != "" {
			out = append(out, rule)
		} else if onlyTimes(was, is) {
			out = append(out, result.OnlyTimes)
		}
	}
	return out
}

// times are a day or a moment as messages and evidence write them.
var times = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z)?`)

// onlyTimes says whether two fails differ in days and moments alone: when something was last scanned, up to when it can be
// restored.
func onlyTimes(was, is *finding.Finding) bool {
	mask := func(s string) string { return times.ReplaceAllString(s, "…") }
	if was.Severity != is.Severity || mask(text(was.Message)) != mask(text(is.Message)) || len(was.Evidence) != len(is.Evidence) {
		return false
	}
	for i, kv := range was.Evidence {
		if text(kv.Key) != text(is.Evidence[i].Key) || mask(canonical(kv.Value)) != mask(canonical(is.Evidence[i].Value)) {
			return false
		}
	}
	return true
}

// text is a string as JSON gives it back: a byte that is no UTF-8 becomes the replacement character. One of the two
// results was read from JSON, the other perhaps not.
func text(s string) string { return string([]rune(s)) }

// evidenceDiffers compares evidence as JSON, in its order, and names the keys that differ.
func evidenceDiffers(a, b finding.Evidence) (string, bool) {
	if x, err := a.MarshalJSON(); err == nil {
		if y, err := b.MarshalJSON(); err == nil && bytes.Equal(x, y) {
			return "", false
		}
	}
	before, after := keyed(a), keyed(b)
	var keys []string
	for _, k := range slices.Concat(names(a), names(b)) {
		was, had := before[k]
		is, has := after[k]
		if (had != has || was != is) && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	if len(keys) > 0 {
		return strings.Join(keys, ", "), true
	}
	return "its order", !slices.Equal(names(a), names(b))
}

func names(e finding.Evidence) []string {
	out := make([]string, len(e))
	for i, kv := range e {
		out[i] = text(kv.Key)
	}
	return out
}

func keyed(e finding.Evidence) map[string]string {
	out := make(map[string]string, len(e))
	for _, kv := range e {
		out[text(kv.Key)] += canonical(kv.Value) // a key that stands twice differs by either
	}
	return out
}

// ruleDiffers tells in words how a check's rule was another one: by its revision or its parameters. Empty: it was the
// same. A rule that is described nowhere is not known to be the same.
func ruleDiffers(was, is *finding.Rule) string {
	switch {
	case was == is:
		return ""
	case was == nil || is == nil:
		return "the rule of the check is not known of both scans"
	}
	var out []string
	if was.Revision != is.Revision {
		out = append(out, fmt.Sprintf("revision %d → %d", was.Revision, is.Revision))
	}
	all := map[string]bool{}
	for _, p := range []map[string]any{was.Parameters, is.Parameters} {
		for k := range p {
			all[k] = true
		}
	}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if a, b := parameter(was, k), parameter(is, k); a != b {
			out = append(out, fmt.Sprintf("%s %s → %s", k, a, b))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "the check's rule changed: " + strings.Join(out, ", ")
}

func parameter(r *finding.Rule, name string) string {
	v, set := r.Parameters[name]
	if !set {
		return "not set"
	}
	return canonical(v)
}

// canonical is a value's JSON with the keys of objects in order, whether the value comes from a check or was read from
// JSON: its numbers keep their spelling.
func canonical(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%T that is no JSON", v)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var plain any
	if err := dec.Decode(&plain); err != nil {
		return string(b)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain); err != nil {
		return string(b)
	}
	return strings.TrimSuffix(out.String(), "\n")
}
