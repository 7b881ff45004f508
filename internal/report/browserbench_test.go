package report

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// manyFindings repeats the full result's findings, each about a resource of its own, with evidence of a usual size.
func manyFindings(n int) *result.Result {
	r := fullResult()
	kinds := r.Findings
	r.Findings = make([]finding.Finding, 0, n)
	for i := range n {
		f := kinds[i%len(kinds)]
		about := *f.Resource
		about.ID = fmt.Sprintf("%s-%06d", about.ID, i)
		about.ARN += fmt.Sprintf("-%06d", i)
		about.Tags = map[string]string{"Name": about.ID, "team": fmt.Sprintf("team-%d", i%40)}
		f.Resource = &about
		f.Message += fmt.Sprintf(": internet → igw-%017x → rtb-%017x (0.0.0.0/0) → acl-%017x rule 100 → sg-%017x (tcp 22 from 0.0.0.0/0)", i, i, i, i)
		f.Evidence = finding.Evidence{
			{Key: "ports", Value: []string{"22", "3389"}},
			{Key: "paths", Value: []string{f.Message}},
			{Key: "vpc_id", Value: fmt.Sprintf("vpc-%017x", i)},
		}
		f.Fingerprint = finding.Fingerprint("aws", f.AccountID, f.Rule.ID, f.Resource)
		r.Findings = append(r.Findings, f)
	}
	r.Summarize()
	return r
}

// BenchmarkHTMLOpen opens reports of many findings in headless Chromium. It reports milliseconds: until the first picture
// is painted, until the list can be used, and from a key stroke of a search, and from a choice of a filter, to the list of
// what was asked for (a pause of 120 ms after the last key stroke included).
func BenchmarkHTMLOpen(b *testing.B) {
	for _, n := range []int{1_000, 20_000, 100_000} {
		b.Run(fmt.Sprintf("findings=%d", n), func(b *testing.B) {
			page := newTab(b)
			path := filepath.Join(b.TempDir(), "report.html")
			f, err := os.Create(path)
			if err != nil {
				b.Fatal(err)
			}
			w := bufio.NewWriter(f)
			started := time.Now()
			if err := writeHTML(w, manyFindings(n), Look{}); err != nil {
				b.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				b.Fatal(err)
			}
			written := time.Since(started)
			size, err := f.Seek(0, 2)
			if err != nil {
				b.Fatal(err)
			}
			if err := f.Close(); err != nil {
				b.Fatal(err)
			}
			var painted, ready, search, choice float64
			for b.Loop() {
				page.visit("file://" + path)
				ready += eval[float64](page, `performance.getEntriesByName("ready")[0].startTime`)
				painted += eval[float64](page, `new Promise((done) => {
					const look = () => { const p = performance.getEntriesByName("first-contentful-paint")[0]; p ? done(p.startTime) : requestAnimationFrame(look); };
					look();
				})`)
				search += eval[float64](page, until(`const q = document.querySelector("#q"); q.value = "team-7 00012"; q.dispatchEvent(new Event("input"));`))
				choice += eval[float64](page, until(`document.querySelector('.facet input[value="fail"]').click();`))
			}
			for name, sum := range map[string]float64{"ms/painted": painted, "ms/ready": ready, "ms/search": search, "ms/filter": choice} {
				b.ReportMetric(sum/float64(b.N), name)
			}
			b.ReportMetric(float64(written.Milliseconds()), "ms/write")
			b.ReportMetric(float64(size)/1e6, "MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// until does something and gives the milliseconds until the list has changed and the next picture is drawn.
func until(action string) string {
	return `new Promise((done) => {
		const count = document.querySelector(".count"), from = performance.now();
		new MutationObserver((_, o) => { o.disconnect(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - from))); }).observe(count, {childList: true, characterData: true, subtree: true});
		` + action + `
	})`
}
