package iampolicy

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"
)

// lower folds ASCII letters: action names and condition keys are ASCII.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// glob is a pattern with `*` (any characters, or none) and `?` (one character).
type glob struct {
	tokens []token
	exact  bool // false: the pattern has a policy variable, and the tokens match at least what it can match
}

type token struct {
	kind tokenKind
	char rune // of literals
}

type tokenKind uint8

const (
	literal tokenKind = iota
	anyOne
	anyMany
)

// compileGlob reads a pattern. With vars, `${*}`, `${?}` and `${$}` are those characters themselves, and every other
// `${...}` can be any text ("Variables and tags", section "Special characters").
func compileGlob(s string, vars bool) glob {
	g := glob{exact: true, tokens: make([]token, 0, len(s))}
	if !vars || !strings.Contains(s, "${") {
		for _, r := range s {
			g.addPattern(r)
		}
		return g
	}
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case vars && r == '$' && i+1 < len(runes) && runes[i+1] == '{':
			end := slices.Index(runes[i:], '}')
			if end == 3 && strings.ContainsRune("*?$", runes[i+2]) {
				g.tokens = append(g.tokens, token{literal, runes[i+2]})
			} else {
				g.tokens = append(g.tokens, token{kind: anyMany})
				g.exact = false
			}
			if end < 0 {
				return g
			}
			i += end
		default:
			g.addPattern(r)
		}
	}
	return g
}

// addPattern adds a character of a pattern that is no variable's.
func (g *glob) addPattern(r rune) {
	switch r {
	case '*':
		if n := len(g.tokens); n == 0 || g.tokens[n-1].kind != anyMany {
			g.tokens = append(g.tokens, token{kind: anyMany})
		}
	case '?':
		g.tokens = append(g.tokens, token{kind: anyOne})
	default:
		g.tokens = append(g.tokens, token{literal, r})
	}
}

// match tells whether g matches the whole of s. Where a literal does not fit, the last `*` before it takes one character more:
// earlier ones need not, since whatever they could take, the last can.
func (g glob) match(s string) bool {
	at, star, mark := 0, -1, 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case at < len(g.tokens) && g.tokens[at].kind == anyMany:
			at++
			star, mark = at, i
			continue
		case at < len(g.tokens) && (g.tokens[at].kind == anyOne || g.tokens[at].char == r):
			at++
			i += size
			continue
		case star < 0:
			return false
		}
		_, size = utf8.DecodeRuneInString(s[mark:])
		mark += size
		at, i = star, mark
	}
	for at < len(g.tokens) && g.tokens[at].kind == anyMany {
		at++
	}
	return at == len(g.tokens)
}

// matchFolded tells what match tells of a pattern without variables whose ASCII letters are folded, without compiling it; text is in
// lower case. An account's evaluation asks it of every action of every statement.
func matchFolded(pattern, text string) bool {
	at, star, mark := 0, -1, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if at < len(pattern) {
			own, width := utf8.DecodeRuneInString(pattern[at:])
			if 'A' <= own && own <= 'Z' {
				own += 'a' - 'A'
			}
			if own == '*' {
				at += width
				star, mark = at, i
				continue
			}
			if own == '?' || own == r {
				at += width
				i += size
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, size = utf8.DecodeRuneInString(text[mark:])
		mark += size
		at, i = star, mark
	}
	return strings.Trim(pattern[at:], "*") == ""
}

// A glob is run as an automaton that has a state before each token and one at the end, which accepts.

// bits is a set of states.
type bits []uint64

func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b bits) add(i int)      { b[i/64] |= 1 << (i % 64) }

func (b bits) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

func (g glob) newSet() bits { return make(bits, len(g.tokens)/64+1) }

// enter adds a state, and the one after it where the token between them may match nothing.
func (g glob) enter(b bits, i int) {
	b.add(i)
	for i < len(g.tokens) && g.tokens[i].kind == anyMany {
		i++
		b.add(i)
	}
}

