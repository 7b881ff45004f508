package exposure

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

const (
	accelerators = "https://docs.aws.amazon.com/global-accelerator/latest/dg/"
	cloudFront   = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
)

func origin(endpoint string, port uint16) change {
	return func(e *Evidence) {
		e.VPCOrigins.List = []VPCOrigin{{ID: "vo-1", Used: Yes, Endpoint: endpoint, Ports: []uint16{port}, Groups: []string{"sg-cf"}}}
	}
}

func internal(e *Evidence) { e.LoadBalancers.List[0].Scheme = "internal" }

// dualstack gives the load balancer IPv6 addresses, which its node hides from internet gateways or not.
func dualstack(hidden Answer) change {
	return func(e *Evidence) {
		e.LoadBalancers.List[0].Addresses = "dualstack"
		e.Interfaces.List[2].IPv6, e.Interfaces.List[2].Hidden = []string{"2600:1f00::100"}, hidden
	}
}

// peered adds vpc-2 with i-3, 10.9.1.5, which is a target of vpc-1's load balancer.
func peered(route string) change {
	return func(e *Evidence) {
		e.VPCs.List = append(e.VPCs.List, VPC{ID: "vpc-2", CIDRs: []string{"10.9.0.0/16"}})
		e.Subnets.List = append(e.Subnets.List, Subnet{ID: "subnet-9", VPC: "vpc-2", CIDRs: []string{"10.9.1.0/24"}})
		e.RouteTables.List = append(e.RouteTables.List, RouteTable{ID: "rtb-9", VPC: "vpc-2", Main: true, Routes: []Route{to("10.9.0.0/16", "local"), to("10.0.0.0/16", route)}})
		e.ACLs.List[0].Subnets = append(e.ACLs.List[0].Subnets, "subnet-9")
		e.Groups.List = append(e.Groups.List, Group{ID: "sg-9", VPC: "vpc-2", Inbound: []Rule{tcp(8080, 8080, "10.0.0.0/16")}})
		e.Interfaces.List = append(e.Interfaces.List, Interface{ID: "eni-9", Subnet: "subnet-9", VPC: "vpc-2", Status: "in-use", Instance: "i-3", Groups: []string{"sg-9"}, IPv4: []IPv4{{Private: "10.9.1.5"}}})
		e.Instances.List = append(e.Instances.List, Instance{"i-3", "vpc-2", "running"})
		e.TargetGroups.List[0].Type, e.TargetGroups.List[0].Targets.List = "ip", []RegisteredTarget{{ID: "10.9.1.5"}}
	}
}

