package exposure

import (
	"cmp"
	"slices"
)

// portRule is a rule as a rectangle: ports on one side, public addresses on the other.
type portRule struct {
	ports  PortRange
	public Addresses
}

// openPorts gives the ports at which the union of the rules' addresses is the internet. A port is open as soon as either
// family exceeds its threshold, so each is swept by itself.
func openPorts(i Internet, rules []portRule) []PortRange {
	limit4, limit6 := i.thresholds()
	v4 := sweep(rules, func(a Addresses) []span { return a.v4 }, limit4)
	v6 := sweep(rules, func(a Addresses) []span { return a.v6 }, limit6)
	both := uniteTwo(v4, v6)
	ranges := make([]PortRange, len(both))
	for i, s := range both {
		ranges[i] = PortRange{uint16(s.lo.lo), uint16(s.hi.lo)}
	}
	return ranges
}

// portStrip is a set of addresses with all the ports at which rules allow it.
type portStrip struct {
	public []span
	ports  []span
	wide   bool  // it exceeds the limit by itself
	starts []int // for each span of public, where it begins among the bounds
}

// strips joins the rules that have the very same set, as those have that name the same prefix list.
func strips(rules []portRule, family func(Addresses) []span, limit uint128) []*portStrip {
	type key struct {
		first *span
		count int
	}
	var list []*portStrip
	known := make(map[key]*portStrip, len(rules))
	for _, r := range rules {
		set := family(r.public)
		if len(set) == 0 {
			continue
		}
		k := key{&set[0], len(set)}
		if known[k] == nil {
			known[k] = &portStrip{public: set, wide: limit.less(measure(set))}
			list = append(list, known[k])
		}
		known[k].ports = append(known[k].ports, span{uint128{lo: uint64(r.ports.From)}, uint128{lo: uint64(r.ports.To)}})
	}
	for _, s := range list {
		s.ports = normal(s.ports)
	}
	return list
}

// portEvent says that the strip begins at this port, or has ended at the port before.
type portEvent struct {
	port  uint64
	strip *portStrip
	step  int32 // +1 or -1
}

// sweep walks over the ports and keeps, for each of the smallest stretches of addresses that the rules tell apart, the number
// of strips that allow it, and in total how many addresses are allowed. Strips that exceed the limit by themselves need no
// such counting. The result is a list of spans of ports.
func sweep(rules []portRule, family func(Addresses) []span, limit uint128) []span {
	var events []portEvent
	var bounds []uint128
	list := strips(rules, family, limit)
	for _, s := range list {
		for _, p := range s.ports {
			events = append(events, portEvent{p.lo.lo, s, 1}, portEvent{p.hi.lo + 1, s, -1})
		}
		if !s.wide {
			for _, a := range s.public {
				bounds = append(bounds, a.lo, a.hi.next())
			}
		}
	}
	slices.SortFunc(events, func(a, b portEvent) int { return cmp.Compare(a.port, b.port) })
	slices.SortFunc(bounds, uint128.compare)
	bounds = slices.Compact(bounds)
	for _, s := range list {
		if !s.wide {
			s.starts = make([]int, len(s.public))
			for i, a := range s.public {
				s.starts[i], _ = slices.BinarySearchFunc(bounds, a.lo, uint128.compare)
			}
		}
	}

	var open []span
	var total uint128
	var wide int32
	users := make([]int32, len(bounds)) // of the stretch from this bound to the next
	for n := 0; n < len(events); {
		port := events[n].port
		for ; n < len(events) && events[n].port == port; n++ {
			e := events[n]
			if e.strip.wide {
				wide += e.step
				continue
			}
			for i, at := range e.strip.starts {
				for ; bounds[at].less(e.strip.public[i].hi.next()); at++ {
					users[at] += e.step
					switch size := bounds[at+1].minus(bounds[at]); {
					case users[at] == 0:
						total = total.minus(size)
					case users[at] == 1 && e.step == 1:
						total = total.plus(size)
					}
				}
			}
		}
		if n < len(events) && (wide > 0 || limit.less(total)) {
			open = join(open, span{uint128{lo: port}, uint128{lo: events[n].port - 1}})
		}
	}
	return open
}
