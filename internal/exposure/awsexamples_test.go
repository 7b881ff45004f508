package exposure

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// example is a VPC 10.0.0.0/16 with a public subnet-1 (i-1, sg-1, with a public IPv4 and an IPv6 address) and a private subnet-2
// (i-2, sg-2), the default network ACL and groups that let nothing in.
func example() Evidence {
	all := func(egress bool) []ACLEntry {
		return []ACLEntry{{Number: 100, Egress: egress, Action: "allow", Protocol: "-1", CIDR: "0.0.0.0/0"}, {Number: 101, Egress: egress, Action: "allow", Protocol: "-1", CIDR6: "::/0"}}
	}
	local := []Route{{Destination: "10.0.0.0/16", Target: "local", State: "active"}, {Destination: "2600:1f00::/56", Target: "local", State: "active"}}
	var e Evidence
	e.VPCs.List = []VPC{{ID: "vpc-1", CIDRs: []string{"10.0.0.0/16", "2600:1f00::/56"}}}
	e.Subnets.List = []Subnet{{ID: "subnet-1", VPC: "vpc-1", CIDRs: []string{"10.0.1.0/24"}}, {ID: "subnet-2", VPC: "vpc-1", CIDRs: []string{"10.0.2.0/24"}}}
	e.Gateways.List = []InternetGateway{{ID: "igw-1", Attachments: []Attachment{{"vpc-1", "available"}}}}
	e.RouteTables.List = []RouteTable{
		{ID: "rtb-main", VPC: "vpc-1", Main: true, Routes: local},
		{ID: "rtb-2", VPC: "vpc-1", Subnets: []string{"subnet-1"}, Routes: append(slices.Clone(local), Route{"0.0.0.0/0", "igw-1", "active", false}, Route{"::/0", "igw-1", "active", false})},
	}
	e.ACLs.List = []ACL{{ID: "acl-3", VPC: "vpc-1", Subnets: []string{"subnet-1", "subnet-2"}, Entries: append(all(false), all(true)...)}}
	e.Groups.List = []Group{{ID: "sg-1", VPC: "vpc-1"}, {ID: "sg-2", VPC: "vpc-1"}, {ID: "sg-lb", VPC: "vpc-1", Outbound: []Rule{anything("0.0.0.0/0")}}}
	e.Interfaces.List = []Interface{
		{ID: "eni-1", Subnet: "subnet-1", VPC: "vpc-1", Status: "in-use", Instance: "i-1", Groups: []string{"sg-1"}, IPv4: []IPv4{{Private: "10.0.1.5", Public: "54.1.2.3"}}, IPv6: []string{"2600:1f00::5"}},
		{ID: "eni-2", Subnet: "subnet-2", VPC: "vpc-1", Status: "in-use", Instance: "i-2", Groups: []string{"sg-2"}, IPv4: []IPv4{{Private: "10.0.2.5"}}},
	}
	e.Instances.List = []Instance{{"i-1", "vpc-1", "running"}, {"i-2", "vpc-1", "running"}}
	e.Block = BlockPublicAccess{Mode: "off", State: "default-state"}
	return e
}

type change = func(*Evidence)

func groupLets(id string, rules ...Rule) change {
	return func(e *Evidence) {
		g := find(e.Groups.List, func(g Group) bool { return g.ID == id })
		g.Inbound = append(g.Inbound, rules...)
	}
}

func aclIs(entries ...ACLEntry) change {
	return func(e *Evidence) { e.ACLs.List[0].Entries = entries }
}

func acle(number, from, to int32, egress bool, action, cidr string) ACLEntry {
	return ACLEntry{Number: number, Egress: egress, Action: action, Protocol: "6", From: &from, To: &to, CIDR: cidr}
}

// The custom network ACL of the guide.
var customACL = []ACLEntry{
	acle(100, 80, 80, false, "allow", "0.0.0.0/0"), acle(110, 443, 443, false, "allow", "0.0.0.0/0"), acle(120, 22, 22, false, "allow", "9.9.9.0/24"),
	acle(130, 3389, 3389, false, "allow", "9.9.9.0/24"), acle(140, 32768, 65535, false, "allow", "0.0.0.0/0"),
	acle(100, 80, 80, true, "allow", "0.0.0.0/0"), acle(110, 443, 443, true, "allow", "0.0.0.0/0"), acle(140, 32768, 65535, true, "allow", "0.0.0.0/0"),
}

