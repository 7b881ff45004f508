package ec2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var networkFirewall = []*checks.Check{
	securityGroupSSH, securityGroupRDP, securityGroupAllPorts, defaultSecurityGroup, networkACLAdminPorts, instancePublicIPv4,
}

const groupDetail = "Every group that the account owns is judged, used or not. What counts is the union of the addresses of all rules " +
	"that cover the port, of any protocol that includes TCP, with prefix lists resolved: more public addresses than " +
	"internet_ipv4_prefix or internet_ipv6_prefix allows are the internet. Sources that are security groups mean private addresses. A " +
	"prefix list that could not be read makes the group unknown, unless what was read is open already. A group that fails says whether the internet " +
	"reaches a network interface that has it, at the open ports and by what this group lets in (public addresses, load balancers, Global Accelerator and CloudFront VPC " +
	"origins with every link of the path): then it is critical and names the path; else it says what stops the best path, or that no interface of the account has it. " +
	"What could not be read of this is said and changes nothing else. "

var securityGroupSSH = checks.With(ec2inv.SecurityGroups, checks.Meta{
	ID:       "ec2-security-group-ssh-open",
	Title:    "Security groups do not open SSH (TCP 22) to the internet",
	Layer:    responsibility.NetworkFirewall,
	Severity: openGroup,
	Risk: "A login service that anyone can reach is found within minutes and then guessed at without end: one weak password, leaked key or " +
		"flaw in the server is enough.",
	Fix: checks.Fix{
		Text: "Remove the rule and administer by Session Manager or EC2 Instance Connect Endpoint, or allow the addresses of your own networks alone.",
		CLI:  "aws ec2 revoke-security-group-ingress --group-id <group-id> --protocol tcp --port 22 --cidr 0.0.0.0/0",
		URL:  "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
	},
	Cites:  []checks.Cite{{Framework: "Prowler", ID: "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22"}},
	Detail: groupDetail + "Passes where TCP 22 is not open to the internet; the message says which public addresses it is open to.",
}, theGroupSources, func(in groupSources, g ec2inv.SecurityGroup) checks.Verdict { return judgePort(in, g, 22) })

var securityGroupRDP = checks.With(ec2inv.SecurityGroups, checks.Meta{
	ID:       "ec2-security-group-rdp-open",
	Title:    "Security groups do not open RDP (TCP 3389) to the internet",
	Layer:    responsibility.NetworkFirewall,
	Severity: openGroup,
	Risk: "Remote desktops that anyone can reach are a usual first step of ransomware: passwords are guessed, and flaws in the service are " +
		"exploited before patches are in.",
	Fix: checks.Fix{
		Text: "Remove the rule and administer by Fleet Manager or Session Manager, or allow the addresses of your own networks alone.",
		CLI:  "aws ec2 revoke-security-group-ingress --group-id <group-id> --protocol tcp --port 3389 --cidr 0.0.0.0/0",
		URL:  "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
	},
	Cites:  []checks.Cite{{Framework: "Prowler", ID: "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389"}},
	Detail: groupDetail + "Passes where TCP 3389 is not open to the internet; the message says which public addresses it is open to.",
}, theGroupSources, func(in groupSources, g ec2inv.SecurityGroup) checks.Verdict { return judgePort(in, g, 3389) })

