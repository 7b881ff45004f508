package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

func TestBrowserFilters(t *testing.T) {
	b := newTab(t)
	b.open(fullResult(), "")
	all := len(fullResult().Findings)
	if got, want := b.count(), fmt.Sprintf("%d findings", all); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if eval[string](b, `document.querySelector(".count").getAttribute("aria-live")`) != "polite" {
		t.Error("the count is not announced")
	}
	if first := b.listed()[0]; !strings.HasPrefix(first, "failing") || !strings.Contains(first, "critical") {
		t.Errorf("the first finding is %q", first)
	}

	// A search: every word, in names, tags and messages, whatever the case.
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), "IMDSv1 OPTIONAL"))
	b.wait(`document.querySelector(".count").textContent.startsWith("1 of")`)
	if got := b.fragment(); got != "#q=IMDSv1+OPTIONAL" {
		t.Errorf("the address is %q", got)
	}
	b.do(chromedp.NavigateBack())
	b.wait(fmt.Sprintf(`document.querySelector(".count").textContent === "%d findings" && document.querySelector("#q").value === ""`, all))

	// A facet, by mouse; then a second value; then back.
	b.do(chromedp.Click(chromedp.CSS(".facet:nth-of-type(1) summary")), chromedp.Click(chromedp.CSS(`.facet input[value="fail"]`)))
	b.wait(`location.hash === "#status=fail" && document.querySelectorAll(".findings > li").length === 3`)
	b.do(chromedp.Click(chromedp.CSS(`.facet input[value="unknown"]`)))
	b.wait(`location.hash === "#status=fail,unknown" && document.querySelectorAll(".findings > li").length === 5`)
	b.do(chromedp.NavigateBack())
	b.wait(`location.hash === "#status=fail" && document.querySelector('.facet input[value="fail"]').checked && !document.querySelector('.facet input[value="unknown"]').checked`)

	// A cell of the matrix is a link to its findings.
	b.do(chromedp.Click(chromedp.CSS(`.matrix a[href="#category=abstracted&layer=customer-data"]`)))
	b.wait(`document.querySelector(".count").textContent.startsWith("3 of") && document.activeElement.id === "findings"`)

	// What is written in the address is what is shown, also a value that no finding has.
	for fragment, want := range map[string]string{
		"status=accepted":                                   "1 of",
		"status=attested":                                   "1 of",
		"severity=critical,high&status=fail":                "2 of",
		"region=global":                                     "2 of",
		"account=444455556666":                              "3 of",
		"owner=web":                                         "1 of",
		"change=persisting":                                 "1 of",
		"change=new,reopened":                               "2 of",
		"service=ec2&layer=identity-access":                 "4 of",
		"check=iam-access-key-rotated&q=AKIA":               "2 of",
		"region=eu-central-1":                               "0 of",
		"id=" + fullResult().Findings[0].Fingerprint:        "1 of",
		"q=%3Cscript%3E":                                    "1 of",
		"nonsense=1":                                        fmt.Sprintf("%d findings", all),
		"status=fail%2Cunknown":                             "5 of",
		"status=fail&status=pass":                           "2 of", // the last word counts
		"q=" + strings.Repeat("x", 5000):                    "0 of",
		"severity=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E": "0 of",
	} {
		b.visit(strings.Split(eval[string](b, `location.href`), "#")[0] + "#" + fragment)
		if got := b.count(); !strings.HasPrefix(got, want) {
			t.Errorf("#%.80s: %q, want %q…", fragment, got, want)
		}
	}
	if got := b.fragment(); got == "" {
		t.Error("the address is lost")
	}
	b.quiet()
}

