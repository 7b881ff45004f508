package exposure

import (
	"slices"
	"strings"
)

// The ports from which a client's requests come, and to which answers go
// (https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html).
var (
	ephemeral = PortRange{1024, 65535}
	low       = PortRange{1, 1023} // from which no client sends unless it chooses to
)

// compiledACL is a network ACL of which both directions may be asked.
type compiledACL struct {
	*ACL
	in, out NetworkACL
}

func compileACL(a *ACL) *compiledACL {
	c := &compiledACL{ACL: a, in: NewNetworkACL(a.Entries)}
	turned := make([]ACLEntry, len(a.Entries))
	for i, e := range a.Entries {
		e.Egress = !e.Egress
		turned[i] = e
	}
	c.out = NewNetworkACL(turned)
	return c
}

// edges gives the ports of a range at which an entry's coverage may change; the first port is among them.
func edges(r PortRange, about func(yield func(PortRange) bool)) []uint16 {
	at := []uint16{r.From}
	for ports := range about {
		if r.Contains(ports.From) {
			at = append(at, ports.From)
		}
		if ports.To < r.To && ports.To+1 > r.From {
			at = append(at, ports.To+1)
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// ranges gives the ports of the entries that carry a protocol.
func (acl NetworkACL) ranges(p Protocol) func(yield func(PortRange) bool) {
	return func(yield func(PortRange) bool) {
		for _, e := range acl.entries {
			if e.carries(p) && !yield(e.ports) {
				return
			}
		}
	}
}

func (g SecurityGroup) ranges(p Protocol) func(yield func(PortRange) bool) {
	return func(yield func(PortRange) bool) {
		for _, r := range g.rules {
			if r.carries(p) && !yield(r.ports) {
				return
			}
		}
	}
}

type aclKey struct {
	acl      *compiledACL
	out      bool
	protocol Protocol
	port     uint16
}

// at gives what one direction of an ACL allows at a port.
func (n *Network) at(acl *compiledACL, out bool, p Protocol, port uint16) Opening {
	key := aclKey{acl, out, p, port}
	if o, ok := n.caches.acl[key]; ok {
		return o
	}
	half := acl.in
	if out {
		half = acl.out
	}
	o := half.Allows(Internet{}, p, port)
	n.caches.acl[key] = o
	return o
}

// reply is the traffic that answers: to an ephemeral port for TCP and UDP, the matching reply for ICMP's queries. Other
// ICMP messages have no answer, and other protocols answer by the same protocol.
func reply(p Protocol, port uint16) (ports PortRange, any bool) {
	switch p {
	case TCP, UDP:
		return ephemeral, true
	case ICMP:
		answers := map[uint16]uint8{8: 0, 13: 14, 15: 16, 17: 18}
		kind, ok := answers[port>>8]
		at := ICMPPort(kind, 0)
		return PortRange{at, at}, ok
	case ICMPv6:
		at := ICMPPort(129, 0)
		return PortRange{at, at}, port>>8 == 128
	default:
		return PortRange{port, port}, true
	}
}

// toAny gives what one direction of an ACL allows at one port at least of a range. An address counts as soon as there is a
// port at which it may pass: one ephemeral port suffices for an answer.
func (n *Network) toAny(acl *compiledACL, out bool, p Protocol, ports PortRange) Link {
	key := aclKey{acl, out, p, ports.To}
	if kept := ports == ephemeral || ports == low; kept {
		if l, ok := n.caches.answer[key]; ok {
			return l
		}
	}
	half := acl.in
	if out {
		half = acl.out
	}
	var c clients
	var missing, rules []string
	for _, port := range edges(ports, half.ranges(p)) {
		o := n.at(acl, out, p, port)
		c = c.or(clients{o.Sources, o.Possible})
		missing = append(missing, texts(o.Unread, acl.ID)...)
		for _, g := range o.Grants {
			rules = append(rules, g.Rule)
		}
	}
	l := newLink(acl.ID, "", c, missing...)
	if len(rules) > 0 {
		l.Text = rules[0]
	}
	if ports == ephemeral || ports == low {
		n.caches.answer[key] = l
	}
	return l
}

// border gives the links of the network ACL for requests from outside of the subnet and the answers to them
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html): it keeps no state, so each direction needs an
// entry of its own.
func (n *Network) border(s *Subnet, f family, p Protocol, port uint16) []Link {
	acl, lost := n.acl(s)
	if acl == nil {
		return []Link{lost}
	}
	o := n.at(acl, false, p, port)
	in := newLink(acl.ID, acl.ID+" lets nothing in", f.clients(clients{o.Sources, o.Possible}), texts(o.Unread, acl.ID)...)
	if rule := ofFamily(o.Grants, f); rule != "" {
		in.Text = acl.ID + " rule " + rule
	} else if !in.Possible.IsEmpty() {
		in.Text = acl.ID
	}
	back, any := reply(p, port)
	if !any {
		return []Link{in}
	}
	out := n.toAny(acl, true, p, back)
	out.Sure, out.Possible = f.of(out.Sure), f.of(out.Possible)
	if in.Possible.Subtract(out.Sure).IsEmpty() { // it stops nothing that has come in
		return []Link{in}
	}
	switch {
	case !out.Possible.IsEmpty():
		out.Text = acl.ID + " lets answers out to some addresses"
	case back == ephemeral && !f.of(n.toAny(acl, true, p, low).Possible).IsEmpty(): // a client that means harm may choose such a port
		out.Text = acl.ID + " lets answers out to ports below 1024 alone, from which clients do not send unless they choose to"
	default:
		out.Text = acl.ID + " lets no answer out"
	}
	return []Link{in, out}
}

func (n *Network) acl(s *Subnet) (*compiledACL, Link) {
	if acl := n.acls[s.ID]; acl != nil {
		return acl, Link{}
	}
	missing := orMissing(n.evidence.ACLs.Missing, "no network ACL of "+s.ID+" was listed")
	return nil, newLink("", "network ACL of "+s.ID+" (not read)", unsure, missing...)
}

// ofFamily is the widest grant's rule of a family.
func ofFamily(grants []Grant, f family) string {
	for _, g := range grants {
		if !f.of(g.Public).IsEmpty() {
			return g.Rule
		}
	}
	return ""
}

func texts(unread []Unread, id string) []string {
	var list []string
	for _, u := range unread {
		list = append(list, id+": "+u.String())
	}
	return list
}

type groupKey struct {
	set      string // one id, or several joined
	outbound bool
	protocol Protocol
	port     uint16
}

// groupOpening is what groups allow at a port.
type groupOpening struct {
	clients
	grants  []Grant
	refs    map[string]bool // groups that are sources
	lists   map[string]bool // prefix lists that are
	missing []string
	lost    bool // a group was not read: any source may be allowed
}

type compiledGroup struct{ in, out SecurityGroup }

func (n *Network) compiled(g *Group) compiledGroup {
	c, ok := n.caches.rules[g.ID]
	if !ok {
		c = compiledGroup{NewSecurityGroup(g.Inbound), NewSecurityGroup(g.Outbound)}
		n.caches.rules[g.ID] = c
	}
	return c
}

// allowed gives what the groups together allow at a port: rules only allow, and those of all groups are one list
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html). Each group, and each set of groups, is asked
// once.
func (n *Network) allowed(ids []string, outbound bool, p Protocol, port uint16) groupOpening {
	if len(ids) == 1 {
		return n.allowedByOne(ids[0], outbound, p, port)
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	key := groupKey{strings.Join(ids, " "), outbound, p, port}
	if o, ok := n.caches.sets[key]; ok {
		return o
	}
	all := groupOpening{refs: map[string]bool{}, lists: map[string]bool{}}
	for _, id := range ids {
		o := n.allowedByOne(id, outbound, p, port)
		all.clients = all.or(o.clients)
		all.grants = append(all.grants, o.grants...)
		all.missing = append(all.missing, o.missing...)
		all.lost = all.lost || o.lost
		for ref := range o.refs {
			all.refs[ref] = true
		}
		for list := range o.lists {
			all.lists[list] = true
		}
	}
	all.grants = sortGrants(all.grants)
	n.caches.sets[key] = all
	return all
}

func (n *Network) allowedByOne(id string, outbound bool, p Protocol, port uint16) groupOpening {
	key := groupKey{id, outbound, p, port}
	if o, ok := n.caches.groups[key]; ok {
		return o
	}
	var o groupOpening
	g := n.groups[id]
	if g == nil {
		o = groupOpening{clients: unsure, lost: true, missing: orMissing(n.evidence.Groups.Missing, "the group "+id+" was not listed")}
	} else {
		o = n.groupOpening(g, outbound, p, port)
	}
	n.caches.groups[key] = o
	return o
}

func (n *Network) groupOpening(g *Group, outbound bool, p Protocol, port uint16) groupOpening {
	half, rules := n.compiled(g).in, g.Inbound
	if outbound {
		half, rules = n.compiled(g).out, g.Outbound
	}
	opening := half.OpenTo(Internet{}, p, port)
	o := groupOpening{
		clients: clients{opening.Sources, opening.Possible}, missing: texts(opening.Unread, g.ID),
		refs: map[string]bool{}, lists: map[string]bool{},
	}
	for _, grant := range opening.Grants {
		if grant.Rule == "" {
			grant.Rule = g.ID
		} else {
			grant.Rule = g.ID + " " + grant.Rule
		}
		o.grants = append(o.grants, grant)
	}
	for i, r := range rules {
		if _, err := parseTraffic(r.Protocol, r.From, r.To); err == nil && half.rules[i].covers(p, port) {
			for _, ref := range r.GroupRefs {
				o.refs[ref] = true
			}
			for _, l := range r.PrefixLists {
				o.lists[l.ID] = true
			}
		}
	}
	return o
}

// admits says what the endpoint's groups let in from the internet directly; the second result is false where it has none.
func (n *Network) admits(e endpoint, f family, p Protocol, port uint16) (Link, bool) {
	if e.open {
		return Link{}, false
	}
	if len(e.groups) == 0 {
		return newLink("", "security groups (not read)", f.clients(unsure), "the security groups in "+e.subnet.ID), true
	}
	ids := strings.Join(e.groups, ", ")
	o := n.allowed(e.groups, false, p, port)
	l := newLink(ids, ids, f.clients(o.clients), o.missing...)
	for _, g := range o.grants {
		if f.of(g.Public).IsEmpty() {
			continue
		}
		id, rule, _ := strings.Cut(g.Rule, " ")
		g.Rule = rule
		l.ID, l.Text = id, id+" ("+g.String()+")"
		return l, true
	}
	if l.Possible.Intersect(public).IsEmpty() {
		l.Text += " lets no public " + f.String() + " address in at " + p.String()
		if p == TCP || p == UDP {
			l.Text += " " + PortRange{port, port}.String()
		}
	} else {
		l.Text += " (not all read)"
	}
	return l, true
}
