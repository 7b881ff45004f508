package examination

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/cloudfront"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	ga "github.com/ourshare/ourshare/internal/inventory/globalaccelerator"
	"github.com/ourshare/ourshare/internal/inventory/iam"
	"github.com/ourshare/ourshare/internal/inventory/rds"
)

const (
	netOwner  = "111122223333"
	netOther  = "444455556666"
	netRegion = "us-east-1"
)

// netAccount is what a scan of one region would have read: one slice per listing, one map per detail.
type netAccount struct {
	vpcs      []ec2.VPC
	subnets   []ec2.Subnet
	tables    []ec2.RouteTable
	gateways  []ec2.InternetGateway
	acls      []ec2.NetworkACL
	groups    []ec2.SecurityGroup
	lists     []ec2.PrefixList
	pathLists []ec2.PrefixList
	names     map[string]inventory.Field[ec2.PrefixListName]
	enis      []ec2.ENI
	instances []ec2.Instance
	block     ec2.VPCBlockPublicAccess
	excluded  []ec2.VPCBlockExclusion
	peerings  []ec2.Entrance

	balancers    []elbv2.LoadBalancer
	listeners    []elbv2.Listener
	rules        map[string]inventory.Field[[]elbv2.Rule]
	targetGroups []elbv2.TargetGroup
	targets      map[string]inventory.Field[[]elbv2.Target]
	settings     map[string]inventory.Field[elbv2.TargetGroupSettings]
	classic      []elb.LoadBalancer

	accelerators []ga.Accelerator
	accListeners []ga.Listener
	accGroups    []ga.EndpointGroup

	origins       []cloudfront.VPCOrigin
	originPorts   map[string]inventory.Field[cloudfront.VPCOriginEndpoint]
	distributions []cloudfront.Distribution

	databases []rds.Instance
	clusters  []rds.Cluster

	params map[string]any
	lost   []*inventory.Node // denied, with what lies under them
	broken []*inventory.Node // denied after the rows given
}

func netResource(kind, id string) *inventory.Resource {
	return &inventory.Resource{Type: kind, ID: id, ARN: "arn:aws:ec2:" + netRegion + ":" + netOwner + ":" + strings.ToLower(kind[strings.LastIndex(kind, ":")+1:]) + "/" + id, Name: id, Region: netRegion}
}

func netTCP(from, to int32, cidrs ...string) ec2.GroupRule {
	return ec2.GroupRule{Protocol: "tcp", From: &from, To: &to, CIDRs: cidrs}
}

func netTCP6(port int32, cidrs ...string) ec2.GroupRule {
	return ec2.GroupRule{Protocol: "tcp", From: &port, To: &port, CIDR6s: cidrs}
}

func netTCPFrom(port int32, groups ...string) ec2.GroupRule {
	return ec2.GroupRule{Protocol: "tcp", From: &port, To: &port, Groups: groups}
}

func netEntry(number int32, egress bool, action, protocol, cidr string, ports ...int32) ec2.ACLEntry {
	e := ec2.ACLEntry{Number: &number, Egress: &egress, Action: action, Protocol: protocol}
	if strings.Contains(cidr, ":") {
		e.CIDR6 = cidr
	} else {
		e.CIDR = cidr
	}
	if len(ports) == 2 {
		e.From, e.To = &ports[0], &ports[1]
	}
	return e
}

// netOpenACL is what a default network ACL holds (VPC user guide, "Default network ACL"), IPv6 included.
func netOpenACL() []ec2.ACLEntry {
	return []ec2.ACLEntry{
		netEntry(100, false, "allow", "-1", "0.0.0.0/0"), netEntry(32767, false, "deny", "-1", "0.0.0.0/0"),
		netEntry(101, false, "allow", "-1", "::/0"), netEntry(32768, false, "deny", "-1", "::/0"),
		netEntry(100, true, "allow", "-1", "0.0.0.0/0"), netEntry(32767, true, "deny", "-1", "0.0.0.0/0"),
		netEntry(101, true, "allow", "-1", "::/0"), netEntry(32768, true, "deny", "-1", "::/0"),
	}
}

