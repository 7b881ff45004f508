package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/tickets"
)

// writeJob is the argument with which the program calls itself.
const writeJob = "write"

// writing is what a process of its own is to write: a report of accounts of findings each.
type writing struct {
	Format   string
	Accounts int
	Each     int    // findings of each account, some of which the second night has no more
	Spooled  bool   // else one account in memory
	First    bool   // no baseline: the first night alone, before any ticket was opened
	Path     string // the file
}

// written is what it took. The time is that of writing alone; the memory is the process's peak, the making of the result included.
type written struct {
	Seconds float64
	Spool   float64 // seconds until the accounts were spooled, without their making
	PeakKB  int64
	Bytes   int64
}

// write writes one report in this process and prints what it took as JSON.
func write(job string, out io.Writer) error {
	var w writing
	if err := json.Unmarshal([]byte(job), &w); err != nil {
		return err
	}
	took, err := w.do()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(took)
}

func (w writing) do() (took written, err error) {
	r, known, spooled, done, err := w.make()
	if err != nil {
		return took, err
	}
	defer func() { err = errors.Join(err, done()) }()
	took.Spool = spooled.Seconds()
	start := time.Now()
	if w.Format == "tickets" {
		tickets.Plan(r, tickets.Known{States: known}, config.DefaultTickets())
	}
	if took.Bytes, err = writeReport(r, w.Format, w.Path); err != nil {
		return took, err
	}
	took.Seconds = time.Since(start).Seconds()
	took.PeakKB, err = peak()
	return took, err
}

// make makes the result: account by account through a spool, or one in memory.
func (w writing) make() (r *result.Result, known map[string]result.TicketState, spooled time.Duration, done func() error, err error) {
	s, known := newSynthetic(), map[string]result.TicketState{}
	account := func(i int) *result.Result {
		if w.First {
			r := s.account(i, w.Each, 0)
			for i := range r.Findings {
				if n := r.Findings[i].Note; n != nil {
					n.History = nil
				}
			}
			return r
		}
		r, states := s.compared(i, w.Each)
		if w.Format == "tickets" { // else nobody asks for them
			maps.Copy(known, states)
		}
		return r
	}
	if !w.Spooled {
		return account(0), known, 0, func() error { return nil }, nil
	}
	spool, err := result.NewSpool(filepath.Dir(w.Path))
	if err != nil {
		return nil, nil, 0, nil, err
	}
	night := 1
	if w.First {
		night = 0
	}
	head := s.head(night)
	for i := range w.Accounts {
		one := account(i)
		start := time.Now()
		if err := spool.Add(one); err != nil {
			return nil, nil, 0, nil, errors.Join(err, spool.Close())
		}
		spooled += time.Since(start)
		head.Scan.ByAccount = append(head.Scan.ByAccount, result.AccountStatus{
			AccountID: one.Scan.Accounts[0], Name: fmt.Sprint("account ", i), Entered: true, Complete: one.Scan.Complete,
			CallerARN: "arn:aws:sts::" + one.Scan.Accounts[0] + ":assumed-role/audit/ourshare",
		})
	}
	r = spool.Merge(*head)
	engine.SetControls(r, s.all)
	return r, known, spooled, spool.Close, nil
}

func writeReport(r *result.Result, format, path string) (size int64, err error) {
	f, known := report.Find(format)
	if !known {
		return 0, fmt.Errorf("no such format: %q", format)
	}
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := f.Write(file, r, report.Look{Width: 160}); err != nil {
		return 0, err
	}
	return file.Seek(0, io.SeekEnd)
}

// peak is the most memory that this process had at once, in KB: VmHWM of proc_pid_status(5).
func peak() (int64, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("this system does not tell what a process used: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			return strconv.ParseInt(f[1], 10, 64)
		}
	}
	return 0, errors.New("this system does not tell what a process used: no VmHWM")
}

// name is how the writing is told in a table.
func (w writing) name() string {
	if w.First {
		return w.Format + ", a first run"
	}
	return cmp.Or(w.Format, "?")
}
