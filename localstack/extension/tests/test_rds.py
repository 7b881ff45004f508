import datetime

import pytest

INSTANCES = """
custom-oracle-ee custom-sqlserver-se db2-ae db2-se mariadb mysql oracle-ee oracle-ee-cdb oracle-se2
oracle-se2-cdb postgres sqlserver-ee sqlserver-ex sqlserver-se sqlserver-web
""".split()
MASTER = {"MasterUsername": "admin", "MasterUserPassword": "password1"}


@pytest.fixture
def rds(emulator, account):
    return emulator.client("rds", account)


def instance(rds, name="one", engine="mysql", **more):
    return rds.create_db_instance(
        **{
            "DBInstanceIdentifier": name,
            "Engine": engine,
            "DBInstanceClass": "db.t3.micro",
            "AllocatedStorage": 20,
            **MASTER,
            **more,
        }
    )["DBInstance"]


def described(rds, name="one"):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


@pytest.mark.parametrize("engine", INSTANCES)
def test_every_engine_of_instances(rds, engine):
    row = instance(rds, engine=engine)
    assert row["Engine"] == engine and row["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    assert row["OptionGroupMemberships"][0]["OptionGroupName"].startswith(f"default:{engine}-")


@pytest.mark.parametrize("engine", ["aurora-mysql", "aurora-postgresql", "docdb", "neptune"])
def test_every_engine_of_clusters(rds, engine):
    rds.create_db_cluster(DBClusterIdentifier="c", Engine=engine, **MASTER)
    for name in ("a", "b"):
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBClusterIdentifier="c",
            Engine=engine,
            DBInstanceClass="db.r6g.large",
        )
    (row,) = rds.describe_db_clusters()["DBClusters"]
    assert row["MultiAZ"] is True and row["DBClusterParameterGroup"].startswith(f"default.{engine}")
    assert [m["IsClusterWriter"] for m in row["DBClusterMembers"]] == [True, False]
    assert row["StorageType"] == "aurora" and "PubliclyAccessible" not in row
    member = described(rds, "a")
    assert member["DBClusterIdentifier"] == "c" and "LatestRestorableTime" not in member


def test_what_a_new_instance_says(emulator, account, rds):
    row = instance(
        rds,
        "One",
        StorageEncrypted=True,
        MultiAZ=True,
        DeletionProtection=True,
        PubliclyAccessible=False,
        AutoMinorVersionUpgrade=False,
        BackupRetentionPeriod=7,
        EnableCloudwatchLogsExports=["error"],
        MonitoringInterval=60,
        Tags=[{"Key": "a", "Value": "b"}],
    )
    assert row["DBInstanceIdentifier"] == "one"
    row = described(rds)
    assert row["DBInstanceArn"] == f"arn:aws:rds:us-east-1:{account}:db:one"
    assert row["StorageEncrypted"] and row["MultiAZ"] and row["DeletionProtection"]
    assert not row["PubliclyAccessible"] and not row["AutoMinorVersionUpgrade"]
    assert row["BackupRetentionPeriod"] == 7 and row["LatestRestorableTime"]
    assert row["EnabledCloudwatchLogsExports"] == ["error"] and row["MonitoringInterval"] == 60
    assert row["TagList"] == [{"Key": "a", "Value": "b"}]
    assert row["DBSubnetGroup"]["VpcId"] and row["VpcSecurityGroups"]
    assert row["CertificateDetails"]["CAIdentifier"] == "rds-ca-rsa2048-g1"
    key = emulator.client("kms", account).describe_key(KeyId=row["KmsKeyId"])["KeyMetadata"]
    assert key["KeyManager"] == "AWS"
    second = instance(rds, "two", BackupRetentionPeriod=0)
    assert "LatestRestorableTime" not in described(rds, "two") and "KmsKeyId" not in second
    assert second["PubliclyAccessible"] and second["DbiResourceId"] != row["DbiResourceId"]
    backups = rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert [b["DBInstanceIdentifier"] for b in backups] == ["one"]
    ask = "Action=DescribeDBInstances&Version=2014-10-31"
    _, _, text = emulator.raw("rds", account, ask)
    assert "<StorageEncryptionType>sse-kms<" in text and "<StorageEncryptionType>none<" in text


