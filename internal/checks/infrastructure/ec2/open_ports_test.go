package ec2

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
)

func TestSecurityGroupHighRiskPorts(t *testing.T) {
	for name, tt := range map[string]struct {
		group  ec2inv.SecurityGroup
		lists  prefixLists
		params map[string]any
		want   finding.Status
		text   []string
	}{
		"no rule":           {group: group(), want: finding.Pass, text: []string{"no high-risk port"}},
		"web alone":         {group: group(rule("tcp", 80, 80, "0.0.0.0/0"), rule("tcp", 443, 443, "0.0.0.0/0")), want: finding.Pass},
		"a database":        {group: group(rule("tcp", 3306, 3306, "0.0.0.0/0")), want: finding.Fail, text: []string{"tcp 3306"}},
		"private database":  {group: group(rule("tcp", 3306, 3306, "10.0.0.0/8")), want: finding.Pass},
		"by UDP only":       {group: group(rule("udp", 3306, 3306, "0.0.0.0/0")), want: finding.Pass},
		"every protocol":    {group: group(allTraffic("0.0.0.0/0")), want: finding.Fail, text: []string{"tcp 20-23, 25, 110", "9200, 9300"}},
		"inside a range":    {group: group(rule("tcp", 9000, 9250, "0.0.0.0/0")), want: finding.Fail, text: []string{"tcp 9200"}},
		"halves":            {group: group(rule("tcp", 5432, 5432, "0.0.0.0/1"), rule("tcp", 5000, 6000, "128.0.0.0/1")), want: finding.Fail, text: []string{"5432"}},
		"IPv6":              {group: group(rule6(8080, 8080, "::/0")), want: finding.Fail},
		"unread list":       {group: group(byList(22, 22, "pl-1")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Unknown, text: []string{"pl-1", "denied"}},
		"unread, harmless":  {group: group(byList(443, 443, "pl-1")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Pass},
		"unread, and open":  {group: group(byList(22, 22, "pl-1"), rule("tcp", 23, 23, "0.0.0.0/0")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Fail, text: []string{"tcp 23", "not seen"}},
		"list holds all":    {group: group(byList(25, 25, "pl-1")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "0.0.0.0/0")}}, want: finding.Fail},
		"other ports given": {group: group(rule("tcp", 22, 22, "0.0.0.0/0")), params: map[string]any{"high_risk_tcp_ports": []int{6379}}, want: finding.Pass},
		"given port open":   {group: group(rule("tcp", 6379, 6379, "0.0.0.0/0")), params: map[string]any{"high_risk_tcp_ports": []int{6379}}, want: finding.Fail},
		"no owner":          {group: func() ec2inv.SecurityGroup { g := group(); g.Owner = ""; return g }(), want: finding.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			checktest.Want(t, judgeGroup(securityGroupHighRiskPorts, tt.group, tt.lists, tt.params), tt.want, tt.text...)
		})
	}
}

func TestSecurityGroupUnauthorizedPorts(t *testing.T) {
	for name, tt := range map[string]struct {
		group  ec2inv.SecurityGroup
		lists  prefixLists
		params map[string]any
		want   finding.Status
		text   []string
	}{
		"no rule":          {group: group(), want: finding.Pass, text: []string{"no unauthorized port"}},
		"web alone":        {group: group(rule("tcp", 80, 80, "0.0.0.0/0"), rule("tcp", 443, 443, "0.0.0.0/0")), want: finding.Pass},
		"80 to 443":        {group: group(rule("tcp", 80, 443, "0.0.0.0/0")), want: finding.Fail, text: []string{"tcp 81-442"}},
		"443 by UDP":       {group: group(rule("udp", 443, 443, "0.0.0.0/0")), want: finding.Fail, text: []string{"udp 443"}},
		"QUIC authorized":  {group: group(rule("udp", 443, 443, "0.0.0.0/0")), params: map[string]any{"authorized_udp_ports": []int{443}}, want: finding.Pass},
		"everything":       {group: group(allTraffic("0.0.0.0/0")), want: finding.Fail, text: []string{"tcp 0-79, 81-442, 444-65535; udp 0-65535"}},
		"ICMP":             {group: group(rule("icmp", -1, -1, "0.0.0.0/0")), want: finding.Pass},
		"to one network":   {group: group(rule("tcp", 22, 22, "203.0.113.0/24")), want: finding.Pass},
		"another group":    {group: group(ec2inv.GroupRule{Protocol: "-1", Groups: []string{"sg-2"}}), want: finding.Pass},
		"nothing allowed":  {group: group(rule("tcp", 443, 443, "0.0.0.0/0")), params: map[string]any{"authorized_tcp_ports": []int{}}, want: finding.Fail},
		"unread list":      {group: group(byList(22, 22, "pl-1")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Unknown, text: []string{"denied"}},
		"unread, harmless": {group: group(byList(443, 443, "pl-1")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Pass},
	} {
		t.Run(name, func(t *testing.T) {
			checktest.Want(t, judgeGroup(securityGroupUnauthorizedPorts, tt.group, tt.lists, tt.params), tt.want, tt.text...)
		})
	}
}

// within and without split every set of ports: port by port, as the ranges say.
func TestWithinAndWithout(t *testing.T) {
	port := rapid.IntRange(0, 40)
	rapid.Check(t, func(t *rapid.T) {
		var open []exposure.PortRange
		next := 0
		for range rapid.IntRange(0, 4).Draw(t, "ranges") {
			from := next + rapid.IntRange(0, 6).Draw(t, "gap")
			to := from + rapid.IntRange(0, 6).Draw(t, "length")
			open = append(open, exposure.PortRange{From: uint16(from), To: uint16(to)})
			next = to + 2
		}
		listed := rapid.SliceOfN(port, 0, 8).Draw(t, "listed")
		in := func(list []exposure.PortRange, p int) bool {
			return slices.ContainsFunc(list, func(r exposure.PortRange) bool { return r.Contains(uint16(p)) })
		}
		yes, no := within(open, listed), without(open, listed)
		for p := range 64 {
			isOpen, isListed := in(open, p), slices.Contains(listed, p)
			if in(yes, p) != (isOpen && isListed) || in(no, p) != (isOpen && !isListed) {
				t.Fatalf("port %d of %v, listed %v: within %v, without %v", p, open, listed, yes, no)
			}
		}
	})
}
