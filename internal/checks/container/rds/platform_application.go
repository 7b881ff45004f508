package rds

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var platformApplication = []*checks.Check{instanceAutoMinorUpgrade, instanceMultiAZ, clusterMultiAZ}

var instanceAutoMinorUpgrade = checks.With(rdsinv.Instances, checks.Meta{
	ID:       "rds-instance-auto-minor-upgrade",
	Title:    "RDS instances take minor engine upgrades automatically",
	Layer:    responsibility.PlatformApplication,
	Severity: finding.Medium,
	Risk: "Security fixes of the engine come with minor versions. AWS installs them in the maintenance window only where that is allowed; otherwise " +
		"they wait for someone to remember.",
	Fix: checks.Fix{
		Text: "Allow automatic minor version upgrades (of a Multi-AZ cluster: modify-db-cluster), and choose the maintenance window.",
		CLI:  "aws rds modify-db-instance --db-instance-identifier <instance> --auto-minor-version-upgrade --apply-immediately",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html",
	},
	Cites: []checks.Cite{
		{Framework: "FSBP", ID: "RDS.13"},
		{Framework: "CIS 7.0", ID: "3.2.2"},
		{Framework: "Prowler", ID: "rds_instance_minor_version_upgrade_enabled"},
	},
	Detail: "AutoMinorVersionUpgrade decides. It is each Aurora member's own. On a member of a Multi-AZ cluster the worse of the cluster's and its own " +
		"value counts, and the cluster is named. Flags that the answer does not give are unknown, unless the other one is false. RDS Custom is not " +
		"applicable: AWS requires the setting to be off there, and the customer upgrades.",
}, useClusters, func(in clusters, i rdsinv.Instance) checks.Verdict {
	if rdsinv.Custom(i.Engine) {
		return checks.NotApplicable("RDS Custom takes no automatic upgrades: the engine's versions are yours to install")
	}
	auto := in.setting(i, "AutoMinorVersionUpgrade", i.AutoMinorVersionUpgrade, func(c rdsinv.Cluster) *bool { return c.AutoMinorVersionUpgrade })
	yes := checks.Pass("minor versions are installed automatically%s", auto.where(true))
	no := checks.Fail("AutoMinorVersionUpgrade is false%s", auto.where(false))
	return auto.evidence(checks.Decide(auto.both(), yes, no), "auto_minor_version_upgrade")
})

var instanceMultiAZ = checks.On(rdsinv.Instances, checks.Meta{
	ID:       "rds-instance-multi-az",
	Title:    "RDS instances have a standby in another availability zone",
	Layer:    responsibility.PlatformApplication,
	Severity: finding.Medium,
	Risk: "Without a standby the loss of one availability zone, of the host or of its storage takes the database down until it is restored, and " +
		"maintenance interrupts it for longer.",
	Fix: checks.Fix{
		Text: "Make it a Multi-AZ deployment.",
		CLI:  "aws rds modify-db-instance --db-instance-identifier <instance> --multi-az --apply-immediately",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html",
	},
	Cites: []checks.Cite{
		{Framework: "FSBP", ID: "RDS.5"},
		{Framework: "CIS 7.0", ID: "3.2.4"},
		{Framework: "Prowler", ID: "rds_instance_multi_az"},
	},
	Detail: "The flag MultiAZ decides, for read replicas as well, which can have a standby of their own. A pending change is mentioned. Members of a " +
		"cluster are not applicable: the cluster is judged, by rds-cluster-multi-az. AWS documents that the flag does not apply to RDS Custom, so " +
		"one that is not set there is not applicable. An answer that does not say is unknown.",
}, own("Multi-AZ", func(i rdsinv.Instance) checks.Verdict {
	if rdsinv.Custom(i.Engine) && (i.MultiAZ == nil || !*i.MultiAZ) {
		return checks.NotApplicable("the setting MultiAZ does not apply to RDS Custom")
	}
	no := checks.Fail("it runs in one availability zone: MultiAZ is false").With("multi_az", false)
	if p := i.Pending.MultiAZ; p != nil && *p {
		no = no.Adding("; a change to Multi-AZ is pending")
	}
	yes := checks.Pass("it has a standby in another availability zone").With("multi_az", true)
	if p := i.Pending.MultiAZ; p != nil && !*p {
		yes = yes.Adding("; a change to a single zone is pending")
	}
	return checks.Decide(said(i.MultiAZ, "whether MultiAZ is set"), yes, no)
}))

var clusterMultiAZ = checks.On(rdsinv.Clusters, checks.Meta{
	ID:       "rds-cluster-multi-az",
	Title:    "RDS and Aurora clusters have instances in several availability zones",
	Layer:    responsibility.PlatformApplication,
	Severity: finding.Medium,
	Risk: "Aurora keeps its storage in three zones, but with all instances in one zone the loss of that zone takes the database down until a new " +
		"instance is made.",
	Fix: checks.Fix{
		Text: "Add a reader in another availability zone.",
		CLI:  "aws rds create-db-instance --db-instance-identifier <reader> --db-cluster-identifier <cluster> --engine <engine> --db-instance-class <class> --availability-zone <other-zone>",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html",
	},
	Cites: []checks.Cite{
		{Framework: "FSBP", ID: "RDS.15"},
		{Framework: "CIS 7.0", ID: "3.2.4"},
		{Framework: "Prowler", ID: "rds_cluster_multi_az"},
	},
	Detail: "The cluster's flag MultiAZ decides: it says whether there are instances in several zones. A cluster with one member fails whatever the " +
		"flag says. True without a member that the answer names, and no flag at all, are unknown. Aurora Serverless v1 is not applicable, since it has " +
		"no instances to place. Aurora Limitless with the flag off is unknown: its shard groups are not read.",
}, func(c rdsinv.Cluster) checks.Verdict {
	if c.EngineMode == "serverless" {
		return checks.NotApplicable("Aurora Serverless v1 has no instances that could be placed in several zones")
	}
	members := len(c.Members)
	spread := said(c.MultiAZ, "whether MultiAZ is set")
	yes, known := spread.Known()
	switch {
	case members == 1:
		spread = inventory.No
	case yes && members == 0:
		spread = inventory.Unknown(inventory.Insufficient("MultiAZ is true, but the answer names no member of the cluster"))
	case known && !yes && c.Scalability == "limitless":
		spread = inventory.Unknown(inventory.Insufficient("the redundancy of an Aurora Limitless database is its shard group's, which is not read"))
	}
	no := checks.Fail("its %d instances are in one availability zone", members)
	switch members {
	case 0:
		no = checks.Fail("it has no instance")
	case 1:
		no = checks.Fail("it has one instance only, %s", c.Members[0].InstanceID)
	}
	v := checks.Decide(spread, checks.Pass("its %d instances are in several availability zones", members), no)
	if known {
		v = v.With("multi_az", yes)
	}
	return v.With("instances", members)
})
