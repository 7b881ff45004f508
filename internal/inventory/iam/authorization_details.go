package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// AuthorizationDetail is one item of the account's authorization details: a principal or a managed policy. The answer
// gives users, groups, roles and policies as four lists, of which a page may hold any part, so that they are one dataset;
// Principals and ManagedPolicies are taken from it.
type AuthorizationDetail struct {
	Principal *Principal     `json:"principal,omitempty"`
	Policy    *ManagedPolicy `json:"policy,omitempty"`
}

// Subject is the principal or the policy as a resource.
func (d AuthorizationDetail) Subject() *inventory.Resource {
	switch {
	case d.Principal != nil:
		return d.Principal.Resource
	case d.Policy != nil:
		return d.Policy.Resource
	}
	return &inventory.Resource{Region: awsapi.Global}
}

// AuthorizationDetails are all users, groups and roles of the account, all policies of its own, and those of AWS's that
// are in use. Without a filter all five kinds of items are given (GetAccountAuthorizationDetails, API reference).
var AuthorizationDetails = inventory.Global("iam.authorization-details", awsapi.Calls("iam:GetAccountAuthorizationDetails"),
	func(ctx context.Context, s *awsapi.Session) ([]AuthorizationDetail, error) {
		in := &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(maxItems)}
		cut := false
		rows, err := awsapi.Pages(ctx, iam.NewGetAccountAuthorizationDetailsPaginator(client(s), in),
			func(o *iam.GetAccountAuthorizationDetailsOutput) []AuthorizationDetail {
				cut = o.IsTruncated && aws.ToString(o.Marker) == ""
				return authorizationRows(o)
			})
		if err == nil && cut { // the paginator takes this for the end
			err = unread("iam:GetAccountAuthorizationDetails", "the answer is truncated and does not say where it goes on")
		}
		return rows, err
	})

func authorizationRows(o *iam.GetAccountAuthorizationDetailsOutput) []AuthorizationDetail {
	rows := make([]AuthorizationDetail, 0, len(o.UserDetailList)+len(o.GroupDetailList)+len(o.RoleDetailList)+len(o.Policies))
	principal := func(p Principal) { rows = append(rows, AuthorizationDetail{Principal: &p}) }
	for _, u := range o.UserDetailList {
		principal(userPrincipal(u))
	}
	for _, g := range o.GroupDetailList {
		principal(groupPrincipal(g))
	}
	for _, r := range o.RoleDetailList {
		principal(rolePrincipal(r))
	}
	for _, p := range o.Policies {
		row := managedPolicyRow(p)
		rows = append(rows, AuthorizationDetail{Policy: &row})
	}
	return rows
}

// Principals are the account's users, groups and roles, as they stand in its authorization details.
var Principals = inventory.Derived("iam.principals", false, useAuthorizationDetails,
	func(in inventory.Rows[AuthorizationDetail]) inventory.Rows[Principal] {
		out := inventory.Rows[Principal]{Gaps: in.Gaps}
		for _, d := range in.List {
			if d.Principal != nil {
				out.List = append(out.List, *d.Principal)
			}
		}
		return out
	})

// ManagedPolicies are the account's own managed policies and those of AWS's that are in use, as they stand there.
var ManagedPolicies = inventory.Derived("iam.managed-policies", false, useAuthorizationDetails,
	func(in inventory.Rows[AuthorizationDetail]) inventory.Rows[ManagedPolicy] {
		out := inventory.Rows[ManagedPolicy]{Gaps: in.Gaps}
		for _, d := range in.List {
			if d.Policy != nil {
				out.List = append(out.List, *d.Policy)
			}
		}
		return out
	})

func useAuthorizationDetails(b *inventory.Binder) inventory.Rows[AuthorizationDetail] {
	return inventory.Use(b, AuthorizationDetails)
}
