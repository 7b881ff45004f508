// Package ec2 holds the datasets of Amazon EC2, EBS and VPC; it is the only importer of that client.
package ec2

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
)

func client(s *awsapi.Session) *ec2.Client {
	return awsapi.Client(s, func(c aws.Config) *ec2.Client { return ec2.NewFromConfig(c) })
}

// tagsOf returns the tags as a map, never nil: EC2's listings carry them.
func tagsOf(list []types.Tag) map[string]string {
	m := make(map[string]string, len(list))
	for _, t := range list {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}

func arn(s *awsapi.Session, resource string) string { return arnOf(s, nil, nil, resource) }

// arnOf is the ARN that the answer gives, or the one of the owner that it names, or of the scanned account.
func arnOf(s *awsapi.Session, given, owner *string, resource string) string {
	return cmp.Or(aws.ToString(given), "arn:"+s.Partition+":ec2:"+s.Region+":"+cmp.Or(aws.ToString(owner), s.ID)+":"+resource)
}
