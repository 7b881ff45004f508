package ec2

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
)

func group(rules ...ec2inv.GroupRule) ec2inv.SecurityGroup {
	return ec2inv.SecurityGroup{
		Resource:  &inventory.Resource{Type: "AWS::EC2::SecurityGroup", ID: "sg-1", ARN: "arn:aws:ec2:us-east-1:111122223333:security-group/sg-1", Region: "us-east-1"},
		GroupName: "web", VPCID: "vpc-1", Owner: checktest.Account, Inbound: append([]ec2inv.GroupRule{}, rules...), Outbound: []ec2inv.GroupRule{},
	}
}

func rule(protocol string, from, to int32, cidrs ...string) ec2inv.GroupRule {
	return ec2inv.GroupRule{Protocol: protocol, From: &from, To: &to, CIDRs: cidrs}
}

func rule6(from, to int32, cidrs ...string) ec2inv.GroupRule {
	return ec2inv.GroupRule{Protocol: "tcp", From: &from, To: &to, CIDR6s: cidrs}
}

func allTraffic(cidrs ...string) ec2inv.GroupRule {
	return ec2inv.GroupRule{Protocol: "-1", CIDRs: cidrs}
}

func byList(from, to int32, ids ...string) ec2inv.GroupRule {
	return ec2inv.GroupRule{Protocol: "tcp", From: &from, To: &to, PrefixLists: ids}
}

// prefixList is a list as it was read; lostList makes the gap of one that was not read to its end.
func prefixList(id string, entries ...string) ec2inv.PrefixList {
	return ec2inv.PrefixList{Resource: &inventory.Resource{Type: "AWS::EC2::PrefixList", ID: id, Region: "us-east-1"}, Entries: entries, Listed: true}
}

func lostList(id string) inventory.Gap {
	return inventory.Gap{Error: *inventory.DeniedError("ec2:GetManagedPrefixListEntries"), Parent: prefixList(id).Resource}
}

func judgeGroup(c *checks.Check, g ec2inv.SecurityGroup, lists inventory.Rows[ec2inv.PrefixList], params map[string]any) checks.Verdict {
	f := checktest.New()
	f.Store.Params = params
	checktest.Rows(f, ec2inv.SecurityGroups, g)
	inventory.SetRows(f.Store, ec2inv.PrefixLists, checktest.Region, lists)
	return f.Run(c)["sg-1"]
}

type prefixLists = inventory.Rows[ec2inv.PrefixList]

