package elbv2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

const (
	lbARN       = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188"
	listenerARN = "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
)

var usSession = &awsapi.Session{Account: &awsapi.Account{ID: "111122223333", Partition: "aws"}, Region: "us-east-1", Label: "us-east-1"}

func TestListenerRow(t *testing.T) {
	lb := loadBalancerRow(usSession, types.LoadBalancer{
		LoadBalancerArn: aws.String(lbARN), LoadBalancerName: aws.String("web"), Scheme: "internal", Type: "application",
	})
	got := listenerRow(lb, types.Listener{ListenerArn: aws.String(listenerARN), Protocol: "HTTP", Port: aws.Int32(80)})
	want := Listener{
		Resource: &inventory.Resource{
			Type: "AWS::ElasticLoadBalancingV2::Listener", ID: "app/web/50dc6c495c0c9188/f2f7dc8efc522ab2", ARN: listenerARN, Name: "web:80", Region: "us-east-1",
		},
		LoadBalancer: "web", LoadBalancerARN: lbARN, Kind: "application", Scheme: "internal", Protocol: "HTTP", Port: 80,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	bare := listenerRow(lb, types.Listener{ListenerArn: aws.String(listenerARN)}) // as under a gateway load balancer
	if bare.Name != "web" || bare.Protocol != "" || bare.Port != 0 || bare.Tags != nil {
		t.Errorf("%+v", bare)
	}
}

func TestRuleRow(t *testing.T) {
	redirect := func(protocol *string) types.Rule {
		return types.Rule{Priority: aws.String("default"), IsDefault: aws.Bool(true), Actions: []types.Action{
			{Type: "redirect", RedirectConfig: &types.RedirectActionConfig{Protocol: protocol, StatusCode: "HTTP_301"}},
		}}
	}
	for name, tt := range map[string]struct {
		in   types.Rule
		want Rule
	}{
		"to HTTPS":            {redirect(aws.String("HTTPS")), Rule{Priority: "default", Default: true, Actions: []Action{{Type: "redirect", Redirect: aws.String("HTTPS")}}}},
		"protocol left out":   {redirect(nil), Rule{Priority: "default", Default: true, Actions: []Action{{Type: "redirect", Redirect: aws.String("#{protocol}")}}}},
		"no redirect config":  {types.Rule{Priority: aws.String("1"), Actions: []types.Action{{Type: "redirect"}}}, Rule{Priority: "1", Actions: []Action{{Type: "redirect"}}}},
		"forward":             {types.Rule{Priority: aws.String("1"), Actions: []types.Action{{Type: "forward"}}}, Rule{Priority: "1", Actions: []Action{{Type: "forward"}}}},
		"default by its name": {types.Rule{Priority: aws.String("default")}, Rule{Priority: "default", Default: true}},
		"default by its flag": {types.Rule{IsDefault: aws.Bool(true)}, Rule{Default: true}},
		"forward to one group": {
			types.Rule{Priority: aws.String("2"), Actions: []types.Action{{
				Type: "forward", TargetGroupArn: aws.String("tg-1"),
				ForwardConfig: &types.ForwardActionConfig{TargetGroups: []types.TargetGroupTuple{{TargetGroupArn: aws.String("tg-1"), Weight: aws.Int32(1)}}},
			}}},
			Rule{Priority: "2", Actions: []Action{{Type: "forward", Forward: []Share{{"tg-1", aws.Int32(1)}}}}},
		},
		"forward in the short form": {
			types.Rule{Priority: aws.String("2"), Actions: []types.Action{{Type: "forward", TargetGroupArn: aws.String("tg-1"), ForwardConfig: &types.ForwardActionConfig{}}}},
			Rule{Priority: "2", Actions: []Action{{Type: "forward", Forward: []Share{{TargetGroup: "tg-1"}}}}},
		},
		"forward by weight": {
			types.Rule{Actions: []types.Action{{Type: "forward", ForwardConfig: &types.ForwardActionConfig{TargetGroups: []types.TargetGroupTuple{
				{TargetGroupArn: aws.String("tg-1"), Weight: aws.Int32(0)}, {TargetGroupArn: aws.String("tg-2")},
			}}}}},
			Rule{Actions: []Action{{Type: "forward", Forward: []Share{{"tg-1", aws.Int32(0)}, {TargetGroup: "tg-2"}}}}},
		},
		"conditions": {
			types.Rule{Conditions: []types.RuleCondition{
				{Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{Values: []string{"10.0.0.0/8"}}},
				{Field: aws.String("source-ip"), Values: []string{"11.0.0.0/8"}},
				{Field: aws.String("source-ip")},
				{Field: aws.String("http-header"), HttpHeaderConfig: &types.HttpHeaderConditionConfig{HttpHeaderName: aws.String("X-Key"), Values: []string{"a secret"}}},
				{Field: aws.String("path-pattern"), Values: []string{"/a"}},
				{},
			}},
			Rule{Conditions: []Condition{
				{"source-ip", []string{"10.0.0.0/8"}}, {"source-ip", []string{"11.0.0.0/8"}}, {Field: "source-ip"}, {Field: "http-header"}, {Field: "path-pattern"}, {},
			}},
		},
		"an answer of nothing": {types.Rule{}, Rule{}},
	} {
		if d := cmp.Diff(tt.want, ruleRow(tt.in)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestLoadBalancerRow(t *testing.T) {
	got := loadBalancerRow(usSession, types.LoadBalancer{
		LoadBalancerArn: aws.String(lbARN), LoadBalancerName: aws.String("web"), Scheme: "internet-facing", Type: "network",
		VpcId: aws.String("vpc-1"), DNSName: aws.String("web.elb.amazonaws.com"), IpAddressType: "dualstack",
		State: &types.LoadBalancerState{Code: "active"}, SecurityGroups: []string{"sg-2", "sg-1"},
		AvailabilityZones: []types.AvailabilityZone{
			{ZoneName: aws.String("us-east-1a"), SubnetId: aws.String("subnet-1"), LoadBalancerAddresses: []types.LoadBalancerAddress{
				{IpAddress: aws.String("3.4.5.6"), IPv6Address: aws.String("2600::1")}, {PrivateIPv4Address: aws.String("10.0.0.9")}, {},
			}},
			{},
		},
	})
	want := LoadBalancer{
		Resource: &inventory.Resource{Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", ID: "web", ARN: lbARN, Name: "web", Region: "us-east-1"},
		Kind:     "network", Scheme: "internet-facing", State: "active", VPCID: "vpc-1", DNSName: "web.elb.amazonaws.com", AddressType: "dualstack",
		SecurityGroups: []string{"sg-1", "sg-2"},
		Zones:          []Zone{{"us-east-1a", "subnet-1", []string{"3.4.5.6", "2600::1", "10.0.0.9"}}, {}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if row := loadBalancerRow(usSession, types.LoadBalancer{}); row.SecurityGroups != nil || row.Zones != nil || row.State != "" {
		t.Errorf("what was not given: %+v", row)
	}
	if row := loadBalancerRow(usSession, types.LoadBalancer{SecurityGroups: []string{}}); row.SecurityGroups == nil {
		t.Error("no groups read as groups that were not given")
	}
}

func TestTargetGroupRow(t *testing.T) {
	const arn = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/73e2d6bc24d8a067"
	got := targetGroupRow(usSession, types.TargetGroup{
		TargetGroupArn: aws.String(arn), TargetGroupName: aws.String("web"), TargetType: "instance", Protocol: "TCP", Port: aws.Int32(22),
		VpcId: aws.String("vpc-1"), IpAddressType: "ipv4", LoadBalancerArns: []string{"b", "a"},
	})
	want := TargetGroup{
		Resource:   &inventory.Resource{Type: "AWS::ElasticLoadBalancingV2::TargetGroup", ID: "web/73e2d6bc24d8a067", ARN: arn, Name: "web", Region: "us-east-1"},
		TargetType: "instance", Protocol: "TCP", Port: aws.Int32(22), VPCID: "vpc-1", AddressType: "ipv4", LoadBalancers: []string{"a", "b"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for name, tt := range map[string]struct {
		in               types.TargetGroup
		targets, network bool
	}{
		"network":             {types.TargetGroup{TargetType: "ip", Protocol: "UDP", LoadBalancerArns: []string{"a"}}, true, true},
		"application":         {types.TargetGroup{TargetType: "ip", Protocol: "HTTP", LoadBalancerArns: []string{"a"}}, true, false},
		"gateway":             {types.TargetGroup{TargetType: "ip", Protocol: "GENEVE", LoadBalancerArns: []string{"a"}}, true, false},
		"used by none":        {types.TargetGroup{TargetType: "ip", Protocol: "TCP", LoadBalancerArns: []string{}}, false, true},
		"users not given":     {types.TargetGroup{TargetType: "ip", Protocol: "TCP"}, true, true},
		"functions":           {types.TargetGroup{TargetType: "lambda", LoadBalancerArns: []string{"a"}}, false, true},
		"nothing was given":   {types.TargetGroup{}, true, true},
		"a load balancer's":   {types.TargetGroup{TargetType: "alb", Protocol: "TCP", LoadBalancerArns: []string{"a"}}, true, true},
		"a protocol to come":  {types.TargetGroup{TargetType: "ip", Protocol: "NEW", LoadBalancerArns: []string{"a"}}, true, true},
		"HTTPS, by instances": {types.TargetGroup{TargetType: "instance", Protocol: "HTTPS", LoadBalancerArns: []string{"a"}}, true, false},
	} {
		if g := targetGroupRow(usSession, tt.in); g.HasTargets() != tt.targets || g.OfNetwork() != tt.network {
			t.Errorf("%s: targets %v, of network %v", name, g.HasTargets(), g.OfNetwork())
		}
	}
}

func TestTargetAndSettings(t *testing.T) {
	got := targetOf(types.TargetHealthDescription{
		Target: &types.TargetDescription{Id: aws.String("i-1"), Port: aws.Int32(80), AvailabilityZone: aws.String("all")}, TargetHealth: &types.TargetHealth{State: "unused"},
	})
	if d := cmp.Diff(Target{"i-1", aws.Int32(80), "all", "unused"}, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Target{}, targetOf(types.TargetHealthDescription{})); d != "" {
		t.Error(d)
	}
	for value, want := range map[string]*bool{"true": aws.Bool(true), "false": aws.Bool(false), "maybe": nil} {
		v := settingsOf([]types.TargetGroupAttribute{{Key: aws.String("other"), Value: aws.String("true")}, {Key: aws.String("preserve_client_ip.enabled"), Value: &value}, {}})
		if d := cmp.Diff(want, v.PreserveClientIP); d != "" {
			t.Errorf("%s: %s", value, d)
		}
	}
	if v := settingsOf(nil); v.PreserveClientIP != nil {
		t.Error("an attribute that was not given has a value")
	}
}

func TestMayForwardByRules(t *testing.T) {
	for name, tt := range map[string]struct {
		l    Listener
		want bool
	}{
		"HTTPS":         {Listener{Kind: "application", Protocol: "HTTPS"}, true},
		"HTTP":          {Listener{Kind: "application", Protocol: "HTTP"}, false}, // ListenerRules has it
		"network":       {Listener{Kind: "network", Protocol: "TLS"}, false},
		"gateway":       {Listener{Kind: "gateway"}, false},
		"kind not said": {Listener{Protocol: "HTTPS"}, true},
	} {
		if tt.l.MayForwardByRules() != tt.want {
			t.Errorf("%s: not %v", name, tt.want)
		}
	}
}
