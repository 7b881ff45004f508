package exposure

import (
	"cmp"
	"fmt"
	"slices"
)

// forward says that a listener of a load balancer sends traffic to a target group. Without a listener it is not known which
// one does.
type forward struct {
	balancer *LoadBalancer
	listener *Listener
	clients  // which the conditions on source addresses let through
	missing  []string
}

// newForwards looks at every listener once.
func (n *Network) newForwards() map[string][]forward {
	all := map[string][]forward{}
	using := map[string][]string{} // target groups by load balancer
	for i := range n.evidence.TargetGroups.List {
		g := &n.evidence.TargetGroups.List[i]
		for _, arn := range g.LoadBalancers {
			using[arn] = append(using[arn], g.ARN)
			if n.balancers[arn] == nil && len(n.evidence.LoadBalancers.Missing) == 0 {
				lost := &LoadBalancer{ARN: arn, Name: arn, VPC: g.VPC}
				all[g.ARN] = append(all[g.ARN], forward{lost, nil, unsure, []string{"the load balancer " + arn + " was not listed"}})
			}
		}
	}
	for i := range n.evidence.LoadBalancers.List {
		b := &n.evidence.LoadBalancers.List[i]
		if b.Type == Classic {
			continue
		}
		if missing := b.Listeners.Missing; len(missing) > 0 {
			for _, group := range using[b.ARN] {
				all[group] = append(all[group], forward{b, nil, unsure, missing})
			}
		}
		for j := range b.Listeners.List {
			l := &b.Listeners.List[j]
			for group, c := range ruleClients(l) {
				all[group] = append(all[group], forward{b, l, c, l.Rules.Missing})
			}
			if len(l.Rules.Missing) > 0 {
				for _, group := range using[b.ARN] {
					all[group] = append(all[group], forward{b, l, unsure, l.Rules.Missing})
				}
			}
		}
	}
	return all
}

// ruleClients gives, for each target group, the clients whose requests a listener's rules may forward to it. Rules are tried by priority, the default one last
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html); a rule whose only condition is on the
// source address keeps those clients from the rules after it.
func ruleClients(l *Listener) map[string]clients {
	rules := slices.Clone(l.Rules.List)
	slices.SortStableFunc(rules, func(a, b ListenerRule) int {
		if a.Default != b.Default {
			return compareBool(a.Default, b.Default)
		}
		return cmp.Compare(a.Priority, b.Priority)
	})
	reached := map[string]clients{}
	left := anyone
	for _, r := range rules {
		c := anyone
		if r.SourceIPs != nil {
			set, whole := blocksOf(r.SourceIPs)
			c = clients{set, set}
			if !whole {
				c.possible = everything
			}
		}
		here := c.and(left)
		if len(l.Rules.Missing) > 0 {
			here = here.doubted() // a rule before it may take them all
		}
		for _, group := range r.Forward {
			reached[group] = reached[group].or(here)
		}
		if !r.Conditional || r.Default {
			left = clients{left.sure.Subtract(c.possible), left.possible.Subtract(c.sure)}
		}
	}
	return reached
}

// speaks says whether a listener or target group of this protocol carries TCP or UDP.
func speaks(name string, p Protocol) Answer {
	tcp, udp := No, No
	switch name {
	case "HTTP", "HTTPS", "TCP", "TLS", "SSL":
		tcp = Yes
	case "UDP", "QUIC":
		udp = Yes
	case "TCP_UDP", "TCP_QUIC":
		tcp, udp = Yes, Yes
	case "GENEVE": // a gateway load balancer's, which is no entrance
	default:
		tcp, udp = Unknown, Unknown
	}
	switch p {
	case TCP:
		return tcp
	case UDP:
		return udp
	default:
		return No
	}
}

// way is one way to a node of a load balancer.
type way struct {
	links []Link
	node  endpoint
}

// endpoint is one that takes part in a connection inside the VPC.
type endpoint struct {
	subnet *Subnet
	// addresses are its private ones; exact says that they are all its own and each may be used, otherwise it has one,
	// not known, among them.
	addresses Addresses
	exact     bool
	more      bool // there may be other nodes that were not read
	groups    []string
	open      bool // without groups: nothing is filtered
}

// passes says whether the endpoint has an address within the set.
func (e endpoint) passes(c clients) Answer {
	switch {
	case e.exact && !e.addresses.Intersect(c.sure).IsEmpty(), !e.exact && !e.addresses.IsEmpty() && e.addresses.Subtract(c.sure).IsEmpty():
		return Yes
	case !e.addresses.Intersect(c.possible).IsEmpty():
		return Unknown
	case e.more && !c.possible.IsEmpty():
		return Unknown
	default:
		return No
	}
}

type wayKey struct {
	balancer string
	protocol Protocol
	port     uint16
	family   family // the clients'
	inner    family // that of the connection to the target
}