func TestSecurityGroupSSH(t *testing.T) {
	for name, tt := range map[string]struct {
		group  ec2inv.SecurityGroup
		lists  prefixLists
		params map[string]any
		want   finding.Status
		text   []string
	}{
		"no rule":                   {group: group(), want: finding.Pass, text: []string{"no rule lets public addresses in"}},
		"0.0.0.0/0":                 {group: group(rule("tcp", 22, 22, "0.0.0.0/0")), want: finding.Fail, text: []string{"TCP 22 is open to the internet: tcp 22 from 0.0.0.0/0"}},
		"::/0":                      {group: group(rule6(22, 22, "::/0")), want: finding.Fail, text: []string{"::/0"}},
		"2000::/3":                  {group: group(rule6(22, 22, "2000::/3")), want: finding.Fail},
		"every protocol":            {group: group(allTraffic("0.0.0.0/0")), want: finding.Fail, text: []string{"all traffic from 0.0.0.0/0"}},
		"tcp by its number":         {group: group(rule("6", 22, 22, "0.0.0.0/0")), want: finding.Fail},
		"inside a range":            {group: group(rule("tcp", 20, 25, "0.0.0.0/0")), want: finding.Fail, text: []string{"tcp 20-25"}},
		"range ends at 22":          {group: group(rule("tcp", 1, 22, "0.0.0.0/0")), want: finding.Fail},
		"range ends at 21":          {group: group(rule("tcp", 1, 21, "0.0.0.0/0")), want: finding.Pass},
		"range starts at 23":        {group: group(rule("tcp", 23, 65535, "0.0.0.0/0")), want: finding.Pass},
		"udp 22":                    {group: group(rule("udp", 22, 22, "0.0.0.0/0")), want: finding.Pass},
		"icmp type 22":              {group: group(rule("icmp", 22, 22, "0.0.0.0/0")), want: finding.Pass},
		"two halves of one rule":    {group: group(rule("tcp", 22, 22, "0.0.0.0/1", "128.0.0.0/1")), want: finding.Fail, text: []string{"0.0.0.0/1, tcp 22 from 128.0.0.0/1"}},
		"two halves in two rules":   {group: group(rule("tcp", 22, 22, "0.0.0.0/1"), rule("tcp", 1, 100, "128.0.0.0/1")), want: finding.Fail},
		"exactly a /8":              {group: group(rule("tcp", 22, 22, "12.0.0.0/8")), want: finding.Pass, text: []string{"no more than a /8", "12.0.0.0/8"}},
		"one address over a /8":     {group: group(rule("tcp", 22, 22, "12.0.0.0/8", "8.8.8.8/32")), want: finding.Fail, text: []string{"together"}},
		"exactly a /16 of IPv6":     {group: group(rule6(22, 22, "2600::/16")), want: finding.Pass},
		"over a /16 of IPv6":        {group: group(rule6(22, 22, "2600::/16", "2a00::1/128")), want: finding.Fail},
		"private addresses":         {group: group(rule("tcp", 22, 22, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")), want: finding.Pass},
		"an office":                 {group: group(rule("tcp", 22, 22, "198.18.0.0/15", "8.8.8.0/24")), want: finding.Pass, text: []string{"8.8.8.0/24"}},
		"a wide rule and an office": {group: group(rule("tcp", 22, 22, "8.8.8.0/24", "0.0.0.0/0")), want: finding.Fail, text: []string{"internet: tcp 22 from 0.0.0.0/0"}},
		"another group":             {group: group(ec2inv.GroupRule{Protocol: "-1", Groups: []string{"sg-2"}}), want: finding.Pass},
		"stricter threshold": {
			group: group(rule("tcp", 22, 22, "8.8.8.0/24")), params: map[string]any{"internet_ipv4_prefix": 25}, want: finding.Fail,
		},
		"stricter threshold, IPv6": {
			group: group(rule6(22, 22, "2600::/64")), params: map[string]any{"internet_ipv6_prefix": 65}, want: finding.Fail,
		},
		"list with everything": {
			group: group(byList(22, 22, "pl-1")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "0.0.0.0/0")}}, want: finding.Fail, text: []string{"pl-1 (0.0.0.0/0)"},
		},
		"list with halves": {
			group: group(byList(22, 22, "pl-1")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "0.0.0.0/1", "128.0.0.0/1")}}, want: finding.Fail,
		},
		"half by rule, half by list": {
			group: group(byList(22, 22, "pl-1"), rule("tcp", 22, 22, "12.0.0.0/8")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "13.0.0.0/8")}}, want: finding.Fail,
		},
		"small list": {
			group: group(byList(22, 22, "pl-1")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "8.8.8.0/24")}}, want: finding.Pass, text: []string{"pl-1"},
		},
		"empty list": {group: group(byList(22, 22, "pl-1")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1")}}, want: finding.Pass},
		"list not read": {
			group: group(byList(22, 22, "pl-1")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Unknown, text: []string{"prefix list pl-1: denied"},
		},
		"list not read, of another port": {
			group: group(byList(443, 443, "pl-1")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Pass,
		},
		"page of a list lost, the rest small": {
			group: group(byList(22, 22, "pl-1")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "8.8.8.0/24")}, Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Unknown,
		},
		"page of a list lost, the rest open": {
			group: group(byList(22, 22, "pl-1")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "0.0.0.0/0")}, Gaps: []inventory.Gap{lostList("pl-1")}},
			want: finding.Fail, text: []string{"0.0.0.0/0", "not seen", "pl-1: denied"},
		},
		"list not read, open by another rule": {
			group: group(byList(22, 22, "pl-1"), rule("tcp", 22, 22, "0.0.0.0/0")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}},
			want: finding.Fail, text: []string{"not seen"},
		},
		"one of two lists not read": {
			group: group(byList(22, 22, "pl-1", "pl-2")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "10.0.0.0/8")}, Gaps: []inventory.Gap{lostList("pl-2")}},
			want: finding.Unknown, text: []string{"pl-2"},
		},
		"answer without entries": {
			group: group(byList(22, 22, "pl-1")), lists: prefixLists{List: []ec2inv.PrefixList{{Resource: prefixList("pl-1").Resource}}}, want: finding.Unknown, text: []string{"did not give all its entries"},
		},
		"entry without a block": {
			group: group(byList(22, 22, "pl-1")), lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "")}}, want: finding.Unknown,
		},
		"list that nobody collected": {
			group: group(byList(22, 22, "pl-1")), lists: prefixLists{Gaps: []inventory.Gap{{Error: *inventory.DeniedError("ec2:DescribeSecurityGroups")}}},
			want: finding.Unknown, text: []string{"ec2:DescribeSecurityGroups"},
		},
		"page of groups lost, list read": {
			group: group(byList(22, 22, "pl-1")),
			lists: prefixLists{List: []ec2inv.PrefixList{prefixList("pl-1", "10.0.0.0/8")}, Gaps: []inventory.Gap{{Error: *inventory.DeniedError("ec2:DescribeSecurityGroups")}}},
			want:  finding.Pass,
		},
		"no CIDR block":        {group: group(rule("tcp", 22, 22, "")), want: finding.Unknown, text: []string{"no CIDR block"}},
		"no source at all":     {group: group(rule("tcp", 22, 22)), want: finding.Unknown, text: []string{"no source"}},
		"no protocol":          {group: group(rule("", 22, 22, "0.0.0.0/0")), want: finding.Unknown, text: []string{"no protocol"}},
		"no protocol, private": {group: group(rule("", 22, 22, "10.0.0.0/8")), want: finding.Pass, text: []string{"not seen"}},
		"no rules given":       {group: func() ec2inv.SecurityGroup { g := group(); g.Inbound = nil; return g }(), want: finding.Unknown, text: []string{"does not give"}},
		"no owner given":       {group: func() ec2inv.SecurityGroup { g := group(); g.Owner = ""; return g }(), want: finding.Unknown, text: []string{"owns"}},
		"impossible settings":  {group: group(), params: map[string]any{"internet_ipv4_prefix": 33}, want: finding.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			checktest.Want(t, judgeGroup(securityGroupSSH, tt.group, tt.lists, tt.params), tt.want, tt.text...)
		})
	}
}

