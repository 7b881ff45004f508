// Package reach joins the datasets of a region's network into the evidence of the reasoning about exposure. It spans
// services and makes no call: what a listing did not give is missing in the evidence, never a default.
package reach

import (
	"maps"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/cloudfront"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	ga "github.com/ourshare/ourshare/internal/inventory/globalaccelerator"
)

// Network is the network of one region, ready for questions.
type Network struct {
	*inventory.Resource
	*exposure.Network `json:"-"`

	lost map[string][]error // what the reasoning names as missing → the calls that did not give it

	users     map[string][]User // by security group
	usersLost []error
}

// Key is the region.
func (n Network) Key() string { return n.Region }

// Why gives the reasons of an unknown answer: the gaps behind what the reasoning names as missing. What is behind no gap
// was read, and does not suffice.
func (n Network) Why(missing []string) []error {
	var why []error
	for _, text := range missing {
		found := false
		for _, key := range slices.Sorted(maps.Keys(n.lost)) {
			if strings.Contains(text, key) {
				why, found = append(why, n.lost[key]...), true
			}
		}
		if !found {
			why = append(why, inventory.Insufficient("not known: %s", text))
		}
	}
	return why
}

// Lost are all the calls that did not give their part, each once.
func (n Network) Lost() []error {
	var all []error
	said := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(n.lost)) {
		for _, err := range n.lost[key] {
			if text := inventory.Reason(err).Text; !said[text] {
				said[text] = true
				all = append(all, err)
			}
		}
	}
	return all
}

// Networks has one row per region. It is computed again from a saved inventory.
var Networks = inventory.Derived("reach.networks", true, bind, compute)

type evidence struct {
	regions []inventory.Account

	vpcs         inventory.Rows[ec2.VPC]
	subnets      inventory.Rows[ec2.Subnet]
	tables       inventory.Rows[ec2.RouteTable]
	gateways     inventory.Rows[ec2.InternetGateway]
	acls         inventory.Rows[ec2.NetworkACL]
	sharedACLs   inventory.Rows[ec2.NetworkACL]
	groups       inventory.Rows[ec2.SecurityGroup]
	sharedGroups inventory.Rows[ec2.SecurityGroup]
	lists        inventory.Rows[ec2.PrefixList]
	pathLists    inventory.Rows[ec2.PrefixList]
	listNames    inventory.Facts[ec2.PrefixListRef, ec2.PrefixListName]
	enis         inventory.Rows[ec2.ENI]
	instances    inventory.Rows[ec2.Instance]
	block        inventory.Rows[ec2.VPCBlockPublicAccess]
	exclusions   inventory.Rows[ec2.VPCBlockExclusion]

	balancers    inventory.Rows[elbv2.LoadBalancer]
	listeners    inventory.Rows[elbv2.Listener]
	httpRules    inventory.Facts[elbv2.Listener, []elbv2.Rule]
	otherRules   inventory.Facts[elbv2.Listener, []elbv2.Rule]
	targetGroups inventory.Rows[elbv2.TargetGroup]
	targets      inventory.Facts[elbv2.TargetGroup, []elbv2.Target]
	settings     inventory.Facts[elbv2.TargetGroup, elbv2.TargetGroupSettings]
	classic      inventory.Rows[elb.LoadBalancer]

	accelerators   inventory.Rows[ga.Accelerator]
	accListeners   inventory.Rows[ga.Listener]
	endpointGroups inventory.Rows[ga.EndpointGroup]
	customRouting  inventory.Rows[ga.Accelerator]
	crossAccount   inventory.Rows[ga.CrossAccountAttachment]

	origins       inventory.Rows[cloudfront.VPCOrigin]
	endpoints     inventory.Facts[cloudfront.VPCOrigin, cloudfront.VPCOriginEndpoint]
	distributions inventory.Rows[cloudfront.Distribution]

	entrances []kindOfEntrance
}

type kindOfEntrance struct {
	name string
	rows inventory.Rows[ec2.Entrance]
}

