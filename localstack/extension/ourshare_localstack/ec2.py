"""EC2: operations on resources that moto answers otherwise than AWS."""

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from . import ec2_models, ec2_settings, interfaces, state
from .operations import error, operation


def _backend(call):
    return ec2_backends[call.account][call.region]


# ---- snapshots


def _is_public(snapshot):
    return "all" in snapshot.create_volume_permission_groups


def _shared_with(snapshot, account):
    return account in snapshot.create_volume_permission_userids


def _hidden(account, region):
    """Block-all-sharing hides public snapshots without changing their permissions."""
    settings = state.part(account, region, "ec2_settings", dict)
    return settings.get("snapshot_block") == "block-all-sharing"


@operation("ec2", "DescribeSnapshots")
def describe_snapshots(call):
    """Own snapshots, and those of others that the caller may use.

    OwnerIds and RestorableByUserIds narrow the answer down as documented:
    "self" is the caller, and RestorableByUserIds=["all"] are the public ones.
    """
    owners = {call.account if o == "self" else o for o in call.get("OwnerIds", [])}
    users = {call.account if u == "self" else u for u in call.get("RestorableByUserIds", [])}
    found = []
    for account in list(ec2_backends):
        if account != call.account and call.region not in ec2_backends[account]:
            continue
        snapshots = ec2_backends[account][call.region].snapshots
        if not snapshots and account != call.account:
            continue
        ids = call.get("SnapshotIds")
        if ids and account != call.account:
            ids = [id for id in ids if id in snapshots]
            if not ids:
                continue
        elif ids and any(id not in snapshots for id in ids):
            # the others' may be among them; moto would refuse the whole call
            mine = [id for id in ids if id in snapshots]
            if not mine and any(id in _everyones(call) for id in ids):
                continue
            ids = mine if all(id in _everyones(call) for id in ids) else ids
        for row in call.for_account(account, SnapshotIds=ids).get("Snapshots", []):
            snapshot = snapshots[row["SnapshotId"]]
            public = _is_public(snapshot) and not _hidden(account, call.region)
            usable = account == call.account or public or _shared_with(snapshot, call.account)
            if not usable or (owners and account not in owners):
                continue
            if users and not (
                (public and "all" in users)
                or any(_shared_with(snapshot, user) for user in users)
                or (account in users)
            ):
                continue
            found.append(row)
    return {"Snapshots": found}


def _everyones(call):
    return {
        id
        for account in list(ec2_backends)
        if call.region in ec2_backends[account]
        for id in ec2_backends[account][call.region].snapshots
    }


@operation("ec2", "DescribeSnapshotAttribute")
def describe_snapshot_attribute(call):
    answer = call.next()
    return {**answer, "SnapshotId": call.request["SnapshotId"]}


@operation("ec2", "ModifySnapshotAttribute")
def modify_snapshot_attribute(call):
    """Refused where the region's setting blocks public sharing, and for encrypted snapshots."""
    permission = call.get("CreateVolumePermission", {})
    groups = [p.get("Group") for p in permission.get("Add", [])]
    if call.get("OperationType") == "add":
        groups += call.get("GroupNames", [])
    if "all" in groups:
        blocked = ec2_settings.kept(call, "snapshot_block", "unblocked")
        if blocked != "unblocked":
            raise error(
                "OperationNotPermitted",
                "Public sharing of snapshots is blocked by the account's setting.",
            )
        snapshot = _backend(call).snapshots.get(call.request["SnapshotId"])
        if snapshot is not None and snapshot.encrypted:
            raise error("OperationNotPermitted", "Encrypted snapshots cannot be made public.")
    return call.next()


@operation("ec2", "CopySnapshot")
def copy_snapshot(call):
    """Encrypted asks for an encrypted copy, with the named key or the default one."""
    answer = call.next()
    copy = _backend(call).snapshots[answer["SnapshotId"]]
    source = ec2_backends[call.account][call.request["SourceRegion"]].snapshots.get(
        call.request["SourceSnapshotId"]
    )
    wanted = call.get("Encrypted") or (source is not None and source.encrypted)
    if wanted or _backend(call).get_ebs_encryption_by_default():
        from .kms import key_arn

        copy.encrypted = True
        if call.get("KmsKeyId"):
            copy.kms_key_id = key_arn(call, call.request["KmsKeyId"])
        else:
            copy.kms_key_id = ec2_models.default_key(_backend(call))
    copy.description = copy.description or ""
    return answer


# ---- images


