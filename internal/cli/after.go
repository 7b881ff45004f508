package cli

import (
	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/result"
)

// step is something done with the verdicts before they are reported: exceptions, the comparison with a baseline, tickets.
type step interface {
	// flags adds the step's flags.
	flags(*cobra.Command)
	// prepare reads the step's files, before the first call to AWS and before anything is written.
	prepare(cfg config.Config, formats []string) error
	// apply does the step. Results of several accounts come account by account.
	apply(*result.Result) error
}

// after is the steps in their order: what an exception accepts is known before the comparison, and what changed before the
// tickets.
type after []step

func newAfter() after { return after{} }

func (a after) flags(cmd *cobra.Command) {
	for _, s := range a {
		s.flags(cmd)
	}
}

func (a after) prepare(cfg config.Config, formats []string) error {
	for _, s := range a {
		if err := s.prepare(cfg, formats); err != nil {
			return err
		}
	}
	return nil
}

// apply does every step and counts again.
func (a after) apply(r *result.Result) error {
	for _, s := range a {
		if err := s.apply(r); err != nil {
			return err
		}
	}
	r.Summarize()
	return nil
}
