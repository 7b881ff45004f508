package exposure

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// step is one of a list of things of which the first that matches decides. What may allow and what may deny are both set
// where it cannot be told.
type step struct {
	addresses         Addresses
	mayAllow, mayDeny bool
	text              string
	missing           []string
	bits, rank        int
	unordered         bool // it stands somewhere among the others
}

// firstMatch gives the addresses for which the first step that matches allows.
func firstMatch(steps []step) clients {
	var c clients
	sure, possible := everything, everything // undecided
	for _, s := range steps {
		if s.mayAllow && !s.mayDeny && !s.unordered {
			c.sure = c.sure.Union(sure.Intersect(s.addresses))
		}
		if s.mayDeny || !s.unordered {
			sure = sure.Subtract(s.addresses)
		}
		if s.mayAllow {
			c.possible = c.possible.Union(possible.Intersect(s.addresses))
		}
		if s.mayAllow != s.mayDeny && !s.unordered {
			possible = possible.Subtract(s.addresses)
		}
	}
	return c
}

// table gives the route table that governs the subnet: its own, or the VPC's main one
// (https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html). While tables are missing, a subnet without an
// association may have one that was not read.
func (n *Network) table(s *Subnet) (*RouteTable, []string) {
	if t := n.tables[s.ID]; t != nil {
		return t, nil
	}
	if missing := n.evidence.RouteTables.Missing; len(missing) > 0 {
		return nil, missing
	}
	if len(s.lost) > 0 {
		return nil, s.lost
	}
	if t := n.mains[s.VPC]; t != nil {
		return t, nil
	}
	return nil, []string{"no route table of " + s.ID + " was listed"}
}

// wayBack gives the clients to which the subnet's answers leave by an internet gateway that is attached to its VPC. The route
// with the longest prefix decides, among equals a static one before a prefix list's, and that before a propagated one; routes
// of several prefix lists with one destination have no order
// (https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html). An egress-only gateway, a NAT gateway and
// every other target let nothing in.
func (n *Network) wayBack(s *Subnet, f family) Link {
	key := s.ID + " " + f.String()
	if l, ok := n.caches.returns[key]; ok {
		return l
	}
	l := n.newWayBack(s, f)
	n.caches.returns[key] = l
	return l
}

func (n *Network) newWayBack(s *Subnet, f family) Link {
	t, missing := n.table(s)
	if t == nil {
		return newLink("", "route table of "+s.ID+" (not read)", f.clients(unsure), missing...)
	}
	steps := n.steps(t, s, f)
	c := f.clients(firstMatch(steps))
	var texts, names []string
	names = append(names, t.ID)
	gateways := map[string]bool{}
	for _, st := range steps {
		missing = append(missing, st.missing...)
		if st.mayAllow && !st.unordered && !st.mayDeny {
			target, dest, _ := strings.Cut(st.text, " ")
			if !gateways[target] {
				gateways[target] = true
				names = append([]string{target}, names...)
			}
			texts = append(texts, dest)
		}
	}
	text := t.ID + " has no " + f.String() + " route to an internet gateway of " + s.VPC
	switch {
	case len(texts) > 0:
		text = strings.Join(names, " → ") + " (" + shorten(texts, 3) + ")"
	case !c.possible.IsEmpty():
		text = t.ID + " (a route that may lead to an internet gateway)"
	}
	return newLink(t.ID, text, c, missing...)
}

// steps gives the table's routes of a family in the order in which they decide.
func (n *Network) steps(t *RouteTable, s *Subnet, f family) []step {
	var steps []step
	for _, r := range t.Routes {
		mayAllow, mayDeny, why := n.leads(r, s, f)
		base := step{mayAllow: mayAllow, mayDeny: mayDeny, missing: why}
		if p, err := parseCIDR(r.Destination); err == nil {
			if p.Addr().Is4() != (f == ipv4) {
				continue
			}
			base.addresses, base.bits, base.text = FromPrefixes(p), p.Bits(), r.Target+" "+p.String()
			if r.Propagated {
				base.rank = 2
			}
			steps = append(steps, base)
			continue
		}
		steps = append(steps, n.listSteps(r, base, f)...)
	}
	slices.SortStableFunc(steps, func(a, b step) int {
		return cmp.Or(compareBool(b.unordered, a.unordered), cmp.Compare(b.bits, a.bits), comparePrefixes(a.addresses.String(), b.addresses.String()),
			cmp.Compare(a.rank, b.rank), cmp.Compare(a.text, b.text))
	})
	for i := range steps { // one destination by several of one rank: any of them
		for j := i + 1; j < len(steps) && !steps[i].unordered && steps[j].bits == steps[i].bits && steps[j].rank == steps[i].rank &&
			steps[j].addresses.Equal(steps[i].addresses); j++ {
			allow, deny := steps[i].mayAllow || steps[j].mayAllow, steps[i].mayDeny || steps[j].mayDeny
			for _, k := range []int{i, j} {
				steps[k].mayAllow, steps[k].mayDeny = allow, deny
				if allow && deny && len(steps[k].missing) == 0 {
					steps[k].missing = []string{t.ID + " has two routes to " + steps[k].addresses.String() + " of equal priority"}
				}
			}
		}
	}
	return steps
}

