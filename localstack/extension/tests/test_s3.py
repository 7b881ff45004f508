import json

import pytest

ANYONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}],
}


@pytest.fixture
def s3(emulator, account):
    return emulator.client("s3", account)


@pytest.fixture
def bucket(s3, account):
    s3.create_bucket(Bucket=f"one-{account}")
    return f"one-{account}"


def open_to_acls(s3, bucket):
    s3.delete_public_access_block(Bucket=bucket)
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)


def shared(s3, bucket):
    return any("URI" in g["Grantee"] for g in s3.get_bucket_acl(Bucket=bucket)["Grants"])


def test_a_new_bucket(s3, bucket, refused):
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(block.values()) and len(block) == 4
    owner = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert refused(s3.get_bucket_policy, Bucket=bucket) == "NoSuchBucketPolicy"
    assert refused(s3.get_bucket_policy_status, Bucket=bucket) == "NoSuchBucketPolicy"
    lock = refused(s3.get_object_lock_configuration, Bucket=bucket)
    assert lock == "ObjectLockConfigurationNotFoundError"
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert s3.get_bucket_abac(Bucket=bucket)["AbacStatus"]["Status"] == "Disabled"
    assert refused(s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == "AccessControlListNotSupported"
    code = refused(s3.create_bucket, Bucket=f"{bucket}-b", ACL="public-read", ObjectOwnership="ObjectWriter")
    assert code == "InvalidBucketAclWithBlockPublicAccessError"


def test_buckets_say_their_region(emulator, account, s3, bucket):
    west = emulator.client("s3", account, "eu-west-1")
    where = {"LocationConstraint": "eu-west-1"}
    west.create_bucket(Bucket=f"two-{account}", CreateBucketConfiguration=where)
    rows = {b["Name"]: b["BucketRegion"] for b in s3.list_buckets(MaxBuckets=100)["Buckets"]}
    assert rows == {bucket: "us-east-1", f"two-{account}": "eu-west-1"}


def test_acls_show_what_is_in_effect(emulator, account, s3, bucket):
    open_to_acls(s3, bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    assert shared(s3, bucket)
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True}
    )
    assert not shared(s3, bucket)
    s3.delete_public_access_block(Bucket=bucket)
    control = emulator.client("s3control", account)
    control.put_public_access_block(
        AccountId=account, PublicAccessBlockConfiguration={"IgnorePublicAcls": True}
    )
    assert not shared(s3, bucket)
    control.delete_public_access_block(AccountId=account)
    assert shared(s3, bucket)


def test_public_policies(s3, bucket, refused):
    policy = {"Bucket": bucket, "Policy": json.dumps(ANYONE)}
    assert refused(s3.put_bucket_policy, **policy) == "AccessDenied"
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(**policy)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True


@pytest.mark.parametrize(
    "public, changes",
    [
        (False, {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}),
        (True, {"Principal": {"AWS": "*"}}),
        (True, {"Principal": {"Federated": "graph.facebook.com"}}),
        (False, {"Principal": {"Service": "cloudtrail.amazonaws.com"}}),
        (False, {"Effect": "Deny"}),
        (False, {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}}),
        (True, {"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}}),
        (False, {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}),
        (True, {"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}),
        (False, {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}}),
        (True, {"Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1234567890"}}}),
        (True, {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        (True, {"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-91237329"}}}),
    ],
)
def test_the_meaning_of_public(s3, bucket, public, changes):
    s3.delete_public_access_block(Bucket=bucket)
    statement = {**ANYONE["Statement"][0], **changes}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**ANYONE, "Statement": [statement]}))
    status = s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]
    assert status["IsPublic"] is public


def test_the_accounts_block(emulator, account, refused):
    control = emulator.client("s3control", account)
    ask = {"AccountId": account}
    absent = "NoSuchPublicAccessBlockConfiguration"
    assert refused(control.get_public_access_block, **ask) == absent
    control.put_public_access_block(
        **ask, PublicAccessBlockConfiguration={"BlockPublicPolicy": True}
    )
    block = control.get_public_access_block(**ask)["PublicAccessBlockConfiguration"]
    assert block["BlockPublicPolicy"] is True and block["BlockPublicAcls"] is False
    # as an SDK sends it that leaves the account out of the host
    status, _, text = emulator.raw(
        "s3",
        account,
        None,
        {"x-amz-account-id": account},
        "/v20180820/configuration/publicAccessBlock",
        "GET",
    )
    assert status == 200 and "<BlockPublicPolicy>true</BlockPublicPolicy>" in text


def test_object_lock_and_encryption_with_a_key(s3, account):
    name = f"lock-{account}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    lock = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    assert lock == {"ObjectLockEnabled": "Enabled"}
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
        "BucketKeyEnabled": True,
    }
    s3.put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
