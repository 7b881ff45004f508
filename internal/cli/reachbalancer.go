package cli

import (
	"errors"
	"slices"

	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
)

// balancers is what tells whether all that is behind a load balancer was read.
type balancers struct {
	listeners inventory.Rows[elbv2.Listener]
	groups    inventory.Rows[elbv2.TargetGroup]
	targets   inventory.Facts[elbv2.TargetGroup, []elbv2.Target]
}

func bindBalancers(b *inventory.Binder) balancers {
	return balancers{inventory.Use(b, elbv2.Listeners), inventory.Use(b, elbv2.TargetGroups), inventory.Read(b, elbv2.Targets)}
}

// unread says why there may be more listeners, and more behind them. A classic load balancer names its listeners and
// instances itself.
func (in balancers) unread(at located) (listeners, targets []error) {
	if at.balancer == classicBalancer {
		return nil, nil
	}
	for i := range in.listeners.Gaps {
		if g := &in.listeners.Gaps[i]; g.Parent == nil || g.Parent.ARN == at.arn {
			listeners = append(listeners, &g.Error)
		}
	}
	targets = gapErrors(in.groups.Gaps)
	for _, g := range in.groups.List {
		if g.LoadBalancers != nil && !slices.Contains(g.LoadBalancers, at.arn) {
			continue
		}
		_, err := in.targets.Of(g).Get()
		if err != nil && !errors.Is(err, inventory.ErrNotAsked) && !errors.Is(err, inventory.ErrGone) {
			targets = append(targets, err)
		}
	}
	return listeners, targets
}

// balancer says it listener by listener.
func (p *reaching) balancer(in balancers, at located) {
	if at.balancer == "gateway" { // "What is a Gateway Load Balancer?": traffic comes by endpoints and route tables
		p.say("not an entrance: a gateway load balancer takes what route tables lead to its endpoints, and has no address of its own on the internet")
		return
	}
	x := p.net.LoadBalancer(p.internet, at.arn)
	listeners, targets := in.unread(at)
	if x.Answer == exposure.No && len(listeners) > 0 {
		x.Answer = exposure.Unknown
	}
	var shown []exposure.ListenerExposure
	for _, l := range x.Listeners {
		if p.port < 0 || int(l.Port) == p.port {
			shown = append(shown, l)
		}
	}
	switch {
	case p.port >= 0 && len(shown) == 0 && len(listeners) > 0:
		p.say("port %d: %s", p.port, verdictWords[exposure.Unknown])
	case p.port >= 0 && len(shown) == 0 && x.Answer != exposure.Unknown:
		p.say("port %d: not reachable: no listener has it", p.port)
	case p.port < 0 || len(shown) == 0:
		p.say("%s: %s", at.id, verdictWords[x.Answer])
	}
	reached := false
	for _, l := range shown {
		p.describe("listener "+l.Protocol.String()+" "+exposure.PortRange{From: l.Port, To: l.Port}.String(), l.Reachability)
		for _, t := range l.Targets {
			p.say("  exposes: %s", t)
		}
		for _, t := range l.DoubtfulTargets {
			p.unknown = true
			p.say("  exposes perhaps: %s", t)
		}
		reached = reached || l.Answer != exposure.No
	}
	if len(listeners) > 0 || len(x.Missing) > 0 && x.Answer == exposure.Unknown {
		p.lacks("not all of its listeners were read", append(listeners, p.net.Why(x.Missing)...))
	}
	if reached && len(targets) > 0 {
		p.lacks("not all that is behind it was read", targets)
	}
	if x.Answer == exposure.No {
		for _, u := range x.Unmodelled {
			p.say("  not followed: %s", u)
		}
	}
}

// lacks says what could not be read, so that there may be more.
func (p *reaching) lacks(what string, errs []error) {
	p.unknown = true
	p.say("  %s: %s", what, reasonText(errs...))
}
