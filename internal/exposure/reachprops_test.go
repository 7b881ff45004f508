package exposure

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var everyService = []Service{
	{TCP, PortRange{22, 22}}, {TCP, PortRange{80, 80}}, {TCP, PortRange{1024, 1024}}, {UDP, PortRange{2000, 2000}}, {TCP, PortRange{0, 65535}},
}

func targets(e Evidence) (list []Target) {
	for _, x := range e.Interfaces.List[:3] {
		list = append(list, Target{Interface: x.ID}, Target{Instance: x.Instance})
	}
	return list
}

// clone copies what the properties change.
func clone(e Evidence) Evidence {
	c := func(a *[]ACLEntry) { *a = slices.Clone(*a) }
	e.ACLs.List = slices.Clone(e.ACLs.List)
	for i := range e.ACLs.List {
		c(&e.ACLs.List[i].Entries)
	}
	e.Groups.List = slices.Clone(e.Groups.List)
	for i := range e.Groups.List {
		e.Groups.List[i].Inbound = slices.Clone(e.Groups.List[i].Inbound)
	}
	e.RouteTables.List = slices.Clone(e.RouteTables.List)
	for i := range e.RouteTables.List {
		e.RouteTables.List[i].Routes = slices.Clone(e.RouteTables.List[i].Routes)
	}
	e.LoadBalancers.List = slices.Clone(e.LoadBalancers.List)
	for i := range e.LoadBalancers.List {
		b := &e.LoadBalancers.List[i]
		b.Listeners.List = slices.Clone(b.Listeners.List)
		for j := range b.Listeners.List {
			b.Listeners.List[j].Rules.List = slices.Clone(b.Listeners.List[j].Rules.List)
		}
		b.Instances.List = slices.Clone(b.Instances.List)
	}
	e.TargetGroups.List = slices.Clone(e.TargetGroups.List)
	for i := range e.TargetGroups.List {
		e.TargetGroups.List[i].Targets.List = slices.Clone(e.TargetGroups.List[i].Targets.List)
	}
	e.Interfaces.List, e.Instances.List, e.Subnets.List = slices.Clone(e.Interfaces.List), slices.Clone(e.Instances.List), slices.Clone(e.Subnets.List)
	e.Gateways.List, e.VPCs.List, e.Accelerators.List = slices.Clone(e.Gateways.List), slices.Clone(e.VPCs.List), slices.Clone(e.Accelerators.List)
	e.PrefixLists.List, e.Exclusions.List = slices.Clone(e.PrefixLists.List), slices.Clone(e.Exclusions.List)
	e.VPCOrigins.List = slices.Clone(e.VPCOrigins.List)
	return e
}

// lose takes one row, or all, out of a listing and says so.
func lose[T any](t *rapid.T, r *Rows[T]) {
	r.Missing = []string{"denied"}
	if k := rapid.IntRange(-1, len(r.List)-1).Draw(t, "row"); k < 0 {
		r.List = nil
	} else {
		r.List = slices.Delete(slices.Clone(r.List), k, k+1)
	}
}

// TestUnfiltered holds that what groups that let everything in would allow is a bound of what these allow, over all ports.
func TestUnfiltered(t *testing.T) {
	stopped := 0
	rapid.Check(t, func(t *rapid.T) {
		e := anyNetwork(t)
		anyMore(t, &e)
		if one(t, true, false, false) {
			someLoss(t, &e)
		}
		n := NewNetwork(e)
		for _, x := range e.Interfaces.List {
			for _, p := range []Protocol{TCP, UDP} {
				next := 0
				for _, b := range n.Unfiltered(Internet{}, x.ID, p) {
					if int(b.Ports.From) != next {
						t.Fatalf("a stretch begins at %d, the one before it ended at %d", b.Ports.From, next-1)
					}
					next = int(b.Ports.To) + 1
					r := n.Reach(Internet{}, Target{Interface: x.ID}, p, b.Ports)
					if b.Answer == No {
						stopped++
					}
					if b.Answer == No && r.Answer != No || b.Answer == Unknown && r.Answer == Yes {
						t.Fatalf("%s %s %s: %s, and %s whatever its groups\n%v", x.ID, p, b.Ports, r.Answer, b.Answer, r.Paths)
					}
				}
				if next != 65536 {
					t.Fatalf("%s %s: the stretches end at %d", x.ID, p, next-1)
				}
			}
		}
	})
	if stopped == 0 {
		t.Error("nothing was stopped")
	}
}

