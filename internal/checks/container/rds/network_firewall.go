package rds

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var networkFirewall = []*checks.Check{instanceNotPublic}

var instanceNotPublic = checks.With(rdsinv.Instances, checks.Meta{
	ID:       "rds-instance-not-publicly-accessible",
	Title:    "RDS instances have no public address",
	Layer:    responsibility.NetworkFirewall,
	Severity: finding.High,
	Risk: "A database with a public address is one security group rule away from everyone's password guesses and from the next fault in its " +
		"network protocol.",
	Fix: checks.Fix{
		Text: "Turn public access off (of a Multi-AZ cluster: modify-db-cluster), and let clients in through the VPC, a VPN or a bastion.",
		CLI:  "aws rds modify-db-instance --db-instance-identifier <instance> --no-publicly-accessible --apply-immediately",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "RDS.2"}, {Framework: "CIS 7.0", ID: "3.2.3"}},
	Detail: "The flag PubliclyAccessible decides: security groups, subnets and routes, which may close the way all the same, are not looked at. It is " +
		"each Aurora member's own. On a member of a Multi-AZ cluster the worse of the cluster's and its own value counts, and the cluster is named. " +
		"Flags that the answer does not give are unknown, unless the other one is true. An Aurora cluster that clients reach through an internet " +
		"access gateway (express configuration) is mentioned: the gateway is no part of this flag.",
}, useClusters, func(in clusters, i rdsinv.Instance) checks.Verdict {
	public := in.setting(i, "PubliclyAccessible", i.PubliclyAccessible, func(c rdsinv.Cluster) *bool { return c.PubliclyAccessible })
	yes := checks.Fail("PubliclyAccessible is true%s: the name resolves to a public address", public.where(true))
	no := mentioningGateway(checks.Pass("PubliclyAccessible is false%s", public.where(false)), in, i)
	return public.evidence(checks.Decide(public.either(), yes, no), "publicly_accessible")
})

// mentioningGateway tells of an internet access gateway, by which clients reach an Aurora PostgreSQL cluster without any
// public address of an instance (DBCluster, API reference: InternetAccessGatewayEnabled).
func mentioningGateway(v checks.Verdict, in clusters, i rdsinv.Instance) checks.Verdict {
	if i.Engine != "aurora-postgresql" {
		return v
	}
	c, err := in.of(i)
	if err != nil {
		return v.NotSeen("whether its cluster has an internet access gateway", err)
	}
	if c.InternetAccessGateway != nil && *c.InternetAccessGateway {
		return v.Adding("; but clients reach its cluster %s over the internet, by an internet access gateway, which is no part of this flag", c.ID).
			With("internet_access_gateway", true)
	}
	return v
}
