// Package reachtest fills a fixture with a small network that a test changes, or loses calls of.
package reachtest

import (
	"strings"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/cloudfront"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	ga "github.com/ourshare/ourshare/internal/inventory/globalaccelerator"
)

// Account is the evidence of one region. New gives i-1 with eni-1 in subnet-1 of vpc-1, with a public address, a route to
// igw-1, an open network ACL, and the group sg-1, which opens port 22 to the internet and 3389 to the VPC.
type Account struct {
	VPC       ec2.VPC
	Subnet    ec2.Subnet
	Table     ec2.RouteTable
	Gateway   ec2.InternetGateway
	ACL       ec2.NetworkACL
	Groups    []ec2.SecurityGroup
	ENIs      []ec2.ENI
	Instance  ec2.Instance
	Block     ec2.VPCBlockPublicAccess
	Excluded  []ec2.VPCBlockExclusion
	Lists     []ec2.PrefixList
	ListNames map[string]inventory.Field[ec2.PrefixListName]
	Peerings  []ec2.Entrance
	Balancers []elbv2.LoadBalancer
	Listeners []elbv2.Listener
	Rules     map[string]inventory.Field[[]elbv2.Rule] // of listeners that are not HTTP's
	Groups2   []elbv2.TargetGroup
	Targets   map[string]inventory.Field[[]elbv2.Target]
	Settings  map[string]inventory.Field[elbv2.TargetGroupSettings]
	Classic   []elb.LoadBalancer

	Accelerators   []ga.Accelerator
	AccListeners   []ga.Listener
	EndpointGroups []ga.EndpointGroup
	Origins        []cloudfront.VPCOrigin
	Endpoints      map[string]inventory.Field[cloudfront.VPCOriginEndpoint]
	Distributions  []cloudfront.Distribution

	// Lost are the operations that were denied.
	Lost []string
}

// Owner, Region and Partition are those of the fixture.
const (
	Owner     = "111122223333"
	Region    = "us-east-1"
	Partition = "aws"
)

// Resource is one of the fixture's.
func Resource(kind, id string) *inventory.Resource {
	return &inventory.Resource{Type: kind, ID: id, ARN: "arn:aws:test:us-east-1:" + Owner + ":" + id, Name: id, Region: Region}
}

// Rule opens a port by TCP.
func Rule(port int32, cidrs ...string) ec2.GroupRule {
	return ec2.GroupRule{Protocol: "tcp", From: &port, To: &port, CIDRs: cidrs}
}

// New is the account that the type describes.
func New() Account {
	ptr := func(n int32) *int32 { return &n }
	no, yes := false, true
	return Account{
		VPC:    ec2.VPC{Resource: Resource("AWS::EC2::VPC", "vpc-1"), Owner: Owner, CIDRs: []string{"10.0.0.0/16"}},
		Subnet: ec2.Subnet{Resource: Resource("AWS::EC2::Subnet", "subnet-1"), VPCID: "vpc-1", Owner: Owner, Zone: "us-east-1a", CIDR: "10.0.0.0/24"},
		Table: ec2.RouteTable{
			Resource: Resource("AWS::EC2::RouteTable", "rtb-1"), VPCID: "vpc-1", Owner: Owner,
			Associations: []ec2.RouteAssociation{{Main: &no, Subnet: "subnet-1", State: "associated"}},
			Routes: []ec2.Route{
				{CIDR: "10.0.0.0/16", Kind: ec2.TargetLocal, Target: "local", State: "active"},
				{CIDR: "0.0.0.0/0", Kind: ec2.TargetInternetGateway, Target: "igw-1", State: "active"},
			},
		},
		Gateway: ec2.InternetGateway{
			Resource: Resource("AWS::EC2::InternetGateway", "igw-1"), Owner: Owner, Attachments: []ec2.GatewayAttachment{{VPCID: "vpc-1", State: "available"}},
		},
		ACL: ec2.NetworkACL{
			Resource: Resource("AWS::EC2::NetworkAcl", "acl-1"), VPCID: "vpc-1", Owner: Owner, Subnets: []string{"subnet-1"},
			Entries: []ec2.ACLEntry{
				{Number: ptr(100), Egress: &no, Action: "allow", Protocol: "-1", CIDR: "0.0.0.0/0"},
				{Number: ptr(100), Egress: &yes, Action: "allow", Protocol: "-1", CIDR: "0.0.0.0/0"},
			},
		},
		Groups: []ec2.SecurityGroup{{
			Resource: Resource("AWS::EC2::SecurityGroup", "sg-1"), GroupName: "sg-1", VPCID: "vpc-1", Owner: Owner,
			Inbound: []ec2.GroupRule{Rule(22, "0.0.0.0/0"), Rule(3389, "10.0.0.0/16")}, Outbound: []ec2.GroupRule{},
		}},
		ENIs: []ec2.ENI{{
			Resource: Resource("AWS::EC2::NetworkInterface", "eni-1"), VPCID: "vpc-1", SubnetID: "subnet-1", Owner: Owner, Status: "in-use", InterfaceType: "interface",
			InstanceID: "i-1", InstanceOwner: Owner, AttachmentStatus: "attached", DeviceIndex: ptr(0), Groups: []string{"sg-1"},
			Addresses: []ec2.Address{{Private: "10.0.0.10", Public: "54.1.2.3"}},
		}},
		Instance: ec2.Instance{Resource: Resource("AWS::EC2::Instance", "i-1"), State: "running", SubnetID: "subnet-1", VPCID: "vpc-1"},
		Block:    ec2.VPCBlockPublicAccess{Resource: Resource("AWS::EC2::VPCBlockPublicAccessOptions", Owner), Mode: "off", State: "default-state"},
	}
}

