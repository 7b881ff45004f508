package kms

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Policy is a key's policy, as text: what it means is judged later.
type Policy struct {
	Document string `json:"document"`
}

// KeyPolicy is the policy of each customer-managed key that is usable, or can be made so by a call. Every key has one, by
// the only name "default" (GetKeyPolicy, API reference): an answer without is no evidence.
var KeyPolicy = inventory.Each(Keys, "kms.key-policy", awsapi.Calls("kms:GetKeyPolicy"), Key.ARNKey,
	func(ctx context.Context, s *awsapi.Session, k Key) (v Policy, err error) {
		o, err := client(s).GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &k.ARN, PolicyName: aws.String("default")})
		switch {
		case err != nil:
			return v, err
		case aws.ToString(o.Policy) == "":
			return v, errors.New("the answer holds no key policy")
		}
		return Policy{Document: *o.Policy}, nil
	}, inventory.Where(Key.PolicyAsked))