def test_changes_wait_unless_they_are_immediate(rds):
    instance(rds)
    change = {"DBInstanceIdentifier": "one", "DBInstanceClass": "db.m5.large", "MultiAZ": True}
    row = rds.modify_db_instance(**change, DeletionProtection=True)["DBInstance"]
    assert row["DeletionProtection"] and not row["MultiAZ"]
    assert row["PendingModifiedValues"] == {"DBInstanceClass": "db.m5.large", "MultiAZ": True}
    row = rds.modify_db_instance(**change, ApplyImmediately=True)["DBInstance"]
    assert row["MultiAZ"] and row["DBInstanceClass"] == "db.m5.large"


def test_a_multi_az_cluster_has_three_members(rds):
    rds.create_db_cluster(
        DBClusterIdentifier="c",
        Engine="postgres",
        DBClusterInstanceClass="db.m5d.large",
        AllocatedStorage=100,
        StorageType="io1",
        Iops=1000,
        **MASTER,
    )
    (row,) = rds.describe_db_clusters()["DBClusters"]
    assert row["Engine"] == "postgres" and row["MultiAZ"] and len(row["DBClusterMembers"]) == 3
    assert row["PubliclyAccessible"] is True
    members = rds.describe_db_instances()["DBInstances"]
    assert len({m["AvailabilityZone"] for m in members}) == 3
    rds.delete_db_cluster(DBClusterIdentifier="c", SkipFinalSnapshot=True)
    assert rds.describe_db_instances()["DBInstances"] == []


def value(rds, group, name, cluster=False):
    wanted = [{"Name": "parameter-name", "Values": [name]}]
    if cluster:
        rows = rds.describe_db_cluster_parameters(
            DBClusterParameterGroupName=group, Filters=wanted
        )["Parameters"]
    else:
        rows = rds.describe_db_parameters(DBParameterGroupName=group, Filters=wanted)["Parameters"]
    return rows[0].get("ParameterValue") if rows else None


DEFAULTS = [
    ("postgres14", "rds.force_ssl", False, "0"),
    ("postgres15", "rds.force_ssl", False, "1"),
    ("aurora-postgresql16", "rds.force_ssl", True, "0"),
    ("aurora-postgresql17", "rds.force_ssl", True, "1"),
    ("aurora-postgresql17", "rds.force_ssl", False, None),
    ("mysql8.4", "require_secure_transport", False, "0"),
    ("mysql9.7", "require_secure_transport", False, "1"),
    ("aurora-mysql8.0", "require_secure_transport", True, "OFF"),
    ("aurora-mysql8.4", "require_secure_transport", True, "ON"),
    ("mariadb11.4", "require_secure_transport", False, "OFF"),
    ("mariadb11.8", "require_secure_transport", False, "ON"),
    ("mariadb10.4", "require_secure_transport", False, None),
    ("sqlserver-se-16.0", "rds.force_ssl", False, "0"),
    ("db2-se-11.5", "DB2COMM", False, "TCPIP"),
    ("oracle-ee-19", "rds.force_ssl", False, None),
]


def test_engine_defaults_of_tls(rds):
    for family, name, cluster, wanted in DEFAULTS:
        assert value(rds, f"default.{family}", name, cluster) == wanted, (family, name)
    rows = rds.describe_engine_default_parameters(
        DBParameterGroupFamily="postgres16",
        Filters=[{"Name": "parameter-name", "Values": ["rds.force_ssl"]}],
    )["EngineDefaults"]["Parameters"]
    assert rows[0]["ParameterValue"] == "1"


