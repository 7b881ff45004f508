package history

import (
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// TestOnlyTimes holds that a fail that differs in days and moments alone says so, and no other.
func TestOnlyTimes(t *testing.T) {
	rule := &finding.Rule{ID: "x", Revision: 1}
	fail := func(message string, evidence ...finding.KV) *finding.Finding {
		return &finding.Finding{Rule: rule, Status: finding.Fail, Severity: finding.Low, Message: message, Evidence: evidence}
	}
	at := func(day string) finding.KV { return finding.KV{Key: "ended_at", Value: day + "T10:00:00Z"} }
	was := fail("2 missing, by the Scan of 2026-01-01", finding.KV{Key: "missing", Value: 2}, at("2026-01-01"))
	worse := fail("2 missing, by the Scan of 2026-01-02", finding.KV{Key: "missing", Value: 2}, at("2026-01-02"))
	worse.Severity = finding.High
	ruled := fail("2 missing, by the Scan of 2026-01-02", finding.KV{Key: "missing", Value: 2}, at("2026-01-02"))
	ruled.Rule = &finding.Rule{ID: "x", Revision: 2}
	for name, tt := range map[string]struct {
		is   *finding.Finding
		want bool
	}{
		"days and moments":  {fail("2 missing, by the Scan of 2026-01-02", finding.KV{Key: "missing", Value: 2}, at("2026-01-02")), true},
		"a moment alone":    {fail("2 missing, by the Scan of 2026-01-01", finding.KV{Key: "missing", Value: 2}, at("2026-01-02")), true},
		"another number":    {fail("2 missing, by the Scan of 2026-01-02", finding.KV{Key: "missing", Value: 3}, at("2026-01-02")), false},
		"other words":       {fail("3 missing, by the Scan of 2026-01-02", finding.KV{Key: "missing", Value: 2}, at("2026-01-02")), false},
		"one piece more":    {fail("2 missing, by the Scan of 2026-01-02", finding.KV{Key: "missing", Value: 2}, at("2026-01-02"), at("2026-01-03")), false},
		"another severity":  {worse, false},
		"another rule":      {ruled, false},
		"a day for no time": {fail("2 missing, by the Scan of 2026-01-02", finding.KV{Key: "missing", Value: 2}, finding.KV{Key: "ended_at", Value: "never"}), false},
	} {
		got := differences(was, tt.is)
		if len(got) == 0 || strings.HasSuffix(strings.Join(got, "; "), result.OnlyTimes) != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := differences(was, was); len(got) > 0 {
		t.Errorf("the same: %q", got)
	}
}
