package kms

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Key is a KMS key of the account. An empty field means that the answer did not say, or that it was not asked for.
type Key struct {
	*inventory.Resource
	Aliases         []string   `json:"aliases,omitempty"` // sorted, with "alias/"
	Manager         string     `json:"manager"`           // AWS, CUSTOMER
	State           string     `json:"state"`             // Enabled, Disabled, PendingDeletion, PendingImport, Unavailable, ...
	Usage           string     `json:"usage"`             // ENCRYPT_DECRYPT, SIGN_VERIFY, ...
	Spec            string     `json:"spec"`
	Origin          string     `json:"origin"` // AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE
	Created         *time.Time `json:"created"`
	DeletionDate    *time.Time `json:"deletion_date,omitempty"`
	MultiRegion     *bool      `json:"multi_region"`
	MultiRegionType string     `json:"multi_region_type,omitempty"` // PRIMARY, REPLICA
	PrimaryARN      string     `json:"primary_arn,omitempty"`
}

// Managers and states of a key.
const (
	AWSManaged      = string(types.KeyManagerTypeAws)
	CustomerManaged = string(types.KeyManagerTypeCustomer)
	Enabled         = string(types.KeyStateEnabled)
	Disabled        = string(types.KeyStateDisabled)
)

// ARNKey is the key's ARN, by which its details are kept.
func (k Key) ARNKey() string { return k.ARN }

// PolicyAsked reports whether the key's policy and grants are read: it is a customer's, or may be one, and it exists and is
// not about to be deleted. A key that is disabled, waits for its material or lost its store comes back by one call.
func (k Key) PolicyAsked() bool {
	return k.Manager != AWSManaged && !slices.Contains([]string{
		string(types.KeyStateCreating), string(types.KeyStatePendingDeletion), string(types.KeyStatePendingReplicaDeletion),
	}, k.State)
}

// Keys are the keys of a region with what they are. One that an alias of AWS's names is AWS-managed: it is not asked about,
// since nobody but AWS sets anything of it. A key whose policy does not let the caller describe it is a gap of that key
// alone; such keys are common.
var Keys = inventory.Under(ListedKeys, "kms.keys", awsapi.Calls("kms:DescribeKey"),
	func(ctx context.Context, s *awsapi.Session, k ListedKey) ([]Key, error) {
		if slices.ContainsFunc(k.Aliases, isAWSAlias) {
			return []Key{{Resource: k.Resource, Aliases: k.Aliases, Manager: AWSManaged}}, nil
		}
		o, err := client(s).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &k.ARN})
		switch {
		case err != nil:
			return nil, err
		case o.KeyMetadata == nil:
			return nil, errors.New("the answer describes no key")
		}
		return []Key{keyRow(k, *o.KeyMetadata)}, nil
	})

func keyRow(k ListedKey, m types.KeyMetadata) Key {
	row := Key{
		Resource: k.Resource, Aliases: k.Aliases,
		Manager: string(m.KeyManager), State: string(m.KeyState), Usage: string(m.KeyUsage), Spec: string(m.KeySpec), Origin: string(m.Origin),
		Created: m.CreationDate, DeletionDate: m.DeletionDate, MultiRegion: m.MultiRegion,
	}
	if c := m.MultiRegionConfiguration; c != nil {
		row.MultiRegionType = string(c.MultiRegionKeyType)
		if c.PrimaryKey != nil {
			row.PrimaryARN = aws.ToString(c.PrimaryKey.Arn)
		}
	}
	return row
}
