import csv
import time

import pytest

TRUST = '{"Version":"2012-10-17","Statement":[]}'
ALLOW = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
)


@pytest.fixture
def iam(emulator, account):
    return emulator.client("iam", account)


def report(iam):
    while iam.generate_credential_report()["State"] != "COMPLETE":
        time.sleep(0.1)
    text = iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(text.splitlines())}


def test_a_report_takes_a_moment(iam, refused):
    assert refused(iam.get_credential_report) == "ReportNotPresent"
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert refused(iam.get_credential_report) == "ReportInProgress"
    assert set(report(iam)) == {"<root_account>"}


def test_the_report_of_a_user_and_its_ages(emulator, account, iam):
    iam.create_user(UserName="bob")
    iam.create_user(UserName="robot")
    iam.create_login_profile(UserName="bob", Password="Aa1!aaaaaaaaaa")
    key = iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    assert key.startswith("AKIA")
    row = report(iam)["bob"]
    assert row["password_enabled"] == "true" and row["password_last_used"] == "no_information"
    assert row["access_key_1_active"] == "true" and row["access_key_1_last_used_date"] == "N/A"
    assert row["access_key_2_active"] == "false" and row["access_key_2_last_rotated"] == "N/A"
    robot = report(iam)["robot"]
    assert robot["password_enabled"] == "false" and robot["password_last_changed"] == "N/A"

    def backdate(kind, id, **fields):
        body = {"account": account, "kind": kind, "id": id, "fields": fields}
        assert emulator.hook("backdate", body)[0] == 200

    backdate(
        "iam:user",
        "bob",
        CreateDate="2019-01-01T00:00:00Z",
        PasswordLastUsed="2020-01-01T00:00:00Z",
        PasswordLastChanged="2019-06-01T00:00:00Z",
    )
    backdate(
        "iam:access-key",
        key,
        CreateDate="2019-02-01T00:00:00Z",
        LastUsedDate="2021-01-01T00:00:00Z",
        LastUsedRegion="eu-west-1",
        LastUsedService="ec2",
    )
    row = report(iam)["bob"]
    assert row["user_creation_time"] == "2019-01-01T00:00:00+00:00"
    assert row["password_last_used"].startswith("2020")
    assert row["password_last_changed"].startswith("2019-06")
    assert row["access_key_1_last_rotated"].startswith("2019-02")
    assert row["access_key_1_last_used_service"] == "ec2"
    users = {u["UserName"]: u for u in iam.list_users()["Users"]}
    assert users["bob"]["PasswordLastUsed"].year == 2020 and users["bob"]["CreateDate"].year == 2019
    assert "PasswordLastUsed" not in users["robot"]
    (metadata,) = iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]
    assert metadata["CreateDate"].year == 2019
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert used["LastUsedDate"].year == 2021 and used["Region"] == "eu-west-1"


def test_the_root_user(emulator, account, iam):
    def summary():
        return iam.get_account_summary()["SummaryMap"]

    assert summary()["AccountMFAEnabled"] == 0 and summary()["AccountAccessKeysPresent"] == 0
    assert summary()["AccountPasswordPresent"] == 1
    facts = {
        "account": account,
        "mfa": "virtual",
        "access_keys": [{"last_rotated": "2015-01-01T00:00:00Z", "active": False}],
        "password_last_used": "2022-01-01T00:00:00Z",
    }
    assert emulator.hook("root", facts)[0] == 200
    assert summary()["AccountMFAEnabled"] == 1 and summary()["AccountAccessKeysPresent"] == 1
    row = report(iam)["<root_account>"]
    assert row["mfa_active"] == "true" and row["password_enabled"] == "not_supported"
    assert row["access_key_1_active"] == "false"
    assert row["access_key_1_last_rotated"].startswith("2015")
    assert row["password_last_used"].startswith("2022")
    (device,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert device["User"]["Arn"].endswith(":root")
    emulator.hook("root", {"account": account, "mfa": "hardware", "password": False})
    assert summary()["AccountMFAEnabled"] == 1 and summary()["AccountPasswordPresent"] == 0
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_virtual_mfa_devices_keep_their_secret(iam):
    iam.create_user(UserName="bob")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="bob")["VirtualMFADevice"]
    iam.enable_mfa_device(
        UserName="bob",
        SerialNumber=serial["SerialNumber"],
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    (row,) = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert row["User"]["UserName"] == "bob" and "Base32StringSeed" not in row
    assert report(iam)["bob"]["mfa_active"] == "true"


def test_the_password_policy(iam, refused):
    assert refused(iam.get_account_password_policy) == "NoSuchEntity"
    iam.update_account_password_policy(MinimumPasswordLength=14)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert policy["MinimumPasswordLength"] == 14 and not policy["ExpirePasswords"]
    assert "MaxPasswordAge" not in policy and "PasswordReusePrevention" not in policy
    iam.update_account_password_policy(MaxPasswordAge=90, PasswordReusePrevention=24)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert policy["MaxPasswordAge"] == 90 and policy["ExpirePasswords"]


def test_documents_are_url_encoded(emulator, account, iam):
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    policy = iam.create_policy(PolicyName="p", PolicyDocument=ALLOW)["Policy"]["Arn"]
    for ask in (
        "Action=GetAccountAuthorizationDetails&Filter.member.1=Role",
        f"Action=GetPolicyVersion&VersionId=v1&PolicyArn={policy}",
        "Action=GetRole&RoleName=r",
    ):
        _, _, text = emulator.raw("iam", account, ask + "&Version=2010-05-08")
        assert "%7B%22Version%22" in text and "{" not in text


def test_service_specific_credentials(iam):
    iam.create_user(UserName="bob")
    iam.create_service_specific_credential(
        UserName="bob", ServiceName="codecommit.amazonaws.com"
    )
    (row,) = iam.list_service_specific_credentials(UserName="bob")["ServiceSpecificCredentials"]
    assert row["Status"] == "Active" and "ServicePassword" not in row
    assert len(iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"]) == 1


def test_of_awss_policies_those_in_use(iam):
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    iam.create_policy(PolicyName="p", PolicyDocument=ALLOW)
    read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_role_policy(RoleName="r", PolicyArn=read_only)

    def names(**ask):
        policies = iam.get_account_authorization_details(**ask)["Policies"]
        return {p["PolicyName"]: p["AttachmentCount"] for p in policies}

    assert names() == {"ReadOnlyAccess": 1, "p": 0}
    assert names(Filter=["LocalManagedPolicy"]) == {"p": 0}
    assert names(Filter=["AWSManagedPolicy"]) == {"ReadOnlyAccess": 1}
    assert names(Filter=["Role"]) == {}
    iam.detach_role_policy(RoleName="r", PolicyArn=read_only)
    assert names() == {"p": 0}


def test_boundaries_of_users_and_roles(iam):
    policy = iam.create_policy(PolicyName="p", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.create_user(UserName="bob")
    iam.create_user(UserName="free")
    iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=policy)
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=policy)
    details = iam.get_account_authorization_details()
    users = {u["UserName"]: u for u in details["UserDetailList"]}
    assert users["bob"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy
    assert "PermissionsBoundary" not in users["free"]
    (role,) = details["RoleDetailList"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy
    assert details["Policies"][0]["PermissionsBoundaryUsageCount"] == 2
