"""Systems Manager: managed nodes and their inventory.

A node becomes managed by reporting. The agent's own call for that
(UpdateInstanceInformation) is in no public model, so a report of the inventory
type AWS:InstanceInformation stands for it. Compliance is in compliance.py.
"""

from moto.ec2.models import ec2_backends

from . import aging, state
from .operations import error, operation


def nodes(call) -> dict:
    """Managed nodes of the account and region: id to {inventory type: item}."""
    return state.part(call.account, call.region, "ssm_nodes", dict)


def ec2_instance(call, id):
    for reservation in ec2_backends[call.account][call.region].reservations.values():
        for instance in reservation.instances:
            if instance.id == id:
                return instance
    return None


def _tags(instance):
    return {t["key"]: t["value"] for t in instance.get_tags()} if instance else {}


def patch_group(call, id) -> str:
    """Both spellings are documented; without the space where tags in metadata are allowed."""
    tags = _tags(ec2_instance(call, id))
    return tags.get("Patch Group") or tags.get("PatchGroup") or ""


def require(call, id):
    """A node that may report: an instance of this account and region, or a hybrid node."""
    if not id.startswith("mi-") and ec2_instance(call, id) is None:
        raise error("InvalidInstanceId", f"Instance Id {id} doesn't match the credentials")


def first(item) -> dict:
    content = (item or {}).get("Content") or [{}]
    return content[0]


@operation("ssm", "PutInventory")
def put_inventory(call):
    id = call.request["InstanceId"]
    require(call, id)
    kept = nodes(call).setdefault(id, {})
    for item in call.request["Items"]:
        # the hash alone, without content, says "nothing changed since"
        before = kept.get(item["TypeName"], {})
        if "Content" not in item and item.get("ContentHash") == before.get("ContentHash"):
            item = {**item, "Content": before.get("Content", [])}
        kept[item["TypeName"]] = item
    return {}


def _row(call, id):
    """One node as both describe operations know it; unset members stay out."""
    item = nodes(call)[id].get("AWS:InstanceInformation")
    said, hybrid = first(item), id.startswith("mi-")
    reported = state.moment((item or {}).get("CaptureTime") or state.now())
    row = {
        "InstanceId": id,
        "PingStatus": "Online",
        "LastPingDateTime": reported,
        "AgentVersion": said.get("AgentVersion"),
        "PlatformType": said.get("PlatformType"),
        "PlatformName": said.get("PlatformName"),
        "PlatformVersion": said.get("PlatformVersion"),
        "ResourceType": "ManagedInstance" if hybrid else "EC2Instance",
        "IPAddress": said.get("IpAddress"),
        "ComputerName": said.get("ComputerName"),
        "SourceId": id,
        "SourceType": "AWS::SSM::ManagedInstance" if hybrid else "AWS::EC2::Instance",
    }
    row.update(aging.fields(call.account, call.region, "ssm:instance", id))
    return {k: v for k, v in row.items() if v is not None}


def _rows(call):
    """Managed nodes; terminated instances are not among them."""
    for id in nodes(call):
        instance = ec2_instance(call, id)
        if not nodes(call)[id].get("AWS:InstanceInformation"):
            continue
        if id.startswith("mi-") or (instance and instance.state != "terminated"):
            yield id, instance


_FILTERS = {
    "InstanceIds": "InstanceId",
    "AgentVersion": "AgentVersion",
    "PingStatus": "PingStatus",
    "PlatformTypes": "PlatformType",
    "ActivationIds": "ActivationId",
    "IamRole": "IamRole",
    "ResourceType": "ResourceType",
    "AssociationStatus": "AssociationStatus",
}


def _matches(row, tags, key, values):
    if key.startswith("tag:"):
        return tags.get(key[4:]) in values
    if key == "tag-key":
        return any(v in tags for v in values)
    if key not in _FILTERS:
        raise error("InvalidFilterKey", f"The specified key {key} is not valid.")
    return row.get(_FILTERS[key]) in values


def _filters(call, *members):
    for member in members:
        for one in call.get(member, []):
            yield one.get("Key") or one.get("key"), one.get("Values") or one.get("valueSet")


@operation("ssm", "DescribeInstanceInformation")
def describe_instance_information(call):
    found = []
    for id, instance in _rows(call):
        # "does not return information for nodes that are either Stopped or Terminated"
        if instance and instance.state == "stopped":
            continue
        row, tags = _row(call, id), _tags(instance)
        wanted = _filters(call, "InstanceInformationFilterList", "Filters")
        if all(_matches(row, tags, key, values) for key, values in wanted):
            found.append(row)
    return {"InstanceInformationList": found}


@operation("ssm", "DescribeInstanceProperties")
def describe_instance_properties(call):
    found = []
    for id, instance in _rows(call):
        row, tags = _row(call, id), _tags(instance)
        if instance:
            profile = instance.iam_instance_profile
            row |= {
                "Name": tags.get("Name", ""),
                "InstanceType": instance.instance_type,
                "InstanceRole": (profile or {}).get("Arn", "").rpartition("/")[2],
                "KeyName": instance.key_name or "",
                "InstanceState": instance.state,
                "Architecture": instance.architecture,
                "IPAddress": instance.public_ip or "",
                "LaunchTime": instance.launch_time,
            }
        row.update(aging.fields(call.account, call.region, "ssm:instance", id))
        wanted = _filters(call, "InstancePropertyFilterList", "FiltersWithOperator")
        if all(_matches(row, tags, key, values) for key, values in wanted):
            found.append(row)
    return {"InstanceProperties": found}


@operation("ssm", "ListInventoryEntries")
def list_inventory_entries(call):
    id, name = call.request["InstanceId"], call.request["TypeName"]
    require(call, id)
    if call.get("Filters"):
        raise NotImplementedError
    item = nodes(call).get(id, {}).get(name)
    if not item:
        return {"TypeName": name, "InstanceId": id, "Entries": []}
    return {
        "TypeName": name,
        "InstanceId": id,
        "SchemaVersion": item["SchemaVersion"],
        "CaptureTime": item["CaptureTime"],
        "Entries": item.get("Content", []),
    }


@operation("ssm", "GetInventory")
def get_inventory(call):
    if call.get("Aggregators"):
        raise NotImplementedError
    names = [a["TypeName"] for a in call.get("ResultAttributes", [])]
    entities = []
    for id, items in nodes(call).items():
        if not all(_inventory_matches(items, f) for f in call.get("Filters", [])):
            continue
        data = {
            name: {
                "TypeName": name,
                "SchemaVersion": items[name]["SchemaVersion"],
                "CaptureTime": items[name]["CaptureTime"],
                "Content": items[name].get("Content", []),
            }
            for name in names or ["AWS:InstanceInformation"]
            if name in items
        }
        entities.append({"Id": id, "Data": data})
    return {"Entities": entities}


def _inventory_matches(items, one):
    """Key is TYPE.ATTRIBUTE, for example AWS:InstanceInformation.InstanceId."""
    name, _, attribute = one["Key"].rpartition(".")
    values = [row.get(attribute) for row in items.get(name, {}).get("Content", [])]
    match one.get("Type") or "Equal":
        case "Equal":
            return any(v in one["Values"] for v in values)
        case "NotEqual":
            return not any(v in one["Values"] for v in values)
        case "BeginWith":
            return any(v and v.startswith(w) for v in values for w in one["Values"])
    raise NotImplementedError
