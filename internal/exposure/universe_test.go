package exposure

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The small universe: every block that its networks know. 10.0.0.0/16 is vpc-1, with two subnets; 10.9.0.0/16 is vpc-2.
var blockPool = []string{
	"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/8", "9.0.0.0/8", "64.0.0.0/2", "198.35.26.96/32", "10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24",
	"::/0", "2000::/3", "2600::/12", "2600:1f00::/56",
}

// clientsOf are one address of every part into which the blocks of the pool cut the public addresses.
var clientsOf = func() (list []netip.Addr) {
	parts := []Addresses{public}
	for _, c := range blockPool {
		block, _ := blocksOf([]string{c})
		var finer []Addresses
		for _, part := range parts {
			for _, half := range []Addresses{part.Intersect(block), part.Subtract(block)} {
				if !half.IsEmpty() {
					finer = append(finer, half)
				}
			}
		}
		parts = finer
	}
	for _, part := range parts {
		for _, half := range []Addresses{part.IPv4(), part.IPv6()} {
			if !half.IsEmpty() {
				list = append(list, half.Prefixes()[0].Addr())
				parted = append(parted, half)
			}
		}
	}
	return list
}()

var parted []Addresses // the part of each of clientsOf

var brutePorts = []uint16{22, 80, 1024, 2000}

func one[T any](t *rapid.T, from ...T) T {
	return from[rapid.IntRange(0, len(from)-1).Draw(t, "")]
}

func likely[T any](t *rapid.T, usual T, others ...T) T {
	if rapid.IntRange(0, 5).Draw(t, "") < 5 { // small numbers come often
		return usual
	}
	return one(t, others...)
}

func portsOf(t *rapid.T) (from, to *int32) {
	r := one(t, [2]int32{0, 65535}, [2]int32{22, 22}, [2]int32{80, 80}, [2]int32{22, 80}, [2]int32{1024, 65535}, [2]int32{1024, 2000}, [2]int32{2001, 3000}, [2]int32{0, 1023})
	return i32(r[0]), i32(r[1])
}

func anyRule(t *rapid.T) Rule {
	r := Rule{Protocol: likely(t, "tcp", "udp", "-1", "6")}
	r.From, r.To = portsOf(t)
	for range rapid.IntRange(1, 2).Draw(t, "") {
		switch c := one(t, append(slices.Clone(blockPool), "0.0.0.0/0", "0.0.0.0/0", "::/0", "10.0.0.0/16", "pl-1", "sg-1", "sg-2", "sg-lb", "sg-lb")...); {
		case c == "pl-1":
			r.PrefixLists = append(r.PrefixLists, list("pl-1", "0.0.0.0/1", "128.0.0.0/1"))
		case c[:2] == "sg":
			r.GroupRefs = append(r.GroupRefs, c)
		case slices.Contains(blockPool[10:], c):
			r.CIDR6s = append(r.CIDR6s, c)
		default:
			r.CIDRs = append(r.CIDRs, c)
		}
	}
	return r
}

func anyEntries(t *rapid.T) []ACLEntry {
	var all []ACLEntry
	for _, egress := range []bool{false, true} {
		for k := range rapid.IntRange(0, 2).Draw(t, "") {
			e := ACLEntry{Number: int32(10 + k), Egress: egress, Action: one(t, "allow", "deny"), Protocol: likely(t, "6", "17", "-1")}
			e.From, e.To = portsOf(t)
			c := one(t, blockPool...)
			if slices.Contains(blockPool[10:], c) {
				e.CIDR6 = c
			} else {
				e.CIDR = c
			}
			all = append(all, e)
		}
		if likely(t, true, false) {
			all = append(all, ACLEntry{Number: 100, Egress: egress, Action: "allow", Protocol: "-1", CIDR: "0.0.0.0/0"},
				ACLEntry{Number: 101, Egress: egress, Action: "allow", Protocol: "-1", CIDR6: "::/0"})
		}
	}
	return all
}

