package iampolicy

import (
	"cmp"
	"slices"
	"strings"
)

// The rounds of [Escalator.spread] follow paths of which every step leads to somebody more powerful. Power is also gained in
// combination: somebody changes the policies of a user that is no administrator and takes its credentials as well, or takes
// away a boundary. A closure finds those: it holds whom the attacker controls and what was done to each, until nothing more
// can be done. Every step only adds power, so that their order is irrelevant.

// held is an identity that the attacker controls.
type held struct {
	id    *Identity // as it is after what was done to it
	of    string    // its ARN
	steps []int     // the events that led to its control or changed it
	full  bool      // it was given all permissions
}

// event is one step of a closure.
type event struct {
	by, words string
	needs     []int // other events
	deed
}

// closure is the search for one identity.
type closure struct {
	e      *Escalator
	least  Answer // of the steps that are taken: Yes, or Unknown too
	nodes  []*held
	events []event
	tried  map[string]bool
}

// maxControlled bounds a closure.
const maxControlled = 64

// combined finds a way by which an identity becomes an administrator in combination: by sure steps alone or, if there is
// none, by those that are not decided as well.
func (e *Escalator) combined(id *Identity) (Escalation, bool) {
	if id.Kind == Group { // anyone in it, who has nothing else
		arn := strings.Replace(id.ARN, ":group/", ":user/a-member-of-", 1)
		id = &Identity{ARN: arn, Kind: User, Groups: []string{id.ARN}}
	}
	if p, ok := e.closure(Yes).run(id); ok {
		return p, true
	}
	if id.Boundary != nil {
		if p, ok := e.swapped(id); ok {
			return p, true
		}
	}
	return e.closure(Unknown).run(id)
}

func (e *Escalator) closure(least Answer) *closure {
	return &closure{e: e, least: least, tried: map[string]bool{}}
}

// swapped finds a way by sure steps that begins by putting another policy in the place of one's own boundary.
func (e *Escalator) swapped(id *Identity) (Escalation, bool) {
	for _, g := range e.swaps(id, id) {
		if g.answer != Yes {
			continue
		}
		c := e.closure(Yes)
		by := &held{id: id, of: id.ARN}
		c.nodes = []*held{{id: id, of: id.ARN}}
		c.changed(by, c.nodes[0], g.deed, "="+g.policy.ARN, func(to *Identity) { to.Boundary = &g.policy })
		if p, ok := c.search(id); ok {
			return p, true
		}
	}
	return Escalation{}, false
}

func (c *closure) takes(d deed) bool {
	return d.answer == Yes || d.answer == Unknown && c.least == Unknown
}

func (c *closure) run(id *Identity) (Escalation, bool) {
	c.nodes = []*held{{id: id, of: id.ARN}}
	return c.search(id)
}

func (c *closure) search(id *Identity) (Escalation, bool) {
	for {
		step := func(f func(*held) bool) bool { return slices.ContainsFunc(slices.Clone(c.nodes), f) }
		if !step(c.change) && (len(c.nodes) > maxControlled || !step(c.take)) {
			return Escalation{}, false
		}
		if p, ok := c.won(id); ok {
			return p, true
		}
	}
}

// won gives the path to a controlled identity that is an administrator by now.
func (c *closure) won(start *Identity) (Escalation, bool) {
	for _, n := range c.nodes {
		if len(n.steps) == 0 {
			continue
		}
		r := c.e.Administrator(n.id)
		if c.takes(deed{answer: r.Answer}) {
			p := c.path(start, n)
			p.Answer = p.Answer.and(r.Answer)
			if p.Answer == Unknown && p.Unsure == "" {
				p.Unsure = undecidedPath
			}
			return p, true
		}
	}
	return Escalation{}, false
}

// path tells the events that led to a node.
func (c *closure) path(start *Identity, to *held) Escalation {
	p := Escalation{Answer: Yes, Target: to.of}
	needed := map[int]bool{}
	var need func(list []int)
	need = func(list []int) {
		for _, i := range list {
			if !needed[i] {
				needed[i] = true
				need(c.events[i].needs)
			}
		}
	}
	need(to.steps)
	text, at, joint := start.name(), start.name(), " → "
	for i, ev := range c.events {
		if !needed[i] {
			continue
		}
		if ev.by != at {
			text, at, joint = text+" → "+ev.by, ev.by, " → "
		}
		text, joint = text+joint+ev.words, " + "
		p.Answer = p.Answer.and(ev.answer)
		p.Actions = append(p.Actions, ev.actions...)
		p.If = append(p.If, ev.when...)
		p.Because = append(p.Because, ev.because...)
		p.Unsure = cmp.Or(p.Unsure, ev.unsure)
	}
	end := to.id.name()
	if to.of == start.ARN {
		end = "itself"
	}
	p.Path = text + " → " + end + " (administrator)"
	p.If, p.Because = sorted(p.If), sorted(p.Because)
	return p
}

