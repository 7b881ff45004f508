package elbv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// LoadBalancer is one application, network or gateway load balancer. The listing carries no tags.
type LoadBalancer struct {
	*inventory.Resource
	Kind   string `json:"kind"`   // application, network, gateway
	Scheme string `json:"scheme"` // internet-facing, internal; empty for gateway load balancers
}

// Key is the load balancer's ARN.
func (l LoadBalancer) Key() string { return l.ARN }

// LoadBalancers are the account's load balancers.
var LoadBalancers = inventory.Regional("elbv2.load-balancers", awsapi.Calls("elbv2:DescribeLoadBalancers"),
	func(ctx context.Context, s *awsapi.Session) ([]LoadBalancer, error) {
		in := &elb.DescribeLoadBalancersInput{PageSize: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, elb.NewDescribeLoadBalancersPaginator(client(s), in), func(o *elb.DescribeLoadBalancersOutput) []LoadBalancer {
			rows := make([]LoadBalancer, 0, len(o.LoadBalancers))
			for _, l := range o.LoadBalancers {
				rows = append(rows, loadBalancerRow(s, l))
			}
			return rows
		})
	})

func loadBalancerRow(s *awsapi.Session, l types.LoadBalancer) LoadBalancer {
	name := aws.ToString(l.LoadBalancerName)
	return LoadBalancer{
		Resource: &inventory.Resource{
			Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", ID: name, ARN: aws.ToString(l.LoadBalancerArn), Name: name, Region: s.Region,
		},
		Kind: string(l.Type), Scheme: string(l.Scheme),
	}
}
