package reach_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/cloudfront"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	ga "github.com/ourshare/ourshare/internal/inventory/globalaccelerator"
	"github.com/ourshare/ourshare/internal/inventory/reach"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

func network(t *testing.T, a reachtest.Account) reach.Network {
	t.Helper()
	s := inventory.NewFixture(reachtest.Partition, reachtest.Owner, []string{reachtest.Region}, time.Time{})
	a.Put(s)
	s.Compute([]*inventory.Node{reach.Networks.Node()})
	rows := inventory.Use(s.Bind(reachtest.Region), reach.Networks)
	if len(rows.List) != 1 || len(rows.Gaps) != 0 {
		t.Fatalf("%d rows, gaps %v", len(rows.List), rows.Gaps)
	}
	return rows.List[0]
}

func ask(t *testing.T, a reachtest.Account, port uint16) (reach.Network, exposure.Reachability) {
	t.Helper()
	n := network(t, a)
	return n, n.Reach(exposure.Internet{}, exposure.Target{Instance: "i-1"}, exposure.TCP, exposure.PortRange{From: port, To: port})
}

// Each operation whose loss is tried on each of the three answers.
var operations = []string{
	"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeRouteTables", "ec2:DescribeInternetGateways", "ec2:DescribeNetworkAcls",
	"ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstances", "ec2:DescribeVpcBlockPublicAccessOptions",
	"elbv2:DescribeLoadBalancers", "elbv2:DescribeTargetGroups", "elb:DescribeLoadBalancers", "globalaccelerator:ListAccelerators",
	"cloudfront:ListVpcOrigins", "ec2:DescribeVpcPeeringConnections",
}

func TestLostListings(t *testing.T) {
	decides := map[string]string{ // which of the answers below the loss turns unknown
		"ec2:DescribeSubnets": "open private", "ec2:DescribeRouteTables": "open", "ec2:DescribeInternetGateways": "open",
		"ec2:DescribeNetworkAcls": "open", "ec2:DescribeSecurityGroups": "open closed", "ec2:DescribeNetworkInterfaces": "open closed private",
		"ec2:DescribeInstances": "open", "ec2:DescribeVpcBlockPublicAccessOptions": "open",
		"elbv2:DescribeLoadBalancers": "private", "elbv2:DescribeTargetGroups": "private", "elb:DescribeLoadBalancers": "private",
		"globalaccelerator:ListAccelerators": "private", "cloudfront:ListVpcOrigins": "private",
	}
	states := map[string]struct {
		port   uint16
		change func(*reachtest.Account)
		want   exposure.Answer
	}{
		"open":    {22, func(*reachtest.Account) {}, exposure.Yes},
		"closed":  {5432, func(*reachtest.Account) {}, exposure.No},
		"private": {3389, func(a *reachtest.Account) { a.Private() }, exposure.No},
	}
	for name, st := range states {
		for _, op := range append([]string{""}, operations...) {
			t.Run(name+" "+op, func(t *testing.T) {
				a := reachtest.New()
				st.change(&a)
				a.Lost = []string{op}
				n, r := ask(t, a, st.port)
				want := st.want
				if op != "" && strings.Contains(decides[op], name) {
					want = exposure.Unknown
				}
				if name == "private" && (op == "ec2:DescribeSubnets" || op == "ec2:DescribeInternetGateways") {
					want = r.Answer // what an entrance needs; the answer may stand
				}
				if r.Answer != want {
					t.Fatalf("%s, want %s: missing %q, paths %v, stops %v", r.Answer, want, r.Missing, r.Paths, r.Stops)
				}
				if r.Answer == exposure.Unknown {
					reason := inventory.Reason(n.Why(r.Missing)...)
					if reason == nil || !reason.Gap || !strings.Contains(reason.Text, op) {
						t.Errorf("the reason %v does not name %s (missing %q)", reason, op, r.Missing)
					}
				}
				if op == "ec2:DescribeVpcPeeringConnections" && len(n.Lost()) != 1 {
					t.Errorf("lost: %v", n.Lost())
				}
			})
		}
	}
}

