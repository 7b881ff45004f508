"""The accounts, put together from the services' files."""

from . import (
    access_points,
    balancers,
    compute,
    databases,
    identity,
    keys,
    network,
    patching,
    permissions,
    reachable,
    roles,
    storage,
)
from . import bench as benchmark
from .target import Refused


def _claim(target, alias):
    """Each account is seeded once: its alias says so."""
    iam = target.client("iam")
    if found := iam.list_account_aliases()["AccountAliases"]:
        raise Refused(
            f"Account {target.account} was seeded before (its alias is {found[0]}). "
            "Take another account, or start the emulator afresh: it forgets everything."
        )
    iam.create_account_alias(AccountAlias=alias)


def demo(target):
    _claim(target, "fernhill")
    storage.demo(target)
    identity.demo(target)
    permissions.demo(target)
    roles.demo(target)
    keys.demo(target)
    vpcs = network.demo(target)
    machines = compute.demo(target, vpcs)
    patching.demo(target, *machines)
    balancers.demo(target, vpcs)
    databases.demo(target, vpcs)
    access_points.demo(target, vpcs)
    reachable.demo(target, machines)
    storage.close_account(target)


def second(target):
    _claim(target, "fernhill-lab")
    storage.second(target)
    identity.second(target)
    permissions.second(target)
    roles.second(target)
    keys.second(target)
    vpcs = network.second(target)
    patching.second(target, *compute.second(target, vpcs))
    balancers.second(target, vpcs)
    databases.second(target, vpcs)


def bench(target, regions, size):
    if size < 1:
        raise Refused("The size is a number from 1 on.")
    _claim(target, f"bench-{target.account}")
    network.flow_log_role(target)
    identity.second(target)
    for region in dict.fromkeys(regions):
        benchmark.region(target, region, size)
