package globalaccelerator

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// EndpointGroup is one region's endpoints of a listener.
type EndpointGroup struct {
	*inventory.Resource
	Listener       string         `json:"listener"`        // its listener's ARN
	EndpointRegion string         `json:"endpoint_region"` // where the endpoints are
	TrafficDial    *float32       `json:"traffic_dial"`    // per cent; 0: nothing comes in; nil: the answer did not say
	Endpoints      []Endpoint     `json:"endpoints"`
	Overrides      []PortOverride `json:"overrides"`
}

// Endpoint is a load balancer (by ARN), an instance (by id) or an Elastic IP address (by allocation id).
type Endpoint struct {
	ID               string `json:"id"`
	Weight           *int32 `json:"weight"`             // 0: it gets nothing; nil: the answer did not say
	PreserveClientIP *bool  `json:"preserve_client_ip"` // nil: the answer did not say
}

// PortOverride leads a listener's port to another port of the endpoints.
type PortOverride struct {
	Listener *int32 `json:"listener"`
	Endpoint *int32 `json:"endpoint"`
}

// Key is the group's ARN.
func (g EndpointGroup) Key() string { return g.ARN }

// EndpointGroups are the groups of every listener. AWS lists them per listener only.
var EndpointGroups = inventory.Under(Listeners, "globalaccelerator.endpoint-groups", awsapi.Calls("globalaccelerator:ListEndpointGroups"),
	func(ctx context.Context, s *awsapi.Session, l Listener) ([]EndpointGroup, error) {
		in := &globalaccelerator.ListEndpointGroupsInput{ListenerArn: &l.ARN, MaxResults: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, globalaccelerator.NewListEndpointGroupsPaginator(client(s), in), func(o *globalaccelerator.ListEndpointGroupsOutput) []EndpointGroup {
			rows := make([]EndpointGroup, 0, len(o.EndpointGroups))
			for _, g := range o.EndpointGroups {
				rows = append(rows, endpointGroupRow(l, g))
			}
			return rows
		})
	})

func endpointGroupRow(l Listener, g types.EndpointGroup) EndpointGroup {
	row := EndpointGroup{
		Resource: resource("AWS::GlobalAccelerator::EndpointGroup", g.EndpointGroupArn, nil),
		Listener: l.ARN, EndpointRegion: aws.ToString(g.EndpointGroupRegion), TrafficDial: g.TrafficDialPercentage,
	}
	for _, e := range g.EndpointDescriptions {
		row.Endpoints = append(row.Endpoints, Endpoint{aws.ToString(e.EndpointId), e.Weight, e.ClientIPPreservationEnabled})
	}
	for _, o := range g.PortOverrides {
		row.Overrides = append(row.Overrides, PortOverride{o.ListenerPort, o.EndpointPort})
	}
	return row
}
