package kms

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

const (
	aliasPrefix = "alias/"

	// awsAliasPrefix is reserved for AWS-managed keys: a customer can neither make nor move such an alias (CreateAlias and
	// UpdateAlias, API reference).
	awsAliasPrefix = aliasPrefix + "aws/"
)

// Alias is one name of a key.
type Alias struct {
	*inventory.Resource
	TargetKeyID string `json:"target_key_id"` // empty: predefined by AWS, and no key made for it yet (ListAliases, API reference)
}

// Aliases are the names of all keys of a region.
var Aliases = inventory.Regional("kms.aliases", awsapi.Calls("kms:ListAliases"),
	func(ctx context.Context, s *awsapi.Session) ([]Alias, error) {
		in := &kms.ListAliasesInput{Limit: aws.Int32(maxAliases)}
		cut := false
		rows, err := awsapi.Pages(ctx, kms.NewListAliasesPaginator(client(s), in), func(o *kms.ListAliasesOutput) []Alias {
			cut = goesOn(o.Truncated, o.NextMarker)
			rows := make([]Alias, 0, len(o.Aliases))
			for _, a := range o.Aliases {
				rows = append(rows, aliasRow(s.Region, a))
			}
			return rows
		})
		if err == nil && cut {
			err = cutOff(s, "kms:ListAliases")
		}
		return rows, err
	})

func aliasRow(region string, a types.AliasListEntry) Alias {
	name := aws.ToString(a.AliasName)
	return Alias{
		Resource:    &inventory.Resource{Type: "AWS::KMS::Alias", ID: name, ARN: aws.ToString(a.AliasArn), Name: name, Region: region},
		TargetKeyID: aws.ToString(a.TargetKeyId),
	}
}

func isAWSAlias(name string) bool { return strings.HasPrefix(name, awsAliasPrefix) }
