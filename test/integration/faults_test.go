package integration

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/cli"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/testkit/replay"
)

// explains lists the operations whose evidence only explains a verdict of a check: when it is lost the status stays, and
// the message says what was not seen. Whatever is not listed decides.
var explains = map[string][]string{
	"ec2:GetImageBlockPublicAccessState": {"ec2-image-not-public"},
	// The bucket that leaves it to access points is open through others as well.
	"s3control:GetAccessPoint":                  {"s3-bucket-external-access", "s3-bucket-writable-by-anyone"},
	"s3control:GetMultiRegionAccessPointPolicy": {"s3-bucket-external-access", "s3-bucket-not-public"},
	"s3control:ListMultiRegionAccessPoints":     {"s3-bucket-external-access", "s3-bucket-not-public"},

	"cloudfront:GetVpcOrigin":                         shown,
	"cloudfront:ListDistributions":                    notFollowed,
	"cloudfront:ListVpcOrigins":                       shown,
	"ec2:DescribeCarrierGateways":                     notFollowed,
	"ec2:DescribeClientVpnEndpoints":                  notFollowed,
	"ec2:DescribeInstanceConnectEndpoints":            notFollowed,
	"ec2:DescribeInstances":                           databases,
	"ec2:DescribeInternetGateways":                    shown,
	"ec2:DescribeManagedPrefixLists":                  notFollowed,
	"ec2:DescribeNetworkAcls":                         shown,
	"ec2:DescribeNetworkInterfaces":                   shown,
	"ec2:DescribeRouteTables":                         shown,
	"ec2:DescribeSecurityGroups":                      facing,
	"ec2:DescribeSubnets":                             shown,
	"ec2:DescribeTransitGatewayVpcAttachments":        notFollowed,
	"ec2:DescribeVerifiedAccessEndpoints":             notFollowed,
	"ec2:DescribeVpcBlockPublicAccessExclusions":      shown,
	"ec2:DescribeVpcBlockPublicAccessOptions":         shown,
	"ec2:DescribeVpcEndpointServiceConfigurations":    notFollowed,
	"ec2:DescribeVpcPeeringConnections":               notFollowed,
	"ec2:DescribeVpcs":                                shown,
	"ec2:DescribeVpnGateways":                         notFollowed,
	"ec2:GetManagedPrefixListEntries":                 facing,
	"elb:DescribeLoadBalancers":                       append([]string{"elbv2-load-balancer-internet-facing"}, openGroups...),
	"elbv2:DescribeListeners":                         shown,
	"elbv2:DescribeLoadBalancers":                     append([]string{"elb-load-balancer-internet-facing"}, openGroups...),
	"elbv2:DescribeRules":                             shown,
	"elbv2:DescribeTargetGroupAttributes":             shown,
	"elbv2:DescribeTargetGroups":                      shown,
	"elbv2:DescribeTargetHealth":                      shown,
	"globalaccelerator:ListAccelerators":              shown,
	"globalaccelerator:ListCrossAccountAttachments":   notFollowed,
	"globalaccelerator:ListCustomRoutingAccelerators": notFollowed,
	"globalaccelerator:ListEndpointGroups":            shown,
	"globalaccelerator:ListListeners":                 shown,
	"iam:GetAccountAuthorizationDetails":              instances,
}

// What the ways from the internet explain. The scheme alone decides whether a load balancer faces the internet, and its rules alone
// whether a group is open. No database depends on an instance's state. Entrances that are not followed are named in a "no".
var (
	facing     = []string{"elbv2-load-balancer-internet-facing", "elb-load-balancer-internet-facing"}
	openGroups = []string{
		"ec2-security-group-ssh-open", "ec2-security-group-rdp-open", "ec2-security-group-all-ports-open",
		"ec2-security-group-high-risk-ports-open", "ec2-security-group-unauthorized-ports-open",
	}
	shown       = slices.Concat(facing, openGroups)
	databases   = append([]string{"rds-instance-reachable"}, shown...)
	instances   = []string{"ec2-instance-ssh-reachable", "ec2-instance-rdp-reachable", "ec2-instance-high-risk-port-reachable"}
	notFollowed = slices.Concat(instances, databases)
)

