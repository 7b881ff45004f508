package tickets_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/tickets"
)

// night plans one scan's tickets with the result before as its baseline, and gives the actions, their lines, and the result as it is
// read back from its JSON form. Without a configuration no tickets are asked for.
func night(t *testing.T, r, before *result.Result, cfg *config.Tickets) (actions []string, lines []result.Ticket, saved *result.Result) {
	t.Helper()
	x := history.Open(before)
	x.Annotate(r)
	if cfg != nil {
		tickets.Plan(r, tickets.Known{States: x.Tickets(), Was: x.Was}, *cfg)
	}
	for line := range r.AllTickets() {
		actions = append(actions, line.Action)
		lines = append(lines, line)
	}
	slices.Sort(actions)
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	saved, err := result.Load(&b)
	if err != nil {
		t.Fatal(err)
	}
	return actions, lines, saved
}

// Tags that were not read do not take a finding from its owner's ticket, however long; another owner does, and so does another
// configuration.
func TestOwnerByTagsThatWereNotRead(t *testing.T) {
	cfg := by(config.GroupByOwner, 0)
	owned := func(n int, tags map[string]string, owner string) *result.Result {
		r := scanOf(n, map[string]state{"a1": "fail", "a2": "fail"})
		for i := range r.Findings {
			r.Findings[i].Resource.Tags, r.Findings[i].Note.Owner = tags, owner
		}
		return r
	}
	read := map[string]string{"owner": "ann"}
	var before *result.Result
	for n, step := range []struct {
		tags  map[string]string
		owner string
		want  []string
	}{
		{read, "ann", []string{"open"}},
		{nil, "", nil},
		{nil, "", nil},
		{read, "ann", nil},
		{nil, "fallback", nil},                               // a rule answers where tags do not
		{nil, "fallback", nil},                               // as before
		{nil, "other", []string{"close", "open"}},            // the rule was changed
		{map[string]string{}, "", []string{"close", "open"}}, // read, and there is none
	} {
		actions, _, saved := night(t, owned(n, step.tags, step.owner), before, &cfg)
		if !slices.Equal(actions, step.want) {
			t.Errorf("night %d: %q, want %q", n, actions, step.want)
		}
		before = saved
	}

	// An update in between still says whose ticket it is.
	_, _, first := night(t, owned(0, read, "ann"), nil, &cfg)
	worse := owned(1, nil, "")
	worse.Findings[0].Severity = finding.Critical
	_, lines, _ := night(t, worse, first, &cfg)
	if len(lines) != 1 || lines[0].Action != tickets.Update || lines[0].Owner != "ann" || lines[0].Title != "2 findings of ann" {
		t.Errorf("%+v", lines)
	}
}

// What was mended on a night without tickets, and cannot be seen on the next with them, stays in its ticket until somebody sees it.
func TestMendedWithoutTickets(t *testing.T) {
	cfg := by(config.GroupByFinding, 0)
	for _, blind := range []state{"unknown", "manual"} {
		var before *result.Result
		for n, step := range []struct {
			state   state
			tickets *config.Tickets
			want    []string
		}{
			{"fail", &cfg, []string{"open"}},
			{"pass", nil, nil},
			{blind, &cfg, nil},
			{blind, &cfg, nil},
			{"pass", &cfg, []string{"close"}},
			{"pass", &cfg, nil},
		} {
			actions, _, saved := night(t, scanOf(n, map[string]state{"a": step.state}), before, step.tickets)
			if !slices.Equal(actions, step.want) {
				t.Errorf("%s, night %d: %q, want %q", blind, n, actions, step.want)
			}
			before = saved
		}
	}
}

// A ticket that is closed because its resource is gone says where that was and whose, of several accounts too, whose changes come
// from the spool.
func TestGoneOfSeveralAccounts(t *testing.T) {
	cfg := by(config.GroupByFinding, 0)
	_, _, before := night(t, scanOf(0, map[string]state{"a": "fail"}), nil, &cfg)
	x := history.Open(before)
	r := scanOf(1, map[string]state{"a": "gone"})
	x.Annotate(r)
	spool, err := result.NewSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = spool.Close() }()
	if err := spool.Add(r); err != nil {
		t.Fatal(err)
	}
	merged := spool.Merge(result.Result{SchemaVersion: "1.0", Scan: result.Scan{ID: "merged", FinishedAt: r.Scan.FinishedAt}})
	tickets.Plan(merged, tickets.Known{States: x.Tickets(), Was: x.Was}, cfg)
	lines := slices.Collect(merged.AllTickets())
	if len(lines) != 1 || lines[0].Action != tickets.Close || lines[0].Owner != "a" || !strings.Contains(lines[0].Reason, "it is gone") {
		t.Fatalf("%+v", lines)
	}
	if f := lines[0].Findings[0]; f.AccountID != "111122223333" || f.Region != "us-east-1" || f.Status != finding.Fail || f.Severity != finding.Medium {
		t.Errorf("%+v", f)
	}
}