func TestRowsThatLackWhatIsNeeded(t *testing.T) {
	for name, tt := range map[string]struct {
		change  func(*reachtest.Account)
		missing string
	}{
		"associations":   {func(a *reachtest.Account) { a.Table.Associations = nil }, "associations of rtb-1"},
		"routes":         {func(a *reachtest.Account) { a.Table.Routes = nil }, "routes of rtb-1"},
		"kind of route":  {func(a *reachtest.Account) { a.Table.Routes[1].Kind = ec2.TargetOther }, "target of the route"},
		"route's state":  {func(a *reachtest.Account) { a.Table.Routes[1].State = "" }, "state"},
		"attachment":     {func(a *reachtest.Account) { a.Gateway.Attachments[0].State = "" }, "state"},
		"ACL's number":   {func(a *reachtest.Account) { a.ACL.Entries[0].Number = nil }, "acl-1"},
		"rules":          {func(a *reachtest.Account) { a.Groups[0].Inbound = nil }, "sg-1 was not listed"},
		"rule's source":  {func(a *reachtest.Account) { a.Groups[0].Inbound[0].CIDRs = nil }, "no source of a rule"},
		"prefix list":    {func(a *reachtest.Account) { a.Groups[0].Inbound[0] = listed("pl-1") }, "pl-1"},
		"groups":         {func(a *reachtest.Account) { a.ENIs[0].Groups = nil }, "the groups of eni-1"},
		"addresses":      {func(a *reachtest.Account) { a.ENIs[0].Addresses = nil }, "the addresses of eni-1"},
		"device":         {func(a *reachtest.Account) { a.Private(); a.ENIs[0].DeviceIndex = nil }, "primary interface"},
		"mode of block":  {func(a *reachtest.Account) { a.Block.Mode = "" }, "mode"},
		"subnet's owner": {func(a *reachtest.Account) { a.Subnet.Owner = "" }, "owns subnet-1"},
		"state":          {func(a *reachtest.Account) { a.Instance.State = "" }, "state"},
	} {
		t.Run(name, func(t *testing.T) {
			a := reachtest.New()
			tt.change(&a)
			n, r := ask(t, a, 22)
			if r.Answer != exposure.Unknown || !strings.Contains(strings.Join(r.Missing, "\n"), tt.missing) {
				t.Fatalf("%s, missing %q, stops %v", r.Answer, r.Missing, r.Stops)
			}
			if reason := inventory.Reason(n.Why(r.Missing)...); reason.Gap {
				t.Errorf("%q counts as a gap", reason.Text)
			}
		})
	}
}

func listed(list string) ec2.GroupRule {
	r := reachtest.Rule(22)
	r.PrefixLists = []string{list}
	return r
}

// behind gives a private instance whose group lets the VPC in at 3389, behind a network load balancer at 443.
func behind() reachtest.Account {
	a := reachtest.New()
	a.Private()
	no, port := false, int32(3389)
	a.Balancers = []elbv2.LoadBalancer{{
		Resource: reachtest.Resource("AWS::ElasticLoadBalancingV2::LoadBalancer", "nlb"), Kind: "network", Scheme: "internet-facing", State: "active",
		VPCID: "vpc-1", AddressType: "ipv4", Zones: []elbv2.Zone{{SubnetID: "subnet-1"}},
	}}
	lb := a.Balancers[0].ARN
	a.Groups2 = []elbv2.TargetGroup{{
		Resource: reachtest.Resource("AWS::ElasticLoadBalancingV2::TargetGroup", "desktops"), TargetType: "instance", Protocol: "TCP", Port: &port,
		VPCID: "vpc-1", AddressType: "ipv4", LoadBalancers: []string{lb},
	}}
	tg := a.Groups2[0].ARN
	a.Listeners = []elbv2.Listener{{
		Resource: reachtest.Resource("AWS::ElasticLoadBalancingV2::Listener", "nlb/443"), LoadBalancerARN: lb, Kind: "network", Protocol: "TCP", Port: 443,
		DefaultActions: []elbv2.Action{{Type: "forward", Forward: []elbv2.Share{{TargetGroup: tg}}}},
	}}
	a.Targets = map[string]inventory.Field[[]elbv2.Target]{tg: inventory.Known([]elbv2.Target{{ID: "i-1", Port: &port}})}
	a.Settings = map[string]inventory.Field[elbv2.TargetGroupSettings]{tg: inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: &no})}
	return a
}

