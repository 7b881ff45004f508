package elbv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Target is one registered target.
type Target struct {
	ID    string `json:"id"`    // an instance's id, an IP address, or a load balancer's ARN
	Port  *int32 `json:"port"`  // nil: the answer did not say
	Zone  string `json:"zone"`  // a zone, "all" for an address outside of the VPC; empty: not said
	State string `json:"state"` // initial, healthy, unhealthy, unused, draining, unavailable, ...; empty: not said
}

var targetOps = awsapi.Calls("elbv2:DescribeTargetHealth")

// Targets are the registered targets of each group that a load balancer uses; no target at all is an empty list. The
// operation has no pages.
var Targets = inventory.Each(TargetGroups, "elbv2.targets", targetOps, TargetGroup.Key,
	func(ctx context.Context, s *awsapi.Session, g TargetGroup) ([]Target, error) {
		o, err := client(s).DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &g.ARN})
		switch {
		case err != nil:
			return nil, err
		case o.TargetHealthDescriptions == nil: // the service writes an empty element for no target
			return nil, broken(s, targetOps, "the targets")
		}
		rows := make([]Target, 0, len(o.TargetHealthDescriptions))
		for _, t := range o.TargetHealthDescriptions {
			rows = append(rows, targetOf(t))
		}
		return rows, nil
	}, inventory.Where(TargetGroup.HasTargets))

func targetOf(t types.TargetHealthDescription) Target {
	var row Target
	if t.Target != nil {
		row.ID, row.Port, row.Zone = aws.ToString(t.Target.Id), t.Target.Port, aws.ToString(t.Target.AvailabilityZone)
	}
	if t.TargetHealth != nil {
		row.State = string(t.TargetHealth.State)
	}
	return row
}
