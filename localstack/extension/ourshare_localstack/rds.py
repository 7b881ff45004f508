"""RDS: databases and clusters."""

from datetime import timedelta

from moto.ec2.models import ec2_backends
from moto.rds.models import rds_backends

from . import rds_engines as engines
from . import rds_models  # noqa: F401  (patches moto's models)
from . import rds_parameters, state
from .operations import operation


def backend(call):
    return rds_backends[call.account][call.region]


# Members of the request that moto ignores, the member of the answer that they
# become, and the documented default.
_KEPT = {
    "DatabaseInsightsMode": ("DatabaseInsightsMode", "standard"),
    "DedicatedLogVolume": ("DedicatedLogVolume", False),
    "EnablePerformanceInsights": ("PerformanceInsightsEnabled", False),
    "MonitoringInterval": ("MonitoringInterval", 0),
    "MonitoringRoleArn": ("MonitoringRoleArn", None),
    "NetworkType": ("NetworkType", "IPV4"),
    "PerformanceInsightsKMSKeyId": ("PerformanceInsightsKMSKeyId", None),
    "PerformanceInsightsRetentionPeriod": ("PerformanceInsightsRetentionPeriod", None),
    "EngineLifecycleSupport": ("EngineLifecycleSupport", None),
}


def _kept(call, resource) -> dict:
    store = state.part(call.account, call.region, "rds_kept", state.nested)
    # by resource id: a name may be used again
    return store[getattr(resource, "dbi_resource_id", None) or resource.db_cluster_resource_id]


def _keep(call, resource):
    for member in _KEPT:
        if call.get(member) is not None:
            _kept(call, resource)[member] = call.request[member]


def _extras(call, resource):
    kept = _kept(call, resource)
    row = {}
    for member, (name, default) in _KEPT.items():
        value = kept.get(member, default)
        if member == "EngineLifecycleSupport" and value is None:
            if resource.engine in engines.EXTENDED_SUPPORT:
                value = "open-source-rds-extended-support"
        if value is not None:
            row[name] = value
    row["StorageEncryptionType"] = "sse-kms" if resource.storage_encrypted else "none"
    return row


def _instance(call, row):
    database = backend(call).databases.get(row.get("DBInstanceIdentifier"))
    if database is None:
        return row
    row = {**row, **_extras(call, database)}
    ca = database.ca_certificate_identifier
    row["CACertificateIdentifier"] = ca
    # server certificates of the current authorities live for a year
    row["CertificateDetails"] = {
        "CAIdentifier": ca,
        "ValidTill": state.moment(database.created) + timedelta(days=365),
    }
    row["PubliclyAccessible"] = bool(database.publicly_accessible)
    if database.pending_modified_values:
        row["PendingModifiedValues"] = database.pending_modified_values
    # as the API writes it: the port of the endpoint is the real one, this is 0
    row["DbInstancePort"] = 0
    if not row.get("DBSubnetGroup"):
        row["DBSubnetGroup"] = _default_group(call)
    return row


def _default_group(call):
    """The group of instances that name none: the default VPC's default subnets."""
    subnets = list(ec2_backends[call.account][call.region].get_default_subnets().values())
    return {
        "DBSubnetGroupName": "default",
        "DBSubnetGroupDescription": "default",
        "SubnetGroupStatus": "Complete",
        "VpcId": subnets[0].vpc_id if subnets else "",
        "Subnets": [
            {
                "SubnetIdentifier": subnet.id,
                "SubnetAvailabilityZone": {"Name": subnet.availability_zone},
                "SubnetStatus": "Active",
            }
            for subnet in subnets
        ],
    }


def _cluster(call, row):
    cluster = backend(call).clusters.get(row.get("DBClusterIdentifier"))
    if cluster is None:
        return row
    row = {**row, **_extras(call, cluster)}
    if cluster.engine not in engines.MULTI_AZ:
        # "This setting is only for non-Aurora Multi-AZ DB clusters"
        for name in ("PubliclyAccessible", "DatabaseInsightsMode", "MonitoringInterval"):
            row.pop(name, None)
    row.pop("DedicatedLogVolume", None)
    return row


