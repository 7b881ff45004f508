package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
)

// Load reads a result back from its JSON form; what is written again is the same, byte for byte. A file of another kind,
// of another major version of the schema, or cut off is an error in a sentence.
func Load(in io.Reader) (*Result, error) {
	rules := map[string]*finding.Rule{}
	rule := func(id string) *finding.Rule {
		if rules[id] == nil {
			rules[id] = &finding.Rule{ID: id}
		}
		return rules[id]
	}
	var list []finding.Finding
	r, err := Read(in, func(f Finding) error {
		list = append(list, f.in(rule(f.CheckID)))
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id, known := range r.Checks {
		if known == nil {
			return nil, fmt.Errorf("the check %q is null", id)
		}
		known.ID = id
		if used := rules[id]; used != nil { // findings point to it already
			*used = *known
			r.Checks[id] = used
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		if r.Checks[id] == nil {
			return nil, fmt.Errorf("findings of the check %q, which the result does not describe", id)
		}
	}
	r.Findings = list
	slices.SortFunc(r.Findings, finding.Compare)
	return r, nil
}

// in makes a finding of its JSON form.
func (f Finding) in(rule *finding.Rule) finding.Finding {
	out := finding.Finding{
		Fingerprint: f.Fingerprint, Rule: rule, AccountID: f.AccountID, Region: f.Region, Status: f.Status, Severity: f.Severity,
		Message: f.Message, Evidence: f.Evidence, Reason: f.Reason,
		Resource: &finding.Resource{
			Type: f.Resource.Type, ID: f.Resource.ID, ARN: f.Resource.ARN, Name: f.Resource.Name, Region: f.Region, Tags: f.Resource.Tags,
			Key: f.Resource.Key,
		},
	}
	if f.Owner != "" || f.Suppression != nil || f.Attestation != nil || f.History != nil {
		out.Note = &finding.Note{Owner: f.Owner, Suppression: f.Suppression, Attestation: f.Attestation, History: f.History}
	}
	return out
}

// Read reads a result's JSON form and hands each finding on, so that they need not be in memory together. Findings may
// come before the checks that they name: only what Read returns is whole.
func Read(in io.Reader, each func(Finding) error) (*Result, error) {
	dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<16))
	dec.UseNumber()
	switch t, err := dec.Token(); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is no result of ourshare: it is empty")
	case err != nil || t != json.Delim('{'):
		return nil, errors.New("it is no result of ourshare: no JSON object")
	}
	r := &Result{}
	seen := map[string]bool{}
	fields := map[string]any{
		"schema_version": &r.SchemaVersion, "tool": &r.Tool, "scan": &r.Scan, "summary": &r.Summary, "responsibility": &r.Responsibility,
		"coverage": &r.Coverage, "evaluations": &r.Evaluations, "checks": &r.Checks, "exceptions": &r.Exceptions,
		"comparison": &r.Comparison, "unobserved": &r.Unobserved,
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, broken(err)
		}
		key := t.(string) // within an object a token before a value is a key
		if seen[key] {
			return nil, fmt.Errorf("it is no result of ourshare: %q stands twice", key)
		}
		seen[key] = true
		switch to, known := fields[key]; {
		case key == "findings":
			if err := elements(dec, each); err != nil {
				return nil, err
			}
		case known:
			if err := dec.Decode(to); err != nil {
				return nil, broken(err)
			}
			if key == "schema_version" && !strings.HasPrefix(r.SchemaVersion, "1.") {
				return nil, &VersionError{r.SchemaVersion}
			}
		default: // of a later minor version
			if err := dec.Decode(new(json.RawMessage)); err != nil {
				return nil, broken(err)
			}
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, broken(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) { // two files joined, say: nobody knows which is meant
		return nil, errors.New("it is no result of ourshare: it goes on after its end")
	}
	for _, key := range []string{"schema_version", "tool", "scan", "checks", "evaluations", "findings"} {
		if !seen[key] {
			return nil, fmt.Errorf("it is no result of ourshare: it has no %q", key)
		}
	}
	if r.Tool.Name != "ourshare" {
		return nil, fmt.Errorf("it is no result of ourshare, but of %q", r.Tool.Name)
	}
	return r, nil
}

func elements(dec *json.Decoder, each func(Finding) error) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return errors.New("it is no result of ourshare: its findings are no list")
	}
	for dec.More() {
		var f Finding
		if err := dec.Decode(&f); err != nil {
			return broken(err)
		}
		if f.Fingerprint == "" || f.CheckID == "" || !slices.Contains(finding.Statuses(), f.Status) {
			return errors.New("it is no result of ourshare: a finding without fingerprint, check or status")
		}
		if err := each(f); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return broken(err)
	}
	return nil
}

func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("it ends in the middle")
	}
	return fmt.Errorf("it is no result of ourshare: %w", err)
}
