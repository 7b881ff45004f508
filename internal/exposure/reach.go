package exposure

import "slices"

// Target is what the question is about: an interface, or an instance with all its interfaces.
type Target struct{ Interface, Instance string }

// Service is a protocol and ports.
type Service struct {
	Protocol Protocol
	Ports    PortRange
}

// Reach says whether the internet can reach a port of the range at the target, and by which paths. For ICMP and ICMPv6 the ports
// are [ICMPPort]s; for protocols without ports the range has no meaning. A question about [AllProtocols] at once has no answer:
// ask for each.
//
// What counts, as in [Internet], is how many client addresses every link of a path allows, taken together over the paths to one
// port. Fewer than the threshold is a No, and From says which they are.
func (n *Network) Reach(internet Internet, target Target, p Protocol, ports PortRange) Reachability {
	n.lock.Lock()
	defer n.lock.Unlock()
	return n.reach(internet, target, p, ports)
}

// ReachAll answers several questions about one target.
func (n *Network) ReachAll(internet Internet, target Target, services []Service) []Reachability {
	answers := make([]Reachability, len(services))
	for i, s := range services {
		answers[i] = n.Reach(internet, target, s.Protocol, s.Ports)
	}
	return answers
}

func (n *Network) reach(i Internet, target Target, p Protocol, ports PortRange) Reachability {
	unknown := func(missing ...string) Reachability {
		return Reachability{Possible: everything, Doubtful: []PortRange{ports}, Missing: missing}
	}
	if p == AllProtocols {
		return unknown("a question about all protocols at once has no answer")
	}
	if ports.From > ports.To {
		return unknown("no range of ports")
	}
	var list []*Interface
	if target.Interface != "" {
		e := n.interfaces[target.Interface]
		if e == nil {
			return unknown(orMissing(n.evidence.Interfaces.Missing, target.Interface+" was not listed")...)
		}
		list = append(list, e)
	} else {
		list = n.attached[target.Instance]
		if h := n.state(target.Instance); h.Possible.IsEmpty() {
			return Reachability{Answer: No, Stops: []Stop{{Link: h, Path: "internet → " + h.Text}}}
		}
		if len(list) == 0 && len(n.evidence.Interfaces.Missing) == 0 {
			return unknown("no network interface of " + target.Instance + " was listed")
		}
	}

	var verdicts []verdict
	from := n.stretches(list, p, ports)
	for k, at := range from {
		to := ports.To
		if k+1 < len(from) {
			to = from[k+1] - 1
		}
		stretch := PortRange{at, to}
		var paths []Path
		for _, e := range list {
			paths = append(paths, n.paths(i, e, p, stretch)...)
		}
		if missing := n.evidence.Interfaces.Missing; len(missing) > 0 && target.Interface == "" {
			lost := newLink("", "interfaces of "+target.Instance+" (not all read)", unsure, missing...)
			paths = append(paths, newPath(i, everything, []Link{lost}, stretch))
		}
		verdicts = append(verdicts, judge(i, stretch, paths))
	}
	r := summarize(i, verdicts)
	if r.Answer == No {
		r.Unmodelled = n.unmodelled(list, p, from)
	}
	return r
}

// paths gives every path to a stretch of an interface's ports at which the answer is the same.
func (n *Network) paths(i Internet, e *Interface, p Protocol, stretch PortRange) []Path {
	var all []Path
	for _, f := range []family{ipv4, ipv6} {
		if f.carries(p) {
			for _, links := range n.pathsOf(f, e, p, stretch.From) {
				all = append(all, newPath(i, f.of(everything), links, stretch))
			}
		}
	}
	return all
}

