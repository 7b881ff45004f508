package exposure

import (
	"net/netip"
	"strings"
)

// registration is a target in a target group.
type registration struct {
	group *TargetGroup
	port  uint16
}

// addressTarget is a target by address.
type addressTarget struct {
	address netip.Addr
	registration
}

func (n *Network) indexTargets() {
	for i := range n.evidence.TargetGroups.List {
		g := &n.evidence.TargetGroups.List[i]
		for _, t := range g.Targets.List {
			port := t.Port
			if port == 0 {
				port = g.Port
			}
			r := registration{g, port}
			key := t.ID
			if g.Type == "ip" {
				key = addressKey(g.VPC, t.ID)
				n.indexAddress(t.ID, r)
			}
			n.registered[key] = append(n.registered[key], r)
		}
		switch g.Type {
		case "instance", "ip", "alb", "lambda":
		default:
			unknown := *g
			unknown.Targets.Missing = orMissing(g.Targets.Missing, "the target type "+g.Type+" of "+g.Name)
			g = &unknown
		}
		if len(g.Targets.Missing) > 0 {
			n.open = append(n.open, g)
		}
	}
	for i := range n.evidence.LoadBalancers.List {
		b := &n.evidence.LoadBalancers.List[i]
		for _, id := range b.Instances.List {
			n.byInstance[id] = append(n.byInstance[id], b)
		}
	}
}

// indexAddress keeps the address itself, and whether it lies outside of its group's VPC: such a target is reached by what joins
// VPCs (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html, "Target type").
func (n *Network) indexAddress(text string, r registration) {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return
	}
	n.addressed[r.group.VPC] = append(n.addressed[r.group.VPC], addressTarget{a, r})
	if v := n.vpcs[r.group.VPC]; v != nil {
		if own, whole := blocksOf(v.CIDRs); whole && own.Contains(a) {
			return
		}
	}
	n.outside[a.String()] = append(n.outside[a.String()], r)
}

// at is a registration with the address of the interface that it means.
type at struct {
	address string
	registration
}

// byAddressOf gives the registrations of an interface's addresses, of those in its delegated blocks too.
func (n *Network) byAddressOf(e *Interface) []at {
	var all []at
	for _, text := range privateAddresses(e) {
		if !strings.Contains(text, "/") {
			for _, r := range n.registered[addressKey(e.VPC, text)] {
				if r.group.Type == "ip" {
					all = append(all, at{text, r})
				}
			}
			continue
		}
		block, err := netip.ParsePrefix(text)
		if err != nil {
			continue
		}
		for _, t := range n.addressed[e.VPC] {
			if block.Contains(t.address) {
				all = append(all, at{t.address.String(), t.registration})
			}
		}
	}
	return all
}

// fromOutside gives the registrations of other VPCs' target groups that may mean one of the interface's addresses: a route must
// lead back to the load balancer.
func (n *Network) fromOutside(e *Interface) []at {
	if len(n.outside) == 0 || n.joined(n.subnet(e.Subnet, e.VPC)) == No {
		return nil
	}
	var all []at
	for _, text := range privateAddresses(e) {
		a, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		for _, r := range n.outside[a.String()] {
			if r.group.VPC != e.VPC {
				all = append(all, at{text, r})
			}
		}
	}
	return all
}

// joined says whether the subnet's routes may lead to other VPCs.
func (n *Network) joined(s *Subnet) Answer {
	t, _ := n.table(s)
	if t == nil {
		return Unknown
	}
	for _, r := range t.Routes {
		own := r.Target == "local"
		for _, prefix := range []string{"igw-", "eigw-", "nat-", "cagw-"} {
			own = own || strings.HasPrefix(r.Target, prefix)
		}
		if !own && r.State != "blackhole" {
			return Unknown
		}
	}
	return No
}

// joinedWays are the ways to an interface by load balancers of other VPCs. Whether the address is this one's, and what lies between,
// is not known.
func (n *Network) joinedWays(e *Interface, self endpoint, p Protocol, port uint16, f family) [][]Link {
	var all [][]Link
	for _, r := range n.fromOutside(e) {
		if r.port != port {
			continue
		}
		doubt := newLink(e.ID, r.group.Name+" in another VPC", f.clients(unsure), "whether "+r.address+", a target of "+r.group.Name+" in "+r.group.VPC+", is "+e.ID)
		all = append(all, n.roughly(r.registration, self, doubt, p, f)...)
	}
	return all
}

// roughly follows a registration to the load balancer alone: how the target sees what comes from there is not known.
func (n *Network) roughly(r registration, to endpoint, doubt Link, p Protocol, f family) [][]Link {
	if speaks(r.group.Protocol, p) == No {
		return nil
	}
	var all [][]Link
	for _, fw := range n.forwards[r.group.ARN] {
		if fw.listener == nil {
			if n.mayEnter(fw.balancer, f) {
				all = append(all, []Link{doubt, n.somehow(to, f, p, r.port)})
			}
			continue
		}
		if speaks(fw.listener.Protocol, p) == No {
			continue
		}
		for _, inner := range []family{ipv4, ipv6} {
			if (r.group.Addresses == "ipv6") != (inner == ipv6) {
				continue
			}
			for _, w := range n.ways(fw.balancer, p, fw.listener.Port, f, inner, maxHops) {
				links := append(append([]Link(nil), w.links...), newLink(fw.listener.ARN, "listener rules", w.seen(fw.clients, f), fw.missing...))
				all = append(all, append(links, doubt, n.somehow(to, f, p, r.port)))
			}
		}
	}
	return all
}
