"""moto's services on the same port, accounts and regions apart, and what stays unimplemented."""

import json

import pytest
from botocore.exceptions import ClientError

LISTS = [
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"),
    ("backup", "list_backup_vaults", "BackupVaultList"),
    ("cloudtrail", "describe_trails", "trailList"),
    ("efs", "describe_file_systems", "FileSystems"),
    ("elb", "describe_load_balancers", "LoadBalancerDescriptions"),
    ("elbv2", "describe_load_balancers", "LoadBalancers"),
    ("guardduty", "list_detectors", "DetectorIds"),
    ("rds", "describe_db_instances", "DBInstances"),
]


@pytest.mark.parametrize("service, operation, rows", LISTS)
def test_an_empty_account_lists_nothing(emulator, account, service, operation, rows):
    assert getattr(emulator.client(service, account), operation)()[rows] == []


def test_organizations(emulator, account, refused):
    client = emulator.client("organizations", account)
    assert refused(client.describe_organization) == "AWSOrganizationsNotInUseException"
    client.create_organization(FeatureSet="ALL")
    client.create_account(Email="a@example.com", AccountName="one")
    assert len(client.list_accounts()["Accounts"]) == 2


def test_security_hub_says_that_it_is_off(emulator, account, refused):
    client = emulator.client("securityhub", account)
    assert refused(client.describe_hub) == "InvalidAccessException"
    client.enable_security_hub()
    assert client.describe_hub()["HubArn"]


def test_inspector_answers_for_the_own_account(emulator, account):
    client = emulator.client("inspector2", account)
    (row,) = client.batch_get_account_status()["accounts"]
    assert row["accountId"] == account and row["state"]["status"] == "DISABLED"
    client.enable(resourceTypes=["EC2"])
    (row,) = client.batch_get_account_status()["accounts"]
    assert row["resourceState"]["ec2"]["status"] == "ENABLED"


def test_guardduty_detector(emulator, account, refused):
    client = emulator.client("guardduty", account)
    made = client.create_detector(Enable=True)["DetectorId"]
    assert client.get_detector(DetectorId=made)["Status"] == "ENABLED"
    assert refused(client.get_detector, DetectorId="0" * 32) == "BadRequestException"


def test_a_trail_finds_its_bucket(emulator, account, refused):
    emulator.client("s3", account).create_bucket(Bucket=f"trail-{account}")
    client = emulator.client("cloudtrail", account)
    client.create_trail(Name="trail", S3BucketName=f"trail-{account}", IsMultiRegionTrail=True)
    selectors = client.get_event_selectors(TrailName="trail")["EventSelectors"]
    assert selectors[0]["ReadWriteType"] == "All" and selectors[0]["IncludeManagementEvents"]
    assert refused(client.get_insight_selectors, TrailName="trail") == "InsightNotEnabledException"
    west = emulator.client("cloudtrail", account, "eu-west-1")
    assert [t["HomeRegion"] for t in west.describe_trails()["trailList"]] == ["us-east-1"]
    assert west.describe_trails(includeShadowTrails=False)["trailList"] == []


def test_account_contacts_and_regions(emulator, account, refused):
    client = emulator.client("account", account)
    ask = {"AlternateContactType": "SECURITY"}
    assert refused(client.get_alternate_contact, **ask) == "ResourceNotFoundException"
    client.put_alternate_contact(
        **ask, EmailAddress="a@example.com", Name="n", PhoneNumber="1", Title="t"
    )
    assert client.get_alternate_contact(**ask)["AlternateContact"]["Name"] == "n"
    client.enable_region(RegionName="af-south-1")
    status = client.get_region_opt_status(RegionName="af-south-1")["RegionOptStatus"]
    assert status == "ENABLED"


def test_load_balancer_attributes_and_listeners(emulator, account):
    subnets = emulator.client("ec2", account).describe_subnets()["Subnets"][:2]
    client = emulator.client("elbv2", account)
    made = client.create_load_balancer(Name="one", Subnets=[s["SubnetId"] for s in subnets])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]

    def attributes():
        rows = client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        return {row["Key"]: row["Value"] for row in rows}

    assert attributes()["access_logs.s3.enabled"] == "false"
    assert attributes()["routing.http.drop_invalid_header_fields.enabled"] == "false"
    assert attributes()["load_balancing.cross_zone.enabled"] == "true"
    client.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )
    assert attributes()["deletion_protection.enabled"] == "true"
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
    client.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[redirect])
    (listener,) = client.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    assert "SslPolicy" not in listener


def test_accounts_and_regions_are_apart(emulator, account, other):
    ec2 = emulator.client("ec2", account)
    ec2.create_key_pair(KeyName="mine")
    assert len(ec2.describe_key_pairs()["KeyPairs"]) == 1
    assert emulator.client("ec2", account, "eu-west-1").describe_key_pairs()["KeyPairs"] == []
    assert emulator.client("ec2", other).describe_key_pairs()["KeyPairs"] == []
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    for who, where, now in (
        (account, "us-east-1", "block-new-sharing"),
        (account, "eu-west-1", "unblocked"),
        (other, "us-east-1", "unblocked"),
    ):
        answer = emulator.client("ec2", who, where).get_image_block_public_access_state()
        assert answer["ImageBlockPublicAccessState"] == now


def _trust(emulator, account, who, condition=None):
    statement = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    name = f"audit-{len(who)}-{bool(condition)}"
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = emulator.client("iam", account).create_role(
        RoleName=name, AssumeRolePolicyDocument=document
    )
    return role["Role"]["Arn"]


def test_a_role_leads_to_its_account(emulator, account, other):
    role = _trust(emulator, other, f"arn:aws:iam::{account}:root")
    got = emulator.client("sts", account).assume_role(RoleArn=role, RoleSessionName="test")
    client = emulator.client("sts", got["Credentials"]["AccessKeyId"])
    assert client.get_caller_identity()["Account"] == other


def test_a_role_asks_who_comes(emulator, account, other):
    sts = emulator.client("sts", account)
    external = {"StringEquals": {"sts:ExternalId": "x1"}}
    with_id = _trust(emulator, other, account, external)
    assert sts.assume_role(RoleArn=with_id, RoleSessionName="test", ExternalId="x1")["Credentials"]
    closed = _trust(emulator, other, "arn:aws:iam::999999999999:root")
    for role, members in (
        (f"arn:aws:iam::{other}:role/none", {}),
        (closed, {}),
        (with_id, {}),
        (with_id, {"ExternalId": "x2"}),
    ):
        with pytest.raises(ClientError) as refused:
            sts.assume_role(RoleArn=role, RoleSessionName="test", **members)
        assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_what_nobody_implements_answers_501(emulator, account):
    status, _, text = emulator.raw("ec2", account, "Action=DescribeLockedSnapshots&Version=2016-11-15")
    assert status == 501 and "InternalFailure" in text
    status, _, text = emulator.raw(
        "ssm",
        account,
        "{}",
        {"X-Amz-Target": "AmazonSSM.ListNodes", "Content-Type": "application/x-amz-json-1.1"},
    )
    assert status == 501


def test_an_operation_that_the_model_lacks_is_a_client_error(emulator, account):
    status, _, text = emulator.raw("ec2", account, "Action=DescribeNonsense&Version=2016-11-15")
    assert status == 400 and "<Code>InvalidAction</Code>" in text
