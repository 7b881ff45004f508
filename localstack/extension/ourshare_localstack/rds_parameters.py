"""RDS: parameter groups with the parameters that a family has.

moto knows a parameter only after somebody changed it. Here every group lists a
selection of its family's parameters, with the documented engine default, and
the user's value once there is one.
"""

import re

from moto.rds.models import rds_backends

from . import rds_engines
from .operations import error, operation

_BOOL = "0,1"


def _p(name, value, kind="boolean", allowed=_BOOL, apply="dynamic", source="engine-default"):
    row = {
        "ParameterName": name,
        "ParameterValue": value,
        "Description": f"{name} of the engine",
        "Source": source,
        "ApplyType": apply,
        "DataType": kind,
        "AllowedValues": allowed,
        "IsModifiable": True,
        "ApplyMethod": "pending-reboot",
    }
    return {k: v for k, v in row.items() if v is not None}


def _number(text):
    return tuple(int(n) for n in re.findall(r"\d+", text)[:2])


def _tls_default(engine, version):
    """Whether TLS is required when nobody says anything, by engine and version.

    RDS guide: "Requiring SSL/TLS" of each engine. PostgreSQL from 15, Aurora
    PostgreSQL from 17, MySQL from 9.7, Aurora MySQL from 8.4, MariaDB from 11.8.
    """
    first = {
        "aurora-mysql": (8, 4),
        "aurora-postgresql": (17,),
        "mariadb": (11, 8),
        "mysql": (9, 7),
        "postgres": (15,),
    }[engine]
    return _number(version) >= first


def _mysql(engine, version):
    on = _tls_default(engine, version)
    words = engine in ("mariadb", "aurora-mysql")
    value = ("ON" if on else "OFF") if words else str(int(on))
    return [
        _p("general_log", "0"),
        _p("log_output", "TABLE", "string", "TABLE,FILE,NONE"),
        _p("long_query_time", "10", "float", "0-31536000"),
        _p("require_secure_transport", value, "boolean", "0,1,OFF,ON" if words else _BOOL),
        _p("slow_query_log", "0"),
        _p("tls_version", None, "list", "TLSv1,TLSv1.1,TLSv1.2,TLSv1.3", "static"),
    ]


def _mariadb(engine, version):
    rows = _mysql(engine, version)
    if _number(version) < (10, 5):
        # the parameter came with 10.5
        rows = [row for row in rows if row["ParameterName"] != "require_secure_transport"]
    return rows


def _postgres(engine, version):
    on = _tls_default(engine, version)
    return [
        _p("log_connections", "0"),
        _p("log_disconnections", "0"),
        _p("log_min_duration_statement", None, "integer", "-1-2147483647"),
        _p("log_statement", "none", "string", "none,ddl,mod,all"),
        _p("password_encryption", "scram-sha-256", "string", "md5,scram-sha-256"),
        _p("pgaudit.log", None, "list", "ddl,function,misc,read,role,write,none,all"),
        _p("rds.force_ssl", str(int(on)), source="system"),
        _p("rds.log_retention_period", "4320", "integer", "1440-10080", source="system"),
        _p("shared_preload_libraries", "pg_stat_statements", "list", None, "static", "system"),
        _p("ssl", "1", source="system"),
    ]


def _sqlserver(engine, version):
    return [
        _p("rds.fips", "0", apply="static", source="system"),
        _p("rds.force_ssl", "0", apply="static", source="system"),
        _p("rds.tls10", "default", "string", "default,enabled,disabled", "static", "system"),
        _p("rds.tls11", "default", "string", "default,enabled,disabled", "static", "system"),
        _p("rds.tls12", "default", "string", "default,enabled,disabled", "static", "system"),
    ]


def _db2(engine, version):
    return [
        _p("DB2COMM", "TCPIP", "string", "TCPIP,SSL", "static"),
        _p("SSL_SVCENAME", "50443", "integer", "1150-65535", "static"),
        _p("SSL_VERSIONS", "TLSV12", "string", "TLSV12,TLSV13", "static"),
    ]


def _oracle(engine, version):
    return [
        _p("audit_trail", "NONE", "string", "DB,OS,NONE,TRUE,FALSE,DB,EXTENDED,XML", "static"),
        _p("sqlnetora.sqlnet.allowed_logon_version_server", "8", "string", "8,10,11,12,12a"),
    ]


def _docdb(engine, version):
    return [
        _p("audit_logs", "disabled", "string", "enabled,disabled,ddl,all,none"),
        _p("profiler", "disabled", "string", "enabled,disabled"),
        _p("tls", "enabled", "string", "enabled,disabled,fips-140-3", "static"),
    ]


def _neptune(engine, version):
    return [_p("neptune_enable_audit_log", "0", apply="static")]


_TABLE = {
    "aurora-mysql": _mysql,
    "aurora-postgresql": _postgres,
    "db2": _db2,
    "docdb": _docdb,
    "mariadb": _mariadb,
    "mysql": _mysql,
    "neptune": _neptune,
    "oracle": _oracle,
    "postgres": _postgres,
    "sqlserver": _sqlserver,
}
# Parameters that Aurora, DocumentDB and Neptune have on the cluster alone.
_CLUSTER_ONLY = {
    "aurora-mysql": {"require_secure_transport", "tls_version"},
    "aurora-postgresql": {"password_encryption", "rds.force_ssl", "ssl"},
    "docdb": {"audit_logs", "profiler", "tls"},
    "neptune": {"neptune_enable_audit_log"},
}


