// Package s3 holds the datasets of Amazon S3 and of S3 Control; it is the only importer of these clients.
package s3

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	smithyendpoints "github.com/aws/smithy-go/endpoints"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// errNothingSaid is a success that holds none of what was asked for. S3 gives no such answer.
var errNothingSaid = errors.New("the answer holds no configuration")

func client(s *awsapi.Session) *s3.Client {
	return awsapi.Client(s, func(c aws.Config) *s3.Client {
		// An endpoint of the user's own (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3) wants path style: a bucket's name does
		// not resolve as a host there.
		return s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
	})
}

func controlClient(s *awsapi.Session) *s3control.Client {
	return awsapi.Client(s, func(c aws.Config) *s3control.Client {
		return s3control.NewFromConfig(c, func(o *s3control.Options) {
			o.EndpointResolverV2 = plainHost{s3control.NewDefaultEndpointResolverV2()}
		})
	})
}

// plainHost leaves the account's id out of the host name where the endpoint is the user's own: AWS resolves
// 111122223333.s3-control.us-east-1.amazonaws.com, but nobody 111122223333.127.0.0.1. The id is sent in the header
// x-amz-account-id in any case (GetPublicAccessBlock of S3 Control, API reference). AWS's own endpoints are untouched.
type plainHost struct{ inner s3control.EndpointResolverV2 }

// ResolveEndpoint resolves without the account where an endpoint was given.
func (p plainHost) ResolveEndpoint(ctx context.Context, params s3control.EndpointParameters) (smithyendpoints.Endpoint, error) {
	if params.Endpoint != nil {
		params.RequiresAccountId = aws.Bool(false)
	}
	return p.inner.ResolveEndpoint(ctx, params)
}
