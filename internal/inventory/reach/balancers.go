package reach

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
)

// balancers are the load balancers with their listeners, rules and targets. Gateway load balancers are no entrance of their
// own: they are named among those that are not followed.
func (m *maker) balancers(e *exposure.Evidence) {
	in := m.in
	listeners := map[string][]exposure.Listener{}
	for _, l := range in.listeners.List {
		listeners[l.LoadBalancerARN] = append(listeners[l.LoadBalancerARN], m.listener(l))
	}
	lost := map[string][]string{}
	var whole []string
	for _, g := range in.listeners.Gaps {
		if g.Parent != nil {
			lost[g.Parent.ARN] = append(lost[g.Parent.ARN], m.missing(&g.Error))
		} else if text := m.missing(&g.Error); !slices.Contains(m.gaps(in.balancers.Gaps), text) {
			whole = append(whole, text) // no gap that it has of its parents: every load balancer's listeners
		}
	}
	for _, b := range in.balancers.List {
		if b.Kind == "gateway" {
			e.Entrances.List = append(e.Entrances.List, exposure.Entrance{Kind: "gateway load balancer", ID: b.ID, VPC: b.VPCID})
			continue
		}
		row := exposure.LoadBalancer{
			ARN: b.ARN, Name: b.Name, Type: b.Kind, VPC: b.VPCID, Scheme: b.Scheme, State: b.State, Addresses: b.AddressType, Groups: b.SecurityGroups,
			Listeners: exposure.Rows[exposure.Listener]{List: listeners[b.ARN], Missing: slices.Concat(lost[b.ARN], whole)},
		}
		for _, z := range b.Zones {
			if z.SubnetID != "" {
				row.Subnets = append(row.Subnets, z.SubnetID)
			}
		}
		e.LoadBalancers.List = append(e.LoadBalancers.List, row)
	}
	for _, b := range in.classic.List {
		e.LoadBalancers.List = append(e.LoadBalancers.List, classic(b))
	}
	e.LoadBalancers.Missing = append(e.LoadBalancers.Missing, m.gaps(in.balancers.Gaps, in.classic.Gaps)...)

	for _, g := range in.targetGroups.List {
		e.TargetGroups.List = append(e.TargetGroups.List, m.targetGroup(g))
		if g.LoadBalancers == nil {
			e.TargetGroups.Missing = append(e.TargetGroups.Missing, "the load balancers of "+g.Name)
		}
	}
	e.TargetGroups.Missing = append(e.TargetGroups.Missing, m.gaps(in.targetGroups.Gaps)...)
}

// listener takes an application load balancer's rules as they were read; a network load balancer has its default action
// alone.
func (m *maker) listener(l elbv2.Listener) exposure.Listener {
	row := exposure.Listener{ARN: l.ARN, Protocol: l.Protocol, Port: uint16(l.Port)}
	var list []elbv2.Rule
	var err error
	switch {
	case l.IsHTTP():
		list, err = m.in.httpRules.Of(l).Get()
	case l.MayForwardByRules():
		list, err = m.in.otherRules.Of(l).Get()
	case l.DefaultActions == nil:
		err = inventory.Insufficient("the default action of listener %s", l.ID)
	default:
		list = []elbv2.Rule{{Priority: "default", Default: true, Actions: l.DefaultActions}}
	}
	if err != nil && !errors.Is(err, inventory.ErrGone) {
		row.Rules.Missing = append(row.Rules.Missing, m.missing(err))
	}
	for _, r := range list {
		rule, lacks := ruleOf(r)
		if lacks != "" {
			row.Rules.Missing = append(row.Rules.Missing, lacks+" of listener "+l.ID)
		}
		row.Rules.List = append(row.Rules.List, rule)
	}
	return row
}