func TestSecurityGroupRDP(t *testing.T) {
	for name, tt := range map[string]struct {
		group ec2inv.SecurityGroup
		lists prefixLists
		want  finding.Status
		text  string
	}{
		"open":            {group: group(rule("tcp", 3389, 3389, "0.0.0.0/0")), want: finding.Fail, text: "TCP 3389 is open"},
		"ssh only":        {group: group(rule("tcp", 22, 22, "0.0.0.0/0")), want: finding.Pass},
		"udp 3389":        {group: group(rule("udp", 3389, 3389, "0.0.0.0/0")), want: finding.Pass},
		"every protocol":  {group: group(allTraffic("0.0.0.0/0")), want: finding.Fail},
		"list not read":   {group: group(byList(3389, 3389, "pl-1")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Unknown, text: "pl-1"},
		"another account": {group: group(rule("tcp", 3389, 3389, "8.8.8.8/32")), want: finding.Pass, text: "8.8.8.8/32"},
	} {
		t.Run(name, func(t *testing.T) {
			checktest.Want(t, judgeGroup(securityGroupRDP, tt.group, tt.lists, nil), tt.want, tt.text)
		})
	}
}

func TestSecurityGroupAllPorts(t *testing.T) {
	for name, tt := range map[string]struct {
		group ec2inv.SecurityGroup
		lists prefixLists
		want  finding.Status
		text  []string
	}{
		"every protocol":          {group: group(allTraffic("0.0.0.0/0")), want: finding.Fail, text: []string{"all traffic from 0.0.0.0/0"}},
		"0-65535":                 {group: group(rule("tcp", 0, 65535, "0.0.0.0/0")), want: finding.Fail},
		"1-65535":                 {group: group(rule("tcp", 1, 65535, "0.0.0.0/0")), want: finding.Fail},
		"1-65534":                 {group: group(rule("tcp", 1, 65534, "0.0.0.0/0")), want: finding.Pass, text: []string{"TCP port 65535, at least"}},
		"2-65535":                 {group: group(rule("tcp", 2, 65535, "0.0.0.0/0")), want: finding.Pass, text: []string{"TCP port 1, at least"}},
		"80 and 443":              {group: group(rule("tcp", 80, 80, "0.0.0.0/0"), rule("tcp", 443, 443, "0.0.0.0/0")), want: finding.Pass},
		"ranges that join":        {group: group(rule("tcp", 0, 1000, "0.0.0.0/0"), rule("tcp", 1001, 65535, "0.0.0.0/0")), want: finding.Fail},
		"addresses that join":     {group: group(allTraffic("0.0.0.0/1"), rule("tcp", 1, 65535, "128.0.0.0/1")), want: finding.Fail},
		"families that join":      {group: group(rule("tcp", 1, 1000, "0.0.0.0/0"), rule6(1001, 65535, "::/0")), want: finding.Fail},
		"all of udp":              {group: group(rule("udp", 0, 65535, "0.0.0.0/0")), want: finding.Pass, text: []string{"no TCP port is open"}},
		"all of private":          {group: group(allTraffic("10.0.0.0/8")), want: finding.Pass, text: []string{"no TCP port is open"}},
		"no rule":                 {group: group(), want: finding.Pass},
		"list not read":           {group: group(ec2inv.GroupRule{Protocol: "-1", PrefixLists: []string{"pl-1"}}), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Unknown, text: []string{"pl-1"}},
		"list not read, one port": {group: group(byList(443, 443, "pl-1")), lists: prefixLists{Gaps: []inventory.Gap{lostList("pl-1")}}, want: finding.Pass, text: []string{"TCP port 1, at least", "not seen", "pl-1"}},
		"no rules given":          {group: func() ec2inv.SecurityGroup { g := group(); g.Inbound = nil; return g }(), want: finding.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			checktest.Want(t, judgeGroup(securityGroupAllPorts, tt.group, tt.lists, nil), tt.want, tt.text...)
		})
	}
}

