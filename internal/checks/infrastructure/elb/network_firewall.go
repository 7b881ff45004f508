package elb

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/reachable"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	elbinv "github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var networkFirewall = []*checks.Check{internetFacing}

var internetFacing = checks.With(elbinv.LoadBalancers, checks.Meta{
	ID:       "elb-load-balancer-internet-facing",
	Title:    "Classic load balancers are internal",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.Info,
	Risk:     "What faces the internet is found by scanners within hours; each such load balancer should be one that somebody decided to publish.",
	Fix: checks.Fix{
		Text: "Where only the VPC and networks joined to it use the load balancer, make an internal one in its place; the scheme cannot be changed.",
		CLI:  "aws elb create-load-balancer --load-balancer-name <name> --scheme internal --subnets <subnets> --listeners <listeners>",
		URL:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-internal-load-balancers.html",
	},
	Detail: "Fails where the scheme is internet-facing, passes where it is internal. The message says which listeners the internet reaches, by its public addresses, " +
		"Global Accelerator or CloudFront, and which interfaces behind them; this only explains, and what could not be read of it is named. A scheme that the answer " +
		"does not give is unknown.",
}, reachable.Bind, func(in reachable.Network, b elbinv.LoadBalancer) checks.Verdict {
	switch b.Scheme {
	case "internal":
		return in.Exposes(checks.Pass("the load balancer is internal").With("scheme", b.Scheme), b.ARN)
	case "internet-facing":
		return in.Exposes(checks.Fail("the load balancer faces the internet").With("scheme", b.Scheme).With("dns_name", b.DNSName), b.ARN)
	}
	return checks.Unknown(inventory.Insufficient("the answer does not say which scheme the load balancer has"))
})
