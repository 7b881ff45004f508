package examination

import (
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
)

const (
	netSSH          = "ec2-instance-ssh-reachable"
	netRDP          = "ec2-instance-rdp-reachable"
	netHighRisk     = "ec2-instance-high-risk-port-reachable"
	netSSHOpen      = "ec2-security-group-ssh-open"
	netRDPOpen      = "ec2-security-group-rdp-open"
	netAllOpen      = "ec2-security-group-all-ports-open"
	netRiskOpen     = "ec2-security-group-high-risk-ports-open"
	netUnauthorized = "ec2-security-group-unauthorized-ports-open"
	netDatabase     = "rds-instance-reachable"
	netFacing       = "elbv2-load-balancer-internet-facing"
	netFacingOld    = "elb-load-balancer-internet-facing"
)

// The pages of docs.aws.amazon.com from which the cases are judged.
const (
	pageIGW        = "vpc/latest/userguide/VPC_Internet_Gateway.html"
	pageRoutes     = "vpc/latest/userguide/VPC_Route_Tables.html"
	pagePriority   = "vpc/latest/userguide/route-tables-priority.html"
	pageEdge       = "vpc/latest/userguide/gateway-route-tables.html"
	pageACL        = "vpc/latest/userguide/nacl-rules.html"
	pageEphemeral  = "vpc/latest/userguide/nacl-ephemeral-ports.html"
	pageGroups     = "vpc/latest/userguide/vpc-security-groups.html"
	pageRules      = "vpc/latest/userguide/security-group-rules.html"
	pageLists      = "vpc/latest/userguide/managed-prefix-lists.html"
	pageEIGW       = "vpc/latest/userguide/egress-only-internet-gateway.html"
	pageBPA        = "vpc/latest/userguide/security-vpc-bpa.html"
	pageSharing    = "vpc/latest/userguide/vpc-sharing.html"
	pagePeering    = "vpc/latest/peering/vpc-peering-basics.html"
	pageAddresses  = "AWSEC2/latest/UserGuide/using-instance-addressing.html"
	pageENI        = "AWSEC2/latest/UserGuide/using-eni.html"
	pageStop       = "AWSEC2/latest/UserGuide/how-ec2-instance-stop-start-works.html"
	pageIPRules    = "AWSEC2/latest/APIReference/API_IpPermission.html"
	pageALB        = "elasticloadbalancing/latest/application/application-load-balancers.html"
	pageALBGroups  = "elasticloadbalancing/latest/application/load-balancer-update-security-groups.html"
	pageALBRules   = "elasticloadbalancing/latest/application/rule-condition-types.html"
	pageALBAction  = "elasticloadbalancing/latest/application/rule-action-types.html"
	pageALBTarget  = "elasticloadbalancing/latest/application/load-balancer-target-groups.html"
	pageNLBGroups  = "elasticloadbalancing/latest/network/load-balancer-security-groups.html"
	pageNLBClient  = "elasticloadbalancing/latest/network/edit-target-group-attributes.html"
	pageNLBALB     = "elasticloadbalancing/latest/network/application-load-balancer-target.html"
	pageZones      = "elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html"
	pageNLBZones   = "elasticloadbalancing/latest/network/target-group-cross-zone.html"
	pageCLB        = "elasticloadbalancing/latest/classic/elb-listener-config.html"
	pageCLBGroups  = "elasticloadbalancing/latest/classic/elb-vpc-security-groups.html"
	pageGA         = "global-accelerator/latest/dg/secure-vpc-connections.html"
	pageGAClient   = "global-accelerator/latest/dg/preserve-client-ip-address.how-to-enable-preservation.html"
	pageGAFailover = "global-accelerator/latest/dg/about-endpoints-endpoint-weights.unhealthy-endpoints.html"
	pageGAPorts    = "global-accelerator/latest/dg/about-endpoint-groups-port-override.html"
	pageVPCOrigin  = "AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html"
	pageRDS        = "AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html"
	pageRDSFlag    = "AmazonRDS/latest/APIReference/API_DBInstance.html"
	pageRDSMulti   = "AmazonRDS/latest/APIReference/API_DBCluster.html"
	pageRDSGroups  = "AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html"
	pageEC219      = "securityhub/latest/userguide/ec2-controls.html"
)

