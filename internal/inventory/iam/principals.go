package iam

import (
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// PrincipalKind is what a principal is.
type PrincipalKind string

// The kinds. A group is none of AWS's principals: it lends its permissions to its users.
const (
	UserKind  PrincipalKind = "user"
	GroupKind PrincipalKind = "group"
	RoleKind  PrincipalKind = "role"
)

// Principal is a user, a group or a role with all that gives it permissions, or takes them away, in IAM.
type Principal struct {
	*inventory.Resource
	Kind        PrincipalKind    `json:"kind"`
	PrincipalID string           `json:"principal_id"` // never used again, unlike the name
	Path        string           `json:"path"`
	Created     *time.Time       `json:"created"`
	Inline      []InlinePolicy   `json:"inline"`
	Attached    []AttachedPolicy `json:"attached"`
	Boundary    *string          `json:"boundary"` // the ARN of its permissions boundary; nil: it has none; empty: the answer did not say which

	Groups []string `json:"groups,omitempty"` // of a user: the names of its groups

	Trust            *string    `json:"trust,omitempty"`     // of a role: who may assume it, as JSON; nil: the answer did not give it, or not legibly
	LastUsed         *time.Time `json:"last_used,omitempty"` // of a role; nil: not in IAM's tracking period of at most 400 days
	LastUsedRegion   string     `json:"last_used_region,omitempty"`
	InstanceProfiles []string   `json:"instance_profiles,omitempty"` // of a role: the ARNs of those that hold it
}

// InlinePolicy is a policy that is part of its principal.
type InlinePolicy struct {
	Name     string  `json:"name"`
	Document *string `json:"document"` // as JSON; nil: the answer did not give it, or not legibly
}

// AttachedPolicy names a managed policy that is attached; its document is a row of ManagedPolicies.
type AttachedPolicy struct {
	ARN  string `json:"arn"` // empty: the answer did not say
	Name string `json:"name"`
}

// Key is the principal's ARN.
func (p Principal) Key() string { return p.ARN }

// ServiceLinked reports whether an AWS service made the role for itself: only that service can assume and edit it ("Create
// a service-linked role", user guide; its path is reserved).
func (p Principal) ServiceLinked() bool {
	return p.Kind == RoleKind && strings.HasPrefix(p.Path, "/aws-service-role/")
}

func userPrincipal(u types.UserDetail) Principal {
	p := principalRow(UserKind, u.UserName, u.Arn, tagsOf(u.Tags))
	p.PrincipalID, p.Path, p.Created = aws.ToString(u.UserId), aws.ToString(u.Path), u.CreateDate
	p.Inline, p.Attached = inlineOf(u.UserPolicyList), attachedOf(u.AttachedManagedPolicies)
	p.Boundary, p.Groups = boundaryOf(u.PermissionsBoundary), u.GroupList
	return p
}

// groupPrincipal: groups have no tags ("Tags for AWS Identity and Access Management resources", user guide) and no
// permissions boundary.
func groupPrincipal(g types.GroupDetail) Principal {
	p := principalRow(GroupKind, g.GroupName, g.Arn, map[string]string{})
	p.PrincipalID, p.Path, p.Created = aws.ToString(g.GroupId), aws.ToString(g.Path), g.CreateDate
	p.Inline, p.Attached = inlineOf(g.GroupPolicyList), attachedOf(g.AttachedManagedPolicies)
	return p
}

func rolePrincipal(r types.RoleDetail) Principal {
	p := principalRow(RoleKind, r.RoleName, r.Arn, tagsOf(r.Tags))
	p.PrincipalID, p.Path, p.Created = aws.ToString(r.RoleId), aws.ToString(r.Path), r.CreateDate
	p.Inline, p.Attached = inlineOf(r.RolePolicyList), attachedOf(r.AttachedManagedPolicies)
	p.Boundary, p.Trust = boundaryOf(r.PermissionsBoundary), documentOf(r.AssumeRolePolicyDocument)
	if r.RoleLastUsed != nil {
		p.LastUsed, p.LastUsedRegion = r.RoleLastUsed.LastUsedDate, aws.ToString(r.RoleLastUsed.Region)
	}
	for _, i := range r.InstanceProfileList {
		p.InstanceProfiles = append(p.InstanceProfiles, aws.ToString(i.Arn))
	}
	return p
}

var principalTypes = map[PrincipalKind]string{UserKind: "AWS::IAM::User", GroupKind: "AWS::IAM::Group", RoleKind: "AWS::IAM::Role"}

func principalRow(kind PrincipalKind, name, arn *string, tags map[string]string) Principal {
	n := aws.ToString(name)
	return Principal{
		Resource: &inventory.Resource{Type: principalTypes[kind], ID: n, ARN: aws.ToString(arn), Name: n, Region: awsapi.Global, Tags: tags},
		Kind:     kind,
	}
}

func tagsOf(list []types.Tag) map[string]string {
	tags := make(map[string]string, len(list))
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags
}

func inlineOf(list []types.PolicyDetail) []InlinePolicy {
	out := make([]InlinePolicy, 0, len(list))
	for _, p := range list {
		out = append(out, InlinePolicy{Name: aws.ToString(p.PolicyName), Document: documentOf(p.PolicyDocument)})
	}
	return out
}

func attachedOf(list []types.AttachedPolicy) []AttachedPolicy {
	out := make([]AttachedPolicy, 0, len(list))
	for _, p := range list {
		out = append(out, AttachedPolicy{ARN: aws.ToString(p.PolicyArn), Name: aws.ToString(p.PolicyName)})
	}
	return out
}

func boundaryOf(b *types.AttachedPermissionsBoundary) *string {
	if b == nil {
		return nil
	}
	return aws.String(aws.ToString(b.PermissionsBoundaryArn))
}

// documentOf takes off the encoding of RFC 3986 in which IAM gives policies (GetAccountAuthorizationDetails, API
// reference). A brace is never bare in that encoding, so a text with one is not encoded. What is left out, empty or
// broken is nil: no document, as opposed to one that grants nothing.
func documentOf(text *string) *string {
	t := aws.ToString(text)
	if t == "" {
		return nil
	}
	if strings.Contains(t, "{") {
		return &t
	}
	plain, err := url.PathUnescape(t) // leaves a plus sign what it is
	if err != nil {
		return nil
	}
	return &plain
}
