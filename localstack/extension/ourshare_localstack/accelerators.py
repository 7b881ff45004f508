"""Global Accelerator, of which LocalStack and moto have nothing.

Standard accelerators with listeners and endpoint groups, custom routing
accelerators and cross-account attachments, as the API's model describes them.
The service is global: its state has no region.
"""

import uuid
from ipaddress import ip_address

from . import state
from .operations import error, operation

_NEW = "IN_PROGRESS"  # in the answer to a change; deployed at once
_DEPLOYED = "DEPLOYED"


def _kept(call, kind) -> dict:
    return state.part(call.account, state.GLOBAL, f"globalaccelerator_{kind}", dict)


def _find(call, kind, arn, what):
    if arn not in _kept(call, kind):
        raise error(f"{what}NotFoundException", f"The {what} {arn} was not found.")
    return _kept(call, kind)[arn]


def _address(base, number):
    return str(ip_address(base) + number)


def _create(call, kind):
    number = 1 + len(_kept(call, "accelerators")) + len(_kept(call, "custom"))
    arn = f"arn:aws:globalaccelerator::{call.account}:accelerator/{uuid.uuid4()}"
    dual = call.get("IpAddressType", "IPV4") == "DUAL_STACK"
    family = {
        "IpFamily": "IPv4",
        "IpAddressFamily": "IPv4",
        "IpAddresses": call.get("IpAddresses")
        or [_address("75.2.0.0", number), _address("99.83.128.0", number)],
    }
    sets = [family]
    if dual:
        addresses = [_address("2600:9000:a000::", number), _address("2600:9000:a400::", number)]
        sets.append({"IpFamily": "IPv6", "IpAddressFamily": "IPv6", "IpAddresses": addresses})
    made = {
        "AcceleratorArn": arn,
        "Name": call.request["Name"],
        "IpAddressType": call.get("IpAddressType", "IPV4"),
        "Enabled": call.get("Enabled", True),
        "IpSets": sets,
        "DnsName": f"a{uuid.uuid4().hex[:16]}.awsglobalaccelerator.com",
        "Status": _DEPLOYED,
        "CreatedTime": state.now(),
        "LastModifiedTime": state.now(),
    }
    _kept(call, kind)[arn] = made
    return {"Accelerator": {**made, "Status": _NEW}}


@operation("globalaccelerator", "CreateAccelerator")
def create_accelerator(call):
    return _create(call, "accelerators")


@operation("globalaccelerator", "DescribeAccelerator")
def describe_accelerator(call):
    return {
        "Accelerator": _find(call, "accelerators", call.request["AcceleratorArn"], "Accelerator")
    }


@operation("globalaccelerator", "ListAccelerators")
def list_accelerators(call):
    return {"Accelerators": list(_kept(call, "accelerators").values())}


@operation("globalaccelerator", "UpdateAccelerator")
def update_accelerator(call):
    one = _find(call, "accelerators", call.request["AcceleratorArn"], "Accelerator")
    for member in ("Name", "Enabled"):
        if call.get(member) is not None:
            one[member] = call.request[member]
    one["LastModifiedTime"] = state.now()
    return {"Accelerator": {**one, "Status": _NEW}}


@operation("globalaccelerator", "DeleteAccelerator")
def delete_accelerator(call):
    arn = call.request["AcceleratorArn"]
    if _find(call, "accelerators", arn, "Accelerator")["Enabled"]:
        raise error("AcceleratorNotDisabledException", "The accelerator must be disabled first.")
    if _under(call, "listeners", arn):
        raise error("AssociatedListenerFoundException", "The accelerator has a listener.")
    del _kept(call, "accelerators")[arn]
    return {}


@operation("globalaccelerator", "CreateCustomRoutingAccelerator")
def create_custom_routing_accelerator(call):
    return _create(call, "custom")


@operation("globalaccelerator", "ListCustomRoutingAccelerators")
def list_custom_routing_accelerators(call):
    return {"Accelerators": list(_kept(call, "custom").values())}


def _under(call, kind, parent):
    return [one for arn, one in _kept(call, kind).items() if arn.startswith(parent + "/")]


