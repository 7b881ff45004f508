package inventory

import (
	"context"
)

// Account is the one row of Accounts and Regions: what account-wide settings are details of.
type Account struct {
	*Resource
	AccountID string `json:"account_id"`
	Partition string `json:"partition"`
}

// Accounts has one row, the scanned account; Regions one row per scanned region. Neither costs a call. CloudFormation's
// name for the account itself is AWS::::Account, as in AWS Config.
var (
	Accounts = builtin("account", false)
	Regions  = builtin("region", true)
)

// Key is the account's id; each scope has one row.
func (a Account) Key() string { return a.AccountID }

func builtin(name string, regional bool) *Dataset[Account] {
	d := bare[Account](name, nil, regional)
	d.node.read = func(_ context.Context, s *Store, scope string) (any, int) {
		return Rows[Account]{List: []Account{s.Account(scope)}}, 1
	}
	return d
}

// Account is the account as a resource of a scope: a region, or awsapi.Global.
func (s *Store) Account(scope string) Account {
	return Account{
		AccountID: s.AccountID, Partition: s.Partition,
		Resource: &Resource{
			Type: "AWS::::Account", ID: s.AccountID, Region: scope,
			ARN: "arn:" + s.Partition + ":iam::" + s.AccountID + ":root",
		},
	}
}

// NewAccount makes an account row; a test's tables use it.
func NewAccount(partition, id, region string) Account {
	return (&Store{Partition: partition, AccountID: id}).Account(region)
}
