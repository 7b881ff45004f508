// Package exposure decides what of an account the internet can reach.
//
// It is pure: plain values in, an answer with its proof out; no AWS client, no clock, no I/O. What counts as the internet
// is a number of public addresses (see [Internet]), never a spelling: 0.0.0.0/0, its two halves, a prefix list that holds
// it and a thousand smaller blocks are judged by the same union.
//
// Every answer has three values. What was read may already prove Yes, whatever else could not be read; it is No only if
// nothing that could not be read can change it; else it is Unknown, and [Unread] names what is missing.
package exposure

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Answer is Yes, No or Unknown. The zero Answer is Unknown: no evidence, no verdict.
type Answer uint8

// The three answers.
const (
	Unknown Answer = iota
	No
	Yes
)

// String is "yes", "no" or "unknown".
func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	default:
		return "unknown"
	}
}

// Opening says whether one protocol and port is open to the internet through one filter (a security group, a network
// ACL), and why. Lists are sorted and without repetition, so that equal evidence gives an equal Opening in whatever order
// it was read.
type Opening struct {
	// Answer is Yes if Sources exceed the internet's threshold, No if not even Possible does, else Unknown.
	Answer Answer
	// Sources are the addresses, private ones included, that what was read surely allows.
	Sources Addresses
	// Possible are Sources and what might be allowed beyond them, by what could not be read. The paths of a later
	// reasoning intersect Sources with Sources and Possible with Possible.
	Possible Addresses
	// Grants are the rules that let public addresses in, the widest first.
	Grants []Grant
	// Unread is the evidence that bears on this protocol and port and could not be read, whatever the Answer.
	Unread []Unread
}

// Grant is one rule and one of its sources that lets public addresses in.
type Grant struct {
	// Rule is the security group rule's id, which may be empty (DescribeSecurityGroups gives none), or the number of
	// the network ACL's entry.
	Rule string
	// Protocol and Ports are what the rule covers, not what was asked for.
	Protocol Protocol
	Ports    PortRange
	// CIDR is the source as AWS shows it, or empty where it is a prefix list.
	CIDR string
	// PrefixList is the id of the managed prefix list that is the source, or empty.
	PrefixList string
	// Public are the public addresses that come in by this source. For a network ACL they are those that no entry
	// before had decided.
	Public Addresses
}

// String reads like "tcp 22 from 0.0.0.0/0 (sgr-1)" or "all traffic from pl-1 (0.0.0.0/1, 128.0.0.0/1)".
func (g Grant) String() string {
	var b strings.Builder
	b.WriteString(g.Protocol.String())
	if g.Protocol == TCP || g.Protocol == UDP {
		b.WriteString(" " + g.Ports.String())
	}
	b.WriteString(" from ")
	if g.PrefixList == "" {
		b.WriteString(g.CIDR)
	} else {
		fmt.Fprintf(&b, "%s (%s)", g.PrefixList, shorten(widest(g.Public), 3))
	}
	if g.Rule != "" {
		fmt.Fprintf(&b, " (rule %s)", g.Rule)
	}
	return b.String()
}

// share is how much of the public addresses of both families comes in: 1 for all of one family.
func (g Grant) share() float64 {
	return measure(g.Public.v4).float()/measure(public.v4).float() + measure(g.Public.v6).float()/measure(public.v6).float()
}

// Unread is evidence that could not be read, or that has no meaning that EC2 documents.
type Unread struct {
	// Rule is as in [Grant].
	Rule string
	// Source is the id of a prefix list, the text of a CIDR, or empty where the rule itself is meant.
	Source string
	// Reason says what is wrong, as the caller gave it or as the parser found it.
	Reason string
}

// String reads like "pl-1: access denied (rule sgr-1)".
func (u Unread) String() string {
	s := u.Reason
	if u.Source != "" {
		s = u.Source + ": " + s
	}
	if u.Rule != "" {
		s += " (rule " + u.Rule + ")"
	}
	return s
}

// Describe joins grants for a message: at most limit of them, and the number of those left out.
func Describe(grants []Grant, limit int) string {
	texts := make([]string, len(grants))
	for i, g := range grants {
		texts[i] = g.String()
	}
	return shorten(texts, limit)
}

// shorten joins at most limit texts and counts the rest.
func shorten(texts []string, limit int) string {
	if rest := len(texts) - limit; rest > 0 && limit > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(texts[:limit], ", "), rest)
	}
	return strings.Join(texts, ", ")
}

// widest gives the set's blocks, the shortest prefixes first.
func widest(a Addresses) []string {
	blocks := a.Prefixes()
	slices.SortStableFunc(blocks, func(p, q netip.Prefix) int {
		return cmp.Compare(p.Bits(), q.Bits())
	})
	texts := make([]string, len(blocks))
	for i, p := range blocks {
		texts[i] = p.String()
	}
	return texts
}

// sortGrants puts the widest first; among equals the order they came in stands.
func sortGrants(grants []Grant) []Grant {
	shares := make([]float64, len(grants))
	order := make([]int, len(grants))
	for i, g := range grants {
		shares[i], order[i] = g.share(), i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(shares[j], shares[i]) })
	sorted := make([]Grant, len(grants))
	for i, j := range order {
		sorted[i] = grants[j]
	}
	return sorted
}

// sortUnread sorts and removes repetitions.
func sortUnread(list []Unread) []Unread {
	slices.SortFunc(list, func(a, b Unread) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(list)
}
