package elb

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	elbinv "github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

func TestInternetFacing(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*elbinv.LoadBalancer, *reachtest.Account)
		want   finding.Status
		text   string
	}{
		"internet-facing": {func(*elbinv.LoadBalancer, *reachtest.Account) {}, finding.Fail, "the internet reaches tcp 22 → eni-1 (i-1):22"},
		"internal":        {func(b *elbinv.LoadBalancer, _ *reachtest.Account) { b.Scheme = "internal" }, finding.Pass, "reaches none of its listeners"},
		"not said":        {func(b *elbinv.LoadBalancer, _ *reachtest.Account) { b.Scheme = "" }, finding.Unknown, "scheme"},
		"something lost":  {func(_ *elbinv.LoadBalancer, a *reachtest.Account) { a.Lost = []string{"ec2:DescribeRouteTables"} }, finding.Fail, "not seen: a part of what it exposes: ec2:DescribeRouteTables"},
	} {
		t.Run(name, func(t *testing.T) {
			a := reachtest.New()
			port := int32(22)
			a.Groups[0].Outbound = []ec2.GroupRule{{Protocol: "-1", CIDRs: []string{"0.0.0.0/0"}}}
			a.Groups[0].Inbound[0].CIDRs = []string{"0.0.0.0/0"}
			a.Classic = []elbinv.LoadBalancer{{
				Resource: reachtest.Resource("AWS::ElasticLoadBalancing::LoadBalancer", "lb"), Scheme: "internet-facing", VPCID: "vpc-1", Subnets: []string{"subnet-1"},
				SecurityGroups: []string{"sg-1"}, Instances: []string{"i-1"}, Listeners: []elbinv.Listener{{Protocol: "TCP", Port: 22, InstancePort: &port}},
			}}
			tt.change(&a.Classic[0], &a)
			f := checktest.New()
			a.Put(f.Store)
			checktest.Want(t, f.Run(internetFacing)["lb"], tt.want, tt.text)
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		a := reachtest.New()
		a.Lost = []string{"elb:DescribeLoadBalancers"}
		f := checktest.New()
		a.Put(f.Store)
		checktest.Want(t, f.Run(internetFacing)[""], finding.Unknown, "elb:DescribeLoadBalancers")
	})
}
