package examination

import (
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/rds"
)

// Groups that open something to the internet, whatever uses them.
func TestNetworkOpenGroups(t *testing.T) {
	open := func(rules ...ec2.GroupRule) func(*netAccount) {
		return func(a *netAccount) { a.open("sg-1", rules...) }
	}
	all := func(protocol string, cidrs ...string) ec2.GroupRule {
		return ec2.GroupRule{Protocol: protocol, CIDRs: cidrs}
	}
	of := func(protocol string, from, to int32, cidrs ...string) ec2.GroupRule {
		return ec2.GroupRule{Protocol: protocol, From: &from, To: &to, CIDRs: cidrs}
	}
	list := func(from, to int32, id string) ec2.GroupRule {
		return ec2.GroupRule{Protocol: "tcp", From: &from, To: &to, PrefixLists: []string{id}}
	}
	const any4 = "0.0.0.0/0"
	runNet(t, []netCase{
		{"SSH to everyone", pageRules, netSSHOpen, "sg-1", netSame, finding.Fail},
		{"RDP to no one", pageRules, netRDPOpen, "sg-1", netSame, finding.Pass},
		{"the two halves", pageRules, netSSHOpen, "sg-1", open(netTCP(22, 22, "0.0.0.0/1", "128.0.0.0/1")), finding.Fail},
		{"one half", pageRules, netSSHOpen, "sg-1", open(netTCP(22, 22, "128.0.0.0/1")), finding.Fail},
		{"the halves of ::/0", pageRules, netSSHOpen, "sg-1", open(netTCP6(22, "::/1", "8000::/1")), finding.Fail},
		{"::/0 alone", pageRules, netSSHOpen, "sg-1", open(netTCP6(22, "::/0")), finding.Fail},
		{"2000::/3", pageRules, netSSHOpen, "sg-1", open(netTCP6(22, "2000::/3")), finding.Fail},
		{"unique local IPv6", pageRules, netSSHOpen, "sg-1", open(netTCP6(22, "fc00::/7")), finding.Pass},
		{"the half of IPv6 without global addresses", pageRules, netSSHOpen, "sg-1", open(netTCP6(22, "8000::/1")), finding.Pass},
		{"one IPv6 customer", pageRules, netSSHOpen, "sg-1", open(netTCP6(22, "2600:1f18::/32")), finding.Pass},
		{"private, shared, multicast and reserved blocks", pageRules, netSSHOpen, "sg-1", open(netTCP(22, 22, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "224.0.0.0/3", "127.0.0.0/8", "169.254.0.0/16")), finding.Pass},
		{"10.0.0.0/7 is public in its half", pageRules, netSSHOpen, "sg-1", open(netTCP(22, 22, "10.0.0.0/7")), finding.Pass},
		{"257 blocks of a /16", pageRules, netSSHOpen, "sg-1", func(a *netAccount) {
			a.open("sg-1", netTCP(22, 22, "3.0.0.0/8", "4.0.0.0/16"))
		}, finding.Fail},
		{"an office", pageRules, netSSHOpen, "sg-1", open(netTCP(22, 22, "203.0.112.0/20")), finding.Pass},
		{"protocol -1", pageIPRules, netSSHOpen, "sg-1", open(all("-1", any4)), finding.Fail},
		{"protocol -1 and RDP", pageIPRules, netRDPOpen, "sg-1", open(all("-1", any4)), finding.Fail},
		{"protocol -1 and every port", pageIPRules, netAllOpen, "sg-1", open(all("-1", any4)), finding.Fail},
		{"web ports are not all ports", pageIPRules, netAllOpen, "sg-1", open(netTCP(80, 80, any4), netTCP(443, 443, any4)), finding.Pass},
		{"TCP 0-65535", pageIPRules, netAllOpen, "sg-1", open(netTCP(0, 65535, any4)), finding.Fail},
		{"TCP without ports", pageIPRules, netAllOpen, "sg-1", open(of("tcp", -1, -1, any4)), finding.Fail},
		{"every UDP port", pageIPRules, netAllOpen, "sg-1", open(of("udp", 0, 65535, any4)), finding.Pass},
		{"all ports by two rules", pageIPRules, netAllOpen, "sg-1", open(netTCP(0, 30000, any4), netTCP(30001, 65535, any4)), finding.Fail},
		{"all ports but one", pageIPRules, netAllOpen, "sg-1", open(netTCP(0, 29999, any4), netTCP(30001, 65535, any4)), finding.Pass},
		{"ICMP of every type", pageIPRules, netSSHOpen, "sg-1", open(of("icmp", -1, -1, any4)), finding.Pass},
		{"ICMP type 22", pageIPRules, netSSHOpen, "sg-1", open(of("icmp", 22, 22, any4)), finding.Pass},
		{"UDP 22", pageIPRules, netSSHOpen, "sg-1", open(of("udp", 22, 22, any4)), finding.Pass},
		{"UDP 3389 is not TCP's", pageIPRules, netRDPOpen, "sg-1", open(of("udp", 3389, 3389, any4)), finding.Pass},
		{"another protocol by number", pageIPRules, netSSHOpen, "sg-1", open(all("47", any4)), finding.Pass},
		{"a range around it", pageIPRules, netSSHOpen, "sg-1", open(netTCP(20, 30, any4)), finding.Fail},
		{"a range below it", pageIPRules, netSSHOpen, "sg-1", open(netTCP(0, 21, any4)), finding.Pass},
		{"another group", pageRules, netSSHOpen, "sg-1", open(netTCPFrom(22, "sg-2"), ec2.GroupRule{Protocol: "-1", Groups: []string{"sg-1"}}), finding.Pass},
		{"outbound alone", pageRules, netSSHOpen, "sg-1", open(), finding.Pass},
		{"a list that holds half of it, a rule the other", pageLists, netSSHOpen, "sg-1", func(a *netAccount) {
			a.prefixList("pl-1", "0.0.0.0/1")
			a.open("sg-1", list(22, 22, "pl-1"), netTCP(22, 22, "128.0.0.0/1"))
		}, finding.Fail},
		{"a list of offices", pageLists, netSSHOpen, "sg-1", func(a *netAccount) {
			a.prefixList("pl-1", "203.0.113.0/24", "198.51.100.0/24")
			a.open("sg-1", list(22, 22, "pl-1"))
		}, finding.Pass},
		{"a list of IPv6", pageLists, netSSHOpen, "sg-1", func(a *netAccount) {
			a.prefixList("pl-1", "::/0")
			a.open("sg-1", list(22, 22, "pl-1"))
		}, finding.Fail},
		{"a list for another port", pageLists, netSSHOpen, "sg-1", func(a *netAccount) {
			a.prefixList("pl-1", "0.0.0.0/0")
			a.open("sg-1", list(443, 443, "pl-1"))
		}, finding.Pass},

		{"MySQL", pageEC219, netRiskOpen, "sg-1", open(netTCP(3306, 3306, any4)), finding.Fail},
		{"MySQL by UDP", pageEC219, netRiskOpen, "sg-1", open(of("udp", 3306, 3306, any4)), finding.Pass},
		{"HTTPS", pageEC219, netRiskOpen, "sg-1", open(netTCP(443, 443, any4)), finding.Pass},
		{"port 3000 of IPv6", pageEC219, netRiskOpen, "sg-1", open(netTCP6(3000, "::/0")), finding.Fail},
		{"own high-risk ports", pageEC219, netRiskOpen, "sg-1", func(a *netAccount) {
			a.params["high_risk_tcp_ports"] = []int{6379}
			a.open("sg-1", netTCP(22, 22, any4), netTCP(6380, 6390, any4))
		}, finding.Pass},
		{"80 and 443 are authorized", pageEC219, netUnauthorized, "sg-1", open(netTCP(80, 80, any4), netTCP(443, 443, any4)), finding.Pass},
		{"80 to 443 are not", pageEC219, netUnauthorized, "sg-1", open(netTCP(80, 443, any4)), finding.Fail},
		{"UDP 443 is not", pageEC219, netUnauthorized, "sg-1", open(of("udp", 443, 443, any4)), finding.Fail},
		{"authorized ports given", pageEC219, netUnauthorized, "sg-1", func(a *netAccount) {
			a.params["authorized_tcp_ports"] = []int{22}
		}, finding.Pass},
		{"authorized ports given, and another open", pageEC219, netUnauthorized, "sg-1", func(a *netAccount) {
			a.params["authorized_tcp_ports"] = []int{22}
			a.open("sg-1", netTCP(22, 22, any4), netTCP(443, 443, any4))
		}, finding.Fail},
		{"everything by protocol -1", pageEC219, netUnauthorized, "sg-1", open(all("-1", any4)), finding.Fail},
		{"an office may have any port", pageEC219, netUnauthorized, "sg-1", open(netTCP(0, 65535, "203.0.112.0/20")), finding.Pass},
	})
}