func anyRoutes(t *rapid.T, vpc string) []Route {
	routes := []Route{{Destination: map[string]string{"vpc-1": "10.0.0.0/16", "vpc-2": "10.9.0.0/16"}[vpc], Target: "local", State: "active"}}
	seen := map[string]bool{routes[0].Destination: true}
	add := func(dest, target string) {
		r := Route{Destination: dest, Target: target, State: likely(t, "active", "blackhole"), Propagated: likely(t, false, true) && false}
		if !seen[dest] {
			seen[dest] = true
			routes = append(routes, r)
		}
	}
	if likely(t, true, false) {
		add("0.0.0.0/0", likely(t, "igw-1", "nat-1"))
		add("::/0", likely(t, "igw-1", "eigw-1"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "") {
		add(one(t, append(slices.Clone(blockPool[1:7]), blockPool[11:13]...)...), one(t, "igw-1", "igw-2", "nat-1", "eigw-1", "pcx-1"))
	}
	if one(t, true, false, false) {
		add("pl-routes", one(t, "igw-1", "pcx-1"))
	}
	if one(t, true, false, false) { // a propagated one, perhaps for a destination that stands already
		routes = append(routes, Route{Destination: one(t, "0.0.0.0/0", "8.0.0.0/8", "64.0.0.0/2"), Target: "vgw-1", State: "active", Propagated: true})
	}
	return routes
}

// anyNetwork draws a network in which everything was read.
func anyNetwork(t *rapid.T) Evidence {
	var e Evidence
	e.VPCs.List = []VPC{{ID: "vpc-1", CIDRs: []string{"10.0.0.0/16", "2600:1f00::/56"}}, {ID: "vpc-2", CIDRs: []string{"10.9.0.0/16"}}}
	e.Subnets.List = []Subnet{
		{ID: "subnet-1", VPC: "vpc-1", Zone: "a", CIDRs: []string{"10.0.1.0/24"}},
		{ID: "subnet-2", VPC: "vpc-1", Zone: one(t, "a", "b"), CIDRs: []string{"10.0.2.0/24"}},
		{ID: "subnet-3", VPC: "vpc-2", Zone: "a", CIDRs: []string{"10.9.1.0/24"}},
	}
	e.PrefixLists.List = []PrefixList{list("pl-routes", one(t, "8.0.0.0/8", "0.0.0.0/0", "64.0.0.0/2"), one(t, "128.0.0.0/1", "9.0.0.0/8"))}
	e.RouteTables.List = []RouteTable{
		{ID: "rtb-1", VPC: "vpc-1", Main: true, Routes: anyRoutes(t, "vpc-1")},
		{ID: "rtb-2", VPC: "vpc-1", Subnets: one(t, []string{"subnet-2"}, nil), Routes: anyRoutes(t, "vpc-1")},
		{ID: "rtb-3", VPC: "vpc-2", Main: true, Routes: anyRoutes(t, "vpc-2")},
	}
	e.Gateways.List = []InternetGateway{
		{ID: "igw-1", Attachments: likely(t, []Attachment{{"vpc-1", "available"}}, []Attachment{{"vpc-1", "detached"}}, nil)},
		{ID: "igw-2", Attachments: []Attachment{{"vpc-2", "available"}}},
	}
	e.ACLs.List = []ACL{
		{ID: "acl-1", VPC: "vpc-1", Subnets: []string{"subnet-1"}, Entries: anyEntries(t)},
		{ID: "acl-2", VPC: "vpc-1", Subnets: []string{"subnet-2"}, Entries: anyEntries(t)},
		{ID: "acl-3", VPC: "vpc-2", Subnets: []string{"subnet-3"}, Entries: anyEntries(t)},
	}
	for _, id := range []string{"sg-1", "sg-2", "sg-lb"} {
		g := Group{ID: id, VPC: "vpc-1", Inbound: []Rule{anyRule(t)}, Outbound: likely(t, []Rule{anything("0.0.0.0/0")}, []Rule{anyRule(t)}, nil)}
		for range rapid.IntRange(0, 2).Draw(t, "") {
			g.Inbound = append(g.Inbound, anyRule(t))
		}
		e.Groups.List = append(e.Groups.List, g)
	}
	e.Block = BlockPublicAccess{Mode: likely(t, "off", "block-ingress", "block-bidirectional"), State: "default-state"}
	if one(t, true, false) {
		e.Exclusions.List = []Exclusion{{ID: "vpcbpa-1", Resource: one(t, "vpc-1", "vpc-2", "subnet-1", "subnet-2"), Mode: likely(t, "allow-bidirectional", "allow-egress"), State: likely(t, "create-complete", "delete-complete")}}
	}
	for k := 1; k <= 3; k++ {
		s := fmt.Sprintf("subnet-%d", k)
		x := Interface{
			ID: fmt.Sprintf("eni-%d", k), Subnet: s, VPC: map[bool]string{true: "vpc-2", false: "vpc-1"}[k == 3], Status: likely(t, "in-use", "available"),
			Instance: fmt.Sprintf("i-%d", k), Groups: one(t, []string{"sg-1"}, []string{"sg-2"}, []string{"sg-1", "sg-2"}),
			IPv4: []IPv4{{Private: fmt.Sprintf("10.%d.%d.5", 9*(k/3), 1+(k-1)%2*(1-k/3)), Public: likely(t, "", "54.1.2.3")}},
		}
		if one(t, true, false, false) {
			x.IPv6 = []string{fmt.Sprintf("2600:1f00::%d", k)}
		}
		e.Interfaces.List = append(e.Interfaces.List, x)
		e.Instances.List = append(e.Instances.List, Instance{ID: x.Instance, VPC: x.VPC, State: likely(t, "running", "stopped")})
	}
	anyBalancers(t, &e)
	return e
}

func anyBalancers(t *rapid.T, e *Evidence) {
	for k := range rapid.IntRange(1, 2).Draw(t, "") {
		g := TargetGroup{ARN: fmt.Sprintf("tg-%d", k), Name: "group", VPC: "vpc-1", Type: one(t, "instance", "ip"), Addresses: "ipv4", Protocol: likely(t, "TCP", "UDP", "TCP_UDP"), Port: one(t, 80, 22, uint16(2000))}
		on := one(t, true, false)
		g.PreserveClientIP = &on
		for range rapid.IntRange(1, 2).Draw(t, "") {
			id := one(t, "i-1", "i-2")
			if g.Type == "ip" {
				id = one(t, "10.0.1.5", "10.0.2.5", "10.0.1.5", "10.0.2.5", "10.0.1.100", "10.0.2.101")
			}
			g.Targets.List = append(g.Targets.List, RegisteredTarget{ID: id, Port: one(t, 0, 0, uint16(80), uint16(1024))})
		}
		e.TargetGroups.List = append(e.TargetGroups.List, g)
	}
	for k := range rapid.IntRange(0, 2).Draw(t, "") {
		b := LoadBalancer{
			ARN: fmt.Sprintf("lb-%d", k), Name: "balancer", Type: one(t, Application, NetworkLB, NetworkLB, Classic), VPC: "vpc-1", State: "active",
			Scheme: likely(t, "internet-facing", "internal"), Addresses: one(t, "ipv4", "dualstack"), Subnets: []string{one(t, "subnet-1", "subnet-2")}, Groups: []string{"sg-lb"},
		}
		if b.Type == NetworkLB && one(t, true, false) {
			b.Groups = nil
		}
		l := Listener{ARN: fmt.Sprintf("listener-%d", k), Protocol: likely(t, "TCP", "UDP", "TCP_UDP"), Port: one(t, brutePorts...)}
		switch b.Type {
		case Classic:
			l.Protocol, l.InstancePort = "TCP", one(t, brutePorts...)
			b.Instances.List = []string{one(t, "i-1", "i-2")}
		case Application:
			l.Protocol = "HTTP"
			for n := range rapid.IntRange(0, 2).Draw(t, "") {
				r := ListenerRule{Priority: n + 1, Conditional: one(t, true, false)}
				if one(t, true, false) || !r.Conditional {
					r.SourceIPs = []string{one(t, blockPool...)}
				}
				if one(t, true, false) {
					r.Forward = []string{one(t, "tg-0", "tg-1")}
				}
				l.Rules.List = append(l.Rules.List, r)
			}
		}
		if b.Type != Classic {
			l.Rules.List = append(l.Rules.List, ListenerRule{Default: true, Forward: likely(t, []string{one(t, "tg-0", "tg-1", "tg-alb")}, nil)})
		}
		if b.Type == Application && !slices.ContainsFunc(e.TargetGroups.List, func(g TargetGroup) bool { return g.Type == "alb" }) {
			on := one(t, true, false)
			e.TargetGroups.List = append(e.TargetGroups.List, TargetGroup{ARN: "tg-alb", Name: "alb", VPC: "vpc-1", Type: "alb", Addresses: "ipv4", Protocol: "TCP", Port: l.Port, PreserveClientIP: &on, Targets: Rows[RegisteredTarget]{List: []RegisteredTarget{{ID: b.ARN, Port: l.Port}}}})
		}
		b.Listeners.List = []Listener{l}
		e.LoadBalancers.List = append(e.LoadBalancers.List, b)
		node := Interface{
			ID: fmt.Sprintf("eni-lb-%d", k), Subnet: b.Subnets[0], VPC: "vpc-1", Status: "in-use", Owner: "amazon-elb", LoadBalancer: b.ARN, Groups: b.Groups, Type: "network_load_balancer",
			IPv4: []IPv4{{Private: map[string]string{"subnet-1": "10.0.1.", "subnet-2": "10.0.2."}[b.Subnets[0]] + fmt.Sprint(100+k)}},
		}
		if b.Addresses == "dualstack" {
			node.IPv6, node.Hidden = []string{fmt.Sprintf("2600:1f00::%d", 100+k)}, one(t, Yes, No)
		}
		e.Interfaces.List = append(e.Interfaces.List, node)
	}
	// Every group names the load balancers that use it, as AWS's answer does.
	for i := range e.TargetGroups.List {
		g := &e.TargetGroups.List[i]
		for _, b := range e.LoadBalancers.List {
			for _, r := range b.Listeners.List[0].Rules.List {
				if slices.Contains(r.Forward, g.ARN) && !slices.Contains(g.LoadBalancers, b.ARN) {
					g.LoadBalancers = append(g.LoadBalancers, b.ARN)
				}
			}
		}
	}
	if one(t, true, false, false) {
		e.Accelerators.List = []AcceleratorEndpoint{{
			Accelerator: "accelerator-1", Enabled: likely(t, Yes, No), Protocol: likely(t, TCP, UDP), Ports: []PortRange{one(t, PortRange{80, 80}, PortRange{22, 1024})},
			Overrides: one(t, nil, map[uint16]uint16{80: 2000}), Endpoint: one(t, "i-1", "i-2", "lb-0"), Preserved: Yes, IPv6: one(t, true, false),
		}}
	}
}

// anyMore adds what the second model does not follow.
func anyMore(t *rapid.T, e *Evidence) {
	e.Interfaces.List[0].IPv4[0].Allocation = "eipalloc-1"
	e.RouteTables.List[2].Routes = append(e.RouteTables.List[2].Routes, Route{Destination: "10.0.0.0/16", Target: one(t, "pcx-1", "eigw-1"), State: "active"})
	if one(t, true, false) { // of vpc-2, or within a delegated block
		g := &e.TargetGroups.List[0]
		g.Type = "ip"
		g.Targets.List = append(g.Targets.List, RegisteredTarget{ID: one(t, "10.9.1.5", "2600:1f00:0:1::5")})
		e.Interfaces.List[1].IPv6 = append(e.Interfaces.List[1].IPv6, "2600:1f00:0:1::/80")
	}
	if one(t, true, false) {
		e.Accelerators.List = append(e.Accelerators.List, AcceleratorEndpoint{
			Accelerator: "accelerator-2", Enabled: Yes, Protocol: TCP, Ports: []PortRange{{22, 1024}}, Endpoint: one(t, "eipalloc-1", "lb-0", "lb-1"), Preserved: one(t, Yes, No),
		})
	}
	if one(t, true, false) {
		e.VPCOrigins.List = []VPCOrigin{{ID: "vo-1", Used: Yes, Endpoint: one(t, "lb-0", "lb-1", "i-1", "i-2"), Ports: brutePorts, Groups: []string{one(t, "sg-1", "sg-cf")}}}
	}
}

// TestReachBrute compares the reasoning with the second model, address by address.
func TestReachBrute(t *testing.T) {
	counts := map[Answer]int{}
	balanced := 0
	rapid.Check(t, func(t *rapid.T) {
		e := anyNetwork(t)
		n := NewNetwork(e)
		for k := range 3 {
			for _, p := range []Protocol{TCP, UDP} {
				for _, port := range brutePorts {
					r := n.Reach(Internet{}, Target{Interface: e.Interfaces.List[k].ID}, p, PortRange{port, port})
					var sure, possible Addresses
					for c, client := range clientsOf {
						lax := brute{e, false}.reaches(&e.Interfaces.List[k], p, port, client)
						if lax {
							possible = possible.Union(parted[c])
						}
						strict := brute{e, true}.reaches(&e.Interfaces.List[k], p, port, client)
						if strict {
							sure = sure.Union(parted[c])
						}
						if got := r.From.Contains(client); got != strict {
							t.Fatalf("%s %s %d from %s: surely reached %v, by the second model %v\n%v\n%v", e.Interfaces.List[k].ID, p, port, client, got, strict, r.Paths, r.Stops)
						}
						if got := r.Possible.Contains(client); got != lax {
							t.Fatalf("%s %s %d from %s: possibly reached %v, by the second model %v\n%v\n%v", e.Interfaces.List[k].ID, p, port, client, got, lax, r.Paths, r.Stops)
						}
					}
					if want := (Internet{}).Judge(sure, possible); r.Answer != want {
						t.Fatalf("%s %s %d: %s, want %s", e.Interfaces.List[k].ID, p, port, r.Answer, want)
					}
					counts[r.Answer]++
					if r.Answer == Yes && len(r.Paths[0].Links) > 6 {
						balanced++
					}
				}
			}
		}
	})
	t.Log(counts, "by longer paths", balanced)
}
