package exposure

import (
	"net/netip"
	"slices"
	"strings"
)

// brute is a second model of the network, written from AWS's pages alone and without sets: it takes one packet, follows it and its
// answer, and says whether both arrive. It knows no lost evidence. Where the pages leave something open, strict decides.
type brute struct {
	e      Evidence
	strict bool // network ACLs are asked also where AWS does not say so
}

func find[T any](list []T, is func(T) bool) *T {
	for i := range list {
		if is(list[i]) {
			return &list[i]
		}
	}
	return nil
}

func in(cidr string, a netip.Addr) bool {
	p, err := netip.ParsePrefix(cidr)
	return err == nil && p.Contains(a)
}

// tries are ports from which a client may send: AWS's ephemeral ones.
var tries = []uint16{1024, 1025, 2000, 2001, 3000, 40000, 65535}

func (m brute) subnet(id string) *Subnet {
	return find(m.e.Subnets.List, func(s Subnet) bool { return s.ID == id })
}

// acl asks one direction: the lowest number that matches decides.
func (m brute) acl(subnet string, egress bool, p Protocol, port uint16, peer netip.Addr) bool {
	acl := find(m.e.ACLs.List, func(a ACL) bool { return slices.Contains(a.Subnets, subnet) })
	entries := slices.Clone(acl.Entries)
	slices.SortFunc(entries, func(a, b ACLEntry) int { return int(a.Number) - int(b.Number) })
	for _, e := range entries {
		if e.Egress != egress || !m.about(e.Protocol, e.From, e.To, p, port) {
			continue
		}
		if in(e.CIDR, peer) || in(e.CIDR6, peer) {
			return e.Action == "allow"
		}
	}
	return false
}

func (m brute) about(protocol string, from, to *int32, p Protocol, port uint16) bool {
	names := map[string]Protocol{"tcp": 6, "6": 6, "udp": 17, "17": 17}
	if protocol == "-1" {
		return true
	}
	return names[protocol] == p && (from == nil || *from <= int32(port) && int32(port) <= *to)
}

// group asks the rules of the groups about a peer, which may have groups itself.
func (m brute) group(ids []string, outbound bool, p Protocol, port uint16, peer netip.Addr, peerGroups []string) bool {
	for _, g := range m.e.Groups.List {
		if !slices.Contains(ids, g.ID) {
			continue
		}
		rules := g.Inbound
		if outbound {
			rules = g.Outbound
		}
		for _, r := range rules {
			if !m.about(r.Protocol, r.From, r.To, p, port) {
				continue
			}
			for _, c := range append(slices.Clone(r.CIDRs), r.CIDR6s...) {
				if in(c, peer) {
					return true
				}
			}
			for _, l := range r.PrefixLists {
				if slices.ContainsFunc(l.Entries, func(c string) bool { return in(c, peer) }) {
					return true
				}
			}
			for _, ref := range r.GroupRefs {
				if slices.Contains(peerGroups, ref) {
					return true
				}
			}
		}
	}
	return false
}

// leaves says whether a packet from the subnet to the client leaves by an internet gateway of its VPC.
func (m brute) leaves(s *Subnet, to netip.Addr) bool {
	t := find(m.e.RouteTables.List, func(t RouteTable) bool { return slices.Contains(t.Subnets, s.ID) })
	if t == nil {
		t = find(m.e.RouteTables.List, func(t RouteTable) bool { return t.Main && t.VPC == s.VPC })
	}
	best, target := -1, ""
	for _, r := range t.Routes {
		blocks, rank := []string{r.Destination}, 2
		if l := find(m.e.PrefixLists.List, func(l PrefixList) bool { return l.ID == r.Destination }); l != nil {
			blocks, rank = l.Entries, 1
		} else if r.Propagated {
			rank = 0
		}
		for _, c := range blocks {
			if in(c, to) {
				if score := 3*netip.MustParsePrefix(c).Bits() + rank; score > best {
					best, target = score, r.Target
					if r.State == "blackhole" {
						target = "nowhere"
					}
				}
			}
		}
	}
	return strings.HasPrefix(target, "igw-") && m.attached(target, s.VPC)
}

func (m brute) attached(gateway, vpc string) bool {
	g := find(m.e.Gateways.List, func(g InternetGateway) bool { return g.ID == gateway })
	return g != nil && slices.ContainsFunc(g.Attachments, func(a Attachment) bool { return a.VPC == vpc && a.State == "available" })
}

func (m brute) hasGateway(vpc string) bool {
	return slices.ContainsFunc(m.e.Gateways.List, func(g InternetGateway) bool { return m.attached(g.ID, vpc) })
}

