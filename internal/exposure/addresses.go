package exposure

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"
)

// Addresses is a set of IPv4 and IPv6 addresses. The zero value is the empty set. A set is never changed, so it may be
// copied and shared; sets are compared with [Addresses.Equal]. An IPv4-mapped IPv6 address is an IPv6 address, as it is
// for AWS.
type Addresses struct {
	v4, v6 []span
}

// span is a range of numbers, both ends included. Lists of spans are sorted, disjoint and not adjacent.
type span struct{ lo, hi uint128 }

// everything is every address of both families.
var everything = Addresses{v4: []span{{hi: top(32)}}, v6: []span{{hi: top(128)}}}

// ParseCIDRs gives the union of CIDR blocks such as "10.0.0.0/8" or "2001:db8::/32". Bits of the host part are cleared,
// as AWS does when it stores a rule. An address without a length, a zone, or anything else that is no CIDR is an error,
// which names the first such text.
func ParseCIDRs(cidrs ...string) (Addresses, error) {
	var set Addresses
	for _, text := range cidrs {
		p, err := parseCIDR(text)
		if err != nil {
			return Addresses{}, err
		}
		set.add(p)
	}
	return set.normal(), nil
}

func parseCIDR(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, fmt.Errorf("%q is no CIDR block", text)
	}
	return p.Masked(), nil
}

// FromPrefixes gives the union of blocks; invalid ones (the zero Prefix) hold no address.
func FromPrefixes(blocks ...netip.Prefix) Addresses {
	var set Addresses
	for _, p := range blocks {
		if p.IsValid() {
			set.add(p.Masked())
		}
	}
	return set.normal()
}

// add appends a masked prefix; the result is not normal yet.
func (a *Addresses) add(p netip.Prefix) {
	lo := number(p.Addr())
	s := span{lo, lastOf(lo, p.Addr().BitLen()-p.Bits())}
	if p.Addr().Is4() {
		a.v4 = append(a.v4, s)
	} else {
		a.v6 = append(a.v6, s)
	}
}

// number is the address as a number.
func number(a netip.Addr) uint128 {
	if a.Is4() {
		b := a.As4()
		return uint128{lo: uint64(binary.BigEndian.Uint32(b[:]))}
	}
	b := a.As16()
	return uint128{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// address is the reverse of number.
func address(n uint128, width int) netip.Addr {
	if width == 32 {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(n.lo))
		return netip.AddrFrom4(b)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], n.hi)
	binary.BigEndian.PutUint64(b[8:], n.lo)
	return netip.AddrFrom16(b)
}

func (a Addresses) normal() Addresses { return Addresses{normal(a.v4), normal(a.v6)} }

// Union gives the addresses that are in any of the sets.
func Union(sets ...Addresses) Addresses {
	v4, v6 := make([][]span, 0, len(sets)), make([][]span, 0, len(sets))
	for _, s := range sets {
		v4, v6 = append(v4, s.v4), append(v6, s.v6)
	}
	return Addresses{unite(v4), unite(v6)}
}

// Union gives the addresses that are in either set.
func (a Addresses) Union(b Addresses) Addresses {
	return Addresses{uniteTwo(a.v4, b.v4), uniteTwo(a.v6, b.v6)}
}

// Intersect gives the addresses that are in both sets.
func (a Addresses) Intersect(b Addresses) Addresses {
	return Addresses{intersect(a.v4, b.v4), intersect(a.v6, b.v6)}
}

// Subtract gives the addresses of a that are not in b.
func (a Addresses) Subtract(b Addresses) Addresses {
	return Addresses{subtract(a.v4, b.v4), subtract(a.v6, b.v6)}
}

// Contains says whether the address is in the set.
func (a Addresses) Contains(addr netip.Addr) bool {
	if !addr.IsValid() {
		return false
	}
	if addr.Is4() {
		return contains(a.v4, number(addr))
	}
	return contains(a.v6, number(addr))
}

// IsEmpty says whether no address is in the set.
func (a Addresses) IsEmpty() bool { return len(a.v4) == 0 && len(a.v6) == 0 }

// Equal says whether both sets hold the same addresses.
func (a Addresses) Equal(b Addresses) bool {
	return slices.Equal(a.v4, b.v4) && slices.Equal(a.v6, b.v6)
}

// IPv4 gives the set's IPv4 addresses.
func (a Addresses) IPv4() Addresses { return Addresses{v4: a.v4} }

// IPv6 gives the set's IPv6 addresses.
func (a Addresses) IPv6() Addresses { return Addresses{v6: a.v6} }

// CountIPv4 is the number of IPv4 addresses in the set.
func (a Addresses) CountIPv4() uint64 { return measure(a.v4).lo }

