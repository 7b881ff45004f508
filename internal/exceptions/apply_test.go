package exceptions

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

const (
	account = "111122223333"
	region  = "eu-west-1"
)

// scan makes a result of findings, in which every check looked at the account's region to the end.
func scan(at string, findings ...finding.Finding) *result.Result {
	finished, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	r := &result.Result{Scan: result.Scan{FinishedAt: finished, Regions: []string{region}}, Findings: findings}
	for _, id := range known.Checks {
		r.Evaluations = append(r.Evaluations, result.Evaluation{CheckID: id, AccountID: account, Region: region, Complete: true})
	}
	return r
}

func of(check, id string, status finding.Status, tags map[string]string) finding.Finding {
	return finding.Finding{
		Rule: &finding.Rule{ID: check, Service: "s3"}, AccountID: account, Region: region, Status: status, Severity: finding.High,
		Resource: &finding.Resource{Type: "T", ID: id, ARN: "arn:aws:s3:" + region + ":" + account + ":" + id, Region: region, Tags: tags},
	}
}

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse([]byte(text), known)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}

// An entry is in force through its last day, by the end of the scan in UTC.
func TestLastDay(t *testing.T) {
	f := parse(t, "suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: 2026-11-24}]\n"+
		"attestations: [{check: ec2-app-patched, by: b, at: 2026-11-01, evidence: e, expires: 2026-11-24}]")
	for at, inForce := range map[string]bool{
		"2026-11-23T12:00:00Z":      true,
		"2026-11-24T00:00:00Z":      true,
		"2026-11-24T23:59:59Z":      true,
		"2026-11-25T00:00:00Z":      false,
		"2026-11-25T00:30:00+01:00": true,  // still the 24th in UTC
		"2026-11-24T23:30:00-01:00": false, // the 25th in UTC
		"2027-11-24T00:00:00Z":      false,
	} {
		r := scan(at, of("s3-bucket-open", "a", finding.Fail, nil), of("ec2-app-patched", "a", finding.Manual, nil))
		a := f.Apply()
		a.To(r)
		e := a.Summary()
		want := result.Expired
		if inForce {
			want = result.InForce
		}
		if r.Findings[0].Suppressed() != inForce || r.Findings[1].Attested() != inForce || e.Suppressions[0].State != want || e.Attestations[0].State != want {
			t.Errorf("%s: %+v", at, e)
		}
		if e.Suppressions[0].Matched != 1 || e.Attestations[0].Matched != 1 {
			t.Errorf("%s: what is expired no longer matches: %+v", at, e)
		}
		r.Summarize()
		if counted := r.Summary.ByStatus[finding.Fail] == 1; counted == inForce || r.Failing(finding.Low) == inForce {
			t.Errorf("%s: %+v", at, r.Summary)
		}
		if r.Summary.ByStatus[finding.Manual] != 1 {
			t.Errorf("%s: an attested control is no longer manual: %+v", at, r.Summary)
		}
	}
}

// Nothing but a fail is suppressed, nothing but a manual finding attested; the verdicts stay.
func TestStatuses(t *testing.T) {
	f := parse(t, "suppressions: [{account: '111122223333', "+rest+"\nattestations: [{check: [ec2-app-patched, s3-bucket-open, s3-bucket-logged], "+attest)
	var list []finding.Finding
	for _, s := range finding.Statuses() {
		list = append(list, of("ec2-app-patched", string(s), s, nil))
	}
	r := scan("2026-11-24T00:00:00Z", list...)
	a := f.Apply()
	a.To(r)
	for i, s := range finding.Statuses() {
		g := r.Findings[i]
		if g.Status != s || g.Suppressed() != (s == finding.Fail) || g.Attested() != (s == finding.Manual) {
			t.Errorf("%s: %+v %+v", s, g, g.Note)
		}
	}
	e := a.Summary()
	if s := e.Suppressions[0]; s.Matched != 1 || s.Unknown != 1 || s.State != result.InForce {
		t.Errorf("%+v", s)
	}
	if !slices.ContainsFunc(e.Warnings, func(w string) bool {
		return strings.Contains(w, "line 1 (account 111122223333): 1 unknown finding is named by it") && strings.Contains(w, "stays unknown")
	}) {
		t.Errorf("%q", e.Warnings)
	}
	r.Summarize()
	if r.Summary.ByStatus[finding.Unknown] != 1 || r.Summary.ByStatus[finding.Pass] != 1 {
		t.Errorf("%+v", r.Summary)
	}
}

