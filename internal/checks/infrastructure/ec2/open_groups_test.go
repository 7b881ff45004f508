package ec2

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

// another gives the interface a second group.
func another(a *reachtest.Account, rules ...ec2inv.GroupRule) {
	a.Groups = append(a.Groups, ec2inv.SecurityGroup{
		Resource: reachtest.Resource("AWS::EC2::SecurityGroup", "sg-2"), GroupName: "sg-2", VPCID: "vpc-1", Owner: reachtest.Owner, Inbound: rules, Outbound: []ec2inv.GroupRule{},
	})
	a.ENIs[0].Groups = []string{"sg-1", "sg-2"}
}

// balanced puts the instance behind a network load balancer that shows its own address, which a second group lets in.
func balanced(a *reachtest.Account) {
	a.Private()
	no, port := false, int32(22)
	another(a, reachtest.Rule(22, "10.0.0.0/16"))
	a.Balancers = []elbv2.LoadBalancer{{
		Resource: reachtest.Resource("AWS::ElasticLoadBalancingV2::LoadBalancer", "nlb"), Kind: "network", Scheme: "internet-facing", State: "active",
		AddressType: "ipv4", VPCID: "vpc-1", Zones: []elbv2.Zone{{SubnetID: "subnet-1"}},
	}}
	group := reachtest.Resource("AWS::ElasticLoadBalancingV2::TargetGroup", "tg")
	a.Listeners = []elbv2.Listener{{
		Resource: reachtest.Resource("AWS::ElasticLoadBalancingV2::Listener", "nlb:443"), LoadBalancerARN: a.Balancers[0].ARN, Kind: "network", Protocol: "TCP", Port: 443,
		DefaultActions: []elbv2.Action{{Type: "forward", Forward: []elbv2.Share{{TargetGroup: group.ARN}}}},
	}}
	a.Groups2 = []elbv2.TargetGroup{{
		Resource: group, VPCID: "vpc-1", TargetType: "instance", AddressType: "ipv4", Protocol: "TCP", Port: &port, LoadBalancers: []string{a.Balancers[0].ARN},
	}}
	a.Targets = map[string]inventory.Field[[]elbv2.Target]{group.ARN: inventory.Known([]elbv2.Target{{ID: "i-1", Port: &port}})}
	a.Settings = map[string]inventory.Field[elbv2.TargetGroupSettings]{group.ARN: inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: &no})}
}