// What an open group's finding says of its use raises it, and never lowers it.
func TestNetworkOpenGroupUses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*netAccount)
		want   finding.Severity
	}{
		"used by a reachable instance": {netSame, finding.Critical},
		"used by private ones":         {func(a *netAccount) { a.enis[0].Addresses[0].Public = "" }, finding.High},
		"used by none":                 {func(a *netAccount) { a.enis = nil }, finding.High},
		"used by a stopped one":        {func(a *netAccount) { a.instances[0].State = "stopped" }, finding.High},
		"its half of two groups": {func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-2", netTCP(22, 22, "128.0.0.0/1")))
			a.open("sg-1", netTCP(22, 22, "0.0.0.0/1"))
			a.enis[0].Groups = []string{"sg-1", "sg-2"}
		}, finding.Critical},
		"behind a network load balancer": {func(a *netAccount) {
			a.enis[0].Addresses[0].Public = ""
			lb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(lb, "TCP", 2222, "instance", "i-2", 22)
		}, finding.Critical},
	} {
		a := newNet()
		tt.change(a)
		if f := a.judge(netSSHOpen)[netSSHOpen+" sg-1"]; f.Status != finding.Fail || f.Severity != tt.want {
			t.Errorf("%s: %s %s, want %s\n%s", name, f.Status, f.Severity, tt.want, netText(f))
		}
	}
}

