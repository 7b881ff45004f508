package exposure

import (
	"cmp"
	"slices"
	"strings"
)

// clients is the addresses of clients that surely, and that possibly, may pass.
type clients struct{ sure, possible Addresses }

var (
	anyone = clients{everything, everything}
	nobody = clients{}
	unsure = clients{possible: everything}
)

func (c clients) and(d clients) clients {
	return clients{c.sure.Intersect(d.sure), c.possible.Intersect(d.possible)}
}

func (c clients) or(d clients) clients {
	return clients{c.sure.Union(d.sure), c.possible.Union(d.possible)}
}

// doubted keeps what is possible alone.
func (c clients) doubted() clients { return clients{possible: c.possible} }

// either passes all where the answer is Yes, none where it is No.
func either(a Answer) clients {
	switch a {
	case Yes:
		return anyone
	case No:
		return nobody
	default:
		return unsure
	}
}

// Link is one step of a path.
type Link struct {
	// ID is the resource's id, and Text what is said of it: "sg-4 (tcp 22 from 0.0.0.0/0)".
	ID, Text string
	// Sure are the client addresses that it surely allows, Possible these and those that what could not be read may.
	Sure, Possible Addresses
	// Missing names the evidence by which Sure and Possible differ.
	Missing []string
}

func (l Link) clients() clients { return clients{l.Sure, l.Possible} }

func newLink(id, text string, c clients, missing ...string) Link {
	return Link{ID: id, Text: text, Sure: c.sure, Possible: c.possible, Missing: missing}
}

// Path is one way from the internet to a port of an interface.
type Path struct {
	// Links are in the order in which a packet meets them, but that an interface and its instance stand last.
	Links []Link
	// Answer judges this path by itself; From and Possible are the addresses that every link allows.
	Answer         Answer
	From, Possible Addresses
	// Ports are those of the target to which the path leads.
	Ports PortRange
	// Clients are those whose path it is: one family's, or both.
	Clients Addresses
}

// newPath is a path for the clients of one family, or of both: links that filter nothing pass every address.
func newPath(i Internet, of Addresses, links []Link, ports PortRange) Path {
	c := clients{of, of}
	for _, l := range links {
		c = c.and(l.clients())
	}
	return Path{links, i.Judge(c.sure, c.possible), c.sure, c.possible, ports, of}
}

// String reads "internet → igw-1 → rtb-2 (0.0.0.0/0) → acl-3 rule 100 → sg-4 (tcp 22 from 0.0.0.0/0) → eni-5 → i-6:22".
func (p Path) String() string {
	texts := []string{"internet"}
	for _, l := range p.Links {
		texts = append(texts, l.Text)
	}
	port := ":" + p.Ports.String() // a load balancer's link has it
	return strings.TrimSuffix(strings.Join(texts, " → "), port) + port
}

// stop is the first link after which no more than the threshold is left; the path must be a No.
func (p Path) stop(i Internet) (at int) {
	left := p.Clients
	for at = range p.Links {
		left = left.Intersect(p.Links[at].Possible)
		if !i.ExceededBy(left) {
			return at
		}
	}
	return at
}

// missing names what decides an Unknown path.
func (p Path) missing() []string {
	var names []string
	for _, l := range p.Links {
		if !l.Sure.Equal(l.Possible) {
			names = append(names, l.Missing...)
		}
	}
	return names
}

// Reachability answers "can the internet reach this?".
type Reachability struct {
	// Answer is Yes if the addresses of all paths to one port, taken together, exceed the internet's threshold.
	Answer Answer
	// Open are the ports asked for that are reachable, Doubtful those of which it is not known.
	Open, Doubtful []PortRange
	// Paths are the proof of a Yes, and for an Unknown those that may be open; the widest first.
	Paths []Path
	// Stops are, for a No, the links that stop each path, that of the best path first.
	Stops []Stop
	// From are the addresses from which a port is surely reachable, Possible these and those that may be.
	From, Possible Addresses
	// Missing names, for an Unknown, the evidence that decides.
	Missing []string
	// Unmodelled are the entrances that are not followed and that a No does not speak of.
	Unmodelled []string
}

