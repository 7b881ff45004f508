package cli

import (
	"slices"

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

// finisher is a step that has something to say at the end: of several accounts, about all of them.
type finisher interface {
	finish(*result.Result) error
}

// after is the steps in their order: what an exception accepts is known before the comparison, and what changed before the
// tickets.
type after []step

func newAfter() after {
	compared := &baseline{}
	return after{&exceptionsStep{}, compared, &ticketsStep{compared: compared}}
}

// onSaved are the steps that a saved result may go through: not the exceptions, which are part of how it was judged.
func (a after) onSaved() after {
	return slices.DeleteFunc(a, func(s step) bool {
		_, judges := s.(*exceptionsStep)
		return judges
	})
}

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

// finish ends every step, with the one result of all accounts.
func (a after) finish(r *result.Result) error {
	for _, s := range a {
		if f, ok := s.(finisher); ok {
			if err := f.finish(r); err != nil {
				return err
			}
		}
	}
	return nil
}
