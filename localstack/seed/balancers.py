"""Load balancers, their listeners and rules."""

from .target import say, tags

FIXED = {
    "Type": "fixed-response",
    "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"},
}


def redirect(protocol="HTTPS", port="443"):
    return {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": protocol, "Port": port, "StatusCode": "HTTP_301"},
    }


class Balancers:
    def __init__(self, target, region, vpc, subnets):
        self.elb = target.client("elbv2", region)
        self.vpc, self.subnets = vpc, [vpc.subnets[name] for name in subnets]
        self.certificate = target.client("acm", region).request_certificate(
            DomainName="www.fernhill.example", ValidationMethod="DNS"
        )["CertificateArn"]
        self.targets = {}

    def balancer(self, name, group=None, kind="application", scheme="internet-facing"):
        made = self.elb.create_load_balancer(
            Name=name,
            Subnets=self.subnets,
            Type=kind,
            Scheme=scheme,
            Tags=tags(name),
            **({"SecurityGroups": [self.vpc.groups[group]]} if group else {}),
        )
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    def forward(self, protocol="HTTP", port=8080):
        """To the target group of that protocol, which is made on first use."""
        if protocol not in self.targets:
            made = self.elb.create_target_group(
                Name=f"{self.vpc.name}-{protocol.lower().replace('_', '-')}",
                Protocol=protocol,
                Port=port,
                VpcId=self.vpc.id,
                TargetType="instance",
            )
            self.targets[protocol] = made["TargetGroups"][0]["TargetGroupArn"]
        return {"Type": "forward", "TargetGroupArn": self.targets[protocol]}

    def listener(self, balancer, protocol, port, action):
        more = {}
        if protocol in ("HTTPS", "TLS"):
            more = {
                "Certificates": [{"CertificateArn": self.certificate}],
                "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            }
        made = self.elb.create_listener(
            LoadBalancerArn=balancer,
            Protocol=protocol,
            Port=port,
            DefaultActions=[action],
            **more,
        )
        return made["Listeners"][0]["ListenerArn"]

    def rule(self, listener, priority, action, path=None, host=None):
        condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}
        if host:
            condition = {"Field": "host-header", "HostHeaderConfig": {"Values": [host]}}
        self.elb.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=[action]
        )


def demo(target, vpcs):
    say("load balancers of us-east-1 and eu-west-1")
    b = Balancers(
        target, "us-east-1", vpcs["shop-vpc"], ("shop-public-a", "shop-public-b")
    )
    shop = b.balancer("shop-alb", "shop-alb-sg")
    b.listener(shop, "HTTP", 80, redirect())
    b.listener(shop, "HTTPS", 443, b.forward())

    # all is redirected, but for what one rule lets through
    promo = b.balancer("promo-alb", "shop-alb-sg")
    http = b.listener(promo, "HTTP", 80, redirect())
    b.rule(http, 10, b.forward(), path="/api/*")
    # a redirect, and no encryption at its end
    b.listener(promo, "HTTP", 8080, redirect("HTTP", "80"))

    intranet = b.balancer("intranet-alb", "web-sg", scheme="internal")
    b.listener(intranet, "HTTP", 80, b.forward())
    # answers everybody the same, and leads nobody to HTTPS
    status = b.balancer("status-alb", "shop-alb-sg")
    b.listener(status, "HTTP", 80, FIXED)

    b = Balancers(
        target, "eu-west-1", vpcs["europe-vpc"], ("europe-public-a", "europe-public-b")
    )
    eu = b.balancer("eu-alb", "eu-alb-sg")
    http = b.listener(eu, "HTTP", 80, FIXED)
    b.rule(http, 10, redirect(), host="www.fernhill.example")
    b.listener(eu, "HTTPS", 443, b.forward())
    feed = b.balancer("eu-feed-nlb", kind="network")
    b.listener(feed, "TLS", 443, b.forward("TCP", 9000))
    b.listener(feed, "TCP", 9000, b.forward("TCP"))
    b.listener(feed, "UDP", 514, b.forward("UDP", 514))


def second(target, vpcs):
    say("load balancers of us-east-1")
    b = Balancers(target, "us-east-1", vpcs["lab-vpc"], ("lab-a", "lab-b"))
    lab = b.balancer("lab-alb", "lab-sg", scheme="internal")
    b.listener(lab, "HTTPS", 443, b.forward())
