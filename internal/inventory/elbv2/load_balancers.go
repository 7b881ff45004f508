package elbv2

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// LoadBalancer is one application, network or gateway load balancer. The listing carries no tags.
type LoadBalancer struct {
	*inventory.Resource
	Kind        string `json:"kind"`   // application, network, gateway
	Scheme      string `json:"scheme"` // internet-facing, internal; empty for gateway load balancers
	State       string `json:"state"`  // active, provisioning, active_impaired, failed; empty: the answer did not say
	VPCID       string `json:"vpc_id"`
	DNSName     string `json:"dns_name"`
	AddressType string `json:"address_type"` // ipv4, dualstack, dualstack-without-public-ipv4; empty: the answer did not say
	// SecurityGroups are sorted; nil: the answer did not give them. A network load balancer without any has none in force, and
	// its interfaces show the same.
	SecurityGroups []string `json:"security_groups"`
	Zones          []Zone   `json:"zones"`
}

// Zone is one subnet in which a load balancer has a node, with the addresses that the answer gives: those of network load
// balancers that were chosen. The others are on the load balancer's interfaces.
type Zone struct {
	Name      string   `json:"name"`
	SubnetID  string   `json:"subnet_id"`
	Addresses []string `json:"addresses"`
}

// Key is the load balancer's ARN.
func (l LoadBalancer) Key() string { return l.ARN }

// LoadBalancers are the account's load balancers.
var LoadBalancers = inventory.Regional("elbv2.load-balancers", awsapi.Calls("elbv2:DescribeLoadBalancers"),
	func(ctx context.Context, s *awsapi.Session) ([]LoadBalancer, error) {
		in := &elb.DescribeLoadBalancersInput{PageSize: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, elb.NewDescribeLoadBalancersPaginator(client(s), in), func(o *elb.DescribeLoadBalancersOutput) []LoadBalancer {
			rows := make([]LoadBalancer, 0, len(o.LoadBalancers))
			for _, l := range o.LoadBalancers {
				rows = append(rows, loadBalancerRow(s, l))
			}
			return rows
		})
	})

func loadBalancerRow(s *awsapi.Session, l types.LoadBalancer) LoadBalancer {
	name := aws.ToString(l.LoadBalancerName)
	row := LoadBalancer{
		Resource: &inventory.Resource{
			Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", ID: name, ARN: aws.ToString(l.LoadBalancerArn), Name: name, Region: s.Region,
		},
		Kind: string(l.Type), Scheme: string(l.Scheme), VPCID: aws.ToString(l.VpcId), DNSName: aws.ToString(l.DNSName), AddressType: string(l.IpAddressType),
	}
	if l.State != nil {
		row.State = string(l.State.Code)
	}
	if l.SecurityGroups != nil {
		row.SecurityGroups = append([]string{}, l.SecurityGroups...)
		slices.Sort(row.SecurityGroups)
	}
	for _, z := range l.AvailabilityZones {
		zone := Zone{Name: aws.ToString(z.ZoneName), SubnetID: aws.ToString(z.SubnetId)}
		for _, a := range z.LoadBalancerAddresses {
			for _, ip := range []*string{a.IpAddress, a.PrivateIPv4Address, a.IPv6Address} {
				if aws.ToString(ip) != "" {
					zone.Addresses = append(zone.Addresses, *ip)
				}
			}
		}
		row.Zones = append(row.Zones, zone)
	}
	return row
}
