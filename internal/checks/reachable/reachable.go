// Package reachable puts the reasoning about exposure into verdicts, for the checks of every service that ask it.
package reachable

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/reach"
)

// InternetIPv4Prefix and InternetIPv6Prefix say what counts as the internet. No set of public IPv6 addresses is larger
// than 2000::/3, so a prefix shorter than 4 would call nothing the internet.
var (
	InternetIPv4Prefix = inventory.Param[int]{
		Name:    "internet_ipv4_prefix",
		Doc:     "More public IPv4 addresses than a block of this prefix length has count as the internet.",
		Default: exposure.DefaultIPv4Bits, Min: 1, Max: 32,
	}
	InternetIPv6Prefix = inventory.Param[int]{
		Name:    "internet_ipv6_prefix",
		Doc:     "More global IPv6 addresses than a block of this prefix length has count as the internet.",
		Default: exposure.DefaultIPv6Bits, Min: 4, Max: 128,
	}
)

// Network is the region's network, ready for questions.
type Network struct {
	internet exposure.Internet
	err      error // a threshold out of range, which decides nothing
	rows     inventory.Rows[reach.Network]
}

// Bind asks for it.
func Bind(b *inventory.Binder) Network {
	i, err := exposure.NewInternet(inventory.Value(b, InternetIPv4Prefix), inventory.Value(b, InternetIPv6Prefix))
	return Network{i, err, inventory.Use(b, reach.Networks)}
}

func (n Network) region() (reach.Network, error) {
	switch {
	case n.err != nil:
		return reach.Network{}, n.err
	case len(n.rows.List) != 1:
		if err := n.rows.Err(); err != nil {
			return reach.Network{}, err
		}
		return reach.Network{}, inventory.Insufficient("the network of the region is not known")
	}
	return n.rows.List[0], nil
}

// Instance judges ports of an instance by TCP.
func (n Network) Instance(id, what string, ports []uint16) checks.Verdict {
	net, err := n.region()
	if err != nil {
		return checks.Unknown(err)
	}
	list := make([]exposure.Reachability, len(ports))
	for k, p := range ports {
		list[k] = net.Reach(n.internet, exposure.Target{Instance: id}, exposure.TCP, exposure.PortRange{From: p, To: p})
	}
	return verdict(net, what, list...)
}

// Placement judges a port of what a service has placed somewhere in subnets.
func (n Network) Placement(at exposure.Placement, what string, port uint16) checks.Verdict {
	net, err := n.region()
	if err != nil {
		return checks.Unknown(err)
	}
	return verdict(net, what, net.ReachPlacement(n.internet, at, exposure.TCP, exposure.PortRange{From: port, To: port}))
}

// Exposes appends what the internet reaches by a load balancer. It only explains: the verdict stands whatever was not read.
func (n Network) Exposes(v checks.Verdict, arn string) checks.Verdict {
	net, err := n.region()
	if err != nil {
		return v.NotSeen("what it exposes", err)
	}
	var exposed, doubtful []string
	x := net.LoadBalancer(n.internet, arn)
	for _, l := range x.Listeners {
		text := fmt.Sprintf("%s %d", l.Protocol, l.Port)
		switch {
		case l.Answer == exposure.Yes && len(l.Targets) > 0:
			exposed = append(exposed, text+" → "+strings.Join(l.Targets, ", "))
		case l.Answer == exposure.Yes:
			exposed = append(exposed, text)
		case l.Answer == exposure.Unknown:
			doubtful = append(doubtful, text)
		}
	}
	if len(exposed) > 0 {
		v = v.Adding("; the internet reaches %s", shorten(exposed, 5)).With("exposes", exposed)
	} else if len(doubtful) == 0 && x.Answer == exposure.No {
		v = v.Adding("; the internet reaches none of its listeners")
	}
	if len(doubtful) > 0 {
		v = v.Adding("; not known of %s", shorten(doubtful, 5)).With("not_known", doubtful)
	}
	lost := net.Lost()
	for _, err := range net.Why(x.Missing) { // a call, which is among them, or what an answer did not say
		if !slices.ContainsFunc(lost, func(l error) bool { return inventory.Reason(l).Text == inventory.Reason(err).Text }) {
			lost = append(lost, err)
		}
	}
	for _, err := range lost {
		v = v.NotSeen("a part of what it exposes", err)
	}
	return v
}

// verdict joins the answers about several ports: one that is reachable decides.
func verdict(net reach.Network, what string, list ...exposure.Reachability) checks.Verdict {
	var open []exposure.PortRange
	var paths, missing []string
	for _, r := range list {
		open = append(open, r.Open...)
		missing = append(missing, r.Missing...)
		if r.Answer != exposure.Yes {
			continue
		}
		for _, p := range r.Paths {
			paths = append(paths, p.String())
		}
	}
	switch {
	case len(open) > 0:
		return checks.Fail("the internet reaches %s: %s", what, shorten(paths, 3)).With("ports", ranges(open)).With("paths", paths)
	case len(missing) > 0:
		return checks.Unknown(net.Why(missing)...)
	}
	return notReachable(net, what, list)
}

// notReachable says where the best path ends, from which addresses the port is reachable all the same, and what a "no" does
// not speak of.
func notReachable(net reach.Network, what string, list []exposure.Reachability) checks.Verdict {
	stop, left := "", -1
	var from exposure.Addresses
	var unmodelled []string
	for _, r := range list {
		if r.Answer != exposure.No {
			return checks.Unknown(inventory.Insufficient("the reasoning gave no reason"))
		}
		from = from.Union(r.From.Intersect(exposure.Public()))
		unmodelled = append(unmodelled, r.Unmodelled...)
		if len(r.Stops) > 0 && strings.Count(r.Stops[0].Path, "→") > left {
			stop, left = r.Stops[0].Path, strings.Count(r.Stops[0].Path, "→")
		}
	}
	v := checks.Pass("the internet does not reach %s", what)
	if stop != "" {
		v = v.Adding(": %s", stop).With("stopped_at", stop)
	}
	if !from.IsEmpty() {
		v = v.Adding("; reachable from %s alone", from).With("reachable_from", from.String())
	}
	slices.Sort(unmodelled)
	unmodelled = slices.DeleteFunc(slices.Compact(unmodelled), func(s string) bool { return strings.HasSuffix(s, "(not read)") })
	if len(unmodelled) > 0 {
		v = v.Adding("; not followed: %s", shorten(unmodelled, 5)).With("not_followed", unmodelled)
	}
	for _, err := range net.Lost() {
		v = v.NotSeen("what would not have changed this", err)
	}
	return v
}

func ranges(list []exposure.PortRange) []string {
	texts := make([]string, len(list))
	for i, r := range list {
		texts[i] = r.String()
	}
	return texts
}

func shorten(list []string, limit int) string {
	if rest := len(list) - limit; rest > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(list[:limit], "; "), rest)
	}
	return strings.Join(list, "; ")
}
