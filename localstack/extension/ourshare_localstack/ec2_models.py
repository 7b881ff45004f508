"""EC2: where moto's models differ from what AWS makes.

Each patch names the documented behaviour that it brings back.
"""

import random

from localstack.utils.patch import patch
from moto.ec2 import models as ec2
from moto.ec2.models import amis, elastic_block_store, elastic_ip_addresses, instances, network_acls, vpcs
from moto.ec2.models import elastic_network_interfaces as enis
from moto.ec2.responses.instances import InstanceResponse

from . import state
from .kms import managed_key


def _settings(backend) -> dict:
    return state.part(backend.account_id, backend.region_name, "ec2_settings", dict)


@patch(vpcs.VPCBackend.create_vpc)
def create_vpc(fn, self, *args, **kwargs):
    """A VPC's default group lets its own members in (VPC guide, "Default security groups")."""
    vpc = fn(self, *args, **kwargs)
    group = self.get_default_security_group(vpc.id)
    if group is not None and not group.ingress_rules:
        self.authorize_security_group_ingress(
            group.id, "-1", None, None, [], source_groups=[{"GroupId": group.id}], vpc_id=vpc.id
        )
    return vpc


@patch(ec2.EC2Backend.__init__)
def new_backend(fn, self, *args, **kwargs):
    """The default VPC has an internet gateway and a route to it ("Default VPCs")."""
    fn(self, *args, **kwargs)
    gateway = self.create_internet_gateway()
    self.attach_internet_gateway(gateway.id, self.default_vpc.id)
    main = next(t for t in self.route_tables.values() if t.vpc_id == self.default_vpc.id)
    self.create_route(main.id, "0.0.0.0/0", gateway_id=gateway.id)


@patch(network_acls.NetworkAclBackend.create_network_acl)
def create_network_acl(fn, self, vpc_id, *args, **kwargs):
    """The final rule that denies what no other allows, in custom ACLs too; IPv6 apart."""
    acl = fn(self, vpc_id, *args, **kwargs)
    _add_entries(self, acl, "0.0.0.0/0", [(32767, "deny")])
    if any(self.get_vpc(vpc_id).get_cidr_block_association_set(ipv6=True)):
        add_ipv6_entries(self, acl)
    return acl


@patch(vpcs.VPCBackend.delete_vpc)
def delete_vpc(fn, self, vpc_id):
    """The default ACL goes with its VPC ("Delete your VPC")."""
    vpc = fn(self, vpc_id)
    for acl in [a for a in self.network_acls.values() if a.vpc_id == vpc_id and a.default]:
        del self.network_acls[acl.id]
    return vpc


def add_ipv6_entries(backend, acl):
    """With an IPv6 block, the default ACL lets IPv6 through as well ("Default network ACL")."""
    allow = [(101, "allow")] if acl.default else []
    _add_entries(backend, acl, "::/0", [*allow, (32768, "deny")])


def _add_entries(backend, acl, block, rules):
    present = {(int(e.rule_number), bool(e.egress)) for e in acl.network_acl_entries}
    v6 = ":" in block
    for number, action in rules:
        for egress in (True, False):
            if (number, egress) not in present:
                backend.create_network_acl_entry(
                    network_acl_id=acl.id,
                    rule_number=number,
                    protocol="-1",
                    rule_action=action,
                    egress=egress,
                    cidr_block=None if v6 else block,
                    icmp_code=None,
                    icmp_type=None,
                    port_range_from=None,
                    port_range_to=None,
                    ipv6_cidr_block=block if v6 else None,
                )


def default_key(backend):
    chosen = _settings(backend).get("ebs_key")
    return chosen or managed_key(backend.account_id, backend.region_name, "alias/aws/ebs")


@patch(elastic_block_store.EBSBackend.create_volume)
def create_volume(fn, self, size, zone_name, snapshot_id=None, encrypted=False, kms_key_id=None, **kwargs):
    """Encryption by default, a snapshot's encryption, and the key of both (EBS guide).

    A volume from an encrypted snapshot is encrypted with the snapshot's key
    unless another one is named; encryption by default covers every new volume.
    """
    snapshot = self.get_snapshot(snapshot_id) if snapshot_id else None
    if snapshot is not None and snapshot.encrypted:
        encrypted, kms_key_id = True, kms_key_id or snapshot.kms_key_id
    if self.get_ebs_encryption_by_default():
        encrypted = True
    if encrypted and not kms_key_id:
        kms_key_id = default_key(self)
    return fn(
        self,
        size,
        zone_name,
        snapshot_id=snapshot_id,
        encrypted=bool(encrypted),
        kms_key_id=kms_key_id,
        **kwargs,
    )


