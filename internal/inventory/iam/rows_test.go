package iam

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ourshare/ourshare/internal/inventory"
)

func TestUserRow(t *testing.T) {
	made := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	u := userRow(types.User{
		UserName: aws.String("alice"), Arn: aws.String("arn:aws-cn:iam::111122223333:user/team/alice"), UserId: aws.String("AIDAEXAMPLE"),
		Path: aws.String("/team/"), CreateDate: &made,
	})
	if u.ID != "alice" || u.Name != "alice" || u.Key() != u.ARN || u.ARN != "arn:aws-cn:iam::111122223333:user/team/alice" || u.Region != "global" ||
		u.Tags != nil || u.PasswordLastUsed != nil || !u.Created.Equal(made) {
		t.Errorf("got %+v", u)
	}
}

func TestAccessKeyRows(t *testing.T) {
	u := User{Resource: &inventory.Resource{Name: "alice", ARN: "arn:aws:iam::111122223333:user/alice"}}
	rows := accessKeyRows(u, []types.AccessKeyMetadata{
		{AccessKeyId: aws.String("AKIA1"), Status: types.StatusTypeActive},
		{AccessKeyId: aws.String("AKIA2"), Status: types.StatusTypeInactive},
		{AccessKeyId: aws.String("AKIA3"), Status: types.StatusTypeExpired},
		{AccessKeyId: aws.String("AKIA4")},
	})
	if len(rows) != 2 || rows[0].ID != "AKIA1" || rows[1].ID != "AKIA4" || rows[1].Status != "" {
		t.Fatalf("got %+v", rows)
	}
	if r := rows[0]; r.Key != "AKIA1" || r.ARN != u.ARN || r.Name != "alice" || r.Type != "AWS::IAM::AccessKey" || r.Created != nil {
		t.Errorf("got %+v", r)
	}
}

func TestPasswordPolicyOf(t *testing.T) {
	p := passwordPolicyOf(types.PasswordPolicy{})
	if p != (PasswordPolicy{}) {
		t.Errorf("an empty answer became %+v", p)
	}
	p = passwordPolicyOf(types.PasswordPolicy{MinimumPasswordLength: aws.Int32(14), RequireSymbols: true, PasswordReusePrevention: aws.Int32(5)})
	if *p.MinimumLength != 14 || *p.ReusePrevention != 5 || !p.Symbols || p.Numbers || p.Uppercase || p.Lowercase {
		t.Errorf("got %+v", p)
	}
}
