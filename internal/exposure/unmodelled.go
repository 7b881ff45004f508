package exposure

import (
	"slices"
	"strings"
)

// unmodelled names the entrances that are not followed and may lead to the interfaces. Where the groups let nothing in at all
// none of them matters.
func (n *Network) unmodelled(list []*Interface, p Protocol, ports []uint16) []string {
	var names []string
	for _, e := range list {
		closed := len(e.Groups) > 0 && !e.unfiltered
		lists := map[string]bool{}
		if e.unfiltered {
			ports = nil
			n.named(e, lists)
		}
		for _, port := range ports {
			o := n.allowed(e.Groups, false, p, port)
			closed = closed && o.possible.IsEmpty() && len(o.refs) == 0
			for id := range o.lists {
				lists[id] = true
			}
		}
		if closed {
			continue
		}
		names = append(names, n.entrancesOf(e.VPC)...)
		for id := range lists {
			if n.cloudFront[id] {
				names = append(names, "CloudFront, which "+id+" lets in: whoever makes a distribution may lead it to a public address")
			}
		}
		for _, a := range e.IPv4 {
			if a.Carrier {
				names = append(names, "carrier gateway address "+a.Public)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// named adds the prefix lists that any rule of the interface's groups lets in.
func (n *Network) named(e *Interface, lists map[string]bool) {
	for _, id := range e.Groups {
		if g := n.groups[id]; g != nil {
			for _, r := range g.Inbound {
				for _, l := range r.PrefixLists {
					lists[l.ID] = true
				}
			}
		}
	}
}

// entrancesOf names the entrances of a VPC, and what could not be listed of them.
func (n *Network) entrancesOf(vpc string) []string {
	var names []string
	for _, x := range slices.Concat(n.evidence.Entrances.List, n.shown) {
		if x.VPC == "" || vpc == "" || x.VPC == vpc {
			names = append(names, x.Kind+" "+x.ID)
		}
	}
	for _, lost := range n.evidence.Entrances.Missing {
		names = append(names, lost+" (not read)")
	}
	return names
}

// byTarget are the entrances that a route's target shows
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html).
var byTarget = []struct{ prefix, kind string }{
	{"pcx-", "VPC peering connection"},
	{"tgw-", "transit gateway"},
	{"vgw-", "virtual private gateway"},
	{"lgw-", "local gateway"},
	{"cagw-", "carrier gateway"},
	{"arn:aws:networkmanager:", "Cloud WAN core network"},
	{"arn:aws-cn:networkmanager:", "Cloud WAN core network"},
	{"arn:aws-us-gov:networkmanager:", "Cloud WAN core network"},
}

// byInterface are those that the type of an interface shows: it is how something outside of the VPC comes in. A Lambda function's is
// not among them: what comes in there is the function's own connections, as an instance's would be
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html, "interfaceType").
var byInterface = map[string]string{
	"api_gateway_managed":              "API Gateway VPC link",
	"aws_codestar_connections_managed": "CodeConnections host",
	"ec2_instance_connect_endpoint":    "EC2 Instance Connect endpoint",
	"gateway_load_balancer_endpoint":   "gateway load balancer endpoint",
	"global_accelerator_managed":       "Global Accelerator",
	"iot_rules_managed":                "IoT rule",
	"quicksight":                       "QuickSight VPC connection",
	"transit_gateway":                  "transit gateway attachment",
}

// shownEntrances are those that other listings show: routes and interfaces name what no listing of its own does.
func shownEntrances(e *Evidence) []Entrance {
	found := map[Entrance]bool{}
	add := func(x Entrance) {
		for _, own := range e.Entrances.List { // a listing of its own has it
			if own.ID == x.ID || own.VPC == x.VPC && strings.HasPrefix(own.Kind, x.Kind) {
				return
			}
		}
		found[x] = true
	}
	for _, t := range e.RouteTables.List {
		for _, r := range t.Routes {
			for _, k := range byTarget {
				if strings.HasPrefix(r.Target, k.prefix) && r.State != "blackhole" {
					add(Entrance{k.kind, r.Target, t.VPC})
				}
			}
		}
	}
	for _, i := range e.Interfaces.List {
		kind := byInterface[i.Type]
		if kind == "Global Accelerator" && len(e.Accelerators.List) > 0 { // followed
			kind = ""
		}
		if kind != "" {
			add(Entrance{kind, "in " + i.VPC, i.VPC})
		}
	}
	var all []Entrance
	for x := range found {
		all = append(all, x)
	}
	return all
}
