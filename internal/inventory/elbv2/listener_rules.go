package elbv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Rule is one rule of a listener: what it does with a request, in order.
type Rule struct {
	Priority   string      `json:"priority"` // a number, or "default"
	Default    bool        `json:"default"`
	Actions    []Action    `json:"actions"`
	Conditions []Condition `json:"conditions"` // all must hold; none: every request
}

// Condition is what a rule asks of a request. Values of other fields than source-ip are not kept: a header's value may be a
// shared secret.
type Condition struct {
	Field     string   `json:"field"`      // host-header, path-pattern, http-header, http-request-method, query-string, source-ip; empty: not said
	SourceIPs []string `json:"source_ips"` // of source-ip: CIDR blocks, one of which must hold; nil: the answer gave none
}

// Action is one action of a rule.
type Action struct {
	Type     string  `json:"type"`     // forward, redirect, fixed-response, authenticate-oidc, ...
	Redirect *string `json:"redirect"` // a redirect's protocol: HTTP, HTTPS or #{protocol}; nil: not a redirect, or not said what kind
	Forward  []Share `json:"forward"`  // a forward's target groups; nil: not a forward, or not said whereto
}

// Share is a target group with its share of what is forwarded.
type Share struct {
	TargetGroup string `json:"target_group"` // its ARN
	Weight      *int32 `json:"weight"`       // 0: it gets nothing; nil: not said, as where it is the only one
}

var ruleOps = awsapi.Calls("elbv2:DescribeRules")

// ListenerRules are the rules of each HTTP listener. A listener always has a default rule (user guide of Application Load
// Balancers, "Listener rules"), so an answer without any is a broken one.
var ListenerRules = inventory.Each(Listeners, "elbv2.listener-rules", ruleOps, Listener.Key, describeRules, inventory.Where(Listener.IsHTTP))

// ForwardRules are the rules of the other listeners of application load balancers. HTTP listeners' are ListenerRules; a
// listener of a network or gateway load balancer has no rules but its default action (user guides of Network and of Gateway
// Load Balancers, "Listeners"), which its row holds.
var ForwardRules = inventory.Each(Listeners, "elbv2.forward-rules", ruleOps, Listener.Key, describeRules, inventory.Where(Listener.MayForwardByRules))

func describeRules(ctx context.Context, s *awsapi.Session, l Listener) ([]Rule, error) {
	in := &elb.DescribeRulesInput{ListenerArn: &l.ARN, PageSize: aws.Int32(pageSize)}
	rules, err := awsapi.Pages(ctx, elb.NewDescribeRulesPaginator(client(s), in), func(o *elb.DescribeRulesOutput) []Rule {
		rows := make([]Rule, 0, len(o.Rules))
		for _, r := range o.Rules {
			rows = append(rows, ruleRow(r))
		}
		return rows
	})
	if err == nil && len(rules) == 0 {
		err = broken(s, ruleOps, "the default rule")
	}
	return rules, err
}

func ruleRow(r types.Rule) Rule {
	row := Rule{Priority: aws.ToString(r.Priority)}
	row.Default = aws.ToBool(r.IsDefault) || row.Priority == "default"
	for _, a := range r.Actions {
		row.Actions = append(row.Actions, actionOf(a))
	}
	for _, c := range r.Conditions {
		row.Conditions = append(row.Conditions, conditionOf(c))
	}
	return row
}

func actionOf(a types.Action) Action {
	action := Action{Type: string(a.Type)}
	if c := a.RedirectConfig; c != nil {
		// "Any components that you do not modify retain their original values" (RedirectActionConfig, API reference).
		protocol := "#{protocol}"
		if c.Protocol != nil {
			protocol = *c.Protocol
		}
		action.Redirect = &protocol
	}
	if c := a.ForwardConfig; c != nil { // its one group may be named in TargetGroupArn as well (Action, API reference)
		for _, g := range c.TargetGroups {
			action.Forward = append(action.Forward, Share{aws.ToString(g.TargetGroupArn), g.Weight})
		}
	}
	if len(action.Forward) == 0 && aws.ToString(a.TargetGroupArn) != "" {
		action.Forward = []Share{{TargetGroup: *a.TargetGroupArn}}
	}
	return action
}

// conditionOf reads a condition in either form: its own structure, or Values (RuleCondition, API reference).
func conditionOf(c types.RuleCondition) Condition {
	out := Condition{Field: aws.ToString(c.Field)}
	if out.Field == "source-ip" {
		out.SourceIPs = c.Values
		if c.SourceIpConfig != nil {
			out.SourceIPs = c.SourceIpConfig.Values
		}
	}
	return out
}
