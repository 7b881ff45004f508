// Package cloudfront holds the datasets of Amazon CloudFront; it is the only importer of that client.
package cloudfront

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// client: the service is global; the SDK finds the partition's one endpoint and its signing region from any region.
func client(s *awsapi.Session) *cloudfront.Client {
	return awsapi.Client(s, func(c aws.Config) *cloudfront.Client { return cloudfront.NewFromConfig(c) })
}

// pageSize is the largest page of the listings (API reference of ListDistributions: MaxItems up to 100).
const pageSize = 100

// Partitions with the service (AWS General Reference, "Amazon CloudFront endpoints and quotas"), and with VPC origins
// (developer guide, "Restrict access with VPC origins": the regions that support it are all of the first).
const (
	partitionAWS   = "aws"
	partitionChina = "aws-cn"
)

// broken is a successful answer that lacks what AWS documents it to hold.
func broken(s *awsapi.Session, op awsapi.Ops, lacks string) error {
	return &awsapi.Error{
		Outcome: awsapi.Failed, Operation: op[0].String(), Action: op[0].Actions[0], Region: s.Label,
		Text: "failed (the answer lacks " + lacks + ")",
	}
}
