package examination

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/cloudfront"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	ga "github.com/ourshare/ourshare/internal/inventory/globalaccelerator"
	"github.com/ourshare/ourshare/internal/inventory/iam"
	"github.com/ourshare/ourshare/internal/inventory/rds"
)

var (
	netBalancerNodes = []*inventory.Node{
		elbv2.LoadBalancers.Node(), elbv2.Listeners.Node(), elbv2.ListenerRules.Node(), elbv2.ForwardRules.Node(), elbv2.TargetGroups.Node(),
		elbv2.Targets.Node(), elbv2.TargetGroupAttributes.Node(), elb.LoadBalancers.Node(),
	}
	netEdgeNodes = []*inventory.Node{
		ga.Accelerators.Node(), ga.Listeners.Node(), ga.EndpointGroups.Node(), cloudfront.VPCOrigins.Node(), cloudfront.VPCOriginEndpoints.Node(),
		cloudfront.Distributions.Node(),
	}
	// netNamedNodes only name what is not followed, or explain.
	netNamedNodes = []*inventory.Node{
		ec2.TransitGatewayAttachments.Node(), ec2.VPNGateways.Node(), ec2.ClientVPNEndpoints.Node(), ec2.InstanceConnectEndpoints.Node(),
		ec2.VPCEndpointServices.Node(), ec2.VerifiedAccessEndpoints.Node(), ec2.VPCPeeringConnections.Node(), ga.CustomRoutingAccelerators.Node(),
		ga.CrossAccountAttachments.Node(), iam.AuthorizationDetails.Node(), ec2.PrefixListNames.Node(), ec2.CarrierGateways.Node(),
	}
	netPathNodes = []*inventory.Node{
		ec2.VPCs.Node(), ec2.Subnets.Node(), ec2.RouteTables.Node(), ec2.InternetGateways.Node(), ec2.NetworkACLs.Node(), ec2.SharedNetworkACLs.Node(),
		ec2.SharedSecurityGroups.Node(), ec2.PathPrefixLists.Node(), ec2.VPCBlockPublicAccessOptions.Node(), ec2.VPCBlockExclusions.Node(),
	}
	netHostNodes = []*inventory.Node{
		ec2.SecurityGroups.Node(), ec2.PrefixLists.Node(), ec2.ENIs.Node(), ec2.Instances.Node(), rds.Instances.Node(), rds.Clusters.Node(),
	}
	netNodes = slices.Concat(netBalancerNodes, netEdgeNodes, netNamedNodes, netPathNodes, netHostNodes)
)

func netHolds(list []*inventory.Node, n *inventory.Node) bool { return slices.Contains(list, n) }

// netLoss is what becomes of one verdict when one listing at a time is denied: those named are to leave it, or to make it
// unknown; every other may do either. None turns it.
type netLoss struct {
	name, check, resource string
	change                func(*netAccount)
	want                  finding.Status
	decided               []*inventory.Node
	unknown               []*inventory.Node
}

func (l netLoss) run(t *testing.T) {
	t.Helper()
	t.Run(l.name, func(t *testing.T) {
		for _, n := range netNodes {
			a := newNet()
			l.change(a)
			a.lost = []*inventory.Node{n}
			found := a.judge(l.check)
			f, ok := found[l.check+" "+l.resource]
			if !ok { // its own listing was denied: one unknown for the account
				f = found[l.check+" "+netOwner]
			}
			if f.Status != l.want && f.Status != finding.Unknown {
				t.Errorf("%s denied: %s, was %s\n%s", n.Name, f.Status, l.want, netText(f))
			}
			if netHolds(l.decided, n) && f.Status != l.want {
				t.Errorf("%s denied: %s, want still %s\n%s", n.Name, f.Status, l.want, netText(f))
			}
			if netHolds(l.unknown, n) && f.Status != finding.Unknown {
				t.Errorf("%s denied: %s, want unknown\n%s", n.Name, f.Status, netText(f))
			}
			if f.Status == finding.Unknown && !strings.Contains(netText(f), n.Ops[0].String()) {
				t.Errorf("%s denied: the reason does not name %s: %s", n.Name, n.Ops[0], netText(f))
			}
		}
	})
}