// TestReachWays holds what ways beside the public address show to whom they lead, and who else may be meant.
func TestReachWays(t *testing.T) {
	world := "0.0.0.0/0"
	alb := balanced(Application, "HTTP", 80, internal, groupLets("sg-lb", tcp(80, 80, "sg-cf")), groupLets("sg-2", tcp(8080, 8080, "sg-lb")))
	bySource := func(sources ...string) change {
		return rulesAre(ListenerRule{Priority: 1, SourceIPs: sources, Forward: []string{"tg"}}, ListenerRule{Default: true})
	}
	nlb := func(more ...change) change {
		return balanced(NetworkLB, "TCP", 443, append([]change{internal, noGroups, preserve(true)}, more...)...)
	}
	// An NLB that does not preserve addresses before the ALB, whose rules see the NLB's.
	front := func(on bool) change {
		return func(e *Evidence) {
			e.LoadBalancers.List = append(e.LoadBalancers.List, LoadBalancer{ARN: "nlb", Name: "front", Type: NetworkLB, VPC: "vpc-1", Scheme: "internet-facing", State: "active", Addresses: "ipv4", Subnets: []string{"subnet-1"}, Listeners: Rows[Listener]{List: []Listener{{ARN: "l2", Protocol: "TCP", Port: 443, Rules: Rows[ListenerRule]{List: []ListenerRule{{Default: true, Forward: []string{"tg-alb"}}}}}}}})
			e.TargetGroups.List = append(e.TargetGroups.List, TargetGroup{ARN: "tg-alb", Name: "alb", VPC: "vpc-1", Type: "alb", Addresses: "ipv4", Protocol: "TCP", Port: 80, PreserveClientIP: &on, LoadBalancers: []string{"nlb"}, Targets: Rows[RegisteredTarget]{List: []RegisteredTarget{{ID: "lb"}}}})
			e.Interfaces.List = append(e.Interfaces.List, Interface{ID: "eni-nlb", Subnet: "subnet-1", VPC: "vpc-1", Status: "in-use", Owner: "amazon-elb", LoadBalancer: "nlb", IPv4: []IPv4{{Private: "10.0.1.200"}}})
		}
	}
	chained := func(on bool, rule string) []change {
		return []change{balanced(Application, "HTTP", 80, internal, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")), bySource(rule)), front(on)}
	}
	byAddress := func(address string) change {
		return func(e *Evidence) {
			g := &e.TargetGroups.List[1]
			g.Type, g.Targets.List = "ip", []RegisteredTarget{{ID: address}}
		}
	}
	tests := []struct {
		name, source string
		changes      []change
		instance     string
		port         uint16
		want         Answer
		from         string // as in TestAWSExamples
	}{
		{"a rule by source address sees CloudFront's address, not the client's", cloudFront + "private-content-vpc-origins.html", []change{alb, bySource("10.0.0.0/8"), origin("lb", 80)}, "i-2", 8080, Unknown, ""},
		{"nor does it let those clients alone in", cloudFront + "private-content-vpc-origins.html", []change{alb, bySource("9.9.9.9/32"), origin("lb", 80)}, "i-2", 8080, Unknown, "!9.9.9.9"},
		{"a rule without one", cloudFront + "private-content-vpc-origins.html", []change{alb, origin("lb", 80)}, "i-2", 8080, Yes, "8.8.8.8"},
		{"behind a network load balancer that preserves, CloudFront's too", cloudFront + "private-content-vpc-origins.html", []change{nlb(groupLets("sg-2", tcp(8080, 8080, "10.0.0.0/16"))), origin("lb", 443)}, "i-2", 8080, Unknown, ""},
		{"there the target may name CloudFront's group", cloudFront + "private-content-vpc-origins.html", []change{nlb(groupLets("sg-2", tcp(8080, 8080, "sg-cf"))), origin("lb", 443)}, "i-2", 8080, Unknown, ""},
		{"there a closed target is closed", cloudFront + "private-content-vpc-origins.html", []change{nlb(), origin("lb", 443)}, "i-2", 8080, No, ""},
		{"Global Accelerator without client addresses, before one that preserves", accelerators + "preserve-client-ip-address.html", []change{nlb(groupLets("sg-2", tcp(8080, 8080, "9.9.9.9/32"))), accelerator("lb", PortRange{443, 443}), func(e *Evidence) { e.Accelerators.List[0].Preserved = No }}, "i-2", 8080, Unknown, "!9.9.9.9"},
		{"the same with an open target", accelerators + "preserve-client-ip-address.html", []change{nlb(groupLets("sg-2", tcp(8080, 8080, world))), accelerator("lb", PortRange{443, 443}), func(e *Evidence) { e.Accelerators.List[0].Preserved = No }}, "i-2", 8080, Yes, "8.8.8.8"},
		{"a rule by source address sees the network load balancer before it", elb + "network/application-load-balancer-target.html", chained(false, "10.0.1.0/24"), "i-2", 8080, Yes, "8.8.8.8"},
		{"which the clients' addresses do not pass", elb + "network/application-load-balancer-target.html", chained(false, "8.0.0.0/7"), "i-2", 8080, No, "!8.8.8.8"},
		{"unless it preserves them", elb + "network/application-load-balancer-target.html", chained(true, "8.0.0.0/7"), "i-2", 8080, Yes, "8.8.8.8"},

		{"a network load balancer before one whose node's address is its target", elb + "network/load-balancer-target-groups.html", append(chained(false, "10.0.1.0/24"), byAddress("10.0.1.100")), "i-2", 8080, Yes, "8.8.8.8"},
		{"whose node it is not", elb + "network/load-balancer-target-groups.html", append(chained(false, "10.0.1.0/24"), byAddress("10.0.1.101")), "i-2", 8080, No, ""},
		{"of whose nodes none was listed", elb + "network/load-balancer-target-groups.html", append(chained(false, "10.0.1.0/24"), byAddress("10.0.1.101"), func(e *Evidence) { e.Interfaces.List = slices.Delete(e.Interfaces.List, 2, 3) }), "i-2", 8080, Unknown, ""},
		{"that is one load balancer before another in a circle", elb + "network/load-balancer-target-groups.html", append(chained(false, "10.0.1.0/24"), byAddress("10.0.1.100"), func(e *Evidence) {
			e.LoadBalancers.List[1].Scheme = "internal"
			e.TargetGroups.List[0].Type, e.TargetGroups.List[0].Targets.List = "ip", []RegisteredTarget{{ID: "10.0.1.200", Port: 443}}
		}), "i-2", 8080, No, ""},

		{"an internal dual-stack load balancer that is hidden", elb + "APIReference/API_LoadBalancerAttribute.html", []change{balanced(NetworkLB, "TCP", 443, internal, noGroups, groupLets("sg-2", tcp(8080, 8080, "10.0.0.0/16"))), dualstack(Yes)}, "i-2", 8080, No, ""},
		{"one that takes what the internet gateway brings", elb + "APIReference/API_LoadBalancerAttribute.html", []change{balanced(NetworkLB, "TCP", 443, internal, noGroups, groupLets("sg-2", tcp(8080, 8080, "10.0.0.0/16"))), dualstack(No)}, "i-2", 8080, Yes, "2a00::1"},
		{"one of which that was not read", elb + "APIReference/API_LoadBalancerAttribute.html", []change{balanced(NetworkLB, "TCP", 443, internal, noGroups, groupLets("sg-2", tcp(8080, 8080, "10.0.0.0/16"))), dualstack(Unknown)}, "i-2", 8080, Unknown, "!8.8.8.8"},
		{"one with addresses of a private block", elb + "APIReference/API_LoadBalancerAttribute.html", []change{balanced(NetworkLB, "TCP", 443, internal, noGroups, groupLets("sg-2", tcp(8080, 8080, "10.0.0.0/16"))), dualstack(No), func(e *Evidence) { e.VPCs.List[0].PrivateIPv6 = []string{"2600:1f00::/56"} }}, "i-2", 8080, No, ""},

		{"a target of a peered VPC", elb + "application/load-balancer-target-groups.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world))), peered("pcx-1")}, "i-3", 8080, Unknown, ""},
		{"no route leads back", elb + "application/load-balancer-target-groups.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world))), peered("nat-1")}, "i-3", 8080, No, ""},
		{"the load balancer is closed", elb + "application/load-balancer-target-groups.html", []change{balanced(Application, "HTTP", 80), peered("pcx-1")}, "i-3", 8080, No, ""},
		{"on another port", elb + "application/load-balancer-target-groups.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world))), peered("pcx-1")}, "i-3", 8081, No, ""},
		{"a target within a block that is delegated to an interface", "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world), Rule{Protocol: "-1"}), groupLets("sg-2", tcp(8080, 8080, "sg-lb"))), func(e *Evidence) {
			e.Interfaces.List[1].IPv6 = []string{"2600:1f00:0:1::/80"}
			e.Groups.List[2].Outbound = []Rule{anything("::/0")}
			e.Interfaces.List[2].IPv6 = []string{"2600:1f00::100"}
			g := &e.TargetGroups.List[0]
			g.Type, g.Addresses, g.Targets.List = "ip", "ipv6", []RegisteredTarget{{ID: "2600:1f00:0:1::77"}}
		}}, "i-2", 8080, Yes, "8.8.8.8"},
		{"a target of a type that is not known", elb + "APIReference/API_TargetGroup.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")), tg(func(g *TargetGroup) { g.Type = "new" }))}, "i-2", 8080, Unknown, ""},

		{"a group whose protocol was not read may be one that preserves", elb + "network/edit-target-group-attributes.html", []change{balanced(NetworkLB, "TCP_UDP", 443, noGroups, preserve(false), tg(func(g *TargetGroup) { g.Protocol = "" }), groupLets("sg-2", tcp(8080, 8080, "8.0.0.0/8")))}, "i-2", 8080, No, "!8.8.8.8"},
		{"and let the internet in", elb + "network/edit-target-group-attributes.html", []change{balanced(NetworkLB, "TCP_UDP", 443, noGroups, preserve(false), tg(func(g *TargetGroup) { g.Protocol = "" }), groupLets("sg-2", tcp(8080, 8080, "8.0.0.0/7")))}, "i-2", 8080, Unknown, ""},
		{"the nodes of an internal one in a VPC that was not listed", elb + "APIReference/API_LoadBalancerAttribute.html", []change{balanced(NetworkLB, "TCP", 443, internal, noGroups, groupLets("sg-2", tcp(8080, 8080, "10.0.0.0/16"))), dualstack(No), func(e *Evidence) { e.VPCs.List = nil }}, "i-2", 8080, Unknown, ""},

		{"Global Accelerator before an Elastic IP address that was not read", accelerators + "about-endpoints.html", []change{groupLets("sg-1", tcp(22, 22, "8.0.0.0/8")), func(e *Evidence) {
			e.Interfaces.List[0].IPv4[0].Allocation, e.Interfaces.List[0].Device, e.Accelerators.Missing = "eipalloc-1", 1, []string{"denied"}
		}}, "i-1", 22, Unknown, "8.8.8.8"},
		{"a rule that names the group of Global Accelerator's interfaces", accelerators + "best-practices-aga.html", []change{groupLets("sg-2", tcp(22, 22, "sg-ga")), accelerator("i-2", PortRange{22, 22}), func(e *Evidence) {
			e.Interfaces.List = append(e.Interfaces.List, Interface{ID: "eni-ga", Type: "global_accelerator_managed", VPC: "vpc-1", Subnet: "subnet-2", Status: "in-use", Groups: []string{"sg-ga"}})
		}}, "i-2", 22, Unknown, ""},
		{"a rule that names another group", accelerators + "best-practices-aga.html", []change{groupLets("sg-2", tcp(22, 22, "sg-1")), accelerator("i-2", PortRange{22, 22})}, "i-2", 22, No, ""},

		{"an exclusion that is being changed to egress alone", guide + "security-vpc-bpa.html", []change{openSSH, block("block-bidirectional", Exclusion{"x", "vpc-1", "allow-egress", "update-in-progress"})}, "i-1", 22, Unknown, ""},
		{"one that never let in", guide + "security-vpc-bpa.html", []change{openSSH, block("block-bidirectional", Exclusion{"x", "vpc-1", "allow-egress", "create-in-progress"})}, "i-1", 22, No, ""},
		{"one that lifts, and one that is being made", guide + "security-vpc-bpa.html", []change{openSSH, block("block-bidirectional", Exclusion{"x", "vpc-1", "allow-bidirectional", "create-complete"}, Exclusion{"y", "subnet-1", "allow-egress", "create-in-progress"})}, "i-1", 22, Unknown, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := reach(tt.changes, Target{Instance: tt.instance}, TCP, PortRange{tt.port, tt.port})
			if r.Answer != tt.want || r.Answer == Unknown && len(r.Missing) == 0 {
				t.Errorf("%s, want %s by %s\n%v\n%v\n%v", r.Answer, tt.want, tt.source, r.Paths, r.Stops, r.Missing)
			}
			if addr, not := strings.CutPrefix(tt.from, "!"); addr != "" && r.From.Contains(netip.MustParseAddr(addr)) == not {
				t.Errorf("from %s: %v", addr, !not)
			}
			all := reach(tt.changes, Target{Instance: tt.instance}, TCP, PortRange{0, 65535})
			found := slices.ContainsFunc(slices.Concat(all.Open, all.Doubtful), func(p PortRange) bool { return p.Contains(tt.port) })
			if found != (tt.want != No) {
				t.Errorf("among all ports: %v, doubtful %v", all.Open, all.Doubtful)
			}
		})
	}
}

