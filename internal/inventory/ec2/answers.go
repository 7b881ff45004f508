package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// broken is a successful answer that lacks what AWS documents it to hold: nothing can be concluded from it, least of all
// that a setting is off.
func broken(s *awsapi.Session, op awsapi.Ops, lacks string) error {
	return &awsapi.Error{
		Outcome: awsapi.Failed, Operation: op[0].String(), Action: op[0].Actions[0], Region: s.Label,
		Text: "failed (the answer lacks " + lacks + ")",
	}
}

// listed is a pager that refuses an answer without its list: EC2 writes an empty element where there is nothing to list,
// and a missing one would read as "there is none".
type listed[Out any] struct {
	awsapi.Pager[Out, ec2.Options]
	given func(*Out) bool
	lacks error
}

// NextPage is the next page, or why it is none.
func (l listed[Out]) NextPage(ctx context.Context, opts ...func(*ec2.Options)) (*Out, error) {
	out, err := l.Pager.NextPage(ctx, opts...)
	if err == nil && !l.given(out) {
		return nil, l.lacks
	}
	return out, err
}
