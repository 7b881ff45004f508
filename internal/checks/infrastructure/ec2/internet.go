package ec2

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/reachable"
	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
)

// internet is what counts as the internet in this scan; err is a threshold out of range, which decides nothing.
type internet struct {
	exposure.Internet
	err error
}

func theInternet(b *inventory.Binder) internet {
	i, err := exposure.NewInternet(inventory.Value(b, reachable.InternetIPv4Prefix), inventory.Value(b, reachable.InternetIPv6Prefix))
	return internet{i, err}
}

// groupSources is what the rules of security groups let in, prefix lists resolved.
type groupSources struct {
	internet
	lists   map[string]exposure.PrefixList
	lost    map[string]error // of the lists that were not read to their end
	listing error            // of the lists as a whole
	uses    reachable.Uses
}

func theGroupSources(b *inventory.Binder) groupSources {
	in := groupSources{lists: map[string]exposure.PrefixList{}, lost: map[string]error{}, uses: reachable.BindUses(b)}
	i, err := in.uses.Internet()
	in.internet = internet{i, err}
	read := inventory.Use(b, ec2inv.PrefixLists)
	for _, l := range read.List {
		in.lists[l.ID] = exposure.PrefixList{ID: l.ID, Entries: l.Entries, Read: l.Listed, Reason: "the answer did not give all its entries"}
	}
	for _, g := range read.Gaps {
		err := g.Error
		if g.Parent == nil {
			in.listing = &err
			continue
		}
		id := g.Parent.ID
		in.lists[id] = exposure.PrefixList{ID: id, Entries: in.lists[id].Entries, Reason: err.Text}
		err.Text = "prefix list " + id + ": " + err.Text
		in.lost[id] = &err
	}
	return in
}

// inbound makes a group's inbound rules ready for questions.
func (in groupSources) inbound(g ec2inv.SecurityGroup) exposure.SecurityGroup {
	rules := make([]exposure.Rule, 0, len(g.Inbound))
	for _, r := range g.Inbound {
		rule := exposure.Rule{Protocol: r.Protocol, From: r.From, To: r.To, CIDRs: r.CIDRs, CIDR6s: r.CIDR6s, GroupRefs: r.Groups}
		for _, id := range r.PrefixLists {
			l, named := in.lists[id]
			if !named {
				l = exposure.PrefixList{ID: id}
			}
			rule.PrefixLists = append(rule.PrefixLists, l)
		}
		if len(r.CIDRs)+len(r.CIDR6s)+len(r.PrefixLists)+len(r.Groups) == 0 {
			rule.PrefixLists = []exposure.PrefixList{{Reason: "the answer gives no source of a rule"}}
		}
		rules = append(rules, rule)
	}
	return exposure.NewSecurityGroup(rules)
}

// opened says of a group that opens these ports whether the internet reaches what uses it.
func (in groupSources) opened(v checks.Verdict, g ec2inv.SecurityGroup, rules exposure.SecurityGroup, at ...exposure.Service) checks.Verdict {
	return in.uses.Explain(v, reachable.Opened{ID: g.ID, Rules: rules, At: at, Severity: openGroup})
}

// openGroup is the severity of a group that is open to the internet, whether something uses it or not.
const openGroup = finding.High

// named puts the entries of a prefix list, the widest first, in the place of its id alone.
func (in groupSources) named(grants []exposure.Grant) []exposure.Grant {
	grants = slices.Clone(grants)
	for i, g := range grants {
		if g.PrefixList == "" {
			continue
		}
		entries := slices.Clone(in.lists[g.PrefixList].Entries)
		slices.SortFunc(entries, func(a, b string) int { return cmp.Or(cmp.Compare(bits(a), bits(b)), cmp.Compare(a, b)) })
		grants[i].CIDR, grants[i].PrefixList = fmt.Sprintf("%s (%s)", g.PrefixList, join(entries, 3)), ""
	}
	return grants
}

// bits is a CIDR block's prefix length; what is none sorts last.
func bits(cidr string) int {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return 129
	}
	return p.Bits()
}

// why turns what could not be read into the reasons of an unknown.
func (in groupSources) why(unread []exposure.Unread) []error {
	var why []error
	for _, u := range unread {
		_, read := in.lists[u.Source]
		switch {
		case in.lost[u.Source] != nil:
			why = append(why, in.lost[u.Source])
		case !read && in.listing != nil && strings.HasPrefix(u.Source, "pl-"):
			why = append(why, in.listing)
		default:
			why = append(why, doubt(u))
		}
	}
	return why
}

func doubt(u exposure.Unread) error {
	return inventory.Insufficient("a rule's meaning is not clear: %s", u)
}

// notSeen appends what bears on the answer and was not read, each reason once.
func notSeen(v checks.Verdict, why []error) checks.Verdict {
	said := map[string]bool{}
	for _, err := range why {
		if !said[err.Error()] {
			v = v.NotSeen("a rule's sources", err)
		}
		said[err.Error()] = true
	}
	return v
}

// shown is how many rules a message names; the evidence has them all.
const shown = 10

// letIn says by which rules public addresses come in. Rules that are open to the internet by themselves make the others
// irrelevant.
func (i internet) letIn(grants []exposure.Grant) (text string, rules []string) {
	open := slices.DeleteFunc(slices.Clone(grants), func(g exposure.Grant) bool { return !i.ExceededBy(g.Public) })
	together := ""
	if len(open) == 0 {
		open = grants
		if len(grants) > 1 {
			together = ", together"
		}
	}
	return exposure.Describe(open, shown) + together, texts(open)
}

func texts(grants []exposure.Grant) []string {
	list := make([]string, len(grants))
	for i, g := range grants {
		list[i] = g.String()
	}
	return list
}

// only says which public addresses come in where they are too few to be the internet.
func (i internet) only(grants []exposure.Grant) string {
	if len(grants) == 0 {
		return "no rule lets public addresses in"
	}
	return fmt.Sprintf("no more than %s come in: %s", i.Internet, exposure.Describe(grants, shown))
}

func ranges(list []exposure.PortRange) []string {
	texts := make([]string, len(list))
	for i, r := range list {
		texts[i] = r.String()
	}
	return texts
}

// ruleTexts gives each rule with each of its peers, sorted: "all traffic from itself".
func ruleTexts(g ec2inv.SecurityGroup, rules []ec2inv.GroupRule, direction string) []string {
	list := []string{}
	for _, r := range rules {
		peers := slices.Concat(r.CIDRs, r.CIDR6s, r.PrefixLists, r.Groups)
		if len(peers) == 0 {
			peers = []string{"what the answer does not say"}
		}
		for _, p := range peers {
			if p == g.ID {
				p = "itself"
			}
			list = append(list, fmt.Sprintf("%s %s %s", trafficText(r), direction, p))
		}
	}
	slices.Sort(list)
	return list
}

func trafficText(r ec2inv.GroupRule) string {
	p, err := exposure.ParseProtocol(r.Protocol)
	if err != nil {
		return fmt.Sprintf("protocol %q", r.Protocol)
	}
	if (p != exposure.TCP && p != exposure.UDP) || r.From == nil || r.To == nil {
		return p.String()
	}
	if *r.From == *r.To {
		return fmt.Sprintf("%s %d", p, *r.From)
	}
	return fmt.Sprintf("%s %d-%d", p, *r.From, *r.To)
}

func join(list []string, limit int) string {
	if rest := len(list) - limit; rest > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:limit], ", "), rest)
	}
	return strings.Join(list, ", ")
}

func vpcOf(id string) string {
	if id == "" {
		return "a VPC that the answer does not name"
	}
	return id
}