func netRoute(to, kind, target string) ec2.Route {
	r := ec2.Route{Kind: kind, Target: target, State: "active", Origin: "CreateRoute"}
	switch {
	case strings.HasPrefix(to, "pl-"):
		r.PrefixList = to
	case strings.Contains(to, ":"):
		r.CIDR6 = to
	default:
		r.CIDR = to
	}
	return r
}

func netLocals() []ec2.Route {
	return []ec2.Route{
		{CIDR: "10.0.0.0/16", Kind: ec2.TargetLocal, Target: "local", State: "active", Origin: "CreateRouteTable"},
		{CIDR6: "2600:1f18:100:100::/56", Kind: ec2.TargetLocal, Target: "local", State: "active", Origin: "CreateRouteTable"},
	}
}

func netSubnet(id, zone, cidr, cidr6 string) ec2.Subnet {
	return ec2.Subnet{
		Resource: netResource("AWS::EC2::Subnet", id), VPCID: "vpc-1", Owner: netOwner, State: "available", Zone: zone, CIDR: cidr, IPv6CIDRs: []string{cidr6}, BlockMode: "off",
	}
}

func netTable(id string, main bool, subnet string, routes ...ec2.Route) ec2.RouteTable {
	as := ec2.RouteAssociation{Main: &main, Subnet: subnet, State: "associated"}
	return ec2.RouteTable{
		Resource: netResource("AWS::EC2::RouteTable", id), VPCID: "vpc-1", Owner: netOwner,
		Associations: []ec2.RouteAssociation{as}, Routes: append(netLocals(), routes...),
	}
}

func netGroup(id string, rules ...ec2.GroupRule) ec2.SecurityGroup {
	if rules == nil {
		rules = []ec2.GroupRule{}
	}
	return ec2.SecurityGroup{
		Resource: netResource("AWS::EC2::SecurityGroup", id), GroupName: id, VPCID: "vpc-1", Owner: netOwner, Inbound: rules,
		Outbound: []ec2.GroupRule{{Protocol: "-1", CIDRs: []string{"0.0.0.0/0"}, CIDR6s: []string{"::/0"}}},
	}
}

func netENI(id, instance, subnet, private, public string, groups ...string) ec2.ENI {
	index := int32(0)
	e := ec2.ENI{
		Resource: netResource("AWS::EC2::NetworkInterface", id), VPCID: "vpc-1", SubnetID: subnet, Owner: netOwner, Status: "in-use", InterfaceType: "interface",
		RequesterManaged: new(bool), InstanceID: instance, Groups: groups, IPv6: []string{}, DeviceIndex: &index, AttachmentStatus: "attached",
		DenyAllIGWTraffic: new(bool), Addresses: []ec2.Address{{Private: private, Public: public}},
	}
	if instance != "" {
		e.InstanceOwner = netOwner
	}
	if public != "" {
		e.Addresses[0].IPOwner = "amazon"
	}
	return e
}

