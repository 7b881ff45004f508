package reachable

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/reach"
)

// Uses tells whether the internet reaches what uses a security group, for one check: each interface is asked once about a
// service, whatever number of groups it has.
type Uses struct {
	net    Network
	asked  map[question]exposure.Reachability
	bounds map[bounded][]exposure.Bound
}

// bounded is a question about all ports of an interface, whatever groups it has.
type bounded struct {
	of       string
	protocol exposure.Protocol
}

type question struct {
	of string
	at exposure.Service
}

// BindUses asks for the network and for who uses which group.
func BindUses(b *inventory.Binder) Uses {
	return Uses{Bind(b), map[question]exposure.Reachability{}, map[bounded][]exposure.Bound{}}
}

// Internet is what counts as the internet; the error is a threshold out of range.
func (u Uses) Internet() (exposure.Internet, error) { return u.net.internet, u.net.err }

// Opened is a security group with what it opens to the internet.
type Opened struct {
	ID    string
	Rules exposure.SecurityGroup
	At    []exposure.Service
	// Severity is the check's own: one step more where something is reachable.
	Severity finding.Severity
}

// Explain appends to a fail whether the internet reaches something that uses the group, at the ports and by what the group
// opens, and then raises it by one step. It only explains: the verdict stands whatever was not read, and nothing lowers it.
func (u Uses) Explain(v checks.Verdict, g Opened) checks.Verdict {
	net, err := u.net.region()
	if err != nil {
		return v.NotSeen("what uses it", err)
	}
	users, lost := net.Users(g.ID)
	f := found{users: len(users)}
	through := &filter{net: u.net, group: g, openings: map[exposure.Service]exposure.Opening{}}
	for _, user := range users {
		f.add(user, u.judge(net, user, through))
	}
	switch {
	case len(users) > 0:
		v = f.tell(v, net, g.Severity)
	case len(lost) == 0:
		return v.Adding("; no network interface of the account has it").With("interfaces", 0)
	}
	what := "what uses it"
	if len(users) > 0 {
		what = "what else uses it"
	}
	for _, err := range lost {
		v = v.NotSeen(what, err)
	}
	return v
}

// reached is what is known of one interface.
type reached struct {
	answer exposure.Answer
	path   *exposure.Path // of a Yes, by the group
	text   string
	stop   *exposure.Stop // of a No: the best path's
	missing,
	unmodelled []string
}

// judge asks about each service that the group opens, at the ports at which anything may come in whatever the groups are: of most
// interfaces none, and of the others few, so that the rules of all groups matter there alone.
func (u Uses) judge(net reach.Network, user reach.User, through *filter) reached {
	all := reached{answer: exposure.No}
	add := func(one reached) {
		if one.answer == exposure.Unknown {
			all.answer = exposure.Unknown
		}
		all.missing, all.unmodelled = append(all.missing, one.missing...), append(all.unmodelled, one.unmodelled...)
		if one.stop != nil && (all.stop == nil || steps(one.stop.Path) > steps(all.stop.Path)) {
			all.stop = one.stop
		}
	}
	for _, s := range spans(through.group.At) {
		for _, bound := range u.bound(net, user, s) {
			if bound.Answer == exposure.No {
				one := reached{answer: exposure.No, unmodelled: bound.Unmodelled}
				if len(bound.Stops) > 0 {
					one.stop = &bound.Stops[0]
				}
				add(one)
				continue
			}
			one := u.ask(net, user, through, exposure.Service{Protocol: s.Protocol, Ports: bound.Ports}, bound.Answer)
			if one.answer == exposure.Yes {
				return one
			}
			add(one)
		}
	}
	return all
}

// bound gives what may come in at the ports of a service whatever the groups are.
func (u Uses) bound(net reach.Network, user reach.User, s exposure.Service) []exposure.Bound {
	q := bounded{user.Interface, s.Protocol}
	list, known := u.bounds[q]
	if !known {
		list = net.Unfiltered(u.net.internet, user.Interface, s.Protocol)
		u.bounds[q] = list
	}
	var own []exposure.Bound
	for _, b := range list {
		b.Ports = exposure.PortRange{From: max(b.Ports.From, s.Ports.From), To: min(b.Ports.To, s.Ports.To)}
		if b.Ports.From <= b.Ports.To {
			own = append(own, b)
		}
	}
	return own
}

