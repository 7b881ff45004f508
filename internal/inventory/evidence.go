// Package inventory is what a scan reads: datasets (what one listing returns, as typed rows), details (facts about a
// row that cost a call of their own), and the store that reads each at most once per account and region. Absent,
// denied and failed stay different things from the SDK call to the check.
package inventory

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
)

// Resource is what a row is about; rows embed a pointer to it.
type Resource = finding.Resource

// Row is one resource of a listing.
type Row interface{ Subject() *finding.Resource }

// Sentinels of a fact that was answered without a value.
var (
	ErrAbsent   = awsapi.ErrAbsent             // AWS says: not configured
	ErrGone     = awsapi.ErrGone               // AWS says: no such resource any more
	ErrNotAsked = errors.New("not applicable") // the row is outside of the detail's Where
)

// InsufficientError is evidence that was read and does not suffice: too old, never scanned, beyond the reasoning. It
// makes a verdict unknown, but is no gap.
type InsufficientError struct{ Text string }

// Error is the sentence that reports print.
func (e *InsufficientError) Error() string { return e.Text }

// Insufficient makes an InsufficientError.
func Insufficient(format string, args ...any) error {
	return &InsufficientError{fmt.Sprintf(format, args...)}
}

// Gap is evidence that was asked for and not given. Parent is set where only what lies under one resource (a load
// balancer's listeners) could not be listed.
type Gap struct {
	awsapi.Error
	Parent *Resource `json:"parent,omitempty"`
}

// Rows is what a listing gave, and what it could not give.
type Rows[T any] struct {
	List []T   `json:"rows"`
	Gaps []Gap `json:"gaps,omitempty"`
}

// Err is nil where the listing was whole, and its first gap otherwise.
func (r Rows[T]) Err() error {
	if len(r.Gaps) == 0 {
		return nil
	}
	return &r.Gaps[0].Error
}

type fieldState string

const (
	stateUnknown  fieldState = ""
	stateKnown    fieldState = "known"
	stateAbsent   fieldState = "absent"
	stateGone     fieldState = "gone"
	stateNotAsked fieldState = "not_asked"
)

// Field is one fact: known, absent, gone, not asked or unknown. The zero Field is unknown.
type Field[V any] struct {
	state fieldState
	value V
	err   *awsapi.Error
}

// Known makes a known fact; a test's tables use it.
func Known[V any](v V) Field[V] { return Field[V]{state: stateKnown, value: v} }

// Failure makes a fact from the error of its call: absent, gone, or unknown with the reason.
func Failure[V any](err error) Field[V] {
	switch {
	case errors.Is(err, ErrAbsent):
		return Field[V]{state: stateAbsent}
	case errors.Is(err, ErrGone):
		return Field[V]{state: stateGone}
	case errors.Is(err, ErrNotAsked):
		return Field[V]{state: stateNotAsked}
	}
	return Field[V]{err: asError(err)}
}

// Get returns the value, or why there is none: ErrAbsent, ErrGone, ErrNotAsked, or an *awsapi.Error where it could not
// be read.
func (f Field[V]) Get() (v V, err error) {
	switch f.state {
	case stateKnown:
		return f.value, nil
	case stateAbsent:
		return v, ErrAbsent
	case stateGone:
		return v, ErrGone
	case stateNotAsked:
		return v, ErrNotAsked
	case stateUnknown:
	}
	if f.err == nil {
		return v, &awsapi.Error{Outcome: outcomeInternal, Text: "this was not read"}
	}
	return v, f.err
}

type fieldJSON struct {
	State fieldState      `json:"state"`
	Value json.RawMessage `json:"value,omitempty"`
	Error *awsapi.Error   `json:"error,omitempty"`
}

// MarshalJSON writes the state with the value or the reason.
func (f Field[V]) MarshalJSON() ([]byte, error) {
	j := fieldJSON{State: f.state, Error: f.err}
	if f.state == stateKnown {
		var err error
		if j.Value, err = json.Marshal(f.value); err != nil {
			return nil, err
		}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote; a state that it does not know is an error, never a verdict.
func (f *Field[V]) UnmarshalJSON(b []byte) error {
	var j fieldJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	switch j.State {
	case stateKnown:
		if j.Value == nil {
			return errors.New("a known fact without a value")
		}
		if err := json.Unmarshal(j.Value, &f.value); err != nil {
			return err
		}
	case stateUnknown, stateAbsent, stateGone, stateNotAsked:
	default:
		return fmt.Errorf("no such state of a fact: %q", j.State)
	}
	f.state, f.err = j.State, j.Error
	return nil
}

// asError makes an *awsapi.Error of whatever a lister returned. What is none of AWS's (a refusal of the guard, a
// decoding fault) is "failed".
func asError(err error) *awsapi.Error {
	var e *awsapi.Error
	if errors.As(err, &e) {
		return e
	}
	return &awsapi.Error{Outcome: awsapi.Failed, Text: err.Error()}
}

// Reason tells why evidence is missing, as a finding prints it. Several causes are joined: the first by operation's name
// stands, the text names all.
func Reason(errs ...error) *finding.Reason {
	var r *finding.Reason
	seen := map[string]bool{}
	for _, err := range errs {
		if err == nil {
			continue
		}
		next := reasonOf(err)
		if seen[next.Text] {
			continue
		}
		seen[next.Text] = true
		if r == nil {
			r = next
			continue
		}
		text := r.Text + "; " + next.Text
		gap := r.Gap || next.Gap
		if before(next, r) {
			r = next
			text = next.Text + "; " + text[:len(text)-len(next.Text)-2]
		}
		r.Text, r.Gap = text, gap
	}
	return r
}

func before(a, b *finding.Reason) bool {
	if a.Operation == nil || b.Operation == nil {
		return a.Operation != nil && b.Operation == nil
	}
	return *a.Operation < *b.Operation
}

func reasonOf(err error) *finding.Reason {
	var weak *InsufficientError
	if errors.As(err, &weak) {
		return &finding.Reason{Outcome: finding.Insufficient, Text: weak.Text}
	}
	var e *awsapi.Error
	if !errors.As(err, &e) {
		return &finding.Reason{Outcome: finding.Internal, Gap: true, Text: err.Error()}
	}
	r := &finding.Reason{Outcome: string(e.Outcome), Gap: true, Text: e.Error()}
	if e.Operation != "" {
		r.Operation = &e.Operation
	} else {
		r.Text = e.Text
	}
	if e.Action != "" {
		r.Action = &e.Action
	}
	return r
}
