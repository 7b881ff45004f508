"""RDS: engines, versions, and the names that follow from them.

The versions are a selection of those that RDS offered, enough for every major
version; an instance may be created with any other one.
"""

from typing import NamedTuple


class Engine(NamedTuple):
    port: int
    license: str
    versions: tuple  # newest first, but the default leads; a trailing "!" is deprecated


_PG_VERSIONS = ("17.6", "18.1", "16.10", "15.14", "14.19", "13.22", "12.22", "16.1!", "11.22!")
_SQL_VERSIONS = ("16.00.4215.2.v1", "15.00.4435.7.v1", "14.00.3500.1.v1", "13.00.6460.7.v1!")
_ORACLE_19 = "19.0.0.0.ru-2025-07.rur-2025-07.r1"
_ORACLE_21 = "21.0.0.0.ru-2025-07.rur-2025-07.r1"
_DB2_VERSIONS = ("11.5.9.0.sb00063198.r1", "12.1.2.0.r1")

ENGINES = {
    "aurora-mysql": Engine(
        3306,
        "general-public-license",
        (
            "8.0.mysql_aurora.3.08.2",
            "8.0.mysql_aurora.3.10.0",
            "8.0.mysql_aurora.3.04.0!",
            "5.7.mysql_aurora.2.12.5",
        ),
    ),
    "aurora-postgresql": Engine(
        5432, "postgresql-license", ("16.8", "17.5", "15.12", "14.17", "13.20", "12.22", "11.21!")
    ),
    "custom-oracle-ee": Engine(1521, "bring-your-own-license", ("19.custom1",)),
    "custom-oracle-ee-cdb": Engine(1521, "bring-your-own-license", ("19.custom1",)),
    "custom-oracle-se2": Engine(1521, "bring-your-own-license", ("19.custom1",)),
    "custom-oracle-se2-cdb": Engine(1521, "bring-your-own-license", ("19.custom1",)),
    "custom-sqlserver-ee": Engine(1433, "license-included", _SQL_VERSIONS[1:2]),
    "custom-sqlserver-se": Engine(1433, "license-included", _SQL_VERSIONS[1:2]),
    "custom-sqlserver-web": Engine(1433, "license-included", _SQL_VERSIONS[1:2]),
    "db2-ae": Engine(50000, "bring-your-own-license", _DB2_VERSIONS),
    "db2-se": Engine(50000, "bring-your-own-license", _DB2_VERSIONS),
    "docdb": Engine(27017, "na", ("5.0.0", "4.0.0", "3.6.0")),
    "mariadb": Engine(
        3306,
        "general-public-license",
        ("11.4.8", "11.8.3", "10.11.14", "10.6.23", "10.5.29", "10.4.34!", "10.11.4!"),
    ),
    "mysql": Engine(
        3306, "general-public-license", ("8.4.7", "8.0.44", "5.7.44", "8.0.32!", "5.7.38!")
    ),
    "neptune": Engine(8182, "amazon-license", ("1.4.5.1", "1.3.2.1", "1.2.1.0")),
    "oracle-ee": Engine(1521, "bring-your-own-license", (_ORACLE_19,)),
    "oracle-ee-cdb": Engine(1521, "bring-your-own-license", (_ORACLE_19, _ORACLE_21)),
    "oracle-se2": Engine(1521, "license-included", (_ORACLE_19,)),
    "oracle-se2-cdb": Engine(1521, "license-included", (_ORACLE_19, _ORACLE_21)),
    "postgres": Engine(5432, "postgresql-license", _PG_VERSIONS),
    "sqlserver-ee": Engine(1433, "license-included", _SQL_VERSIONS),
    "sqlserver-ex": Engine(1433, "license-included", _SQL_VERSIONS),
    "sqlserver-se": Engine(1433, "license-included", _SQL_VERSIONS),
    "sqlserver-web": Engine(1433, "license-included", _SQL_VERSIONS),
}
CLUSTERED = ("aurora-mysql", "aurora-postgresql", "docdb", "neptune")
# a cluster of these is a Multi-AZ DB cluster
MULTI_AZ = ("mysql", "postgres")
# engines with an open-source life cycle (EngineLifecycleSupport)
EXTENDED_SUPPORT = ("aurora-mysql", "aurora-postgresql", "mysql", "postgres")

# CloudWatch log types (RDS guide, "Publishing database logs")
LOG_TYPES = {
    "aurora-mysql": ["audit", "error", "general", "iam-db-auth-error", "instance", "slowquery"],
    "aurora-postgresql": ["iam-db-auth-error", "instance", "postgresql"],
    "db2": ["diag.log", "notify.log"],
    "docdb": ["audit", "profiler"],
    "mariadb": ["audit", "error", "general", "iam-db-auth-error", "slowquery"],
    "mysql": ["audit", "error", "general", "iam-db-auth-error", "slowquery"],
    "neptune": ["audit", "slowquery"],
    "oracle": ["alert", "audit", "listener", "oemagent", "trace"],
    "postgres": ["iam-db-auth-error", "postgresql", "upgrade"],
    "sqlserver": ["agent", "error"],
}


def kind(engine: str) -> str:
    """The product: oracle-se2-cdb is oracle, sqlserver-web is sqlserver."""
    name = engine.removeprefix("custom-")
    for product in ("oracle", "sqlserver", "db2"):
        if name.startswith(product):
            return product
    return name


def default_version(engine: str) -> str:
    return ENGINES[engine].versions[0].rstrip("!")


def major(engine: str, version: str) -> str:
    """MajorEngineVersion, as option groups and DescribeDBEngineVersions write it."""
    parts = version.split(".")
    if kind(engine) in ("postgres", "aurora-postgresql") and int(parts[0]) >= 10:
        return parts[0]
    if kind(engine) == "oracle" and int(parts[0]) >= 18:
        return parts[0]
    return ".".join(parts[:2])


def family(engine: str, version: str) -> str:
    """DBParameterGroupFamily: mysql8.0, postgres16, sqlserver-se-16.0, oracle-ee-19."""
    of = major(engine, version)
    match kind(engine):
        case "oracle" | "db2":
            return f"{engine}-{of}"
        case "sqlserver":
            return f"{engine}-{of.split('.')[0]}.0"
    return f"{engine}{of}"


def option_group(engine: str, version: str) -> str:
    return f"default:{engine}-{major(engine, version).replace('.', '-')}"


def families() -> dict:
    """Every family, with the engine and the version that it belongs to."""
    found = {}
    for engine, spec in ENGINES.items():
        for version in spec.versions:
            found.setdefault(family(engine, version.rstrip("!")), (engine, version.rstrip("!")))
    return found
