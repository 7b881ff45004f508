"""Images, instances, volumes and snapshots, and the region's settings of EBS."""

from .target import say, tagged, tags

# What EC2 lets people write into a tag and no report may obey. (Its XML cannot carry ESC;
# U+009B means the same to a terminal.)
HOSTILE = "\u009b2J\u009b31m<script>alert(1)</script>\n| a | b |\t=cmd()\u202etxt.exe'\"`$(id)"


class Compute:
    def __init__(self, target, region):
        self.target, self.region = target, region
        self.ec2 = target.client("ec2", region)
        self.instances = {}

    def snapshot(self, name, encrypted=True, size=8, kept=None):
        """A snapshot of a volume that is then deleted, unless it is kept under a name."""
        volume = self.volume(kept or f"{name}-source", encrypted, size)
        made = self.ec2.create_snapshot(
            VolumeId=volume, Description=name, TagSpecifications=tagged("snapshot", name)
        )
        if not kept:
            self.ec2.delete_volume(VolumeId=volume)
        return made["SnapshotId"]

    def volume(self, name, encrypted=True, size=20, zone="a"):
        made = self.ec2.create_volume(
            Size=size,
            VolumeType="gp3",
            Encrypted=encrypted,
            AvailabilityZone=f"{self.region}{zone}",
            TagSpecifications=tagged("volume", name),
        )
        return made["VolumeId"]

    def image(self, name, encrypted=True):
        """An image of one's own, on the snapshot NAME-root."""
        root = self.snapshot(f"{name}-root", encrypted)
        made = self.ec2.register_image(
            Name=name,
            Architecture="x86_64",
            RootDeviceName="/dev/xvda",
            VirtualizationType="hvm",
            EnaSupport=True,
            BlockDeviceMappings=[
                {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": root, "VolumeSize": 8}}
            ],
        )
        self.ec2.create_tags(Resources=[made["ImageId"]], Tags=tags(name))
        return made["ImageId"]

    def instance(
        self, name, image, subnet, groups,
        tokens="required", endpoint="enabled", public=False, profile=None, **more,
    ):  # fmt: skip
        """A running instance with its root volume, NAME-root; more are tags of the instance.

        The profile is that of the same role (roles.py), or none.

        The volume is as encrypted as the image's snapshot, or as the region's default has it.
        """
        made = self.ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            InstanceType="m7i.large",
            MetadataOptions={"HttpTokens": tokens, "HttpEndpoint": endpoint},
            NetworkInterfaces=[
                {
                    "DeviceIndex": 0,
                    "SubnetId": subnet,
                    "Groups": groups,
                    "AssociatePublicIpAddress": public,
                }
            ],
            BlockDeviceMappings=[
                {
                    "DeviceName": "/dev/xvda",
                    "Ebs": {"VolumeSize": 8, "DeleteOnTermination": True},
                }
            ],
            TagSpecifications=tagged("instance", name, **more)
            + tagged("volume", f"{name}-root"),
            **({"IamInstanceProfile": {"Name": profile}} if profile else {}),
        )
        id = self.instances[name] = made["Instances"][0]["InstanceId"]
        return id

    def elastic_address(self, name, **of):
        made = self.ec2.allocate_address(
            Domain="vpc", TagSpecifications=tagged("elastic-ip", name)
        )
        self.ec2.associate_address(AllocationId=made["AllocationId"], **of)

    def share_snapshot(self, id, *accounts, everyone=False):
        whom = {"GroupNames": ["all"]} if everyone else {"UserIds": list(accounts)}
        self.ec2.modify_snapshot_attribute(
            SnapshotId=id, Attribute="createVolumePermission", OperationType="add", **whom
        )


def demo(target, vpcs):
    """The instances of both regions, by name."""
    say("instances, volumes, snapshots and images of us-east-1 and eu-west-1")
    return _america(target, vpcs), _europe(target, vpcs)


