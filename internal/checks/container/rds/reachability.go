package rds

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/reachable"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/inventory/reach"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var reachability = []*checks.Check{instanceReachable}

type database struct {
	clusters
	net reachable.Network
}

var instanceReachable = checks.With(rdsinv.Instances, checks.Meta{
	ID:       "rds-instance-reachable",
	Title:    "The internet cannot reach RDS instances",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.High,
	Risk:     "A database that everyone can reach is open to password guesses and to the next fault in its network protocol.",
	Fix: checks.Fix{
		Text: "Turn public access off, move the database to subnets without a route to an internet gateway, and let its security groups allow your own networks alone.",
		CLI:  "aws rds modify-db-instance --db-instance-identifier <instance> --no-publicly-accessible --apply-immediately",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
	},
	Detail: "Fails where client addresses beyond internet_ipv4_prefix or internet_ipv6_prefix pass every link to the database's port: public access, the " +
		"routes and network ACLs of the subnets of its group in its Availability Zone, VPC Block Public Access and its security groups; or where a load balancer, Global " +
		"Accelerator or a VPC origin leads to it, or its Aurora cluster has an internet access gateway. Each member of a cluster is judged; on one of a Multi-AZ " +
		"cluster the worse of both flags counts. Where the subnets differ, or what decides was not read, it is unknown. A stopped instance passes.",
}, func(b *inventory.Binder) database {
	return database{useClusters(b), reachable.Bind(b)}
}, func(in database, i rdsinv.Instance) checks.Verdict {
	if i.Status == "stopped" {
		return checks.Pass("the instance is stopped, and cannot be reached now").With("status", i.Status)
	}
	db := reach.DatabaseOf(i, in.rows)
	if yes, known := db.Gateway.Known(); known && yes {
		return checks.Fail("clients reach its cluster %s over the internet, by an internet access gateway", i.ClusterID).With("internet_access_gateway", true)
	}
	if i.Network.Port == nil {
		return checks.Unknown(inventory.Insufficient("the answer names no port, as of an instance that is being created"))
	}
	v := in.net.Placement(db.Placement, "the database", uint16(*i.Network.Port))
	if v.Status == finding.Unknown {
		v.Why = append(v.Why, db.Why()...)
	}
	if v.Status != finding.Pass {
		return v
	}
	return checks.Decide(db.Gateway.Not(), v, v)
})
