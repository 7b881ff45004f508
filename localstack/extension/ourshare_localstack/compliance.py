"""Systems Manager: compliance, and the patch states computed from it.

A node reports its patches in one of two ways: through PutComplianceItems with
the type Patch, whose details name what the operation documents (PatchState,
PatchGroup, PatchBaselineId, Classification, PatchSeverity, InstalledTime), or
through PutInventory with the types AWS:PatchSummary and AWS:PatchCompliance.
The later report counts.
"""

from . import aging, state
from .operations import error, operation
from .ssm import first, nodes, patch_group, require

# State as DescribeInstancePatches writes it, and the counter that it adds to.
_COUNTERS = {
    "Installed": "InstalledCount",
    "InstalledOther": "InstalledOtherCount",
    "InstalledPendingReboot": "InstalledPendingRebootCount",
    "InstalledRejected": "InstalledRejectedCount",
    "Missing": "MissingCount",
    "Failed": "FailedCount",
    "NotApplicable": "NotApplicableCount",
    "AvailableSecurityUpdate": "AvailableSecurityUpdateCount",
}
_SPELLINGS = {name.lower(): name for name in _COUNTERS}
# "patches ... missing, failed to install, rejected or awaiting a reboot": the
# documented meaning of the three NonCompliant counts
_NON_COMPLIANT = {"Missing", "Failed", "InstalledRejected", "InstalledPendingReboot"}
_SEVERITIES = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED"]
_EPOCH = state.moment(0)


def _reports(call) -> dict:
    """(resource, compliance type) to {execution, items}."""
    return state.part(call.account, call.region, "ssm_compliance", dict)


@operation("ssm", "PutComplianceItems")
def put_compliance_items(call):
    id, kind = call.request["ResourceId"], call.request["ComplianceType"]
    if call.request["ResourceType"] != "ManagedInstance":
        raise error("InvalidResourceType", "ManagedInstance is the only supported resource type.")
    if not id.startswith("mi-") and id not in nodes(call):
        raise error("InvalidResourceId", f"The resource ID {id} is not valid.")
    execution = dict(call.request["ExecutionSummary"])
    items = {item.get("Id") or "": item for item in call.request["Items"]}
    if call.get("UploadType") == "PARTIAL":
        items = {**_reports(call).get((id, kind), {}).get("items", {}), **items}
    _reports(call)[(id, kind)] = {"execution": execution, "items": items}
    return {}


def _rows(call):
    for (id, kind), report in _reports(call).items():
        for item in report["items"].values():
            yield {
                "ComplianceType": kind,
                "ResourceType": "ManagedInstance",
                "ResourceId": id,
                "Id": item.get("Id", ""),
                "Title": item.get("Title", ""),
                "Status": item["Status"],
                "Severity": item["Severity"],
                "ExecutionSummary": report["execution"],
                "Details": item.get("Details", {}),
            }


def _value(row, key):
    if key in ("ExecutionTime", "ExecutionId", "ExecutionType"):
        return row["ExecutionSummary"].get(key)
    return row[key] if key in row else row.get("Details", {}).get(key)


def _matches(row, one):
    value, values = _value(row, one["Key"]), one.get("Values", [])
    if one["Key"] == "ExecutionTime":
        value, values = state.moment(value), [state.moment(v) for v in values]
    match one.get("Type") or "EQUAL":
        case "EQUAL":
            return value in values
        case "NOT_EQUAL":
            return value not in values
        case "BEGIN_WITH":
            return any(str(value).startswith(str(v)) for v in values)
        case "LESS_THAN":
            return any(value < v for v in values)
        case "GREATER_THAN":
            return any(value > v for v in values)
    raise error("InvalidFilter", "The filter name isn't valid.")


def _filtered(rows, call):
    return [row for row in rows if all(_matches(row, f) for f in call.get("Filters", []))]


@operation("ssm", "ListComplianceItems")
def list_compliance_items(call):
    ids = call.get("ResourceIds", [])
    rows = [row for row in _rows(call) if not ids or row["ResourceId"] in ids]
    return {"ComplianceItems": _filtered(rows, call)}


def _counts(severities):
    return {
        f"{name.capitalize()}Count": sum(s == name for s in severities) for name in _SEVERITIES
    }


def _overall(severities):
    return min(severities, key=_SEVERITIES.index, default="UNSPECIFIED")


def _summaries(call):
    for (id, kind), report in _reports(call).items():
        items = report["items"].values()
        good = [i["Severity"] for i in items if i["Status"] == "COMPLIANT"]
        bad = [i["Severity"] for i in items if i["Status"] == "NON_COMPLIANT"]
        yield {
            "ComplianceType": kind,
            "ResourceType": "ManagedInstance",
            "ResourceId": id,
            "Status": "NON_COMPLIANT" if bad else "COMPLIANT",
            "OverallSeverity": _overall(bad),
            "ExecutionSummary": report["execution"],
            "CompliantSummary": {"CompliantCount": len(good), "SeveritySummary": _counts(good)},
            "NonCompliantSummary": {
                "NonCompliantCount": len(bad),
                "SeveritySummary": _counts(bad),
            },
        }


@operation("ssm", "ListResourceComplianceSummaries")
def list_resource_compliance_summaries(call):
    return {"ResourceComplianceSummaryItems": _filtered(_summaries(call), call)}


@operation("ssm", "ListComplianceSummaries")
def list_compliance_summaries(call):
    kinds = {}
    for row in _filtered(_summaries(call), call):
        good, bad = kinds.setdefault(row["ComplianceType"], ([], []))
        (bad if row["Status"] == "NON_COMPLIANT" else good).append(row["OverallSeverity"])
    items = [
        {
            "ComplianceType": kind,
            "CompliantSummary": {"CompliantCount": len(good), "SeveritySummary": _counts(good)},
            "NonCompliantSummary": {
                "NonCompliantCount": len(bad),
                "SeveritySummary": _counts(bad),
            },
        }
        for kind, (good, bad) in kinds.items()
    ]
    return {"ComplianceSummaryItems": items}


