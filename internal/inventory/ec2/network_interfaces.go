package ec2

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// ENI is one network interface of the account, whoever made it: an instance's, or that of a load balancer, a NAT gateway, a
// database. An empty string means that the answer did not say; a nil list that it did not give it.
type ENI struct {
	*inventory.Resource
	VPCID       string `json:"vpc_id"`
	SubnetID    string `json:"subnet_id"`
	Owner       string `json:"owner"`
	Status      string `json:"status"` // available, associated, attaching, in-use, detaching
	Description string `json:"description"`

	// Who owns it in fact: interface, network_load_balancer, nat_gateway, vpc_endpoint, ...; amazon-elb, amazon-rds, ...; the
	// principal that manages it in the account (Operator).
	InterfaceType    string `json:"interface_type"`
	RequesterID      string `json:"requester_id"`
	RequesterManaged *bool  `json:"requester_managed"`
	Manager          string `json:"manager"`

	InstanceID       string `json:"instance_id"` // to which it is attached; empty: to none, or to none of the account's
	InstanceOwner    string `json:"instance_owner"`
	AttachmentStatus string `json:"attachment_status"` // attaching, attached, detaching, detached
	DeviceIndex      *int32 `json:"device_index"`      // 0: the instance's primary interface; nil: the answer did not say

	Groups    []string  `json:"groups"`    // security groups
	Addresses []Address `json:"addresses"` // the primary one first
	IPv6      []string  `json:"ipv6"`
	Prefixes  []string  `json:"prefixes"` // IPv4 and IPv6 blocks delegated to it: the addresses of what runs behind it

	// DenyAllIGWTraffic: what comes from the internet is dropped, IPv6 as well (NetworkInterface, API reference).
	DenyAllIGWTraffic *bool `json:"deny_all_igw_traffic"`
	SourceDestCheck   *bool `json:"source_dest_check"`
}

// Address is one private IPv4 address of an interface, with what is associated with it.
type Address struct {
	Private   string `json:"private"`
	Public    string `json:"public"`     // auto-assigned or Elastic
	CarrierIP string `json:"carrier_ip"` // of a Wavelength Zone: reachable from the carrier's network, not from the internet
	IPOwner   string `json:"ip_owner"`   // amazon, amazon-elb, or the account
	// Allocation is the id of the Elastic IP address; empty for an auto-assigned one.
	Allocation string `json:"allocation"`
}

// Key is the interface's id.
func (e ENI) Key() string { return e.ID }

// OfLoadBalancer reports an interface of an Elastic Load Balancing load balancer (User guide of Application Load Balancers and
// of Network Load Balancers: their interfaces are requested by amazon-elb, and described as "ELB ...").
func (e ENI) OfLoadBalancer() bool {
	switch types.NetworkInterfaceType(e.InterfaceType) {
	case types.NetworkInterfaceTypeLoadBalancer, types.NetworkInterfaceTypeNetworkLoadBalancer, types.NetworkInterfaceTypeGatewayLoadBalancer:
		return true
	default: // classic and older ones have the type "interface"
	}
	return e.RequesterID == "amazon-elb" || strings.HasPrefix(e.Description, "ELB ")
}

// OfNATGateway reports a NAT gateway's interface. The API's model and its answers spell the type differently.
func (e ENI) OfNATGateway() bool {
	return e.InterfaceType == "nat_gateway" || e.InterfaceType == "natGateway"
}

var eniOps = awsapi.Calls("ec2:DescribeNetworkInterfaces")