// TestCloudFrontsList holds that CloudFront's addresses are not the internet, and that its list lets a VPC origin in.
func TestCloudFrontsList(t *testing.T) {
	const source = cloudFront + "LocationsOfEdgeServers.html"
	rule := func(name string, read bool) Rule {
		r := tcp(443, 443)
		r.PrefixLists = []PrefixList{{ID: "pl-cf", Name: name, Entries: []string{"130.176.0.0/17", "15.158.0.0/16"}, Read: read, Reason: "denied"}}
		return r
	}
	for _, tt := range []struct {
		name    string
		changes []change
		target  string
		want    Answer
		named   bool
	}{
		{"a public instance", []change{groupLets("sg-1", rule(cloudFrontNames[0], true))}, "i-1", No, true},
		{"of which the entries were not read", []change{groupLets("sg-1", rule(cloudFrontNames[0], false))}, "i-1", Unknown, false},
		{"another list", []change{groupLets("sg-1", rule("", true))}, "i-1", No, false},
		{"a VPC origin", []change{groupLets("sg-2", rule(cloudFrontNames[0], true)), origin("i-2", 443)}, "i-2", Yes, false},
		{"a VPC origin, by the list of IPv6", []change{groupLets("sg-2", rule(cloudFrontNames[1], true)), origin("i-2", 443)}, "i-2", Yes, false},
		{"a VPC origin and a list whose name was not read", []change{groupLets("sg-2", rule("", true)), origin("i-2", 443)}, "i-2", Unknown, false},
	} {
		r := reach(tt.changes, Target{Instance: tt.target}, TCP, PortRange{443, 443})
		named := slices.ContainsFunc(r.Unmodelled, func(s string) bool { return strings.HasPrefix(s, "CloudFront, which pl-cf lets in") })
		if r.Answer != tt.want || named != tt.named {
			t.Errorf("%s: %s, want %s by %s: %v, %v, %v", tt.name, r.Answer, tt.want, source, r.Paths, r.Stops, r.Unmodelled)
		}
	}
}