func (n *Network) pathsOf(f family, e *Interface, p Protocol, port uint16) [][]Link {
	var all [][]Link
	host := n.host(e)
	s := n.subnet(e.Subnet, e.VPC)
	self := endpoint{subnet: s, groups: e.Groups, open: e.unfiltered || len(e.Groups) == 0 && e.Type == "network_load_balancer", exact: true}
	if b := n.balancers[e.LoadBalancer]; b != nil {
		all = append(all, n.toNode(b, e, p, port, f)...)
	} else if direct := n.direct(e, self, p, port, f); direct != nil {
		all = append(all, direct)
	}
	add := func(ways [][]Link) {
		for _, links := range ways {
			all = append(all, append(links, host...))
		}
	}
	if e.Instance != "" && e.Device == 0 {
		first := self.at(primary(e, ipv4))
		add(linksOf(n.entrances(e.Instance, first, p, port, f)))
		for _, r := range n.registered[e.Instance] {
			if r.port == port && r.group.Type == "instance" {
				inner := ipv4
				if r.group.Addresses == "ipv6" {
					inner = ipv6
				}
				add(linksOf(n.through(r, self.at(primary(e, inner)), p, f, maxHops)))
			}
		}
		add(n.classic(e, first, p, port, f))
	}
	for _, r := range n.byAddressOf(e) {
		if r.port == port && n.balancers[e.LoadBalancer] == nil { // those of a node are ways to its listeners
			add(linksOf(n.through(r.registration, self.at(r.address), p, f, maxHops)))
		}
	}
	add(n.joinedWays(e, self, p, port, f))
	add(n.elastic(e, self, p, port, f))
	add(n.unread(e, self, p, port, f))
	return all
}

func (e endpoint) at(address string) endpoint {
	e.addresses, _ = blocksOf([]string{address})
	return e
}

// primary is the address to which traffic for an instance goes
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html, "Target type").
func primary(e *Interface, f family) string {
	if f == ipv4 && len(e.IPv4) > 0 {
		return e.IPv4[0].Private
	}
	if f == ipv6 && len(e.IPv6) > 0 {
		return e.IPv6[0]
	}
	return ""
}

// direct is the path to an interface's own public addresses. An IPv6 path stands only where there is an IPv6 address.
func (n *Network) direct(e *Interface, self endpoint, p Protocol, port uint16, f family) []Link {
	if f == ipv6 && len(e.IPv6) == 0 && p != ICMPv6 {
		return nil
	}
	links := slices.Clone(n.approach(self.subnet, f))
	links = append(links, n.border(self.subnet, f, p, port)...)
	if l, filters := n.admits(self, f, p, port); filters {
		links = append(links, l)
	}
	links = append(links, n.publicAddress(e, f))
	if e.LoadBalancer != "" || e.Owner == "amazon-elb" || e.Type == "network_load_balancer" {
		links = append(links, newLink(e.LoadBalancer, "a listener", unsure, orMissing(n.evidence.LoadBalancers.Missing, "the load balancer of "+e.ID)...))
	}
	host := n.host(e)
	if host[0].ID == e.ID && host[0].Sure.Equal(everything) { // the link of its address has named it
		host = host[1:]
	}
	return append(links, host...)
}

// toNode gives the ways to a load balancer's own interface.
func (n *Network) toNode(b *LoadBalancer, e *Interface, p Protocol, port uint16, f family) [][]Link {
	listens := answers(b, p, port)
	if listens.Possible.IsEmpty() {
		return [][]Link{{listens}}
	}
	var all [][]Link
	for _, w := range n.ways(b, p, port, f, ipv4, maxHops) {
		if w.node.subnet.ID == e.Subnet {
			all = append(all, append(append(slices.Clone(w.links), listens), n.host(e)...))
		}
	}
	if len(all) == 0 && f == ipv4 {
		all = append(all, []Link{newLink(e.ID, e.ID+" is in none of the subnets of "+b.Name, unsure, "the subnets of "+b.Name)})
	}
	return all
}

