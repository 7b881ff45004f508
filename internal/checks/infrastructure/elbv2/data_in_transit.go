package elbv2

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	elbinv "github.com/ourshare/ourshare/internal/inventory/elbv2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var dataInTransit = []*checks.Check{listenerEncrypted}

var listenerEncrypted = checks.With(elbinv.Listeners, checks.Meta{
	ID:       "elbv2-listener-encrypted",
	Title:    "Listeners of load balancers encrypt what passes, or send it to HTTPS",
	Layer:    responsibility.DataInTransit,
	Severity: finding.Medium,
	Risk:     "What passes an HTTP listener, passwords and session cookies included, can be read and changed by anyone on the way.",
	Fix: checks.Fix{
		Text: "Add an HTTPS listener with a certificate, and let every rule of the HTTP listener redirect to it.",
		CLI: "aws elbv2 modify-listener --listener-arn <listener-arn> --default-actions " +
			"'Type=redirect,RedirectConfig={Protocol=HTTPS,Port=443,StatusCode=HTTP_301}'",
		URL: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "ELB.1"}, {Framework: "Prowler", ID: "elbv2_ssl_listeners"}},
	Detail: "HTTPS and TLS pass. HTTP passes only where every rule, the default one included, redirects to HTTPS or gives a fixed response, and at " +
		"least one redirects; else it fails, and the message names the rules and says whether the load balancer is internal. A redirect that keeps the " +
		"protocol of the request does not count. Every other protocol is not applicable, gateway load balancers included: what passes through cannot " +
		"be seen. Rules that could not be read, or whose action is not known here, are unknown unless another rule decides.",
}, func(b *inventory.Binder) inventory.Facts[elbinv.Listener, []elbinv.Rule] {
	return inventory.Read(b, elbinv.ListenerRules)
}, func(rules inventory.Facts[elbinv.Listener, []elbinv.Rule], l elbinv.Listener) checks.Verdict {
	switch {
	case l.Protocol == "HTTPS" || l.Protocol == "TLS":
		return checks.Pass("the listener speaks %s", l.Protocol).With("protocol", l.Protocol)
	case l.IsHTTP():
		noRule := checks.Unknown(inventory.Insufficient("the listener shows no rule"))
		return checks.From(rules.Of(l), noRule, func(rules []elbinv.Rule) checks.Verdict { return judgeHTTP(l, rules) })
	case l.Kind == "gateway":
		return checks.NotApplicable("a gateway load balancer passes packets on: whether they are encrypted cannot be seen")
	case l.Protocol == "":
		return checks.Unknown(inventory.Insufficient("the answer does not say which protocol the listener speaks"))
	}
	return checks.NotApplicable("the listener passes %s on: whether it is encrypted inside cannot be seen", l.Protocol).With("protocol", l.Protocol)
})

func judgeHTTP(l elbinv.Listener, rules []elbinv.Rule) checks.Verdict {
	safe, redirects, hasDefault := inventory.Yes, inventory.No, false
	var open []elbinv.Rule
	for _, r := range rules {
		e := effect(r)
		safe, redirects = safe.And(e.safe), redirects.Or(e.redirects)
		hasDefault = hasDefault || r.Default
		if is, known := e.safe.Known(); known && !is {
			open = append(open, r)
		}
	}
	if !hasDefault { // every listener has one: it is among what the answer left out
		missing := inventory.Unknown(inventory.Insufficient("the answer lacks the listener's default rule"))
		safe, redirects = safe.And(missing), redirects.Or(missing)
	}
	fail := checks.Fail("HTTP without encryption%s: no rule redirects to HTTPS", internal(l))
	if len(open) > 0 {
		fail = checks.Fail("HTTP without encryption%s: %s", internal(l), describe(open)).With("rules", priorities(open))
	}
	evidence := func(v checks.Verdict) checks.Verdict {
		return v.With("protocol", l.Protocol).With("port", l.Port).With("scheme", l.Scheme)
	}
	return checks.Decide(safe.And(redirects), evidence(checks.Pass("every rule redirects to HTTPS or gives a fixed response")), evidence(fail))
}

// ruleEffect is what a rule does with a request that came in clear text.
type ruleEffect struct {
	safe      inventory.Tri // it redirects to HTTPS, or gives a fixed response
	redirects inventory.Tri // it redirects to HTTPS
}

// effect reads the one routing action that a rule has: forward, redirect or fixed-response (Rule, API reference: exactly
// one of them, as the last). Actions that authenticate exist on HTTPS listeners only, and route nothing.
func effect(r elbinv.Rule) ruleEffect {
	unknown := inventory.Unknown(inventory.Insufficient("the effect of %s is not known here", ruleName(r)))
	undecided := ruleEffect{unknown, unknown}
	var routing []elbinv.Action
	for _, a := range r.Actions {
		switch a.Type {
		case "authenticate-oidc", "authenticate-cognito", "jwt-validation":
		default:
			routing = append(routing, a)
		}
	}
	if len(routing) != 1 {
		return undecided
	}
	switch a := routing[0]; {
	case a.Type == "forward":
		return ruleEffect{inventory.No, inventory.No}
	case a.Type == "fixed-response":
		return ruleEffect{inventory.Yes, inventory.No}
	case a.Type == "redirect" && a.Redirect != nil:
		switch *a.Redirect { // its only values (RedirectActionConfig, API reference)
		case "HTTPS":
			return ruleEffect{inventory.Yes, inventory.Yes}
		case "HTTP", "#{protocol}":
			return ruleEffect{inventory.No, inventory.No}
		}
	}
	return undecided
}

func ruleName(r elbinv.Rule) string {
	if r.Default {
		return "the default rule"
	}
	return "rule " + r.Priority
}

// describe names the rules that let clear text pass, in the order in which the listener tries them.
func describe(open []elbinv.Rule) string {
	inOrder(open)
	parts := make([]string, 0, len(open))
	for _, r := range open {
		does := "forwards requests"
		if !slices.ContainsFunc(r.Actions, func(a elbinv.Action) bool { return a.Type == "forward" }) {
			does = "redirects to HTTP"
		}
		parts = append(parts, fmt.Sprintf("%s %s", ruleName(r), does))
	}
	return strings.Join(parts, ", ")
}

func priorities(open []elbinv.Rule) []string {
	inOrder(open)
	out := make([]string, 0, len(open))
	for _, r := range open {
		out = append(out, cmp.Or(r.Priority, "default"))
	}
	return out
}

// inOrder sorts by priority; the default rule, which has no number, comes last.
func inOrder(rules []elbinv.Rule) {
	number := func(r elbinv.Rule) int {
		n, err := strconv.Atoi(r.Priority)
		if err != nil {
			return 1 << 30
		}
		return n
	}
	slices.SortStableFunc(rules, func(a, b elbinv.Rule) int {
		return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a.Priority, b.Priority))
	})
}

func internal(l elbinv.Listener) string {
	if l.Scheme == "internal" {
		return " (the load balancer is internal)"
	}
	return ""
}
