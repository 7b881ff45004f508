package reach

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
)

// network is what EC2 says. A row that lacks what AWS always gives is left out, with a word on what is missing.
func (m *maker) network(e *exposure.Evidence) {
	in := m.in
	for _, v := range in.vpcs.List {
		if v.CIDRs != nil { // without blocks it counts as not listed
			e.VPCs.List = append(e.VPCs.List, exposure.VPC{ID: v.ID, Owner: v.Owner, CIDRs: slices.Concat(v.CIDRs, v.IPv6CIDRs), PrivateIPv6: v.PrivateIPv6})
		}
	}
	e.VPCs.Missing = m.gaps(in.vpcs.Gaps)

	for _, s := range in.subnets.List {
		cidrs := slices.Clone(s.IPv6CIDRs)
		if s.CIDR != "" {
			cidrs = append(cidrs, s.CIDR)
		}
		e.Subnets.List = append(e.Subnets.List, exposure.Subnet{ID: s.ID, VPC: s.VPCID, Owner: s.Owner, Zone: s.Zone, CIDRs: cidrs})
	}
	e.Subnets.Missing = m.gaps(in.subnets.Gaps)

	m.routeTables(e)

	for _, g := range in.gateways.List {
		if g.Attachments == nil {
			e.Gateways.Missing = append(e.Gateways.Missing, "the attachments of "+g.ID)
			continue // listed without any it would be attached to no VPC
		}
		row := exposure.InternetGateway{ID: g.ID}
		for _, a := range g.Attachments {
			row.Attachments = append(row.Attachments, exposure.Attachment{VPC: a.VPCID, State: a.State})
		}
		e.Gateways.List = append(e.Gateways.List, row)
	}
	e.Gateways.Missing = append(e.Gateways.Missing, m.gaps(in.gateways.Gaps)...)

	for _, a := range slices.Concat(in.acls.List, in.sharedACLs.List) {
		if a.Subnets == nil {
			e.ACLs.Missing = append(e.ACLs.Missing, "the subnets of "+a.ID)
		}
		// Every ACL has the rules that deny the rest, which cannot be removed (VPC user guide, "Network ACL basics"); one without
		// an entry would deny everything.
		if len(a.Entries) == 0 {
			e.ACLs.Missing = append(e.ACLs.Missing, "the entries of "+a.ID)
			continue
		}
		e.ACLs.List = append(e.ACLs.List, acl(a))
	}
	e.ACLs.Missing = append(e.ACLs.Missing, m.gaps(in.acls.Gaps, in.sharedACLs.Gaps)...)

	m.securityGroups(e)
	m.interfaces(e)

	for _, i := range in.instances.List {
		e.Instances.List = append(e.Instances.List, exposure.Instance{ID: i.ID, VPC: i.VPCID, State: i.State})
	}
	e.Instances.Missing = m.gaps(in.instances.Gaps)

	e.Block.Missing = m.gaps(in.block.Gaps)
	if len(in.block.List) == 0 && len(e.Block.Missing) == 0 {
		e.Block.Missing = []string{"the mode of VPC Block Public Access"}
	}
	for _, b := range in.block.List {
		e.Block.Mode, e.Block.State = b.Mode, b.State
	}
	for _, x := range in.exclusions.List {
		id := x.Excluded[strings.LastIndex(x.Excluded, "/")+1:]
		e.Exclusions.List = append(e.Exclusions.List, exposure.Exclusion{ID: x.ID, Resource: id, Mode: x.Mode, State: x.State})
	}
	e.Exclusions.Missing = m.gaps(in.exclusions.Gaps)
}

