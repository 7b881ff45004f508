package awsapi

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// AssumeOps is what entering another account calls. sts:AssumeRole has access level Write in AWS's service authorization
// reference: it issues credentials and changes nothing.
var AssumeOps = Calls("sts:AssumeRole")

// Role is a role of another account to be entered by.
type Role struct {
	AccountID  string
	Name       string // with its path, if it has one: "audit/ourshare"
	ExternalID string // empty: none is sent
}

// ARN is the role's, in a partition.
func (r Role) ARN(partition string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", partition, r.AccountID, r.Name)
}

// Credentials obtained by a role's credentials last one hour at most ("role chaining",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining), and no role may be set to less. They
// are renewed some minutes before their end.
const (
	roleSession = time.Hour
	roleRenewal = 5 * time.Minute
	sessionName = "ourshare"
)

// Enter assumes a role with the caller's own STS client, and verifies that it leads into the account that it names. The
// calls of AssumeRole stand in the caller's ledger, and count against one budget with all others. The error is an *OpenError.
func (a *Account) Enter(ctx context.Context, role Role) (*Account, error) {
	client := Client(a.In(a.Home), func(c aws.Config) *sts.Client { return sts.NewFromConfig(c) })
	provider := stscreds.NewAssumeRoleProvider(client, role.ARN(a.Partition), func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName, o.Duration = sessionName, roleSession
		if role.ExternalID != "" {
			o.ExternalID = &role.ExternalID
		}
	})
	opts := a.opts
	opts.Profile, opts.Region = "", a.Home
	opts.Credentials = aws.NewCredentialsCache(assuming{provider}, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = roleRenewal })
	if _, err := opts.Credentials.Retrieve(ctx); err != nil { // told as what it is, not as a fault of the first call
		return nil, enterError(err, role.ARN(a.Partition))
	}
	entered, err := openWith(ctx, opts, a.Ledger.sharing())
	if err != nil {
		return nil, err
	}
	if entered.ID != role.AccountID {
		return nil, &OpenError{Sentence: fmt.Sprintf("the role of account %s leads into account %s", role.AccountID, entered.ID)}
	}
	return entered, nil
}

// assuming declares the one operation that obtains credentials, whatever the call that needs them has declared.
type assuming struct{ aws.CredentialsProvider }

// Retrieve assumes the role.
func (p assuming) Retrieve(ctx context.Context) (aws.Credentials, error) {
	return p.CredentialsProvider.Retrieve(Declare(ctx, AssumeOps))
}

func enterError(err error, arn string) error {
	s := "the role " + arn + " could not be assumed: "
	var e *Error
	if errors.As(err, &e) {
		s += e.Text
	} else {
		s += err.Error()
	}
	return &OpenError{Sentence: s, Err: err}
}