// netCase is one verdict, judged by hand from a page.
type netCase struct {
	name, page      string
	check, resource string
	change          func(*netAccount)
	want            finding.Status
}

func runNet(t *testing.T, cases []netCase) {
	t.Helper()
	seen := map[string]bool{}
	for _, tt := range cases {
		if seen[tt.name] {
			t.Errorf("two cases are called %q", tt.name)
		}
		seen[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			a := newNet()
			tt.change(a)
			f := a.judge(tt.check)[tt.check+" "+tt.resource]
			if f.Status != tt.want {
				t.Errorf("%s of %s: %s, want %s (%s)\n%s", tt.check, tt.resource, f.Status, tt.want, tt.page, netText(f))
			}
		})
	}
}

func netText(f finding.Finding) string {
	if f.Reason != nil {
		return f.Message + " | " + f.Reason.Text
	}
	return f.Message
}

func netSame(*netAccount) {}

// A public address: groups, ACLs, routes, gateways, IPv6.
func TestNetworkInstances(t *testing.T) {
	const half1, half2 = "0.0.0.0/1", "128.0.0.0/1"
	route := func(routes ...ec2.Route) func(*netAccount) {
		return func(a *netAccount) { a.tables[0].Routes = append(netLocals(), routes...) }
	}
	acl := func(entries ...ec2.ACLEntry) func(*netAccount) {
		return func(a *netAccount) { a.acl("subnet-a", entries...) }
	}
	open := func(rules ...ec2.GroupRule) func(*netAccount) {
		return func(a *netAccount) { a.open("sg-1", rules...) }
	}
	in := func(n int32, action, protocol, cidr string, ports ...int32) ec2.ACLEntry {
		return netEntry(n, false, action, protocol, cidr, ports...)
	}
	out := func(n int32, action, protocol, cidr string, ports ...int32) ec2.ACLEntry {
		return netEntry(n, true, action, protocol, cidr, ports...)
	}
	ipv6 := func(a *netAccount) {
		a.enis[0].IPv6 = []string{"2600:1f18:100:100::10"}
		a.open("sg-1", netTCP6(22, "::/0"))
	}
	igw := func(to string) ec2.Route { return netRoute(to, ec2.TargetInternetGateway, "igw-1") }
	runNet(t, []netCase{
		{"all links open", pageIGW, netSSH, "i-1", netSame, finding.Fail},
		{"RDP not opened", pageGroups, netRDP, "i-1", netSame, finding.Pass},
		{"no public address", pageIGW, netSSH, "i-2", netSame, finding.Pass},
		{"a private subnet's public address", pageIGW, netSSH, "i-2", func(a *netAccount) { a.enis[1].Addresses[0].Public = "52.0.0.20" }, finding.Pass},
		{"no route but local", pageRoutes, netSSH, "i-1", route(), finding.Pass},
		{"the main table counts for a subnet without one", pageRoutes, netSSH, "i-2", func(a *netAccount) {
			a.enis[1].Addresses[0].Public, a.tables[1].Routes = "52.0.0.20", append(netLocals(), igw("0.0.0.0/0"))
		}, finding.Fail},
		{"an association overrides the main table", pageRoutes, netSSH, "i-1", func(a *netAccount) {
			a.tables[0].Routes, a.tables[1].Routes = netLocals(), append(netLocals(), igw("0.0.0.0/0"))
		}, finding.Pass},
		{"an association that failed", pageRoutes, netSSH, "i-1", func(a *netAccount) {
			a.tables[0].Associations[0].State = "disassociated"
		}, finding.Pass},
		{"two halves as routes", pagePriority, netSSH, "i-1", route(igw(half1), igw(half2)), finding.Fail},
		{"half goes to NAT, half to the gateway", pagePriority, netSSH, "i-1", route(netRoute("0.0.0.0/0", ec2.TargetNATGateway, "nat-1"), igw(half1)), finding.Fail},
		{"both halves go to NAT", pagePriority, netSSH, "i-1", route(igw("0.0.0.0/0"), netRoute(half1, ec2.TargetNATGateway, "nat-1"), netRoute(half2, ec2.TargetNATGateway, "nat-1")), finding.Pass},
		{"a route for an office alone", pagePriority, netSSH, "i-1", route(igw("203.0.112.0/20")), finding.Pass},
		{"a blackhole", pageRoutes, netSSH, "i-1", func(a *netAccount) { a.tables[0].Routes[2].State = "blackhole" }, finding.Pass},
		{"the gateway is attached elsewhere", pageIGW, netSSH, "i-1", func(a *netAccount) {
			a.gateways[0].Attachments, a.tables[0].Routes[2].State = []ec2.GatewayAttachment{{VPCID: "vpc-2", State: "available"}}, "blackhole"
		}, finding.Pass},
		{"a route by a prefix list", pageLists, netSSH, "i-1", func(a *netAccount) {
			a.tables[0].Routes = append(netLocals(), igw("pl-9"))
			a.pathLists = []ec2.PrefixList{{Resource: &inventory.Resource{Type: "AWS::EC2::PrefixList", ID: "pl-9", Region: netRegion}, Entries: []string{half1, half2}, Listed: true}}
		}, finding.Fail},
		{"the way in leads by a firewall", pageEdge, netSSH, "i-1", func(a *netAccount) {
			edge := netTable("rtb-edge", false, "", netRoute("10.0.0.0/24", ec2.TargetVPCEndpoint, "vpce-1"))
			edge.Associations = []ec2.RouteAssociation{{Main: new(bool), Gateway: "igw-1", State: "associated"}}
			a.tables = append(a.tables, edge)
		}, finding.Unknown},
		{"the way in leads by a firewall, and the group is closed", pageEdge, netSSH, "i-1", func(a *netAccount) {
			edge := netTable("rtb-edge", false, "", netRoute("10.0.0.0/24", ec2.TargetVPCEndpoint, "vpce-1"))
			edge.Associations = []ec2.RouteAssociation{{Main: new(bool), Gateway: "igw-1", State: "associated"}}
			a.tables = append(a.tables, edge)
			a.open("sg-1")
		}, finding.Pass},
		{"edge table of another subnet's block", pageEdge, netSSH, "i-1", func(a *netAccount) {
			edge := netTable("rtb-edge", false, "", netRoute("10.0.1.0/24", ec2.TargetVPCEndpoint, "vpce-1"))
			edge.Associations = []ec2.RouteAssociation{{Main: new(bool), Gateway: "igw-1", State: "associated"}}
			a.tables = append(a.tables, edge)
		}, finding.Fail},

		{"ACL denies before it allows", pageACL, netSSH, "i-1", acl(in(90, "deny", "6", "0.0.0.0/0", 22, 22), in(100, "allow", "-1", "0.0.0.0/0"), out(100, "allow", "-1", "0.0.0.0/0")), finding.Pass},
		{"ACL allows before it denies", pageACL, netSSH, "i-1", acl(in(110, "deny", "6", "0.0.0.0/0", 22, 22), in(100, "allow", "-1", "0.0.0.0/0"), out(100, "allow", "-1", "0.0.0.0/0")), finding.Fail},
		{"ACL denies one half", pageACL, netSSH, "i-1", acl(in(90, "deny", "-1", half1), in(100, "allow", "-1", "0.0.0.0/0"), out(100, "allow", "-1", "0.0.0.0/0")), finding.Fail},
		{"ACL denies both halves", pageACL, netSSH, "i-1", acl(in(80, "deny", "-1", half1), in(90, "deny", "6", half2, 0, 1023), in(100, "allow", "-1", "0.0.0.0/0"), out(100, "allow", "-1", "0.0.0.0/0")), finding.Pass},
		{"ACL allows UDP", pageACL, netSSH, "i-1", acl(in(100, "allow", "17", "0.0.0.0/0"), out(100, "allow", "-1", "0.0.0.0/0")), finding.Pass},
		{"no answer leaves", pageEphemeral, netSSH, "i-1", acl(in(100, "allow", "-1", "0.0.0.0/0")), finding.Pass},
		{"answers to port 22 alone", pageEphemeral, netSSH, "i-1", acl(in(100, "allow", "-1", "0.0.0.0/0"), out(100, "allow", "6", "0.0.0.0/0", 22, 22)), finding.Pass},
		{"answers to Linux clients", pageEphemeral, netSSH, "i-1", acl(in(100, "allow", "6", "0.0.0.0/0", 22, 22), out(100, "allow", "6", "0.0.0.0/0", 32768, 61000)), finding.Fail},
		{"answers by UDP", pageEphemeral, netSSH, "i-1", acl(in(100, "allow", "-1", "0.0.0.0/0"), out(100, "allow", "17", "0.0.0.0/0", 1024, 65535)), finding.Pass},
		{"answers go to the other half", pageEphemeral, netSSH, "i-1", acl(in(100, "allow", "-1", half1), out(100, "allow", "-1", half2)), finding.Pass},
		{"ACL for IPv6 alone", pageACL, netSSH, "i-1", acl(in(100, "allow", "-1", "::/0"), out(100, "allow", "-1", "::/0")), finding.Pass},

		{"group and ACL share no half", pageGroups, netSSH, "i-1", func(a *netAccount) {
			a.open("sg-1", netTCP(22, 22, half1))
			a.acl("subnet-a", in(100, "allow", "-1", half2), out(100, "allow", "-1", "0.0.0.0/0"))
		}, finding.Pass},
		{"a group's two halves by two rules", pageRules, netSSH, "i-1", open(netTCP(22, 22, half1), netTCP(20, 25, half2)), finding.Fail},
		{"every protocol", pageIPRules, netSSH, "i-1", open(ec2.GroupRule{Protocol: "-1", CIDRs: []string{"0.0.0.0/0"}}), finding.Fail},
		{"TCP by its number", pageIPRules, netSSH, "i-1", open(ec2.GroupRule{Protocol: "6", From: new(int32(0)), To: new(int32(65535)), CIDRs: []string{"0.0.0.0/0"}}), finding.Fail},
		{"UDP alone", pageIPRules, netSSH, "i-1", open(ec2.GroupRule{Protocol: "udp", From: new(int32(22)), To: new(int32(22)), CIDRs: []string{"0.0.0.0/0"}}), finding.Pass},
		{"ICMP alone", pageIPRules, netSSH, "i-1", open(ec2.GroupRule{Protocol: "icmp", From: new(int32(-1)), To: new(int32(-1)), CIDRs: []string{"0.0.0.0/0"}}), finding.Pass},
		{"private blocks alone", pageRules, netSSH, "i-1", open(netTCP(22, 22, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")), finding.Pass},
		{"the group itself as source", pageRules, netSSH, "i-1", open(netTCPFrom(22, "sg-1")), finding.Pass},
		{"a prefix list that holds the internet", pageLists, netSSH, "i-1", func(a *netAccount) {
			a.prefixList("pl-1", half1, half2)
			a.open("sg-1", ec2.GroupRule{Protocol: "tcp", From: new(int32(22)), To: new(int32(22)), PrefixLists: []string{"pl-1"}})
		}, finding.Fail},
		{"an empty prefix list", pageLists, netSSH, "i-1", func(a *netAccount) {
			a.prefixList("pl-1")
			a.open("sg-1", ec2.GroupRule{Protocol: "tcp", From: new(int32(22)), To: new(int32(22)), PrefixLists: []string{"pl-1"}})
		}, finding.Pass},
		{"a second group opens it", pageGroups, netSSH, "i-1", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-2", netTCP(22, 22, "0.0.0.0/0")))
			a.open("sg-1")
			a.enis[0].Groups = []string{"sg-1", "sg-2"}
		}, finding.Fail},
		{"two groups with a half each", pageGroups, netSSH, "i-1", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-2", netTCP(22, 22, half2)))
			a.open("sg-1", netTCP(22, 22, half1))
			a.enis[0].Groups = []string{"sg-1", "sg-2"}
		}, finding.Fail},
		{"outbound rules do not matter to answers", pageGroups, netSSH, "i-1", func(a *netAccount) { a.groups[0].Outbound = []ec2.GroupRule{} }, finding.Fail},

		{"IPv6", pageIGW, netSSH, "i-1", ipv6, finding.Fail},
		{"IPv6 rule, no IPv6 address", pageIGW, netSSH, "i-1", func(a *netAccount) { a.open("sg-1", netTCP6(22, "::/0")) }, finding.Pass},
		{"IPv6, egress-only gateway", pageEIGW, netSSH, "i-2", func(a *netAccount) {
			a.enis[1].IPv6 = []string{"2600:1f18:100:101::20"}
			a.open("sg-1", netTCP6(22, "::/0"))
		}, finding.Pass},
		{"IPv6, ACL for IPv4 alone", pageACL, netSSH, "i-1", func(a *netAccount) {
			ipv6(a)
			a.acl("subnet-a", in(100, "allow", "-1", "0.0.0.0/0"), out(100, "allow", "-1", "0.0.0.0/0"))
		}, finding.Pass},
		{"IPv6 though the IPv4 address is closed off", pageIGW, netSSH, "i-1", func(a *netAccount) {
			ipv6(a)
			a.enis[0].Addresses[0].Public = ""
		}, finding.Fail},
		{"IPv6, global unicast", pageRules, netSSH, "i-1", func(a *netAccount) { ipv6(a); a.open("sg-1", netTCP6(22, "2000::/3")) }, finding.Fail},
		{"IPv6, no route", pageRoutes, netSSH, "i-1", func(a *netAccount) {
			ipv6(a)
			a.tables[0].Routes = append(netLocals(), igw("0.0.0.0/0"))
		}, finding.Pass},
		{"IPv6, private addresses of the VPC", pageIGW, netSSH, "i-1", func(a *netAccount) {
			ipv6(a)
			a.vpcs[0].PrivateIPv6 = a.vpcs[0].IPv6CIDRs
		}, finding.Pass},

		{"Elastic IP on a secondary interface", pageENI, netSSH, "i-2", func(a *netAccount) {
			e := netENI("eni-3", "i-2", "subnet-a", "10.0.0.30", "52.0.0.30", "sg-1")
			e.DeviceIndex, e.Addresses[0].Allocation = new(int32(1)), "eipalloc-1"
			a.enis = append(a.enis, e)
		}, finding.Fail},
		{"Elastic IP on a secondary address", pageAddresses, netSSH, "i-1", func(a *netAccount) {
			a.enis[0].Addresses = []ec2.Address{{Private: "10.0.0.10"}, {Private: "10.0.0.11", Public: "52.0.0.30", Allocation: "eipalloc-1"}}
		}, finding.Fail},
		{"a public interface that is attached to nothing", pageENI, netSSH, "i-2", func(a *netAccount) {
			e := netENI("eni-3", "", "subnet-a", "10.0.0.30", "52.0.0.30", "sg-1")
			e.Status, e.AttachmentStatus, e.DeviceIndex = "available", "", nil
			a.enis = append(a.enis, e)
		}, finding.Pass},
		{"stopped, with an Elastic IP", pageStop, netSSH, "i-1", func(a *netAccount) { a.instances[0].State = "stopped" }, finding.Pass},
		{"managed by EKS Auto Mode", "AWSEC2/latest/UserGuide/amazon-ec2-managed-instances.html", netSSH, "i-1", func(a *netAccount) { a.instances[0].Manager = "eks.amazonaws.com" }, finding.NotApplicable},
		{"carrier address", "wavelength/latest/developerguide/wavelength-quotas.html", netSSH, "i-1", func(a *netAccount) {
			a.enis[0].Addresses[0] = ec2.Address{Private: "10.0.0.10", CarrierIP: "155.146.0.1"}
		}, finding.Pass},

		{"BPA blocks", pageBPA, netSSH, "i-1", func(a *netAccount) { a.bpa("block-bidirectional") }, finding.Pass},
		{"BPA blocks ingress", pageBPA, netSSH, "i-1", func(a *netAccount) { a.bpa("block-ingress") }, finding.Pass},
		{"BPA, the VPC is excluded", pageBPA, netSSH, "i-1", func(a *netAccount) {
			a.bpa("block-bidirectional")
			a.exclude(a.vpcs[0].ARN, "allow-bidirectional", "create-complete")
		}, finding.Fail},
		{"BPA, the subnet is excluded", pageBPA, netSSH, "i-1", func(a *netAccount) {
			a.bpa("block-ingress")
			a.exclude(a.subnets[0].ARN, "allow-bidirectional", "update-complete")
		}, finding.Fail},
		{"BPA, another subnet is excluded", pageBPA, netSSH, "i-1", func(a *netAccount) {
			a.bpa("block-ingress")
			a.exclude(a.subnets[1].ARN, "allow-bidirectional", "create-complete")
		}, finding.Pass},
		{"BPA, excluded for egress", pageBPA, netSSH, "i-1", func(a *netAccount) {
			a.bpa("block-bidirectional")
			a.exclude(a.vpcs[0].ARN, "allow-egress", "create-complete")
		}, finding.Pass},
		{"BPA, the exclusion is gone", pageBPA, netSSH, "i-1", func(a *netAccount) {
			a.bpa("block-bidirectional")
			a.exclude(a.vpcs[0].ARN, "allow-bidirectional", "delete-complete")
		}, finding.Pass},
		{"BPA is being changed", pageBPA, netSSH, "i-1", func(a *netAccount) {
			a.block.Mode, a.block.State = "block-bidirectional", "update-in-progress"
			for i := range a.subnets {
				a.subnets[i].BlockMode = ""
			}
		}, finding.Unknown},

		{"a high-risk port among others", pageEC219, netHighRisk, "i-1", open(netTCP(443, 443, "0.0.0.0/0"), netTCP(9000, 9250, "0.0.0.0/0")), finding.Fail},
		{"web ports are not high-risk", pageEC219, netHighRisk, "i-1", open(netTCP(80, 80, "0.0.0.0/0"), netTCP(443, 443, "0.0.0.0/0")), finding.Pass},
		{"SSH is high-risk", pageEC219, netHighRisk, "i-1", netSame, finding.Fail},
		{"peering and a group for the peer", pagePeering, netSSH, "i-1", func(a *netAccount) {
			a.open("sg-1", netTCP(22, 22, "172.31.0.0/16"))
			a.peerings = []ec2.Entrance{{Resource: netResource("AWS::EC2::VPCPeeringConnection", "pcx-1"), State: "active", VPCs: []string{"vpc-1"}}}
		}, finding.Pass},
	})
}

// bpa turns VPC Block Public Access on; each subnet shows the mode (SubnetBlockPublicAccessStates, API reference).
func (a *netAccount) bpa(mode string) {
	a.block.Mode, a.block.State = mode, "update-complete"
	for i := range a.subnets {
		a.subnets[i].BlockMode = mode
	}
}

// exclude adds an exclusion from it. Where it is in force and lets everything through, its subnets show that nothing is blocked.
func (a *netAccount) exclude(arn, mode, state string) {
	for i, s := range a.subnets {
		if mode == "allow-bidirectional" && !strings.HasPrefix(state, "delete") && (arn == s.ARN || arn == a.vpcs[0].ARN) {
			a.subnets[i].BlockMode = "off"
		}
	}
	a.excluded = append(a.excluded, ec2.VPCBlockExclusion{
		Resource: netResource("AWS::EC2::VPCBlockPublicAccessExclusion", "vpcbpa-exclude-1"), Excluded: arn, Mode: mode, State: state,
	})
}
