"""STS: AssumeRole asks the role's trust policy.

LocalStack gives credentials for any role, of any account, also for one that does
not exist. AWS refuses all of these alike, without saying which it is
(https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html): the role
must exist, its trust policy must name the caller or the caller's account, and where
it asks for an external id the call must bring it. Of conditions only
``StringEquals`` on ``sts:ExternalId`` is read; a statement with any other grants
nothing here.
"""

import json

from moto.iam.models import iam_backends

from .operations import error, operation

_IS_EXTERNAL_ID = "sts:externalid"


def _refused(call, arn):
    caller = f"arn:aws:iam::{call.account}:root"
    return error(
        "AccessDenied",
        f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}",
        403,
    )


def _role(arn: str):
    partition, account, path = arn.split(":")[1], arn.split(":")[4], arn.split(":", 5)[5]
    if account not in iam_backends:
        return None
    roles = iam_backends[account][partition].roles.values()
    return next((r for r in roles if r.arn == arn or f"role{r.path}{r.name}" == path), None)


def _listed(value) -> list:
    return value if isinstance(value, list) else [value]


def _names(statement, account: str) -> bool:
    principal = statement.get("Principal", {})
    if principal == "*":
        return True
    for p in _listed(principal.get("AWS", [])):
        if p in ("*", account) or (p.startswith("arn:") and p.split(":")[4] == account):
            return True
    return False


def _meets(statement, external_id) -> bool:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            if operator != "StringEquals" or key.lower() != _IS_EXTERNAL_ID:
                return False
            if external_id not in _listed(values):
                return False
    return True


def _trusts(role, account: str, external_id) -> bool:
    document = role.assume_role_policy_document
    document = json.loads(document) if isinstance(document, str) else document
    allowed = False
    for statement in _listed(document.get("Statement", [])):
        actions = [a.lower() for a in _listed(statement.get("Action", []))]
        if not {"sts:assumerole", "sts:*", "*"} & set(actions) or not _names(statement, account):
            continue
        if statement.get("Effect") == "Deny":
            return False
        allowed = allowed or _meets(statement, external_id)
    return allowed


@operation("sts", "AssumeRole")
def assume_role(call):
    arn = call.get("RoleArn", "")
    role = _role(arn) if arn.count(":") >= 5 else None
    if role is None or not _trusts(role, call.account, call.get("ExternalId")):
        raise _refused(call, arn)
    return call.next()
