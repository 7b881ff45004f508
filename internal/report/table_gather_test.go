package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
)

// A long list is cut, the worst first, with a sentence that tells what is not listed; fails do not push out what is unknown, and
// counts are of all.
func TestTableIsCut(t *testing.T) {
	r := sample()
	kinds := map[finding.Status]finding.Finding{}
	for _, f := range r.Findings {
		kinds[f.Status] = f
	}
	r.Findings = nil
	add := func(n int, status finding.Status, severity finding.Severity, name string) {
		for i := range n {
			f := kinds[status]
			about := *f.Resource
			about.ID = fmt.Sprintf("%s-%d", name, i)
			about.Name = about.ID
			f.Resource, f.Severity = &about, severity
			r.Findings = append(r.Findings, f)
		}
	}
	add(600, finding.Fail, finding.Low, "low")
	add(mostUnknown+7, finding.Unknown, finding.High, "unseen")
	add(400, finding.Fail, finding.Critical, "worst")
	r.Summarize()
	var b bytes.Buffer
	if err := writeTable(&b, r, Look{}); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for part, want := range map[string]int{
		" worst-": 400, " low-": mostFailing - 400, " unseen-": mostUnknown,
		"… and 500 more failing (500 low), and 7 more unknown; the other formats have them all": 1,
		"1000 failing (400 critical, 600 low), 207 unknown":                                     1,
	} {
		if n := strings.Count(got, part); n != want {
			t.Errorf("%q: %d times, not %d", part, n, want)
		}
	}
	if strings.LastIndex(got, " worst-") > strings.Index(got, " low-") {
		t.Error("the worst do not come first")
	}
}
