package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/tickets"
)

// ticketsStep decides what is to be done in a ticket system, where the format is asked for.
type ticketsStep struct {
	compared *baseline
	cfg      config.Tickets
	wanted   bool
}

func (*ticketsStep) flags(*cobra.Command) {}

func (s *ticketsStep) prepare(cfg config.Config, formats []string) error {
	s.cfg, s.wanted = cfg.Tickets, slices.Contains(formats, "tickets")
	if n := s.open(); n > 0 && !s.wanted && slices.Contains(formats, "json") {
		_, _ = fmt.Fprintf(s.compared.cmd.ErrOrStderr(), "ourshare: warning: the baseline has %d open %s, and --format tickets is not given: "+ // there is nowhere else to say it
			"of a resource that is gone by now the JSON report no longer knows it, and no later run closes it\n", n, plural(n, "ticket", "tickets"))
	}
	return nil
}

// open is how many tickets the baseline holds as open.
func (s *ticketsStep) open() int {
	if s.compared.index == nil {
		return 0
	}
	keys := map[string]bool{}
	for _, known := range s.compared.index.Tickets() {
		if known.State == finding.TicketOpen {
			keys[known.Key] = true
		}
	}
	return len(keys)
}

func (*ticketsStep) apply(*result.Result) error { return nil }

// finish plans over all accounts, since an owner's ticket may be about several. What was opened before is known from the baseline;
// without one, from the result itself: a saved one knows what its scan has opened.
func (s *ticketsStep) finish(r *result.Result) error {
	if !s.wanted {
		return nil
	}
	known := tickets.Known{Told: s.compared.index == nil}
	if s.compared.index != nil {
		known.States, known.Was = s.compared.index.Tickets(), s.compared.index.Was
	} else {
		known.States = map[string]result.TicketState{}
		remember := func(fingerprint string, h *finding.History) {
			if t, ok := result.TicketOf(h); ok {
				known.States[fingerprint] = t
			}
		}
		for f := range r.All() {
			remember(f.Fingerprint, f.History())
		}
		for u := range r.AllUnobserved() {
			remember(u.Fingerprint, u.History)
		}
	}
	tickets.Plan(r, known, s.cfg)
	return r.Err()
}
