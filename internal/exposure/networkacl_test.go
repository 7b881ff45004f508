package exposure

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// entry is short for an inbound entry, such as "100 allow 6 22-22 0.0.0.0/0"; ports may be "all".
func entry(t testing.TB, text string) ACLEntry {
	t.Helper()
	f := strings.Fields(text)
	e := ACLEntry{Number: atoi(t, f[0]), Action: f[1], Protocol: f[2]}
	if f[3] != "all" {
		from, to, _ := strings.Cut(f[3], "-")
		e.From, e.To = i32(atoi(t, from)), i32(atoi(t, to))
	}
	if len(f) > 4 {
		if strings.Contains(f[4], ":") {
			e.CIDR6 = f[4]
		} else {
			e.CIDR = f[4]
		}
	}
	return e
}

func atoi(t testing.TB, text string) int32 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return int32(n)
}

func entries(t testing.TB, texts ...string) []ACLEntry {
	t.Helper()
	var list []ACLEntry
	for _, text := range texts {
		list = append(list, entry(t, text))
	}
	return list
}

func TestNetworkACLAllows(t *testing.T) {
	const last = "32767 deny -1 all 0.0.0.0/0"
	tests := []struct {
		name    string
		entries []string
		want    Answer // at TCP 22
		proof   string
	}{
		{"none", nil, No, ""},
		{"the last one only", []string{last, "32768 deny -1 all ::/0"}, No, ""},
		{"the default ACL", []string{"100 allow -1 all 0.0.0.0/0", last, "101 allow -1 all ::/0", "32768 deny -1 all ::/0"}, Yes, "100 101"},
		{"deny before allow", []string{"90 deny 6 22-22 0.0.0.0/0", "100 allow -1 all 0.0.0.0/0", last}, No, ""},
		{"allow before deny", []string{"90 allow 6 22-22 0.0.0.0/0", "100 deny -1 all 0.0.0.0/0", last}, Yes, "90"},
		{"out of order", []string{last, "100 allow -1 all 0.0.0.0/0", "90 deny 6 20-30 0.0.0.0/0"}, No, ""},
		{"deny of one family leaves the other", []string{"90 deny 6 22-22 0.0.0.0/0", "100 allow -1 all 0.0.0.0/0", "101 allow -1 all ::/0"}, Yes, "101"},
		{"deny of another port", []string{"90 deny 6 23-23 0.0.0.0/0", "100 allow -1 all 0.0.0.0/0"}, Yes, "100"},
		{"deny of UDP", []string{"90 deny 17 22-22 0.0.0.0/0", "100 allow -1 all 0.0.0.0/0"}, Yes, "100"},
		{"allow of UDP", []string{"100 allow 17 22-22 0.0.0.0/0"}, No, ""},
		{"allow of another protocol", []string{"100 allow 132 all 0.0.0.0/0", "110 allow 1 all 0.0.0.0/0", "120 allow 200 22-22 0.0.0.0/0"}, No, ""},
		{"TCP without ports", []string{"100 allow 6 all 0.0.0.0/0"}, Yes, "100"},
		{"by name", []string{"100 allow tcp 22-22 0.0.0.0/0"}, Yes, "100"},
		{"inside a range", []string{"100 allow 6 1-1024 0.0.0.0/0"}, Yes, "100"},
		{"deny of a part", []string{"90 deny 6 22-22 128.0.0.0/1", "100 allow 6 22-22 0.0.0.0/0"}, Yes, "100"},
		{"deny of all but a /8", []string{
			"10 deny 6 22-22 128.0.0.0/1", "20 deny 6 22-22 64.0.0.0/2", "30 deny 6 22-22 32.0.0.0/3", "40 deny 6 22-22 16.0.0.0/4",
			"50 deny 6 22-22 0.0.0.0/5", "60 deny 6 22-22 9.0.0.0/8", "70 deny 6 22-22 10.0.0.0/7", "80 deny 6 22-22 12.0.0.0/6",
			"100 allow -1 all 0.0.0.0/0",
		}, No, "100"},
		{"deny of the two halves", []string{"10 deny -1 all 0.0.0.0/1", "20 deny -1 all 128.0.0.0/1", "100 allow -1 all 0.0.0.0/0"}, No, ""},
		{"allow of the two halves", []string{"10 allow 6 22-22 0.0.0.0/1", "20 allow 6 22-22 128.0.0.0/1"}, Yes, "10 20"}, // the lower half has more public addresses
		{"an allow hidden by an allow", []string{"10 allow -1 all 0.0.0.0/0", "20 allow 6 22-22 8.0.0.0/8"}, Yes, "10"},
		{"a deny too late", []string{"10 allow 6 22-22 8.0.0.0/7", "20 deny 6 22-22 0.0.0.0/0"}, Yes, "10"},
		{"two of one number", []string{"100 deny 6 22-22 0.0.0.0/0", "100 allow 6 22-22 0.0.0.0/0"}, Yes, "100"},
		{"private", []string{"100 allow 6 22-22 10.0.0.0/8"}, No, ""},
		{"a half in each family", []string{"100 allow 6 22-22 8.0.0.0/8", "110 allow 6 22-22 2600::/16"}, No, "100 110"},

		{"an allow without CIDR", []string{"100 allow 6 22-22"}, Unknown, ""},
		{"an allow without CIDR after a deny", []string{"90 deny -1 all 0.0.0.0/0", "91 deny -1 all ::/0", "100 allow 6 22-22"}, No, ""},
		{"an allow without CIDR at another port", []string{"100 allow 6 23-23"}, No, ""},
		{"an allow without CIDR beside another", []string{"90 allow 6 22-22", "100 allow 6 22-22 0.0.0.0/0"}, Yes, "100"},
		{"a deny without CIDR before an allow", []string{"90 deny 6 22-22", "100 allow -1 all 0.0.0.0/0"}, Unknown, ""},
		{"a deny without CIDR after an allow", []string{"100 allow -1 all 0.0.0.0/0", "110 deny 6 22-22"}, Yes, "100"},
		{"an allow with a CIDR that is none", []string{"100 allow 6 22-22 0.0.0.0"}, Unknown, ""},
		{"a protocol that is none", []string{"100 allow quic all 0.0.0.0/0"}, Unknown, ""},
		{"a protocol that is none, for few", []string{"100 allow quic all 8.8.8.0/24"}, No, ""},
		{"a deny with a protocol that is none", []string{"90 deny quic all 0.0.0.0/0", "100 allow 6 22-22 0.0.0.0/0"}, Unknown, ""},
		{"a deny with a protocol that is none, for few", []string{"90 deny quic all 8.8.8.0/24", "100 allow 6 22-22 0.0.0.0/0"}, Yes, "100"},
		{"ports that are none", []string{"100 allow 6 30-20 0.0.0.0/0"}, Unknown, ""},
		{"an action that is none", []string{"100 drop 6 22-22 0.0.0.0/0"}, Unknown, ""},
		{"an action that is none before an allow", []string{"90 drop 6 22-22 0.0.0.0/0", "100 allow 6 22-22 0.0.0.0/0"}, Unknown, ""},
		{"an action that is none after a deny", []string{"90 deny 6 22-22 0.0.0.0/0", "100 drop 6 22-22 0.0.0.0/0"}, No, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := entries(t, tt.entries...)
			for _, order := range []string{"as is", "reversed"} {
				o := NewNetworkACL(list).Allows(Internet{}, TCP, 22)
				var proof []string
				for _, g := range o.Grants {
					proof = append(proof, g.Rule)
				}
				if o.Answer != tt.want || strings.Join(proof, " ") != tt.proof {
					t.Errorf("%s: got %s by %v, want %s by %s", order, o.Answer, proof, tt.want, tt.proof)
				}
				if o.Answer == Unknown && len(o.Unread) == 0 {
					t.Error("unknown without a reason")
				}
				slices.Reverse(list)
			}
		})
	}
}

