package examination

import (
	"net/netip"
	"slices"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
)

// netJudge follows single packets through a small account, as AWS's pages say, without sets and without anything of the
// product. It knows groups, network ACLs, routes, internet gateways, public addresses, and application and network load balancers with
// targets by instance.
type netJudge struct{ *netAccount }

// netClients stand for the parts of the address space that the generator's blocks tell apart. The internet is what is larger than a
// /8 of public IPv4 or a /16 of IPv6: all but the office's.
var netClients = []struct {
	address  netip.Addr
	internet bool
}{
	{netip.MustParseAddr("5.6.7.8"), true},          // 0.0.0.0/1
	{netip.MustParseAddr("150.1.2.3"), true},        // 128.0.0.0/1
	{netip.MustParseAddr("203.0.112.9"), false},     // the office
	{netip.MustParseAddr("2600:aaaa::1"), true},     // 2600::/12
	{netip.MustParseAddr("2a01::1"), true},          // the rest of 2000::/3
	{netip.MustParseAddr("2a00:1000::1"), false},    // the office
	{netip.MustParseAddr("3fff:ffff:1::1"), true},   // the end of it
	{netip.MustParseAddr("198.100.200.201"), true},  // more of 128.0.0.0/1
	{netip.MustParseAddr("100.128.129.130"), true},  // more of 0.0.0.0/1
	{netip.MustParseAddr("203.0.120.250"), false},   // more of the office
	{netip.MustParseAddr("2a00:1000:ff::1"), false}, // more of it
}

func netIn(block string, a netip.Addr) bool {
	p, err := netip.ParsePrefix(block)
	return err == nil && p.Contains(a)
}

// admits: any rule of any group (VPC user guide, "Security group rules"). from are the groups of the sender's interface, which a
// rule may name in the place of addresses.
func (j netJudge) admits(groups []string, outbound bool, peer netip.Addr, port int32, from []string) bool {
	for _, g := range j.groups {
		if !slices.Contains(groups, g.ID) {
			continue
		}
		rules := g.Inbound
		if outbound {
			rules = g.Outbound
		}
		for _, r := range rules {
			if r.Protocol != "-1" && (r.Protocol != "tcp" && r.Protocol != "6" || *r.From > port || *r.To < port) {
				continue
			}
			blocks := slices.Concat(r.CIDRs, r.CIDR6s)
			for _, id := range r.PrefixLists {
				for _, l := range j.lists {
					if l.ID == id {
						blocks = append(blocks, l.Entries...)
					}
				}
			}
			if slices.ContainsFunc(blocks, func(b string) bool { return netIn(b, peer) }) ||
				slices.ContainsFunc(r.Groups, func(id string) bool { return slices.Contains(from, id) }) {
				return true
			}
		}
	}
	return false
}

// filters: the entries of one direction by ascending number, the first match decides, none denies ("Network ACL rules").
func (j netJudge) filters(subnet string, egress bool, peer netip.Addr, port int32) bool {
	for _, acl := range j.acls {
		if !slices.Contains(acl.Subnets, subnet) {
			continue
		}
		entries := slices.Clone(acl.Entries)
		slices.SortFunc(entries, func(a, b ec2.ACLEntry) int { return int(*a.Number - *b.Number) })
		for _, e := range entries {
			if *e.Egress != egress || e.Protocol != "-1" && e.Protocol != "6" || !netIn(e.CIDR+e.CIDR6, peer) {
				continue
			}
			if e.Protocol == "6" && e.From != nil && (*e.From > port || *e.To < port) {
				continue
			}
			return e.Action == "allow"
		}
	}
	return false
}

// netEphemeral are ports of every stretch that the generator's ranges make of 1024-65535 ("Ephemeral ports").
var netEphemeral = []int32{1024, 3389, 5000, 8080, 32768, 40000, 49152, 61000, 61001, 65535}

// crosses: a request to a port, and its answer to one of the sender's ephemeral ports, pass the ACL of a subnet. The request
// comes in, or goes out.
func (j netJudge) crosses(subnet string, in bool, peer netip.Addr, port int32) bool {
	return j.filters(subnet, !in, peer, port) && slices.ContainsFunc(netEphemeral, func(p int32) bool { return j.filters(subnet, in, peer, p) })
}

// answers: the subnet's table, or the main one, leads back to the client by an attached internet gateway; the longest prefix
// decides ("Route priority").
func (j netJudge) answers(subnet string, client netip.Addr) bool {
	var table *ec2.RouteTable
	for i := range j.tables {
		as := j.tables[i].Associations[0]
		if as.Subnet == subnet || *as.Main && table == nil {
			table = &j.tables[i]
			if as.Subnet == subnet {
				break
			}
		}
	}
	longest, target := -1, ec2.Route{}
	for _, r := range table.Routes {
		if p, err := netip.ParsePrefix(r.CIDR + r.CIDR6); err == nil && p.Contains(client) && p.Bits() > longest {
			longest, target = p.Bits(), r
		}
	}
	return target.Kind == ec2.TargetInternetGateway && target.State == "active" &&
		slices.ContainsFunc(j.gateways[0].Attachments, func(a ec2.GatewayAttachment) bool { return a.VPCID == "vpc-1" })
}