// once tells whether a step was not looked at before, by whom and on whom as they are now.
func (c *closure) once(by *Identity, on, what string) bool {
	key := c.e.key(by) + "\x00" + on + "\x00" + what
	if c.tried[key] {
		return false
	}
	c.tried[key] = true
	return true
}

// note keeps an event and gives its number.
func (c *closure) note(by *held, d deed, needs []int) int {
	text := strings.Join(d.actions, " + ")
	if d.on != "" {
		text += " on " + d.on
	}
	text = cmp.Or(d.text, text)
	c.events = append(c.events, event{by: by.id.name(), words: text, needs: slices.Concat(by.steps, needs), deed: d})
	return len(c.events) - 1
}

// changed puts a changed identity in the place of a node's.
func (c *closure) changed(by, on *held, d deed, what string, change func(*Identity)) {
	i := c.note(by, d, on.steps)
	id := *on.id
	if list := c.e.inTurn[on.id]; len(list) > 0 {
		c.e.inTurn[&id] = list
	}
	change(&id)
	c.e.changed[&id] = c.e.key(on.id) + what
	on.id, on.steps = &id, append(slices.Clone(on.steps), i)
}

// change lets a node do one thing to those who are controlled: take a boundary away, give policies, put a user into a
// group; or make a user or a role.
func (c *closure) change(by *held) bool {
	for _, on := range c.nodes {
		if on.id.serviceLinked() {
			continue
		}
		now := c.e.key(on.id)
		if on.id.Boundary != nil && c.once(by.id, now, "lift") && c.e.unbounded(on.id) != Yes {
			if d := c.e.lift(by.id, on.id); c.takes(d) {
				c.changed(by, on, d, "-boundary", func(id *Identity) { id.Boundary = nil })
				return true
			}
		}
		if c.least == Unknown && on.id.Boundary != nil && c.once(by.id, now, "swap") && c.swap(by, on) {
			return true
		}
		if !on.full && c.once(by.id, now, "give") && c.given(by, on) {
			return true
		}
		if on.id.Kind == User && c.once(by.id, now, "join") {
			for _, g := range c.e.joins(by.id, on.id) {
				if c.takes(g.deed) {
					c.changed(by, on, g.deed, "+"+g.policy.ARN, func(id *Identity) { id.Groups = append(slices.Clone(id.Groups), g.policy.ARN) })
					return true
				}
			}
		}
	}
	grown := false
	if c.once(by.id, "", "make") {
		for _, m := range c.e.makes(by.id) {
			if c.takes(m.deed) {
				i := c.note(by, m.deed, nil)
				c.e.changed[m.id] = m.id.ARN + " made" + m.with
				c.nodes = append(c.nodes, &held{id: m.id, of: m.id.ARN, steps: []int{i}})
				grown = true
			}
		}
	}
	return grown
}

// swap puts another policy in the place of a boundary, and back as needed: what is then allowed is perhaps what either of them
// allows, if what each allows is of use one after the other.
func (c *closure) swap(by, on *held) bool {
	if c.e.unbounded(on.id) == Yes {
		return false
	}
	for _, g := range c.e.swaps(by.id, on.id) {
		g.answer, g.unsure = Unknown, "policy "+g.policy.Name+", put in the place of the boundary, allows what is missing"
		c.changed(by, on, g.deed, "~"+g.policy.ARN, func(id *Identity) {
			c.e.inTurn[id] = append(slices.Clone(c.e.inTurn[on.id]), id.Boundary.ARN, g.policy.ARN)
			id.Boundary = either(*id.Boundary, g.policy)
		})
		return true
	}
	return false
}

// given gives somebody who is controlled all permissions or, where that cannot be, one policy more.
func (c *closure) given(by, on *held) bool {
	full, some := c.e.give(by.id, on.id)
	if c.takes(full) {
		on.full = true
		some = []given{{Policy{Name: "given in this way", Document: everything}, full}}
	}
	for _, g := range some {
		has := func(p Policy) bool { return p.ARN == g.policy.ARN && p.Name == g.policy.Name }
		if c.takes(g.deed) && !slices.ContainsFunc(on.id.Policies, has) {
			c.changed(by, on, g.deed, "+"+g.policy.ARN, func(id *Identity) { id.Policies = append(slices.Clone(id.Policies), g.policy) })
			return true
		}
	}
	return false
}

// take lets a node get control over others.
func (c *closure) take(by *held) bool {
	all := slices.ContainsFunc(c.nodes, func(n *held) bool { return c.e.givesAnything(n.id) })
	for k := range c.e.account.Identities {
		to := &c.e.account.Identities[k]
		if to.Kind == Group || to.serviceLinked() || !all && !c.e.useful()[k] ||
			slices.ContainsFunc(c.nodes, func(n *held) bool { return n.of == to.ARN }) || !c.once(by.id, to.ARN, "take") {
			continue
		}
		if d := c.e.takeOver(by.id, k); c.takes(d) {
			c.nodes = append(c.nodes, &held{id: to, of: to.ARN, steps: []int{c.note(by, d, nil)}})
			return true
		}
	}
	return false
}
