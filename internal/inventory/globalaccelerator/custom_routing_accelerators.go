package globalaccelerator

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// CustomRoutingAccelerators are the accelerators that map ports to addresses of subnets: an entrance that is named, not
// modelled.
var CustomRoutingAccelerators = inventory.Global("globalaccelerator.custom-routing-accelerators", awsapi.Calls("globalaccelerator:ListCustomRoutingAccelerators"),
	func(ctx context.Context, s *awsapi.Session) ([]Accelerator, error) {
		if !offered(s) {
			return nil, nil
		}
		in := &globalaccelerator.ListCustomRoutingAcceleratorsInput{MaxResults: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, globalaccelerator.NewListCustomRoutingAcceleratorsPaginator(client(s), in), func(o *globalaccelerator.ListCustomRoutingAcceleratorsOutput) []Accelerator {
			rows := make([]Accelerator, 0, len(o.Accelerators))
			for _, a := range o.Accelerators {
				rows = append(rows, customRoutingRow(a))
			}
			return rows
		})
	})

func customRoutingRow(a types.CustomRoutingAccelerator) Accelerator {
	return Accelerator{
		Resource: resource("AWS::GlobalAccelerator::CustomRoutingAccelerator", a.AcceleratorArn, a.Name),
		Enabled:  a.Enabled, Status: string(a.Status), DNSName: aws.ToString(a.DnsName), Addresses: addressesOf(a.IpSets),
		AddressType: string(a.IpAddressType),
	}
}
