package awsapi

import (
	"context"
	"errors"
	"testing"
)

type page struct {
	Rows        []int
	IsTruncated bool
	Marker      *string
}

// pager gives its pages as the SDK's paginators do: it ends where there is no marker, truncated or not.
type pager struct {
	pages []page
	next  int
	more  bool
}

func (p *pager) HasMorePages() bool { return p.next == 0 || p.more }

func (p *pager) NextPage(context.Context, ...func(*struct{})) (*page, error) {
	out := p.pages[p.next]
	p.next++
	p.more = out.IsTruncated && out.Marker != nil && *out.Marker != ""
	return &out, nil
}

// An answer that says that there is more, and gives no marker, is not the end of the listing.
func TestTruncatedWithoutMarker(t *testing.T) {
	marker, empty := "m", ""
	for name, tt := range map[string]struct {
		pages []page
		rows  int
		fails bool
	}{
		"one page":                {[]page{{Rows: []int{1}}}, 1, false},
		"two pages":               {[]page{{Rows: []int{1}, IsTruncated: true, Marker: &marker}, {Rows: []int{2}}}, 2, false},
		"cut short":               {[]page{{Rows: []int{1}, IsTruncated: true}}, 1, true},
		"cut short, empty marker": {[]page{{Rows: []int{1}, IsTruncated: true, Marker: &empty}}, 1, true},
		"cut short on the second": {[]page{{Rows: []int{1}, IsTruncated: true, Marker: &marker}, {Rows: []int{2}, IsTruncated: true}}, 2, true},
		"a marker, and no more":   {[]page{{Rows: []int{1}, Marker: &marker}}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := Declare(t.Context(), Calls("iam:ListUsers"))
			rows, err := Pages(ctx, &pager{pages: tt.pages}, func(p *page) []int { return p.Rows })
			if len(rows) != tt.rows || (err != nil) != tt.fails {
				t.Fatalf("%v, %v", rows, err)
			}
			var e *Error
			if tt.fails && (!errors.As(err, &e) || e.Outcome != Failed || e.Operation != "iam:ListUsers" || e.Action != "iam:ListUsers") {
				t.Errorf("%+v", e)
			}
		})
	}
}
