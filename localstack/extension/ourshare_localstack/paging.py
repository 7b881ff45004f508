"""Pages as AWS pages, for every operation that has a paginator.

The emulator's providers mostly return whole lists and ignore the caller's
limit. Here the whole answer is collected from the provider, kept, and cut by
what botocore's paginators-1.json says of the operation: which member carries
the token, which the limit, and which lists are the result.
"""

import re
import threading
import time
import uuid
from collections import OrderedDict
from functools import cache

from botocore.exceptions import UnknownServiceError
from botocore.loaders import UnknownServiceError as NoPaginators
from botocore.session import Session
from localstack.http import Response

# Page size when the caller names none, from the operations' own documentation
# (the text of the limit member). None: everything at once, as EC2 documents
# it ("If you don't specify this parameter, the call returns all items").
_DEFAULT_OF_SERVICE = {
    "account": 50,
    "acm": 1000,
    "autoscaling": 50,
    "backup": 1000,
    "cloudwatch": 100,
    "ec2": None,
    "elb": 400,
    "elbv2": 400,
    "globalaccelerator": 10,
    "guardduty": 50,
    "iam": 100,
    "kms": 50,
    "logs": 50,
    "organizations": 20,
    "rds": 100,
    "s3": None,
    "s3control": 1000,
    "sns": 100,
    "ssm": 50,
}
_DEFAULT_OF_OPERATION = {
    ("autoscaling", "DescribeLoadBalancers"): 100,
    ("autoscaling", "DescribeLoadBalancerTargetGroups"): 100,
    ("autoscaling", "DescribeScalingActivities"): 100,
    ("cloudwatch", "ListMetrics"): 500,
    ("kms", "ListKeyPolicies"): 100,
    ("kms", "ListKeys"): 100,
    ("ssm", "DescribeEffectiveInstanceAssociations"): 5,
    ("ssm", "DescribeInstanceInformation"): 10,
    ("ssm", "GetParametersByPath"): 10,
}

# These page in LocalStack itself, with more to it than cutting a list (common
# prefixes, markers that are names, streams). They keep their own way; the cap
# reaches them through the limit member alone.
_NATIVE = {
    ("s3", "ListBuckets"),
    ("s3", "ListMultipartUploads"),
    ("s3", "ListObjectVersions"),
    ("s3", "ListObjects"),
    ("s3", "ListObjectsV2"),
    ("s3", "ListParts"),
}
_NATIVE_SERVICES = {"cloudfront", "dynamodb", "dynamodbstreams", "kinesis", "lambda", "stepfunctions"}

# Tokens in the API, but no entry in paginators-1.json.
_NEXT_TOKEN = {"input_token": "NextToken", "output_token": "NextToken", "limit_key": "MaxResults"}
_EXTRA = {
    ("ec2", "DescribeVpcBlockPublicAccessExclusions"): {
        **_NEXT_TOKEN,
        "result_key": "VpcBlockPublicAccessExclusions",
    },
    ("logs", "ListLogGroups"): {
        "input_token": "nextToken",
        "output_token": "nextToken",
        "limit_key": "limit",
        "result_key": "logGroups",
    },
    ("rds", "DescribeDBShardGroups"): {
        "input_token": "Marker",
        "output_token": "Marker",
        "limit_key": "MaxRecords",
        "result_key": "DBShardGroups",
    },
    ("s3control", "ListAccessPoints"): {**_NEXT_TOKEN, "result_key": "AccessPointList"},
    ("s3control", "ListMultiRegionAccessPoints"): {**_NEXT_TOKEN, "result_key": "AccessPoints"},
    ("ssm", "ListInventoryEntries"): {**_NEXT_TOKEN, "result_key": "Entries"},
    ("ssm", "DescribeDocumentPermission"): {**_NEXT_TOKEN, "result_key": "AccountIds"},
}

# moto cuts these lists at its own default and gives no token for the rest.
_ASK_FOR_ALL = {
    ("ec2", "DescribeLaunchTemplates"),
    ("ec2", "DescribeLaunchTemplateVersions"),
}

# What a service answers to a token that it did not give.
_BAD_TOKEN = {
    "autoscaling": "InvalidNextToken",
    "ec2": "InvalidParameterValue",
    "elb": "ValidationError",
    "elbv2": "ValidationError",
    "globalaccelerator": "InvalidNextTokenException",
    "iam": "ValidationError",
    "kms": "InvalidMarkerException",
    "logs": "InvalidParameterException",
    "organizations": "InvalidInputException",
    "rds": "InvalidParameterValue",
    "sns": "InvalidParameter",
    "ssm": "InvalidNextToken",
}

_cap = None


def set_cap(value) -> None:
    """No page holds more than this many rows, whatever the caller asks."""
    global _cap
    _cap = value


def cap():
    return _cap


