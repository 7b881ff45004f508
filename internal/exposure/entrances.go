package exposure

import (
	"slices"
	"strings"
)

// entrances gives the ways to an instance or load balancer by Global Accelerator and by CloudFront's VPC origins. Both reach
// private subnets: the VPC needs an internet gateway, but no route to it and no public address
// (https://docs.aws.amazon.com/global-accelerator/latest/dg/secure-vpc-connections.html,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html). VPC Block Public Access
// stops both (https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html).
func (n *Network) entrances(id string, to endpoint, p Protocol, port uint16, f family) []way {
	var all []way
	for _, e := range n.accelerators[id] {
		if e.Protocol == p && e.Enabled != No && e.leadsTo(port) && (f == ipv4 || e.IPv6) {
			links := []Link{newLink(e.Accelerator, e.Accelerator, either(e.Enabled), "whether "+e.Accelerator+" sends to "+e.Endpoint)}
			links = append(links, n.private(to.subnet)...)
			links = append(links, n.accelerated(e, to, p, port, f)...)
			all = append(all, way{links, to, sender{preserved: e.Preserved, source: someone(f).source}})
		}
	}
	if p == TCP && f == ipv4 {
		for _, o := range n.origins[id] {
			if o.Used != No && slices.Contains(o.Ports, port) {
				links := []Link{newLink(o.ID, "CloudFront "+o.ID, either(o.Used), "whether a distribution uses "+o.ID)}
				links = append(links, n.private(to.subnet)...)
				links = append(links, n.originated(o, to, p, port)...)
				all = append(all, way{links, to, sender{preserved: No, source: someone(f).source, origin: o}})
			}
		}
	}
	for _, lost := range []struct {
		rows []string
		what string
	}{{n.evidence.Accelerators.Missing, "Global Accelerator"}, {n.evidence.VPCOrigins.Missing, "CloudFront VPC origins"}} {
		if len(lost.rows) > 0 && (p == TCP || p == UDP) {
			links := []Link{newLink("", lost.what+" (not read)", f.clients(unsure), lost.rows...)}
			links = append(links, n.private(to.subnet)...)
			if !to.open {
				o := n.allowed(to.groups, false, p, port)
				c := f.clients(unsure)
				if len(to.groups) > 0 && o.possible.IsEmpty() && len(o.refs) == 0 {
					c = nobody
				}
				links = append(links, newLink(joined(to.groups), joined(to.groups), c))
			}
			all = append(all, way{links, to, someone(f)})
		}
	}
	return all
}

// leadsTo says whether a listener's port ends at this port of the endpoint
// (https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoint-groups-port-override.html).
func (e *AcceleratorEndpoint) leadsTo(port uint16) bool {
	listens := func(at uint16) bool {
		return slices.ContainsFunc(e.Ports, func(r PortRange) bool { return r.Contains(at) })
	}
	if _, moved := e.Overrides[port]; !moved && listens(port) {
		return true
	}
	for from, to := range e.Overrides {
		if to == port && listens(from) {
			return true
		}
	}
	return false
}

// private gives the links that entrances to private subnets need.
func (n *Network) private(s *Subnet) []Link {
	var links []Link
	switch id, a, missing := n.gateway(s); a {
	case Yes:
		links = append(links, newLink(id, id, anyone))
	case No:
		links = append(links, newLink("", s.VPC+" has no internet gateway", nobody))
	default:
		links = append(links, newLink(id, "internet gateway of "+s.VPC, unsure, missing...))
	}
	if l, blocks := n.block(s); blocks {
		links = append(links, l)
	}
	return links
}

// accelerated is what filters the traffic of an accelerator. AWS's pages do not agree on whether network ACLs do (of
// preserve-client-ip-address.how-to-enable-preservation.html they do not, of best-practices-aga.html they do), so that they can
// cast doubt, not stop. Without client addresses the endpoint sees Global Accelerator's own, which are public.
func (n *Network) accelerated(e *AcceleratorEndpoint, to endpoint, p Protocol, port uint16, f family) []Link {
	c := anyone
	var missing []string
	for _, l := range n.border(to.subnet, f, p, port) {
		c, missing = c.and(l.clients()), append(missing, l.Missing...)
	}
	byClient := clients{f.of(c.sure), f.of(everything)}
	byEdge := clients{f.of(whole(c.sure, f)), f.of(everything)}
	var links []Link
	if seen := pick(e.Preserved, byClient, byEdge); !public.Intersect(f.of(everything)).Subtract(seen.sure).IsEmpty() {
		links = append(links, newLink("", "network ACL of "+to.subnet.ID, seen, append(missing, "whether network ACLs filter what "+e.Accelerator+" brings")...))
	}
	l, filters := n.admits(to, f, p, port)
	if !filters {
		return links
	}
	byEdge = clients{f.of(whole(l.Sure, f)), Addresses{}}
	if !l.Possible.Intersect(public).IsEmpty() {
		byEdge.possible = f.of(everything)
	}
	seen := pick(e.Preserved, l.clients(), byEdge)
	l.Sure, l.Possible = seen.sure, seen.possible
	// AWS does not say whether a rule may name the group of the interfaces that Global Accelerator places in the VPC.
	if o := n.allowed(to.groups, false, p, port); n.namesAccelerator(o) {
		l.Possible = f.of(everything)
		l.Missing = append(slices.Clone(l.Missing), "whether the group of Global Accelerator's interfaces lets in what they bring")
	}
	l.Missing = append(slices.Clone(l.Missing), "the addresses that "+e.Accelerator+" shows to its endpoint")
	return append(links, l)
}