def _america(target, vpcs):
    c = Compute(target, "us-east-1")
    shop, office = vpcs["shop-vpc"], vpcs["office-vpc"]
    private, public = shop.subnets["shop-private-a"], shop.subnets["shop-public-a"]
    web = [shop.groups["web-sg"]]
    admin = [shop.groups["legacy-admin-sg"]]
    base, old = c.image("shop-base"), c.image("shop-base-2019", encrypted=False)

    c.instance("web-1", base, private, web)
    c.instance("web-2", base, shop.subnets["shop-private-b"], web)
    c.instance("reports-1", base, private, web)
    c.instance("search-1", base, private, web)
    c.instance("batch-1", base, private, web, tokens="optional", endpoint="disabled")
    c.instance("bastion-1", base, public, [shop.groups["bastion-sg"]], "optional", public=True)
    legacy = c.instance("legacy-crm", old, public, admin, tokens="optional")
    c.elastic_address("legacy-crm", InstanceId=legacy)

    # its own network interface has no public address, the second one has
    floor = office.subnets["office-floor-1"]
    kiosk = c.instance(
        "kiosk-1", base, floor, [office.groups["desktops-sg"]], Note=HOSTILE
    )
    second = c.ec2.create_network_interface(
        SubnetId=floor,
        Groups=[office.groups["desktops-sg"]],
        TagSpecifications=tagged("network-interface", "kiosk-1-second"),
    )["NetworkInterface"]["NetworkInterfaceId"]
    c.ec2.attach_network_interface(NetworkInterfaceId=second, InstanceId=kiosk, DeviceIndex=1)
    c.elastic_address("kiosk-1", NetworkInterfaceId=second)

    build = c.instance("build-1", old, floor, [office.groups["build-sg"]], tokens="optional")
    c.ec2.stop_instances(InstanceIds=[build])
    gone = c.instance("old-cms", old, public, admin, tokens="optional")
    c.ec2.terminate_instances(InstanceIds=[gone])

    c.snapshot("orders-archive", encrypted=False, kept="orders-archive-data")
    c.snapshot("orders-nightly", kept="orders-data")
    handover = c.snapshot("partner-handover", encrypted=False)
    c.share_snapshot(handover, "444444444444")
    press = c.snapshot("press-photos", encrypted=False)
    c.share_snapshot(press, everyone=True)

    # shared with the world before the region's block, which stops new sharing only
    kiosk_image = c.image("kiosk-demo", encrypted=False)
    c.ec2.modify_image_attribute(
        ImageId=kiosk_image, LaunchPermission={"Add": [{"Group": "all"}]}
    )
    c.ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    c.ec2.disable_ebs_encryption_by_default()
    return c


def _europe(target, vpcs):
    c = Compute(target, "eu-west-1")
    europe, staging = vpcs["europe-vpc"], vpcs["staging-vpc"]
    private, web = europe.subnets["europe-private-a"], [europe.groups["eu-web-sg"]]
    base = c.image("europe-base")
    export = c.snapshot("catalogue-export", encrypted=False)
    c.share_snapshot(export, everyone=True)
    # hides what was public before, and leaves its permissions as they are
    c.ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    c.ec2.enable_ebs_encryption_by_default()

    c.instance("eu-web-1", base, private, web)
    c.instance("eu-web-2", base, private, web)
    c.instance("eu-worker-1", base, private, web)
    standby = c.instance("eu-standby-1", base, private, web)
    c.ec2.stop_instances(InstanceIds=[standby])
    c.instance(
        "staging-1",
        base,
        staging.subnets["staging-a"],
        [staging.groups["migration-sg"]],
        tokens="optional",
    )
    # left behind by the transfers, and attached to nothing
    c.ec2.create_network_interface(
        SubnetId=private,
        Groups=[europe.groups["transfer-sg"]],
        TagSpecifications=tagged("network-interface", "transfers"),
    )
    # a node of EKS Auto Mode: AWS runs it, and says so with a member that only AWS can set
    node = c.instance("eks-node-1", base, private, web, tokens="optional")
    operator = {"Managed": True, "Principal": "eks.amazonaws.com"}
    target.backdate("ec2:instance", node, c.region, Operator=operator)
    disk = c.ec2.describe_volumes(
        Filters=[{"Name": "attachment.instance-id", "Values": [node]}]
    )["Volumes"][0]["VolumeId"]
    target.backdate("ec2:volume", disk, c.region, Operator=operator)

    # what was not asked to be encrypted is, by the region's setting
    c.volume("catalogue-scratch", encrypted=False)
    return c


def second(target, vpcs):
    say("instances, volumes and snapshots of us-east-1")
    c = Compute(target, "us-east-1")
    lab = vpcs["lab-vpc"]
    c.ec2.enable_ebs_encryption_by_default()
    base = c.image("lab-base")
    c.instance("lab-1", base, lab.subnets["lab-b"], [lab.groups["lab-sg"]])
    c.instance("lab-2", base, lab.subnets["lab-a"], [lab.groups["lab-sg"]], public=True)
    return (c,)
