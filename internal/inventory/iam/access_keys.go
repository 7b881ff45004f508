package iam

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// AccessKey is one access key of an IAM user that is not known to be out of use. Its secret is never readable. An access
// key has no ARN: it goes by its user's, and by its id.
type AccessKey struct {
	*inventory.Resource
	UserName string     `json:"user_name"`
	Status   string     `json:"status"` // Active; empty: the answer did not say
	Created  *time.Time `json:"created"`
}

// ActiveAccessKeys are the users' access keys but those that are Inactive or Expired. The credential report knows no key's id.
var ActiveAccessKeys = inventory.Under(Users, "iam.active-access-keys", awsapi.Calls("iam:ListAccessKeys"),
	func(ctx context.Context, s *awsapi.Session, u User) ([]AccessKey, error) {
		in := &iam.ListAccessKeysInput{UserName: &u.Name, MaxItems: aws.Int32(maxItems)}
		return awsapi.Pages(ctx, iam.NewListAccessKeysPaginator(client(s), in), func(o *iam.ListAccessKeysOutput) []AccessKey {
			return accessKeyRows(u, o.AccessKeyMetadata)
		})
	})

func accessKeyRows(u User, keys []types.AccessKeyMetadata) []AccessKey {
	var rows []AccessKey
	for _, k := range keys {
		if k.Status == types.StatusTypeInactive || k.Status == types.StatusTypeExpired {
			continue
		}
		id := aws.ToString(k.AccessKeyId)
		rows = append(rows, AccessKey{
			Resource: &inventory.Resource{Type: "AWS::IAM::AccessKey", ID: id, ARN: u.ARN, Name: u.Name, Region: awsapi.Global, Key: id},
			UserName: u.Name, Status: string(k.Status), Created: k.CreateDate,
		})
	}
	return rows
}
