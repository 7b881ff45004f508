package ec2

import "github.com/ourshare/ourshare/internal/awsapi"

// broken is a successful answer that lacks what AWS documents it to hold: nothing can be concluded from it, least of all
// that a setting is off.
func broken(s *awsapi.Session, op awsapi.Ops, lacks string) error {
	return &awsapi.Error{
		Outcome: awsapi.Failed, Operation: op[0].String(), Action: op[0].Actions[0], Region: s.Label,
		Text: "failed (the answer lacks " + lacks + ")",
	}
}