// losses are the ways in which evidence goes missing.
var losses = map[string]func(*rapid.T, *Evidence){
	"VPCs":          func(t *rapid.T, e *Evidence) { lose(t, &e.VPCs) },
	"subnets":       func(t *rapid.T, e *Evidence) { lose(t, &e.Subnets) },
	"route tables":  func(t *rapid.T, e *Evidence) { lose(t, &e.RouteTables) },
	"gateways":      func(t *rapid.T, e *Evidence) { lose(t, &e.Gateways) },
	"prefix lists":  func(t *rapid.T, e *Evidence) { lose(t, &e.PrefixLists) },
	"ACLs":          func(t *rapid.T, e *Evidence) { lose(t, &e.ACLs) },
	"groups":        func(t *rapid.T, e *Evidence) { lose(t, &e.Groups) },
	"interfaces":    func(t *rapid.T, e *Evidence) { lose(t, &e.Interfaces) },
	"instances":     func(t *rapid.T, e *Evidence) { lose(t, &e.Instances) },
	"exclusions":    func(t *rapid.T, e *Evidence) { lose(t, &e.Exclusions) },
	"balancers":     func(t *rapid.T, e *Evidence) { lose(t, &e.LoadBalancers) },
	"target groups": func(t *rapid.T, e *Evidence) { lose(t, &e.TargetGroups) },
	"accelerators":  func(t *rapid.T, e *Evidence) { lose(t, &e.Accelerators) },
	"origins":       func(t *rapid.T, e *Evidence) { lose(t, &e.VPCOrigins) },
	"block":         func(_ *rapid.T, e *Evidence) { e.Block = BlockPublicAccess{Missing: []string{"denied"}} },
	"block state":   func(_ *rapid.T, e *Evidence) { e.Block.State = "" },
	"status":        func(_ *rapid.T, e *Evidence) { e.Interfaces.List[0].Status = "" },
	"state":         func(_ *rapid.T, e *Evidence) { e.Instances.List[0].State = "" },
	"attachment": func(_ *rapid.T, e *Evidence) {
		e.Gateways.List[0].Attachments = []Attachment{{VPC: "vpc-1"}}
	},
	"route": func(_ *rapid.T, e *Evidence) {
		for i := range e.RouteTables.List[0].Routes {
			e.RouteTables.List[0].Routes[i].State, e.RouteTables.List[0].Routes[i].Target = "", ""
		}
	},
	"entry":     func(_ *rapid.T, e *Evidence) { someEntry(e, func(x *ACLEntry) { x.CIDR, x.CIDR6 = "", "" }) },
	"action":    func(_ *rapid.T, e *Evidence) { someEntry(e, func(x *ACLEntry) { x.Action = "" }) },
	"rule list": func(_ *rapid.T, e *Evidence) { e.Groups.List[0].Inbound[0].PrefixLists = []PrefixList{{ID: "pl-9"}} },
	"targets": func(t *rapid.T, e *Evidence) {
		lose(t, &e.TargetGroups.List[rapid.IntRange(0, len(e.TargetGroups.List)-1).Draw(t, "")].Targets)
	},
	"preservation": func(_ *rapid.T, e *Evidence) {
		for i := range e.TargetGroups.List {
			e.TargetGroups.List[i].PreserveClientIP = nil
		}
	},
	"group protocol": func(_ *rapid.T, e *Evidence) { e.TargetGroups.List[0].Protocol = "" },
	"listeners":      someBalancer(func(t *rapid.T, b *LoadBalancer) { lose(t, &b.Listeners) }),
	"registered":     someBalancer(func(t *rapid.T, b *LoadBalancer) { lose(t, &b.Instances) }),
	"rules":          someBalancer(func(t *rapid.T, b *LoadBalancer) { lose(t, &b.Listeners.List[0].Rules) }),
	"scheme":         someBalancer(func(_ *rapid.T, b *LoadBalancer) { b.Scheme = "" }),
	"addresses":      someBalancer(func(_ *rapid.T, b *LoadBalancer) { b.Addresses = "" }),
	"protocol":       someBalancer(func(_ *rapid.T, b *LoadBalancer) { b.Listeners.List[0].Protocol = "" }),
	"subnets of one": someBalancer(func(_ *rapid.T, b *LoadBalancer) { b.Subnets = nil }),
	"hidden": func(_ *rapid.T, e *Evidence) {
		for i := range e.Interfaces.List {
			e.Interfaces.List[i].Hidden = Unknown
		}
	},
	"target type": func(_ *rapid.T, e *Evidence) { e.TargetGroups.List[0].Type = "" },
	"origin":      func(_ *rapid.T, e *Evidence) { e.VPCOrigins.List = nil; e.VPCOrigins.Missing = []string{"denied"} },
	"accelerator": func(_ *rapid.T, e *Evidence) {
		for i := range e.Accelerators.List {
			e.Accelerators.List[i].Enabled, e.Accelerators.List[i].Preserved = Unknown, Unknown
		}
	},
}