// One listing or detail denied at a time: what was read decides, or the verdict is unknown.
func TestNetworkDenied(t *testing.T) {
	nodes := func(list ...*inventory.Node) []*inventory.Node { return list }
	without := func(list []*inventory.Node, gone ...*inventory.Node) []*inventory.Node {
		return slices.DeleteFunc(slices.Clone(list), func(n *inventory.Node) bool { return slices.Contains(gone, n) })
	}
	databases := nodes(rds.Instances.Node(), rds.Clusters.Node())
	web := func(a *netAccount) {
		a.groups = append(a.groups, netGroup("sg-lb", netTCP(80, 80, "0.0.0.0/0")))
		a.open("sg-1", netTCPFrom(8080, "sg-lb"))
		a.listen(a.balancer("application", "internet-facing", "subnet-a", "sg-lb"), "HTTP", 80, "instance", "i-2", 8080)
	}
	for _, l := range []netLoss{
		{
			"an open path proves it", netSSH, "i-1", netSame, finding.Fail,
			slices.Concat(netBalancerNodes, netEdgeNodes, netNamedNodes, databases, nodes(ec2.PrefixLists.Node(), ec2.PathPrefixLists.Node(), ec2.SharedNetworkACLs.Node(), ec2.VPCBlockExclusions.Node())),
			nodes(ec2.Instances.Node(), ec2.SecurityGroups.Node(), ec2.RouteTables.Node(), ec2.NetworkACLs.Node(), ec2.VPCBlockPublicAccessOptions.Node()),
		},
		{
			"a closed group proves the contrary", netSSH, "i-1", func(a *netAccount) { a.open("sg-1") }, finding.Pass,
			slices.Concat(netBalancerNodes, netEdgeNodes, netNamedNodes, databases, netPathNodes, nodes(ec2.PrefixLists.Node())),
			nodes(ec2.Instances.Node(), ec2.SecurityGroups.Node(), ec2.ENIs.Node()),
		},
		{
			"a stopped instance is not reachable", netSSH, "i-1", func(a *netAccount) { a.instances[0].State = "stopped" }, finding.Pass,
			without(netNodes, ec2.Instances.Node()), nodes(ec2.Instances.Node()),
		},
		{
			"a private instance without any entrance", netSSH, "i-2", netSame, finding.Pass,
			// Its routes, ACLs and gateways are no matter of a path that begins nowhere.
			slices.Concat(netNamedNodes, databases, nodes(ec2.PrefixLists.Node(), ec2.RouteTables.Node(), ec2.NetworkACLs.Node(), ec2.VPCBlockPublicAccessOptions.Node(), ec2.InternetGateways.Node(), cloudfront.Distributions.Node())),
			nodes(ec2.Instances.Node(), ec2.ENIs.Node(), ga.Accelerators.Node(), ga.Listeners.Node(), ga.EndpointGroups.Node(), elbv2.LoadBalancers.Node(), elb.LoadBalancers.Node(), cloudfront.VPCOrigins.Node()),
		},
		{
			"a prefix list that opens it", netSSH, "i-1", func(a *netAccount) {
				a.prefixList("pl-1", "0.0.0.0/0")
				a.open("sg-1", ec2.GroupRule{Protocol: "tcp", From: new(int32(22)), To: new(int32(22)), PrefixLists: []string{"pl-1"}})
			}, finding.Fail, nodes(ec2.PrefixListNames.Node()), nodes(ec2.PrefixLists.Node()),
		},
		{
			"a load balancer proves it", netHighRisk, "i-2", web, finding.Fail,
			slices.Concat(netNamedNodes, netEdgeNodes, databases, nodes(elb.LoadBalancers.Node(), elbv2.ForwardRules.Node(), elbv2.TargetGroupAttributes.Node())),
			nodes(elbv2.LoadBalancers.Node(), elbv2.Listeners.Node(), elbv2.ListenerRules.Node(), elbv2.TargetGroups.Node(), elbv2.Targets.Node(), ec2.SecurityGroups.Node(), ec2.NetworkACLs.Node(), ec2.RouteTables.Node()),
		},
		{
			"a network load balancer's preservation", netSSH, "i-2", func(a *netAccount) {
				a.open("sg-1", netTCP(22, 22, "128.0.0.0/1"))
				lb := a.balancer("network", "internet-facing", "subnet-a")
				g := a.listen(lb, "TCP", 22, "instance", "i-2", 22)
				a.settings[g] = inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: new(bool)})
			}, finding.Pass, slices.Concat(netNamedNodes, nodes(elbv2.ListenerRules.Node(), elbv2.ForwardRules.Node())), nodes(elbv2.TargetGroupAttributes.Node(), elbv2.TargetGroups.Node()),
		},
		{
			"an accelerator proves it", netSSH, "i-2", func(a *netAccount) { a.accelerate("i-2", 22) }, finding.Fail,
			slices.Concat(netBalancerNodes, netNamedNodes, nodes(cloudfront.VPCOrigins.Node(), cloudfront.Distributions.Node(), ec2.RouteTables.Node())),
			nodes(ga.Accelerators.Node(), ga.Listeners.Node(), ga.EndpointGroups.Node(), ec2.SecurityGroups.Node(), ec2.InternetGateways.Node()),
		},
		{
			"an open group is open", netSSHOpen, "sg-1", netSame, finding.Fail,
			without(netNodes, ec2.SecurityGroups.Node()), nodes(ec2.SecurityGroups.Node()),
		},
		{
			"a closed group is closed", netSSHOpen, "sg-1", func(a *netAccount) { a.open("sg-1", netTCP(22, 22, "10.0.0.0/8")) }, finding.Pass,
			without(netNodes, ec2.SecurityGroups.Node()), nodes(ec2.SecurityGroups.Node()),
		},
		{
			"a list not read, and open without it", netSSHOpen, "sg-1", func(a *netAccount) {
				a.prefixList("pl-1", "203.0.113.0/24")
				a.open("sg-1", netTCP(22, 22, "0.0.0.0/0"), ec2.GroupRule{Protocol: "tcp", From: new(int32(22)), To: new(int32(22)), PrefixLists: []string{"pl-1"}})
			}, finding.Fail, nodes(ec2.PrefixLists.Node()), nil,
		},
		{
			"a list not read", netSSHOpen, "sg-1", func(a *netAccount) {
				a.prefixList("pl-1", "203.0.113.0/24")
				a.open("sg-1", ec2.GroupRule{Protocol: "tcp", From: new(int32(22)), To: new(int32(22)), PrefixLists: []string{"pl-1"}})
			}, finding.Pass, nil, nodes(ec2.PrefixLists.Node()),
		},
		{
			"a list not read, of an authorized port", netUnauthorized, "sg-1", func(a *netAccount) {
				a.prefixList("pl-1", "0.0.0.0/0")
				a.open("sg-1", ec2.GroupRule{Protocol: "tcp", From: new(int32(443)), To: new(int32(443)), PrefixLists: []string{"pl-1"}})
			}, finding.Pass, nodes(ec2.PrefixLists.Node(), ec2.ENIs.Node()), nil,
		},
		{
			"a public database", netDatabase, "db-1", func(a *netAccount) {
				a.groups = append(a.groups, netGroup("sg-db", netTCP(5432, 5432, "0.0.0.0/0")))
				a.database(true, "sg-db")
			}, finding.Fail,
			slices.Concat(netBalancerNodes, netEdgeNodes, netNamedNodes, nodes(rds.Clusters.Node(), ec2.Instances.Node(), ec2.PrefixLists.Node())),
			nodes(rds.Instances.Node(), ec2.SecurityGroups.Node(), ec2.RouteTables.Node(), ec2.NetworkACLs.Node()),
		},
		{
			"a public database with a closed group", netDatabase, "db-1", func(a *netAccount) {
				a.groups = append(a.groups, netGroup("sg-db"))
				a.database(true, "sg-db")
			}, finding.Pass,
			slices.Concat(netBalancerNodes, netEdgeNodes, netNamedNodes, netPathNodes, nodes(rds.Clusters.Node(), ec2.Instances.Node(), ec2.ENIs.Node())),
			nodes(rds.Instances.Node(), ec2.SecurityGroups.Node()),
		},
		{
			"a private database", netDatabase, "db-1", func(a *netAccount) {
				a.groups = append(a.groups, netGroup("sg-db", netTCP(5432, 5432, "10.0.0.0/16")))
				a.database(false, "sg-db")
			}, finding.Pass,
			slices.Concat(netNamedNodes, nodes(rds.Clusters.Node(), ec2.RouteTables.Node(), ec2.NetworkACLs.Node(), ec2.InternetGateways.Node(), ec2.SecurityGroups.Node())),
			nodes(rds.Instances.Node(), elbv2.LoadBalancers.Node(), elbv2.TargetGroups.Node()),
		},
		{"internet-facing", netFacing, "lb-application", web, finding.Fail, without(netNodes, elbv2.LoadBalancers.Node()), nodes(elbv2.LoadBalancers.Node())},
	} {
		l.run(t)
	}
}

