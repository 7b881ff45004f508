import pytest


@pytest.fixture
def ec2(emulator, account):
    return emulator.client("ec2", account)


def launch(ec2, **more):
    made = ec2.run_instances(**{"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1, **more})
    return made["Instances"][0]


def names(answer):
    return {r["RegionName"]: r["OptInStatus"] for r in answer["Regions"]}


def test_regions(emulator, account, ec2):
    enabled = names(ec2.describe_regions())
    assert set(enabled.values()) == {"opt-in-not-required"} and len(enabled) == 17
    everything = names(ec2.describe_regions(AllRegions=True))
    assert everything["af-south-1"] == "not-opted-in" and "cn-north-1" not in everything
    status = [{"Name": "opt-in-status", "Values": ["opted-in", "opt-in-not-required"]}]
    assert names(ec2.describe_regions(Filters=status, AllRegions=True)) == enabled
    assert list(names(ec2.describe_regions(RegionNames=["eu-west-1"]))) == ["eu-west-1"]
    emulator.client("account", account).enable_region(RegionName="af-south-1")
    assert names(ec2.describe_regions())["af-south-1"] == "opted-in"


def test_the_default_vpc_is_as_aws_makes_it(ec2):
    (group,) = ec2.describe_security_groups()["SecurityGroups"]
    (inbound,) = group["IpPermissions"]
    assert inbound["IpProtocol"] == "-1" and inbound["IpRanges"] == []
    assert [p["GroupId"] for p in inbound["UserIdGroupPairs"]] == [group["GroupId"]]
    (outbound,) = group["IpPermissionsEgress"]
    assert outbound["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    (table,) = ec2.describe_route_tables()["RouteTables"]
    assert any(r.get("GatewayId", "").startswith("igw-") for r in table["Routes"])
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    (group,) = ec2.describe_security_groups(Filters=mine)["SecurityGroups"]
    assert group["IpPermissions"][0]["UserIdGroupPairs"]


def test_a_launch_without_particulars(ec2):
    made = launch(ec2)
    assert made["SecurityGroups"][0]["GroupName"] == "default"
    assert made["PrivateIpAddress"].startswith("172.31.") and made["PublicIpAddress"]
    (interface,) = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert interface["Association"]["PublicIp"] == made["PublicIpAddress"]
    (address,) = interface["PrivateIpAddresses"]
    assert address["Association"]["PublicIp"] == made["PublicIpAddress"]
    assert len(interface["MacAddress"]) == 17


def test_metadata_options_and_their_defaults(ec2):
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}
    assert launch(ec2)["MetadataOptions"]["HttpTokens"] == "optional"
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
    level = ec2.get_instance_metadata_defaults()["AccountLevel"]
    assert level["HttpTokens"] == "required" and level["HttpPutResponseHopLimit"] == 2
    assert launch(ec2)["MetadataOptions"]["HttpTokens"] == "required"
    own = launch(ec2, MetadataOptions={"HttpTokens": "optional"})
    assert own["MetadataOptions"]["HttpTokens"] == "optional"
    assert own["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)
    assert "HttpTokens" not in ec2.get_instance_metadata_defaults()["AccountLevel"]

    changed = ec2.modify_instance_metadata_options(
        InstanceId=own["InstanceId"], HttpEndpoint="disabled"
    )["InstanceMetadataOptions"]
    assert changed["State"] == "pending" and changed["HttpTokens"] == "optional"
    (row,) = ec2.describe_instances(InstanceIds=[own["InstanceId"]])["Reservations"]
    options = row["Instances"][0]["MetadataOptions"]
    assert options["State"] == "applied" and options["HttpEndpoint"] == "disabled"


def test_a_template_and_an_image_decide_too(ec2):
    data = {"ImageId": "ami-12345678", "MetadataOptions": {"HttpTokens": "required"}}
    ec2.create_launch_template(LaunchTemplateName="one", LaunchTemplateData=data)
    for number in range(20):
        ec2.create_launch_template(LaunchTemplateName=f"more-{number}", LaunchTemplateData=data)
    made = ec2.run_instances(
        LaunchTemplate={"LaunchTemplateName": "one"},
        MinCount=1,
        MaxCount=1,
        DisableApiTermination=True,
    )["Instances"][0]
    assert made["MetadataOptions"]["HttpTokens"] == "required"
    kept = ec2.describe_instance_attribute(
        InstanceId=made["InstanceId"], Attribute="disableApiTermination"
    )
    assert kept["DisableApiTermination"]["Value"] is True
    assert len(ec2.describe_launch_templates()["LaunchTemplates"]) == 21
    assert len(ec2.describe_launch_template_versions(Versions=["$Latest"])["LaunchTemplateVersions"]) == 21
    image = ec2.register_image(Name="v2", RootDeviceName="/dev/xvda", ImdsSupport="v2.0")["ImageId"]
    assert launch(ec2, ImageId=image)["MetadataOptions"]["HttpTokens"] == "required"
    metadata = ec2.describe_instance_image_metadata()["InstanceImageMetadata"]
    assert {m["ImageMetadata"].get("Name") for m in metadata} == {None, "v2"}


def test_user_data_survives_a_launch(ec2):
    made = launch(ec2, UserData="#!/bin/sh\necho hello")
    kept = ec2.describe_instance_attribute(InstanceId=made["InstanceId"], Attribute="userData")
    assert kept["UserData"]["Value"] == "IyEvYmluL3NoCmVjaG8gaGVsbG8="


def test_settings_that_block_public_sharing(ec2, refused):
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    share = {
        "SnapshotId": snapshot,
        "Attribute": "createVolumePermission",
        "OperationType": "add",
        "GroupNames": ["all"],
    }
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    ec2.enable_snapshot_block_public_access(State="block-new-sharing")
    assert refused(ec2.modify_snapshot_attribute, **share) == "OperationNotPermitted"
    ec2.disable_snapshot_block_public_access()
    ec2.modify_snapshot_attribute(**share)
    public = {"OwnerIds": ["self"], "RestorableByUserIds": ["all"]}
    assert len(ec2.describe_snapshots(**public)["Snapshots"]) == 1
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    assert ec2.describe_snapshots(**public)["Snapshots"] == []

    image = ec2.register_image(Name="one", RootDeviceName="/dev/xvda")["ImageId"]
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    public = {"ImageId": image, "LaunchPermission": {"Add": [{"Group": "all"}]}}
    assert refused(ec2.modify_image_attribute, **public) == "OperationNotPermitted"
    ec2.disable_image_block_public_access()
    ec2.modify_image_attribute(**public)
    (row,) = ec2.describe_images(Owners=["self"])["Images"]
    assert row["Public"] is True and row["RootDeviceType"] == "ebs"


def test_whose_snapshots(emulator, account, other, ec2):
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    private, shared, public = (
        ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(3)
    )
    add = {"Attribute": "createVolumePermission", "OperationType": "add"}
    ec2.modify_snapshot_attribute(SnapshotId=shared, UserIds=[other], **add)
    ec2.modify_snapshot_attribute(SnapshotId=public, GroupNames=["all"], **add)

    def ids(client, **ask):
        return {s["SnapshotId"] for s in client.describe_snapshots(**ask)["Snapshots"]}

    assert ids(ec2, OwnerIds=["self"]) == {private, shared, public}
    assert ids(ec2, OwnerIds=["self"], RestorableByUserIds=["all"]) == {public}
    theirs = emulator.client("ec2", other)
    assert ids(theirs, OwnerIds=["self"]) == set()
    assert ids(theirs, OwnerIds=[account]) == {shared, public}
    assert ids(theirs, RestorableByUserIds=["self"]) == {shared}
    asked = ec2.describe_snapshot_attribute(SnapshotId=shared, Attribute="createVolumePermission")
    assert asked["SnapshotId"] == shared
    assert asked["CreateVolumePermissions"] == [{"UserId": other}]


def test_encryption_by_default(emulator, account, ec2):
    plain = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)
    assert plain["Encrypted"] is False
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    ec2.enable_ebs_encryption_by_default()
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
    made = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)
    key = emulator.client("kms", account).describe_key(KeyId=made["KmsKeyId"])["KeyMetadata"]
    assert made["Encrypted"] and key["KeyManager"] == "AWS"
    instance = launch(ec2)
    (root,) = ec2.describe_volumes(
        Filters=[{"Name": "attachment.instance-id", "Values": [instance["InstanceId"]]}]
    )["Volumes"]
    assert root["Encrypted"] and ec2.create_snapshot(VolumeId=root["VolumeId"])["Encrypted"]
    own = emulator.client("kms", account).create_key()["KeyMetadata"]
    ec2.modify_ebs_default_kms_key_id(KmsKeyId=own["KeyId"])
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == own["Arn"]
    assert ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["KmsKeyId"] == own["Arn"]
    ec2.disable_ebs_encryption_by_default()
    assert not ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["Encrypted"]
    source = ec2.create_snapshot(VolumeId=plain["VolumeId"])["SnapshotId"]
    copy = ec2.copy_snapshot(SourceRegion="us-east-1", SourceSnapshotId=source, Encrypted=True)
    (row,) = ec2.describe_snapshots(SnapshotIds=[copy["SnapshotId"]])["Snapshots"]
    assert row["Encrypted"]


def test_vpc_block_public_access(ec2):
    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert options["InternetGatewayBlockMode"] == "off" and options["State"] == "default-state"
    now = ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    assert now["VpcBlockPublicAccessOptions"]["State"] == "update-in-progress"
    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert options["InternetGatewayBlockMode"] == "block-ingress"
    assert options["State"] == "update-complete"
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    made = ec2.create_vpc_block_public_access_exclusion(
        SubnetId=subnet, InternetGatewayExclusionMode="allow-egress"
    )["VpcBlockPublicAccessExclusion"]
    ec2.delete_vpc_block_public_access_exclusion(ExclusionId=made["ExclusionId"])
    (row,) = ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"]
    assert row["State"] == "delete-complete" and row["ResourceArn"].endswith(subnet)


def test_network_acls(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]

    def numbers(acl):
        rows = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
        return rows, sorted({e["RuleNumber"] for e in rows})

    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    (default,) = ec2.describe_network_acls(Filters=mine)["NetworkAcls"]
    assert numbers(default["NetworkAclId"])[1] == [100, 101, 32767, 32768]
    own = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    assert numbers(own)[1] == [32767, 32768]
    rule = {"NetworkAclId": own, "RuleAction": "allow", "Egress": False}
    ec2.create_network_acl_entry(
        **rule, RuleNumber=5, Protocol="6", Ipv6CidrBlock="::/0", PortRange={"From": 22, "To": 22}
    )
    ec2.create_network_acl_entry(
        **rule,
        RuleNumber=6,
        Protocol="1",
        CidrBlock="10.0.0.0/8",
        IcmpTypeCode={"Type": -1, "Code": -1},
    )
    rows = {e["RuleNumber"]: e for e in numbers(own)[0]}
    assert rows[5]["Ipv6CidrBlock"] == "::/0" and rows[5]["PortRange"] == {"From": 22, "To": 22}
    assert rows[6]["IcmpTypeCode"] == {"Type": -1, "Code": -1}


def test_prefix_lists_in_rules(ec2):
    made = ec2.create_managed_prefix_list(
        PrefixListName="office",
        MaxEntries=2,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "192.0.2.0/24"}],
    )["PrefixList"]["PrefixListId"]
    entries = ec2.get_managed_prefix_list_entries(PrefixListId=made)["Entries"]
    assert [e["Cidr"] for e in entries] == ["192.0.2.0/24"]
    group = ec2.create_security_group(GroupName="one", Description="d")["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "PrefixListIds": [{"PrefixListId": made}],
            }
        ],
    )
    (row,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert row["IpPermissions"][0]["PrefixListIds"][0]["PrefixListId"] == made
    vpc = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    ec2.associate_security_group_vpc(GroupId=group, VpcId=vpc)
    (row,) = ec2.describe_security_group_vpc_associations()["SecurityGroupVpcAssociations"]
    assert row["VpcId"] == vpc and row["State"] == "associated"


def test_elastic_addresses_are_public_ones(ec2):
    address = ec2.allocate_address(Domain="vpc")
    assert address["PublicIp"].startswith("54.")
    instance = launch(ec2)["InstanceId"]
    ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=instance)
    (row,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    assert row["Instances"][0]["PublicIpAddress"] == address["PublicIp"]


def test_flow_logs_deliver_where_the_role_exists(emulator, account, ec2):
    role = emulator.client("iam", account).create_role(
        RoleName="flow", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}'
    )["Role"]["Arn"]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ask = {"ResourceIds": [vpc], "ResourceType": "VPC", "LogDestinationType": "cloud-watch-logs"}
    ec2.create_flow_logs(
        **ask, TrafficType="REJECT", LogGroupName="one", DeliverLogsPermissionArn=role
    )
    ec2.create_flow_logs(
        **ask, TrafficType="ALL", LogGroupName="two", DeliverLogsPermissionArn=role + "-not"
    )
    rows = {r["LogGroupName"]: r for r in ec2.describe_flow_logs()["FlowLogs"]}
    assert rows["one"]["DeliverLogsStatus"] == "SUCCESS" and rows["one"]["TrafficType"] == "REJECT"
    assert rows["two"]["DeliverLogsStatus"] == "FAILED"
    assert rows["two"]["DeliverLogsErrorMessage"] == "Access error"


def test_serial_console_and_allowed_images(ec2):
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False
    ec2.enable_serial_console_access()
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is True
    assert ec2.get_allowed_images_settings()["State"] == "disabled"


@pytest.mark.parametrize("operation", ["DescribeInstances", "DescribeVolumes", "DescribeNetworkInterfaces"])
def test_managed_resources_may_be_asked_for(emulator, account, operation):
    body = f"Action={operation}&Version=2016-11-15&IncludeManagedResources=true&MaxResults=5"
    assert emulator.raw("ec2", account, body)[0] == 200