func (m brute) blocked(s *Subnet) bool {
	if m.e.Block.Mode == "off" {
		return false
	}
	return !slices.ContainsFunc(m.e.Exclusions.List, func(x Exclusion) bool {
		return (x.Resource == s.ID || x.Resource == s.VPC) && x.Mode == "allow-bidirectional" && x.State == "create-complete"
	})
}

// crosses asks a subnet's ACL about a request from outside and any answer to it.
func (m brute) crosses(subnet string, p Protocol, port uint16, peer netip.Addr) bool {
	return m.acl(subnet, false, p, port, peer) && slices.ContainsFunc(tries, func(t uint16) bool { return m.acl(subnet, true, p, t, peer) })
}

// enters is a request over the internet gateway.
func (m brute) enters(s *Subnet, p Protocol, port uint16, client netip.Addr) bool {
	return m.leaves(s, client) && !m.blocked(s) && m.crosses(s.ID, p, port, client)
}

func (m brute) reaches(e *Interface, p Protocol, port uint16, client netip.Addr) bool {
	s := m.subnet(e.Subnet)
	i := find(m.e.Instances.List, func(i Instance) bool { return i.ID == e.Instance })
	if i == nil || i.State != "running" || e.Status != "in-use" {
		return false
	}
	has := len(e.IPv6) > 0
	if client.Is4() {
		has = slices.ContainsFunc(e.IPv4, func(a IPv4) bool { return a.Public != "" })
	}
	if has && m.enters(s, p, port, client) && m.group(e.Groups, false, p, port, client, nil) {
		return true
	}
	if e.Device == 0 && m.accelerated(e.Instance, s, e.Groups, false, p, port, client) {
		return true
	}
	self := peer{subnet: e.Subnet, address: netip.MustParseAddr(e.IPv4[0].Private), groups: e.Groups}
	for _, g := range m.e.TargetGroups.List {
		for _, t := range g.Targets.List {
			at := t.Port
			if at == 0 {
				at = g.Port
			}
			mine := g.Type == "instance" && t.ID == e.Instance && e.Device == 0 || g.Type == "ip" && t.ID == e.IPv4[0].Private && g.VPC == e.VPC
			if mine && at == port && len(m.balanced(g, self, p, port, client, maxHops)) > 0 {
				return true
			}
		}
	}
	for i := range m.e.LoadBalancers.List {
		b := &m.e.LoadBalancers.List[i]
		if b.Type != Classic || p != TCP || e.Device != 0 || !slices.Contains(b.Instances.List, e.Instance) {
			continue
		}
		for _, l := range b.Listeners.List {
			for _, node := range m.nodes(b) {
				if l.InstancePort == port && len(m.arrives(b, node, TCP, l.Port, client, maxHops)) > 0 && m.serves(b, node, self, "instance") && m.inside(node, self, p, port, client, false) {
					return true
				}
			}
		}
	}
	return false
}

type peer struct {
	subnet  string
	address netip.Addr
	groups  []string
	ipv6    bool // it has an IPv6 address that is not hidden from the internet gateway
}

func (m brute) nodes(b *LoadBalancer) []peer {
	var nodes []peer
	for _, e := range m.e.Interfaces.List {
		if e.LoadBalancer == b.ARN {
			nodes = append(nodes, peer{e.Subnet, netip.MustParseAddr(e.IPv4[0].Private), b.Groups, len(e.IPv6) > 0 && e.Hidden == No})
		}
	}
	return nodes
}

func carriesBrute(name string, p Protocol) bool {
	switch name {
	case "HTTP", "HTTPS", "TCP", "TLS", "SSL":
		return p == TCP
	case "UDP":
		return p == UDP
	case "TCP_UDP":
		return p == TCP || p == UDP
	}
	return false
}

// arrives is a request at a node's listener port: the addresses that it may show there.
func (m brute) arrives(b *LoadBalancer, node peer, p Protocol, port uint16, client netip.Addr, hops int) (seen []netip.Addr) {
	s := m.subnet(node.subnet)
	open := b.Type == NetworkLB && len(b.Groups) == 0
	dual := b.Addresses == "dualstack" && b.Type != Classic
	faces := b.Scheme == "internet-facing" && (client.Is4() || dual) || b.Scheme == "internal" && dual && client.Is6() && node.ipv6
	if faces && m.enters(s, p, port, client) && (open || m.group(b.Groups, false, p, port, client, nil)) {
		seen = append(seen, client)
	}
	if m.accelerated(b.ARN, s, b.Groups, open, p, port, client) {
		seen = append(seen, client)
	}
	for _, g := range m.e.TargetGroups.List {
		for _, t := range g.Targets.List {
			at := t.Port
			if at == 0 {
				at = g.Port
			}
			mine := g.Type == "alb" && t.ID == b.ARN && b.Type == Application || g.Type == "ip" && t.ID == node.address.String() && g.VPC == b.VPC
			if mine && at == port && hops > 0 {
				seen = append(seen, m.balanced(g, node, p, port, client, hops-1)...)
			}
		}
	}
	return seen
}

