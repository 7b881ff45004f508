"""S3 Control: access points and multi-region access points.

moto has them, but one list for all regions, no account where the host name has
none, and every policy public. The rules are those of the S3 guide ("Access points",
"Multi-Region Access Points", "Blocking public access to your Amazon S3 storage").
"""

import uuid

from localstack.services.s3.models import s3_stores
from moto.s3control.models import s3control_backends

from . import s3_policy, state
from .operations import error, operation

_SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _own(call):
    """AccountId must be the caller's: nobody else's access points can be managed."""
    if call.request.get("AccountId", call.account) != call.account:
        raise error("AccessDenied", "Access Denied", 403)


def _points(call) -> dict:
    _own(call)
    return state.part(call.account, call.region, "access_points", dict)


def _worlds(call) -> dict:
    """Multi-region access points belong to no region."""
    _own(call)
    return state.part(call.account, state.GLOBAL, "multi_region_access_points", dict)


def _bucket(call, name):
    store = s3_stores[call.account][call.region]
    owner = store.global_bucket_map.get(name)
    bucket = s3_stores[owner][call.region].buckets.get(name) if owner else None
    if bucket is None:
        raise error("NoSuchBucket", "The specified bucket does not exist", 404)
    return owner, bucket


def _block(given) -> dict:
    """All four are on unless the request has a configuration; what that leaves out is off."""
    return {name: bool(given.get(name)) if given is not None else True for name in _SETTINGS}


def _account_blocks(account, setting) -> bool:
    block = s3control_backends[account]["aws"].public_access_block
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in setting).lstrip("_")
    # moto keeps the account's as text
    return str(getattr(block, name, "")).lower() == "true"


# ---- access points


@operation("s3control", "CreateAccessPoint")
def create_access_point(call):
    name, bucket_name = call.request["Name"], call.request["Bucket"]
    owner, bucket = _bucket(call, bucket_name)
    if bucket.bucket_region != call.region:
        raise error("InvalidRequest", "The bucket is in another region")
    if owner != call.get("BucketAccountId", call.account):
        raise error("AccessDenied", "Access Denied", 403)
    points = _points(call)
    if name in points:
        message = "Your previous request to create the named accesspoint succeeded and you already own it."
        raise error("AccessPointAlreadyOwnedByYou", message, 409)
    arn = f"arn:{call.context.partition}:s3:{call.region}:{call.account}:accesspoint/{name}"
    point = {
        "Name": name,
        "Bucket": bucket_name,
        "NetworkOrigin": "VPC" if call.get("VpcConfiguration") else "Internet",
        "AccessPointArn": arn,
        "Alias": f"{name[:20]}-{uuid.uuid4().hex[:34]}-s3alias",
        "BucketAccountId": owner,
        "PublicAccessBlockConfiguration": _block(call.get("PublicAccessBlockConfiguration")),
        "CreationDate": state.now(),
    }
    if call.get("VpcConfiguration"):
        point["VpcConfiguration"] = call.request["VpcConfiguration"]
    points[name] = {"point": point, "policy": None}
    return {"AccessPointArn": arn, "Alias": point["Alias"]}


def _point(call):
    found = _points(call).get(call.request["Name"])
    if found is None:
        raise error("NoSuchAccessPoint", "The specified accesspoint does not exist", 404)
    return found


@operation("s3control", "GetAccessPoint")
def get_access_point(call):
    return _point(call)["point"]


@operation("s3control", "DeleteAccessPoint")
def delete_access_point(call):
    _point(call)
    del _points(call)[call.request["Name"]]
    return {}


@operation("s3control", "ListAccessPoints")
def list_access_points(call):
    """The listing has neither the block nor the date; pages are cut in paging.py."""
    rows = [
        {k: v for k, v in found["point"].items() if k not in ("PublicAccessBlockConfiguration", "CreationDate")}
        for _, found in sorted(_points(call).items())
        if call.get("Bucket") in (None, found["point"]["Bucket"])
    ]
    return {"AccessPointList": rows}


def _public(point, policy) -> bool:
    """With a VPC as its origin an access point is never public."""
    return point["NetworkOrigin"] == "Internet" and s3_policy.is_public(policy, access_point=True)


