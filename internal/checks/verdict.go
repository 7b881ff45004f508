// Package checks is what a control is made of: metadata and a pure function from rows and details to verdicts. Checks
// see no SDK client, no context and no clock of their own; the author of a simple check never meets the unknown, so
// cannot forget it.
package checks

import (
	"errors"
	"fmt"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Verdict is what a check says of one resource.
type Verdict struct {
	Status   finding.Status
	Message  string
	Severity finding.Severity // empty: the check's own
	Evidence finding.Evidence
	Why      []error // of an unknown
	Lost     bool    // it stands for a listing that failed, not for a listed resource
}

// Pass says that the control is met. The message states the fact, in the present, with dates rather than ages.
func Pass(format string, args ...any) Verdict { return verdict(finding.Pass, format, args) }

// Fail says that it is not met.
func Fail(format string, args ...any) Verdict { return verdict(finding.Fail, format, args) }

// NotApplicable says that the control has no meaning for the resource, and why.
func NotApplicable(format string, args ...any) Verdict {
	return verdict(finding.NotApplicable, format, args)
}

// Manual says that no API can show it, and asks the question.
func Manual(format string, args ...any) Verdict { return verdict(finding.Manual, format, args) }

// Unknown says that the evidence could not be read or does not suffice. An *inventory.InsufficientError is no gap; any
// other error is. Without an error it would be a verdict without a reason, so that is one, too.
func Unknown(why ...error) Verdict {
	if len(why) == 0 {
		why = []error{errors.New("the check gave no reason")}
	}
	return Verdict{Status: finding.Unknown, Why: why}
}

func verdict(s finding.Status, format string, args []any) Verdict {
	if len(args) == 0 {
		return Verdict{Status: s, Message: format}
	}
	return Verdict{Status: s, Message: fmt.Sprintf(format, args...)}
}

// With adds a piece of evidence: a string, number, boolean or list of these, sorted where it has no order of its own.
func (v Verdict) With(key string, value any) Verdict {
	v.Evidence = append(v.Evidence[:len(v.Evidence):len(v.Evidence)], finding.KV{Key: key, Value: value})
	return v
}

// As gives the verdict a severity other than the check's own; the message must say why.
func (v Verdict) As(s finding.Severity) Verdict {
	v.Severity = s
	return v
}

// Adding appends a sentence part to the message, such as what evidence that only explains was not seen.
func (v Verdict) Adding(format string, args ...any) Verdict {
	v.Message += fmt.Sprintf(format, args...)
	return v
}

// NotSeen appends what only explains and could not be read; err nil, absent or gone adds nothing.
func (v Verdict) NotSeen(what string, err error) Verdict {
	if err == nil || errors.Is(err, inventory.ErrAbsent) || errors.Is(err, inventory.ErrGone) {
		return v
	}
	return v.Adding(" (not seen: %s: %s)", what, inventory.Reason(err).Text)
}

// Decide turns a truth into one of two verdicts; undecided is unknown, with the reasons.
func Decide(t inventory.Tri, yes, no Verdict) Verdict {
	is, known := t.Known()
	switch {
	case !known:
		return Unknown(t.Why()...)
	case is:
		return yes
	}
	return no
}

// From judges a fact: known by judge, absent as given, gone and not asked as not applicable, else unknown.
func From[V any](f inventory.Field[V], absent Verdict, judge func(V) Verdict) Verdict {
	v, err := f.Get()
	if err == nil {
		return judge(v)
	}
	return fromError(err, absent)
}

func fromError(err error, absent Verdict) Verdict {
	switch {
	case errors.Is(err, inventory.ErrAbsent):
		return absent
	case errors.Is(err, inventory.ErrGone):
		return NotApplicable("gone during the scan")
	case errors.Is(err, inventory.ErrNotAsked):
		return NotApplicable("this control does not apply to it")
	}
	return Unknown(err)
}