func (m *maker) routeTables(e *exposure.Evidence) {
	miss := func(what string) { e.RouteTables.Missing = append(e.RouteTables.Missing, what) }
	for _, t := range m.in.tables.List {
		row := exposure.RouteTable{ID: t.ID, VPC: t.VPCID}
		if t.Associations == nil {
			miss("the associations of " + t.ID)
		}
		if t.Routes == nil { // a table always has its local route
			miss("the routes of " + t.ID)
			continue
		}
		for _, a := range t.Associations {
			switch a.State {
			case "disassociated", "failed":
				continue
			case "associated":
			default: // what is being changed is not known
				miss("the state of an association of " + t.ID)
			}
			switch {
			case a.Subnet != "":
				row.Subnets = append(row.Subnets, a.Subnet)
			case a.Gateway != "":
				row.Gateways = append(row.Gateways, a.Gateway)
			case a.Main == nil:
				miss("whether " + t.ID + " is the main route table")
			default:
				row.Main = row.Main || *a.Main
			}
		}
		for _, r := range t.Routes {
			route := exposure.Route{
				Destination: cmp.Or(r.CIDR, r.CIDR6, r.PrefixList), Target: r.Target, State: r.State, Propagated: r.Origin == "EnableVgwRoutePropagation",
			}
			if r.Kind == ec2.TargetOther {
				route.Target = "" // a kind that is not known here may be anything
			}
			row.Routes = append(row.Routes, route)
		}
		e.RouteTables.List = append(e.RouteTables.List, row)
	}
	e.RouteTables.Missing = append(e.RouteTables.Missing, m.gaps(m.in.tables.Gaps)...)
	for _, l := range m.prefixLists() {
		e.PrefixLists.List = append(e.PrefixLists.List, l)
	}
	e.PrefixLists.Missing = m.gaps(m.in.lists.Gaps, m.in.pathLists.Gaps)
}

// prefixLists are those that rules and routes name, by id.
func (m *maker) prefixLists() map[string]exposure.PrefixList {
	if m.lists != nil {
		return m.lists
	}
	m.lists = map[string]exposure.PrefixList{}
	names := m.listNames()
	for _, l := range slices.Concat(m.in.lists.List, m.in.pathLists.List) {
		m.lists[l.ID] = exposure.PrefixList{ID: l.ID, Name: names[l.ID], Entries: l.Entries, Read: l.Listed, Reason: "the answer did not give all its entries"}
	}
	for _, g := range slices.Concat(m.in.lists.Gaps, m.in.pathLists.Gaps) {
		if g.Parent != nil && g.Parent.Type == "AWS::EC2::PrefixList" {
			id := g.Parent.ID
			m.lists[id] = exposure.PrefixList{ID: id, Name: names[id], Entries: m.lists[id].Entries, Reason: m.missing(&g.Error)}
		}
	}
	return m.lists
}

// listNames are what AWS calls lists of its own, by id; ManagedPrefixList's OwnerId is then "AWS". They were asked of the lists that
// inbound rules of the account's own groups name.
func (m *maker) listNames() map[string]string {
	var asked []*inventory.Resource
	for _, l := range m.in.lists.List {
		asked = append(asked, l.Resource)
	}
	for _, g := range m.in.lists.Gaps {
		if g.Parent != nil && g.Parent.Type == "AWS::EC2::PrefixList" {
			asked = append(asked, g.Parent)
		}
	}
	names := map[string]string{}
	for _, r := range asked {
		var call *awsapi.Error
		name, err := m.in.listNames.Of(ec2.PrefixListRef{Resource: r}).Get()
		switch {
		case errors.As(err, &call):
			m.lost["lets CloudFront in"] = []error{call}
		case err == nil && name.Owner == "AWS":
			names[r.ID] = name.Name
		}
	}
	return names
}

func acl(a ec2.NetworkACL) exposure.ACL {
	row := exposure.ACL{ID: a.ID, VPC: a.VPCID, Subnets: a.Subnets}
	for _, r := range a.Entries {
		if r.Number == nil || r.Egress == nil {
			both := exposure.ACLEntry{} // one that could not be read, in whichever direction
			row.Entries = append(row.Entries, both, exposure.ACLEntry{Egress: true})
			continue
		}
		row.Entries = append(row.Entries, exposure.ACLEntry{
			Number: *r.Number, Egress: *r.Egress, Action: r.Action, Protocol: r.Protocol, From: r.From, To: r.To, CIDR: r.CIDR, CIDR6: r.CIDR6,
		})
	}
	return row
}

// securityGroups leaves out those whose rules the answer did not give: they count as not listed.
func (m *maker) securityGroups(e *exposure.Evidence) {
	for _, g := range slices.Concat(m.in.groups.List, m.in.sharedGroups.List) {
		if g.Inbound != nil && g.Outbound != nil {
			e.Groups.List = append(e.Groups.List, exposure.Group{ID: g.ID, VPC: g.VPCID, Inbound: m.rules(g.Inbound), Outbound: m.rules(g.Outbound)})
		}
	}
	e.Groups.Missing = m.gaps(m.in.groups.Gaps, m.in.sharedGroups.Gaps)
}

