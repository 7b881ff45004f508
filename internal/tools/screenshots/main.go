// Command screenshots makes the README's pictures of the HTML report: it reads a result (ourshare's JSON report), writes the
// HTML report of it, and photographs it in headless Chromium, light and dark.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
)

func main() {
	in := flag.String("in", "out/report.json", "the result to show")
	out := flag.String("out", "docs/images", "where the pictures go")
	check := flag.Bool("check", false, "also pictures that the README does not show: narrow, printed, filtered")
	flag.Parse()
	if err := run(*in, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(in, out string, check bool) (err error) {
	f, err := os.Open(in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r, err := result.Load(f)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	dir, err := os.MkdirTemp("", "ourshare-screenshots")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "report.html")
	html, err := os.Create(path)
	if err != nil {
		return err
	}
	format, _ := report.Find("html")
	if err := errors.Join(format.Write(html, r, report.Look{}), html.Close(), os.MkdirAll(out, 0o755)); err != nil {
		return err
	}
	// Chromium refuses its sandbox to root, as in a container; the page is our own and fetches nothing.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, cancel := chromedp.NewContext(ctx)
	defer cancel()
	ctx, timeout := context.WithTimeout(ctx, 2*time.Minute)
	defer timeout()
	return shoot(ctx, "file://"+path, out, check)
}

// picture is one photograph: what stands in the address, the script run before, and the part of the page that it shows.
type picture struct {
	name, fragment, script string
	dark                   bool
	width, height          int64
	where                  string // a selector; empty: the window
	extra                  bool   // for looking at, not for the README
}

const openFirst = `document.querySelector(".findings .head")?.click()`

var pictures = []picture{
	{name: "report-light.png", width: 1240, height: 1500},
	{name: "report-dark.png", width: 1240, height: 1500, dark: true},
	{name: "finding-light.png", fragment: "status=fail&check=rds-instance-reachable", script: openFirst, width: 1240, height: 900, where: "#list"},
	{name: "finding-dark.png", fragment: "status=fail&check=rds-instance-reachable", script: openFirst, width: 1240, height: 900, where: "#list", dark: true},
	{name: "gaps-light.png", width: 1240, height: 900, where: "section[aria-labelledby=gaps]"},
	{name: "gaps-dark.png", width: 1240, height: 900, where: "section[aria-labelledby=gaps]", dark: true},
	{name: "narrow.png", width: 400, height: 3600, extra: true},
	{name: "narrow-list.png", fragment: "status=fail", script: openFirst, width: 400, height: 1600, where: "#list", extra: true},
	{name: "list.png", fragment: "severity=critical,high", script: `document.querySelector(".facet summary").click()`, width: 1240, height: 900, where: "#list", extra: true},
	{name: "worst.png", script: `document.querySelector(".worst details").open = true`, width: 1240, height: 900, where: "section[aria-labelledby=worst]", extra: true},
	{name: "exceptions.png", width: 1240, height: 900, where: "section[aria-labelledby=exceptions]", extra: true},
	{name: "changes.png", width: 1240, height: 900, where: "section[aria-labelledby=changes]", extra: true},
	{name: "about.png", script: `for (const d of document.querySelectorAll("section[aria-labelledby=about] details")) d.open = true`, width: 1240, height: 900, where: "section[aria-labelledby=about]", extra: true},
}

func shoot(ctx context.Context, url, out string, check bool) error {
	for _, p := range pictures {
		if p.extra && !check {
			continue
		}
		png, err := p.take(ctx, url)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if png == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(out, p.name), png, 0o644); err != nil {
			return err
		}
	}
	if !check {
		return nil
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(url+"#status=fail&severity=critical")); err != nil {
		return err
	}
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground(), chromedp.PDFPaper(chromedp.PaperA4)))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "report.pdf"), pdf, 0o644)
}

// take gives nil where the report has no such part.
func (p picture) take(ctx context.Context, url string) ([]byte, error) {
	scheme := "light"
	if p.dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		return nil, err
	}
	err := chromedp.Do(
		ctx, chromedp.EmulateViewport(p.width, p.height), chromedp.Navigate("about:blank"), chromedp.Navigate(url+"#"+p.fragment),
		chromedp.WaitVisible(chromedp.CSS("#app .count")),
	)
	if err != nil {
		return nil, err
	}
	if p.script != "" {
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](p.script)); err != nil {
			return nil, err
		}
	}
	if p.where == "" {
		return chromedp.Run(ctx, chromedp.CaptureScreenshot())
	}
	there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.querySelector(%q) !== null", p.where)))
	if err != nil || !there {
		return nil, err
	}
	return chromedp.Run(ctx, chromedp.Screenshot(chromedp.CSS(p.where)))
}
