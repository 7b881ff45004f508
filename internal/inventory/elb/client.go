// Package elb holds the datasets of Elastic Load Balancing's classic load balancers; it is the only importer of that client.
package elb

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"

	"github.com/ourshare/ourshare/internal/awsapi"
)

func client(s *awsapi.Session) *elasticloadbalancing.Client {
	return awsapi.Client(s, func(c aws.Config) *elasticloadbalancing.Client { return elasticloadbalancing.NewFromConfig(c) })
}

// broken is a successful answer that lacks what AWS documents it to hold.
func broken(s *awsapi.Session, op awsapi.Ops, lacks string) error {
	return &awsapi.Error{
		Outcome: awsapi.Failed, Operation: op[0].String(), Action: op[0].Actions[0], Region: s.Label,
		Text: "failed (the answer lacks " + lacks + ")",
	}
}
