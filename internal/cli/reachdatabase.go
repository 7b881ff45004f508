package cli

import (
	"slices"

	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/rds"
)

// databases is what decides over a DB instance besides the network.
type databases struct {
	instances inventory.Rows[rds.Instance]
	clusters  inventory.Rows[rds.Cluster]
}

func bindDatabases(b *inventory.Binder) databases {
	return databases{inventory.Use(b, rds.Instances), inventory.Use(b, rds.Clusters)}
}

// database is one DB instance as the reasoning takes it, by the rules of the check rds-instance-reachable.
type database struct {
	placement exposure.Placement
	port      int // -1: the answer does not say
	stopped   bool
	cluster   string
	gateway   exposure.Answer // whether its cluster has an internet access gateway
	why       []error         // what is not known of it
}

func (in databases) of(at located) database {
	k := slices.IndexFunc(in.instances.List, func(i rds.Instance) bool { return i.ARN == at.arn })
	if k < 0 {
		return database{port: -1}
	}
	i := in.instances.List[k]
	d := database{port: -1, stopped: i.Status == "stopped", cluster: i.ClusterID, gateway: exposure.No}
	if i.Network.Port != nil {
		d.port = int(*i.Network.Port)
	}
	d.placement = exposure.Placement{Name: i.ID, VPC: i.Network.VPCID, Groups: i.Network.Groups, IPv6: exposure.No}
	for _, s := range i.Network.Subnets { // of its zone, or all where no zone is named
		if i.Network.Zone == "" || s.Zone == "" || s.Zone == i.Network.Zone {
			d.placement.Subnets = append(d.placement.Subnets, s.ID)
		}
	}
	public := flag(i.PubliclyAccessible, "whether PubliclyAccessible is set")
	if i.ClusterID != "" && !rds.Aurora(i.Engine) { // of a Multi-AZ cluster the worse of both counts
		public = public.Or(in.ofCluster(i, "whether PubliclyAccessible is set on its cluster", func(c rds.Cluster) *bool { return c.PubliclyAccessible }))
	}
	d.placement.Public = answerOf(public)
	if i.Network.Type != "IPV4" && d.placement.Public != exposure.No {
		d.placement.IPv6 = exposure.Unknown
	}
	d.why = append(d.why, public.Why()...)
	if i.Engine == "aurora-postgresql" { // DBCluster, API reference: InternetAccessGatewayEnabled; answers about other clusters lack it
		no := false
		gateway := in.ofCluster(i, "", func(c rds.Cluster) *bool {
			if c.InternetAccessGateway == nil {
				return &no
			}
			return c.InternetAccessGateway
		})
		d.gateway = answerOf(gateway)
		d.why = append(d.why, gateway.Why()...)
	}
	return d
}

// ofCluster is a flag of an instance's cluster.
func (in databases) ofCluster(i rds.Instance, what string, get func(rds.Cluster) *bool) inventory.Tri {
	for _, c := range in.clusters.List {
		if c.ID == i.ClusterID && c.Region == i.Region {
			return flag(get(c), what)
		}
	}
	if err := in.clusters.Err(); err != nil {
		return inventory.Unknown(err)
	}
	return inventory.Unknown(inventory.Insufficient("its cluster %s is not in the listing of clusters", i.ClusterID))
}

func flag(b *bool, what string) inventory.Tri {
	if b == nil {
		return inventory.Unknown(inventory.Insufficient("the answer does not say %s", what))
	}
	return inventory.Is(*b)
}

func answerOf(t inventory.Tri) exposure.Answer {
	switch yes, known := t.Known(); {
	case !known:
		return exposure.Unknown
	case yes:
		return exposure.Yes
	}
	return exposure.No
}
