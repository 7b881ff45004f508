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

// User is one IAM user. The root user is none, and people who come through IAM Identity Center are none.
type User struct {
	*inventory.Resource
	UserID           string     `json:"user_id"` // never used again, unlike the name
	Path             string     `json:"path"`
	Created          *time.Time `json:"created"`
	PasswordLastUsed *time.Time `json:"password_last_used"` // nil: never since October 2014, or no password (User, API reference)
}

// Key is the user's ARN.
func (u User) Key() string { return u.ARN }

// Users are the account's IAM users.
var Users = inventory.Global("iam.users", awsapi.Calls("iam:ListUsers"),
	func(ctx context.Context, s *awsapi.Session) ([]User, error) {
		in := &iam.ListUsersInput{MaxItems: aws.Int32(maxItems)}
		return awsapi.Pages(ctx, iam.NewListUsersPaginator(client(s), in), func(o *iam.ListUsersOutput) []User {
			rows := make([]User, 0, len(o.Users))
			for _, u := range o.Users {
				rows = append(rows, userRow(u))
			}
			return rows
		})
	})

func userRow(u types.User) User {
	name := aws.ToString(u.UserName)
	return User{
		Resource: &inventory.Resource{Type: "AWS::IAM::User", ID: name, ARN: aws.ToString(u.Arn), Name: name, Region: awsapi.Global},
		UserID:   aws.ToString(u.UserId), Path: aws.ToString(u.Path), Created: u.CreateDate, PasswordLastUsed: u.PasswordLastUsed,
	}
}

// UserTags are each user's tags, which ListUsers leaves out.
var UserTags = inventory.Each(Users, "iam.user-tags", awsapi.Calls("iam:ListUserTags"), User.Key,
	func(ctx context.Context, s *awsapi.Session, u User) (map[string]string, error) {
		in := &iam.ListUserTagsInput{UserName: &u.Name, MaxItems: aws.Int32(maxItems)}
		list, err := awsapi.Pages(ctx, iam.NewListUserTagsPaginator(client(s), in), func(o *iam.ListUserTagsOutput) []types.Tag { return o.Tags })
		if err != nil {
			return nil, err
		}
		tags := make(map[string]string, len(list))
		for _, t := range list {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		return tags, nil
	})

var _ = inventory.Tagged(Users, UserTags)
