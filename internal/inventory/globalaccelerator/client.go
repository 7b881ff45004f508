// Package globalaccelerator holds the datasets of AWS Global Accelerator; it is the only importer of that client.
package globalaccelerator

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// pageSize is the largest page of the listings (API reference: MaxResults 1-100).
const pageSize = 100

// client asks in US West (Oregon): "you must specify the US West (Oregon) Region to create, update, or otherwise work with
// accelerators" (developer guide and API reference).
func client(s *awsapi.Session) *globalaccelerator.Client {
	oregon := &awsapi.Session{Account: s.Account, Region: "us-west-2", Label: s.Label}
	return awsapi.Client(oregon, func(c aws.Config) *globalaccelerator.Client { return globalaccelerator.NewFromConfig(c) })
}

// offered reports whether the session's partition has the service: its only endpoint is that region's (AWS General
// Reference, "AWS Global Accelerator endpoints and quotas").
func offered(s *awsapi.Session) bool { return s.Partition == "aws" }

func resource(kind string, arn, name *string) *inventory.Resource {
	a := aws.ToString(arn)
	return &inventory.Resource{Type: kind, ID: a, ARN: a, Name: cmp.Or(aws.ToString(name), a), Region: awsapi.Global}
}