func TestLoadBalancers(t *testing.T) {
	yes := true
	application := func(a *reachtest.Account) {
		a.Balancers[0].Kind, a.Listeners[0].Kind, a.Listeners[0].Protocol = "application", "application", "HTTPS"
		a.Balancers[0].SecurityGroups = []string{"sg-2"}
		a.Groups2[0].Protocol = "HTTP"
		a.Groups = append(a.Groups, ec2.SecurityGroup{
			Resource: reachtest.Resource("AWS::EC2::SecurityGroup", "sg-2"), VPCID: "vpc-1", Owner: reachtest.Owner,
			Inbound:  []ec2.GroupRule{reachtest.Rule(443, "0.0.0.0/0")},
			Outbound: []ec2.GroupRule{{Protocol: "-1", CIDRs: []string{"0.0.0.0/0"}}},
		})
		a.Rules = map[string]inventory.Field[[]elbv2.Rule]{
			a.Listeners[0].ARN: inventory.Known([]elbv2.Rule{{Priority: "default", Default: true, Actions: a.Listeners[0].DefaultActions}}),
		}
	}
	for name, tt := range map[string]struct {
		change func(*reachtest.Account)
		want   exposure.Answer
		text   string
	}{
		"reached": {func(*reachtest.Account) {}, exposure.Yes, "nlb:443"},
		"client address kept": {func(a *reachtest.Account) {
			a.Settings[a.Groups2[0].ARN] = inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: &yes})
		}, exposure.No, ""},
		"attributes denied": {func(a *reachtest.Account) { a.Lost = []string{"elbv2:DescribeTargetGroupAttributes"} }, exposure.Unknown, "elbv2:DescribeTargetGroupAttributes"},
		"targets denied":    {func(a *reachtest.Account) { a.Lost = []string{"elbv2:DescribeTargetHealth"} }, exposure.Unknown, "elbv2:DescribeTargetHealth"},
		"listeners denied":  {func(a *reachtest.Account) { a.Lost = []string{"elbv2:DescribeListeners"} }, exposure.Unknown, "elbv2:DescribeListeners"},
		"internal":          {func(a *reachtest.Account) { a.Balancers[0].Scheme = "internal" }, exposure.No, ""},
		"scheme not said":   {func(a *reachtest.Account) { a.Balancers[0].Scheme = "" }, exposure.Unknown, "scheme"},
		"no default action": {func(a *reachtest.Account) { a.Listeners[0].DefaultActions = nil }, exposure.Unknown, "default action"},
		"no weight":         {func(a *reachtest.Account) { a.Listeners[0].DefaultActions[0].Forward[0].Weight = new(int32) }, exposure.No, ""},
		"by application":    {application, exposure.Yes, "nlb:443"},
		"its rules denied":  {func(a *reachtest.Account) { application(a); a.Lost = []string{"elbv2:DescribeRules"} }, exposure.Unknown, "elbv2:DescribeRules"},
		"an action of a new kind": {func(a *reachtest.Account) {
			application(a)
			a.Rules[a.Listeners[0].ARN] = inventory.Known([]elbv2.Rule{{Priority: "default", Default: true, Actions: []elbv2.Action{{Type: "teleport"}}}})
		}, exposure.Unknown, "what rule default does"},
		"classic": {func(a *reachtest.Account) {
			port := int32(3389)
			b := elb.LoadBalancer{
				Resource: reachtest.Resource("AWS::ElasticLoadBalancing::LoadBalancer", "old"), Scheme: "internet-facing", VPCID: "vpc-1", Subnets: []string{"subnet-1"},
				Listeners: []elb.Listener{{Protocol: "TCP", Port: 443, InstancePort: &port}}, Instances: []string{"i-1"},
			}
			application(a)
			b.SecurityGroups = []string{"sg-2"}
			a.Classic, a.Balancers, a.Listeners, a.Groups2 = []elb.LoadBalancer{b}, nil, nil, nil
		}, exposure.Yes, "old:443"},
	} {
		t.Run(name, func(t *testing.T) {
			a := behind()
			tt.change(&a)
			n, r := ask(t, a, 3389)
			text := ""
			if len(r.Paths) > 0 {
				text = r.Paths[0].String()
			}
			if reason := inventory.Reason(n.Why(r.Missing)...); reason != nil {
				text += reason.Text
			}
			if r.Answer != tt.want || !strings.Contains(text, tt.text) {
				t.Errorf("%s, want %s: %s, missing %q, stops %v", r.Answer, tt.want, text, r.Missing, r.Stops)
			}
		})
	}
}

