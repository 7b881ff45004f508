package s3

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var loggingMonitoring = []*checks.Check{bucketAccessLogging}

var bucketAccessLogging = checks.OnDetail(s3inv.BucketLogging, checks.Meta{
	ID:       "s3-bucket-access-logging",
	Title:    "S3 buckets have server access logging on",
	Layer:    responsibility.LoggingMonitoring,
	Severity: finding.Medium,
	Risk:     "Without access logs nobody can tell, after a leak or a deletion, which objects were read or removed, when, and from where.",
	Fix: checks.Fix{
		Text: "Turn server access logging on, into a separate log bucket of the same region and account whose policy admits logging.s3.amazonaws.com.",
		CLI:  "aws s3api put-bucket-logging --bucket <bucket> --bucket-logging-status '{\"LoggingEnabled\":{\"TargetBucket\":\"<log-bucket>\",\"TargetPrefix\":\"<bucket>/\"}}'",
		URL:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "S3.9"}, {Framework: "Prowler", ID: "s3_bucket_server_access_logging_enabled"}},
	Detail: "Passes where logging is on; the message names the target bucket. Whether the logs arrive there, and data events of CloudTrail as " +
		"another way to record access, are not looked at.",
}, checks.Fail("server access logging is off"), func(b s3inv.Bucket, l s3inv.Logging) checks.Verdict {
	if l.TargetBucket == "" {
		return checks.Unknown(inventory.Insufficient("the answer names no target bucket for the logs"))
	}
	v := checks.Pass("server access logs go to the bucket %s, prefix %q", l.TargetBucket, l.TargetPrefix).
		With("target_bucket", l.TargetBucket).With("target_prefix", l.TargetPrefix)
	if l.TargetBucket == b.ID {
		return v.Adding(": that is the bucket itself, so that each delivered log is logged again")
	}
	return v
})
