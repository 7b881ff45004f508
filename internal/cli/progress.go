package cli

import (
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/ourshare/ourshare/internal/inventory"
)

// progress tells how far a scan is: two bars on a terminal, structured logs for jobs, or nothing.
type progress struct {
	bars             *mpb.Progress
	datasets, judged *mpb.Bar
	accounts         *mpb.Bar
	log              *slog.Logger
	once             sync.Once
}

// newProgress follows the reading of datasets and the judging of checks.
func newProgress(w io.Writer, logFormat string, datasets, checks int) *progress {
	p := &progress{}
	if logFormat == "json" {
		p.log = slog.New(slog.NewJSONHandler(w, nil))
		p.log.Info("reading", "datasets", datasets, "checks", checks)
		return p
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	bar := func(total int, verb, what string) *mpb.Bar {
		return p.bars.AddBar(int64(total), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(verb, decor.WC{W: 9, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.CountersNoUnit("%d of %d "+what)))
	}
	p.datasets, p.judged = bar(datasets, "reading", "datasets"), bar(checks, "judging", "checks")
	return p
}

// newAccountsProgress follows the scan of several accounts.
func newAccountsProgress(w io.Writer, logFormat string, accounts int) *progress {
	p := &progress{}
	if logFormat == "json" {
		p.log = slog.New(slog.NewJSONHandler(w, nil))
		p.log.Info("reading", "accounts", accounts)
		return p
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	p.accounts = p.bars.AddBar(int64(accounts), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("scanning", decor.WC{W: 9, C: decor.DindentRight})),
		mpb.AppendDecorators(decor.CountersNoUnit("%d of %d accounts")))
	return p
}

func (p *progress) account(id string) {
	if p.accounts != nil {
		p.accounts.Increment()
	}
	if p.log != nil {
		p.log.Info("scanned", "account", id)
	}
}

func (p *progress) read(n *inventory.Node, scope string, rows int) {
	if p.datasets != nil {
		p.datasets.Increment()
	}
	if p.log != nil {
		p.log.Info("read", "dataset", n.Name, "region", scope, "rows", rows)
	}
}

func (p *progress) check(id string) {
	if p.judged != nil {
		p.judged.Increment()
	}
	if p.log != nil {
		p.log.Info("judged", "check", id)
	}
}

// done takes the bars away, whatever was left.
func (p *progress) done() {
	p.once.Do(func() {
		if p.bars != nil {
			for _, bar := range []*mpb.Bar{p.datasets, p.judged, p.accounts} {
				if bar != nil {
					bar.Abort(true)
				}
			}
			p.bars.Wait()
		}
	})
}

func (p *progress) finished(findings int, complete bool) {
	if p.log != nil {
		p.log.Info("done", "findings", findings, "complete", complete)
	}
}