func (g glob) start() bits {
	b := g.newSet()
	g.enter(b, 0)
	return b
}

func (g glob) step(from bits, r rune) bits {
	to := g.newSet()
	for i, t := range g.tokens {
		if !from.has(i) {
			continue
		}
		switch {
		case t.kind == anyMany:
			g.enter(to, i)
		case t.kind == anyOne, t.char == r:
			g.enter(to, i+1)
		}
	}
	return to
}

// budget bounds the work of one decision: a policy can be written so that its patterns have very many combinations.
const budget = 1 << 23

// explorer walks through every string of a language that a set of globs can tell apart: it runs all of them at once
// and visits each combination of states one time, shortest string first, so that a walk that comes to its end is a proof.
type explorer struct {
	globs  []glob
	prefix string          // every string begins with it
	min    int             // and has at least so many characters after it
	chars  func(rune) bool // of this kind
	others string          // candidates for a character that no glob names
	work   *int            // what is left of the budget, shared between walks
}

// walk calls visit with every combination of matches that a string can have, and with one such string, until visit
// returns false or all were seen. It reports whether all were seen or visit ended it; false means out of budget.
func (e explorer) walk(visit func(matched []bool, example string) bool) bool {
	sets := make([]bits, len(e.globs))
	for i, g := range e.globs {
		sets[i] = g.start()
		for _, r := range e.prefix {
			if *e.work -= 1 + len(g.tokens); *e.work < 0 {
				return false
			}
			if sets[i].empty() {
				break
			}
			sets[i] = g.step(sets[i], r)
		}
	}
	alphabet := e.alphabet(sets)
	type item struct {
		sets []bits
		text string
		n    int
	}
	queue := []item{{sets, "", 0}}
	seen := map[string]bool{stateKey(sets, min(0, e.min)): true}
	for len(queue) > 0 {
		it := queue[0]
		queue = queue[1:]
		if it.n >= e.min {
			matched := make([]bool, len(e.globs))
			for i, g := range e.globs {
				matched[i] = it.sets[i].has(len(g.tokens))
			}
			if !visit(matched, e.prefix+it.text) {
				return true
			}
		}
		for _, r := range alphabet {
			next := make([]bits, len(e.globs))
			for i, g := range e.globs {
				if it.sets[i].empty() {
					next[i] = it.sets[i]
					*e.work -= 1 + len(sets[i])
					continue
				}
				*e.work -= 1 + len(g.tokens)
				next[i] = g.step(it.sets[i], r)
			}
			if *e.work < 0 {
				return false
			}
			if key := stateKey(next, min(it.n+1, e.min)); !seen[key] {
				seen[key] = true
				queue = append(queue, item{next, it.text + string(r), it.n + 1})
			}
		}
	}
	return true
}

func stateKey(sets []bits, length int) string {
	key := binary.AppendVarint(nil, int64(length))
	for _, s := range sets {
		for _, w := range s {
			key = binary.LittleEndian.AppendUint64(key, w)
		}
	}
	return string(key)
}

// alphabet gives the characters that the globs name, and one that stands for all others.
func (e explorer) alphabet(sets []bits) []rune {
	named := map[rune]bool{}
	for i, g := range e.globs {
		if sets[i].empty() {
			continue
		}
		for _, t := range g.tokens {
			if t.kind == literal && e.chars(t.char) {
				named[t.char] = true
			}
		}
	}
	var out []rune
	for _, r := range e.others {
		if !named[r] {
			out = append(out, r)
			break
		}
	}
	if len(out) == 0 && len(named) > 0 && e.chars('\u4e00') {
		r := '\u4e00'
		for named[r] {
			r++
		}
		out = append(out, r)
	}
	rest := make([]rune, 0, len(named))
	for r := range named {
		rest = append(rest, r)
	}
	slices.Sort(rest)
	return append(out, rest...)
}
