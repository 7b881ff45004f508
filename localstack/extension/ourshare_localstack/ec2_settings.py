"""EC2: settings of an account in a region, and the list of regions.

The defaults are those that the operations' documentation names for an account
that has set nothing.
"""

import uuid

from botocore.session import Session
from moto.ec2.models import ec2_backends

from . import state
from .operations import error, operation


def kept(call, name, default=None):
    return _settings(call.account, call.region).get(name, default)


def _settings(account, region) -> dict:
    return state.part(account, region, "ec2_settings", dict)


def _set(call, name, value):
    _settings(call.account, call.region)[name] = value


# Regions that an account has from the start; every later one is opt-in
# (AWS Account Management guide, "Enable or disable AWS Regions").
_ALWAYS = """
ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2
ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1
us-east-1 us-east-2 us-west-1 us-west-2
""".split()
_REGIONS = sorted(Session().get_available_regions("ec2", partition_name="aws"))


def opted_in(account) -> set:
    """The opt-in regions that the account has enabled (through the account service)."""
    return state.part(account, state.GLOBAL, "opted_in", set)


def regions(account):
    """Every region of the partition with its opt-in status."""
    for name in _REGIONS:
        if name in _ALWAYS:
            yield name, "opt-in-not-required"
        else:
            yield name, "opted-in" if name in opted_in(account) else "not-opted-in"


@operation("ec2", "DescribeRegions")
def describe_regions(call):
    """Only enabled regions unless AllRegions; names and filters narrow that down."""
    names = call.get("RegionNames", [])
    known = dict(regions(call.account))
    if unknown := [name for name in names if name not in known]:
        raise error("InvalidParameterValue", f"Invalid region names: {', '.join(unknown)}")
    found = []
    for name, status in known.items():
        row = {
            "RegionName": name,
            "Endpoint": f"ec2.{name}.amazonaws.com",
            "OptInStatus": status,
        }
        if not call.get("AllRegions") and status == "not-opted-in":
            continue
        if names and name not in names:
            continue
        if all(_region_matches(row, f) for f in call.get("Filters", [])):
            found.append(row)
    return {"Regions": found}


def _region_matches(row, one):
    members = {
        "endpoint": "Endpoint",
        "opt-in-status": "OptInStatus",
        "region-name": "RegionName",
    }
    if one["Name"] not in members:
        raise error("InvalidParameterValue", f"The filter '{one['Name']}' is invalid")
    return row[members[one["Name"]]] in one.get("Values", [])


_IMDS = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "InstanceMetadataTags")


@operation("ec2", "ModifyInstanceMetadataDefaults")
def modify_instance_metadata_defaults(call):
    defaults = dict(kept(call, "imds", {}))
    for name in _IMDS:
        value = call.get(name)
        if value in ("no-preference", -1):
            defaults.pop(name, None)
        elif value is not None:
            defaults[name] = value
    _set(call, "imds", defaults)
    return {"Return": True}


@operation("ec2", "GetInstanceMetadataDefaults")
def get_instance_metadata_defaults(call):
    """A member without a preference is left out."""
    return {"AccountLevel": {**kept(call, "imds", {}), "ManagedBy": "account"}}


@operation("ec2", "GetImageBlockPublicAccessState")
def get_image_block_public_access_state(call):
    # accounts without public images have had it on since October 2023, but for
    # the API the documented state without the setting is unblocked
    now = kept(call, "image_block", "unblocked")
    return {"ImageBlockPublicAccessState": now, "ManagedBy": "account"}


@operation("ec2", "EnableImageBlockPublicAccess")
def enable_image_block_public_access(call):
    _set(call, "image_block", call.request["ImageBlockPublicAccessState"])
    return {"ImageBlockPublicAccessState": kept(call, "image_block")}


@operation("ec2", "DisableImageBlockPublicAccess")
def disable_image_block_public_access(call):
    _set(call, "image_block", "unblocked")
    return {"ImageBlockPublicAccessState": "unblocked"}


