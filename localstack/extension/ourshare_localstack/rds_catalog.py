"""RDS: what AWS publishes (versions, authorities), option groups, shared snapshots."""

from moto.rds.models import OptionGroup, rds_backends

from . import rds_engines as engines
from . import state
from .operations import error, operation


def _backend(call):
    return rds_backends[call.account][call.region]


# ---- engine versions


def _version(engine, text, default):
    version, deprecated = text.rstrip("!"), text.endswith("!")
    spec = engines.ENGINES[engine]
    targets = []
    family = engines.family(engine, version)
    for other in spec.versions:
        name = other.rstrip("!")
        if not other.endswith("!") and name != version and _key(name) > _key(version):
            targets.append(
                {
                    "Engine": engine,
                    "EngineVersion": name,
                    "Description": f"{engine} {name}",
                    "AutoUpgrade": False,
                    "IsMajorVersionUpgrade": engines.family(engine, name) != family,
                }
            )
    row = {
        "Engine": engine,
        "EngineVersion": version,
        "MajorEngineVersion": engines.major(engine, version),
        "DBParameterGroupFamily": family,
        "DBEngineDescription": engine,
        "DBEngineVersionDescription": f"{engine} {version}",
        "ValidUpgradeTarget": targets,
        "ExportableLogTypes": engines.LOG_TYPES.get(engines.kind(engine), []),
        "SupportsLogExportsToCloudwatchLogs": True,
        "SupportsReadReplica": True,
        "SupportedEngineModes": ["provisioned"],
        "SupportedFeatureNames": [],
        "Status": "deprecated" if deprecated else "available",
        "SupportsParallelQuery": False,
        "SupportsGlobalDatabases": engine in engines.CLUSTERED,
        "SupportsBabelfish": engine == "aurora-postgresql",
        "SupportsCertificateRotationWithoutRestart": engines.kind(engine) != "sqlserver",
        "SupportedCACertificateIdentifiers": [row["CertificateIdentifier"] for row in _AUTHORITIES],
    }
    return row, default


def _key(version):
    return [int(part) if part.isdigit() else 0 for part in version.replace("_", ".").split(".")]


@operation("rds", "DescribeDBEngineVersions")
def describe_db_engine_versions(call):
    """Only available versions, unless IncludeAll; DefaultOnly leaves the default of each."""
    wanted = {}
    for one in call.get("Filters", []):
        members = {
            "db-parameter-group-family": "DBParameterGroupFamily",
            "engine": "Engine",
            "engine-version": "EngineVersion",
            "status": "Status",
        }
        if one["Name"] not in members:
            raise error("InvalidParameterValue", f"Unrecognized filter name: {one['Name']}")
        wanted[members[one["Name"]]] = one["Values"]
    for member in ("Engine", "EngineVersion", "DBParameterGroupFamily"):
        if call.get(member):
            wanted[member] = [call.request[member]]
    found = []
    for engine, spec in engines.ENGINES.items():
        for place, text in enumerate(spec.versions):
            row, default = _version(engine, text, place == 0)
            if row["Status"] == "deprecated" and not call.get("IncludeAll"):
                if "deprecated" not in wanted.get("Status", ()):
                    continue
            if call.get("DefaultOnly") and not default:
                continue
            if all(_fits(row, member, values) for member, values in wanted.items()):
                found.append(row)
    return {"DBEngineVersions": found}


def _fits(row, member, values):
    # a major version stands for all of its minor ones
    if member == "EngineVersion":
        return row[member] in values or row["MajorEngineVersion"] in values
    return row[member] in values


# ---- certificate authorities


def _authority(name, thumbprint, start, till):
    return {
        "CertificateIdentifier": name,
        "CertificateType": "CA",
        "Thumbprint": thumbprint,
        "ValidFrom": state.moment(start),
        "ValidTill": state.moment(till),
        "CustomerOverride": False,
    }


