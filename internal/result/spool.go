package result

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/ourshare/ourshare/internal/finding"
)

// Spool keeps the results of single accounts in files until they are merged, so that memory does not grow with the number
// of accounts. It is not safe for concurrent use.
type Spool struct {
	dir   string
	parts []part
	heads merge
	next  int
	err   error // the first fault of reading back
}

// part is one account's lists, or those of several that were joined; each is sorted.
type part struct{ findings, unobserved, changes, evaluations, coverage string }

// maxParts bounds the files that are read at once (five of each part, one kind at a time).
const maxParts = 64

// NewSpool makes a spool in a new directory below dir (empty: the system's), readable by its owner alone. Close removes it.
func NewSpool(dir string) (*Spool, error) {
	made, err := os.MkdirTemp(dir, "ourshare-spool-*") // mode 0700
	if err != nil {
		return nil, err
	}
	return &Spool{dir: made, heads: newMerge()}, nil
}

// Close removes the spool's files. The merged result cannot be read afterwards.
func (s *Spool) Close() error { return os.RemoveAll(s.dir) }

// Add takes over the result of one account, whose findings are no longer needed in memory afterwards.
func (s *Spool) Add(r *Result) error {
	r.sort()
	p, err := s.write(r)
	if err != nil {
		return fmt.Errorf("the spool could not be written: %w", err)
	}
	s.parts = append(s.parts, p)
	s.heads.add(r)
	if len(s.parts) < maxParts {
		return nil
	}
	joined, err := s.write(&Result{spool: s})
	if err == nil {
		err = s.err
	}
	if err != nil {
		return fmt.Errorf("the spool could not be joined: %w", err)
	}
	for _, old := range s.parts {
		for _, name := range old.files() {
			if err := os.Remove(name); err != nil {
				return fmt.Errorf("the spool could not be joined: %w", err)
			}
		}
	}
	s.parts = []part{joined}
	return nil
}

// AddCoverage takes over calls that belong to no single account's scan: those by which the accounts were entered.
func (s *Spool) AddCoverage(r *Result) error {
	p, err := s.write(&Result{Coverage: r.Coverage})
	if err != nil {
		return fmt.Errorf("the spool could not be written: %w", err)
	}
	s.parts = append(s.parts, p)
	s.heads.spent(r.Scan.APICalls)
	return nil
}

func (p part) files() []string {
	return []string{p.findings, p.unobserved, p.changes, p.evaluations, p.coverage}
}

func (s *Spool) write(r *Result) (p part, err error) {
	s.next++
	name := func(kind string) string { return filepath.Join(s.dir, fmt.Sprintf("%06d.%s", s.next, kind)) }
	p = part{name("findings"), name("unobserved"), name("changes"), name("evaluations"), name("coverage")}
	return p, errors.Join(
		writeLines(p.findings, r.allJSON()), writeLines(p.unobserved, r.AllUnobserved()), writeLines(p.changes, r.AllChanges()),
		writeLines(p.evaluations, r.AllEvaluations()), writeLines(p.coverage, r.AllCoverage()),
	)
}

func writeLines[T any](path string, all iter.Seq[T]) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	for v := range all {
		if err := enc.Encode(v); err != nil {
			return err
		}
	}
	return w.Flush()
}

// lines reads one kind of list back from every part, merged by an order that each part has.
func lines[T any](s *Spool, file func(part) string, compare func(a, b T) int) iter.Seq[T] {
	return func(yield func(T) bool) {
		var heads []*reader[T]
		defer func() {
			for _, h := range heads {
				s.fault(h.file.Close())
			}
		}()
		for i, p := range s.parts {
			f, err := os.Open(file(p))
			if err != nil {
				s.fault(err)
				return
			}
			h := &reader[T]{file: f, dec: json.NewDecoder(bufio.NewReader(f)), order: i}
			h.dec.UseNumber()
			heads = append(heads, h)
			if err := h.advance(); err != nil {
				s.fault(err)
				return
			}
		}
		for {
			var first *reader[T]
			for _, h := range heads {
				if !h.done && (first == nil || compare(h.next, first.next) < 0) {
					first = h
				}
			}
			if first == nil || !yield(first.next) {
				return
			}
			if err := first.advance(); err != nil {
				s.fault(err)
				return
			}
		}
	}
}

type reader[T any] struct {
	file  *os.File
	dec   *json.Decoder
	order int
	next  T
	done  bool
}

func (r *reader[T]) advance() error {
	var v T
	switch err := r.dec.Decode(&v); {
	case errors.Is(err, io.EOF):
		r.done = true
	case err != nil:
		return err
	}
	r.next = v
	return nil
}

func (s *Spool) fault(err error) {
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("the spool could not be read back: %w", err)
	}
}

// The orders of the lists.
func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.CheckID, b.CheckID), cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Resource.Type, b.Resource.Type), cmp.Compare(a.Resource.ARN, b.Resource.ARN), cmp.Compare(a.Resource.Key, b.Resource.Key),
		cmp.Compare(a.Fingerprint, b.Fingerprint),
	)
}

func compareUnobserved(a, b Unobserved) int { return compareFindings(a.Finding, b.Finding) }

func compareChanges(a, b Change) int {
	return cmp.Or(
		cmp.Compare(slices.Index(Kinds(), a.Change), slices.Index(Kinds(), b.Change)), cmp.Compare(a.CheckID, b.CheckID),
		cmp.Compare(a.Resource.ARN, b.Resource.ARN), cmp.Compare(a.Resource.Key, b.Resource.Key), cmp.Compare(a.Fingerprint, b.Fingerprint),
	)
}

func compareEvaluations(a, b Evaluation) int {
	return cmp.Or(cmp.Compare(a.CheckID, b.CheckID), cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region))
}

func compareCoverage(a, b Coverage) int {
	return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Operation, b.Operation))
}

// sort puts every list into its order.
func (r *Result) sort() {
	slices.SortFunc(r.Findings, finding.Compare)
	slices.SortFunc(r.Evaluations, compareEvaluations)
	slices.SortFunc(r.Coverage, compareCoverage)
	slices.SortFunc(r.Unobserved, compareUnobserved)
	if r.Comparison != nil {
		slices.SortFunc(r.Comparison.Changes, compareChanges)
	}
}
