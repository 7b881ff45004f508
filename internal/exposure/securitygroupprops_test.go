package exposure

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

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
