"""Databases of every engine, their parameter groups, options and snapshots."""

from .target import say

PASSWORD = "not-a-secret-1"


class Databases:
    def __init__(self, target, region, subnets, groups):
        self.target, self.region = target, region
        self.rds = target.client("rds", region)
        self.common = {"DBSubnetGroupName": "databases", "VpcSecurityGroupIds": groups}
        self.rds.create_db_subnet_group(
            DBSubnetGroupName="databases",
            DBSubnetGroupDescription="Subnets of the databases",
            SubnetIds=subnets,
        )

    def instance(self, name, engine, version=None, group=None, logs=(), **members):
        """A database kept as it should be, but for the members that say otherwise."""
        kept = {
            "DBInstanceClass": "db.m7g.large",
            "AllocatedStorage": 100,
            "MasterUsername": "fernhill",
            "MasterUserPassword": PASSWORD,
            "StorageEncrypted": True,
            "BackupRetentionPeriod": 14,
            "DeletionProtection": True,
            "PubliclyAccessible": False,
            "AutoMinorVersionUpgrade": True,
            "MultiAZ": True,
            **self.common,
        }
        if version:
            kept["EngineVersion"] = version
        if group:
            kept["DBParameterGroupName"] = group
        if logs:
            kept["EnableCloudwatchLogsExports"] = list(logs)
        self.rds.create_db_instance(
            DBInstanceIdentifier=name, Engine=engine, **(kept | members)
        )

    def cluster(self, name, engine, version, group=None, logs=(), **members):
        kept = {
            "MasterUsername": "fernhill",
            "MasterUserPassword": PASSWORD,
            "StorageEncrypted": True,
            "BackupRetentionPeriod": 7,
            "DeletionProtection": True,
            **self.common,
        }
        if group:
            kept["DBClusterParameterGroupName"] = group
        if logs:
            kept["EnableCloudwatchLogsExports"] = list(logs)
        self.rds.create_db_cluster(
            DBClusterIdentifier=name, Engine=engine, EngineVersion=version, **(kept | members)
        )

    def member(self, cluster, name, engine, zone, **members):
        kept = {"PubliclyAccessible": False, "AutoMinorVersionUpgrade": True}
        self.rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBClusterIdentifier=cluster,
            Engine=engine,
            DBInstanceClass="db.r6g.large",
            AvailabilityZone=f"{self.region}{zone}",
            **(kept | members),
        )

    def parameter_group(self, name, family, **parameters):
        self.rds.create_db_parameter_group(
            DBParameterGroupName=name, DBParameterGroupFamily=family, Description=name
        )
        if parameters:
            self.parameters(name, **parameters)
        return name

    def parameters(self, name, method="immediate", **parameters):
        self.rds.modify_db_parameter_group(
            DBParameterGroupName=name, Parameters=_parameters(method, parameters)
        )

    def cluster_parameter_group(self, name, family, **parameters):
        self.rds.create_db_cluster_parameter_group(
            DBClusterParameterGroupName=name, DBParameterGroupFamily=family, Description=name
        )
        self.rds.modify_db_cluster_parameter_group(
            DBClusterParameterGroupName=name, Parameters=_parameters("immediate", parameters)
        )
        return name

    def option_group(self, name, engine, major, option, **settings):
        self.rds.create_option_group(
            OptionGroupName=name,
            EngineName=engine,
            MajorEngineVersion=major,
            OptionGroupDescription=name,
        )
        self.rds.modify_option_group(
            OptionGroupName=name,
            ApplyImmediately=True,
            OptionsToInclude=[
                {
                    "OptionName": option,
                    "OptionSettings": [
                        {"Name": k.replace("__", "."), "Value": v} for k, v in settings.items()
                    ],
                }
            ],
        )
        return name

    def snapshot(self, name, database, everyone=False):
        self.rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=database)
        if everyone:
            self.rds.modify_db_snapshot_attribute(
                DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=["all"]
            )

    def cluster_snapshot(self, name, cluster, *shared):
        self.rds.create_db_cluster_snapshot(
            DBClusterSnapshotIdentifier=name, DBClusterIdentifier=cluster
        )
        if shared:
            self.rds.modify_db_cluster_snapshot_attribute(
                DBClusterSnapshotIdentifier=name,
                AttributeName="restore",
                ValuesToAdd=list(shared),
            )


def _parameters(method, parameters):
    """A double underscore stands for the dot in a parameter's name."""
    return [
        {"ParameterName": k.replace("__", "."), "ParameterValue": v, "ApplyMethod": method}
        for k, v in parameters.items()
    ]


def demo(target, vpcs):
    say("databases of us-east-1 and eu-west-1")
    _america(target, vpcs["shop-vpc"])
    _europe(target, vpcs["europe-vpc"])


