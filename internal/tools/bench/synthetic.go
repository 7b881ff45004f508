package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
)

// synthetic makes results of the catalogue's rules as large accounts have them: every status, evidence with paths and lists,
// tags, owners, exceptions, attestations, denied calls. Two nights of one account differ in about a finding of twenty, and in
// a region that the second could not list. The same numbers give the same results.
type synthetic struct {
	all   []*checks.Check
	rules []*finding.Rule
}

func newSynthetic() *synthetic {
	s := &synthetic{all: catalog.All()}
	for _, c := range s.all {
		s.rules = append(s.rules, c.Rule(map[string]any{"max_age_days": 90}))
	}
	return s
}

// syntheticRegions are the regions of every synthetic account.
var syntheticRegions = []string{"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"}

// deniedRegion and deniedEvery say where the second night could not list: one check of deniedEvery, in this region.
const (
	deniedRegion = "us-west-2"
	deniedEvery  = 10
)

// firstNight is when the earlier of the two scans ended.
var firstNight = time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC)

func (s *synthetic) head(night int) *result.Result {
	end := firstNight.AddDate(0, 0, night)
	return engine.NewResult(s.all, engine.Head{
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", night), ToolVersion: "0.0.0", StartedAt: end.Add(-20 * time.Minute), FinishedAt: end,
		CallerARN: "arn:aws:sts::100000000000:assumed-role/audit/ourshare", Config: config.Config{},
	})
}

// account is one account's result of n findings, in the first night (0) or the second (1), in which some are gone and as many new.
func (s *synthetic) account(number, n, night int) *result.Result {
	r := s.head(night)
	id := fmt.Sprintf("%012d", 100000000000+number)
	r.Scan.Accounts, r.Scan.Regions = []string{id}, syntheticRegions
	r.Findings = make([]finding.Finding, 0, n)
	things := map[string]*finding.Resource{} // one resource has findings of all checks of its service
	for k := 0; len(r.Findings) < n; k++ {
		rule := s.rules[k%len(s.rules)]
		at := k / len(s.rules)
		region := syntheticRegions[at%len(syntheticRegions)]
		denied := night == 1 && region == deniedRegion && k%len(s.rules)%deniedEvery == 0
		key := fmt.Sprint(rule.Service, at)
		if things[key] == nil {
			things[key] = thing(rule.Service, id, region, number, at)
		}
		f := finding.Finding{Rule: rule, AccountID: id, Region: region, Resource: things[key], Severity: rule.Severity}
		f.Fingerprint = finding.Fingerprint("aws", id, rule.ID, f.Resource)
		roll := (k*7919 + number*104729) % 1000
		switch again := (k*31 + number) % 100; {
		case night == 1 && again < 2, denied: // gone, or not listed
			continue
		case night == 1 && again < 5: // of another verdict
			roll = (roll + 300) % 1000
		case night == 1 && again < 6:
			f.Message = "now "
		}
		s.judge(&f, roll, at)
		if night == 0 && f.Status == finding.Fail && !f.Suppressed() {
			f.With().History = &finding.History{
				FirstSeen: r.Scan.FinishedAt.AddDate(0, 0, -at%90), LastSeen: r.Scan.FinishedAt, LastFailed: &r.Scan.FinishedAt,
				Ticket: finding.TicketOpen, TicketKey: "ourshare/finding/" + f.Fingerprint, TicketOpened: "2026-11-01",
			}
		}
		r.Findings = append(r.Findings, f)
	}
	s.looked(r, id, night)
	engine.SetControls(r, s.all)
	r.Summarize()
	return r
}

// compared is the second night's result of an account with what changed since the first, and the tickets' states of then.
func (s *synthetic) compared(number, n int) (*result.Result, map[string]result.TicketState) {
	x := history.Open(s.account(number, n, 0))
	r := s.account(number, n, 1)
	x.Annotate(r)
	r.Summarize()
	return r, x.Tickets()
}

// thing is a resource of a service.
func thing(service, account, region string, number, at int) *finding.Resource {
	id := fmt.Sprintf("%s-%03d%014x", service, number, at*2654435761)
	return &finding.Resource{
		Type: "AWS::" + service + "::Thing", ID: id, Name: fmt.Sprintf("team-%d-%s-%d", at%40, service, at), Region: region,
		ARN:  fmt.Sprintf("arn:aws:%s:%s:%s:thing/%s", service, region, account, id),
		Tags: map[string]string{"Name": fmt.Sprintf("team-%d-%s-%d", at%40, service, at), "team": fmt.Sprintf("team-%d", at%40), "env": []string{"prod", "test"}[at%2], "cost-centre": fmt.Sprint(4000 + at%17)},
	}
}

