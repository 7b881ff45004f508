package exposure

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// Network is the evidence made ready for questions. Several goroutines may ask at once.
type Network struct {
	evidence Evidence

	vpcs       map[string]*VPC
	subnets    map[string]*Subnet
	tables     map[string]*RouteTable // by subnet: explicit associations
	mains      map[string]*RouteTable // by VPC
	edges      map[string]*RouteTable // by gateway
	gateways   map[string]*InternetGateway
	lists      map[string]*PrefixList
	acls       map[string]*compiledACL // by subnet
	groups     map[string]*Group
	interfaces map[string]*Interface
	instances  map[string]*Instance
	attached   map[string][]*Interface // by instance, sorted
	nodes      map[string][]*Interface // by load balancer's ARN
	exclusions map[string][]*Exclusion // by VPC or subnet

	balancers         map[string]*LoadBalancer
	targetGroups      map[string]*TargetGroup
	registered        map[string][]registration         // by instance id, "VPC address" or load balancer's ARN
	addressed         map[string][]addressTarget        // by VPC: targets by address
	outside           map[string][]registration         // by address: those of which it lies in no block of the group's VPC
	acceleratorGroups map[string]bool                   // of Global Accelerator's own interfaces
	open              []*TargetGroup                    // those whose targets were not all read
	byInstance        map[string][]*LoadBalancer        // classic ones
	forwards          map[string][]forward              // by target group
	accelerators      map[string][]*AcceleratorEndpoint // by endpoint
	byAddress         map[string]bool                   // addresses of the own interfaces, once asked for
	origins           map[string][]*VPCOrigin           // by endpoint

	shown      []Entrance      // that other listings show
	cloudFront map[string]bool // CloudFront's prefix lists

	lock   sync.Mutex
	caches caches
}

type caches struct {
	returns  map[string]Link // by subnet, family: the route back
	approach map[approachKey][]Link
	groups   map[groupKey]groupOpening // one group
	sets     map[groupKey]groupOpening // the groups of an interface
	rules    map[string]compiledGroup  // by group
	spaces   map[string]Addresses      // by VPC: its own addresses
	ways     map[wayKey][]way          // to a load balancer's listener
	acl      map[aclKey]Opening        // one direction of an ACL at a port
	answer   map[aclKey]Link           // the answering direction
}

// NewNetwork indexes the evidence, which must not be changed afterwards. The order of its lists means nothing.
func NewNetwork(e Evidence) *Network {
	n := &Network{
		evidence:   e,
		vpcs:       index(e.VPCs.List, func(v VPC) string { return v.ID }),
		subnets:    index(e.Subnets.List, func(v Subnet) string { return v.ID }),
		gateways:   index(e.Gateways.List, func(v InternetGateway) string { return v.ID }),
		lists:      index(e.PrefixLists.List, func(v PrefixList) string { return v.ID }),
		groups:     index(e.Groups.List, func(v Group) string { return v.ID }),
		interfaces: index(e.Interfaces.List, func(v Interface) string { return v.ID }),
		instances:  index(e.Instances.List, func(v Instance) string { return v.ID }),
		balancers:  index(e.LoadBalancers.List, func(v LoadBalancer) string { return v.ARN }),

		targetGroups: index(e.TargetGroups.List, func(v TargetGroup) string { return v.ARN }),
		exclusions:   gather(e.Exclusions.List, func(v Exclusion) string { return v.Resource }),
		attached:     gather(e.Interfaces.List, func(v Interface) string { return v.Instance }),
		nodes:        gather(e.Interfaces.List, func(v Interface) string { return v.LoadBalancer }),
		accelerators: gather(e.Accelerators.List, func(v AcceleratorEndpoint) string { return v.Endpoint }),
		origins:      gather(e.VPCOrigins.List, func(v VPCOrigin) string { return v.Endpoint }),

		tables: map[string]*RouteTable{}, mains: map[string]*RouteTable{}, edges: map[string]*RouteTable{},
		acls: map[string]*compiledACL{}, registered: map[string][]registration{}, byInstance: map[string][]*LoadBalancer{},
		addressed: map[string][]addressTarget{}, outside: map[string][]registration{}, acceleratorGroups: map[string]bool{},
	}
	for _, i := range e.Interfaces.List {
		if i.Type == "global_accelerator_managed" {
			for _, g := range i.Groups {
				n.acceleratorGroups[g] = true
			}
		}
	}
	for _, list := range n.attached {
		slices.SortStableFunc(list, func(a, b *Interface) int { return strings.Compare(a.ID, b.ID) })
	}
	for _, list := range n.nodes {
		slices.SortStableFunc(list, func(a, b *Interface) int { return strings.Compare(a.ID, b.ID) })
	}
	for i := range e.RouteTables.List {
		t := &e.RouteTables.List[i]
		for _, s := range t.Subnets {
			n.tables[s] = t
		}
		for _, g := range t.Gateways {
			n.edges[g] = t
		}
		if t.Main {
			n.mains[t.VPC] = t
		}
	}
	for i := range e.ACLs.List {
		acl := compileACL(&e.ACLs.List[i])
		for _, s := range acl.Subnets {
			n.acls[s] = acl
		}
	}
	n.shown, n.cloudFront = shownEntrances(&e), cloudFrontLists(&e)
	n.indexTargets()
	n.forwards = n.newForwards()
	n.caches = caches{
		returns: map[string]Link{}, approach: map[approachKey][]Link{}, groups: map[groupKey]groupOpening{}, sets: map[groupKey]groupOpening{},
		rules: map[string]compiledGroup{}, spaces: map[string]Addresses{}, ways: map[wayKey][]way{},
		acl: map[aclKey]Opening{}, answer: map[aclKey]Link{},
	}
	return n
}

