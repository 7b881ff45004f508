package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
)

// baseline is the step that compares with an earlier result.
type baseline struct {
	cmd   *cobra.Command
	path  string
	index *history.Index // nil: no comparison was asked for
	done  map[string]bool
}

func (b *baseline) flags(cmd *cobra.Command) {
	b.cmd = cmd
	cmd.Flags().StringVar(&b.path, "baseline", "", "tell what changed since this JSON result, or since the newest one of this directory; an empty directory is a first run")
}

// prepare reads the earlier result, whole, before it can be overwritten.
func (b *baseline) prepare(config.Config, []string) error {
	given := b.cmd.Flags().Changed("baseline")
	if !given {
		if f := b.cmd.Flags().Lookup("fail-on"); f != nil && f.Value.String() == failOnNew {
			return usagef("--fail-on new needs --baseline, the result to compare with")
		}
		return nil
	}
	old, err := readBaseline(b.path, b.cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	b.index, b.done = history.Open(old), map[string]bool{}
	return nil
}

func (b *baseline) apply(r *result.Result) error {
	if b.index == nil {
		return nil
	}
	for _, account := range r.Scan.Accounts {
		b.done[account] = true
	}
	b.index.Annotate(r)
	return nil
}

// finish tells of the accounts of which no result came.
func (b *baseline) finish(r *result.Result) error {
	if b.index == nil {
		return nil
	}
	return b.index.Rest(r, func(account string) bool { return b.done[account] })
}

// readBaseline reads a result, or the newest one of a directory; nil where the directory has none.
func readBaseline(path string, warnings io.Writer) (*result.Result, error) {
	info, err := os.Stat(path)
	switch {
	case path == "":
		return nil, usagef("--baseline needs a JSON result of ourshare, or a directory of them")
	case err != nil:
		return nil, usagef("--baseline: %s", err)
	case info.IsDir():
		return newest(path, warnings)
	}
	r, err := loadResult(path)
	if err != nil {
		return nil, usagef("--baseline %s: %s", path, err)
	}
	return r, nil
}

// loadResult reads a JSON result from a file. Errors do not name the file.
func loadResult(path string) (r *result.Result, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plainError(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("it is a directory")
	}
	return result.Load(f)
}

// plainError is a file's error without its path.
func plainError(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// candidate is a file of the directory that begins like a result.
type candidate struct {
	path string
	at   time.Time
}

// newest is the result of the directory whose scan ended last; nil where it has none, a first run. Other kinds of JSON are
// passed over. A result that cannot be read is passed over for the next older one, with a warning; where no other is left,
// that is an error: taken for a first run it would make everything new.
func newest(dir string, warnings io.Writer) (*result.Result, error) {
	warn := func(format string, args ...any) {
		_, _ = fmt.Fprintf(warnings, "ourshare: warning: --baseline "+format+"\n", args...) // there is nowhere else to say it
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, usagef("--baseline: %s", err)
	}
	files, unreadable := 0, 0
	var list []candidate
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !strings.HasSuffix(e.Name(), ".json") || strings.HasPrefix(e.Name(), ".") { // what begins with a dot is being written
			continue
		}
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() {
			continue
		}
		files++
		at, err := finishedAt(path)
		var inFile *os.PathError
		var version *result.VersionError
		switch {
		case err == nil:
			list = append(list, candidate{path, at})
			continue
		case errors.Is(err, result.ErrOther):
			continue
		case errors.As(err, &inFile), errors.As(err, &version):
			unreadable++
		}
		warn("%s: it is passed over: %s", path, plainError(err))
	}
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.path, a.path)) })
	for _, c := range list {
		r, err := loadResult(c.path)
		if err == nil {
			return r, nil
		}
		unreadable++
		warn("%s: it is passed over: %s", c.path, err)
	}
	switch {
	case unreadable > 0:
		return nil, usagef("--baseline %s: none of the results in it can be read", dir)
	case files > 0:
		warn("%s: none of its %d JSON %s is a result: this counts as a first run", dir, files, plural(files, "file", "files"))
	}
	return nil, nil
}

func finishedAt(path string) (at time.Time, err error) {
	f, err := os.Open(path)
	if err != nil {
		return at, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return result.FinishedAt(f)
}
