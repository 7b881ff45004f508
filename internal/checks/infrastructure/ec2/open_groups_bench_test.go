package ec2

import (
	"fmt"
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/reach"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

var openGroupChecks = []*checks.Check{
	securityGroupSSH, securityGroupRDP, securityGroupAllPorts, securityGroupHighRiskPorts, securityGroupUnauthorizedPorts,
}

// bigVPC has 2,000 interfaces with public addresses, each with three of 300 groups of 20 rules. Every tenth group opens SSH to the
// internet, and every hundredth everything: a tenth of the interfaces each has such a one.
func bigVPC() *checktest.Fixture { return hugeVPC(10, 100, "54.1") }

// privateVPC is the same without a public address, and each group opens SSH and everything: nothing is reached, so that each
// interface is looked at for each of its groups.
func privateVPC() *checktest.Fixture { return hugeVPC(1, 1, "") }

func hugeVPC(ssh, everything int, public string) *checktest.Fixture {
	a := reachtest.New()
	a.Groups, a.ENIs = nil, nil
	for g := range 300 {
		id := fmt.Sprintf("sg-%d", g)
		row := ec2inv.SecurityGroup{Resource: reachtest.Resource("AWS::EC2::SecurityGroup", id), GroupName: id, VPCID: "vpc-1", Owner: reachtest.Owner, Outbound: []ec2inv.GroupRule{}}
		for r := range 20 {
			row.Inbound = append(row.Inbound, rule("tcp", int32(20+r), int32(20+5*r), fmt.Sprintf("%d.%d.0.0/16", 11+g%80, r)))
		}
		if g%ssh == 0 {
			row.Inbound = append(row.Inbound, reachtest.Rule(22, "0.0.0.0/0"))
		}
		if g%everything == 0 {
			row.Inbound = append(row.Inbound, allTraffic("0.0.0.0/0"))
		}
		a.Groups = append(a.Groups, row)
	}
	base := reachtest.New().ENIs[0]
	for i := range 2000 {
		e := base
		e.Resource = reachtest.Resource("AWS::EC2::NetworkInterface", fmt.Sprintf("eni-%d", i))
		e.InstanceID, e.DeviceIndex = "", nil
		e.Groups = []string{fmt.Sprintf("sg-%d", i%300), fmt.Sprintf("sg-%d", (7*i+1)%300), fmt.Sprintf("sg-%d", (i/3+2)%300)}
		e.Addresses = []ec2inv.Address{{Private: fmt.Sprintf("10.0.%d.%d", i/200, i%200+10)}}
		if public != "" {
			e.Addresses[0].Public = fmt.Sprintf("%s.%d.%d", public, i/200, i%200)
		}
		a.ENIs = append(a.ENIs, e)
	}
	f := checktest.New()
	a.Put(f.Store)
	f.Store.Compute([]*inventory.Node{reach.Networks.Node()})
	return f
}

// judge evaluates a check of groups and counts what was raised.
func judge(f *checktest.Fixture, c *checks.Check) (raised int) {
	c.Evaluate(f.Store.Bind(checktest.Region), func(_ *finding.Resource, v checks.Verdict) {
		if v.Severity == finding.Critical {
			raised++
		}
	})
	return raised
}

// BenchmarkOpenGroups judges 300 groups of a VPC of 2,000 interfaces by each of the checks of open groups.
func BenchmarkOpenGroups(b *testing.B) {
	for name, vpc := range map[string]func() *checktest.Fixture{"public": bigVPC, "private": privateVPC} {
		for _, c := range openGroupChecks {
			b.Run(name+"/"+c.ID, func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					f := vpc() // what the network keeps of an answer must not help the next one
					b.StartTimer()
					judge(f, c)
				}
			})
		}
	}
}

// TestOpenGroupsOfALargeVPC holds what the benchmark measures to be the right answers.
func TestOpenGroupsOfALargeVPC(t *testing.T) {
	f := bigVPC()
	for n, c := range openGroupChecks {
		raised := judge(f, c)
		if want := []int{30, 3, 3, 30, 30}[n]; raised != want {
			t.Errorf("%s raised %d, want %d", c.ID, raised, want)
		}
	}
}