// newNet has a public subnet (subnet-a, rtb-a to igw-1) and two private ones (subnet-b of the same zone, subnet-d of another; the
// main table rtb-main, a NAT gateway). i-1 is in subnet-a, i-2 in subnet-b, both with the group sg-1 that opens SSH to 0.0.0.0/0.
// Only i-1 has a public address.
func newNet() *netAccount {
	yes := true
	return &netAccount{
		vpcs: []ec2.VPC{{
			Resource: netResource("AWS::EC2::VPC", "vpc-1"), Owner: netOwner, State: "available", CIDR: "10.0.0.0/16", CIDRs: []string{"10.0.0.0/16"},
			IPv6CIDRs: []string{"2600:1f18:100:100::/56"}, Default: new(bool),
		}},
		subnets: []ec2.Subnet{
			netSubnet("subnet-a", "us-east-1a", "10.0.0.0/24", "2600:1f18:100:100::/64"),
			netSubnet("subnet-b", "us-east-1a", "10.0.1.0/24", "2600:1f18:100:101::/64"),
			netSubnet("subnet-d", "us-east-1b", "10.0.3.0/24", "2600:1f18:100:103::/64"),
		},
		tables: []ec2.RouteTable{
			netTable("rtb-a", false, "subnet-a", netRoute("0.0.0.0/0", ec2.TargetInternetGateway, "igw-1"), netRoute("::/0", ec2.TargetInternetGateway, "igw-1")),
			netTable("rtb-main", true, "", netRoute("0.0.0.0/0", ec2.TargetNATGateway, "nat-1"), netRoute("::/0", ec2.TargetEgressOnly, "eigw-1")),
		},
		gateways: []ec2.InternetGateway{{
			Resource: netResource("AWS::EC2::InternetGateway", "igw-1"), Owner: netOwner, Attachments: []ec2.GatewayAttachment{{VPCID: "vpc-1", State: "available"}},
		}},
		acls: []ec2.NetworkACL{{
			Resource: netResource("AWS::EC2::NetworkAcl", "acl-1"), VPCID: "vpc-1", Owner: netOwner, Default: &yes, Subnets: []string{"subnet-a", "subnet-b", "subnet-d"}, Entries: netOpenACL(),
		}},
		groups: []ec2.SecurityGroup{netGroup("sg-1", netTCP(22, 22, "0.0.0.0/0"))},
		enis: []ec2.ENI{
			netENI("eni-1", "i-1", "subnet-a", "10.0.0.10", "52.0.0.10", "sg-1"),
			netENI("eni-2", "i-2", "subnet-b", "10.0.1.20", "", "sg-1"),
		},
		instances: []ec2.Instance{
			{Resource: netResource("AWS::EC2::Instance", "i-1"), State: "running", SubnetID: "subnet-a", VPCID: "vpc-1"},
			{Resource: netResource("AWS::EC2::Instance", "i-2"), State: "running", SubnetID: "subnet-b", VPCID: "vpc-1"},
		},
		block: ec2.VPCBlockPublicAccess{Resource: netResource("AWS::EC2::VPCBlockPublicAccessOptions", netOwner), Mode: "off", State: "default-state"},
		rules: map[string]inventory.Field[[]elbv2.Rule]{}, targets: map[string]inventory.Field[[]elbv2.Target]{},
		settings: map[string]inventory.Field[elbv2.TargetGroupSettings]{}, names: map[string]inventory.Field[ec2.PrefixListName]{},
		originPorts: map[string]inventory.Field[cloudfront.VPCOriginEndpoint]{}, params: map[string]any{},
	}
}

// open replaces the rules of a group.
func (a *netAccount) open(id string, rules ...ec2.GroupRule) {
	for i := range a.groups {
		if a.groups[i].ID == id {
			a.groups[i].Inbound = append([]ec2.GroupRule{}, rules...)
		}
	}
}

// acl gives a subnet an ACL of its own.
func (a *netAccount) acl(subnet string, entries ...ec2.ACLEntry) {
	a.acls = slices.DeleteFunc(a.acls, func(l ec2.NetworkACL) bool { return l.ID == "acl-"+subnet })
	a.acls[0].Subnets = slices.DeleteFunc(a.acls[0].Subnets, func(s string) bool { return s == subnet })
	entries = append(entries, netEntry(32767, false, "deny", "-1", "0.0.0.0/0"), netEntry(32768, false, "deny", "-1", "::/0"),
		netEntry(32767, true, "deny", "-1", "0.0.0.0/0"), netEntry(32768, true, "deny", "-1", "::/0"))
	a.acls = append(a.acls, ec2.NetworkACL{
		Resource: netResource("AWS::EC2::NetworkAcl", "acl-"+subnet), VPCID: "vpc-1", Owner: netOwner, Default: new(bool), Subnets: []string{subnet}, Entries: entries,
	})
}

