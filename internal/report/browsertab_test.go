package report

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/ourshare/ourshare/internal/result"
)

// needChromium makes a missing Chromium a failure: where the tests' run must not pass without a browser.
const needChromium = "OURSHARE_NEED_CHROMIUM"

// tab is a page in headless Chromium, with what must never happen in it.
type tab struct {
	t   testing.TB
	ctx context.Context //nolint:containedctx // a tab is a context to chromedp

	mu       sync.Mutex
	faults   []string // messages on the console, dialogs
	requests []string
}

// newTab starts a browser of its own, which ends with the test.
func newTab(t testing.TB) *tab {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv(needChromium) == "1" {
			t.Fatal("no Chromium was found, and " + needChromium + "=1 asks for one")
		}
		t.Skip("no Chromium was found: the HTML report is not tested in a browser")
	}
	// Chromium refuses its sandbox to root, as in a container; the pages are our own, and the test proves that they fetch
	// nothing.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	b := &tab{t: t}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	b.ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	if _, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return b
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *runtime.EventConsoleAPICalled:
		b.faults = append(b.faults, fmt.Sprintf("console.%s: %v", e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, fmt.Sprintf("exception: %+v", e.ExceptionDetails))
	case *log.EventEntryAdded:
		b.faults = append(b.faults, fmt.Sprintf("log: %s: %s", e.Entry.Level, e.Entry.Text))
	case *cdppage.EventJavascriptDialogOpening:
		b.faults = append(b.faults, "a dialog: "+e.Message)
	}
}

// open writes the report into a file and opens it at a fragment.
func (b *tab) open(r *result.Result, fragment string) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "report.html")
	f, err := os.Create(path)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := errors.Join(writeHTML(f, r, Look{}), f.Close()); err != nil {
		b.t.Fatal(err)
	}
	b.visit("file://" + path + "#" + fragment)
}

func (b *tab) visit(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS("#app .count")))
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval gives the value of a JavaScript expression; Chromium runs it outside of the page's policy.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// wait waits until an expression is true.
func (b *tab) wait(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(10*time.Second))); err != nil {
		b.t.Fatalf("%s does not come true: %v; the page says %q at %s", expression, err, b.count(), b.fragment())
	}
}

func (b *tab) count() string    { return eval[string](b, `document.querySelector(".count").textContent`) }
func (b *tab) fragment() string { return eval[string](b, `location.hash`) }

// listed are the texts of the list's findings.
func (b *tab) listed() []string {
	return eval[[]string](b, `[...document.querySelectorAll(".findings .head")].map((e) => e.innerText)`)
}

func (b *tab) media(media, scheme string) {
	b.t.Helper()
	params := emulation.SetEmulatedMediaParams{Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, params); err != nil {
		b.t.Fatal(err)
	}
}

// quiet holds that nothing was said on the console, no dialog opened, and nothing was asked for but the file itself.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		b.t.Error(f)
	}
	for _, r := range b.requests {
		if u, err := url.Parse(r); err != nil || u.Scheme != "file" && r != "about:blank" || u.Scheme == "file" && !strings.HasSuffix(u.Path, "/report.html") {
			b.t.Errorf("the page asked for %s", r)
		}
	}
	if len(b.requests) == 0 {
		b.t.Error("no request was seen, not even for the page: the test proves nothing")
	}
}