def test_a_users_value_and_when_it_is_in_force(rds, refused):
    rds.create_db_parameter_group(
        DBParameterGroupName="own", DBParameterGroupFamily="mysql8.4", Description="d"
    )
    instance(rds)

    def status():
        return described(rds)["DBParameterGroups"][0]["ParameterApplyStatus"]

    rds.modify_db_instance(DBInstanceIdentifier="one", DBParameterGroupName="own")
    assert status() == "pending-reboot"
    rds.reboot_db_instance(DBInstanceIdentifier="one")
    assert status() == "in-sync" and value(rds, "own", "require_secure_transport") == "0"

    def change(name, to, method):
        one = {"ParameterName": name, "ParameterValue": to, "ApplyMethod": method}
        return {"DBParameterGroupName": "own", "Parameters": [one]}

    rds.modify_db_parameter_group(**change("require_secure_transport", "1", "immediate"))
    assert status() == "in-sync" and value(rds, "own", "require_secure_transport") == "1"
    (row,) = rds.describe_db_parameters(DBParameterGroupName="own", Source="user")["Parameters"]
    assert row["Source"] == "user" and row["ApplyMethod"] == "immediate"
    static = change("tls_version", "TLSv1.2", "immediate")
    assert refused(rds.modify_db_parameter_group, **static) == "InvalidParameterCombination"
    rds.modify_db_parameter_group(**change("tls_version", "TLSv1.2", "pending-reboot"))
    assert status() == "pending-reboot"
    rds.reset_db_parameter_group(DBParameterGroupName="own", ResetAllParameters=True)
    assert value(rds, "own", "require_secure_transport") == "0"
    missing = {"DBParameterGroupName": "nobodys"}
    assert refused(rds.describe_db_parameters, **missing) == "DBParameterGroupNotFound"
    wrong = {"DBParameterGroupName": "own", "Filters": [{"Name": "x", "Values": ["y"]}]}
    assert refused(rds.describe_db_parameters, **wrong) == "InvalidParameterValue"


def test_a_clusters_group(rds):
    group = {"DBClusterParameterGroupName": "own"}
    rds.create_db_cluster_parameter_group(
        **group, DBParameterGroupFamily="aurora-mysql8.0", Description="d"
    )
    rds.create_db_cluster(DBClusterIdentifier="c", Engine="aurora-mysql", **group, **MASTER)
    rds.create_db_instance(
        DBInstanceIdentifier="a",
        DBClusterIdentifier="c",
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
    )
    on = {
        "ParameterName": "require_secure_transport",
        "ParameterValue": "ON",
        "ApplyMethod": "pending-reboot",
    }
    rds.modify_db_cluster_parameter_group(**group, Parameters=[on])
    assert value(rds, "own", "require_secure_transport", True) == "ON"

    def status():
        (row,) = rds.describe_db_clusters()["DBClusters"]
        return row["DBClusterMembers"][0]["DBClusterParameterGroupStatus"]

    assert status() == "pending-reboot"
    rds.reboot_db_instance(DBInstanceIdentifier="a")
    assert status() == "in-sync"


def test_versions_and_certificates(rds):
    def versions(**ask):
        return rds.describe_db_engine_versions(**ask)["DBEngineVersions"]

    assert {v["Status"] for v in versions(Engine="mysql")} == {"available"}
    assert "deprecated" in {v["Status"] for v in versions(Engine="mysql", IncludeAll=True)}
    (default,) = versions(Engine="postgres", DefaultOnly=True)
    assert default["DBParameterGroupFamily"] == "postgres17"
    (exact,) = versions(Engine="mysql", EngineVersion="8.0.44")
    assert exact["DBParameterGroupFamily"] == "mysql8.0"
    assert any(t["IsMajorVersionUpgrade"] for t in exact["ValidUpgradeTarget"])
    answer = rds.describe_certificates()
    names = {c["CertificateIdentifier"] for c in answer["Certificates"]}
    assert answer["DefaultCertificateForNewLaunches"] in names and len(names) == 3


def test_pending_maintenance_comes_from_the_hook(emulator, account, rds):
    assert rds.describe_pending_maintenance_actions()["PendingMaintenanceActions"] == []
    arn = instance(rds)["DBInstanceArn"]
    body = {
        "account": account,
        "region": "us-east-1",
        "kind": "rds:maintenance",
        "id": arn,
        "fields": {"Action": "db-upgrade", "ForcedApplyDate": "2030-01-01T00:00:00Z"},
    }
    assert emulator.hook("backdate", body)[0] == 200
    (row,) = rds.describe_pending_maintenance_actions()["PendingMaintenanceActions"]
    assert row["ResourceIdentifier"] == arn
    assert row["PendingMaintenanceActionDetails"][0]["ForcedApplyDate"].year == 2030


