package rds

import "strings"

// judged reports an engine of RDS. DocumentDB and Neptune answer the same operations and are services of their own
// (DescribeDBInstances, API reference); whatever else there may be one day is a row, whose engine a check may not know.
func judged(engine string) bool {
	return !strings.HasPrefix(engine, "docdb") && !strings.HasPrefix(engine, "neptune")
}

// Aurora reports Aurora's engines; the bare "aurora" was Aurora MySQL's first.
func Aurora(engine string) bool { return engine == "aurora" || strings.HasPrefix(engine, "aurora-") }

// Custom reports RDS Custom, whose host and database the customer runs along with AWS.
func Custom(engine string) bool { return strings.HasPrefix(engine, "custom-") }

// Oracle reports RDS for Oracle; RDS Custom for Oracle is not meant.
func Oracle(engine string) bool { return strings.HasPrefix(engine, "oracle-") }

// The parameters that decide whether a database refuses connections without TLS.
const (
	ForceSSL               = "rds.force_ssl"
	RequireSecureTransport = "require_secure_transport"
	DB2Comm                = "DB2COMM"
)

// TLSParameter is the parameter by which an engine requires TLS; empty where none does. Sources: the RDS and Aurora user
// guides' pages on SSL/TLS of each engine. PostgreSQL's own "ssl" only offers TLS, so it is none.
func TLSParameter(engine string) string {
	switch {
	case engine == "postgres", engine == "aurora-postgresql", strings.HasPrefix(engine, "sqlserver-"):
		return ForceSSL
	case engine == "mysql", engine == "mariadb", engine == "aurora-mysql", engine == "aurora":
		return RequireSecureTransport
	case strings.HasPrefix(engine, "db2-"):
		return DB2Comm
	}
	return ""
}
