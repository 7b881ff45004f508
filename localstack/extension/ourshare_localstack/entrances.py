"""Ways into a VPC that moto does not have, as the API's model describes them."""

import uuid

from moto.ec2.models import ec2_backends

from . import state
from .operations import error, operation


def _kept(call, kind) -> dict:
    return state.part(call.account, call.region, f"ec2_{kind}", dict)


def _tags(call):
    return [t for s in call.get("TagSpecifications", []) for t in s.get("Tags", [])]


def _delete(call, kind, member, what):
    id = call.request[member]
    if id not in _kept(call, kind):
        raise error(f"Invalid{what}Id.NotFound", f"The {member} {id} does not exist")
    return _kept(call, kind).pop(id)


def _listed(call, kind, member):
    ids = call.get(member)
    return [one for id, one in _kept(call, kind).items() if not ids or id in ids]


# ---- EC2 Instance Connect endpoints


@operation("ec2", "CreateInstanceConnectEndpoint")
def create_instance_connect_endpoint(call):
    backend = ec2_backends[call.account][call.region]
    subnet = backend.get_subnet(call.request["SubnetId"])
    id = f"eice-{uuid.uuid4().hex[:17]}"
    groups = call.get("SecurityGroupIds") or [backend.get_default_security_group(subnet.vpc_id).id]
    arn = f"arn:aws:ec2:{call.region}:{call.account}"
    made = {
        "OwnerId": call.account,
        "InstanceConnectEndpointId": id,
        "InstanceConnectEndpointArn": f"{arn}:instance-connect-endpoint/{id}",
        "State": "create-complete",
        "DnsName": f"{id}.ec2-instance-connect-endpoint.{call.region}.amazonaws.com",
        "VpcId": subnet.vpc_id,
        "AvailabilityZone": subnet.availability_zone,
        "CreatedAt": state.now(),
        "SubnetId": subnet.id,
        "PreserveClientIp": call.get("PreserveClientIp", False),
        "SecurityGroupIds": groups,
        "Tags": _tags(call),
    }
    _kept(call, "instance_connect")[id] = made
    return {"InstanceConnectEndpoint": {**made, "State": "create-in-progress"}}


@operation("ec2", "DescribeInstanceConnectEndpoints")
def describe_instance_connect_endpoints(call):
    return {
        "InstanceConnectEndpoints": _listed(call, "instance_connect", "InstanceConnectEndpointIds")
    }


@operation("ec2", "DeleteInstanceConnectEndpoint")
def delete_instance_connect_endpoint(call):
    one = _delete(call, "instance_connect", "InstanceConnectEndpointId", "InstanceConnectEndpoint")
    return {"InstanceConnectEndpoint": {**one, "State": "delete-in-progress"}}


# ---- Verified Access endpoints; their groups and instances are not kept


@operation("ec2", "CreateVerifiedAccessEndpoint")
def create_verified_access_endpoint(call):
    id = f"vae-{uuid.uuid4().hex[:17]}"
    kept = (
        "VerifiedAccessGroupId",
        "ApplicationDomain",
        "EndpointType",
        "AttachmentType",
        "SecurityGroupIds",
    )
    kept += (
        "LoadBalancerOptions",
        "NetworkInterfaceOptions",
        "RdsOptions",
        "CidrOptions",
        "Description",
    )
    made = {
        "VerifiedAccessEndpointId": id,
        **{member: call.request[member] for member in kept if call.get(member) is not None},
        "Status": {"Code": "active"},
        "CreationTime": state.now().isoformat(),
        "Tags": _tags(call),
    }
    _kept(call, "verified_access")[id] = made
    return {"VerifiedAccessEndpoint": {**made, "Status": {"Code": "pending"}}}


@operation("ec2", "DescribeVerifiedAccessEndpoints")
def describe_verified_access_endpoints(call):
    return {
        "VerifiedAccessEndpoints": _listed(call, "verified_access", "VerifiedAccessEndpointIds")
    }


@operation("ec2", "DeleteVerifiedAccessEndpoint")
def delete_verified_access_endpoint(call):
    one = _delete(call, "verified_access", "VerifiedAccessEndpointId", "VerifiedAccessEndpoint")
    return {"VerifiedAccessEndpoint": {**one, "Status": {"Code": "deleting"}}}


# ---- Client VPN endpoints


@operation("ec2", "CreateClientVpnEndpoint")
def create_client_vpn_endpoint(call):
    id = f"cvpn-endpoint-{uuid.uuid4().hex[:17]}"
    kept = (
        "ClientCidrBlock",
        "ServerCertificateArn",
        "Description",
        "SecurityGroupIds",
        "VpcId",
        "SplitTunnel",
    )
    made = {
        "ClientVpnEndpointId": id,
        **{member: call.request[member] for member in kept if call.get(member) is not None},
        "Status": {"Code": "pending-associate"},
        "CreationTime": state.now().isoformat(),
        "DnsName": f"*.{id}.prod.clientvpn.{call.region}.amazonaws.com",
        "VpnProtocol": "openvpn",
        "TransportProtocol": call.get("TransportProtocol", "udp"),
        "VpnPort": call.get("VpnPort", 443),
        "Tags": _tags(call),
    }
    _kept(call, "client_vpn")[id] = made
    return {"ClientVpnEndpointId": id, "Status": made["Status"], "DnsName": made["DnsName"]}


@operation("ec2", "DescribeClientVpnEndpoints")
def describe_client_vpn_endpoints(call):
    return {"ClientVpnEndpoints": _listed(call, "client_vpn", "ClientVpnEndpointIds")}


@operation("ec2", "DeleteClientVpnEndpoint")
def delete_client_vpn_endpoint(call):
    _delete(call, "client_vpn", "ClientVpnEndpointId", "ClientVpnEndpoint")
    return {"Status": {"Code": "deleting"}}
