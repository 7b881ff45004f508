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

// way is one way to a node of a load balancer, or to an instance.
type way struct {
	links []Link
	node  endpoint
	sender
}

// sender says whose address a request shows that came by a way.
type sender struct {
	// preserved says whether it is the client's own; where it is not, source has it.
	preserved Answer
	source    endpoint
	origin    *VPCOrigin // by which it came, if by one
}

// theClient shows its own address; someone an address that is not known.
var theClient = sender{preserved: Yes}

func someone(f family) sender { return sender{source: endpoint{addresses: f.of(everything)}} }

// seen gives the clients whose requests pass what lets these addresses pass.
func (s sender) seen(c clients, f family) clients {
	if s.preserved == Yes {
		return f.clients(c)
	}
	return f.clients(pick(s.preserved, f.clients(c), either(s.source.passes(c))))
}

// behind is who is seen behind a node that preserves the addresses it sees, or does not.
func (s sender) behind(node endpoint, preserved Answer, f family) sender {
	switch {
	case preserved == Yes:
		return s
	case preserved == No:
		return sender{preserved: No, source: node}
	case s.preserved == Yes:
		return sender{source: node}
	default:
		return someone(f)
	}
}

func linksOf(ways []way) [][]Link {
	all := make([][]Link, len(ways))
	for i, w := range ways {
		all[i] = w.links
	}
	return all
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
	hops     int
}

// maxHops is how many load balancers may stand before one.
const maxHops = 2

func balancerLink(b *LoadBalancer, port uint16) Link {
	return newLink(b.ARN, fmt.Sprintf("%s:%d", b.Name, port), anyone)
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
