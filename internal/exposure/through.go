package exposure

import "slices"

// through gives the ways from the internet to a target by the load balancers that forward to its group.
func (n *Network) through(r registration, to endpoint, p Protocol, f family, hops int) []way {
	spoken := speaks(r.group.Protocol, p)
	if spoken == No {
		return nil
	}
	inner := ipv4
	if r.group.Addresses == "ipv6" {
		inner = ipv6
	}
	var all []way
	for _, fw := range n.forwards[r.group.ARN] {
		if r.group.Type == "alb" && fw.balancer.Type != NetworkLB {
			continue
		}
		target := newLink(r.group.ARN, r.group.Name, either(spoken), "the protocol of "+r.group.Name)
		if fw.listener == nil {
			if n.mayEnter(fw.balancer, f) {
				doubt := newLink(fw.balancer.ARN, fw.balancer.Name+" (listeners not read)", f.clients(unsure), fw.missing...)
				all = append(all, way{[]Link{doubt, target, n.somehow(to, f, p, r.port)}, to, someone(f)})
			}
			continue
		}
		heard := speaks(fw.listener.Protocol, p)
		if heard == No {
			continue
		}
		for _, w := range n.ways(fw.balancer, p, fw.listener.Port, f, inner, hops) {
			links := slices.Clone(w.links)
			if heard == Unknown {
				links = append(links, newLink(fw.listener.ARN, "listener of unknown protocol", unsure, "the protocol of "+fw.listener.ARN))
			}
			if seen := w.seen(fw.clients, f); !seen.sure.Equal(f.of(everything)) {
				links = append(links, newLink(fw.listener.ARN, "listener rules", seen, orMissing(fw.missing, "the source addresses in rules of "+fw.listener.ARN)...))
			}
			links = append(links, target)
			preserved := preserves(r.group, fw.balancer, f)
			if r.group.Type != "alb" {
				links = append(links, n.zoned(fw.balancer, w.node, to, r.group.Type)...)
			}
			links = append(links, n.inside(w, to, p, r.port, preserved, f)...)
			all = append(all, way{links, to, w.behind(w.node, preserved, f)})
		}
	}
	return all
}

// preserves says whether a target sees the client's address
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html): only by a network load
// balancer, never where it translates between the families, always for UDP, else by the attribute.
func preserves(g *TargetGroup, b *LoadBalancer, f family) Answer {
	switch {
	case b.Type == Application || b.Type == Classic:
		return No
	case b.Type != NetworkLB:
		return Unknown
	case (g.Addresses == "ipv6") != (f == ipv6):
		return No
	case speaks(g.Protocol, UDP) == Yes:
		return Yes
	case g.PreserveClientIP == nil, speaks(g.Protocol, UDP) == Unknown && !*g.PreserveClientIP:
		return Unknown
	case *g.PreserveClientIP:
		return Yes
	default:
		return No
	}
}

// mayEnter says whether anything may come in by the load balancer.
func (n *Network) mayEnter(b *LoadBalancer, f family) bool {
	e := n.evidence
	return !n.facing(b, f, "").Possible.IsEmpty() || len(n.accelerators[b.ARN]) > 0 || len(n.origins[b.ARN]) > 0 || len(n.registered[b.ARN]) > 0 ||
		len(e.Accelerators.Missing) > 0 || len(e.VPCOrigins.Missing) > 0 || len(n.open) > 0 || len(n.addressed[b.VPC]) > 0 || len(e.TargetGroups.Missing) > 0
}

// inside gives the links from a node to a target: what the node's groups let out, the network ACLs of both subnets where the
// traffic crosses their borders, and the target's groups, which must know the node, its group or, where its address is
// preserved, the client
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html, "Target security groups",
// load-balancer-security-groups.html; https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html).
// With a preserved address AWS does not say which entries of the node's ACL, or of an ACL that both share, are looked at: they
// can cast doubt, not stop.
func (n *Network) inside(w way, to endpoint, p Protocol, port uint16, preserved Answer, f family) []Link {
	var links []Link
	from := w.node
	if !from.open {
		o := n.allowed(from.groups, true, p, port)
		if a := refersTo(o, to.groups); a != Yes && to.passes(o.clients) != Yes {
			a = to.passes(o.clients)
			if len(from.groups) == 0 {
				a = Unknown
			}
			links = append(links, newLink("", joined(from.groups)+" lets nothing out to the target", either(a), append(slices.Clone(o.missing), "the addresses of the target")...))
		}
	}
	crosses := Yes
	switch {
	case from.subnet.any || to.subnet.any:
		crosses = Unknown
	case from.subnet.ID == to.subnet.ID:
		crosses = No
	}
	if crosses != No || preserved != No {
		links = append(links, n.acrossNode(from, to, p, port, preserved, crosses)...)
		links = append(links, n.acrossTarget(w, to, p, port, preserved, crosses, f)...)
	}
	if l, filters := n.knows(w, to, p, port, preserved, f); filters {
		links = append(links, l)
	}
	return links
}

