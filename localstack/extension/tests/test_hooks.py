import time

import pytest
from botocore.exceptions import ClientError


def test_calls_are_counted(emulator, account, other):
    emulator.client("ec2", account).describe_volumes()
    emulator.client("ec2", account).describe_volumes()
    emulator.client("ec2", account, "eu-west-1").describe_volumes()
    emulator.raw("ec2", account, "Action=DescribeLockedSnapshots&Version=2016-11-15")
    status, counted = emulator.hook(f"calls?account={account}")
    assert status == 200 and counted["total"] == 4
    rows = {(r["region"], r["operation"]): r["calls"] for r in counted["calls"]}
    assert rows == {
        ("us-east-1", "ec2:DescribeVolumes"): 2,
        ("us-east-1", "ec2:DescribeLockedSnapshots"): 1,
        ("eu-west-1", "ec2:DescribeVolumes"): 1,
    }
    assert emulator.hook(f"calls?account={other}")[1]["total"] == 0
    assert emulator.hook(f"calls?account={account}", method="DELETE")[0] == 200
    assert emulator.hook(f"calls?account={account}")[1] == {"total": 0, "calls": []}


def test_every_page_is_a_call(emulator, account, pages):
    client = emulator.client("iam", account)
    for name in ("a", "b", "c"):
        client.create_user(UserName=name)
    emulator.hook(f"calls?account={account}", method="DELETE")
    pages(1)
    list(client.get_paginator("list_users").paginate())
    (row,) = emulator.hook(f"calls?account={account}")[1]["calls"]
    assert row["operation"] == "iam:ListUsers" and row["calls"] == 3


def test_latency(emulator, account):
    client = emulator.client("ec2", account)
    client.describe_volumes()
    try:
        assert emulator.hook("latency", {"ms": 200})[0] == 200
        start = time.monotonic()
        client.describe_volumes()
        assert time.monotonic() - start >= 0.2
    finally:
        emulator.hook("latency", {"ms": 0})


def test_denials(emulator, account, other):
    calls = (
        ("ec2", "describe_volumes", "UnauthorizedOperation"),
        ("s3", "list_buckets", "AccessDenied"),
        ("ssm", "describe_instance_information", "AccessDeniedException"),
        ("rds", "describe_db_instances", "AccessDenied"),
    )
    denied = [
        "ec2:DescribeVolumes",
        "s3:ListBuckets",
        "ssm:DescribeInstanceInformation",
        "rds:DescribeDBInstances",
    ]
    assert emulator.hook("deny", {"account": account, "operations": denied})[0] == 200
    for service, name, code in calls:
        with pytest.raises(ClientError) as refused:
            getattr(emulator.client(service, account), name)()
        assert refused.value.response["Error"]["Code"] == code
        getattr(emulator.client(service, other), name)()
    emulator.client("ec2", account).describe_instances()
    assert emulator.hook("deny", {"account": account, "operations": []})[0] == 200
    for service, name, _ in calls:
        getattr(emulator.client(service, account), name)()


def test_nonsense_is_refused_with_a_sentence(emulator, account):
    body = {"account": account, "region": "us-east-1", "kind": "rds:instance", "id": "x"}
    for path, wrong, word in (
        ("backdate", {**body, "kind": "rds:nothing", "fields": {"x": 1}}, "unknown kind"),
        ("backdate", {**body, "fields": {"Nothing": 1}}, "no field Nothing"),
        ("backdate", {**body, "fields": {}}, "fields"),
        ("backdate", {**body, "fields": {"LatestRestorableTime": "soon"}}, "no time"),
        ("backdate", {**body, "fields": {"MultiAZ": "yes"}}, "boolean"),
        ("backdate", {**body, "account": "1", "fields": {"MultiAZ": True}}, "twelve"),
        ("backdate", {"account": account}, "missing"),
        ("root", {"account": account, "mfa": "some"}, "mfa"),
        ("root", {"account": account, "colour": "red"}, "unknown"),
        ("pages", {"cap": 0}, "cap"),
        ("latency", {"ms": -1}, "ms"),
        ("deny", {"account": account, "operations": "ec2:DescribeVolumes"}, "list"),
        ("deny", {"account": account, "operations": ["DescribeVolumes"]}, "no operation"),
    ):
        status, answer = emulator.hook(path, wrong)
        assert status == 400 and word in answer["error"], (path, wrong, answer)


def test_a_fact_can_be_taken_back(emulator, account):
    ec2 = emulator.client("ec2", account)
    id = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    where = {"account": account, "region": "us-east-1", "kind": "ec2:instance", "id": id}

    def launched():
        return ec2.describe_instances()["Reservations"][0]["Instances"][0]["LaunchTime"]

    emulator.hook("backdate", {**where, "fields": {"LaunchTime": "2020-01-01T00:00:00Z"}})
    assert launched().year == 2020
    assert emulator.client("ec2", account, "eu-west-1").describe_instances()["Reservations"] == []
    emulator.hook("backdate", {**where, "fields": {"LaunchTime": None}})
    assert launched().year > 2020