@operation("ec2", "ModifyImageAttribute")
def modify_image_attribute(call):
    permission = call.get("LaunchPermission", {})
    groups = [p.get("Group") for p in permission.get("Add", [])]
    if call.get("OperationType") == "add":
        groups += call.get("UserGroups", [])
    if "all" in groups and ec2_settings.kept(call, "image_block", "unblocked") != "unblocked":
        raise error(
            "OperationNotPermitted", "Public sharing of images is blocked by the account's setting."
        )
    imds = call.get("ImdsSupport")
    image = _backend(call).amis.get(call.request["ImageId"])
    if imds and image is not None:
        image.imds_support = imds.get("Value")
        return {}
    return call.next()


@operation("ec2", "RegisterImage")
def register_image(call):
    """The image's snapshot is the one that was named, not a new one."""
    answer = call.next()
    image = _backend(call).amis[answer["ImageId"]]
    image.imds_support = call.get("ImdsSupport")
    for mapping in call.get("BlockDeviceMappings", []):
        named = (mapping.get("Ebs") or {}).get("SnapshotId")
        if named in _backend(call).snapshots:
            made = image.ebs_snapshot
            image.ebs_snapshot = _backend(call).snapshots[named]
            if made.id != named:
                _backend(call).snapshots.pop(made.id, None)
            break
    return answer


@operation("ec2", "DescribeImages")
def describe_images(call):
    answer = call.next()
    for row in answer.get("Images", []):
        image = _backend(call).amis.get(row["ImageId"])
        if getattr(image, "imds_support", None):
            row["ImdsSupport"] = image.imds_support
    return answer


# ---- instances


@operation("ec2", "RunInstances")
def run_instances(call):
    """Protection against termination and stopping, named by the launch or its template."""
    answer = call.next()
    for row in answer.get("Instances", []):
        instance = _backend(call).get_instance(row["InstanceId"])
        template = {}
        if call.get("LaunchTemplate"):
            template = _backend(call)._get_template_from_args(call.request["LaunchTemplate"]).data
        for member, attribute in (
            ("DisableApiTermination", "disable_api_termination"),
            ("DisableApiStop", "disable_api_stop"),
        ):
            setattr(instance, attribute, bool(call.get(member, template.get(member))))
    return answer


@operation("ec2", "ModifyInstanceMetadataOptions")
def modify_instance_metadata_options(call):
    """What is not named keeps its value; the answer is pending, the instance soon applied."""
    options = _backend(call).get_instance(call.request["InstanceId"]).metadata_options
    members = {
        "HttpTokens": "http_tokens",
        "HttpPutResponseHopLimit": "http_put_response_hop_limit",
        "HttpEndpoint": "http_endpoint",
        "HttpProtocolIpv6": "http_protocol_ipv6",
        "InstanceMetadataTags": "instance_metadata_tags",
    }
    for member, attribute in members.items():
        if call.get(member) is not None:
            setattr(options, attribute, call.request[member])
    now = {member: getattr(options, attribute) for member, attribute in members.items()}
    return {
        "InstanceId": call.request["InstanceId"],
        "InstanceMetadataOptions": {"State": "pending", **now},
    }


@operation("ec2", "DescribeInstanceImageMetadata")
def describe_instance_image_metadata(call):
    if call.get("Filters"):
        raise NotImplementedError
    ids, found = call.get("InstanceIds", []), []
    for reservation in _backend(call).reservations.values():
        for instance in reservation.instances:
            if ids and instance.id not in ids:
                continue
            image = _backend(call).amis.get(instance.image_id)
            metadata = {"ImageId": instance.image_id}
            if image is not None:
                metadata |= {
                    "Name": image.name,
                    "OwnerId": image.owner_id,
                    "State": image.state,
                    "CreationDate": image.creation_date,
                    "ImageAllowed": True,
                    "IsPublic": image.is_public,
                }
            else:
                metadata["State"] = "deregistered"
            found.append(
                {
                    "InstanceId": instance.id,
                    "InstanceType": instance.instance_type,
                    "LaunchTime": instance.launch_time,
                    "AvailabilityZone": instance._placement.zone,
                    "State": {"Code": instance._state.code, "Name": instance.state},
                    "OwnerId": call.account,
                    "Tags": [
                        {"Key": t["key"], "Value": t["value"]} for t in instance.get_tags()
                    ],
                    "ImageMetadata": metadata,
                }
            )
    return {"InstanceImageMetadata": found}


# ---- network