// The identity and the list of regions have a table of their own.
var apart = []string{"sts:GetCallerIdentity", "ec2:DescribeRegions"}

// replayed scans a recording again, with a fault.
func replayed(t *testing.T, base *scanned, account string, list []*checks.Check, p *replay.Player) *scanned {
	t.Helper()
	s, err := scan(t.Context(), scanOptions{
		account: account, client: p, checks: list, regions: regions, now: func() time.Time { return base.store.Clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReplayGivesTheSameFindings(t *testing.T) {
	base := recording(t, demoAccount)
	p := &replay.Player{Tape: base.tape}
	again := replayed(t, base, demoAccount, catalog.All(), p)
	if u := p.Unknown(); len(u) > 0 {
		t.Fatalf("requests that were not recorded: %v", u)
	}
	if a, b := findingsJSON(t, base.result), findingsJSON(t, again.result); a != b {
		t.Error("a replay without a fault gives other findings")
	}
}

// For every operation and every fault: no verdict turns, no finding vanishes, and ledger, reasons and exit code say so.
// Where the lost evidence decides, each check that reads it turns a verdict unknown in one account or the other: what a
// whole account's setting decides in one (a block of public access) is for the single resource to decide in the other.
func TestFaults(t *testing.T) {
	turned := map[string]bool{} // operation × fault × check → a verdict turned unknown
	var mu sync.Mutex
	for _, account := range []string{demoAccount, secondAccount} {
		base := recording(t, account)
		var wg sync.WaitGroup
		slots := make(chan struct{}, runtime.NumCPU())
		for _, op := range base.tape.Operations() {
			if slices.Contains(apart, op) {
				continue
			}
			for _, fault := range replay.Faults {
				if fault.Later && !base.tape.Paged(op) {
					continue
				}
				wg.Go(func() {
					slots <- struct{}{}
					defer func() { <-slots }()
					p := &replay.Player{Tape: base.tape, Fault: fault.On(op)}
					list := reading(op)
					if fault.Name == "denied" { // once for each operation, the fault's effect on checks that do not read it, too
						list = catalog.All()
					}
					got := replayed(t, base, account, list, p)
					unknown, wrong := judgeFault(only(base.result, list), got, op, fault)
					for _, w := range slices.Concat(wrong, judgeHistory(only(base.result, list), got.result)) {
						t.Errorf("%s × %s in %s: %s", op, fault.Name, account, w)
					}
					mu.Lock()
					defer mu.Unlock()
					for _, c := range catalog.All() {
						if !readsOperation(c, op) || slices.Contains(explains[op], c.ID) {
							continue
						}
						key := op + " × " + fault.Name
						if !fault.Later { // what a lost page decides is one check's matter, not each one's
							key += ": no verdict of " + c.ID
						}
						turned[key] = turned[key] || unknown[c.ID]
					}
				})
			}
		}
		wg.Wait()
	}
	for key, yes := range turned {
		if !yes {
			t.Errorf("%s turned unknown", key)
		}
	}
}

// judgeFault tells which checks have a verdict that turned unknown, and what is wrong with the result under a fault.
func judgeFault(base *result.Result, got *scanned, op string, fault replay.Fault) (unknown map[string]bool, faults []string) {
	wrong := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	now := map[string]finding.Finding{}
	lost := map[string]bool{} // check → a listing failed, and one unknown stands for its rows
	before := map[string]finding.Finding{}
	for _, f := range base.Findings {
		before[f.Fingerprint] = f
	}
	for _, f := range got.result.Findings {
		now[f.Fingerprint] = f
		if f.Status == finding.Unknown {
			if _, was := before[f.Fingerprint]; !was {
				lost[f.Rule.ID] = true
			}
		}
		if (f.Status == finding.Unknown) != (f.Reason != nil) {
			wrong("%s of %s is %s with the reason %v", f.Rule.ID, f.Resource.ID, f.Status, f.Reason)
		}
	}
	turned := map[string]bool{}
	for fp, was := range before {
		is, there := now[fp]
		switch {
		case !there:
			if !lost[was.Rule.ID] {
				wrong("the finding of %s on %s vanished", was.Rule.ID, was.Resource.ID)
			}
		case is.Status != was.Status && is.Status != finding.Unknown:
			wrong("%s on %s turned from %s to %s: %s", was.Rule.ID, was.Resource.ID, was.Status, is.Status, is.Message)
		case is.Status == finding.Unknown && was.Status != finding.Unknown:
			turned[was.Rule.ID] = true
		}
	}
	for fp, f := range now {
		if _, was := before[fp]; !was && f.Status != finding.Unknown {
			wrong("a new finding of %s on %s: %s", f.Rule.ID, f.Resource.ID, f.Status)
		}
	}
	for _, id := range explains[op] {
		if turned[id] || lost[id] {
			wrong("%s turned unknown, though this only explains", id)
		}
	}
	outcomes := 0
	for _, l := range got.result.Coverage {
		sum := 0
		for o, n := range l.Outcomes {
			sum += n
			if l.Operation == op && string(o) == fault.Outcome {
				outcomes += n
			}
		}
		if sum != l.Calls {
			wrong("the ledger's outcomes of %s add up to %d of %d calls", l.Operation, sum, l.Calls)
		}
	}
	if outcomes == 0 {
		wrong("the ledger has no %s", fault.Outcome)
	}
	if got.result.Scan.Complete {
		wrong("the scan counts as complete")
	}
	failing := 5
	if !got.result.Failing(finding.Low) { // where few checks were run, none may fail
		failing = 4
	}
	for failOn, want := range map[string]int{"low": failing, "none": 4} {
		if code := cli.VerdictCode(got.result, failOn); code != want {
			wrong("exit code %d with --fail-on %s, want %d", code, failOn, want)
		}
	}
	maps.Copy(turned, lost)
	return turned, faults
}

// reading are the checks that read an operation.
func reading(op string) []*checks.Check {
	return slices.DeleteFunc(catalog.All(), func(c *checks.Check) bool { return !readsOperation(c, op) })
}

// only is a result less the findings of other checks.
func only(r *result.Result, list []*checks.Check) *result.Result {
	out := *r
	out.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f finding.Finding) bool {
		return !slices.ContainsFunc(list, func(c *checks.Check) bool { return c.ID == f.Rule.ID })
	})
	return &out
}

func readsOperation(c *checks.Check, op string) bool {
	return slices.ContainsFunc(c.Plan().Nodes, func(n *inventory.Node) bool {
		return slices.ContainsFunc(n.Ops, func(o awsOp) bool { return o.String() == op })
	})
}

// Where evidence only explains, the message says what was not seen.
func TestExplainingEvidenceIsMissed(t *testing.T) {
	base := recording(t, demoAccount)
	for op, ids := range explains {
		p := &replay.Player{Tape: base.tape, Fault: replay.Faults[0].On(op)}
		list := slices.DeleteFunc(catalog.All(), func(c *checks.Check) bool { return !slices.Contains(ids, c.ID) })
		got := replayed(t, base, demoAccount, list, p)
		for _, id := range ids {
			said := false
			for _, f := range got.result.Findings {
				said = said || f.Rule.ID == id && strings.Contains(f.Message, "not seen") && strings.Contains(f.Message, op)
			}
			if !said {
				t.Errorf("%s: no message of %s says that it was not seen", op, id)
			}
		}
	}
}