func TestGlobalEntrances(t *testing.T) {
	accelerated := func() reachtest.Account {
		a := reachtest.New()
		a.Private()
		yes, dial, weight, port := true, float32(100), int32(128), int32(22)
		a.Accelerators = []ga.Accelerator{{Resource: reachtest.Resource("AWS::GlobalAccelerator::Accelerator", "fast"), Enabled: &yes, AddressType: "IPV4"}}
		a.AccListeners = []ga.Listener{{
			Resource: reachtest.Resource("AWS::GlobalAccelerator::Listener", "fast/1"), Accelerator: a.Accelerators[0].ARN, Protocol: "TCP",
			Ports: []ga.PortRange{{From: &port, To: &port}},
		}}
		a.EndpointGroups = []ga.EndpointGroup{{
			Resource: reachtest.Resource("AWS::GlobalAccelerator::EndpointGroup", "fast/1/a"), Listener: a.AccListeners[0].ARN, EndpointRegion: reachtest.Region,
			TrafficDial: &dial, Endpoints: []ga.Endpoint{{ID: "i-1", Weight: &weight, PreserveClientIP: &yes}},
		}}
		return a
	}
	originated := func() reachtest.Account {
		a := reachtest.New()
		a.Private()
		yes, port := true, int32(22)
		a.Origins = []cloudfront.VPCOrigin{{
			Resource: reachtest.Resource("AWS::CloudFront::VpcOrigin", "vo_1"), Endpoint: "arn:aws:ec2:us-east-1:111122223333:instance/i-1", Status: "Deployed", Owner: reachtest.Owner,
		}}
		a.Endpoints = map[string]inventory.Field[cloudfront.VPCOriginEndpoint]{"vo_1": inventory.Known(cloudfront.VPCOriginEndpoint{HTTPPort: &port, Policy: "http-only"})}
		a.Distributions = []cloudfront.Distribution{{
			Resource: reachtest.Resource("AWS::CloudFront::Distribution", "E1"), Enabled: &yes, Status: "Deployed", Origins: []cloudfront.Origin{{VPCOrigin: "vo_1", Used: true}},
		}}
		return a
	}
	for name, tt := range map[string]struct {
		base   func() reachtest.Account
		change func(*reachtest.Account)
		want   exposure.Answer
		text   string
	}{
		"accelerator":       {accelerated, func(*reachtest.Account) {}, exposure.Yes, "Global Accelerator fast"},
		"dial at zero":      {accelerated, func(a *reachtest.Account) { a.EndpointGroups[0].TrafficDial = new(float32) }, exposure.Unknown, "sends to i-1"},
		"weight of zero":    {accelerated, func(a *reachtest.Account) { a.EndpointGroups[0].Endpoints[0].Weight = new(int32) }, exposure.Unknown, "sends to i-1"},
		"weight not said":   {accelerated, func(a *reachtest.Account) { a.EndpointGroups[0].Endpoints[0].Weight = nil }, exposure.Unknown, "sends to i-1"},
		"another region":    {accelerated, func(a *reachtest.Account) { a.EndpointGroups[0].EndpointRegion = "eu-west-1" }, exposure.No, ""},
		"listeners denied":  {accelerated, func(a *reachtest.Account) { a.Lost = []string{"globalaccelerator:ListListeners"} }, exposure.Unknown, "globalaccelerator:ListListeners"},
		"groups denied":     {accelerated, func(a *reachtest.Account) { a.Lost = []string{"globalaccelerator:ListEndpointGroups"} }, exposure.Unknown, "globalaccelerator:ListEndpointGroups"},
		"ports not said":    {accelerated, func(a *reachtest.Account) { a.AccListeners[0].Ports[0].To = nil }, exposure.Unknown, "endpoint group"},
		"VPC origin":        {originated, func(*reachtest.Account) {}, exposure.Yes, "VPC origin vo_1"},
		"no distribution":   {originated, func(a *reachtest.Account) { a.Distributions = nil }, exposure.Unknown, "whether a distribution uses"},
		"CloudFront's list": {originated, cloudFrontOnly("AWS"), exposure.Yes, "VPC origin vo_1"},
		"another's list":    {originated, cloudFrontOnly(reachtest.Owner), exposure.Unknown, "lets CloudFront in"},
		"names denied": {originated, func(a *reachtest.Account) {
			cloudFrontOnly("AWS")(a)
			a.Lost = []string{"ec2:DescribeManagedPrefixLists"}
		}, exposure.Unknown, "ec2:DescribeManagedPrefixLists"},
		"distributions lost": {originated, func(a *reachtest.Account) { a.Lost = []string{"cloudfront:ListDistributions"} }, exposure.Unknown, "cloudfront:ListDistributions"},
		"endpoint denied":    {originated, func(a *reachtest.Account) { a.Lost = []string{"cloudfront:GetVpcOrigin"} }, exposure.Unknown, "cloudfront:GetVpcOrigin"},
		"port not said": {originated, func(a *reachtest.Account) {
			a.Endpoints["vo_1"] = inventory.Known(cloudfront.VPCOriginEndpoint{Policy: "http-only"})
		}, exposure.Unknown, "the ports of VPC origin"},
	} {
		t.Run(name, func(t *testing.T) {
			a := tt.base()
			tt.change(&a)
			n, r := ask(t, a, 22)
			text := ""
			if len(r.Paths) > 0 {
				text = r.Paths[0].String()
			}
			if reason := inventory.Reason(n.Why(r.Missing)...); reason != nil {
				text += " " + reason.Text
			}
			if r.Answer != tt.want || !strings.Contains(text, tt.text) {
				t.Errorf("%s, want %s: %s, missing %q, stops %v", r.Answer, tt.want, text, r.Missing, r.Stops)
			}
		})
	}
}

