package exposure

import "strings"

// cloudFrontNames are AWS's managed prefix lists of the addresses from which CloudFront connects to origins
// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html, "Use the CloudFront managed
// prefix lists"). Nobody else can give a list such a name
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateManagedPrefixList.html: none begins with com.amazonaws).
var cloudFrontNames = []string{"com.amazonaws.global.cloudfront.origin-facing", "com.amazonaws.global.ipv6.cloudfront.origin-facing"}

// cloudFrontLists are the ids of CloudFront's lists: those that rules and VPC origins name.
func cloudFrontLists(e *Evidence) map[string]bool {
	ids := map[string]bool{}
	for _, g := range e.Groups.List {
		for _, r := range g.Inbound {
			for _, l := range r.PrefixLists {
				for _, name := range cloudFrontNames {
					if strings.EqualFold(l.Name, name) {
						ids[l.ID] = true
					}
				}
			}
		}
	}
	return ids
}

// names says whether a rule's source is CloudFront: its group in the VPC, or its managed prefix list
// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html).
func (n *Network) names(o groupOpening, v *VPCOrigin) bool {
	for id := range o.lists {
		if n.cloudFront[id] {
			return true
		}
	}
	return refersTo(o, v.Groups) == Yes
}
