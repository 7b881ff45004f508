package tickets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/tickets"
)

var day = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// state is one resource's verdict in words: a status, "accepted" for a fail that an exception accepts, "worse" for a critical fail,
// "gone" for a resource that is no longer listed, "lost" for one whose listing was denied.
type state = string

// scanOf makes the scan of a day: the verdicts of one check on several resources, whose owner is their first letter.
func scanOf(n int, verdicts map[string]state) *result.Result {
	rule := &finding.Rule{
		ID: "s3-bucket-versioning", Title: "S3 buckets keep earlier versions of objects", Category: responsibility.Abstracted, Service: "s3",
		Layer: responsibility.CustomerData, Severity: finding.Medium, Revision: 1, Parameters: map[string]any{}, References: []finding.Reference{},
		Risk: "What is overwritten is lost.", Remediation: finding.Remediation{Text: "Turn it on.", CLI: "aws s3api put-bucket-versioning", URL: "https://docs.aws.amazon.com/x"},
	}
	r := &result.Result{
		SchemaVersion: "1.0", Tool: result.Tool{Name: "ourshare"}, Checks: map[string]*finding.Rule{rule.ID: rule},
		Scan: result.Scan{ID: fmt.Sprint("scan-", n), FinishedAt: day.AddDate(0, 0, n), Accounts: []string{"111122223333"}, Regions: []string{"us-east-1"}, Complete: true},
	}
	e := result.Evaluation{CheckID: rule.ID, AccountID: "111122223333", Region: "us-east-1", Complete: true}
	for id, s := range verdicts {
		f := finding.Finding{
			Rule: rule, AccountID: "111122223333", Region: "us-east-1", Status: finding.Status(s), Severity: finding.Medium, Message: "versioning is off",
			Resource: &finding.Resource{Type: "AWS::S3::Bucket", ID: id, ARN: "arn:aws:s3:::" + id, Name: id, Region: "us-east-1"},
		}
		f.Fingerprint = finding.Fingerprint("aws", f.AccountID, rule.ID, f.Resource)
		f.With().Owner = id[:1]
		switch s {
		case "gone":
			continue
		case "lost":
			e.Complete = false
			continue
		case "accepted":
			f.Status = finding.Fail
			f.With().Suppression = &finding.Suppression{Reason: "known", Owner: "ann", Expires: "2027-01-01"}
		case "dated": // as a patch state: the last scan's time moves on by itself
			f.Status, f.Message = finding.Fail, "2 patches are missing, by the Scan of "+r.Scan.FinishedAt.Format(time.DateOnly)
			f.Evidence = finding.Evidence{{Key: "missing", Value: 2}, {Key: "ended_at", Value: r.Scan.FinishedAt.Format(time.RFC3339)}}
		case "more":
			f.Status, f.Message = finding.Fail, "3 patches are missing, by the Scan of "+r.Scan.FinishedAt.Format(time.DateOnly)
			f.Evidence = finding.Evidence{{Key: "missing", Value: 3}, {Key: "ended_at", Value: r.Scan.FinishedAt.Format(time.RFC3339)}}
		case "worse":
			f.Status, f.Severity = finding.Fail, finding.Critical
		case "unknown":
			f.Reason = &finding.Reason{Outcome: "denied", Gap: true, Text: "denied"}
		}
		r.Findings = append(r.Findings, f)
	}
	r.Evaluations = []result.Evaluation{e}
	r.Summarize()
	return r
}

// run plans the tickets of each day's scan, each with the result of the day before as its baseline, and gives the actions in words:
// "open a", "update a: reason". Where tickets belong to one finding the resource is named, else the number of findings.
func run(cfg config.Tickets, days ...map[string]state) (actions [][]string, last *result.Result) {
	for n, verdicts := range days {
		r := scanOf(n, verdicts)
		before := history.Open(last)
		before.Annotate(r)
		tickets.Plan(r, tickets.Known{States: before.Tickets()}, cfg)
		var list []string
		for t := range r.AllTickets() {
			what := fmt.Sprint(len(t.Findings))
			if cfg.GroupBy == config.GroupByFinding {
				what = t.Findings[0].Resource.ID
			}
			list = append(list, t.Action+" "+what)
		}
		for range r.All() { // as a report does, which writes the tickets' states into the history
			continue
		}
		for range r.AllUnobserved() {
			continue
		}
		actions, last = append(actions, list), r
	}
	return actions, last
}