func TestNetworkACLProof(t *testing.T) {
	list := entries(t, "90 deny 6 22-22 0.0.0.0/1", "100 allow 6 0-1024 0.0.0.0/0", "32767 deny -1 all 0.0.0.0/0")
	list = append(list, ACLEntry{Number: 1, Egress: true, Action: "deny", Protocol: "-1", CIDR: "0.0.0.0/0"}, ACLEntry{Number: 95})
	o := NewNetworkACL(list).Allows(Internet{}, TCP, 22)
	if len(o.Grants) != 0 || o.Answer != Unknown { // entry 95 may deny all that 100 allows
		t.Fatalf("%+v", o)
	}
	var got []string
	for _, u := range o.Unread {
		got = append(got, u.String())
	}
	want := []string{`"" is no action (rule 95)`, `"" is no protocol (rule 95)`, `the entry has no CIDR block (rule 95)`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	o = NewNetworkACL(list[:4]).Allows(Internet{}, TCP, 22)
	if got := Describe(o.Grants, 3); got != "tcp 0-1024 from 0.0.0.0/0 (rule 100)" || o.Answer != Yes {
		t.Errorf("%s: %s", o.Answer, got)
	}
	if got := o.Sources.String(); got != "128.0.0.0/1" {
		t.Error(got)
	}
	if g := o.Grants[0]; !g.Public.Equal(cidrs(t, "128.0.0.0/1").Intersect(Public())) {
		t.Error(g.Public)
	}
}

func TestNetworkACLProtocols(t *testing.T) {
	acl := NewNetworkACL([]ACLEntry{
		{Number: 10, Action: "deny", Protocol: "1", From: i32(8), To: i32(0), CIDR: "0.0.0.0/0"},
		{Number: 20, Action: "allow", Protocol: "1", From: i32(8), To: i32(-1), CIDR: "0.0.0.0/0"},
		{Number: 30, Action: "allow", Protocol: "17", From: i32(53), To: i32(53), CIDR: "0.0.0.0/0"},
		{Number: 40, Action: "allow", Protocol: "50", CIDR6: "::/0"},
	})
	for _, tt := range []struct {
		p    Protocol
		port uint16
		want Answer
	}{
		{ICMP, ICMPPort(8, 0), No},
		{ICMP, ICMPPort(8, 1), Yes},
		{ICMP, ICMPPort(3, 1), No},
		{UDP, 53, Yes},
		{TCP, 53, No},
		{50, 0, Yes},
		{51, 0, No},
	} {
		if got := acl.Allows(Internet{}, tt.p, tt.port).Answer; got != tt.want {
			t.Errorf("%s %d: got %s", tt.p, tt.port, got)
		}
	}
}

// The model: one packet, entry by entry, in the order of their numbers.
func modelACL(list []ACLEntry, p Protocol, port uint16, from netip.Addr) bool {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b ACLEntry) int { return int(a.Number - b.Number) })
	for _, e := range list {
		block := netip.MustParsePrefix(e.CIDR + e.CIDR6)
		if e.Egress || !block.Contains(from) || !modelCovers(Rule{Protocol: e.Protocol, From: e.From, To: e.To}, p, port) {
			continue
		}
		return e.Action == "allow"
	}
	return false
}

