package exposure

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func i32(v int32) *int32 { return &v }

// ports, tcp and anything are short for rules; a list named here was not read.
func ports(protocol string, from, to int32, sources ...string) Rule {
	r := Rule{Protocol: protocol, From: &from, To: &to}
	for _, s := range sources {
		switch {
		case strings.HasPrefix(s, "sg-"):
			r.GroupRefs = append(r.GroupRefs, s)
		case strings.HasPrefix(s, "pl-"):
			r.PrefixLists = append(r.PrefixLists, PrefixList{ID: s, Reason: "denied"})
		case strings.Contains(s, ":"):
			r.CIDR6s = append(r.CIDR6s, s)
		default:
			r.CIDRs = append(r.CIDRs, s)
		}
	}
	return r
}

func tcp(from, to int32, sources ...string) Rule { return ports("tcp", from, to, sources...) }

func anything(sources ...string) Rule {
	r := ports("-1", 0, 0, sources...)
	r.From, r.To = nil, nil
	return r
}

func list(id string, entries ...string) PrefixList {
	return PrefixList{ID: id, Entries: entries, Read: true}
}

func TestOpenTo(t *testing.T) {
	tests := []struct {
		name  string
		rules []Rule
		want  Answer // at TCP 22
	}{
		{"no rule", nil, No},
		{"anywhere", []Rule{tcp(22, 22, "0.0.0.0/0")}, Yes},
		{"anywhere by IPv6", []Rule{tcp(22, 22, "::/0")}, Yes},
		{"global unicast", []Rule{tcp(22, 22, "2000::/3")}, Yes},
		{"IPv4 halves in one rule", []Rule{tcp(22, 22, "0.0.0.0/1", "128.0.0.0/1")}, Yes},
		{"IPv4 halves in two rules", []Rule{tcp(22, 22, "0.0.0.0/1"), tcp(0, 1024, "128.0.0.0/1")}, Yes},
		{"IPv6 halves", []Rule{tcp(22, 22, "::/1", "8000::/1")}, Yes},
		{"small blocks that add up", []Rule{tcp(22, 22, "8.0.0.0/8"), tcp(20, 30, "9.0.0.0/9")}, Yes},
		{"small blocks that do not", []Rule{tcp(22, 22, "8.0.0.0/9"), tcp(20, 30, "8.128.0.0/9")}, No},
		{"blocks that add up at another port", []Rule{tcp(22, 22, "8.0.0.0/8"), tcp(23, 23, "9.0.0.0/8")}, No},
		{"all protocols", []Rule{anything("0.0.0.0/0")}, Yes},
		{"all protocols, with ports of no meaning", []Rule{ports("-1", 80, 80, "0.0.0.0/0")}, Yes},
		{"inside a range", []Rule{tcp(0, 65535, "0.0.0.0/0")}, Yes},
		{"inside a range, by IPv6", []Rule{tcp(20, 25, "::/0")}, Yes},
		{"start of a range", []Rule{tcp(22, 80, "0.0.0.0/0")}, Yes},
		{"end of a range", []Rule{tcp(1, 22, "0.0.0.0/0")}, Yes},
		{"below a range", []Rule{tcp(23, 80, "0.0.0.0/0")}, No},
		{"above a range", []Rule{tcp(1, 21, "0.0.0.0/0")}, No},
		{"by number", []Rule{ports("6", 22, 22, "0.0.0.0/0")}, Yes},
		{"UDP is not TCP", []Rule{ports("udp", 22, 22, "0.0.0.0/0"), ports("17", 22, 22, "::/0")}, No},
		{"other protocols are not TCP", []Rule{ports("icmp", -1, -1, "0.0.0.0/0"), ports("50", 22, 22, "0.0.0.0/0"), ports("icmpv6", -1, -1, "::/0")}, No},
		{"web ports", []Rule{tcp(80, 80, "0.0.0.0/0"), tcp(443, 443, "::/0")}, No},
		{"private", []Rule{tcp(22, 22, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")}, No},
		{"another group", []Rule{tcp(22, 22, "sg-1")}, No},
		{"another group, all traffic", []Rule{anything("sg-1")}, No},
		{"one host", []Rule{tcp(22, 22, "198.35.26.96/32")}, No},
		{"without ports", []Rule{{Protocol: "tcp", CIDRs: []string{"0.0.0.0/0"}}}, Yes},
		{"ports of -1", []Rule{tcp(-1, -1, "0.0.0.0/0")}, Yes},
		{"host bits set", []Rule{tcp(22, 22, "93.184.216.34/0")}, Yes},
		{"a group beside the internet", []Rule{tcp(22, 22, "sg-1", "0.0.0.0/0")}, Yes},

		{"a list that holds everything", []Rule{{Protocol: "tcp", From: i32(22), To: i32(22), PrefixLists: []PrefixList{list("pl-1", "0.0.0.0/0")}}}, Yes},
		{"lists that hold a half each", []Rule{{Protocol: "-1", PrefixLists: []PrefixList{list("pl-1", "0.0.0.0/2", "64.0.0.0/2"), list("pl-2", "128.0.0.0/1")}}}, Yes},
		{"a list that holds an office", []Rule{{Protocol: "-1", PrefixLists: []PrefixList{list("pl-1", "198.35.26.0/24")}}}, No},
		{"a list that is empty", []Rule{{Protocol: "-1", PrefixLists: []PrefixList{list("pl-1")}}}, No},
		{"a list that was not read", []Rule{tcp(22, 22, "pl-1")}, Unknown},
		{"a list that was not read at another port", []Rule{tcp(23, 23, "pl-1")}, No},
		{"a list that was not read beside the internet", []Rule{tcp(22, 22, "pl-1"), tcp(22, 22, "0.0.0.0/0")}, Yes},
		{"a list read in part, with everything in it", []Rule{{Protocol: "-1", PrefixLists: []PrefixList{{ID: "pl-1", Entries: []string{"0.0.0.0/0"}}}}}, Yes},
		{"a list read in part, with an office in it", []Rule{{Protocol: "-1", PrefixLists: []PrefixList{{ID: "pl-1", Entries: []string{"198.35.26.0/24"}}}}}, Unknown},
		{"a list with an entry that is none", []Rule{{Protocol: "-1", PrefixLists: []PrefixList{list("pl-1", "198.35.26.0/24", "x")}}}, Unknown},
		{"a CIDR that is none", []Rule{tcp(22, 22, "anywhere")}, Unknown},
		{"a CIDR that is none at another port", []Rule{tcp(80, 80, "anywhere")}, No},
		{"a protocol that is none", []Rule{ports("quic", 22, 22, "0.0.0.0/0")}, Unknown},
		{"a protocol that is none, for few", []Rule{ports("quic", 22, 22, "198.35.26.0/24")}, No},
		{"a protocol that is none, for a group", []Rule{ports("", 22, 22, "sg-1")}, No},
		{"ports that are none", []Rule{tcp(30, 20, "0.0.0.0/0")}, Unknown},
		{"ports out of range", []Rule{tcp(22, 70000, "0.0.0.0/0")}, Unknown},
		{"UDP ports that are none", []Rule{ports("udp", 30, 20, "0.0.0.0/0")}, No},
		{"what is unclear may complete what is not", []Rule{tcp(22, 22, "8.0.0.0/8"), tcp(30, 20, "9.0.0.0/8")}, Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := NewSecurityGroup(tt.rules).OpenTo(Internet{}, TCP, 22)
			if o.Answer != tt.want {
				t.Errorf("got %s, want %s (%v)", o.Answer, tt.want, o)
			}
			if o.Answer == Yes && len(o.Grants) == 0 {
				t.Error("yes without proof")
			}
			if o.Answer == Unknown && len(o.Unread) == 0 {
				t.Error("unknown without a reason")
			}
		})
	}
}

func TestOpenToProof(t *testing.T) {
	rules := []Rule{
		{ID: "sgr-4", Protocol: "tcp", From: i32(22), To: i32(22), CIDRs: []string{"198.35.26.0/24", "10.0.0.0/8"}},
		{ID: "sgr-3", Protocol: "tcp", From: i32(20), To: i32(30), PrefixLists: []PrefixList{
			list("pl-2", "8.0.0.0/8", "20.0.0.0/6", "192.168.0.0/16", "4.0.0.0/10", "3.0.0.0/16", "2.0.0.0/24"),
		}},
		{ID: "sgr-2", Protocol: "-1", CIDR6s: []string{"::/0"}},
		{ID: "sgr-1", Protocol: "tcp", From: i32(22), To: i32(22), CIDRs: []string{"0.0.0.0/0"}},
		{ID: "sgr-0", Protocol: "tcp", From: i32(0), To: i32(65535), PrefixLists: []PrefixList{{ID: "pl-1", Reason: "access denied"}}},
		{ID: "sgr-9", Protocol: "tcp", From: i32(80), To: i32(80), CIDRs: []string{"0.0.0.0/0", "bad"}},
	}
	want := []string{
		"tcp 22 from 0.0.0.0/0 (rule sgr-1)",
		"all traffic from ::/0 (rule sgr-2)",
		"tcp 20-30 from pl-2 (20.0.0.0/6, 8.0.0.0/8, 4.0.0.0/10 and 2 more) (rule sgr-3)",
		"tcp 22 from 198.35.26.0/24 (rule sgr-4)",
	}
	rapid.Check(t, func(rt *rapid.T) {
		shuffled := rapid.Permutation(rules).Draw(rt, "rules")
		o := NewSecurityGroup(shuffled).OpenTo(Internet{}, TCP, 22)
		var got []string
		for _, g := range o.Grants {
			got = append(got, g.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
		if got := Describe(o.Grants, 1); got != want[0]+" and 3 more" {
			rt.Fatal(got)
		}
		if len(o.Unread) != 1 || o.Unread[0].String() != "pl-1: access denied (rule sgr-0)" {
			rt.Fatal(o.Unread)
		}
		if o.Answer != Yes || !o.Possible.Equal(everything) || !o.Sources.Equal(everything) {
			rt.Fatal(o)
		}
	})
	no := NewSecurityGroup(rules[:1]).OpenTo(Internet{}, TCP, 22)
	if no.Answer != No || no.Sources.String() != "10.0.0.0/8, 198.35.26.0/24" || !no.Possible.Equal(no.Sources) {
		t.Errorf("%+v", no)
	}
}

// What is there twice is said once.
func TestRepetitions(t *testing.T) {
	r := tcp(22, 22, "0.0.0.0/0", "pl-1")
	o := NewSecurityGroup([]Rule{r, r}).OpenTo(Internet{}, TCP, 22)
	if len(o.Grants) != 1 || len(o.Unread) != 1 {
		t.Errorf("%v, %v", o.Grants, o.Unread)
	}
}

func TestICMP(t *testing.T) {
	echo := ICMPPort(8, 0)
	for _, tt := range []struct {
		protocol string
		from, to *int32
		port     uint16
		want     Answer
	}{
		{"icmp", i32(-1), i32(-1), echo, Yes},
		{"icmp", nil, nil, echo, Yes},
		{"1", i32(8), i32(-1), echo, Yes},
		{"icmp", i32(8), i32(0), echo, Yes},
		{"icmp", i32(8), i32(1), echo, No},
		{"icmp", i32(3), i32(-1), echo, No},
		{"icmp", i32(3), i32(4), ICMPPort(3, 4), Yes},
		{"icmp", i32(255), i32(255), ICMPPort(255, 255), Yes},
		{"icmp", i32(256), i32(0), echo, Unknown},
		{"icmp", i32(8), i32(-2), echo, Unknown},
		{"icmpv6", i32(-1), i32(-1), echo, No},
		{"tcp", i32(0), i32(65535), echo, No},
		{"-1", nil, nil, echo, Yes},
	} {
		r := Rule{Protocol: tt.protocol, From: tt.from, To: tt.to, CIDRs: []string{"0.0.0.0/0"}}
		if got := NewSecurityGroup([]Rule{r}).OpenTo(Internet{}, ICMP, tt.port).Answer; got != tt.want {
			t.Errorf("%+v: got %s", tt, got)
		}
	}
}

func TestParseProtocol(t *testing.T) {
	for text, want := range map[string]Protocol{
		"tcp": TCP, "TCP": TCP, "6": TCP, "udp": UDP, "17": UDP, "icmp": ICMP, "1": ICMP, "icmpv6": ICMPv6, "58": ICMPv6,
		"-1": AllProtocols, "0": 0, "255": 255, "132": 132,
	} {
		if got, err := ParseProtocol(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "256", "-2", "+6", "6.0", "sctp", "all", "*", " 6"} {
		if got, err := ParseProtocol(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
	var names []string
	for _, p := range []Protocol{AllProtocols, TCP, UDP, ICMP, ICMPv6, 50} {
		names = append(names, p.String())
	}
	if got := strings.Join(names, ", "); got != "all traffic, tcp, udp, icmp, icmpv6, protocol 50" {
		t.Error(got)
	}
}

func TestAllPortsOpen(t *testing.T) {
	tests := []struct {
		name  string
		rules []Rule
		want  Answer
		first uint16
		open  string
	}{
		{"no rule", nil, No, 1, ""},
		{"all traffic", []Rule{anything("0.0.0.0/0")}, Yes, 0, "0-65535"},
		{"all TCP", []Rule{tcp(0, 65535, "0.0.0.0/0")}, Yes, 0, "0-65535"},
		{"all but port 0", []Rule{tcp(1, 65535, "::/0")}, Yes, 0, "1-65535"},
		{"80 and 443", []Rule{tcp(80, 80, "0.0.0.0/0"), tcp(443, 443, "0.0.0.0/0")}, No, 1, "80 443"},
		{"two halves of the ports", []Rule{tcp(1, 32767, "0.0.0.0/0"), tcp(32768, 65535, "0.0.0.0/0")}, Yes, 0, "1-65535"},
		{"two halves, the other way round, overlapping", []Rule{tcp(30000, 65535, "::/0"), tcp(0, 40000, "0.0.0.0/0")}, Yes, 0, "0-65535"},
		{"two halves with a hole", []Rule{tcp(1, 32767, "0.0.0.0/0"), tcp(32769, 65535, "0.0.0.0/0")}, No, 32768, "1-32767 32769-65535"},
		{"all but the last", []Rule{tcp(0, 65534, "0.0.0.0/0")}, No, 65535, "0-65534"},
		{"all but the first", []Rule{tcp(2, 65535, "0.0.0.0/0"), tcp(0, 0, "0.0.0.0/0")}, No, 1, "0 2-65535"},
		{"port 0 apart", []Rule{tcp(0, 0, "0.0.0.0/0"), tcp(1, 65535, "0.0.0.0/0")}, Yes, 0, "0-65535"},
		{"port 0 only", []Rule{tcp(0, 0, "0.0.0.0/0")}, No, 1, "0"},
		{"halves of the addresses", []Rule{tcp(0, 65535, "8.0.0.0/8"), tcp(0, 65535, "9.0.0.0/8")}, Yes, 0, "0-65535"},
		{
			"every port by another combination",
			[]Rule{tcp(1, 40000, "8.0.0.0/8"), tcp(1, 20000, "9.0.0.0/8"), tcp(20001, 65535, "11.0.0.0/8"), tcp(40001, 65535, "12.0.0.0/8")},
			Yes, 0, "1-65535",
		},
		{
			"one port by half a combination",
			[]Rule{tcp(1, 40000, "8.0.0.0/8"), tcp(1, 20000, "9.0.0.0/8"), tcp(20002, 65535, "11.0.0.0/8"), tcp(40001, 65535, "12.0.0.0/8")},
			No, 20001, "1-20000 20002-65535",
		},
		{"a half in each family", []Rule{tcp(0, 65535, "8.0.0.0/8", "2600::/16")}, No, 1, ""},
		{"IPv4 low, IPv6 high", []Rule{tcp(0, 1000, "0.0.0.0/0"), tcp(1001, 65535, "::/0")}, Yes, 0, "0-65535"},
		{"all UDP", []Rule{ports("udp", 0, 65535, "0.0.0.0/0")}, No, 1, ""},
		{"UDP fills no hole", []Rule{tcp(1, 1000, "0.0.0.0/0"), ports("udp", 0, 65535, "0.0.0.0/0")}, No, 1001, "1-1000"},
		{"all traffic from a group", []Rule{anything("sg-1", "10.0.0.0/8")}, No, 1, ""},
		{"by a list", []Rule{{Protocol: "-1", PrefixLists: []PrefixList{list("pl-1", "0.0.0.0/1", "128.0.0.0/1")}}}, Yes, 0, "0-65535"},
		{"a list not read", []Rule{anything("pl-1")}, Unknown, 1, ""},
		{"a list not read that matters not", []Rule{anything("pl-1", "0.0.0.0/0")}, Yes, 0, "0-65535"},
		{"a list not read for some ports", []Rule{tcp(0, 1000, "pl-1")}, No, 1001, ""},
		{"a list not read that would fill the hole", []Rule{tcp(0, 1000, "0.0.0.0/0"), tcp(500, 65535, "pl-1")}, Unknown, 1001, "0-1000"},
		{"a list not read that would not", []Rule{tcp(0, 1000, "0.0.0.0/0"), tcp(1002, 65535, "pl-1")}, No, 1001, "0-1000"},
		{"a rule that is unclear", []Rule{tcp(9, 8, "0.0.0.0/0")}, Unknown, 1, ""},
		{"a rule that is unclear, for few", []Rule{tcp(9, 8, "198.35.26.0/24")}, No, 1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := NewSecurityGroup(tt.rules).AllPortsOpen(Internet{}, TCP)
			var open []string
			for _, r := range a.Open {
				open = append(open, r.String())
			}
			if a.Answer != tt.want || a.FirstNotOpen != tt.first || strings.Join(open, " ") != tt.open {
				t.Errorf("got %s, first %d, open %v", a.Answer, a.FirstNotOpen, open)
			}
			if a.Answer == Yes && len(a.Grants) == 0 || a.Answer == Unknown && len(a.Unread) == 0 {
				t.Error("no proof")
			}
		})
	}
}

// The model: what EC2's documentation says of one packet, asked packet by packet.

func modelProtocol(text string, p Protocol) bool {
	switch text {
	case "-1":
		return true
	case "tcp", "6":
		return p == TCP
	case "udp", "17":
		return p == UDP
	case "icmp", "1":
		return p == ICMP
	default:
		return text == strconv.Itoa(int(p))
	}
}

func modelCovers(r Rule, p Protocol, port uint16) bool {
	if !modelProtocol(r.Protocol, p) {
		return false
	}
	if r.Protocol == "-1" {
		return true
	}
	return r.From == nil || *r.From <= int32(port) && int32(port) <= *r.To
}

func modelAllows(rules []Rule, p Protocol, port uint16, from netip.Addr) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool {
		texts := append(slices.Clone(r.CIDRs), r.CIDR6s...)
		for _, l := range r.PrefixLists {
			texts = append(texts, l.Entries...)
		}
		return modelCovers(r, p, port) && slices.ContainsFunc(texts, func(s string) bool { return netip.MustParsePrefix(s).Contains(from) })
	})
}

// universe is a handful of public and private addresses; the model's internet is more than four public ones of a family.
var (
	universe      = append(append(around("8.8.8.0", 16), around("2600::", 16)...), around("10.0.0.0", 16)...)
	smallInternet = Internet{30, 126}
)

func around(first string, n int) []netip.Addr {
	list := []netip.Addr{netip.MustParseAddr(first)}
	for len(list) < n {
		list = append(list, list[len(list)-1].Next())
	}
	return list
}

func modelOpen(allows func(netip.Addr) bool) bool {
	var v4, v6 int
	for _, a := range universe {
		switch {
		case a.IsPrivate() || !allows(a):
		case a.Is4():
			v4++
		default:
			v6++
		}
	}
	return v4 > 4 || v6 > 4
}

func smallBlock() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		a := rapid.SampledFrom(universe).Draw(t, "address")
		return netip.PrefixFrom(a, a.BitLen()-rapid.IntRange(0, 4).Draw(t, "host")).String()
	})
}

// smallPorts are close together, so that ranges meet, and at both ends.
func smallPort() *rapid.Generator[int32] {
	return rapid.OneOf(rapid.Int32Range(0, 8), rapid.Int32Range(65531, 65535))
}

func smallRule() *rapid.Generator[Rule] {
	return rapid.Custom(func(t *rapid.T) Rule {
		r := Rule{
			ID:       rapid.StringMatching(`sgr-[0-9]`).Draw(t, "id"),
			Protocol: rapid.SampledFrom([]string{"tcp", "6", "udp", "17", "-1", "50"}).Draw(t, "protocol"),
			CIDRs:    rapid.SliceOfN(smallBlock(), 0, 2).Draw(t, "cidrs"),
		}
		if rapid.Bool().Draw(t, "listed") {
			r.PrefixLists = []PrefixList{list("pl-1", rapid.SliceOfN(smallBlock(), 0, 3).Draw(t, "entries")...)}
		}
		if rapid.IntRange(0, 5).Draw(t, "ports") > 0 {
			a, b := smallPort().Draw(t, "from"), smallPort().Draw(t, "to")
			r.From, r.To = i32(min(a, b)), i32(max(a, b))
		}
		if r.Protocol == "50" { // all ports, whatever is given
			r.From, r.To = nil, nil
		}
		return r
	})
}

func smallRules() *rapid.Generator[[]Rule] { return rapid.SliceOfN(smallRule(), 0, 7) }

var somePorts = []uint16{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1000, 65530, 65531, 65532, 65533, 65534, 65535}

func TestSecurityGroupAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := smallRules().Draw(t, "rules")
		g := NewSecurityGroup(rules)
		for _, p := range []Protocol{TCP, UDP} {
			listed, every := g.OpenPorts(smallInternet, p), Yes
			for _, port := range somePorts {
				allows := func(a netip.Addr) bool { return modelAllows(rules, p, port, a) }
				want := No
				if modelOpen(allows) {
					want = Yes
				} else if port > 0 {
					every = No
				}
				o := g.OpenTo(smallInternet, p, port)
				if o.Answer != want {
					t.Fatalf("%s %d: got %s, want %s", p, port, o.Answer, want)
				}
				for _, a := range universe {
					if o.Sources.Contains(a) != allows(a) {
						t.Fatalf("%s %d from %s", p, port, a)
					}
				}
				if got := slices.ContainsFunc(listed.Open, func(r PortRange) bool { return r.Contains(port) }); got != (want == Yes) {
					t.Fatalf("%s %d: listed %v", p, port, listed.Open)
				}
			}
			if got := g.AllPortsOpen(smallInternet, p).Answer; got != every {
				t.Fatalf("%s: all ports %s, want %s", p, got, every)
			}
		}
	})
}

