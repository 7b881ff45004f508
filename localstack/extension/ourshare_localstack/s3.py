"""S3: what is public, and the settings that forbid it.

LocalStack stores the settings faithfully but acts on few of them; here they do
what the S3 guide says ("Blocking public access to your Amazon S3 storage",
"Controlling ownership of objects and disabling ACLs for your bucket").
"""

from localstack.services.s3.models import s3_stores
from moto.s3control.models import s3control_backends

from . import s3_policy
from .operations import error, operation

_EVERYONE = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")


def _bucket(call):
    name = call.request["Bucket"]
    owner = s3_stores[call.account][call.region].global_bucket_map.get(name)
    return s3_stores[owner][call.region].buckets.get(name) if owner else None


def _blocked(call, bucket, setting) -> bool:
    """The account's setting or the bucket's: the more restrictive one counts."""
    own = (bucket.public_access_block or {}) if bucket is not None else {}
    owner = bucket.bucket_account_id if bucket is not None else call.account
    account = s3control_backends[owner]["aws"].public_access_block
    # moto keeps the account's as text
    return bool(own.get(setting)) or str(getattr(account, _snake(setting), "")).lower() == "true"


def _snake(name):
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _ownership(bucket):
    return bucket.object_ownership if bucket is not None else None


def _grants_everyone(acl):
    grants = (acl or {}).get("Grants") or []
    return any((g.get("Grantee") or {}).get("URI") in _EVERYONE for g in grants)


def _asks_public(call):
    headers = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
    return (
        call.get("ACL") in _PUBLIC_ACLS
        or _grants_everyone(call.get("AccessControlPolicy"))
        or any(uri in call.get(header, "") for header in headers for uri in _EVERYONE)
    )


@operation("s3", "CreateBucket")
def create_bucket(call):
    """Every new bucket blocks public access, so it cannot start with a public ACL."""
    if _asks_public(call):
        raise error(
            "InvalidBucketAclWithBlockPublicAccessError",
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
        )
    if call.get("ACL", "private") != "private" and call.get("ObjectOwnership") not in (
        "BucketOwnerPreferred",
        "ObjectWriter",
    ):
        raise error(
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        )
    return call.next()


@operation("s3", "PutBucketAcl")
def put_bucket_acl(call):
    bucket = _bucket(call)
    private = call.get("ACL") in ("private", "bucket-owner-full-control")
    if _ownership(bucket) == "BucketOwnerEnforced" and not private:
        raise error("AccessControlListNotSupported", "The bucket does not allow ACLs")
    if _asks_public(call) and _blocked(call, bucket, "BlockPublicAcls"):
        raise error("AccessDenied", "Access Denied", 403)
    return call.next()


@operation("s3", "GetBucketAcl")
def get_bucket_acl(call):
    """The effective grants: those without effect are not shown."""
    answer, bucket = call.next(), _bucket(call)
    if _ownership(bucket) == "BucketOwnerEnforced":
        owner = {**answer["Owner"], "Type": "CanonicalUser"}
        return {**answer, "Grants": [{"Grantee": owner, "Permission": "FULL_CONTROL"}]}
    if _blocked(call, bucket, "IgnorePublicAcls"):
        grants = [g for g in answer["Grants"] if g["Grantee"].get("URI") not in _EVERYONE]
        return {**answer, "Grants": grants}
    return answer


@operation("s3", "PutBucketPolicy")
def put_bucket_policy(call):
    bucket = _bucket(call)
    if bucket is not None and _blocked(call, bucket, "BlockPublicPolicy"):
        try:
            public = s3_policy.is_public(call.request["Policy"])
        except ValueError:
            public = False
        if public:
            raise error("AccessDenied", "Access Denied", 403)
    return call.next()


@operation("s3", "GetBucketPolicyStatus")
def get_bucket_policy_status(call):
    """Of the policy alone: neither ACLs nor the block of public access are considered."""
    bucket = _bucket(call)
    if bucket is None:
        raise error("NoSuchBucket", "The specified bucket does not exist", 404)
    if not bucket.policy:
        raise error("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
    return {"PolicyStatus": {"IsPublic": s3_policy.is_public(bucket.policy)}}


@operation("s3", "GetBucketAbac")
def get_bucket_abac(call):
    """Off until PutBucketAbac turns it on, which stays unimplemented."""
    if _bucket(call) is None:
        raise error("NoSuchBucket", "The specified bucket does not exist", 404)
    return {"AbacStatus": {"Status": "Disabled"}}
