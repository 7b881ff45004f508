package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

func TestMarkdownText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"IMDSv1 is allowed: it is optional": "IMDSv1 is allowed: it is optional",
		"0.0.0.0/0 reaches port 22 (ssh)":   "0.0.0.0/0 reaches port 22 (ssh)",
		"a <b> c":                           "a `<b>` c",
		"a <b> *c* d":                       "a `<b> *c*` d",
		"role arn:aws:key:x may":            "role `arn:aws:key:x` may",
		"sts:AssumeRole: denied":            "sts:AssumeRole: denied",
		"see https://x.example now":         "see `https://x.example` now",
		"see www.x.example":                 "see `www.x.example`",
		"x@y.example":                       "`x@y.example`",
		"GH-12 fixed":                       "`GH-12` fixed",
		"a|b":                               "`a\\x7cb`",
		"`a`":                               "`\\x60a\\x60`",
		`ends with \`:                       "ends with ` \\ `",
		"two\nlines":                        "`two\\x0alines`",
		"snake_case and a-b":                "`snake_case` and a-b",
		"  two  spaces ":                    "  two  spaces ",
		"größer 日本":                         "größer 日本",
	} {
		if got := mdText(in, 100); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := mdText(strings.Repeat("é", 50), 10); got != "éééééééééé… (of 50 characters)" {
		t.Errorf("%q", got)
	}
	if got := mdCode(strings.Repeat("`", 50), 3); got != "`\\x60\\x60\\x60… (of 50 characters)`" {
		t.Errorf("%q", got)
	}
	if got := mdCode(" \u3164 ", 3); got != "` \\u… (of 8 characters)`" {
		t.Errorf("%q", got)
	}
}

// FuzzMarkdownText holds that no text leaves its cell or its code spans.
func FuzzMarkdownText(f *testing.F) {
	for _, v := range hostileValues {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := mdText(s, 400)
		if !utf8.ValidString(out) || strings.ContainsFunc(out, hidden) || strings.Contains(out, "|") {
			t.Errorf("%q", out)
		}
		if found := markup.FindString(codeSpan.ReplaceAllString(out, " ")); found != "" {
			t.Errorf("%q in %q", found, out)
		}
	})
}

// many is the full result with n failing findings more, of which the last is the worst, and with as much of the rest.
func many(n int) *result.Result {
	r := fullResult()
	low, worst := r.Checks["iam-access-key-rotated"], r.Checks["s3-bucket-public"]
	for i := range n {
		rule := low
		if i == n-1 {
			rule = worst
		}
		res := &finding.Resource{Type: "AWS::S3::Bucket", ID: fmt.Sprintf("bucket-%06d", i), ARN: fmt.Sprintf("arn:aws:s3:::bucket-%06d", i), Region: "us-east-1"}
		f := finding.Finding{
			Rule: rule, AccountID: "111122223333", Region: "us-east-1", Resource: res, Status: finding.Fail, Severity: rule.Severity,
			Message: "it fails", Fingerprint: fmt.Sprintf("%032d", i),
		}
		switch i % 10 {
		case 1:
			f.With().Suppression = &finding.Suppression{Reason: "x", Owner: "y", Expires: "2027-01-01"}
		case 2:
			f.Status, f.Reason = finding.Unknown, &finding.Reason{Outcome: finding.Insufficient, Text: "too old"}
		}
		r.Findings = append(r.Findings, f)
		r.Comparison.Changes = append(r.Comparison.Changes, result.Change{Change: result.Resolved, Fingerprint: f.Fingerprint, CheckID: rule.ID, Resource: result.ResourceJSON(res), Reason: "it is gone"})
		r.Unobserved = append(r.Unobserved, result.Unobserved{Finding: result.JSON(f), Why: "denied"})
		r.Coverage = append(r.Coverage, result.Coverage{
			AccountID: "111122223333", Region: "us-east-1", Operation: fmt.Sprintf("s3:Get%d", i), Action: "s3:Get", Calls: 1,
			Outcomes: map[awsapi.Outcome]int{awsapi.Denied: 1}, Reasons: []string{"denied"},
		})
	}
	r.Summarize()
	return r
}

var leftOut = regexp.MustCompile(`(?m)^(\d+) of these (\d+) rows? (?:is|are) left out here`)

// TestMarkdownFits holds that a comment has room for the report of any account, that the worst stands first, and that the
// rows shown and those told to be left out add up.
func TestMarkdownFits(t *testing.T) {
	for _, n := range []int{0, 50, 300, 20_000} {
		var b bytes.Buffer
		r := many(n)
		if err := writeMarkdown(&b, r, Look{}); err != nil {
			t.Fatal(err)
		}
		if b.Len() > mdLimit {
			t.Errorf("%d findings: %d bytes", n, b.Len())
		}
		if n >= 20_000 && b.Len() < mdLimit*9/10 {
			t.Errorf("%d findings: %d bytes only", n, b.Len())
		}
		failing, accepted := r.Summary.ByStatus[finding.Fail]+r.Summary.ByStatus[finding.Unknown], r.Summary.Suppressed
		for heading, want := range map[string]int{
			"What changed": len(r.Comparison.Changes), "Findings": failing, "Failing, and accepted": accepted,
			"What could not be seen": len(r.Unobserved) + len(notSeenIn(r)),
		} {
			_, part, found := strings.Cut(b.String(), "## "+heading+"\n")
			if !found {
				t.Errorf("%d findings: no %q", n, heading)
				continue
			}
			part, _, _ = strings.Cut(part, "\n## ")
			rows := strings.Count(part, "\n|") - 2 // the head, and the line below it
			if m := leftOut.FindStringSubmatch(part); m != nil {
				left, err := strconv.Atoi(m[1])
				if err != nil || m[2] != strconv.Itoa(want) {
					t.Errorf("%d findings, %s: %q of %d", n, heading, m[0], want)
				}
				rows += left
			} else if n == 20_000 {
				t.Errorf("%s: nothing is left out of %d", heading, want)
			}
			if rows != want {
				t.Errorf("%d findings, %s: %d rows, want %d", n, heading, rows, want)
			}
			if n > 0 && heading == "Findings" && !strings.Contains(strings.Join(strings.SplitN(part, "\n", 7), "\n"), fmt.Sprintf("bucket-%06d", n-1)) {
				t.Errorf("%d findings: the worst is not among the first", n)
			}
		}
	}
}

// TestStreams holds that lines are written as they come: what a report of many findings needs beside the result does not
// grow with them.
func TestStreams(t *testing.T) {
	r := many(2_000)
	r.Comparison, r.Unobserved, r.Coverage = nil, nil, nil
	for _, name := range []string{"json", "ndjson", "csv", "markdown", "ocsf"} {
		f, _ := Find(name)
		peak := &peakWriter{}
		if err := f.Write(peak, r, Look{}); err != nil {
			t.Fatal(err)
		}
		if peak.largest > 1<<17 {
			t.Errorf("%s: %d bytes written at once, of %d", name, peak.largest, peak.n)
		}
	}
}

// peakWriter notes the largest write.
type peakWriter struct {
	n, largest int
}

func (w *peakWriter) Write(p []byte) (int, error) {
	w.n += len(p)
	w.largest = max(w.largest, len(p))
	return len(p), nil
}