func smallACL() *rapid.Generator[[]ACLEntry] {
	return rapid.Custom(func(t *rapid.T) []ACLEntry {
		numbers := rapid.SliceOfNDistinct(rapid.Int32Range(1, 30), 0, 10, rapid.ID[int32]).Draw(t, "numbers")
		var list []ACLEntry
		for _, n := range numbers {
			e := ACLEntry{
				Number: n, Egress: rapid.IntRange(0, 6).Draw(t, "egress") == 0,
				Action:   rapid.SampledFrom([]string{"allow", "deny"}).Draw(t, "action"),
				Protocol: rapid.SampledFrom([]string{"6", "17", "-1", "50"}).Draw(t, "protocol"),
			}
			if e.Protocol != "50" && rapid.IntRange(0, 3).Draw(t, "ports") > 0 {
				a, b := smallPort().Draw(t, "from"), smallPort().Draw(t, "to")
				e.From, e.To = i32(min(a, b)), i32(max(a, b))
			}
			block := smallBlock().Draw(t, "block")
			if rapid.IntRange(0, 3).Draw(t, "wide") == 0 {
				block = rapid.SampledFrom([]string{"0.0.0.0/0", "::/0", "0.0.0.0/1", "2000::/3"}).Draw(t, "all")
			}
			if strings.Contains(block, ":") {
				e.CIDR6 = block
			} else {
				e.CIDR = block
			}
			list = append(list, e)
		}
		return list
	})
}

