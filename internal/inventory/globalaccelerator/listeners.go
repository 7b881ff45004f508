package globalaccelerator

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Listener is one listener of an accelerator.
type Listener struct {
	*inventory.Resource
	Accelerator string      `json:"accelerator"` // its accelerator's ARN
	Protocol    string      `json:"protocol"`    // TCP, UDP
	Ports       []PortRange `json:"ports"`
}

// PortRange is a range of ports; nil: the answer did not say.
type PortRange struct {
	From *int32 `json:"from"`
	To   *int32 `json:"to"`
}

// Key is the listener's ARN.
func (l Listener) Key() string { return l.ARN }

// Listeners are the listeners of the accelerators that are switched on. AWS lists them per accelerator only.
var Listeners = inventory.Under(Accelerators, "globalaccelerator.listeners", awsapi.Calls("globalaccelerator:ListListeners"),
	func(ctx context.Context, s *awsapi.Session, a Accelerator) ([]Listener, error) {
		in := &globalaccelerator.ListListenersInput{AcceleratorArn: &a.ARN, MaxResults: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, globalaccelerator.NewListListenersPaginator(client(s), in), func(o *globalaccelerator.ListListenersOutput) []Listener {
			rows := make([]Listener, 0, len(o.Listeners))
			for _, l := range o.Listeners {
				rows = append(rows, listenerRow(a, l))
			}
			return rows
		})
	}, inventory.Where(Accelerator.On))

func listenerRow(a Accelerator, l types.Listener) Listener {
	row := Listener{
		Resource:    resource("AWS::GlobalAccelerator::Listener", l.ListenerArn, nil),
		Accelerator: a.ARN, Protocol: string(l.Protocol),
	}
	for _, p := range l.PortRanges {
		row.Ports = append(row.Ports, PortRange{p.FromPort, p.ToPort})
	}
	return row
}
