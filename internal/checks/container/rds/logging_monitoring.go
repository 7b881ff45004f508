package rds

import (
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var loggingMonitoring = []*checks.Check{instanceLogExports, clusterLogExports}

const logsDetail = "Passes where every log of the engine's list goes to CloudWatch Logs. Some of them only: fails as low, and the missing ones are named. " +
	"None: fails. Logs beside the list are no matter. A change that is under way is mentioned, and what is exported now decides. An engine that this " +
	"check has no list for is unknown. Lists: "

var instanceLogExports = checks.On(rdsinv.Instances, checks.Meta{
	ID:       "rds-instance-log-exports",
	Title:    "RDS instances export their logs to CloudWatch Logs",
	Layer:    responsibility.LoggingMonitoring,
	Severity: finding.Medium,
	Risk: "Logs that stay on the instance are rotated away within days and go with it: logins, errors and changes cannot be looked up after an " +
		"incident, and nothing raises an alarm.",
	Fix: checks.Fix{
		Text: "Export the engine's logs. Audit and general logs have to be turned on in the database's options or parameters as well.",
		CLI:  "aws rds modify-db-instance --db-instance-identifier <instance> --cloudwatch-logs-export-configuration '{\"EnableLogTypes\":[\"<log>\"]}'",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "RDS.9"}},
	Detail: logsDetail + "MySQL and MariaDB audit, error, general, slowquery; PostgreSQL postgresql; Oracle alert, audit, trace, listener; SQL Server error, " +
		"agent; Db2 diag.log, notify.log. Members of a cluster are not applicable: the cluster is judged, by rds-cluster-log-exports. RDS Custom is not " +
		"applicable: the setting does not exist there.",
}, own("log export", func(i rdsinv.Instance) checks.Verdict {
	if rdsinv.Custom(i.Engine) {
		return checks.NotApplicable("RDS Custom has no export of logs: what runs on its host is yours to ship")
	}
	return exported(i.Engine, instanceLogs(i.Engine), i.LogExports, i.Pending)
}))

var clusterLogExports = checks.On(rdsinv.Clusters, checks.Meta{
	ID:       "rds-cluster-log-exports",
	Title:    "RDS and Aurora clusters export their logs to CloudWatch Logs",
	Layer:    responsibility.LoggingMonitoring,
	Severity: finding.Medium,
	Risk: "Logs that stay on the instances are rotated away within days and go with them: logins, errors and changes cannot be looked up after an " +
		"incident, and nothing raises an alarm.",
	Fix: checks.Fix{
		Text: "Export the engine's logs. Audit and general logs have to be turned on in the cluster's parameters as well.",
		CLI:  "aws rds modify-db-cluster --db-cluster-identifier <cluster> --cloudwatch-logs-export-configuration '{\"EnableLogTypes\":[\"<log>\"]}'",
		URL:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html",
	},
	Detail: logsDetail + "Aurora MySQL audit, error, general, slowquery; Aurora PostgreSQL and Multi-AZ clusters of PostgreSQL postgresql; Multi-AZ clusters of " +
		"MySQL error, general, slowquery, since the audit plugin needs an option group and these clusters have none.",
}, func(c rdsinv.Cluster) checks.Verdict {
	return exported(c.Engine, clusterLogs(c.Engine), c.LogExports, c.Pending)
})

// instanceLogs are an engine's logs (CreateDBInstance, EnableCloudwatchLogsExports), without the newer ones of RDS itself.
func instanceLogs(engine string) []string {
	switch {
	case engine == "mysql", engine == "mariadb":
		return []string{"audit", "error", "general", "slowquery"}
	case engine == "postgres":
		return []string{"postgresql"}
	case rdsinv.Oracle(engine):
		return []string{"alert", "audit", "listener", "trace"}
	case strings.HasPrefix(engine, "sqlserver-"):
		return []string{"agent", "error"}
	case strings.HasPrefix(engine, "db2-"):
		return []string{"diag.log", "notify.log"}
	}
	return nil
}

// clusterLogs are those of clusters (CreateDBCluster, EnableCloudwatchLogsExports). Multi-AZ clusters of MySQL have no
// audit log to export: it comes with an option, and they support no option groups (RDS user guide, "Limitations of
// Multi-AZ DB clusters").
func clusterLogs(engine string) []string {
	switch engine {
	case "aurora", "aurora-mysql":
		return []string{"audit", "error", "general", "slowquery"}
	case "mysql":
		return []string{"error", "general", "slowquery"}
	case "aurora-postgresql", "postgres":
		return []string{"postgresql"}
	}
	return nil
}

func exported(engine string, wanted, exports []string, pending rdsinv.Pending) checks.Verdict {
	if wanted == nil {
		return unsure("this check has no list of logs for the engine %q", engine)
	}
	var have, missing []string
	for _, log := range wanted {
		if slices.Contains(exports, log) {
			have = append(have, log)
		} else {
			missing = append(missing, log)
		}
	}
	var v checks.Verdict
	switch {
	case len(missing) == 0:
		v = checks.Pass("every log is exported: %s", strings.Join(have, ", "))
	case len(have) == 0:
		v = checks.Fail("no log is exported; missing: %s", strings.Join(missing, ", "))
	default:
		v = checks.Fail("some logs are not exported: %s; low, since others are: %s", strings.Join(missing, ", "), strings.Join(have, ", ")).As(finding.Low)
	}
	if len(pending.LogsToEnable) > 0 {
		v = v.Adding("; being turned on: %s", strings.Join(pending.LogsToEnable, ", "))
	}
	if len(pending.LogsToDisable) > 0 {
		v = v.Adding("; being turned off: %s", strings.Join(pending.LogsToDisable, ", "))
	}
	return v.With("exported", slices.Concat([]string{}, exports)).With("missing", slices.Concat([]string{}, missing))
}