// cloudFrontOnly lets the addresses of a list in that has the name of CloudFront's.
func cloudFrontOnly(owner string) func(*reachtest.Account) {
	return func(a *reachtest.Account) {
		r := reachtest.Rule(22)
		r.PrefixLists = []string{"pl-1"}
		a.Groups[0].Inbound = []ec2.GroupRule{r}
		a.Lists = []ec2.PrefixList{{Resource: reachtest.Resource("AWS::EC2::PrefixList", "pl-1"), Entries: []string{"130.176.0.0/17"}, Listed: true}}
		a.ListNames = map[string]inventory.Field[ec2.PrefixListName]{"pl-1": inventory.Known(ec2.PrefixListName{Name: "com.amazonaws.global.cloudfront.origin-facing", Owner: owner})}
	}
}

// TestHidden holds that an internal dual-stack load balancer is judged by what its nodes show.
func TestHidden(t *testing.T) {
	yes, no := true, false
	for want, hidden := range map[exposure.Answer]*bool{exposure.No: &yes, exposure.Yes: &no, exposure.Unknown: nil} {
		a := behind()
		a.Balancers[0].Scheme, a.Balancers[0].AddressType = "internal", "dualstack"
		a.Balancers[0].ARN = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/nlb/1"
		a.Groups2[0].LoadBalancers, a.Listeners[0].LoadBalancerARN = []string{a.Balancers[0].ARN}, a.Balancers[0].ARN
		a.Table.Routes = append(a.Table.Routes, ec2.Route{CIDR6: "::/0", Kind: ec2.TargetInternetGateway, Target: "igw-1", State: "active"})
		for _, egress := range []*bool{&no, &yes} {
			n := int32(101)
			a.ACL.Entries = append(a.ACL.Entries, ec2.ACLEntry{Number: &n, Egress: egress, Action: "allow", Protocol: "-1", CIDR6: "::/0"})
		}
		a.ENIs = append(a.ENIs, ec2.ENI{
			Resource: reachtest.Resource("AWS::EC2::NetworkInterface", "eni-lb"), VPCID: "vpc-1", SubnetID: "subnet-1", Owner: reachtest.Owner, Status: "in-use",
			InterfaceType: "network_load_balancer", Description: "ELB net/nlb/1", Groups: []string{}, IPv6: []string{"2600:1f00::9"},
			Addresses: []ec2.Address{{Private: "10.0.0.9"}}, DenyAllIGWTraffic: hidden,
		})
		if _, r := ask(t, a, 3389); r.Answer != want {
			t.Errorf("%s, want %s: %v %v %v", r.Answer, want, r.Paths, r.Stops, r.Missing)
		}
	}
}

