package exposure

import (
	"math/big"
	"math/bits"
)

// uint128 is an address of either family as a number, or a count of addresses. Counts of a whole IPv6 space (2^128) do
// not fit and are never formed; public addresses are fewer than 2^125.
type uint128 struct{ hi, lo uint64 }

// top is the highest number of a family of that many bits.
func top(width int) uint128 {
	if width == 32 {
		return uint128{lo: 1<<32 - 1}
	}
	return uint128{hi: 1<<64 - 1, lo: 1<<64 - 1}
}

// power is 2^n; 2^128 wraps around to 0.
func power(n int) uint128 {
	if n >= 64 {
		return uint128{hi: 1 << (n - 64)}
	}
	return uint128{lo: 1 << n}
}

func (a uint128) compare(b uint128) int {
	switch {
	case a.hi < b.hi || a.hi == b.hi && a.lo < b.lo:
		return -1
	case a == b:
		return 0
	default:
		return 1
	}
}

func (a uint128) less(b uint128) bool { return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo }

// plus and minus wrap around.
func (a uint128) plus(b uint128) uint128 {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, carry)
	return uint128{hi, lo}
}

func (a uint128) minus(b uint128) uint128 {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return uint128{hi, lo}
}

func (a uint128) next() uint128     { return a.plus(uint128{lo: 1}) }
func (a uint128) previous() uint128 { return a.minus(uint128{lo: 1}) }

// trailingZeros is 128 for zero.
func (a uint128) trailingZeros() int {
	if a.lo != 0 {
		return bits.TrailingZeros64(a.lo)
	}
	return 64 + bits.TrailingZeros64(a.hi)
}

func (a uint128) float() float64 { return float64(a.hi)*(1<<64) + float64(a.lo) }

func (a uint128) big() *big.Int {
	n := new(big.Int).SetUint64(a.hi)
	return n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(a.lo))
}

func minimum(a, b uint128) uint128 {
	if b.less(a) {
		return b
	}
	return a
}

func maximum(a, b uint128) uint128 {
	if a.less(b) {
		return b
	}
	return a
}
