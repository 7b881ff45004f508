package elbv2

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/inventory"
)

func TestTargetsOverTheWire(t *testing.T) {
	group := func(name, kind, protocol, users string) string {
		return "<member><TargetGroupArn>arn:" + name + "</TargetGroupArn><TargetGroupName>" + name + "</TargetGroupName><TargetType>" + kind +
			"</TargetType><Protocol>" + protocol + "</Protocol><Port>22</Port>" + users + "</member>"
	}
	const used = "<LoadBalancerArns><member>" + lbARN + "</member></LoadBalancerArns>"
	w := &wire{answers: answers("<Rules><member><Priority>default</Priority><IsDefault>true</IsDefault><Actions><member><Type>forward</Type>" +
		"<TargetGroupArn>arn:web</TargetGroupArn></member></Actions></member></Rules>")}
	w.answers["DescribeTargetGroups"] = "<TargetGroups>" + group("web", "instance", "HTTP", used) + group("ssh", "instance", "TCP", used) +
		group("spare", "instance", "TCP", "<LoadBalancerArns/>") + group("code", "lambda", "", used) + "</TargetGroups>"
	w.answers["DescribeTargetHealth"] = "<TargetHealthDescriptions><member><Target><Id>i-1</Id><Port>22</Port></Target>" +
		"<TargetHealth><State>healthy</State></TargetHealth></member></TargetHealthDescriptions>"
	w.answers["DescribeTargetGroupAttributes"] = "<Attributes><member><Key>preserve_client_ip.enabled</Key><Value>true</Value></member></Attributes>"
	b := collect(t, w, ForwardRules.Node(), TargetGroups.Node(), Targets.Node(), TargetGroupAttributes.Node())

	rules := inventory.Read(b, ForwardRules)
	listeners := inventory.Use(b, Listeners).List
	if _, err := rules.Of(listeners[0]).Get(); !errors.Is(err, inventory.ErrNotAsked) {
		t.Errorf("the rules of an HTTP listener are asked for twice: %v", err)
	}
	got, err := rules.Of(listeners[1]).Get()
	if d := cmp.Diff([]Rule{{Priority: "default", Default: true, Actions: []Action{{Type: "forward", Forward: []Share{{TargetGroup: "arn:web"}}}}}}, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}

	targets, attributes := inventory.Read(b, Targets), inventory.Read(b, TargetGroupAttributes)
	asked := map[string][2]bool{}
	for _, g := range inventory.Use(b, TargetGroups).List {
		list, err := targets.Of(g).Get()
		if err == nil {
			if d := cmp.Diff([]Target{{ID: "i-1", Port: aws.Int32(22), State: "healthy"}}, list); d != "" {
				t.Error(d)
			}
		}
		v, err2 := attributes.Of(g).Get()
		if err2 == nil && !aws.ToBool(v.PreserveClientIP) {
			t.Errorf("%s: %+v", g.Name, v)
		}
		asked[g.Name] = [2]bool{!errors.Is(err, inventory.ErrNotAsked), !errors.Is(err2, inventory.ErrNotAsked)}
	}
	if d := cmp.Diff(map[string][2]bool{"web": {true, false}, "ssh": {true, true}, "spare": {false, false}, "code": {false, false}}, asked); d != "" {
		t.Error(d)
	}
	calls := map[string]int{}
	for _, q := range w.asked {
		calls[q.Get("Action")]++
	}
	want := map[string]int{
		"DescribeLoadBalancers": 1, "DescribeListeners": 1, "DescribeRules": 2, "DescribeTags": 2,
		"DescribeTargetGroups": 1, "DescribeTargetHealth": 2, "DescribeTargetGroupAttributes": 1,
	}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}
}

func TestTargetsWithoutTheirListAreABrokenAnswer(t *testing.T) {
	w := &wire{answers: answers("<Rules/>")}
	w.answers["DescribeTargetGroups"] = "<TargetGroups><member><TargetGroupArn>arn:web</TargetGroupArn><TargetType>instance</TargetType></member></TargetGroups>"
	b := collect(t, w, Targets.Node())
	group := inventory.Use(b, TargetGroups).List[0]
	if _, err := inventory.Read(b, Targets).Of(group).Get(); err == nil || !strings.Contains(err.Error(), "lacks the targets") {
		t.Errorf("%v", err)
	}
	w.answers["DescribeTargetHealth"] = "<TargetHealthDescriptions/>"
	b = collect(t, w, Targets.Node())
	if list, err := inventory.Read(b, Targets).Of(group).Get(); err != nil || len(list) != 0 {
		t.Errorf("no target at all: %v %v", list, err)
	}
	w.answers["DescribeTargetGroups"] = ""
	if err := inventory.Use(collect(t, w, TargetGroups.Node()), TargetGroups).Err(); err == nil {
		t.Error("an answer without the list reads as no group at all")
	}
}
