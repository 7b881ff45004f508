package examination

import (
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/cloudfront"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	ga "github.com/ourshare/ourshare/internal/inventory/globalaccelerator"
)

// Ways to the private instance i-2 that lead by a load balancer.
func TestNetworkBalancers(t *testing.T) {
	// web puts an internet-facing ALB before port 8080 of i-2, which lets the ALB's group in.
	web := func(a *netAccount) (lb string) {
		a.groups = append(a.groups, netGroup("sg-lb", netTCP(80, 80, "0.0.0.0/0")))
		a.open("sg-1", netTCPFrom(8080, "sg-lb"))
		lb = a.balancer("application", "internet-facing", "subnet-a", "sg-lb")
		a.listen(lb, "HTTP", 80, "instance", "i-2", 8080)
		return lb
	}
	// ssh puts a network load balancer before SSH of i-2.
	ssh := func(a *netAccount, groups ...string) {
		a.listen(a.balancer("network", "internet-facing", "subnet-a", groups...), "TCP", 22, "instance", "i-2", 22)
	}
	byWeb := func(change func(a *netAccount, listener, group string)) func(*netAccount) {
		return func(a *netAccount) { web(a); change(a, a.listeners[0].ARN, a.targetGroups[0].ARN) }
	}
	bySSH := func(change func(a *netAccount, group string)) func(*netAccount) {
		return func(a *netAccount) { ssh(a); change(a, a.targetGroups[0].ARN) }
	}
	preserve := func(on bool) inventory.Field[elbv2.TargetGroupSettings] {
		return inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: &on})
	}
	forward := func(group string) []elbv2.Action {
		return []elbv2.Action{{Type: "forward", Forward: []elbv2.Share{{TargetGroup: group}}}}
	}
	notFound := []elbv2.Action{{Type: "fixed-response"}}
	classic := func(a *netAccount, scheme string) {
		a.groups = append(a.groups, netGroup("sg-clb", netTCP(2222, 2222, "0.0.0.0/0")))
		a.open("sg-1", netTCPFrom(22, "sg-clb"))
		a.classic = []elb.LoadBalancer{{
			Resource: netResource("AWS::ElasticLoadBalancing::LoadBalancer", "clb"), Scheme: scheme, VPCID: "vpc-1", DNSName: "clb.elb.amazonaws.com",
			Subnets: []string{"subnet-a"}, SecurityGroups: []string{"sg-clb"}, Instances: []string{"i-2"},
			Listeners: []elb.Listener{{Protocol: "TCP", Port: 2222, InstanceProtocol: "TCP", InstancePort: new(int32(22))}},
		}}
		public := ""
		if scheme == "internet-facing" {
			public = "52.0.0.200"
		}
		e := netENI("eni-clb", "", "subnet-a", "10.0.0.200", public, "sg-clb")
		e.RequesterID, e.RequesterManaged, e.Description = "amazon-elb", new(true), "ELB clb"
		a.enis = append(a.enis, e)
	}
	runNet(t, []netCase{
		{"ALB", pageALBGroups, netHighRisk, "i-2", byWeb(func(*netAccount, string, string) {}), finding.Fail},
		{"ALB, and SSH", pageALBGroups, netSSH, "i-2", byWeb(func(*netAccount, string, string) {}), finding.Pass},
		{"internal ALB", pageALB, netHighRisk, "i-2", func(a *netAccount) {
			web(a)
			a.balancers[0].Scheme, a.listeners[0].Scheme = "internal", "internal"
			a.enis[len(a.enis)-1].Addresses[0].Public, a.enis[len(a.enis)-1].Addresses[0].IPOwner = "", ""
		}, finding.Pass},
		{"ALB's group lets an office in", pageALBGroups, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.open("sg-lb", netTCP(80, 80, "203.0.112.0/20")) }), finding.Pass},
		{"ALB's group opens another port", pageALBGroups, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.open("sg-lb", netTCP(443, 443, "0.0.0.0/0")) }), finding.Pass},
		{"ALB may not send", pageALBGroups, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.groups[1].Outbound = []ec2.GroupRule{} }), finding.Pass},
		{"target lets the ALB's subnet in", pageALBGroups, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.open("sg-1", netTCP(8080, 8080, "10.0.0.0/24")) }), finding.Fail},
		{"target lets the other subnet in", pageALBGroups, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.open("sg-1", netTCP(8080, 8080, "10.0.1.0/24")) }), finding.Pass},
		{"target lets clients in, who are not the source", pageALBGroups, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.open("sg-1", netTCP(8080, 8080, "128.0.0.0/1")) }), finding.Pass},
		{"ALB in a private subnet", pageALB, netHighRisk, "i-2", func(a *netAccount) {
			web(a)
			a.balancers[0].Zones[0].SubnetID = "subnet-b"
			e := &a.enis[len(a.enis)-1]
			e.SubnetID, e.Addresses[0].Private = "subnet-b", "10.0.1.100"
		}, finding.Pass},
		{"ALB, BPA blocks", pageBPA, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.bpa("block-ingress") }), finding.Pass},
		{"ALB, the target's ACL lets its subnet in", pageACL, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) {
			a.acl("subnet-b", netEntry(100, false, "allow", "6", "10.0.0.0/24", 8080, 8080), netEntry(100, true, "allow", "6", "10.0.0.0/24", 1024, 65535))
		}), finding.Fail},
		{"ALB, the target's ACL lets clients in", pageACL, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) {
			a.acl("subnet-b", netEntry(90, false, "deny", "-1", "10.0.0.0/8"), netEntry(100, false, "allow", "-1", "0.0.0.0/0"), netEntry(100, true, "allow", "-1", "0.0.0.0/0"))
		}), finding.Pass},
		{"ALB's own ACL lets no client in", pageACL, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) {
			a.acl("subnet-a", netEntry(100, false, "allow", "-1", "10.0.0.0/16"), netEntry(100, true, "allow", "-1", "0.0.0.0/0"))
		}), finding.Pass},
		{"ALB rule for an office", pageALBRules, netHighRisk, "i-2", byWeb(func(a *netAccount, l, g string) {
			a.listeners[0].DefaultActions = notFound
			a.rules[l] = inventory.Known([]elbv2.Rule{
				{Priority: "1", Actions: forward(g), Conditions: []elbv2.Condition{{Field: "source-ip", SourceIPs: []string{"203.0.112.0/20"}}}},
				{Priority: "default", Default: true, Actions: notFound},
			})
		}), finding.Pass},
		{"ALB rule by path", pageALBRules, netHighRisk, "i-2", byWeb(func(a *netAccount, l, g string) {
			a.listeners[0].DefaultActions = notFound
			a.rules[l] = inventory.Known([]elbv2.Rule{
				{Priority: "1", Actions: forward(g), Conditions: []elbv2.Condition{{Field: "path-pattern"}}},
				{Priority: "default", Default: true, Actions: notFound},
			})
		}), finding.Fail},
		{"ALB: an office is turned away first", pageALBRules, netHighRisk, "i-2", byWeb(func(a *netAccount, l, g string) {
			a.rules[l] = inventory.Known([]elbv2.Rule{
				{Priority: "1", Actions: notFound, Conditions: []elbv2.Condition{{Field: "source-ip", SourceIPs: []string{"203.0.112.0/20"}}}},
				{Priority: "default", Default: true, Actions: forward(g)},
			})
		}), finding.Fail},
		{"ALB: every IPv4 address is turned away first", pageALBRules, netHighRisk, "i-2", byWeb(func(a *netAccount, l, g string) {
			a.rules[l] = inventory.Known([]elbv2.Rule{
				{Priority: "1", Actions: notFound, Conditions: []elbv2.Condition{{Field: "source-ip", SourceIPs: []string{"0.0.0.0/1", "128.0.0.0/1"}}}},
				{Priority: "default", Default: true, Actions: forward(g)},
			})
		}), finding.Pass},
		{"ALB, weight 0", pageALBAction, netHighRisk, "i-2", byWeb(func(a *netAccount, l, g string) {
			zero := []elbv2.Action{{Type: "forward", Forward: []elbv2.Share{{TargetGroup: g, Weight: new(int32(0))}, {TargetGroup: "arn:other", Weight: new(int32(1))}}}}
			a.listeners[0].DefaultActions, a.rules[l] = zero, inventory.Known([]elbv2.Rule{{Priority: "default", Default: true, Actions: zero}})
		}), finding.Pass},
		{"ALB after authentication", pageALBAction, netHighRisk, "i-2", byWeb(func(a *netAccount, l, g string) {
			auth := append([]elbv2.Action{{Type: "authenticate-oidc"}}, forward(g)...)
			a.listeners[0].DefaultActions, a.rules[l] = auth, inventory.Known([]elbv2.Rule{{Priority: "default", Default: true, Actions: auth}})
		}), finding.Fail},
		{"ALB, target by address", pageALBTarget, netHighRisk, "i-2", func(a *netAccount) {
			lb := web(a)
			a.listeners, a.targetGroups = nil, nil
			a.listen(lb, "HTTP", 80, "ip", "10.0.1.20", 8080)
		}, finding.Fail},
		{"ALB, target by another's address", pageALBTarget, netHighRisk, "i-2", func(a *netAccount) {
			lb := web(a)
			a.listeners, a.targetGroups = nil, nil
			a.listen(lb, "HTTP", 80, "ip", "10.0.1.21", 8080)
		}, finding.Pass},
		{"ALB, target overrides the port", pageALBTarget, netHighRisk, "i-2", byWeb(func(a *netAccount, _, g string) {
			a.targets[g] = inventory.Known([]elbv2.Target{{ID: "i-2", Port: new(int32(8081)), Zone: "us-east-1a", State: "healthy"}})
			a.open("sg-1", netTCPFrom(8080, "sg-lb"), netTCPFrom(8081, "sg-lb"))
		}), finding.Pass},
		{"ALB, unhealthy target", pageALBTarget, netHighRisk, "i-2", byWeb(func(a *netAccount, _, g string) {
			a.targets[g] = inventory.Known([]elbv2.Target{{ID: "i-2", Port: new(int32(8080)), Zone: "us-east-1a", State: "unhealthy"}})
		}), finding.Fail},
		{"ALB, no target", pageALBTarget, netHighRisk, "i-2", byWeb(func(a *netAccount, _, g string) { a.targets[g] = inventory.Known([]elbv2.Target{}) }), finding.Pass},
		{"ALB, the instance is stopped", pageStop, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.instances[1].State = "stopped" }), finding.Pass},
		{"ALB, HTTPS", pageALBGroups, netHighRisk, "i-2", func(a *netAccount) {
			lb := web(a)
			a.open("sg-lb", netTCP(443, 443, "0.0.0.0/0"))
			a.listeners, a.targetGroups = nil, nil
			a.listen(lb, "HTTPS", 443, "instance", "i-2", 8080)
		}, finding.Fail},

		{"ALB without a subnet in the target's zone", pageZones, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.move() }), finding.Pass},
		{"ALB by address without a subnet in the target's zone", pageZones, netHighRisk, "i-2", func(a *netAccount) {
			lb := web(a)
			a.listeners, a.targetGroups = nil, nil
			a.move()
			a.listen(lb, "HTTP", 80, "ip", "10.0.3.20", 8080)
		}, finding.Unknown},
		{"ALB whose other node is private", pageZones, netHighRisk, "i-2", byWeb(func(a *netAccount, _, _ string) { a.move(); a.second() }), finding.Fail},
		{"NLB without a subnet in the target's zone", pageZones, netSSH, "i-2", bySSH(func(a *netAccount, _ string) { a.move() }), finding.Pass},
		// Cross-zone load balancing is off unless it is turned on, and the attribute is not read.
		{"NLB whose node in the target's zone is private", pageNLBZones, netSSH, "i-2", bySSH(func(a *netAccount, _ string) { a.move(); a.second() }), finding.Unknown},
		{"NLB whose node in the target's zone is public", pageNLBZones, netSSH, "i-2", bySSH(func(a *netAccount, _ string) {
			a.move()
			a.second()
			a.tables[1].Routes = append(netLocals(), netRoute("0.0.0.0/0", ec2.TargetInternetGateway, "igw-1"))
		}), finding.Fail},
		{"classic load balancer without a subnet in the target's zone", pageZones, netSSH, "i-2", func(a *netAccount) { classic(a, "internet-facing"); a.move() }, finding.Pass},

		{"NLB without groups", pageNLBGroups, netSSH, "i-2", bySSH(func(*netAccount, string) {}), finding.Fail},
		{"NLB, target group elsewhere", pageNLBGroups, netRDP, "i-2", bySSH(func(*netAccount, string) {}), finding.Pass},
		{"NLB, the target lets the VPC in", pageNLBClient, netSSH, "i-2", bySSH(func(a *netAccount, _ string) { a.open("sg-1", netTCP(22, 22, "10.0.0.0/16")) }), finding.Pass},
		{"NLB without preservation, the target lets the VPC in", pageNLBClient, netSSH, "i-2", bySSH(func(a *netAccount, g string) {
			a.open("sg-1", netTCP(22, 22, "10.0.0.0/16"))
			a.settings[g] = preserve(false)
		}), finding.Fail},
		{"NLB without preservation, the target lets clients in", pageNLBClient, netSSH, "i-2", bySSH(func(a *netAccount, g string) {
			a.open("sg-1", netTCP(22, 22, "128.0.0.0/1"))
			a.settings[g] = preserve(false)
		}), finding.Pass},
		{"dual-stack NLB turns IPv6 clients into its own address", pageNLBClient, netSSH, "i-2", bySSH(func(a *netAccount, _ string) {
			a.open("sg-1", netTCP(22, 22, "10.0.0.0/16"))
			a.balancers[0].AddressType = "dualstack"
			a.enis[len(a.enis)-1].IPv6 = []string{"2600:1f18:100:100::101"}
		}), finding.Fail},
		{"internal NLB", pageNLBGroups, netSSH, "i-2", func(a *netAccount) {
			lb := a.balancer("network", "internal", "subnet-b")
			a.listen(lb, "TCP", 22, "instance", "i-2", 22)
		}, finding.Pass},
		{"NLB's group lets an office in", pageNLBGroups, netSSH, "i-2", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-nlb", netTCP(22, 22, "203.0.112.0/20")))
			ssh(a, "sg-nlb")
		}, finding.Pass},
		{"target names the NLB's group, preservation on", pageNLBGroups, netSSH, "i-2", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-nlb", netTCP(22, 22, "0.0.0.0/0")))
			ssh(a, "sg-nlb")
			a.open("sg-1", netTCPFrom(22, "sg-nlb"))
		}, finding.Fail},
		{"NLB leads from another port", pageNLBGroups, netSSH, "i-2", func(a *netAccount) {
			lb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(lb, "TCP", 443, "instance", "i-2", 22)
		}, finding.Fail},
		{"NLB by UDP", pageNLBGroups, netSSH, "i-2", func(a *netAccount) {
			lb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(lb, "UDP", 22, "instance", "i-2", 22)
		}, finding.Pass},
		{"NLB by TCP and UDP", pageNLBGroups, netSSH, "i-2", func(a *netAccount) {
			lb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(lb, "TCP_UDP", 22, "instance", "i-2", 22)
		}, finding.Fail},
		{"NLB by address, the target lets clients in", pageNLBClient, netSSH, "i-2", func(a *netAccount) {
			lb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(lb, "TCP", 22, "ip", "10.0.1.20", 22)
			a.open("sg-1", netTCP(22, 22, "128.0.0.0/1"))
		}, finding.Pass},
		{"NLB by address, the target lets the VPC in", pageNLBClient, netSSH, "i-2", func(a *netAccount) {
			lb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(lb, "TCP", 22, "ip", "10.0.1.20", 22)
			a.open("sg-1", netTCP(22, 22, "10.0.0.0/24"))
		}, finding.Fail},
		{"NLB, target's ACL keeps clients out", pageACL, netSSH, "i-2", bySSH(func(a *netAccount, _ string) {
			a.acl("subnet-b", netEntry(100, false, "allow", "-1", "10.0.0.0/16"), netEntry(100, true, "allow", "-1", "0.0.0.0/0"))
		}), finding.Pass},
		{"NLB to ALB to the instance", pageNLBALB, netHighRisk, "i-2", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-lb", netTCP(80, 80, "0.0.0.0/0")))
			a.open("sg-1", netTCPFrom(8080, "sg-lb"))
			alb := a.balancer("application", "internal", "subnet-b", "sg-lb")
			a.listen(alb, "HTTP", 80, "instance", "i-2", 8080)
			nlb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(nlb, "TCP", 80, "alb", alb, 80)
		}, finding.Fail},
		{"NLB to ALB, whose group lets nobody in", pageNLBALB, netHighRisk, "i-2", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-lb"))
			a.open("sg-1", netTCPFrom(8080, "sg-lb"))
			alb := a.balancer("application", "internal", "subnet-b", "sg-lb")
			a.listen(alb, "HTTP", 80, "instance", "i-2", 8080)
			nlb := a.balancer("network", "internet-facing", "subnet-a")
			a.listen(nlb, "TCP", 80, "alb", alb, 80)
		}, finding.Pass},

		{"classic load balancer", pageCLB, netSSH, "i-2", func(a *netAccount) { classic(a, "internet-facing") }, finding.Fail},
		{"internal classic load balancer", pageCLB, netSSH, "i-2", func(a *netAccount) { classic(a, "internal") }, finding.Pass},
		{"classic load balancer without the instance", pageCLB, netSSH, "i-2", func(a *netAccount) {
			classic(a, "internet-facing")
			a.classic[0].Instances = []string{}
		}, finding.Pass},
		{"classic load balancer's group is closed", pageCLBGroups, netSSH, "i-2", func(a *netAccount) {
			classic(a, "internet-facing")
			a.open("sg-clb", netTCP(22, 22, "0.0.0.0/0"))
		}, finding.Pass},

		{"internet-facing ALB", pageALB, netFacing, "lb-application", func(a *netAccount) { web(a) }, finding.Fail},
		{"an internal ALB is not", pageALB, netFacing, "lb-application", func(a *netAccount) { web(a); a.balancers[0].Scheme = "internal" }, finding.Pass},
		{"internet-facing, though nothing reaches it", pageALB, netFacing, "lb-application", func(a *netAccount) { web(a); a.open("sg-lb") }, finding.Fail},
		{"internet-facing classic", pageCLB, netFacingOld, "clb", func(a *netAccount) { classic(a, "internet-facing") }, finding.Fail},
		{"internal classic", pageCLB, netFacingOld, "clb", func(a *netAccount) { classic(a, "internal") }, finding.Pass},
	})
}

