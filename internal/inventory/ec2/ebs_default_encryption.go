package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// DefaultEncryption is a region's setting of what happens to new EBS volumes.
type DefaultEncryption struct {
	Enabled bool `json:"enabled"`
}

var ebsDefaultOps = awsapi.Calls("ec2:GetEbsEncryptionByDefault")

// EBSDefaultEncryption tells, per region, whether new volumes and snapshot copies are encrypted by default. AWS always
// answers true or false (GetEbsEncryptionByDefault, API reference), so an answer without the flag is a broken one.
var EBSDefaultEncryption = inventory.Each(inventory.Regions, "ec2.ebs-default-encryption", ebsDefaultOps, inventory.Account.Key,
	func(ctx context.Context, s *awsapi.Session, _ inventory.Account) (v DefaultEncryption, err error) {
		o, err := client(s).GetEbsEncryptionByDefault(ctx, &ec2.GetEbsEncryptionByDefaultInput{})
		switch {
		case err != nil:
			return v, err
		case o.EbsEncryptionByDefault == nil:
			return v, broken(s, ebsDefaultOps, "the flag")
		}
		return DefaultEncryption{Enabled: *o.EbsEncryptionByDefault}, nil
	})