// CountIPv6 is the number of IPv6 addresses in the set.
func (a Addresses) CountIPv6() *big.Int {
	total := new(big.Int)
	for _, s := range a.v6 {
		total.Add(total, s.hi.minus(s.lo).big()).Add(total, big.NewInt(1))
	}
	return total
}

// Prefixes gives the fewest CIDR blocks that make up the set, sorted, IPv4 first.
func (a Addresses) Prefixes() []netip.Prefix {
	return blocks(blocks(nil, a.v4, 32), a.v6, 128)
}

// String lists [Addresses.Prefixes], separated by ", "; the empty set is "none".
func (a Addresses) String() string {
	if a.IsEmpty() {
		return "none"
	}
	var texts []string
	for _, p := range a.Prefixes() {
		texts = append(texts, p.String())
	}
	return strings.Join(texts, ", ")
}

// blocks appends the blocks of each span: at every step the widest that starts there and does not reach too far.
func blocks(to []netip.Prefix, spans []span, width int) []netip.Prefix {
	for _, s := range spans {
		for at := s.lo; ; {
			host := min(at.trailingZeros(), width)
			end := lastOf(at, host)
			for s.hi.less(end) {
				host--
				end = lastOf(at, host)
			}
			to = append(to, netip.PrefixFrom(address(at, width), width-host))
			if end == s.hi {
				break
			}
			at = end.next()
		}
	}
	return to
}

// lastOf is the last address of a block, by its first and the number of its host bits.
func lastOf(first uint128, host int) uint128 { return first.plus(power(host)).previous() }

// normal sorts spans and joins those that overlap or touch. It changes the list that it is given.
func normal(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.lo.compare(b.lo) })
	joined := spans[:0]
	for _, s := range spans {
		joined = join(joined, s)
	}
	return joined
}

// join appends a span that starts no earlier than the last one.
func join(to []span, s span) []span {
	if n := len(to); n > 0 {
		last := &to[n-1]
		if last.hi == top(128) || !last.hi.next().less(s.lo) {
			last.hi = maximum(last.hi, s.hi)
			return to
		}
	}
	return append(to, s)
}

// unite merges lists pair by pair, each distinct list once: many rules name the same prefix list.
func unite(lists [][]span) []span {
	seen := make(map[*span]int, len(lists))
	distinct := lists[:0]
	for _, l := range lists {
		if len(l) == 0 || seen[&l[0]] == len(l) {
			continue
		}
		seen[&l[0]] = len(l)
		distinct = append(distinct, l)
	}
	for lists = distinct; len(lists) > 1; {
		half := lists[:0]
		for i := 0; i < len(lists); i += 2 {
			if i+1 < len(lists) {
				half = append(half, uniteTwo(lists[i], lists[i+1]))
			} else {
				half = append(half, lists[i])
			}
		}
		lists = half
	}
	if len(lists) == 0 {
		return nil
	}
	return lists[0]
}

func uniteTwo(a, b []span) []span {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	joined := make([]span, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && a[0].lo.less(b[0].lo) {
			joined, a = join(joined, a[0]), a[1:]
		} else {
			joined, b = join(joined, b[0]), b[1:]
		}
	}
	return joined
}

func intersect(a, b []span) []span {
	var both []span
	for len(a) > 0 && len(b) > 0 {
		lo, hi := maximum(a[0].lo, b[0].lo), minimum(a[0].hi, b[0].hi)
		if !hi.less(lo) {
			both = append(both, span{lo, hi})
		}
		if a[0].hi.less(b[0].hi) {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return both
}

func subtract(a, b []span) []span {
	var left []span
	for _, s := range a {
		for len(b) > 0 && b[0].hi.less(s.lo) {
			b = b[1:]
		}
		rest, gone := s, false
		for _, cut := range b {
			if rest.hi.less(cut.lo) {
				break
			}
			if rest.lo.less(cut.lo) {
				left = append(left, span{rest.lo, cut.lo.previous()})
			}
			if !cut.hi.less(rest.hi) {
				gone = true
				break
			}
			rest.lo = cut.hi.next()
		}
		if !gone {
			left = append(left, rest)
		}
	}
	return left
}

func contains(spans []span, n uint128) bool {
	i, found := slices.BinarySearchFunc(spans, n, func(s span, n uint128) int { return s.lo.compare(n) })
	return found || i > 0 && !spans[i-1].hi.less(n)
}

// measure is the number of addresses; a whole IPv6 space would not fit, and is never measured.
func measure(spans []span) uint128 {
	var total uint128
	for _, s := range spans {
		total = total.plus(s.hi.minus(s.lo).next())
	}
	return total
}