def test_option_groups(rds, refused):
    instance(rds, engine="oracle-ee")
    rds.create_option_group(
        OptionGroupName="own",
        EngineName="oracle-ee",
        MajorEngineVersion="19",
        OptionGroupDescription="d",
    )
    setting = {"Name": "SQLNET.ENCRYPTION_SERVER", "Value": "REQUIRED"}
    rds.modify_option_group(
        OptionGroupName="own",
        OptionsToInclude=[{"OptionName": "NATIVE_NETWORK_ENCRYPTION", "OptionSettings": [setting]}],
        ApplyImmediately=True,
    )
    groups = {g["OptionGroupName"]: g for g in rds.describe_option_groups()["OptionGroupsList"]}
    assert set(groups) == {"own", "default:oracle-ee-19"}
    (option,) = groups["own"]["Options"]
    settings = {s["Name"]: s["Value"] for s in option["OptionSettings"]}
    assert settings["SQLNET.ENCRYPTION_SERVER"] == "REQUIRED"
    assert settings["SQLNET.CRYPTO_CHECKSUM_SERVER"] == "REQUESTED"
    ask = {"OptionGroupName": "nobodys"}
    assert refused(rds.describe_option_groups, **ask) == "OptionGroupNotFoundFault"


def test_who_may_restore_a_snapshot(emulator, account, other, rds, refused):
    instance(rds)
    instance(rds, "two", StorageEncrypted=True)
    for name, source in (("public", "one"), ("shared", "one"), ("locked", "two")):
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=source)
    restore = {"AttributeName": "restore"}
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="public", ValuesToAdd=["all"], **restore)
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="shared", ValuesToAdd=[other], **restore)
    encrypted = {"DBSnapshotIdentifier": "locked", "ValuesToAdd": ["all"], **restore}
    assert refused(rds.modify_db_snapshot_attribute, **encrypted) == "InvalidDBSnapshotState"
    result = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="shared")
    (attribute,) = result["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
    assert attribute["AttributeValues"] == [other]

    def names(client, **ask):
        return {s["DBSnapshotIdentifier"] for s in client.describe_db_snapshots(**ask)["DBSnapshots"]}

    assert names(rds, SnapshotType="manual") == {"public", "shared", "locked"}
    assert names(rds, SnapshotType="public") == {"public"}
    theirs = emulator.client("rds", other)
    assert names(theirs) == set() and names(theirs, SnapshotType="shared") == {"shared"}
    mine = {
        s["DBSnapshotIdentifier"]
        for s in theirs.describe_db_snapshots(SnapshotType="public")["DBSnapshots"]
        if account in s["DBSnapshotArn"]
    }
    assert mine == {"public"}
    rds.create_db_cluster(DBClusterIdentifier="c", Engine="aurora-mysql", **MASTER)
    rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="cs", DBClusterIdentifier="c")
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="cs", ValuesToAdd=["all"], **restore
    )
    rows = rds.describe_db_cluster_snapshots(SnapshotType="public")["DBClusterSnapshots"]
    assert [r["DBClusterSnapshotIdentifier"] for r in rows if account in r["DBClusterSnapshotArn"]] == ["cs"]


def test_ages(emulator, account, rds):
    instance(rds)
    fields = {
        "InstanceCreateTime": "2020-01-01T00:00:00Z",
        "LatestRestorableTime": "2020-01-02T00:00:00Z",
    }
    body = {"account": account, "region": "us-east-1", "kind": "rds:instance", "id": "one"}
    assert emulator.hook("backdate", {**body, "fields": fields})[0] == 200
    day = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)
    assert described(rds)["LatestRestorableTime"] == day
    assert described(rds)["InstanceCreateTime"].year == 2020
