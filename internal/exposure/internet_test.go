package exposure

import (
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestInternet(t *testing.T) {
	tests := []struct {
		cidrs string
		want  bool
	}{
		{"0.0.0.0/0", true},
		{"0.0.0.0/1 128.0.0.0/1", true},
		{"0.0.0.0/1", true},
		{"128.0.0.0/1", true},
		{"::/0", true},
		{"::/1 8000::/1", true},
		{"::/1", true}, // it holds 2000::/3
		{"8000::/1", false},
		{"2000::/3", true},
		{"", false},

		// Exactly a /8 is not more than a /8.
		{"8.0.0.0/8", false},
		{"8.0.0.0/8 9.0.0.0/32", true},
		{"8.0.0.0/9 8.128.0.0/9", false},
		{"8.0.0.0/7", true},
		{"8.0.0.0/9 20.0.0.0/9 30.0.0.0/32", true},
		{"2600::/16", false},
		{"2600::/16 2a00::/128", true},
		{"2600::/15", true},
		// Each family by itself: half of each is not the internet.
		{"8.0.0.0/8 2600::/16", false},

		// Private and other special addresses do not count, however many.
		{"10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10", false},
		{"10.0.0.0/7", false}, // 10/8 is private, 11/8 is one /8
		{"224.0.0.0/3", false},
		{"127.0.0.0/8 0.0.0.0/8 169.254.0.0/16", false},
		{"fc00::/7 fe80::/10 ff00::/8", false},
		{"4000::/2", false},
		{"2001:db8::/32 3fff::/20", false},
		{"100.0.0.0/7", true}, // less 100.64/10, but 101/8 is whole
		{"100.0.0.0/8", false},
		{"8.0.0.0/8 10.0.0.0/8", false},
		{"2002::/16 3fff::/20", false},
	}
	for _, tt := range tests {
		if got := (Internet{}).ExceededBy(cidrs(t, strings.Fields(tt.cidrs)...)); got != tt.want {
			t.Errorf("%q: got %v", tt.cidrs, got)
		}
	}
}

func TestInternetThresholds(t *testing.T) {
	tests := []struct {
		v4, v6 int
		cidrs  string
		want   bool
	}{
		{32, 128, "8.8.8.8/32", false},
		{32, 128, "8.8.8.8/31", true},
		{32, 128, "10.0.0.0/8", false},
		{32, 128, "2600::/128", false},
		{32, 128, "2600::/127", true},
		{24, 48, "8.8.8.0/24", false},
		{24, 48, "8.8.8.0/24 1.1.1.1/32", true},
		{1, 4, "0.0.0.0/0", true}, // public IPv4 is more than a /1 of addresses
		{1, 4, "0.0.0.0/1", false},
		{1, 4, "2000::/3", true},
	}
	for _, tt := range tests {
		i, err := NewInternet(tt.v4, tt.v6)
		if err != nil {
			t.Fatal(err)
		}
		if got := i.ExceededBy(cidrs(t, strings.Fields(tt.cidrs)...)); got != tt.want {
			t.Errorf("/%d /%d %q: got %v", tt.v4, tt.v6, tt.cidrs, got)
		}
	}
	for _, bad := range [][2]int{{0, 16}, {33, 16}, {-1, 16}, {8, 3}, {8, 129}, {8, 0}} {
		if _, err := NewInternet(bad[0], bad[1]); err == nil {
			t.Errorf("%v accepted", bad)
		}
	}
	if i, _ := NewInternet(8, 16); i.String() != (Internet{}).String() {
		t.Error("the zero Internet is not the default")
	}
	if got := (Internet{}).String(); got != "a /8 of public IPv4 or a /16 of global IPv6 addresses" {
		t.Error(got)
	}
}

func TestJudge(t *testing.T) {
	wide, narrow := cidrs(t, "0.0.0.0/0"), cidrs(t, "8.8.8.8/32")
	for _, tt := range []struct {
		sure, possible Addresses
		want           Answer
	}{{wide, wide, Yes}, {wide, everything, Yes}, {narrow, wide, Unknown}, {narrow, narrow, No}, {Addresses{}, Addresses{}, No}} {
		if got := (Internet{}).Judge(tt.sure, tt.possible); got != tt.want {
			t.Errorf("%s, %s: %s", tt.sure, tt.possible, got)
		}
	}
	if Unknown.String()+No.String()+Yes.String() != "unknownnoyes" {
		t.Error("names")
	}
	var zero Answer
	if zero != Unknown {
		t.Error("the zero Answer must be Unknown")
	}
}

func TestPublic(t *testing.T) {
	checkNormal(t, Public())
	for text, want := range map[string]bool{
		"8.8.8.8": true, "1.0.0.0": true, "9.255.255.255": true, "11.0.0.0": true, "223.255.255.255": true,
		"172.15.255.255": true, "172.32.0.0": true, "192.0.0.9": true, "192.0.0.10": true, "192.0.1.0": true,
		"198.17.255.255": true, "198.20.0.0": true, "100.63.255.255": true, "100.128.0.0": true,
		"0.1.2.3": false, "10.1.2.3": false, "100.64.0.1": false, "127.0.0.1": false, "169.254.169.254": false,
		"172.31.255.255": false, "192.0.0.8": false, "192.0.2.1": false, "192.88.99.2": false, "192.168.0.1": false,
		"198.19.255.255": false, "198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "240.0.0.1": false,
		"255.255.255.255": false,
		"2600::1":         true, "2000::": true, "2001:200::1": true, "2001:1::1": true, "2001:3::1": true, "2001:4:112::1": true,
		"2001:20::1": true, "2001:30::1": true, "2002:808:808::1": true, "2001::1": true, "3ffe::1": true,
		"::1": false, "::": false, "1fff::1": false, "4000::1": false, "2001:2::1": false, "2001:10::1": false,
		"2001:db8::1": false, "3fff:fff::1": false, "fc00::1": false, "fe80::1": false, "ff0e::1": false,
		"::ffff:8.8.8.8": false, "64:ff9b::808:808": false,
	} {
		if got := Public().Contains(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// The most specific row of the table decides, whatever the order in which the sets are formed.
func TestPublicFollowsTheMostSpecificRow(t *testing.T) {
	var rows []netip.Prefix
	for _, row := range specialPurpose {
		p := netip.MustParsePrefix(row.block)
		if p != p.Masked() || row.name == "" {
			t.Errorf("row %s", row.block)
		}
		rows = append(rows, p)
	}
	for _, at := range probes(rows...) {
		want, bits := false, -1
		for n, p := range rows {
			if p.Contains(at) && p.Bits() > bits {
				want, bits = specialPurpose[n].public, p.Bits()
			}
		}
		if got := Public().Contains(at); got != want {
			t.Errorf("%s: got %v", at, got)
		}
	}
}

// However a set is cut into blocks, the verdict is the same.
func TestSplittingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		blocks := rapid.SliceOfN(blockOf(), 1, 4).Draw(t, "blocks")
		var halves []netip.Prefix
		for _, p := range blocks {
			p = p.Masked()
			if p.Bits() == p.Addr().BitLen() {
				halves = append(halves, p)
				continue
			}
			low := netip.PrefixFrom(p.Addr(), p.Bits()+1)
			high := FromPrefixes(p).Subtract(FromPrefixes(low)).Prefixes()
			halves = append(append(halves, low), high...)
		}
		i := Internet{rapid.IntRange(1, 32).Draw(t, "v4"), rapid.IntRange(4, 128).Draw(t, "v6")}
		if i.ExceededBy(FromPrefixes(blocks...)) != i.ExceededBy(FromPrefixes(halves...)) {
			t.Fatalf("%v and %v differ", blocks, halves)
		}
	})
}
