package inventory

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// Format and version of a saved inventory. A reader refuses another format or a newer major version.
const (
	FileFormat  = "ourshare-inventory"
	FileVersion = 1
)

// File is a saved inventory: what was read, with its gaps and the clock, so that it can be judged again without a call.
type File struct {
	Format      string            `json:"format"`
	Version     int               `json:"version"`
	ScanID      string            `json:"scan_id"`
	StartedAt   time.Time         `json:"started_at"`
	FinishedAt  time.Time         `json:"finished_at"`
	Clock       time.Time         `json:"clock"`
	AccountID   string            `json:"account_id"`
	Partition   string            `json:"partition"`
	CallerARN   string            `json:"caller_arn"`
	Regions     []string          `json:"regions"`
	ScanGaps    []Gap             `json:"scan_gaps"`   // what the scan as a whole missed: the list of regions
	Interrupted bool              `json:"interrupted"` // the scan was stopped before its end
	Coverage    []awsapi.Coverage `json:"coverage"`
	Entries     []fileEntry       `json:"entries"`
}

type fileEntry struct {
	Name   string          `json:"name"`
	Scope  string          `json:"scope"`
	ReadAt time.Time       `json:"read_at"`
	Data   json.RawMessage `json:"data"`
}

// Save writes the store into w, with the head that the caller has filled in. Tags applied to rows are part of the rows.
func (s *Store) Save(w io.Writer, head File) error {
	head.Format, head.Version = FileFormat, FileVersion
	head.AccountID, head.Partition, head.Regions, head.Clock = s.AccountID, s.Partition, s.Regions, s.Clock
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, e := range s.entries {
		if !e.done || e.node.derived {
			continue
		}
		data, err := json.Marshal(e.val)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", k.node, k.scope, err)
		}
		head.Entries = append(head.Entries, fileEntry{Name: k.node, Scope: k.scope, ReadAt: e.at, Data: data})
	}
	slices.SortFunc(head.Entries, func(a, b fileEntry) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Scope, b.Scope))
	})
	return json.NewEncoder(w).Encode(head)
}

// ErrNotInventory is a file that is no saved inventory, or one that this version cannot read.
var ErrNotInventory = errors.New("not a saved inventory of ourshare")

// Load reads a saved inventory. nodes are the datasets and details of the catalogue: what the file holds beside them is
// left aside, what it lacks is a gap of whoever asks. Errors wrap ErrNotInventory.
func Load(r io.Reader, nodes []*Node) (*Store, *File, error) {
	var f File
	dec := json.NewDecoder(bufio.NewReader(r))
	if err := dec.Decode(&f); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrNotInventory, err)
	}
	switch {
	case f.Format != FileFormat:
		return nil, nil, fmt.Errorf("%w: its format is %q", ErrNotInventory, f.Format)
	case f.Version != FileVersion:
		return nil, nil, fmt.Errorf("%w: its version is %d, this program reads %d", ErrNotInventory, f.Version, FileVersion)
	case f.AccountID == "" || f.Partition == "" || f.Clock.IsZero() || len(f.Regions) == 0:
		return nil, nil, fmt.Errorf("%w: it names no account, clock or region", ErrNotInventory)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("%w: something follows its end", ErrNotInventory)
	}
	s := &Store{
		AccountID: f.AccountID, Partition: f.Partition, Regions: f.Regions, Clock: f.Clock,
		Now: func() time.Time { return f.Clock }, entries: map[entryKey]*entry{},
	}
	byName := map[string]*Node{}
	for _, n := range nodes {
		byName[n.Name] = n
	}
	for _, fe := range f.Entries {
		n := byName[fe.Name]
		if n == nil || n.derived {
			continue
		}
		val, err := n.decode(fe.Data)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %s of %s: %w", ErrNotInventory, fe.Name, fe.Scope, err)
		}
		s.entries[entryKey{fe.Name, fe.Scope}] = &entry{val: val, at: fe.ReadAt, done: true, node: n}
	}
	for _, n := range []*Node{Accounts.node, Regions.node} { // they cost no call, so every inventory has them
		for _, scope := range s.scopes(n) {
			if _, ok := s.lookup(n, scope); !ok {
				val, _ := n.read(context.Background(), s, scope)
				s.entries[entryKey{n.Name, scope}] = &entry{val: val, at: f.Clock, done: true, node: n}
			}
		}
	}
	return s, &f, nil
}
