// Package rds holds the datasets of Amazon RDS and Aurora; it is the only importer of that client.
package rds

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// pageSize is the largest page that RDS gives (MaxRecords, API reference: 20 to 100).
const pageSize = 100

func client(s *awsapi.Session) *rds.Client {
	return awsapi.Client(s, func(c aws.Config) *rds.Client { return rds.NewFromConfig(c) })
}

// resource makes a row's resource: the ARN as answered, or built; the name is the identifier, as the console shows it,
// unless a Name tag says otherwise. The listings carry the tags (TagList).
func resource(s *awsapi.Session, cfnType, arnType string, id, arn *string, list []types.Tag) *inventory.Resource {
	tags := make(map[string]string, len(list))
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	r := &inventory.Resource{
		Type: cfnType, ID: aws.ToString(id), ARN: aws.ToString(arn), Name: tags["Name"], Region: s.Region, Tags: tags,
	}
	if r.ARN == "" {
		r.ARN = "arn:" + s.Partition + ":rds:" + s.Region + ":" + s.ID + ":" + arnType + ":" + r.ID
	}
	if r.Name == "" {
		r.Name = r.ID
	}
	return r
}

// foreign reports an ARN of another account.
func foreign(s *awsapi.Session, arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[4] != s.ID
}

// nameFilter asks a parameter listing for one parameter: parameter-name is the only filter that it has
// (DescribeDBParameters, API reference), and makes one page of four or more.
func nameFilter(parameter string) []types.Filter {
	return []types.Filter{{Name: aws.String("parameter-name"), Values: []string{parameter}}}
}