// netDecided says what stays decided by what was read when one listing is lost, by rules simple enough to be seen to be right.
func netDecided(a *netAccount, check, resource string, was finding.Status, n *inventory.Node) bool {
	is := func(list ...*inventory.Node) bool { return netHolds(list, n) }
	named := len(a.lists) > 0 && is(ec2.PrefixLists.Node())
	if check != netSSH && check != netRDP && check != netHighRisk { // a group's rules say all
		return !is(ec2.SecurityGroups.Node()) && !named
	}
	j := netJudge{a}
	closed, public, direct := true, false, false
	for _, e := range a.enis {
		if e.InstanceID != resource {
			continue
		}
		public = public || e.Addresses[0].Public != "" || len(e.IPv6) > 0
		for _, g := range a.groups {
			closed = closed && (!slices.Contains(e.Groups, g.ID) || len(g.Inbound) == 0)
		}
		for _, c := range netClients {
			direct = direct || c.internet && slices.ContainsFunc(map[string][]int32{netSSH: {22}, netRDP: {3389}, netHighRisk: {20, 22, 3389, 8080}}[check], func(p int32) bool { return j.arrives(e, c.address, p, true) })
		}
	}
	switch {
	case is(ec2.Instances.Node()):
		return false
	case is(netNamedNodes...):
		return true
	case was == finding.Pass && !j.running(resource): // it is stopped
		return true
	case is(ec2.SecurityGroups.Node(), ec2.ENIs.Node()) || named:
		return false
	case was == finding.Pass && closed: // no way in, whatever the way
		return true
	case was == finding.Pass && !public && len(a.balancers) == 0: // no way begins
		return is(ec2.RouteTables.Node(), ec2.NetworkACLs.Node(), ec2.InternetGateways.Node(), ec2.VPCBlockPublicAccessOptions.Node(), elbv2.TargetGroupAttributes.Node())
	case was == finding.Fail && direct: // the path is open, whatever else there is
		return is(netBalancerNodes...) || is(netEdgeNodes...)
	}
	return false
}

