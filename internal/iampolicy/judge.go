package iampolicy

import (
	"slices"
	"strings"
)

// group is where a rule comes from.
type group int

const (
	ofIdentity group = iota
	ofBoundary
	ofResource
)

// judge brings the resources and the circumstances of one decision together.
type judge struct {
	e      *evaluation
	rules  []*rule
	groups []group
	cells  []cell
	whole  bool // the cells are all there are
}

// allowed decides one request: on the resources of a cell, where the rules' conditions hold as given.
func (j *judge) allowed(c cell, conditions []Answer) Answer {
	denied, byIdentity, free, named, toAccount, within := No, No, No, No, No, No
	for i, r := range j.rules {
		m := c.match[i].and(conditions[i])
		if m == No {
			continue
		}
		if r.unread || r.st.Effect == Deny {
			denied = denied.or(m)
		}
		if !r.unread && r.st.Effect == Deny {
			continue
		}
		switch {
		case j.groups[i] == ofIdentity:
			byIdentity = byIdentity.or(m)
		case j.groups[i] == ofBoundary:
			within = within.or(m)
		case r.unread:
			free, named, toAccount = free.or(m), named.or(m), toAccount.or(m)
		case r.direct && r.free:
			free = free.or(m)
		case r.direct:
			named = named.or(m)
		default:
			toAccount = toAccount.or(m)
		}
	}
	if !j.e.bounded {
		within = Yes
	}
	var result Answer
	switch j.e.mode {
	case bothAllow:
		result = free.or(named).or(toAccount).and(byIdentity).and(within)
	case resourceMust:
		result = free.or(named.and(within)).or(toAccount.and(byIdentity).and(within))
	default:
		result = free.or(byIdentity.or(named).and(within))
	}
	return result.and(denied.not())
}

// conditions decides every rule's Condition block.
func (j *judge) conditions(c requestContext) []Answer {
	out := make([]Answer, len(j.rules))
	for i, r := range j.rules {
		if !r.unread {
			out[i] = r.conditions(c)
			if r.granted && out[i] == Unknown {
				out[i] = Yes
			}
		}
	}
	return out
}

// pass decides all cells: whether some is allowed, whether all are, and which is the first.
func (j *judge) pass(conditions []Answer) (some, all Answer, first int) {
	some, all, first = answerIf(j.whole).not(), answerIf(j.whole), -1
	for n, c := range j.cells {
		a := j.allowed(c, conditions)
		some, all = some.or(a), all.and(a)
		if a == Yes && first < 0 {
			first = n
		}
	}
	return some, all, first
}

func (j *judge) decision() Decision {
	contexts := circumstances(j.e.base, j.rules)
	plain := j.conditions(contexts[0])
	var d Decision
	some, all, first := j.pass(plain)
	d.Some, d.All = some, all
	found := plain
	for _, context := range contexts[1:] {
		if d.Some != Unknown && d.All != Unknown {
			break
		}
		met := j.conditions(context)
		some, all, n := j.pass(met)
		if d.Some == Unknown && some == Yes {
			d.Some, first, found = Yes, n, met
			d.If = j.needs(n, met, plain)
		}
		if d.All == Unknown && all == Yes {
			d.All = Yes
			d.IfAll = j.needs(-1, met, plain)
		}
	}
	if first >= 0 {
		d.Resource = j.cells[first].example
	}
	d.Because, d.Against = j.proof(first, found, d.Some)
	return d
}

// proof names the statements that allow the resources of a cell, or may allow any of them, and those that deny or may deny
// any.
func (j *judge) proof(n int, conditions []Answer, some Answer) (because, against []string) {
	for i, r := range j.rules {
		best := No
		for _, c := range j.cells {
			best = best.or(c.match[i])
		}
		if (r.unread || r.st.Effect == Deny) && best != No && (some == Yes || conditions[i] != No) {
			against = append(against, r.String())
		}
		if j.groups[i] == ofBoundary || !r.unread && r.st.Effect == Deny {
			continue
		}
		if n >= 0 {
			best = j.cells[n].match[i]
		}
		best = best.and(conditions[i])
		if best == Yes && some != No || best == Unknown && some == Unknown {
			because = append(because, r.String())
		}
	}
	return because, against
}

// needs says which conditions made the difference between the plain circumstances and those that were found, for a cell or,
// if n is negative, for any.
func (j *judge) needs(n int, met, plain []Answer) []string {
	var out []string
	for i, r := range j.rules {
		matters := func(c cell) bool { return c.match[i] != No }
		if r.unread || met[i] == plain[i] || n >= 0 && !matters(j.cells[n]) || !slices.ContainsFunc(j.cells, matters) {
			continue
		}
		texts := make([]string, len(r.st.Conditions))
		for k, t := range r.st.Conditions {
			texts[k] = t.String()
		}
		text := strings.Join(texts, " and ")
		switch {
		case r.st.Effect == Allow && met[i] == Yes:
		case r.st.Effect == Deny && met[i] == No:
			text = "not (" + text + ")"
		default:
			continue
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}