var securityGroupAllPorts = checks.With(ec2inv.SecurityGroups, checks.Meta{
	ID:       "ec2-security-group-all-ports-open",
	Title:    "Security groups do not open every TCP port to the internet",
	Layer:    responsibility.NetworkFirewall,
	Severity: openGroup,
	Risk: "Such a group filters nothing: whatever listens on an instance that has it, now or later, is exposed to anyone unless something " +
		"else stands in the way.",
	Fix: checks.Fix{
		Text: "Replace the rules by one for each port that must be reachable, with the narrowest sources.",
		CLI:  "aws ec2 revoke-security-group-ingress --group-id <group-id> --protocol -1 --cidr 0.0.0.0/0",
		URL:  "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
	},
	Cites: []checks.Cite{{Framework: "Prowler", ID: "ec2_securitygroup_allow_ingress_from_internet_to_all_ports"}},
	Detail: groupDetail + "Fails where each of the ports 1 to 65535 is open to the internet, by one rule or by several together; passes where one is " +
		"surely not.",
}, theGroupSources, func(in groupSources, g ec2inv.SecurityGroup) checks.Verdict {
	if v, stop := unjudgeable(in.internet, g.Owner, g.Inbound != nil); stop {
		return v
	}
	inbound := in.inbound(g)
	all := inbound.AllPortsOpen(in.Internet, exposure.TCP)
	grants := in.named(all.Grants)
	switch all.Answer {
	case exposure.Yes:
		v := checks.Fail("every TCP port is open to the internet; public addresses come in by %s", exposure.Describe(grants, shown)).
			With("rules", texts(grants)).With("vpc_id", g.VPCID)
		v = in.opened(v, g, inbound, exposure.Service{Protocol: exposure.TCP, Ports: exposure.PortRange{From: 1, To: 65535}})
		return notSeen(v, in.why(all.Unread))
	case exposure.No:
		v := checks.Pass("TCP port %d, at least, is not open to the internet", all.FirstNotOpen)
		if len(all.Possible) == 0 {
			v = checks.Pass("no TCP port is open to the internet")
		}
		v = v.With("open_tcp_ports", ranges(all.Open)).With("vpc_id", g.VPCID)
		return notSeen(v, in.why(all.Unread))
	case exposure.Unknown:
	}
	return checks.Unknown(in.why(all.Unread)...)
})

func judgePort(in groupSources, g ec2inv.SecurityGroup, port uint16) checks.Verdict {
	if v, stop := unjudgeable(in.internet, g.Owner, g.Inbound != nil); stop {
		return v
	}
	inbound := in.inbound(g)
	o := inbound.OpenTo(in.Internet, exposure.TCP, port)
	grants := in.named(o.Grants)
	switch o.Answer {
	case exposure.Yes:
		by, rules := in.letIn(grants)
		v := checks.Fail("TCP %d is open to the internet: %s", port, by).With("rules", rules).With("vpc_id", g.VPCID)
		v = in.opened(v, g, inbound, exposure.Service{Protocol: exposure.TCP, Ports: exposure.PortRange{From: port, To: port}})
		return notSeen(v, in.why(o.Unread))
	case exposure.No:
		v := checks.Pass("TCP %d is not open to the internet: %s", port, in.only(grants))
		return notSeen(v.With("rules", texts(grants)).With("vpc_id", g.VPCID), in.why(o.Unread))
	case exposure.Unknown:
	}
	return checks.Unknown(in.why(o.Unread)...)
}

// unjudgeable is the verdict where the answer, or the configuration, leaves out what every verdict hangs on.
func unjudgeable(i internet, owner string, listed bool) (v checks.Verdict, stop bool) {
	switch {
	case i.err != nil:
		return checks.Unknown(i.err), true
	case owner == "":
		return checks.Unknown(inventory.Insufficient("the answer does not say which account owns it")), true
	case !listed:
		return checks.Unknown(inventory.Insufficient("the answer does not give its inbound rules")), true
	}
	return v, false
}

