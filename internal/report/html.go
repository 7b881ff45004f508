package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/ourshare/ourshare/internal/result"
)

//go:embed assets
var assets embed.FS

// page is the report's fixed part: the template, the style and the script, with the policy that lets a browser run these
// two and nothing else.
type page struct {
	tmpl   *template.Template
	style  string
	script string
	policy string
}

// scripts are joined in this order.
var scripts = []string{"assets/state.js", "assets/finding.js", "assets/filters.js", "assets/page.js"}

var load = sync.OnceValue(func() page {
	read := func(name string) string {
		b, err := assets.ReadFile(name)
		if err != nil {
			panic(err) // a mistake in this repository
		}
		return string(b)
	}
	p := page{style: read("assets/report.css")}
	var js strings.Builder
	js.WriteString("\"use strict\";\n(() => {\n")
	for _, name := range scripts {
		js.WriteString(read(name))
	}
	js.WriteString("})();\n")
	p.script = js.String()
	p.policy = policy(p.style, p.script)
	p.tmpl = template.Must(template.New("report").Funcs(template.FuncMap{
		"vis": Visible, "short": shortened, "moment": moment, "plural": plural, "lines": joined,
	}).ParseFS(assets, "assets/*.tmpl"))
	return p
})

// policy is the page's Content-Security-Policy: nothing is fetched, and only this style and this script are used. Strings
// cannot become markup by the script (Trusted Types without a policy).
// Source: https://www.w3.org/TR/CSP3/ and https://www.w3.org/TR/trusted-types/
func policy(style, script string) string {
	return "default-src 'none'; base-uri 'none'; form-action 'none'; " +
		"style-src '" + digest(style) + "'; script-src '" + digest(script) + "'; " +
		"require-trusted-types-for 'script'; trusted-types 'none'"
}

// digest is the hash by which a policy names what stands between an element's tags.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// writeHTML writes one self-contained page: it asks no network for anything, and its matrix, worst findings and gaps can be
// read without its script. The findings are data that the script shows.
func writeHTML(out io.Writer, r *result.Result, _ Look) error {
	v := newView(r)
	if err := r.Err(); err != nil {
		return err
	}
	p := load()
	w := bufio.NewWriterSize(out, 1<<16)
	v.Policy = template.HTML(`<meta http-equiv="Content-Security-Policy" content="` + p.policy + `">`) // made of this file's own words and hashes
	v.Style = template.HTML("<style>" + p.style + "</style>")                                          // an asset
	if err := p.tmpl.ExecuteTemplate(w, "report.html.tmpl", v); err != nil {
		return err
	}
	if err := v.writeData(w); err != nil {
		return err
	}
	if _, err := w.WriteString("<script>" + p.script + "</script>\n</body>\n</html>\n"); err != nil {
		return err
	}
	return w.Flush()
}

// moment is a point in time as the report prints it; nothing for the zero time.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// shortened cuts what the script would show whole on demand.
func shortened(s string) string {
	const limit = 400
	if len(s) <= limit {
		return s
	}
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit]) + "…"
}

// joined joins words with commas.
func joined(words []string) string { return strings.Join(words, ", ") }
