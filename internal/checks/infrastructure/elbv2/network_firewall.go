package elbv2

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/reachable"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	elbinv "github.com/ourshare/ourshare/internal/inventory/elbv2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var networkFirewall = []*checks.Check{internetFacing}

var internetFacing = checks.With(elbinv.LoadBalancers, checks.Meta{
	ID:       "elbv2-load-balancer-internet-facing",
	Title:    "Load balancers are internal",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.Info,
	Risk:     "What faces the internet is found by scanners within hours; each such load balancer should be one that somebody decided to publish.",
	Fix: checks.Fix{
		Text: "Where only the VPC and networks joined to it use the load balancer, make an internal one in its place; the scheme cannot be changed.",
		CLI:  "aws elbv2 create-load-balancer --name <name> --scheme internal --subnets <subnets>",
		URL:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html",
	},
	Detail: "Fails where the scheme is internet-facing, passes where it is internal; gateway load balancers have no scheme and are not applicable. The message says which listeners the internet reaches, by its public addresses, " +
		"Global Accelerator or CloudFront, and which interfaces behind them; this only explains, and what could not be read of it is named. A scheme that the answer " +
		"does not give is unknown.",
}, reachable.Bind, func(in reachable.Network, b elbinv.LoadBalancer) checks.Verdict {
	switch {
	case b.Kind == "gateway":
		return checks.NotApplicable("a gateway load balancer has no scheme")
	case b.Scheme == "internal":
		return in.Exposes(checks.Pass("the load balancer is internal").With("scheme", b.Scheme), b.ARN)
	case b.Scheme == "internet-facing":
		return in.Exposes(checks.Fail("the load balancer faces the internet").With("scheme", b.Scheme).With("dns_name", b.DNSName), b.ARN)
	}
	return checks.Unknown(inventory.Insufficient("the answer does not say which scheme the load balancer has"))
})
