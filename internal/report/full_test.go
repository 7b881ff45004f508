package report

import (
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

// fullResult is a result in which everything that a result can hold stands at least once: two accounts and one that could not
// be entered, every status, an owner, an exception, an attestation, history, a baseline with a change of every kind, what
// cannot be observed now, gaps, and a hostile name. The validators of test/validators read it as testdata/full.json.
func fullResult() *result.Result {
	at := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
	before := at.Add(-24 * time.Hour)
	b := builder{checks: map[string]*finding.Rule{}}
	imds := b.rule("ec2-instance-imdsv2-required", "EC2 instances require IMDSv2", responsibility.Infrastructure, "ec2", responsibility.IdentityAccess, finding.High)
	imds.References = []finding.Reference{{Framework: "FSBP", ID: "EC2.8"}, {Framework: "CIS 7.0", ID: "5.7"}, {Framework: "Prowler", ID: "ec2_instance_imdsv2_enabled"}}
	public := b.rule("s3-bucket-public", "S3 buckets are not public", responsibility.Abstracted, "s3", responsibility.CustomerData, finding.Critical)
	public.Parameters = map[string]any{"max_age_days": 30, "trusted": []string{"111122223333"}}
	cse := b.rule("s3-object-client-side-encryption", "Objects are encrypted before they are uploaded", responsibility.Abstracted, "s3", responsibility.ClientSideEncryption, finding.Medium)
	keys := b.rule("iam-access-key-rotated", "Access keys are changed in time", responsibility.Account, "iam", responsibility.IdentityAccess, finding.Low)

	const one, two, three = "111122223333", "444455556666", "777788889999"
	b.add(public, one, "us-east-1", "AWS::S3::Bucket", "arn:aws:s3:::site", "site", finding.Fail, "anyone may read it: Principal \"*\" in the policy", func(f *finding.Finding) {
		f.Evidence = finding.Evidence{{Key: "statement", Value: "AllowAll"}, {Key: "ports", Value: []int{22, 80}}, {Key: "public", Value: true}}
		f.Resource.Tags = map[string]string{"owner": "web", "empty": ""}
		f.Note = &finding.Note{Owner: "web", History: &finding.History{FirstSeen: at, LastSeen: at, LastFailed: &at, Ticket: finding.TicketHeld}}
	})
	b.add(public, one, "us-east-1", "AWS::S3::Bucket", "arn:aws:s3:::downloads", "downloads", finding.Fail, "anyone may read it", func(f *finding.Finding) {
		f.Note = &finding.Note{
			Suppression: &finding.Suppression{Reason: "public on purpose", Owner: "web", Expires: "2027-01-31"},
			History:     &finding.History{FirstSeen: before, LastSeen: at, LastFailed: &at, Ticket: finding.TicketNone},
		}
	})
	b.add(public, one, "us-east-1", "AWS::S3::Bucket", "arn:aws:s3:::logs", "logs", finding.Pass, "no one else may read it", func(f *finding.Finding) {
		f.Note = &finding.Note{History: &finding.History{FirstSeen: before, LastSeen: at, LastFailed: &before, Ticket: finding.TicketNone}}
	})
	b.add(imds, one, "eu-west-1", "AWS::EC2::Instance", "arn:aws:ec2:eu-west-1:111122223333:instance/i-0aaa", "i-0aaa", finding.Fail, "IMDSv1 is allowed: HttpTokens is optional", func(f *finding.Finding) {
		f.Resource.Name, f.Resource.Tags = hostile, map[string]string{"Name": hostile, "note": "<script>alert(1)</script>"}
		f.Note = &finding.Note{History: &finding.History{FirstSeen: before, LastSeen: at, LastFailed: &at, Ticket: finding.TicketOpen, TicketKey: "ourshare-1"}}
	})
	b.add(imds, two, "eu-west-1", "AWS::EC2::Instance", "arn:aws:ec2:eu-west-1:444455556666:instance/i-0bbb", "i-0bbb", finding.NotApplicable, "managed by eks.amazonaws.com", nil)
	b.add(imds, two, "eu-west-1", "AWS::EC2::Instance", "arn:aws:ec2:eu-west-1:444455556666:instance/i-0ccc", "i-0ccc", finding.Pass, "IMDSv2 is required", nil)
	b.add(imds, one, "us-east-1", "AWS::::Account", "arn:aws:iam::111122223333:root", one, finding.Unknown, "not known: ec2:DescribeInstances in us-east-1: denied (AccessDenied)", func(f *finding.Finding) {
		f.Reason = &finding.Reason{Outcome: "denied", Operation: ptr("ec2:DescribeInstances"), Action: ptr("ec2:DescribeInstances"), Gap: true, Text: "ec2:DescribeInstances in us-east-1: denied (AccessDenied)"}
	})
	b.add(keys, one, "global", "AWS::IAM::AccessKey", "arn:aws:iam::111122223333:user/deploy", "deploy", finding.Unknown, "not known: the report is of 2026-10-01, which is too old", func(f *finding.Finding) {
		f.Resource.Key = "AKIA0000000000000001"
		f.Reason = &finding.Reason{Outcome: finding.Insufficient, Text: "the report is of 2026-10-01"}
	})
	b.add(keys, one, "global", "AWS::IAM::AccessKey", "arn:aws:iam::111122223333:user/deploy", "deploy", finding.Fail, "created on 2025-01-01, never changed", func(f *finding.Finding) {
		f.Resource.Key = "AKIA0000000000000002"
	})
	b.add(cse, one, "us-east-1", "AWS::S3::Bucket", "arn:aws:s3:::logs", "logs", finding.Manual, "who holds the keys?", func(f *finding.Finding) {
		f.Note = &finding.Note{Attestation: &finding.Attestation{By: "kim", At: "2026-11-01", Evidence: "https://wiki.example.com/keys", Expires: "2027-05-01"}}
	})
	b.add(cse, two, "us-east-1", "AWS::S3::Bucket", "arn:aws:s3:::other", "other", finding.Manual, "who holds the keys?", nil)

	r := &result.Result{
		SchemaVersion: result.SchemaVersion, Tool: result.Tool{Name: "ourshare", Version: "0.0.0"},
		Scan: result.Scan{
			ID: "11111111-2222-3333-4444-555555555555", StartedAt: at.Add(-time.Minute), FinishedAt: at, Accounts: []string{one, two},
			Regions: []string{"eu-west-1", "us-east-1"}, CallerARN: "arn:aws:iam::111122223333:user/auditor",
			Gaps: []string{"ec2:DescribeRegions in eu-west-1: denied; only eu-west-1 was scanned"},
			ByAccount: []result.AccountStatus{
				{AccountID: one, Name: "production", Entered: true, CallerARN: "arn:aws:sts::111122223333:assumed-role/audit/ourshare"},
				{AccountID: two, Name: "test", Entered: true, Complete: true, CallerARN: "arn:aws:sts::444455556666:assumed-role/audit/ourshare"},
				{AccountID: three, Name: "closed", Reason: "sts:AssumeRole: denied (AccessDenied)"},
			},
		},
		Checks: b.checks, Findings: b.findings,
		Evaluations: []result.Evaluation{{CheckID: imds.ID, AccountID: one, Region: "eu-west-1", Resources: 3, Complete: true, ObservedAt: at}},
		Exceptions: &result.Exceptions{
			Suppressions: []result.ExceptionEntry{
				{Line: 3, Selector: "check s3-bucket-public, resource arn:aws:s3:::downloads", Reason: "public on purpose", Owner: "web", Expires: "2027-01-31", State: result.InForce, Matched: 1},
				{Line: 9, Selector: "check rds-instance-public", Reason: "moved", Owner: "db", Expires: "2026-10-01", State: result.Expired},
			},
			Attestations: []result.ExceptionEntry{
				{Line: 20, Selector: "check s3-object-client-side-encryption", Owner: "kim", At: "2026-11-01", Evidence: "https://wiki.example.com/keys", Expires: "2027-05-01", State: result.InForce, Matched: 1},
			},
			Warnings: []string{"line 3: it is accepted for more than a year"},
		},
		Responsibility: []result.Cell{
			{Category: responsibility.Infrastructure, Layer: responsibility.IdentityAccess, Examined: 1, Controls: 1},
			{Category: responsibility.Abstracted, Layer: responsibility.CustomerData, Examined: 1, Controls: 2},
			{Category: responsibility.Abstracted, Layer: responsibility.ClientSideEncryption, Examined: 0, Controls: 1},
			{Category: responsibility.Account, Layer: responsibility.IdentityAccess, Examined: 1, Controls: 1},
			{Category: responsibility.Container, Layer: responsibility.CustomerData, Examined: 1, Controls: 1},
		},
	}
	r.SetCoverage([]awsapi.Coverage{
		{AccountID: one, Region: "eu-west-1", Operation: "ec2:DescribeInstances", Action: "ec2:DescribeInstances", Calls: 2, Attempts: 3, Throttles: 1, Outcomes: map[awsapi.Outcome]int{"ok": 2}, Reasons: []string{}},
		{AccountID: one, Region: "us-east-1", Operation: "ec2:DescribeInstances", Action: "ec2:DescribeInstances", Calls: 1, Attempts: 1, Outcomes: map[awsapi.Outcome]int{"denied": 1}, Reasons: []string{"denied (AccessDenied)"}},
		{AccountID: one, Region: "us-east-1", Operation: "s3:GetBucketPolicy", Action: "s3:GetBucketPolicy", Calls: 4, Attempts: 9, Throttles: 5, Outcomes: map[awsapi.Outcome]int{"ok": 3, "throttled": 1}, Reasons: []string{"throttled (SlowDown)"}},
	})
	b.compare(r, before)
	r.Tickets = []result.Ticket{{
		SchemaVersion: "1.0", ScanID: r.Scan.ID, At: r.Scan.FinishedAt,
		Action: "open", Key: "ourshare-1", Title: "a bucket is public", Body: "made by the step of the tickets", Severity: finding.Critical,
		Labels: []string{"ourshare"}, Owner: "web", Group: "finding", Reason: "1 finding failing", Findings: []result.TicketFinding{{
			Fingerprint: b.findings[0].Fingerprint, CheckID: b.findings[0].Rule.ID, AccountID: b.findings[0].AccountID, Region: b.findings[0].Region,
			Resource: result.ResourceJSON(b.findings[0].Resource), Status: finding.Fail, Severity: finding.Critical, Message: b.findings[0].Message,
		}},
	}}
	r.Summarize()
	return r
}

// builder makes findings.
type builder struct {
	checks   map[string]*finding.Rule
	findings []finding.Finding
}

func (b *builder) rule(id, title string, c responsibility.Category, service string, l responsibility.Layer, s finding.Severity) *finding.Rule {
	r := &finding.Rule{
		ID: id, Title: title, Category: c, Service: service, Layer: l, Severity: s, Revision: 1, Parameters: map[string]any{},
		Risk: "What the check is about goes wrong.", References: []finding.Reference{},
		Remediation: finding.Remediation{Text: "Mend it.", CLI: "aws " + service + " mend --id ID", URL: "https://docs.aws.amazon.com/" + service},
	}
	b.checks[id] = r
	return r
}

func (b *builder) add(rule *finding.Rule, account, region, kind, arn, id string, s finding.Status, message string, more func(*finding.Finding)) {
	f := finding.Finding{
		Rule: rule, AccountID: account, Region: region, Status: s, Severity: rule.Severity, Message: message,
		Resource: &finding.Resource{Type: kind, ID: id, ARN: arn, Name: id, Region: region},
	}
	if more != nil {
		more(&f)
	}
	f.Fingerprint = finding.Fingerprint("aws", account, rule.ID, f.Resource)
	b.findings = append(b.findings, f)
}

// compare adds a baseline, a change of every kind, and a finding that cannot be observed now.
func (b *builder) compare(r *result.Result, before time.Time) {
	fail := &result.Verdict{Status: finding.Fail, Severity: finding.Critical, Message: "anyone may read it"}
	pass := &result.Verdict{Status: finding.Pass, Severity: finding.Critical, Message: "no one else may read it"}
	change := func(kind result.Kind, check, arn, id, fingerprint string, was, is *result.Verdict, reason string) result.Change {
		return result.Change{Change: kind, Fingerprint: fingerprint, CheckID: check, Resource: result.Resource{Type: "AWS::S3::Bucket", ID: id, ARN: arn, Name: id}, Before: was, After: is, Reason: reason}
	}
	fp := func(i int) string { return b.findings[i].Fingerprint }
	r.Comparison = &result.Comparison{
		Baseline: &result.Baseline{ScanID: "old", FinishedAt: before},
		Counts: map[result.Kind]int{
			result.New: 1, result.Reopened: 1, result.Changed: 1, result.Persisting: 2, result.Resolved: 2, result.RuleChanged: 1, result.NotObservable: 1,
		},
		Changes: []result.Change{
			change(result.New, "s3-bucket-public", "arn:aws:s3:::site", "site", fp(0), pass, fail, "it passed before"),
			change(result.Resolved, "s3-bucket-public", "arn:aws:s3:::logs", "logs", fp(2), fail, pass, "it passes now"),
			change(result.Resolved, "s3-bucket-public", "arn:aws:s3:::gone", "gone", "ggggggggggggggggggggggggggggggg2", fail, nil, "the bucket is no longer there"),
			change(result.Changed, "ec2-instance-imdsv2-required", "arn:aws:ec2:eu-west-1:111122223333:instance/i-0aaa", "i-0aaa", fp(3), fail, fail, "the message differs"),
			change(result.Reopened, "iam-access-key-rotated", "arn:aws:iam::111122223333:user/deploy", "deploy", fp(8), pass, fail, "it failed before"),
			change(result.RuleChanged, "s3-bucket-public", "arn:aws:s3:::site", "site", "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr2", pass, fail, "revision 1 became 2"),
			change(result.NotObservable, "s3-bucket-public", "arn:aws:s3:::data", "data", "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu2", fail, nil, "s3:ListAllMyBuckets: denied"),
		},
	}
	r.Unobserved = []result.Unobserved{{
		Finding: result.Finding{
			Fingerprint: "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu2", CheckID: "s3-bucket-public", Status: finding.Fail, Severity: finding.Critical,
			Category: responsibility.Abstracted, Layer: responsibility.CustomerData, AccountID: "111122223333", Region: "us-east-1",
			Resource: result.Resource{Type: "AWS::S3::Bucket", ID: "data", ARN: "arn:aws:s3:::data", Name: "data"}, Message: "anyone may read it",
			Evidence: finding.Evidence{{Key: "statement", Value: "AllowAll"}},
			History:  &finding.History{FirstSeen: before, LastSeen: before, LastFailed: &before, Ticket: finding.TicketOpen, TicketKey: "ourshare-2"},
		},
		Revision: 1, Parameters: map[string]any{}, Why: "s3:ListAllMyBuckets: denied (AccessDenied)",
	}}
}
