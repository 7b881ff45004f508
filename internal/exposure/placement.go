package exposure

import "slices"

// Placement is a resource of a managed service (a database) of which it is not known which interface is its own: only the
// subnets of which one holds it, its groups, and whether the service gives it a public address.
type Placement struct {
	// Name is for the proof.
	Name, VPC string
	// Subnets are those that may hold it: the ones of its subnet group within its Availability Zone, or all.
	Subnets []string
	Groups  []string
	// Public says whether it has a public IPv4 address (RDS: PubliclyAccessible), IPv6 whether it has a global IPv6 one.
	Public, IPv6 Answer
}

// ReachPlacement says whether the internet can reach a port of the range at a placement. Where the subnets differ it is not known.
// Load balancers reach it by an address that no interface of the account's own has.
func (n *Network) ReachPlacement(internet Internet, at Placement, p Protocol, ports PortRange) Reachability {
	n.lock.Lock()
	defer n.lock.Unlock()
	unknown := func(missing string) Reachability {
		return Reachability{Possible: everything, Doubtful: []PortRange{ports}, Missing: []string{missing}}
	}
	switch {
	case p == AllProtocols:
		return unknown("a question about all protocols at once has no answer")
	case ports.From > ports.To:
		return unknown("no range of ports")
	case len(at.Subnets) == 0:
		return unknown("the subnets of " + at.Name)
	}
	var list []*Interface // one in each subnet
	for _, id := range at.Subnets {
		list = append(list, &Interface{ID: at.Name, Subnet: id, VPC: at.VPC, Status: "in-use", Groups: at.Groups})
	}
	var verdicts []verdict
	from := n.stretches(list, p, ports)
	if ports.From != ports.To {
		from = n.addTargetPorts(from, ports)
	}
	for k, port := range from {
		stretch := PortRange{port, ports.To}
		if k+1 < len(from) {
			stretch.To = from[k+1] - 1
		}
		verdicts = append(verdicts, n.placed(internet, at, list, p, stretch))
	}
	r := summarize(internet, verdicts)
	if r.Answer == Unknown && len(r.Missing) == 0 {
		r.Missing = []string{"which subnet holds " + at.Name}
	}
	if r.Answer == No {
		r.Unmodelled = n.unmodelled(list, p, from)
	}
	return r
}

// addTargetPorts adds the ports of targets by address, any of which may be the placement's.
func (n *Network) addTargetPorts(from []uint16, ports PortRange) []uint16 {
	own := edges(ports, func(yield func(PortRange) bool) {
		for i := range n.evidence.TargetGroups.List {
			g := &n.evidence.TargetGroups.List[i]
			if g.Type != "ip" {
				continue
			}
			yield(PortRange{g.Port, g.Port})
			for _, t := range g.Targets.List {
				yield(PortRange{t.Port, t.Port})
			}
		}
	})
	from = append(from, own...)
	slices.Sort(from)
	return slices.Compact(from)
}

// placed judges one stretch of ports: sure is what is sure in every subnet.
func (n *Network) placed(i Internet, at Placement, list []*Interface, p Protocol, ports PortRange) verdict {
	var all verdict
	for k, e := range list {
		var paths []Path
		self := endpoint{subnet: n.subnet(e.Subnet, e.VPC), groups: at.Groups}
		for _, f := range []family{ipv4, ipv6} {
			if !f.carries(p) {
				continue
			}
			has := map[family]Answer{ipv4: at.Public, ipv6: at.IPv6}[f]
			end := newLink(at.Name, at.Name, f.clients(either(has)), "whether "+at.Name+" has a public "+f.String()+" address")
			if has == No {
				end.Text += " has no public " + f.String() + " address"
			}
			links := append(slices.Clone(n.approach(self.subnet, f)), n.border(self.subnet, f, p, ports.From)...)
			if l, filters := n.admits(self, f, p, ports.From); filters {
				links = append(links, l)
			}
			paths = append(paths, newPath(i, f.of(everything), append(links, end), ports))
			for _, links := range append(n.strange(self, p, ports.From, f), n.unread(e, self, p, ports.From, f)...) {
				paths = append(paths, newPath(i, f.of(everything), append(links, newLink(at.Name, at.Name, anyone)), ports))
			}
		}
		v := judge(i, ports, paths)
		if k == 0 {
			all = v
			continue
		}
		all.sure, all.possible = all.sure.Intersect(v.sure), all.possible.Union(v.possible)
		all.paths = append(all.paths, v.paths...)
	}
	all.answer = i.Judge(all.sure, all.possible)
	return all
}

// strange gives the ways by load balancers to addresses of the subnet that are of no interface, or of one that a service runs: they
// may be the placement's.
func (n *Network) strange(self endpoint, p Protocol, port uint16, f family) [][]Link {
	blocks, whole := blocksOf(self.subnet.CIDRs)
	whole = whole && len(self.subnet.CIDRs) > 0
	var all [][]Link
	for i := range n.evidence.TargetGroups.List {
		g := &n.evidence.TargetGroups.List[i]
		if g.Type != "ip" || g.VPC != self.subnet.VPC && n.joined(self.subnet) == No {
			continue
		}
		for _, t := range g.Targets.List {
			at := t.Port
			if at == 0 {
				at = g.Port
			}
			if at != port || n.owned(self.subnet.VPC, t.ID) {
				continue
			}
			if own, is := blocksOf([]string{t.ID}); is && whole && own.Intersect(blocks).IsEmpty() {
				continue
			}
			doubt := newLink(t.ID, t.ID, unsure, "whose address "+t.ID+" is")
			if g.VPC != self.subnet.VPC {
				all = append(all, n.roughly(registration{g, port}, self, doubt, p, f)...)
				continue
			}
			for _, links := range linksOf(n.through(registration{g, port}, self.at(t.ID), p, f, maxHops)) {
				all = append(all, append(links, doubt))
			}
		}
	}
	return all
}

// owned says whether an interface of the account's own has the address.
func (n *Network) owned(vpc, address string) bool {
	key := addressKey(vpc, address)
	if n.byAddress == nil {
		n.byAddress = map[string]bool{}
		for i := range n.evidence.Interfaces.List {
			e := &n.evidence.Interfaces.List[i]
			for _, a := range privateAddresses(e) {
				if e.Owner == "" || e.Instance != "" {
					n.byAddress[addressKey(e.VPC, a)] = true
				}
			}
		}
	}
	return n.byAddress[key]
}