// move puts i-2 into the private subnet of the other zone.
func (a *netAccount) move() {
	a.instances[1].SubnetID, a.enis[1].SubnetID, a.enis[1].Addresses[0].Private = "subnet-d", "subnet-d", "10.0.3.20"
}

// second gives the load balancer a node in that zone.
func (a *netAccount) second() {
	b := &a.balancers[0]
	b.Zones = append(b.Zones, elbv2.Zone{Name: "us-east-1b", SubnetID: "subnet-d"})
	for _, e := range a.enis {
		if e.ID == "eni-"+b.Name {
			res := *e.Resource
			res.ID, res.ARN = e.ID+"-d", e.ARN+"-d"
			e.Resource, e.SubnetID, e.Addresses = &res, "subnet-d", []ec2.Address{{Private: "10.0.3.100", Public: "52.0.0.103", IPOwner: "amazon-elb"}}
			a.enis = append(a.enis, e)
			return
		}
	}
}

// Ways to the private instance i-2 by Global Accelerator and CloudFront.
func TestNetworkEdge(t *testing.T) {
	instance := "arn:aws:ec2:" + netRegion + ":" + netOwner + ":instance/i-2"
	accelerate := func(change func(a *netAccount)) func(*netAccount) {
		return func(a *netAccount) { a.accelerate("i-2", 22); change(a) }
	}
	cloud := func(change func(a *netAccount)) func(*netAccount) {
		return func(a *netAccount) {
			a.prefixList("pl-cf", "13.113.196.64/26", "13.113.203.0/24", "120.52.22.96/27")
			a.names["pl-cf"] = inventory.Known(ec2.PrefixListName{Name: "com.amazonaws.global.cloudfront.origin-facing", Owner: "AWS"})
			a.open("sg-1", ec2.GroupRule{Protocol: "tcp", From: new(int32(8080)), To: new(int32(8080)), PrefixLists: []string{"pl-cf"}})
			a.origin(instance, 8080)
			change(a)
		}
	}
	runNet(t, []netCase{
		{"accelerator to a private instance", pageGA, netSSH, "i-2", accelerate(netSame), finding.Fail},
		{"accelerator, no internet gateway", pageGA, netSSH, "i-2", accelerate(func(a *netAccount) {
			a.gateways[0].Attachments = []ec2.GatewayAttachment{}
			a.tables[0].Routes[2].State, a.tables[0].Routes[3].State = "blackhole", "blackhole"
		}), finding.Pass},
		{"accelerator, closed group", pageGAClient, netSSH, "i-2", accelerate(func(a *netAccount) { a.open("sg-1", netTCP(22, 22, "10.0.0.0/16")) }), finding.Pass},
		{"accelerator that is off", pageGA, netSSH, "i-2", accelerate(func(a *netAccount) { a.accelerators[0].Enabled = new(bool) }), finding.Pass},
		// A dial and a weight of 0 do not hold when nothing healthy is left: a failover ignores the one, and the last resort both.
		{"accelerator, dial at 0", pageGAFailover, netSSH, "i-2", accelerate(func(a *netAccount) { a.accGroups[0].TrafficDial = new(float32(0)) }), finding.Unknown},
		{"accelerator, weight 0", pageGAFailover, netSSH, "i-2", accelerate(func(a *netAccount) { a.accGroups[0].Endpoints[0].Weight = new(int32(0)) }), finding.Unknown},
		{"accelerator, dial at 0 and a closed group", pageGAFailover, netRDP, "i-2", accelerate(func(a *netAccount) { a.accGroups[0].TrafficDial = new(float32(0)) }), finding.Pass},
		{"accelerator in another region", pageGA, netSSH, "i-2", accelerate(func(a *netAccount) { a.accGroups[0].EndpointRegion = "eu-west-1" }), finding.Pass},
		{"accelerator, another port", pageGAPorts, netSSH, "i-2", func(a *netAccount) { a.accelerate("i-2", 443) }, finding.Pass},
		{"accelerator, the port is overridden", pageGAPorts, netSSH, "i-2", func(a *netAccount) {
			a.accelerate("i-2", 443)
			a.accGroups[0].Overrides = []ga.PortOverride{{Listener: new(int32(443)), Endpoint: new(int32(22))}}
		}, finding.Fail},
		{"accelerator, overridden away", pageGAPorts, netSSH, "i-2", accelerate(func(a *netAccount) {
			a.accGroups[0].Overrides = []ga.PortOverride{{Listener: new(int32(22)), Endpoint: new(int32(2222))}}
		}), finding.Pass},
		{"accelerator to an internal ALB", pageGA, netHighRisk, "i-2", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-lb", netTCP(80, 80, "0.0.0.0/0")))
			a.open("sg-1", netTCPFrom(8080, "sg-lb"))
			alb := a.balancer("application", "internal", "subnet-b", "sg-lb")
			a.listen(alb, "HTTP", 80, "instance", "i-2", 8080)
			a.accelerate(alb, 80)
		}, finding.Fail},
		{"accelerator to an internal ALB for an office", pageGAClient, netHighRisk, "i-2", func(a *netAccount) {
			a.groups = append(a.groups, netGroup("sg-lb", netTCP(80, 80, "203.0.112.0/20")))
			a.open("sg-1", netTCPFrom(8080, "sg-lb"))
			alb := a.balancer("application", "internal", "subnet-b", "sg-lb")
			a.listen(alb, "HTTP", 80, "instance", "i-2", 8080)
			a.accelerate(alb, 80)
		}, finding.Pass},
		{"accelerator, BPA blocks", pageGAClient, netSSH, "i-2", accelerate(func(a *netAccount) { a.bpa("block-bidirectional") }), finding.Pass},

		{"VPC origin", pageVPCOrigin, netHighRisk, "i-2", cloud(netSame), finding.Fail},
		// Another account's distribution may use it: a VPC origin can be shared by Resource Access Manager.
		{"VPC origin without a distribution", pageVPCOrigin, netHighRisk, "i-2", cloud(func(a *netAccount) { a.distributions = nil }), finding.Unknown},
		{"VPC origin, distribution off", pageVPCOrigin, netHighRisk, "i-2", cloud(func(a *netAccount) { a.distributions[0].Enabled = new(bool) }), finding.Unknown},
		{"VPC origin, no behaviour leads to it", pageVPCOrigin, netHighRisk, "i-2", cloud(func(a *netAccount) { a.distributions[0].Origins[0].Used = false }), finding.Unknown},
		{"VPC origin, another port", pageVPCOrigin, netHighRisk, "i-2", cloud(func(a *netAccount) {
			a.originPorts["vo_1"] = inventory.Known(cloudfront.VPCOriginEndpoint{HTTPPort: new(int32(80)), HTTPSPort: new(int32(443)), Policy: "http-only"})
		}), finding.Pass},
		{"VPC origin, the group is closed", pageVPCOrigin, netHighRisk, "i-2", cloud(func(a *netAccount) { a.open("sg-1") }), finding.Pass},
	})

	// AWS's pages contradict each other (network ACLs filter what an accelerator brings; what leaves alone; nothing): an ACL in
	// the way is no proof of either.
	for name, entries := range map[string][]ec2.ACLEntry{
		"clients kept out": {netEntry(100, true, "allow", "-1", "0.0.0.0/0")},
		"answers kept in":  {netEntry(100, false, "allow", "-1", "0.0.0.0/0")},
	} {
		a := newNet()
		a.accelerate("i-2", 22)
		a.acl("subnet-b", entries...)
		f := a.judge(netSSH)[netSSH+" i-2"]
		if f.Status != finding.Unknown {
			t.Errorf("accelerator, %s by the network ACL: %s (%s)\n%s", name, f.Status, pageGAClient, netText(f))
		}
	}
}
