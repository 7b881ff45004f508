"""CloudFront: distributions and VPC origins, as the API's model describes them.

The service is global: its state has no region. Lists page here, because their
tokens are ids and their counts stand beside the items.
"""

import uuid

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from . import paging, state
from .operations import error, operation

# "the default and the maximum" of ListDistributions' MaxItems
_PAGE = 100
# CloudFront makes it in the VPC of an origin (developer guide, "Restrict access with VPC origins")
_GROUP = "CloudFront-VPCOrigins-Service-SG"


def _kept(call, kind) -> dict:
    return state.part(call.account, state.GLOBAL, f"cloudfront_{kind}", dict)


def _id(prefix, length):
    return prefix + uuid.uuid4().hex.upper()[:length]


def _find(call, kind, code):
    if call.request["Id"] not in _kept(call, kind):
        raise error(code, f"The specified {kind} does not exist.", 404)
    return _kept(call, kind)[call.request["Id"]]


def _matching(call, one):
    """A change names the version that it read."""
    if not call.get("IfMatch"):
        raise error(
            "InvalidIfMatchVersion",
            "The If-Match version is missing or not valid for the resource.",
        )
    if call.request["IfMatch"] != one["etag"]:
        raise error(
            "PreconditionFailed",
            "The request failed because it didn't meet the preconditions.",
            412,
        )


def _page(call, rows):
    """One page: the marker is the id of the last item of the one before."""
    marker, asked = call.get("Marker", ""), int(call.get("MaxItems") or _PAGE)
    ids = [row["Id"] for row in rows]
    if marker and marker not in ids:
        raise error("InvalidArgument", "The marker is not valid.")
    start = ids.index(marker) + 1 if marker else 0
    size = min(n for n in (asked, _PAGE, paging.cap()) if n)
    items = rows[start : start + size]
    more = start + size < len(rows)
    page = {"Marker": marker, "MaxItems": asked, "IsTruncated": more, "Quantity": len(items)}
    if items:
        page["Items"] = items
    if more:
        page["NextMarker"] = items[-1]["Id"]
    return page


# ---- VPC origins


def _vpc(call, arn):
    """The VPC of a load balancer or an instance of the account."""
    region = arn.split(":")[3] if arn.count(":") > 4 else ""
    if ":loadbalancer/" in arn:
        found = elbv2_backends[call.account][region].load_balancers.get(arn)
    elif ":instance/" in arn:
        found = ec2_backends[call.account][region].get_instance_by_id(arn.rsplit("/", 1)[-1])
    else:
        found = None
    if found is None:
        raise error("InvalidArgument", f"{arn} is no load balancer and no instance of the account.")
    return region, found.vpc_id


@operation("cloudfront", "CreateVpcOrigin")
def create_vpc_origin(call):
    given = call.request["VpcOriginEndpointConfig"]
    region, vpc = _vpc(call, given["Arn"])
    backend = ec2_backends[call.account][region]
    if not backend.get_security_group_from_name(_GROUP, vpc):
        backend.create_security_group(name=_GROUP, description="Managed by CloudFront", vpc_id=vpc)
    made = {
        "Id": _id("vo_", 22),
        "Status": "Deployed",
        "CreatedTime": state.now(),
        "LastModifiedTime": state.now(),
        "AccountId": call.account,
        "VpcOriginEndpointConfig": given,
    }
    made["Arn"] = f"arn:aws:cloudfront::{call.account}:vpcorigin/{made['Id']}"
    _kept(call, "VPC origins")[made["Id"]] = {**made, "etag": _id("E", 13)}
    return {
        "VpcOrigin": {**made, "Status": "Deploying"},
        "ETag": _kept(call, "VPC origins")[made["Id"]]["etag"],
    }


def _plain(one):
    return {key: value for key, value in one.items() if key != "etag"}


@operation("cloudfront", "GetVpcOrigin")
def get_vpc_origin(call):
    one = _find(call, "VPC origins", "EntityNotFound")
    return {"VpcOrigin": _plain(one), "ETag": one["etag"]}


@operation("cloudfront", "DeleteVpcOrigin")
def delete_vpc_origin(call):
    one = _find(call, "VPC origins", "EntityNotFound")
    _matching(call, one)
    for distribution in _kept(call, "distributions").values():
        for origin in distribution["config"]["Origins"]["Items"]:
            if origin.get("VpcOriginConfig", {}).get("VpcOriginId") == one["Id"]:
                raise error("CannotDeleteEntityWhileInUse", "The VPC origin is in use.", 409)
    del _kept(call, "VPC origins")[one["Id"]]
    return {"VpcOrigin": {**_plain(one), "Status": "Deleting"}, "ETag": one["etag"]}