// One check's failure must not hide another's: each speaks for itself.
func TestGroupChecksAreIndependent(t *testing.T) {
	for _, c := range []*checks.Check{securityGroupSSH, securityGroupRDP, securityGroupAllPorts} {
		checktest.Want(t, judgeGroup(c, group(allTraffic("0.0.0.0/0")), prefixLists{}, nil), finding.Fail)
	}
}

func TestSecurityGroupListings(t *testing.T) {
	t.Run("page of groups lost", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.SecurityGroups, "ec2:DescribeSecurityGroups", group(rule("tcp", 22, 22, "0.0.0.0/0")))
		checktest.Rows(f, ec2inv.PrefixLists)
		got := f.Run(securityGroupSSH)
		checktest.Want(t, got["sg-1"], finding.Fail)
		checktest.Want(t, got[""], finding.Unknown, "denied")
	})
	t.Run("prefix lists not collected", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, ec2inv.SecurityGroups, group(byList(22, 22, "pl-1")))
		checktest.Want(t, f.Run(securityGroupSSH)["sg-1"], finding.Unknown, "does not hold ec2.prefix-lists")
	})
	t.Run("prefix lists not collected, none named", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, ec2inv.SecurityGroups, group(rule("tcp", 22, 22, "10.0.0.0/8")))
		checktest.Want(t, f.Run(securityGroupSSH)["sg-1"], finding.Pass)
	})
}