// ruleOf also says what the answer did not give, or gave and is not known here.
func ruleOf(r elbv2.Rule) (row exposure.ListenerRule, lacks string) {
	row = exposure.ListenerRule{Default: r.Default}
	if n, err := strconv.Atoi(r.Priority); err == nil {
		row.Priority = n
	} else if !r.Default {
		lacks = "the priority of a rule"
	}
	for _, c := range r.Conditions {
		switch {
		case c.Field == "source-ip" && row.SourceIPs == nil && c.SourceIPs != nil:
			row.SourceIPs = c.SourceIPs
		case c.Field == "source-ip" || c.Field == "":
			lacks = "the condition of rule " + r.Priority
		default:
			row.Conditional = true
		}
	}
	for _, a := range r.Actions {
		switch a.Type {
		case "redirect", "fixed-response", "authenticate-oidc", "authenticate-cognito", "jwt-validation":
		case "forward":
			if len(a.Forward) == 0 {
				lacks = "the target groups of rule " + r.Priority
			}
			for _, s := range a.Forward {
				if s.Weight == nil || *s.Weight > 0 {
					row.Forward = append(row.Forward, s.TargetGroup)
				}
			}
		default:
			lacks = "what rule " + r.Priority + " does"
		}
	}
	if len(r.Actions) == 0 {
		lacks = "the actions of rule " + r.Priority
	}
	return row, lacks
}

func classic(b elb.LoadBalancer) exposure.LoadBalancer {
	row := exposure.LoadBalancer{
		ARN: b.ARN, Name: b.Name, Type: exposure.Classic, VPC: b.VPCID, Scheme: b.Scheme, State: "active", Addresses: "ipv4", Subnets: b.Subnets, Groups: b.SecurityGroups,
		Instances: exposure.Rows[string]{List: b.Instances},
	}
	if b.Instances == nil {
		row.Instances.Missing = []string{"the instances of " + b.Name}
	}
	if b.Listeners == nil {
		row.Listeners.Missing = []string{"the listeners of " + b.Name}
	}
	for _, l := range b.Listeners {
		if l.InstancePort == nil {
			row.Listeners.Missing = []string{"the instance port of a listener of " + b.Name}
			continue
		}
		port := uint16(l.Port)
		row.Listeners.List = append(row.Listeners.List, exposure.Listener{
			ARN: b.ARN + ":" + strconv.Itoa(int(port)), Protocol: strings.ToUpper(l.Protocol), Port: port, InstancePort: uint16(*l.InstancePort),
		})
	}
	return row
}

func (m *maker) targetGroup(g elbv2.TargetGroup) exposure.TargetGroup {
	row := exposure.TargetGroup{
		ARN: g.ARN, Name: g.Name, VPC: g.VPCID, Type: g.TargetType, Addresses: g.AddressType, Protocol: g.Protocol, LoadBalancers: slices.Clone(g.LoadBalancers),
	}
	if g.Port != nil {
		row.Port = uint16(*g.Port)
	}
	switch v, err := m.in.settings.Of(g).Get(); {
	case err == nil:
		row.PreserveClientIP = v.PreserveClientIP
	case !errors.Is(err, inventory.ErrNotAsked) && !errors.Is(err, inventory.ErrGone):
		m.behind("which address reaches the target", err)
	}
	list, err := m.in.targets.Of(g).Get()
	if err != nil && !errors.Is(err, inventory.ErrNotAsked) && !errors.Is(err, inventory.ErrGone) {
		row.Targets.Missing = append(row.Targets.Missing, m.missing(err))
	}
	for _, t := range list {
		row.Targets.List = append(row.Targets.List, target(t))
		if t.ID == "" {
			row.Targets.Missing = append(row.Targets.Missing, "a target of "+g.Name)
		}
	}
	return row
}

func target(t elbv2.Target) exposure.RegisteredTarget {
	row := exposure.RegisteredTarget{ID: t.ID}
	if t.Port != nil {
		row.Port = uint16(*t.Port)
	}
	return row
}