def _engine_of(family):
    known = rds_engines.families().get(family)
    if known:
        return known
    # any further version of a known engine: mysql9.7, sqlserver-se-17.0
    for engine in sorted(rds_engines.ENGINES, key=len, reverse=True):
        rest = family.removeprefix(engine).lstrip("-")
        if family.startswith(engine) and re.fullmatch(r"\d+(\.\d+)?", rest):
            return engine, rest
    return None


def defaults(family, cluster):
    """The family's parameters at the level of the instance or of the cluster."""
    found = _engine_of(family)
    if not found:
        return []
    engine, version = found
    rows = _TABLE[rds_engines.kind(engine)](engine, version)
    if not cluster:
        rows = [r for r in rows if r["ParameterName"] not in _CLUSTER_ONLY.get(engine, ())]
    else:
        rows = [{**r, "SupportedEngineModes": ["provisioned"]} for r in rows]
    return rows


def _group(call, name, cluster):
    """The group's family and the user's parameters; default groups exist on their own."""
    backend = rds_backends[call.account][call.region]
    groups = backend.db_cluster_parameter_groups if cluster else backend.db_parameter_groups
    group = groups.get(name.lower())
    if group is not None:
        return group.db_parameter_group_family if cluster else group.family, group.parameters
    family = name.lower().removeprefix("default.")
    if name.lower().startswith("default.") and _engine_of(family):
        return family, {}
    raise error("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)


def _selected(call, rows):
    wanted = None
    for one in call.get("Filters", []):
        if one["Name"] != "parameter-name":
            raise error("InvalidParameterValue", f"Unrecognized filter name: {one['Name']}")
        wanted = set(one["Values"])
    source = call.get("Source")
    return [
        row
        for row in rows
        if (wanted is None or row["ParameterName"] in wanted)
        and (not source or row["Source"] == source)
    ]


def _merged(call, name, cluster):
    family, users = _group(call, name, cluster)
    rows = {row["ParameterName"]: row for row in defaults(family, cluster)}
    for key, user in users.items():
        row = rows.get(key) or _p(key, None, "string", None)
        row = {**row, "ParameterValue": user.get("ParameterValue"), "Source": "user"}
        rows[key] = {**row, "ApplyMethod": user.get("ApplyMethod") or row["ApplyMethod"]}
    return _selected(call, [rows[key] for key in sorted(rows)])


@operation("rds", "DescribeDBParameters")
def describe_db_parameters(call):
    return {"Parameters": _merged(call, call.request["DBParameterGroupName"], False)}


@operation("rds", "DescribeDBClusterParameters")
def describe_db_cluster_parameters(call):
    return {"Parameters": _merged(call, call.request["DBClusterParameterGroupName"], True)}


def _engine_defaults(call, cluster):
    family = call.request["DBParameterGroupFamily"]
    rows = _selected(call, defaults(family, cluster))
    return {"EngineDefaults": {"DBParameterGroupFamily": family, "Parameters": rows}}


@operation("rds", "DescribeEngineDefaultParameters")
def describe_engine_default_parameters(call):
    return _engine_defaults(call, False)


@operation("rds", "DescribeEngineDefaultClusterParameters")
def describe_engine_default_cluster_parameters(call):
    return _engine_defaults(call, True)


def _modify(call, name, cluster):
    if name.lower().startswith("default."):
        raise error("InvalidDBParameterGroupState", "Default groups cannot be modified.")
    family, _ = _group(call, name, cluster)
    known = {row["ParameterName"]: row for row in defaults(family, cluster)}
    for one in call.get("Parameters", []):
        static = known.get(one["ParameterName"], {}).get("ApplyType") == "static"
        if static and one.get("ApplyMethod") == "immediate":
            raise error(
                "InvalidParameterCombination",
                f"cannot use immediate apply method for static parameter {one['ParameterName']}",
            )
    answer = call.next()
    if any(p.get("ApplyMethod") == "pending-reboot" for p in call.get("Parameters", [])):
        pending(call, name.lower(), cluster)
    return answer


def pending(call, name, cluster):
    """Instances of the group take the change up at their next reboot."""
    backend = rds_backends[call.account][call.region]
    for database in backend.databases.values():
        if cluster:
            owner = getattr(database, "cluster", None)
            if owner is not None and owner.parameter_group == name:
                database.cluster_group_status = "pending-reboot"
        elif any(group.name == name for group in database.db_parameter_groups()):
            database.group_status = "pending-reboot"


@operation("rds", "ModifyDBParameterGroup")
def modify_db_parameter_group(call):
    return _modify(call, call.request["DBParameterGroupName"], False)


@operation("rds", "ModifyDBClusterParameterGroup")
def modify_db_cluster_parameter_group(call):
    return _modify(call, call.request["DBClusterParameterGroupName"], True)


def _reset(call, name, cluster):
    _, users = _group(call, name, cluster)
    if call.get("ResetAllParameters"):
        users.clear()
    for one in call.get("Parameters", []):
        users.pop(one["ParameterName"], None)


@operation("rds", "ResetDBParameterGroup")
def reset_db_parameter_group(call):
    _reset(call, call.request["DBParameterGroupName"], False)
    return {"DBParameterGroupName": call.request["DBParameterGroupName"]}


@operation("rds", "ResetDBClusterParameterGroup")
def reset_db_cluster_parameter_group(call):
    _reset(call, call.request["DBClusterParameterGroupName"], True)
    return {"DBClusterParameterGroupName": call.request["DBClusterParameterGroupName"]}
