package elbv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// TargetGroupSettings are attributes of a group that network load balancers use.
type TargetGroupSettings struct {
	// PreserveClientIP: the targets see the client's address as the source, and their security groups are to allow it; nil:
	// the answer did not say.
	PreserveClientIP *bool `json:"preserve_client_ip"`
}

// TargetGroupAttributes are asked for groups of network load balancers alone: behind the others the source is always the
// load balancer.
var TargetGroupAttributes = inventory.Each(TargetGroups, "elbv2.target-group-attributes", awsapi.Calls("elbv2:DescribeTargetGroupAttributes"), TargetGroup.Key,
	func(ctx context.Context, s *awsapi.Session, g TargetGroup) (v TargetGroupSettings, err error) {
		o, err := client(s).DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &g.ARN})
		if err != nil {
			return v, err
		}
		return settingsOf(o.Attributes), nil
	}, inventory.Where(func(g TargetGroup) bool { return g.HasTargets() && g.OfNetwork() }))

func settingsOf(list []types.TargetGroupAttribute) (v TargetGroupSettings) {
	for _, a := range list {
		if aws.ToString(a.Key) == "preserve_client_ip.enabled" {
			switch aws.ToString(a.Value) {
			case "true":
				v.PreserveClientIP = aws.Bool(true)
			case "false":
				v.PreserveClientIP = aws.Bool(false)
			}
		}
	}
	return v
}
