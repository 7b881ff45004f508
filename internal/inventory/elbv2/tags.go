package elbv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// tagBatch is how many resources one DescribeTags call may name (API reference: up to 20).
const tagBatch = 20

var tagOps = awsapi.Calls("elbv2:DescribeTags")

// LoadBalancerTags and ListenerTags are read only where a scan is asked to pay for tags.
var (
	LoadBalancerTags = inventory.Batch(LoadBalancers, "elbv2.load-balancer-tags", tagOps, LoadBalancer.Key, tagBatch,
		func(ctx context.Context, s *awsapi.Session, list []LoadBalancer) (map[string]map[string]string, error) {
			return describeTags(ctx, s, arns(list, LoadBalancer.Key))
		})
	ListenerTags = inventory.Batch(Listeners, "elbv2.listener-tags", tagOps, Listener.Key, tagBatch,
		func(ctx context.Context, s *awsapi.Session, list []Listener) (map[string]map[string]string, error) {
			return describeTags(ctx, s, arns(list, Listener.Key))
		})

	_ = inventory.Tagged(LoadBalancers, LoadBalancerTags)
	_ = inventory.Tagged(Listeners, ListenerTags)
)

func arns[T any](list []T, arn func(T) string) []string {
	out := make([]string, 0, len(list))
	for _, row := range list {
		out = append(out, arn(row))
	}
	return out
}

func describeTags(ctx context.Context, s *awsapi.Session, arns []string) (map[string]map[string]string, error) {
	o, err := client(s).DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: arns})
	if err != nil {
		return nil, err
	}
	out := make(map[string]map[string]string, len(arns))
	for _, d := range o.TagDescriptions {
		tags := make(map[string]string, len(d.Tags))
		for _, t := range d.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		out[aws.ToString(d.ResourceArn)] = tags
	}
	return out, nil
}
