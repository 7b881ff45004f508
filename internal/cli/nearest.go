package cli

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest is the valid word that is most like the given one, for "did you mean": one that begins with it or holds it,
// else the one of the smallest edit distance.
func nearest(word string, valid []string) string {
	lower := strings.ToLower(word)
	for _, like := range []func(string, string) bool{strings.HasPrefix, strings.Contains} {
		for _, v := range valid {
			if len(lower) > 2 && like(strings.ToLower(v), lower) {
				return v
			}
		}
	}
	best, distance := "", 1<<30
	for _, v := range valid {
		d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(v))
		if d < distance {
			best, distance = v, d
		}
	}
	return best
}

// oneOf checks a word against the valid ones; the error names the nearest.
func oneOf(what, word string, valid []string) error {
	if slices.Contains(valid, word) {
		return nil
	}
	return usagef("no such %s: %q; did you mean %q?", what, word, nearest(word, valid))
}

func allOf(what string, words, valid []string) error {
	for _, w := range words {
		if err := oneOf(what, w, valid); err != nil {
			return err
		}
	}
	return nil
}

func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