class _Answers:
    """Whole answers whose later pages may still be asked for, by token."""

    def __init__(self, most=2000, seconds=900):
        self._most, self._seconds = most, seconds
        self._lock = threading.Lock()
        self._kept = OrderedDict()

    def keep(self, scope, answer) -> str:
        key = uuid.uuid4().hex
        with self._lock:
            self._kept[key] = (time.monotonic(), scope, answer)
            oldest = time.monotonic() - self._seconds
            while len(self._kept) > self._most or next(iter(self._kept.values()))[0] < oldest:
                self._kept.popitem(last=False)
        return key

    def find(self, scope, key):
        with self._lock:
            kept = self._kept.get(key)
        if kept and kept[1] == scope and time.monotonic() - kept[0] < self._seconds:
            return kept[2]
        return None

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


answers = _Answers()
_session = Session()


@cache
def _paginators(service):
    try:
        return _session.get_paginator_model(service)._paginator_config
    except (UnknownServiceError, NoPaginators, ValueError):
        return {}


class _Rule:
    """How one operation pages."""

    def __init__(self, operation, config):
        self.token_in = config["input_token"]
        self.token_out = config["output_token"]
        self.limit = config.get("limit_key")
        self.more = config.get("more_results")
        keys = config["result_key"]
        self.lists = keys if isinstance(keys, list) else [keys]
        service, name = operation
        self.default = _DEFAULT_OF_OPERATION.get(operation, _DEFAULT_OF_SERVICE.get(service, 100))
        shape = _session.get_service_model(service).operation_model(name).input_shape
        member = shape.members.get(self.limit) if self.limit and shape else None
        self.most = member.metadata.get("max") if member is not None else None


@cache
def _rule(service, name):
    operation = (service, name)
    config = _EXTRA.get(operation) or _paginators(service).get(name)
    if not config or service in _NATIVE_SERVICES:
        return None
    paths = [config["input_token"], config["output_token"], config.get("result_key")]
    paths[2:] = paths[2] if isinstance(paths[2], list) else [paths[2]]
    # several tokens, or an expression: not a list that can be cut
    if not all(isinstance(p, str) and re.fullmatch(r"[\w.]+", p) for p in paths):
        return None
    if not re.match("Describe|List|Get", name) or name in ("GetMetricData", "GetLogEvents"):
        return None
    return _Rule(operation, config)


def _get(tree, path):
    for name in path.split("."):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _put(tree, path, value):
    """Set or, for None, remove; dictionaries on the way are copied, never shared."""
    *parents, last = path.split(".")
    for name in parents:
        tree[name] = dict(tree.get(name) or {})
        tree = tree[name]
    if value is None:
        tree.pop(last, None)
    else:
        tree[last] = value


def _number(value):
    try:
        return int(value) if value not in (None, "") else 0
    except (TypeError, ValueError):
        return 0


def _collect(call, rule):
    """The provider's whole answer, through its own pages if it has any."""
    big = 100_000 if call.operation in _ASK_FOR_ALL else None
    asked = call.request.get(rule.limit) if rule.limit else None
    given = call.request.get(rule.token_in)
    changes = {}
    if big or asked is not None:
        changes[rule.limit] = big
    if given is not None:
        changes[rule.token_in] = None
    answer = call.next(**changes)
    if isinstance(answer, Response):
        return answer
    whole = dict(answer)
    seen = set()
    while (token := _get(answer, rule.token_out)) and token not in seen:
        seen.add(token)
        answer = call.next(**{**changes, rule.token_in: token})
        for path in rule.lists:
            if more := _get(answer, path):
                _put(whole, path, list(_get(whole, path) or []) + list(more))
    _put(whole, rule.token_out, None)
    return whole


def _cut(whole, rule, start, size):
    """The rows start to start+size, counted through all result lists in turn."""
    page, passed = dict(whole), 0
    for path in rule.lists:
        rows = _get(whole, path)
        if rows is None:
            continue
        low = max(0, start - passed)
        high = max(0, start + size - passed) if size else None
        _put(page, path, rows[low:high])
        passed += len(rows)
    return page, passed


def page(call):
    service, name = call.operation
    if call.operation in _NATIVE:
        return _native(call)
    rule = _rule(service, name)
    if rule is None:
        return call.next()

    scope = (call.account, call.region, service, name)
    token, start = call.request.get(rule.token_in), 0
    if token:
        key, _, offset = str(token).partition(".")
        whole, start = answers.find(scope, key), _number(offset)
        if whole is None:
            from .operations import error

            raise error(
                _BAD_TOKEN.get(service, "ValidationException"),
                f"The value for parameter {rule.token_in} is invalid.",
            )
    else:
        key, whole = None, _collect(call, rule)
        if isinstance(whole, Response):
            return whole

    asked = _number(call.request.get(rule.limit)) if rule.limit else 0
    sizes = [n for n in (asked or rule.default, rule.most, _cap) if n]
    size = min(sizes) if sizes else 0
    result, total = _cut(whole, rule, start, size)
    more = bool(size) and start + size < total
    if more:
        key = key or answers.keep(scope, whole)
        _put(result, rule.token_out, f"{key}.{start + size}")
    if rule.more:
        result[rule.more] = more
    return result


def _native(call):
    limit = _paginators("s3").get(call.operation[1], {}).get("limit_key")
    if _cap and limit:
        asked = _number(call.request.get(limit))
        call.request[limit] = min(asked, _cap) if asked else _cap
    return call.next()
