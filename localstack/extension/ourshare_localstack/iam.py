"""IAM: the root user, the credential report, and small departures of moto's.

The report's columns and their words are those of the IAM guide, "Getting
credential reports for your AWS account".
"""

import csv
import io
import time
from collections import Counter
from datetime import timedelta
from urllib.parse import quote

from localstack.utils.patch import patch
from moto.iam import models
from moto.iam.models import iam_backends

from . import aging, root, state
from .operations import error, operation


def _backend(call):
    return iam_backends[call.account]["aws"]


# ---- policies


@patch(models.IAMBackend.get_account_authorization_details)
def get_account_authorization_details(fn, self, policy_filter):
    """Of AWS's own policies only those in use, in a steady order; moto gives all 1,600.

    Collectors rely on it (aws-recon#21: "in-use policies", boto3#1738).
    """
    details = fn(self, policy_filter)
    bounds = Counter(role.permissions_boundary_arn for role in self.roles.values())
    bounds.update(_boundary(user) for user in self.users.values())
    kinds = policy_filter or ("AWSManagedPolicy", "LocalManagedPolicy")
    kept = []
    for policy in self.managed_policies.values():
        policy.permissions_boundary_usage_count = bounds[policy.arn]
        # under these names the serializer looks for them, and finds none of moto's
        policy.policy_name, policy.policy_id = policy.name, policy.id
        by_aws = ":iam::aws:policy/" in policy.arn
        if by_aws and not (policy.attachment_count or bounds[policy.arn]):
            continue
        if ("AWSManagedPolicy" if by_aws else "LocalManagedPolicy") in kinds:
            kept.append(policy)
    return {**details, "managed_policies": kept}


def _boundary(user):
    # LocalStack keeps the bare ARN where moto would have a structure
    value = getattr(user, "permissions_boundary", None)
    return value if isinstance(value, str) else None


@operation("iam", "GetAccountAuthorizationDetails")
def account_authorization_details(call):
    answer = call.next()
    for row in answer.get("UserDetailList", []):
        arn = _boundary(_backend(call).get_user(row["UserName"]))
        row.pop("PermissionsBoundary", None)
        if arn:
            row["PermissionsBoundary"] = {
                "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
                "PermissionsBoundaryArn": arn,
            }
    return answer


# ---- documents


def encode_documents(shape, value):
    """Policies are "URL-encoded compliant with RFC 3986" in every answer; moto forgets some."""
    if shape.type_name == "list" and isinstance(value, list):
        return [encode_documents(shape.member, v) for v in value]
    if shape.type_name == "structure" and isinstance(value, dict):
        return {
            k: encode_documents(shape.members[k], v) if k in shape.members else v
            for k, v in value.items()
        }
    if shape.name == "policyDocumentType" and isinstance(value, str):
        return quote(value, safe="") if value.lstrip().startswith("{") else value
    return value


# ---- account summary and root


@operation("iam", "GetAccountSummary")
def get_account_summary(call):
    answer, facts = call.next(), root.of(call.account)
    virtual = facts["mfa"] == "virtual"
    answer["SummaryMap"] |= {
        "AccountAccessKeysPresent": int(bool(facts["access_keys"])),
        "AccountMFAEnabled": int(facts["mfa"] != "none"),
        "AccountPasswordPresent": int(facts["password"]),
        "AccountSigningCertificatesPresent": int(facts["certificates"] > 0),
        "MFADevices": answer["SummaryMap"].get("MFADevices", 0) + virtual,
        "MFADevicesInUse": answer["SummaryMap"].get("MFADevicesInUse", 0) + virtual,
    }
    return answer


