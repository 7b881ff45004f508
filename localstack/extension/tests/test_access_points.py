import json

import pytest

from test_s3 import ANYONE

OWNER_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}
    ],
}
OPEN = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False
)


@pytest.fixture
def bucket(emulator, account):
    name = f"points-{account}"
    emulator.client("s3", account).create_bucket(Bucket=name)
    return name


@pytest.fixture
def control(emulator, account):
    return emulator.client("s3control", account)


def open_bucket(emulator, account, bucket):
    emulator.client("s3", account).delete_public_access_block(Bucket=bucket)


def test_an_access_point(control, account, bucket, refused):
    asked = {"AccountId": account, "Name": "reports"}
    made = control.create_access_point(**asked, Bucket=bucket)
    assert made["AccessPointArn"] == f"arn:aws:s3:us-east-1:{account}:accesspoint/reports"
    assert refused(control.create_access_point, **asked, Bucket=bucket) == "AccessPointAlreadyOwnedByYou"

    (row,) = control.list_access_points(AccountId=account, MaxResults=1000)["AccessPointList"]
    assert row == {
        "Name": "reports",
        "Bucket": bucket,
        "NetworkOrigin": "Internet",
        "AccessPointArn": made["AccessPointArn"],
        "Alias": made["Alias"],
        "BucketAccountId": account,
    }
    whole = control.get_access_point(**asked)
    assert all(whole["PublicAccessBlockConfiguration"].values()) and whole["CreationDate"]
    assert refused(control.get_access_point_policy, **asked) == "NoSuchAccessPointPolicy"
    assert refused(control.get_access_point_policy_status, **asked) == "NoSuchAccessPointPolicy"

    text = json.dumps(OWNER_ONLY)
    control.put_access_point_policy(**asked, Policy=text)
    assert control.get_access_point_policy(**asked)["Policy"] == text
    assert not control.get_access_point_policy_status(**asked)["PolicyStatus"]["IsPublic"]
    control.delete_access_point_policy(**asked)
    assert refused(control.get_access_point_policy, **asked) == "NoSuchAccessPointPolicy"
    control.delete_access_point(**asked)
    assert refused(control.get_access_point, **asked) == "NoSuchAccessPoint"
    assert refused(control.get_access_point_policy, **asked) == "NoSuchAccessPoint"


def test_access_points_lie_in_a_region_and_an_account(emulator, control, account, other, bucket, refused):
    control.create_access_point(AccountId=account, Name="here", Bucket=bucket)
    west = emulator.client("s3control", account, "eu-west-1")
    assert west.list_access_points(AccountId=account)["AccessPointList"] == []
    code = refused(west.create_access_point, AccountId=account, Name="there", Bucket=bucket)
    assert code == "InvalidRequest"
    stranger = emulator.client("s3control", other)
    assert stranger.list_access_points(AccountId=other)["AccessPointList"] == []
    path, header = "/v20180820/accesspoint", {"x-amz-account-id": account}
    status, _, text = emulator.raw("s3", other, "", header, path, "GET")
    assert status == 403 and "<Code>AccessDenied</Code>" in text
    code = refused(stranger.create_access_point, AccountId=other, Name="far", Bucket=bucket)
    assert code == "AccessDenied"
    # on another account's bucket, whose owner must be named
    asked = {"AccountId": other, "Name": "far", "Bucket": bucket, "BucketAccountId": account}
    stranger.create_access_point(**asked)
    (row,) = stranger.list_access_points(AccountId=other)["AccessPointList"]
    assert row["BucketAccountId"] == account
    code = refused(control.create_access_point, AccountId=account, Name="none", Bucket=f"{bucket}-x")
    assert code == "NoSuchBucket"


def test_public_policies_of_access_points(emulator, control, account, bucket, refused):
    def make(name, **members):
        control.create_access_point(AccountId=account, Name=name, Bucket=bucket, **members)
        return {"AccountId": account, "Name": name, "Policy": json.dumps(ANYONE)}

    def public(name):
        status = control.get_access_point_policy_status(AccountId=account, Name=name)
        return status["PolicyStatus"]["IsPublic"]

    shut, wide = make("shut"), make("wide", PublicAccessBlockConfiguration=OPEN)
    # the bucket's own setting forbids it as well
    assert refused(control.put_access_point_policy, **wide) == "AccessDenied"
    open_bucket(emulator, account, bucket)
    assert refused(control.put_access_point_policy, **shut) == "AccessDenied"
    control.put_access_point_policy(**wide)
    assert public("wide")
    inner = make("inner", VpcConfiguration={"VpcId": "vpc-1"})
    control.put_access_point_policy(**inner)
    assert not public("inner")
    whole = control.get_access_point(AccountId=account, Name="inner")
    assert whole["NetworkOrigin"] == "VPC" and whole["VpcConfiguration"] == {"VpcId": "vpc-1"}

    # any access point of an account is a limit in a bucket's policy, but not here
    limited = json.loads(wide["Policy"])
    arn = f"arn:aws:s3:*:{account}:accesspoint/*"
    limited["Statement"][0]["Condition"] = {"ArnLike": {"s3:DataAccessPointArn": arn}}
    control.put_access_point_policy(**{**wide, "Policy": json.dumps(limited)})
    assert public("wide")
    code = refused(control.put_access_point_policy, **{**wide, "Policy": "no JSON"})
    assert code == "MalformedPolicy"


