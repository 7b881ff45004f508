package reach

import (
	"slices"

	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/rds"
)

// Database is one DB instance as the reasoning takes it, with what decides beside the network.
type Database struct {
	Placement exposure.Placement
	// Public says whether public access is on, Gateway whether its cluster has an internet access gateway.
	Public, Gateway inventory.Tri
}

// DatabaseOf reads a DB instance; clusters are the region's. It is in a subnet of its group within its Availability Zone, or in any where
// no zone is named. It has a public IPv4 address by its own flag (DBInstance, RDS API reference: PubliclyAccessible); on a member of a
// Multi-AZ cluster, which has a flag of its own, the worse of both counts. Public access with IPv6 is not for instances that have
// IPv4 alone; for the others that is not known.
func DatabaseOf(i rds.Instance, clusters inventory.Rows[rds.Cluster]) Database {
	d := Database{
		Placement: exposure.Placement{Name: i.ID, VPC: i.Network.VPCID, Groups: i.Network.Groups, IPv6: exposure.No},
		Public:    said(i.PubliclyAccessible, "whether PubliclyAccessible is set"),
		Gateway:   inventory.No,
	}
	for _, s := range i.Network.Subnets {
		if i.Network.Zone == "" || s.Zone == "" || s.Zone == i.Network.Zone {
			d.Placement.Subnets = append(d.Placement.Subnets, s.ID)
		}
	}
	if i.ClusterID != "" && !rds.Aurora(i.Engine) {
		d.Public = d.Public.Or(ofCluster(i, clusters, func(c rds.Cluster) inventory.Tri {
			return said(c.PubliclyAccessible, "whether PubliclyAccessible is set on its cluster "+c.ID)
		}))
	}
	// DBCluster, RDS API reference: InternetAccessGatewayEnabled; only Aurora PostgreSQL has it, and answers about other clusters
	// lack it.
	if i.Engine == "aurora-postgresql" {
		d.Gateway = ofCluster(i, clusters, func(c rds.Cluster) inventory.Tri {
			return inventory.Is(c.InternetAccessGateway != nil && *c.InternetAccessGateway)
		})
	}
	d.Placement.Public = answerOf(d.Public)
	if i.Network.Type != "IPV4" && d.Placement.Public != exposure.No {
		d.Placement.IPv6 = exposure.Unknown
	}
	return d
}

// Why gives what is not known of the database itself.
func (d Database) Why() []error { return slices.Concat(d.Public.Why(), d.Gateway.Why()) }

// ofCluster asks an instance's cluster. One that a whole listing does not have was made or deleted meanwhile, which is no gap.
func ofCluster(i rds.Instance, clusters inventory.Rows[rds.Cluster], ask func(rds.Cluster) inventory.Tri) inventory.Tri {
	for _, c := range clusters.List {
		if c.ID == i.ClusterID && c.Region == i.Region {
			return ask(c)
		}
	}
	if err := clusters.Err(); err != nil {
		return inventory.Unknown(err)
	}
	return inventory.Unknown(inventory.Insufficient("its cluster %s is not in the listing of clusters", i.ClusterID))
}

func said(flag *bool, what string) inventory.Tri {
	if flag == nil {
		return inventory.Unknown(inventory.Insufficient("the answer does not say %s", what))
	}
	return inventory.Is(*flag)
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
