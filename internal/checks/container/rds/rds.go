// Package rds holds the checks of Amazon RDS and Aurora, one file per layer.
package rds

import (
	"slices"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// Group is the package's checks; each file lists its own.
var Group = checks.NewGroup(responsibility.Container, "rds", slices.Concat(
	serverSideEncryption,
	customerData,
	networkFirewall,
	platformApplication,
	dataInTransit,
	loggingMonitoring,
	reachability,
)...)

// isClusters is the verdict about a setting that belongs to an instance's cluster, where it is judged once. It is false
// for an instance that stands alone.
func isClusters(i rdsinv.Instance, setting string) (checks.Verdict, bool) {
	switch {
	case i.ClusterID != "":
		return checks.NotApplicable("%s of this member is a setting of cluster %s", setting, i.ClusterID).With("cluster", i.ClusterID), true
	case rdsinv.Aurora(i.Engine):
		return checks.Unknown(inventory.Insufficient("it is an Aurora instance, and the answer does not name its cluster")), true
	}
	return checks.Verdict{}, false
}

// own makes a judge of instances that stand alone; members of a cluster are not applicable for the setting.
func own(setting string, judge func(rdsinv.Instance) checks.Verdict) func(rdsinv.Instance) checks.Verdict {
	return func(i rdsinv.Instance) checks.Verdict {
		if v, is := isClusters(i, setting); is {
			return v
		}
		return judge(i)
	}
}

// said is a flag of an answer; nil is an answer that did not say.
func said(flag *bool, field string) inventory.Tri {
	if flag == nil {
		return inventory.Unknown(inventory.Insufficient("the answer does not say %s", field))
	}
	return inventory.Is(*flag)
}
