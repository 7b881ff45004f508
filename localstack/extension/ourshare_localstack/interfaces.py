"""Network interfaces that services make in an account's subnets.

Load balancers have one in each of their subnets (user guides of Application,
Network and Gateway Load Balancers), a database instance one in its zone's subnet
(RDS user guide, "Working with a DB instance in a VPC"), a NAT gateway one in its
own. Each is brought up to date when interfaces are listed, so that whatever
changed its owner is seen. The members are those of the API model's
NetworkInterface.
"""

from moto.ec2.models import ec2_backends
from moto.ec2.utils import random_private_ip, random_public_ip
from moto.elb.models import elb_backends
from moto.elbv2.models import elbv2_backends
from moto.rds.models import rds_backends

from . import state

_TYPES = {
    "application": "interface",
    "gateway": "gateway_load_balancer",
    "network": "network_load_balancer",
}


def _wanted(account, region):
    """What there should be: (owner, subnet) and what the interface is like."""
    for lb in elbv2_backends[account][region].load_balancers.values():
        for subnet in lb.subnets:
            yield (
                (lb.arn, subnet.id),
                {
                    "description": "ELB " + lb.arn.split(":loadbalancer/", 1)[-1],
                    "type": _TYPES[lb.type],
                    "requester": "amazon-elb",
                    "groups": list(lb.security_groups or []),
                    "public": lb.scheme != "internal" and lb.type != "gateway",
                    "ipv6": "dualstack" in (getattr(lb, "ip_address_type", None) or ""),
                    "attachment": "ela-attach",
                },
            )
    for lb in elb_backends[account][region].load_balancers.values():
        for subnet in lb.subnets or []:
            yield (
                (f"elb:{lb.name}", subnet),
                {
                    "description": f"ELB {lb.name}",
                    "type": "interface",
                    "requester": "amazon-elb",
                    "groups": list(lb.security_groups or []),
                    "public": lb.scheme == "internet-facing",
                    "attachment": "ela-attach",
                },
            )
    for db in rds_backends[account][region].databases.values():
        subnet = _subnet_of(db, account, region)
        if subnet is not None:
            yield (
                (db.db_instance_arn, subnet),
                {
                    "description": "RDSNetworkInterface",
                    "type": "interface",
                    "requester": "amazon-rds",
                    "groups": list(db.vpc_security_group_ids or []),
                    "public": str(db.publicly_accessible).lower() == "true",
                    "attachment": "eni-attach",
                },
            )


def _subnet_of(db, account, region):
    """The subnet of the instance's zone in its group, or in the default VPC."""
    group = getattr(db, "db_subnet_group", None)
    if group is not None:
        subnets = list(group._subnets)
    else:
        subnets = list(ec2_backends[account][region].get_default_subnets().values())
    at_zone = [s for s in subnets if s.availability_zone == db.availability_zone]
    return next((s.id for s in at_zone or subnets), None)


def refresh(account, region) -> None:
    """Make, change and remove the interfaces of services."""
    backend = ec2_backends[account][region]
    known = state.part(account, region, "service_interfaces", dict)
    wanted = {key: spec for key, spec in _wanted(account, region) if key[1] in _subnets(backend)}
    for key in [key for key in known if key not in wanted]:
        backend.enis.pop(known.pop(key), None)
    for key, spec in wanted.items():
        eni = backend.enis.get(known.get(key))
        if eni is None:
            eni = _make(backend, key[1], spec)
            known[key] = eni.id
        _update(backend, eni, spec)
    for gateway in backend.nat_gateways.values():
        eni = gateway._eni
        eni.description = f"Interface for NAT Gateway {gateway.id}"
        eni.interface_type, eni.requester_managed, eni.status = "nat_gateway", True, "in-use"
        eni.ourshare = {"Attachment": _attachment("ela-attach", "amazon-aws", eni)}
        eni._group_set = []
        if gateway.state == "deleted":
            backend.enis.pop(eni.id, None)


def _subnets(backend):
    return {id for zone in backend.subnets.values() for id in zone}


def _make(backend, subnet, spec):
    eni = backend.create_network_interface(
        backend.get_subnet(subnet), None, description=spec["description"]
    )
    eni.interface_type, eni.requester_id, eni.requester_managed = (
        spec["type"],
        spec["requester"],
        True,
    )
    eni.status = "in-use"
    return eni


def _attachment(prefix, owner, eni):
    return {
        "AttachmentId": f"{prefix}-{eni.id.removeprefix('eni-')}",
        "DeleteOnTermination": False,
        "DeviceIndex": 1,
        "InstanceOwnerId": owner,
        "Status": "attached",
    }


def _update(backend, eni, spec):
    eni._group_set = [g for g in map(backend.get_security_group_from_id, spec["groups"]) if g]
    if spec["public"] != bool(eni.public_ip):
        eni.public_ip = random_public_ip() if spec["public"] else None
    blocks = list(eni.subnet.ipv6_cidr_block_associations.values())
    if spec.get("ipv6") and blocks:
        if not eni.ipv6_addresses:
            eni.ipv6_addresses = [random_private_ip(blocks[0]["ipv6CidrBlock"], ipv6=True)]
    else:
        eni.ipv6_addresses = []
    owner = spec["requester"]
    eni.ourshare = {"Attachment": _attachment(spec["attachment"], owner, eni), "IpOwnerId": owner}
    # "Indicates whether a network interface with an IPv6 address is unreachable from the
    # public internet": internal dual-stack load balancers (NetworkInterface.DenyAllIgwTraffic)
    if eni.ipv6_addresses and not spec["public"]:
        eni.ourshare["DenyAllIgwTraffic"] = True


def overlay(backend, row) -> None:
    """The members that moto's object does not have."""
    extra = getattr(backend.enis.get(row["NetworkInterfaceId"]), "ourshare", None)
    if not extra:
        return
    row["Attachment"] = extra["Attachment"]
    if "DenyAllIgwTraffic" in extra:
        row["DenyAllIgwTraffic"] = extra["DenyAllIgwTraffic"]
    if row.get("Association") and "IpOwnerId" in extra:
        row["Association"]["IpOwnerId"] = extra["IpOwnerId"]
