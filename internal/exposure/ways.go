package exposure

import "slices"

// ways gives every way from the internet to a listener's port: by its own public address, by Global Accelerator, by a
// CloudFront VPC origin, and by other load balancers of which it is a target, as many as hops one before the other.
func (n *Network) ways(b *LoadBalancer, p Protocol, port uint16, f, inner family, hops int) []way {
	key := wayKey{b.ARN, p, port, f, inner, hops}
	if w, ok := n.caches.ways[key]; ok {
		return w
	}
	var all []way
	for _, node := range n.nodesOf(b, inner) {
		end := balancerLink(b, port)
		if face := n.facing(b, f, node.subnet.ID); !face.Possible.IsEmpty() {
			own := slices.Clone(n.approach(node.subnet, f))
			own = append(own, n.border(node.subnet, f, p, port)...)
			if l, filters := n.admits(node, f, p, port); filters {
				own = append(own, l)
			}
			if !face.Sure.Equal(f.of(everything)) || b.Scheme == "internal" {
				own = append(own, face)
			}
			all = append(all, way{append(own, end), node, theClient})
		} else if f == ipv4 {
			all = append(all, way{[]Link{face, end}, node, theClient})
		}
		for _, w := range n.entrances(b.ARN, node, p, port, f) {
			w.links = append(w.links, end)
			all = append(all, w)
		}
		if hops > 0 {
			all = append(all, n.chained(b, node, p, port, f, hops-1)...)
		}
	}
	n.caches.ways[key] = all
	return all
}

// chained gives the ways by other load balancers to a node: a network load balancer before an application load balancer that is its
// target (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html), and any before one whose
// node's address is a target.
func (n *Network) chained(b *LoadBalancer, node endpoint, p Protocol, port uint16, f family, hops int) []way {
	var all []way
	by := func(r registration, to endpoint, doubt ...Link) {
		for _, w := range n.through(r, to, p, f, hops) {
			links := append(append(w.links, doubt...), balancerLink(b, port))
			all = append(all, way{links, node, w.sender})
		}
	}
	if lost := n.evidence.TargetGroups.Missing; len(lost) > 0 && (p == TCP || p == UDP) {
		all = append(all, way{[]Link{newLink("", "target groups (not read)", f.clients(unsure), lost...), n.somehow(node, f, p, port)}, node, someone(f)})
	}
	if b.Type == Application {
		for _, r := range n.registered[b.ARN] {
			if r.group.Type == "alb" && r.port == port {
				by(r, node)
			}
		}
	}
	for _, t := range n.addressed[b.VPC] {
		if t.port != port {
			continue
		}
		to := node
		to.addresses, _ = blocksOf([]string{t.address.String()})
		switch n.hasAddress(b, node, t.address.String()) {
		case Yes:
			by(t.registration, to)
		case Unknown:
			by(t.registration, to, newLink(b.ARN, t.address.String(), unsure, "whether "+t.address.String()+" is a node of "+b.Name))
		default:
		}
	}
	for _, g := range n.open {
		if (g.Type == "alb" && b.Type == Application || g.Type == "ip" && g.VPC == b.VPC) && speaks(g.Protocol, p) != No {
			by(registration{g, port}, node, newLink(g.ARN, g.Name+" (targets not read)", unsure, g.Targets.Missing...))
		}
	}
	return all
}

// hasAddress says whether a node's interface has a private address. Without its interface it may be any of its subnet's that no other
// interface has.
func (n *Network) hasAddress(b *LoadBalancer, node endpoint, address string) Answer {
	at := endpoint{}.at(address).addresses
	found := false
	for _, e := range n.nodes[b.ARN] {
		if e.Subnet != node.subnet.ID {
			continue
		}
		found = true
		if own, _ := blocksOf(privateAddresses(e)); !own.Intersect(at).IsEmpty() {
			return Yes
		}
	}
	if blocks, whole := blocksOf(node.subnet.CIDRs); whole && len(node.subnet.CIDRs) > 0 && blocks.Intersect(at).IsEmpty() {
		return No
	}
	if found && len(n.evidence.Interfaces.Missing) == 0 || n.owned(b.VPC, address) {
		return No
	}
	return Unknown
}
