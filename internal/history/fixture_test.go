package history_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

const (
	account = "111122223333"
	region  = "eu-west-1"
	check   = "s3-bucket-versioning"
	other   = "s3-bucket-policy-tls"
)

// day is the end of a scan on a day of the month.
func day(n int) time.Time { return time.Date(2026, 1, n, 3, 0, 0, 0, time.UTC) }

func rule(id string, revision, days int) *finding.Rule {
	return &finding.Rule{
		ID: id, Title: "a title", Category: responsibility.Abstracted, Service: "s3", Layer: responsibility.CustomerData,
		Severity: finding.Medium, Revision: revision, Parameters: map[string]any{"max_age_days": days}, References: []finding.Reference{},
	}
}

func bucket(name string) *finding.Resource {
	return &finding.Resource{Type: "AWS::S3::Bucket", ID: name, ARN: "arn:aws:s3:::" + name, Name: name, Region: region}
}

func verdict(r *finding.Rule, of *finding.Resource, s finding.Status) finding.Finding {
	f := finding.Finding{
		Fingerprint: finding.Fingerprint("aws", account, r.ID, of), Rule: r, AccountID: account, Region: of.Region, Resource: of,
		Status: s, Severity: finding.Medium, Message: "it is " + string(s), Evidence: finding.Evidence{{Key: "cidr", Value: "0.0.0.0/0"}},
	}
	if s == finding.Unknown {
		f.Reason = denied("s3:GetBucketVersioning")
		f.Message = "not known: " + f.Reason.Text
	}
	return f
}

func denied(op string) *finding.Reason {
	return &finding.Reason{Outcome: "denied", Operation: &op, Action: &op, Gap: true, Text: op + " in " + region + ": denied (AccessDenied)"}
}

func scanOf(n int, rules ...*finding.Rule) *result.Result {
	r := &result.Result{
		SchemaVersion: result.SchemaVersion, Tool: result.Tool{Name: "ourshare", Version: "test"},
		Scan: result.Scan{
			ID: fmt.Sprintf("scan-%d", n), StartedAt: day(n).Add(-time.Hour), FinishedAt: day(n), Complete: true,
			Accounts: []string{account}, Regions: []string{region},
		},
		Checks: map[string]*finding.Rule{},
	}
	for _, k := range rules {
		r.Checks[k.ID] = k
		r.Evaluations = append(r.Evaluations, result.Evaluation{CheckID: k.ID, AccountID: account, Region: region, Complete: true, ObservedAt: day(n)})
	}
	return r
}

// inWords makes a result of the words that stand for it: "fail, revision 2, severity critical". The first is the status
// of the one finding that is looked at, or none, or unobserved, which is a fail that could not be observed when this scan
// ran; then come, in any order:
//
//	failed before      its history says so
//	suppressed         an exception accepts it
//	revision 2, days 90, severity critical, message, evidence, order
//	                   what differs from the usual
//	listed in part     the listing of buckets was cut short, for which an unknown stands on the account
//	without listing    the same, and nothing says why
//	not run            the check was not in the scan
//	elsewhere          another check has a finding on the bucket
//	other region, other account
//	                   what was scanned instead
//	not entered        the account could not be entered
func inWords(t *testing.T, n int, words string) *result.Result {
	t.Helper()
	list := strings.Split(words, ", ")
	ours := rule(check, 1, 30)
	r := scanOf(n, ours, rule(other, 1, 0))
	f := verdict(ours, bucket("data"), finding.Status(list[0]))
	extra, present := []finding.Finding{}, list[0] != "none" && list[0] != "unobserved"
	if list[0] == "unobserved" {
		last := verdict(ours, bucket("data"), finding.Fail)
		failed := day(n - 1)
		last.With().History = &finding.History{FirstSeen: failed, LastSeen: failed, LastFailed: &failed, Ticket: finding.TicketNone}
		r.Comparison = &result.Comparison{Counts: map[result.Kind]int{}, Changes: []result.Change{}}
		r.Unobserved = []result.Unobserved{{Finding: result.JSON(last), Revision: 1, Parameters: map[string]any{"max_age_days": 30}, Why: "denied"}}
	}
	for _, w := range list[1:] {
		switch w {
		case "now unknown", "now manual", "now pass":
			f = verdict(ours, bucket("data"), finding.Status(strings.TrimPrefix(w, "now ")))
			present = true
		case "failed before":
			failed := day(1)
			f.With().History = &finding.History{FirstSeen: day(1), LastSeen: day(n), LastFailed: &failed, Ticket: finding.TicketNone}
		case "suppressed":
			f.With().Suppression = &finding.Suppression{Reason: "r", Owner: "o", Expires: "2027-01-01"}
		case "revision 2":
			ours.Revision = 2
		case "days 90":
			ours.Parameters["max_age_days"] = 90
		case "severity critical":
			f.Severity = finding.Critical
		case "message":
			f.Message = "another message"
		case "evidence":
			f.Evidence = finding.Evidence{{Key: "cidr", Value: "10.0.0.0/8"}}
		case "two":
			f.Evidence = finding.Evidence{{Key: "a", Value: 1}, {Key: "b", Value: []int{22}}}
		case "two turned":
			f.Evidence = finding.Evidence{{Key: "b", Value: []int{22}}, {Key: "a", Value: 1}}
		case "listed in part":
			r.Evaluations[0].Complete = false
			lost := verdict(ours, &finding.Resource{Type: "AWS::::Account", ID: account, ARN: "arn:aws:iam::" + account + ":root", Region: "global"}, finding.Unknown)
			lost.Reason = denied("s3:ListBuckets")
			extra = append(extra, lost)
		case "without listing":
			r.Evaluations[0].Complete = false
		case "not run":
			r.Evaluations = r.Evaluations[1:]
			delete(r.Checks, check)
		case "elsewhere":
			extra = append(extra, verdict(r.Checks[other], bucket("another"), finding.Pass), verdict(r.Checks[other], bucket("data"), finding.Pass))
		case "other region":
			r.Scan.Regions = []string{"us-east-1"}
			for i := range r.Evaluations {
				r.Evaluations[i].Region = "us-east-1"
			}
		case "other account", "not entered":
			for i := range r.Evaluations {
				r.Evaluations[i].AccountID = "999988887777"
			}
			if w == "other account" {
				r.Scan.Accounts = []string{"999988887777"}
				break
			}
			r.Scan.Accounts = append(r.Scan.Accounts, "999988887777")
			r.Scan.ByAccount = []result.AccountStatus{{AccountID: account, Reason: "sts:AssumeRole: denied"}, {AccountID: "999988887777", Entered: true}}
		default:
			t.Fatalf("no such word: %q", w)
		}
	}
	if present {
		r.Findings = append(r.Findings, f)
	}
	r.Findings = append(r.Findings, extra...)
	r.Summarize()
	return r
}

// again is a result that was written and read back, as a baseline is.
func again(t interface {
	Helper()
	Fatal(args ...any)
}, r *result.Result,
) *result.Result {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	back, err := result.Load(&b)
	if err != nil {
		t.Fatal(err)
	}
	return back
}
