package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	"github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

const (
	balancerARN = "arn:aws:elasticloadbalancing:" + reachtest.Region + ":" + reachtest.Owner + ":loadbalancer/net/front/1"
	databaseARN = "arn:aws:rds:" + reachtest.Region + ":" + reachtest.Owner + ":db:"
)

// save writes an inventory for the commands that answer from one.
func save(t *testing.T, s *inventory.Store) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "inventory.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(f, inventory.File{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func fixture() *inventory.Store {
	return inventory.NewFixture(reachtest.Partition, reachtest.Owner, []string{reachtest.Region}, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
}

// answers runs a command and holds its exit code and a part of what it prints against what is wanted.
func answers(t *testing.T, code int, text string, args ...string) {
	t.Helper()
	var out, errs strings.Builder
	got := Run(t.Context(), args, strings.NewReader(""), &out, &errs)
	if all := out.String() + errs.String(); got != code || !strings.Contains(all, text) {
		t.Errorf("exit %d, want %d, and %q in:\n%s", got, code, text, all)
	}
}

// withDatabases adds two databases and a load balancer before i-1, which has no public address.
func withDatabases(change func(*reachtest.Account, *rds.Instance), lost ...string) *inventory.Store {
	s, a, port := fixture(), reachtest.New(), int32(22)
	yes, no := true, false
	a.Private()
	a.Lost = lost
	a.Balancers = []elbv2.LoadBalancer{{
		Resource: &inventory.Resource{Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", ID: "front", Name: "front", ARN: balancerARN, Region: reachtest.Region},
		Kind:     "network", Scheme: "internet-facing", State: "active", VPCID: "vpc-1", AddressType: "ipv4", Zones: []elbv2.Zone{{SubnetID: "subnet-1"}},
	}, {
		Resource: &inventory.Resource{Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", ID: "both", Name: "both", ARN: balancerARN + "2", Region: reachtest.Region},
		Kind:     "gateway", State: "active", VPCID: "vpc-1",
	}}
	a.Groups2 = []elbv2.TargetGroup{{
		Resource: reachtest.Resource("AWS::ElasticLoadBalancingV2::TargetGroup", "ssh"), TargetType: "instance", Protocol: "TCP", Port: &port,
		VPCID: "vpc-1", AddressType: "ipv4", LoadBalancers: []string{balancerARN},
	}}
	group := a.Groups2[0].ARN
	a.Listeners = []elbv2.Listener{{
		Resource: reachtest.Resource("AWS::ElasticLoadBalancingV2::Listener", "front/443"), LoadBalancerARN: balancerARN, Kind: "network", Protocol: "TCP", Port: 443,
		DefaultActions: []elbv2.Action{{Type: "forward", Forward: []elbv2.Share{{TargetGroup: group}}}},
	}}
	a.Targets = map[string]inventory.Field[[]elbv2.Target]{group: inventory.Known([]elbv2.Target{{ID: "i-1", Port: &port}})}
	a.Settings = map[string]inventory.Field[elbv2.TargetGroupSettings]{group: inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: &no})}
	a.Classic = []elb.LoadBalancer{{
		Resource: reachtest.Resource("AWS::ElasticLoadBalancing::LoadBalancer", "inside"), Scheme: "internal", VPCID: "vpc-1", Subnets: []string{"subnet-1"},
		Instances: []string{}, Listeners: []elb.Listener{{Protocol: "TCP", Port: 80, InstancePort: &port}},
	}}
	db := func(id string) rds.Instance {
		return rds.Instance{
			Resource: &inventory.Resource{Type: "AWS::RDS::DBInstance", ID: id, Name: id, ARN: databaseARN + id, Region: reachtest.Region},
			Engine:   "postgres", Status: "available", PubliclyAccessible: &yes,
			Network: rds.Network{
				VPCID: "vpc-1", Zone: "us-east-1a", Subnets: []rds.Subnet{{ID: "subnet-1", Zone: "us-east-1a"}}, Groups: []string{"sg-1"}, Port: &port, Type: "IPV4",
			},
		}
	}
	first, second := db("orders"), db("both")
	if change != nil {
		change(&a, &first)
	}
	a.Put(s)
	rows := inventory.Rows[rds.Instance]{List: []rds.Instance{first, second}}
	for _, op := range lost {
		if op == "rds:DescribeDBInstances" {
			rows = inventory.Rows[rds.Instance]{Gaps: []inventory.Gap{{Error: *inventory.DeniedError(op)}}}
		}
	}
	inventory.SetRows(s, rds.Instances, reachtest.Region, rows)
	inventory.SetRows(s, rds.Clusters, reachtest.Region, inventory.Rows[rds.Cluster]{})
	return s
}

