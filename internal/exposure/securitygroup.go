package exposure

import (
	"cmp"
	"net/netip"
	"slices"
)

// Rule is one inbound rule of a security group, in the words of EC2's IpPermission or SecurityGroupRule
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html). Rules only allow, their order means
// nothing, and what several groups of one interface allow is the rules of all of them together.
type Rule struct {
	// ID is the rule's id for the proof; it may be empty.
	ID string
	// Protocol is tcp, udp, icmp, icmpv6, a number, or -1 for all.
	Protocol string
	// From and To are ports, or ICMP type and code; nil where EC2 gives none.
	From, To *int32
	// CIDRs and CIDR6s are the sources by address.
	CIDRs, CIDR6s []string
	// PrefixLists are the sources by managed prefix list.
	PrefixLists []PrefixList
	// GroupRefs are the sources by security group. They mean the private addresses of those groups' interfaces
	// (https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html), so never the internet.
	GroupRefs []string
}

// PrefixList is a managed prefix list that a rule names. The zero value is one that was not read.
type PrefixList struct {
	ID string
	// Name is what AWS calls a list of its own ("com.amazonaws.global.cloudfront.origin-facing"); empty for others' lists, and
	// where it was not read.
	Name string
	// Entries are the CIDR blocks that were read, of both families; where a page is missing, those of the others.
	// Rules that name the same list had better share the slice: it is then looked at once.
	Entries []string
	// Read says that Entries are all of the list's entries.
	Read bool
	// Reason says why it was not read.
	Reason string
}

// SecurityGroup is a set of inbound rules made ready for questions.
type SecurityGroup struct{ rules []groupRule }

type groupRule struct {
	id string
	traffic
	sources []ruleSource
	// allowed are all sources; possible are all that the rule might allow, by what was not read.
	allowed, possible Addresses
	// public and possiblePublic are the public ones among these.
	public, possiblePublic Addresses
	unread                 []Unread
}

// ruleSource is one CIDR block or one prefix list.
type ruleSource struct {
	cidr, list  string
	all, public Addresses
}

// NewSecurityGroup takes the inbound rules of one group, or of all the groups of an interface. It has no error: a text that
// is no CIDR block, or a rule that makes no sense, is evidence that could not be read, and stands in [Opening.Unread].
func NewSecurityGroup(rules []Rule) SecurityGroup {
	g := SecurityGroup{rules: make([]groupRule, len(rules))}
	lists := make(listCache)
	for i, r := range rules {
		g.rules[i] = newGroupRule(r, lists)
	}
	return g
}

func newGroupRule(r Rule, lists listCache) groupRule {
	c := groupRule{id: r.ID}
	for _, texts := range [][]string{r.CIDRs, r.CIDR6s} {
		for _, text := range texts {
			p, err := parseCIDR(text)
			if err != nil {
				c.unread = append(c.unread, Unread{r.ID, text, "no CIDR block"})
				continue
			}
			set := FromPrefixes(p)
			c.sources = append(c.sources, ruleSource{cidr: p.String(), all: set, public: set.Intersect(public)})
		}
	}
	for _, l := range r.PrefixLists {
		source, unread := lists.read(l)
		c.sources = append(c.sources, source)
		for _, u := range unread {
			u.Rule = r.ID
			c.unread = append(c.unread, u)
		}
	}
	all, shown := make([]Addresses, len(c.sources)), make([]Addresses, len(c.sources))
	for i, s := range c.sources {
		all[i], shown[i] = s.all, s.public
	}
	c.allowed, c.public = Union(all...), Union(shown...)
	c.possible, c.possiblePublic = c.allowed, c.public
	if len(c.unread) > 0 {
		c.possible, c.possiblePublic = everything, public
	}

	var err error
	if c.traffic, err = parseTraffic(r.Protocol, r.From, r.To); err != nil {
		c.unread = append(c.unread, Unread{Rule: r.ID, Reason: err.Error()})
		c.sources, c.allowed, c.public = nil, Addresses{}, Addresses{}
	}
	return c
}

// listCache reads each slice of entries once.
type listCache map[listKey]*listEntries

// listKey is the slice itself, not its content.
type listKey struct {
	first *string
	count int
}

type listEntries struct {
	all, public Addresses
	bad         []string
}

func (c listCache) read(l PrefixList) (ruleSource, []Unread) {
	entries := &listEntries{}
	if len(l.Entries) > 0 {
		key := listKey{&l.Entries[0], len(l.Entries)}
		if c[key] == nil {
			c[key] = readEntries(l.Entries)
		}
		entries = c[key]
	}
	var unread []Unread
	if !l.Read {
		unread = append(unread, Unread{Source: l.ID, Reason: cmp.Or(l.Reason, "the entries were not read")})
	}
	for _, text := range entries.bad {
		unread = append(unread, Unread{Source: l.ID, Reason: "the entry " + text + " is no CIDR block"})
	}
	return ruleSource{list: l.ID, all: entries.all, public: entries.public}, unread
}

func readEntries(texts []string) *listEntries {
	e := &listEntries{}
	for _, text := range texts {
		p, err := parseCIDR(text)
		if err != nil {
			e.bad = append(e.bad, text)
			continue
		}
		e.all.add(p)
	}
	e.all = e.all.normal()
	e.public = e.all.Intersect(public)
	return e
}