// A result without findings and one with many: pages of a hundred, and the focus goes on where the next one begins.
func TestBrowserPages(t *testing.T) {
	b := newTab(t)
	empty := &result.Result{Scan: result.Scan{Complete: true}}
	empty.Summarize()
	b.open(empty, "")
	if got := b.count(); got != "0 findings" {
		t.Errorf("%q", got)
	}
	r := manyFindings(250)
	for i := range r.Findings {
		if strings.HasSuffix(r.Findings[i].Resource.ID, "00042") {
			r.Findings[i].Note = &finding.Note{Owner: "web, team + co & 50%"}
		}
	}
	b.open(r, "")
	b.wait(`document.querySelectorAll(".findings > li").length === 100 && document.querySelector(".more").textContent === "Show 100 more of 150"`)
	b.do(chromedp.Click(chromedp.CSS(".more")))
	b.wait(`document.querySelectorAll(".findings > li").length === 200 && document.activeElement === document.querySelectorAll(".findings .head")[100]`)
	b.do(chromedp.Click(chromedp.CSS(".more")))
	b.wait(`document.querySelectorAll(".findings > li").length === 250 && document.querySelector(".more").offsetParent === null`)
	// What the page writes into its address it reads back, whatever stands in a name.
	eval[any](b, `void document.querySelector('.facet input[value^="web, team"]').click()`)
	b.wait(`document.querySelector(".count").textContent.startsWith("1 of")`)
	b.visit(eval[string](b, `location.href`))
	if got := b.count(); got != "1 of 250 findings" {
		t.Errorf("%q at %s", got, b.fragment())
	}
	b.quiet()
}

func TestBrowserFinding(t *testing.T) {
	b := newTab(t)
	r := fullResult()
	r.Findings[0].Rule.Remediation.CLI = "aws ec2 modify-instance-metadata-options --instance-id <instance-id> --x <y>"
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Resource.ID == "site" {
			f.Evidence = append(f.Evidence, finding.KV{Key: "path", Value: "internet → igw-1 → <b>site</b>"})
		}
	}
	b.open(r, "status=fail&check=s3-bucket-public")
	// By keyboard alone: the first finding is reached, opened and closed.
	b.do(chromedp.Focus(chromedp.CSS(".findings .head")), chromedp.KeyEvent(kb.Enter))
	b.wait(`document.querySelector(".findings .head").getAttribute("aria-expanded") === "true"`)
	text := eval[string](b, `document.querySelector(".findings .detail").innerText`)
	for _, want := range []string{"Evidence", "AllowAll", "Risk", "How to mend it", "First seen", "2026-11-24 08:30:00 UTC", "held back", "owner = web", "arn:aws:s3:::site", "Fingerprint", "new"} {
		if !strings.Contains(text, want) {
			t.Errorf("the opened finding does not say %q:\n%s", want, text)
		}
	}
	if got := eval[[]string](b, `[...document.querySelectorAll(".findings .chain li")].map((e) => e.textContent)`); !slices.Equal(got, []string{"internet", "igw-1", "<b>site</b>"}) {
		t.Errorf("the path is %q", got)
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	b.wait(`document.querySelector(".findings .head").getAttribute("aria-expanded") === "false" && document.querySelector(".findings .detail").offsetParent === null`)

	// A link to one finding opens it, with the command of this resource.
	b.visit(strings.Split(eval[string](b, `location.href`), "#")[0] + "#id=" + r.Findings[0].Fingerprint)
	if got := eval[string](b, `document.querySelector(".findings pre").textContent`); got != "aws ec2 modify-instance-metadata-options --region eu-west-1 --instance-id i-0aaa --x <y>" {
		t.Errorf("the command is %q", got)
	}
	// What is copied is what is shown.
	eval[any](b, `void Object.defineProperty(navigator, "clipboard", {value: {writeText: async (text) => { window.copied = text; }}})`)
	for label, want := range map[string]string{
		"Copy command": "aws ec2 modify-instance-metadata-options --region eu-west-1 --instance-id i-0aaa --x <y>",
		"Copy ARN":     "arn:aws:ec2:eu-west-1:111122223333:instance/i-0aaa", "Copy link": "#id=" + r.Findings[0].Fingerprint,
	} {
		eval[any](b, fmt.Sprintf(`void [...document.querySelectorAll(".findings .copy")].find((e) => e.textContent === %q).click()`, label))
		b.wait(`[...document.querySelectorAll(".findings .copy")].some((e) => e.textContent === "Copied")`)
		if got := eval[string](b, `window.copied`); !strings.HasSuffix(got, want) {
			t.Errorf("%s copies %q", label, got)
		}
	}
	// Attested is a word and a colour of its own.
	b.visit(strings.Split(eval[string](b, `location.href`), "#")[0] + "#status=attested,pass")
	colors := eval[[]string](b, `[...document.querySelectorAll(".findings .st")].map((e) => e.textContent + getComputedStyle(e).color)`)
	slices.Sort(colors)
	colors = slices.Compact(colors)
	if len(colors) != 2 || !strings.HasPrefix(colors[0], "attested") || strings.TrimPrefix(colors[0], "attested") == strings.TrimPrefix(colors[1], "verified") {
		t.Errorf("%q", colors)
	}
	b.quiet()
}

