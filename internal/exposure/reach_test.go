package exposure

import (
	"slices"
	"strings"
	"testing"
)

func reach(changes []change, target Target, p Protocol, ports PortRange) Reachability {
	e := example()
	for _, c := range changes {
		c(&e)
	}
	return NewNetwork(e).Reach(Internet{}, target, p, ports)
}

var (
	ssh      = PortRange{22, 22}
	openSSH  = groupLets("sg-1", tcp(22, 22, "0.0.0.0/0"))
	onlyIPv4 = func(e *Evidence) { e.Interfaces.List[0].IPv6 = nil }
)

// TestReachProof holds the words of the proof.
func TestReachProof(t *testing.T) {
	world := "0.0.0.0/0"
	alb := balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")))
	tests := []struct {
		name     string
		changes  []change
		instance string
		want     Answer
		proof    string // the first path, or stop, or the missing evidence
	}{
		{"direct", []change{openSSH, onlyIPv4}, "i-1", Yes, "internet → igw-1 → rtb-2 (0.0.0.0/0) → acl-3 rule 100 → sg-1 (tcp 22 from 0.0.0.0/0) → eni-1 (54.1.2.3) → i-1:22"},
		{"by a load balancer", []change{alb}, "i-2", Yes, "internet → igw-1 → rtb-2 (0.0.0.0/0) → acl-3 rule 100 → sg-lb (tcp 80 from 0.0.0.0/0) → web:80 → tg-web → sg-2 (from sg-lb) → eni-2 → i-2:8080"},
		{"by Global Accelerator", []change{groupLets("sg-2", tcp(22, 22, world)), accelerator("i-2", ssh)}, "i-2", Yes, "internet → accelerator-1 → igw-1 → sg-2 (tcp 22 from 0.0.0.0/0) → eni-2 → i-2:22"},
		{"a prefix list's route", []change{openSSH, onlyIPv4, func(e *Evidence) { e.PrefixLists.List = []PrefixList{list("pl-1", world)} }, routes(to("pl-1", "igw-1"))}, "i-1", Yes, "internet → igw-1 → rtb-2 (0.0.0.0/0 by pl-1) → acl-3 rule 100 → sg-1 (tcp 22 from 0.0.0.0/0) → eni-1 (54.1.2.3) → i-1:22"},
		{"no route", []change{openSSH, onlyIPv4, routes(to(world, "nat-1"))}, "i-1", No, "internet → rtb-2 has no IPv4 route to an internet gateway of vpc-1"},
		{"no public address", []change{openSSH, onlyIPv4, func(e *Evidence) { e.Interfaces.List[0].IPv4[0].Public = "" }}, "i-1", No, "internet → igw-1 → rtb-2 (0.0.0.0/0) → acl-3 rule 100 → sg-1 (tcp 22 from 0.0.0.0/0) → eni-1 has no public IPv4 address"},
		{"a closed group", []change{onlyIPv4}, "i-1", No, "internet → igw-1 → rtb-2 (0.0.0.0/0) → acl-3 rule 100 → sg-1 lets no public IPv4 address in at tcp 22"},
		{"a stopped one", []change{openSSH, func(e *Evidence) {
			e.Instances.List[0].State, e.Interfaces.List[0].IPv4[0].Allocation = "stopped", "eipalloc-1"
		}}, "i-1", No, "internet → i-1 is stopped, and keeps the Elastic IP address 54.1.2.3"},
		{"no answer", []change{openSSH, onlyIPv4, aclIs(acle(100, 22, 22, false, "allow", world))}, "i-1", No, "internet → igw-1 → rtb-2 (0.0.0.0/0) → acl-3 rule 100 → acl-3 lets no answer out"},
		{"routes not read", []change{openSSH, func(e *Evidence) {
			e.RouteTables = Rows[RouteTable]{Missing: []string{"ec2:DescribeRouteTables denied"}}
		}}, "i-1", Unknown, "ec2:DescribeRouteTables denied, whether an edge association leads through a middlebox"},
		{"groups not read", []change{func(e *Evidence) { e.Groups = Rows[Group]{Missing: []string{"ec2:DescribeSecurityGroups denied"}} }}, "i-1", Unknown, "ec2:DescribeSecurityGroups denied"},
		{"a prefix list not read", []change{groupLets("sg-1", tcp(22, 22, "pl-1"))}, "i-1", Unknown, "sg-1: pl-1: denied"},
		{"a shared subnet", []change{openSSH, onlyIPv4, func(e *Evidence) { e.Account, e.Subnets.List[0].Owner = "1", "2" }}, "i-1", Unknown, "VPC Block Public Access of account 2, which owns subnet-1"},
		{"BPA that changes", []change{openSSH, onlyIPv4, func(e *Evidence) { e.Block.State = "update-in-progress" }}, "i-1", Unknown, `VPC Block Public Access is in state "update-in-progress"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ports := ssh
			if strings.Contains(tt.proof, "8080") {
				ports = PortRange{0, 65535}
			}
			r := reach(tt.changes, Target{Instance: tt.instance}, TCP, ports)
			got := strings.Join(r.Missing, ", ")
			switch r.Answer {
			case Yes:
				got = r.Paths[0].String()
			case No:
				got = r.Stops[0].Path
			default:
			}
			if r.Answer != tt.want || got != tt.proof {
				t.Errorf("%s by\n%s\nwant %s by\n%s", r.Answer, got, tt.want, tt.proof)
			}
		})
	}
}

// TestReachDecided holds that what was read decides whatever else was not.
func TestReachDecided(t *testing.T) {
	denied := []string{"denied"}
	everythingElse := func(e *Evidence) {
		e.LoadBalancers.Missing, e.TargetGroups.Missing, e.Accelerators.Missing, e.VPCOrigins.Missing, e.Entrances.Missing = denied, denied, denied, denied, denied
		e.VPCs.Missing, e.Exclusions.Missing, e.Groups.Missing, e.ACLs.Missing, e.Gateways.Missing = denied, denied, denied, denied, denied
	}
	if r := reach([]change{openSSH, everythingElse}, Target{Interface: "eni-1"}, TCP, ssh); r.Answer != Yes {
		t.Errorf("an open path is %s: %v", r.Answer, r.Missing)
	}
	closed := reach([]change{everythingElse, func(e *Evidence) {
		e.RouteTables, e.Gateways, e.ACLs, e.VPCs, e.Instances = Rows[RouteTable]{Missing: denied}, Rows[InternetGateway]{Missing: denied}, Rows[ACL]{Missing: denied}, Rows[VPC]{Missing: denied}, Rows[Instance]{Missing: denied}
		e.Block = BlockPublicAccess{Missing: denied}
	}}, Target{Interface: "eni-1"}, TCP, ssh)
	if closed.Answer != No || len(closed.Unmodelled) > 0 {
		t.Errorf("a closed group is %s: %v %v", closed.Answer, closed.Missing, closed.Unmodelled)
	}
	private := []change{groupLets("sg-2", tcp(22, 22, "10.0.0.0/16"))}
	alb := balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, "0.0.0.0/0")))
	for name, lost := range map[string]change{
		"load balancers": func(e *Evidence) { e.LoadBalancers.Missing = denied },
		"target groups":  func(e *Evidence) { e.TargetGroups.Missing = denied },
		"targets":        func(e *Evidence) { alb(e); e.TargetGroups.List[0].Targets = Rows[RegisteredTarget]{Missing: denied} },
		"listeners": func(e *Evidence) {
			alb(e)
			e.LoadBalancers.List[0].Listeners = Rows[Listener]{Missing: denied}
			e.TargetGroups.List[0].Port = 22
		},
		"rules": func(e *Evidence) {
			alb(e)
			e.TargetGroups.List[0].Port, e.LoadBalancers.List[0].Listeners.List[0].Rules = 22, Rows[ListenerRule]{Missing: denied}
		},
		"instances of a classic one": func(e *Evidence) {
			balanced(Classic, "TCP", 22)(e)
			e.LoadBalancers.List[0].Instances = Rows[string]{Missing: denied}
		},
		"accelerators": func(e *Evidence) { e.Accelerators.Missing = denied },
		"VPC origins":  func(e *Evidence) { e.VPCOrigins.Missing = denied },
	} {
		r := reach(append(slices.Clone(private), lost), Target{Interface: "eni-2"}, TCP, ssh)
		if r.Answer != Unknown || !slices.Contains(r.Missing, "denied") {
			t.Errorf("%s not read: %s, %v", name, r.Answer, r.Missing)
		}
		if r := reach([]change{lost}, Target{Interface: "eni-2"}, TCP, ssh); r.Answer != No {
			t.Errorf("%s not read, before a closed group: %s", name, r.Answer)
		}
	}
	r := reach(append(private, func(e *Evidence) {
		e.Entrances = Rows[Entrance]{List: []Entrance{{"VPC peering", "pcx-1", "vpc-1"}, {"VPC peering", "pcx-2", "vpc-2"}, {"transit gateway", "tgw-1", ""}}, Missing: []string{"ec2:DescribeVpnConnections denied"}}
	}), Target{Interface: "eni-2"}, TCP, ssh)
	want := []string{"VPC peering pcx-1", "ec2:DescribeVpnConnections denied (not read)", "transit gateway tgw-1"}
	if r.Answer != No || !slices.Equal(r.Unmodelled, want) {
		t.Errorf("%s beside %v", r.Answer, r.Unmodelled)
	}
}

func TestReachTargets(t *testing.T) {
	nat := func(e *Evidence) { e.Interfaces.List[0].Type, e.Interfaces.List[0].Instance = "nat_gateway", "" }
	rds := func(e *Evidence) { e.Interfaces.List[0].Owner, e.Interfaces.List[0].Instance = "amazon-rds", "" }
	second := func(e *Evidence) {
		e.Interfaces.List = append(e.Interfaces.List, Interface{ID: "eni-9", Subnet: "subnet-1", VPC: "vpc-1", Status: "in-use", Instance: "i-2", Device: 1, Groups: []string{"sg-1"}, IPv4: []IPv4{{Private: "10.0.1.9"}, {Private: "10.0.1.10", Public: "54.3.3.3", Allocation: "eipalloc-9"}}})
	}
	elastic := func(e *Evidence) {
		e.Accelerators.List = []AcceleratorEndpoint{{Accelerator: "accelerator-1", Enabled: Yes, Protocol: TCP, Ports: []PortRange{{22, 22}}, Endpoint: "eipalloc-9", Preserved: No}}
	}
	tests := []struct {
		name    string
		changes []change
		target  Target
		p       Protocol
		want    Answer
	}{
		{"a NAT gateway's interface", []change{openSSH, nat}, Target{Interface: "eni-1"}, TCP, No},
		{"RDS's interface", []change{openSSH, rds}, Target{Interface: "eni-1"}, TCP, Yes},
		{"a second interface, a secondary address", []change{openSSH, second}, Target{Instance: "i-2"}, TCP, Yes},
		{"its first interface", []change{openSSH, second}, Target{Interface: "eni-2"}, TCP, No},
		{"Global Accelerator before an Elastic IP address", []change{openSSH, second, elastic}, Target{Instance: "i-2"}, TCP, Yes},
		{"an interface of a load balancer that is not known", []change{openSSH, func(e *Evidence) { e.Interfaces.List[0].Owner = "amazon-elb" }}, Target{Interface: "eni-1"}, TCP, Unknown},
		{"an interface that is attached to nothing", []change{openSSH, func(e *Evidence) { e.Interfaces.List[0].Status = "available" }}, Target{Interface: "eni-1"}, TCP, No},
		{"an interface that was not listed", nil, Target{Interface: "eni-77"}, TCP, Unknown},
		{"an instance that was not listed", nil, Target{Instance: "i-77"}, TCP, Unknown},
		{"all protocols at once", []change{openSSH}, Target{Interface: "eni-1"}, AllProtocols, Unknown},
		{"an exclusion, where others were not read", []change{openSSH, block("block-ingress", Exclusion{"x", "vpc-1", "allow-bidirectional", "create-complete"}), func(e *Evidence) { e.Exclusions.Missing = []string{"denied"} }}, Target{Interface: "eni-1"}, TCP, Unknown},
		{"a rule, where others were not read", []change{balanced(Application, "HTTP", 80, tg(func(g *TargetGroup) { g.Port = 22 }), groupLets("sg-lb", tcp(80, 80, "0.0.0.0/0")), groupLets("sg-2", tcp(22, 22, "sg-lb"))), lb(func(b *LoadBalancer) { b.Listeners.List[0].Rules.Missing = []string{"denied"} })}, Target{Interface: "eni-2"}, TCP, Unknown},
		{"a carrier address", []change{openSSH, onlyIPv4, func(e *Evidence) { e.Interfaces.List[0].IPv4[0].Carrier = true }}, Target{Interface: "eni-1"}, TCP, No},
		{"a private IPv6 block", []change{groupLets("sg-1", tcp(22, 22, "::/0")), func(e *Evidence) { e.VPCs.List[0].PrivateIPv6 = []string{"2600:1f00::/56"} }}, Target{Interface: "eni-1"}, TCP, No},
		{"ICMPv6 without an IPv6 address", []change{onlyIPv4}, Target{Interface: "eni-1"}, ICMPv6, No},
		{"a pending instance", []change{openSSH, func(e *Evidence) { e.Instances.List[0].State = "pending" }}, Target{Interface: "eni-1"}, TCP, Unknown},
		{"ESP", []change{groupLets("sg-1", ports("50", 0, 0, "0.0.0.0/0"))}, Target{Interface: "eni-1"}, 50, Yes},
		{"fewer addresses by each of two paths, more by both", []change{groupLets("sg-1", tcp(22, 22, "8.0.0.0/8")), groupLets("sg-2", tcp(22, 22, "9.0.0.0/8")), second, func(e *Evidence) {
			e.Interfaces.List[1] = e.Interfaces.List[0]
			e.Interfaces.List[1].ID, e.Interfaces.List[1].Instance, e.Interfaces.List[1].Groups = "eni-2", "i-2", []string{"sg-2"}
		}}, Target{Instance: "i-2"}, TCP, Yes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r := reach(tt.changes, tt.target, tt.p, ssh); r.Answer != tt.want || r.Answer == No && len(r.Stops) == 0 {
				t.Errorf("%s, want %s: %v %v %v", r.Answer, tt.want, r.Paths, r.Stops, r.Missing)
			}
		})
	}
}

func TestReachPorts(t *testing.T) {
	r := reach([]change{groupLets("sg-1", tcp(20, 25, "0.0.0.0/0"), tcp(26, 30, "::/0"), tcp(40, 50, "pl-1"), tcp(443, 443, "9.9.9.9/32"))}, Target{Instance: "i-1"}, TCP, PortRange{0, 65535})
	if r.Answer != Yes || !slices.Equal(r.Open, []PortRange{{20, 30}}) || !slices.Equal(r.Doubtful, []PortRange{{40, 50}}) {
		t.Errorf("%s: %v, doubtful %v", r.Answer, r.Open, r.Doubtful)
	}
	e := example()
	openSSH(&e)
	answers := NewNetwork(e).ReachAll(Internet{}, Target{Instance: "i-1"}, []Service{{TCP, ssh}, {UDP, ssh}, {TCP, PortRange{3389, 3389}}})
	if answers[0].Answer != Yes || answers[1].Answer != No || answers[2].Answer != No {
		t.Errorf("%v", answers)
	}
}

func TestLoadBalancer(t *testing.T) {
	world := "0.0.0.0/0"
	build := func(more ...change) *Network {
		e := example()
		balanced(Application, "HTTP", 80, append([]change{groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb"))}, more...)...)(&e)
		return NewNetwork(e)
	}
	x := build().LoadBalancer(Internet{}, "lb")
	if x.Answer != Yes || len(x.Listeners) != 1 || !slices.Equal(x.Listeners[0].Targets, []string{"eni-2 (i-2):8080"}) ||
		x.Listeners[0].Paths[0].String() != "internet → igw-1 → rtb-2 (0.0.0.0/0) → acl-3 rule 100 → sg-lb (tcp 80 from 0.0.0.0/0) → web:80" {
		t.Errorf("%+v", x)
	}
	if x := build(lb(func(b *LoadBalancer) { b.Scheme = "internal" })).LoadBalancer(Internet{}, "lb"); x.Answer != No || len(x.Listeners[0].Targets) > 0 {
		t.Errorf("internal: %+v", x)
	}
	if x := build(lb(func(b *LoadBalancer) { b.Listeners = Rows[Listener]{Missing: []string{"denied"}} })).LoadBalancer(Internet{}, "lb"); x.Answer != Unknown || len(x.Missing) == 0 {
		t.Errorf("listeners denied: %+v", x)
	}
	if x := build(tg(func(g *TargetGroup) { g.Targets = Rows[RegisteredTarget]{Missing: []string{"denied"}} })).LoadBalancer(Internet{}, "lb"); x.Answer != Yes || !slices.Equal(x.Listeners[0].DoubtfulTargets, []string{"targets of tg-web (not read)"}) {
		t.Errorf("targets denied: %+v", x)
	}
	if x := build().LoadBalancer(Internet{}, "other"); x.Answer != Unknown || len(x.Missing) == 0 {
		t.Errorf("not listed: %+v", x)
	}
}

func TestReachPlacement(t *testing.T) {
	db := Placement{Name: "payroll-db", VPC: "vpc-1", Subnets: []string{"subnet-1"}, Groups: []string{"sg-1"}, Public: Yes, IPv6: No}
	open := groupLets("sg-1", tcp(5432, 5432, "0.0.0.0/0"))
	off := false
	byNLB := balanced(NetworkLB, "TCP", 5432, tg(func(g *TargetGroup) {
		g.Type, g.Port, g.PreserveClientIP, g.Targets.List = "ip", 5432, &off, []RegisteredTarget{{ID: "10.0.1.77"}}
	}), noGroups)
	tests := []struct {
		name    string
		changes []change
		alter   func(*Placement)
		want    Answer
	}{
		{"public", []change{open}, func(*Placement) {}, Yes},
		{"not public", []change{open}, func(p *Placement) { p.Public = No }, No},
		{"not known", []change{open}, func(p *Placement) { p.Public = Unknown }, Unknown},
		{"a private subnet", []change{open}, func(p *Placement) { p.Subnets = []string{"subnet-2"} }, No},
		{"one of two subnets", []change{open}, func(p *Placement) { p.Subnets = []string{"subnet-1", "subnet-2"} }, Unknown},
		{"a closed group in either", nil, func(p *Placement) { p.Subnets = []string{"subnet-1", "subnet-2"} }, No},
		{"no subnet", []change{open}, func(p *Placement) { p.Subnets = nil }, Unknown},
		{"perhaps behind a load balancer", []change{groupLets("sg-1", tcp(5432, 5432, "10.0.0.0/16")), byNLB}, func(p *Placement) { p.Public = No }, Unknown},
		{"not behind one that it does not let in", []change{groupLets("sg-1", tcp(5432, 5432, "10.0.7.0/24")), byNLB}, func(p *Placement) { p.Public = No }, No},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := example()
			for _, c := range tt.changes {
				c(&e)
			}
			at := db
			tt.alter(&at)
			r := NewNetwork(e).ReachPlacement(Internet{}, at, TCP, PortRange{5432, 5432})
			if r.Answer != tt.want || r.Answer == Unknown && len(r.Missing) == 0 || r.Answer == No && len(r.Stops) == 0 {
				t.Errorf("%s, want %s: %v %v %v", r.Answer, tt.want, r.Paths, r.Stops, r.Missing)
			}
		})
	}
}

// TestReachFamily holds that a way for IPv6 clients says nothing of IPv4's, whatever passes it behind the load balancer: it
// translates. Found by TestReachLostEvidence.
func TestReachFamily(t *testing.T) {
	accelerated := func(e *Evidence) {
		e.Accelerators.List[0].IPv6 = true
		e.LoadBalancers.List[0].Groups, e.LoadBalancers.List[0].Scheme = nil, "internal"
	}
	nodes := func(e *Evidence) { e.Interfaces.List[len(e.Interfaces.List)-1].Groups = nil }
	r := reach([]change{balanced(NetworkLB, "TCP", 22, nodes), groupLets("sg-2", tcp(8080, 8080, "10.0.1.0/24")), accelerator("lb", ssh), accelerated}, Target{Instance: "i-2"}, TCP, PortRange{8080, 8080})
	if r.Answer != Yes || len(r.Paths) != 2 {
		t.Fatalf("%s by %v, want yes by two paths", r.Answer, r.Paths)
	}
	for _, p := range r.Paths {
		if !p.Possible.IPv4().IsEmpty() && !p.Possible.IPv6().IsEmpty() {
			t.Errorf("%s is of both families: %s", p, p.Possible)
		}
	}
}
