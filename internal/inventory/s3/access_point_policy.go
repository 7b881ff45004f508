package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// AccessPointPolicy is the policy of each access point on a bucket of the account; absent: it has none.
var AccessPointPolicy = inventory.Each(AccessPoints, "s3.access-point-policy", awsapi.Calls("s3control:GetAccessPointPolicy"), AccessPoint.Key,
	func(ctx context.Context, s *awsapi.Session, a AccessPoint) (v Policy, err error) {
		o, err := controlClient(s).GetAccessPointPolicy(ctx, &s3control.GetAccessPointPolicyInput{AccountId: &a.AccountID, Name: &a.ID})
		switch {
		case err != nil:
			return v, err
		case aws.ToString(o.Policy) == "": // "none" is an error code, never an answer without one
			return v, errNothingSaid
		}
		return Policy{Document: *o.Policy}, nil
	}, inventory.Where(AccessPoint.OnOwnBucket))