func routes(list ...Route) change {
	return func(e *Evidence) { e.RouteTables.List[1].Routes = append(e.RouteTables.List[1].Routes[:2:2], list...) }
}

func to(dest, target string) Route { return Route{Destination: dest, Target: target, State: "active"} }

func block(mode string, exclusions ...Exclusion) change {
	return func(e *Evidence) { e.Block.Mode, e.Exclusions.List = mode, exclusions }
}

// balanced puts an internet-facing load balancer into subnet-1 whose listener forwards to i-2, port 8080.
func balanced(kind, protocol string, port uint16, more ...change) change {
	return func(e *Evidence) {
		off := false
		b := LoadBalancer{ARN: "lb", Name: "web", Type: kind, VPC: "vpc-1", Scheme: "internet-facing", State: "active", Addresses: "ipv4", Subnets: []string{"subnet-1"}, Groups: []string{"sg-lb"}}
		l := Listener{ARN: "listener", Protocol: protocol, Port: port}
		if kind == Classic {
			l.InstancePort, b.Instances.List = 8080, []string{"i-2"}
		} else {
			l.Rules.List = []ListenerRule{{Default: true, Forward: []string{"tg"}}}
			e.TargetGroups.List = []TargetGroup{{ARN: "tg", Name: "tg-web", VPC: "vpc-1", Type: "instance", Addresses: "ipv4", Protocol: protocol, Port: 8080, PreserveClientIP: &off, LoadBalancers: []string{"lb"}, Targets: Rows[RegisteredTarget]{List: []RegisteredTarget{{ID: "i-2"}}}}}
		}
		b.Listeners.List = []Listener{l}
		e.LoadBalancers.List = []LoadBalancer{b}
		e.Interfaces.List = append(e.Interfaces.List, Interface{ID: "eni-lb", Subnet: "subnet-1", VPC: "vpc-1", Status: "in-use", Owner: "amazon-elb", LoadBalancer: "lb", Groups: []string{"sg-lb"}, IPv4: []IPv4{{Private: "10.0.1.100", Public: "54.9.9.9"}}})
		for _, c := range more {
			c(e)
		}
	}
}

func lb(c func(*LoadBalancer)) change { return func(e *Evidence) { c(&e.LoadBalancers.List[0]) } }
func tg(c func(*TargetGroup)) change  { return func(e *Evidence) { c(&e.TargetGroups.List[0]) } }

func preserve(on bool) change { return tg(func(g *TargetGroup) { g.PreserveClientIP = &on }) }

func noGroups(e *Evidence) { e.LoadBalancers.List[0].Groups, e.Interfaces.List[2].Groups = nil, nil }

func rulesAre(list ...ListenerRule) change {
	return lb(func(b *LoadBalancer) { b.Listeners.List[0].Rules.List = list })
}

func accelerator(endpoint string, ports ...PortRange) change {
	return func(e *Evidence) {
		e.Accelerators.List = []AcceleratorEndpoint{{Accelerator: "accelerator-1", Enabled: Yes, Protocol: TCP, Ports: ports, Endpoint: endpoint, Preserved: Yes}}
	}
}

const (
	guide = "https://docs.aws.amazon.com/vpc/latest/userguide/"
	elb   = "https://docs.aws.amazon.com/elasticloadbalancing/latest/"
)

