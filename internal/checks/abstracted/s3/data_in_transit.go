package s3

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var dataInTransit = []*checks.Check{bucketTLSOnly}

var bucketTLSOnly = checks.OnDetail(s3inv.BucketPolicy, checks.Meta{
	ID:       "s3-bucket-tls-only",
	Title:    "S3 buckets deny every request that is made without TLS",
	Layer:    responsibility.DataInTransit,
	Severity: finding.Medium,
	Risk:     "S3 also answers plain HTTP: whoever sits on the way can then read and change objects, and sees signed requests.",
	Fix: checks.Fix{
		Text: "Add a Deny statement for everyone, every action, the bucket and its objects, on the condition that aws:SecureTransport is false.",
		CLI:  "aws s3api put-bucket-policy --bucket <bucket> --policy file://<policy.json>",
		URL:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "S3.5"}, {Framework: "CIS 7.0", ID: "3.1.1"}, {Framework: "Prowler", ID: "s3_bucket_secure_transport_policy"}},
	Detail: "Passes where the Deny statements of the bucket's policy together cover every request over plain HTTP: every caller, every action, the " +
		"bucket itself and every object. No policy, and a policy that leaves some such request open, fail; the message gives an example. Where a form " +
		"of the policy is beyond the reasoning, the verdict is unknown.",
}, checks.Fail("there is no bucket policy that could deny plain HTTP"), func(b s3inv.Bucket, p s3inv.Policy) checks.Verdict {
	doc, err := iampolicy.Parse(p.Document)
	if err != nil {
		return checks.Unknown(unjudged(err.Error()))
	}
	r := doc.S3DeniesPlainHTTP(b.Partition(), b.ID)
	switch r.Answer {
	case iampolicy.Yes:
		refs := make([]string, 0, len(r.Statements))
		for _, s := range r.Statements {
			refs = append(refs, s.String())
		}
		return checks.Pass("requests over plain HTTP are denied by %s", strings.Join(refs, " and ")).With("statements", refs)
	case iampolicy.No:
		return checks.Fail("plain HTTP is not denied: %s", some(r.Remaining)).With("remaining", r.Remaining)
	case iampolicy.Unknown:
	}
	return checks.Unknown(unjudged(some(r.Remaining)))
})

// unjudged is a policy that was read and is beyond the reasoning.
func unjudged(why string) error {
	return inventory.Insufficient("the bucket policy could not be judged: %s", why)
}

// shown is how many sentences of a proof a message gives; the evidence has all.
const shown = 3

func some(list []string) string {
	if len(list) <= shown {
		return strings.Join(list, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(list[:shown], "; "), len(list)-shown)
}

// gone reports a bucket that was deleted during the scan.
func gone(errs ...error) bool { return errors.Is(errors.Join(errs...), inventory.ErrGone) }
