"""Buckets and the account's public access block."""

import json

from botocore.exceptions import ClientError

from .policies import ORGANIZATION, PARTNER, root
from .target import Refused, say, tags

PUBLIC_ACCESS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
PRINTER = "7f3c9a52d0e84b16a9c1f5d27e60b384c9a1d7e5f2b8064c3d9e71a5b60f28c4"  # a canonical user


def block(*names):
    """All four settings, those named on."""
    return {name: name in names for name in PUBLIC_ACCESS}


class Bucket:
    """A bucket as a new one is today: all access blocked, ACLs disabled."""

    def __init__(self, target, region, name, lock=False, ownership="BucketOwnerEnforced"):
        self.s3, self.name = target.client("s3", region), name
        where = {}
        if region != "us-east-1":
            where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self.s3.create_bucket(
                Bucket=name, ObjectLockEnabledForBucket=lock, ObjectOwnership=ownership, **where
            )
        except ClientError as e:
            if e.response["Error"]["Code"] not in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou"):
                raise
            raise Refused(
                f"The bucket {name} exists: bucket names are shared by all accounts of an "
                "emulator, so each of them holds this company once."
            ) from None
        self.public_access(*PUBLIC_ACCESS)

    def public_access(self, *names):
        self.s3.put_public_access_block(
            Bucket=self.name, PublicAccessBlockConfiguration=block(*names)
        )

    def no_public_access_block(self):
        self.s3.delete_public_access_block(Bucket=self.name)

    def versioned(self, status="Enabled"):
        self.s3.put_bucket_versioning(
            Bucket=self.name, VersioningConfiguration={"Status": status}
        )

    def lifecycle(self, status="Enabled"):
        rule = {
            "ID": "expire",
            "Status": status,
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": 400},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
        self.s3.put_bucket_lifecycle_configuration(
            Bucket=self.name, LifecycleConfiguration={"Rules": [rule]}
        )

    def logged_to(self, target_bucket):
        self.s3.put_bucket_logging(
            Bucket=self.name,
            BucketLoggingStatus={
                "LoggingEnabled": {"TargetBucket": target_bucket, "TargetPrefix": f"{self.name}/"}
            },
        )

    def policy(self, *statements):
        self.s3.put_bucket_policy(
            Bucket=self.name,
            Policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
        )

    def tagged(self, **more):
        self.s3.put_bucket_tagging(Bucket=self.name, Tagging={"TagSet": tags(self.name, **more)})

    @property
    def objects(self):
        return f"arn:aws:s3:::{self.name}/*"

    def tls_only(self, action="s3:*", resources=None):
        """The statement that AWS recommends: whatever comes without TLS is denied."""
        return {
            "Sid": "TLSOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": action,
            "Resource": resources or [f"arn:aws:s3:::{self.name}", self.objects],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }

    def allow(self, principal, action="s3:GetObject", **condition):
        statement = {
            "Effect": "Allow",
            "Principal": principal,
            "Action": action,
            "Resource": self.objects,
        }
        return statement | ({"Condition": condition} if condition else {})


def well_kept(target, region, name, logs, lock=True):
    b = Bucket(target, region, name, lock)
    b.versioned()
    b.lifecycle()
    if logs:
        b.logged_to(logs)
    b.policy(b.tls_only())
    return b


def demo(target):
    say("buckets of us-east-1 and eu-west-1")
    _america(target)
    _europe(target)


def close_account(target):
    """The account's block, the last of all."""
    # set when much was public already; it stops what is new, not what is there
    target.client("s3control").put_public_access_block(
        AccountId=target.account,
        PublicAccessBlockConfiguration=block("BlockPublicAcls", "BlockPublicPolicy"),
    )


def _log_delivery(bucket, account):
    return bucket.allow(
        {"Service": "logging.s3.amazonaws.com"},
        "s3:PutObject",
        StringEquals={"aws:SourceAccount": account},
    )


def _america(target):
    region, logs = "us-east-1", "fernhill-logs"
    b = Bucket(target, region, logs)
    b.versioned()
    b.lifecycle()
    b.policy(b.tls_only(), _log_delivery(b, target.account))
    b.tagged(Team="platform")

    b = well_kept(target, region, "fernhill-invoices", logs)
    b.s3.put_bucket_encryption(
        Bucket=b.name,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": _key(target, region),
                    },
                    "BucketKeyEnabled": True,
                }
            ]
        },
    )

    b = Bucket(target, region, "fernhill-website")
    b.no_public_access_block()
    b.s3.put_bucket_website(
        Bucket=b.name, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}}
    )
    b.policy(b.allow("*"))

    # made in 2019, when a new bucket was like this; photographers drop their pictures there
    b = Bucket(target, region, "fernhill-press", ownership="ObjectWriter")
    b.no_public_access_block()
    b.s3.put_bucket_acl(Bucket=b.name, ACL="public-read-write")
    b.versioned()

    # private, but whoever uploads an object decides on that object's ACL; the printer may list
    b = Bucket(target, region, "fernhill-uploads", ownership="ObjectWriter")
    b.no_public_access_block()
    owner = b.s3.get_bucket_acl(Bucket=b.name)["Owner"]["ID"]
    b.s3.put_bucket_acl(
        Bucket=b.name, GrantFullControl=f"id={owner}", GrantRead=f"id={PRINTER}"
    )

    # its own two settings, and the account's two, are all four together
    b = Bucket(target, region, "fernhill-backups", ownership="BucketOwnerPreferred")
    b.public_access("IgnorePublicAcls", "RestrictPublicBuckets")
    b.versioned("Suspended")
    b.lifecycle("Disabled")
    of_the_group = {"aws:PrincipalOrgID": ORGANIZATION}
    b.policy(b.tls_only(resources=b.objects), b.allow({"AWS": "*"}, StringEquals=of_the_group))

    # half of all addresses is no limit, neither for reading nor for writing
    b = Bucket(target, region, "fernhill-exports")
    b.no_public_access_block()
    half = {"aws:SourceIp": "0.0.0.0/1"}
    b.policy(
        b.allow("*", ["s3:GetObject", "s3:PutObject"], IpAddress=half), b.tls_only("s3:PutObject")
    )

    b = Bucket(target, region, "fernhill-partners")
    b.public_access("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy")
    b.policy(b.allow(root(PARTNER)), b.tls_only())
    b.logged_to(logs)

    # whom it lets in is for the access points to say
    b = Bucket(target, region, "fernhill-data-lake")
    b.public_access()
    b.policy(
        b.allow({"AWS": "*"}, "s3:*", StringEquals={"s3:DataAccessPointAccount": target.account}),
        b.tls_only(),
    )