@operation("globalaccelerator", "CreateListener")
def create_listener(call):
    parent = call.request["AcceleratorArn"]
    _find(call, "accelerators", parent, "Accelerator")
    made = {
        "ListenerArn": f"{parent}/listener/{uuid.uuid4().hex[:8]}",
        "PortRanges": call.request["PortRanges"],
        "Protocol": call.get("Protocol", "TCP"),
        "ClientAffinity": call.get("ClientAffinity", "NONE"),
    }
    _kept(call, "listeners")[made["ListenerArn"]] = made
    return {"Listener": made}


@operation("globalaccelerator", "ListListeners")
def list_listeners(call):
    _find(call, "accelerators", call.request["AcceleratorArn"], "Accelerator")
    return {"Listeners": _under(call, "listeners", call.request["AcceleratorArn"])}


@operation("globalaccelerator", "DeleteListener")
def delete_listener(call):
    arn = call.request["ListenerArn"]
    _find(call, "listeners", arn, "Listener")
    if _under(call, "groups", arn):
        raise error("AssociatedEndpointGroupFoundException", "The listener has an endpoint group.")
    del _kept(call, "listeners")[arn]
    return {}


def _preserves(endpoint):
    """EndpointConfiguration: true by default for application load balancers.

    Instances always see the client's address (developer guide, "Preserve client IP addresses").
    """
    given = endpoint.get("ClientIPPreservationEnabled")
    id = endpoint["EndpointId"]
    if id.startswith("i-"):
        return True
    return ":loadbalancer/app/" in id if given is None else given


@operation("globalaccelerator", "CreateEndpointGroup")
def create_endpoint_group(call):
    parent, region = call.request["ListenerArn"], call.request["EndpointGroupRegion"]
    listener = _find(call, "listeners", parent, "Listener")
    if any(one["EndpointGroupRegion"] == region for one in _under(call, "groups", parent)):
        raise error(
            "EndpointGroupAlreadyExistsException",
            f"The listener has an endpoint group in {region}.",
        )
    made = {
        "EndpointGroupArn": f"{parent}/endpoint-group/{uuid.uuid4().hex[:12]}",
        "EndpointGroupRegion": region,
        "EndpointDescriptions": [
            {
                "EndpointId": one["EndpointId"],
                "Weight": one.get("Weight", 128),
                "HealthState": "HEALTHY",
                "ClientIPPreservationEnabled": _preserves(one),
            }
            for one in call.get("EndpointConfigurations", [])
        ],
        "TrafficDialPercentage": call.get("TrafficDialPercentage", 100.0),
        "HealthCheckPort": call.get("HealthCheckPort", listener["PortRanges"][0]["FromPort"]),
        "HealthCheckProtocol": call.get("HealthCheckProtocol", "TCP"),
        "HealthCheckIntervalSeconds": call.get("HealthCheckIntervalSeconds", 30),
        "ThresholdCount": call.get("ThresholdCount", 3),
        "PortOverrides": call.get("PortOverrides", []),
    }
    _kept(call, "groups")[made["EndpointGroupArn"]] = made
    return {"EndpointGroup": made}


@operation("globalaccelerator", "ListEndpointGroups")
def list_endpoint_groups(call):
    _find(call, "listeners", call.request["ListenerArn"], "Listener")
    return {"EndpointGroups": _under(call, "groups", call.request["ListenerArn"])}


@operation("globalaccelerator", "DeleteEndpointGroup")
def delete_endpoint_group(call):
    arn = call.request["EndpointGroupArn"]
    _find(call, "groups", arn, "EndpointGroup")
    del _kept(call, "groups")[arn]
    return {}


@operation("globalaccelerator", "CreateCrossAccountAttachment")
def create_cross_account_attachment(call):
    made = {
        "AttachmentArn": f"arn:aws:globalaccelerator::{call.account}:attachment/{uuid.uuid4()}",
        "Name": call.request["Name"],
        "Principals": call.get("Principals", []),
        "Resources": call.get("Resources", []),
        "CreatedTime": state.now(),
        "LastModifiedTime": state.now(),
    }
    _kept(call, "attachments")[made["AttachmentArn"]] = made
    return {"CrossAccountAttachment": made}


@operation("globalaccelerator", "ListCrossAccountAttachments")
def list_cross_account_attachments(call):
    return {"CrossAccountAttachments": list(_kept(call, "attachments").values())}