func TestDefaultSecurityGroup(t *testing.T) {
	self := ec2inv.GroupRule{Protocol: "-1", Groups: []string{"sg-1"}}
	for name, tt := range map[string]struct {
		change func(*ec2inv.SecurityGroup)
		want   finding.Status
		text   []string
	}{
		"closed":              {func(*ec2inv.SecurityGroup) {}, finding.Pass, []string{"of vpc-1 has no inbound and no outbound rule"}},
		"inbound from itself": {func(g *ec2inv.SecurityGroup) { g.Inbound = []ec2inv.GroupRule{self} }, finding.Fail, []string{"all traffic from itself"}},
		"outbound":            {func(g *ec2inv.SecurityGroup) { g.Outbound = []ec2inv.GroupRule{allTraffic("0.0.0.0/0")} }, finding.Fail, []string{"all traffic to 0.0.0.0/0"}},
		"as AWS makes it": {func(g *ec2inv.SecurityGroup) {
			g.Inbound, g.Outbound = []ec2inv.GroupRule{self}, []ec2inv.GroupRule{allTraffic("0.0.0.0/0")}
		}, finding.Fail, []string{"from itself, all traffic to"}},
		"private source":             {func(g *ec2inv.SecurityGroup) { g.Inbound = []ec2inv.GroupRule{rule("tcp", 80, 90, "10.0.0.0/8")} }, finding.Fail, []string{"tcp 80-90 from 10.0.0.0/8"}},
		"rule without a source":      {func(g *ec2inv.SecurityGroup) { g.Inbound = []ec2inv.GroupRule{rule("udp", 53, 53)} }, finding.Fail, []string{"udp 53 from"}},
		"inbound not given":          {func(g *ec2inv.SecurityGroup) { g.Inbound = nil }, finding.Unknown, []string{"does not give"}},
		"outbound not given":         {func(g *ec2inv.SecurityGroup) { g.Outbound = nil }, finding.Unknown, []string{"does not give"}},
		"outbound not given, rules":  {func(g *ec2inv.SecurityGroup) { g.Inbound, g.Outbound = []ec2inv.GroupRule{self}, nil }, finding.Fail, nil},
		"owner not given":            {func(g *ec2inv.SecurityGroup) { g.Owner = "" }, finding.Unknown, []string{"owns"}},
		"name not given":             {func(g *ec2inv.SecurityGroup) { g.GroupName = "" }, finding.Unknown, []string{"may be its VPC's default"}},
		"a protocol without meaning": {func(g *ec2inv.SecurityGroup) { g.Inbound = []ec2inv.GroupRule{rule("x", 1, 1, "10.0.0.0/8")} }, finding.Fail, []string{`protocol "x" from`}},
	} {
		t.Run(name, func(t *testing.T) {
			g := group()
			g.GroupName = "default"
			tt.change(&g)
			f := checktest.New()
			checktest.Rows(f, ec2inv.SecurityGroups, g)
			checktest.Want(t, f.Run(defaultSecurityGroup)["sg-1"], tt.want, tt.text...)
		})
	}
	t.Run("other groups are no subject", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, ec2inv.SecurityGroups, group(allTraffic("0.0.0.0/0")))
		if got := f.Run(defaultSecurityGroup); len(got) != 0 {
			t.Errorf("verdicts %v", got)
		}
	})
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.SecurityGroups, "ec2:DescribeSecurityGroups")
		checktest.Want(t, f.Run(defaultSecurityGroup)[""], finding.Unknown, "denied")
	})
}

func entry(number int32, action, protocol, cidr string, ports ...int32) ec2inv.ACLEntry {
	e := ec2inv.ACLEntry{Number: &number, Egress: aws.Bool(false), Action: action, Protocol: protocol, CIDR: cidr}
	if len(ports) == 2 {
		e.From, e.To = &ports[0], &ports[1]
	}
	return e
}

func entry6(number int32, action, protocol, cidr string, ports ...int32) ec2inv.ACLEntry {
	e := entry(number, action, protocol, "", ports...)
	e.CIDR6 = cidr
	return e
}