@operation("cloudfront", "ListVpcOrigins")
def list_vpc_origins(call):
    members = ("Id", "Status", "CreatedTime", "LastModifiedTime", "Arn", "AccountId")
    rows = []
    for one in _kept(call, "VPC origins").values():
        config = one["VpcOriginEndpointConfig"]
        rows.append(
            {
                **{m: one[m] for m in members},
                "Name": config["Name"],
                "OriginEndpointArn": config["Arn"],
            }
        )
    return {"VpcOriginList": _page(call, rows)}


# ---- distributions


def _none():
    return {"Quantity": 0}


def _checked(call):
    config = call.request["DistributionConfig"]
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    groups = {group["Id"] for group in config.get("OriginGroups", {}).get("Items", [])}
    behaviors = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", {}).get("Items", [])]
    if any(b["TargetOriginId"] not in origins | groups for b in behaviors):
        raise error(
            "NoSuchOrigin", "One or more of your origins or origin groups do not exist.", 404
        )
    for origin in config["Origins"]["Items"]:
        wanted = origin.get("VpcOriginConfig", {}).get("VpcOriginId")
        if wanted and wanted not in _kept(call, "VPC origins"):
            raise error("EntityNotFound", f"The VPC origin {wanted} does not exist.", 404)
    return config


def _full(one, status="Deployed"):
    return {
        "Id": one["Id"],
        "ARN": one["ARN"],
        "Status": status,
        "LastModifiedTime": one["LastModifiedTime"],
        "InProgressInvalidationBatches": 0,
        "DomainName": one["DomainName"],
        "DistributionConfig": one["config"],
    }


@operation("cloudfront", "CreateDistribution")
def create_distribution(call):
    config = _checked(call)
    if any(
        one["config"]["CallerReference"] == config["CallerReference"]
        for one in _kept(call, "distributions").values()
    ):
        raise error("DistributionAlreadyExists", "The caller reference is in use.", 409)
    id = _id("E", 13)
    one = {
        "Id": id,
        "ARN": f"arn:aws:cloudfront::{call.account}:distribution/{id}",
        "DomainName": f"d{uuid.uuid4().hex[:13]}.cloudfront.net",
        "LastModifiedTime": state.now(),
        "etag": _id("E", 13),
        "config": config,
    }
    _kept(call, "distributions")[id] = one
    return {"Distribution": _full(one, "InProgress"), "ETag": one["etag"]}


@operation("cloudfront", "GetDistribution")
def get_distribution(call):
    one = _find(call, "distributions", "NoSuchDistribution")
    return {"Distribution": _full(one), "ETag": one["etag"]}


@operation("cloudfront", "UpdateDistribution")
def update_distribution(call):
    one = _find(call, "distributions", "NoSuchDistribution")
    _matching(call, one)
    one.update(config=_checked(call), etag=_id("E", 13), LastModifiedTime=state.now())
    return {"Distribution": _full(one, "InProgress"), "ETag": one["etag"]}


@operation("cloudfront", "DeleteDistribution")
def delete_distribution(call):
    one = _find(call, "distributions", "NoSuchDistribution")
    _matching(call, one)
    if one["config"]["Enabled"]:
        raise error("DistributionNotDisabled", "The distribution must be disabled first.", 409)
    del _kept(call, "distributions")[one["Id"]]
    return {}


@operation("cloudfront", "ListDistributions")
def list_distributions(call):
    rows = []
    for one in _kept(call, "distributions").values():
        config = one["config"]
        row = {
            key: value
            for key, value in _full(one).items()
            if key not in ("DistributionConfig", "InProgressInvalidationBatches")
        }
        row |= {
            "Aliases": _none(),
            "CacheBehaviors": _none(),
            "CustomErrorResponses": _none(),
            "HttpVersion": "http2",
            "IsIPV6Enabled": False,
            "PriceClass": "PriceClass_All",
            "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
            "Staging": False,
            "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
            "WebACLId": "",
        }
        shared = (
            "Aliases",
            "Origins",
            "OriginGroups",
            "DefaultCacheBehavior",
            "CacheBehaviors",
            "CustomErrorResponses",
            "Comment",
        )
        shared += (
            "PriceClass",
            "Enabled",
            "ViewerCertificate",
            "Restrictions",
            "WebACLId",
            "HttpVersion",
            "IsIPV6Enabled",
            "Staging",
        )
        row |= {member: config[member] for member in shared if config.get(member) is not None}
        rows.append(row)
    return {"DistributionList": _page(call, rows)}
