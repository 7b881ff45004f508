package kms

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Grant allows a principal some operations on a key, beside the key's policy. As a row it goes by its key: grants have no
// ARN. An empty field means that there is none, or that the answer did not say.
type Grant struct {
	*inventory.Resource
	GrantID          string   `json:"grant_id"`
	GrantName        string   `json:"grant_name,omitempty"`
	Grantee          string   `json:"grantee,omitempty"`         // ARN of the principal, or the service that AWS shows in its place
	GranteeService   string   `json:"grantee_service,omitempty"` // service principal
	Retiring         string   `json:"retiring,omitempty"`
	RetiringService  string   `json:"retiring_service,omitempty"`
	IssuingAccount   string   `json:"issuing_account,omitempty"`
	Operations       []string `json:"operations"` // Decrypt, GenerateDataKey, CreateGrant, ...
	ContextEquals    Context  `json:"context_equals,omitempty"`
	ContextSubset    Context  `json:"context_subset,omitempty"`
	SourceARN        string   `json:"source_arn,omitempty"`
	ConstraintsGiven bool     `json:"constraints_given"` // there are constraints, be they of a kind that this row does not hold
}

// Context is an encryption context; it is no secret ("Encryption context", developer guide).
type Context map[string]string

// Grants are the grants of each key whose policy is read. What could not be listed of a key's is a gap that names the key.
var Grants = inventory.Under(Keys, "kms.grants", awsapi.Calls("kms:ListGrants"),
	func(ctx context.Context, s *awsapi.Session, k Key) ([]Grant, error) {
		in := &kms.ListGrantsInput{KeyId: &k.ARN, Limit: aws.Int32(maxGrants)}
		cut := false
		rows, err := awsapi.Pages(ctx, kms.NewListGrantsPaginator(client(s), in), func(o *kms.ListGrantsOutput) []Grant {
			cut = goesOn(o.Truncated, o.NextMarker)
			rows := make([]Grant, 0, len(o.Grants))
			for _, g := range o.Grants {
				rows = append(rows, grantRow(k, g))
			}
			return rows
		})
		if err == nil && cut {
			err = cutOff(s, "kms:ListGrants")
		}
		return rows, err
	}, inventory.Where(Key.PolicyAsked))

func grantRow(k Key, g types.GrantListEntry) Grant {
	row := Grant{
		Resource: k.Resource, GrantID: aws.ToString(g.GrantId), GrantName: aws.ToString(g.Name),
		Grantee: aws.ToString(g.GranteePrincipal), GranteeService: aws.ToString(g.GranteeServicePrincipal),
		Retiring: aws.ToString(g.RetiringPrincipal), RetiringService: aws.ToString(g.RetiringServicePrincipal),
		IssuingAccount: aws.ToString(g.IssuingAccount), Operations: make([]string, 0, len(g.Operations)),
	}
	for _, o := range g.Operations {
		row.Operations = append(row.Operations, string(o))
	}
	if c := g.Constraints; c != nil {
		row.ConstraintsGiven = true
		row.ContextEquals, row.ContextSubset, row.SourceARN = c.EncryptionContextEquals, c.EncryptionContextSubset, aws.ToString(c.SourceArn)
	}
	return row
}
