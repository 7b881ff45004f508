package rds

import (
	"errors"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var dataInTransit = []*checks.Check{instanceTLSRequired}

const inSync = "in-sync"

var instanceTLSRequired = checks.With(rdsinv.Instances, checks.Meta{
	ID:       "rds-instance-tls-required",
	Title:    "RDS instances refuse connections without encryption",
	Layer:    responsibility.DataInTransit,
	Severity: finding.Medium,
	Risk: "Where the database merely offers TLS, a client that does not ask for it, or is talked out of it, sends its password and its data in " +
		"plain text through every network on the way.",
	Fix: checks.Fix{
		Text: "In a parameter group of your own, set rds.force_ssl (PostgreSQL, SQL Server) or require_secure_transport (MySQL, MariaDB) to 1, or DB2COMM " +
			"to SSL (Db2): of Aurora and Multi-AZ clusters in the cluster's group. For Oracle add NATIVE_NETWORK_ENCRYPTION with " +
			"SQLNET.ENCRYPTION_SERVER=REQUIRED to the option group. Reboot where the group's status asks for it.",
		CLI: "aws rds modify-db-parameter-group --db-parameter-group-name <group> --parameters ParameterName=rds.force_ssl,ParameterValue=1,ApplyMethod=pending-reboot",
		URL: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html",
	},
	Cites: []checks.Cite{{Framework: "Prowler", ID: "rds_instance_transport_encrypted"}},
	Detail: "The parameter that makes the engine refuse plain connections is read in the group that decides: the instance's DB parameter group, or for a " +
		"member of an Aurora or Multi-AZ cluster the cluster's group. PostgreSQL and SQL Server: rds.force_ssl. MySQL and MariaDB: " +
		"require_secure_transport. Db2: DB2COMM with SSL alone. Off fails, whatever else is pending. On passes where the group is in sync on this very " +
		"instance; on and not in sync (pending-reboot, applying, failed-to-apply) is unknown, since it may not be in force. A group that leaves the " +
		"value to the engine, or has no such parameter, is unknown. Oracle: the option NATIVE_NETWORK_ENCRYPTION with SQLNET.ENCRYPTION_SERVER=REQUIRED, " +
		"its group in sync, passes; without it, and with the option SSL alone, which leaves the plain listener open, it fails: security groups, which may " +
		"close that port, are not looked at. RDS Custom and other engines are unknown: no API tells. Clusters without instances (Aurora Serverless v1) " +
		"are not judged.",
}, func(b *inventory.Binder) inTransit {
	return inTransit{
		clusters: useClusters(b), own: inventory.Read(b, rdsinv.TLSParameters),
		ofClusters: inventory.Read(b, rdsinv.ClusterTLSParameters), oracle: inventory.Read(b, rdsinv.OracleInTransit),
	}
}, inTransit.judge)

type inTransit struct {
	clusters   clusters
	own        inventory.Facts[rdsinv.Instance, rdsinv.Parameter]
	ofClusters inventory.Facts[rdsinv.Cluster, rdsinv.Parameter]
	oracle     inventory.Facts[rdsinv.Instance, []rdsinv.OracleOptions]
}

func (in inTransit) judge(i rdsinv.Instance) checks.Verdict {
	switch {
	case i.Engine == "":
		return unsure("the answer names no engine")
	case rdsinv.Custom(i.Engine):
		return unsure("RDS Custom has no parameter group: what its database requires no API shows")
	case rdsinv.Oracle(i.Engine):
		return in.judgeOracle(i)
	case rdsinv.TLSParameter(i.Engine) == "":
		return unsure("this check knows no parameter by which the engine %s requires TLS", i.Engine)
	case i.ClusterID != "":
		return in.judgeMember(i)
	case rdsinv.Aurora(i.Engine):
		return unsure("it is an Aurora instance, and the answer does not name its cluster")
	case i.ParameterGroup() == "":
		return unsure("the answer does not name one DB parameter group")
	}
	return group{
		kind: "parameter group", name: i.ParameterGroup(), status: i.ParameterGroups[0].Status, parameter: rdsinv.TLSParameter(i.Engine),
	}.judge(in.own.Of(i))
}

// judgeMember: the cluster's group decides, and stands on each member in a state of its own.
func (in inTransit) judgeMember(i rdsinv.Instance) checks.Verdict {
	c, err := in.clusters.of(i)
	if err != nil {
		return checks.Unknown(err)
	}
	if c.ParameterGroup == "" {
		return unsure("the answer does not name the parameter group of cluster %s", c.ID)
	}
	return group{
		kind: "cluster parameter group", name: c.ParameterGroup, status: c.ParameterGroupStatus(i.ID), parameter: rdsinv.TLSParameter(i.Engine),
	}.judge(in.ofClusters.Of(c)).With("cluster", c.ID)
}

// group is the parameter group that decides, as it stands on one instance.
type group struct{ kind, name, status, parameter string }

func (g group) judge(field inventory.Field[rdsinv.Parameter]) checks.Verdict {
	p, err := field.Get()
	switch {
	case errors.Is(err, inventory.ErrAbsent):
		return unsure("%s %s has no parameter %s", g.kind, g.name, g.parameter)
	case errors.Is(err, inventory.ErrNotAsked), errors.Is(err, inventory.ErrGone):
		return unsure("%s %s was not read", g.kind, g.name)
	case err != nil:
		return checks.Unknown(err)
	case p.Value == nil:
		return unsure("%s has no value in %s %s: the engine's default, which is not read, applies", g.parameter, g.kind, g.name)
	}
	on, known := requires(g.parameter, *p.Value)
	if !known {
		return unsure("%s is %q in %s %s, which this check cannot read", g.parameter, *p.Value, g.kind, g.name)
	}
	v := checks.Pass("encryption is required: %s is %s in %s %s, which is in sync", g.parameter, *p.Value, g.kind, g.name)
	switch {
	case !on:
		v = checks.Fail("connections without TLS are accepted: %s is %s in %s %s", g.parameter, *p.Value, g.kind, g.name)
	case g.status == "":
		v = unsure("%s is %s in %s %s, but the answer does not say whether that group is in force here", g.parameter, *p.Value, g.kind, g.name)
	case g.status != inSync:
		v = unsure("%s is %s in %s %s, but that group is %s on this instance, so it may not be in force", g.parameter, *p.Value, g.kind, g.name, g.status)
	}
	return v.With("parameter", g.parameter).With("value", *p.Value).With("parameter_group", g.name).With("apply_status", g.status)
}

// requires reads a parameter's value. Instances write 1 and 0, clusters ON and OFF, and documentation also true.
// DB2COMM lists the protocols that Db2 listens for.
func requires(parameter, value string) (on, known bool) {
	value = strings.ToLower(strings.TrimSpace(value))
	if parameter == rdsinv.DB2Comm {
		protocols := map[string]bool{}
		for p := range strings.SplitSeq(value, ",") {
			protocols[strings.TrimSpace(p)] = true
		}
		switch {
		case protocols["tcpip"]:
			return false, true
		case len(protocols) == 1 && protocols["ssl"]:
			return true, true
		}
		return false, false
	}
	switch value {
	case "1", "on", "true", "required":
		return true, true
	case "0", "off", "false":
		return false, true
	}
	return false, false
}

func unsure(format string, args ...any) checks.Verdict {
	return checks.Unknown(inventory.Insufficient(format, args...))
}

// judgeOracle: what an option group requires is in force where the group is in sync. While groups change there are several.
func (in inTransit) judgeOracle(i rdsinv.Instance) checks.Verdict {
	list, err := in.oracle.Of(i).Get()
	switch {
	case errors.Is(err, inventory.ErrAbsent), errors.Is(err, inventory.ErrNotAsked), errors.Is(err, inventory.ErrGone):
		return unsure("its option groups were not read")
	case err != nil:
		return checks.Unknown(err)
	case len(i.OptionGroups) == 0:
		return unsure("the answer names no option group")
	}
	required := inventory.No
	for _, m := range i.OptionGroups {
		required = required.Or(requiresNative(list, m.Name))
	}
	names, states := make([]string, 0, len(i.OptionGroups)), make([]string, 0, len(i.OptionGroups))
	for _, m := range i.OptionGroups {
		names, states = append(names, m.Name), append(states, m.Status)
	}
	all, state := strings.Join(names, ", "), strings.Join(states, ", ")
	yes := checks.Pass("encryption is required: %s is REQUIRED in option group %s, which is in sync", rdsinv.EncryptionServer, all)
	if len(i.OptionGroups) > 1 || i.OptionGroups[0].Status != inSync {
		yes = unsure("%s is REQUIRED in option group %s, but the membership is %s, so it may not be in force", rdsinv.EncryptionServer, all, state)
	}
	return checks.Decide(required, yes, unencrypted(list, all)).With("option_groups", names).With("membership_status", states)
}

func requiresNative(list []rdsinv.OracleOptions, name string) inventory.Tri {
	for _, o := range list {
		switch {
		case o.Group != name:
		case !o.Said:
			return inventory.Unknown(inventory.Insufficient("the answer does not say which options option group %s has", name))
		case o.Native && o.ServerSet == "":
			return inventory.Unknown(inventory.Insufficient("the answer does not say what %s is in option group %s", rdsinv.EncryptionServer, name))
		default:
			return inventory.Is(o.Native && o.ServerSet == "REQUIRED")
		}
	}
	return inventory.Unknown(inventory.Insufficient("its option group %s is not in the listing", name))
}

// unencrypted says what there is instead of an option that requires encryption.
func unencrypted(list []rdsinv.OracleOptions, names string) checks.Verdict {
	for _, o := range list {
		if o.Native {
			return checks.Fail("connections without encryption are accepted: %s is %s in option group %s", rdsinv.EncryptionServer, o.ServerSet, o.Group)
		}
	}
	for _, o := range list {
		if o.SSL {
			return checks.Fail("connections without encryption are accepted: the option SSL of group %s only adds a port for TLS, and the plain "+
				"listener stays; security groups, which may close it, were not considered", o.Group)
		}
	}
	return checks.Fail("connections without encryption are accepted: no option of group %s encrypts them", names)
}