// TestUnmodelled holds that a "no" names the entrances that listings show.
func TestUnmodelled(t *testing.T) {
	shown := func(e *Evidence) {
		e.Entrances = Rows[Entrance]{List: []Entrance{{"VPC peering connection", "pcx-1", "vpc-1"}, {"Client VPN endpoint", "cvpn-9", "vpc-9"}}, Missing: []string{"ec2:DescribeVpnGateways denied"}}
		e.RouteTables.List[1].Routes = append(e.RouteTables.List[1].Routes, to("10.1.0.0/16", "pcx-1"), to("10.2.0.0/16", "lgw-1"),
			to("10.3.0.0/16", "arn:aws:networkmanager::111122223333:core-network/core-network-1"), Route{"10.4.0.0/16", "tgw-gone", "blackhole", false}, to("10.5.0.0/16", "tgw-1"))
		for i, kind := range []string{"api_gateway_managed", "gateway_load_balancer_endpoint", "global_accelerator_managed", "vpc_endpoint"} {
			e.Interfaces.List = append(e.Interfaces.List, Interface{ID: "eni-x" + string(rune('0'+i)), Type: kind, VPC: "vpc-1", Subnet: "subnet-2", Status: "in-use", Groups: []string{"sg-2"}})
		}
	}
	want := []string{
		"API Gateway VPC link in vpc-1", "Cloud WAN core network arn:aws:networkmanager::111122223333:core-network/core-network-1",
		"Global Accelerator in vpc-1", "VPC peering connection pcx-1", "ec2:DescribeVpnGateways denied (not read)",
		"gateway load balancer endpoint in vpc-1", "local gateway lgw-1", "transit gateway tgw-1",
	}
	private := groupLets("sg-2", tcp(22, 22, "10.0.0.0/8"))
	attached := func(e *Evidence) {
		shown(e)
		e.Entrances.List = append(e.Entrances.List, Entrance{"transit gateway attachment", "tgw-attach-1", "vpc-1"})
	}
	if r := reach([]change{private, attached}, Target{Instance: "i-2"}, TCP, ssh); slices.Contains(r.Unmodelled, "transit gateway tgw-1") || !slices.Contains(r.Unmodelled, "transit gateway attachment tgw-attach-1") {
		t.Errorf("what is listed is named twice: %q", r.Unmodelled)
	}
	if r := reach([]change{private, shown}, Target{Instance: "i-2"}, TCP, ssh); r.Answer != No || !slices.Equal(r.Unmodelled, want) {
		t.Errorf("%s: %q", r.Answer, r.Unmodelled)
	}
	if r := reach([]change{shown}, Target{Instance: "i-2"}, TCP, ssh); r.Answer != No || len(r.Unmodelled) > 0 {
		t.Errorf("closed: %s: %q", r.Answer, r.Unmodelled)
	}
	e := example()
	balanced(Application, "HTTP", 80, internal)(&e)
	shown(&e)
	if x := NewNetwork(e).LoadBalancer(Internet{}, "lb"); x.Answer != No || !slices.Equal(x.Unmodelled, want) {
		t.Errorf("a load balancer: %s: %q", x.Answer, x.Unmodelled)
	}
}
