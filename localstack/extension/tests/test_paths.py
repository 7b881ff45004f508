"""What paths from the internet need: accelerators, distributions, and the interfaces of services."""

import pytest


@pytest.fixture
def network(emulator, account):
    """A VPC with two subnets and a group."""
    ec2 = emulator.client("ec2", account)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for i, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="front", Description="d", VpcId=vpc)["GroupId"]
    return vpc, subnets, group


def interfaces(ec2, vpc):
    found = ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    return sorted(found["NetworkInterfaces"], key=lambda row: (row["Description"], row["SubnetId"]))


def test_interfaces_of_application_load_balancers(emulator, account, network):
    vpc, subnets, group = network
    ec2, elb = emulator.client("ec2", account), emulator.client("elbv2", account)
    made = elb.create_load_balancer(Name="web", Subnets=subnets, SecurityGroups=[group])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    assert (
        ":loadbalancer/app/web/" in arn and made["LoadBalancers"][0]["Scheme"] == "internet-facing"
    )
    rows = interfaces(ec2, vpc)
    assert sorted(row["SubnetId"] for row in rows) == sorted(subnets)
    for row in rows:
        assert row["Description"] == "ELB " + arn.split(":loadbalancer/")[1]
        assert row["RequesterId"] == "amazon-elb" and row["RequesterManaged"]
        assert row["InterfaceType"] == "interface" and row["Status"] == "in-use"
        assert [g["GroupId"] for g in row["Groups"]] == [group]
        assert row["Association"]["PublicIp"] and row["Association"]["IpOwnerId"] == "amazon-elb"
        assert (
            row["Attachment"]["InstanceOwnerId"] == "amazon-elb"
            and "InstanceId" not in row["Attachment"]
        )
    ids = [row["NetworkInterfaceId"] for row in rows]
    assert [row["NetworkInterfaceId"] for row in interfaces(ec2, vpc)] == ids
    other = ec2.create_security_group(GroupName="other", Description="d", VpcId=vpc)["GroupId"]
    elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[other])
    assert [[g["GroupId"] for g in row["Groups"]] for row in interfaces(ec2, vpc)] == [
        [other],
        [other],
    ]
    elb.delete_load_balancer(LoadBalancerArn=arn)
    assert interfaces(ec2, vpc) == []


def test_interfaces_of_other_load_balancers(emulator, account, network):
    vpc, subnets, group = network
    ec2 = emulator.client("ec2", account)
    elb = emulator.client("elbv2", account)
    made = elb.create_load_balancer(
        Name="inside", Type="network", Scheme="internal", Subnets=subnets[:1]
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    assert ":loadbalancer/net/inside/" in arn
    emulator.client("elb", account).create_load_balancer(
        LoadBalancerName="old",
        Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}],
        Subnets=subnets[:1],
        SecurityGroups=[group],
    )
    network_lb, classic = interfaces(ec2, vpc)
    assert network_lb["InterfaceType"] == "network_load_balancer" and network_lb["Groups"] == []
    assert network_lb["Description"] == "ELB " + arn.split(":loadbalancer/")[1]
    assert "Association" not in network_lb
    assert classic["Description"] == "ELB old" and classic["RequesterId"] == "amazon-elb"
    assert classic["Association"]["PublicIp"] and [g["GroupId"] for g in classic["Groups"]] == [
        group
    ]


def test_interfaces_of_databases(emulator, account, network):
    vpc, subnets, group = network
    ec2, rds = emulator.client("ec2", account), emulator.client("rds", account)
    rds.create_db_subnet_group(
        DBSubnetGroupName="private", DBSubnetGroupDescription="d", SubnetIds=subnets
    )
    common = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
    common |= {
        "MasterUsername": "a",
        "MasterUserPassword": "password1",
        "DBSubnetGroupName": "private",
    }
    common |= {"VpcSecurityGroupIds": [group], "AvailabilityZone": "us-east-1b"}
    rds.create_db_instance(DBInstanceIdentifier="closed", PubliclyAccessible=False, **common)
    (row,) = interfaces(ec2, vpc)
    assert row["Description"] == "RDSNetworkInterface" and row["RequesterId"] == "amazon-rds"
    assert row["SubnetId"] == subnets[1] and "Association" not in row
    rds.create_db_instance(DBInstanceIdentifier="open", PubliclyAccessible=True, **common)
    assert sorted("Association" in row for row in interfaces(ec2, vpc)) == [False, True]
    rds.delete_db_instance(DBInstanceIdentifier="open", SkipFinalSnapshot=True)
    rds.delete_db_instance(DBInstanceIdentifier="closed", SkipFinalSnapshot=True)
    assert interfaces(ec2, vpc) == []


