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

// progress tells how far a scan is: a bar on a terminal, structured logs for jobs, or nothing.
type progress struct {
	bars *mpb.Progress
	bar  *mpb.Bar
	log  *slog.Logger
	once sync.Once
}

// newProgress follows the reading of total datasets.
func newProgress(w io.Writer, logFormat string, total int) *progress {
	p := &progress{}
	if logFormat == "json" {
		p.log = slog.New(slog.NewJSONHandler(w, nil))
		p.log.Info("reading", "datasets", total)
		return p
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	p.bar = p.bars.AddBar(int64(total),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("reading ")),
		mpb.AppendDecorators(decor.CountersNoUnit("%d of %d datasets")))
	return p
}

func (p *progress) read(n *inventory.Node, scope string, rows int) {
	if p.bar != nil {
		p.bar.Increment()
	}
	if p.log != nil {
		p.log.Info("read", "dataset", n.Name, "region", scope, "rows", rows)
	}
}

// done ends the bar, whatever was left.
func (p *progress) done() {
	p.once.Do(func() {
		if p.bar != nil {
			p.bar.Abort(true)
			p.bars.Wait()
		}
	})
}

func (p *progress) finished(findings int, complete bool) {
	if p.log != nil {
		p.log.Info("judged", "findings", findings, "complete", complete)
	}
}