// prefixList makes a customer-managed list that inbound rules may name.
func (a *netAccount) prefixList(id string, entries ...string) {
	a.lists = append(a.lists, ec2.PrefixList{Resource: &inventory.Resource{Type: "AWS::EC2::PrefixList", ID: id, Region: netRegion}, Entries: entries, Listed: true})
	a.names[id] = inventory.Known(ec2.PrefixListName{Name: id, Owner: netOwner})
}

// judge runs one check by the engine and gives the statuses by resource; "" stands for a listing that was not read.
func (a *netAccount) judge(ids ...string) map[string]finding.Finding {
	s := inventory.NewFixture("aws", netOwner, []string{netRegion}, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	s.Params = a.params
	a.put(s)
	var list []*checks.Check
	for _, id := range ids {
		list = append(list, catalog.Find(id))
	}
	s.Compute(engine.Nodes(list, false))
	out := map[string]finding.Finding{}
	for _, f := range engine.Evaluate(s, list, list, engine.Head{}).Findings {
		out[f.Rule.ID+" "+f.Resource.ID] = f
	}
	return out
}

func (a *netAccount) put(s *inventory.Store) {
	for i := range a.instances { // an instance shows its interfaces itself, too
		in := &a.instances[i]
		in.Interfaces = nil
		for _, e := range a.enis {
			if e.InstanceID != in.ID {
				continue
			}
			row := ec2.NetworkInterface{ID: e.ID, IPv6: e.IPv6, Groups: e.Groups, SubnetID: e.SubnetID}
			for _, p := range e.Addresses {
				if p.Public != "" {
					row.PublicIPv4 = append(row.PublicIPv4, p.Public)
				}
			}
			in.Interfaces = append(in.Interfaces, row)
		}
	}
	netRows(s, a, ec2.VPCs, a.vpcs...)
	netRows(s, a, ec2.Subnets, a.subnets...)
	netRows(s, a, ec2.RouteTables, a.tables...)
	netRows(s, a, ec2.InternetGateways, a.gateways...)
	netRows(s, a, ec2.NetworkACLs, a.acls...)
	netRows(s, a, ec2.SharedNetworkACLs)
	netRows(s, a, ec2.SecurityGroups, a.groups...)
	netRows(s, a, ec2.SharedSecurityGroups)
	netRows(s, a, ec2.PrefixLists, a.lists...)
	netRows(s, a, ec2.PathPrefixLists, a.pathLists...)
	netFacts(s, a, ec2.PrefixListNames, a.names)
	netRows(s, a, ec2.ENIs, a.enis...)
	netRows(s, a, ec2.Instances, a.instances...)
	netRows(s, a, ec2.VPCBlockPublicAccessOptions, a.block)
	netRows(s, a, ec2.VPCBlockExclusions, a.excluded...)
	for _, d := range []*inventory.Dataset[ec2.Entrance]{
		ec2.TransitGatewayAttachments, ec2.VPNGateways, ec2.ClientVPNEndpoints, ec2.InstanceConnectEndpoints, ec2.CarrierGateways,
		ec2.VPCEndpointServices, ec2.VerifiedAccessEndpoints,
	} {
		netRows(s, a, d)
	}
	netRows(s, a, ec2.VPCPeeringConnections, a.peerings...)

	netRows(s, a, elbv2.LoadBalancers, a.balancers...)
	netRows(s, a, elbv2.Listeners, a.listeners...)
	http, other := map[string]inventory.Field[[]elbv2.Rule]{}, map[string]inventory.Field[[]elbv2.Rule]{}
	for _, l := range a.listeners {
		if f, ok := a.rules[l.ARN]; ok && l.IsHTTP() {
			http[l.ARN] = f
		} else if ok {
			other[l.ARN] = f
		}
	}
	for _, l := range a.listeners { // what a scan does not ask for
		if _, ok := http[l.ARN]; !ok {
			http[l.ARN] = inventory.Failure[[]elbv2.Rule](inventory.ErrNotAsked)
		}
		if _, ok := other[l.ARN]; !ok {
			other[l.ARN] = inventory.Failure[[]elbv2.Rule](inventory.ErrNotAsked)
		}
	}
	for _, g := range a.targetGroups {
		if !g.OfNetwork() {
			a.settings[g.ARN] = inventory.Failure[elbv2.TargetGroupSettings](inventory.ErrNotAsked)
		}
	}
	netFacts(s, a, elbv2.ListenerRules, http)
	netFacts(s, a, elbv2.ForwardRules, other)
	netRows(s, a, elbv2.TargetGroups, a.targetGroups...)
	netFacts(s, a, elbv2.Targets, a.targets)
	netFacts(s, a, elbv2.TargetGroupAttributes, a.settings)
	netRows(s, a, elb.LoadBalancers, a.classic...)

	netRows(s, a, ga.Accelerators, a.accelerators...)
	netRows(s, a, ga.Listeners, a.accListeners...)
	netRows(s, a, ga.EndpointGroups, a.accGroups...)
	netRows(s, a, ga.CustomRoutingAccelerators)
	netRows(s, a, ga.CrossAccountAttachments)
	netRows(s, a, cloudfront.VPCOrigins, a.origins...)
	netFacts(s, a, cloudfront.VPCOriginEndpoints, a.originPorts)
	netRows(s, a, cloudfront.Distributions, a.distributions...)

	netRows(s, a, rds.Instances, a.databases...)
	netRows(s, a, rds.Clusters, a.clusters...)
	netRows(s, a, iam.AuthorizationDetails)
}

func netScope(n *inventory.Node) string {
	if n.Regional {
		return netRegion
	}
	return awsapi.Global
}

// gone reports that a node, or what it lies under, was denied.
func (a *netAccount) gone(n *inventory.Node) []inventory.Gap {
	if slices.Contains(a.lost, n) {
		return []inventory.Gap{{Error: *inventory.DeniedError(n.Ops[0].String())}}
	}
	for _, d := range n.Deps() {
		if gaps := a.gone(d); len(gaps) > 0 {
			return gaps
		}
	}
	return nil
}

// halved are the gaps of a listing that failed after some rows, which what lies under it has as well.
func (a *netAccount) halved(n *inventory.Node) []inventory.Gap {
	var gaps []inventory.Gap
	if slices.Contains(a.broken, n) {
		gaps = append(gaps, inventory.Gap{Error: *inventory.DeniedError(n.Ops[0].String())})
	}
	for _, d := range n.Deps() {
		gaps = append(gaps, a.halved(d)...)
	}
	return gaps
}

func netRows[T inventory.Row](s *inventory.Store, a *netAccount, d *inventory.Dataset[T], list ...T) {
	gaps := a.gone(d.Node())
	if len(gaps) > 0 {
		list = nil
	}
	gaps = append(gaps, a.halved(d.Node())...)
	inventory.SetRows(s, d, netScope(d.Node()), inventory.Rows[T]{List: list, Gaps: gaps})
}

func netFacts[T inventory.Row, V any](s *inventory.Store, a *netAccount, d *inventory.Detail[T, V], facts map[string]inventory.Field[V]) {
	out, gaps := map[string]inventory.Field[V]{}, a.gone(d.Node())
	for key, f := range facts {
		out[key] = f
		if _, err := f.Get(); len(gaps) > 0 && !errors.Is(err, inventory.ErrNotAsked) {
			out[key] = inventory.Failure[V](&gaps[0].Error)
		}
	}
	inventory.SetFacts(s, d, netScope(d.Node()), out)
}
