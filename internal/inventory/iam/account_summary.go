package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// The facts of the root user in the summary: 1 where it has one, 0 where not.
const (
	RootAccessKeys = "AccountAccessKeysPresent"
	RootPassword   = "AccountPasswordPresent"
	RootMFA        = "AccountMFAEnabled"
)

// Summary is IAM's own counts of the account; a name that the answer leaves out is not in it.
type Summary struct {
	Counts map[string]int32 `json:"counts"`
}

// AccountSummary is read from IAM at the moment of the call, unlike the credential report.
var AccountSummary = inventory.Each(inventory.Accounts, "iam.account-summary", awsapi.Calls("iam:GetAccountSummary"), inventory.Account.Key,
	func(ctx context.Context, s *awsapi.Session, _ inventory.Account) (v Summary, err error) {
		o, err := client(s).GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
		if err != nil {
			return v, err
		}
		return Summary{Counts: o.SummaryMap}, nil
	})
