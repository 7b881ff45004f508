package iampolicy

import (
	"slices"
	"strings"
)

// Decision is the answer to "may this caller do this, on these resources?".
//
// An organization's policies are not looked at. They only take away: a No stands without them, and a Yes holds unless an
// organization policy forbids it (see [UnlessOrganization]).
type Decision struct {
	Some Answer // is it allowed on at least one of the resources asked for?
	All  Answer // is it allowed on all of them?
	// If are the conditions that the request of a Some meets, in words; none: it is allowed whatever the circumstances.
	// IfAll are those under which all are allowed.
	If, IfAll []string
	// Resource is one resource of the request that was found allowed.
	Resource string
	// Because are the statements that allow it, or of an Unknown those that may.
	Because []string
	// Against are the statements that deny it, of a Yes those that deny some of the resources or in other circumstances,
	// of an Unknown those that may.
	Against []string
}

// UnlessOrganization is what a Yes says where the organization's policies were not read.
const UnlessOrganization = "unless an organization policy forbids it"

// String gives "allowed", "allowed if ...", "denied" or "unknown".
func (d Decision) String() string {
	switch {
	case d.Some == No:
		return "denied"
	case d.Some == Unknown:
		return "unknown"
	case len(d.If) > 0:
		return "allowed if " + strings.Join(d.If, " and ")
	default:
		return "allowed"
	}
}

// evaluation is everything that decides over the requests of one caller ("Policy evaluation logic").
type evaluation struct {
	identity []*rule
	boundary []*rule
	bounded  bool
	resource []*rule
	// How the resource's policy and the identity's go together.
	mode combination
	base requestContext
	// Without a Resource element a statement of a resource policy is taken to speak of the resource it is attached to.
	attached bool
}

type combination int

const (
	// eitherAllows: within one account, the identity's policies or the resource's ("Identity-based policies and
	// resource-based policies").
	eitherAllows combination = iota + 1
	// resourceMust: trust policies and key policies must allow as well, by naming the caller or its account ("Policy
	// evaluation for requests within a single account"; "Key policies in AWS KMS").
	resourceMust
	// bothAllow: across accounts ("Cross-account policy evaluation logic").
	bothAllow
)

// cell is a set of resources that the policies do not tell apart.
type cell struct {
	example string
	match   []Answer // by rule
}

// decisionBudget bounds the walk over resources of one decision.
const decisionBudget = 1 << 18

// decide answers for one action, in lower case, and the resources that a pattern stands for.
func (e *evaluation) decide(action, resource string) Decision {
	return e.prepare(action, resource).decision()
}

func (e *evaluation) prepare(action, resource string) *judge {
	var rules []*rule
	var groups []group
	var matched []Answer
	for g, list := range [][]*rule{e.identity, e.boundary, e.resource} {
		for _, r := range list {
			m := Unknown
			if !r.unread {
				m = r.applies.and(matchesAction(r.st, action))
			}
			if m != No {
				rules, groups, matched = append(rules, r), append(groups, group(g)), append(matched, m)
			}
		}
	}
	cells, whole := e.cells(rules, newArea(resource))
	for _, c := range cells {
		for i := range c.match {
			c.match[i] = c.match[i].and(matched[i])
		}
	}
	return &judge{e: e, rules: rules, groups: groups, cells: cells, whole: whole}
}

// matchesAction tells whether a statement speaks of an action, which is in lower case.
func matchesAction(s *Statement, action string) Answer {
	result := No
	for _, a := range s.Actions {
		if a == "*:*" || matchFolded(a, action) { // `*:*` is every action, as `*` is
			result = result.or(answerIf(sureAction(a)))
		}
	}
	if s.NotAction {
		return result.not()
	}
	return result
}

// cells takes the resources of an area apart into those that the rules tell apart; whole is false if there are more.
func (e *evaluation) cells(rules []*rule, to area) (out []cell, whole bool) {
	type part struct {
		always Answer
		index  []int // of globs
		sure   []bool
		not    bool
	}
	parts := make([]part, len(rules))
	globs := []glob{to.glob}
	at := map[string]int{}
	for i, r := range rules {
		p := &parts[i]
		switch {
		case r.unread:
			p.always = Unknown
			continue
		case r.st.Resources == nil:
			p.always = answerIf(e.attached)
			continue
		}
		p.always, p.not = No, r.st.NotResource
		for _, text := range r.st.Resources {
			list := resourceGlobs(text, r.vars, to)
			for n, g := range list.globs {
				switch relateGlob(g, to.glob) {
				case apart:
				case covered:
					p.always = p.always.or(answerIf(list.sure[n]))
				case partly:
					key := globKey(g)
					if _, ok := at[key]; !ok {
						at[key] = len(globs)
						globs = append(globs, g)
					}
					p.index = append(p.index, at[key])
					p.sure = append(p.sure, list.sure[n])
				}
			}
		}
	}
	add := func(matched []bool, example string) {
		c := cell{example: example, match: make([]Answer, len(rules))}
		for i, p := range parts {
			result := p.always
			for n, at := range p.index {
				if matched[at] {
					result = result.or(answerIf(p.sure[n]))
				}
			}
			if p.not {
				result = result.not()
			}
			c.match[i] = result
		}
		if !slices.ContainsFunc(out, func(o cell) bool { return slices.Equal(o.match, c.match) }) {
			out = append(out, c)
		}
	}
	if len(globs) == 1 {
		add([]bool{true}, instance(to.text))
		return out, true
	}
	work := decisionBudget
	literalEnd := strings.IndexAny(to.text, "*?")
	if literalEnd < 0 {
		literalEnd = len(to.text)
	}
	walker := explorer{
		globs: globs, prefix: to.text[:literalEnd], others: "xabcdefghijklmnopqrstuvwyz0123456789", work: &work,
		chars: func(rune) bool { return true },
	}
	whole = walker.walk(func(matched []bool, example string) bool {
		if matched[0] {
			add(matched, example)
		}
		return len(out) < 512
	})
	return out, whole && len(out) < 512
}

func globKey(g glob) string {
	var b strings.Builder
	for _, t := range g.tokens {
		b.WriteByte(byte('0' + t.kind))
		b.WriteRune(t.char)
	}
	return b.String()
}
