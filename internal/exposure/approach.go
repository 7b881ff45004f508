package exposure

import (
	"fmt"
	"slices"
	"strings"
)

// approach gives the links from the internet to the border of a subnet: the internet gateway with the route back to it, no
// appliance between, and VPC Block Public Access.
func (n *Network) approach(s *Subnet, f family) []Link {
	key := approachKey{s.ID, f}
	if links, ok := n.caches.approach[key]; ok {
		return links
	}
	links := []Link{n.wayBack(s, f)}
	if a, why := n.middlebox(s, f); a != No {
		links = append(links, newLink("", "through a middlebox, or not", unsure, why...))
	}
	if l, blocks := n.block(s); blocks {
		links = append(links, l)
	}
	n.caches.approach[key] = links
	return links
}

type approachKey struct {
	subnet string
	family family
}

// block judges VPC Block Public Access at a subnet
// (https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html): both modes stop what the internet begins; an
// exclusion that allows both directions lifts them, for a VPC or a subnet; one that allows egress lets nothing in. It stops
// load balancers, Global Accelerator and CloudFront's VPC origins too
// (https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html). In a shared subnet the owner's setting
// counts, which is not known here. What is being changed is not known either. The second result is false where there is
// nothing to say.
func (n *Network) block(s *Subnet) (Link, bool) {
	const id = "VPC Block Public Access"
	b := n.evidence.Block
	lost := func(missing ...string) (Link, bool) {
		return newLink(id, id+" (not known)", unsure, missing...), true
	}
	switch {
	case len(s.lost) > 0:
		return lost(s.lost...)
	case n.foreign(s):
		return lost(fmt.Sprintf("VPC Block Public Access of account %s, which owns %s", s.Owner, s.ID))
	case len(b.Missing) > 0:
		return lost(b.Missing...)
	case b.State != "default-state" && b.State != "update-complete":
		return lost(fmt.Sprintf("VPC Block Public Access is in state %q", b.State))
	case b.Mode == "off":
		return Link{}, false
	case b.Mode != "block-ingress" && b.Mode != "block-bidirectional":
		return lost(fmt.Sprintf("the mode %q of VPC Block Public Access", b.Mode))
	}

	var lifts, keeps, changing, doubts []string
	for _, resource := range []string{s.VPC, s.ID} {
		for _, e := range n.exclusions[resource] {
			switch inForce, gone := exclusionState(e.State); {
			case gone:
			case e.Mode == "allow-egress" && inForce:
				keeps = append(keeps, e.ID)
			case e.Mode == "allow-egress" && !strings.HasPrefix(e.State, "update-"): // neither before nor after does it let anything in
				changing = append(changing, e.ID)
			case e.Mode == "allow-bidirectional" && inForce:
				lifts = append(lifts, e.ID)
			default:
				doubts = append(doubts, fmt.Sprintf("the exclusion %s (%s, %s) of VPC Block Public Access", e.ID, e.Mode, e.State))
			}
		}
	}
	switch {
	case len(lifts) > 0 && len(keeps)+len(changing) > 0:
		return lost("which of the exclusions " + shorten(slices.Concat(lifts, keeps, changing), 0) + " decides for " + s.ID)
	case len(lifts) > 0 && len(doubts) > 0:
		return lost(doubts...)
	case len(lifts) > 0 && len(n.evidence.Exclusions.Missing) > 0:
		return lost(n.evidence.Exclusions.Missing...)
	case len(lifts) > 0:
		return newLink(id, fmt.Sprintf("%s %s lifted by %s", id, b.Mode, strings.Join(lifts, ", ")), anyone), true
	case len(doubts) > 0:
		return lost(doubts...)
	case len(n.evidence.Exclusions.Missing) > 0:
		return lost(n.evidence.Exclusions.Missing...)
	}
	return newLink(id, fmt.Sprintf("%s %s stops what the internet begins", id, b.Mode), nobody), true
}

// exclusionState reads VpcBlockPublicAccessExclusionState
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcBlockPublicAccessExclusion.html). What is neither in force
// nor gone is not known.
func exclusionState(state string) (inForce, gone bool) {
	switch state {
	case "create-complete", "update-complete":
		return true, false
	case "delete-complete", "disable-complete":
		return false, true
	default:
		return false, false
	}
}
