// Package iam holds the datasets of IAM; it is the only importer of that client.
package iam

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// maxItems is the largest page of IAM's listings (API reference, MaxItems: 1 to 1000).
const maxItems = 1000

func client(s *awsapi.Session) *iam.Client {
	return awsapi.Client(s, func(c aws.Config) *iam.Client { return iam.NewFromConfig(c) })
}