// Stop is a link that stops a path.
type Stop struct {
	Link
	// Path is the path up to and with that link.
	Path string
	left int // how many links stand behind it
}

// verdict collects the paths to one stretch of ports.
type verdict struct {
	answer Answer
	ports  PortRange
	clients
	paths []Path
}

func judge(i Internet, ports PortRange, paths []Path) verdict {
	v := verdict{ports: ports, paths: paths}
	for _, p := range paths {
		v.sure, v.possible = v.sure.Union(p.From), v.possible.Union(p.Possible)
	}
	v.answer = i.Judge(v.sure, v.possible)
	return v
}

// summarize makes one answer of the stretches'. Any port that is reachable makes it Yes.
func summarize(i Internet, verdicts []verdict) Reachability {
	var r Reachability
	for _, v := range verdicts {
		switch v.answer {
		case Yes:
			r.Open = joinPorts(r.Open, v.ports)
		case Unknown:
			r.Doubtful = joinPorts(r.Doubtful, v.ports)
		default:
		}
	}
	switch {
	case len(r.Open) > 0:
		r.Answer = Yes
	case len(r.Doubtful) > 0:
		r.Answer = Unknown
	default:
		r.Answer = No
	}
	for _, v := range verdicts {
		r.From, r.Possible = r.From.Union(v.sure), r.Possible.Union(v.possible)
		if v.answer != r.Answer {
			continue
		}
		for _, p := range v.paths {
			switch r.Answer {
			case Yes:
				if !p.From.Intersect(public).IsEmpty() {
					r.Paths = append(r.Paths, p)
				}
			case Unknown:
				if !p.Possible.Intersect(public).IsEmpty() {
					r.Paths = append(r.Paths, p)
					r.Missing = append(r.Missing, p.missing()...)
				}
			default:
				r.Stops = append(r.Stops, stopOf(i, p))
			}
		}
	}
	r.Paths = sortPaths(r.Paths)
	slices.Sort(r.Missing)
	r.Missing = slices.Compact(r.Missing)
	slices.SortStableFunc(r.Stops, func(a, b Stop) int {
		return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.Path, b.Path), cmp.Compare(a.ID, b.ID))
	})
	r.Stops = slices.CompactFunc(r.Stops, func(a, b Stop) bool { return a.Path == b.Path })
	return r
}

func stopOf(i Internet, p Path) Stop {
	at := p.stop(i)
	texts := []string{"internet"}
	for _, l := range p.Links[:at+1] {
		texts = append(texts, l.Text)
	}
	return Stop{p.Links[at], strings.Join(texts, " → "), len(p.Links) - at}
}

// sortPaths puts those that are open by themselves first, then the shorter ones, and drops repetitions: a load balancer has
// several nodes.
func sortPaths(paths []Path) []Path {
	type keyed struct {
		Path
		text, ids string
	}
	list := make([]keyed, len(paths))
	for i, p := range paths {
		list[i] = keyed{p, p.String(), p.ids()}
	}
	slices.SortStableFunc(list, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(b.Answer, a.Answer), cmp.Compare(len(a.Links), len(b.Links)), cmp.Compare(a.text, b.text), cmp.Compare(a.ids, b.ids))
	})
	list = slices.CompactFunc(list, func(a, b keyed) bool {
		return a.text == b.text && a.ids == b.ids && a.From.Equal(b.From) && a.Possible.Equal(b.Possible)
	})
	sorted := paths[:0]
	for _, k := range list {
		sorted = append(sorted, k.Path)
	}
	return sorted
}

// ids are those of the links, where names might be equal.
func (p Path) ids() string {
	var b strings.Builder
	for _, l := range p.Links {
		b.WriteString(l.ID + " ")
	}
	return b.String()
}

// joinPorts appends a range that starts after the last one.
func joinPorts(to []PortRange, r PortRange) []PortRange {
	if n := len(to); n > 0 && uint32(to[n-1].To)+1 == uint32(r.From) {
		to[n-1].To = r.To
		return to
	}
	return append(to, r)
}

func joined(ids []string) string { return strings.Join(ids, ", ") }
