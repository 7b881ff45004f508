package examination

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
)

var (
	netBlocks4 = []string{"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "203.0.112.0/20", "10.0.0.0/16", "10.0.0.0/24", "10.0.1.0/24", "10.0.3.0/24"}
	netBlocks6 = []string{"::/0", "2000::/3", "2600::/12", "2a00:1000::/32", "fc00::/7"}
	netRanges  = [][2]int32{{0, 65535}, {22, 22}, {80, 80}, {8080, 8080}, {3389, 3389}, {20, 25}, {1024, 65535}, {32768, 61000}, {0, 1023}, {23, 65535}, {0, 21}}
	netPorts   = []int32{22, 8080, 3389, 80}
)

// drawNet draws a small account: three subnets in two zones, three groups, two instances, and up to two load balancers.
func drawNet(t *rapid.T) *netAccount {
	a := newNet()
	pick := func(name string, of int) int { return rapid.IntRange(0, of-1).Draw(t, name) }
	chance := func(name string, of int) bool { return pick(name, of) == 0 }
	subnets := []string{"subnet-a", "subnet-b", "subnet-d"}

	a.groups = nil
	for _, id := range []string{"sg-1", "sg-2", "sg-3"} {
		var rules []ec2.GroupRule
		for range pick("rules", 4) {
			rules = append(rules, drawRule(t, a))
		}
		g := netGroup(id, rules...)
		if chance("outbound", 4) {
			g.Outbound = []ec2.GroupRule{drawRule(t, a)}
		}
		a.groups = append(a.groups, g)
	}
	groups := func() []string {
		return [][]string{{"sg-1"}, {"sg-2"}, {"sg-1", "sg-2"}, {"sg-3"}, {"sg-1", "sg-3"}}[pick("groups", 5)]
	}

	for i := range a.tables {
		a.tables[i].Routes = append(netLocals(), drawRoutes(t)...)
	}
	if chance("gateway attached elsewhere", 10) {
		a.gateways[0].Attachments = []ec2.GatewayAttachment{}
		for i := range a.tables {
			for k, r := range a.tables[i].Routes {
				if r.Kind == ec2.TargetInternetGateway {
					a.tables[i].Routes[k].State = "blackhole"
				}
			}
		}
	}
	for _, s := range subnets {
		if chance("own ACL", 3) {
			a.acl(s, drawEntries(t)...)
		}
	}

	a.enis, a.instances = nil, nil
	at := map[string]string{"subnet-a": "10.0.0.", "subnet-b": "10.0.1.", "subnet-d": "10.0.3."}
	for k, id := range []string{"i-1", "i-2"} {
		s := subnets[pick("subnet", 3)]
		e := netENI("eni-"+id, id, s, at[s]+fmt.Sprint(20+k), "", groups()...)
		if chance("public", 2) {
			e.Addresses[0].Public = fmt.Sprintf("52.0.0.%d", 20+k)
		}
		if chance("IPv6", 3) {
			e.IPv6 = []string{fmt.Sprintf("2600:1f18:100:100::%d", 20+k)}
		}
		state := "running"
		if chance("stopped", 8) {
			state = "stopped"
		}
		a.enis = append(a.enis, e)
		a.instances = append(a.instances, ec2.Instance{Resource: netResource("AWS::EC2::Instance", id), State: state, SubnetID: s, VPCID: "vpc-1"})
	}

	for _, kind := range []string{"application", "network"} {
		if !chance(kind, 2) {
			continue
		}
		own := groups()
		if kind == "network" && chance("no groups", 2) {
			own = nil
		}
		drawBalancer(t, a, kind, own, at)
	}
	return a
}

func drawBalancer(t *rapid.T, a *netAccount, kind string, groups []string, at map[string]string) {
	pick := func(name string, of int) int { return rapid.IntRange(0, of-1).Draw(t, name) }
	scheme := []string{"internet-facing", "internet-facing", "internal"}[pick("scheme", 3)]
	zones := [][]string{{"subnet-a"}, {"subnet-b"}, {"subnet-a", "subnet-d"}, {"subnet-b", "subnet-d"}, {"subnet-d"}}[pick("zones", 5)]
	lb := a.balancer(kind, scheme, zones[0], groups...)
	b := &a.balancers[len(a.balancers)-1]
	b.Zones = nil
	proto := a.enis[len(a.enis)-1]
	a.enis = a.enis[:len(a.enis)-1]
	for k, s := range zones {
		b.Zones = append(b.Zones, elbv2.Zone{Name: netJudge{a}.zone(s), SubnetID: s})
		res := *proto.Resource
		res.ID, res.ARN = fmt.Sprintf("eni-%s-%d", kind, k), fmt.Sprintf("%s-%d", proto.ARN, k)
		e := proto
		e.Resource, e.SubnetID, e.Description = &res, s, "ELB "+b.Name
		number := 100 + len(a.enis)
		e.Addresses = []ec2.Address{{Private: at[s] + fmt.Sprint(number)}}
		if scheme == "internet-facing" {
			e.Addresses[0].Public, e.Addresses[0].IPOwner = fmt.Sprintf("52.0.0.%d", number), "amazon-elb"
		}
		a.enis = append(a.enis, e)
	}
	protocol, port := "TCP", netPorts[pick("listener", len(netPorts))]
	if kind == "application" {
		protocol = "HTTP"
	}
	group := a.listen(lb, protocol, port, "instance", []string{"i-1", "i-2"}[pick("target", 2)], netPorts[pick("target port", len(netPorts))])
	if kind == "network" && pick("preserved", 3) == 0 {
		a.settings[group] = inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: new(bool)})
	}
}

