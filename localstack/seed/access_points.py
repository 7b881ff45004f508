"""Access points of the data lake, whose bucket leaves it to them whom they let in."""

from .policies import PARTNER, document, root, statement
from .storage import block
from .target import say

LAKE = "fernhill-data-lake"


class AccessPoints:
    def __init__(self, target, region):
        self.control, self.account = target.client("s3control", region), target.account
        self.region = region

    def point(self, name, bucket, principal, vpc=None, blocked=True, **condition):
        """blocked: as a new one is; its own block is never changed afterwards."""
        more = {"VpcConfiguration": {"VpcId": vpc}} if vpc else {}
        if not blocked:
            more["PublicAccessBlockConfiguration"] = block()
        made = self.control.create_access_point(
            AccountId=self.account, Name=name, Bucket=bucket, **more
        )
        objects = f"{made['AccessPointArn']}/object/*"
        policy = document(statement("s3:GetObject", objects, principal, **condition))
        self.control.put_access_point_policy(AccountId=self.account, Name=name, Policy=policy)

    def world(self, name, buckets, principal):
        """A multi-region access point."""
        details = {"Name": name, "Regions": [{"Bucket": b} for b in buckets]}
        self.control.create_multi_region_access_point(AccountId=self.account, Details=details)
        made = self.control.get_multi_region_access_point(AccountId=self.account, Name=name)
        objects = f"arn:aws:s3::{self.account}:accesspoint/{made['AccessPoint']['Alias']}/object/*"
        policy = document(statement("s3:GetObject", objects, principal))
        self.control.put_multi_region_access_point_policy(
            AccountId=self.account, Details={"Name": name, "Policy": policy}
        )


def demo(target, vpcs):
    say("access points of us-east-1")
    a = AccessPoints(target, "us-east-1")
    reports = {"AWS": f"arn:aws:iam::{a.account}:role/report-builder"}
    a.point("lake-reports", LAKE, reports)
    a.point("lake-partner", LAKE, root(PARTNER))
    # from a VPC only, which is never public
    a.point("lake-warehouse", LAKE, "*", vpc=vpcs["shop-vpc"].id)
    # looks limited, and is not: in an access point's own policy its name must be fixed
    any_point = f"arn:aws:s3:{a.region}:{a.account}:accesspoint/*"
    a.point("lake-open", LAKE, "*", blocked=False, StringLike={"s3:DataAccessPointArn": any_point})
    # made in any region, asked for in us-west-2 only
    AccessPoints(target, "us-west-2").world("worldwide", [LAKE, "fernhill-eu-media"], reports)