@operation("s3control", "PutAccessPointPolicy")
def put_access_point_policy(call):
    found, policy = _point(call), call.request["Policy"]
    point = found["point"]
    try:
        public = _public(point, policy)
    except (ValueError, AttributeError):
        raise error("MalformedPolicy", "Policies must be valid JSON") from None
    owner, bucket = _bucket(call, point["Bucket"])
    blocked = (
        point["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
        or _account_blocks(call.account, "BlockPublicPolicy")
        # a bucket's setting reaches the access points of its own account
        or (owner == call.account and (bucket.public_access_block or {}).get("BlockPublicPolicy"))
    )
    if public and blocked:
        raise error("AccessDenied", "Access Denied", 403)
    found["policy"] = policy
    return {}


def _policy(call):
    found = _point(call)
    if found["policy"] is None:
        raise error("NoSuchAccessPointPolicy", "The specified accesspoint policy does not exist", 404)
    return found


@operation("s3control", "GetAccessPointPolicy")
def get_access_point_policy(call):
    return {"Policy": _policy(call)["policy"]}


@operation("s3control", "DeleteAccessPointPolicy")
def delete_access_point_policy(call):
    _point(call)["policy"] = None
    return {}


@operation("s3control", "GetAccessPointPolicyStatus")
def get_access_point_policy_status(call):
    found = _policy(call)
    return {"PolicyStatus": {"IsPublic": _public(found["point"], found["policy"])}}


# ---- multi-region access points


def _accepted(call, kind):
    """Changes are made at once; the token is what a caller would ask the progress by."""
    account, token = call.account, uuid.uuid4().hex[:24]
    arn = f"arn:{call.context.partition}:s3:us-west-2:{account}:async-request/mrap/{kind.lower()}/{token}"
    asked = state.part(account, state.GLOBAL, "multi_region_requests", dict)
    asked[arn] = {
        "CreationTime": state.now(),
        "Operation": kind,
        "RequestTokenARN": arn,
        "RequestStatus": "SUCCEEDED",
    }
    return {"RequestTokenARN": arn}


@operation("s3control", "CreateMultiRegionAccessPoint")
def create_multi_region_access_point(call):
    details = call.request["Details"]
    worlds = _worlds(call)
    if details["Name"] in worlds:
        raise error("InvalidRequest", "A Multi-Region Access Point with this name exists already")
    regions = []
    for row in details.get("Regions") or []:
        owner, bucket = _bucket(call, row["Bucket"])
        regions.append(
            {"Bucket": row["Bucket"], "Region": bucket.bucket_region, "BucketAccountId": owner}
        )
    worlds[details["Name"]] = {
        "report": {
            "Name": details["Name"],
            "Alias": f"m{uuid.uuid4().hex[:12]}.mrap",
            "CreatedAt": state.now(),
            "PublicAccessBlock": _block(details.get("PublicAccessBlock")),
            "Status": "READY",
            "Regions": regions,
        },
        "policy": None,
    }
    return _accepted(call, "CreateMultiRegionAccessPoint")


def _world(call, name):
    found = _worlds(call).get(name)
    if found is None:
        message = "The specified Multi-Region Access Point does not exist"
        raise error("NoSuchMultiRegionAccessPoint", message, 404)
    return found


@operation("s3control", "ListMultiRegionAccessPoints")
def list_multi_region_access_points(call):
    return {"AccessPoints": [found["report"] for _, found in sorted(_worlds(call).items())]}


@operation("s3control", "GetMultiRegionAccessPoint")
def get_multi_region_access_point(call):
    return {"AccessPoint": _world(call, call.request["Name"])["report"]}


@operation("s3control", "DeleteMultiRegionAccessPoint")
def delete_multi_region_access_point(call):
    name = call.request["Details"]["Name"]
    _world(call, name)
    del _worlds(call)[name]
    return _accepted(call, "DeleteMultiRegionAccessPoint")


@operation("s3control", "DescribeMultiRegionAccessPointOperation")
def describe_multi_region_access_point_operation(call):
    _own(call)
    asked = state.part(call.account, state.GLOBAL, "multi_region_requests", dict)
    found = asked.get(call.request["RequestTokenARN"])
    if found is None:
        raise error("NoSuchAsyncRequest", "The specified async request does not exist", 404)
    return {"AsyncOperation": found}


@operation("s3control", "PutMultiRegionAccessPointPolicy")
def put_multi_region_access_point_policy(call):
    details = call.request["Details"]
    found = _world(call, details["Name"])
    try:
        public = s3_policy.is_public(details["Policy"], access_point=True)
    except (ValueError, AttributeError):
        raise error("MalformedPolicy", "Policies must be valid JSON") from None
    own = found["report"]["PublicAccessBlock"]["BlockPublicPolicy"]
    if public and (own or _account_blocks(call.account, "BlockPublicPolicy")):
        raise error("AccessDenied", "Access Denied", 403)
    found["policy"] = details["Policy"]
    return _accepted(call, "PutMultiRegionAccessPointPolicy")


@operation("s3control", "GetMultiRegionAccessPointPolicy")
def get_multi_region_access_point_policy(call):
    """The proposed policy is the established one as soon as all regions have it.

    No document says what is answered where there is none; an answer without
    either is what the model allows.
    """
    policy = _world(call, call.request["Name"])["policy"]
    if policy is None:
        return {"Policy": {}}
    return {"Policy": {"Established": {"Policy": policy}, "Proposed": {"Policy": policy}}}


@operation("s3control", "GetMultiRegionAccessPointPolicyStatus")
def get_multi_region_access_point_policy_status(call):
    policy = _world(call, call.request["Name"])["policy"]
    public = policy is not None and s3_policy.is_public(policy, access_point=True)
    return {"Established": {"IsPublic": public}}