func TestNetworkACLAdminPorts(t *testing.T) {
	last := entry(32767, "deny", "-1", "0.0.0.0/0")
	everyone := entry(100, "allow", "-1", "0.0.0.0/0")
	change := func(e ec2inv.ACLEntry, f func(*ec2inv.ACLEntry)) ec2inv.ACLEntry { f(&e); return e }
	for name, tt := range map[string]struct {
		entries []ec2inv.ACLEntry
		subnets []string
		owner   string
		want    finding.Status
		text    []string
	}{
		"as AWS makes it":         {[]ec2inv.ACLEntry{everyone, last}, []string{"subnet-1"}, "", finding.Fail, []string{"ACL of vpc-1", "TCP 22 (all traffic from 0.0.0.0/0 (rule 100)) and TCP 3389"}},
		"without a subnet":        {[]ec2inv.ACLEntry{everyone, last}, []string{}, "", finding.Fail, []string{"no subnet is associated"}},
		"deny all":                {[]ec2inv.ACLEntry{last}, nil, "", finding.Pass, []string{"lets no public address in"}},
		"denied before":           {[]ec2inv.ACLEntry{everyone, entry(90, "deny", "6", "0.0.0.0/0", 22, 22), entry(91, "deny", "6", "0.0.0.0/0", 3389, 3389), last}, nil, "", finding.Pass, nil},
		"denied after":            {[]ec2inv.ACLEntry{entry(110, "deny", "6", "0.0.0.0/0", 0, 65535), everyone, last}, nil, "", finding.Fail, nil},
		"only one denied":         {[]ec2inv.ACLEntry{entry(90, "deny", "6", "0.0.0.0/0", 22, 22), everyone, last}, nil, "", finding.Fail, []string{"in at TCP 3389"}},
		"half denied":             {[]ec2inv.ACLEntry{entry(90, "deny", "6", "0.0.0.0/1", 0, 65535), everyone, last}, nil, "", finding.Fail, nil},
		"both halves denied":      {[]ec2inv.ACLEntry{entry(90, "deny", "6", "0.0.0.0/1", 0, 65535), entry(91, "deny", "6", "128.0.0.0/1", 0, 65535), everyone, last}, nil, "", finding.Pass, nil},
		"IPv6 allowed":            {[]ec2inv.ACLEntry{entry6(101, "allow", "-1", "::/0"), last}, nil, "", finding.Fail, []string{"::/0 (rule 101)"}},
		"IPv4 deny, IPv6 allowed": {[]ec2inv.ACLEntry{entry(90, "deny", "-1", "0.0.0.0/0"), entry6(101, "allow", "-1", "::/0"), last}, nil, "", finding.Fail, nil},
		"udp denied":              {[]ec2inv.ACLEntry{entry(90, "deny", "17", "0.0.0.0/0", 0, 65535), everyone, last}, nil, "", finding.Fail, nil},
		"udp allowed":             {[]ec2inv.ACLEntry{entry(90, "allow", "17", "0.0.0.0/0", 0, 65535), last}, nil, "", finding.Pass, nil},
		"port in a range":         {[]ec2inv.ACLEntry{entry(90, "allow", "6", "0.0.0.0/0", 1024, 65535), last}, nil, "", finding.Fail, []string{"in at TCP 3389 (tcp 1024-65535"}},
		"web ports":               {[]ec2inv.ACLEntry{entry(90, "allow", "6", "0.0.0.0/0", 80, 80), entry(91, "allow", "6", "0.0.0.0/0", 443, 443), last}, nil, "", finding.Pass, nil},
		"private":                 {[]ec2inv.ACLEntry{entry(90, "allow", "-1", "10.0.0.0/8"), last}, nil, "", finding.Pass, nil},
		"an office":               {[]ec2inv.ACLEntry{entry(90, "allow", "6", "8.8.8.0/24", 22, 22), last}, nil, "", finding.Pass, []string{"TCP 22: no more than a /8", "8.8.8.0/24"}},
		"exactly a /8":            {[]ec2inv.ACLEntry{entry(90, "allow", "6", "12.0.0.0/8", 22, 22), last}, nil, "", finding.Pass, nil},
		"one over a /8":           {[]ec2inv.ACLEntry{entry(90, "allow", "6", "12.0.0.0/8", 22, 22), entry(91, "allow", "6", "8.8.8.8/32", 22, 22), last}, nil, "", finding.Fail, []string{"together"}},
		"outbound only":           {[]ec2inv.ACLEntry{change(everyone, func(e *ec2inv.ACLEntry) { e.Egress = aws.Bool(true) }), last}, nil, "", finding.Pass, nil},
		"no inbound entry":        {[]ec2inv.ACLEntry{change(everyone, func(e *ec2inv.ACLEntry) { e.Egress = aws.Bool(true) })}, nil, "", finding.Unknown, []string{"inbound"}},
		"no entry":                {nil, nil, "", finding.Unknown, []string{"inbound"}},
		"no action":               {[]ec2inv.ACLEntry{change(everyone, func(e *ec2inv.ACLEntry) { e.Action = "" }), last}, nil, "", finding.Unknown, nil},
		"no number":               {[]ec2inv.ACLEntry{change(everyone, func(e *ec2inv.ACLEntry) { e.Number = nil }), last}, nil, "", finding.Unknown, nil},
		"no direction":            {[]ec2inv.ACLEntry{change(everyone, func(e *ec2inv.ACLEntry) { e.Egress = nil }), last}, nil, "", finding.Unknown, nil},
		"outbound, no number":     {[]ec2inv.ACLEntry{change(everyone, func(e *ec2inv.ACLEntry) { e.Number, e.Egress = nil, aws.Bool(true) }), last}, nil, "", finding.Pass, nil},
		"no block":                {[]ec2inv.ACLEntry{change(everyone, func(e *ec2inv.ACLEntry) { e.CIDR = "" }), last}, nil, "", finding.Unknown, nil},
		"doubt after the answer":  {[]ec2inv.ACLEntry{everyone, entry(200, "allow", "", "10.0.0.0/8"), last}, nil, "", finding.Fail, []string{"not seen"}},
		"one open, one in doubt":  {[]ec2inv.ACLEntry{entry(10, "allow", "6", "0.0.0.0/0", 22, 22), entry(20, "", "6", "0.0.0.0/0", 3389, 3389), last}, nil, "", finding.Fail, []string{"in at TCP 22", "not seen"}},
		"owner not given":         {[]ec2inv.ACLEntry{everyone, last}, nil, "none", finding.Unknown, []string{"owns"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := ec2inv.NetworkACL{
				Resource: &inventory.Resource{Type: "AWS::EC2::NetworkAcl", ID: "acl-1", ARN: "arn:aws:ec2:us-east-1:111122223333:network-acl/acl-1", Region: "us-east-1"},
				VPCID:    "vpc-1", Owner: checktest.Account, Subnets: tt.subnets, Entries: tt.entries,
			}
			if tt.owner != "" {
				a.Owner = ""
			}
			f := checktest.New()
			checktest.Rows(f, ec2inv.NetworkACLs, a)
			checktest.Want(t, f.Run(networkACLAdminPorts)["acl-1"], tt.want, tt.text...)
		})
	}
	t.Run("a doubt about both ports is said once", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, ec2inv.NetworkACLs, ec2inv.NetworkACL{
			Resource: &inventory.Resource{Type: "AWS::EC2::NetworkAcl", ID: "acl-1", Region: "us-east-1"},
			VPCID:    "vpc-1", Owner: checktest.Account, Entries: []ec2inv.ACLEntry{everyone, entry(200, "allow", "", "10.0.0.0/8"), last},
		})
		if m := f.Run(networkACLAdminPorts)["acl-1"].Message; strings.Count(m, "not seen") != 1 {
			t.Errorf("the message is %q", m)
		}
	})
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.NetworkACLs, "ec2:DescribeNetworkAcls")
		checktest.Want(t, f.Run(networkACLAdminPorts)[""], finding.Unknown, "denied")
	})
}

