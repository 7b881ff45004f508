package s3

import (
	"fmt"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var customerData = []*checks.Check{bucketVersioning, bucketLifecycle, bucketObjectLock}

var bucketVersioning = checks.OnDetail(s3inv.BucketVersioning, checks.Meta{
	ID:       "s3-bucket-versioning",
	Title:    "S3 buckets keep earlier versions of objects",
	Layer:    responsibility.CustomerData,
	Severity: finding.Medium,
	Risk:     "Without versions, an object that is overwritten or deleted, by mistake or by an intruder, is gone.",
	Fix: checks.Fix{
		Text: "Turn versioning on, with a lifecycle rule that expires noncurrent versions.",
		CLI:  "aws s3api put-bucket-versioning --bucket <bucket> --versioning-configuration Status=Enabled",
		URL:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
	},
	Cites:  []checks.Cite{{Framework: "FSBP", ID: "S3.14"}, {Framework: "Prowler", ID: "s3_bucket_object_versioning"}},
	Detail: "Passes where the status is Enabled. Suspended, and never turned on, fail.",
}, checks.Fail("versioning was never turned on"), func(_ s3inv.Bucket, v s3inv.Versioning) checks.Verdict {
	switch v.Status {
	case "Enabled":
		return checks.Pass("versioning is enabled").With("status", v.Status).With("mfa_delete", v.MFADelete)
	case "Suspended":
		return checks.Fail("versioning is suspended: new objects overwrite the current version").With("status", v.Status)
	}
	return checks.Unknown(inventory.Insufficient("the answer gives a versioning status that is not known: %q", v.Status))
})

var bucketLifecycle = checks.OnDetail(s3inv.BucketLifecycle, checks.Meta{
	ID:       "s3-bucket-lifecycle",
	Title:    "S3 buckets have an enabled lifecycle rule",
	Layer:    responsibility.CustomerData,
	Severity: finding.Low,
	Risk: "Where nothing ever expires, data outlives its purpose and its retention period, and old versions and unfinished uploads " +
		"pile up: all of it can leak, and all of it is paid for.",
	Fix: checks.Fix{
		Text: "Add rules that expire or archive objects when their purpose ends, expire noncurrent versions, and abort unfinished multipart uploads.",
		CLI:  "aws s3api put-bucket-lifecycle-configuration --bucket <bucket> --lifecycle-configuration file://<rules.json>",
		URL:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
	},
	Cites:  []checks.Cite{{Framework: "FSBP", ID: "S3.13"}, {Framework: "Prowler", ID: "s3_bucket_lifecycle_enabled"}},
	Detail: "Passes where at least one rule is Enabled, whatever it does and covers. No configuration, and rules that are all Disabled, fail.",
}, checks.Fail("there is no lifecycle configuration"), func(_ s3inv.Bucket, l s3inv.Lifecycle) checks.Verdict {
	enabled, disabled := 0, 0
	for _, r := range l.Rules {
		switch r.Status {
		case "Enabled":
			enabled++
		case "Disabled":
			disabled++
		}
	}
	switch {
	case enabled > 0:
		return checks.Pass("%d of %d lifecycle rules are enabled", enabled, len(l.Rules)).With("enabled_rules", enabled).With("rules", len(l.Rules))
	case len(l.Rules) == 0:
		return checks.Unknown(inventory.Insufficient("the answer holds a lifecycle configuration without rules"))
	case disabled < len(l.Rules):
		return checks.Unknown(inventory.Insufficient("the answer does not say whether its lifecycle rules are enabled"))
	}
	return checks.Fail("all lifecycle rules (%d) are disabled", disabled).With("enabled_rules", 0).With("rules", len(l.Rules))
})

var bucketObjectLock = checks.OnDetail(s3inv.BucketObjectLock, checks.Meta{
	ID:       "s3-bucket-object-lock",
	Title:    "S3 buckets have Object Lock enabled",
	Layer:    responsibility.CustomerData,
	Severity: finding.Low,
	Risk:     "Whoever may delete object versions, ransomware with stolen credentials included, can destroy everything in the bucket; Object Lock keeps locked versions until their retention ends.",
	Fix: checks.Fix{
		Text: "Enable Object Lock, on buckets whose data must not be changed or deleted for some time, and choose a default retention; versioning must be on first.",
		CLI:  "aws s3api put-object-lock-configuration --bucket <bucket> --object-lock-configuration '{\"ObjectLockEnabled\":\"Enabled\"}'",
		URL:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
	},
	Cites: []checks.Cite{{Framework: "Prowler", ID: "s3_bucket_object_lock"}},
	Detail: "Passes where Object Lock is enabled on the bucket; the message names the default retention, or says that there is none, in which " +
		"case only objects are protected that were locked one by one.",
}, checks.Fail("Object Lock was never enabled"), func(_ s3inv.Bucket, l s3inv.ObjectLock) checks.Verdict {
	if l.Enabled != "Enabled" {
		return checks.Unknown(inventory.Insufficient("the answer does not say whether Object Lock is enabled"))
	}
	if l.Mode == "" {
		return checks.Pass("Object Lock is enabled, without a default retention: only objects that were locked one by one are protected").
			With("object_lock", l.Enabled)
	}
	return checks.Pass("Object Lock is enabled, with a default retention of %s in %s mode", period(l), l.Mode).
		With("object_lock", l.Enabled).With("mode", l.Mode)
})

func period(l s3inv.ObjectLock) string {
	switch {
	case l.Years != nil:
		return counted(*l.Years, "year")
	case l.Days != nil:
		return counted(*l.Days, "day")
	}
	return "a period that the answer does not name"
}

func counted(n int32, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