@operation("iam", "ListVirtualMFADevices")
def list_virtual_mfa_devices(call):
    """The seed and its picture appear only when a device is made, never in the list."""
    devices = [
        {k: v for k, v in row.items() if k not in ("Base32StringSeed", "QRCodePNG")}
        for row in call.next().get("VirtualMFADevices", [])
    ]
    facts = root.of(call.account)
    if facts["mfa"] == "virtual" and call.get("AssignmentStatus") != "Unassigned":
        devices.append(
            {
                "SerialNumber": f"arn:aws:iam::{call.account}:mfa/root-account-mfa-device",
                "User": {
                    "UserId": call.account,
                    "Arn": f"arn:aws:iam::{call.account}:root",
                    "CreateDate": facts["created"],
                },
                "EnableDate": facts["created"],
            }
        )
    return {"VirtualMFADevices": devices, "IsTruncated": False}


# ---- password policy and credentials


@operation("iam", "GetAccountPasswordPolicy")
def get_account_password_policy(call):
    """Members that were never set are left out, as the CLI's example shows."""
    policy = call.next()["PasswordPolicy"]
    for name in ("MaxPasswordAge", "PasswordReusePrevention", "HardExpiry"):
        if not policy.get(name):
            policy.pop(name, None)
    return {"PasswordPolicy": policy}


@operation("iam", "GetAccessKeyLastUsed")
def get_access_key_last_used(call):
    answer = call.next()
    used = _used(call, call.request["AccessKeyId"])
    if used["date"]:
        answer["AccessKeyLastUsed"] = {
            "LastUsedDate": used["date"],
            "Region": used["region"],
            "ServiceName": used["service"],
        }
    return answer


@operation("iam", "ListServiceSpecificCredentials")
def list_service_specific_credentials(call):
    """The service is a filter, not an obligation; AllUsers asks for everybody's."""
    users = _backend(call).users.values()
    if not call.get("AllUsers"):
        name = call.get("UserName")
        users = [user for user in users if user.name == name]
        if not users:
            raise error("NoSuchEntity", f"The user with name {name} cannot be found.", 404)
    rows = [
        {k: v for k, v in credential.items() if k != "ServicePassword"}
        for user in users
        for credential in user.service_specific_credentials
        if call.get("ServiceName") in (None, credential["ServiceName"])
    ]
    return {"ServiceSpecificCredentials": rows, "IsTruncated": False}


# ---- credential report

# A report takes a moment to make, and is given out again for four hours.
_SECONDS, _VALID = 0.5, timedelta(hours=4)
_COLUMNS = (
    "user arn user_creation_time password_enabled password_last_used password_last_changed"
    " password_next_rotation mfa_active"
    " access_key_1_active access_key_1_last_rotated access_key_1_last_used_date"
    " access_key_1_last_used_region access_key_1_last_used_service"
    " access_key_2_active access_key_2_last_rotated access_key_2_last_used_date"
    " access_key_2_last_used_region access_key_2_last_used_service"
    " cert_1_active cert_1_last_rotated cert_2_active cert_2_last_rotated"
).split()


def _report(call) -> dict:
    return state.part(call.account, state.GLOBAL, "iam_report", dict)


def _ready(report):
    return report and time.monotonic() >= report["ready"]


@operation("iam", "GenerateCredentialReport")
def generate_credential_report(call):
    report = _report(call)
    if report and state.now() - report["generated"] < _VALID:
        return {"State": "COMPLETE" if _ready(report) else "INPROGRESS"}
    text = "No report exists. Starting a new report generation task"
    report.update(generated=state.now(), ready=time.monotonic() + _SECONDS, content=_content(call))
    return {"State": "STARTED", "Description": text}


@operation("iam", "GetCredentialReport")
def get_credential_report(call):
    report = _report(call)
    if not report:
        raise error("ReportNotPresent", "No credential report exists; generate one.", 410)
    if not _ready(report):
        raise error("ReportInProgress", "The credential report is being generated.", 404)
    if state.now() - report["generated"] >= _VALID:
        raise error("ReportExpired", "The credential report has expired; generate one.", 410)
    return {
        "Content": report["content"],
        "ReportFormat": "text/csv",
        "GeneratedTime": report["generated"],
    }


