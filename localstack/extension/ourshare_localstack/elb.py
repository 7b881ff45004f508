"""Elastic Load Balancing: ARNs, attributes, listeners and target groups as the API documents them."""

from contextvars import ContextVar

from moto.elbv2 import models

from .operations import operation

# Defaults by type of load balancer, from the documentation of
# LoadBalancerAttribute.Key. A key that a type lacks is not answered for it.
_ALL = {"deletion_protection.enabled": "false"}
_LOGS = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.prefix": "",
    "zonal_shift.config.enabled": "false",
}
_BY_TYPE = {
    "application": {
        **_ALL,
        **_LOGS,
        "client_keep_alive.seconds": "3600",
        "connection_logs.s3.bucket": "",
        "connection_logs.s3.enabled": "false",
        "connection_logs.s3.prefix": "",
        "health_check_logs.s3.bucket": "",
        "health_check_logs.s3.enabled": "false",
        "health_check_logs.s3.prefix": "",
        "idle_timeout.timeout_seconds": "60",
        "load_balancing.cross_zone.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
        "waf.fail_open.enabled": "false",
    },
    "gateway": {**_ALL, "load_balancing.cross_zone.enabled": "false"},
    "network": {
        **_ALL,
        **_LOGS,
        "dns_record.client_routing_policy": "any_availability_zone",
        "load_balancing.cross_zone.enabled": "false",
    },
}
_TLS = ("HTTPS", "TLS")


def _kind(arn):
    """The type is in the ARN: loadbalancer/app/..., /net/..., /gwy/..."""
    short = arn.split("loadbalancer/", 1)[-1].split("/", 1)[0]
    return {"net": "network", "gwy": "gateway"}.get(short, "application")


# moto names every load balancer an application one in its ARN
_SHORT = {"network": "net", "gateway": "gwy"}
_made = ContextVar("kind of the load balancer that is being made", default="application")
_application_arn = models.make_arn_for_load_balancer


def _arn(*args, **members):
    arn = _application_arn(*args, **members)
    return arn.replace(":loadbalancer/app/", f":loadbalancer/{_SHORT.get(_made.get(), 'app')}/")


models.make_arn_for_load_balancer = _arn


@operation("elbv2", "CreateLoadBalancer")
def create_load_balancer(call):
    """ "The default is an Internet-facing load balancer"; one of gateways has no scheme."""
    kind = call.get("Type", "application")
    token = _made.set(kind)
    try:
        if kind == "gateway" or call.get("Scheme"):
            return call.next()
        return call.next(Scheme="internet-facing")
    finally:
        _made.reset(token)


@operation("elbv2", "DescribeTargetGroups")
def describe_target_groups(call):
    """moto names a load balancer once for each of its listeners and rules that use the group."""
    answer = call.next()
    for row in answer.get("TargetGroups", []):
        row["LoadBalancerArns"] = list(dict.fromkeys(row.get("LoadBalancerArns") or []))
    return answer


@operation("elbv2", "DescribeLoadBalancerAttributes")
def describe_load_balancer_attributes(call):
    kind = _kind(call.request["LoadBalancerArn"])
    given = {a["Key"]: a.get("Value", "") for a in call.next().get("Attributes", [])}
    if kind == "application":
        # "true, and can't be changed"; moto starts it off
        given.pop("load_balancing.cross_zone.enabled", None)
    known = _BY_TYPE[kind]
    rows = {**known, **{key: value for key, value in given.items() if key in known}}
    return {"Attributes": [{"Key": key, "Value": rows[key]} for key in sorted(rows)]}


@operation("elbv2", "CreateListener", "DescribeListeners", "ModifyListener")
def listeners(call):
    """Only secure listeners have a security policy."""
    answer = call.next()
    for row in answer.get("Listeners", []):
        if row.get("Protocol") not in _TLS:
            row.pop("SslPolicy", None)
            row.pop("Certificates", None)
    return answer


# Attributes of target groups of network load balancers, from the documentation of
# TargetGroupAttribute.Key.
_NETWORK_GROUP = {
    "deregistration_delay.connection_termination.enabled": "false",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "proxy_protocol_v2.enabled": "false",
}
_NETWORK_PROTOCOLS = ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")
_HTTP_ONLY = (
    "load_balancing.algorithm.type",
    "slow_start.duration_seconds",
    "stickiness.lb_cookie.duration_seconds",
)


@operation("elbv2", "DescribeTargetGroupAttributes")
def describe_target_group_attributes(call):
    """Client addresses are preserved by default, unless the targets are addresses behind TCP or TLS."""
    answer = call.next()
    group = call.describe("DescribeTargetGroups", TargetGroupArns=[call.request["TargetGroupArn"]])
    (group,) = group["TargetGroups"]
    if group.get("Protocol") not in _NETWORK_PROTOCOLS or group.get("TargetType") == "lambda":
        return answer
    given = {a["Key"]: a.get("Value", "") for a in answer.get("Attributes", [])}
    by_address = group.get("TargetType") == "ip" and group["Protocol"] in ("TCP", "TLS")
    rows = {
        **_NETWORK_GROUP,
        "preserve_client_ip.enabled": "false" if by_address else "true",
        **{key: value for key, value in given.items() if key not in _HTTP_ONLY},
    }
    return {"Attributes": [{"Key": key, "Value": rows[key]} for key in sorted(rows)]}
