"""RDS: where moto's models differ from what AWS makes.

Each patch names the documented behaviour that it brings back.
"""

import random
import string
from datetime import timedelta

from localstack.utils.patch import patch
from moto.rds import models, utils

from . import rds_engines as engines
from . import state
from .kms import key_arn, managed_key

# Every engine that CreateDBInstance and CreateDBCluster document, Db2 and
# DocumentDB (which shares the API) included.
utils.DbInstanceEngine.valid_db_instance_engine = classmethod(lambda cls: sorted(engines.ENGINES))
utils.ClusterEngine.list_cluster_engines = classmethod(
    lambda cls: sorted((*engines.CLUSTERED, *engines.MULTI_AZ))
)
_VERSIONS = {name: engines.default_version(name) for name in engines.ENGINES}
models.DBInstance.default_engine_versions = _VERSIONS
models.DBInstance.default_port = staticmethod(lambda engine: engines.ENGINES[engine].port)
models.DBCluster.default_port = staticmethod(lambda engine: engines.ENGINES[engine].port)
models.DBCluster.default_engine_version = staticmethod(lambda engine: _VERSIONS[engine])


def _instance_storage(engine, storage_type):
    return 200 if engine in ("sqlserver-ee", "sqlserver-se") else 20


def _cluster_storage(engine, storage_type):
    # Aurora grows by itself and always says 1
    return 100 if engine in engines.MULTI_AZ else 1


models.DBInstance.default_allocated_storage = staticmethod(_instance_storage)
models.DBCluster.default_allocated_storage = staticmethod(_cluster_storage)


def _id():
    return "".join(random.choices(string.ascii_uppercase + string.digits, k=26))


def _key(self, asked):
    """The named key or the account's aws/rds; none where nothing is encrypted."""
    if asked:
        return key_arn(_Place(self), asked)
    return managed_key(self.account_id, self.region, "alias/aws/rds")


class _Place:
    def __init__(self, resource):
        self.account, self.region = resource.account_id, resource.region


def _subnet_group(backend, name):
    """Without a name, the group `default` of the default VPC, made on first use."""
    if name and name != "default":
        return name
    if "default" not in backend.subnet_groups:
        ec2 = models.ec2_backends[backend.account_id][backend.region_name]
        subnets = list(ec2.get_default_subnets().values())
        if subnets:
            backend.create_subnet_group("default", "default", subnets, [])
    return "default"


def _has_gateway(backend, name):
    """Is the subnet group's VPC attached to an internet gateway?"""
    ec2 = models.ec2_backends[backend.account_id][backend.region_name]
    group = backend.subnet_groups.get(name)
    vpc = group.vpc_id if group is not None else ec2.default_vpc.id
    return any(g.vpc is not None and g.vpc.id == vpc for g in ec2.internet_gateways.values())


def _groups(backend, name, ids):
    """Without a security group, the default one of the subnet group's VPC."""
    if ids:
        return ids
    ec2 = models.ec2_backends[backend.account_id][backend.region_name]
    group = backend.subnet_groups.get(name)
    default = ec2.get_default_security_group(group.vpc_id if group is not None else None)
    return [default.id] if default is not None else []


@patch(models.DBInstance.__init__)
def new_instance(fn, self, backend, *args, **kwargs):
    """Defaults that CreateDBInstance documents.

    PubliclyAccessible, when not given, follows from the VPC: public if it has an
    internet gateway. A member takes what the cluster decides.
    """
    engine, cluster = kwargs.get("engine"), kwargs.get("db_cluster_identifier")
    owner = backend.clusters.get(cluster) if cluster else None
    name = owner.db_subnet_group_name if owner else kwargs.get("db_subnet_group_name")
    kwargs["db_subnet_group_name"] = name = _subnet_group(backend, name)
    if engine in engines.ENGINES:
        kwargs["license_model"] = kwargs.get("license_model") or engines.ENGINES[engine].license
    if owner is not None and not kwargs.get("availability_zone"):
        zones = owner.availability_zones
        kwargs["availability_zone"] = zones[len(owner.members) % len(zones)]
    if owner is None:
        kwargs["vpc_security_group_ids"] = _groups(
            backend, name, kwargs.get("vpc_security_group_ids")
        )
    if kwargs.get("publicly_accessible") is None:
        multi_az = owner is not None and owner.engine in engines.MULTI_AZ
        kwargs["publicly_accessible"] = (
            owner.publicly_accessible if multi_az else _has_gateway(backend, name)
        )
    if kwargs.get("ca_certificate_identifier") is None:
        kwargs["ca_certificate_identifier"] = "rds-ca-rsa2048-g1"
    fn(self, backend, *args, **kwargs)
    self.dbi_resource_id = f"db-{_id()}"
    self.group_status = self.cluster_group_status = "in-sync"
    self.pending_modified_values = {}
    if owner is None:
        self.kms_key_id = _key(self, kwargs.get("kms_key_id")) if self.storage_encrypted else None
        if not kwargs.get("option_group_name"):
            self.option_group_name = engines.option_group(self.engine, self.engine_version)


