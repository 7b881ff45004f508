package ec2

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

func TestInstanceReachable(t *testing.T) {
	none := func(*reachtest.Account) {}
	lose := func(op string) func(*reachtest.Account) {
		return func(a *reachtest.Account) { a.Lost = []string{op} }
	}
	stop := func(a *reachtest.Account) { a.Instance.State = "stopped" }
	only := func(rules ...ec2.GroupRule) func(*reachtest.Account) {
		return func(a *reachtest.Account) { a.Groups[0].Inbound = rules }
	}
	for name, tt := range map[string]struct {
		check  *checks.Check
		change func(*reachtest.Account)
		want   finding.Status
		text   string
	}{
		"SSH":                    {instanceSSHReachable, none, finding.Fail, "internet → igw-1 → rtb-1 (0.0.0.0/0) → acl-1 rule 100 → sg-1 (tcp 22 from 0.0.0.0/0) → eni-1 (54.1.2.3) → i-1:22"},
		"private":                {instanceSSHReachable, func(a *reachtest.Account) { a.Private() }, finding.Pass, "eni-1 has no public IPv4 address"},
		"stopped":                {instanceSSHReachable, stop, finding.Pass, "i-1 is stopped"},
		"a few addresses":        {instanceSSHReachable, only(reachtest.Rule(22, "54.0.0.0/24")), finding.Pass, "reachable from 54.0.0.0/24 alone"},
		"starting":               {instanceSSHReachable, func(a *reachtest.Account) { a.Instance.State = "pending" }, finding.Unknown, "pending"},
		"managed":                {instanceSSHReachable, func(a *reachtest.Account) { a.Instance.Manager = "eks.amazonaws.com" }, finding.NotApplicable, "eks.amazonaws.com"},
		"blocked":                {instanceSSHReachable, func(a *reachtest.Account) { a.Block.Mode = "block-ingress" }, finding.Pass, "VPC Block Public Access"},
		"ACLs lost":              {instanceSSHReachable, lose("ec2:DescribeNetworkAcls"), finding.Unknown, "ec2:DescribeNetworkAcls"},
		"RDP":                    {instanceRDPReachable, none, finding.Pass, "no public IPv4 address in at tcp 3389"},
		"RDP, balancers lost":    {instanceRDPReachable, lose("elbv2:DescribeLoadBalancers"), finding.Unknown, "elbv2:DescribeLoadBalancers"},
		"RDP open":               {instanceRDPReachable, only(reachtest.Rule(3389, "0.0.0.0/1", "128.0.0.0/1")), finding.Fail, "i-1:3389"},
		"RDP, entrances lost":    {instanceRDPReachable, lose("ec2:DescribeVpnGateways"), finding.Pass, "not seen: what would not have changed this: ec2:DescribeVpnGateways"},
		"high-risk":              {instanceHighRiskReachable, only(reachtest.Rule(9200, "0.0.0.0/0"), reachtest.Rule(443, "0.0.0.0/0")), finding.Fail, "i-1:9200"},
		"not high-risk":          {instanceHighRiskReachable, only(reachtest.Rule(443, "0.0.0.0/0")), finding.Pass, "does not reach a high-risk port"},
		"high-risk, groups lost": {instanceHighRiskReachable, lose("ec2:DescribeSecurityGroups"), finding.Unknown, "ec2:DescribeSecurityGroups"},
	} {
		t.Run(name, func(t *testing.T) {
			a := reachtest.New()
			tt.change(&a)
			f := checktest.New()
			a.Put(f.Store)
			checktest.Want(t, f.Run(tt.check)["i-1"], tt.want, tt.text)
		})
	}
	t.Run("instances denied", func(t *testing.T) {
		a := reachtest.New()
		a.Lost = []string{"ec2:DescribeInstances"}
		f := checktest.New()
		a.Put(f.Store)
		checktest.Want(t, f.Run(instanceSSHReachable)[""], finding.Unknown, "ec2:DescribeInstances")
	})
}
