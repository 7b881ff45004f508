package iam

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// PasswordPolicy is the account's own policy for the passwords of its IAM users.
type PasswordPolicy struct {
	MinimumLength   *int32 `json:"minimum_length"`   // nil: the answer did not say
	ReusePrevention *int32 `json:"reuse_prevention"` // nil: none
	Uppercase       bool   `json:"uppercase"`
	Lowercase       bool   `json:"lowercase"`
	Numbers         bool   `json:"numbers"`
	Symbols         bool   `json:"symbols"`
}

// AccountPasswordPolicy is it; absent: the account never set one, and IAM's default applies, which asks for 8 characters
// of three kinds and prevents no reuse ("Setting an account password policy for IAM users", user guide).
var AccountPasswordPolicy = inventory.Each(inventory.Accounts, "iam.password-policy", awsapi.Calls("iam:GetAccountPasswordPolicy"), inventory.Account.Key,
	func(ctx context.Context, s *awsapi.Session, _ inventory.Account) (v PasswordPolicy, err error) {
		o, err := client(s).GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
		switch {
		case err != nil:
			return v, err
		case o.PasswordPolicy == nil:
			return v, errors.New("the answer holds no password policy")
		}
		return passwordPolicyOf(*o.PasswordPolicy), nil
	})

// passwordPolicyOf: the answer leaves PasswordReusePrevention out where nothing prevents reuse. The four character
// classes are false unless said (PasswordPolicy, API model: default false).
func passwordPolicyOf(p types.PasswordPolicy) PasswordPolicy {
	return PasswordPolicy{
		MinimumLength: p.MinimumPasswordLength, ReusePrevention: p.PasswordReusePrevention,
		Uppercase: p.RequireUppercaseCharacters, Lowercase: p.RequireLowercaseCharacters,
		Numbers: p.RequireNumbers, Symbols: p.RequireSymbols,
	}
}
