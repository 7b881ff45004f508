// Package ssm holds the datasets of AWS Systems Manager; it is the only importer of that client.
package ssm

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/ourshare/ourshare/internal/awsapi"
)

func client(s *awsapi.Session) *ssm.Client {
	return awsapi.Client(s, func(c aws.Config) *ssm.Client { return ssm.NewFromConfig(c) })
}

// broken is a successful answer that lacks what AWS documents it to hold.
func broken(s *awsapi.Session, op awsapi.Ops, lacks string) error {
	return &awsapi.Error{
		Outcome: awsapi.Failed, Operation: op[0].String(), Action: op[0].Actions[0], Region: s.Label,
		Text: "failed (the answer lacks " + lacks + ")",
	}
}

// checked is a pager that refuses an answer which does not hold its list. Systems Manager answers in JSON: an empty list
// is [], while a missing one decodes to nil and would read as "nothing is managed".
type checked[Out any] struct {
	awsapi.Pager[Out, ssm.Options]
	check func(*Out) error
}

// NextPage is the next page, or why it is none.
func (c checked[Out]) NextPage(ctx context.Context, opts ...func(*ssm.Options)) (*Out, error) {
	out, err := c.Pager.NextPage(ctx, opts...)
	if err != nil {
		return nil, err
	}
	if err := c.check(out); err != nil {
		return nil, err
	}
	return out, nil
}
