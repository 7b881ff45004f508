package s3

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
	"github.com/ourshare/ourshare/internal/responsibility"
)

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
	if v.Status == "Enabled" {
		return checks.Pass("versioning is enabled").With("status", v.Status).With("mfa_delete", v.MFADelete)
	}
	return checks.Fail("versioning is suspended: new objects overwrite the current version").With("status", v.Status)
})