func by(group string, maxOpen int) config.Tickets {
	cfg := config.DefaultTickets()
	cfg.GroupBy, cfg.MaxOpen = group, maxOpen
	return cfg
}

func TestPlan(t *testing.T) {
	type days = []map[string]state
	none := []string(nil)
	for name, tt := range map[string]struct {
		cfg  config.Tickets
		days days
		want [][]string
	}{
		"opened, and nothing more on the same state": {by("finding", 0), days{{"a": "fail", "b": "pass"}, {"a": "fail", "b": "pass"}}, [][]string{{"open a"}, none}},
		"mended":                             {by("finding", 0), days{{"a": "fail"}, {"a": "pass"}, {"a": "pass"}}, [][]string{{"open a"}, {"close a"}, none}},
		"not applicable any more":            {by("finding", 0), days{{"a": "fail"}, {"a": "not_applicable"}}, [][]string{{"open a"}, {"close a"}}},
		"gone":                               {by("finding", 0), days{{"a": "fail"}, {"a": "gone"}, {}}, [][]string{{"open a"}, {"close a"}, none}},
		"not observable":                     {by("finding", 0), days{{"a": "fail"}, {"a": "unknown"}, {"a": "unknown"}}, [][]string{{"open a"}, none, none}},
		"not observable, then as it was":     {by("finding", 0), days{{"a": "fail"}, {"a": "unknown"}, {"a": "fail"}}, [][]string{{"open a"}, none, none}},
		"not observable, then mended":        {by("finding", 0), days{{"a": "fail"}, {"a": "lost"}, {"a": "lost"}, {"a": "pass"}}, [][]string{{"open a"}, none, none, {"close a"}}},
		"not listed, then gone":              {by("finding", 0), days{{"a": "fail"}, {"a": "lost"}, {"a": "gone"}}, [][]string{{"open a"}, none, {"close a"}}},
		"an unknown opens nothing":           {by("finding", 0), days{{"a": "unknown", "b": "manual"}}, [][]string{none}},
		"worse":                              {by("finding", 0), days{{"a": "fail"}, {"a": "worse"}, {"a": "worse"}}, [][]string{{"open a"}, {"update a"}, none}},
		"only times differ":                  {by("finding", 0), days{{"a": "dated"}, {"a": "dated"}, {"a": "more"}, {"a": "more"}}, [][]string{{"open a"}, none, {"update a"}, none}},
		"again":                              {by("finding", 0), days{{"a": "fail"}, {"a": "pass"}, {"a": "fail"}}, [][]string{{"open a"}, {"close a"}, {"open a"}}},
		"accepted":                           {by("finding", 0), days{{"a": "fail"}, {"a": "accepted"}, {"a": "accepted"}, {"a": "fail"}}, [][]string{{"open a"}, {"close a"}, none, {"open a"}}},
		"accepted from the first":            {by("finding", 0), days{{"a": "accepted"}}, [][]string{none}},
		"held, the worst first":              {by("finding", 1), days{{"a": "fail", "b": "worse", "c": "fail"}, {"a": "fail", "b": "worse", "c": "fail"}}, [][]string{{"open b"}, {"open a"}}},
		"held, and mended meanwhile":         {by("finding", 1), days{{"a": "worse", "b": "fail"}, {"a": "worse", "b": "pass"}}, [][]string{{"open a"}, none}},
		"held, and not observable meanwhile": {by("finding", 1), days{{"a": "worse", "b": "fail"}, {"a": "worse", "b": "unknown"}, {"a": "worse", "b": "fail"}}, [][]string{{"open a"}, none, {"open b"}}},
		"one of a check": {
			by("check", 0),
			days{{"a": "fail", "b": "fail"}, {"a": "fail", "b": "fail"}, {"a": "fail", "b": "pass"}, {"a": "pass", "b": "pass"}},
			[][]string{{"open 2"}, none, {"update 2"}, {"close 1"}},
		},
		"one of a check, part of it not observable": {
			by("check", 0),
			days{{"a": "fail", "b": "fail"}, {"a": "pass", "b": "unknown"}, {"a": "pass", "b": "unknown"}, {"a": "pass", "b": "pass"}},
			[][]string{{"open 2"}, {"update 2"}, none, {"close 1"}},
		},
		"one of a check, one more": {by("check", 0), days{{"a": "fail"}, {"a": "fail", "b": "fail"}}, [][]string{{"open 1"}, {"update 2"}}},
		"by owner":                 {by("owner", 0), days{{"a1": "fail", "a2": "fail", "b1": "fail"}, {"a1": "pass", "a2": "fail", "b1": "pass"}}, [][]string{{"open 2", "open 1"}, {"update 2", "close 1"}}},
		"by resource":              {by("resource", 0), days{{"a": "fail", "b": "fail"}}, [][]string{{"open 1", "open 1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := run(tt.cfg, tt.days...)
			for i := range got {
				want := slices.Sorted(slices.Values(tt.want[i]))
				slices.Sort(got[i])
				if tt.cfg.MaxOpen == 0 && !slices.Equal(got[i], want) {
					t.Errorf("day %d: %q, want %q", i, got[i], want)
				}
				if tt.cfg.MaxOpen > 0 && len(got[i]) != len(want) {
					t.Errorf("day %d: %q, want %q", i, got[i], want)
				}
			}
		})
	}
}

// TestHeld holds that the worst are opened first, and that the rest is marked as held.
func TestHeld(t *testing.T) {
	all := map[string]state{"a": "fail", "b": "worse", "c": "fail"}
	got, r := run(by("finding", 1), all)
	if !slices.Equal(got[0], []string{"open b"}) {
		t.Errorf("%q", got)
	}
	states := map[string]string{}
	for f := range r.All() {
		states[f.Resource.ID] = f.History().Ticket
	}
	if states["b"] != finding.TicketOpen || states["a"] != finding.TicketHeld || states["c"] != finding.TicketHeld {
		t.Errorf("%v", states)
	}
}

func TestTicketLine(t *testing.T) {
	cfg := by("finding", 0)
	cfg.Labels = []string{"aws"}
	_, r := run(cfg, map[string]state{"bucket": "worse"})
	line := slices.Collect(r.AllTickets())[0]
	for name, ok := range map[string]bool{
		"title":    line.Title == "S3 buckets keep earlier versions of objects: not so for bucket",
		"due":      line.Due == "2026-01-08",
		"severity": line.Severity == finding.Critical,
		"owner":    line.Owner == "b",
		"labels":   slices.Equal(line.Labels, []string{"abstracted", "aws", "critical", "customer-data", "ourshare", "s3", "s3-bucket-versioning"}),
		"key":      strings.HasPrefix(line.Key, "ourshare/finding/") && len(line.Key) <= 255,
		"body":     strings.Contains(line.Body, "versioning is off") && strings.Contains(line.Body, "put-bucket-versioning") && strings.Contains(line.Body, line.Key),
	} {
		if !ok {
			t.Errorf("%s: %+v", name, line)
		}
	}
	// The due date counts from the day on which the ticket was opened.
	_, r = run(cfg, map[string]state{"bucket": "fail"}, map[string]state{"bucket": "fail"}, map[string]state{"bucket": "worse"})
	if line := slices.Collect(r.AllTickets())[0]; line.Action != tickets.Update || line.Due != "2026-01-08" {
		t.Errorf("%s, due %s", line.Action, line.Due)
	}
}

// TestBounds holds that whatever is in it, a ticket fits the systems' fields, and that a large one says what it leaves out.
func TestBounds(t *testing.T) {
	many := map[string]state{}
	for i := range 300 {
		many[fmt.Sprintf("b%03d%s", i, strings.Repeat("|<x>\n\u202e", 40))] = "fail"
	}
	for _, group := range config.Groupings() {
		_, r := run(by(group, 0), many)
		for line := range r.AllTickets() {
			if n := len([]rune(line.Title)); n > 255 || strings.ContainsAny(line.Title, "\n\u202e") {
				t.Fatalf("%s: a title of %d characters: %q", group, n, line.Title)
			}
			if len(line.Body) > 32767 || strings.ContainsRune(line.Body, '\u202e') {
				t.Fatalf("%s: a body of %d bytes", group, len(line.Body))
			}
			if len(line.Findings) == 300 && !strings.Contains(line.Body, " more.") {
				t.Errorf("%s: nothing is said of what is left out", group)
			}
			if len(line.Key) > 255 {
				t.Errorf("%s: the key %q", group, line.Key)
			}
		}
	}
}

// TestPlanProperties holds for any story: on the same state nothing more is due; a ticket is opened before it is updated or closed,
// and not twice; at the end those are open whose findings fail, or cannot be observed.
func TestPlanProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := by(rapid.SampledFrom(config.Groupings()).Draw(t, "group"), rapid.IntRange(0, 2).Draw(t, "cap"))
		states := []string{"fail", "worse", "pass", "unknown", "manual", "not_applicable", "accepted", "gone"}
		var story []map[string]state
		for range rapid.IntRange(1, 5).Draw(t, "days") {
			one := map[string]state{}
			for _, id := range []string{"a1", "a2", "b1"} {
				one[id] = rapid.SampledFrom(states).Draw(t, id)
			}
			if rapid.IntRange(0, 4).Draw(t, "lost") == 0 {
				one["a2"] = "lost"
			}
			story = append(story, one)
		}
		final := story[len(story)-1]
		for range 4 { // until nothing is held
			story = append(story, final)
		}
		var last *result.Result
		open := map[string]bool{}
		for n, verdicts := range story {
			r := scanOf(n, verdicts)
			x := history.Open(last)
			x.Annotate(r)
			tickets.Plan(r, tickets.Known{States: x.Tickets()}, cfg)
			opened := 0
			for line := range r.AllTickets() {
				switch line.Action {
				case tickets.Open:
					if opened++; open[line.Key] {
						t.Fatalf("day %d: %s is opened twice", n, line.Key)
					}
					open[line.Key] = true
				case tickets.Update, tickets.Close:
					if !open[line.Key] {
						t.Fatalf("day %d: %s of %s, which is not open", n, line.Action, line.Key)
					}
					open[line.Key] = line.Action != tickets.Close
				}
			}
			if cfg.MaxOpen > 0 && opened > cfg.MaxOpen {
				t.Fatalf("day %d: %d are opened", n, opened)
			}
			if n == len(story)-1 && len(slices.Collect(r.AllTickets())) > 0 {
				t.Fatalf("the state is the same, and still: %+v", slices.Collect(r.AllTickets()))
			}
			for f := range r.All() {
				counts := f.Status == finding.Fail && !f.Suppressed()
				if h := f.History(); n == len(story)-1 && counts != (h.Ticket == finding.TicketOpen) && f.Status != finding.Unknown && f.Status != finding.Manual {
					t.Fatalf("%s is %s with its ticket %s", f.Resource.ID, f.Status, h.Ticket)
				}
			}
			for range r.AllUnobserved() {
				continue
			}
			last = r
		}
	})
}