// drawBehind begins with an open way by a load balancer to the private i-2, and changes up to three things.
func drawBehind(t *rapid.T) *netAccount {
	a := newNet()
	pick := func(name string, of int) int { return rapid.IntRange(0, of-1).Draw(t, name) }
	kind, groups := "application", []string{"sg-2"}
	switch pick("kind", 3) {
	case 1:
		kind = "network"
	case 2:
		kind, groups = "network", nil
	}
	a.groups = []ec2.SecurityGroup{
		netGroup("sg-1", netTCP(8080, 8080, netBlocks4[pick("target lets in", 6)]), netTCPFrom(8080, []string{"sg-1", "sg-2"}[pick("target names", 2)])),
		netGroup("sg-2", netTCP(80, 80, "0.0.0.0/0")), netGroup("sg-3"),
	}
	lb := a.balancer(kind, "internet-facing", "subnet-a", groups...)
	a.enis[len(a.enis)-1].Description = "ELB " + a.balancers[0].Name
	group := a.listen(lb, map[string]string{"application": "HTTP", "network": "TCP"}[kind], 80, "instance", "i-2", 8080)
	if kind == "network" && pick("not preserved", 2) == 0 {
		a.settings[group] = inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: new(bool)})
	}
	for range pick("changes", 4) {
		switch pick("change", 8) {
		case 0:
			a.move()
		case 1:
			if len(a.balancers[0].Zones) == 1 {
				a.second()
			}
		case 2:
			a.tables[pick("table", 2)].Routes = append(netLocals(), drawRoutes(t)...)
		case 3:
			a.acl([]string{"subnet-a", "subnet-b", "subnet-d"}[pick("ACL of", 3)], drawEntries(t)...)
		case 4:
			g := &a.groups[pick("group", 2)]
			g.Inbound = append(g.Inbound[pick("dropped", 2):], drawRule(t, a))
		case 5:
			a.groups[1].Outbound = []ec2.GroupRule{drawRule(t, a)}
		case 6:
			a.instances[1].SubnetID, a.enis[1].SubnetID, a.enis[1].Addresses[0].Private = "subnet-a", "subnet-a", "10.0.0.20"
		case 7:
			a.targets[group] = inventory.Known([]elbv2.Target{{ID: "i-2", Port: &netPorts[pick("target port", 4)], Zone: "us-east-1a", State: "healthy"}})
		}
	}
	return a
}

func drawRule(t *rapid.T, a *netAccount) ec2.GroupRule {
	ports := rapid.SampledFrom(netRanges).Draw(t, "ports")
	r := ec2.GroupRule{Protocol: rapid.SampledFrom([]string{"tcp", "tcp", "tcp", "6", "udp", "-1"}).Draw(t, "protocol"), From: &ports[0], To: &ports[1]}
	if r.Protocol == "-1" {
		r.From, r.To = nil, nil
	}
	switch rapid.IntRange(0, 7).Draw(t, "peer") {
	case 0:
		r.Groups = []string{rapid.SampledFrom([]string{"sg-1", "sg-2", "sg-3"}).Draw(t, "group")}
	case 1, 2:
		r.CIDR6s = []string{rapid.SampledFrom(netBlocks6).Draw(t, "block")}
	case 3:
		id := fmt.Sprintf("pl-%d", len(a.lists))
		a.prefixList(id, rapid.SliceOfN(rapid.SampledFrom(netBlocks4), 0, 2).Draw(t, "entries")...)
		r.PrefixLists = []string{id}
	default:
		r.CIDRs = rapid.SliceOfN(rapid.SampledFrom(netBlocks4), 1, 2).Draw(t, "blocks")
	}
	return r
}

