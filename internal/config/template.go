package config

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ourshare/ourshare/internal/finding"
)

// Template is a documented file with every key and its default. Words stand behind ##; settings stand behind # and change
// nothing, as they are and without it.
func Template(known Known) []byte {
	t := &template{}
	t.words("The configuration of ourshare. Unknown keys are an error; `ourshare config validate` checks the file.",
		"Every key stands here with its default: take the \"# \" away from those that you set, and from the keys above them.", "")
	t.thresholds(known)
	t.checks(known)
	d := Default()
	t.words("Who answers for a resource: the value of the first of these tags that it has, else the first rule that matches.",
		"Tags that a listing does not give are read with --tags alone. A rule has an owner and at least one of check, service,",
		"account, region, resource (an ARN in which * and ? are wildcards), each a value or a list:",
		`  tags: [owner, team]`, `  rules:`, `    - {service: rds, account: "111122223333", owner: databases}`,
		`    - {resource: "arn:aws:s3:::logs-*", owner: platform}`)
	t.set(0, "owners:", "  tags: []", "  rules: []", "")
	t.words("What the flags of these names are where the command line does not give them.",
		"concurrency: requests at once per region and service. 0 and 0s are no limit.")
	t.set(0, "limits:", fmt.Sprintf("  concurrency: %d", d.Limits.Concurrency), fmt.Sprintf("  max_api_calls: %d", d.Limits.MaxAPICalls),
		fmt.Sprintf("  timeout: %s", d.Limits.Timeout), "")
	t.words("How failing findings become tickets (--format tickets).",
		"group_by: one of "+strings.Join(Groupings(), ", ")+". max_open: how many one run opens at most; 0 is no limit.",
		"due_days: days until a ticket is due, by severity; null is no due date. labels: on every ticket.")
	t.set(0, "tickets:", "  group_by: "+d.Tickets.GroupBy, fmt.Sprintf("  max_open: %d", d.Tickets.MaxOpen), "  due_days:")
	for _, s := range finding.Severities() {
		days := "null"
		if n, ok := d.Tickets.DueDays[s]; ok {
			days = fmt.Sprintf("%d", n)
		}
		t.set(4, string(s)+": "+days)
	}
	t.set(2, "labels: []")
	return t.b.Bytes()
}

type template struct{ b bytes.Buffer }

func (t *template) words(lines ...string) {
	for _, l := range lines {
		t.b.WriteString(strings.TrimSuffix("## "+l, " ") + "\n")
	}
}

func (t *template) set(indent int, lines ...string) {
	for _, l := range lines {
		if l == "" {
			t.b.WriteString("\n")
			continue
		}
		t.b.WriteString("# " + strings.Repeat(" ", indent) + l + "\n")
	}
}

func (t *template) thresholds(known Known) {
	t.words("Thresholds, for every check that reads them. Accounts stand in quotes: YAML reads 012345678901 as a number.")
	t.set(0, "thresholds:")
	for _, p := range known.Params {
		doc := p.Doc
		if low, ok := p.Min.(int); ok {
			doc += fmt.Sprintf(" From %v to %v.", low, p.Max)
		}
		t.words(doc)
		t.set(2, p.Name+": "+flow(p.Default))
	}
	t.b.WriteString("\n")
}

// checks shows the form on the first check that has a threshold of its own.
func (t *template) checks(known Known) {
	t.words("What holds for one check alone, by its id: a severity in place of its own, and values of thresholds that it reads.",
		"Evidence that makes a finding worse than the check's own severity still does.")
	t.set(0, "checks:")
	for _, c := range known.Checks {
		if len(c.Own) == 0 {
			continue
		}
		p, _ := known.param(c.Own[0])
		t.set(2, c.ID+":", "  severity: "+string(c.Severity), "  thresholds:", "    "+p.Name+": "+flow(p.Default))
		break
	}
	t.b.WriteString("\n")
}

// flow is a value of YAML on one line.
func flow(v any) string {
	var n yaml.Node
	if err := n.Encode(v); err != nil {
		panic(err) // numbers, texts and lists of them
	}
	n.Style = yaml.FlowStyle
	b, err := yaml.Marshal(&n)
	if err != nil {
		panic(err)
	}
	return strings.Join(strings.Fields(string(b)), " ")
}
