package cli

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/exceptions"
	"github.com/ourshare/ourshare/internal/result"
)

// exceptionsStep notes what somebody accepts, or answers for.
type exceptionsStep struct {
	file    string
	applied *exceptions.Applied // nil: there is no file
}

var _ finisher = (*exceptionsStep)(nil)

func (s *exceptionsStep) flags(cmd *cobra.Command) { exceptionsFlag(cmd, &s.file) }

func exceptionsFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "exceptions", "",
		"file of suppressions and attestations; default: "+exceptions.DefaultFile+" in the working directory, where there is one")
}

func (s *exceptionsStep) prepare(config.Config, []string) error {
	f, err := loadExceptions(s.file)
	if f != nil {
		s.applied = f.Apply()
	}
	return err
}

func (s *exceptionsStep) apply(r *result.Result) error {
	if s.applied != nil {
		s.applied.To(r)
	}
	return nil
}

func (s *exceptionsStep) finish(r *result.Result) error {
	if s.applied == nil {
		return nil
	}
	if slices.ContainsFunc(r.Scan.ByAccount, func(a result.AccountStatus) bool { return !a.Entered }) {
		s.applied.Missed()
	}
	r.Exceptions = s.applied.Summary()
	return nil
}

// loadExceptions reads the named file, or the default one; nil: there is none.
func loadExceptions(path string) (*exceptions.File, error) {
	if path == "" {
		if _, err := os.Stat(exceptions.DefaultFile); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		path = exceptions.DefaultFile
	}
	f, err := exceptions.Load(path, knownToExceptions())
	if err != nil {
		return nil, fileError(path, err)
	}
	return f, nil
}

func knownToExceptions() exceptions.Known {
	var k exceptions.Known
	for _, c := range catalog.All() {
		k.Checks = append(k.Checks, c.ID)
		if c.Question != "" {
			k.Manual = append(k.Manual, c.ID)
		}
	}
	return k
}

// fileError makes a fault of one of the program's own files the user's, and names the nearest word.
func fileError(path string, err error) error {
	var unknown *config.UnknownWordError // the exceptions' is the same
	if errors.As(err, &unknown) {
		return usagef("%s: %s; did you mean %q?", path, unknown, nearest(unknown.Word, unknown.Valid))
	}
	return usagef("%s", err)
}