// OpenTo says whether the internet may reach the port by this protocol: the union of the sources of every rule that covers
// them decides. For ICMP the port is an [ICMPPort]; for other protocols without ports it has no meaning.
func (g SecurityGroup) OpenTo(i Internet, p Protocol, port uint16) Opening {
	var allowed, possible []Addresses
	var o Opening
	for _, r := range g.rules {
		if r.covers(p, port) {
			allowed, possible = append(allowed, r.allowed), append(possible, r.possible)
			o.Unread = append(o.Unread, r.unread...)
		}
	}
	o.Sources = Union(allowed...)
	o.Possible = o.Sources
	if len(o.Unread) > 0 {
		o.Possible = Union(possible...)
	}
	o.Answer = i.Judge(o.Sources, o.Possible)
	o.Grants = g.grants(func(t traffic) bool { return t.covers(p, port) })
	o.Unread = sortUnread(o.Unread)
	return o
}

// Ports says which ports of a protocol are open to the internet.
type Ports struct {
	// Open are surely open: sorted, disjoint, not adjacent.
	Open []PortRange
	// Possible are Open and those that may be, by what could not be read.
	Possible []PortRange
	// Grants are the rules of this protocol that let public addresses in, the widest first. Not each of them need be
	// open by itself.
	Grants []Grant
	// Unread is as in [Opening], for any port of the protocol.
	Unread []Unread
}

// OpenPorts gives the ports of a protocol, 0 to 65535, that are open to the internet, each by the union of the rules that
// cover it.
func (g SecurityGroup) OpenPorts(i Internet, p Protocol) Ports {
	var sure, possible []portRule
	var ports Ports
	for _, r := range g.rules {
		if r.carries(p) {
			sure = append(sure, portRule{r.ports, r.public})
			possible = append(possible, portRule{r.ports, r.possiblePublic})
			ports.Unread = append(ports.Unread, r.unread...)
		}
	}
	ports.Open = openPorts(i, sure)
	ports.Possible = ports.Open
	ports.Grants = g.grants(func(t traffic) bool { return t.carries(p) })
	if len(ports.Unread) > 0 {
		ports.Possible = openPorts(i, possible)
		ports.Unread = sortUnread(ports.Unread)
	}
	return ports
}

// AllPorts is the answer to "is every port open to the internet?" with its proof.
type AllPorts struct {
	// Answer is Yes if every port from 1 to 65535 is surely open, No if one is surely not, else Unknown.
	Answer Answer
	// FirstNotOpen is the lowest port of 1 to 65535 that settles a No, or, for Unknown, the lowest that is not surely
	// open; 0 for Yes.
	FirstNotOpen uint16
	Ports
}

// AllPortsOpen says whether every port from 1 to 65535 is open to the internet, each by the union of the rules that cover
// it: by one rule, by several that share the ports, or by several that share the addresses.
func (g SecurityGroup) AllPortsOpen(i Internet, p Protocol) AllPorts {
	a := AllPorts{Answer: Yes, Ports: g.OpenPorts(i, p)}
	if port, missing := firstMissing(a.Possible); missing {
		a.Answer, a.FirstNotOpen = No, port
	} else if port, missing := firstMissing(a.Open); missing {
		a.Answer, a.FirstNotOpen = Unknown, port
	}
	return a
}

// firstMissing is the lowest port from 1 on that is in none of the sorted, not adjacent ranges.
func firstMissing(ranges []PortRange) (uint16, bool) {
	if len(ranges) == 0 || ranges[0].From > 1 {
		return 1, true
	}
	if to := ranges[0].To; to == 0 { // port 0 alone
		return firstMissing(ranges[1:])
	} else if to < 65535 {
		return to + 1, true
	}
	return 0, false
}

// grants gives the rules and sources that let public addresses in.
func (g SecurityGroup) grants(about func(traffic) bool) []Grant {
	var grants []Grant
	for _, r := range g.rules {
		if !about(r.traffic) {
			continue
		}
		for _, s := range r.sources {
			if !s.public.IsEmpty() {
				grants = append(grants, Grant{r.id, r.protocol, r.ports, s.cidr, s.list, s.public})
			}
		}
	}
	slices.SortStableFunc(grants, func(a, b Grant) int {
		order := cmp.Or(cmp.Compare(a.PrefixList, b.PrefixList), comparePrefixes(a.CIDR, b.CIDR), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Ports.From, b.Ports.From), cmp.Compare(a.Ports.To, b.Ports.To), cmp.Compare(a.Protocol, b.Protocol))
		if order == 0 && a.PrefixList != "" && !a.Public.Equal(b.Public) { // one list, read twice while it changed
			order = cmp.Compare(a.Public.String(), b.Public.String())
		}
		return order
	})
	grants = slices.CompactFunc(grants, func(a, b Grant) bool {
		return a.PrefixList == b.PrefixList && a.CIDR == b.CIDR && a.Rule == b.Rule && a.Ports == b.Ports &&
			a.Protocol == b.Protocol && a.Public.Equal(b.Public)
	})
	return sortGrants(grants)
}

// comparePrefixes orders two CIDR blocks, by address and then the wider first.
func comparePrefixes(a, b string) int {
	p, errP := netip.ParsePrefix(a)
	q, errQ := netip.ParsePrefix(b)
	if errP != nil || errQ != nil {
		return cmp.Compare(a, b)
	}
	return cmp.Or(p.Addr().Compare(q.Addr()), cmp.Compare(p.Bits(), q.Bits()))
}
