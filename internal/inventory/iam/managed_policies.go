package iam

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// ManagedPolicy is a managed policy, the account's own or AWS's, with the document that is in force.
type ManagedPolicy struct {
	*inventory.Resource
	AWSManaged     bool       `json:"aws_managed"`
	Path           string     `json:"path"`
	DefaultVersion string     `json:"default_version"`
	Document       *string    `json:"document"`      // of the default version, as JSON; nil: the answer did not give it, or not legibly
	Attachments    *int32     `json:"attachments"`   // to how many users, groups and roles; nil: the answer did not say
	BoundaryUses   *int32     `json:"boundary_uses"` // of how many users and roles it is the boundary; nil: the answer did not say
	Updated        *time.Time `json:"updated"`       // when its newest version was made
}

// Key is the policy's ARN.
func (p ManagedPolicy) Key() string { return p.ARN }

// managedPolicyRow: the listing has no tags of policies.
func managedPolicyRow(p types.ManagedPolicyDetail) ManagedPolicy {
	name, arn := aws.ToString(p.PolicyName), aws.ToString(p.Arn)
	row := ManagedPolicy{
		Resource:   &inventory.Resource{Type: "AWS::IAM::ManagedPolicy", ID: name, ARN: arn, Name: name, Region: awsapi.Global},
		AWSManaged: awsManaged(arn), Path: aws.ToString(p.Path), Attachments: p.AttachmentCount,
		BoundaryUses: p.PermissionsBoundaryUsageCount, Updated: p.UpdateDate,
	}
	row.DefaultVersion, row.Document = defaultVersion(p)
	return row
}

// awsManaged: the account in the ARN of a policy of AWS's is "aws".
func awsManaged(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[2] == "iam" && parts[4] == "aws"
}

// defaultVersion is the version in force. The answer names it twice, by its id and by a mark on the version; where the
// two disagree, or several are marked, none is taken.
func defaultVersion(p types.ManagedPolicyDetail) (id string, document *string) {
	id = aws.ToString(p.DefaultVersionId)
	var marked []types.PolicyVersion
	for _, v := range p.PolicyVersionList {
		if v.IsDefaultVersion {
			marked = append(marked, v)
		}
	}
	if len(marked) == 0 { // then the id alone names it
		for _, v := range p.PolicyVersionList {
			if id != "" && aws.ToString(v.VersionId) == id {
				marked = append(marked, v)
			}
		}
	}
	if len(marked) != 1 {
		return id, nil
	}
	v := marked[0]
	if id == "" {
		id = aws.ToString(v.VersionId)
	}
	if aws.ToString(v.VersionId) != id {
		return id, nil
	}
	return id, documentOf(v.Document)
}
