"""Facts about a resource that no API call can set: above all, age.

A fact is laid over every answer in which the resource's structure appears, by
the API model: the kind names the structures and the member that identifies the
resource, and a field is any member of them.
"""

import threading
from functools import cache

from localstack.aws.spec import load_service

from . import state

_lock = threading.Lock()

# kind: ({structure: identifying member}, fields kept for other answers).
# "request:NAME" identifies by the request, for structures without an id.
KINDS = {
    "acm:certificate": (
        {"CertificateDetail": "CertificateArn", "CertificateSummary": "CertificateArn"},
        (),
    ),
    "backup:recovery-point": (
        {
            "DescribeRecoveryPointOutput": "RecoveryPointArn",
            "RecoveryPointByBackupVault": "RecoveryPointArn",
            "RecoveryPointByResource": "RecoveryPointArn",
        },
        (),
    ),
    "cloudtrail:trail": ({"GetTrailStatusResponse": "request:Name"}, ()),
    "ec2:flow-log": ({"FlowLog": "FlowLogId"}, ()),
    "ec2:image": ({"Image": "ImageId"}, ()),
    "ec2:instance": ({"Instance": "InstanceId"}, ()),
    "ec2:key-pair": ({"KeyPairInfo": "KeyName"}, ()),
    "ec2:snapshot": ({"Snapshot": "SnapshotId", "SnapshotInfo": "SnapshotId"}, ()),
    "ec2:volume": ({"Volume": "VolumeId"}, ()),
    "iam:access-key": (
        {"AccessKeyMetadata": "AccessKeyId"},
        ("LastUsedDate", "LastUsedRegion", "LastUsedService"),
    ),
    "iam:role": ({"Role": "RoleName", "RoleDetail": "RoleName"}, ()),
    "iam:server-certificate": ({"ServerCertificateMetadata": "ServerCertificateName"}, ()),
    "iam:signing-certificate": ({"SigningCertificate": "CertificateId"}, ()),
    "iam:user": (
        {"User": "UserName", "UserDetail": "UserName"},
        ("PasswordLastChanged", "PasswordNextRotation"),
    ),
    "kms:key": ({"KeyMetadata": "KeyId"}, ()),
    "rds:automated-backup": ({"DBInstanceAutomatedBackup": "DBInstanceIdentifier"}, ()),
    "rds:cluster": ({"DBCluster": "DBClusterIdentifier"}, ()),
    "rds:cluster-snapshot": ({"DBClusterSnapshot": "DBClusterSnapshotIdentifier"}, ()),
    "rds:instance": ({"DBInstance": "DBInstanceIdentifier"}, ()),
    # no call makes one; the id is the ARN of the resource
    "rds:maintenance": ({"PendingMaintenanceAction": ""}, ()),
    "rds:snapshot": ({"DBSnapshot": "DBSnapshotIdentifier"}, ()),
    "secretsmanager:secret": (
        {"SecretListEntry": "Name", "DescribeSecretResponse": "Name"},
        (),
    ),
    "ssm:instance": (
        {"InstanceInformation": "InstanceId", "InstanceProperty": "InstanceId"},
        (),
    ),
    "ssm:patch-state": ({"InstancePatchState": "InstanceId"}, ()),
}
_GLOBAL_SERVICES = {"iam"}


def _region(service, region):
    return state.GLOBAL if service in _GLOBAL_SERVICES else region


def _store(account, service, region):
    return state.part(account, _region(service, region), "aged", state.nested)


@cache
def _shapes(kind):
    """The kind's structures as the service's model has them."""
    model = load_service(kind.partition(":")[0])
    return {name: model.shape_for(name) for name in KINDS[kind][0]}


def _typed(shape, value, path):
    """JSON as the model's types: times parsed, members checked by name."""
    if value is None:
        return None
    kind = shape.type_name
    if kind == "timestamp":
        return state.moment(value)
    if kind == "structure":
        if not isinstance(value, dict):
            raise ValueError(f"{path} must be an object")
        for name in value:
            if name not in shape.members:
                raise ValueError(f"{path} has no member {name}")
        return {k: _typed(shape.members[k], v, f"{path}.{k}") for k, v in value.items()}
    if kind == "list":
        if not isinstance(value, list):
            raise ValueError(f"{path} must be a list")
        return [_typed(shape.member, v, path) for v in value]
    wanted = {"boolean": bool, "integer": int, "long": int, "string": str}.get(kind)
    if wanted and type(value) is not wanted:
        raise ValueError(f"{path} must be of type {kind}")
    return value


def backdate(account, region, kind, id, fields):
    """Remember the fields; null forgets one and lets the provider's value through."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind}; one of {', '.join(KINDS)}")
    if not isinstance(fields, dict) or not fields:
        raise ValueError("fields must be an object with at least one member")
    service = kind.partition(":")[0]
    if not region and service not in _GLOBAL_SERVICES:
        raise ValueError(f"{kind} needs a region")
    shapes, extra = _shapes(kind), KINDS[kind][1]
    typed = {}
    for name, value in fields.items():
        member = next((s.members[name] for s in shapes.values() if name in s.members), None)
        if member is not None:
            typed[name] = _typed(member, value, name)
        elif name in extra:
            is_text = name in ("LastUsedRegion", "LastUsedService")
            typed[name] = value if is_text or value is None else state.moment(value)
        else:
            known = sorted({m for s in shapes.values() for m in s.members} | set(extra))
            raise ValueError(f"{kind} has no field {name}; it has {', '.join(known)}")
    with _lock:
        kept = _store(account, service, region)[kind].setdefault(id, {})
        for name, value in typed.items():
            if value is None:
                kept.pop(name, None)
            else:
                kept[name] = value
    if service == "iam":
        # the credential report is made anew from what is known now
        state.part(account, state.GLOBAL, "iam_report", dict).clear()


def fields(account, region, kind, id) -> dict:
    """What was remembered about one resource."""
    store = _store(account, kind.partition(":")[0], region)
    return store[kind].get(id, {}) if kind in store else {}


def overlay(call, answer):
    """Lay what is remembered over the answer, in place of the provider's values."""
    service = call.operation[0]
    store = _store(call.account, service, call.region)
    shape = call.context.operation.output_shape
    if not store or shape is None or not isinstance(answer, dict):
        return answer
    wanted = {}
    for kind, ids in store.items():
        for name, member in KINDS[kind][0].items():
            if not member:
                continue
            wanted.setdefault(name, []).append((member, ids))
    return _walk(shape, answer, wanted, call.request)


def _walk(shape, value, wanted, request):
    if shape.type_name == "list" and isinstance(value, list):
        return [_walk(shape.member, v, wanted, request) for v in value]
    if shape.type_name != "structure" or not isinstance(value, dict):
        return value
    result = {
        k: _walk(shape.members[k], v, wanted, request) if k in shape.members else v
        for k, v in value.items()
    }
    for member, ids in wanted.get(shape.name, ()):
        if member.startswith("request:"):
            id = request.get(member.partition(":")[2])
        else:
            id = result.get(member)
        for name, laid in ids.get(id, {}).items():
            if name in shape.members:
                result[name] = laid
    return result
