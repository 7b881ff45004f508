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
	"sync"

	"github.com/ourshare/ourshare/internal/finding"
)

// Spool keeps the results of single accounts in files until they are merged, so that memory does not grow with the number
// of accounts. It is not safe for concurrent use.
type Spool struct {
	dir   string
	parts []part
	heads merge
	next  int

	mu  sync.Mutex
	err error // the first fault of reading back
}

// part is one account's lists, or those of several that were joined; each is sorted.
type part struct {
	findings, unobserved, changes, evaluations, coverage string

	level int            // 0: of one account; else it was joined of maxParts parts of the level below
	lines map[string]int // how many stand in each file
}

// maxParts bounds the files that are read at once: so many parts of one level are joined, and each account is written again
// once for each level, of which 4,096 accounts make two.
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
	for level := 0; ; level++ {
		joined, err := s.join(level)
		if err != nil {
			return fmt.Errorf("the spool could not be joined: %w", err)
		}
		if !joined {
			return nil
		}
	}
}

// join makes one part of those of a level, where there are enough of them.
func (s *Spool) join(level int) (bool, error) {
	var full, rest []part
	for _, p := range s.parts {
		if p.level == level {
			full = append(full, p)
		} else {
			rest = append(rest, p)
		}
	}
	if len(full) < maxParts {
		return false, nil
	}
	from := &Spool{parts: full}
	joined, err := s.write(&Result{spool: from})
	if err := cmp.Or(err, from.failed()); err != nil {
		return false, err
	}
	joined.level = level + 1
	for _, old := range full {
		for _, name := range old.files() {
			if err := os.Remove(name); err != nil {
				return false, err
			}
		}
	}
	s.parts = slices.Concat(rest, []part{joined})
	return true, nil
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
	p = part{
		findings: name("findings"), unobserved: name("unobserved"), changes: name("changes"), evaluations: name("evaluations"), coverage: name("coverage"),
	}
	p.lines = map[string]int{}
	return p, errors.Join(
		writeLines(p, p.findings, r.allJSON()), writeLines(p, p.unobserved, r.AllUnobserved()), writeLines(p, p.changes, r.AllChanges()),
		writeLines(p, p.evaluations, r.AllEvaluations()), writeLines(p, p.coverage, r.AllCoverage()),
	)
}

// writeLines writes a list, and counts it for the one who reads it back.
func writeLines[T any](p part, path string, all iter.Seq[T]) (err error) {
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
		p.lines[path]++
	}
	return w.Flush()
}

// lines reads one kind of list back from every part, merged by an order that each part has. It reads ahead, since reading takes
// as long as most reports' writing.
func lines[T any](s *Spool, file func(part) string, compare func(a, b T) int) iter.Seq[T] {
	return ahead(merged(s, file, compare))
}

// batch is how many elements are read ahead at once.
const batch = 64

// ahead runs a sequence in a goroutine of its own, which has ended when the one that it gives has.
func ahead[T any](all iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		batches, stop := make(chan []T, 1), make(chan struct{})
		go func() {
			defer close(batches)
			next := make([]T, 0, batch)
			for v := range all {
				if next = append(next, v); len(next) < batch {
					continue
				}
				select {
				case batches <- next:
				case <-stop:
					return
				}
				next = make([]T, 0, batch)
			}
			select {
			case batches <- next:
			case <-stop:
			}
		}()
		defer func() {
			close(stop)
			for range batches { // until it has ended
			}
		}()
		for list := range batches {
			for _, v := range list {
				if !yield(v) {
					return
				}
			}
		}
	}
}

func merged[T any](s *Spool, file func(part) string, compare func(a, b T) int) iter.Seq[T] {
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
			h := &reader[T]{file: f, dec: json.NewDecoder(bufio.NewReader(f)), order: i, left: p.lines[file(p)]}
			h.dec.UseNumber()
			heads = append(heads, h)
			if err := h.advance(); err != nil {
				s.fault(err)
				return
			}
		}
		before := func(a, b *reader[T]) int { return cmp.Or(compare(a.next, b.next), cmp.Compare(a.order, b.order)) }
		queue := slices.DeleteFunc(slices.Clone(heads), func(h *reader[T]) bool { return h.done })
		slices.SortFunc(queue, before)
		for len(queue) > 0 {
			first := queue[0]
			if !yield(first.next) {
				return
			}
			if err := first.advance(); err != nil {
				s.fault(err)
				return
			}
			rest := queue[1:]
			if first.done {
				queue = rest
				continue
			}
			at := 0 // a part mostly has several neighbours in a row
			if len(rest) > 0 && before(first, rest[0]) > 0 {
				at, _ = slices.BinarySearchFunc(rest, first, before)
			}
			copy(queue, rest[:at])
			queue[at] = first
		}
	}
}

type reader[T any] struct {
	file  *os.File
	dec   *json.Decoder
	order int
	left  int // lines that were written and not yet read
	next  T
	done  bool
}

// advance reads the next line. A file that ends before its last one is a fault, also where it ends between two.
func (r *reader[T]) advance() error {
	var v T
	r.next = v
	if r.left == 0 {
		r.done = true
		return nil
	}
	switch err := r.dec.Decode(&v); {
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	}
	r.next, r.left = v, r.left-1
	return nil
}

// fault keeps the first error, for failed.
func (s *Spool) fault(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("the spool could not be read back: %w", err)
	}
}

func (s *Spool) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
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