// TestForeignKeys holds that a key which no run of ourshare gave is nobody's word for an open ticket.
func TestForeignKeys(t *testing.T) {
	for _, key := range []string{"JIRA-1", "", "ourshare/finding/" + strings.Repeat("x", 255)} {
		r := scanOf(0, map[string]state{"a": "fail"})
		known := tickets.Known{States: map[string]result.TicketState{r.Findings[0].Fingerprint: {State: finding.TicketOpen, Key: key, Opened: "2025-01-01"}}}
		tickets.Plan(r, known, by("finding", 0))
		lines := slices.Collect(r.AllTickets())
		if len(lines) != 1 || lines[0].Action != tickets.Open || !strings.HasPrefix(lines[0].Key, "ourshare/") {
			t.Errorf("%.20q: %+v", key, lines)
		}
	}
}

// TestReopenedMeanwhile holds that a finding that was mended on a night without tickets, and fails again, updates the ticket that
// is still open.
func TestReopenedMeanwhile(t *testing.T) {
	_, first := run(by("finding", 0), map[string]state{"a": "fail"})
	between := scanOf(1, map[string]state{"a": "pass"})
	history.Open(first).Annotate(between)
	again := scanOf(2, map[string]state{"a": "fail"})
	x := history.Open(between)
	x.Annotate(again)
	tickets.Plan(again, tickets.Known{States: x.Tickets()}, by("finding", 0))
	lines := slices.Collect(again.AllTickets())
	if len(lines) != 1 || lines[0].Action != tickets.Update || !strings.Contains(lines[0].Findings[0].Note, string(result.Reopened)) {
		t.Errorf("%+v", lines)
	}
}