def test_a_database_without_a_subnet_group_is_in_the_default_vpc(emulator, account):
    ec2, rds = emulator.client("ec2", account), emulator.client("rds", account)
    rds.create_db_instance(
        DBInstanceIdentifier="one",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        MasterUsername="a",
        MasterUserPassword="password1",
    )
    (row,) = rds.describe_db_instances()["DBInstances"]
    (default,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    assert row["DBSubnetGroup"]["VpcId"] == default["VpcId"] and row["NetworkType"] == "IPV4"
    (made,) = [n for n in interfaces(ec2, default["VpcId"]) if n["RequesterId"] == "amazon-rds"]
    assert made["SubnetId"] in [s["SubnetIdentifier"] for s in row["DBSubnetGroup"]["Subnets"]]
    assert made["AvailabilityZone"] == row["AvailabilityZone"]


def test_interfaces_of_nat_gateways(emulator, account, network):
    vpc, subnets, _ = network
    ec2 = emulator.client("ec2", account)
    address = ec2.allocate_address(Domain="vpc")
    made = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address["AllocationId"])
    id = made["NatGateway"]["NatGatewayId"]
    (row,) = interfaces(ec2, vpc)
    assert row["InterfaceType"] == "nat_gateway" and row["RequesterManaged"]
    assert row["Description"] == f"Interface for NAT Gateway {id}" and row["Groups"] == []
    assert row["Association"]["PublicIp"] == address["PublicIp"]
    assert row["Association"]["AllocationId"] == address["AllocationId"]
    ec2.delete_nat_gateway(NatGatewayId=id)
    assert interfaces(ec2, vpc) == []


def test_target_groups(emulator, account, network):
    vpc, _, _ = network
    elb = emulator.client("elbv2", account)
    common = {"Port": 80, "VpcId": vpc}

    def preserved(name, **members):
        made = elb.create_target_group(Name=name, **common, **members)["TargetGroups"][0]
        assert elb.describe_target_groups(Names=[name])["TargetGroups"][0]["LoadBalancerArns"] == []
        assert (
            elb.describe_target_health(TargetGroupArn=made["TargetGroupArn"])[
                "TargetHealthDescriptions"
            ]
            == []
        )
        rows = elb.describe_target_group_attributes(TargetGroupArn=made["TargetGroupArn"])[
            "Attributes"
        ]
        return {a["Key"]: a["Value"] for a in rows}.get("preserve_client_ip.enabled")

    assert preserved("a", Protocol="TCP", TargetType="instance") == "true"
    assert preserved("b", Protocol="TCP", TargetType="ip") == "false"
    assert preserved("c", Protocol="UDP", TargetType="ip") == "true"
    assert preserved("d", Protocol="HTTP", TargetType="ip") is None
    group = elb.describe_target_groups(Names=["b"])["TargetGroups"][0]["TargetGroupArn"]
    made = elb.create_load_balancer(Name="net", Type="network", Subnets=network[1])[
        "LoadBalancers"
    ][0]
    for port in 1, 2:
        elb.create_listener(
            LoadBalancerArn=made["LoadBalancerArn"],
            Protocol="TCP",
            Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
    users = elb.describe_target_groups(Names=["b"])["TargetGroups"][0]["LoadBalancerArns"]
    assert users == [made["LoadBalancerArn"]]
    on = [{"Key": "preserve_client_ip.enabled", "Value": "true"}]
    elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=on)
    rows = elb.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    assert on[0] in rows


def test_global_accelerator(emulator, account, refused, pages):
    client = emulator.client("globalaccelerator", account, "us-west-2")
    assert client.list_accelerators()["Accelerators"] == []
    made = client.create_accelerator(
        Name="front", IpAddressType="DUAL_STACK", IdempotencyToken="t"
    )["Accelerator"]
    assert made["Status"] == "IN_PROGRESS" and len(made["IpSets"]) == 2
    arn = made["AcceleratorArn"]
    (row,) = client.list_accelerators()["Accelerators"]
    assert (
        row["Status"] == "DEPLOYED" and row["Enabled"] and len(row["IpSets"][0]["IpAddresses"]) == 2
    )
    listener = client.create_listener(
        AcceleratorArn=arn,
        PortRanges=[{"FromPort": 22, "ToPort": 23}],
        Protocol="TCP",
        IdempotencyToken="t",
    )["Listener"]
    assert listener["ClientAffinity"] == "NONE"
    assert client.list_endpoint_groups(ListenerArn=listener["ListenerArn"])["EndpointGroups"] == []
    ask = {
        "ListenerArn": listener["ListenerArn"],
        "EndpointGroupRegion": "us-east-1",
        "IdempotencyToken": "t",
    }
    balancer = f"arn:aws:elasticloadbalancing:us-east-1:{account}:loadbalancer"
    ids = ["i-0123", f"{balancer}/app/web/1", f"{balancer}/net/web/1", "eipalloc-1"]
    client.create_endpoint_group(
        **ask,
        EndpointConfigurations=[{"EndpointId": id} for id in ids],
        PortOverrides=[{"ListenerPort": 22, "EndpointPort": 2222}],
    )
    assert refused(client.create_endpoint_group, **ask) == "EndpointGroupAlreadyExistsException"
    (group,) = client.list_endpoint_groups(ListenerArn=listener["ListenerArn"])["EndpointGroups"]
    assert (
        group["TrafficDialPercentage"] == 100.0
        and group["PortOverrides"][0]["EndpointPort"] == 2222
    )
    kept = {
        e["EndpointId"]: e["ClientIPPreservationEnabled"] for e in group["EndpointDescriptions"]
    }
    assert list(kept.values()) == [True, True, False, False]
    assert (
        refused(client.list_listeners, AcceleratorArn=arn + "0") == "AcceleratorNotFoundException"
    )
    assert (
        refused(client.delete_accelerator, AcceleratorArn=arn) == "AcceleratorNotDisabledException"
    )
    client.update_accelerator(AcceleratorArn=arn, Enabled=False)
    assert (
        refused(client.delete_accelerator, AcceleratorArn=arn) == "AssociatedListenerFoundException"
    )
    client.create_accelerator(Name="second", IdempotencyToken="u")
    pages(1)
    first = client.list_accelerators(MaxResults=100)
    assert len(first["Accelerators"]) == 1 and first["NextToken"]


