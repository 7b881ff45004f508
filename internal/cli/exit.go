// Package cli is the command line: one file per command, and the exit codes in one table.
package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// The exit codes, documented in the README.
const (
	exitOK          = 0   // complete, and nothing failing at or above --fail-on
	exitFailed      = 1   // the scan could not run, or a report could not be written
	exitUsage       = 2   // wrong usage or configuration, unreadable input
	exitFindings    = 3   // complete, with failing findings
	exitIncomplete  = 4   // no failing findings, but incomplete
	exitBoth        = 5   // failing findings, and incomplete
	exitInterrupted = 130 // a signal ended the scan; what there was is written, marked incomplete
)

// usageError is the user's mistake: exit 2.
type usageError struct{ sentence string }

func (e *usageError) Error() string { return e.sentence }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// codeError carries an exit code that is no failure to be reported.
type codeError struct{ code int }

func (e *codeError) Error() string { return fmt.Sprintf("exit %d", e.code) }

// exitCode is the one place where errors become exit codes.
func exitCode(ctx context.Context, err error) int {
	var code *codeError
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return code.code
	case errors.As(err, &usage):
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	}
	return exitFailed
}

// failOnNew is the word of --fail-on for what is new since the baseline, at any severity.
const failOnNew = "new"

// VerdictCode turns a result into its exit code. failOn is a severity, "none", which never fails, or "new".
func VerdictCode(r *result.Result, failOn string) int {
	failing := false
	switch failOn {
	case "none":
	case failOnNew:
		failing = hasNew(r)
	default:
		failing = r.Failing(finding.Severity(failOn))
	}
	switch {
	case failing && !r.Scan.Complete:
		return exitBoth
	case failing:
		return exitFindings
	case !r.Scan.Complete:
		return exitIncomplete
	}
	return exitOK
}

// hasNew tells whether anything is new or reopened since the baseline that no exception accepts.
func hasNew(r *result.Result) bool {
	fresh := map[string]bool{}
	for c := range r.AllChanges() {
		if c.Change == result.New || c.Change == result.Reopened {
			fresh[c.Fingerprint] = true
		}
	}
	if len(fresh) == 0 {
		return false
	}
	for f := range r.All() {
		if fresh[f.Fingerprint] && !f.Suppressed() {
			return true
		}
	}
	return false
}