// DB instances on port 5432 with the group sg-db.
func TestNetworkDatabases(t *testing.T) {
	base := func(public bool, change func(a *netAccount, db *rds.Instance)) func(*netAccount) {
		return func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-db", netTCP(5432, 5432, "0.0.0.0/0")))
			change(a, a.database(public, "sg-db"))
		}
	}
	same := func(*netAccount, *rds.Instance) {}
	cluster := func(engine string, public, gateway *bool) rds.Cluster {
		return rds.Cluster{
			Resource: netResource("AWS::RDS::DBCluster", "cl-1"), Engine: engine, Status: "available", PubliclyAccessible: public, InternetAccessGateway: gateway,
			Members: []rds.Member{{InstanceID: "db-1", ParameterGroupStatus: "in-sync"}},
		}
	}
	igw := netRoute("0.0.0.0/0", ec2.TargetInternetGateway, "igw-1")
	runNet(t, []netCase{
		{"public", pageRDS, netDatabase, "db-1", base(true, same), finding.Fail},
		{"not public", pageRDSFlag, netDatabase, "db-1", base(false, same), finding.Pass},
		{"group closed", pageRDSGroups, netDatabase, "db-1", base(true, func(a *netAccount, _ *rds.Instance) { a.open("sg-db") }), finding.Pass},
		{"group opens another port", pageRDSGroups, netDatabase, "db-1", base(true, func(a *netAccount, _ *rds.Instance) { a.open("sg-db", netTCP(3306, 3306, "0.0.0.0/0")) }), finding.Pass},
		{"another port of its own", pageRDSGroups, netDatabase, "db-1", base(true, func(a *netAccount, db *rds.Instance) {
			a.open("sg-db", netTCP(6000, 6000, "0.0.0.0/0"))
			db.Network.Port = new(int32(6000))
		}), finding.Fail},
		{"group for the VPC", pageRDSGroups, netDatabase, "db-1", base(true, func(a *netAccount, _ *rds.Instance) { a.open("sg-db", netTCP(5432, 5432, "10.0.0.0/16")) }), finding.Pass},
		{"group of a group", pageRDSGroups, netDatabase, "db-1", base(true, func(a *netAccount, _ *rds.Instance) { a.open("sg-db", netTCPFrom(5432, "sg-1")) }), finding.Pass},
		{"two groups", pageRDSGroups, netDatabase, "db-1", base(true, func(a *netAccount, db *rds.Instance) {
			a.open("sg-db")
			a.open("sg-1", netTCP(5000, 6000, "0.0.0.0/0"))
			db.Network.Groups = []string{"sg-1", "sg-db"}
			a.enis[len(a.enis)-1].Groups = db.Network.Groups
		}), finding.Fail},
		{"its subnet is private", pageRDS, netDatabase, "db-1", base(true, func(a *netAccount, _ *rds.Instance) { a.tables[0].Routes = netLocals() }), finding.Pass},
		{"its subnet keeps clients out", pageACL, netDatabase, "db-1", base(true, func(a *netAccount, _ *rds.Instance) {
			a.acl("subnet-a", netEntry(100, true, "allow", "-1", "0.0.0.0/0"))
		}), finding.Pass},
		{"in the zone of the private subnet", pageRDS, netDatabase, "db-1", base(true, func(a *netAccount, db *rds.Instance) {
			db.Network.Zone = "us-east-1b"
			e := &a.enis[len(a.enis)-1]
			e.SubnetID, e.Addresses[0].Private = "subnet-d", "10.0.3.50"
		}), finding.Pass},
		{"all subnets are public, the zone is not said", pageRDS, netDatabase, "db-1", base(true, func(a *netAccount, db *rds.Instance) {
			a.tables[1].Routes = append(netLocals(), igw)
			db.Network.Zone = ""
		}), finding.Fail},
		{"stopped", "AmazonRDS/latest/UserGuide/USER_StopInstance.html", netDatabase, "db-1", base(true, func(_ *netAccount, db *rds.Instance) { db.Status = "stopped" }), finding.Pass},
		{"BPA blocks", pageBPA, netDatabase, "db-1", base(true, func(a *netAccount, _ *rds.Instance) { a.bpa("block-bidirectional") }), finding.Pass},
		{"being created", pageRDSFlag, netDatabase, "db-1", base(true, func(_ *netAccount, db *rds.Instance) {
			db.Status, db.Network.Port, db.Network.Address = "creating", nil, ""
		}), finding.Unknown},
		{"Aurora member, public", pageRDSFlag, netDatabase, "db-1", base(true, func(a *netAccount, db *rds.Instance) {
			db.Engine, db.ClusterID = "aurora-postgresql", "cl-1"
			a.clusters = []rds.Cluster{cluster("aurora-postgresql", nil, new(bool))}
		}), finding.Fail},
		{"Aurora member, not public", pageRDSFlag, netDatabase, "db-1", base(false, func(a *netAccount, db *rds.Instance) {
			db.Engine, db.ClusterID = "aurora-postgresql", "cl-1"
			a.clusters = []rds.Cluster{cluster("aurora-postgresql", nil, new(bool))}
		}), finding.Pass},
		{"member of a public Multi-AZ cluster", pageRDSMulti, netDatabase, "db-1", base(true, func(a *netAccount, db *rds.Instance) {
			db.ClusterID = "cl-1"
			a.clusters = []rds.Cluster{cluster("postgres", new(true), nil)}
		}), finding.Fail},
		{"member of a private Multi-AZ cluster", pageRDSMulti, netDatabase, "db-1", base(false, func(a *netAccount, db *rds.Instance) {
			db.ClusterID = "cl-1"
			a.clusters = []rds.Cluster{cluster("postgres", new(bool), nil)}
		}), finding.Pass},
		// No answer says which address a DB instance has: an interface of RDS with its groups may also be another database's, of a
		// sister service that this listing leaves out.
		{"private behind a network load balancer by address", pageNLBClient, netDatabase, "db-1", base(false, func(a *netAccount, _ *rds.Instance) {
			a.open("sg-db", netTCP(5432, 5432, "10.0.0.0/16"))
			lb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(lb, "TCP", 5432, "ip", "10.0.0.50", 5432)
		}), finding.Unknown},
		{"private behind a network load balancer, closed to it", pageNLBClient, netDatabase, "db-1", base(false, func(a *netAccount, _ *rds.Instance) {
			a.open("sg-db", netTCPFrom(5432, "sg-1"))
			lb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(lb, "TCP", 5432, "ip", "10.0.0.50", 5432)
		}), finding.Pass},
		{"private behind an internal load balancer", pageNLBClient, netDatabase, "db-1", base(false, func(a *netAccount, _ *rds.Instance) {
			lb := a.balancer("network", "internal", "subnet-b")
			a.listen(lb, "TCP", 5432, "ip", "10.0.0.50", 5432)
		}), finding.Pass},
		{"a load balancer to another address, whose interface says whose it is", pageNLBClient, netDatabase, "db-1", base(false, func(a *netAccount, _ *rds.Instance) {
			lb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(lb, "TCP", 5432, "ip", "10.0.1.20", 5432)
		}), finding.Pass},
	})
}