func TestSelectors(t *testing.T) {
	f := of("s3-bucket-open", "logs-1", finding.Fail, map[string]string{"env": "test", "empty": ""})
	for text, want := range map[string]bool{
		"check: s3-bucket-open":                                true,
		"check: s3-bucket-logged":                              false,
		"check: [s3-bucket-logged, s3-bucket-open]":            true,
		"account: '111122223333'":                              true,
		"account: '444455556666'":                              false,
		"region: eu-west-1":                                    true,
		"region: [global, us-east-1]":                          false,
		"resource: 'arn:aws:s3:*:*:logs-?'":                    true,
		"resource: 'arn:aws:s3:*:*:logs-??'":                   false,
		"resource: 'arn:aws:s3:*:*:logs'":                      false, // whole, not in part
		"resource: 'arn:aws:s3:*:*:log.-1'":                    false, // no regular expression
		"resource: 'arn:aws:s3:eu-west-1:111122223333:logs-1'": true,
		"resource: 'arn:aws:S3:eu-west-1:111122223333:logs-1'": false,
		"tag: env":                             true,
		"tag: env=test":                        true,
		"tag: env=prod":                        false,
		"tag: Env":                             false,
		"tag: 'empty='":                        true,
		"tag: 'env='":                          false,
		"tag: team":                            false,
		"check: s3-bucket-open, tag: env=prod": false,
		"check: s3-bucket-open, region: eu-west-1, tag: env":     true,
		"check: s3-bucket-open, account: '444455556666'":         false,
		"resource: ['arn:aws:s3:::a', 'arn:aws:s3:*:*:logs-*']":  true,
		"check: s3-bucket-open, resource: 'arn:aws:ec2:*:*:x/*'": false,
	} {
		r := scan("2026-11-24T00:00:00Z", f)
		r.Findings[0].Note = nil
		parse(t, "suppressions: [{"+text+", "+rest).Apply().To(r)
		if r.Findings[0].Suppressed() != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}

// What was not read is not suppressed, and the entry does not count as unmatched.
func TestTagsNotRead(t *testing.T) {
	r := scan("2026-11-24T00:00:00Z", of("s3-bucket-open", "a", finding.Fail, nil), of("s3-bucket-open", "b", finding.Fail, map[string]string{}))
	a := parse(t, "suppressions: [{check: s3-bucket-open, tag: env, "+rest).Apply()
	a.To(r)
	e := a.Summary()
	if r.Findings[0].Suppressed() || e.Suppressions[0].State != result.NotExamined || len(e.Warnings) != 1 || !strings.Contains(e.Warnings[0], "the tags of 1 of the findings were not read") {
		t.Errorf("%+v", e)
	}
}

// The first entry in force stands; an expired one before it does not.
func TestOrder(t *testing.T) {
	entry := func(reason, expires string) string {
		return fmt.Sprintf("\n  - {check: s3-bucket-open, reason: %s, owner: o, expires: %s}", reason, expires)
	}
	r := scan("2026-11-24T00:00:00Z", of("s3-bucket-open", "a", finding.Fail, nil))
	a := parse(t, "suppressions:"+entry("old", "2026-11-23")+entry("first", "2026-12-01")+entry("second", "2026-12-02")).Apply()
	a.To(r)
	if s := r.Findings[0].Note.Suppression; s == nil || *s != (finding.Suppression{Reason: "first", Owner: "o", Expires: "2026-12-01"}) {
		t.Errorf("%+v", s)
	}
	var states []string
	for _, e := range a.Summary().Suppressions {
		states = append(states, e.State)
	}
	if !slices.Equal(states, []string{result.Expired, result.InForce, result.InForce}) {
		t.Errorf("%v", states)
	}
}

// Unmatched is said only where all of the entry's place was looked at.
func TestUnmatched(t *testing.T) {
	pass := of("s3-bucket-open", "a", finding.Pass, nil)
	for name, tt := range map[string]struct {
		selector string
		change   func(*result.Result)
		want     string
	}{
		"passes now":                      {"check: s3-bucket-open", nil, result.Unmatched},
		"nothing of this name":            {"resource: 'arn:aws:s3:::gone'", nil, result.Unmatched},
		"the check was not selected":      {"check: s3-bucket-open", func(r *result.Result) { r.Evaluations = r.Evaluations[:2] }, result.NotExamined},
		"any check, and not all selected": {"region: eu-west-1", func(r *result.Result) { r.Evaluations = r.Evaluations[1:] }, result.NotExamined},
		"any check":                       {"region: eu-west-1", nil, result.Unmatched},
		"another account":                 {"account: ['111122223333', '444455556666']", nil, result.NotExamined},
		"another region":                  {"region: us-east-1", nil, result.NotExamined},
		"an ARN of another region":        {"resource: 'arn:aws:ec2:us-east-1:*:instance/i-1'", nil, result.NotExamined},
		"an ARN of another account":       {"resource: 'arn:aws:ec2:*:444455556666:instance/i-1'", nil, result.NotExamined},
		"an ARN of any region":            {"resource: 'arn:aws:ec2:*:*:instance/i-1'", nil, result.Unmatched},
		"the listing was lost":            {"check: s3-bucket-open", func(r *result.Result) { r.Evaluations[2].Complete = false }, result.NotExamined},
		"another listing was lost":        {"check: s3-bucket-open", func(r *result.Result) { r.Evaluations[0].Complete = false }, result.Unmatched},
		"unknown":                         {"check: s3-bucket-open", func(r *result.Result) { r.Findings[0].Status = finding.Unknown }, result.NotExamined},
		"regions could not be listed":     {"check: s3-bucket-open", func(r *result.Result) { r.Scan.Gaps = []string{"the regions are not known"} }, result.NotExamined},
		"a region, others not listed":     {"region: eu-west-1", func(r *result.Result) { r.Scan.Gaps = []string{"the regions are not known"} }, result.Unmatched},
		"no account could be entered":     {"check: s3-bucket-open", func(r *result.Result) { r.Evaluations = nil }, result.NotExamined},
	} {
		t.Run(name, func(t *testing.T) {
			r := scan("2026-11-24T00:00:00Z", pass)
			if tt.change != nil {
				tt.change(r)
			}
			a := parse(t, "suppressions: [{"+tt.selector+", "+rest).Apply()
			a.To(r)
			if e := a.Summary().Suppressions[0]; e.State != tt.want || e.Matched != 0 {
				t.Errorf("%+v", e)
			}
		})
	}
}

// Results come account by account; what an entry matched is said over all of them.
func TestAccountByAccount(t *testing.T) {
	f := parse(t, "suppressions: [{account: '444455556666', "+strings.TrimSuffix(rest, "]")+", {account: ['111122223333', '444455556666'], "+rest)
	a := f.Apply()
	first := scan("2026-11-24T00:00:00Z", of("s3-bucket-open", "a", finding.Fail, nil))
	a.To(first)
	if s := a.Summary().Suppressions; s[0].State != result.NotExamined || s[1].State != result.InForce || s[1].Matched != 1 {
		t.Errorf("%+v", s)
	}
	second := scan("2026-11-24T00:00:00Z", of("s3-bucket-open", "a", finding.Fail, nil))
	second.Findings[0].AccountID = "444455556666"
	for i := range second.Evaluations {
		second.Evaluations[i].AccountID = "444455556666"
	}
	a.To(second)
	if s := a.Summary().Suppressions; s[0].State != result.InForce || s[0].Matched != 1 || s[1].Matched != 2 {
		t.Errorf("%+v", s)
	}
}

// What an entry is for may be in an account that could not be entered, unless the entry names others.
func TestAccountNotEntered(t *testing.T) {
	for selector, want := range map[string]string{
		"check: s3-bucket-open":                                        result.NotExamined,
		"resource: 'arn:aws:s3:::gone'":                                result.NotExamined,
		"resource: 'arn:aws:ec2:*:111122223333:instance/i-1'":          result.Unmatched,
		"account: '111122223333'":                                      result.Unmatched,
		"account: '444455556666'":                                      result.NotExamined,
		"account: ['111122223333', '444455556666'], region: eu-west-1": result.NotExamined,
	} {
		a := parse(t, "suppressions: [{"+selector+", "+rest).Apply()
		a.To(scan("2026-11-24T00:00:00Z", of("s3-bucket-open", "a", finding.Pass, nil)))
		a.Missed()
		if e := a.Summary().Suppressions[0]; e.State != want {
			t.Errorf("%s: %s, want %s", selector, e.State, want)
		}
	}
}

func TestWarnings(t *testing.T) {
	for text, want := range map[string]string{
		"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: 2027-11-24}]":                                   "",
		"suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: 2027-11-25}]":                                   "line 1 (check s3-bucket-open): expires on 2027-11-25, more than a year after the scan",
		"attestations: [{check: ec2-app-patched, by: b, at: 2026-11-24, evidence: e, expires: 2027-11-25}]":                   "more than a year",
		"attestations: [{check: ec2-app-patched, by: b, at: 2026-11-24, evidence: e, expires: 2026-12-01}]":                   "",
		"attestations: [{check: ec2-app-patched, by: b, at: 2026-11-25, evidence: e, expires: 2026-12-01}]":                   "attested on 2026-11-25, after the scan",
		"attestations: [{check: s3-bucket-open, by: b, at: 2026-11-24, evidence: e, expires: 2026-12-01}]":                    "no question is asked by s3-bucket-open",
		"attestations: [{check: [ec2-app-patched, s3-bucket-open], by: b, at: 2026-11-24, evidence: e, expires: 2026-12-01}]": "no question is asked by s3-bucket-open:",
	} {
		a := parse(t, text).Apply()
		a.To(scan("2026-11-24T10:00:00Z", of("s3-bucket-open", "a", finding.Fail, nil), of("ec2-app-patched", "a", finding.Manual, nil)))
		e := a.Summary()
		switch {
		case want == "" && len(e.Warnings) > 0:
			t.Errorf("%s: %q", text, e.Warnings)
		case want != "" && (len(e.Warnings) != 1 || !strings.Contains(e.Warnings[0], want)):
			t.Errorf("%s: %q, want %q", text, e.Warnings, want)
		}
		if strings.HasPrefix(text, "attestations: [{check: s3-bucket-open,") && e.Attestations[0].State != result.Unmatched {
			t.Errorf("%s: %+v", text, e.Attestations)
		}
	}
}

// An inventory that does not tell its end is measured by the latest look at the account.
func TestNoEnd(t *testing.T) {
	r := scan("2026-11-24T00:00:00Z", of("s3-bucket-open", "a", finding.Fail, nil))
	r.Evaluations[1].ObservedAt = r.Scan.FinishedAt
	r.Scan.FinishedAt = time.Time{}
	parse(t, "suppressions: [{check: s3-bucket-open, reason: r, owner: o, expires: 2026-11-23}]").Apply().To(r)
	if r.Findings[0].Suppressed() {
		t.Error("an expired entry is in force")
	}
}
