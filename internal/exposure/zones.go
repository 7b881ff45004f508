package exposure

// zoned is the link that Availability Zones make between a load balancer's node and a target. A target in a zone in which the
// load balancer has no subnet gets nothing
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html, "Availability Zones and
// load balancer nodes"); of a target by address, whose zone may have been given as "all", that is not known
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html). A node sends to other zones than its
// own by cross-zone load balancing, which application load balancers do unless a target group turns it off, and the others do not unless
// it is turned on (the same page, "Cross-zone load balancing"): that setting is not read. No link: nothing to say.
func (n *Network) zoned(b *LoadBalancer, node, to endpoint, targets string) []Link {
	at := to.subnet.Zone
	link := func(text string, a Answer, missing ...string) []Link {
		return []Link{newLink(b.ARN, b.Name+" "+text, either(a), missing...)}
	}
	if len(to.subnet.lost) > 0 || len(node.subnet.lost) > 0 {
		return link("to the target's zone", Unknown, append(append([]string(nil), to.subnet.lost...), node.subnet.lost...)...)
	}
	if node.subnet.Zone == at {
		return nil
	}
	serves := No
	for _, id := range b.Subnets {
		switch s := n.subnet(id, b.VPC); {
		case len(s.lost) == 0 && s.Zone == at:
			serves = Yes
		case (len(s.lost) > 0 || s.Zone == "") && serves == No:
			serves = Unknown
		}
	}
	switch {
	case serves == Yes && at != "" && b.Type == Application:
		return nil
	case serves == Yes && at != "":
		return link("to another zone", Unknown, "whether "+b.Name+" sends to other zones than its node's (cross-zone load balancing)")
	case serves == No && at != "" && targets == "instance":
		return link("has no subnet in "+at+", the target's zone", No)
	default:
		return link("to the target's zone", Unknown, "whether "+b.Name+" sends to the zone of the target ("+to.subnet.ID+")")
	}
}
