// Package tickets decides what is to be done in a ticket system after a scan: what is to be opened, updated and closed, by the
// findings, by what is known of the tickets of the scan before, and by the configuration. It is pure: a result in, actions and
// the tickets' states out. A ticket is never closed on missing evidence.
package tickets

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// The actions.
const (
	Open   = "open"
	Update = "update"
	Close  = "close"
)

// group is what belongs to one ticket.
type group struct {
	key      string
	opened   string            // the day on which it was opened; empty: it was not
	before   map[string]bool   // fingerprints that were part of it
	failing  []string          // those that fail now, and are not accepted; in the order of findings
	severity finding.Severity  // the worst of these
	blind    []string          // part of it, and cannot be observed now
	why      map[string]string // what became of a finding that changed, or is no longer part of it
}

// now is what is part of the ticket from now on.
func (g *group) now() map[string]bool {
	all := map[string]bool{}
	for _, fingerprint := range slices.Concat(g.failing, g.blind) {
		all[fingerprint] = true
	}
	return all
}

// left is what is no longer part of the ticket, sorted.
func (g *group) left() []string {
	now := g.now()
	var out []string
	for fingerprint := range g.before {
		if !now[fingerprint] {
			out = append(out, fingerprint)
		}
	}
	slices.Sort(out)
	return out
}

// Known is what is known of tickets from before.
type Known struct {
	States map[string]result.TicketState // by fingerprint; empty: nothing was ever opened
	// Told says that the result's own changes were told already: the states are the result's own.
	Told bool
	// Was gives the earlier verdict on a fingerprint, nil where there was none; nil itself: nothing is known.
	Was func(fingerprint string) *finding.Finding
}

func (k Known) was(fingerprint string) *finding.Finding {
	if k.Was == nil {
		return nil
	}
	return k.Was(fingerprint)
}

// Plan decides the actions of a result. It sets the result's Tickets and TicketStates, and opens no more than the configuration
// allows, the worst first: the rest is held for later runs.
func Plan(r *result.Result, known Known, cfg config.Tickets) {
	known.States = ours(known.States)
	before := known.States
	groups := gather(r, known, cfg)
	states := map[string]result.TicketState{}
	for fingerprint := range before {
		states[fingerprint] = result.TicketState{State: finding.TicketNone}
	}
	today := r.Scan.FinishedAt.UTC().Format(time.DateOnly)
	var due []action
	opened := 0
	for _, g := range inOrder(groups) {
		switch {
		case g.opened != "":
			a, reason := g.next()
			if a != "" {
				due = append(due, action{a, g, reason})
			}
			if a != Close {
				g.mark(states, finding.TicketOpen)
			}
		case len(g.failing) == 0: // what was held back, and needs no ticket any more or cannot be observed
			for _, fingerprint := range g.blind {
				states[fingerprint] = result.TicketState{State: finding.TicketHeld, Key: g.key}
			}
		case cfg.MaxOpen > 0 && opened >= cfg.MaxOpen:
			g.mark(states, finding.TicketHeld)
		default:
			opened++
			g.opened = today
			due = append(due, action{Open, g, g.news()})
			g.mark(states, finding.TicketOpen)
		}
	}
	r.TicketStates = states
	r.Tickets = write(r, due, known, cfg)
}

// ours leaves out tickets that no run of ourshare opened: a key of another form is nobody's word for an open ticket.
func ours(states map[string]result.TicketState) map[string]result.TicketState {
	out := make(map[string]result.TicketState, len(states))
	for fingerprint, s := range states {
		if strings.HasPrefix(s.Key, prefix) && len(s.Key) <= maxKey {
			out[fingerprint] = s
		}
	}
	return out
}

type action struct {
	name   string
	group  *group
	reason string
}

// gather puts every finding that fails, or did, with its ticket.
func gather(r *result.Result, known Known, cfg config.Tickets) map[string]*group {
	before := known.States
	groups := map[string]*group{}
	of := func(key string) *group {
		if groups[key] == nil {
			groups[key] = &group{key: key, before: map[string]bool{}, why: map[string]string{}}
		}
		return groups[key]
	}
	for fingerprint, s := range before {
		if s.State == finding.TicketOpen {
			g := of(s.Key)
			g.opened = cmp.Or(g.opened, s.Opened, "-")
			g.before[fingerprint] = true
		}
	}
	changes := map[string]result.Change{}
	for c := range r.AllChanges() {
		if _, ticket := before[c.Fingerprint]; ticket && !known.Told {
			changes[c.Fingerprint] = c
		}
	}
	carried := map[string]bool{}
	for u := range r.AllUnobserved() {
		if s, ticket := before[u.Fingerprint]; ticket && s.State != finding.TicketNone {
			g := of(s.Key)
			g.blind = append(g.blind, u.Fingerprint)
			carried[u.Fingerprint] = true
		}
	}
	for f := range r.All() {
		was := before[f.Fingerprint]
		key := ""
		if f.Status == finding.Fail && !f.Suppressed() {
			key = known.keyOf(&f, cfg.GroupBy)
			g := of(key)
			g.failing = append(g.failing, f.Fingerprint)
			if g.severity == "" || f.Severity.Rank() < g.severity.Rank() {
				g.severity = f.Severity
			}
			c := changes[f.Fingerprint]
			news := c.Change == result.Reopened || c.Change == result.Changed && !strings.HasSuffix(c.Reason, result.OnlyTimes)
			if news {
				g.why[f.Fingerprint] = string(c.Change) + ": " + c.Reason
			}
		}
		blind := f.Status == finding.Unknown || f.Status == finding.Manual // stands among what is not observable, if it failed when last seen
		if blind && was.State != "" && was.State != finding.TicketNone && !carried[f.Fingerprint] {
			g := of(was.Key) // it was mended while no tickets were written, and nobody can say whether it still is
			g.blind = append(g.blind, f.Fingerprint)
		}
		if was.State == finding.TicketOpen && was.Key != key && !blind {
			of(was.Key).why[f.Fingerprint] = gone(&f, changes[f.Fingerprint], key)
		}
	}
	for _, g := range groups {
		for fingerprint := range g.before {
			c, changed := changes[fingerprint]
			if changed && c.After == nil && c.Change != result.NotObservable {
				g.why[fingerprint] = string(c.Change) + ": " + c.Reason
			}
		}
	}
	return groups
}

