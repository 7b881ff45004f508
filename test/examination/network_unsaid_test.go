package examination

import (
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/rds"
)

// Answers that leave out what decides, states that are about to change, and what another account decides: unknown, unless the rest
// decides.
func TestNetworkUnsaid(t *testing.T) {
	closed := func(change func(*netAccount)) func(*netAccount) {
		return func(a *netAccount) { change(a); a.open("sg-1") }
	}
	shared := func(a *netAccount) {
		for i := range a.subnets {
			a.subnets[i].Owner, a.subnets[i].BlockMode = netOther, ""
		}
		a.vpcs = nil
	}
	noGroups := func(a *netAccount) { a.enis[0].Groups = nil }
	noRules := func(a *netAccount) { a.groups[0].Inbound = nil }
	noEntries := func(a *netAccount) { a.acls[0].Entries = nil }
	noNumber := func(a *netAccount) { a.acls[0].Entries[0].Number = nil }
	noRoutes := func(a *netAccount) { a.tables[0].Routes = nil }
	noState := func(a *netAccount) { a.tables[0].Routes[2].State = "" }
	noAttachments := func(a *netAccount) { a.gateways[0].Attachments = nil }
	noSubnets := func(a *netAccount) { a.acls[0].Subnets = nil }
	pending := func(a *netAccount) { a.instances[0].State = "pending" }
	half := func(a *netAccount) {
		a.prefixList("pl-1", "0.0.0.0/1")
		a.lists[0].Listed = false
		a.open("sg-1", ec2.GroupRule{Protocol: "tcp", From: new(int32(22)), To: new(int32(22)), PrefixLists: []string{"pl-1"}})
	}
	few := func(a *netAccount) {
		half(a)
		a.lists[0].Entries = []string{"203.0.113.0/24"}
	}
	runNet(t, []netCase{
		{"an interface without its groups", pageENI, netSSH, "i-1", noGroups, finding.Unknown},
		{"a group without its rules", pageRules, netSSH, "i-1", noRules, finding.Unknown},
		{"such a group", pageRules, netSSHOpen, "sg-1", noRules, finding.Unknown},
		{"an ACL without entries", pageACL, netSSH, "i-1", noEntries, finding.Unknown},
		{"an ACL without entries, and a closed group", pageACL, netSSH, "i-1", closed(noEntries), finding.Pass},
		{"an entry without a number", pageACL, netSSH, "i-1", noNumber, finding.Unknown},
		{"an ACL without its subnets", pageACL, netSSH, "i-1", noSubnets, finding.Unknown},
		{"a table without routes", pageRoutes, netSSH, "i-1", noRoutes, finding.Unknown},
		{"a table without routes, and a closed group", pageRoutes, netSSH, "i-1", closed(noRoutes), finding.Pass},
		{"a route without a state", pageRoutes, netSSH, "i-1", noState, finding.Unknown},
		{"a gateway without its attachments", pageIGW, netSSH, "i-1", noAttachments, finding.Unknown},
		{"a list of which a page was lost, open by the others", pageLists, netSSH, "i-1", half, finding.Fail},
		{"a list of which a page was lost", pageLists, netSSH, "i-1", few, finding.Unknown},
		{"such a list and the open check", pageLists, netSSHOpen, "sg-1", few, finding.Unknown},
		{"an instance that starts", pageStop, netSSH, "i-1", pending, finding.Unknown},
		{"an instance that starts, and a closed group", pageStop, netSSH, "i-1", closed(pending), finding.Pass},
		{"a subnet that another account shares", pageSharing, netSSH, "i-1", shared, finding.Unknown},
		{"a subnet that another account shares, and a closed group", pageSharing, netSSH, "i-1", closed(shared), finding.Pass},
		{"an interface closed to gateways", pageIGW, netSSH, "i-1", func(a *netAccount) { a.enis[0].DenyAllIGWTraffic = new(true) }, finding.Pass},
		{"a load balancer without a scheme", pageALB, netFacing, "lb-network", func(a *netAccount) {
			a.balancer("network", "internal", "subnet-a")
			a.balancers[0].Scheme = ""
		}, finding.Unknown},
		{"the way by a load balancer without a scheme", pageALB, netSSH, "i-2", func(a *netAccount) {
			a.listen(a.balancer("network", "internal", "subnet-a"), "TCP", 22, "instance", "i-2", 22)
			a.balancers[0].Scheme = ""
		}, finding.Unknown},
		{"a database without the flag", pageRDSFlag, netDatabase, "db-1", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-db", netTCP(5432, 5432, "0.0.0.0/0")))
			a.database(true, "sg-db").PubliclyAccessible = nil
		}, finding.Unknown},
		{"a database without its groups", pageRDSFlag, netDatabase, "db-1", func(a *netAccount) {
			a.database(true, "sg-1").Network.Groups = nil
		}, finding.Unknown},
		{"a database whose subnets differ, its zone not said", pageRDS, netDatabase, "db-1", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-db", netTCP(5432, 5432, "0.0.0.0/0")))
			a.database(true, "sg-db").Network.Zone = ""
		}, finding.Unknown},
		{"a member whose cluster is not listed", pageRDSMulti, netDatabase, "db-1", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-db", netTCP(5432, 5432, "0.0.0.0/0")))
			a.database(false, "sg-db").ClusterID = "cl-gone"
		}, finding.Unknown},
		{"a cluster with an internet access gateway", pageRDSMulti, netDatabase, "db-1", func(a *netAccount) {
			db := a.database(false, "sg-1")
			db.Engine, db.ClusterID = "aurora-postgresql", "cl-1"
			a.clusters = []rds.Cluster{{Resource: netResource("AWS::RDS::DBCluster", "cl-1"), Engine: "aurora-postgresql", InternetAccessGateway: new(true)}}
		}, finding.Fail},
	})
}