// Random accounts without one listing, or without its end: a verdict stays, or becomes unknown; and stays where what was read decides.
func TestNetworkRandomDenied(t *testing.T) {
	kept, gone := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom([]func(*rapid.T) *netAccount{drawNet, drawBehind}).Draw(t, "accounts of a kind")(t)
		whole := a.judge(netChecks...)
		for range 4 {
			n := rapid.SampledFrom(netNodes).Draw(t, "lost")
			half := rapid.Bool().Draw(t, "half")
			a.lost, a.broken = []*inventory.Node{n}, nil
			if half {
				a.lost, a.broken = nil, a.lost
			}
			for key, f := range a.judge(netChecks...) {
				was, known := whole[key]
				if !known { // the account's own, where the listing of the subjects was lost
					if f.Status != finding.Unknown {
						t.Errorf("%s denied (half: %v): %s is %s", n.Name, half, key, f.Status)
					}
					continue
				}
				if f.Status != was.Status && f.Status != finding.Unknown {
					t.Errorf("%s denied (half: %v): %s was %s, is %s\n%s\n%s", n.Name, half, key, was.Status, f.Status, netText(was), netText(f))
				}
				check, resource, _ := strings.Cut(key, " ")
				if netDecided(a, check, resource, was.Status, n) {
					kept++
					if f.Status != was.Status {
						t.Errorf("%s denied (half: %v): %s is %s, though what was read decides: %s\n%s\n%s", n.Name, half, key, f.Status, was.Status, netText(was), netText(f))
					}
				} else if f.Status == finding.Unknown {
					gone++
				}
			}
		}
	})
	t.Logf("decided: %d, unknown: %d", kept, gone)
	if kept == 0 || gone == 0 {
		t.Error("the accounts drawn are all of a kind")
	}
}
