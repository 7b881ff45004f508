package exposure

import (
	"fmt"
	"net/netip"
)

// specialPurpose says for the blocks of IANA's registries whether their addresses count as public. The most specific row
// decides. The rows are those of
//
//   - the IPv4 Special-Purpose Address Registry, as of 2025-10-09
//     (https://www.iana.org/assignments/iana-ipv4-special-registry);
//   - the IPv6 Special-Purpose Address Registry, as of 2025-10-09
//     (https://www.iana.org/assignments/iana-ipv6-special-registry), those within 2000::/3;
//   - the IPv4 address space registry (https://www.iana.org/assignments/ipv4-address-space) for multicast;
//   - the IPv6 address space registry (https://www.iana.org/assignments/ipv6-address-space), by which global unicast is
//     2000::/3 and nothing else. What lies outside it (loopback, unique local, link-local, multicast) is not public.
//
// A row is public unless its column "Globally Reachable" says False or its assignment was ended. Where the column says
// N/A (6to4, Teredo) packets with such sources exist, so they count: that never hides an opening.
var specialPurpose = []struct {
	block  string
	public bool
	name   string
}{
	{"0.0.0.0/0", true, "all of IPv4"},
	{"0.0.0.0/8", false, "this network, RFC 791"},
	{"10.0.0.0/8", false, "private use, RFC 1918"},
	{"100.64.0.0/10", false, "shared address space, RFC 6598"},
	{"127.0.0.0/8", false, "loopback, RFC 1122"},
	{"169.254.0.0/16", false, "link local, RFC 3927"},
	{"172.16.0.0/12", false, "private use, RFC 1918"},
	{"192.0.0.0/24", false, "IETF protocol assignments, RFC 6890"},
	{"192.0.0.9/32", true, "port control protocol anycast, RFC 7723"},
	{"192.0.0.10/32", true, "TURN anycast, RFC 8155"},
	{"192.0.2.0/24", false, "documentation, RFC 5737"},
	{"192.88.99.0/24", false, "6to4 relay anycast, ended 2015-03, RFC 7526"},
	{"192.168.0.0/16", false, "private use, RFC 1918"},
	{"198.18.0.0/15", false, "benchmarking, RFC 2544"},
	{"198.51.100.0/24", false, "documentation, RFC 5737"},
	{"203.0.113.0/24", false, "documentation, RFC 5737"},
	{"224.0.0.0/4", false, "multicast, RFC 5771"},
	{"240.0.0.0/4", false, "reserved, RFC 1112; with the limited broadcast 255.255.255.255/32, RFC 8190"},

	{"2000::/3", true, "global unicast, RFC 4291"},
	{"2001::/23", false, "IETF protocol assignments, RFC 2928"},
	{"2001::/32", true, "Teredo, N/A, RFC 4380"},
	{"2001:1::1/128", true, "port control protocol anycast, RFC 7723"},
	{"2001:1::2/128", true, "TURN anycast, RFC 8155"},
	{"2001:1::3/128", true, "DNS-SD service registration anycast, RFC 9665"},
	{"2001:3::/32", true, "AMT, RFC 7450"},
	{"2001:4:112::/48", true, "AS112-v6, RFC 7535"},
	{"2001:20::/28", true, "ORCHIDv2, RFC 7343"},
	{"2001:30::/28", true, "drone remote id, RFC 9374"},
	{"2001:db8::/32", false, "documentation, RFC 3849"},
	{"3fff::/20", false, "documentation, RFC 9637"},
}

// public are the addresses that count.
var public = func() Addresses {
	var set Addresses
	for _, row := range specialPurpose { // within a family a more specific block stands after a wider one
		block := FromPrefixes(netip.MustParsePrefix(row.block))
		if row.public {
			set = set.Union(block)
		} else {
			set = set.Subtract(block)
		}
	}
	return set
}()

// Public gives every address that counts towards the internet: what IANA's special-purpose registries leave of IPv4 and
// of 2000::/3.
func Public() Addresses { return public }

// The default thresholds, as prefix lengths.
const (
	DefaultIPv4Bits = 8
	DefaultIPv6Bits = 16
)

// Internet is the definition of "the internet": more public addresses than one block of a given prefix length has, in
// either family. The zero Internet has the default lengths.
type Internet struct {
	ipv4Bits, ipv6Bits int // 0: the default
}

// NewInternet takes the two prefix lengths. IPv4 allows 1 to 32 and IPv6 4 to 128: no union of public addresses can
// exceed a wider block, and nothing would ever be open.
func NewInternet(ipv4Bits, ipv6Bits int) (Internet, error) {
	if ipv4Bits < 1 || ipv4Bits > 32 {
		return Internet{}, fmt.Errorf("an IPv4 prefix length must be from 1 to 32, not %d", ipv4Bits)
	}
	if ipv6Bits < 4 || ipv6Bits > 128 {
		return Internet{}, fmt.Errorf("an IPv6 prefix length must be from 4 to 128, not %d", ipv6Bits)
	}
	return Internet{ipv4Bits, ipv6Bits}, nil
}

// bits gives the lengths in force.
func (i Internet) bits() (ipv4, ipv6 int) {
	if i == (Internet{}) {
		return DefaultIPv4Bits, DefaultIPv6Bits
	}
	return i.ipv4Bits, i.ipv6Bits
}

// String says what is exceeded: "a /8 of public IPv4 or a /16 of global IPv6 addresses".
func (i Internet) String() string {
	ipv4, ipv6 := i.bits()
	return fmt.Sprintf("a /%d of public IPv4 or a /%d of global IPv6 addresses", ipv4, ipv6)
}

// ExceededBy says whether the set's public addresses are more than the threshold of either family, strictly: exactly one
// /8 is not the internet.
func (i Internet) ExceededBy(set Addresses) bool { return i.exceeded(set.Intersect(public)) }

// exceeded is ExceededBy for a set that holds public addresses only.
func (i Internet) exceeded(set Addresses) bool {
	ipv4, ipv6 := i.thresholds()
	return ipv4.less(measure(set.v4)) || ipv6.less(measure(set.v6))
}

// thresholds are the numbers of addresses that are not yet the internet.
func (i Internet) thresholds() (ipv4, ipv6 uint128) {
	bits4, bits6 := i.bits()
	return power(32 - bits4), power(128 - bits6)
}

// Judge answers from what is surely allowed and what may be allowed: Yes if the former exceeds the internet's threshold,
// No if not even the latter does, else Unknown.
func (i Internet) Judge(sure, possible Addresses) Answer {
	switch {
	case i.ExceededBy(sure):
		return Yes
	case i.ExceededBy(possible):
		return Unknown
	default:
		return No
	}
}
