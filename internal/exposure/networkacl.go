package exposure

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// ACLEntry is one entry of a network ACL, in the words of EC2's NetworkAclEntry
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAclEntry.html). The zero value, which has no CIDR block
// and no action, is one that could not be read.
type ACLEntry struct {
	// Number is the rule number; 32767 and 32768 are the last entries that AWS adds, shown as "*".
	Number int32
	// Egress entries are about leaving traffic and are left out.
	Egress bool
	// Action is allow or deny.
	Action string
	// Protocol is a number, a name, or -1 for all.
	Protocol string
	// From and To are the port range, or the ICMP type and code; nil where EC2 gives none.
	From, To *int32
	// CIDR or CIDR6 is the source; the other one is empty.
	CIDR, CIDR6 string
}

// NetworkACL is the inbound half of a network ACL made ready for questions.
type NetworkACL struct{ entries []aclEntry }

type aclEntry struct {
	number int32
	traffic
	allow, deny bool // both: it cannot be told
	certain     bool
	source      string
	addresses   Addresses
	unread      []Unread
}

// NewNetworkACL takes the entries in any order, outbound ones included. It has no error: an entry without a CIDR block, with
// an action or a protocol that EC2 does not know, is evidence that could not be read.
func NewNetworkACL(entries []ACLEntry) NetworkACL {
	var acl NetworkACL
	for _, e := range entries {
		if !e.Egress {
			acl.entries = append(acl.entries, newACLEntry(e))
		}
	}
	// Numbers are unique in each direction. Should two be equal, allow goes first: that never hides an opening.
	slices.SortFunc(acl.entries, func(a, b aclEntry) int {
		return cmp.Or(cmp.Compare(a.number, b.number), compareBool(b.allow, a.allow), cmp.Compare(a.source, b.source),
			cmp.Compare(a.protocol, b.protocol), cmp.Compare(a.ports.From, b.ports.From), cmp.Compare(a.ports.To, b.ports.To))
	})
	return acl
}

func newACLEntry(e ACLEntry) aclEntry {
	c := aclEntry{number: e.Number}
	label := strconv.Itoa(int(e.Number))
	doubt := func(source, reason string) {
		c.unread = append(c.unread, Unread{label, source, reason})
	}

	var texts []string
	for _, text := range []string{e.CIDR, e.CIDR6} {
		if text == "" {
			continue
		}
		p, err := parseCIDR(text)
		if err != nil {
			doubt(text, "no CIDR block")
			continue
		}
		texts = append(texts, p.String())
		c.addresses = c.addresses.Union(FromPrefixes(p))
	}
	c.source = strings.Join(texts, ", ")
	if e.CIDR == "" && e.CIDR6 == "" {
		doubt("", "the entry has no CIDR block")
	}
	if len(c.unread) > 0 {
		c.addresses = everything
	}

	switch e.Action {
	case "allow":
		c.allow = true
	case "deny":
		c.deny = true
	default:
		c.allow, c.deny = true, true
		doubt("", strconv.Quote(e.Action)+" is no action")
	}

	var err error
	if c.traffic, err = parseTraffic(e.Protocol, e.From, e.To); err != nil {
		doubt("", err.Error())
	}
	c.certain = len(c.unread) == 0
	return c
}

// Allows says whether the internet may enter the subnet at the port by this protocol. For each address the first entry that
// matches decides, IPv4 and IPv6 apart, and where none does the answer is deny
// (https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html); what counts is the union of what remains allowed.
// The answering traffic, which needs an outbound entry of its own, is not looked at. For ICMP the port is an [ICMPPort].
func (acl NetworkACL) Allows(i Internet, p Protocol, port uint16) Opening {
	var o Opening
	var entries []aclEntry
	for _, e := range acl.entries {
		if e.covers(p, port) {
			entries = append(entries, e)
			o.Unread = append(o.Unread, e.unread...)
		}
	}
	o.Sources, o.Grants = decide(entries, aclEntry.surely)
	o.Possible = o.Sources
	if len(o.Unread) > 0 {
		o.Possible, _ = decide(entries, aclEntry.possibly)
	}
	o.Answer = i.Judge(o.Sources, o.Possible)
	o.Grants = sortGrants(o.Grants)
	o.Unread = sortUnread(o.Unread)
	return o
}

// surely is what the entry does to what is surely allowed: one that could not be read takes addresses away if it may deny,
// and adds none.
func (e aclEntry) surely() (applies, allow bool) {
	if e.certain {
		return true, e.allow
	}
	return e.deny, false
}

// possibly is what it does to what may be allowed: one that could not be read adds addresses if it may allow, and takes none
// away.
func (e aclEntry) possibly() (applies, allow bool) {
	if e.certain {
		return true, e.allow
	}
	return e.allow, true
}

// decide takes the entries in order and gives the addresses that they allow, with the entries that do.
func decide(entries []aclEntry, effect func(aclEntry) (applies, allow bool)) (Addresses, []Grant) {
	var allowed Addresses
	var grants []Grant
	undecided := everything
	for _, e := range entries {
		applies, allow := effect(e)
		if !applies {
			continue
		}
		if allow {
			here := undecided.Intersect(e.addresses)
			allowed = allowed.Union(here)
			if shown := here.Intersect(public); !shown.IsEmpty() {
				grants = append(grants, Grant{
					Rule: strconv.Itoa(int(e.number)), Protocol: e.protocol, Ports: e.ports, CIDR: e.source, Public: shown,
				})
			}
		}
		undecided = undecided.Subtract(e.addresses)
	}
	return allowed, grants
}

// compareBool puts false first.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