@operation("ec2", "DescribeNetworkInterfaces")
def describe_network_interfaces(call):
    """Services' interfaces too; the primary address carries the association, not the interface alone."""
    interfaces.refresh(call.account, call.region)
    answer = call.next()
    for row in answer.get("NetworkInterfaces", []):
        interfaces.overlay(_backend(call), row)
        if row.get("RequesterId", "").endswith("MOTO"):
            # set for interfaces that a service made for the account, which moto has none of
            del row["RequesterId"]
        for address in row.get("PrivateIpAddresses", []):
            if address.get("Primary") and row.get("Association"):
                address.setdefault("Association", row["Association"])
    return answer


@operation("ec2", "AssociateVpcCidrBlock")
def associate_vpc_cidr_block(call):
    answer = call.next()
    if call.get("AmazonProvidedIpv6CidrBlock"):
        for acl in list(_backend(call).network_acls.values()):
            if acl.vpc_id == call.request["VpcId"]:
                ec2_models.add_ipv6_entries(_backend(call), acl)
    return answer


@operation("ec2", "CreateNetworkAclEntry", "ReplaceNetworkAclEntry")
def network_acl_entry(call):
    """moto looks for the ICMP type and code under names that no client sends."""
    answer = call.next()
    icmp = call.get("IcmpTypeCode")
    if icmp:
        acl = _backend(call).get_network_acl(call.request["NetworkAclId"])
        for entry in acl.network_acl_entries:
            same = int(entry.rule_number) == call.request["RuleNumber"]
            if same and bool(entry.egress) == bool(call.request["Egress"]):
                entry.icmp_type, entry.icmp_code = icmp.get("Type"), icmp.get("Code")
    return answer


def _icmp(call, row):
    acl = _backend(call).network_acls[row["NetworkAclId"]]
    known = {(int(e.rule_number), bool(e.egress)): e for e in acl.network_acl_entries}
    for entry in row.get("Entries", []):
        made = known.get((entry["RuleNumber"], entry["Egress"]))
        if made is not None and made.icmp_type is not None:
            entry["IcmpTypeCode"] = {"Type": int(made.icmp_type), "Code": int(made.icmp_code)}


@operation("ec2", "DescribeNetworkAcls")
def describe_network_acls(call):
    answer = call.next()
    for row in answer.get("NetworkAcls", []):
        _icmp(call, row)
    return answer


@operation("ec2", "CreateFlowLogs")
def create_flow_logs(call):
    """The log group may be new; delivery fails where the role does not exist."""
    group, role = call.get("LogGroupName"), call.get("DeliverLogsPermissionArn")
    if group:
        from moto.logs.models import logs_backends

        logs = logs_backends[call.account][call.region]
        if group not in logs.groups:
            logs.create_log_group(group, {})
    answer = call.next()
    if role:
        roles = iam_backends[call.account]["aws"].roles.values()
        known = any(r.arn == role for r in roles)
        for id in answer.get("FlowLogIds", []):
            log = _backend(call).flow_logs[id]
            log.deliver_logs_status = "SUCCESS" if known else "FAILED"
            log.deliver_logs_error_message = None if known else "Access error"
    return answer


def _associations(call) -> dict:
    return state.part(call.account, call.region, "sg_vpc_associations", dict)


@operation("ec2", "AssociateSecurityGroupVpc")
def associate_security_group_vpc(call):
    group, vpc = call.request["GroupId"], call.request["VpcId"]
    if _backend(call).get_security_group_from_id(group) is None:
        raise error("InvalidGroup.NotFound", f"The security group '{group}' does not exist")
    _backend(call).get_vpc(vpc)
    _associations(call)[(group, vpc)] = "associated"
    return {"State": "associating"}


@operation("ec2", "DisassociateSecurityGroupVpc")
def disassociate_security_group_vpc(call):
    key = (call.request["GroupId"], call.request["VpcId"])
    if _associations(call).pop(key, None) is None:
        raise error("InvalidParameterValue", "The association does not exist")
    return {"State": "disassociating"}


@operation("ec2", "DescribeSecurityGroupVpcAssociations")
def describe_security_group_vpc_associations(call):
    members = {
        "group-id": "GroupId",
        "group-owner-id": "GroupOwnerId",
        "state": "State",
        "vpc-id": "VpcId",
        "vpc-owner-id": "VpcOwnerId",
    }
    rows = [
        {
            "GroupId": group,
            "VpcId": vpc,
            "VpcOwnerId": call.account,
            "GroupOwnerId": call.account,
            "State": now,
        }
        for (group, vpc), now in _associations(call).items()
    ]
    for one in call.get("Filters", []):
        rows = [row for row in rows if row[members[one["Name"]]] in one["Values"]]
    return {"SecurityGroupVpcAssociations": rows}
