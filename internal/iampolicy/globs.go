package iampolicy

import (
	"slices"
	"strings"
)

// overlaps tells whether some text matches both globs.
func (g glob) overlaps(h glob) bool {
	for i := range min(len(g.tokens), len(h.tokens)) { // most differ before their first wildcard
		a, b := g.tokens[i], h.tokens[i]
		if a.kind != literal || b.kind != literal {
			break
		}
		if a.char != b.char {
			return false
		}
	}
	n := len(h.tokens) + 1
	seen := make([]bool, (len(g.tokens)+1)*n)
	stack := [][2]int{{0, 0}}
	push := func(i, j int) {
		if !seen[i*n+j] {
			seen[i*n+j] = true
			stack = append(stack, [2]int{i, j})
		}
	}
	for len(stack) > 0 {
		i, j := stack[len(stack)-1][0], stack[len(stack)-1][1]
		stack = stack[:len(stack)-1]
		if i == len(g.tokens) && j == len(h.tokens) {
			return true
		}
		gMany := i < len(g.tokens) && g.tokens[i].kind == anyMany
		hMany := j < len(h.tokens) && h.tokens[j].kind == anyMany
		if gMany {
			push(i+1, j)
		}
		if hMany {
			push(i, j+1)
		}
		if i == len(g.tokens) || j == len(h.tokens) {
			continue
		}
		a, b := g.tokens[i], h.tokens[j]
		if a.kind == literal && b.kind == literal && a.char != b.char {
			continue
		}
		ni, nj := i+1, j+1
		if gMany {
			ni = i
		}
		if hMany {
			nj = j
		}
		push(ni, nj)
	}
	return false
}

// covers tells whether every text that matches h surely matches g. A false is no proof of the opposite: a walk that is
// too long ends in it.
func (g glob) covers(h glob) bool {
	if g.coversSimply(h) {
		return true
	}
	if !slices.ContainsFunc(h.tokens, func(t token) bool { return t.kind != literal }) || g.literalsMissing(h) {
		return false // the simple way is exact for a text, and no walk is needed where g asks for what h need not have
	}
	work := 1 << 12
	e := explorer{
		globs: []glob{h, g}, others: "xabcdefghijklmnopqrstuvwyz0123456789", work: &work, chars: func(rune) bool { return true },
	}
	all := true
	finished := e.walk(func(matched []bool, _ string) bool {
		all = !matched[0] || matched[1]
		return all
	})
	return all && finished
}

// literalsMissing tells whether g names a character that h does not: h then matches a text without it.
func (g glob) literalsMissing(h glob) bool {
	return slices.ContainsFunc(g.tokens, func(t token) bool { return t.kind == literal && !slices.Contains(h.tokens, t) })
}

// coversSimply runs g over the tokens of h, of which a wildcard is matched by a wildcard only.
func (g glob) coversSimply(h glob) bool {
	set, next := g.start(), g.newSet()
	for _, t := range h.tokens {
		clear(next)
		for i, own := range g.tokens {
			if !set.has(i) {
				continue
			}
			switch {
			case own.kind == anyMany:
				g.enter(next, i)
			case own.kind == anyOne && t.kind != anyMany, own == t && t.kind == literal:
				g.enter(next, i+1)
			}
		}
		set, next = next, set
	}
	return set.has(len(g.tokens))
}

// area is a set of texts given by one pattern: an action in lower case, or a resource.
type area struct {
	text string
	glob glob
}

// actionGlob reads an action pattern, in lower case. `*:*` is every action, as `*` is.
func actionGlob(low string) (g glob, sure bool) {
	if low == "*:*" {
		low = "*"
	}
	return compileGlob(low, false), sureAction(low)
}

// sureAction tells whether AWS documents what a pattern of actions means: it has no wildcard in the service, or is every action.
func sureAction(pattern string) bool {
	service, _, ok := strings.Cut(pattern, ":")
	return pattern == "*" || pattern == "*:*" || ok && !strings.ContainsAny(service, "*?")
}

// relation is how the texts of one pattern lie to those of another.
type relation int

const (
	apart   relation = iota // no text is in both
	partly                  // some may be
	covered                 // all of the other's are in this one's
)

// relateAction tells how far a pattern of actions reaches over an area.
func relateAction(pattern string, to area) (r relation, sure bool) {
	g, sure := actionGlob(lower(pattern))
	return relateGlob(g, to.glob), sure
}

func relateGlob(g, to glob) relation {
	switch {
	case !g.overlaps(to):
		return apart
	case g.covers(to):
		return covered
	default:
		return partly
	}
}

// resourceGlobs reads one resource pattern for requests on the resources of an area ("Resource", "Using wildcards in
// resource ARNs"): components are compared one by one, and `*` alone is every resource. A pattern that matches only
// across the colons, that has a wildcard in the service or that differs in the case of its first components is not sure.
func resourceGlobs(pattern string, vars bool, to area) patterns {
	var p patterns
	own, seg := arnSegments(to.text), arnSegments(pattern)
	whole := compileGlob(pattern, vars)
	switch {
	case onlyStars(pattern):
		p.add(whole, true)
		return p
	case len(own) == 6 && len(seg) > 3 && len(seg) < 6 && strings.HasSuffix(pattern, "*") && headFits(seg[:len(seg)-1], own, vars):
		// "If a * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries".
		p.add(compileGlob(strings.Join(own[:len(seg)-1], ":")+":"+seg[len(seg)-1], vars), true)
		return p
	case len(own) < 6 || len(seg) < 6:
		p.add(whole, len(own) < 6 && (to.text == "*" || pattern == to.text) && len(seg) == 6)
		return p
	case slices.Equal(seg[:5], own[:5]):
		p.add(whole, true)
		return p
	}
	if headFits(seg[:5], own, vars) {
		p.add(compileGlob(strings.Join(own[:5], ":")+":"+seg[5], vars), true)
	}
	p.add(whole, false)
	folded := slices.Clone(seg)
	for i := range 5 {
		folded[i] = lower(folded[i])
	}
	if text := strings.Join(folded, ":"); text != pattern {
		p.add(compileGlob(text, vars), false)
	}
	return p
}

// headFits tells whether the first components of a pattern cover those of an area. No wildcard may stand in the service.
func headFits(seg, own []string, vars bool) bool {
	for i, text := range seg {
		g := compileGlob(text, vars)
		if i == 2 && strings.ContainsAny(text, "*?") || !g.exact || !g.covers(compileGlob(own[i], false)) {
			return false
		}
	}
	return true
}

func onlyStars(s string) bool { return s != "" && strings.Trim(s, "*") == "" }

func newArea(text string) area { return area{text, compileGlob(text, false)} }