func bind(b *inventory.Binder) evidence {
	entrance := func(name string, d *inventory.Dataset[ec2.Entrance]) kindOfEntrance {
		return kindOfEntrance{name, inventory.Use(b, d)}
	}
	return evidence{
		regions: inventory.Use(b, inventory.Regions).List,

		vpcs: inventory.Use(b, ec2.VPCs), subnets: inventory.Use(b, ec2.Subnets), tables: inventory.Use(b, ec2.RouteTables),
		gateways: inventory.Use(b, ec2.InternetGateways), acls: inventory.Use(b, ec2.NetworkACLs), sharedACLs: inventory.Use(b, ec2.SharedNetworkACLs),
		groups: inventory.Use(b, ec2.SecurityGroups), sharedGroups: inventory.Use(b, ec2.SharedSecurityGroups),
		lists: inventory.Use(b, ec2.PrefixLists), pathLists: inventory.Use(b, ec2.PathPrefixLists), listNames: inventory.Read(b, ec2.PrefixListNames),
		enis: inventory.Use(b, ec2.ENIs), instances: inventory.Use(b, ec2.Instances),
		block: inventory.Use(b, ec2.VPCBlockPublicAccessOptions), exclusions: inventory.Use(b, ec2.VPCBlockExclusions),

		balancers: inventory.Use(b, elbv2.LoadBalancers), listeners: inventory.Use(b, elbv2.Listeners),
		httpRules: inventory.Read(b, elbv2.ListenerRules), otherRules: inventory.Read(b, elbv2.ForwardRules),
		targetGroups: inventory.Use(b, elbv2.TargetGroups), targets: inventory.Read(b, elbv2.Targets),
		settings: inventory.Read(b, elbv2.TargetGroupAttributes), classic: inventory.Use(b, elb.LoadBalancers),

		accelerators: inventory.Use(b, ga.Accelerators), accListeners: inventory.Use(b, ga.Listeners), endpointGroups: inventory.Use(b, ga.EndpointGroups),
		customRouting: inventory.Use(b, ga.CustomRoutingAccelerators), crossAccount: inventory.Use(b, ga.CrossAccountAttachments),

		origins: inventory.Use(b, cloudfront.VPCOrigins), endpoints: inventory.Read(b, cloudfront.VPCOriginEndpoints),
		distributions: inventory.Use(b, cloudfront.Distributions),

		entrances: []kindOfEntrance{
			entrance("VPC peering connection", ec2.VPCPeeringConnections),
			entrance("transit gateway attachment", ec2.TransitGatewayAttachments),
			entrance("virtual private gateway", ec2.VPNGateways),
			entrance("Client VPN endpoint", ec2.ClientVPNEndpoints),
			entrance("EC2 Instance Connect endpoint", ec2.InstanceConnectEndpoints),
			entrance("carrier gateway", ec2.CarrierGateways),
			entrance("endpoint service", ec2.VPCEndpointServices),
			entrance("Verified Access endpoint", ec2.VerifiedAccessEndpoints),
		},
	}
}

func compute(in evidence) inventory.Rows[Network] {
	var rows inventory.Rows[Network]
	for _, r := range in.regions { // one
		m := maker{in: in, region: r.Region, lost: map[string][]error{}}
		e := exposure.Evidence{Account: r.AccountID}
		m.network(&e)
		m.balancers(&e)
		m.accelerators(&e)
		m.origins(&e)
		m.entrances(&e)
		users, lost := m.groupUsers()
		rows.List = append(rows.List, Network{
			Resource: &inventory.Resource{Type: r.Type, ID: r.ID, ARN: r.ARN, Region: r.Region},
			Network:  exposure.NewNetwork(e), lost: m.lost, users: users, usersLost: lost,
		})
	}
	return rows
}

// maker turns rows into evidence, and keeps which calls are behind what is missing.
type maker struct {
	in     evidence
	region string
	lost   map[string][]error
	lists  map[string]exposure.PrefixList
}

// missing names what an error kept back.
func (m *maker) missing(err error) string {
	text := inventory.Reason(err).Text
	m.lost[text] = []error{err}
	return text
}

// gaps names those of a listing.
func (m *maker) gaps(lists ...[]inventory.Gap) []string {
	var texts []string
	for _, g := range slices.Concat(lists...) {
		texts = append(texts, m.missing(&g.Error))
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// behind says which calls are behind words of the reasoning that name no call.
func (m *maker) behind(words string, err error) {
	_ = m.missing(err)
	m.lost[words] = append(m.lost[words], err)
}
