"""Policy documents, and the accounts of others that they name."""

import json

PARTNER = "444444444444"  # Hobnail, who sells in the shop
AUDITOR = "555555555555"  # Ridgeline Audits
ORGANIZATION = "o-fernhill10"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(action, resource=None, principal=None, effect="Allow", **condition):
    """A trust policy has no Resource, an identity's policy no Principal."""
    s = {"Effect": effect, "Action": action}
    if principal is not None:
        s["Principal"] = principal
    if resource is not None:
        s["Resource"] = resource
    if condition:
        s["Condition"] = condition
    return s


def root(account):
    return {"AWS": f"arn:aws:iam::{account}:root"}