@operation("ec2", "GetSnapshotBlockPublicAccessState")
def get_snapshot_block_public_access_state(call):
    return {"State": kept(call, "snapshot_block", "unblocked"), "ManagedBy": "account"}


@operation("ec2", "EnableSnapshotBlockPublicAccess")
def enable_snapshot_block_public_access(call):
    _set(call, "snapshot_block", call.request["State"])
    return {"State": kept(call, "snapshot_block")}


@operation("ec2", "DisableSnapshotBlockPublicAccess")
def disable_snapshot_block_public_access(call):
    _set(call, "snapshot_block", "unblocked")
    return {"State": "unblocked"}


@operation("ec2", "GetSerialConsoleAccessStatus")
def get_serial_console_access_status(call):
    return {"SerialConsoleAccessEnabled": kept(call, "serial", False), "ManagedBy": "account"}


@operation("ec2", "EnableSerialConsoleAccess")
def enable_serial_console_access(call):
    _set(call, "serial", True)
    return {"SerialConsoleAccessEnabled": True}


@operation("ec2", "DisableSerialConsoleAccess")
def disable_serial_console_access(call):
    _set(call, "serial", False)
    return {"SerialConsoleAccessEnabled": False}


# Enabling Allowed AMIs would have to hide images from DescribeImages: it stays
# unimplemented, and so the setting can only be what it is by default.
@operation("ec2", "GetAllowedImagesSettings")
def get_allowed_images_settings(call):
    return {"State": "disabled", "ImageCriteria": [], "ManagedBy": "account"}


# ---- encryption of EBS volumes by default


def ebs_key(account, region):
    """The key that new volumes get, as the account has set it; None for alias/aws/ebs."""
    return _settings(account, region).get("ebs_key")


@operation("ec2", "GetEbsDefaultKmsKeyId")
def get_ebs_default_kms_key_id(call):
    # the CLI's example shows the alias for a key that was never set
    return {"KmsKeyId": ebs_key(call.account, call.region) or "alias/aws/ebs"}


@operation("ec2", "ModifyEbsDefaultKmsKeyId")
def modify_ebs_default_kms_key_id(call):
    from .kms import key_arn

    _set(call, "ebs_key", key_arn(call, call.request["KmsKeyId"]))
    return {"KmsKeyId": ebs_key(call.account, call.region)}


@operation("ec2", "ResetEbsDefaultKmsKeyId")
def reset_ebs_default_kms_key_id(call):
    _set(call, "ebs_key", None)
    return {"KmsKeyId": "alias/aws/ebs"}


# ---- VPC Block Public Access


def _bpa(call):
    fresh = {
        "AwsAccountId": call.account,
        "AwsRegion": call.region,
        "State": "default-state",
        "InternetGatewayBlockMode": "off",
        "ManagedBy": "account",
        "ExclusionsAllowed": "allowed",
    }
    return {**fresh, **kept(call, "vpc_bpa", {})}


@operation("ec2", "DescribeVpcBlockPublicAccessOptions")
def describe_vpc_block_public_access_options(call):
    return {"VpcBlockPublicAccessOptions": _bpa(call)}


@operation("ec2", "ModifyVpcBlockPublicAccessOptions")
def modify_vpc_block_public_access_options(call):
    _set(
        call,
        "vpc_bpa",
        {
            "InternetGatewayBlockMode": call.request["InternetGatewayBlockMode"],
            "State": "update-complete",
            "LastUpdateTimestamp": state.now(),
        },
    )
    # the change takes minutes: the answer to the change itself says so
    return {"VpcBlockPublicAccessOptions": {**_bpa(call), "State": "update-in-progress"}}


def _exclusions(call) -> dict:
    return state.part(call.account, call.region, "vpc_bpa_exclusions", dict)


def _exclusion(call):
    id = call.request["ExclusionId"]
    if id not in _exclusions(call):
        raise error(
            "InvalidVpcBlockPublicAccessExclusionId.NotFound",
            f"The exclusion ID '{id}' does not exist",
        )
    return _exclusions(call)[id]