func (j netJudge) running(id string) bool {
	return slices.ContainsFunc(j.instances, func(i ec2.Instance) bool { return i.ID == id && i.State == "running" })
}

func (j netJudge) zone(subnet string) string {
	for _, s := range j.subnets {
		if s.ID == subnet {
			return s.Zone
		}
	}
	return ""
}

// arrives: the client's request comes to an interface by its public address, and is answered.
func (j netJudge) arrives(e ec2.ENI, client netip.Addr, port int32, filtered bool) bool {
	has := e.Addresses[0].Public != ""
	if client.Is6() {
		has = len(e.IPv6) > 0
	}
	return has && j.answers(e.SubnetID, client) && j.crosses(e.SubnetID, true, client, port) && (!filtered || j.admits(e.Groups, false, client, port, nil))
}

// netBy is what may be said of one way: it leads there, or by what no listing shows (cross-zone load balancing of a network load
// balancer; whether ACLs of nodes are asked where the client's address is preserved).
type netBy int

const (
	netNever netBy = iota
	netMaybe
	netSurely
)

// balanced: the client's request comes to the instance's interface by a load balancer.
func (j netJudge) balanced(e ec2.ENI, client netip.Addr, port int32) netBy {
	best := netNever
	for _, l := range j.listeners {
		group := l.DefaultActions[0].Forward[0].TargetGroup
		targets, _ := j.targets[group].Get()
		if !slices.ContainsFunc(targets, func(t elbv2.Target) bool { return t.ID == e.InstanceID && *t.Port == port }) {
			continue
		}
		b := j.balancers[slices.IndexFunc(j.balancers, func(b elbv2.LoadBalancer) bool { return b.ARN == l.LoadBalancerARN })]
		enabled := slices.ContainsFunc(b.Zones, func(z elbv2.Zone) bool { return z.Name == j.zone(e.SubnetID) })
		for _, node := range j.enis {
			if node.Description != "ELB "+b.Name || !enabled || b.Scheme != "internet-facing" || client.Is6() {
				continue // the nodes here have no IPv6 addresses
			}
			if j.arrives(node, client, l.Port, len(b.SecurityGroups) > 0) {
				best = max(best, j.delivers(b, group, node, e, client, port))
			}
		}
	}
	return best
}

// delivers: the node sends the request on to the target.
func (j netJudge) delivers(b elbv2.LoadBalancer, group string, node, e ec2.ENI, client netip.Addr, port int32) netBy {
	by := netSurely
	from, to := netip.MustParseAddr(node.Addresses[0].Private), netip.MustParseAddr(e.Addresses[0].Private)
	if len(b.SecurityGroups) > 0 && !j.admits(b.SecurityGroups, true, to, port, e.Groups) {
		return netNever
	}
	preserved := false
	if b.Kind == "network" {
		settings, _ := j.settings[group].Get()
		preserved = *settings.PreserveClientIP
		if j.zone(node.SubnetID) != j.zone(e.SubnetID) {
			by = netMaybe // cross-zone load balancing is off unless it was turned on
		}
	}
	source := from
	if preserved {
		source = client
	}
	if !j.admits(e.Groups, false, source, port, b.SecurityGroups) {
		return netNever
	}
	if node.SubnetID == e.SubnetID { // the ACL is asked where traffic crosses the subnet's border
		if preserved && (!j.crosses(node.SubnetID, false, to, port) || !j.crosses(e.SubnetID, true, source, port)) {
			return netMaybe
		}
		return by
	}
	if !j.crosses(e.SubnetID, true, source, port) {
		return netNever
	}
	if !j.crosses(node.SubnetID, false, to, port) {
		if preserved {
			return netMaybe
		}
		return netNever
	}
	return by
}

// instance says whether the internet reaches a port of an instance; unknown where it depends on what no listing shows.
func (j netJudge) instance(id string, ports ...int32) finding.Status {
	if !j.running(id) {
		return finding.Pass
	}
	best := netNever
	for _, e := range j.enis {
		if e.InstanceID != id {
			continue
		}
		for _, c := range netClients {
			for _, port := range ports {
				if !c.internet {
					continue
				}
				if j.arrives(e, c.address, port, true) {
					return finding.Fail
				}
				best = max(best, j.balanced(e, c.address, port))
			}
		}
	}
	return []finding.Status{finding.Pass, finding.Unknown, finding.Fail}[best]
}

// open says whether a group lets the internet in at one of the ports.
func (j netJudge) open(id string, ports ...int32) finding.Status {
	for _, c := range netClients {
		for _, port := range ports {
			if c.internet && j.admits([]string{id}, false, c.address, port, nil) {
				return finding.Fail
			}
		}
	}
	return finding.Pass
}

// allOpen says whether it lets it in at every port; these stand for each stretch that the generator's rules make.
func (j netJudge) allOpen(id string) finding.Status {
	for _, port := range []int32{1, 21, 22, 23, 79, 80, 81, 1024, 3388, 3389, 3390, 8080, 9200, 40000, 65535} {
		if j.open(id, port) == finding.Pass {
			return finding.Pass
		}
	}
	return finding.Fail
}
