package elb

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// LoadBalancer is one classic load balancer. The listing carries no tags. A nil list means that the answer did not give it;
// AWS writes an empty element for none.
type LoadBalancer struct {
	*inventory.Resource
	Scheme         string     `json:"scheme"` // internet-facing, internal; empty: the answer did not say
	VPCID          string     `json:"vpc_id"`
	DNSName        string     `json:"dns_name"`
	Subnets        []string   `json:"subnets"`         // sorted
	SecurityGroups []string   `json:"security_groups"` // sorted
	Instances      []string   `json:"instances"`       // registered ones, sorted
	Listeners      []Listener `json:"listeners"`
}

// Listener is one port of a load balancer, and that of the instances to which it leads.
type Listener struct {
	Protocol         string `json:"protocol"` // HTTP, HTTPS, TCP, SSL
	Port             int32  `json:"port"`
	InstanceProtocol string `json:"instance_protocol"` // empty: the answer did not say
	InstancePort     *int32 `json:"instance_port"`     // nil: the answer did not say
}

// Key is the load balancer's name.
func (l LoadBalancer) Key() string { return l.ID }

var loadBalancerOps = awsapi.Calls("elb:DescribeLoadBalancers")

// LoadBalancers are the account's classic load balancers, with the largest page that the listing allows (API reference:
// PageSize 1-400).
var LoadBalancers = inventory.Regional("elb.load-balancers", loadBalancerOps,
	func(ctx context.Context, s *awsapi.Session) ([]LoadBalancer, error) {
		in := &elasticloadbalancing.DescribeLoadBalancersInput{PageSize: aws.Int32(400)}
		whole := true // the service writes an empty element where there is nothing to list
		list, err := awsapi.Pages(ctx, elasticloadbalancing.NewDescribeLoadBalancersPaginator(client(s), in), func(o *elasticloadbalancing.DescribeLoadBalancersOutput) []LoadBalancer {
			whole = whole && o.LoadBalancerDescriptions != nil
			rows := make([]LoadBalancer, 0, len(o.LoadBalancerDescriptions))
			for _, l := range o.LoadBalancerDescriptions {
				rows = append(rows, loadBalancerRow(s, l))
			}
			return rows
		})
		if err == nil && !whole {
			err = broken(s, loadBalancerOps, "the list of load balancers")
		}
		return list, err
	})

func loadBalancerRow(s *awsapi.Session, l types.LoadBalancerDescription) LoadBalancer {
	name := aws.ToString(l.LoadBalancerName)
	row := LoadBalancer{
		Resource: &inventory.Resource{
			Type: "AWS::ElasticLoadBalancing::LoadBalancer", ID: name, Name: name, Region: s.Region,
			ARN: "arn:" + s.Partition + ":elasticloadbalancing:" + s.Region + ":" + s.ID + ":loadbalancer/" + name,
		},
		Scheme: aws.ToString(l.Scheme), VPCID: aws.ToString(l.VPCId), DNSName: aws.ToString(l.DNSName),
		Subnets: sorted(l.Subnets), SecurityGroups: sorted(l.SecurityGroups),
	}
	if l.Instances != nil {
		row.Instances = make([]string, 0, len(l.Instances))
	}
	for _, i := range l.Instances {
		row.Instances = append(row.Instances, aws.ToString(i.InstanceId))
	}
	slices.Sort(row.Instances)
	if l.ListenerDescriptions != nil {
		row.Listeners = make([]Listener, 0, len(l.ListenerDescriptions))
	}
	for _, d := range l.ListenerDescriptions {
		if d.Listener != nil {
			row.Listeners = append(row.Listeners, Listener{
				Protocol: aws.ToString(d.Listener.Protocol), Port: d.Listener.LoadBalancerPort,
				InstanceProtocol: aws.ToString(d.Listener.InstanceProtocol), InstancePort: d.Listener.InstancePort,
			})
		}
	}
	return row
}

// sorted is a sorted copy; nil stays nil.
func sorted(list []string) []string {
	if list == nil {
		return nil
	}
	out := append([]string{}, list...)
	slices.Sort(out)
	return out
}