// ways gives every way from the internet to a listener's port: by its own public address, by Global Accelerator, by a
// CloudFront VPC origin and, for an application load balancer, by a network load balancer of which it is a target.
func (n *Network) ways(b *LoadBalancer, p Protocol, port uint16, f, inner family) []way {
	key := wayKey{b.ARN, p, port, f, inner}
	if w, ok := n.caches.ways[key]; ok {
		return w
	}
	var all []way
	for _, node := range n.nodesOf(b, inner) {
		end := balancerLink(b, port)
		if face := facing(b, f); !face.Possible.IsEmpty() {
			own := slices.Clone(n.approach(node.subnet, f))
			own = append(own, n.border(node.subnet, f, p, port)...)
			if l, filters := n.admits(node, f, p, port); filters {
				own = append(own, l)
			}
			if !face.Sure.Equal(f.of(everything)) {
				own = append(own, face)
			}
			all = append(all, way{append(own, end), node})
		} else if f == ipv4 {
			all = append(all, way{[]Link{face, end}, node})
		}
		for _, links := range n.entrances(b.ARN, node, p, port, f) {
			all = append(all, way{append(links, end), node})
		}
		if b.Type == Application {
			all = append(all, n.chained(b, node, p, port, f)...)
		}
	}
	n.caches.ways[key] = all
	return all
}

// chained gives the ways by a network load balancer to an application load balancer that is its target
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html).
func (n *Network) chained(b *LoadBalancer, node endpoint, p Protocol, port uint16, f family) []way {
	var all []way
	if lost := n.evidence.TargetGroups.Missing; len(lost) > 0 && p == TCP {
		all = append(all, way{[]Link{newLink("", "target groups (not read)", f.clients(unsure), lost...), n.somehow(node, f, p, port)}, node})
	}
	for _, r := range n.registered[b.ARN] {
		if r.group.Type == "alb" && r.port == port {
			for _, links := range n.through(r, node, p, f) {
				all = append(all, way{append(links, balancerLink(b, port)), node})
			}
		}
	}
	for _, g := range n.open {
		if g.Type == "alb" && speaks(g.Protocol, p) != No {
			for _, links := range n.through(registration{g, port}, node, p, f) {
				doubt := newLink(g.ARN, g.Name+" (targets not read)", unsure, g.Targets.Missing...)
				all = append(all, way{append(links, doubt, balancerLink(b, port)), node})
			}
		}
	}
	return all
}

func balancerLink(b *LoadBalancer, port uint16) Link {
	return newLink(b.ARN, fmt.Sprintf("%s:%d", b.Name, port), anyone)
}

// facing says whether the load balancer has public addresses of a family
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html, "IP address types").
func facing(b *LoadBalancer, f family) Link {
	a := Unknown
	why := fmt.Sprintf("the scheme %q of %s", b.Scheme, b.Name)
	switch b.Scheme {
	case "internal":
		return newLink(b.ARN, b.Name+" is internal", nobody)
	case "internet-facing":
		a = Yes
	}
	has := map[string][2]Answer{"ipv4": {Yes, No}, "dualstack": {Yes, Yes}, "dualstack-without-public-ipv4": {No, Yes}}[b.Addresses]
	if b.Type == Classic { // IPv4 alone within a VPC
		has = [2]Answer{Yes, No}
	}
	i := 0
	if f == ipv6 {
		i = 1
	}
	switch has[i] {
	case No:
		return newLink(b.ARN, b.Name+" has no public "+f.String()+" address", nobody)
	case Unknown:
		a, why = Unknown, fmt.Sprintf("the address type %q of %s", b.Addresses, b.Name)
	default:
	}
	switch b.State {
	case "active", "active_impaired":
	default:
		if b.Type != Classic || b.State != "" {
			a, why = Unknown, fmt.Sprintf("the state %q of %s", b.State, b.Name)
		}
	}
	if a == Unknown {
		return newLink(b.ARN, b.Name+" (whether it is internet-facing is not known)", f.clients(unsure), why)
	}
	return newLink(b.ARN, b.Name, f.clients(anyone))
}

// nodesOf gives the load balancer's nodes: one for each subnet and known address there. A subnet without a known one has
// one somewhere in its blocks.
func (n *Network) nodesOf(b *LoadBalancer, f family) []endpoint {
	var nodes []endpoint
	for _, id := range b.Subnets {
		s := n.subnet(id, b.VPC)
		base := endpoint{subnet: s, groups: b.Groups, open: len(b.Groups) == 0 && b.Type == NetworkLB, more: len(n.evidence.Interfaces.Missing) > 0}
		found := false
		for _, e := range n.nodes[b.ARN] {
			if e.Subnet != id {
				continue
			}
			for _, text := range privateAddresses(e) {
				own, _ := blocksOf([]string{text})
				if own = f.of(own); !own.IsEmpty() {
					node := base
					node.addresses, node.exact, found = own, true, true
					nodes = append(nodes, node)
				}
			}
		}
		if !found {
			own, whole := blocksOf(s.CIDRs)
			base.addresses = f.of(own)
			if !whole || base.addresses.IsEmpty() {
				base.addresses = f.of(everything)
			}
			nodes = append(nodes, base)
		}
	}
	if len(b.Subnets) == 0 {
		s := n.subnet("subnets of "+b.Name, b.VPC)
		s.any = true
		nodes = append(nodes, endpoint{subnet: s, addresses: f.of(everything), groups: b.Groups, open: len(b.Groups) == 0 && b.Type == NetworkLB})
	}
	return nodes
}

func privateAddresses(e *Interface) []string {
	list := slices.Clone(e.IPv6)
	for _, a := range e.IPv4 {
		list = append(list, a.Private)
	}
	return list
}
