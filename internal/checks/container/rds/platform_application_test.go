package rds

import (
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
)

func TestInstanceMultiAZ(t *testing.T) {
	custom := func(flag *bool) func(*rdsinv.Instance) {
		return func(i *rdsinv.Instance) { i.Engine, i.MultiAZ = "custom-sqlserver-se", flag }
	}
	onInstances(t, instanceMultiAZ, map[string]instanceCase{
		"standby":         {func(*rdsinv.Instance) {}, finding.Pass, "another availability zone"},
		"one zone":        {func(i *rdsinv.Instance) { i.MultiAZ = ptr(false) }, finding.Fail, "one availability zone"},
		"on its way":      {func(i *rdsinv.Instance) { i.MultiAZ, i.Pending.MultiAZ = ptr(false), ptr(true) }, finding.Fail, "a change to Multi-AZ is pending"},
		"about to end":    {func(i *rdsinv.Instance) { i.Pending.MultiAZ = ptr(false) }, finding.Pass, "single zone is pending"},
		"unsaid":          {func(i *rdsinv.Instance) { i.MultiAZ = nil }, finding.Unknown, ""},
		"replica":         {func(i *rdsinv.Instance) { i.MultiAZ, i.SourceInstance = ptr(false), "primary" }, finding.Fail, ""},
		"Aurora member":   {func(i *rdsinv.Instance) { auroraMember(i); i.MultiAZ = ptr(false) }, finding.NotApplicable, "c-1"},
		"Multi-AZ member": {multiAZMember, finding.NotApplicable, "c-1"},
		"custom, off":     {custom(ptr(false)), finding.NotApplicable, "RDS Custom"},
		"custom, unsaid":  {custom(nil), finding.NotApplicable, "RDS Custom"},
		"custom, on":      {custom(ptr(true)), finding.Pass, ""},
	})
}

func TestClusterMultiAZ(t *testing.T) {
	set := func(flag *bool, members int) func(*rdsinv.Cluster) {
		return func(c *rdsinv.Cluster) {
			c.MultiAZ = flag
			c.Members = nil
			for range members {
				c.Members = append(c.Members, rdsinv.Member{InstanceID: "m-1"})
			}
		}
	}
	onClusters(t, clusterMultiAZ, map[string]clusterCase{
		"several zones":         {set(ptr(true), 2), finding.Pass, "2 instances are in several"},
		"two in one zone":       {set(ptr(false), 2), finding.Fail, "2 instances are in one availability zone"},
		"one instance":          {set(ptr(false), 1), finding.Fail, "one instance only, m-1"},
		"one, whatever is said": {set(ptr(true), 1), finding.Fail, "one instance only"},
		"one, and unsaid":       {set(nil, 1), finding.Fail, "one instance only"},
		"no instance":           {set(ptr(false), 0), finding.Fail, "no instance"},
		"true without members":  {set(ptr(true), 0), finding.Unknown, "names no member"},
		"unsaid":                {set(nil, 2), finding.Unknown, "does not say"},
		"Serverless v1":         {func(c *rdsinv.Cluster) { set(ptr(false), 0)(c); c.EngineMode = "serverless" }, finding.NotApplicable, "Serverless v1"},
		"Limitless":             {func(c *rdsinv.Cluster) { set(ptr(false), 0)(c); c.Scalability = "limitless" }, finding.Unknown, "shard group"},
		"Multi-AZ cluster":      {func(c *rdsinv.Cluster) { set(ptr(true), 3)(c); c.Engine = "mysql" }, finding.Pass, "3 instances"},
	})
}
