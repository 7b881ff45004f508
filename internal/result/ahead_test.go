package result

import (
	"testing"

	"pgregory.net/rapid"
)

// TestAhead holds that reading ahead gives the same elements, and that the sequence behind has ended, its clean-up included, when
// the reader stops early.
func TestAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3*batch+1).Draw(t, "elements")
		most := rapid.IntRange(1, 4*batch).Draw(t, "read")
		ended := 0
		all := func(yield func(int) bool) {
			defer func() { ended++ }()
			for i := range n {
				if !yield(i) {
					return
				}
			}
		}
		got := 0
		for v := range ahead(all) {
			if v != got {
				t.Fatalf("%d is %d", got, v)
			}
			if got++; got == most {
				break
			}
		}
		if got != min(n, most) || ended != 1 {
			t.Errorf("%d of %d read, ended %d times", got, n, ended)
		}
	})
}