def _answer(call, answer):
    answer = dict(answer)
    if "DBInstance" in answer:
        answer["DBInstance"] = _instance(call, answer["DBInstance"])
    if "DBInstances" in answer:
        answer["DBInstances"] = [_instance(call, row) for row in answer["DBInstances"]]
    if "DBCluster" in answer:
        answer["DBCluster"] = _cluster(call, answer["DBCluster"])
    if "DBClusters" in answer:
        answer["DBClusters"] = [_cluster(call, row) for row in answer["DBClusters"]]
    return answer


@operation("rds", "DescribeDBInstances", "DescribeDBClusters", "DeleteDBInstance")
def describe(call):
    return _answer(call, call.next())


@operation(
    "rds",
    "CreateDBInstance",
    "CreateDBInstanceReadReplica",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceToPointInTime",
)
def create_db_instance(call):
    # identifiers are kept in lower case, as documented; moto looks for them as they came
    name = call.get("DBInstanceIdentifier", "")
    answer = call.next(DBInstanceIdentifier=name.lower()) if name != name.lower() else call.next()
    _keep(call, backend(call).databases[answer["DBInstance"]["DBInstanceIdentifier"]])
    return _answer(call, answer)


# Changes that wait for the maintenance window unless ApplyImmediately is set
# (ModifyDBInstance), and their names in PendingModifiedValues.
_WAITING = {
    "AllocatedStorage": "AllocatedStorage",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "CACertificateIdentifier": "CACertificateIdentifier",
    "DBInstanceClass": "DBInstanceClass",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EngineVersion": "EngineVersion",
    "Iops": "Iops",
    "MultiAZ": "MultiAZ",
    "StorageType": "StorageType",
}


@operation("rds", "ModifyDBInstance")
def modify_db_instance(call):
    database = backend(call).databases.get(call.request["DBInstanceIdentifier"])
    waiting = {}
    if database is not None and not call.get("ApplyImmediately"):
        for member, name in _WAITING.items():
            value = call.get(member)
            if value is None:
                continue
            if member == "BackupRetentionPeriod" and value and database.backup_retention_period:
                # from one number of days to another: applied as soon as possible
                continue
            waiting[member] = None
            database.pending_modified_values = {**database.pending_modified_values, name: value}
    group = call.get("DBParameterGroupName")
    before = database.db_parameter_group_name if database is not None else None
    answer = call.next(**waiting)
    if database is not None:
        _keep(call, database)
        if group and group != before:
            # a newly attached group is in force only after a reboot
            database.group_status = "pending-reboot"
        name = call.get("NewDBInstanceIdentifier") or call.request["DBInstanceIdentifier"]
        answer = call.describe("DescribeDBInstances", DBInstanceIdentifier=name)
        answer = {"DBInstance": answer["DBInstances"][0]}
    return _answer(call, answer)


@operation("rds", "RebootDBInstance")
def reboot_db_instance(call):
    answer = call.next()
    database = backend(call).databases[call.request["DBInstanceIdentifier"]]
    database.group_status = database.cluster_group_status = "in-sync"
    return _answer(call, answer)


@operation("rds", "CreateDBCluster")
def create_db_cluster(call):
    """A Multi-AZ DB cluster comes with its writer and two readers, each in a zone of its own."""
    answer = call.next()
    cluster = backend(call).clusters[answer["DBCluster"]["DBClusterIdentifier"]]
    _keep(call, cluster)
    if cluster.engine in engines.MULTI_AZ:
        for number in (1, 2, 3):
            backend(call).create_db_instance(
                {
                    "db_instance_identifier": f"{cluster.db_cluster_identifier}-instance-{number}",
                    "db_instance_class": call.get("DBClusterInstanceClass", "db.m5d.large"),
                    "engine": cluster.engine,
                    "db_cluster_identifier": cluster.db_cluster_identifier,
                    "auto_minor_version_upgrade": cluster.auto_minor_version_upgrade,
                }
            )
    return _answer(call, answer)


