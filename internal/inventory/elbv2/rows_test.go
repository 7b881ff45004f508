package elbv2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

const (
	lbARN       = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188"
	listenerARN = "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
)

func TestListenerRow(t *testing.T) {
	s := &awsapi.Session{Account: &awsapi.Account{ID: "111122223333", Partition: "aws"}, Region: "us-east-1", Label: "us-east-1"}
	lb := loadBalancerRow(s, types.LoadBalancer{
		LoadBalancerArn: aws.String(lbARN), LoadBalancerName: aws.String("web"), Scheme: "internal", Type: "application",
	})
	got := listenerRow(lb, types.Listener{ListenerArn: aws.String(listenerARN), Protocol: "HTTP", Port: aws.Int32(80)})
	want := Listener{
		Resource: &inventory.Resource{
			Type: "AWS::ElasticLoadBalancingV2::Listener", ID: "app/web/50dc6c495c0c9188/f2f7dc8efc522ab2", ARN: listenerARN, Name: "web:80", Region: "us-east-1",
		},
		LoadBalancer: "web", LoadBalancerARN: lbARN, Kind: "application", Scheme: "internal", Protocol: "HTTP", Port: 80,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	bare := listenerRow(lb, types.Listener{ListenerArn: aws.String(listenerARN)}) // as under a gateway load balancer
	if bare.Name != "web" || bare.Protocol != "" || bare.Port != 0 || bare.Tags != nil {
		t.Errorf("%+v", bare)
	}
}

func TestRuleRow(t *testing.T) {
	redirect := func(protocol *string) types.Rule {
		return types.Rule{Priority: aws.String("default"), IsDefault: aws.Bool(true), Actions: []types.Action{
			{Type: "redirect", RedirectConfig: &types.RedirectActionConfig{Protocol: protocol, StatusCode: "HTTP_301"}},
		}}
	}
	for name, tt := range map[string]struct {
		in   types.Rule
		want Rule
	}{
		"to HTTPS":             {redirect(aws.String("HTTPS")), Rule{"default", true, []Action{{"redirect", aws.String("HTTPS")}}}},
		"protocol left out":    {redirect(nil), Rule{"default", true, []Action{{"redirect", aws.String("#{protocol}")}}}},
		"no redirect config":   {types.Rule{Priority: aws.String("1"), Actions: []types.Action{{Type: "redirect"}}}, Rule{"1", false, []Action{{"redirect", nil}}}},
		"forward":              {types.Rule{Priority: aws.String("1"), Actions: []types.Action{{Type: "forward"}}}, Rule{"1", false, []Action{{"forward", nil}}}},
		"default by its name":  {types.Rule{Priority: aws.String("default")}, Rule{"default", true, nil}},
		"default by its flag":  {types.Rule{IsDefault: aws.Bool(true)}, Rule{"", true, nil}},
		"an answer of nothing": {types.Rule{}, Rule{}},
	} {
		if d := cmp.Diff(tt.want, ruleRow(tt.in)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
