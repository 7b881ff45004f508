"""The chain of tokens gives every row once, with the caller's limit, AWS's default and a cap."""

import pytest


def chain(client, operation, rows, **ask):
    """The sizes of the pages and all their rows."""
    sizes, found = [], []
    for page in client.get_paginator(operation).paginate(**ask):
        sizes.append(len(page.get(rows) or []))
        found += page.get(rows) or []
    return sizes, found


def several(count):
    return [f"row-{number:02}" for number in range(count)]


def make_groups(client):
    for name in several(6):
        client.create_security_group(GroupName=name, Description="d")


def make_instances(client):
    for _ in range(5):
        client.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)


def make_databases(client):
    for name in several(5):
        client.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="mysql",
            DBInstanceClass="db.t3.micro",
            AllocatedStorage=20,
            MasterUsername="admin",
            MasterUserPassword="password1",
        )


def make_users(client):
    for name in several(5):
        client.create_user(UserName=name)


def make_target_groups(client):
    for name in several(5):
        client.create_target_group(Name=name, TargetType="lambda")


def make_buckets(client):
    account = client._request_signer._credentials.access_key
    for name in several(5):
        client.create_bucket(Bucket=f"{name}-{account}")


def make_parameters(client):
    for name in several(5):
        client.put_parameter(Name=name, Value="v", Type="String")


def make_topics(client):
    for name in several(5):
        client.create_topic(Name=name)


CASES = [
    ("ec2", make_groups, "describe_security_groups", "SecurityGroups", "GroupId", 7),
    ("ec2", make_instances, "describe_instances", "Reservations", "ReservationId", 5),
    ("elbv2", make_target_groups, "describe_target_groups", "TargetGroups", "TargetGroupArn", 5),
    ("iam", make_users, "list_users", "Users", "UserName", 5),
    ("rds", make_databases, "describe_db_instances", "DBInstances", "DBInstanceIdentifier", 5),
    ("s3", make_buckets, "list_buckets", "Buckets", "Name", 5),
    ("sns", make_topics, "list_topics", "Topics", "TopicArn", 5),
    ("ssm", make_parameters, "describe_parameters", "Parameters", "Name", 5),
]


@pytest.mark.parametrize("service, make, operation, rows, key, count", CASES)
def test_every_row_once(emulator, account, pages, service, make, operation, rows, key, count):
    client = emulator.client(service, account)
    make(client)
    size, everything = chain(client, operation, rows)
    assert len(everything) == count and len(size) == 1
    pages(2)
    sizes, found = chain(client, operation, rows)
    assert sizes == [2] * (count // 2) + [1] * (count % 2)
    assert sorted(r[key] for r in found) == sorted(r[key] for r in everything)
    assert len({r[key] for r in found}) == count


def test_the_callers_limit(emulator, account):
    client = emulator.client("iam", account)
    make_users(client)
    first = client.list_users(MaxItems=2)
    assert len(first["Users"]) == 2 and first["IsTruncated"] and first["Marker"]
    again = [client.list_users(MaxItems=2, Marker=first["Marker"])["Users"] for _ in range(2)]
    assert again[0] == again[1] != first["Users"]
    last = client.list_users(MaxItems=3, Marker=first["Marker"])
    assert len(last["Users"]) == 3 and not last["IsTruncated"] and "Marker" not in last


def test_the_documented_default(emulator, account):
    ssm, ec2 = emulator.client("ssm", account), emulator.client("ec2", account)
    made = ec2.run_instances(ImageId="ami-12345678", MinCount=12, MaxCount=12)["Instances"]
    item = {
        "TypeName": "AWS:InstanceInformation",
        "SchemaVersion": "1.0",
        "CaptureTime": "2026-01-01T00:00:00Z",
        "Content": [{"AgentVersion": "1"}],
    }
    for row in made:
        ssm.put_inventory(InstanceId=row["InstanceId"], Items=[item])
    rows = "InstanceInformationList"
    assert chain(ssm, "describe_instance_information", rows)[0] == [10, 2]
    assert chain(ssm, "describe_instance_information", rows, MaxResults=50)[0] == [12]


def test_several_lists_make_one_sequence(emulator, account, pages):
    client = emulator.client("iam", account)
    make_users(client)
    trust = '{"Version":"2012-10-17","Statement":[]}'
    for name in several(3):
        client.create_group(GroupName=name)
        client.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    pages(2)
    ask = {"Filter": ["User", "Group", "Role", "LocalManagedPolicy"]}
    kinds = ("UserDetailList", "GroupDetailList", "RoleDetailList")
    got = list(client.get_paginator("get_account_authorization_details").paginate(**ask))
    assert [sum(len(p[kind]) for kind in kinds) for p in got] == [2, 2, 2, 2, 2, 1]
    assert [sum(len(p[kind]) for p in got) for kind in kinds] == [5, 3, 3]


def test_nested_results(emulator, account, pages):
    pages(2)
    client = emulator.client("rds", account)
    ask = {"DBParameterGroupFamily": "mysql8.4"}
    found = []
    for page in client.get_paginator("describe_engine_default_parameters").paginate(**ask):
        assert len(page["EngineDefaults"]["Parameters"]) <= 2
        found += [p["ParameterName"] for p in page["EngineDefaults"]["Parameters"]]
    assert len(found) == len(set(found)) > 2


def test_objects_page_in_s3s_own_way(emulator, account, pages):
    client = emulator.client("s3", account)
    client.create_bucket(Bucket=f"one-{account}")
    for name in several(5):
        client.put_object(Bucket=f"one-{account}", Key=name, Body=b"x")
    pages(2)
    sizes, found = chain(client, "list_objects_v2", "Contents", Bucket=f"one-{account}")
    assert sizes == [2, 2, 1] and [r["Key"] for r in found] == several(5)


def test_a_token_of_nobody(emulator, account, other, refused):
    ec2 = emulator.client("ec2", account)
    assert refused(ec2.describe_volumes, NextToken="x") == "InvalidParameterValue"
    iam = emulator.client("iam", account)
    make_users(iam)
    marker = iam.list_users(MaxItems=1)["Marker"]
    theirs = emulator.client("iam", other)
    assert refused(theirs.list_users, Marker=marker) == "ValidationError"
    ssm = emulator.client("ssm", account)
    assert refused(ssm.describe_instance_information, NextToken="x") == "InvalidNextToken"