def test_global_accelerator_besides(emulator, account, other):
    client = emulator.client("globalaccelerator", account, "us-west-2")
    client.create_custom_routing_accelerator(Name="custom", IdempotencyToken="t")
    client.create_cross_account_attachment(
        Name="shared",
        Principals=[other],
        Resources=[{"EndpointId": "eipalloc-1"}],
        IdempotencyToken="t",
    )
    assert client.list_custom_routing_accelerators()["Accelerators"][0]["Name"] == "custom"
    assert client.list_cross_account_attachments()["CrossAccountAttachments"][0]["Principals"] == [
        other
    ]
    assert client.list_accelerators()["Accelerators"] == []
    beside = emulator.client("globalaccelerator", other, "us-west-2")
    assert beside.list_cross_account_attachments()["CrossAccountAttachments"] == []


def distribution(reference, origin, enabled=True, target="one"):
    return {
        "CallerReference": reference,
        "Comment": "",
        "Enabled": enabled,
        "Origins": {
            "Quantity": 1,
            "Items": [{"Id": "one", "DomainName": "inside.example.com", **origin}],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": target,
            "ViewerProtocolPolicy": "allow-all",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
    }


def test_cloudfront(emulator, account, network, refused, pages):
    vpc, subnets, group = network
    ec2, client = emulator.client("ec2", account), emulator.client("cloudfront", account)
    assert client.list_distributions()["DistributionList"]["Quantity"] == 0
    assert client.list_vpc_origins()["VpcOriginList"]["Quantity"] == 0
    made = emulator.client("elbv2", account).create_load_balancer(
        Name="inside", Scheme="internal", Subnets=subnets, SecurityGroups=[group]
    )["LoadBalancers"][0]
    config = {"Name": "inside", "Arn": made["LoadBalancerArn"], "HTTPPort": 80, "HTTPSPort": 443}
    config["OriginProtocolPolicy"] = "http-only"
    wrong = {**config, "Arn": config["Arn"] + "0"}
    assert refused(client.create_vpc_origin, VpcOriginEndpointConfig=wrong) == "InvalidArgument"
    origin = client.create_vpc_origin(VpcOriginEndpointConfig=config)
    id = origin["VpcOrigin"]["Id"]
    assert origin["VpcOrigin"]["Status"] == "Deploying"
    (row,) = client.list_vpc_origins()["VpcOriginList"]["Items"]
    assert (
        row["Status"] == "Deployed"
        and row["OriginEndpointArn"] == config["Arn"]
        and row["AccountId"] == account
    )
    assert client.get_vpc_origin(Id=id)["VpcOrigin"]["VpcOriginEndpointConfig"]["HTTPPort"] == 80
    named = [{"Name": "group-name", "Values": ["CloudFront-VPCOrigins-Service-SG"]}]
    assert ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]["VpcId"] == vpc

    private = {"VpcOriginConfig": {"VpcOriginId": id}}
    unknown = {"VpcOriginConfig": {"VpcOriginId": "vo_0"}}
    make = client.create_distribution
    assert refused(make, DistributionConfig=distribution("a", unknown)) == "EntityNotFound"
    assert (
        refused(make, DistributionConfig=distribution("a", private, target="two")) == "NoSuchOrigin"
    )
    first = make(DistributionConfig=distribution("a", private))
    assert (
        refused(make, DistributionConfig=distribution("a", private)) == "DistributionAlreadyExists"
    )
    web = {
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "match-viewer",
        }
    }
    make(DistributionConfig=distribution("b", web, enabled=False))
    listed = client.list_distributions()["DistributionList"]
    assert listed["Quantity"] == 2 and not listed["IsTruncated"]
    one, two = listed["Items"]
    assert one["Status"] == "Deployed" and one["Enabled"] and not two["Enabled"]
    assert one["Origins"]["Items"][0]["VpcOriginConfig"]["VpcOriginId"] == id
    assert one["DefaultCacheBehavior"]["TargetOriginId"] == "one"
    pages(1)
    page = client.list_distributions(MaxItems="100")["DistributionList"]
    assert page["IsTruncated"] and page["NextMarker"] == one["Id"] and page["Quantity"] == 1
    page = client.list_distributions(Marker=one["Id"])["DistributionList"]
    assert [d["Id"] for d in page["Items"]] == [two["Id"]] and not page["IsTruncated"]

    tag, here = origin["ETag"], first["Distribution"]["Id"]
    assert refused(client.delete_vpc_origin, Id=id, IfMatch=tag) == "CannotDeleteEntityWhileInUse"
    assert (
        refused(client.delete_distribution, Id=here, IfMatch=first["ETag"])
        == "DistributionNotDisabled"
    )
    assert refused(client.delete_distribution, Id=here, IfMatch="E0") == "PreconditionFailed"
    off = client.update_distribution(
        Id=here, IfMatch=first["ETag"], DistributionConfig=distribution("a", private, enabled=False)
    )
    client.delete_distribution(Id=here, IfMatch=off["ETag"])
    client.delete_vpc_origin(Id=id, IfMatch=tag)
    assert refused(client.get_vpc_origin, Id=id) == "EntityNotFound"


