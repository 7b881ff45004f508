package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mdPlain is what a word may consist of to stand in Markdown as it is: letters, digits and punctuation that begins nothing, in
// CommonMark, in GitHub's tables, and in what GitHub makes of the text afterwards (mentions, issues, mail addresses, emoji,
// mathematics). Whatever has another character stands in a code span, where all of them leave it alone; a backslash before it
// would not do, since GitHub looks for mentions in the text that Markdown has made.
// Source: https://github.github.com/gfm/, sections 4.10, 6.3, 6.9 and 6.11.
func mdPlain(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune(`,.;:()'"/%-+?!=–—…→`, r)
}

// mdTriggers are words of plain characters that become links or pictures all the same: addresses, emoji (":key:"), issues (GH-12).
var mdTriggers = regexp.MustCompile(`:[a-z0-9_+-]+:|(?i:://|www\.|^gh-[0-9]|mailto:|xmpp:)`)

// mdText is text as it is read, with what might be taken for markup in code spans. It is at most limit characters long,
// spaces and marks aside; what is cut off is told.
func mdText(s string, limit int) string {
	s = mdClip(Visible(s), limit)
	var b strings.Builder
	var odd []string // words that need a code span, so far
	flush := func() {
		if len(odd) > 0 {
			b.WriteString(mdSpan(strings.Join(odd, " ")))
			odd = nil
		}
	}
	for i, word := range strings.Split(s, " ") {
		markup := strings.ContainsFunc(word, func(r rune) bool { return !mdPlain(r) }) || mdTriggers.MatchString(word)
		if !markup {
			flush()
		}
		if i > 0 && len(odd) == 0 {
			b.WriteByte(' ')
		}
		if markup {
			odd = append(odd, word)
		} else {
			b.WriteString(word)
		}
	}
	flush()
	return b.String()
}

// mdCode is a name in a code span.
func mdCode(s string, limit int) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return mdSpan(mdClip(Visible(s), limit))
}

var mdCodes = strings.NewReplacer("`", `\x60`, "|", `\x7c`)

// mdSpan is a code span: a backtick would end it, and a pipe would end a table's cell, so both are shown by their code.
func mdSpan(s string) string {
	s = mdCodes.Replace(s)
	if strings.HasSuffix(s, `\`) || strings.TrimSpace(s) == "" {
		return "` " + s + " `" // not CommonMark's rule, but some take a backslash before the closing backtick for an escape
	}
	return "`" + s + "`"
}

// mdClip cuts long text off, and says so.
func mdClip(s string, limit int) string {
	n := utf8.RuneCountInString(s)
	if n <= limit {
		return s
	}
	end := 0
	for i := range s {
		if limit == 0 {
			end = i
			break
		}
		limit--
	}
	return strings.TrimRight(s[:end], " ") + fmt.Sprintf("… (of %d characters)", n)
}

// MarkdownText is text of at most limit characters as data in Markdown, for what else is written for ticket systems.
func MarkdownText(s string, limit int) string { return mdText(s, limit) }

// MarkdownCode is a name in a code span.
func MarkdownCode(s string, limit int) string { return mdCode(s, limit) }
