package config

import (
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

// The ways to gather findings into tickets.
const (
	GroupByFinding  = "finding"  // one ticket for each finding
	GroupByCheck    = "check"    // one for each check and account
	GroupByResource = "resource" // one for each resource
	GroupByOwner    = "owner"    // one for each owner
)

// Groupings returns every way to gather findings into tickets.
func Groupings() []string {
	return []string{GroupByFinding, GroupByCheck, GroupByResource, GroupByOwner}
}

// Tickets is the key `tickets`: how failing findings become tickets. It changes no verdict, severity or owner, so the
// digest of the configuration is without it.
type Tickets struct {
	GroupBy string                   // one of Groupings
	MaxOpen int                      // how many tickets one run opens at most; the rest is held back; 0: no limit
	DueDays map[finding.Severity]int // days from opening to the due date; a severity that is not in it has none
	Labels  []string                 // on every ticket
}

// DefaultTickets is what stands where the configuration says nothing of tickets.
func DefaultTickets() Tickets {
	return Tickets{
		GroupBy: GroupByFinding,
		DueDays: map[finding.Severity]int{finding.Critical: 7, finding.High: 30, finding.Medium: 90, finding.Low: 180},
		Labels:  []string{},
	}
}

// maxDueDays is ten years.
const maxDueDays = 3650

func (t *Tickets) parse(e strictyaml.Entry) error {
	list, err := strictyaml.Mapping(e.Value, "tickets", "tickets", "group_by", "max_open", "due_days", "labels")
	if err != nil {
		return err
	}
	for _, e := range list {
		switch e.Key {
		case "group_by":
			t.GroupBy, err = strictyaml.Word(e.Value, "tickets.group_by", "grouping", Groupings())
		case "max_open":
			t.MaxOpen, err = strictyaml.Int(e.Value, "tickets.max_open", 0, maxNumber)
		case "due_days":
			err = t.dueDays(e)
		case "labels":
			t.Labels, err = labels(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dueDays sets days for the severities that it names; null takes the due date away.
func (t *Tickets) dueDays(e strictyaml.Entry) error {
	words := make([]string, 0, len(finding.Severities()))
	for _, s := range finding.Severities() {
		words = append(words, string(s))
	}
	list, err := strictyaml.Mapping(e.Value, "tickets.due_days", "tickets.due_days", words...)
	if err != nil {
		return err
	}
	for _, e := range list {
		if strictyaml.Null(e.Value) {
			delete(t.DueDays, finding.Severity(e.Key))
			continue
		}
		days, err := strictyaml.Int(e.Value, "tickets.due_days."+e.Key, 0, maxDueDays)
		if err != nil {
			return err
		}
		t.DueDays[finding.Severity(e.Key)] = days
	}
	return nil
}

func labels(e strictyaml.Entry) ([]string, error) {
	items, err := strictyaml.List(e, "tickets.labels")
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		label, err := strictyaml.Text(item, "tickets.labels")
		if err != nil {
			return nil, err
		}
		out = append(out, label)
	}
	return out, nil
}
