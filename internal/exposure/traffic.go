package exposure

import (
	"fmt"
	"strconv"
	"strings"
)

// Protocol is an IP protocol number, or [AllProtocols].
type Protocol int16

// The protocols that EC2 knows by name, and the one that stands for all.
const (
	AllProtocols Protocol = -1
	ICMP         Protocol = 1
	TCP          Protocol = 6
	UDP          Protocol = 17
	ICMPv6       Protocol = 58
)

var protocolNames = map[string]Protocol{"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPv6, "-1": AllProtocols}

// ParseProtocol reads a protocol as EC2 writes it: tcp, udp, icmp, icmpv6, a number from 0 to 255, or -1 for all
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html, API_NetworkAclEntry.html).
func ParseProtocol(text string) (Protocol, error) {
	if p, ok := protocolNames[strings.ToLower(text)]; ok {
		return p, nil
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		return 0, fmt.Errorf("%q is no protocol", text)
	}
	return Protocol(n), nil
}

// String is the name, "all traffic", or "protocol" and the number.
func (p Protocol) String() string {
	switch p {
	case AllProtocols:
		return "all traffic"
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case ICMP:
		return "icmp"
	case ICMPv6:
		return "icmpv6"
	default:
		return "protocol " + strconv.Itoa(int(p))
	}
}

// PortRange is a range of ports, both ends included. For ICMP and ICMPv6 a "port" is a message's type and code in one
// number, see [ICMPPort].
type PortRange struct{ From, To uint16 }

// allPorts are those of a rule without ports.
var allPorts = PortRange{0, 65535}

// Contains says whether the port lies in the range.
func (r PortRange) Contains(port uint16) bool { return r.From <= port && port <= r.To }

// String is "22" or "0-65535".
func (r PortRange) String() string {
	if r.From == r.To {
		return strconv.Itoa(int(r.From))
	}
	return fmt.Sprintf("%d-%d", r.From, r.To)
}

// ICMPPort is the number that stands for an ICMP or ICMPv6 message where a port is asked for: the type in the high byte,
// the code in the low one (RFC 4301, section 4.4.1.1).
func ICMPPort(messageType, code uint8) uint16 { return uint16(messageType)<<8 | uint16(code) }

// traffic is what a rule is about, addresses aside.
type traffic struct {
	protocol Protocol
	ports    PortRange
}

// covers says whether the rule is about this protocol and port. To ask for AllProtocols is to ask whether the rule lets
// every protocol pass.
func (t traffic) covers(p Protocol, port uint16) bool { return t.carries(p) && t.ports.Contains(port) }

func (t traffic) carries(p Protocol) bool { return t.protocol == AllProtocols || t.protocol == p }

// parseTraffic reads protocol and ports of a security group's rule or a network ACL's entry. With an error it gives the
// widest traffic that may be meant.
//
// TCP and UDP: from and to are ports. EC2 asks for both; one that is missing, or -1, is taken as no limit. ICMP and ICMPv6:
// from is the type and to the code, -1 or missing for any. Every other protocol, and -1, has all ports, whatever is given.
func parseTraffic(protocol string, from, to *int32) (traffic, error) {
	p, err := ParseProtocol(protocol)
	if err != nil {
		return traffic{AllProtocols, allPorts}, err
	}
	t := traffic{p, allPorts}
	switch p {
	case TCP, UDP:
		lo, hi := bound(from, 0), bound(to, 65535)
		if lo < 0 || hi > 65535 || lo > hi {
			return t, fmt.Errorf("%d to %d is no range of ports", lo, hi)
		}
		t.ports = PortRange{uint16(lo), uint16(hi)}
	case ICMP, ICMPv6:
		kind, code := bound(from, -1), bound(to, -1)
		switch {
		case kind < -1 || kind > 255 || code < -1 || code > 255:
			return t, fmt.Errorf("%d, %d is no ICMP type and code", kind, code)
		case kind == -1:
		case code == -1:
			t.ports = PortRange{ICMPPort(uint8(kind), 0), ICMPPort(uint8(kind), 255)}
		default:
			t.ports = PortRange{ICMPPort(uint8(kind), uint8(code)), ICMPPort(uint8(kind), uint8(code))}
		}
	default: // no ports
	}
	return t, nil
}

// bound is the value, or what stands for none.
func bound(v *int32, none int32) int32 {
	if v == nil || *v == -1 {
		return none
	}
	return *v
}