// ask begins with the first port: if it is open, that saves the others, and if it is not known whether it is where nothing is surely
// open, they can add nothing.
func (u Uses) ask(net reach.Network, user reach.User, through *filter, s exposure.Service, most exposure.Answer) reached {
	look := func(s exposure.Service) reached {
		q := question{user.Interface, s}
		r, known := u.asked[q]
		if !known {
			r = net.Reach(u.net.internet, exposure.Target{Interface: user.Interface}, s.Protocol, s.Ports)
			u.asked[q] = r
		}
		return through.pass(user, s.Protocol, r)
	}
	first := exposure.Service{Protocol: s.Protocol, Ports: exposure.PortRange{From: s.Ports.From, To: s.Ports.From}}
	one := look(first)
	if first == s || one.answer == exposure.Yes || one.answer == exposure.Unknown && most == exposure.Unknown {
		return one
	}
	return look(s)
}

// many is from how many ranges of ports on they are asked for as one: the reasoning looks at each stretch of equal answers
// once, of which there are few between the ports of rules.
const many = 4

// spans joins the ranges of each protocol where there are many.
func spans(list []exposure.Service) []exposure.Service {
	by := map[exposure.Protocol][]exposure.Service{}
	for _, s := range list {
		by[s.Protocol] = append(by[s.Protocol], s)
	}
	var out []exposure.Service
	for _, s := range list {
		switch of := by[s.Protocol]; {
		case len(of) <= many:
			out = append(out, s)
		case s == of[0]:
			s.Ports.To = of[len(of)-1].Ports.To
			out = append(out, s)
		}
	}
	return out
}

func steps(path string) int { return strings.Count(path, "→") }

// filter keeps what comes in by one group alone.
type filter struct {
	net      Network
	group    Opened
	openings map[exposure.Service]exposure.Opening
}

// opens says whether the group opens one of the ports to the internet.
func (f *filter) opens(p exposure.Protocol, ports exposure.PortRange) bool {
	return slices.ContainsFunc(f.group.At, func(s exposure.Service) bool {
		return s.Protocol == p && s.Ports.From <= ports.To && ports.From <= s.Ports.To
	})
}

// pass narrows an answer about an interface with all its groups to what the group alone lets in.
func (f *filter) pass(user reach.User, p exposure.Protocol, r exposure.Reachability) reached {
	out := reached{answer: exposure.No, unmodelled: r.Unmodelled}
	type way struct {
		sure, possible exposure.Addresses
		path           *exposure.Path
		text           string
	}
	at := map[exposure.PortRange]way{}
	for i := range r.Paths {
		path := &r.Paths[i]
		if !f.opens(p, path.Ports) {
			continue
		}
		sure, possible, text := f.narrow(user, p, path)
		w := at[path.Ports]
		w.sure, w.possible = w.sure.Union(sure), w.possible.Union(possible)
		if w.path == nil && !sure.Intersect(exposure.Public()).IsEmpty() {
			w.path, w.text = path, text
		}
		at[path.Ports] = w
	}
	for _, ports := range slices.SortedFunc(maps.Keys(at), func(a, b exposure.PortRange) int { return cmp.Compare(a.From, b.From) }) {
		switch w := at[ports]; f.net.internet.Judge(w.sure, w.possible) {
		case exposure.Yes:
			return reached{answer: exposure.Yes, path: w.path, text: w.text}
		case exposure.Unknown:
			out.answer = exposure.Unknown
		default:
		}
	}
	for _, ports := range r.Doubtful {
		if f.opens(p, ports) {
			out.answer = exposure.Unknown
		}
	}
	if out.answer == exposure.Unknown {
		out.missing = r.Missing
	} else if len(r.Stops) > 0 {
		out.stop = &r.Stops[0]
	}
	return out
}

