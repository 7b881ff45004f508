package exceptions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

// Applied is a file at work on the results of one scan, which may come account by account. Its warnings and the states of
// its entries are over all of them.
type Applied struct {
	file         *File
	suppressions []tally
	attestations []tally
	far          map[int]bool // lines whose expiry is far away
	future       map[int]bool // lines that were attested after the scan
}

// tally is what an entry met.
type tally struct {
	matched  int // failing, or manual, findings
	unknown  int
	untagged int // findings that it would match but for tags that were not read
	expired  bool
	place    place
}

// Missed notes that accounts of the run could not be entered: what an entry is for may be there.
func (a *Applied) Missed() {
	for _, list := range [][]tally{a.suppressions, a.attestations} {
		for i := range list {
			list[i].place.accountsLost = true
		}
	}
}

// Apply begins the work.
func (f *File) Apply() *Applied {
	return &Applied{
		file: f, suppressions: make([]tally, len(f.Suppressions)), attestations: make([]tally, len(f.Attestations)),
		far: map[int]bool{}, future: map[int]bool{},
	}
}

// day is the scan's day, which expiry is measured against: not today's, so that a saved inventory is judged the same at
// any time. Where an inventory does not tell its end, the latest look at the account stands for it.
func day(r *result.Result) time.Time {
	at := r.Scan.FinishedAt
	if at.IsZero() {
		for _, e := range r.Evaluations {
			if e.ObservedAt.After(at) {
				at = e.ObservedAt
			}
		}
	}
	return at.UTC().Truncate(24 * time.Hour)
}

// farAfter: an expiry that is further away than a year outlasts any yearly review, and is warned of.
func farAfter(scan time.Time) time.Time { return scan.AddDate(1, 0, 0) }

// To notes suppressions on the failing findings of a result and attestations on the manual ones. The first entry of the
// file that is in force and matches stands. Nothing else of a finding changes.
func (a *Applied) To(r *result.Result) {
	today := day(r)
	for i := range a.file.Suppressions {
		s := &a.file.Suppressions[i]
		a.suppressions[i].place.see(&s.Selector, r)
		a.dates(&a.suppressions[i], s.Line, s.Expires, today)
	}
	for i := range a.file.Attestations {
		t := &a.file.Attestations[i]
		a.attestations[i].place.see(&t.Selector, r)
		a.dates(&a.attestations[i], t.Line, t.Expires, today)
		if t.At.After(today) {
			a.future[t.Line] = true
		}
	}
	for i := range r.Findings {
		a.suppress(&r.Findings[i], today)
		a.attest(&r.Findings[i], today)
	}
}

func (a *Applied) dates(t *tally, line int, expires, today time.Time) {
	if today.After(expires) {
		t.expired = true
	}
	if expires.After(farAfter(today)) {
		a.far[line] = true
	}
}

func (a *Applied) suppress(f *finding.Finding, today time.Time) {
	if f.Status != finding.Fail && f.Status != finding.Unknown {
		return
	}
	for i := range a.file.Suppressions {
		s, t := &a.file.Suppressions[i], &a.suppressions[i]
		if !s.Matches(f) {
			if f.Resource.Tags == nil && s.MatchesButTag(f) {
				t.untagged++
			}
			continue
		}
		if f.Status == finding.Unknown {
			t.unknown++
			continue
		}
		t.matched++
		if !today.After(s.Expires) && !f.Suppressed() {
			f.With().Suppression = &finding.Suppression{Reason: s.Reason, Owner: s.Owner, Expires: s.Expires.Format(strictyaml.Day)}
		}
	}
}

func (a *Applied) attest(f *finding.Finding, today time.Time) {
	if f.Status != finding.Manual && f.Status != finding.Unknown {
		return
	}
	for i := range a.file.Attestations {
		s, t := &a.file.Attestations[i], &a.attestations[i]
		if !s.Matches(f) {
			continue
		}
		if f.Status == finding.Unknown {
			t.unknown++
			continue
		}
		t.matched++
		if !today.After(s.Expires) && !f.Attested() {
			f.With().Attestation = &finding.Attestation{
				By: s.By, At: s.At.Format(strictyaml.Day), Evidence: s.Evidence, Expires: s.Expires.Format(strictyaml.Day),
			}
		}
	}
}

// Summary tells what came of every entry, in the file's order, over all results so far.
func (a *Applied) Summary() *result.Exceptions {
	e := &result.Exceptions{
		SHA256: a.file.digest, Suppressions: []result.ExceptionEntry{}, Attestations: []result.ExceptionEntry{}, Warnings: []string{},
	}
	warn := func(line int, what, format string, args ...any) {
		e.Warnings = append(e.Warnings, fmt.Sprintf("line %d (%s): ", line, what)+fmt.Sprintf(format, args...))
	}
	for i := range a.file.Suppressions {
		s, t := &a.file.Suppressions[i], a.suppressions[i]
		entry := result.ExceptionEntry{
			Line: s.Line, Selector: s.String(), Reason: s.Reason, Owner: s.Owner, Expires: s.Expires.Format(strictyaml.Day),
			State: t.state(t.place.whole(&s.Selector, a.file.known.Checks)), Matched: t.matched, Unknown: t.unknown,
		}
		e.Suppressions = append(e.Suppressions, entry)
		a.common(warn, entry)
		if t.untagged > 0 {
			warn(s.Line, entry.Selector, "the tags of %d of the findings were not read, so they are not suppressed; --tags reads more", t.untagged)
		}
	}
	for i := range a.file.Attestations {
		s, t := &a.file.Attestations[i], a.attestations[i]
		entry := result.ExceptionEntry{
			Line: s.Line, Selector: s.String(), Owner: s.By, At: s.At.Format(strictyaml.Day), Evidence: s.Evidence,
			Expires: s.Expires.Format(strictyaml.Day), State: t.state(t.place.whole(&s.Selector, a.file.known.Checks)), Matched: t.matched, Unknown: t.unknown,
		}
		if never := a.neverManual(s.Checks); len(never) > 0 {
			if len(never) == len(s.Checks) && entry.State == result.NotExamined {
				entry.State = result.Unmatched // whatever was looked at: it asks nothing
			}
			warn(s.Line, entry.Selector, "no question is asked by %s: what a check reads of the account nobody can attest", strings.Join(never, ", "))
		}
		e.Attestations = append(e.Attestations, entry)
		a.common(warn, entry)
		if a.future[s.Line] {
			warn(s.Line, entry.Selector, "attested on %s, after the scan", entry.At)
		}
	}
	return e
}

// common warns of what both kinds of entries can be wrong in.
func (a *Applied) common(warn func(int, string, string, ...any), e result.ExceptionEntry) {
	if a.far[e.Line] {
		warn(e.Line, e.Selector, "expires on %s, more than a year after the scan", e.Expires)
	}
	if e.Unknown > 0 {
		warn(e.Line, e.Selector, "%d unknown %s named by it: what could not be seen is not accepted, stays unknown and counts",
			e.Unknown, plural(e.Unknown, "finding is", "findings are"))
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (a *Applied) neverManual(checks []string) []string {
	var out []string
	for _, id := range checks {
		if !slices.Contains(a.file.known.Manual, id) {
			out = append(out, id)
		}
	}
	return out
}

// state: an entry that matches nothing is unmatched only where all of its place was seen; an unknown finding there may
// be what it is for.
func (t tally) state(seen bool) string {
	switch {
	case t.expired:
		return result.Expired
	case t.matched > 0:
		return result.InForce
	case seen && t.unknown == 0 && t.untagged == 0:
		return result.Unmatched
	}
	return result.NotExamined
}