// TestAWSExamples retells examples and statements of AWS's guides.
func TestAWSExamples(t *testing.T) {
	world := "0.0.0.0/0"
	web := groupLets("sg-1", tcp(80, 80, world), tcp(443, 443, world), tcp(22, 22, "9.9.9.0/24"), tcp(3389, 3389, world), tcp(139, 139, world))
	tests := []struct {
		name, source string
		changes      []change
		instance     string
		p            Protocol
		port         uint16
		want         Answer
		from         string // an address that surely reaches it; with "!" one that does not
	}{
		{"custom ACL: HTTP from anywhere", guide + "custom-network-acl.html", []change{web, aclIs(customACL...)}, "i-1", TCP, 80, Yes, "8.8.8.8"},
		{"custom ACL: HTTPS from anywhere", guide + "custom-network-acl.html", []change{web, aclIs(customACL...)}, "i-1", TCP, 443, Yes, ""},
		{"custom ACL: SSH from the home network", guide + "custom-network-acl.html", []change{web, aclIs(customACL...)}, "i-1", TCP, 22, No, "9.9.9.1"},
		{"custom ACL: RDP from the home network, though the group is open", guide + "custom-network-acl.html", []change{web, aclIs(customACL...)}, "i-1", TCP, 3389, No, "!8.8.8.8"},
		{"custom ACL: port 139 meets the last rule", guide + "custom-network-acl.html", []change{web, aclIs(customACL...)}, "i-1", TCP, 139, No, "!8.8.8.8"},
		{"the answer needs a rule of its own", guide + "vpc-network-acls.html", []change{web, aclIs(customACL[:5]...)}, "i-1", TCP, 80, No, ""},
		{"the default ACL lets all in and out", guide + "default-network-acl.html", []change{web}, "i-1", TCP, 80, Yes, ""},
		{"a new ACL lets nothing through", guide + "create-network-acl.html", []change{web, aclIs()}, "i-1", TCP, 80, No, ""},
		{"the lowest number decides", guide + "nacl-rules.html", []change{web, aclIs(acle(90, 80, 80, false, "deny", world), acle(100, 0, 65535, false, "allow", world), acle(100, 0, 65535, true, "allow", world))}, "i-1", TCP, 80, No, ""},
		{"a higher number does not contradict it", guide + "nacl-rules.html", []change{web, aclIs(acle(100, 0, 65535, false, "allow", world), acle(110, 80, 80, false, "deny", world), acle(100, 0, 65535, true, "allow", world))}, "i-1", TCP, 80, Yes, ""},
		{"IPv4 rules do not apply to IPv6", guide + "custom-network-acl.html", []change{groupLets("sg-1", tcp(80, 80, "::/0")), aclIs(customACL...)}, "i-1", TCP, 80, No, "!2600::1"},
		{"Windows clients send from 49152 up", guide + "nacl-ephemeral-ports.html", []change{web, aclIs(acle(100, 80, 80, false, "allow", world), acle(100, 49152, 65535, true, "allow", world))}, "i-1", TCP, 80, Yes, ""},
		{"NAT gateways and Lambda send from 1024 up", guide + "nacl-ephemeral-ports.html", []change{web, aclIs(acle(100, 80, 80, false, "allow", world), acle(100, 1024, 2000, true, "allow", world))}, "i-1", TCP, 80, Yes, ""},
		{"answers below the ephemeral ports, from which a client may choose to send", guide + "nacl-ephemeral-ports.html", []change{web, aclIs(acle(100, 80, 80, false, "allow", world), acle(100, 443, 443, true, "allow", world))}, "i-1", TCP, 80, No, ""},
		{"answers to port 0, from which nobody sends", guide + "nacl-ephemeral-ports.html", []change{web, aclIs(acle(100, 80, 80, false, "allow", world), acle(100, 0, 0, true, "allow", world))}, "i-1", TCP, 80, No, ""},

		{"a public subnet has a route to the internet gateway", guide + "VPC_Internet_Gateway.html", []change{web}, "i-1", TCP, 80, Yes, "8.8.8.8"},
		{"a private subnet has none", guide + "configure-subnets.html", []change{groupLets("sg-2", tcp(80, 80, world)), func(e *Evidence) { e.Interfaces.List[1].IPv4[0].Public = "54.2.2.2" }}, "i-2", TCP, 80, No, ""},
		{"without a public address", guide + "VPC_Internet_Gateway.html", []change{web, func(e *Evidence) { e.Interfaces.List[0].IPv4[0].Public = "" }}, "i-1", TCP, 80, No, ""},
		{"the route may be scoped to fewer addresses", guide + "working-with-igw.html", []change{web, routes(to("9.9.0.0/16", "igw-1"))}, "i-1", TCP, 80, No, "9.9.1.1"},
		{"the gateway must be attached", guide + "VPC_Internet_Gateway.html", []change{web, func(e *Evidence) { e.Gateways.List[0].Attachments = nil }}, "i-1", TCP, 80, No, ""},
		{"IPv6 by ::/0", guide + "VPC_Internet_Gateway.html", []change{groupLets("sg-1", tcp(80, 80, "::/0"))}, "i-1", TCP, 80, Yes, "2a00::1"},
		{"an egress-only gateway lets nothing begin", guide + "egress-only-internet-gateway.html", []change{groupLets("sg-1", tcp(80, 80, "::/0")), routes(to("::/0", "eigw-1"))}, "i-1", TCP, 80, No, ""},
		{"a NAT gateway lets nothing begin", guide + "vpc-nat-gateway.html", []change{web, routes(to(world, "nat-1"))}, "i-1", TCP, 80, No, ""},
		{"the most specific route", guide + "route-tables-priority.html", []change{web, routes(to(world, "igw-1"), to("8.0.0.0/6", "pcx-1"))}, "i-1", TCP, 80, Yes, "!8.8.8.8"},
		{"a static route before a propagated one", guide + "route-tables-priority.html", []change{web, routes(to(world, "igw-1"), Route{world, "vgw-1", "active", true})}, "i-1", TCP, 80, Yes, "8.8.8.8"},
		{"a propagated route that is more specific", guide + "route-tables-priority.html", []change{web, routes(to(world, "igw-1"), Route{"8.0.0.0/8", "vgw-1", "active", true})}, "i-1", TCP, 80, Yes, "!8.8.8.8"},
		{"a CIDR route before a prefix list's", guide + "route-tables-priority.html", []change{web, func(e *Evidence) { e.PrefixLists.List = []PrefixList{list("pl-1", world)} }, routes(to("pl-1", "tgw-1"), to(world, "igw-1"))}, "i-1", TCP, 80, Yes, "8.8.8.8"},
		{"a prefix list's route before a propagated one", guide + "route-tables-priority.html", []change{web, func(e *Evidence) { e.PrefixLists.List = []PrefixList{list("pl-1", world)} }, routes(to("pl-1", "igw-1"), Route{world, "vgw-1", "active", true})}, "i-1", TCP, 80, Yes, "8.8.8.8"},
		{"two prefix lists with one block: any of them", guide + "route-tables-priority.html", []change{web, func(e *Evidence) { e.PrefixLists.List = []PrefixList{list("pl-1", world), list("pl-2", world)} }, routes(to("pl-1", "igw-1"), to("pl-2", "tgw-1"))}, "i-1", TCP, 80, Unknown, ""},
		{"the main table without an association", guide + "RouteTables.html", []change{web, func(e *Evidence) { e.RouteTables.List[1].Subnets = nil }}, "i-1", TCP, 80, No, ""},
		{"a main table with the route", guide + "RouteTables.html", []change{web, func(e *Evidence) {
			e.RouteTables.List[0].Main, e.RouteTables.List[1].Main, e.RouteTables.List[1].Subnets = false, true, nil
		}}, "i-1", TCP, 80, Yes, ""},
		{"a blackhole drops", guide + "WorkWithRouteTables.html", []change{web, routes(Route{world, "igw-1", "blackhole", false})}, "i-1", TCP, 80, No, ""},
		{"a gateway route table leads through an appliance", guide + "gateway-route-tables.html", []change{web, func(e *Evidence) {
			e.RouteTables.List = append(e.RouteTables.List, RouteTable{ID: "rtb-edge", VPC: "vpc-1", Gateways: []string{"igw-1"}, Routes: []Route{to("10.0.0.0/16", "local"), to("10.0.1.0/24", "eni-appliance")}})
		}}, "i-1", TCP, 80, Unknown, ""},

		{"a web server's rules", guide + "security-group-rules.html", []change{web}, "i-1", TCP, 443, Yes, "8.8.8.8"},
		{"answers pass whatever the outbound rules", guide + "security-group-rules.html", []change{web, func(e *Evidence) { e.Groups.List[0].Outbound = nil }}, "i-1", TCP, 80, Yes, ""},
		{"a new group lets nothing in", guide + "creating-security-groups.html", nil, "i-1", TCP, 80, No, ""},
		{"a source group means private addresses", guide + "security-group-rules.html", []change{groupLets("sg-1", anything("sg-1"))}, "i-1", TCP, 80, No, "!8.8.8.8"},
		{"all groups of an interface are one list of rules", guide + "vpc-security-groups.html", []change{groupLets("sg-2", tcp(80, 80, world)), func(e *Evidence) { e.Interfaces.List[0].Groups = []string{"sg-1", "sg-2"} }}, "i-1", TCP, 80, Yes, ""},
		{"ping needs echo request", "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-rules-reference.html", []change{groupLets("sg-1", ports("icmp", 8, -1, world))}, "i-1", ICMP, ICMPPort(8, 0), Yes, ""},
		{"ping over IPv6 is ICMPv6 128", "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-rules-reference.html", []change{groupLets("sg-1", ports("icmpv6", 128, 0, "::/0"))}, "i-1", ICMPv6, ICMPPort(128, 0), Yes, ""},
		{"DNS over UDP alone", "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-rules-reference.html", []change{groupLets("sg-1", ports("udp", 53, 53, world))}, "i-1", TCP, 53, No, ""},
		{"a stopped instance", "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html", []change{web, func(e *Evidence) { e.Instances.List[0].State = "stopped" }}, "i-1", TCP, 80, No, ""},

		{"BPA bidirectional", guide + "security-vpc-bpa.html", []change{web, block("block-bidirectional")}, "i-1", TCP, 80, No, ""},
		{"BPA ingress-only", guide + "security-vpc-bpa.html", []change{web, block("block-ingress")}, "i-1", TCP, 80, No, ""},
		{"BPA with a bidirectional exclusion of the subnet", guide + "security-vpc-bpa.html", []change{web, block("block-bidirectional", Exclusion{"x", "subnet-1", "allow-bidirectional", "create-complete"})}, "i-1", TCP, 80, Yes, ""},
		{"BPA with a bidirectional exclusion of the VPC", guide + "security-vpc-bpa.html", []change{web, block("block-ingress", Exclusion{"x", "vpc-1", "allow-bidirectional", "update-complete"})}, "i-1", TCP, 80, Yes, ""},
		{"BPA with an egress-only exclusion", guide + "security-vpc-bpa.html", []change{web, block("block-bidirectional", Exclusion{"x", "subnet-1", "allow-egress", "create-complete"})}, "i-1", TCP, 80, No, ""},
		{"BPA stops load balancers", guide + "security-vpc-bpa-basics.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb"))), block("block-ingress")}, "i-2", TCP, 8080, No, ""},
		{"BPA stops Global Accelerator", guide + "security-vpc-bpa-basics.html", []change{groupLets("sg-2", tcp(80, 80, world)), accelerator("i-2", PortRange{80, 80}), block("block-ingress")}, "i-2", TCP, 80, No, ""},

		{"ALB: the target knows its group", elb + "application/load-balancer-update-security-groups.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")))}, "i-2", TCP, 8080, Yes, "8.8.8.8"},
		{"ALB: on another port than the target's", elb + "application/load-balancer-update-security-groups.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")))}, "i-2", TCP, 80, No, ""},
		{"ALB: must be allowed to send to its targets", elb + "application/load-balancer-update-security-groups.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb"))), func(e *Evidence) { e.Groups.List[2].Outbound = nil }}, "i-2", TCP, 8080, No, ""},
		{"ALB: a closed group", elb + "application/load-balancer-update-security-groups.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-2", tcp(8080, 8080, "sg-lb")))}, "i-2", TCP, 8080, No, ""},
		{"ALB: internal", elb + "application/application-load-balancers.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")), lb(func(b *LoadBalancer) { b.Scheme = "internal" }))}, "i-2", TCP, 8080, No, ""},
		{"ALB: a redirect reaches no target", elb + "application/rule-action-types.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")), rulesAre(ListenerRule{Default: true}))}, "i-2", TCP, 8080, No, ""},
		{"ALB: a rule with a path", elb + "application/rule-condition-types.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")), rulesAre(ListenerRule{Priority: 1, Conditional: true, Forward: []string{"tg"}}, ListenerRule{Default: true}))}, "i-2", TCP, 8080, Yes, ""},
		{"ALB: a rule with source addresses", elb + "application/rule-condition-types.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")), rulesAre(ListenerRule{Priority: 1, SourceIPs: []string{"9.9.9.0/24"}, Forward: []string{"tg"}}, ListenerRule{Default: true}))}, "i-2", TCP, 8080, No, "9.9.9.1"},
		{"ALB: source addresses that cannot be read", elb + "application/rule-condition-types.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")), rulesAre(ListenerRule{Priority: 1, SourceIPs: []string{"?"}}, ListenerRule{Default: true, Forward: []string{"tg"}}))}, "i-2", TCP, 8080, Unknown, ""},
		{"NLB: without preservation the target sees its address", elb + "network/edit-target-group-attributes.html", []change{balanced(NetworkLB, "TCP", 443, noGroups, groupLets("sg-2", tcp(8080, 8080, "10.0.1.0/24")))}, "i-2", TCP, 8080, Yes, "8.8.8.8"},
		{"NLB: with preservation the target must allow the client", elb + "network/edit-target-group-attributes.html", []change{balanced(NetworkLB, "TCP", 443, noGroups, preserve(true), groupLets("sg-2", tcp(8080, 8080, "10.0.1.0/24")))}, "i-2", TCP, 8080, No, ""},
		{"NLB: with preservation and an open target", elb + "network/edit-target-group-attributes.html", []change{balanced(NetworkLB, "TCP", 443, noGroups, preserve(true), groupLets("sg-2", tcp(8080, 8080, world)))}, "i-2", TCP, 8080, Yes, "8.8.8.8"},
		{"NLB: UDP always preserves", elb + "network/edit-target-group-attributes.html", []change{balanced(NetworkLB, "UDP", 53, noGroups, preserve(false), groupLets("sg-2", ports("udp", 8080, 8080, "10.0.1.0/24")))}, "i-2", UDP, 8080, No, ""},
		{"NLB: IPv6 clients of IPv4 targets are not preserved", elb + "network/edit-target-group-attributes.html", []change{balanced(NetworkLB, "TCP", 443, noGroups, preserve(true), lb(func(b *LoadBalancer) { b.Addresses = "dualstack" }), groupLets("sg-2", tcp(8080, 8080, "10.0.1.0/24")))}, "i-2", TCP, 8080, Yes, "2a00::1"},
		{"NLB: its group as source, with preservation", elb + "network/load-balancer-security-groups.html", []change{balanced(NetworkLB, "TCP", 443, preserve(true), groupLets("sg-lb", tcp(443, 443, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")))}, "i-2", TCP, 8080, Yes, "8.8.8.8"},
		{"NLB: its group filters clients", elb + "network/load-balancer-security-groups.html", []change{balanced(NetworkLB, "TCP", 443, groupLets("sg-lb", tcp(443, 443, "9.9.9.0/24")), groupLets("sg-2", tcp(8080, 8080, "sg-lb")))}, "i-2", TCP, 8080, No, "9.9.9.1"},
		{"NLB before an internal ALB", elb + "network/application-load-balancer-target.html", []change{balanced(Application, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")), lb(func(b *LoadBalancer) { b.Scheme = "internal" }), func(e *Evidence) {
			on := true
			e.LoadBalancers.List = append(e.LoadBalancers.List, LoadBalancer{ARN: "nlb", Name: "front", Type: NetworkLB, VPC: "vpc-1", Scheme: "internet-facing", State: "active", Addresses: "ipv4", Subnets: []string{"subnet-1"}, Listeners: Rows[Listener]{List: []Listener{{ARN: "l2", Protocol: "TCP", Port: 443, Rules: Rows[ListenerRule]{List: []ListenerRule{{Default: true, Forward: []string{"tg-alb"}}}}}}}})
			e.TargetGroups.List = append(e.TargetGroups.List, TargetGroup{ARN: "tg-alb", Name: "alb", VPC: "vpc-1", Type: "alb", Addresses: "ipv4", Protocol: "TCP", Port: 80, PreserveClientIP: &on, LoadBalancers: []string{"nlb"}, Targets: Rows[RegisteredTarget]{List: []RegisteredTarget{{ID: "lb"}}}})
		})}, "i-2", TCP, 8080, Yes, "8.8.8.8"},
		{"CLB: listener to instance port", elb + "classic/elb-listener-config.html", []change{balanced(Classic, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")))}, "i-2", TCP, 8080, Yes, "8.8.8.8"},
		{"CLB: an internal one", elb + "classic/elb-internal-load-balancers.html", []change{balanced(Classic, "HTTP", 80, groupLets("sg-lb", tcp(80, 80, world)), groupLets("sg-2", tcp(8080, 8080, "sg-lb")), lb(func(b *LoadBalancer) { b.Scheme = "internal" }))}, "i-2", TCP, 8080, No, ""},

		{"Global Accelerator reaches a private instance", "https://docs.aws.amazon.com/global-accelerator/latest/dg/secure-vpc-connections.html", []change{groupLets("sg-2", tcp(80, 80, world)), accelerator("i-2", PortRange{80, 80})}, "i-2", TCP, 80, Yes, "8.8.8.8"},
		{"Global Accelerator needs an internet gateway", "https://docs.aws.amazon.com/global-accelerator/latest/dg/secure-vpc-connections.html", []change{groupLets("sg-2", tcp(80, 80, world)), accelerator("i-2", PortRange{80, 80}), func(e *Evidence) { e.Gateways.List[0].Attachments = nil }}, "i-2", TCP, 80, No, ""},
		{"Global Accelerator: an IPv4 accelerator has no IPv6 clients", "https://docs.aws.amazon.com/global-accelerator/latest/dg/about-accelerators.html", []change{groupLets("sg-1", tcp(80, 80, "::/0")), func(e *Evidence) { e.Interfaces.List[0].IPv6 = nil }, accelerator("i-1", PortRange{80, 80})}, "i-1", TCP, 80, No, "!2a00::1"},
		{"Global Accelerator: a dual-stack one has", "https://docs.aws.amazon.com/global-accelerator/latest/dg/about-accelerators.html", []change{groupLets("sg-1", tcp(80, 80, "::/0")), func(e *Evidence) { e.Interfaces.List[0].IPv6 = nil }, accelerator("i-1", PortRange{80, 80}), func(e *Evidence) { e.Accelerators.List[0].IPv6 = true }}, "i-1", TCP, 80, Yes, "2a00::1"},
		{"Global Accelerator overrides ports", "https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoint-groups-port-override.html", []change{groupLets("sg-2", tcp(8443, 8443, world)), accelerator("i-2", PortRange{443, 443}), func(e *Evidence) { e.Accelerators.List[0].Overrides = map[uint16]uint16{443: 8443} }}, "i-2", TCP, 8443, Yes, ""},
		{"Global Accelerator and an ACL that denies: its pages disagree", "https://docs.aws.amazon.com/global-accelerator/latest/dg/best-practices-aga.html", []change{groupLets("sg-2", tcp(80, 80, world)), accelerator("i-2", PortRange{80, 80}), aclIs()}, "i-2", TCP, 80, Unknown, ""},
		{"CloudFront's VPC origin by its group", "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html", []change{groupLets("sg-2", tcp(80, 80, "sg-cf")), func(e *Evidence) {
			e.VPCOrigins.List = []VPCOrigin{{ID: "vo-1", Used: Yes, Endpoint: "i-2", Ports: []uint16{80}, Groups: []string{"sg-cf"}}}
		}}, "i-2", TCP, 80, Yes, "8.8.8.8"},
		{"CloudFront's VPC origin before a closed group", "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html", []change{func(e *Evidence) {
			e.VPCOrigins.List = []VPCOrigin{{ID: "vo-1", Used: Yes, Endpoint: "i-2", Ports: []uint16{80}}}
		}}, "i-2", TCP, 80, No, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := example()
			for _, c := range tt.changes {
				c(&e)
			}
			r := NewNetwork(e).Reach(Internet{}, Target{Instance: tt.instance}, tt.p, PortRange{tt.port, tt.port})
			if r.Answer != tt.want {
				t.Errorf("%s, want %s by %s\n%v\n%v\n%v", r.Answer, tt.want, tt.source, r.Paths, r.Stops, r.Missing)
			}
			if r.Answer == No && len(r.Stops) == 0 || r.Answer == Yes && len(r.Paths) == 0 || r.Answer == Unknown && len(r.Missing) == 0 {
				t.Error("without a proof")
			}
			if addr, not := strings.CutPrefix(tt.from, "!"); addr != "" && r.From.Contains(netip.MustParseAddr(addr)) == not {
				t.Errorf("from %s: %v", addr, !not)
			}
		})
	}
}
