// Package elbv2 holds the datasets of Elastic Load Balancing's application, network and gateway load balancers; it is the
// only importer of that client.
package elbv2

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/ourshare/ourshare/internal/awsapi"
)

func client(s *awsapi.Session) *elb.Client {
	return awsapi.Client(s, func(c aws.Config) *elb.Client { return elb.NewFromConfig(c) })
}

// pageSize is the largest page that the listings allow (API reference: PageSize 1-400).
const pageSize = 400

// broken is a successful answer that lacks what AWS documents it to hold.
func broken(s *awsapi.Session, op awsapi.Ops, lacks string) error {
	return &awsapi.Error{
		Outcome: awsapi.Failed, Operation: op[0].String(), Action: op[0].Actions[0], Region: s.Label,
		Text: "failed (the answer lacks " + lacks + ")",
	}
}