func someEntry(e *Evidence, change func(*ACLEntry)) {
	for i := range e.ACLs.List {
		for j := range e.ACLs.List[i].Entries {
			if j%2 == 0 {
				change(&e.ACLs.List[i].Entries[j])
			}
		}
	}
}

func someBalancer(change func(*rapid.T, *LoadBalancer)) func(*rapid.T, *Evidence) {
	return func(t *rapid.T, e *Evidence) {
		for i := range e.LoadBalancers.List {
			change(t, &e.LoadBalancers.List[i])
		}
	}
}

func TestReachLostEvidence(t *testing.T) {
	names := make([]string, 0, len(losses))
	for name := range losses {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				whole := anyNetwork(t)
				anyMore(t, &whole)
				less := clone(whole)
				losses[name](t, &less)
				n, m := NewNetwork(whole), NewNetwork(less)
				for _, target := range targets(whole) {
					for _, s := range everyService {
						a, b := n.Reach(Internet{}, target, s.Protocol, s.Ports), m.Reach(Internet{}, target, s.Protocol, s.Ports)
						if b.Answer != Unknown && b.Answer != a.Answer {
							t.Fatalf("%v %v: from %s to %s\n%v %v\n%v %v", target, s, a.Answer, b.Answer, a.Paths, a.Stops, b.Paths, b.Stops)
						}
						if !b.From.Subtract(a.From).IsEmpty() || !a.Possible.Subtract(b.Possible).IsEmpty() && !a.Possible.Intersect(public).Subtract(b.Possible).IsEmpty() {
							t.Fatalf("%v %v: from %s (%s) to %s (%s)\n%v\n%v", target, s, a.From, a.Possible, b.From, b.Possible, a.Paths, b.Paths)
						}
						if b.Answer == Unknown && len(b.Missing) == 0 {
							t.Fatalf("%v %v: unknown without a reason: %v", target, s, b.Paths)
						}
					}
				}
			})
		})
	}
}

// compareReach looks at all answers before and after a change.
func compareReach(t *rapid.T, before, after Evidence, fine func(a, b Reachability) bool) {
	n, m := NewNetwork(before), NewNetwork(after)
	for _, target := range targets(before) {
		for _, s := range everyService {
			a, b := n.Reach(Internet{}, target, s.Protocol, s.Ports), m.Reach(Internet{}, target, s.Protocol, s.Ports)
			if !fine(a, b) {
				t.Fatalf("%v %v: from %s by %v %v\nto %s by %v %v", target, s, a.Answer, a.Paths, a.Stops, b.Answer, b.Paths, b.Stops)
			}
		}
	}
}

func opens(a, b Reachability) bool {
	return a.From.Subtract(b.From).IsEmpty() && a.Possible.Subtract(b.Possible).IsEmpty()
}

func same(a, b Reachability) bool {
	return cmp.Equal(a, b, cmp.AllowUnexported(Stop{}, Addresses{}, span{}, uint128{}))
}

func sameAnswer(a, b Reachability) bool {
	return a.Answer == b.Answer && a.From.Equal(b.From) && a.Possible.Equal(b.Possible) && slices.Equal(a.Open, b.Open)
}

func TestReachAddedRuleOnlyOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := anyNetwork(t)
		anyMore(t, &before)
		after := clone(before)
		g := &after.Groups.List[rapid.IntRange(0, 2).Draw(t, "")]
		g.Inbound = append(g.Inbound, anyRule(t))
		compareReach(t, before, after, opens)
	})
}

func TestReachAddedDenyOnlyCloses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := anyNetwork(t)
		anyMore(t, &before)
		after := clone(before)
		acl := &after.ACLs.List[rapid.IntRange(0, 2).Draw(t, "")]
		e := ACLEntry{Number: int32(rapid.IntRange(1, 200).Draw(t, "")), Egress: one(t, true, false), Action: "deny", Protocol: one(t, "6", "-1"), CIDR: one(t, blockPool[:10]...)}
		if !slices.ContainsFunc(acl.Entries, func(x ACLEntry) bool { return x.Number == e.Number }) {
			acl.Entries = append(acl.Entries, e)
		}
		compareReach(t, before, after, func(a, b Reachability) bool { return opens(b, a) })
	})
}