// ENIs are the account's network interfaces, those included that AWS services manage and that the account may have hidden
// (IncludeManagedResources, DescribeNetworkInterfaces, API reference).
var ENIs = inventory.Regional("ec2.network-interfaces", eniOps,
	func(ctx context.Context, s *awsapi.Session) ([]ENI, error) {
		in := &ec2.DescribeNetworkInterfacesInput{MaxResults: aws.Int32(1000), IncludeManagedResources: aws.Bool(true)}
		pages := listed[ec2.DescribeNetworkInterfacesOutput]{
			ec2.NewDescribeNetworkInterfacesPaginator(client(s), in), func(o *ec2.DescribeNetworkInterfacesOutput) bool { return o.NetworkInterfaces != nil },
			broken(s, eniOps, "the list of network interfaces"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeNetworkInterfacesOutput) []ENI {
			rows := make([]ENI, 0, len(o.NetworkInterfaces))
			for _, n := range o.NetworkInterfaces {
				rows = append(rows, eniRow(s, n))
			}
			return rows
		})
	})

func eniRow(s *awsapi.Session, n types.NetworkInterface) ENI {
	tags, id := tagsOf(n.TagSet), aws.ToString(n.NetworkInterfaceId)
	row := ENI{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::NetworkInterface", ID: id, ARN: arnOf(s, nil, n.OwnerId, "network-interface/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		VPCID: aws.ToString(n.VpcId), SubnetID: aws.ToString(n.SubnetId), Owner: aws.ToString(n.OwnerId), Status: string(n.Status),
		Description: aws.ToString(n.Description), InterfaceType: string(n.InterfaceType), RequesterID: aws.ToString(n.RequesterId),
		RequesterManaged: n.RequesterManaged, Manager: manager(n.Operator), DenyAllIGWTraffic: n.DenyAllIgwTraffic, SourceDestCheck: n.SourceDestCheck,
		Addresses: addressesOf(n),
	}
	if a := n.Attachment; a != nil {
		row.InstanceID, row.InstanceOwner, row.AttachmentStatus = aws.ToString(a.InstanceId), aws.ToString(a.InstanceOwnerId), string(a.Status)
		row.DeviceIndex = a.DeviceIndex
	}
	if n.Groups != nil {
		row.Groups = make([]string, 0, len(n.Groups))
	}
	for _, g := range n.Groups {
		row.Groups = append(row.Groups, aws.ToString(g.GroupId))
	}
	if n.Ipv6Addresses != nil {
		row.IPv6 = make([]string, 0, len(n.Ipv6Addresses))
	}
	for _, a := range n.Ipv6Addresses {
		row.IPv6 = append(row.IPv6, aws.ToString(a.Ipv6Address))
	}
	for _, p := range n.Ipv4Prefixes {
		row.Prefixes = append(row.Prefixes, aws.ToString(p.Ipv4Prefix))
	}
	for _, p := range n.Ipv6Prefixes {
		row.Prefixes = append(row.Prefixes, aws.ToString(p.Ipv6Prefix))
	}
	return row
}

// addressesOf joins the interface's own association with those of its private addresses: the first repeats that of the
// primary address.
func addressesOf(n types.NetworkInterface) []Address {
	if n.PrivateIpAddresses == nil && n.Association == nil {
		return nil
	}
	out := make([]Address, 0, len(n.PrivateIpAddresses))
	shown := n.Association == nil
	for _, p := range n.PrivateIpAddresses {
		a := Address{Private: aws.ToString(p.PrivateIpAddress)}
		associate(&a, p.Association)
		shown = shown || p.Association != nil && aws.ToString(p.Association.PublicIp) == aws.ToString(n.Association.PublicIp) &&
			aws.ToString(p.Association.CarrierIp) == aws.ToString(n.Association.CarrierIp)
		if aws.ToBool(p.Primary) {
			out = slices.Insert(out, 0, a)
		} else {
			out = append(out, a)
		}
	}
	if !shown {
		a := Address{Private: aws.ToString(n.PrivateIpAddress)}
		associate(&a, n.Association)
		out = append(out, a)
	}
	return out
}

func associate(a *Address, as *types.NetworkInterfaceAssociation) {
	if as != nil {
		a.Public, a.CarrierIP, a.IPOwner = aws.ToString(as.PublicIp), aws.ToString(as.CarrierIp), aws.ToString(as.IpOwnerId)
		a.Allocation = aws.ToString(as.AllocationId)
	}
}
