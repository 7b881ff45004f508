package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Encryption is a bucket's default encryption.
type Encryption struct {
	Rules []EncryptionRule `json:"rules"`
}

// EncryptionRule is one rule of it; an empty algorithm means that the rule does not name one.
type EncryptionRule struct {
	Algorithm string `json:"algorithm"`  // AES256, aws:kms, aws:kms:dsse
	KMSKey    string `json:"kms_key"`    // empty with aws:kms: the AWS managed key aws/s3
	BucketKey *bool  `json:"bucket_key"` // nil: not said
}

// BucketEncryption is each bucket's default encryption; absent: the answer of before 2023, when a bucket could have none.
// Since then every bucket encrypts at least with SSE-S3 (GetBucketEncryption, API reference).
var BucketEncryption = inventory.Each(Buckets, "s3.bucket-encryption",
	awsapi.Calls("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (v Encryption, err error) {
		o, err := client(s).GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		if err != nil {
			return v, err
		}
		return encryptionOf(o.ServerSideEncryptionConfiguration), nil
	})

func encryptionOf(c *types.ServerSideEncryptionConfiguration) (e Encryption) {
	if c == nil {
		return e
	}
	for _, r := range c.Rules {
		row := EncryptionRule{BucketKey: r.BucketKeyEnabled}
		if d := r.ApplyServerSideEncryptionByDefault; d != nil {
			row.Algorithm, row.KMSKey = string(d.SSEAlgorithm), aws.ToString(d.KMSMasterKeyID)
		}
		e.Rules = append(e.Rules, row)
	}
	return e
}