// addressKey spells equal addresses alike.
func addressKey(vpc, text string) string {
	if a, err := netip.ParseAddr(text); err == nil {
		text = a.String()
	}
	return vpc + " " + text
}

func index[T any](list []T, id func(T) string) map[string]*T {
	m := make(map[string]*T, len(list))
	for i := range list {
		m[id(list[i])] = &list[i]
	}
	return m
}

func gather[T any](list []T, id func(T) string) map[string][]*T {
	m := map[string][]*T{}
	for i := range list {
		if key := id(list[i]); key != "" {
			m[key] = append(m[key], &list[i])
		}
	}
	return m
}

// family is IPv4 or IPv6.
type family bool

const (
	ipv4 family = false
	ipv6 family = true
)

func (f family) of(a Addresses) Addresses {
	if f == ipv6 {
		return a.IPv6()
	}
	return a.IPv4()
}

func (f family) clients(c clients) clients { return clients{f.of(c.sure), f.of(c.possible)} }

func (f family) String() string {
	if f == ipv6 {
		return "IPv6"
	}
	return "IPv4"
}

// carries says whether the protocol exists in the family: ICMP is IPv4's, ICMPv6 IPv6's.
func (f family) carries(p Protocol) bool { return p != ICMP && f == ipv6 || p != ICMPv6 && f == ipv4 }

// blocksOf gives the union of the blocks that can be read, and whether all could.
func blocksOf(texts []string) (set Addresses, all bool) {
	all = true
	for _, text := range texts {
		p, err := parseCIDR(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil {
				all = false
				continue
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		set.add(p)
	}
	return set.normal(), all
}

// space gives the addresses that belong to the VPC and to what it may be joined with: all that are not public, and its own
// blocks, public or not.
func (n *Network) space(vpc string) Addresses {
	if set, ok := n.caches.spaces[vpc]; ok {
		return set
	}
	set := everything.Subtract(public)
	if v := n.vpcs[vpc]; v != nil {
		own, _ := blocksOf(v.CIDRs)
		set = set.Union(own)
	} else {
		set = everything
	}
	n.caches.spaces[vpc] = set
	return set
}

// orMissing is what was missing, or what stands for a thing that was listed nowhere.
func orMissing(missing []string, text string) []string {
	if len(missing) > 0 {
		return missing
	}
	return []string{text}
}
