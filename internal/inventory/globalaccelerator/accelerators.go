package globalaccelerator

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Accelerator is one accelerator: static public addresses whose traffic AWS carries to endpoints in regions. The listing
// carries no tags.
type Accelerator struct {
	*inventory.Resource
	Enabled   *bool    `json:"enabled"` // nil: the answer did not say
	Status    string   `json:"status"`  // DEPLOYED, IN_PROGRESS
	DNSName   string   `json:"dns_name"`
	Addresses []string `json:"addresses"`
	// AddressType is IPV4 or DUAL_STACK; empty: the answer did not say.
	AddressType string `json:"address_type"`
}

// Key is the accelerator's ARN.
func (a Accelerator) Key() string { return a.ARN }

// On reports an accelerator that the answer does not say to be switched off.
func (a Accelerator) On() bool { return a.Enabled == nil || *a.Enabled }

// Accelerators are the account's standard accelerators.
var Accelerators = inventory.Global("globalaccelerator.accelerators", awsapi.Calls("globalaccelerator:ListAccelerators"),
	func(ctx context.Context, s *awsapi.Session) ([]Accelerator, error) {
		if !offered(s) {
			return nil, nil
		}
		in := &globalaccelerator.ListAcceleratorsInput{MaxResults: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, globalaccelerator.NewListAcceleratorsPaginator(client(s), in), func(o *globalaccelerator.ListAcceleratorsOutput) []Accelerator {
			rows := make([]Accelerator, 0, len(o.Accelerators))
			for _, a := range o.Accelerators {
				rows = append(rows, acceleratorRow(a))
			}
			return rows
		})
	})

func acceleratorRow(a types.Accelerator) Accelerator {
	return Accelerator{
		Resource: resource("AWS::GlobalAccelerator::Accelerator", a.AcceleratorArn, a.Name),
		Enabled:  a.Enabled, Status: string(a.Status), DNSName: aws.ToString(a.DnsName), Addresses: addressesOf(a.IpSets),
		AddressType: string(a.IpAddressType),
	}
}

func addressesOf(sets []types.IpSet) []string {
	var out []string
	for _, s := range sets {
		out = append(out, s.IpAddresses...)
	}
	return out
}
