package elb

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// LoadBalancerTags are read only where a scan is asked to pay for tags; one DescribeTags call may name 20 load balancers
// (API reference).
var (
	LoadBalancerTags = inventory.Batch(LoadBalancers, "elb.load-balancer-tags", awsapi.Calls("elb:DescribeTags"), LoadBalancer.Key, 20,
		func(ctx context.Context, s *awsapi.Session, list []LoadBalancer) (map[string]map[string]string, error) {
			names := make([]string, 0, len(list))
			for _, l := range list {
				names = append(names, l.ID)
			}
			o, err := client(s).DescribeTags(ctx, &elasticloadbalancing.DescribeTagsInput{LoadBalancerNames: names})
			if err != nil {
				return nil, err
			}
			out := make(map[string]map[string]string, len(names))
			for _, d := range o.TagDescriptions {
				tags := make(map[string]string, len(d.Tags))
				for _, t := range d.Tags {
					tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
				}
				out[aws.ToString(d.LoadBalancerName)] = tags
			}
			return out, nil
		})

	_ = inventory.Tagged(LoadBalancers, LoadBalancerTags)
)
