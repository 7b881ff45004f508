package elbv2

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	elbinv "github.com/ourshare/ourshare/internal/inventory/elbv2"
)

func listener(protocol, kind, scheme string) elbinv.Listener {
	return elbinv.Listener{
		Resource: &inventory.Resource{
			Type: "AWS::ElasticLoadBalancingV2::Listener", ID: "l-1", ARN: "arn:l-1", Name: "web:80", Region: checktest.Region,
		},
		LoadBalancer: "web", Kind: kind, Scheme: scheme, Protocol: protocol, Port: 80,
	}
}

func rule(priority string, actions ...elbinv.Action) elbinv.Rule {
	return elbinv.Rule{Priority: priority, Default: priority == "default", Actions: actions}
}

func redirect(protocol string) elbinv.Action {
	return elbinv.Action{Type: "redirect", Redirect: &protocol}
}

var (
	forward   = elbinv.Action{Type: "forward"}
	fixed     = elbinv.Action{Type: "fixed-response"}
	toHTTPS   = redirect("HTTPS")
	login     = elbinv.Action{Type: "authenticate-oidc"}
	teleport  = elbinv.Action{Type: "teleport"}
	bareMove  = elbinv.Action{Type: "redirect"}
	keepProto = redirect("#{protocol}")
)

func run(l elbinv.Listener, rules inventory.Field[[]elbinv.Rule]) checks.Verdict {
	f := checktest.New()
	checktest.Rows(f, elbinv.Listeners, l)
	checktest.Facts(f, elbinv.ListenerRules, map[string]inventory.Field[[]elbinv.Rule]{l.ARN: rules})
	return f.Run(listenerEncrypted)[l.ID]
}

func TestListenerEncryptedByProtocol(t *testing.T) {
	notAsked := inventory.Failure[[]elbinv.Rule](inventory.ErrNotAsked)
	for name, tt := range map[string]struct {
		listener elbinv.Listener
		want     finding.Status
		text     string
	}{
		"HTTPS":             {listener("HTTPS", "application", "internet-facing"), finding.Pass, "HTTPS"},
		"TLS":               {listener("TLS", "network", "internal"), finding.Pass, "TLS"},
		"TCP":               {listener("TCP", "network", "internet-facing"), finding.NotApplicable, "TCP"},
		"UDP":               {listener("UDP", "network", "internet-facing"), finding.NotApplicable, "UDP"},
		"TCP_UDP":           {listener("TCP_UDP", "network", "internet-facing"), finding.NotApplicable, "TCP_UDP"},
		"QUIC":              {listener("QUIC", "network", "internet-facing"), finding.NotApplicable, "QUIC"},
		"GENEVE":            {listener("GENEVE", "gateway", ""), finding.NotApplicable, "gateway"},
		"gateway, unspoken": {listener("", "gateway", ""), finding.NotApplicable, "gateway"},
		"not said":          {listener("", "application", "internal"), finding.Unknown, "does not say"},
	} {
		t.Run(name, func(t *testing.T) { checktest.Want(t, run(tt.listener, notAsked), tt.want, tt.text) })
	}
}