// judge gives a verdict by a number below 1000.
func (s *synthetic) judge(f *finding.Finding, roll, at int) {
	if at%3 > 0 {
		f.With().Owner = fmt.Sprintf("team-%d", at%40)
	}
	f.Evidence = finding.Evidence{
		{Key: "vpc_id", Value: fmt.Sprintf("vpc-%017x", at)},
		{Key: "ports", Value: []int{22, 443, 3389}},
		{Key: "encrypted", Value: roll%2 == 0},
		{Key: "groups", Value: []string{fmt.Sprintf("sg-%017x", at), fmt.Sprintf("sg-%017x", at+1)}},
	}
	switch {
	case roll < 250:
		f.Status = finding.Fail
		path := fmt.Sprintf("internet → igw-%017x → rtb-%017x (0.0.0.0/0) → acl-%017x rule 100 → sg-%017x (tcp 22 from 0.0.0.0/0) → eni-%017x", at, at, at, at, at)
		f.Message += "open to 0.0.0.0/0 on tcp 22: " + path
		f.Evidence = append(f.Evidence, finding.KV{Key: "paths", Value: []string{path}})
		if roll < 10 {
			f.With().Suppression = &finding.Suppression{Reason: "accepted until the move to the new network", Owner: "platform", Expires: "2027-03-31"}
		}
	case roll < 300:
		f.Status = finding.Unknown
		operation, action := "ec2:DescribeVpcPeeringConnections", "ec2:DescribeVpcPeeringConnections"
		f.Reason = &finding.Reason{Outcome: finding.Insufficient, Text: "the last patch state is of 2026-09-01, older than 90 days"}
		if roll%2 == 0 {
			f.Reason = &finding.Reason{
				Outcome: string(awsapi.Denied), Operation: &operation, Action: &action, Gap: true,
				Text: operation + " in " + f.Region + ": denied (UnauthorizedOperation)",
			}
		}
		f.Message += "not known: " + f.Reason.Text
	case roll < 400:
		f.Status, f.Message = finding.Manual, "to be answered by people"
		if roll%4 == 0 {
			f.With().Attestation = &finding.Attestation{By: "kim", At: "2026-10-01", Evidence: "https://wiki.example.com/keys", Expires: "2027-04-01"}
		}
	case roll < 520:
		f.Status, f.Message = finding.NotApplicable, "managed by another service"
	default:
		f.Status, f.Message = finding.Pass, "as it should be: nothing outside of the network reaches it"
	}
}

// looked adds the evaluations and the ledger.
func (s *synthetic) looked(r *result.Result, id string, night int) {
	for i, rule := range s.rules {
		r.Checks[rule.ID] = rule
		r.Examined = append(r.Examined, rule.ID)
		for _, region := range syntheticRegions {
			whole := night == 0 || region != deniedRegion || i%deniedEvery > 0
			r.Evaluations = append(r.Evaluations, result.Evaluation{
				CheckID: rule.ID, AccountID: id, Region: region, Resources: len(r.Findings) / len(s.rules) / len(syntheticRegions), Complete: whole, ObservedAt: r.Scan.FinishedAt,
			})
		}
	}
	slices.Sort(r.Examined)
	var lines []awsapi.Coverage
	for i := range 60 {
		for _, region := range syntheticRegions {
			operation := fmt.Sprintf("ec2:DescribeThings%02d", i)
			line := awsapi.Coverage{
				AccountID: id, Region: region, Operation: operation, Action: operation, Calls: 10 + i, Attempts: 11 + i,
				Outcomes: map[awsapi.Outcome]int{awsapi.OK: 10 + i}, Reasons: []string{},
			}
			if night == 1 && region == deniedRegion && i%deniedEvery == 0 {
				line.Outcomes, line.Reasons = map[awsapi.Outcome]int{awsapi.Denied: line.Calls}, []string{"denied (UnauthorizedOperation)"}
			}
			lines = append(lines, line)
		}
	}
	r.SetCoverage(lines)
	r.Scan.Complete = night == 0
}