def _content(call) -> bytes:
    text = io.StringIO()
    rows = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    rows.writeheader()
    rows.writerow(_root_row(call))
    for user in _backend(call).users.values():
        rows.writerow(_user_row(call, user))
    return text.getvalue().rstrip("\n").encode()


def _time(value, missing="N/A"):
    return state.moment(value).strftime("%Y-%m-%dT%H:%M:%S+00:00") if value else missing


def _yes(value):
    return "true" if value else "false"


def _key_columns(keys):
    row = {}
    for number in (1, 2):
        key = keys[number - 1] if len(keys) >= number else {}
        prefix = f"access_key_{number}"
        row |= {
            f"{prefix}_active": _yes(key.get("active")),
            f"{prefix}_last_rotated": _time(key.get("last_rotated")),
            f"{prefix}_last_used_date": _time(key.get("last_used_date")),
            f"{prefix}_last_used_region": key.get("last_used_region") or "N/A",
            f"{prefix}_last_used_service": key.get("last_used_service") or "N/A",
        }
    return row


def _root_row(call):
    facts = root.of(call.account)
    used = facts["password_last_used"]
    return {
        "user": "<root_account>",
        "arn": f"arn:aws:iam::{call.account}:root",
        "user_creation_time": _time(facts["created"]),
        # "The value for the AWS account root user is always not_supported"
        "password_enabled": "not_supported",
        "password_last_used": _time(used, "no_information" if facts["password"] else "N/A"),
        "password_last_changed": "not_supported",
        "password_next_rotation": "not_supported",
        "mfa_active": _yes(facts["mfa"] != "none"),
        **_key_columns(facts["access_keys"]),
        **_certificate_columns([{"active": True, "date": facts["created"]}] * facts["certificates"]),
    }


def _certificate_columns(certificates):
    row = {}
    for number in (1, 2):
        one = certificates[number - 1] if len(certificates) >= number else {}
        row[f"cert_{number}_active"] = _yes(one.get("active"))
        row[f"cert_{number}_last_rotated"] = _time(one.get("date"))
    return row


def _used(call, key_id):
    aged = aging.fields(call.account, state.GLOBAL, "iam:access-key", key_id)
    return {
        "date": aged.get("LastUsedDate"),
        "region": aged.get("LastUsedRegion") or "us-east-1",
        "service": aged.get("LastUsedService") or "s3",
    }


def _keys(call, user):
    for key in user.access_keys:
        aged = aging.fields(call.account, state.GLOBAL, "iam:access-key", key.access_key_id)
        used = _used(call, key.access_key_id)
        yield {
            "active": aged.get("Status", key.status) == "Active",
            "last_rotated": aged.get("CreateDate") or key.create_date,
            "last_used_date": used["date"],
            "last_used_region": used["region"] if used["date"] else None,
            "last_used_service": used["service"] if used["date"] else None,
        }


def _user_row(call, user):
    aged = aging.fields(call.account, state.GLOBAL, "iam:user", user.name)
    created = aged.get("CreateDate") or user.create_date
    row = {
        "user": user.name,
        "arn": user.arn,
        "user_creation_time": _time(created),
        "password_enabled": _yes(user.password),
        "password_last_used": "N/A",
        "password_last_changed": "N/A",
        "password_next_rotation": "N/A",
        "mfa_active": _yes(user.mfa_devices),
        **_key_columns(list(_keys(call, user))),
        **_certificate_columns(
            [
                {"active": c.status == "Active", "date": c.upload_date}
                for c in user.signing_certificates.values()
            ]
        ),
    }
    if user.password:
        changed = aged.get("PasswordLastChanged") or created
        row["password_last_used"] = _time(aged.get("PasswordLastUsed"), "no_information")
        row["password_last_changed"] = _time(changed)
        policy = _backend(call).account_password_policy
        days = getattr(policy, "max_password_age", None)
        if aged.get("PasswordNextRotation"):
            row["password_next_rotation"] = _time(aged["PasswordNextRotation"])
        elif days:
            row["password_next_rotation"] = _time(state.moment(changed) + timedelta(days=days))
    return row
