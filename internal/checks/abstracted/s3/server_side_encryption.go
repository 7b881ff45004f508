package s3

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var serverSideEncryption = []*checks.Check{bucketDefaultEncryption}

var bucketDefaultEncryption = checks.OnDetail(s3inv.BucketEncryption, checks.Meta{
	ID:       "s3-bucket-default-encryption",
	Title:    "S3 buckets encrypt new objects by default",
	Layer:    responsibility.ServerSideEncryption,
	Severity: finding.Low,
	Risk: "AWS encrypts every new object, but with which key is the customer's choice: whoever may read an object under SSE-S3 needs no " +
		"permission for a key, and no key policy, audit trail or revocation of the customer's own stands in between.",
	Fix: checks.Fix{
		Text: "Choose the default encryption, and for sensitive data a KMS key of your own, with an S3 Bucket Key to save requests to KMS.",
		CLI: "aws s3api put-bucket-encryption --bucket <bucket> --server-side-encryption-configuration " +
			"'{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"aws:kms\",\"KMSMasterKeyID\":\"<key-arn>\"},\"BucketKeyEnabled\":true}]}'",
		URL: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
	},
	Cites: []checks.Cite{{Framework: "Prowler", ID: "s3_bucket_default_encryption"}},
	Detail: "Passes with any algorithm; the message names it and the key. Since January 2023 every bucket has at least SSE-S3, so that only an " +
		"answer \"no configuration\", as AWS gave it before, fails. Objects written before their bucket had a default may be unencrypted: they are not looked at.",
}, checks.Fail("no default encryption is configured"), func(_ s3inv.Bucket, e s3inv.Encryption) checks.Verdict {
	for _, r := range e.Rules {
		if r.Algorithm == "" {
			continue
		}
		v := checks.Pass("new objects are encrypted with %s", encryptedWith(r)).With("algorithm", r.Algorithm)
		if r.KMSKey != "" {
			v = v.With("kms_key", r.KMSKey)
		}
		if r.BucketKey != nil {
			v = v.With("bucket_key_enabled", *r.BucketKey)
		}
		return v
	}
	return checks.Unknown(inventory.Insufficient("the answer holds no rule that names an algorithm"))
})

func encryptedWith(r s3inv.EncryptionRule) string {
	switch {
	case r.KMSKey != "":
		return r.Algorithm + ", key " + r.KMSKey
	case r.Algorithm == "AES256":
		return "SSE-S3 (AES256), a key of Amazon S3's own"
	case r.Algorithm == "aws:kms" || r.Algorithm == "aws:kms:dsse":
		return r.Algorithm + ", the AWS managed key aws/s3"
	}
	return r.Algorithm
}