@operation("rds", "ModifyDBCluster")
def modify_db_cluster(call):
    cluster = backend(call).clusters.get(call.request["DBClusterIdentifier"])
    before = cluster.parameter_group if cluster is not None else None
    answer = call.next()
    if cluster is not None:
        _keep(call, cluster)
        group = call.get("DBClusterParameterGroupName")
        if group and group != before:
            rds_parameters.pending(call, cluster.parameter_group, True)
        iam = call.get("EnableIAMDatabaseAuthentication")
        if iam is not None:
            # moto sets an attribute that it never reads
            cluster.iam_auth = iam
            answer["DBCluster"]["IAMDatabaseAuthenticationEnabled"] = iam
        logs = call.get("CloudwatchLogsExportConfiguration")
        if logs:
            now = set(cluster.enabled_cloudwatch_logs_exports)
            now |= set(logs.get("EnableLogTypes", []))
            cluster.enabled_cloudwatch_logs_exports = sorted(now - set(logs.get("DisableLogTypes", [])))
    return _answer(call, answer)


@operation("rds", "DeleteDBCluster")
def delete_db_cluster(call):
    """The members of a Multi-AZ DB cluster go with it."""
    cluster = backend(call).clusters.get(call.request["DBClusterIdentifier"])
    if cluster is not None and cluster.engine in engines.MULTI_AZ and not cluster.deletion_protection:
        for member in list(cluster.members):
            backend(call).databases.pop(member.db_instance_identifier, None)
    return call.next()


@operation("rds", "DescribeDBInstanceAutomatedBackups")
def describe_db_instance_automated_backups(call):
    """One for every instance that keeps backups; members have none of their own."""
    found = []
    for database in backend(call).databases.values():
        if database.db_cluster_identifier or not database.backup_retention_period:
            continue
        name = call.get("DBInstanceIdentifier")
        if name and database.db_instance_identifier != name:
            continue
        found.append(
            {
                "DBInstanceArn": database.db_instance_arn,
                "DBInstanceIdentifier": database.db_instance_identifier,
                "DbiResourceId": database.dbi_resource_id,
                "Region": call.region,
                "RestoreWindow": {
                    "EarliestTime": database.created,
                    "LatestTime": database.latest_restorable_time,
                },
                "AllocatedStorage": database.allocated_storage,
                "Status": "active",
                "Port": database.port,
                "AvailabilityZone": database.availability_zone,
                "InstanceCreateTime": database.created,
                "Engine": database.engine,
                "EngineVersion": database.engine_version,
                "Encrypted": bool(database.storage_encrypted),
                "KmsKeyId": database.kms_key_id,
                "StorageType": database.storage_type,
                "BackupRetentionPeriod": database.backup_retention_period,
            }
        )
    return {"DBInstanceAutomatedBackups": [_some(row) for row in found]}


@operation("rds", "DescribeDBClusterAutomatedBackups")
def describe_db_cluster_automated_backups(call):
    found = []
    for cluster in backend(call).clusters.values():
        name = call.get("DBClusterIdentifier")
        if name and cluster.db_cluster_identifier != name:
            continue
        found.append(
            {
                "DBClusterArn": cluster.db_cluster_arn,
                "DBClusterIdentifier": cluster.db_cluster_identifier,
                "DbClusterResourceId": cluster.db_cluster_resource_id,
                "Region": call.region,
                "RestoreWindow": {
                    "EarliestTime": cluster.created,
                    "LatestTime": cluster.latest_restorable_time,
                },
                "Status": "active",
                "ClusterCreateTime": cluster.created,
                "Engine": cluster.engine,
                "EngineVersion": cluster.engine_version,
                "StorageEncrypted": bool(cluster.storage_encrypted),
                "KmsKeyId": cluster.kms_key_id,
                "BackupRetentionPeriod": cluster.backup_retention_period,
            }
        )
    return {"DBClusterAutomatedBackups": [_some(row) for row in found]}


def _some(row):
    return {k: v for k, v in row.items() if v is not None}
