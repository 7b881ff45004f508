package elbv2

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// TargetGroup is one target group. The listing carries no tags. An empty string means that the answer did not say.
type TargetGroup struct {
	*inventory.Resource
	TargetType    string   `json:"target_type"`    // instance, ip, lambda, alb
	Protocol      string   `json:"protocol"`       // HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, GENEVE, ...; none for lambda
	Port          *int32   `json:"port"`           // of targets without one of their own; none for lambda
	VPCID         string   `json:"vpc_id"`         // none for lambda
	AddressType   string   `json:"address_type"`   // ipv4, ipv6
	LoadBalancers []string `json:"load_balancers"` // ARNs, sorted; nil: the answer did not give them
}

// Key is the target group's ARN.
func (g TargetGroup) Key() string { return g.ARN }

// Attached reports a group to which a load balancer may send: one that the answer does not say to have none.
func (g TargetGroup) Attached() bool { return g.LoadBalancers == nil || len(g.LoadBalancers) > 0 }

// HasTargets reports a group whose targets can be in a VPC and get something: their listing is asked for.
func (g TargetGroup) HasTargets() bool {
	return g.Attached() && g.TargetType != string(types.TargetTypeEnumLambda)
}

// OfNetwork reports a group of network load balancers, by its protocol: those of application load balancers are HTTP and
// HTTPS, those of gateway load balancers GENEVE (TargetGroup, API reference).
func (g TargetGroup) OfNetwork() bool {
	switch types.ProtocolEnum(g.Protocol) {
	case types.ProtocolEnumHttp, types.ProtocolEnumHttps, types.ProtocolEnumGeneve:
		return false
	default:
		return true
	}
}

var targetGroupOps = awsapi.Calls("elbv2:DescribeTargetGroups")

// TargetGroups are the account's target groups, used or not.
var TargetGroups = inventory.Regional("elbv2.target-groups", targetGroupOps,
	func(ctx context.Context, s *awsapi.Session) ([]TargetGroup, error) {
		in := &elb.DescribeTargetGroupsInput{PageSize: aws.Int32(pageSize)}
		whole := true // the service writes an empty element where there is nothing to list
		list, err := awsapi.Pages(ctx, elb.NewDescribeTargetGroupsPaginator(client(s), in), func(o *elb.DescribeTargetGroupsOutput) []TargetGroup {
			whole = whole && o.TargetGroups != nil
			rows := make([]TargetGroup, 0, len(o.TargetGroups))
			for _, g := range o.TargetGroups {
				rows = append(rows, targetGroupRow(s, g))
			}
			return rows
		})
		if err == nil && !whole {
			err = broken(s, targetGroupOps, "the list of target groups")
		}
		return list, err
	})

func targetGroupRow(s *awsapi.Session, g types.TargetGroup) TargetGroup {
	arn, name := aws.ToString(g.TargetGroupArn), aws.ToString(g.TargetGroupName)
	id := arn
	if _, after, ok := strings.Cut(arn, ":targetgroup/"); ok {
		id = after
	}
	row := TargetGroup{
		Resource: &inventory.Resource{
			Type: "AWS::ElasticLoadBalancingV2::TargetGroup", ID: id, ARN: arn, Name: name, Region: s.Region,
		},
		TargetType: string(g.TargetType), Protocol: string(g.Protocol), Port: g.Port, VPCID: aws.ToString(g.VpcId), AddressType: string(g.IpAddressType),
	}
	if g.LoadBalancerArns != nil {
		row.LoadBalancers = append([]string{}, g.LoadBalancerArns...)
		slices.Sort(row.LoadBalancers)
	}
	return row
}