func TestOpenGroupUse(t *testing.T) {
	lose := func(ops ...string) func(*reachtest.Account) {
		return func(a *reachtest.Account) { a.Lost = ops }
	}
	open := func(rules ...ec2inv.GroupRule) func(*reachtest.Account) {
		return func(a *reachtest.Account) { a.Groups[0].Inbound = rules }
	}
	udp := func(from, to int32) ec2inv.GroupRule { return rule("udp", from, to, "0.0.0.0/0") }
	for name, tt := range map[string]struct {
		check  *checks.Check
		of     string // the group, sg-1 unless given
		change func(*reachtest.Account)
		as     finding.Severity // empty: the check's own
		text   []string
		not    string
	}{
		"reachable": {
			check: securityGroupSSH, as: finding.Critical, not: "not seen",
			text: []string{"raised to critical, since the internet reaches the one network interface that has it (eni-1 (i-1)) by internet → igw-1 → rtb-1 (0.0.0.0/0) → acl-1 rule 100 → sg-1 (tcp 22 from 0.0.0.0/0) → eni-1 (54.1.2.3) → i-1:22"},
		},
		"attached to nothing": {
			check: securityGroupSSH, change: func(a *reachtest.Account) { a.ENIs[0].Groups = []string{"sg-3"} }, not: "not seen", text: []string{"no network interface of the account has it"},
		},
		"stopped": {
			check: securityGroupSSH, change: func(a *reachtest.Account) { a.Instance.State = "stopped" }, not: "not seen",
			text: []string{"the internet does not reach the one network interface that has it at these ports: i-1 is stopped"},
		},
		"no public address": {check: securityGroupSSH, change: func(a *reachtest.Account) { a.Private() }, text: []string{"eni-1 has no public IPv4 address"}},
		"no route": {
			check: securityGroupSSH, change: func(a *reachtest.Account) { a.Table.Routes = a.Table.Routes[:1] }, text: []string{"rtb-1 has no IPv4 route to an internet gateway"},
		},
		"another port's ACL": {
			check: securityGroupRDP, text: []string{"acl-1 lets nothing in"}, change: func(a *reachtest.Account) {
				open(reachtest.Rule(3389, "0.0.0.0/0"))(a)
				from := int32(22)
				a.ACL.Entries[0].Protocol, a.ACL.Entries[0].From, a.ACL.Entries[0].To = "6", &from, &from
			},
		},
		"peering": {
			check: securityGroupSSH, text: []string{"not followed: VPC peering connection pcx-1"}, change: func(a *reachtest.Account) {
				a.Private()
				a.Peerings = []ec2inv.Entrance{{Resource: reachtest.Resource("AWS::EC2::VPCPeeringConnection", "pcx-1"), State: "active", VPCs: []string{"vpc-1"}}}
			},
		},
		"peerings denied": {
			check: securityGroupSSH, text: []string{"does not reach the one", "not seen: what would not have changed this: ec2:DescribeVpcPeeringConnections"}, change: func(a *reachtest.Account) {
				a.Private()
				a.Lost = []string{"ec2:DescribeVpcPeeringConnections"}
			},
		},
		"interfaces denied":     {check: securityGroupSSH, change: lose("ec2:DescribeNetworkInterfaces"), text: []string{"not seen: what uses it: ec2:DescribeNetworkInterfaces"}, not: "no network interface"},
		"an interface's groups": {check: securityGroupSSH, change: func(a *reachtest.Account) { a.ENIs[0].Groups = nil }, text: []string{"not seen: what uses it: the answer does not give the security groups of eni-1"}, not: "no network interface"},
		"routes denied":         {check: securityGroupSSH, change: lose("ec2:DescribeRouteTables"), text: []string{"not seen: whether the internet reaches what uses it: ec2:DescribeRouteTables"}, not: "does not reach"},
		"balancers denied":      {check: securityGroupSSH, change: lose("elbv2:DescribeLoadBalancers"), as: finding.Critical, text: []string{"i-1:22"}},
		"private, balancers denied": {
			check: securityGroupSSH, text: []string{"not seen: whether the internet reaches what uses it: elbv2:DescribeLoadBalancers"}, change: func(a *reachtest.Account) {
				a.Private()
				a.Lost = []string{"elbv2:DescribeLoadBalancers"}
			},
		},
		"many": {
			check: securityGroupSSH, as: finding.Critical, text: []string{"reaches 4 of the 5 network interfaces that have it (eni-1 (i-1); eni-3; eni-4; and 1 more)"},
			change: func(a *reachtest.Account) {
				for n := 2; n < 6; n++ {
					e := a.ENIs[0]
					e.Resource = reachtest.Resource("AWS::EC2::NetworkInterface", fmt.Sprintf("eni-%d", n))
					e.InstanceID, e.Addresses = "", []ec2inv.Address{{Private: fmt.Sprintf("10.0.0.%d", n), Public: fmt.Sprintf("54.1.2.%d", n)}}
					if n == 2 {
						e.Addresses[0].Public = ""
					}
					a.ENIs = append(a.ENIs, e)
				}
			},
		},
		"by the second of two groups": {
			check: securityGroupSSH, of: "sg-2", as: finding.Critical, text: []string{"→ sg-2 (tcp 22 from 12.0.0.0/7) → eni-1"},
			change: func(a *reachtest.Account) { another(a, reachtest.Rule(22, "12.0.0.0/7")) },
		},
		"by the first alone": { // the ACL lets in nothing of what the second opens
			check: securityGroupSSH, of: "sg-2", text: []string{"does not reach the one"}, change: func(a *reachtest.Account) {
				another(a, reachtest.Rule(22, "12.0.0.0/7"))
				a.ACL.Entries[0].CIDR = "64.0.0.0/2"
			},
		},
		"the load balancer, by both": {check: securityGroupSSH, as: finding.Critical, text: []string{"nlb:443", "sg-1 (from the load balancer)"}, change: balanced},
		"the load balancer, by the other": { // 12.0.0.0/7 holds no address of the VPC
			check: securityGroupSSH, text: []string{"does not reach the one"}, change: func(a *reachtest.Account) {
				balanced(a)
				a.Groups[0].Inbound = []ec2inv.GroupRule{reachtest.Rule(22, "12.0.0.0/7")}
			},
		},
		"all ports":         {check: securityGroupAllPorts, change: open(allTraffic("0.0.0.0/0")), as: finding.Critical, text: []string{"all traffic from 0.0.0.0/0", "i-1:1"}},
		"high-risk, one":    {check: securityGroupHighRiskPorts, as: finding.Critical, text: []string{"tcp 22", "i-1:22"}},
		"high-risk, many":   {check: securityGroupHighRiskPorts, change: open(allTraffic("0.0.0.0/0")), as: finding.Critical, text: []string{"raised to critical"}},
		"unauthorized, UDP": {check: securityGroupUnauthorizedPorts, change: open(udp(53, 53)), as: finding.Critical, text: []string{"i-1:53"}},
		"high-risk, only others pass": { // what the ACL lets in is among the open ports, and not among the high-risk ones
			check: securityGroupHighRiskPorts, text: []string{"does not reach the one"}, change: func(a *reachtest.Account) {
				open(allTraffic("0.0.0.0/0"))(a)
				from := int32(443)
				a.ACL.Entries[0].Protocol, a.ACL.Entries[0].From, a.ACL.Entries[0].To = "6", &from, &from
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := reachtest.New()
			if tt.change != nil {
				tt.change(&a)
			}
			f := checktest.New()
			a.Put(f.Store)
			of := tt.of
			if of == "" {
				of = "sg-1"
			}
			v := f.Run(tt.check)[of]
			checktest.Want(t, v, finding.Fail, tt.text...)
			if v.Severity != tt.as {
				t.Errorf("severity %q, want %q: %s", v.Severity, tt.as, v.Message)
			}
			if tt.not != "" && strings.Contains(v.Message, tt.not) {
				t.Errorf("says %q: %s", tt.not, v.Message)
			}
		})
	}
	t.Run("nothing collected", func(t *testing.T) {
		v := judgeGroup(securityGroupSSH, group(rule("tcp", 22, 22, "0.0.0.0/0")), prefixLists{}, nil)
		checktest.Want(t, v, finding.Fail, "not seen: what uses it")
	})
	t.Run("closed", func(t *testing.T) {
		a := reachtest.New()
		a.Lost = []string{"ec2:DescribeNetworkInterfaces"}
		f := checktest.New()
		a.Put(f.Store)
		if v := f.Run(securityGroupRDP)["sg-1"]; v.Status != finding.Pass || strings.Contains(v.Message, "not seen") {
			t.Errorf("%s: %s", v.Status, v.Message)
		}
	})
}