func TestReach(t *testing.T) {
	t.Chdir(t.TempDir()) // no ourshare.yaml
	saved := func(lost ...string) string {
		s, a := fixture(), reachtest.New()
		a.Lost = lost
		a.Put(s)
		return save(t, s)
	}
	whole := saved()
	for name, tt := range map[string]struct {
		args []string
		code int
		text string
	}{
		"a path":         {[]string{"i-1", "--port", "22", "--inventory", whole}, 0, "tcp 22: reachable\n  internet → igw-1 → rtb-1 (0.0.0.0/0) → acl-1 rule 100 → sg-1 (tcp 22 from 0.0.0.0/0) → eni-1 (54.1.2.3) → i-1:22\nudp 22: not reachable\n"},
		"a stop":         {[]string{"eni-1", "--port", "3389", "--inventory", whole}, 0, "tcp 3389: not reachable\n  stopped: internet → igw-1"},
		"every port":     {[]string{"i-1", "--inventory", whole}, 0, "tcp 0-65535: reachable"},
		"by ARN":         {[]string{"arn:aws:ec2:us-east-1:111122223333:instance/i-1", "--port", "22", "--inventory", whole}, 0, "tcp 22: reachable"},
		"other region":   {[]string{"arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "--inventory", whole}, 2, "eu-west-1"},
		"tables denied":  {[]string{"i-1", "--port", "22", "--inventory", saved("ec2:DescribeRouteTables")}, 4, "tcp 22: not known\n  ec2:DescribeRouteTables"},
		"no such":        {[]string{"i-9", "--inventory", whole}, 2, "no such instance in us-east-1"},
		"not all listed": {[]string{"i-9", "--inventory", saved("ec2:DescribeInstances")}, 4, "not all could be listed"},
		"not collected":  {[]string{"web", "--inventory", whole}, 4, "does not hold rds.instances"},
		"no id":          {[]string{" ", "--inventory", whole}, 2, "one argument"},
		"no ARN of ours": {[]string{"arn:aws:s3:::bucket", "--inventory", whole}, 2, "no ARN of an instance"},
		"no port":        {[]string{"i-1", "--port", "65536", "--inventory", whole}, 2, "--port"},
		"no file":        {[]string{"i-1", "--inventory", "nothing.json"}, 2, "nothing.json"},
		"both":           {[]string{"i-1", "--inventory", whole, "--region", "us-east-1"}, 2, "--inventory"},
	} {
		t.Run(name, func(t *testing.T) { answers(t, tt.code, tt.text, append([]string{"reach"}, tt.args...)...) })
	}
}

func TestReachBalancersAndDatabases(t *testing.T) {
	t.Chdir(t.TempDir())
	cut := func(ops ...string) string { return save(t, withDatabases(nil, ops...)) }
	changed := func(change func(*reachtest.Account, *rds.Instance)) string { return save(t, withDatabases(change)) }
	whole := cut()
	const path = "internet → igw-1 → rtb-1 (0.0.0.0/0) → acl-1 rule 100"
	for name, tt := range map[string]struct {
		file string
		args []string
		code int
		text string
	}{
		"a balancer by name":  {whole, []string{"front"}, 0, "front: reachable\nlistener tcp 443: reachable\n  " + path + " → front:443\n  exposes: eni-1 (i-1):22\n"},
		"by ARN and port":     {whole, []string{balancerARN, "--port", "443"}, 0, "listener tcp 443: reachable\n"},
		"no listener":         {whole, []string{"front", "--port", "80"}, 0, "port 80: not reachable: no listener has it"},
		"an internal one":     {whole, []string{"inside"}, 0, "inside: not reachable\nlistener tcp 80: not reachable\n  stopped: internet → inside is internal"},
		"a gateway one":       {whole, []string{balancerARN + "2"}, 0, "not an entrance"},
		"listeners denied":    {cut("elbv2:DescribeListeners"), []string{"front"}, 4, "front: not known\n  not all of its listeners were read: elbv2:DescribeListeners"},
		"targets denied":      {cut("elbv2:DescribeTargetHealth"), []string{"front"}, 4, "not all that is behind it was read: elbv2:DescribeTargetHealth"},
		"a database":          {whole, []string{"orders"}, 0, "tcp 22: reachable\n  " + path + " → sg-1 (tcp 22 from 0.0.0.0/0) → orders:22\n"},
		"another port":        {whole, []string{databaseARN + "orders", "--port", "3389"}, 0, "tcp 3389: not reachable\n"},
		"and which it has":    {whole, []string{databaseARN + "orders", "--port", "3389"}, 0, "  the database itself listens at port 22\n"},
		"several of the name": {whole, []string{"both"}, 2, "load balancer both (" + balancerARN + "2)\n  DB instance both (" + databaseARN + "both)"},
		"no such":             {whole, []string{"nothing"}, 2, "no such load balancer or DB instance"},
		"databases denied":    {cut("rds:DescribeDBInstances"), []string{"orders"}, 4, "rds:DescribeDBInstances"},
		"found all the same":  {cut("rds:DescribeDBInstances"), []string{"front"}, 0, "exposes: eni-1 (i-1):22"},
		"tables denied":       {cut("ec2:DescribeRouteTables"), []string{"orders"}, 4, "tcp 22: not known\n  ec2:DescribeRouteTables"},
		"stopped":             {changed(func(_ *reachtest.Account, i *rds.Instance) { i.Status = "stopped" }), []string{"orders"}, 0, "not reachable: the instance is stopped"},
		"no port":             {changed(func(_ *reachtest.Account, i *rds.Instance) { i.Network.Port = nil }), []string{"orders"}, 4, "names no port"},
		"private":             {changed(func(_ *reachtest.Account, i *rds.Instance) { i.PubliclyAccessible = new(bool) }), []string{"orders"}, 0, "orders has no public IPv4 address"},
		"flag not said":       {changed(func(_ *reachtest.Account, i *rds.Instance) { i.PubliclyAccessible = nil }), []string{"orders"}, 4, "whether PubliclyAccessible is set"},
		"cluster gone": {changed(func(_ *reachtest.Account, i *rds.Instance) {
			i.Engine, i.ClusterID, i.PubliclyAccessible = "aurora-postgresql", "c", new(bool)
		}), []string{"orders"}, 4, "its cluster c is not in the listing"},
	} {
		t.Run(name, func(t *testing.T) {
			answers(t, tt.code, tt.text, append([]string{"reach", "--inventory", tt.file}, tt.args...)...)
		})
	}
}

// A region list that could not be read leaves it open whether a resource is elsewhere.
func TestReachWithoutAllRegions(t *testing.T) {
	t.Chdir(t.TempDir())
	path := filepath.Join(t.TempDir(), "inventory.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	gap := awsapi.Error{Outcome: awsapi.Denied, Operation: "ec2:DescribeRegions", Region: reachtest.Region, Text: "denied; only us-east-1 was scanned"}
	if err := withDatabases(nil).Save(f, inventory.File{ScanGaps: []inventory.Gap{{Error: gap}}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	answers(t, 4, "ec2:DescribeRegions", "reach", "nothing", "--inventory", path)
	answers(t, 0, "front: reachable", "reach", "front", "--inventory", path)
}