@patch(models.DBCluster.__init__)
def new_cluster(fn, self, backend, *args, **kwargs):
    engine = kwargs.get("engine")
    known = engine in engines.ENGINES
    kwargs["db_subnet_group_name"] = name = _subnet_group(
        backend, kwargs.get("db_subnet_group_name")
    )
    kwargs["vpc_security_group_ids"] = _groups(backend, name, kwargs.get("vpc_security_group_ids"))
    asked = kwargs.get("kms_key_id")
    if known:
        kwargs["license_model"] = kwargs.get("license_model") or engines.ENGINES[engine].license
        version = kwargs.get("engine_version") or engines.default_version(engine)
        group = kwargs.get("db_cluster_parameter_group_name")
        if not group:
            family = engines.family(engine, version)
            group = kwargs["db_cluster_parameter_group_name"] = f"default.{family}"
            if group not in backend.db_cluster_parameter_groups:
                backend.db_cluster_parameter_groups[group] = models.DBClusterParameterGroup(
                    backend, group, f"Default cluster parameter group for {family}", family
                )
        elif group not in backend.db_cluster_parameter_groups:
            raise models.DBClusterParameterGroupNotFoundError(group)
    if engine in engines.MULTI_AZ and kwargs.get("publicly_accessible") is None:
        kwargs["publicly_accessible"] = _has_gateway(backend, name)
    fn(self, backend, *args, **kwargs)
    self.kms_key_id = _key(self, asked) if self.storage_encrypted else None
    if engine not in engines.MULTI_AZ and not kwargs.get("storage_type"):
        self.storage_type = "aurora"
    if known:
        self.option_group_name = engines.option_group(engine, self.engine_version)


def _family(self):
    family = engines.family(self.engine, self.engine_version)
    return family, f"default.{family}"


def _multi_az(self):
    """A Multi-AZ DB cluster is one by nature; others by where their members are."""
    if self.engine in engines.MULTI_AZ:
        return True
    return len({member.availability_zone for member in self.members}) > 1


def _restorable(self):
    """RDS copies logs every five minutes; without backups there is nothing to restore to."""
    clustered = isinstance(self, models.DBInstanceClustered)
    if clustered or not self.backup_retention_period:
        return None
    now = state.now()
    last = now - timedelta(minutes=now.minute % 5, seconds=now.second)
    return max(last, state.moment(self.created))


def _group_status(self):
    groups = self.db_parameter_groups()
    for group in groups:
        group.ParameterApplyStatus = self.group_status
    return groups


def _members(self):
    return [
        {
            "DBInstanceIdentifier": member.db_instance_identifier,
            "IsClusterWriter": member.is_cluster_writer,
            "DBClusterParameterGroupStatus": member.cluster_group_status,
            "PromotionTier": member.promotion_tier,
        }
        for member in self.members
    ]


def _storage_type(self):
    """A member of a Multi-AZ DB cluster has the cluster's storage, one of Aurora Aurora's."""
    return self.cluster.storage_type if self.cluster.engine in engines.MULTI_AZ else "aurora"


models.DBInstance.default_db_parameter_group_details = _family
models.DBInstance.latest_restorable_time = property(_restorable)
models.DBCluster.latest_restorable_time = property(_restorable)
models.DBInstance.db_parameter_group_status_list = property(_group_status)
models.DBCluster.db_cluster_members = property(_members)
models.DBCluster.multi_az = property(_multi_az)
models.DBInstanceClustered.storage_type = property(
    _storage_type, models.DBInstanceClustered.storage_type.fset
)


@patch(models.DBInstance.is_default_parameter_group)
def is_default_parameter_group(fn, self, name):
    return name.startswith("default.")


@patch(models.DBInstance.save_automated_backup)
def save_automated_backup(fn, self):
    """No backups with a retention of 0, and none of a member: they are the cluster's."""
    if not isinstance(self, models.DBInstanceClustered) and self.backup_retention_period:
        fn(self)


@patch(models.RDSBackend.create_db_instance_read_replica)
def create_db_instance_read_replica(fn, self, db_kwargs):
    """A replica inherits, but starts with backups disabled (CreateDBInstanceReadReplica).

    moto's replica is a copy that shares the source's lists and its resource id.
    """
    replica = fn(self, db_kwargs)
    replica.dbi_resource_id = f"db-{_id()}"
    replica.created = state.now()
    replica.backup_retention_period = 0
    replica.pending_modified_values = {}
    logs = db_kwargs.get("enable_cloudwatch_logs_exports")
    replica.enabled_cloudwatch_logs_exports = list(
        replica.enabled_cloudwatch_logs_exports if logs is None else logs
    )
    return replica


@patch(models.RDSBackend._validate_kms_key)
def validate_kms_key(fn, self, key):
    """Keys are LocalStack's, not those of moto's own KMS."""
    return key_arn(_BackendPlace(self), key)


class _BackendPlace:
    def __init__(self, backend):
        self.account, self.region = backend.account_id, backend.region_name