// Every port, one by one, against the ranges.
func TestOpenPortsPortByPort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := rapid.SliceOfN(smallRule(), 0, 4).Draw(t, "rules")
		for i := range rules {
			if rules[i].Protocol != "-1" && rules[i].Protocol != "50" {
				a, b := rapid.Uint16().Draw(t, "from"), rapid.Uint16().Draw(t, "to")
				rules[i].From, rules[i].To = i32(int32(min(a, b))), i32(int32(max(a, b)))
			}
		}
		g := NewSecurityGroup(rules)
		open := g.OpenPorts(smallInternet, TCP).Open
		for i, r := range open {
			if r.From > r.To || i > 0 && int(open[i-1].To)+1 >= int(r.From) {
				t.Fatalf("ranges %v", open)
			}
		}
		step := rapid.IntRange(1, 400).Draw(t, "step")
		for port := 0; port <= 65535; port += step {
			want := g.OpenTo(smallInternet, TCP, uint16(port)).Answer == Yes
			if got := slices.ContainsFunc(open, func(r PortRange) bool { return r.Contains(uint16(port)) }); got != want {
				t.Fatalf("port %d: listed %v, open %v", port, got, want)
			}
		}
	})
}

// Taking evidence away moves a verdict to unknown, or leaves it; it never turns it round.
func TestUnreadListsOnlyLeadToUnknown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := smallRules().Draw(t, "rules")
		less := slices.Clone(rules)
		for i, r := range less {
			if len(r.PrefixLists) == 0 || !rapid.Bool().Draw(t, "lost") {
				continue
			}
			l := r.PrefixLists[0]
			l.Read, l.Entries = false, l.Entries[:rapid.IntRange(0, len(l.Entries)).Draw(t, "kept")]
			less[i].PrefixLists = []PrefixList{l}
		}
		whole, part := NewSecurityGroup(rules), NewSecurityGroup(less)
		check := func(what string, whole, part Answer) {
			if part != whole && part != Unknown {
				t.Fatalf("%s: %s became %s", what, whole, part)
			}
		}
		for _, port := range somePorts {
			a, b := whole.OpenTo(smallInternet, TCP, port), part.OpenTo(smallInternet, TCP, port)
			check(strconv.Itoa(int(port)), a.Answer, b.Answer)
			if !b.Sources.Subtract(a.Sources).IsEmpty() || !a.Sources.Subtract(b.Possible).IsEmpty() {
				t.Fatal("the truth lies between Sources and Possible")
			}
		}
		check("all", whole.AllPortsOpen(smallInternet, TCP).Answer, part.AllPortsOpen(smallInternet, TCP).Answer)
	})
}