// Everything can be reached by the keyboard, and what has the focus can be seen.
func TestBrowserKeyboard(t *testing.T) {
	b := newTab(t)
	b.open(fullResult(), "")
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := eval[string](b, `document.activeElement.className`); got != "skip" {
		t.Errorf("the first stop is %q", got)
	}
	if eval[float64](b, `document.activeElement.getBoundingClientRect().left`) < 0 {
		t.Error("the skip link cannot be seen")
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	b.wait(`document.activeElement.id === "findings" || location.hash === "#findings"`)
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := eval[string](b, `document.activeElement.id`); got != "q" {
		t.Errorf("after the skip link the next stop is %q", got)
	}
	b.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	b.wait(`document.querySelector(".facet").open`)
	b.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "))
	b.wait(`location.hash === "#status=fail"`)
	if !eval[bool](b, `document.activeElement.type === "checkbox" && document.activeElement.checked`) {
		t.Error("the focus is lost when a filter is chosen")
	}
	b.do(chromedp.KeyEvent(kb.Escape))
	b.wait(`!document.querySelector(".facet").open && document.activeElement.tagName === "SUMMARY"`)
	outline := eval[string](b, `getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth`)
	if outline != "solid2px" {
		t.Errorf("the focus is drawn as %q", outline)
	}
	b.quiet()
}

func TestBrowserPrint(t *testing.T) {
	b := newTab(t)
	b.open(fullResult(), "status=fail")
	b.media("print", "dark")
	eval[any](b, `void window.dispatchEvent(new Event("beforeprint"))`)
	if got := eval[int](b, `document.querySelectorAll(".findings .detail").length`); got != 3 {
		t.Errorf("%d findings are opened for print, want 3", got)
	}
	hidden := eval[[]string](b, `["nav", ".filters", ".copy", ".more", ".actions"].filter((s) => [...document.querySelectorAll(s)].some((e) => e.offsetParent !== null))`)
	if len(hidden) > 0 {
		t.Errorf("controls are printed: %q", hidden)
	}
	if got := eval[string](b, `getComputedStyle(document.body).backgroundColor`); got != "rgb(255, 255, 255)" {
		t.Errorf("the paper is %s", got)
	}
	if n := eval[int](b, `document.querySelectorAll("main details:not(.facet):not([open])").length`); n != 0 {
		t.Errorf("%d parts stay closed", n)
	}
	eval[any](b, `void window.dispatchEvent(new Event("afterprint"))`)
	if got := eval[int](b, `document.querySelectorAll(".findings .detail").length`); got != 0 {
		t.Errorf("%d findings are open after print", got)
	}
	b.media("", "light")
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Errorf("no PDF: %v", err)
	}
	b.quiet()
}

// Without scripts the matrix, the worst findings and the gaps can be read.
func TestBrowserNoScript(t *testing.T) {
	b := newTab(t)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(htmlOf(t, fullResult())), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate("file://" + path))
	text := eval[string](b, `document.body.innerText`)
	for _, want := range []string{"INCOMPLETE", "4 of 6 controls examined", "anyone may read it", "The caller may not call ec2:DescribeInstances in us-east-1", "The list of all 11 findings needs JavaScript"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	b.quiet()
}

