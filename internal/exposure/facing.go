package exposure

import "fmt"

// facing says whether the load balancer has public addresses of a family in a subnet, or, without one, in any
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html, "IP address types").
func (n *Network) facing(b *LoadBalancer, f family, subnet string) Link {
	a := Unknown
	why := fmt.Sprintf("the scheme %q of %s", b.Scheme, b.Name)
	switch b.Scheme {
	case "internal":
		return n.internal(b, f, subnet)
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

// internal judges an internal load balancer. It has no public IPv4 address, but a dual-stack one has IPv6 addresses, which are
// public by nature: what keeps the internet out is the attribute ipv6.deny_all_igw_traffic, which is true for an internal one
// until somebody changes it (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html),
// and which its nodes show.
func (n *Network) internal(b *LoadBalancer, f family, subnet string) Link {
	none := newLink(b.ARN, b.Name+" is internal", nobody)
	if f == ipv4 || b.Type == Classic || b.Addresses == "ipv4" {
		return none
	}
	found := false
	c, doubtful := nobody, []string(nil)
	for _, e := range n.nodes[b.ARN] {
		if subnet != "" && e.Subnet != subnet {
			continue
		}
		found = true
		public := n.publicAddress(e, ipv6)
		own := public.clients()
		switch e.Hidden {
		case Yes:
			continue
		case Unknown:
			own = own.doubted()
			doubtful = append(doubtful, "whether "+e.ID+" of "+b.Name+" takes what an internet gateway brings")
		default:
			doubtful = append(doubtful, public.Missing...)
		}
		c = c.or(own)
	}
	if lost := n.evidence.Interfaces.Missing; !found || len(lost) > 0 {
		c = c.or(unsure)
		doubtful = append(doubtful, orMissing(lost, "whether the nodes of "+b.Name+" take what an internet gateway brings")...)
	}
	if c.possible.IsEmpty() {
		return none
	}
	return newLink(b.ARN, b.Name+" is internal, but its IPv6 addresses take what an internet gateway brings", f.clients(c), doubtful...)
}