// gone says why a finding is no longer part of its ticket.
func gone(f *finding.Finding, c result.Change, key string) string {
	switch {
	case f.Suppressed():
		return "accepted until " + f.Note.Suppression.Expires + " by " + f.Note.Suppression.Owner + ": " + f.Note.Suppression.Reason
	case f.Status == finding.Fail:
		return "it moved to the ticket " + key
	case c.Change != "":
		return string(c.Change) + ": " + c.Reason
	default:
		return "its verdict is " + string(f.Status) + " now"
	}
}

// next is what is due for a ticket that is open: nothing, where what belongs to it is as it was. What cannot be observed stays
// part of it.
func (g *group) next() (name, reason string) {
	now := g.now()
	switch {
	case len(now) == 0:
		return Close, g.news()
	case maps.Equal(now, g.before) && len(g.why) == 0:
		return "", ""
	}
	return Update, g.news()
}

// news says in words how what belongs to the ticket changed.
func (g *group) news() string {
	left := g.left()
	if len(left) == 1 && len(g.before) == 1 && len(g.failing) == 0 && g.why[left[0]] != "" {
		return g.why[left[0]]
	}
	added, changed := 0, 0
	for fingerprint := range g.now() {
		if !g.before[fingerprint] {
			added++
		} else if g.why[fingerprint] != "" {
			changed++
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{added, "failing"}, {changed, "changed"}, {len(left), "no longer part of it"}} {
		if p.n > 0 {
			parts = append(parts, counted(p.n, "finding")+" "+p.what)
		}
	}
	return strings.Join(parts, ", ")
}

// mark writes the state of each finding of the ticket.
func (g *group) mark(states map[string]result.TicketState, state string) {
	s := result.TicketState{State: state, Key: g.key, Opened: g.opened}
	for _, fingerprint := range slices.Concat(g.failing, g.blind) {
		states[fingerprint] = s
	}
}

// inOrder gives the worst first, among equals by key.
func inOrder(groups map[string]*group) []*group {
	return slices.SortedFunc(maps.Values(groups), func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.severity.Rank(), b.severity.Rank()), cmp.Compare(a.key, b.key))
	})
}

// What every key begins with, and the most characters that one has.
const (
	prefix      = "ourshare/"
	ownerPrefix = prefix + "owner/"
	maxKey      = 255
)

// keyOf is the key of the ticket that a finding belongs to. An owner that was known by tags is not known to be another one
// where the tags were not read: the finding stays in its ticket, which would else be closed on missing evidence.
func (k Known) keyOf(f *finding.Finding, by string) string {
	key, s := keyOf(f, by), k.States[f.Fingerprint]
	if by != config.GroupByOwner || f.Resource.Tags != nil || s.State == finding.TicketNone || !strings.HasPrefix(s.Key, ownerPrefix) {
		return key
	}
	was := k.was(f.Fingerprint)
	if was == nil || was.Resource.Tags != nil || was.Owner() == f.Owner() {
		return s.Key
	}
	return key // by another configuration
}

// owner is who answers for a resource: where its tags were not read, whom they named when they were read last.
func (k Known) owner(f *finding.Finding) string {
	if was := k.was(f.Fingerprint); was != nil && f.Resource.Tags == nil && was.Resource.Tags != nil && was.Owner() != "" {
		return was.Owner()
	}
	return f.Owner()
}

// keyOf is the key of the ticket that a finding belongs to by what it says: at most 255 characters, and the same in every scan.
func keyOf(f *finding.Finding, by string) string {
	switch by {
	case config.GroupByCheck:
		return prefix + "check/" + f.AccountID + "/" + f.Rule.ID
	case config.GroupByResource:
		return prefix + "resource/" + digest(f.AccountID, f.Region, f.Resource.Type, f.Resource.ARN, f.Resource.Key)
	case config.GroupByOwner:
		return ownerPrefix + digest(f.Owner())
	}
	return prefix + "finding/" + f.Fingerprint
}

func digest(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(h[:20]))
}
