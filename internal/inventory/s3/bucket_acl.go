package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// ACL is what a bucket's access control list grants in effect. Grants nil: the answer held no list.
type ACL struct {
	Owner  string  `json:"owner,omitempty"` // the bucket owner's canonical user id; empty: the answer did not say
	Grants []Grant `json:"grants"`
}

// Grant is one grant of an ACL. An empty field means that the answer did not say.
type Grant struct {
	GranteeType string `json:"grantee_type"` // CanonicalUser, AmazonCustomerByEmail, Group
	GranteeID   string `json:"grantee_id"`   // of a canonical user
	GroupURI    string `json:"group_uri"`
	Permission  string `json:"permission"` // READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL
}

// Amazon S3's predefined groups ("Access control list (ACL) overview", user guide). The URIs are the same in every
// partition.
const (
	groupPrefix        = "http://acs.amazonaws.com/groups/"
	AllUsers           = groupPrefix + "global/AllUsers"
	AuthenticatedUsers = groupPrefix + "global/AuthenticatedUsers"
	LogDelivery        = groupPrefix + "s3/LogDelivery"
)

// Group is the short name of the grantee's group.
func (g Grant) Group() string { return g.GroupURI[strings.LastIndex(g.GroupURI, "/")+1:] }

// BucketACL is each bucket's ACL in effect: under IgnorePublicAcls the public grants, and under BucketOwnerEnforced all
// grants but the owner's, are not shown ("Blocking public access to your Amazon S3 storage", "Controlling ownership of
// objects"). That none is shown does not mean that none is stored.
var BucketACL = inventory.Each(Buckets, "s3.bucket-acl", awsapi.Calls("s3:GetBucketAcl"), Bucket.Key,
	func(ctx context.Context, s *awsapi.Session, b Bucket) (v ACL, err error) {
		o, err := client(s).GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: &b.ID, ExpectedBucketOwner: &b.Owner})
		if err != nil {
			return v, err
		}
		v = aclOf(o.Grants)
		if o.Owner != nil {
			v.Owner = aws.ToString(o.Owner.ID)
		}
		return v, nil
	})

func aclOf(grants []types.Grant) ACL {
	if grants == nil {
		return ACL{}
	}
	a := ACL{Grants: make([]Grant, 0, len(grants))}
	for _, g := range grants {
		row := Grant{Permission: string(g.Permission)}
		if g.Grantee != nil {
			row.GranteeType, row.GranteeID, row.GroupURI = string(g.Grantee.Type), aws.ToString(g.Grantee.ID), aws.ToString(g.Grantee.URI)
		}
		a.Grants = append(a.Grants, row)
	}
	return a
}