def test_pages_of_access_points(control, account, bucket, pages):
    for number in range(3):
        control.create_access_point(AccountId=account, Name=f"page-{number}", Bucket=bucket)
    first = control.list_access_points(AccountId=account, MaxResults=2)
    assert [r["Name"] for r in first["AccessPointList"]] == ["page-0", "page-1"]
    rest = control.list_access_points(AccountId=account, MaxResults=2, NextToken=first["NextToken"])
    assert [r["Name"] for r in rest["AccessPointList"]] == ["page-2"] and "NextToken" not in rest
    pages(1)
    assert len(control.list_access_points(AccountId=account)["AccessPointList"]) == 1


def test_multi_region_access_points(emulator, account, bucket, refused):
    control = emulator.client("s3control", account, "us-west-2")
    asked = {"AccountId": account, "Name": "world"}
    assert control.list_multi_region_access_points(AccountId=account)["AccessPoints"] == []
    regions = [{"Bucket": bucket}]
    token = control.create_multi_region_access_point(
        AccountId=account, Details={"Name": "world", "Regions": regions}
    )["RequestTokenARN"]
    progress = control.describe_multi_region_access_point_operation(
        AccountId=account, RequestTokenARN=token
    )
    assert progress["AsyncOperation"]["RequestStatus"] == "SUCCEEDED"

    (row,) = control.list_multi_region_access_points(AccountId=account)["AccessPoints"]
    assert row["Status"] == "READY" and row["Alias"].endswith(".mrap")
    assert row["Regions"] == [{"Bucket": bucket, "Region": "us-east-1", "BucketAccountId": account}]
    assert all(row["PublicAccessBlock"].values()) and len(row["PublicAccessBlock"]) == 4
    assert control.get_multi_region_access_point(**asked)["AccessPoint"] == row
    assert "Established" not in control.get_multi_region_access_point_policy(**asked)["Policy"]

    details = {"Name": "world", "Policy": json.dumps(ANYONE)}
    put = control.put_multi_region_access_point_policy
    assert refused(put, AccountId=account, Details=details) == "AccessDenied"
    details["Policy"] = json.dumps(OWNER_ONLY)
    put(AccountId=account, Details=details)
    policy = control.get_multi_region_access_point_policy(**asked)["Policy"]
    assert policy["Established"] == policy["Proposed"] == {"Policy": details["Policy"]}
    status = control.get_multi_region_access_point_policy_status(**asked)
    assert status["Established"]["IsPublic"] is False

    control.delete_multi_region_access_point(AccountId=account, Details={"Name": "world"})
    code = refused(control.get_multi_region_access_point_policy, **asked)
    assert code == "NoSuchMultiRegionAccessPoint"


def test_open_multi_region_access_point(emulator, account, bucket):
    control = emulator.client("s3control", account, "us-west-2")
    details = {"Name": "wide", "Regions": [{"Bucket": bucket}], "PublicAccessBlock": OPEN}
    control.create_multi_region_access_point(AccountId=account, Details=details)
    policy = {"Name": "wide", "Policy": json.dumps(ANYONE)}
    control.put_multi_region_access_point_policy(AccountId=account, Details=policy)
    status = control.get_multi_region_access_point_policy_status(AccountId=account, Name="wide")
    assert status["Established"]["IsPublic"] is True


def test_keys_of_kms(emulator, account, other, refused):
    kms = emulator.client("kms", account)
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/app", TargetKeyId=key["KeyId"])
    kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=f"arn:aws:iam::{other}:role/reader",
        Operations=["Decrypt"],
        Constraints={"EncryptionContextSubset": {"app": "one"}},
    )
    (grant,) = kms.list_grants(KeyId=key["KeyId"], Limit=100)["Grants"]
    assert grant["IssuingAccount"] == f"arn:aws:iam::{account}:root"
    assert grant["Constraints"] == {"EncryptionContextSubset": {"app": "one"}}
    policy = json.loads(kms.get_key_policy(KeyId=key["Arn"], PolicyName="default")["Policy"])
    assert policy["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{account}:root"}
    (alias,) = kms.list_aliases(Limit=100)["Aliases"]
    assert alias["TargetKeyId"] == key["KeyId"]
    kms.disable_key(KeyId=key["KeyId"])
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Disabled"
    missing = key["Arn"].replace(key["KeyId"], "12345678-1234-1234-1234-123456789012")
    assert refused(kms.describe_key, KeyId=missing) == "NotFoundException"