def _spelled(text, status):
    """PatchState in any spelling; without one, the item's status says it."""
    plain = (text or "").replace("_", "").replace("-", "").replace(" ", "").lower()
    return _SPELLINGS.get(plain) or ("Missing" if status == "NON_COMPLIANT" else "Installed")


def _patches(call, id):
    """The node's patches as (row, compliance severity), and the run that found them."""
    report = _reports(call).get((id, "Patch"))
    kept = nodes(call).get(id, {})
    summary = kept.get("AWS:PatchSummary")
    if report and not (
        summary and state.moment(summary["CaptureTime"]) > report["execution"]["ExecutionTime"]
    ):
        rows = [(_from_item(i), i["Severity"]) for i in report["items"].values()]
        details = next((i["Details"] for i in report["items"].values() if i.get("Details")), {})
        return rows, {"end": report["execution"]["ExecutionTime"], **details}
    if summary:
        listed = kept.get("AWS:PatchCompliance", {}).get("Content", [])
        rows = [(_from_inventory(c), c.get("ComplianceLevel", "").upper()) for c in listed]
        said = first(summary)
        return rows, {
            "end": state.moment(said.get("OperationEndTime") or summary["CaptureTime"]),
            "start": said.get("OperationStartTime"),
            "PatchBaselineId": said.get("BaselineId"),
            "PatchGroup": said.get("PatchGroup"),
            "SnapshotId": said.get("SnapshotId"),
            "Operation": said.get("OperationType") or said.get("Operation"),
            "RebootOption": said.get("RebootOption"),
            "said": said,
        }
    return None, None


def _from_item(item):
    details = item.get("Details", {})
    row = {
        "Title": item.get("Title", ""),
        "KBId": item.get("Id", ""),
        "Classification": details.get("Classification", ""),
        "Severity": details.get("PatchSeverity", ""),
        "State": _spelled(details.get("PatchState"), item["Status"]),
        "InstalledTime": state.moment(details.get("InstalledTime") or _EPOCH),
        "CVEIds": details.get("CVEIds"),
    }
    return {k: v for k, v in row.items() if v is not None}


def _from_inventory(content):
    row = {
        "Title": content.get("Title", ""),
        "KBId": content.get("Id", ""),
        "Classification": content.get("Classification", ""),
        "Severity": content.get("Severity", ""),
        "State": _spelled(content.get("State"), "COMPLIANT"),
        "InstalledTime": state.moment(content.get("InstalledTime") or _EPOCH),
        "CVEIds": content.get("CVEIds"),
    }
    return {k: v for k, v in row.items() if v is not None}


def _state(call, id):
    rows, run = _patches(call, id)
    if rows is None:
        return None
    counts = {name: 0 for name in _COUNTERS.values()}
    counts |= {f"{kind}NonCompliantCount": 0 for kind in ("Critical", "Security", "Other")}
    for patch, severity in rows:
        counts[_COUNTERS[patch["State"]]] += 1
        if patch["State"] in _NON_COMPLIANT:
            # Critical is the baseline's compliance level; Security the patch's own kind
            critical = severity == "CRITICAL"
            security = patch["Classification"].lower().startswith("security")
            counts["CriticalNonCompliantCount"] += critical
            counts["SecurityNonCompliantCount"] += security
            counts["OtherNonCompliantCount"] += not critical and not security
    # an agent's summary counts more than it lists (what is not applicable)
    for name, value in run.get("said", {}).items():
        if name in counts:
            counts[name] = int(value)
    end = run["end"]
    patched = {
        "InstanceId": id,
        "PatchGroup": run.get("PatchGroup") or patch_group(call, id),
        "BaselineId": run.get("PatchBaselineId") or "",
        "SnapshotId": run.get("SnapshotId"),
        **counts,
        "UnreportedNotApplicableCount": 0,
        "OperationStartTime": state.moment(run.get("start") or end),
        "OperationEndTime": end,
        "Operation": run.get("Operation") or "Scan",
        "RebootOption": run.get("RebootOption"),
    }
    patched.update(aging.fields(call.account, call.region, "ssm:patch-state", id))
    return {k: v for k, v in patched.items() if v is not None}


@operation("ssm", "DescribeInstancePatchStates")
def describe_instance_patch_states(call):
    """A node that never reported is left out, as is one that is not known."""
    found = [_state(call, id) for id in call.request["InstanceIds"]]
    return {"InstancePatchStates": [row for row in found if row]}


@operation("ssm", "DescribeInstancePatchStatesForPatchGroup")
def describe_instance_patch_states_for_patch_group(call):
    if call.get("Filters"):
        raise NotImplementedError
    group = call.request["PatchGroup"]
    found = [_state(call, id) for id in nodes(call)]
    return {"InstancePatchStates": [row for row in found if row and row["PatchGroup"] == group]}


@operation("ssm", "DescribeInstancePatches")
def describe_instance_patches(call):
    id = call.request["InstanceId"]
    require(call, id)
    if id not in nodes(call):
        raise error("InvalidInstanceId", f"Instance Id {id} is not managed.")
    rows, _ = _patches(call, id)
    found = [patch for patch, _ in rows or []]
    for one in call.get("Filters", []):
        key, values = one["Key"], one["Values"]
        if key not in ("Classification", "KBId", "Severity", "State"):
            raise error("InvalidFilter", f"The filter key {key} is not valid.")
        found = [patch for patch in found if patch[key] in values]
    return {"Patches": found}
