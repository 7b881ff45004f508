package rds

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

func TestInstanceReachable(t *testing.T) {
	yes, no, port := true, false, int32(22) // the group of the fixture opens 22
	base := func() (rdsinv.Instance, reachtest.Account) {
		i := rdsinv.Instance{
			Resource: reachtest.Resource("AWS::RDS::DBInstance", "db-1"), Engine: "postgres", Status: "available", PubliclyAccessible: &yes,
			Network: rdsinv.Network{
				VPCID: "vpc-1", Zone: "us-east-1a", Type: "IPV4", Groups: []string{"sg-1"}, Port: &port,
				Subnets: []rdsinv.Subnet{{ID: "subnet-1", Zone: "us-east-1a"}, {ID: "subnet-2", Zone: "us-east-1b"}},
			},
		}
		return i, reachtest.New()
	}
	lose := func(op string) func(*rdsinv.Instance, *reachtest.Account) {
		return func(_ *rdsinv.Instance, a *reachtest.Account) { a.Lost = []string{op} }
	}
	member := rdsinv.Cluster{Resource: reachtest.Resource("AWS::RDS::DBCluster", "cl-1"), Engine: "postgres", PubliclyAccessible: &yes}
	aurora := rdsinv.Cluster{Resource: reachtest.Resource("AWS::RDS::DBCluster", "cl-1"), Engine: "aurora-postgresql", InternetAccessGateway: &yes}
	for name, tt := range map[string]struct {
		change  func(*rdsinv.Instance, *reachtest.Account)
		cluster []rdsinv.Cluster
		want    finding.Status
		text    string
	}{
		"reachable":     {func(*rdsinv.Instance, *reachtest.Account) {}, nil, finding.Fail, "internet → igw-1 → rtb-1 (0.0.0.0/0) → acl-1 rule 100 → sg-1"},
		"flag off":      {func(i *rdsinv.Instance, _ *reachtest.Account) { i.PubliclyAccessible = &no }, nil, finding.Pass, "no public IPv4 address"},
		"flag not said": {func(i *rdsinv.Instance, _ *reachtest.Account) { i.PubliclyAccessible = nil }, nil, finding.Unknown, "PubliclyAccessible"},
		"flag not said, closed": {func(i *rdsinv.Instance, a *reachtest.Account) {
			i.PubliclyAccessible, a.Groups[0].Inbound = nil, []ec2.GroupRule{}
		}, nil, finding.Pass, "sg-1"},
		"no route":      {func(_ *rdsinv.Instance, a *reachtest.Account) { a.Table.Routes = a.Table.Routes[:1] }, nil, finding.Pass, "no IPv4 route"},
		"group closed":  {func(_ *rdsinv.Instance, a *reachtest.Account) { a.Groups[0].Inbound = []ec2.GroupRule{} }, nil, finding.Pass, "sg-1"},
		"stopped":       {func(i *rdsinv.Instance, _ *reachtest.Account) { i.Status = "stopped" }, nil, finding.Pass, "stopped"},
		"no port yet":   {func(i *rdsinv.Instance, _ *reachtest.Account) { i.Network.Port = nil }, nil, finding.Unknown, "no port"},
		"no groups":     {func(i *rdsinv.Instance, _ *reachtest.Account) { i.Network.Groups = nil }, nil, finding.Unknown, "security groups"},
		"zone not said": {func(i *rdsinv.Instance, _ *reachtest.Account) { i.Network.Zone = "" }, nil, finding.Unknown, "subnet-2"},
		"tables denied": {lose("ec2:DescribeRouteTables"), nil, finding.Unknown, "ec2:DescribeRouteTables"},
		"groups denied": {lose("ec2:DescribeSecurityGroups"), nil, finding.Unknown, "ec2:DescribeSecurityGroups"},
		"peerings denied": {func(i *rdsinv.Instance, a *reachtest.Account) {
			i.PubliclyAccessible, a.Lost = &no, []string{"ec2:DescribeVpcPeeringConnections"}
		}, nil, finding.Pass, "not seen: what would not have changed this: ec2:DescribeVpcPeeringConnections"},
		"member of a public Multi-AZ cluster": {func(i *rdsinv.Instance, _ *reachtest.Account) {
			i.ClusterID, i.PubliclyAccessible = "cl-1", &no
		}, []rdsinv.Cluster{member}, finding.Fail, "sg-1"},
		"its cluster not listed": {func(i *rdsinv.Instance, _ *reachtest.Account) {
			i.ClusterID, i.PubliclyAccessible = "cl-1", &no
		}, nil, finding.Unknown, "cl-1"},
		"internet access gateway": {func(i *rdsinv.Instance, _ *reachtest.Account) {
			i.ClusterID, i.Engine, i.PubliclyAccessible = "cl-1", "aurora-postgresql", &no
		}, []rdsinv.Cluster{aurora}, finding.Fail, "internet access gateway"},
		"gateway not known": {func(i *rdsinv.Instance, _ *reachtest.Account) {
			i.ClusterID, i.Engine, i.PubliclyAccessible = "cl-1", "aurora-postgresql", &no
		}, nil, finding.Unknown, "cl-1"},
	} {
		t.Run(name, func(t *testing.T) {
			i, a := base()
			tt.change(&i, &a)
			f := checktest.New()
			a.Put(f.Store)
			checktest.Rows(f, rdsinv.Instances, i)
			checktest.Rows(f, rdsinv.Clusters, tt.cluster...)
			checktest.Want(t, f.Run(instanceReachable)["db-1"], tt.want, tt.text)
		})
	}
}