// narrow is a path with the group in the place of all groups of the interface. Where they let a load balancer in instead of its
// clients, the group does if it opens the whole VPC.
func (f *filter) narrow(user reach.User, p exposure.Protocol, path *exposure.Path) (sure, possible exposure.Addresses, text string) {
	at := -1
	for i, l := range path.Links {
		if isOf(l.ID, user.Groups) {
			at = i // the last one: a load balancer before it may have the same group
		}
	}
	if at < 0 || len(user.Groups) == 1 { // it is by the group already
		return path.From, path.Possible, path.String()
	}
	service := exposure.Service{Protocol: p, Ports: exposure.PortRange{From: path.Ports.From, To: path.Ports.From}}
	o, known := f.openings[service]
	if !known {
		o = f.group.Rules.OpenTo(f.net.internet, p, path.Ports.From)
		f.openings[service] = o
	}
	link := path.Links[at]
	if link.Sure.Equal(everything) {
		switch {
		case user.VPC.IsEmpty(), !user.VPC.Subtract(o.Sources).IsEmpty() && !user.VPC.Intersect(o.Possible).IsEmpty():
			return exposure.Addresses{}, path.Possible, ""
		case user.VPC.Intersect(o.Possible).IsEmpty():
			return exposure.Addresses{}, exposure.Addresses{}, ""
		}
		link.Text = f.group.ID + " (from the load balancer)"
	} else {
		link.Sure, link.Possible = o.Sources, o.Possible
		if len(o.Grants) > 0 {
			link.Text = f.group.ID + " (" + o.Grants[0].String() + ")"
		}
	}
	own := *path
	own.Links = slices.Clone(path.Links)
	own.Links[at] = link
	sure, possible = path.Clients, path.Clients
	for _, l := range own.Links {
		sure, possible = sure.Intersect(l.Sure), possible.Intersect(l.Possible)
	}
	return sure, possible, own.String()
}

var everything = exposure.FromPrefixes(netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0"))

// isOf says whether a link's id is that of one of the groups, or of several.
func isOf(id string, groups []string) bool {
	if id == "" {
		return false
	}
	for one := range strings.SplitSeq(id, ", ") {
		if !slices.Contains(groups, one) {
			return false
		}
	}
	return true
}

// found collects what is known of all interfaces of a group.
type found struct {
	users               int
	reached             []string
	best                *exposure.Path
	path                string
	doubtful            int
	missing, unmodelled []string
	stop                *exposure.Stop
}

func (f *found) add(user reach.User, r reached) {
	switch r.answer {
	case exposure.Yes:
		f.reached = append(f.reached, user.String())
		if f.best == nil || len(r.path.Links) < len(f.best.Links) {
			f.best, f.path = r.path, r.text
		}
	case exposure.Unknown:
		f.doubtful++
		f.missing = append(f.missing, r.missing...)
	default:
		if r.stop != nil && (f.stop == nil || steps(r.stop.Path) > steps(f.stop.Path)) {
			f.stop = r.stop
		}
	}
	f.unmodelled = append(f.unmodelled, r.unmodelled...)
}

// tell puts it into words: what is reachable, else what was not seen, else the link that stops the best path.
func (f *found) tell(v checks.Verdict, net reach.Network, own finding.Severity) checks.Verdict {
	v = v.With("interfaces", f.users)
	if len(f.reached) > 0 {
		up := next(own)
		if up != own {
			v = v.As(up).Adding("; raised to %s, since the internet", up)
		} else {
			v = v.Adding("; the internet")
		}
		which := "the one network interface that has it"
		if f.users > 1 {
			which = fmt.Sprintf("%d of the %d network interfaces that have it", len(f.reached), f.users)
		}
		return v.Adding(" reaches %s (%s) by %s", which, shorten(f.reached, 3), f.path).
			With("reached", f.reached).With("path", f.path)
	}
	if f.doubtful > 0 {
		why := net.Why(f.missing)
		if len(why) == 0 {
			why = append(why, inventory.Insufficient("not known of %d network interfaces", f.doubtful))
		}
		said := map[string]bool{}
		for _, err := range why {
			if text := inventory.Reason(err).Text; !said[text] {
				said[text] = true
				v = v.NotSeen("whether the internet reaches what uses it", err)
			}
		}
		return v
	}
	if f.users > 1 {
		v = v.Adding("; the internet reaches none of the %d network interfaces that have it at these ports", f.users)
	} else {
		v = v.Adding("; the internet does not reach the one network interface that has it at these ports")
	}
	if f.stop != nil {
		v = v.Adding(": %s", f.stop.Text).With("stopped_at", f.stop.Path)
	}
	slices.Sort(f.unmodelled)
	followed := slices.DeleteFunc(slices.Compact(f.unmodelled), func(s string) bool { return strings.HasSuffix(s, "(not read)") })
	if len(followed) > 0 {
		v = v.Adding("; not followed: %s", shorten(followed, 3)).With("not_followed", followed)
	}
	for _, err := range net.Lost() {
		v = v.NotSeen("what would not have changed this", err)
	}
	return v
}

// next is the severity one step above.
func next(s finding.Severity) finding.Severity {
	list := finding.Severities() // the highest first
	return list[max(0, slices.Index(list, s)-1)]
}