// balanced is a request that comes to a target by any load balancer that forwards to its group: the addresses that it may show.
func (m brute) balanced(g TargetGroup, to peer, p Protocol, port uint16, client netip.Addr, hops int) (seen []netip.Addr) {
	if !carriesBrute(g.Protocol, p) {
		return nil
	}
	for i := range m.e.LoadBalancers.List {
		b := &m.e.LoadBalancers.List[i]
		if b.Type == Classic || g.Type == "alb" && b.Type != NetworkLB {
			continue
		}
		for _, l := range b.Listeners.List {
			if !carriesBrute(l.Protocol, p) {
				continue
			}
			for _, node := range m.nodes(b) {
				preserved := b.Type == NetworkLB && client.Is4() && (carriesBrute(g.Protocol, UDP) || *g.PreserveClientIP)
				for _, from := range m.arrives(b, node, p, l.Port, client, hops) {
					if !m.mayForward(l, g.ARN, from) || !m.serves(b, node, to, g.Type) || !m.inside(node, to, p, port, from, preserved) {
						continue
					}
					if !preserved {
						from = node.address
					}
					seen = append(seen, from)
				}
			}
		}
	}
	return seen
}

// serves: a node sends to targets of its own zone, and to those of the load balancer's other zones if cross-zone load balancing is on. Nothing goes
// to a zone in which the load balancer is not; of targets by address the pages do not agree.
func (m brute) serves(b *LoadBalancer, node, to peer, targets string) bool {
	zone := m.subnet(to.subnet).Zone
	enabled := slices.ContainsFunc(b.Subnets, func(id string) bool { return m.subnet(id).Zone == zone })
	switch {
	case targets == "alb" || m.subnet(node.subnet).Zone == zone || enabled && b.Type == Application:
		return true
	case enabled || targets == "ip":
		return !m.strict
	}
	return false
}

// mayForward tries the rules in order; the client decides whether it meets a condition other than its address.
func (m brute) mayForward(l Listener, group string, client netip.Addr) bool {
	rules := slices.Clone(l.Rules.List)
	slices.SortFunc(rules, func(a, b ListenerRule) int {
		if a.Default || b.Default {
			return compareBool(a.Default, b.Default)
		}
		return a.Priority - b.Priority
	})
	for _, r := range rules {
		if r.SourceIPs != nil && !slices.ContainsFunc(r.SourceIPs, func(c string) bool { return in(c, client) }) {
			continue
		}
		if slices.Contains(r.Forward, group) {
			return true
		}
		if !r.Conditional {
			return false
		}
	}
	return false
}

// inside is the connection from a node to a target.
func (m brute) inside(node, to peer, p Protocol, port uint16, client netip.Addr, preserved bool) bool {
	if len(node.groups) > 0 && !m.group(node.groups, true, p, port, to.address, to.groups) {
		return false
	}
	source := node.address
	if preserved {
		source = client
	}
	crosses := node.subnet != to.subnet
	if (crosses && !preserved) || (preserved && m.strict) {
		if !m.acl(node.subnet, true, p, port, to.address) ||
			!slices.ContainsFunc(tries, func(t uint16) bool { return m.acl(node.subnet, false, p, t, to.address) }) {
			return false
		}
	}
	if (crosses || preserved && m.strict) && !m.crosses(to.subnet, p, port, source) {
		return false
	}
	return m.group(to.groups, false, p, port, source, node.groups)
}

// accelerated is a request by Global Accelerator that keeps the client's address.
func (m brute) accelerated(id string, s *Subnet, groups []string, open bool, p Protocol, port uint16, client netip.Addr) bool {
	for _, a := range m.e.Accelerators.List {
		if a.Endpoint != id || a.Enabled != Yes || a.Protocol != p || client.Is6() && !a.IPv6 {
			continue
		}
		if !m.hasGateway(s.VPC) || m.blocked(s) || m.strict && !m.crosses(s.ID, p, port, client) {
			continue
		}
		for at := range 65536 {
			heard := slices.ContainsFunc(a.Ports, func(r PortRange) bool { return r.Contains(uint16(at)) })
			to, moved := a.Overrides[uint16(at)]
			if !moved {
				to = uint16(at)
			}
			if heard && to == port && (open || m.group(groups, false, p, port, client, nil)) {
				return true
			}
		}
	}
	return false
}
