package exposure

import (
	"cmp"
	"fmt"
	"slices"
)

// publicAddress says whether the interface has a public address of the family: a public IPv4 address mapped to any of its
// private ones, or a global unicast IPv6 address, which is public by nature
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-ip-addressing.html).
func (n *Network) publicAddress(e *Interface, f family) Link {
	var list []string
	if f == ipv4 {
		for _, a := range e.IPv4 {
			if a.Public != "" && !a.Carrier {
				list = append(list, a.Public)
			}
		}
	} else {
		var hidden Addresses
		if v := n.vpcs[e.VPC]; v != nil {
			hidden, _ = blocksOf(v.PrivateIPv6)
		}
		for _, text := range e.IPv6 {
			set, whole := blocksOf([]string{text})
			if !whole || !set.Intersect(public).Subtract(hidden).IsEmpty() {
				list = append(list, text)
			}
		}
	}
	if len(list) == 0 {
		return newLink(e.ID, e.ID+" has no public "+f.String()+" address", nobody)
	}
	slices.Sort(list)
	if f == ipv6 && n.vpcs[e.VPC] == nil {
		return newLink(e.ID, e.ID, f.clients(unsure), orMissing(n.evidence.VPCs.Missing, e.VPC+" was not listed")...)
	}
	text := e.ID
	if e.Owner != "" {
		text += " of " + e.Owner
	}
	return newLink(e.ID, text+" ("+shorten(list, 2)+")", f.clients(anyone))
}

// host is the end of every path: the interface is attached, runs nothing that refuses all, and its instance runs.
func (n *Network) host(e *Interface) []Link {
	l := newLink(e.ID, e.ID, anyone)
	switch e.Status {
	case "in-use", "associated":
	case "available":
		return []Link{newLink(e.ID, e.ID+" is attached to nothing", nobody)}
	default:
		l = newLink(e.ID, e.ID, unsure, fmt.Sprintf("the status %q of %s", e.Status, e.ID))
	}
	switch e.Type {
	case "nat_gateway", "natGateway": // https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
		return []Link{newLink(e.ID, e.ID+" is a NAT gateway's, which lets no connection in", nobody)}
	case "lambda": // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
		return []Link{newLink(e.ID, e.ID+" is Lambda's, which lets no connection in", nobody)}
	}
	if e.Instance == "" {
		if e.Owner != "" {
			l.Text += " of " + e.Owner
		}
		return []Link{l}
	}
	return []Link{l, n.state(e.Instance)}
}

// state judges an instance by its state: one that is stopped cannot be reached now
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html).
func (n *Network) state(id string) Link {
	i := n.instances[id]
	if i == nil {
		return newLink(id, id, unsure, orMissing(n.evidence.Instances.Missing, id+" was not listed")...)
	}
	switch i.State {
	case "running":
		return newLink(id, id, anyone)
	case "stopped", "terminated":
		text := id + " is " + i.State
		for _, e := range n.attached[id] {
			for _, a := range e.IPv4 {
				if a.Allocation != "" {
					text += ", and keeps the Elastic IP address " + a.Public
				}
			}
		}
		return newLink(id, text, nobody)
	default:
		return newLink(id, id+" is "+cmp.Or(i.State, "in no known state"), unsure, fmt.Sprintf("the state %q of %s", i.State, id))
	}
}

// answers says whether a load balancer listens at the port.
func answers(b *LoadBalancer, p Protocol, port uint16) Link {
	heard := []Answer{No}
	if len(b.Listeners.Missing) > 0 {
		heard = append(heard, Unknown)
	}
	for _, l := range b.Listeners.List {
		if l.Port == port {
			heard = append(heard, speaks(l.Protocol, p))
		}
	}
	a := No
	if slices.Contains(heard, Yes) {
		a = Yes
	} else if slices.Contains(heard, Unknown) {
		a = Unknown
	}
	if a == No {
		return newLink(b.ARN, b.Name+" has no such listener", nobody)
	}
	return newLink(b.ARN, b.Name, either(a), orMissing(b.Listeners.Missing, "the protocol of a listener of "+b.Name)...)
}
