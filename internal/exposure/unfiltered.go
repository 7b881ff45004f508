package exposure

// Bound is an upper bound of what the internet can reach at a stretch of an interface's ports.
type Bound struct {
	Ports PortRange
	Reachability
}

// Unfiltered says what the internet could reach at an interface if its security groups let everything in, by stretches of ports with one
// answer, which together are all ports. Groups only take away: where it is No here, [Network.Reach] says No whatever groups the
// interface has, and where it is Unknown it never says Yes. One question of this kind costs as much as the ACL of the subnet, the targets
// and the listeners have ports, however many rules the groups have. The interface of a load balancer is judged with the load
// balancer's groups.
func (n *Network) Unfiltered(i Internet, id string, p Protocol) []Bound {
	n.lock.Lock()
	defer n.lock.Unlock()
	all := PortRange{0, 65535}
	known := n.interfaces[id]
	if known == nil || p == AllProtocols {
		return []Bound{{all, n.reach(i, Target{Interface: id}, p, all)}}
	}
	open := *known
	open.unfiltered = true
	list := []*Interface{&open}
	from := n.stretches(list, p, all)
	bounds := make([]Bound, 0, len(from))
	for k, at := range from {
		stretch := PortRange{at, all.To}
		if k+1 < len(from) {
			stretch.To = from[k+1] - 1
		}
		r := summarize(i, []verdict{judge(i, stretch, n.paths(i, &open, p, stretch))})
		if r.Answer == No {
			r.Unmodelled = n.unmodelled(list, p, []uint16{at})
		}
		bounds = append(bounds, Bound{stretch, r})
	}
	return bounds
}
