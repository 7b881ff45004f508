// Package s3 holds the datasets of Amazon S3 and of S3 Control; it is the only importer of these clients.
package s3

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ourshare/ourshare/internal/awsapi"
)

func client(s *awsapi.Session) *s3.Client {
	return awsapi.Client(s, func(c aws.Config) *s3.Client {
		return s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = s.CustomEndpoint() })
	})
}
