package controls

import (
	"slices"
	"testing"

	"github.com/ourshare/ourshare/internal/responsibility"
)

// Every control of the standard stands in a cell that is ours, or says why it does not; and there is no other one.
func TestPlaces(t *testing.T) {
	places := Places()
	for _, c := range List(FSBP) {
		i := slices.IndexFunc(places, func(p Place) bool { return p.ID == c.ID })
		switch {
		case c.Retired() && i >= 0:
			t.Errorf("%s is retired, and stands in a cell", c.ID)
		case !c.Retired() && i < 0:
			t.Errorf("%s (%s) stands in no cell: give it a line in fsbp-cells.tsv", c.ID, c.Title)
		}
	}
	counted := 0
	for _, p := range places {
		if !Known(FSBP, p.ID) {
			t.Errorf("%s is no control of FSBP that fsbp.tsv knows", p.ID)
		}
		if p.LeftOut != "" {
			continue
		}
		counted++
		if cell, ok := responsibility.Of(p.Category, p.Layer); !ok || !cell.Ours() {
			t.Errorf("%s: %s/%s is not ours", p.ID, p.Category, p.Layer)
		}
	}
	if want := Count(FSBP) - 1; counted != want { // all but RDS.51, which AWS's own list does not have
		t.Errorf("%d controls count, want %d", counted, want)
	}
	places[0].ID = "changed"
	if Places()[0].ID == "changed" {
		t.Error("Places gives its own list away")
	}
}

func TestPlacesErrors(t *testing.T) {
	for _, text := range []string{
		"",
		"id\tcategory",
		placesHeader + "\nEC2.1\tinfrastructure\tcustomer-data",
		placesHeader + "\nEC2.1\tinfrastructure\tfoundation\t-",
		placesHeader + "\nEC2.1\tabstracted\toperating-system\t-",
		placesHeader + "\nEC2.1\tnowhere\tcustomer-data\t-",
		placesHeader + "\nEC2.1\tinfrastructure\tcustomer-data\t-\nEC2.1\tinfrastructure\tcustomer-data\t-",
	} {
		if list, err := parsePlaces(text); err == nil {
			t.Errorf("%q: %v", text, list)
		}
	}
}
