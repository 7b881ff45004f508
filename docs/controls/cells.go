package controls

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ourshare/ourshare/internal/responsibility"
)

// Place says where a control of AWS FSBP stands in the responsibility model.
type Place struct {
	ID       string
	Category responsibility.Category
	Layer    responsibility.Layer
	LeftOut  string // why it counts in no cell; empty: it counts
}

const placesHeader = "id\tcategory\tlayer\tleft out"

var loadPlaces = sync.OnceValue(func() []Place {
	text, err := files.ReadFile("fsbp-cells.tsv")
	if err != nil {
		panic(err) // a mistake in this repository
	}
	places, err := parsePlaces(string(text))
	if err != nil {
		panic(fmt.Sprintf("fsbp-cells.tsv: %v", err))
	}
	return places
})

// Places tells of every FSBP control of the services that the catalogue is about, those that count in no cell too, where
// it stands. The caller may keep the list.
func Places() []Place { return slices.Clone(loadPlaces()) }

func parsePlaces(text string) ([]Place, error) {
	var out []Place
	seen := map[string]bool{}
	started := false
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case !started:
			if line != placesHeader {
				return nil, fmt.Errorf("line %d: no header", n+1)
			}
			started = true
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 4 || seen[columns[0]] {
			return nil, fmt.Errorf("line %d: %d columns, or %q is there twice", n+1, len(columns), columns[0])
		}
		seen[columns[0]] = true
		p := Place{ID: columns[0]}
		if columns[3] == "-" {
			p.Category, p.Layer = responsibility.Category(columns[1]), responsibility.Layer(columns[2])
		} else {
			p.LeftOut = columns[3]
		}
		cell, ok := responsibility.Of(p.Category, p.Layer)
		if counts := ok && cell.Ours(); counts == (p.LeftOut != "") {
			return nil, fmt.Errorf("line %d: %q has no cell that is ours, or one and a reason why not", n+1, p.ID)
		}
		out = append(out, p)
	}
	if !started {
		return nil, fmt.Errorf("no header")
	}
	return out, nil
}
