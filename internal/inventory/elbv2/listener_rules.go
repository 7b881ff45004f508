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
	Priority string   `json:"priority"` // a number, or "default"
	Default  bool     `json:"default"`
	Actions  []Action `json:"actions"`
}

// Action is one action of a rule.
type Action struct {
	Type     string  `json:"type"`     // forward, redirect, fixed-response, authenticate-oidc, ...
	Redirect *string `json:"redirect"` // a redirect's protocol: HTTP, HTTPS or #{protocol}; nil: not a redirect, or not said what kind
}

var ruleOps = awsapi.Calls("elbv2:DescribeRules")

// ListenerRules are the rules of each HTTP listener. A listener always has a default rule (user guide of Application Load
// Balancers, "Listener rules"), so an answer without any is a broken one.
var ListenerRules = inventory.Each(Listeners, "elbv2.listener-rules", ruleOps, Listener.Key,
	func(ctx context.Context, s *awsapi.Session, l Listener) ([]Rule, error) {
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
	}, inventory.Where(Listener.IsHTTP))

func ruleRow(r types.Rule) Rule {
	row := Rule{Priority: aws.ToString(r.Priority)}
	row.Default = aws.ToBool(r.IsDefault) || row.Priority == "default"
	for _, a := range r.Actions {
		action := Action{Type: string(a.Type)}
		if c := a.RedirectConfig; c != nil {
			// "Any components that you do not modify retain their original values" (RedirectActionConfig, API reference).
			protocol := "#{protocol}"
			if c.Protocol != nil {
				protocol = *c.Protocol
			}
			action.Redirect = &protocol
		}
		row.Actions = append(row.Actions, action)
	}
	return row
}
