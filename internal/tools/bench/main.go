// Command bench measures the two reasonings by their own benchmarks, and whole scans: wall and CPU time, peak memory, and API calls
// next to the least number that AWS's API allows. For the scans it starts LocalStack and fills one account per size. It prints
// Markdown for docs/benchmarks.md; with the argument "reasonings" their table alone, with
// "reports" what it takes to write reports of many findings, with "html" the times in which the HTML report opens.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/ourshare/ourshare/internal/testkit/emulator"
	"github.com/ourshare/ourshare/internal/testkit/least"
)

const region = "us-east-1"

// sizes are the numbers of instances, of databases and of buckets.
var sizes = []int{20, 200}

func main() {
	run := all
	switch args := os.Args[1:]; {
	case len(args) == 0:
	case len(args) == 2 && args[0] == writeJob:
		run = func(_ context.Context, out io.Writer) error { return write(args[1], out) }
	case len(args) == 1 && args[0] == "reasonings":
		run = reason
	case len(args) == 1 && args[0] == "reports":
		run = reports
	case len(args) == 1 && args[0] == "html":
		run = opening
	default:
		fmt.Fprintln(os.Stderr, "usage: bench [reasonings | reports | html]")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func all(ctx context.Context, out io.Writer) error {
	if err := bench(ctx, out); err != nil {
		return err
	}
	_, _ = fmt.Fprint(out, "\n")
	if err := reason(ctx, out); err != nil {
		return err
	}
	_, _ = fmt.Fprint(out, "\n")
	if err := reports(ctx, out); err != nil {
		return err
	}
	_, _ = fmt.Fprint(out, "\n")
	return opening(ctx, out)
}

type bencher struct {
	ctx    context.Context //nolint:containedctx // one run of one program
	out    io.Writer
	e      *emulator.Emulator
	binary string
	dir    string
}

func bench(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "ourshare-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	e, err := emulator.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Stop()) }()
	b := &bencher{ctx, out, e, filepath.Join(emulator.Root(), "bin", "ourshare"), dir}
	if err := b.startUp(); err != nil {
		return err
	}
	b.printf("| N | added per call | wall | own CPU | peak memory | API calls | the formulas' |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	var tables []string
	for _, n := range sizes {
		table, err := b.size(n)
		if err != nil {
			return err
		}
		tables = append(tables, table)
	}
	for _, t := range tables {
		b.printf("\n%s", t)
	}
	return nil
}

func (b *bencher) printf(format string, args ...any) { _, _ = fmt.Fprintf(b.out, format, args...) }

// startUp is the median of 20 runs of `version`.
func (b *bencher) startUp() error {
	var times []time.Duration
	for range 20 {
		start := time.Now()
		if err := exec.CommandContext(b.ctx, b.binary, "version").Run(); err != nil {
			return fmt.Errorf("%s version: %w (make build makes it)", b.binary, err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	info, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	b.printf("%s, %d processors. Start-up (median of 20 `version` runs): %d ms. Binary: %d MB.\n\n",
		runtime.Version(), runtime.NumCPU(), times[10].Milliseconds(), info.Size()>>20)
	return nil
}

// runs is how often each scan is measured; the median by wall time is printed.
const runs = 3

func (b *bencher) size(n int) (table string, err error) {
	account := fmt.Sprintf("4%011d", n)
	if err := b.e.Seed(b.ctx, "bench", "--account", account, "--size", fmt.Sprint(n), "--region", region); err != nil {
		return "", err
	}
	if _, err := b.scan(account); err != nil { // makes the credential report, and warms the emulator up
		return "", err
	}
	var last figures
	for _, ms := range []int{0, 60} {
		if _, err := b.e.Hook(b.ctx, "POST", "latency", map[string]any{"ms": ms}); err != nil {
			return "", err
		}
		var all []figures
		for range runs {
			f, err := b.scan(account)
			if err != nil {
				return "", err
			}
			all = append(all, f)
		}
		slices.SortFunc(all, func(a, b figures) int { return int(a.wall - b.wall) })
		last = all[runs/2]
		b.printf("| %d | %d ms | %.2f s | %.2f s | %d MB | %d | %d |\n",
			n, ms, last.wall.Seconds(), last.cpu.Seconds(), last.peakKB>>10, total(last.calls), total(last.least))
	}
	if _, err := b.e.Hook(b.ctx, "POST", "latency", map[string]any{"ms": 0}); err != nil {
		return "", err
	}
	var t bytes.Buffer
	fmt.Fprintf(&t, "Calls by operation at N = %d:\n\n| operation | calls | formula |\n| --- | --- | --- |\n", n)
	for _, op := range slices.Sorted(maps.Keys(last.calls)) {
		fmt.Fprintf(&t, "| %s | %d | %d |\n", op, last.calls[op], last.least[op])
	}
	return t.String(), nil
}

func total(calls map[string]int) int {
	n := 0
	for _, c := range calls {
		n += c
	}
	return n
}

type figures struct {
	wall, cpu time.Duration
	peakKB    int64
	calls     map[string]int
	least     map[string]int
}

// scan runs the program once, as a process of its own.
func (b *bencher) scan(account string) (f figures, err error) {
	saved := filepath.Join(b.dir, "inventory.json")
	cmd := exec.CommandContext(b.ctx, b.binary, "scan", "--region", region, "--format", "json", "--out", b.dir, "--fail-on", "none")
	cmd.Env = append(os.Environ(), b.e.Environ(account, region)...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return f, fmt.Errorf("the scan of %s: %w", account, err)
	}
	f.wall = time.Since(start)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return f, errors.New("this system does not tell what a process used")
	}
	f.cpu, f.peakKB = cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), usage.Maxrss
	report, err := os.ReadFile(filepath.Join(b.dir, "report.json"))
	if err != nil {
		return f, err
	}
	var r struct {
		Scan struct {
			APICalls struct {
				ByOperation map[string]int `json:"by_operation"`
			} `json:"api_calls"`
		} `json:"scan"`
	}
	if err := json.Unmarshal(report, &r); err != nil {
		return f, err
	}
	f.calls = r.Scan.APICalls.ByOperation
	// The formulas need what the account holds: a scan of its own, which is not measured, keeps it.
	if _, err := os.Stat(saved + account); err != nil {
		cmd := exec.CommandContext(b.ctx, b.binary, "scan", "--region", region, "--save-inventory", saved+account, "--out", b.dir, "--format", "json", "--fail-on", "none")
		cmd.Env = append(os.Environ(), b.e.Environ(account, region)...)
		if err := cmd.Run(); err != nil {
			return f, err
		}
	}
	file, err := os.ReadFile(saved + account)
	if err != nil {
		return f, err
	}
	f.least, err = least.Calls(file)
	return f, err
}
