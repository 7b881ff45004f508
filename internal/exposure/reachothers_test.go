package exposure

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func anyPlacement(t *rapid.T) Placement {
	return Placement{
		Name: "db", VPC: "vpc-1", Subnets: one(t, []string{"subnet-1"}, []string{"subnet-2"}, []string{"subnet-1", "subnet-2"}),
		Groups: one(t, []string{"sg-1"}, []string{"sg-1", "sg-2"}), Public: one(t, Yes, No, Unknown), IPv6: one(t, No, Yes),
	}
}

// oneFamily holds that a path speaks of the clients whose path it is.
func oneFamily(t *rapid.T, r Reachability) {
	t.Helper()
	for _, p := range r.Paths {
		if !p.Possible.IPv4().IsEmpty() && !p.Possible.IPv6().IsEmpty() || !p.Possible.Subtract(p.Clients).IsEmpty() {
			t.Fatalf("%s is of both families: %s", p, p.Possible)
		}
	}
}

// onlyDoubts holds that the answer with less evidence is the same or unknown, and that its sets have not moved past the other's.
func onlyDoubts(t *rapid.T, a, b Reachability) {
	t.Helper()
	if b.Answer != Unknown && b.Answer != a.Answer || b.Answer == Unknown && len(b.Missing) == 0 {
		t.Fatalf("from %s to %s (%q)\n%v %v\n%v %v", a.Answer, b.Answer, b.Missing, a.Paths, a.Stops, b.Paths, b.Stops)
	}
	if !b.From.Subtract(a.From).IsEmpty() || !a.Possible.Intersect(public).Subtract(b.Possible).IsEmpty() {
		t.Fatalf("from %s (%s) to %s (%s)\n%v\n%v", a.From, a.Possible, b.From, b.Possible, a.Paths, b.Paths)
	}
	oneFamily(t, a)
	oneFamily(t, b)
}

func someLoss(t *rapid.T, e *Evidence) string {
	names := make([]string, 0, len(losses))
	for name := range losses {
		names = append(names, name)
	}
	slices.Sort(names)
	name := one(t, names...)
	losses[name](t, e)
	return name
}

// TestReachPlacementLostEvidence is the property of less evidence for what stands somewhere in subnets.
func TestReachPlacementLostEvidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := anyNetwork(t)
		anyMore(t, &whole)
		at := anyPlacement(t)
		less := clone(whole)
		t.Log("lost:", someLoss(t, &less))
		n, m := NewNetwork(whole), NewNetwork(less)
		for _, s := range everyService {
			onlyDoubts(t, n.ReachPlacement(Internet{}, at, s.Protocol, s.Ports), m.ReachPlacement(Internet{}, at, s.Protocol, s.Ports))
		}
		at.Public, at.IPv6 = Unknown, Unknown
		for _, s := range everyService {
			known := at
			known.Public, known.IPv6 = one(t, Yes, No), one(t, Yes, No)
			onlyDoubts(t, n.ReachPlacement(Internet{}, known, s.Protocol, s.Ports), n.ReachPlacement(Internet{}, at, s.Protocol, s.Ports))
		}
	})
}

// TestReachBalancerLostEvidence is the same for load balancers, by listener.
func TestReachBalancerLostEvidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := anyNetwork(t)
		anyMore(t, &whole)
		less := clone(whole)
		t.Log("lost:", someLoss(t, &less))
		n, m := NewNetwork(whole), NewNetwork(less)
		for _, b := range whole.LoadBalancers.List {
			x, y := n.LoadBalancer(Internet{}, b.ARN), m.LoadBalancer(Internet{}, b.ARN)
			if y.Answer != Unknown && y.Answer != x.Answer {
				t.Fatalf("%s: from %s to %s", b.ARN, x.Answer, y.Answer)
			}
			for _, l := range y.Listeners {
				k := slices.IndexFunc(x.Listeners, func(o ListenerExposure) bool { return o.Listener == l.Listener && o.Protocol == l.Protocol })
				if k < 0 { // of a protocol that was lost
					continue
				}
				onlyDoubts(t, x.Listeners[k].Reachability, l.Reachability)
				for _, target := range l.Targets {
					if !slices.Contains(x.Listeners[k].Targets, target) {
						t.Fatalf("%s:%d reaches %s with less evidence alone", b.ARN, l.Port, target)
					}
				}
			}
		}
	})
}

// TestReachBalancerBrute compares listeners with the second model, address by address.
func TestReachBalancerBrute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyNetwork(t)
		n := NewNetwork(e)
		for i := range e.LoadBalancers.List {
			b := &e.LoadBalancers.List[i]
			for _, l := range n.LoadBalancer(Internet{}, b.ARN).Listeners {
				for _, client := range clientsOf {
					for _, strict := range []bool{false, true} {
						m := brute{e, strict}
						want := slices.ContainsFunc(m.nodes(b), func(node peer) bool { return len(m.arrives(b, node, l.Protocol, l.Port, client, maxHops)) > 0 })
						got := l.Possible.Contains(client)
						if strict {
							got = l.From.Contains(client)
						}
						if got != want {
							t.Fatalf("%s %s %d from %s: %v, by the second model %v (strict %v)\n%v\n%v", b.ARN, l.Protocol, l.Port, client, got, want, strict, l.Paths, l.Stops)
						}
					}
				}
			}
		}
	})
}

// TestReachPlacementBrute does so for what stands in one subnet; load balancers before it only cast doubt.
func TestReachPlacementBrute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyNetwork(t)
		at := anyPlacement(t)
		at.Subnets = at.Subnets[:1]
		at.Public, at.IPv6 = one(t, Yes, No), one(t, Yes, No)
		n := NewNetwork(e)
		for _, port := range brutePorts {
			r := n.ReachPlacement(Internet{}, at, TCP, PortRange{port, port})
			for _, client := range clientsOf {
				has := client.Is4() && at.Public == Yes || client.Is6() && at.IPv6 == Yes
				for _, strict := range []bool{false, true} {
					m := brute{e, strict}
					want := has && m.enters(m.subnet(at.Subnets[0]), TCP, port, client) && m.group(at.Groups, false, TCP, port, client, nil)
					if got := r.From.Contains(client); strict && got != want {
						t.Fatalf("%d from %s: surely reached %v, by the second model %v\n%v\n%v", port, client, got, want, r.Paths, r.Stops)
					}
					if !strict && want && !r.Possible.Contains(client) {
						t.Fatalf("%d from %s: not even possible\n%v\n%v", port, client, r.Paths, r.Stops)
					}
				}
			}
		}
	})
}
