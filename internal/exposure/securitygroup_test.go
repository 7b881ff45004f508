package exposure

import (
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

// TestGrantsInOrder holds that the order of rules means nothing where one list was read twice, with other entries: it had changed.
// Found by TestSecurityGroupProperties.
func TestGrantsInOrder(t *testing.T) {
	of := func(entry string) Rule {
		r := anything()
		r.ID, r.PrefixLists = "sgr-1", []PrefixList{list("pl-1", entry)}
		return r
	}
	a := NewSecurityGroup([]Rule{of("8.8.8.0/32"), of("8.8.8.1/32")}).OpenTo(Internet{}, TCP, 22)
	b := NewSecurityGroup([]Rule{of("8.8.8.1/32"), of("8.8.8.0/32")}).OpenTo(Internet{}, TCP, 22)
	if len(a.Grants) != 2 || Describe(a.Grants, 2) != Describe(b.Grants, 2) {
		t.Errorf("%s, but %s", Describe(a.Grants, 2), Describe(b.Grants, 2))
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