// acrossNode is the ACL of the node's subnet.
func (n *Network) acrossNode(from, to endpoint, p Protocol, port uint16, preserved, crosses Answer) []Link {
	acl, lost := n.acl(from.subnet)
	if acl == nil {
		return []Link{lost}
	}
	back, _ := reply(p, port)
	out, in := n.at(acl, true, p, port), n.toAny(acl, false, p, back)
	a := both(to.passes(clients{out.Sources, out.Possible}), to.passes(in.clients()))
	if a == Yes {
		return nil
	}
	missing := append(texts(out.Unread, acl.ID), in.Missing...)
	switch {
	case preserved != No:
		a = Unknown
		missing = append(missing, "whether "+acl.ID+" is asked where client addresses are preserved")
	case crosses == Unknown:
		a = Unknown
		missing = append(missing, from.subnet.lost...)
	}
	return []Link{newLink(acl.ID, acl.ID+" between the load balancer and its targets", either(a), append(missing, "the address of the target")...)}
}

// acrossTarget is the ACL of the target's subnet.
func (n *Network) acrossTarget(w way, to endpoint, p Protocol, port uint16, preserved, crosses Answer, f family) []Link {
	acl, lost := n.acl(to.subnet)
	if acl == nil {
		return []Link{lost}
	}
	back, _ := reply(p, port)
	in, out := n.at(acl, false, p, port), n.toAny(acl, true, p, back)
	requests := clients{in.Sources, in.Possible}
	missing := append(texts(in.Unread, acl.ID), out.Missing...)
	byNode, byClient := anyone, w.seen(requests.and(out.clients()), f)
	if crosses != No {
		byNode = either(both(w.node.passes(requests), w.node.passes(out.clients())))
	}
	if crosses != Yes {
		byNode.possible, byClient.possible = everything, f.of(everything)
	}
	c := pick(preserved, byClient, byNode)
	if c.sure.Equal(everything) || c.sure.Equal(f.of(everything)) {
		return nil
	}
	return []Link{newLink(acl.ID, acl.ID+" before the target", c, append(missing, "which address reaches the target")...)}
}

// knows is the target's groups.
func (n *Network) knows(w way, to endpoint, p Protocol, port uint16, preserved Answer, f family) (Link, bool) {
	from := w.node
	if to.open {
		return Link{}, false
	}
	o := n.allowed(to.groups, false, p, port)
	ids := joined(to.groups)
	switch {
	case len(to.groups) == 0:
		return newLink("", "security groups (not read)", unsure, "the security groups in "+to.subnet.ID), true
	case refersTo(o, from.groups) == Yes:
		return newLink(ids, ids+" (from "+joined(from.groups)+")", anyone), true
	}
	byClient, byNode := w.seen(o.clients, f), either(from.passes(o.clients))
	if w.origin != nil && n.names(o, w.origin) {
		byClient = byClient.or(f.clients(unsure))
	}
	c := pick(preserved, byClient, byNode)
	text := ids + " (from the load balancer)"
	switch {
	case c.possible.IsEmpty():
		text = ids + " lets the load balancer in neither by address nor by group"
		if preserved == Yes {
			text = ids + " lets no client in"
		}
	case preserved == Yes:
		text = ids + " (client addresses)"
		if l, _ := n.admits(to, f, p, port); l.Text != "" && w.preserved == Yes {
			text = l.Text
		}
	}
	return newLink(ids, text, c, append(slices.Clone(o.missing), "which address reaches the target")...), true
}

// pick chooses by whether the client's address is preserved; where it is not known, what both allow is sure.
func pick(preserved Answer, byClient, byNode clients) clients {
	switch preserved {
	case Yes:
		return byClient
	case No:
		return byNode
	default:
		return clients{byClient.sure.Intersect(byNode.sure), byClient.possible.Union(byNode.possible)}
	}
}

// both is Yes if both are, No if either is.
func both(a, b Answer) Answer {
	switch {
	case a == No || b == No:
		return No
	case a == Yes && b == Yes:
		return Yes
	default:
		return Unknown
	}
}

func refersTo(o groupOpening, ids []string) Answer {
	for _, id := range ids {
		if o.refs[id] {
			return Yes
		}
	}
	return No
}

// anonymous says whether requests may come to a load balancer by addresses that are not known: those of Global Accelerator or
// CloudFront.
func (n *Network) anonymous() bool {
	e := n.evidence
	return len(e.Accelerators.Missing)+len(e.VPCOrigins.Missing)+len(e.VPCOrigins.List) > 0 ||
		slices.ContainsFunc(e.Accelerators.List, func(a AcceleratorEndpoint) bool { return a.Preserved != Yes && a.Enabled != No })
}

// somehow is the groups of a target to which something not read may lead: by the address of a client, of a node, of a service before
// it or by a group.
func (n *Network) somehow(to endpoint, f family, p Protocol, port uint16) Link {
	l, filters := n.admits(to, f, p, port)
	if !filters || len(to.groups) == 0 {
		return newLink("", "no security group", f.clients(unsure))
	}
	o := n.allowed(to.groups, false, p, port)
	if o.lost || len(o.refs) > 0 || n.anonymous() && !o.possible.IsEmpty() || !o.possible.Intersect(n.space(to.subnet.VPC)).IsEmpty() {
		l.Sure, l.Possible, l.Text = Addresses{}, f.of(everything), joined(to.groups)
		return l
	}
	l.Sure = Addresses{}
	return l
}