// Private takes the public address away.
func (a *Account) Private() { a.ENIs[0].Addresses[0].Public = "" }

// Put fills the fixture.
func (a Account) Put(s *inventory.Store) {
	rows(s, a, ec2.VPCs, a.VPC)
	rows(s, a, ec2.Subnets, a.Subnet)
	rows(s, a, ec2.RouteTables, a.Table)
	rows(s, a, ec2.InternetGateways, a.Gateway)
	rows(s, a, ec2.NetworkACLs, a.ACL)
	rows(s, a, ec2.SharedNetworkACLs)
	rows(s, a, ec2.SecurityGroups, a.Groups...)
	rows(s, a, ec2.SharedSecurityGroups)
	rows(s, a, ec2.PrefixLists, a.Lists...)
	rows(s, a, ec2.PathPrefixLists)
	facts(s, a, ec2.PrefixListNames, a.ListNames)
	rows(s, a, ec2.ENIs, a.ENIs...)
	rows(s, a, ec2.Instances, a.Instance)
	rows(s, a, ec2.VPCBlockPublicAccessOptions, a.Block)
	rows(s, a, ec2.VPCBlockExclusions, a.Excluded...)
	for _, d := range []*inventory.Dataset[ec2.Entrance]{
		ec2.TransitGatewayAttachments, ec2.VPNGateways, ec2.ClientVPNEndpoints, ec2.InstanceConnectEndpoints, ec2.CarrierGateways,
		ec2.VPCEndpointServices, ec2.VerifiedAccessEndpoints,
	} {
		rows(s, a, d)
	}
	rows(s, a, ec2.VPCPeeringConnections, a.Peerings...)

	rows(s, a, elbv2.LoadBalancers, a.Balancers...)
	rows(s, a, elbv2.Listeners, a.Listeners...)
	facts(s, a, elbv2.ListenerRules, nil)
	facts(s, a, elbv2.ForwardRules, a.Rules)
	rows(s, a, elbv2.TargetGroups, a.Groups2...)
	facts(s, a, elbv2.Targets, a.Targets)
	facts(s, a, elbv2.TargetGroupAttributes, a.Settings)
	rows(s, a, elb.LoadBalancers, a.Classic...)

	rows(s, a, ga.Accelerators, a.Accelerators...)
	rows(s, a, ga.Listeners, a.AccListeners...)
	rows(s, a, ga.EndpointGroups, a.EndpointGroups...)
	rows(s, a, ga.CustomRoutingAccelerators)
	rows(s, a, ga.CrossAccountAttachments)
	rows(s, a, cloudfront.VPCOrigins, a.Origins...)
	facts(s, a, cloudfront.VPCOriginEndpoints, a.Endpoints)
	rows(s, a, cloudfront.Distributions, a.Distributions...)
}

func scope(n *inventory.Node) string {
	if n.Regional {
		return Region
	}
	return awsapi.Global
}

// gone are the gaps of a node and of what it lies under, by the account's lost operations.
func gone(a Account, n *inventory.Node) []inventory.Gap {
	var gaps []inventory.Gap
	for _, d := range n.Deps() {
		gaps = append(gaps, gone(a, d)...)
	}
	for _, op := range n.Ops {
		for _, lost := range a.Lost {
			if strings.EqualFold(op.String(), lost) {
				gaps = append(gaps, inventory.Gap{Error: *inventory.DeniedError(lost)})
			}
		}
	}
	return gaps
}

func rows[T inventory.Row](s *inventory.Store, a Account, d *inventory.Dataset[T], list ...T) {
	gaps := gone(a, d.Node())
	if len(gaps) > 0 {
		list = nil
	}
	inventory.SetRows(s, d, scope(d.Node()), inventory.Rows[T]{List: list, Gaps: gaps})
}

func facts[T inventory.Row, V any](s *inventory.Store, a Account, d *inventory.Detail[T, V], m map[string]inventory.Field[V]) {
	lost := map[string]inventory.Field[V]{}
	for key, f := range m {
		lost[key] = f
		if gaps := gone(a, d.Node()); len(gaps) > 0 {
			lost[key] = inventory.Failure[V](&gaps[0].Error)
		}
	}
	inventory.SetFacts(s, d, scope(d.Node()), lost)
}