def _europe(target):
    region = "eu-west-1"
    logs = "fernhill-eu-logs"
    b = well_kept(target, region, logs, None, lock=False)
    b.policy(b.tls_only(), _log_delivery(b, target.account))
    well_kept(target, region, "fernhill-eu-orders", logs)

    # its policy is public, but may not let the public in; CloudFront it may
    b = Bucket(target, region, "fernhill-eu-media")
    b.public_access("RestrictPublicBuckets")
    distribution = f"arn:aws:cloudfront::{target.account}:distribution/E2EXAMPLEMEDIA"
    b.policy(
        b.allow("*"),
        b.allow(
            {"Service": "cloudfront.amazonaws.com"}, StringEquals={"aws:SourceArn": distribution}
        ),
    )
    b.versioned()

    # a public ACL, ignored
    b = Bucket(target, region, "fernhill-eu-scratch", ownership="ObjectWriter")
    b.no_public_access_block()
    b.s3.put_bucket_acl(Bucket=b.name, ACL="authenticated-read")
    b.public_access("IgnorePublicAcls")
    # the worst that S3 lets people write into a tag
    b.tagged(Note="=1+1 @here -rf / ../../etc/passwd\u2028next\u00a0line", Team="+1+1")


def _key(target, region):
    kms = target.client("kms", region)
    id = kms.create_key(Description="Invoices", Tags=[{"TagKey": "Name", "TagValue": "invoices"}])
    kms.create_alias(AliasName="alias/invoices", TargetKeyId=id["KeyMetadata"]["KeyId"])
    return id["KeyMetadata"]["Arn"]


def second(target):
    say("buckets of us-east-1 and eu-west-1")
    target.client("s3control").put_public_access_block(
        AccountId=target.account, PublicAccessBlockConfiguration=block(*PUBLIC_ACCESS)
    )
    b = Bucket(target, "us-east-1", "fernhill-lab-data")
    b.no_public_access_block()
    b.versioned()
    b = Bucket(target, "eu-west-1", "fernhill-lab-results")
    b.no_public_access_block()
    b.policy(b.tls_only(), b.allow(root("111111111111"), ["s3:GetObject", "s3:PutObject"]))