@patch(elastic_block_store.EBSBackend.create_snapshot)
def create_snapshot(fn, self, volume_id, description, *args, **kwargs):
    """Without a description it is empty, not the word None; the key is the volume's."""
    snapshot = fn(self, volume_id, description or "", *args, **kwargs)
    snapshot.encrypted = bool(snapshot.volume.encrypted)
    snapshot.kms_key_id = snapshot.volume.kms_key_id if snapshot.encrypted else None
    return snapshot


@patch(InstanceResponse._parse_block_device_mapping)
def parse_block_device_mapping(fn, self):
    """moto takes a volume that has a size for one that is to be encrypted."""
    mappings = fn(self)
    for mapping, asked in zip(mappings, self._get_param("BlockDeviceMappings", []), strict=True):
        mapping["Ebs"]["Encrypted"] = asked.get("Ebs", {}).get("Encrypted", False)
    return mappings


def _on_image(mappings, image):
    """The root device, which is named first, is a copy of the image's snapshot."""
    if mappings and image is not None and not mappings[0]["Ebs"].get("SnapshotId"):
        mappings[0]["Ebs"]["SnapshotId"] = image.ebs_snapshot.id


@patch(instances.InstanceBackend.run_instances)
def run_instances(fn, self, image_id, count, user_data, security_group_names, **kwargs):
    """A default subnet, and the metadata options in their documented order.

    The launch's own value, the template's, the account's default, then what the
    image says ("Order of precedence for instance metadata options").
    """
    template = {}
    if kwargs.get("launch_template"):
        template = self._get_template_from_args(kwargs["launch_template"]).data
    image = self.amis.get(image_id or template.get("ImageId"))
    options = {}
    if getattr(image, "imds_support", None) == "v2.0":
        options = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
    options |= _settings(self).get("imds", {})
    options |= template.get("MetadataOptions") or {}
    options |= kwargs.get("metadata_options") or {}
    kwargs["metadata_options"] = options
    _on_image(kwargs.get("block_device_mappings"), image)

    nics = kwargs.get("nics") or template.get("NetworkInterfaces")
    if not kwargs.get("subnet_id") and not nics:
        zones = self.get_default_subnets()
        zone = kwargs.get("placement") or next(iter(sorted(zones)), None)
        if zone in zones:
            kwargs["subnet_id"] = zones[zone].id
            # None: the subnet's own setting decides, true for default subnets
            kwargs.setdefault("associate_public_ip", None)
    reservation = fn(self, image_id, count, user_data, security_group_names, **kwargs)
    for instance in reservation.instances:
        primary = instance.nics.get(0)
        if primary is not None and not instance.security_groups:
            # without a group, the instance is in its VPC's default group
            instance.security_groups = list(primary.group_set)
    return reservation


def _mac():
    return ":".join(["02", "00", "00", *(f"{random.randrange(256):02x}" for _ in range(3))])


def _public_ip():
    return f"54.{random.randrange(144, 240)}.{random.randrange(256)}.{random.randrange(1, 255)}"


# moto's own formats MAC addresses wrongly, and takes elastic ones from 127.0.0.0/8
enis.random_mac_address = _mac
elastic_ip_addresses.random_ip = _public_ip


@patch(amis.Ami.__init__)
def new_image(fn, self, *args, **kwargs):
    """An image's root device is an EBS volume, with the encryption of what it came from."""
    fn(self, *args, **kwargs)
    if self.root_device_type == "standard":
        self.root_device_type = "ebs"
    instance = kwargs.get("instance")
    if instance is not None:
        root = next((v for k, v in instance.block_device_mapping.items()), None)
        volume = self.ec2_backend.volumes.get(root.volume_id) if root else None
        if volume is not None:
            self.ebs_snapshot.encrypted = bool(volume.encrypted)
            self.ebs_snapshot.kms_key_id = volume.kms_key_id


_mappings = amis.Ami.block_device_mappings.fget


def _block_device_mappings(self):
    rows = _mappings(self)
    for row in rows:
        row["Ebs"]["Encrypted"] = bool(self.ebs_snapshot.encrypted)
        row["Ebs"]["VolumeSize"] = self.ebs_snapshot.volume.size
    return rows


amis.Ami.block_device_mappings = property(_block_device_mappings)
