"""What the internet reaches, and by which path: a bastion, servers behind load balancers, a VPC
origin, an accelerator.

All of it stands in a VPC of its own in each region, so that the other networks stay as they are.
"""

from .balancers import FIXED
from .databases import PASSWORD
from .network import ANY4, ANY6, Vpc, prefix_list, tcp
from .target import say, tags

SUPPLIER = "12.34.56.0/24"  # public, and too few addresses to be the internet


def demo(target, compute):
    say("what the internet reaches in us-east-1 and eu-west-1")
    america, europe = compute
    _edge(target, america)
    _excluded(target, europe)


def _edge(target, c):
    region = "us-east-1"
    edge = Vpc(target, region, "edge-vpc", "10.70.0.0/16", ipv6=True)
    edge.internet()
    ec2 = edge.ec2
    gateway = ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [edge.id]}]
    )["InternetGateways"][0]["InternetGatewayId"]
    ec2.create_route(
        RouteTableId=edge.public_routes, DestinationIpv6CidrBlock=ANY6, GatewayId=gateway
    )
    public = edge.subnet("edge-public-a", "10.70.0.0/24", "a", public=True)
    edge.subnet("edge-public-b", "10.70.1.0/24", "b", public=True)
    private = edge.subnet("edge-private-a", "10.70.10.0/24", "a")
    edge.close_default_group()
    edge.flow_log("edge-vpc-all", "ALL")
    block = ec2.describe_vpcs(VpcIds=[edge.id])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]
    block = block["Ipv6CidrBlock"].replace("/56", "/64")
    ec2.associate_subnet_cidr_block(SubnetId=public, Ipv6CidrBlock=block)

    jump = edge.group(
        "jump-sg", "Way in of the operators", tcp(22, 22, ANY4), tcp(3389, 3389, ANY4)
    )
    six = edge.group("jump6-sg", "The same by IPv6", tcp(22, 22, ANY6), tcp(3389, 3389, ANY6))
    lists = prefix_list(target, region, "everywhere", "0.0.0.0/1", "128.0.0.0/1")
    listed = edge.group("listed-sg", "By a list", tcp(22, 22, lists), tcp(3389, 3389, lists))
    alb = edge.group("edge-alb-sg", "The console's load balancer", tcp(443, 443, ANY4))
    inside = edge.group(
        "edge-inside-sg",
        "From the VPC",
        tcp(22, 22, "10.70.0.0/16"),
        tcp(3389, 3389, "10.70.0.0/16"),
    )
    console = edge.group(
        "edge-console-sg", "Consoles", *(tcp(port, port, alb) for port in (22, 3389, 8443))
    )

    base = c.image("edge-base")
    # whoever gets in there is an administrator
    c.instance("jump-1", base, public, [jump], public=True, profile="jump-host")
    six_id = c.instance("jump-6", base, public, [six])
    eni = ec2.describe_instances(InstanceIds=[six_id])["Reservations"][0]["Instances"][0]
    eni = eni["NetworkInterfaces"][0]["NetworkInterfaceId"]
    ec2.assign_ipv6_addresses(NetworkInterfaceId=eni, Ipv6AddressCount=1)
    c.instance("render-1", base, public, [listed], public=True, profile="web-server")
    files = c.instance("files-1", base, private, [inside])
    kvm = c.instance("kvm-1", base, private, [console])
    vault = c.instance("vault-1", base, private, [inside])

    elb = target.client("elbv2", region)
    zones = [edge.subnets["edge-public-a"], edge.subnets["edge-public-b"]]

    def group(name, protocol, port, target, preserve="false"):
        """A target is an instance, or an address."""
        kind = "instance" if target.startswith("i-") else "ip"
        made = elb.create_target_group(
            Name=name, Protocol=protocol, Port=port, VpcId=edge.id, TargetType=kind
        )["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=made, Targets=[{"Id": target, "Port": port}])
        if protocol == "TCP":
            elb.modify_target_group_attributes(
                TargetGroupArn=made,
                Attributes=[{"Key": "preserve_client_ip.enabled", "Value": preserve}],
            )
        return {"Type": "forward", "TargetGroupArn": made}

    nlb = elb.create_load_balancer(
        Name="edge-nlb", Subnets=zones, Type="network", Scheme="internet-facing",
        Tags=tags("edge-nlb"),
    )["LoadBalancers"][0]["LoadBalancerArn"]  # fmt: skip
    for port, inner in ((2222, 22), (33389, 3389)):
        elb.create_listener(
            LoadBalancerArn=nlb, Protocol="TCP", Port=port,
            DefaultActions=[group(f"files-{inner}", "TCP", inner, files)],
        )  # fmt: skip
    front = elb.create_load_balancer(
        Name="edge-alb", Subnets=zones, Scheme="internet-facing", SecurityGroups=[alb],
        Tags=tags("edge-alb"),
    )["LoadBalancers"][0]["LoadBalancerArn"]  # fmt: skip
    certificate = target.client("acm", region).request_certificate(
        DomainName="console.fernhill.example", ValidationMethod="DNS"
    )["CertificateArn"]
    https = elb.create_listener(
        LoadBalancerArn=front, Protocol="HTTPS", Port=443,
        Certificates=[{"CertificateArn": certificate}],
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        DefaultActions=[group("kvm-22", "HTTP", 22, kvm)],
    )["Listeners"][0]["ListenerArn"]  # fmt: skip
    elb.create_rule(
        ListenerArn=https, Priority=10, Actions=[group("kvm-3389", "HTTP", 3389, kvm)],
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/desktop/*"]}}],
    )  # fmt: skip

    classic = target.client("elb", region)
    for name, subnet, scheme in (
        ("edge-classic", zones[0], "internet-facing"),
        ("edge-classic-inside", private, "internal"),
    ):  # fmt: skip
        classic.create_load_balancer(
            LoadBalancerName=name, Subnets=[subnet], SecurityGroups=[alb], Tags=tags(name),
            Listeners=[_classic_listener(443, 8443)],
            **({"Scheme": "internal"} if scheme == "internal" else {}),
        )  # fmt: skip
        classic.register_instances_with_load_balancer(
            LoadBalancerName=name, Instances=[{"InstanceId": kvm}]
        )

    # a database of an exhibition, open while it lasts
    fair = edge.group("fair-db-sg", "The database of the fair", tcp(5432, 5432, ANY4))
    _database(target, region, "fair", zones, fair, public=True)

    accelerator = target.client("globalaccelerator", "us-west-2")
    made = accelerator.create_accelerator(Name="edge-accelerator", IdempotencyToken="edge")
    listener = accelerator.create_listener(
        AcceleratorArn=made["Accelerator"]["AcceleratorArn"], Protocol="TCP",
        PortRanges=[{"FromPort": 443, "ToPort": 443}], IdempotencyToken="edge",
    )["Listener"]["ListenerArn"]  # fmt: skip
    accelerator.create_endpoint_group(
        ListenerArn=listener, EndpointGroupRegion=region, IdempotencyToken="edge",
        EndpointConfigurations=[
            {"EndpointId": front, "Weight": 128, "ClientIPPreservationEnabled": True}
        ],
    )  # fmt: skip

    _origin(target, "edge-origin", front)
    _stock(target, edge, group, nlb, alb, certificate, vault)


def _database(target, region, name, subnets, group, public):
    """NAME-db, kept well, in the zone a and a subnet group of its own."""
    rds = target.client("rds", region)
    rds.create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription=f"Of {name}-db", SubnetIds=subnets
    )
    rds.create_db_instance(
        DBInstanceIdentifier=f"{name}-db", Engine="postgres", EngineVersion="16.10",
        DBInstanceClass="db.m7g.large", AllocatedStorage=100, MasterUsername="fernhill",
        MasterUserPassword=PASSWORD, StorageEncrypted=True, BackupRetentionPeriod=14,
        DeletionProtection=True, PubliclyAccessible=public, AutoMinorVersionUpgrade=True,
        MultiAZ=True, EnableCloudwatchLogsExports=["postgresql"], DBSubnetGroupName=name,
        VpcSecurityGroupIds=[group], AvailabilityZone=f"{region}a",
    )  # fmt: skip


def _origin(target, name, balancer):
    target.client("cloudfront").create_vpc_origin(
        VpcOriginEndpointConfig={
            "Name": name, "Arn": balancer, "HTTPPort": 80, "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
        }
    )  # fmt: skip


def _stock(target, edge, group, nlb, alb, certificate, vault):
    """A private database behind load balancers, each of which one thing alone keeps from leading
    to it: client addresses, a rule's source, whose address a target is, an ACL."""
    ec2, elb = edge.ec2, target.client("elbv2", edge.region)
    stock = edge.group("stock-db-sg", "The stock's database", tcp(5432, 5432, "10.70.0.0/16"))
    inner = [
        edge.subnets["edge-private-a"],
        edge.subnet("edge-private-b", "10.70.11.0/24", "b"),
    ]
    _database(target, edge.region, "stock", inner, stock, public=False)
    address = ec2.describe_network_interfaces(
        Filters=[{"Name": "group-id", "Values": [stock]}]
    )["NetworkInterfaces"][0]["PrivateIpAddress"]
    other = ec2.describe_instances(InstanceIds=[vault])["Reservations"][0]["Instances"][0]

    # the database sees the clients' addresses, of which it knows none
    for port, action in (
        (5432, group("stock-direct", "TCP", 5432, address, preserve="true")),
        (15432, group("vault-postgres", "TCP", 5432, other["PrivateIpAddress"])),
    ):
        elb.create_listener(
            LoadBalancerArn=nlb, Protocol="TCP", Port=port, DefaultActions=[action]
        )

    def balancer(name, subnets, scheme, action):
        made = elb.create_load_balancer(
            Name=name, Subnets=subnets, Scheme=scheme, SecurityGroups=[alb], Tags=tags(name)
        )["LoadBalancers"][0]["LoadBalancerArn"]
        listener = elb.create_listener(
            LoadBalancerArn=made, Protocol="HTTPS", Port=443,
            Certificates=[{"CertificateArn": certificate}],
            SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", DefaultActions=[action],
        )["Listeners"][0]["ListenerArn"]  # fmt: skip
        return made, listener

    # for one supplier's network
    public = [edge.subnets["edge-public-a"], edge.subnets["edge-public-b"]]
    _, https = balancer("supplier-alb", public, "internet-facing", FIXED)
    elb.create_rule(
        ListenerArn=https, Priority=10, Actions=[group("stock-supplier", "HTTP", 5432, address)],
        Conditions=[{"Field": "source-ip", "SourceIpConfig": {"Values": [SUPPLIER]}}],
    )  # fmt: skip
    # an origin that does not work: the ACL lets in the supplier, and not CloudFront's interfaces
    fenced = [
        edge.subnet(f"edge-fenced-{zone}", f"10.70.2{n}.0/24", zone)
        for n, zone in enumerate("ab")
    ]
    acl = edge.new_acl("edge-fenced-acl", "edge-fenced-a", "edge-fenced-b")
    edge.acl_rule(acl, 100, "allow", SUPPLIER, (443, 443))
    edge.acl_rule(acl, 110, "allow", "10.70.0.0/16", (1024, 65535))
    edge.acl_rule(acl, 100, "allow", ANY4, egress=True)
    origin = group("stock-origin", "HTTP", 5432, address)
    inside, _ = balancer("stock-alb", fenced, "internal", origin)
    _origin(target, "stock-origin", inside)


def _classic_listener(port, inner):
    return {
        "Protocol": "TCP",
        "LoadBalancerPort": port,
        "InstanceProtocol": "TCP",
        "InstancePort": inner,
    }


def _excluded(target, c):
    region = "eu-west-1"
    gate = Vpc(target, region, "gate-vpc", "10.80.0.0/16")
    gate.internet()
    public = gate.subnet("gate-public-a", "10.80.0.0/24", "a", public=True)
    gate.close_default_group()
    gate.flow_log("gate-vpc-all", "ALL")
    jump = gate.group(
        "gate-sg", "Way in of the operators", tcp(22, 22, ANY4), tcp(3389, 3389, ANY4)
    )
    c.instance("gate-1", c.image("gate-base"), public, [jump], public=True)
    gate.ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    gate.ec2.create_vpc_block_public_access_exclusion(
        VpcId=gate.id, InternetGatewayExclusionMode="allow-bidirectional"
    )
    target.client("elb", region).create_load_balancer(
        LoadBalancerName="gate-classic", Subnets=[public], SecurityGroups=[jump],
        Scheme="internal",
        Listeners=[_classic_listener(22, 22)],
        Tags=tags("gate-classic"),
    )  # fmt: skip
    # open by a prefix list, and in spite of the block
    lists = prefix_list(target, region, "field-offices", "0.0.0.0/1", "128.0.0.0/1")
    opened = gate.group("gate-db-sg", "Database of the gate", tcp(5432, 5432, lists))
    zones = [public, gate.subnet("gate-public-b", "10.80.1.0/24", "b", public=True)]
    _database(target, region, "gate", zones, opened, public=True)
