package iampolicy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGlobMatch(t *testing.T) {
	tests := []struct {
		pattern, text string
		vars          bool
		want          bool
	}{
		{"", "", false, true},
		{"", "a", false, false},
		{"*", "", false, true},
		{"*", "anything:/at all", false, true},
		{"?", "", false, false},
		{"?", "é", false, true},
		{"a*b*c", "a--b--c", false, true},
		{"a*b*c", "a--c--b", false, false},
		{"a**", "a", false, true},
		{"*ab", "aab", false, true},
		{"s3:get*", "s3:getobject", false, true},
		{"s3:get*", "s3:putobject", false, false},
		{"${aws:username}", "anyone", true, true},
		{"${aws:username}", "anyone", false, false},
		{"a${*}", "a*", true, true},
		{"a${*}", "ab", true, false},
		{"a${?}${$}", "a?$", true, true},
		{"a${aws:userid, 'none'}c", "abc", true, true},
		{"a${open", "abc", true, true},
		{"$", "$", true, true},
		{"${", "x", true, true},
	}
	for _, tt := range tests {
		if got := compileGlob(tt.pattern, tt.vars).match(tt.text); got != tt.want {
			t.Errorf("%q matches %q: got %v, want %v", tt.pattern, tt.text, got, tt.want)
		}
	}
}

// naive is matching by its definition.
func naive(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	switch pattern[0] {
	case '*':
		return naive(pattern[1:], text) || text != "" && naive(pattern, text[1:])
	case '?':
		return text != "" && naive(pattern[1:], text[1:])
	default:
		return text != "" && text[0] == pattern[0] && naive(pattern[1:], text[1:])
	}
}

// allTexts gives every string over an alphabet of at least shortest and at most longest characters.
func allTexts(alphabet string, shortest, longest int) []string {
	level, out := []string{""}, []string{}
	for n := 0; n <= longest; n++ {
		if n >= shortest {
			out = append(out, level...)
		}
		var next []string
		for _, s := range level {
			for _, r := range alphabet {
				next = append(next, s+string(r))
			}
		}
		level = next
	}
	return out
}

func TestGlobMatchAgreesWithDefinition(t *testing.T) {
	texts := allTexts("ab", 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringMatching(`[ab*?]{0,6}`).Draw(t, "pattern")
		g := compileGlob(p, false)
		for _, s := range texts {
			if got, want := g.match(s), naive(p, s); got != want {
				t.Fatalf("%q matches %q: got %v, want %v", p, s, got, want)
			}
		}
	})
}

// A walk finds every combination of matches that brute force finds, and every combination it finds has an example that
// the definition of matching confirms.
func TestWalkAgreesWithBruteForce(t *testing.T) {
	texts := allTexts("abx", 1, 7)
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.StringMatching(`[ab*?]{1,4}`), 1, 3).Draw(t, "patterns")
		var globs []glob
		for _, p := range list {
			globs = append(globs, compileGlob("p/"+p, false))
		}
		work := budget
		e := explorer{globs: globs, prefix: "p/", min: 1, chars: func(rune) bool { return true }, others: "xyz", work: &work}
		vectors := map[string]bool{}
		finished := e.walk(func(matched []bool, example string) bool {
			key := ""
			for i, m := range matched {
				if m != naive("p/"+list[i], example) {
					t.Fatalf("%q against %q: %v", example, list[i], m)
				}
				key += map[bool]string{true: "1", false: "0"}[m]
			}
			vectors[key] = true
			return true
		})
		if !finished {
			t.Fatal("out of budget")
		}
		brute := map[string]bool{}
		for _, s := range texts {
			key := ""
			for _, p := range list {
				key += map[bool]string{true: "1", false: "0"}[naive(p, s)]
			}
			brute[key] = true
		}
		for key := range brute {
			if !vectors[key] {
				t.Fatalf("%q: the walk misses %s", list, key)
			}
		}
	})
}

func TestWalkStopsAtItsBudget(t *testing.T) {
	var globs []glob
	for i := range 40 {
		globs = append(globs, compileGlob("*"+strings.Repeat("?", i)+"a"+strings.Repeat("?", 40-i)+"b*", false))
	}
	work := 1 << 16
	e := explorer{globs: globs, min: 1, chars: func(rune) bool { return true }, others: "x", work: &work}
	if e.walk(func([]bool, string) bool { return true }) {
		t.Error("the walk claims to have seen everything")
	}
}

// Without compiling, a folded pattern matches what it matches compiled: bytes that are no UTF-8 and every other text included.
func TestMatchFolded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringMatching(`[abAB*?:é]{0,7}`).Draw(t, "pattern")
		s := lower(rapid.StringMatching(`[abAB*?:é]{0,7}`).Draw(t, "text"))
		if rapid.Bool().Draw(t, "broken") {
			p, s = p+"\xff?", s+"\xffa"
		}
		if got, want := matchFolded(p, s), compileGlob(lower(p), false).match(s); got != want {
			t.Errorf("%q matches %q: got %v, want %v", p, s, got, want)
		}
	})
}

// match gives what the automaton of the pattern gives, variables included.
func TestMatchIsTheAutomaton(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := compileGlob(rapid.StringMatching(`([ab*?]|\$\{[ab*?]\}){0,6}`).Draw(t, "pattern"), true)
		s := rapid.StringMatching(`[ab*?]{0,9}`).Draw(t, "text")
		set := g.start()
		for _, r := range s {
			set = g.step(set, r)
		}
		if got, want := g.match(s), set.has(len(g.tokens)); got != want {
			t.Errorf("%v matches %q: got %v, want %v", g, s, got, want)
		}
	})
}