func TestNetworkACLAgreesWithModel(t *testing.T) {
	outside := []netip.Addr{netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("255.255.255.255"), netip.MustParseAddr("::"), netip.MustParseAddr("3000::")}
	rapid.Check(t, func(t *rapid.T) {
		list := smallACL().Draw(t, "entries")
		acl, shuffled := NewNetworkACL(list), NewNetworkACL(rapid.Permutation(list).Draw(t, "order"))
		for _, p := range []Protocol{TCP, UDP} {
			for _, port := range somePorts {
				o := acl.Allows(smallInternet, p, port)
				for _, a := range append(outside, universe...) {
					if got, want := o.Sources.Contains(a), modelACL(list, p, port, a); got != want {
						t.Fatalf("%s %d from %s: got %v", p, port, a, got)
					}
				}
				// Outside the universe whole blocks are decided alike: one of them allowed is more than four addresses.
				want := No
				if modelOpen(func(a netip.Addr) bool { return modelACL(list, p, port, a) }) ||
					slices.ContainsFunc([]string{"9.9.9.9", "200.0.0.1", "3000::"}, func(s string) bool {
						return modelACL(list, p, port, netip.MustParseAddr(s))
					}) {
					want = Yes
				}
				if o.Answer != want {
					t.Fatalf("%s %d: got %s, want %s", p, port, o.Answer, want)
				}
				var granted Addresses
				for _, g := range o.Grants {
					if !granted.Intersect(g.Public).IsEmpty() {
						t.Fatal("two entries decide one address")
					}
					granted = granted.Union(g.Public)
				}
				if !granted.Equal(o.Sources.Intersect(Public())) {
					t.Fatal("the grants are not what is allowed")
				}
				again := shuffled.Allows(smallInternet, p, port)
				if diff := cmp.Diff(o, again, cmp.Comparer(func(a, b Addresses) bool { return a.Equal(b) })); diff != "" {
					t.Fatal(diff)
				}
			}
		}
	})
}

// An entry of which a part is lost: the truth stays between what is sure and what is possible.
func TestNetworkACLWithLostEvidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := smallACL().Draw(t, "entries")
		less := slices.Clone(list)
		for i := range less {
			switch rapid.IntRange(0, 8).Draw(t, "lost") {
			case 0:
				less[i].CIDR, less[i].CIDR6 = "", ""
			case 1:
				less[i].Protocol = "?"
			case 2:
				less[i].Action = ""
			case 3:
				less[i].From, less[i].To = i32(7), i32(-5)
			}
		}
		whole, part := NewNetworkACL(list), NewNetworkACL(less)
		for _, port := range somePorts {
			a, b := whole.Allows(smallInternet, TCP, port), part.Allows(smallInternet, TCP, port)
			if b.Answer != a.Answer && b.Answer != Unknown {
				t.Fatalf("%d: %s became %s", port, a.Answer, b.Answer)
			}
			if !b.Sources.Subtract(a.Sources).IsEmpty() || !a.Sources.Subtract(b.Possible).IsEmpty() {
				t.Fatalf("%d: sure %s, true %s, possible %s", port, b.Sources, a.Sources, b.Possible)
			}
		}
	})
}

// An entry more: an allow adds addresses or none, a deny takes away or none.
func TestNetworkACLIsMonotonic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := smallACL().Draw(t, "entries")
		block := smallBlock().Draw(t, "block")
		more := ACLEntry{Number: rapid.Int32Range(31, 60).Draw(t, "n"), Action: rapid.SampledFrom([]string{"allow", "deny"}).Draw(t, "a"), Protocol: "-1", CIDR: block}
		for i := range list { // some before, some after
			list[i].Number = list[i].Number*2 + 15
		}
		more.Number = more.Number*2 - 30 // even; the others are odd
		before := NewNetworkACL(list).Allows(smallInternet, TCP, 5).Sources
		after := NewNetworkACL(append(list, more)).Allows(smallInternet, TCP, 5).Sources
		if more.Action == "allow" && !before.Subtract(after).IsEmpty() || more.Action == "deny" && !after.Subtract(before).IsEmpty() {
			t.Fatalf("%s of %s: %s became %s", more.Action, block, before, after)
		}
	})
}

func FuzzACLEntry(f *testing.F) {
	f.Add(int32(100), "allow", "6", int32(22), int32(22), "0.0.0.0/0", "")
	f.Add(int32(32767), "deny", "-1", int32(-1), int32(-1), "", "::/0")
	f.Add(int32(1), "", "x", int32(9), int32(1), "0/0", "::/129")
	f.Fuzz(func(t *testing.T, number int32, action, protocol string, from, to int32, cidr, cidr6 string) {
		e := ACLEntry{Number: number, Action: action, Protocol: protocol, From: &from, To: &to, CIDR: cidr, CIDR6: cidr6}
		all := ACLEntry{Number: 200, Action: "allow", Protocol: "-1", CIDR: "0.0.0.0/0"}
		o := NewNetworkACL([]ACLEntry{e, all}).Allows(Internet{}, TCP, 22)
		if !o.Sources.Subtract(o.Possible).IsEmpty() || o.Answer == Unknown && len(o.Unread) == 0 {
			t.Fatalf("%+v", o)
		}
		if o.Answer == No && action != "deny" {
			t.Fatal("nothing denies, but it is closed")
		}
	})
}
