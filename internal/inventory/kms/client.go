// Package kms holds the datasets of AWS Key Management Service; it is the only importer of that client.
package kms

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// The largest pages (Limit in the API reference): 1000 keys, 100 aliases or grants.
const (
	maxKeys    = 1000
	maxAliases = 100
	maxGrants  = 100
)

func client(s *awsapi.Session) *kms.Client {
	return awsapi.Client(s, func(c aws.Config) *kms.Client { return kms.NewFromConfig(c) })
}

// cutOff says that a listing goes on and does not say where, which the SDK's paginators take for the end.
func cutOff(s *awsapi.Session, operation string) error {
	return &awsapi.Error{
		Outcome: awsapi.Failed, Operation: operation, Action: operation, Region: s.Label,
		Text: "the answer is truncated and does not say where it goes on",
	}
}

// goesOn reports whether a page announces more and gives no marker to ask for it.
func goesOn(truncated bool, marker *string) bool { return truncated && aws.ToString(marker) == "" }
