package rds

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
)

func TestInstanceLogExports(t *testing.T) {
	logs := func(engine string, exports ...string) func(*rdsinv.Instance) {
		return func(i *rdsinv.Instance) { i.Engine, i.LogExports = engine, exports }
	}
	onInstances(t, instanceLogExports, map[string]instanceCase{
		"mysql":                {logs("mysql", "audit", "error", "general", "slowquery"), finding.Pass, "every log"},
		"mariadb, some":        {logs("mariadb", "error", "slowquery"), finding.Fail, "audit, general"},
		"postgres":             {logs("postgres", "iam-db-auth-error", "postgresql", "upgrade"), finding.Pass, ""},
		"postgres, none of it": {logs("postgres", "upgrade"), finding.Fail, "no log is exported; missing: postgresql"},
		"oracle":               {logs("oracle-se2", "alert", "audit", "listener", "trace"), finding.Pass, ""},
		"oracle, some":         {logs("oracle-ee-cdb", "alert"), finding.Fail, "audit, listener, trace"},
		"sqlserver":            {logs("sqlserver-ex", "agent", "error"), finding.Pass, ""},
		"db2":                  {logs("db2-ae", "diag.log", "notify.log"), finding.Pass, ""},
		"db2, none":            {logs("db2-ae"), finding.Fail, "diag.log, notify.log"},
		"RDS Custom":           {logs("custom-sqlserver-ee"), finding.NotApplicable, "RDS Custom"},
		"an unknown engine":    {logs("new", "error"), finding.Unknown, "new"},
		"engine unsaid":        {logs("", "error"), finding.Unknown, ""},
		"Aurora member":        {func(i *rdsinv.Instance) { auroraMember(i); i.LogExports = nil }, finding.NotApplicable, "c-1"},
		"Multi-AZ member":      {multiAZMember, finding.NotApplicable, "c-1"},
		"on the way": {func(i *rdsinv.Instance) {
			i.LogExports, i.Pending.LogsToEnable, i.Pending.LogsToDisable = nil, []string{"postgresql"}, []string{"upgrade"}
		}, finding.Fail, "being turned on: postgresql; being turned off: upgrade"},
	})
	t.Run("severity", func(t *testing.T) {
		for want, change := range map[finding.Severity]func(*rdsinv.Instance){
			finding.Low: logs("mysql", "error"), "": logs("mysql"),
		} {
			f := checktest.New()
			checktest.Rows(f, rdsinv.Instances, instance(change))
			if v := f.Run(instanceLogExports)["db-1"]; v.Status != finding.Fail || v.Severity != want {
				t.Errorf("%s %q, want %q", v.Status, v.Severity, want)
			}
		}
	})
}

func TestClusterLogExports(t *testing.T) {
	logs := func(engine string, exports ...string) func(*rdsinv.Cluster) {
		return func(c *rdsinv.Cluster) { c.Engine, c.LogExports = engine, exports }
	}
	onClusters(t, clusterLogExports, map[string]clusterCase{
		"Aurora MySQL":                      {logs("aurora-mysql", "audit", "error", "general", "instance", "slowquery"), finding.Pass, ""},
		"Aurora MySQL, some":                {logs("aurora-mysql", "error"), finding.Fail, "audit, general, slowquery"},
		"Aurora PostgreSQL":                 {logs("aurora-postgresql", "postgresql"), finding.Pass, ""},
		"Aurora PostgreSQL, none":           {logs("aurora-postgresql"), finding.Fail, "postgresql"},
		"Multi-AZ MySQL has no audit log":   {logs("mysql", "error", "general", "slowquery"), finding.Pass, ""},
		"Multi-AZ PostgreSQL":               {logs("postgres", "postgresql"), finding.Pass, ""},
		"an unknown engine":                 {logs("new"), finding.Unknown, "new"},
		"the first Aurora, of MySQL's kind": {logs("aurora", "audit", "error", "general", "slowquery"), finding.Pass, ""},
	})
}