// namesAccelerator says whether a rule's source may be a group that Global Accelerator's interfaces have.
func (n *Network) namesAccelerator(o groupOpening) bool {
	if len(o.refs) > 0 && len(n.evidence.Interfaces.Missing) > 0 {
		return true
	}
	for id := range o.refs {
		if n.acceleratorGroups[id] {
			return true
		}
	}
	return false
}

// whole is everything where the set holds every public address of the family, else nothing.
func whole(set Addresses, f family) Addresses {
	if f.of(public).Subtract(set).IsEmpty() {
		return everything
	}
	return Addresses{}
}

// originated is what filters the traffic of a VPC origin. It comes from interfaces that CloudFront places in the VPC; the
// target's groups know it by CloudFront's group or prefix list
// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html).
func (n *Network) originated(v *VPCOrigin, to endpoint, p Protocol, port uint16) []Link {
	var links []Link
	if acl, lost := n.acl(to.subnet); acl == nil {
		links = append(links, lost)
	} else {
		back, _ := reply(p, port)
		in, out := n.at(acl, false, p, port), n.toAny(acl, true, p, back)
		own := n.space(to.subnet.VPC).IPv4()
		switch {
		case own.Subtract(in.Sources.Intersect(out.Sure)).IsEmpty():
		case own.Intersect(in.Possible).Intersect(out.Possible).IsEmpty():
			links = append(links, newLink(acl.ID, acl.ID+" lets CloudFront's interfaces not through", nobody))
		default:
			links = append(links, newLink(acl.ID, acl.ID, unsure, "the addresses of the interfaces of "+v.ID))
		}
	}
	if to.open {
		return links
	}
	o := n.allowed(to.groups, false, p, port)
	ids := joined(to.groups)
	switch {
	case len(to.groups) == 0:
		return append(links, newLink("", "security groups (not read)", unsure, "the security groups in "+to.subnet.ID))
	case n.names(o, v), !whole(o.sure, ipv4).IsEmpty():
		return append(links, newLink(ids, ids+" (from CloudFront)", anyone))
	case o.possible.IsEmpty() && len(o.refs) == 0:
		return append(links, newLink(ids, ids+" does not let CloudFront in", nobody))
	default:
		return append(links, newLink(ids, ids, unsure, append(slices.Clone(o.missing), "whether "+ids+" lets CloudFront in")...))
	}
}

// unread gives the ways that evidence which was not read may open to an interface: a target group, a target or a load balancer.
func (n *Network) unread(e *Interface, to endpoint, p Protocol, port uint16, f family) [][]Link {
	if p != TCP && p != UDP {
		return nil
	}
	doubts := map[string][]string{}
	if m := n.evidence.LoadBalancers.Missing; len(m) > 0 {
		doubts["load balancers (not read)"] = m
	}
	if m := n.evidence.TargetGroups.Missing; len(m) > 0 {
		doubts["target groups (not read)"] = m
	}
	for _, g := range n.open {
		elsewhere := g.VPC != "" && g.VPC != e.VPC && (g.Type == "instance" || n.joined(to.subnet) == No)
		if elsewhere || g.Type == "alb" || g.Type == "lambda" || speaks(g.Protocol, p) == No {
			continue
		}
		for _, fw := range n.forwards[g.ARN] {
			if n.mayEnter(fw.balancer, f) && (fw.listener == nil || n.anyWay(fw, p, f)) {
				doubts[g.Name+" (targets not read)"] = g.Targets.Missing
			}
		}
	}
	for i := range n.evidence.LoadBalancers.List {
		b := &n.evidence.LoadBalancers.List[i]
		if b.Type != Classic || p != TCP || b.VPC != "" && b.VPC != e.VPC || !n.mayEnter(b, f) {
			continue
		}
		if len(b.Instances.Missing) > 0 && e.Instance != "" {
			doubts[b.Name+" (instances not read)"] = b.Instances.Missing
		}
		if len(b.Listeners.Missing) > 0 && slices.Contains(b.Instances.List, e.Instance) {
			doubts[b.Name+" (listeners not read)"] = b.Listeners.Missing
		}
	}
	var names []string
	for what := range doubts {
		names = append(names, what)
	}
	slices.SortFunc(names, strings.Compare)
	var all [][]Link
	for _, what := range names {
		all = append(all, []Link{newLink("", what, f.clients(unsure), doubts[what]...), n.somehow(to, f, p, port)})
	}
	return all
}

// anyWay says whether anyone may come to the listener.
func (n *Network) anyWay(fw forward, p Protocol, f family) bool {
	for _, inner := range []family{ipv4, ipv6} {
		for _, w := range n.ways(fw.balancer, p, fw.listener.Port, f, inner, maxHops) {
			c := fw.clients
			for _, l := range w.links {
				c = c.and(l.clients())
			}
			if !c.possible.Intersect(public).IsEmpty() {
				return speaks(fw.listener.Protocol, p) != No
			}
		}
	}
	return false
}
