package report

import (
	"testing"

	"pgregory.net/rapid"
)

// The short way of csvCell gives what the pattern alone would.
func TestCSVCellShortWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("ab ;=+-@＝＋－＠\u00a0\u3000\u2028\t\r\n\"{é")), 0, 8, -1).Draw(t, "cell")
		if got, want := csvCell(s), formula.ReplaceAllString(Visible(s), "$1$2'$3"); got != want {
			t.Errorf("%q: %q, not %q", s, got, want)
		}
	})
}
