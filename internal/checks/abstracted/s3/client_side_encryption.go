package s3

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var clientSideEncryption = []*checks.Check{objectClientSideEncryption}

const whoEncrypts = "does this bucket hold data that AWS, or the account's administrators, must not be able to read? If so: which client encrypts it " +
	"before upload, who holds the keys, and how is it checked that nothing arrives unencrypted?"

var objectClientSideEncryption = checks.On(s3inv.Buckets, checks.Meta{
	ID:       "s3-object-client-side-encryption",
	Title:    "Objects that AWS must not be able to read are encrypted before they are uploaded",
	Layer:    responsibility.ClientSideEncryption,
	Severity: finding.Medium,
	Risk: "Server-side encryption opens objects for every caller whom policies let in, the account's own administrators included. What must stay " +
		"closed to them is protected only by encryption at the client, under keys that S3 never sees.",
	Fix: checks.Fix{
		Text: "Decide per bucket whether its data needs client-side encryption; if so, write through the Amazon S3 Encryption Client, version 3 or later, or the AWS Encryption SDK, and control who holds the keys.",
		CLI:  "aws s3api head-object --bucket <bucket> --key <key> --query Metadata",
		URL:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingClientSideEncryption.html",
	},
	Detail: "No setting of a bucket shows how its objects were written, and whether the data asks for it is the customer's judgement: the " +
		"finding is manual, one for each bucket, with the question to answer.",
	Question: whoEncrypts,
}, func(s3inv.Bucket) checks.Verdict {
	return checks.Manual(whoEncrypts)
})