func TestEntrancesNotFollowed(t *testing.T) {
	a := reachtest.New()
	a.Private()
	a.Peerings = []ec2.Entrance{
		{Resource: reachtest.Resource("AWS::EC2::VPCPeeringConnection", "pcx-1"), State: "active", VPCs: []string{"vpc-1", "vpc-9"}},
		{Resource: reachtest.Resource("AWS::EC2::VPCPeeringConnection", "pcx-2"), State: "deleted", VPCs: []string{"vpc-1"}},
	}
	_, r := ask(t, a, 3389)
	if got := strings.Join(r.Unmodelled, ", "); r.Answer != exposure.No || got != "VPC peering connection pcx-1" {
		t.Errorf("%s, unmodelled %q", r.Answer, got)
	}
}

// TestListenersNotRead holds that a listing of listeners that was lost as a whole is missing of every load balancer.
func TestListenersNotRead(t *testing.T) {
	a := behind()
	a.Lost = []string{"elbv2:DescribeListeners"}
	arn := a.Balancers[0].ARN
	n := network(t, a)
	if x := n.LoadBalancer(exposure.Internet{}, arn); x.Answer != exposure.Unknown || len(x.Listeners) != 0 || !strings.Contains(strings.Join(x.Missing, " "), "elbv2:DescribeListeners") {
		t.Errorf("%s, listeners %v, missing %q", x.Answer, x.Listeners, x.Missing)
	}
	a.Lost = nil
	s := inventory.NewFixture(reachtest.Partition, reachtest.Owner, []string{reachtest.Region}, time.Time{})
	a.Put(s)
	inventory.SetRows(s, elbv2.Listeners, reachtest.Region, inventory.Rows[elbv2.Listener]{List: a.Listeners, Gaps: []inventory.Gap{
		{Error: *inventory.DeniedError("elbv2:DescribeListeners"), Parent: reachtest.Resource("AWS::ElasticLoadBalancingV2::LoadBalancer", "other")},
	}})
	s.Compute([]*inventory.Node{reach.Networks.Node()})
	n = inventory.Use(s.Bind(reachtest.Region), reach.Networks).List[0]
	if x := n.LoadBalancer(exposure.Internet{}, arn); x.Answer != exposure.Yes || len(x.Missing) != 0 {
		t.Errorf("another's listeners lost: %s, missing %q", x.Answer, x.Missing)
	}
}