func TestReachUnrelated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := anyNetwork(t)
		anyMore(t, &before)
		after := clone(before)
		after.VPCs.List = append(after.VPCs.List, VPC{ID: "vpc-9", CIDRs: []string{"0.0.0.0/0"}})
		after.Subnets.List = append(after.Subnets.List, Subnet{ID: "subnet-9", VPC: "vpc-9", CIDRs: []string{"10.0.0.0/16"}})
		after.RouteTables.List = append(after.RouteTables.List, RouteTable{ID: "rtb-9", VPC: "vpc-9", Main: true, Gateways: []string{"igw-9"}, Routes: []Route{{"0.0.0.0/0", "igw-1", "active", false}, {"10.0.0.0/16", "eni-9", "active", false}}})
		after.Gateways.List = append(after.Gateways.List, InternetGateway{ID: "igw-9", Attachments: []Attachment{{"vpc-9", "available"}}})
		after.ACLs.List = append(after.ACLs.List, ACL{ID: "acl-9", VPC: "vpc-9", Subnets: []string{"subnet-9"}})
		after.Groups.List = append(after.Groups.List, Group{ID: "sg-9", VPC: "vpc-9", Inbound: []Rule{anything("0.0.0.0/0", "::/0")}})
		after.Interfaces.List = append(after.Interfaces.List, Interface{ID: "eni-9", Subnet: "subnet-9", VPC: "vpc-9", Status: "in-use", Instance: "i-9", Groups: []string{"sg-9"}, IPv4: []IPv4{{Private: "10.0.1.5", Public: "54.9.9.9"}}})
		after.Instances.List = append(after.Instances.List, Instance{ID: "i-9", VPC: "vpc-9", State: "running"})
		after.Exclusions.List = append(after.Exclusions.List, Exclusion{ID: "vpcbpa-9", Resource: "subnet-9", Mode: "allow-bidirectional", State: "create-complete"})
		after.TargetGroups.List = append(after.TargetGroups.List, TargetGroup{ARN: "tg-9", VPC: "vpc-9", Type: "ip", Protocol: "TCP", Port: 80, Targets: Rows[RegisteredTarget]{List: []RegisteredTarget{{ID: "10.0.1.5"}}}})
		compareReach(t, before, after, same)
	})
}

func TestReachOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := anyNetwork(t)
		anyMore(t, &before)
		after := clone(before)
		slices.Reverse(after.VPCs.List)
		slices.Reverse(after.Subnets.List)
		slices.Reverse(after.Gateways.List)
		slices.Reverse(after.Instances.List)
		slices.Reverse(after.LoadBalancers.List)
		slices.Reverse(after.TargetGroups.List)
		slices.Reverse(after.Interfaces.List)
		for _, x := range after.RouteTables.List {
			slices.Reverse(x.Routes)
		}
		slices.Reverse(after.RouteTables.List)
		for _, x := range after.ACLs.List {
			slices.Reverse(x.Entries)
		}
		slices.Reverse(after.ACLs.List)
		for _, x := range after.Groups.List {
			slices.Reverse(x.Inbound)
		}
		slices.Reverse(after.Groups.List)
		for _, x := range after.LoadBalancers.List {
			slices.Reverse(x.Listeners.List[0].Rules.List)
		}
		compareReach(t, before, after, same)
	})
}

// TestReachSpelling replaces blocks by their halves.
func TestReachSpelling(t *testing.T) {
	halves := map[string][]string{
		"0.0.0.0/0": {"0.0.0.0/1", "128.0.0.0/1"}, "8.0.0.0/8": {"8.0.0.0/9", "8.128.0.0/9"}, "64.0.0.0/2": {"64.0.0.0/3", "96.0.0.0/3"},
		"::/0": {"::/1", "8000::/1"}, "2000::/3": {"2000::/4", "3000::/4"}, "10.0.0.0/16": {"10.0.0.0/17", "10.0.128.0/17"},
	}
	split := func(list []string) (finer []string) {
		for _, c := range list {
			if h := halves[c]; h != nil {
				finer = append(finer, h...)
			} else {
				finer = append(finer, c)
			}
		}
		return finer
	}
	rapid.Check(t, func(t *rapid.T) {
		before := anyNetwork(t)
		anyMore(t, &before)
		after := clone(before)
		for i := range after.Groups.List {
			for j := range after.Groups.List[i].Inbound {
				r := &after.Groups.List[i].Inbound[j]
				r.CIDRs, r.CIDR6s = split(r.CIDRs), split(r.CIDR6s)
				if r.Protocol == "tcp" {
					r.Protocol = "6"
				}
			}
		}
		for i := range after.LoadBalancers.List {
			l := &after.LoadBalancers.List[i].Listeners.List[0]
			for j := range l.Rules.List {
				if l.Rules.List[j].SourceIPs != nil {
					l.Rules.List[j].SourceIPs = split(l.Rules.List[j].SourceIPs)
				}
			}
		}
		for i := range after.ACLs.List {
			var finer []ACLEntry
			for _, e := range after.ACLs.List[i].Entries {
				e.Number *= 2
				for k, c := range split([]string{e.CIDR + e.CIDR6}) {
					x := e
					x.Number += int32(k)
					if e.CIDR != "" {
						x.CIDR = c
					} else {
						x.CIDR6 = c
					}
					finer = append(finer, x)
				}
			}
			after.ACLs.List[i].Entries = finer
		}
		compareReach(t, before, after, sameAnswer)
	})
}
