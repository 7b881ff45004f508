package s3

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

func TestBucketAccessLogging(t *testing.T) {
	runStates(t, bucketAccessLogging, s3inv.BucketLogging, map[string]state[s3inv.Logging]{
		"on":               {inventory.Known(s3inv.Logging{TargetBucket: "logs", TargetPrefix: "data/"}), finding.Pass, []string{"bucket logs", `"data/"`}},
		"into itself":      {inventory.Known(s3inv.Logging{TargetBucket: name}), finding.Pass, []string{"the bucket itself"}},
		"off":              {absent[s3inv.Logging](), finding.Fail, []string{"off"}},
		"no target bucket": {inventory.Known(s3inv.Logging{}), finding.Unknown, []string{"no target bucket"}},
	})
}

func TestBucketDefaultEncryption(t *testing.T) {
	rules := func(list ...s3inv.EncryptionRule) inventory.Field[s3inv.Encryption] {
		return inventory.Known(s3inv.Encryption{Rules: list})
	}
	const key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	runStates(t, bucketDefaultEncryption, s3inv.BucketEncryption, map[string]state[s3inv.Encryption]{
		"SSE-S3":           {rules(s3inv.EncryptionRule{Algorithm: "AES256"}), finding.Pass, []string{"SSE-S3 (AES256)"}},
		"a key of its own": {rules(s3inv.EncryptionRule{Algorithm: "aws:kms", KMSKey: key, BucketKey: new(true)}), finding.Pass, []string{"aws:kms, key " + key}},
		"AWS managed key":  {rules(s3inv.EncryptionRule{Algorithm: "aws:kms"}), finding.Pass, []string{"aws:kms, the AWS managed key aws/s3"}},
		"two layers":       {rules(s3inv.EncryptionRule{Algorithm: "aws:kms:dsse", KMSKey: key}), finding.Pass, []string{"aws:kms:dsse"}},
		"one of tomorrow":  {rules(s3inv.EncryptionRule{Algorithm: "aws:fsx"}), finding.Pass, []string{"aws:fsx"}},
		"old 404":          {absent[s3inv.Encryption](), finding.Fail, []string{"no default encryption"}},
		"no rule":          {rules(), finding.Unknown, []string{"no rule"}},
		"no algorithm":     {rules(s3inv.EncryptionRule{BucketKey: new(true)}), finding.Unknown, []string{"algorithm"}},
	})
}

func TestObjectClientSideEncryption(t *testing.T) {
	f := checktest.New()
	checktest.Broken(f, s3inv.Buckets, "s3:ListBuckets", bucket)
	got := f.Run(objectClientSideEncryption)
	checktest.Want(t, got[name], finding.Manual, "which client encrypts it", "?")
	checktest.Want(t, got[""], finding.Unknown, "s3:ListBuckets")
}

func TestBucketACLsDisabled(t *testing.T) {
	known := func(o string) inventory.Field[s3inv.Ownership] {
		return inventory.Known(s3inv.Ownership{ObjectOwnership: o})
	}
	runStates(t, bucketACLsDisabled, s3inv.BucketOwnership, map[string]state[s3inv.Ownership]{
		"enforced":  {known("BucketOwnerEnforced"), finding.Pass, []string{"BucketOwnerEnforced"}},
		"preferred": {known("BucketOwnerPreferred"), finding.Fail, []string{"BucketOwnerPreferred"}},
		"writer":    {known("ObjectWriter"), finding.Fail, []string{"ObjectWriter"}},
		"never set": {absent[s3inv.Ownership](), finding.Fail, []string{"never set"}},
		"unsaid":    {known(""), finding.Unknown, []string{"does not name"}},
	})
}
