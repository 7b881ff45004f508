package history

import (
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// Tickets is what the earlier result knows of tickets that are open or held, by fingerprint.
func (x *Index) Tickets() map[string]result.TicketState {
	states := map[string]result.TicketState{}
	for fingerprint, was := range x.known {
		for _, f := range []*finding.Finding{was.failed, was.found} {
			if s, ok := result.TicketOf(known(f)); ok {
				states[fingerprint] = s
				break
			}
		}
	}
	return states
}

// Was is the earlier verdict on a fingerprint by which it is compared: its last fail where it could not be observed; nil: none.
func (x *Index) Was(fingerprint string) *finding.Finding {
	e := x.known[fingerprint]
	return e.last()
}