// elastic is Global Accelerator before an Elastic IP address: it enters as any client would, by its own addresses.
func (n *Network) elastic(e *Interface, self endpoint, p Protocol, port uint16, f family) [][]Link {
	var all [][]Link
	for _, a := range e.IPv4 {
		if a.Allocation == "" || f == ipv6 {
			continue
		}
		for _, g := range n.accelerators[a.Allocation] {
			if g.Protocol != p || g.Enabled == No || !g.leadsTo(port) {
				continue
			}
			links := []Link{newLink(g.Accelerator, g.Accelerator, either(g.Enabled), "whether "+g.Accelerator+" sends to "+g.Endpoint)}
			for _, l := range n.direct(e, self, p, port, ipv4) {
				c := clients{sure: whole(l.Sure, ipv4)}
				if !l.Possible.Intersect(public).IsEmpty() {
					c.possible = everything
				}
				l.Sure, l.Possible = ipv4.of(c.sure), ipv4.of(c.possible)
				l.Missing = append(slices.Clone(l.Missing), "the addresses of "+g.Accelerator)
				links = append(links, l)
			}
			all = append(all, links)
		}
		if lost := n.evidence.Accelerators.Missing; len(lost) > 0 && (p == TCP || p == UDP) {
			links := []Link{newLink("", "Global Accelerator (not read)", f.clients(unsure), lost...)}
			for _, l := range n.direct(e, self, p, port, ipv4) {
				c := clients{}
				if !l.Possible.Intersect(public).IsEmpty() {
					c.possible = ipv4.of(everything)
				}
				l.Sure, l.Possible = c.sure, c.possible
				links = append(links, l)
			}
			all = append(all, links)
		}
	}
	return all
}

// classic is the classic load balancers with which the instance is registered; they send to its primary interface
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-backend-instances.html).
func (n *Network) classic(e *Interface, to endpoint, p Protocol, port uint16, f family) [][]Link {
	var all [][]Link
	if p != TCP {
		return nil
	}
	for _, b := range n.byInstance[e.Instance] {
		for _, l := range b.Listeners.List {
			if l.InstancePort != port {
				continue
			}
			for _, w := range n.ways(b, p, l.Port, f, ipv4, maxHops) {
				links := append(slices.Clone(w.links), n.zoned(b, w.node, to, "instance")...)
				all = append(all, append(links, n.inside(w, to, p, port, No, f)...))
			}
		}
	}
	return all
}

// stretches gives the ports of the range at which an answer may change. Between two of them it is the same.
func (n *Network) stretches(list []*Interface, p Protocol, ports PortRange) []uint16 {
	switch {
	case ports.From == ports.To:
		return []uint16{ports.From}
	case p != TCP && p != UDP && p != ICMP && p != ICMPv6:
		return []uint16{ports.From}
	}
	return edges(ports, func(yield func(PortRange) bool) {
		one := func(port uint16) { yield(PortRange{port, port}) }
		for _, e := range list {
			filtered := !e.unfiltered || n.balancers[e.LoadBalancer] != nil // of a node the load balancer's groups count
			for _, id := range e.Groups {
				if g := n.groups[id]; g != nil && filtered {
					n.compiled(g).in.ranges(p)(yield)
				}
			}
			if acl := n.acls[e.Subnet]; acl != nil {
				acl.in.ranges(p)(yield)
			}
			for _, r := range n.registered[e.Instance] {
				one(r.port)
			}
			for _, r := range slices.Concat(n.byAddressOf(e), n.fromOutside(e)) {
				one(r.port)
			}
			for _, b := range append(slices.Clone(n.byInstance[e.Instance]), n.balancers[e.LoadBalancer]) {
				if b != nil {
					for _, l := range b.Listeners.List {
						one(l.InstancePort)
						one(l.Port)
					}
				}
			}
			keys := []string{e.Instance}
			for _, a := range e.IPv4 {
				keys = append(keys, a.Allocation)
			}
			for _, key := range keys {
				for _, g := range n.accelerators[key] {
					for _, r := range g.Ports {
						yield(r)
					}
					for from, to := range g.Overrides {
						one(from)
						one(to)
					}
				}
				for _, o := range n.origins[key] {
					for _, port := range o.Ports {
						one(port)
					}
				}
			}
		}
		for _, kind := range []uint8{8, 13, 15, 17, 128} { // ICMP's queries have answers
			if p == ICMP || p == ICMPv6 {
				yield(PortRange{ICMPPort(kind, 0), ICMPPort(kind, 255)})
			}
		}
	})
}