@operation("ec2", "CreateVpcBlockPublicAccessExclusion")
def create_vpc_block_public_access_exclusion(call):
    subnet, vpc = call.get("SubnetId"), call.get("VpcId")
    if bool(subnet) == bool(vpc):
        raise error("InvalidParameterCombination", "Specify either a subnet or a VPC.")
    backend = ec2_backends[call.account][call.region]
    backend.get_subnet(subnet) if subnet else backend.get_vpc(vpc)
    what = f"subnet/{subnet}" if subnet else f"vpc/{vpc}"
    made = {
        "ExclusionId": f"vpcbpa-exclude-{uuid.uuid4().hex[:17]}",
        "InternetGatewayExclusionMode": call.request["InternetGatewayExclusionMode"],
        "ResourceArn": f"arn:aws:ec2:{call.region}:{call.account}:{what}",
        "State": "create-complete",
        "CreationTimestamp": state.now(),
        "LastUpdateTimestamp": state.now(),
        "Tags": [t for s in call.get("TagSpecifications", []) for t in s.get("Tags", [])],
    }
    _exclusions(call)[made["ExclusionId"]] = made
    return {"VpcBlockPublicAccessExclusion": {**made, "State": "create-in-progress"}}


@operation("ec2", "ModifyVpcBlockPublicAccessExclusion")
def modify_vpc_block_public_access_exclusion(call):
    one = _exclusion(call)
    one["InternetGatewayExclusionMode"] = call.request["InternetGatewayExclusionMode"]
    one["State"], one["LastUpdateTimestamp"] = "update-complete", state.now()
    return {"VpcBlockPublicAccessExclusion": {**one, "State": "update-in-progress"}}


@operation("ec2", "DeleteVpcBlockPublicAccessExclusion")
def delete_vpc_block_public_access_exclusion(call):
    one = _exclusion(call)
    # deleted ones stay listed, with the state and the time
    one["State"], one["DeletionTimestamp"] = "delete-complete", state.now()
    return {"VpcBlockPublicAccessExclusion": {**one, "State": "delete-in-progress"}}


@operation("ec2", "DescribeVpcBlockPublicAccessExclusions")
def describe_vpc_block_public_access_exclusions(call):
    members = {
        "internet-gateway-exclusion-mode": "InternetGatewayExclusionMode",
        "resource-arn": "ResourceArn",
        "state": "State",
    }
    ids, found = call.get("ExclusionIds", []), []
    for one in _exclusions(call).values():
        if ids and one["ExclusionId"] not in ids:
            continue
        if all(one[members[f["Name"]]] in f["Values"] for f in call.get("Filters", [])):
            found.append(one)
    return {"VpcBlockPublicAccessExclusions": found}


def _effective(call, *resources):
    """The mode in force: an exclusion of the subnet, or of its VPC, lifts all or what goes out."""
    mode = _bpa(call)["InternetGatewayBlockMode"]
    for one in _exclusions(call).values():
        in_force = one["State"] in ("create-complete", "update-complete")
        if in_force and one["ResourceArn"].rsplit(":", 1)[-1] in resources:
            allowed = one["InternetGatewayExclusionMode"]
            if allowed == "allow-bidirectional":
                return "off"
            if mode == "block-bidirectional":
                mode = "block-ingress"
    return mode


@operation("ec2", "DescribeSubnets", "DescribeVpcs")
def describe_with_block_states(call):
    """BlockPublicAccessStates: the state of VPC Block Public Access."""
    answer = call.next()
    for row in answer.get("Subnets", []):
        mode = _effective(call, f"subnet/{row['SubnetId']}", f"vpc/{row['VpcId']}")
        row["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": mode}
    for row in answer.get("Vpcs", []):
        mode = _effective(call, f"vpc/{row['VpcId']}")
        row["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": mode}
    return answer