func (m *maker) rules(list []ec2.GroupRule) []exposure.Rule {
	lists := m.prefixLists()
	rules := make([]exposure.Rule, 0, len(list))
	for _, r := range list {
		rule := exposure.Rule{Protocol: r.Protocol, From: r.From, To: r.To, CIDRs: r.CIDRs, CIDR6s: r.CIDR6s, GroupRefs: r.Groups}
		for _, id := range r.PrefixLists {
			l, named := lists[id]
			if !named {
				l = exposure.PrefixList{ID: id, Reason: strings.Join(m.gaps(m.in.lists.Gaps, m.in.pathLists.Gaps), "; ")}
			}
			rule.PrefixLists = append(rule.PrefixLists, l)
		}
		if len(r.CIDRs)+len(r.CIDR6s)+len(r.PrefixLists)+len(r.Groups) == 0 {
			rule.PrefixLists = []exposure.PrefixList{{Reason: "the answer gives no source of a rule"}}
		}
		rules = append(rules, rule)
	}
	return rules
}

func (m *maker) interfaces(e *exposure.Evidence) {
	for _, n := range m.in.enis.List {
		row := exposure.Interface{
			ID: n.ID, Subnet: n.SubnetID, VPC: n.VPCID, Status: n.Status, Type: n.InterfaceType, Instance: n.InstanceID, Groups: n.Groups, IPv6: n.IPv6,
			LoadBalancer: m.balancerOf(n), Hidden: answer(n.DenyAllIGWTraffic),
		}
		if n.Manager != "" || n.RequesterManaged != nil && *n.RequesterManaged {
			row.Owner = cmp.Or(n.Manager, n.RequesterID, n.InterfaceType)
		}
		if n.Groups == nil {
			row.Groups = []string{"the groups of " + n.ID} // one that is not listed
		}
		switch {
		case n.Addresses == nil && len(n.IPv6) == 0: // in an IPv6-only subnet there is no IPv4 address
			e.Interfaces.Missing = append(e.Interfaces.Missing, "the addresses of "+n.ID)
		case n.InstanceID != "" && n.DeviceIndex == nil:
			e.Interfaces.Missing = append(e.Interfaces.Missing, "whether "+n.ID+" is the primary interface of "+n.InstanceID)
		case n.InstanceID != "":
			row.Device = int(*n.DeviceIndex)
		}
		for _, a := range n.Addresses {
			row.IPv4 = append(row.IPv4, exposure.IPv4{Private: a.Private, Public: cmp.Or(a.Public, a.CarrierIP), Allocation: a.Allocation, Carrier: a.Public == "" && a.CarrierIP != ""})
		}
		m.delegated(&row, n.Prefixes)
		if n.DenyAllIGWTraffic != nil && *n.DenyAllIGWTraffic && !n.OfLoadBalancer() {
			row.IPv6 = nil
			for i := range row.IPv4 {
				row.IPv4[i].Public = ""
			}
		}
		e.Interfaces.List = append(e.Interfaces.List, row)
	}
	e.Interfaces.Missing = append(e.Interfaces.Missing, m.gaps(m.in.enis.Gaps)...)
}

// delegated adds the addresses of blocks that are delegated to an interface: an IPv4 one is a /28 (EC2 user guide, "Prefix
// delegation for Amazon EC2 network interfaces").
func (m *maker) delegated(row *exposure.Interface, blocks []string) {
	for _, text := range blocks {
		p, err := netip.ParsePrefix(text)
		if err != nil || p.Addr().Is6() || p.Bits() < 24 {
			row.IPv6 = append(slices.Clone(row.IPv6), text)
			continue
		}
		for a := p.Masked().Addr(); p.Contains(a); a = a.Next() {
			row.IPv4 = append(row.IPv4, exposure.IPv4{Private: a.String()})
		}
	}
}

// balancerOf is the ARN of the load balancer whose node an interface is: its description says which ("ELB app/NAME/ID", "ELB
// net/NAME/ID", "ELB NAME"; user guides of Elastic Load Balancing). It may be one that was not listed.
func (m *maker) balancerOf(n ec2.ENI) string {
	if !n.OfLoadBalancer() {
		return ""
	}
	name, ok := strings.CutPrefix(n.Description, "ELB ")
	if !ok {
		return ""
	}
	for _, b := range m.in.balancers.List {
		if strings.HasSuffix(b.ARN, ":loadbalancer/"+name) {
			return b.ARN
		}
	}
	for _, b := range m.in.classic.List {
		if b.ID == name {
			return b.ARN
		}
	}
	return name
}
