package catalog

import (
	"strings"
	"testing"

	"github.com/ourshare/ourshare/docs/controls"
)

// Where a check covers a control of FSBP, the control's own place in the model is that of a check that covers it: otherwise
// the cells' numbers of controls would move when a check is added.
func TestPlacesAgreeWithChecks(t *testing.T) {
	where := map[string][]string{}
	for _, c := range All() {
		for _, cite := range c.Cites {
			if cite.Framework == controls.FSBP {
				where[cite.ID] = append(where[cite.ID], string(c.Category)+"/"+string(c.Layer))
			}
		}
	}
	for _, p := range controls.Places() {
		cells, covered := where[p.ID]
		if covered && !strings.Contains(strings.Join(cells, " "), string(p.Category)+"/"+string(p.Layer)) {
			t.Errorf("%s stands in %s/%s (docs/controls/fsbp-cells.tsv), the checks that cite it in %s", p.ID, p.Category, p.Layer, strings.Join(cells, ", "))
		}
	}
}
