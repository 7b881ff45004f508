package exposure

import (
	"cmp"
	"fmt"
	"slices"
)

// LoadBalancerExposure is what a load balancer lets the internet reach.
type LoadBalancerExposure struct {
	// Answer is Yes if a listener is reachable.
	Answer Answer
	// Listeners are its listeners, by port.
	Listeners []ListenerExposure
	// Missing names what was not read of it.
	Missing []string
	// Unmodelled is as in [Reachability].
	Unmodelled []string
}

// ListenerExposure is one listener.
type ListenerExposure struct {
	Listener string
	Protocol Protocol
	Port     uint16
	Reachability
	// Targets are the interfaces that the internet reaches by it: "eni-5 (i-6):8080". Those of which it is not known
	// stand in DoubtfulTargets, with the target groups that were not read.
	Targets, DoubtfulTargets []string
}

// LoadBalancer says what the internet reaches by a load balancer.
func (n *Network) LoadBalancer(internet Internet, arn string) LoadBalancerExposure {
	n.lock.Lock()
	defer n.lock.Unlock()
	b := n.balancers[arn]
	if b == nil {
		return LoadBalancerExposure{Missing: orMissing(n.evidence.LoadBalancers.Missing, arn+" was not listed")}
	}
	x := LoadBalancerExposure{Answer: No, Missing: slices.Clone(b.Listeners.Missing)}
	if len(b.Listeners.Missing) > 0 && (n.mayEnter(b, ipv4) || n.mayEnter(b, ipv6)) {
		x.Answer = Unknown
	}
	listeners := slices.Clone(b.Listeners.List)
	slices.SortStableFunc(listeners, func(a, b Listener) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.ARN, b.ARN), cmp.Compare(a.Protocol, b.Protocol))
	})
	for i := range listeners {
		for _, p := range []Protocol{TCP, UDP} {
			if speaks(listeners[i].Protocol, p) == No {
				continue
			}
			l := n.listener(internet, b, &listeners[i], p)
			if l.Answer == Yes || l.Answer == Unknown && x.Answer == No {
				x.Answer = l.Answer
			}
			x.Listeners = append(x.Listeners, l)
		}
	}
	if x.Answer == No {
		x.Unmodelled = n.entrancesOf(b.VPC)
		slices.Sort(x.Unmodelled)
		x.Unmodelled = slices.Compact(x.Unmodelled)
	}
	return x
}

func (n *Network) listener(i Internet, b *LoadBalancer, l *Listener, p Protocol) ListenerExposure {
	x := ListenerExposure{Listener: l.ARN, Protocol: p, Port: l.Port}
	ports := PortRange{l.Port, l.Port}
	var paths []Path
	for _, f := range []family{ipv4, ipv6} {
		for _, w := range n.ways(b, p, l.Port, f, ipv4, maxHops) {
			links := w.links
			if speaks(l.Protocol, p) == Unknown {
				links = append(slices.Clone(links), newLink(l.ARN, "listener of unknown protocol", unsure, "the protocol of "+l.ARN))
			}
			paths = append(paths, newPath(i, f.of(everything), links, ports))
		}
	}
	x.Reachability = summarize(i, []verdict{judge(i, ports, paths)})
	x.Targets, x.DoubtfulTargets = n.behind(i, b, l, p)
	return x
}

// behind gives the interfaces that the internet reaches, and those that it may reach, by a listener.
func (n *Network) behind(i Internet, b *LoadBalancer, l *Listener, p Protocol) (reached, doubtful []string) {
	seen := map[string]bool{}
	look := func(e *Interface, port uint16) {
		name := fmt.Sprintf("%s:%d", e.ID, port)
		if e.Instance != "" {
			name = fmt.Sprintf("%s (%s):%d", e.ID, e.Instance, port)
		}
		if seen[name] {
			return
		}
		seen[name] = true
		var paths []Path
		for _, path := range n.paths(i, e, p, PortRange{port, port}) {
			if slices.ContainsFunc(path.Links, func(k Link) bool { return k.Text == balancerLink(b, l.Port).Text && k.ID == b.ARN }) {
				paths = append(paths, path)
			}
		}
		switch judge(i, PortRange{port, port}, paths).answer {
		case Yes:
			reached = append(reached, name)
		case Unknown:
			doubtful = append(doubtful, name)
		default:
		}
	}
	for k := range n.evidence.Interfaces.List {
		e := &n.evidence.Interfaces.List[k]
		keys := []string{}
		if e.Instance != "" && e.Device == 0 {
			keys = append(keys, e.Instance)
			if slices.Contains(b.Instances.List, e.Instance) {
				look(e, l.InstancePort)
			}
		}
		for _, key := range keys {
			for _, r := range n.registered[key] {
				look(e, r.port)
			}
		}
		for _, r := range slices.Concat(n.byAddressOf(e), n.fromOutside(e)) {
			look(e, r.port)
		}
	}
	for k := range n.evidence.TargetGroups.List {
		g := &n.evidence.TargetGroups.List[k]
		forwarded := slices.ContainsFunc(n.forwards[g.ARN], func(f forward) bool { return f.balancer == b && (f.listener == nil || f.listener.ARN == l.ARN) })
		if len(g.Targets.Missing) > 0 && forwarded {
			doubtful = append(doubtful, "targets of "+g.Name+" (not read)")
		}
	}
	slices.Sort(reached)
	slices.Sort(doubtful)
	return reached, doubtful
}
