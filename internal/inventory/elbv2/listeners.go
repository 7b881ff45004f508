package elbv2

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Listener is one listener of a load balancer. The listing carries no tags.
type Listener struct {
	*inventory.Resource
	LoadBalancer    string   `json:"load_balancer"`     // its load balancer's name
	LoadBalancerARN string   `json:"load_balancer_arn"` // its load balancer's ARN
	Kind            string   `json:"kind"`              // of the load balancer: application, network, gateway
	Scheme          string   `json:"scheme"`            // of the load balancer: internet-facing, internal
	Protocol        string   `json:"protocol"`          // HTTP, HTTPS, TLS, TCP, ...; empty: the answer did not say
	Port            int32    `json:"port"`              // 0: none, as with gateway load balancers
	DefaultActions  []Action `json:"default_actions"`   // nil: the answer did not give them
}

// Key is the listener's ARN.
func (l Listener) Key() string { return l.ARN }

// IsHTTP reports a listener that speaks HTTP in clear text; only such a one's rules are read.
func (l Listener) IsHTTP() bool { return l.Protocol == "HTTP" }

// MayForwardByRules reports a listener of an application load balancer whose rules ListenerRules leaves out. A listener of a
// load balancer whose kind the answer did not give may be one.
func (l Listener) MayForwardByRules() bool {
	return !l.IsHTTP() && (l.Kind == string(types.LoadBalancerTypeEnumApplication) || l.Kind == "")
}

// Listeners are the listeners of the load balancers. AWS lists them per load balancer only.
var Listeners = inventory.Under(LoadBalancers, "elbv2.listeners", awsapi.Calls("elbv2:DescribeListeners"),
	func(ctx context.Context, s *awsapi.Session, lb LoadBalancer) ([]Listener, error) {
		in := &elb.DescribeListenersInput{LoadBalancerArn: &lb.ARN, PageSize: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, elb.NewDescribeListenersPaginator(client(s), in), func(o *elb.DescribeListenersOutput) []Listener {
			rows := make([]Listener, 0, len(o.Listeners))
			for _, l := range o.Listeners {
				rows = append(rows, listenerRow(lb, l))
			}
			return rows
		})
	})

func listenerRow(lb LoadBalancer, l types.Listener) Listener {
	arn := aws.ToString(l.ListenerArn)
	id := arn
	if _, after, ok := strings.Cut(arn, ":listener/"); ok {
		id = after
	}
	name := lb.Name
	if l.Port != nil {
		name += ":" + strconv.Itoa(int(*l.Port))
	}
	row := Listener{
		Resource:     &inventory.Resource{Type: "AWS::ElasticLoadBalancingV2::Listener", ID: id, ARN: arn, Name: name, Region: lb.Region},
		LoadBalancer: lb.Name, LoadBalancerARN: lb.ARN, Kind: lb.Kind, Scheme: lb.Scheme, Protocol: string(l.Protocol), Port: aws.ToInt32(l.Port),
	}
	for _, a := range l.DefaultActions {
		row.DefaultActions = append(row.DefaultActions, actionOf(a))
	}
	return row
}
