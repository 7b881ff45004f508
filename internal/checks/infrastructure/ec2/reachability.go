package ec2

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/reachable"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var reachability = []*checks.Check{instanceSSHReachable, instanceRDPReachable, instanceHighRiskReachable}

const reachDetail = "Reachable means that the client addresses which every link of the paths to a port allows, taken together, exceed " +
	"internet_ipv4_prefix or internet_ipv6_prefix. Paths lead by a public address of any of its interfaces, by a load balancer, by Global " +
	"Accelerator or by a CloudFront VPC origin; routes, network ACLs in both directions, security groups and VPC Block Public Access are followed. " +
	"A stopped instance cannot be reached now and passes; the message says whether it keeps a public address. One that is about to change its state is " +
	"unknown. What could not be read makes the verdict unknown where it decides; a pass names the entrances that are not followed (peering, VPN, " +
	"transit gateways, PrivateLink and others). Instances that another principal manages are not applicable. A reachable instance is critical where the role of " +
	"its instance profile is an administrator, as iam-principal-administrator has it; where that was not read the message says so. "

var reachFix = checks.Fix{
	Text: "Cut the path at the link that fits: remove the rule of the security group, the public address or the route, and use Session Manager or a VPN.",
	CLI:  "aws ec2 revoke-security-group-ingress --group-id <group-id> --protocol tcp --port <port> --cidr 0.0.0.0/0",
	URL:  "https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html",
}

var instanceSSHReachable = checks.With(ec2inv.Instances, checks.Meta{
	ID:       "ec2-instance-ssh-reachable",
	Title:    "The internet cannot reach SSH of EC2 instances",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.High,
	Risk:     "A remote shell that everyone can reach is guessed at around the clock, and the next fault in it is exploited within hours.",
	Fix:      reachFix,
	Detail:   reachDetail + "Fails where TCP port 22 is reachable.",
}, bindReached, func(in instances, i ec2inv.Instance) checks.Verdict { return in.reached(i, "SSH", 22) })

var instanceRDPReachable = checks.With(ec2inv.Instances, checks.Meta{
	ID:       "ec2-instance-rdp-reachable",
	Title:    "The internet cannot reach Remote Desktop of EC2 instances",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.High,
	Risk:     "Remote Desktop that everyone can reach is the usual entrance of ransomware: passwords are guessed, and its faults need no login.",
	Fix:      reachFix,
	Detail:   reachDetail + "Fails where TCP port 3389 is reachable.",
}, bindReached, func(in instances, i ec2inv.Instance) checks.Verdict {
	return in.reached(i, "Remote Desktop", 3389)
})

var instanceHighRiskReachable = checks.With(ec2inv.Instances, checks.Meta{
	ID:       "ec2-instance-high-risk-port-reachable",
	Title:    "The internet cannot reach high-risk ports of EC2 instances",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.High,
	Risk: "Databases, remote administration, file sharing and development servers are made for trusted networks; what everyone can reach of them is " +
		"scanned for, guessed at and exploited.",
	Fix:    reachFix,
	Detail: reachDetail + "Fails where one of high_risk_tcp_ports is reachable; the message names those that are.",
}, func(b *inventory.Binder) highRisk {
	return highRisk{bindReached(b), inventory.Value(b, HighRiskTCPPorts)}
}, func(in highRisk, i ec2inv.Instance) checks.Verdict {
	return in.reached(i, "a high-risk port", in.ports...)
})

type highRisk struct {
	instances
	ports []int
}

// instances are what the internet reaches, and the roles that it gets there.
type instances struct {
	net   reachable.Network
	roles reachable.Roles
}

func bindReached(b *inventory.Binder) instances {
	return instances{reachable.Bind(b), reachable.BindRoles(b)}
}

func (in instances) reached(i ec2inv.Instance, what string, ports ...int) checks.Verdict {
	if i.Manager != "" {
		return checks.NotApplicable("the instance is managed by %s, which answers for what reaches it", i.Manager)
	}
	return in.roles.Raise(in.net.Instance(i.ID, what, sortedPorts(ports)), i.InstanceProfile)
}
