package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/term"

	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
)

// output says which reports to write, and where.
type output struct {
	formats []string
	out     string
}

// check refuses wrong combinations before anything is read.
func (o *output) check() error {
	if len(o.formats) == 0 {
		o.formats = []string{"table"}
	}
	if err := allOf("format", o.formats, report.Names()); err != nil {
		return err
	}
	if o.out == "" {
		return usagef("--out needs a directory, or - for standard output")
	}
	if o.out == "-" && len(o.order()) > 1 {
		return usagef("several formats do not fit on standard output: give --out DIR")
	}
	if o.out != "-" {
		if info, err := os.Stat(o.out); err == nil && !info.IsDir() {
			return usagef("--out %s: it is a file, not a directory", o.out)
		}
	}
	return nil
}

// write writes every report: to standard output, or each as a file of the directory. With a directory, the table is
// shown on standard output as well, since it is made for reading at once. The JSON report comes last: the next run takes it
// for what was reported and for the state of the tickets, so what could not be written is then written again.
func (o *output) write(w io.Writer, r *result.Result) error {
	for _, name := range o.order() {
		f, _ := report.Find(name)
		if err := o.one(w, f, r); err != nil {
			return fmt.Errorf("the report could not be written: %w", err)
		}
	}
	return nil
}

// order is the formats, each once, with the JSON report last.
func (o *output) order() []string {
	var list []string
	for _, name := range o.formats {
		if name != "json" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	if slices.Contains(o.formats, "json") {
		list = append(list, "json")
	}
	return list
}

func (o *output) one(w io.Writer, f report.Format, r *result.Result) error {
	if o.out == "-" {
		return f.Write(w, r, lookOf(w))
	}
	if err := os.MkdirAll(o.out, 0o700); err != nil {
		return err
	}
	err := writeFile(filepath.Join(o.out, f.File), func(w io.Writer) error { return f.Write(w, r, report.Look{Width: 160}) })
	if err == nil && f.Name == "table" {
		err = f.Write(w, r, lookOf(w))
	}
	return err
}

// writeFile writes a file whole or not at all, readable by its owner alone.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = cleanUp(f, err)
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func cleanUp(f *os.File, cause error) error {
	_ = f.Close() // it may be closed already; the cause is what matters
	if err := os.Remove(f.Name()); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("%w (and %s is left behind: %w)", cause, f.Name(), err)
	}
	return cause
}

// lookOf fits a report to where it goes: a terminal's width and colour, unless NO_COLOR asks for none (no-color.org).
func lookOf(w io.Writer) report.Look {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		look := report.Look{Width: 160}
		if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
			look.Width = n
		}
		return look
	}
	look := report.Look{Width: 100, Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		look.Width = width
	}
	return look
}

// readable reads a whole file, as the user's input.
func readable(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("%s", err)
	}
	return bytes.TrimSpace(b), nil
}
