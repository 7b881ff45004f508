package ec2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var openPorts = []*checks.Check{securityGroupHighRiskPorts, securityGroupUnauthorizedPorts}

// Ports of these checks, as the Security Hub user guide lists them under EC2.19 and gives them as defaults of EC2.18.
var (
	HighRiskTCPPorts = inventory.Param[[]int]{
		Name: "high_risk_tcp_ports",
		Doc:  "TCP ports that must not be open to the internet: remote administration, databases, file sharing, mail and development servers.",
		Default: []int{
			20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300,
		},
	}
	AuthorizedTCPPorts = inventory.Param[[]int]{
		Name: "authorized_tcp_ports", Doc: "TCP ports that may be open to the internet.", Default: []int{80, 443},
	}
	AuthorizedUDPPorts = inventory.Param[[]int]{
		Name: "authorized_udp_ports", Doc: "UDP ports that may be open to the internet.", Default: []int{},
	}
)

type portPolicy struct {
	groupSources
	tcp, udp []int
}

var securityGroupHighRiskPorts = checks.With(ec2inv.SecurityGroups, checks.Meta{
	ID:       "ec2-security-group-high-risk-ports-open",
	Title:    "Security groups do not open high-risk ports to the internet",
	Layer:    responsibility.NetworkFirewall,
	Severity: openGroup,
	Risk: "Databases, remote administration, file sharing and development servers are made for trusted networks: exposed to everyone, they are " +
		"scanned for, guessed at and exploited within hours.",
	Fix: checks.Fix{
		Text: "Remove the rules, or allow the addresses of your own networks alone; put a load balancer in front of what must be public.",
		CLI:  "aws ec2 revoke-security-group-ingress --group-id <group-id> --protocol tcp --port <port> --cidr 0.0.0.0/0",
		URL:  "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "EC2.19"}},
	Detail: groupDetail + "Fails where one of high_risk_tcp_ports is open to the internet by TCP, by one rule or by several together; the message names " +
		"the open ones.",
}, func(b *inventory.Binder) portPolicy {
	return portPolicy{groupSources: theGroupSources(b), tcp: inventory.Value(b, HighRiskTCPPorts)}
}, func(in portPolicy, g ec2inv.SecurityGroup) checks.Verdict {
	if v, stop := unjudgeable(in.internet, g.Owner, g.Inbound != nil); stop {
		return v
	}
	rules := in.inbound(g)
	tcp := rules.OpenPorts(in.Internet, exposure.TCP)
	return in.verdict(g, rules, "high-risk", openOnes{exposure.TCP, within(tcp.Open, in.tcp), within(tcp.Possible, in.tcp), tcp})
})

var securityGroupUnauthorizedPorts = checks.With(ec2inv.SecurityGroups, checks.Meta{
	ID:       "ec2-security-group-unauthorized-ports-open",
	Title:    "Security groups open only authorized ports to the internet",
	Layer:    responsibility.NetworkFirewall,
	Severity: openGroup,
	Risk: "Each port that is open to everyone is a service that everyone may attack; a port that nobody has decided to open is one that nobody " +
		"watches.",
	Fix: checks.Fix{
		Text: "Remove the rules, or list the ports that are meant to be public under authorized_tcp_ports or authorized_udp_ports.",
		CLI:  "aws ec2 revoke-security-group-ingress --group-id <group-id> --protocol <protocol> --port <port> --cidr 0.0.0.0/0",
		URL:  "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "EC2.18"}},
	Detail: groupDetail + "Fails where a TCP port outside of authorized_tcp_ports, or a UDP port outside of authorized_udp_ports, is open to the internet, by one " +
		"rule or by several together. ICMP and other protocols have no ports and are not judged here.",
}, func(b *inventory.Binder) portPolicy {
	return portPolicy{theGroupSources(b), inventory.Value(b, AuthorizedTCPPorts), inventory.Value(b, AuthorizedUDPPorts)}
}, func(in portPolicy, g ec2inv.SecurityGroup) checks.Verdict {
	if v, stop := unjudgeable(in.internet, g.Owner, g.Inbound != nil); stop {
		return v
	}
	rules := in.inbound(g)
	tcp, udp := rules.OpenPorts(in.Internet, exposure.TCP), rules.OpenPorts(in.Internet, exposure.UDP)
	return in.verdict(g, rules, "unauthorized",
		openOnes{exposure.TCP, without(tcp.Open, in.tcp), without(tcp.Possible, in.tcp), tcp},
		openOnes{exposure.UDP, without(udp.Open, in.udp), without(udp.Possible, in.udp), udp})
})

// openOnes are the ports of one protocol that must not be open: those that surely are, and those that might be.
type openOnes struct {
	protocol       exposure.Protocol
	sure, possible []exposure.PortRange
	all            exposure.Ports
}

func (in portPolicy) verdict(g ec2inv.SecurityGroup, rules exposure.SecurityGroup, kind string, list ...openOnes) checks.Verdict {
	var open []string
	var at []exposure.Service
	var why []error
	undecided := false
	for _, o := range list {
		if len(o.sure) > 0 {
			open = append(open, fmt.Sprintf("%s %s", o.protocol, strings.Join(ranges(o.sure), ", ")))
		}
		for _, r := range o.sure {
			at = append(at, exposure.Service{Protocol: o.protocol, Ports: r})
		}
		undecided = undecided || len(o.possible) > 0
		why = append(why, in.why(o.all.Unread)...)
	}
	switch {
	case len(open) > 0:
		v := checks.Fail("%s ports are open to the internet: %s", kind, strings.Join(open, "; ")).With("open_ports", open).With("vpc_id", g.VPCID)
		return notSeen(in.opened(v, g, rules, at...), why)
	case undecided:
		return checks.Unknown(why...)
	}
	return notSeen(checks.Pass("no %s port is open to the internet", kind).With("vpc_id", g.VPCID), why)
}

// within are the listed ports that lie in the ranges, adjacent ones joined.
func within(open []exposure.PortRange, ports []int) []exposure.PortRange {
	var out []exposure.PortRange
	for _, p := range sortedPorts(ports) {
		if !slices.ContainsFunc(open, func(r exposure.PortRange) bool { return r.Contains(p) }) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].To+1 == p {
			out[n-1].To = p
		} else {
			out = append(out, exposure.PortRange{From: p, To: p})
		}
	}
	return out
}

// without are the ranges less the listed ports.
func without(open []exposure.PortRange, ports []int) []exposure.PortRange {
	var out []exposure.PortRange
	for _, r := range open {
		from := int(r.From)
		for _, p := range sortedPorts(ports) {
			if !r.Contains(p) {
				continue
			}
			if int(p) > from {
				out = append(out, exposure.PortRange{From: uint16(from), To: p - 1})
			}
			from = int(p) + 1
		}
		if from <= int(r.To) {
			out = append(out, exposure.PortRange{From: uint16(from), To: r.To})
		}
	}
	return out
}

func sortedPorts(ports []int) []uint16 {
	out := make([]uint16, 0, len(ports))
	for _, p := range ports {
		out = append(out, uint16(p)) // the configuration keeps them between 0 and 65535
	}
	slices.Sort(out)
	return slices.Compact(out)
}
