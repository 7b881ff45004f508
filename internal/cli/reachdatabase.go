package cli

import (
	"slices"

	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/inventory/reach"
)

// databases is what decides over a DB instance besides the network.
type databases struct {
	instances inventory.Rows[rds.Instance]
	clusters  inventory.Rows[rds.Cluster]
}

func bindDatabases(b *inventory.Binder) databases {
	return databases{inventory.Use(b, rds.Instances), inventory.Use(b, rds.Clusters)}
}

// database is one DB instance as the command asks about it.
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
	row := reach.DatabaseOf(i, in.clusters)
	d := database{port: -1, stopped: i.Status == "stopped", cluster: i.ClusterID, placement: row.Placement, why: row.Why()}
	if i.Network.Port != nil {
		d.port = int(*i.Network.Port)
	}
	switch yes, known := row.Gateway.Known(); {
	case !known:
		d.gateway = exposure.Unknown
	case yes:
		d.gateway = exposure.Yes
	default:
		d.gateway = exposure.No
	}
	return d
}
