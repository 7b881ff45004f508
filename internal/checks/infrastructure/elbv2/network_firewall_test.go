package elbv2

import (
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	elbinv "github.com/ourshare/ourshare/internal/inventory/elbv2"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

func TestInternetFacing(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*elbinv.LoadBalancer, *reachtest.Account)
		want   finding.Status
		text   string
	}{
		"internet-facing": {func(*elbinv.LoadBalancer, *reachtest.Account) {}, finding.Fail, "the internet reaches tcp 22"},
		"internal, listeners lost": {func(b *elbinv.LoadBalancer, a *reachtest.Account) {
			b.Scheme, a.Lost = "internal", []string{"elbv2:DescribeListeners"}
		}, finding.Pass, "reaches none of its listeners"},
		"internal":       {func(b *elbinv.LoadBalancer, _ *reachtest.Account) { b.Scheme = "internal" }, finding.Pass, "reaches none of its listeners"},
		"not said":       {func(b *elbinv.LoadBalancer, _ *reachtest.Account) { b.Scheme = "" }, finding.Unknown, "scheme"},
		"gateway":        {func(b *elbinv.LoadBalancer, _ *reachtest.Account) { b.Kind, b.Scheme = "gateway", "" }, finding.NotApplicable, "no scheme"},
		"listeners lost": {func(_ *elbinv.LoadBalancer, a *reachtest.Account) { a.Lost = []string{"elbv2:DescribeListeners"} }, finding.Fail, "not seen: a part of what it exposes: elbv2:DescribeListeners"},
		"something lost": {func(_ *elbinv.LoadBalancer, a *reachtest.Account) { a.Lost = []string{"ec2:DescribeRouteTables"} }, finding.Fail, "not seen: a part of what it exposes: ec2:DescribeRouteTables"},
	} {
		t.Run(name, func(t *testing.T) {
			a := reachtest.New()
			a.Balancers = []elbinv.LoadBalancer{{
				Resource: reachtest.Resource("AWS::ElasticLoadBalancingV2::LoadBalancer", "lb"), Kind: "network", Scheme: "internet-facing", State: "active",
				VPCID: "vpc-1", AddressType: "ipv4", Zones: []elbinv.Zone{{SubnetID: "subnet-1"}},
			}}
			a.Listeners = []elbinv.Listener{{
				Resource: reachtest.Resource("AWS::ElasticLoadBalancingV2::Listener", "lb/22"), LoadBalancerARN: a.Balancers[0].ARN, Kind: "network", Protocol: "TCP",
				Port: 22, DefaultActions: []elbinv.Action{{Type: "forward", Forward: []elbinv.Share{{TargetGroup: "arn:tg"}}}},
			}}
			tt.change(&a.Balancers[0], &a)
			f := checktest.New()
			a.Put(f.Store)
			v := f.Run(internetFacing)["lb"]
			checktest.Want(t, v, tt.want, tt.text)
			if tt.want == finding.Fail && strings.Contains(v.Message, "reaches none") {
				t.Errorf("it says what it does not know: %s", v.Message)
			}
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		a := reachtest.New()
		a.Lost = []string{"elbv2:DescribeLoadBalancers"}
		f := checktest.New()
		a.Put(f.Store)
		checktest.Want(t, f.Run(internetFacing)[""], finding.Unknown, "elbv2:DescribeLoadBalancers")
	})
}