# as the CLI's example of describe-certificates shows them
_AUTHORITIES = [
    _authority(
        "rds-ca-ecc384-g1",
        "2ee3dcc06e50192559b13929e73484354f23387d",
        "2021-05-24T22:06:59Z",
        "2121-05-24T23:06:59Z",
    ),
    _authority(
        "rds-ca-rsa4096-g1",
        "19da4f2af579a8ae1f6a0fa77aa5befd874b4cab",
        "2021-05-24T22:03:20Z",
        "2121-05-24T23:03:20Z",
    ),
    _authority(
        "rds-ca-rsa2048-g1",
        "7c40cb42714b6fdb2b296f9bbd0e8bb364436a76",
        "2021-05-24T21:59:00Z",
        "2061-05-24T22:59:00Z",
    ),
]


def _override(call) -> dict:
    return state.part(call.account, call.region, "rds_certificate", dict)


def _certificates(call):
    chosen = _override(call).get("name")
    for row in _AUTHORITIES:
        name = row["CertificateIdentifier"]
        arn = f"arn:aws:rds:{call.region}::cert:{name}"
        yield {**row, "CertificateArn": arn, "CustomerOverride": name == chosen}


@operation("rds", "DescribeCertificates")
def describe_certificates(call):
    name = call.get("CertificateIdentifier")
    rows = [r for r in _certificates(call) if not name or r["CertificateIdentifier"] == name]
    if name and not rows:
        raise error("CertificateNotFound", f"Certificate {name} not found.", 404)
    default = _override(call).get("name") or "rds-ca-rsa2048-g1"
    return {"Certificates": rows, "DefaultCertificateForNewLaunches": default}


@operation("rds", "ModifyCertificates")
def modify_certificates(call):
    if call.get("RemoveCustomerOverride"):
        _override(call).clear()
    else:
        _override(call)["name"] = call.get("CertificateIdentifier")
    name = _override(call).get("name") or "rds-ca-rsa2048-g1"
    row = next((r for r in _certificates(call) if r["CertificateIdentifier"] == name), None)
    if row is None:
        _override(call).clear()
        raise error("CertificateNotFound", f"Certificate {name} not found.", 404)
    return {"Certificate": row}


# ---- pending maintenance: nothing makes one but the hook (README)


@operation("rds", "DescribePendingMaintenanceActions")
def describe_pending_maintenance_actions(call):
    kept = state.part(call.account, call.region, "aged", state.nested)["rds:maintenance"]
    wanted = call.get("ResourceIdentifier")
    names = {v for one in call.get("Filters", []) for v in one["Values"]}
    rows = []
    for arn, action in kept.items():
        if wanted and arn != wanted:
            continue
        if names and arn not in names and arn.rpartition(":")[2] not in names:
            continue
        rows.append({"ResourceIdentifier": arn, "PendingMaintenanceActionDetails": [action]})
    return {"PendingMaintenanceActions": rows}


# ---- option groups

# Settings with which an option comes unless they are given (Oracle's "Native
# network encryption" and "Secure Sockets Layer" pages of the RDS guide).
_SETTINGS = {
    "NATIVE_NETWORK_ENCRYPTION": {
        "SQLNET.ALLOW_WEAK_CRYPTO": "TRUE",
        "SQLNET.ALLOW_WEAK_CRYPTO_CLIENTS": "TRUE",
        "SQLNET.CRYPTO_CHECKSUM_CLIENT": "REQUESTED",
        "SQLNET.CRYPTO_CHECKSUM_SERVER": "REQUESTED",
        "SQLNET.CRYPTO_CHECKSUM_TYPES_CLIENT": "SHA256,SHA384,SHA512",
        "SQLNET.CRYPTO_CHECKSUM_TYPES_SERVER": "SHA256,SHA384,SHA512,SHA1,MD5",
        "SQLNET.ENCRYPTION_CLIENT": "REQUESTED",
        "SQLNET.ENCRYPTION_SERVER": "REQUESTED",
        "SQLNET.ENCRYPTION_TYPES_CLIENT": "AES256,AES192,AES128,3DES168",
        "SQLNET.ENCRYPTION_TYPES_SERVER": "AES256,AES192,AES128,3DES168,RC4_256",
    },
    "SSL": {
        "FIPS.SSLFIPS_140": "FALSE",
        "SQLNET.CIPHER_SUITE": "SSL_RSA_WITH_AES_256_CBC_SHA",
        "SQLNET.SSL_VERSION": "1.0",
    },
}
# TDE cannot be removed from a group that has it, nor from an instance.
_PERMANENT = {"TDE", "TDE_HSM", "TRANSPARENT_DATA_ENCRYPTION"}


