"""VPCs with their default group and ACL, security groups, prefix lists, flow logs."""

from .target import say, tagged, tags

ANY4, ANY6 = "0.0.0.0/0", "::/0"


def delete_default_vpc(target, region):
    """As many companies do in every region of a new account."""
    ec2 = target.client("ec2", region)
    for vpc in ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]:
        mine = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        for subnet in ec2.describe_subnets(Filters=mine)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        attached = [{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}]
        for gateway in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]:
            id = gateway["InternetGatewayId"]
            ec2.detach_internet_gateway(InternetGatewayId=id, VpcId=vpc["VpcId"])
            ec2.delete_internet_gateway(InternetGatewayId=id)
        ec2.delete_vpc(VpcId=vpc["VpcId"])


class Vpc:
    """A VPC whose parts have names: NAME-default, NAME-acl, NAME-routes."""

    def __init__(self, target, region, name, block=None, ipv6=False):
        self.target, self.region, self.name = target, region, name
        self.ec2 = ec2 = target.client("ec2", region)
        if block is None:  # the default VPC, kept
            default = [{"Name": "is-default", "Values": ["true"]}]
            self.id = ec2.describe_vpcs(Filters=default)["Vpcs"][0]["VpcId"]
            ec2.create_tags(Resources=[self.id], Tags=tags(name))
        else:
            made = ec2.create_vpc(
                CidrBlock=block,
                AmazonProvidedIpv6CidrBlock=ipv6,
                TagSpecifications=tagged("vpc", name),
            )
            self.id = made["Vpc"]["VpcId"]
        mine = [{"Name": "vpc-id", "Values": [self.id]}]
        groups = ec2.describe_security_groups(Filters=mine)["SecurityGroups"]
        self.default_group = next(g["GroupId"] for g in groups if g["GroupName"] == "default")
        acls = ec2.describe_network_acls(Filters=mine)["NetworkAcls"]
        self.acl = next(a["NetworkAclId"] for a in acls if a["IsDefault"])
        self.routes = ec2.describe_route_tables(Filters=mine)["RouteTables"][0]["RouteTableId"]
        self.groups, self.subnets = {}, {}
        for id, part in [
            (self.default_group, "default"),
            (self.acl, "acl"),
            (self.routes, "routes"),
        ]:
            ec2.create_tags(Resources=[id], Tags=tags(f"{name}-{part}"))
        for number, subnet in enumerate(ec2.describe_subnets(Filters=mine)["Subnets"], 1):
            ec2.create_tags(Resources=[subnet["SubnetId"]], Tags=tags(f"{name}-{number}"))

    def internet(self):
        made = self.ec2.create_internet_gateway(
            TagSpecifications=tagged("internet-gateway", f"{self.name}-internet")
        )
        id = made["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=id, VpcId=self.id)
        made = self.ec2.create_route_table(
            VpcId=self.id, TagSpecifications=tagged("route-table", f"{self.name}-public")
        )
        self.public_routes = made["RouteTable"]["RouteTableId"]
        self.ec2.create_route(
            RouteTableId=self.public_routes, DestinationCidrBlock=ANY4, GatewayId=id
        )

    def subnet(self, name, block, zone, public=False):
        made = self.ec2.create_subnet(
            VpcId=self.id,
            CidrBlock=block,
            AvailabilityZone=f"{self.region}{zone}",
            TagSpecifications=tagged("subnet", name),
        )
        id = self.subnets[name] = made["Subnet"]["SubnetId"]
        if public:
            self.ec2.associate_route_table(RouteTableId=self.public_routes, SubnetId=id)
        return id

    def group(self, name, description, *rules):
        """A security group and its inbound rules, each made by tcp(), udp() or everything()."""
        made = self.ec2.create_security_group(
            GroupName=name,
            Description=description,
            VpcId=self.id,
            TagSpecifications=tagged("security-group", name),
        )
        id = self.groups[name] = made["GroupId"]
        if rules:
            self.ec2.authorize_security_group_ingress(GroupId=id, IpPermissions=list(rules))
        return id

    def close_default_group(self, inbound=True, outbound=True):
        group = self.ec2.describe_security_groups(GroupIds=[self.default_group])
        group = group["SecurityGroups"][0]
        if inbound and group["IpPermissions"]:
            self.ec2.revoke_security_group_ingress(
                GroupId=self.default_group, IpPermissions=group["IpPermissions"]
            )
        if outbound and group["IpPermissionsEgress"]:
            self.ec2.revoke_security_group_egress(
                GroupId=self.default_group, IpPermissions=group["IpPermissionsEgress"]
            )

    def new_acl(self, name, *subnets):
        """A custom ACL, which takes the named subnets over from the default one."""
        made = self.ec2.create_network_acl(
            VpcId=self.id, TagSpecifications=tagged("network-acl", name)
        )
        id = made["NetworkAcl"]["NetworkAclId"]
        default = self.ec2.describe_network_acls(NetworkAclIds=[self.acl])["NetworkAcls"][0]
        of = {a["SubnetId"]: a["NetworkAclAssociationId"] for a in default["Associations"]}
        for subnet in subnets:
            self.ec2.replace_network_acl_association(
                AssociationId=of[self.subnets[subnet]], NetworkAclId=id
            )
        return id

    def acl_rule(self, acl, number, action, block, ports=None, egress=False):
        """One entry, inbound unless said; without ports it is about all traffic."""
        rule = {"Ipv6CidrBlock" if ":" in block else "CidrBlock": block, "Protocol": "-1"}
        if ports:
            rule |= {"Protocol": "6", "PortRange": {"From": ports[0], "To": ports[1]}}
        self.ec2.create_network_acl_entry(
            NetworkAclId=acl, RuleNumber=number, RuleAction=action, Egress=egress, **rule
        )

    def flow_log(self, name, traffic, resource=None, role="flow-logs"):
        self.ec2.create_flow_logs(
            ResourceIds=[resource or self.id],
            ResourceType="Subnet" if resource else "VPC",
            TrafficType=traffic,
            LogDestinationType="cloud-watch-logs",
            LogGroupName=f"/vpc/{name}",
            DeliverLogsPermissionArn=f"arn:aws:iam::{self.target.account}:role/{role}",
            TagSpecifications=tagged("vpc-flow-log", name),
        )


def tcp(first, last, *peers):
    return _rule("tcp", first, last, peers)


def udp(first, last, *peers):
    return _rule("udp", first, last, peers)


def everything(*peers):
    rule = _rule("-1", -1, -1, peers)
    del rule["FromPort"], rule["ToPort"]
    return rule


def _rule(protocol, first, last, peers):
    """Peers are CIDRs, security groups or prefix lists, told apart by how they look."""
    rule = {"IpProtocol": protocol, "FromPort": first, "ToPort": last}
    for peer in peers:
        if peer.startswith("sg-"):
            rule.setdefault("UserIdGroupPairs", []).append({"GroupId": peer})
        elif peer.startswith("pl-"):
            rule.setdefault("PrefixListIds", []).append({"PrefixListId": peer})
        elif ":" in peer:
            rule.setdefault("Ipv6Ranges", []).append({"CidrIpv6": peer})
        else:
            rule.setdefault("IpRanges", []).append({"CidrIp": peer})
    return rule


def prefix_list(target, region, name, *blocks):
    made = target.client("ec2", region).create_managed_prefix_list(
        PrefixListName=name,
        MaxEntries=max(10, len(blocks)),
        AddressFamily="IPv4",
        Entries=[{"Cidr": block, "Description": name} for block in blocks],
        TagSpecifications=tagged("prefix-list", name),
    )
    return made["PrefixList"]["PrefixListId"]


def flow_log_role(target):
    """The role that lets flow logs be delivered; without it they fail."""
    target.client("iam").create_role(
        RoleName="flow-logs",
        AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Principal":{"Service":"vpc-flow-logs.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
    )


def demo(target):
    """The VPCs of both regions, by name."""
    say("networks of us-east-1 and eu-west-1")
    flow_log_role(target)
    return {vpc.name: vpc for vpc in [*_america(target), *_europe(target)]}


def _america(target):
    region = "us-east-1"
    office = prefix_list(target, region, "office-networks", "198.51.100.0/24", "203.0.113.0/24")
    # too many addresses to be partners only, though no entry is 0.0.0.0/0
    partners = prefix_list(
        target, region, "partner-networks", "8.0.0.0/9", "12.0.0.0/9", "63.0.0.0/10"
    )

    default = Vpc(target, region, "default-vpc")
    default.flow_log("default-vpc-accepted", "ACCEPT")

    shop = Vpc(target, region, "shop-vpc", "10.20.0.0/16", ipv6=True)
    shop.internet()
    shop.subnet("shop-public-a", "10.20.0.0/24", "a", public=True)
    shop.subnet("shop-public-b", "10.20.1.0/24", "b", public=True)
    shop.subnet("shop-private-a", "10.20.10.0/24", "a")
    shop.subnet("shop-private-b", "10.20.11.0/24", "b")
    shop.subnet("shop-data-a", "10.20.20.0/24", "a")
    shop.subnet("shop-data-b", "10.20.21.0/24", "b")
    shop.subnet("shop-data-c", "10.20.22.0/24", "c")
    shop.close_default_group()
    shop.flow_log("shop-vpc-all", "ALL")
    alb = shop.group(
        "shop-alb-sg",
        "Load balancers of the shop",
        tcp(80, 80, ANY4, ANY6),
        tcp(443, 443, ANY4, ANY6),
    )
    web = shop.group("web-sg", "Web servers", tcp(8080, 8080, alb), tcp(22, 22, office))
    shop.group("db-sg", "Databases", tcp(3306, 3306, web), tcp(5432, 5432, web))
    shop.group("bastion-sg", "SSH from anywhere, for a week", tcp(22, 22, ANY4))
    shop.group(
        "partners-sg", "Remote desktops for partners", tcp(3389, 3389, partners)
    )
    shop.group(
        "legacy-admin-sg",
        "Administration of the old shop",
        tcp(22, 22, "0.0.0.0/1", "128.0.0.0/1"),
        tcp(3389, 3389, "10.0.0.0/8"),
    )
    # denials before what allows: in this order they count
    for number, block in ((10, ANY4), (20, ANY6)):
        shop.acl_rule(shop.acl, number, "deny", block, (22, 22))
        shop.acl_rule(shop.acl, number + 1, "deny", block, (3389, 3389))
    public = shop.new_acl("shop-public-acl", "shop-public-a", "shop-public-b")
    shop.acl_rule(public, 100, "allow", ANY4, (80, 80))
    shop.acl_rule(public, 110, "allow", ANY4, (443, 443))
    # for the answers to the servers' own requests; remote desktop is among these ports
    shop.acl_rule(public, 120, "allow", ANY4, (1024, 65535))
    data = shop.new_acl("shop-data-acl", "shop-data-a", "shop-data-b", "shop-data-c")
    shop.acl_rule(data, 100, "allow", "10.20.0.0/16")

    office_vpc = Vpc(target, region, "office-vpc", "10.30.0.0/16")
    office_vpc.internet()
    floor = office_vpc.subnet("office-floor-1", "10.30.0.0/24", "a", public=True)
    office_vpc.flow_log("office-floor-1-all", "ALL", resource=floor)
    office_vpc.group(
        "desktops-sg",
        "Remote desktops of the staff",
        tcp(3389, 3389, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", office),
    )
    anywhere = prefix_list(target, region, "anywhere", "0.0.0.0/1", "128.0.0.0/1")
    office_vpc.group("build-sg", "Build machines", everything(anywhere))
    return default, shop, office_vpc


def _europe(target):
    region = "eu-west-1"
    delete_default_vpc(target, region)
    europe = Vpc(target, region, "europe-vpc", "10.40.0.0/16")
    europe.internet()
    europe.subnet("europe-public-a", "10.40.0.0/24", "a", public=True)
    europe.subnet("europe-public-b", "10.40.1.0/24", "b", public=True)
    europe.subnet("europe-private-a", "10.40.10.0/24", "a")
    europe.subnet("europe-data-a", "10.40.20.0/24", "a")
    europe.subnet("europe-data-b", "10.40.21.0/24", "b")
    europe.subnet("europe-data-c", "10.40.22.0/24", "c")
    europe.close_default_group(outbound=False)
    europe.flow_log("europe-vpc-rejected", "REJECT")
    europe.acl_rule(europe.acl, 10, "deny", ANY4, (22, 22))
    europe.acl_rule(europe.acl, 11, "deny", ANY4, (3389, 3389))
    alb = europe.group("eu-alb-sg", "Load balancers", tcp(80, 80, ANY4), tcp(443, 443, ANY4))
    web = europe.group("eu-web-sg", "Web servers", tcp(8080, 8080, alb))
    europe.group("eu-db-sg", "Databases", tcp(5432, 5432, web))
    # no single rule opens all ports; both together do
    europe.group(
        "transfer-sg",
        "File transfers",
        tcp(0, 32767, ANY4),
        tcp(32768, 65535, ANY6),
    )
    # one /8 is the most that is not yet the internet; a little more is
    europe.group(
        "telco-sg",
        "Field devices of one carrier",
        tcp(22, 22, "12.0.0.0/8"),
        tcp(3389, 3389, "12.0.0.0/8", "32.0.0.0/16"),
    )

    staging = Vpc(target, region, "staging-vpc", "10.50.0.0/16")
    staging.subnet("staging-a", "10.50.0.0/24", "a")
    staging.subnet("staging-batch", "10.50.1.0/24", "b")
    staging.close_default_group()
    staging.flow_log("staging-vpc-all", "ALL", role="deleted-last-year")
    staging.ec2.delete_network_acl_entry(
        NetworkAclId=staging.acl, RuleNumber=100, Egress=False
    )
    staging.acl_rule(staging.acl, 50, "allow", "0.0.0.0/1", (22, 22))
    staging.acl_rule(staging.acl, 51, "allow", "128.0.0.0/1", (22, 22))
    batch = staging.new_acl("staging-batch-acl", "staging-batch")
    staging.acl_rule(batch, 100, "allow", "198.51.100.0/24", (22, 22))
    # every port but the two for administration
    staging.group(
        "migration-sg",
        "Migration of the old shop",
        tcp(1, 21, ANY4),
        tcp(23, 3388, ANY4),
        tcp(3390, 65535, ANY4),
        udp(1, 65535, ANY4),
    )
    return europe, staging


def second(target):
    say("networks of us-east-1 and eu-west-1")
    flow_log_role(target)
    for region in ("us-east-1", "eu-west-1"):
        delete_default_vpc(target, region)
    lab = Vpc(target, "us-east-1", "lab-vpc", "10.60.0.0/16")
    lab.internet()
    lab.subnet("lab-a", "10.60.0.0/24", "a", public=True)
    lab.subnet("lab-b", "10.60.1.0/24", "b")
    lab.close_default_group()
    lab.flow_log("lab-vpc-all", "ALL")
    lab.ec2.delete_network_acl_entry(NetworkAclId=lab.acl, RuleNumber=100, Egress=False)
    lab.acl_rule(lab.acl, 100, "allow", "10.0.0.0/8")
    lab.group("lab-sg", "Experiments", tcp(22, 22, "10.60.0.0/16"))
    return {lab.name: lab}