func drawRoutes(t *rapid.T) []ec2.Route {
	var routes []ec2.Route
	kinds := []string{ec2.TargetInternetGateway, ec2.TargetInternetGateway, ec2.TargetInternetGateway, ec2.TargetNATGateway}
	for _, to := range []string{"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "203.0.112.0/20", "::/0", "2600::/12"} {
		if rapid.IntRange(0, 2).Draw(t, "route") > 0 && (to == "0.0.0.0/0" || to == "::/0") || rapid.IntRange(0, 4).Draw(t, "special") == 0 {
			kind := rapid.SampledFrom(kinds).Draw(t, "target")
			target := "igw-1"
			if kind == ec2.TargetNATGateway {
				target = "nat-1"
				if to == "::/0" || to == "2600::/12" {
					kind, target = ec2.TargetEgressOnly, "eigw-1"
				}
			}
			routes = append(routes, netRoute(to, kind, target))
		}
	}
	return routes
}

func drawEntries(t *rapid.T) []ec2.ACLEntry {
	var entries []ec2.ACLEntry
	for k := range rapid.IntRange(1, 6).Draw(t, "entries") {
		block := rapid.SampledFrom(append([]string{"0.0.0.0/0", "0.0.0.0/0", "::/0"}, append(netBlocks6[:3:3], netBlocks4[:7]...)...)).Draw(t, "block")
		action := rapid.SampledFrom([]string{"allow", "allow", "allow", "deny"}).Draw(t, "action")
		protocol := rapid.SampledFrom([]string{"-1", "6", "6", "17"}).Draw(t, "protocol")
		var ports []int32
		if r := rapid.SampledFrom(netRanges).Draw(t, "ports"); protocol != "-1" {
			ports = r[:]
		}
		entries = append(entries, netEntry(int32(100+k), rapid.Bool().Draw(t, "egress"), action, protocol, block, ports...))
	}
	if rapid.IntRange(0, 2).Draw(t, "else open") > 0 {
		entries = append(entries, netEntry(900, false, "allow", "-1", "0.0.0.0/0"), netEntry(900, true, "allow", "-1", "0.0.0.0/0"),
			netEntry(901, false, "allow", "-1", "::/0"), netEntry(901, true, "allow", "-1", "::/0"))
	}
	return entries
}

var netChecks = []string{netSSH, netRDP, netHighRisk, netSSHOpen, netRDPOpen, netAllOpen, netRiskOpen}

// netExpected is what the judge says of every check and resource.
func netExpected(a *netAccount) map[string]finding.Status {
	j := netJudge{a}
	want := map[string]finding.Status{}
	risky := []int32{20, 21, 22, 23, 25, 3389, 8080, 9200}
	for _, i := range a.instances {
		want[netSSH+" "+i.ID], want[netRDP+" "+i.ID], want[netHighRisk+" "+i.ID] = j.instance(i.ID, 22), j.instance(i.ID, 3389), j.instance(i.ID, risky...)
	}
	for _, g := range a.groups {
		want[netSSHOpen+" "+g.ID], want[netRDPOpen+" "+g.ID] = j.open(g.ID, 22), j.open(g.ID, 3389)
		want[netRiskOpen+" "+g.ID], want[netAllOpen+" "+g.ID] = j.open(g.ID, risky...), j.allOpen(g.ID)
	}
	return want
}

// Random accounts: the checks say what one packet after the other shows.
func TestNetworkRandom(t *testing.T) {
	count, balanced := map[finding.Status]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom([]func(*rapid.T) *netAccount{drawNet, drawBehind}).Draw(t, "accounts of a kind")(t)
		found := a.judge(netChecks...)
		for _, e := range a.enis {
			if e.InstanceID != "" && e.Addresses[0].Public == "" && len(e.IPv6) == 0 && found[netHighRisk+" "+e.InstanceID].Status == finding.Fail {
				balanced++
			}
		}
		for key, want := range netExpected(a) {
			f := found[key]
			count[want]++
			if f.Status != want {
				t.Errorf("%s: %s, want %s\n%s", key, f.Status, want, netText(f))
			}
		}
	})
	t.Logf("%v; by a load balancer alone: %d", count, balanced)
	if count[finding.Pass] == 0 || count[finding.Fail] == 0 || balanced == 0 {
		t.Error("the accounts drawn are all of a kind")
	}
}