def _options(call) -> dict:
    return state.part(call.account, call.region, "rds_options", state.nested)


def _option(option):
    name, given = option["OptionName"], {
        s["Name"]: s.get("Value") for s in option.get("OptionSettings", [])
    }
    defaults = _SETTINGS.get(name, {})
    row = {
        "OptionName": name,
        "OptionDescription": name,
        "Persistent": name in _PERMANENT,
        "Permanent": name in _PERMANENT,
        "Port": option.get("Port"),
        "OptionVersion": option.get("OptionVersion"),
        "OptionSettings": [
            {
                "Name": key,
                "Value": given.get(key, defaults.get(key)),
                "DefaultValue": defaults.get(key, ""),
                "IsModifiable": True,
                "IsCollection": False,
            }
            for key in sorted({*given, *defaults})
        ],
        "VpcSecurityGroupMemberships": [
            {"VpcSecurityGroupId": id, "Status": "active"}
            for id in option.get("VpcSecurityGroupMemberships", [])
        ],
    }
    return {k: v for k, v in row.items() if v is not None}


def _group_row(call, name, engine, major, description):
    return {
        "OptionGroupName": name,
        "OptionGroupDescription": description,
        "EngineName": engine,
        "MajorEngineVersion": major,
        "Options": [_option(o) for o in _options(call)[name].values()],
        "AllowsVpcAndNonVpcInstanceMemberships": True,
        "OptionGroupArn": f"arn:aws:rds:{call.region}:{call.account}:og:{name}",
    }


def _option_groups(call):
    """The account's own groups, and the default one of every instance there is."""
    for group in _backend(call).option_groups.values():
        yield _group_row(
            call, group.name, group.engine_name, group.major_engine_version, group.description
        )
    seen = set()
    for database in _backend(call).databases.values():
        name = database.option_group_name
        if name.startswith("default:") and name not in seen:
            seen.add(name)
            major = engines.major(database.engine, database.engine_version)
            text = f"Default option group for {database.engine} {major}"
            yield _group_row(call, name, database.engine, major, text)


@operation("rds", "DescribeOptionGroups")
def describe_option_groups(call):
    name = call.get("OptionGroupName")
    rows = [
        row
        for row in _option_groups(call)
        if (not name or row["OptionGroupName"] == name.lower())
        and call.get("EngineName") in (None, row["EngineName"])
        and call.get("MajorEngineVersion") in (None, row["MajorEngineVersion"])
    ]
    if name and not rows:
        raise error("OptionGroupNotFoundFault", f"Specified OptionGroupName: {name} not found.", 404)
    return {"OptionGroupsList": rows}


@operation("rds", "CreateOptionGroup")
def create_option_group(call):
    name, engine = call.request["OptionGroupName"].lower(), call.request["EngineName"]
    major = call.request["MajorEngineVersion"]
    if name in _backend(call).option_groups:
        raise error("OptionGroupAlreadyExistsFault", f"{name} already exists.")
    if engine not in engines.ENGINES:
        raise error("InvalidParameterValue", f"Invalid DB engine: {engine}")
    _backend(call).option_groups[name] = OptionGroup(
        _backend(call),
        name,
        engine,
        major,
        call.request["OptionGroupDescription"],
        call.get("Tags"),
    )
    text = call.request["OptionGroupDescription"]
    return {"OptionGroup": _group_row(call, name, engine, major, text)}


