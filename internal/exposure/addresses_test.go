package exposure

import (
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func cidrs(t testing.TB, texts ...string) Addresses {
	t.Helper()
	set, err := ParseCIDRs(texts...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestParseCIDRs(t *testing.T) {
	tests := []struct{ in, want string }{
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"100.68.0.18/18", "100.68.0.0/18"}, // the example of EC2's IpRange
		{"2001:db8:1234:1a00:9691:9503:25ad:1761/64", "2001:db8:1234:1a00::/64"},
		{"10.0.0.1/32", "10.0.0.1/32"},
		{"::/0", "::/0"},
		{"::ffff:1.2.3.4/128", "::ffff:1.2.3.4/128"},
		{"0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0"},
		{"::/1 8000::/1", "::/0"},
		{"10.0.0.0/24 10.0.1.0/24 10.0.0.128/25", "10.0.0.0/23"},
		{"10.0.1.0/24 10.0.2.0/24", "10.0.1.0/24, 10.0.2.0/24"},
		{"2000::/3 10.0.0.0/8", "10.0.0.0/8, 2000::/3"},
		{"255.255.255.255/32 0.0.0.0/32", "0.0.0.0/32, 255.255.255.255/32"},
		{"", "none"},
	}
	for _, tt := range tests {
		if got := cidrs(t, strings.Fields(tt.in)...).String(); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestParseCIDRsErrors(t *testing.T) {
	for _, text := range []string{
		"", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/08", "010.0.0.0/8", "::/129", "fe80::1%eth0/64",
		" 10.0.0.0/8", "10.0.0.0/8 ", "pl-1", "0.0.0.0/0,::/0", "*",
	} {
		if _, err := ParseCIDRs("10.0.0.0/8", text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

func TestCount(t *testing.T) {
	all := cidrs(t, "0.0.0.0/0", "::/0")
	if got := all.CountIPv4(); got != 1<<32 {
		t.Errorf("all of IPv4: %d", got)
	}
	if got, want := all.CountIPv6(), new(big.Int).Lsh(big.NewInt(1), 128); got.Cmp(want) != 0 {
		t.Errorf("all of IPv6: %d", got)
	}
	some := cidrs(t, "10.0.0.0/8", "10.0.0.0/9", "11.0.0.0/32", "::/64", "8000::/127")
	if got := some.CountIPv4(); got != 1<<24+1 {
		t.Errorf("got %d", got)
	}
	if got := some.CountIPv6().String(); got != "18446744073709551618" { // 2^64 + 2
		t.Errorf("got %s", got)
	}
	if !(Addresses{}).IsEmpty() || all.IsEmpty() || all.IPv4().CountIPv6().Sign() != 0 || all.IPv6().CountIPv4() != 0 {
		t.Error("families mixed up")
	}
	if all.Contains(netip.Addr{}) {
		t.Error("the invalid address is in no set")
	}
}

// blockOf draws CIDR blocks that often meet: near each other, and now and then wide.
func blockOf() *rapid.Generator[netip.Prefix] {
	return rapid.Custom(func(t *rapid.T) netip.Prefix {
		last := rapid.Uint8Range(0, 31).Draw(t, "last")
		wide := rapid.IntRange(0, 4).Draw(t, "wide") == 0
		var a netip.Addr
		switch rapid.SampledFrom([]string{"low", "high", "six", "top"}).Draw(t, "where") {
		case "low":
			a = netip.AddrFrom4([4]byte{0, 0, 0, last})
		case "high":
			a = netip.AddrFrom4([4]byte{255, 255, 255, 255 - last})
		case "six":
			a = netip.AddrFrom16([16]byte{0x26, 15: last})
		default:
			b := [16]byte{}
			for i := range b {
				b[i] = 255
			}
			b[15] -= last
			a = netip.AddrFrom16(b)
		}
		bits := a.BitLen() - rapid.IntRange(0, 5).Draw(t, "host")
		if wide {
			bits = rapid.IntRange(0, a.BitLen()).Draw(t, "bits")
		}
		return netip.PrefixFrom(a, bits)
	})
}

// probes are addresses at and beside the ends of the blocks.
func probes(blocks ...netip.Prefix) []netip.Addr {
	var list []netip.Addr
	for _, p := range blocks {
		set := FromPrefixes(p)
		s := append(slices.Clone(set.v4), set.v6...)[0]
		width := p.Addr().BitLen()
		for _, n := range []uint128{s.lo, s.hi} {
			a := address(n, width)
			list = append(list, a, a.Prev(), a.Next())
		}
	}
	return slices.DeleteFunc(list, func(a netip.Addr) bool { return !a.IsValid() })
}

func inAny(blocks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(blocks, func(p netip.Prefix) bool { return p.Contains(a) })
}

func checkNormal(t interface{ Fatalf(string, ...any) }, set Addresses) {
	for _, spans := range [][]span{set.v4, set.v6} {
		for i, s := range spans {
			if s.hi.less(s.lo) || i > 0 && !spans[i-1].hi.next().less(s.lo) {
				t.Fatalf("not normal: %v", spans)
			}
		}
	}
}

func TestSetsAgreeWithMembership(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left, right := rapid.SliceOfN(blockOf(), 0, 6).Draw(t, "left"), rapid.SliceOfN(blockOf(), 0, 6).Draw(t, "right")
		a, b := FromPrefixes(left...), FromPrefixes(right...)
		union, both, minus := a.Union(b), a.Intersect(b), a.Subtract(b)
		for _, set := range []Addresses{a, b, union, both, minus} {
			checkNormal(t, set)
		}
		for _, at := range probes(append(slices.Clone(left), right...)...) {
			inA, inB := inAny(left, at), inAny(right, at)
			if a.Contains(at) != inA || union.Contains(at) != (inA || inB) || both.Contains(at) != (inA && inB) ||
				minus.Contains(at) != (inA && !inB) {
				t.Fatalf("%s: left %v right %v", at, inA, inB)
			}
		}
		if !union.Equal(Union(b, a, b)) || !union.Equal(FromPrefixes(append(slices.Clone(right), left...)...)) {
			t.Fatal("union depends on order")
		}
		if !minus.Union(both).Equal(a) || !minus.Intersect(b).IsEmpty() {
			t.Fatal("parts do not make up the whole")
		}
		sum := new(big.Int).Add(union.CountIPv6(), both.CountIPv6())
		if union.CountIPv4()+both.CountIPv4() != a.CountIPv4()+b.CountIPv4() || sum.Cmp(new(big.Int).Add(a.CountIPv6(), b.CountIPv6())) != 0 {
			t.Fatal("counts do not add up")
		}
		if !FromPrefixes(union.Prefixes()...).Equal(union) {
			t.Fatalf("%s is not the set", union)
		}
	})
}

func TestPrefixesAreFewest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := FromPrefixes(rapid.SliceOfN(blockOf(), 1, 8).Draw(t, "blocks")...)
		list := set.Prefixes()
		for i := 1; i < len(list); i++ {
			p, q := list[i-1], list[i]
			if p.Bits() == q.Bits() && p.Bits() > 0 && netip.PrefixFrom(p.Addr(), p.Bits()-1).Masked().Contains(q.Addr()) {
				t.Fatalf("%s and %s are one block", p, q)
			}
			if p.Addr().Compare(q.Addr()) >= 0 || p.Overlaps(q) {
				t.Fatalf("%s and %s are not in order", p, q)
			}
		}
	})
}

func FuzzParseCIDRs(f *testing.F) {
	for _, s := range []string{"0.0.0.0/0", "::/0", "100.68.0.18/18", "::ffff:1.2.3.4/100", "fe80::1%x/64", "1.2.3.4/99", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := ParseCIDRs(text)
		p, ok := netip.ParsePrefix(text)
		if (err == nil) != (ok == nil) {
			t.Fatalf("%q: %v, %v", text, err, ok)
		}
		if err != nil {
			return
		}
		checkNormal(t, set)
		if list := set.Prefixes(); len(list) != 1 || list[0] != p.Masked() || !set.Contains(p.Addr()) {
			t.Fatalf("%q: %v", text, list)
		}
	})
}