func TestListenerEncryptedByRules(t *testing.T) {
	for name, tt := range map[string]struct {
		rules []elbinv.Rule
		want  finding.Status
		text  string
		named []string // the rules in the evidence
	}{
		"default redirects":                  {[]elbinv.Rule{rule("default", toHTTPS)}, finding.Pass, "every rule", nil},
		"default forwards":                   {[]elbinv.Rule{rule("default", forward)}, finding.Fail, "the default rule forwards", []string{"default"}},
		"fixed, and one redirects":           {[]elbinv.Rule{rule("1", toHTTPS), rule("default", fixed)}, finding.Pass, "", nil},
		"all fixed":                          {[]elbinv.Rule{rule("1", fixed), rule("default", fixed)}, finding.Fail, "no rule redirects", nil},
		"default redirects, a rule forwards": {[]elbinv.Rule{rule("7", forward), rule("default", toHTTPS)}, finding.Fail, "rule 7 forwards", []string{"7"}},
		"a rule redirects, default forwards": {[]elbinv.Rule{rule("1", toHTTPS), rule("default", forward)}, finding.Fail, "the default rule forwards", []string{"default"}},
		"several, by priority": {
			[]elbinv.Rule{rule("default", forward), rule("10", forward), rule("9", redirect("HTTP")), rule("2", toHTTPS)},
			finding.Fail,
			"rule 9 redirects to HTTP, rule 10 forwards requests, the default rule forwards",
			[]string{"9", "10", "default"},
		},
		"redirect keeps the protocol":    {[]elbinv.Rule{rule("default", keepProto)}, finding.Fail, "redirects to HTTP", []string{"default"}},
		"redirect to who knows where":    {[]elbinv.Rule{rule("default", bareMove)}, finding.Unknown, "not known here", nil},
		"redirect by a new protocol":     {[]elbinv.Rule{rule("default", redirect("https"))}, finding.Unknown, "not known here", nil},
		"login, then forward":            {[]elbinv.Rule{rule("default", login, forward)}, finding.Fail, "forwards", []string{"default"}},
		"login, then redirect":           {[]elbinv.Rule{rule("default", login, toHTTPS)}, finding.Pass, "", nil},
		"an unknown action":              {[]elbinv.Rule{rule("3", teleport), rule("default", toHTTPS)}, finding.Unknown, "rule 3", nil},
		"an unknown action beside one":   {[]elbinv.Rule{rule("default", teleport, toHTTPS)}, finding.Unknown, "not known here", nil},
		"an unknown action, and forward": {[]elbinv.Rule{rule("3", teleport), rule("default", forward)}, finding.Fail, "the default rule", []string{"default"}},
		"no action":                      {[]elbinv.Rule{rule("default")}, finding.Unknown, "not known here", nil},
		"no default rule":                {[]elbinv.Rule{rule("1", toHTTPS)}, finding.Unknown, "default rule", nil},
		"no default rule, and forward":   {[]elbinv.Rule{rule("1", forward)}, finding.Fail, "rule 1 forwards", []string{"1"}},
		"no rule":                        {nil, finding.Unknown, "default rule", nil},
	} {
		t.Run(name, func(t *testing.T) {
			v := run(listener("HTTP", "application", "internet-facing"), inventory.Known(tt.rules))
			checktest.Want(t, v, tt.want, tt.text)
			var named []string
			for _, kv := range v.Evidence {
				if kv.Key == "rules" {
					named = kv.Value.([]string)
				}
			}
			if d := cmp.Diff(tt.named, named); d != "" {
				t.Error(d)
			}
		})
	}
	t.Run("an internal one says so", func(t *testing.T) {
		v := run(listener("HTTP", "application", "internal"), inventory.Known([]elbinv.Rule{rule("default", forward)}))
		checktest.Want(t, v, finding.Fail, "internal")
	})
}

func TestListenerEncryptedWithoutEvidence(t *testing.T) {
	http := listener("HTTP", "application", "internet-facing")
	checktest.Want(t, run(http, inventory.Failure[[]elbinv.Rule](inventory.DeniedError("elbv2:DescribeRules"))), finding.Unknown, "elbv2:DescribeRules")
	checktest.Want(t, run(http, inventory.Failure[[]elbinv.Rule](&awsapi.Error{Outcome: awsapi.Failed, Text: "failed"})), finding.Unknown, "failed")
	checktest.Want(t, run(http, inventory.Failure[[]elbinv.Rule](inventory.ErrGone)), finding.NotApplicable, "gone")
	checktest.Want(t, run(http, inventory.Failure[[]elbinv.Rule](inventory.ErrAbsent)), finding.Unknown, "no rule")

	t.Run("listeners of one load balancer denied", func(t *testing.T) {
		f := checktest.New()
		lb := &inventory.Resource{Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", ID: "shop", ARN: "arn:shop", Region: checktest.Region}
		inventory.SetRows(f.Store, elbinv.Listeners, checktest.Region, inventory.Rows[elbinv.Listener]{
			List: []elbinv.Listener{listener("HTTPS", "application", "internal")},
			Gaps: []inventory.Gap{{Error: *inventory.DeniedError("elbv2:DescribeListeners"), Parent: lb}},
		})
		checktest.Facts(f, elbinv.ListenerRules, map[string]inventory.Field[[]elbinv.Rule]{})
		got := f.Run(listenerEncrypted)
		checktest.Want(t, got["l-1"], finding.Pass)
		checktest.Want(t, got["shop"], finding.Unknown, "elbv2:DescribeListeners")
	})
	t.Run("load balancers denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, elbinv.Listeners, "elbv2:DescribeLoadBalancers")
		checktest.Facts(f, elbinv.ListenerRules, map[string]inventory.Field[[]elbinv.Rule]{})
		checktest.Want(t, f.Run(listenerEncrypted)[""], finding.Unknown, "denied")
	})
}