@operation("rds", "ModifyOptionGroup")
def modify_option_group(call):
    name = call.request["OptionGroupName"].lower()
    group = _backend(call).option_groups.get(name)
    if group is None:
        raise error("OptionGroupNotFoundFault", f"Specified OptionGroupName: {name} not found.", 404)
    kept = _options(call)[name]
    for option in call.get("OptionsToInclude", []):
        kept[option["OptionName"]] = option
    for option in call.get("OptionsToRemove", []):
        kept.pop(option, None)
    return {
        "OptionGroup": _group_row(
            call, name, group.engine_name, group.major_engine_version, group.description
        )
    }


@operation("rds", "DeleteOptionGroup")
def delete_option_group(call):
    _options(call).pop(call.request["OptionGroupName"].lower(), None)
    return call.next()


# ---- snapshots of other accounts


def _snapshots(call, answer, cluster):
    """Shared and public snapshots, which SnapshotType or the Include members ask for."""
    rows_name = "DBClusterSnapshots" if cluster else "DBSnapshots"
    id_name = "DBClusterSnapshotIdentifier" if cluster else "DBSnapshotIdentifier"
    kind = call.get("SnapshotType")
    public = kind == "public" or bool(call.get("IncludePublic"))
    shared = kind == "shared" or bool(call.get("IncludeShared"))
    # SnapshotType=public and =shared: those alone; otherwise in addition to one's own
    rows = [] if kind in ("public", "shared") else list(answer.get(rows_name, []))
    if public or shared:
        for account in list(rds_backends):
            if call.region not in rds_backends[account]:
                continue
            other = rds_backends[account][call.region]
            kept = other.cluster_snapshots if cluster else other.database_snapshots
            for row in call.for_account(
                account, SnapshotType="manual", IncludePublic=None, IncludeShared=None
            ).get(rows_name, []):
                with_whom = kept[row[id_name]].attributes["restore"]
                if account == call.account and kind != "public":
                    continue
                if (public and "all" in with_whom) or (shared and call.account in with_whom):
                    rows.append(row)
    kept = {}
    for row in rows:
        key = "Encrypted" if not cluster else "StorageEncrypted"
        row["StorageEncryptionType"] = "sse-kms" if row.get(key) else "none"
        kept[row["DBClusterSnapshotArn" if cluster else "DBSnapshotArn"]] = row
    return {rows_name: list(kept.values())}


@operation("rds", "DescribeDBSnapshots")
def describe_db_snapshots(call):
    ask = call.next(SnapshotType="manual") if call.get("SnapshotType") == "public" else call.next()
    return _snapshots(call, ask, False)


@operation("rds", "DescribeDBClusterSnapshots")
def describe_db_cluster_snapshots(call):
    ask = call.next(SnapshotType="manual") if call.get("SnapshotType") == "public" else call.next()
    return _snapshots(call, ask, True)


@operation("rds", "ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute")
def modify_snapshot_attribute(call):
    """Encrypted snapshots cannot be public: there is nobody whose key opens them."""
    if "all" in call.get("ValuesToAdd", []):
        cluster = "DBClusterSnapshotIdentifier" in call.request
        kept = _backend(call).cluster_snapshots if cluster else _backend(call).database_snapshots
        name = call.request["DBClusterSnapshotIdentifier" if cluster else "DBSnapshotIdentifier"]
        snapshot = kept.get(name)
        if snapshot is not None and snapshot.encrypted:
            raise error(
                "InvalidDBClusterSnapshotStateFault" if cluster else "InvalidDBSnapshotState",
                "Encrypted snapshots cannot be shared publicly.",
            )
    return call.next()
