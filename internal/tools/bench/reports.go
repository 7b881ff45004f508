package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/testkit/emulator"
)

// The result that every format is written from: as many accounts of as many findings.
const (
	reportAccounts = 20
	reportEach     = 5000
)

// growth are the numbers of accounts, of growthEach findings each, by which the growth of memory is told.
var growth = []int{1, 5, 20, 100}

const growthEach = 1000

// reporter measures the writing of reports in a directory.
type reporter struct {
	ctx context.Context //nolint:containedctx // one run of one program
	out io.Writer
	dir string
}

// reports measures, each in a process of its own, the writing of every format, memory by the number of accounts, and the
// commands that read a saved result. It prints tables.
func reports(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "ourshare-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p := reporter{ctx, out, dir}
	if err := p.formats(); err != nil {
		return err
	}
	if err := p.accounts(); err != nil {
		return err
	}
	return p.commands()
}

func (p reporter) printf(format string, args ...any) { _, _ = fmt.Fprintf(p.out, format, args...) }

// formats prints what each format takes, from a spool and from memory.
func (p reporter) formats() error {
	const findings = reportAccounts * reportEach
	p.printf("%d findings, compared with those of the night before: from the spool of %d accounts, and of one account in memory, where both nights are:\n\n",
		findings, reportAccounts)
	p.printf("| format | size | from the spool | peak memory | from memory | peak memory |\n| --- | --- | --- | --- | --- | --- |\n")
	var list []writing
	for _, f := range report.Formats {
		list = append(list, writing{Format: f.Name})
		if f.Name == "tickets" {
			list = append(list, writing{Format: f.Name, First: true})
		}
	}
	var spool float64
	for _, w := range list {
		w.Path = filepath.Join(p.dir, "report")
		w.Accounts, w.Each, w.Spooled = reportAccounts, reportEach, true
		spooled, err := p.median(w, runs)
		if err != nil {
			return err
		}
		w.Accounts, w.Each, w.Spooled = 1, findings, false
		kept, err := p.median(w, runs)
		if err != nil {
			return err
		}
		spool = spooled.Spool
		p.printf("| %s | %s | %.2f s | %d MB | %.2f s | %d MB |\n", w.name(), size(spooled.Bytes), spooled.Seconds, spooled.PeakKB>>10, kept.Seconds, kept.PeakKB>>10)
	}
	p.printf("\nPutting the accounts into the spool took %.2f s.\n", spool)
	return nil
}

// accounts prints peak memory by the number of accounts.
func (p reporter) accounts() error {
	p.printf("\nPeak memory by the number of accounts of %d findings each:\n\n| format |", growthEach)
	line := "| --- |"
	for _, n := range growth {
		p.printf(" %d |", n)
		line += " --- |"
	}
	p.printf(" more for each finding |\n%s --- |\n", line)
	for _, format := range []string{"json", "html", "tickets"} {
		p.printf("| %s |", format)
		var peaks []int64
		for _, n := range growth {
			took, err := p.median(writing{Format: format, Accounts: n, Each: growthEach, Spooled: true, Path: filepath.Join(p.dir, "report")}, 1)
			if err != nil {
				return err
			}
			peaks = append(peaks, took.PeakKB)
			p.printf(" %d MB |", took.PeakKB>>10)
		}
		more := (peaks[len(peaks)-1] - peaks[0]) << 10 / int64((growth[len(growth)-1]-growth[0])*growthEach)
		p.printf(" %d bytes |\n", more)
	}
	return nil
}

// median measures a writing several times, each in a process of its own, and gives the median by time with the most memory.
func (p reporter) median(w writing, times int) (written, error) {
	self, err := os.Executable()
	if err != nil {
		return written{}, err
	}
	job, err := json.Marshal(w)
	if err != nil {
		return written{}, err
	}
	all := make([]written, times)
	var most int64
	for i := range all {
		cmd := exec.CommandContext(p.ctx, self, writeJob, string(job))
		cmd.Stderr = os.Stderr
		printed, err := cmd.Output()
		if err != nil {
			return written{}, fmt.Errorf("writing %s: %w", w.name(), err)
		}
		if err := json.Unmarshal(printed, &all[i]); err != nil {
			return written{}, fmt.Errorf("writing %s: %w", w.name(), err)
		}
		most = max(most, all[i].PeakKB)
	}
	slices.SortFunc(all, func(a, b written) int { return int((a.Seconds - b.Seconds) * 1e6) })
	took := all[times/2]
	took.PeakKB = most
	return took, nil
}

// commands prints what the program takes for commands that read saved results of two nights.
func (p reporter) commands() error {
	old, later := filepath.Join(p.dir, "old.json"), filepath.Join(p.dir, "later.json")
	for path, first := range map[string]bool{old: true, later: false} {
		w := writing{Format: "json", Accounts: reportAccounts, Each: reportEach, Spooled: true, First: first, Path: path}
		if _, err := p.median(w, 1); err != nil { // not in this process: a child's ru_maxrss begins with its parent's
			return err
		}
	}
	binary := filepath.Join(emulator.Root(), "bin", "ourshare")
	p.printf("\nCommands that read saved results of %d findings:\n\n| command | time | peak memory |\n| --- | --- | --- |\n", reportAccounts*reportEach)
	for _, args := range [][]string{
		{"report", later, "--format", "json"},
		{"report", later, "--format", "table"},
		{"report", later, "--format", "html"},
		{"diff", old, later, "--format", "json"},
		{"diff", old, later},
		{"report", later, "--baseline", old, "--format", "json"},
	} {
		if err := p.command(binary, args, map[string]string{old: "OLD", later: "NEW"}); err != nil {
			return err
		}
	}
	return nil
}

func (p reporter) command(binary string, args []string, names map[string]string) error {
	var took []time.Duration
	var most int64
	for range runs {
		cmd := exec.CommandContext(p.ctx, binary, args...)
		var said bytes.Buffer
		cmd.Stderr = &said
		start := time.Now()
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%v: %w (make build makes the program): %s", args, err, said.Bytes())
		}
		took = append(took, time.Since(start))
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			return errors.New("this system does not tell what a process used")
		}
		most = max(most, usage.Maxrss)
	}
	slices.Sort(took)
	line := "ourshare"
	for _, a := range args {
		if names[a] != "" {
			a = names[a]
		}
		line += " " + a
	}
	p.printf("| `%s` | %.2f s | %d MB |\n", line, took[runs/2].Seconds(), most>>10)
	return nil
}

// size is a number of bytes as it is read.
func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d MB", n>>20)
}