// Names that an intruder gives are text: no element, no script, no request comes of them, and they are shown.
func TestBrowserHostile(t *testing.T) {
	b := newTab(t)
	b.open(fullResult(), "")
	const shape = `JSON.stringify([document.querySelectorAll("script").length, document.querySelectorAll("h1").length, document.querySelectorAll("img, iframe, object, embed, link, base, form:not(.filters)").length, document.querySelectorAll("section").length, document.title.length > 0])`
	want := eval[string](b, shape)
	for _, name := range sortedNames() {
		v := hostileValues[name]
		b.open(hostileResult(v), "status=fail")
		eval[any](b, `void document.querySelectorAll(".findings .head").forEach((e) => e.click())`)
		if got := eval[string](b, shape); got != want {
			t.Errorf("%s: the page's elements are %s, want %s", name, got, want)
		}
		shown, err := json.Marshal(Visible(v))
		if err != nil {
			t.Fatal(err)
		}
		// The value of the Name line, after long ones were asked to be shown whole.
		eval[any](b, `void document.querySelectorAll(".findings .link").forEach((e) => e.click())`)
		if !eval[bool](b, fmt.Sprintf(`[...document.querySelectorAll(".findings dd bdi")].some((e) => e.textContent === %s)`, shown)) {
			t.Errorf("%s: the name is not shown as it is", name)
		}
		if n := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); n > 0 {
			t.Errorf("%s: the page is %d pixels wider than the window, by %s", name, n, eval[string](b, widest))
		}
	}
	b.quiet()
}

// widest names the innermost elements that stand out of the window, and that no box around them cuts or scrolls.
const widest = `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll") &&
	![...e.children].some((c) => c.getBoundingClientRect().right > innerWidth + 1)).slice(0, 3).map((e) => e.parentElement.parentElement.className + " > " + e.parentElement.className + " > " + e.tagName).join("; ")`

func sortedNames() []string {
	var names []string
	for name := range hostileValues {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// The narrow window of a telephone shows everything without scrolling sideways.
func TestBrowserNarrow(t *testing.T) {
	b := newTab(t)
	b.do(chromedp.EmulateViewport(400, 800))
	b.open(fullResult(), "status=fail")
	eval[any](b, `void document.querySelectorAll(".findings .head, details:not(.facet) > summary").forEach((e) => e.click())`)
	if n := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); n > 0 {
		t.Errorf("the page is %d pixels wider than the window, by %s", n, eval[string](b, widest))
	}
	b.quiet()
}

// The accessibility rules that a program can check (axe-core: WCAG 2.2 A and AA, and its best practices), in both colour
// schemes, with everything opened, and in the narrow form.
func TestBrowserAxe(t *testing.T) {
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		scheme string
		width  int64
	}{{"light", 1280}, {"dark", 1280}, {"light", 400}, {"dark", 400}} {
		t.Run(fmt.Sprintf("%s %d", c.scheme, c.width), func(t *testing.T) {
			b := newTab(t)
			b.media("", c.scheme)
			b.do(chromedp.EmulateViewport(c.width, 900))
			b.open(fullResult(), "")
			if dark := eval[bool](b, `matchMedia("(prefers-color-scheme: dark)").matches`); dark != (c.scheme == "dark") {
				t.Fatalf("dark: %v", dark)
			}
			eval[any](b, `void document.querySelectorAll(".findings .head").forEach((e) => e.click())`)
			eval[any](b, `void document.querySelectorAll("main details:not(.facet)").forEach((e) => { e.open = true; })`)
			b.check(axe)
			eval[any](b, `void document.querySelector(".facet summary").click()`)
			b.check(axe)
			b.quiet()
		})
	}
}

// check runs axe-core on the page as it is.
func (b *tab) check(axe []byte) {
	b.t.Helper()
	eval[any](b, string(axe)+"; undefined")
	out := eval[string](b, `axe.run(document, {resultTypes: ["violations", "incomplete"]}).then((r) => JSON.stringify({
		passes: r.passes.length,
		violations: r.violations.map((v) => ({id: v.id, help: v.help, nodes: v.nodes.map((n) => n.html.slice(0, 200) + " " + n.failureSummary)})),
	}))`)
	var got struct {
		Passes     int
		Violations []struct {
			ID, Help string
			Nodes    []string
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		b.t.Fatal(err)
	}
	if got.Passes < 20 {
		b.t.Errorf("axe checked %d rules only", got.Passes)
	}
	for _, v := range got.Violations {
		b.t.Errorf("%s: %s (%d elements)\n%s", v.ID, v.Help, len(v.Nodes), strings.Join(v.Nodes[:min(3, len(v.Nodes))], "\n"))
	}
}
