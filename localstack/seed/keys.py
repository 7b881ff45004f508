"""KMS keys, their policies, aliases and grants."""

from .policies import ORGANIZATION, PARTNER, document, root, statement
from .target import say

USE = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]


class Keys:
    def __init__(self, target, region):
        self.kms, self.account, self.region = target.client("kms", region), target.account, region

    def key(self, *aliases, everyone=None):
        """everyone: the conditions under which all may use it; None: the default policy."""
        more = {}
        if everyone is not None:
            more["Policy"] = document(
                statement("kms:*", "*", root(self.account)),
                statement(USE, "*", {"AWS": "*"}, **everyone),
            )
        made = self.kms.create_key(
            Description=aliases[0], Tags=[{"TagKey": "Name", "TagValue": aliases[0]}], **more
        )
        id = made["KeyMetadata"]["KeyId"]
        for alias in aliases:
            self.kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=id)
        return id

    def grant(self, key, grantee, *operations, **context):
        more = {"Constraints": {"EncryptionContextSubset": context}} if context else {}
        self.kms.create_grant(
            KeyId=key, GranteePrincipal=grantee, Operations=list(operations), **more
        )

    def service(self, name):
        return {"kms:ViaService": f"{name}.{self.region}.amazonaws.com"}


def demo(target):
    say("keys of us-east-1 and eu-west-1")
    k = Keys(target, "us-east-1")
    # as AWS writes it for the keys that it manages
    caller = {"kms:CallerAccount": k.account} | k.service("s3")
    orders = k.key("orders", "orders-2024", everyone={"StringEquals": caller})
    k.grant(orders, f"arn:aws:iam::{k.account}:role/report-builder", "Decrypt", shop="us")
    analytics = k.key(
        "analytics", everyone={"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    )
    k.grant(analytics, f"arn:aws:iam::{PARTNER}:role/importer", "Decrypt", "DescribeKey")
    k.key("catalogue-feed", everyone={})
    # whoever calls S3 comes by way of S3
    k.key("photo-uploads", everyone={"StringEquals": k.service("s3")})
    k.kms.disable_key(KeyId=k.key("old-crm"))
    k.kms.schedule_key_deletion(KeyId=k.key("archive-2019"), PendingWindowInDays=30)

    k = Keys(target, "eu-west-1")
    orders = k.key("eu-orders")
    k.grant(orders, f"arn:aws:iam::{k.account}:role/report-builder", "Decrypt", shop="eu")


def second(target):
    say("keys of us-east-1")
    Keys(target, "us-east-1").key("lab-data")
