package kms

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// ListedKey is a key of the account as its listing has it: an id, and nothing of what kind of key it is.
type ListedKey struct {
	*inventory.Resource
	Aliases []string `json:"aliases,omitempty"` // sorted, with "alias/"; none also where they could not be listed
}

// KeyIDs are the keys of the account in a region: its own and those that AWS manages in it.
var KeyIDs = inventory.Regional("kms.key-ids", awsapi.Calls("kms:ListKeys"),
	func(ctx context.Context, s *awsapi.Session) ([]ListedKey, error) {
		in := &kms.ListKeysInput{Limit: aws.Int32(maxKeys)}
		cut := false
		rows, err := awsapi.Pages(ctx, kms.NewListKeysPaginator(client(s), in), func(o *kms.ListKeysOutput) []ListedKey {
			cut = goesOn(o.Truncated, o.NextMarker)
			rows := make([]ListedKey, 0, len(o.Keys))
			for _, k := range o.Keys {
				rows = append(rows, listedKeyRow(s, k))
			}
			return rows
		})
		if err == nil && cut {
			err = cutOff(s, "kms:ListKeys")
		}
		return rows, err
	})

func listedKeyRow(s *awsapi.Session, k types.KeyListEntry) ListedKey {
	id, arn := aws.ToString(k.KeyId), aws.ToString(k.KeyArn)
	if arn == "" { // its form: "Key identifiers", developer guide
		arn = strings.Join([]string{"arn", s.Partition, "kms", s.Region, s.ID, "key/" + id}, ":")
	}
	return ListedKey{Resource: &inventory.Resource{Type: "AWS::KMS::Key", ID: id, ARN: arn, Name: id, Region: s.Region}}
}

type keysAndAliases struct {
	keys    inventory.Rows[ListedKey]
	aliases inventory.Rows[Alias]
}

// ListedKeys are the keys by the names that people know them by. An alias only explains: where none could be listed, a
// key goes by its id.
var ListedKeys = inventory.Derived("kms.listed-keys", true,
	func(b *inventory.Binder) keysAndAliases {
		return keysAndAliases{inventory.Use(b, KeyIDs), inventory.Use(b, Aliases)}
	},
	func(in keysAndAliases) inventory.Rows[ListedKey] {
		names := map[string][]string{}
		for _, a := range in.aliases.List {
			if a.TargetKeyID != "" {
				names[a.TargetKeyID] = append(names[a.TargetKeyID], a.Name)
			}
		}
		out := inventory.Rows[ListedKey]{Gaps: in.keys.Gaps}
		for _, k := range in.keys.List {
			resource := *k.Resource
			aliases := names[k.ID]
			slices.Sort(aliases)
			if len(aliases) > 0 {
				resource.Name = strings.TrimPrefix(aliases[0], aliasPrefix)
			}
			out.List = append(out.List, ListedKey{Resource: &resource, Aliases: aliases})
		}
		return out
	})