var defaultSecurityGroup = checks.On(ec2inv.DefaultSecurityGroups, checks.Meta{
	ID:       "ec2-default-security-group-closed",
	Title:    "Default security groups have no rules",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.Medium,
	Risk: "Whatever is started without a group of its own gets the default one, and with it all that its rules allow. They were never meant " +
		"for it.",
	Fix: checks.Fix{
		Text: "Give what uses the default group a group of its own, then remove all rules of the default group. It cannot be deleted.",
		CLI: "aws ec2 revoke-security-group-ingress --group-id <group-id> --protocol -1 --source-group <group-id> && " +
			"aws ec2 revoke-security-group-egress --group-id <group-id> --protocol -1 --cidr 0.0.0.0/0",
		URL: "https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "EC2.2"}, {Framework: "CIS 7.0", ID: "6.5"}, {Framework: "Prowler", ID: "ec2_securitygroup_default_restrict_traffic"}},
	Detail: "Judged is the default group of each VPC that the account owns. Passes where it has no inbound and no outbound rule; the two rules " +
		"that AWS creates with it (all traffic from itself, all traffic out) fail.",
}, func(g ec2inv.SecurityGroup) checks.Verdict {
	switch {
	case g.Owner == "":
		return checks.Unknown(inventory.Insufficient("the answer does not say which account owns it"))
	case g.GroupName == "":
		return checks.Unknown(inventory.Insufficient("the answer does not name the group, which may be its VPC's default one"))
	}
	in, out := ruleTexts(g, g.Inbound, "from"), ruleTexts(g, g.Outbound, "to")
	if len(in)+len(out) > 0 {
		return checks.Fail("the default security group of %s has rules: %s", vpcOf(g.VPCID), join(slices.Concat(in, out), shown)).
			With("inbound", in).With("outbound", out).With("vpc_id", g.VPCID)
	}
	if g.Inbound == nil || g.Outbound == nil {
		return checks.Unknown(inventory.Insufficient("the answer does not give both its inbound and its outbound rules"))
	}
	return checks.Pass("the default security group of %s has no inbound and no outbound rule", vpcOf(g.VPCID)).With("vpc_id", g.VPCID)
})

var networkACLAdminPorts = checks.With(ec2inv.NetworkACLs, checks.Meta{
	ID:       "ec2-network-acl-admin-ports-open",
	Title:    "Network ACLs do not let the internet in at SSH or RDP (TCP 22, 3389)",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.Medium,
	Risk: "A network ACL is the fence around a whole subnet, whatever the security groups within it say. One that lets the internet in at " +
		"login services leaves a single wrong group between them and anyone.",
	Fix: checks.Fix{
		Text: "Put entries that deny TCP 22 and 3389 before those that allow all traffic, or allow the ports that are needed alone. Entries are taken in order.",
		CLI: "aws ec2 create-network-acl-entry --network-acl-id <acl-id> --ingress --rule-number <number> --protocol 6 --port-range From=22,To=22 " +
			"--cidr-block 0.0.0.0/0 --rule-action deny",
		URL: "https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html",
	},
	Cites: []checks.Cite{
		{Framework: "FSBP", ID: "EC2.21"},
		{Framework: "CIS 7.0", ID: "6.2"},
		{Framework: "Prowler", ID: "ec2_networkacl_allow_ingress_tcp_port_22"},
		{Framework: "Prowler", ID: "ec2_networkacl_allow_ingress_tcp_port_3389"},
	},
	Detail: "Every network ACL that the account owns is judged, default ones and those without a subnet included. Inbound entries are taken in " +
		"the order of their numbers, the first that matches an address decides, and what remains allowed at TCP 22 or 3389 must not be more " +
		"public addresses than internet_ipv4_prefix or internet_ipv6_prefix allow. AWS creates default ACLs that allow everything: they fail. " +
		"Outbound entries are not looked at.",
}, theInternet, func(in internet, a ec2inv.NetworkACL) checks.Verdict {
	if v, stop := unjudgeable(in, a.Owner, hasInbound(a)); stop {
		return v
	}
	acl := exposure.NewNetworkACL(aclEntries(a))
	var open, rules, only []string
	var why []error
	undecided := false
	for _, port := range []uint16{22, 3389} {
		o := acl.Allows(in.Internet, exposure.TCP, port)
		for _, u := range o.Unread {
			why = append(why, doubt(u))
		}
		by, list := in.letIn(o.Grants)
		undecided = undecided || o.Answer == exposure.Unknown
		switch {
		case o.Answer == exposure.Yes:
			open = append(open, fmt.Sprintf("TCP %d (%s)", port, by))
			rules = append(rules, list...)
		case len(o.Grants) > 0:
			only = append(only, fmt.Sprintf("TCP %d: %s", port, in.only(o.Grants)))
		}
	}
	slices.Sort(rules)
	about := func(v checks.Verdict) checks.Verdict {
		if a.Subnets != nil {
			v = v.With("subnets", a.Subnets)
		}
		if a.Subnets != nil && len(a.Subnets) == 0 {
			v = v.Adding("; no subnet is associated with it")
		}
		return notSeen(v.With("vpc_id", a.VPCID), why)
	}
	switch {
	case len(open) > 0:
		return about(checks.Fail("the network ACL of %s lets the internet in at %s", vpcOf(a.VPCID), strings.Join(open, " and ")).With("entries", slices.Compact(rules)))
	case undecided:
		return checks.Unknown(why...)
	case len(only) > 0:
		return about(checks.Pass("the network ACL of %s does not let the internet in at TCP 22 or 3389; %s", vpcOf(a.VPCID), strings.Join(only, "; ")))
	}
	return about(checks.Pass("the network ACL of %s lets no public address in at TCP 22 or 3389", vpcOf(a.VPCID)))
})

// hasInbound: an ACL has at least the last entry, which denies what no other allows; an answer without any is not whole.
func hasInbound(a ec2inv.NetworkACL) bool {
	return slices.ContainsFunc(a.Entries, func(e ec2inv.ACLEntry) bool { return !outbound(e) })
}

// outbound is surely about what leaves the subnet.
func outbound(e ec2inv.ACLEntry) bool { return e.Egress != nil && *e.Egress }

// aclEntries are the inbound entries as exposure takes them. One without a number or a direction may be any inbound one
// and may stand anywhere: the zero entry, before all others, says so.
func aclEntries(a ec2inv.NetworkACL) []exposure.ACLEntry {
	list := make([]exposure.ACLEntry, 0, len(a.Entries))
	for _, e := range a.Entries {
		if outbound(e) {
			continue
		}
		if e.Number == nil || e.Egress == nil {
			list = append(list, exposure.ACLEntry{})
			continue
		}
		list = append(list, exposure.ACLEntry{
			Number: *e.Number, Action: e.Action, Protocol: e.Protocol, From: e.From, To: e.To, CIDR: e.CIDR, CIDR6: e.CIDR6,
		})
	}
	return list
}

var instancePublicIPv4 = checks.On(ec2inv.Instances, checks.Meta{
	ID:       "ec2-instance-no-public-ipv4",
	Title:    "EC2 instances have no public IPv4 address",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.Medium,
	Risk: "A public address puts the instance on the internet, with only its security groups and network ACL in between. Behind a load " +
		"balancer, or reached by Session Manager, it needs none.",
	Fix: checks.Fix{
		Text: "Disassociate Elastic IP addresses, turn the automatic public address off on the interface and in the subnet, and move the instance " +
			"behind a load balancer or a NAT gateway.",
		CLI: "aws ec2 modify-network-interface-attribute --network-interface-id <interface-id> --no-associate-public-ip-address",
		URL: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "EC2.9"}, {Framework: "Prowler", ID: "ec2_instance_public_ip"}},
	Detail: "Fails where any private address of any interface has a public IPv4 address, automatic or Elastic. A stopped instance keeps Elastic " +
		"IP addresses alone, and passes without one. Carrier IP addresses of Wavelength Zones are not reachable from the internet; they are named " +
		"and do not fail. An instance that is still starting, or whose answer lists no interface, is unknown unless an address is shown.",
}, func(i ec2inv.Instance) checks.Verdict {
	if i.Manager != "" {
		return checks.NotApplicable("the instance is managed by %s, which answers for its addresses", i.Manager)
	}
	public, carrier := addresses(i)
	switch {
	case len(public) > 0:
		return checks.Fail("the instance has a public IPv4 address: %s", strings.Join(public, ", ")).With("public_ipv4", public).With("state", i.State)
	case len(i.Interfaces) == 0:
		return checks.Unknown(inventory.Insufficient("the answer lists none of its network interfaces"))
	case i.State != "running" && !i.Stopped():
		return checks.Unknown(inventory.Insufficient("the instance is still starting, and may not have all its addresses yet"))
	}
	v := checks.Pass("no network interface has a public IPv4 address").With("interfaces", len(i.Interfaces)).With("state", i.State)
	if i.Stopped() {
		v = v.Adding("; the instance is stopped, and may get one when it starts")
	}
	if len(carrier) > 0 {
		v = v.With("carrier_ips", carrier)
	}
	return v
})

// addresses gives an instance's public IPv4 and carrier addresses with their interfaces, sorted. PublicIpAddress may be a
// carrier address (Instance, API reference).
func addresses(i ec2inv.Instance) (public, carrier []string) {
	known := map[string]bool{"": true}
	for _, n := range i.Interfaces {
		for _, ip := range n.CarrierIPs {
			known[ip] = true
			carrier = append(carrier, ip+" ("+n.ID+")")
		}
	}
	for _, n := range i.Interfaces {
		for _, ip := range n.PublicIPv4 {
			if !known[ip] {
				public = append(public, ip+" ("+n.ID+")")
			}
			known[ip] = true
		}
	}
	if !known[i.PublicIP] {
		public = append(public, i.PublicIP)
	}
	slices.Sort(public)
	slices.Sort(carrier)
	return public, carrier
}
