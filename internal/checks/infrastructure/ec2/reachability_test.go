package ec2

import (
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/iam"
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

// The role of a reachable instance raises the verdict where it is an administrator, and changes nothing else.
func TestReachableInstanceWithARole(t *testing.T) {
	const (
		profile    = "arn:aws:iam::111122223333:instance-profile/ops"
		everything = `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
		withMFA    = `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`
		objects    = `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	)
	role := func(document *string, profiles ...string) iam.AuthorizationDetail {
		return iam.AuthorizationDetail{Principal: &iam.Principal{
			Resource: &inventory.Resource{Type: "AWS::IAM::Role", ID: "ops", ARN: "arn:aws:iam::111122223333:role/ops"}, Kind: iam.RoleKind,
			Inline: []iam.InlinePolicy{{Name: "p", Document: document}}, InstanceProfiles: profiles,
		}}
	}
	denied := []inventory.Gap{{Error: *inventory.DeniedError("iam:GetAccountAuthorizationDetails")}}
	type rows = inventory.Rows[iam.AuthorizationDetail]
	list := func(d ...iam.AuthorizationDetail) rows { return rows{List: d} }
	for name, tt := range map[string]struct {
		profile string
		details rows
		change  func(*reachtest.Account)
		want    finding.Status
		as      finding.Severity // empty: the check's own
		text    string
		not     string
	}{
		"an administrator":  {profile, list(role(new(everything), profile)), nil, finding.Fail, finding.Critical, "its role arn:aws:iam::111122223333:role/ops is an administrator", "not seen"},
		"with a condition":  {profile, list(role(new(withMFA), profile)), nil, finding.Fail, finding.Critical, "; if ", "not seen"},
		"not one":           {profile, list(role(new(objects), profile)), nil, finding.Fail, "", "i-1:22", "administrator"},
		"no profile":        {"", list(role(new(everything), profile)), nil, finding.Fail, "", "i-1:22", "administrator"},
		"another's profile": {profile, list(role(new(everything), profile+"-2")), nil, finding.Fail, "", "not seen: whether its role is an administrator: the account's authorization details name no role of " + profile, ""},
		"no role at all":    {profile, list(), nil, finding.Fail, "", "name no role", ""},
		"details denied":    {profile, rows{Gaps: denied}, nil, finding.Fail, "", "not seen: whether its role is an administrator: iam:GetAccountAuthorizationDetails", ""},
		"denied after it":   {profile, rows{List: list(role(new(everything), profile)).List, Gaps: denied}, nil, finding.Fail, finding.Critical, "is an administrator", "not seen"},
		"policy not read":   {profile, list(role(nil, profile)), nil, finding.Fail, "", "not seen: whether its role is an administrator", ""},
		"not reachable":     {profile, list(role(new(everything), profile)), func(a *reachtest.Account) { a.Private() }, finding.Pass, "", "no public IPv4 address", "administrator"},
		"unknown":           {profile, list(role(new(everything), profile)), func(a *reachtest.Account) { a.Lost = []string{"ec2:DescribeRouteTables"} }, finding.Unknown, "", "ec2:DescribeRouteTables", "administrator"},
	} {
		t.Run(name, func(t *testing.T) {
			a := reachtest.New()
			a.Instance.InstanceProfile = tt.profile
			if tt.change != nil {
				tt.change(&a)
			}
			f := checktest.New()
			a.Put(f.Store)
			inventory.SetRows(f.Store, iam.AuthorizationDetails, awsapi.Global, tt.details)
			v := f.Run(instanceSSHReachable)["i-1"]
			checktest.Want(t, v, tt.want, tt.text)
			if v.Severity != tt.as || tt.not != "" && strings.Contains(v.Message, tt.not) {
				t.Errorf("severity %q, want %q: %s", v.Severity, tt.as, v.Message)
			}
		})
	}
	t.Run("nothing collected of IAM", func(t *testing.T) {
		a := reachtest.New()
		a.Instance.InstanceProfile = profile
		f := checktest.New()
		a.Put(f.Store)
		checktest.Want(t, f.Run(instanceHighRiskReachable)["i-1"], finding.Fail, "not seen: whether its role is an administrator", "iam.authorization-details")
	})
}
