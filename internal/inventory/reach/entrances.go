package reach

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/cloudfront"
	ga "github.com/ourshare/ourshare/internal/inventory/globalaccelerator"
)

// accelerators are the endpoints that standard accelerators have in the region.
func (m *maker) accelerators(e *exposure.Evidence) {
	in, out := m.in, &e.Accelerators
	accelerators, listeners := map[string]ga.Accelerator{}, map[string]ga.Listener{}
	for _, a := range in.accelerators.List {
		accelerators[a.ARN] = a
	}
	for _, l := range in.accListeners.List {
		listeners[l.ARN] = l
	}
	for _, g := range in.endpointGroups.List {
		if g.EndpointRegion != "" && g.EndpointRegion != m.region {
			continue
		}
		l := listeners[g.Listener]
		a := accelerators[l.Accelerator]
		base := exposure.AcceleratorEndpoint{Accelerator: "Global Accelerator " + name(a, g), IPv6: a.AddressType == "DUAL_STACK"}
		whole := g.EndpointRegion != "" && a.AddressType != ""
		switch l.Protocol {
		case "TCP":
			base.Protocol = exposure.TCP
		case "UDP":
			base.Protocol = exposure.UDP
		default:
			whole = false
		}
		for _, p := range l.Ports {
			if p.From == nil || p.To == nil {
				whole = false
				continue
			}
			base.Ports = append(base.Ports, exposure.PortRange{From: uint16(*p.From), To: uint16(*p.To)})
		}
		base.Overrides = map[uint16]uint16{}
		for _, o := range g.Overrides {
			if o.Listener == nil || o.Endpoint == nil {
				whole = false
				continue
			}
			base.Overrides[uint16(*o.Listener)] = uint16(*o.Endpoint)
		}
		if !whole {
			out.Missing = append(out.Missing, "what the answers say of endpoint group "+g.ID)
			continue
		}
		for _, end := range g.Endpoints {
			point := base
			point.Endpoint, point.Preserved = end.ID, answer(end.PreserveClientIP)
			point.Enabled = all(answer(a.Enabled), above(g.TrafficDial), above(end.Weight))
			out.List = append(out.List, point)
		}
	}
	out.Missing = append(out.Missing, m.gaps(in.endpointGroups.Gaps)...)
}

func answer(flag *bool) exposure.Answer {
	switch {
	case flag == nil:
		return exposure.Unknown
	case *flag:
		return exposure.Yes
	}
	return exposure.No
}

// above says whether a weight or a dial lets anything through. At zero nothing comes in while other endpoints are healthy; a failover
// ignores the dial, and where no endpoint is healthy Global Accelerator takes any, whatever its weight
// (https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoints-endpoint-weights.unhealthy-endpoints.html).
func above[N int32 | float32](n *N) exposure.Answer {
	if n == nil || *n <= 0 {
		return exposure.Unknown
	}
	return exposure.Yes
}

func all(list ...exposure.Answer) exposure.Answer {
	switch {
	case slices.Contains(list, exposure.No):
		return exposure.No
	case slices.Contains(list, exposure.Unknown):
		return exposure.Unknown
	}
	return exposure.Yes
}

// origins are CloudFront's VPC origins. One that no distribution of the account uses may be shared with another account.
func (m *maker) origins(e *exposure.Evidence) {
	in, out := m.in, &e.VPCOrigins
	var groups []string
	for _, g := range in.groups.List {
		if g.GroupName == "CloudFront-VPCOrigins-Service-SG" { // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
			groups = append(groups, g.ID)
		}
	}
	for _, g := range in.distributions.Gaps {
		m.behind("whether a distribution uses", &g.Error)
	}
	for _, o := range in.origins.List {
		v, err := in.endpoints.Of(o).Get()
		switch {
		case errors.Is(err, inventory.ErrGone):
			continue
		case err != nil:
			out.Missing = append(out.Missing, m.missing(err))
			continue
		}
		row := exposure.VPCOrigin{ID: "VPC origin " + o.ID, Used: m.used(o), Endpoint: o.Endpoint, Groups: groups}
		if _, id, found := strings.Cut(o.Endpoint, ":instance/"); found {
			row.Endpoint = id
		}
		ports := []*int32{v.HTTPPort, v.HTTPSPort}
		switch v.Policy {
		case "http-only":
			ports = ports[:1]
		case "https-only":
			ports = ports[1:]
		}
		for _, p := range ports {
			if p == nil {
				out.Missing = append(out.Missing, "the ports of VPC origin "+o.ID)
				continue
			}
			row.Ports = append(row.Ports, uint16(*p))
		}
		if o.Endpoint == "" {
			out.Missing = append(out.Missing, "the endpoint of VPC origin "+o.ID)
		}
		out.List = append(out.List, row)
	}
	out.Missing = append(out.Missing, m.gaps(in.origins.Gaps)...)
}

func (m *maker) used(o cloudfront.VPCOrigin) exposure.Answer {
	for _, d := range m.in.distributions.List {
		for _, at := range d.Origins {
			if at.VPCOrigin == o.ID && at.Used && o.Status == "Deployed" && d.Enabled != nil && *d.Enabled {
				return exposure.Yes
			}
		}
	}
	return exposure.Unknown
}

// over are states in which an entrance carries nothing, or not yet.
var over = []string{
	"deleted", "deleting", "rejected", "failed", "expired", "pending-acceptance", "pendingAcceptance", "initiating-request", "Deleted", "Deleting", "Failed",
	"delete-complete", "delete-in-progress", "create-failed",
}

// entrances are those that the model does not follow: a "no" names them, and says which could not be listed.
func (m *maker) entrances(e *exposure.Evidence) {
	out := &e.Entrances
	lost := func(gaps []inventory.Gap) {
		out.Missing = append(out.Missing, m.gaps(gaps)...)
	}
	for _, kind := range m.in.entrances {
		for _, x := range kind.rows.List {
			if slices.Contains(over, x.State) {
				continue
			}
			for _, vpc := range x.VPCs {
				out.List = append(out.List, exposure.Entrance{Kind: kind.name, ID: x.ID, VPC: vpc})
			}
			if len(x.VPCs) == 0 {
				out.List = append(out.List, exposure.Entrance{Kind: kind.name, ID: x.ID})
			}
		}
		lost(kind.rows.Gaps)
	}
	for _, a := range m.in.customRouting.List {
		if a.On() {
			out.List = append(out.List, exposure.Entrance{Kind: "custom routing accelerator", ID: cmp.Or(a.Name, a.ID)})
		}
	}
	lost(m.in.customRouting.Gaps)
	for _, a := range m.in.crossAccount.List {
		out.List = append(out.List, exposure.Entrance{Kind: "Global Accelerator attachment for other accounts", ID: cmp.Or(a.Name, a.ID)})
	}
	lost(m.in.crossAccount.Gaps)
}

func name(a ga.Accelerator, g ga.EndpointGroup) string {
	if a.Resource == nil {
		return "of " + g.ID
	}
	return cmp.Or(a.Name, a.ID)
}
