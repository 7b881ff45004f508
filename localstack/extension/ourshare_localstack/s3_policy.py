"""Is a bucket policy public? The S3 guide's "The meaning of public".

S3 assumes that a policy is public and looks for reasons why it is not: every
Allow must be limited to fixed values, without wildcards or variables, of its
principal or of one of the condition keys that the guide lists.
"""

import ipaddress
import json

_FIXED_KEYS = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
}
# operators under which a value that is given is one that is demanded
_EQUAL = {"arnequals", "arnlike", "stringequals", "stringequalsignorecase", "stringlike"}


def _list(value):
    return value if isinstance(value, list) else [value]


def _fixed(value):
    return isinstance(value, str) and not any(mark in value for mark in ("*", "?", "${"))


def _principal_is_fixed(principal):
    if not isinstance(principal, dict):
        return False
    for kind, values in principal.items():
        if kind == "Federated":
            # web identity providers that anybody can join
            return False
        if not all(_fixed(value) for value in _list(values)):
            return False
    return bool(principal)


def _narrow(block):
    """RFC 1918 is private; otherwise no broader than /8 or, for IPv6, /32."""
    try:
        network = ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False
    if network.version == 4:
        inner = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
        private = any(network.subnet_of(ipaddress.ip_network(i)) for i in inner)
        return private or network.prefixlen >= 8
    return network.prefixlen >= 32


def _condition_limits(conditions, access_point):
    for operator, tests in (conditions or {}).items():
        # the qualified operators also hold when the key is absent, so they fix nothing
        plain = operator.lower()
        for key, values in tests.items():
            key, values = key.lower(), _list(values)
            if key == "aws:sourceip" and plain == "ipaddress":
                if all(_narrow(value) for value in values):
                    return True
            if plain not in _EQUAL:
                continue
            if key in _FIXED_KEYS and all(_fixed(value) for value in values):
                return True
            if key == "aws:userid" and all(_fixed(value) for value in values):
                return True
            # within an access point's own policy the name must be fixed as well
            limit = _fixed if access_point else _access_point
            if key == "s3:dataaccesspointarn" and all(limit(value) for value in values):
                return True
    return False


def _access_point(arn):
    """In a bucket policy the access point may be any, if its account is fixed."""
    parts = arn.split(":", 5)
    return len(parts) == 6 and parts[4].isdigit() and len(parts[4]) == 12


def is_public(document, access_point=False) -> bool:
    policy = json.loads(document) if isinstance(document, str) else document
    for statement in _list(policy.get("Statement", [])):
        if statement.get("Effect") != "Allow":
            continue
        if "NotPrincipal" in statement or not _principal_is_fixed(statement.get("Principal")):
            if not _condition_limits(statement.get("Condition"), access_point):
                return True
    return False
