package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ourshare/ourshare/internal/testkit/emulator"
)

// reasoning is a package whose benchmarks are run.
type reasoning struct {
	path    string
	pattern string // of the benchmarks to run
	// subjects say what one operation of a benchmark is; those that are not named here are printed by their own names.
	subjects map[string]subject
}

// subject is one operation of a benchmark: how many decisions it takes, 0 where it takes none that can be counted, and how long
// it may last, 0 for any time.
type subject struct {
	what      string
	decisions int
	within    time.Duration
}

var reasonings = []reasoning{
	{"./internal/exposure", "^BenchmarkVPC", map[string]subject{
		"BenchmarkVPC":         {"two TCP ports at each of 2,000 interfaces of a VPC with 300 groups and 50 load balancers, indexing included", 4000, time.Second},
		"BenchmarkVPCAllPorts": {"every TCP port of 100 of these interfaces", 100, 0},
	}},
	{"./internal/iampolicy", ".", map[string]subject{
		"BenchmarkParse20KB":                   {"parsing a policy of 20 KB", 0, 0},
		"BenchmarkDecide20KB":                  {"one action on one object, by an identity's and a bucket's policy of 20 KB each", 1, 0},
		"BenchmarkDecisionsIdentityPolicy20KB": {"one action on one object, by an identity's policy of 20 KB alone", 1, 0},
		"BenchmarkDecisionsBucketPolicy20KB":   {"one action on one object, by a bucket's policy of 20 KB alone", 1, 0},
		"BenchmarkDecidePattern20KB":           {"one action on all objects of a bucket, by an identity's policy of 20 KB", 1, 0},
		"BenchmarkGrants20KB":                  {"what a resource's policy of 20 KB gives, and to whom", 1, 0},
		"BenchmarkAdministrator20KB":           {"whether an identity with a policy of 20 KB is an administrator", 1, 0},
		"BenchmarkEscalations500":              {"whether each of 500 users and roles can become an administrator", 500, 0},
	}},
}

// repeats is how often each benchmark is run; the median is printed.
const repeats = 3

// reason measures the reasonings and prints a table. A benchmark that is gone, or slower than it may be, is an error.
func reason(ctx context.Context, out io.Writer) error {
	var rows [][2]string
	for _, r := range reasonings {
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", r.pattern, "-count", strconv.Itoa(repeats), r.path)
		cmd.Dir, cmd.Stderr = emulator.Root(), os.Stderr
		printed, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("the benchmarks of %s: %w\n%s", r.path, err, printed)
		}
		times, err := parse(printed)
		if err != nil {
			return err
		}
		more, err := r.rows(times)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	_, err := fmt.Fprint(out, "| one operation | time | decisions per second |\n| --- | --- | --- |\n")
	for _, row := range rows {
		if err == nil {
			_, err = fmt.Fprintf(out, "| %s | %s |\n", row[0], row[1])
		}
	}
	return err
}

// rows gives the table's rows, by benchmark.
func (r reasoning) rows(times map[string][]time.Duration) (rows [][2]string, err error) {
	for _, name := range slices.Sorted(maps.Keys(r.subjects)) {
		if len(times[name]) == 0 {
			return nil, fmt.Errorf("%s has no %s", r.path, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(times)) {
		took := times[name]
		slices.Sort(took)
		median := took[len(took)/2]
		s, known := r.subjects[name]
		if !known {
			s.what = name
		}
		rate := "-"
		if s.decisions > 0 && median > 0 {
			rate = strconv.FormatFloat(float64(s.decisions)/median.Seconds(), 'f', 0, 64)
			if median > time.Second/10*time.Duration(s.decisions) {
				rate = strconv.FormatFloat(float64(s.decisions)/median.Seconds(), 'f', 1, 64)
			}
		}
		if s.within > 0 && median >= s.within {
			return nil, fmt.Errorf("%s takes %s, not less than %s", name, median, s.within)
		}
		rows = append(rows, [2]string{s.what, shown(median) + " | " + rate})
	}
	return rows, nil
}

// shown keeps three figures.
func shown(d time.Duration) string {
	unit := time.Nanosecond
	for d >= 1000*unit {
		unit *= 10
	}
	return d.Round(unit).String()
}

// parse reads the times per operation out of what `go test -bench` prints, by benchmark: "BenchmarkX-2  100  1234 ns/op ..."
// (https://go.dev/design/14313-benchmark-format).
func parse(printed []byte) (map[string][]time.Duration, error) {
	times := map[string][]time.Duration{}
	lines := bufio.NewScanner(bytes.NewReader(printed))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		at := slices.Index(f, "ns/op")
		if at < 3 {
			return nil, fmt.Errorf("no time in %q", lines.Text())
		}
		nanoseconds, err := strconv.ParseFloat(f[at-1], 64)
		if err != nil {
			return nil, fmt.Errorf("no time in %q: %w", lines.Text(), err)
		}
		name := f[0]
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			if _, err := strconv.Atoi(name[i+1:]); err == nil { // the number of processors
				name = name[:i]
			}
		}
		times[name] = append(times[name], time.Duration(nanoseconds))
	}
	return times, lines.Err()
}