def test_block_states_of_subnets(emulator, account, network):
    vpc, subnets, _ = network
    ec2 = emulator.client("ec2", account)

    def modes():
        rows = ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
        found = {
            r["SubnetId"]: r["BlockPublicAccessStates"]["InternetGatewayBlockMode"] for r in rows
        }
        (row,) = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        return (
            found[subnets[0]],
            found[subnets[1]],
            row["BlockPublicAccessStates"]["InternetGatewayBlockMode"],
        )

    assert modes() == ("off", "off", "off")
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-bidirectional")
    ec2.create_vpc_block_public_access_exclusion(
        SubnetId=subnets[0], InternetGatewayExclusionMode="allow-bidirectional"
    )
    assert modes() == ("off", "block-bidirectional", "block-bidirectional")
    ec2.create_vpc_block_public_access_exclusion(
        VpcId=vpc, InternetGatewayExclusionMode="allow-egress"
    )
    assert modes() == ("off", "block-ingress", "block-ingress")


def test_entrances(emulator, account, network, refused):
    vpc, subnets, group = network
    ec2 = emulator.client("ec2", account)
    made = ec2.create_instance_connect_endpoint(SubnetId=subnets[0], SecurityGroupIds=[group])
    (row,) = ec2.describe_instance_connect_endpoints()["InstanceConnectEndpoints"]
    assert (
        row["State"] == "create-complete"
        and row["VpcId"] == vpc
        and row["SecurityGroupIds"] == [group]
    )
    id = made["InstanceConnectEndpoint"]["InstanceConnectEndpointId"]
    ec2.delete_instance_connect_endpoint(InstanceConnectEndpointId=id)
    assert ec2.describe_instance_connect_endpoints()["InstanceConnectEndpoints"] == []
    gone = "InvalidInstanceConnectEndpointId.NotFound"
    assert refused(ec2.delete_instance_connect_endpoint, InstanceConnectEndpointId=id) == gone

    assert ec2.describe_verified_access_endpoints()["VerifiedAccessEndpoints"] == []
    ec2.create_verified_access_endpoint(
        VerifiedAccessGroupId="vagr-1",
        EndpointType="network-interface",
        AttachmentType="vpc",
        NetworkInterfaceOptions={"NetworkInterfaceId": "eni-1", "Port": 22},
    )
    (row,) = ec2.describe_verified_access_endpoints()["VerifiedAccessEndpoints"]
    assert (
        row["Status"]["Code"] == "active"
        and row["NetworkInterfaceOptions"]["NetworkInterfaceId"] == "eni-1"
    )

    assert ec2.describe_client_vpn_endpoints()["ClientVpnEndpoints"] == []
    ec2.create_client_vpn_endpoint(
        ClientCidrBlock="10.9.0.0/16",
        ServerCertificateArn="arn:aws:acm:us-east-1:1:certificate/1",
        AuthenticationOptions=[],
        ConnectionLogOptions={"Enabled": False},
        VpcId=vpc,
    )
    assert ec2.describe_client_vpn_endpoints()["ClientVpnEndpoints"][0]["VpcId"] == vpc