func TestInstancePublicIPv4(t *testing.T) {
	nic := func(id string, public, carrier []string) ec2inv.NetworkInterface {
		return ec2inv.NetworkInterface{ID: id, PublicIPv4: public, CarrierIPs: carrier}
	}
	for name, tt := range map[string]struct {
		change func(*ec2inv.Instance)
		want   finding.Status
		text   []string
	}{
		"private":                      {func(*ec2inv.Instance) {}, finding.Pass, []string{"no network interface"}},
		"public":                       {func(i *ec2inv.Instance) { i.PublicIP = "3.4.5.6"; i.Interfaces[0].PublicIPv4 = []string{"3.4.5.6"} }, finding.Fail, []string{"address: 3.4.5.6 (eni-1)"}},
		"on the second interface":      {func(i *ec2inv.Instance) { i.Interfaces = append(i.Interfaces, nic("eni-2", []string{"3.4.5.6"}, nil)) }, finding.Fail, []string{"3.4.5.6 (eni-2)"}},
		"several, sorted":              {func(i *ec2inv.Instance) { i.Interfaces[0].PublicIPv4 = []string{"9.9.9.9", "3.4.5.6"} }, finding.Fail, []string{"3.4.5.6 (eni-1), 9.9.9.9 (eni-1)"}},
		"stopped, Elastic IP":          {func(i *ec2inv.Instance) { i.State = "stopped"; i.Interfaces[0].PublicIPv4 = []string{"3.4.5.6"} }, finding.Fail, nil},
		"stopped":                      {func(i *ec2inv.Instance) { i.State = "stopped" }, finding.Pass, []string{"may get one when it starts"}},
		"no interface, but an address": {func(i *ec2inv.Instance) { i.Interfaces = nil; i.PublicIP = "3.4.5.6" }, finding.Fail, []string{"3.4.5.6"}},
		"no interface, no address":     {func(i *ec2inv.Instance) { i.Interfaces = nil }, finding.Unknown, []string{"none of its network interfaces"}},
		"starting":                     {func(i *ec2inv.Instance) { i.State = "pending" }, finding.Unknown, []string{"still starting"}},
		"starting with an address":     {func(i *ec2inv.Instance) { i.State = "pending"; i.PublicIP = "3.4.5.6" }, finding.Fail, nil},
		"state not given":              {func(i *ec2inv.Instance) { i.State = "" }, finding.Unknown, nil},
		"carrier address":              {func(i *ec2inv.Instance) { i.PublicIP = "155.1.2.3"; i.Interfaces[0].CarrierIPs = []string{"155.1.2.3"} }, finding.Pass, nil},
		"carrier address, shown as both": {func(i *ec2inv.Instance) {
			i.Interfaces = []ec2inv.NetworkInterface{nic("eni-1", []string{"155.1.2.3"}, []string{"155.1.2.3"})}
		}, finding.Pass, nil},
		"carrier address and a public one": {func(i *ec2inv.Instance) {
			i.Interfaces = append(i.Interfaces, nic("eni-2", []string{"3.4.5.6"}, []string{"155.1.2.3"}))
		}, finding.Fail, []string{"3.4.5.6"}},
		"managed by EKS": {func(i *ec2inv.Instance) { i.Manager = "eks.amazonaws.com"; i.PublicIP = "3.4.5.6" }, finding.NotApplicable, []string{"eks.amazonaws.com"}},
		"IPv6 only":      {func(i *ec2inv.Instance) { i.Interfaces[0].IPv6 = []string{"2600::1"} }, finding.Pass, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, ec2inv.Instances, instance(func(i *ec2inv.Instance) {
				i.Interfaces = []ec2inv.NetworkInterface{nic("eni-1", nil, nil)}
				tt.change(i)
			}))
			checktest.Want(t, f.Run(instancePublicIPv4)["i-1"], tt.want, tt.text...)
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.Instances, "ec2:DescribeInstances")
		checktest.Want(t, f.Run(instancePublicIPv4)[""], finding.Unknown, "denied")
	})
}