// listSteps expands a route to a prefix list. A list that was not read may hold any block.
func (n *Network) listSteps(r Route, base step, f family) []step {
	list := n.lists[r.Destination]
	var steps []step
	var lost []string
	if list != nil {
		for _, text := range list.Entries {
			p, err := parseCIDR(text)
			if err != nil {
				lost = append(lost, list.ID+": the entry "+text+" is no CIDR block")
				continue
			}
			if p.Addr().Is4() != (f == ipv4) {
				continue
			}
			s := base
			s.addresses, s.bits, s.rank = FromPrefixes(p), p.Bits(), 1
			s.text = fmt.Sprintf("%s %s by %s", r.Target, p, list.ID)
			steps = append(steps, s)
		}
	}
	switch {
	case list == nil && !strings.HasPrefix(r.Destination, "pl-"):
		lost = append(lost, "a route to "+r.Destination+", which is neither a block nor a prefix list")
	case list == nil:
		lost = append(lost, orMissing(n.evidence.PrefixLists.Missing, "the entries of "+r.Destination)...)
	case !list.Read:
		lost = append(lost, list.ID+": "+cmp.Or(list.Reason, "the entries were not read"))
	}
	if len(lost) > 0 {
		s := base
		s.addresses, s.unordered, s.text = f.of(everything), true, r.Target+" "+r.Destination
		s.missing = append(slices.Clone(s.missing), lost...)
		steps = append(steps, s)
	}
	return steps
}

// leads says whether the route's target may, and may not, be an internet gateway that is attached to the subnet's VPC.
func (n *Network) leads(r Route, s *Subnet, f family) (mayAllow, mayDeny bool, missing []string) {
	switch {
	case r.State == "blackhole":
		return false, true, nil
	case strings.HasPrefix(r.Target, "igw-"):
		switch a, why := n.attachedTo(r.Target, s); {
		case a == No:
			return false, true, nil
		case a == Unknown:
			return true, true, why
		case r.State != "active":
			return true, true, []string{fmt.Sprintf("the state %q of the route to %s", r.State, r.Destination)}
		default:
			return true, false, nil
		}
	case strings.HasPrefix(r.Target, "eni-"), strings.HasPrefix(r.Target, "i-"), strings.HasPrefix(r.Target, "vpce-"):
		// An answer that leaves by an appliance belongs to a connection that came by it, if an edge association leads
		// through one.
		if a, why := n.middlebox(s, f); a != No {
			return true, true, append(slices.Clone(why), "what "+r.Target+" lets pass (a middlebox)")
		}
		return false, true, nil
	case r.Target == "":
		return true, true, []string{"the target of the route to " + r.Destination}
	default:
		return false, true, nil
	}
}

// attachedTo says whether the internet gateway is attached to the subnet's VPC; an attachment in place is called available
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html).
func (n *Network) attachedTo(id string, s *Subnet) (Answer, []string) {
	g := n.gateways[id]
	if g == nil {
		if missing := n.evidence.Gateways.Missing; len(missing) > 0 {
			return Unknown, missing
		}
		if n.foreign(s) {
			return Unknown, []string{id + " belongs to the owner of " + s.VPC}
		}
		return No, nil
	}
	return gatewayAt(g, s.VPC)
}

func gatewayAt(g *InternetGateway, vpc string) (Answer, []string) {
	for _, a := range g.Attachments {
		if a.VPC == vpc {
			switch a.State {
			case "available", "attached":
				return Yes, nil
			case "detached":
				return No, nil
			default:
				return Unknown, []string{fmt.Sprintf("the state %q of the attachment of %s", a.State, g.ID)}
			}
		}
	}
	return No, nil
}

// gateway says whether the VPC has an internet gateway at all, and which.
func (n *Network) gateway(s *Subnet) (string, Answer, []string) {
	answer, id, missing := No, "", n.evidence.Gateways.Missing
	for i := range n.evidence.Gateways.List {
		g := &n.evidence.Gateways.List[i]
		switch a, why := gatewayAt(g, s.VPC); a {
		case Yes:
			return g.ID, Yes, nil
		case Unknown:
			answer, id, missing = Unknown, g.ID, why
		default:
		}
	}
	if answer == No && len(missing) > 0 {
		answer = Unknown
	}
	if answer == No && n.foreign(s) {
		return "", Unknown, []string{"the internet gateways of the owner of " + s.VPC}
	}
	return id, answer, missing
}

// foreign says whether another account owns the subnet.
func (n *Network) foreign(s *Subnet) bool { return len(s.lost) > 0 || s.Owner != n.evidence.Account }

// subnet gives a subnet, or what stands for one that was not listed.
func (n *Network) subnet(id, vpc string) *Subnet {
	if s := n.subnets[id]; s != nil {
		return s
	}
	return &Subnet{ID: id, VPC: vpc, lost: orMissing(n.evidence.Subnets.Missing, id+" was not listed")}
}

// middlebox says whether traffic from the VPC's internet gateway to the subnet is led through an appliance by the route table
// of an edge association (https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html).
func (n *Network) middlebox(s *Subnet, f family) (Answer, []string) {
	id, a, missing := n.gateway(s)
	if a == No {
		return No, nil
	}
	t := n.edges[id]
	if t == nil {
		if lost := n.evidence.RouteTables.Missing; len(lost) > 0 {
			return Unknown, append([]string{"whether an edge association leads through a middlebox"}, lost...)
		}
		if a == Unknown {
			return Unknown, missing
		}
		return No, nil
	}
	own, whole := blocksOf(s.CIDRs)
	if len(s.CIDRs) == 0 || !whole {
		return Unknown, []string{"the blocks of " + s.ID}
	}
	for _, r := range t.Routes {
		if r.Target == "local" {
			continue
		}
		p, err := netip.ParsePrefix(r.Destination)
		if err != nil || !FromPrefixes(p).Intersect(f.of(own)).IsEmpty() {
			return Yes, []string{"what " + r.Target + " lets pass (a middlebox, by the edge routes of " + t.ID + ")"}
		}
	}
	return No, nil
}