def _america(target, vpc):
    subnets = [vpc.subnets[f"shop-data-{zone}"] for zone in "abc"]
    d = Databases(target, "us-east-1", subnets, [vpc.groups["db-sg"]])
    mysql_logs = ("audit", "error", "general", "slowquery")

    tls = d.parameter_group("orders-mysql80", "mysql8.0", require_secure_transport="1")
    d.instance("orders-db", "mysql", "8.0.44", tls, mysql_logs)
    d.rds.create_db_instance_read_replica(
        DBInstanceIdentifier="orders-db-replica",
        SourceDBInstanceIdentifier="orders-db",
        DBInstanceClass="db.m7g.large",
        PubliclyAccessible=False,
        MultiAZ=False,
        DeletionProtection=False,
        AutoMinorVersionUpgrade=True,
        EnableCloudwatchLogsExports=["error"],
    )
    d.snapshot("orders-db-before-upgrade", "orders-db")

    # set up in an afternoon, and since then nobody looked
    d.instance(
        "wiki-db", "mariadb", "10.11.14", None, ("error",),
        StorageEncrypted=False, BackupRetentionPeriod=1, DeletionProtection=False,
        PubliclyAccessible=True, AutoMinorVersionUpgrade=False, MultiAZ=False,
    )  # fmt: skip
    d.snapshot("wiki-db-for-agency", "wiki-db", everyone=True)

    d.instance("analytics-db", "postgres", "16.10", None, ("postgresql",), MultiAZ=False)
    d.target.backdate(
        "rds:instance", "analytics-db", d.region, LatestRestorableTime=target.since(3)
    )
    # no backups at all
    d.instance("scratch-db", "postgres", "14.19", BackupRetentionPeriod=0)

    encrypted = d.option_group(
        "erp-oracle-19", "oracle-se2", "19", "NATIVE_NETWORK_ENCRYPTION",
        SQLNET__ENCRYPTION_SERVER="REQUIRED",
    )  # fmt: skip
    d.instance(
        "erp-db", "oracle-se2", None, None, ("alert", "audit", "trace", "listener"),
        OptionGroupName=encrypted, LicenseModel="license-included",
    )  # fmt: skip
    d.instance(
        "crm-db", "oracle-se2", None, None, ("alert", "audit"), LicenseModel="license-included"
    )

    # asked for, and in force only after the reboot that nobody has done
    pending = d.parameter_group("payroll-sqlserver15", "sqlserver-se-15.0")
    d.instance(
        "payroll-db", "sqlserver-se", "15.00.4435.7.v1", pending, ("agent", "error"),
        AllocatedStorage=200, LicenseModel="license-included",
    )  # fmt: skip
    d.parameters(pending, "pending-reboot", rds__force_ssl="1")

    only_tls = d.parameter_group("warehouse-db2", "db2-se-11.5")
    d.parameters(only_tls, "pending-reboot", DB2COMM="SSL", SSL_SVCENAME="50443")
    d.instance(
        "warehouse-db", "db2-se", "11.5.9.0.sb00063198.r1", only_tls, ("diag.log", "notify.log"),
        LicenseModel="bring-your-own-license",
    )  # fmt: skip

    required = d.cluster_parameter_group(
        "shop-aurora-mysql8", "aurora-mysql8.0", require_secure_transport="ON"
    )
    d.cluster("shop-aurora", "aurora-mysql", "8.0.mysql_aurora.3.08.2", required, mysql_logs)
    d.member("shop-aurora", "shop-aurora-1", "aurora-mysql", "a")
    d.member(
        "shop-aurora", "shop-aurora-2", "aurora-mysql", "b",
        PubliclyAccessible=True, AutoMinorVersionUpgrade=False,
    )  # fmt: skip
    d.cluster_snapshot("shop-aurora-launch", "shop-aurora", "444444444444")

    d.cluster(
        "events-aurora", "aurora-postgresql", "15.12",
        StorageEncrypted=False, BackupRetentionPeriod=1, DeletionProtection=False,
    )  # fmt: skip
    d.member("events-aurora", "events-aurora-1", "aurora-postgresql", "a")
    d.cluster_snapshot("events-aurora-workshop", "events-aurora", "all")


def _europe(target, vpc):
    subnets = [vpc.subnets[f"europe-data-{zone}"] for zone in "abc"]
    d = Databases(target, "eu-west-1", subnets, [vpc.groups["eu-db-sg"]])
    d.instance("eu-orders-db", "postgres", "17.6", None, ("postgresql",))
    d.instance("eu-reviews-db", "mysql", "8.0.44", None, ("error", "slowquery"))

    # a Multi-AZ DB cluster; RDS makes its three members
    d.cluster(
        "ledger", "postgres", "16.10", None, ("postgresql",),
        DBClusterInstanceClass="db.m6gd.large", AllocatedStorage=100, StorageType="io1",
        Iops=1000, PubliclyAccessible=False, AutoMinorVersionUpgrade=True,
    )  # fmt: skip

    # answered by the same API, and not RDS
    d.cluster(
        "catalogue-docdb", "docdb", "5.0.0", StorageEncrypted=False, DeletionProtection=False
    )
    d.member("catalogue-docdb", "catalogue-docdb-1", "docdb", "a")
    d.cluster_snapshot("catalogue-docdb-copy", "catalogue-docdb")
    d.cluster("recommend-neptune", "neptune", "1.3.2.1", BackupRetentionPeriod=1)
    d.member("recommend-neptune", "recommend-neptune-1", "neptune", "a")


def second(target, vpcs):
    say("databases of us-east-1")
    vpc = vpcs["lab-vpc"]
    d = Databases(target, "us-east-1", list(vpc.subnets.values()), [vpc.groups["lab-sg"]])
    d.instance(
        "lab-db", "postgres", "15.14", None, ("postgresql",), MultiAZ=False, BackupRetentionPeriod=7
    )
