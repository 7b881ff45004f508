package exposure

import (
	"fmt"
	"testing"
)

// bigVPC has 2,000 interfaces in 40 subnets, each with three of 300 groups of 20 rules, and 50 load balancers.
func bigVPC() Evidence {
	var e Evidence
	e.VPCs.List = []VPC{{ID: "vpc-1", CIDRs: []string{"10.0.0.0/8"}}}
	e.Block = BlockPublicAccess{Mode: "off", State: "default-state"}
	e.Gateways.List = []InternetGateway{{ID: "igw-1", Attachments: []Attachment{{"vpc-1", "available"}}}}
	e.RouteTables.List = []RouteTable{{ID: "rtb-1", VPC: "vpc-1", Main: true, Routes: []Route{
		{Destination: "10.0.0.0/8", Target: "local", State: "active"}, {Destination: "0.0.0.0/0", Target: "igw-1", State: "active"},
	}}}
	for s := range 40 {
		id := fmt.Sprintf("subnet-%d", s)
		e.Subnets.List = append(e.Subnets.List, Subnet{ID: id, VPC: "vpc-1", CIDRs: []string{fmt.Sprintf("10.%d.0.0/16", s)}})
		e.ACLs.List = append(e.ACLs.List, ACL{ID: fmt.Sprintf("acl-%d", s), VPC: "vpc-1", Subnets: []string{id}, Entries: []ACLEntry{
			{Number: 90, Action: "deny", Protocol: "6", From: i32(23), To: i32(23), CIDR: "0.0.0.0/0"},
			{Number: 100, Action: "allow", Protocol: "-1", CIDR: "0.0.0.0/0"},
			{Number: 100, Egress: true, Action: "allow", Protocol: "-1", CIDR: "0.0.0.0/0"},
		}})
	}
	for g := range 300 {
		group := Group{ID: fmt.Sprintf("sg-%d", g), VPC: "vpc-1", Outbound: []Rule{anything("0.0.0.0/0")}}
		for r := range 20 {
			group.Inbound = append(group.Inbound, tcp(int32(20+r), int32(20+5*r), fmt.Sprintf("%d.%d.0.0/16", 11+g%80, r)))
		}
		if g%10 == 0 {
			group.Inbound = append(group.Inbound, tcp(22, 22, "0.0.0.0/0"))
		}
		e.Groups.List = append(e.Groups.List, group)
	}
	for i := range 2000 {
		x := Interface{
			ID: fmt.Sprintf("eni-%d", i), Subnet: fmt.Sprintf("subnet-%d", i%40), VPC: "vpc-1", Status: "in-use", Instance: fmt.Sprintf("i-%d", i),
			Groups: []string{fmt.Sprintf("sg-%d", i%300), fmt.Sprintf("sg-%d", (7*i+1)%300), fmt.Sprintf("sg-%d", (i/3+2)%300)},
			IPv4:   []IPv4{{Private: fmt.Sprintf("10.%d.%d.%d", i%40, i/200, i%200+10), Public: "54.1.2.3"}},
		}
		e.Interfaces.List = append(e.Interfaces.List, x)
		e.Instances.List = append(e.Instances.List, Instance{ID: x.Instance, VPC: "vpc-1", State: "running"})
	}
	on := true
	for b := range 50 {
		lb := LoadBalancer{ARN: fmt.Sprintf("lb-%d", b), Name: fmt.Sprintf("web-%d", b), Type: NetworkLB, VPC: "vpc-1", Scheme: "internet-facing", State: "active", Addresses: "ipv4", Subnets: []string{"subnet-1", "subnet-2", "subnet-3"}, Groups: []string{"sg-10"}}
		g := TargetGroup{ARN: fmt.Sprintf("tg-%d", b), Name: "tg", VPC: "vpc-1", Type: "instance", Addresses: "ipv4", Protocol: "TCP", Port: 22, PreserveClientIP: &on, LoadBalancers: []string{lb.ARN}}
		for k := range 20 {
			g.Targets.List = append(g.Targets.List, RegisteredTarget{ID: fmt.Sprintf("i-%d", 20*b+k)})
		}
		lb.Listeners.List = []Listener{{ARN: "listener-" + lb.ARN, Protocol: "TCP", Port: 22, Rules: Rows[ListenerRule]{List: []ListenerRule{{Default: true, Forward: []string{g.ARN}}}}}}
		e.LoadBalancers.List, e.TargetGroups.List = append(e.LoadBalancers.List, lb), append(e.TargetGroups.List, g)
	}
	return e
}

// BenchmarkVPC judges TCP 22 and 3389 at each of 2,000 interfaces with 300 groups, indexing included.
func BenchmarkVPC(b *testing.B) {
	e := bigVPC()
	for b.Loop() {
		n := NewNetwork(e)
		for i := range e.Interfaces.List {
			for _, port := range []uint16{22, 3389} {
				n.Reach(Internet{}, Target{Interface: e.Interfaces.List[i].ID}, TCP, PortRange{port, port})
			}
		}
	}
}

// BenchmarkVPCAllPorts asks for every TCP port of the first hundred interfaces.
func BenchmarkVPCAllPorts(b *testing.B) {
	e := bigVPC()
	for b.Loop() {
		n := NewNetwork(e)
		for i := range 100 {
			n.Reach(Internet{}, Target{Interface: e.Interfaces.List[i].ID}, TCP, PortRange{0, 65535})
		}
	}
}

// TestLargeVPC holds what the benchmark measures to be answers; its budget of a second is held by `make bench`.
func TestLargeVPC(t *testing.T) {
	e := bigVPC()
	n := NewNetwork(e)
	open := 0
	for i := range e.Interfaces.List {
		if n.Reach(Internet{}, Target{Interface: e.Interfaces.List[i].ID}, TCP, PortRange{22, 22}).Answer == Yes {
			open++
		}
	}
	if open == 0 || open == 2000 {
		t.Errorf("%d are open", open)
	}
}