// A rule more never closes anything, and the order of rules, sources and entries is irrelevant.
func TestSecurityGroupProperties(t *testing.T) {
	compare := cmp.Comparer(func(a, b Addresses) bool { return a.Equal(b) })
	rapid.Check(t, func(t *rapid.T) {
		rules := smallRules().Draw(t, "rules")
		g, more := NewSecurityGroup(rules), NewSecurityGroup(append(slices.Clone(rules), smallRule().Draw(t, "more")))
		shuffled := rapid.Permutation(rules).Draw(t, "order")
		for i := range shuffled {
			shuffled[i].CIDRs = slices.Clone(shuffled[i].CIDRs)
			slices.Reverse(shuffled[i].CIDRs)
		}
		other := NewSecurityGroup(shuffled)
		for _, port := range somePorts {
			o := g.OpenTo(smallInternet, TCP, port)
			if o.Answer == Yes && more.OpenTo(smallInternet, TCP, port).Answer != Yes {
				t.Fatal("a rule more closed a port")
			}
			if diff := cmp.Diff(o, other.OpenTo(smallInternet, TCP, port), compare); diff != "" {
				t.Fatal(diff)
			}
		}
		if diff := cmp.Diff(g.AllPortsOpen(smallInternet, TCP), other.AllPortsOpen(smallInternet, TCP), compare); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzRule(f *testing.F) {
	f.Add("tcp", int32(22), int32(22), "0.0.0.0/0", "::/0", "10.0.0.0/8", true)
	f.Add("-1", int32(-1), int32(-1), "0.0.0.0/1", "8000::/1", "", false)
	f.Add("icmp", int32(8), int32(-1), "x", "", "1.2.3.4/33", true)
	f.Add("6", int32(70000), int32(-7), "", "::ffff:1.2.3.4/96", "0.0.0.0/0", true)
	f.Fuzz(func(t *testing.T, protocol string, from, to int32, cidr, cidr6, entry string, read bool) {
		r := Rule{
			Protocol: protocol, From: &from, To: &to, CIDRs: []string{cidr}, CIDR6s: []string{cidr6},
			PrefixLists: []PrefixList{{ID: "pl-1", Entries: []string{entry}, Read: read}},
		}
		g := NewSecurityGroup([]Rule{r})
		all := g.AllPortsOpen(Internet{}, TCP)
		for _, port := range []uint16{0, 1, 22, 3389, 65535} {
			o := g.OpenTo(Internet{}, TCP, port)
			if o.Answer == Unknown && len(o.Unread) == 0 || o.Answer == Yes && len(o.Grants) == 0 {
				t.Fatal("no proof")
			}
			if all.Answer == Yes && port > 0 && o.Answer != Yes {
				t.Fatalf("all ports are open, but %d is not", port)
			}
		}
		if _, err := parseTraffic(protocol, &from, &to); err != nil && all.Answer == Yes {
			t.Fatal("a rule that makes no sense opens everything")
		}
	})
}

func bigGroup(rules, entries int, shared bool) []Rule {
	var all []Rule
	var one PrefixList
	for i := range rules {
		l := PrefixList{ID: fmt.Sprintf("pl-%d", i), Read: true}
		for j := range entries {
			n := j*7919 + i*104729
			l.Entries = append(l.Entries, fmt.Sprintf("%d.%d.%d.0/24", 11+n%200, n>>3&255, n>>5&255))
		}
		if i == 0 {
			one = l
		}
		if shared {
			l = one
		}
		all = append(all, Rule{ID: fmt.Sprintf("sgr-%d", i), Protocol: "tcp", From: i32(int32(i * 3)), To: i32(int32(i*3 + 5000)), PrefixLists: []PrefixList{l}})
	}
	return all
}

func BenchmarkSecurityGroup(b *testing.B) {
	for _, bb := range []struct {
		name  string
		rules []Rule
	}{
		{"1000 rules, one list of 1000", bigGroup(1000, 1000, true)},
		{"1000 rules, 1000 blocks", bigGroup(1000, 1, false)},
		{"1000 rules, 1000 lists of 1000", bigGroup(1000, 1000, false)},
	} {
		b.Run(bb.name+"/new", func(b *testing.B) {
			for b.Loop() {
				NewSecurityGroup(bb.rules)
			}
		})
		g := NewSecurityGroup(bb.rules)
		b.Run(bb.name+"/one port", func(b *testing.B) {
			for b.Loop() {
				g.OpenTo(Internet{}, TCP, 3000)
			}
		})
		b.Run(bb.name+"/all ports", func(b *testing.B) {
			for b.Loop() {
				g.AllPortsOpen(Internet{}, TCP)
			}
		})
	}
}
