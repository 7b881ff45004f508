"""An account of a given size: so many instances, databases and buckets in each region.

The states go round in fixed turns, so that an account of the same size is always the same.
"""

from concurrent.futures import ThreadPoolExecutor

from . import network, patching
from .compute import Compute
from .databases import Databases
from .storage import Bucket
from .target import say

WORKERS = 8


def region(target, name, size):
    say(f"{size} instances, databases and buckets each in {name}")
    network.delete_default_vpc(target, name)
    vpc = network.Vpc(target, name, "bench-vpc", "10.70.0.0/16")
    vpc.internet()
    for zone, block in (("a", "10.70.0.0/18"), ("b", "10.70.64.0/18"), ("c", "10.70.128.0/18")):
        vpc.subnet(f"bench-{zone}", block, zone, public=True)
    closed = vpc.group("bench-web", "Web", network.tcp(443, 443, network.ANY4))
    opened = vpc.group("bench-open", "Open", network.tcp(22, 22, network.ANY4))
    vpc.flow_log("bench-vpc", "ALL")

    computer = Compute(target, name)
    images = computer.image("bench-image"), computer.image("bench-image-old", encrypted=False)
    bases = Databases(target, name, list(vpc.subnets.values()), [closed])
    groups = {
        "mysql": bases.parameter_group("bench-mysql", "mysql8.0", require_secure_transport="1"),
        "postgres": bases.parameter_group("bench-postgres", "postgres16", rds__force_ssl="0"),
    }
    for service in ("ssm", "s3", "rds", "ec2"):
        target.client(service, name)  # made here, as making clients is not safe in threads

    subnets = list(vpc.subnets.values())

    def one(number):
        _instance(target, computer, images, subnets, (closed, opened), number)
        _database(bases, groups, number)
        _bucket(target, name, number)

    with ThreadPoolExecutor(WORKERS) as pool:
        for done in pool.map(one, range(size)):
            assert done is None


def _instance(target, computer, images, subnets, groups, n):
    name = f"bench-{n:05d}"
    id = computer.instance(
        name,
        images[n % 6 == 1],
        subnets[n % 3],
        [groups[n % 5 == 4]],
        tokens="optional" if n % 3 == 2 else "required",
        public=n % 4 == 3,
    )
    patching.report(target, computer.region, id, name)
    states = ({}, {"Missing": 1}, {}, {"InstalledPendingReboot": 1}, {"Failed": 1}, {})[n % 6]
    patching.patched(target, computer.region, id, 40 if n % 7 == 6 else 1, **states)


def _database(bases, groups, n):
    engine = ("mysql", "postgres", "mariadb")[n % 3]
    version = {"mysql": "8.0.44", "postgres": "16.10", "mariadb": "10.11.14"}[engine]
    logs = {"postgres": ("postgresql",)}.get(engine, ("audit", "error", "general", "slowquery"))
    bases.instance(
        f"bench-{n:05d}",
        engine,
        version,
        groups.get(engine) if n % 2 else None,
        logs[: n % 5],
        StorageEncrypted=n % 4 != 3,
        BackupRetentionPeriod=(14, 7, 1, 0, 30)[n % 5],
        DeletionProtection=n % 2 == 0,
        PubliclyAccessible=n % 8 == 7,
        AutoMinorVersionUpgrade=n % 6 != 5,
        MultiAZ=n % 3 == 0,
    )


def _bucket(target, region, n):
    b = Bucket(
        target,
        region,
        f"bench-{target.account}-{region}-{n:05d}",
        ownership="ObjectWriter" if n % 6 == 5 else "BucketOwnerEnforced",
    )
    if n % 3 == 2:
        b.no_public_access_block()
    if n % 2:
        b.versioned()
    if n % 4 == 1:
        b.lifecycle()
    if n % 5 == 1:
        b.logged_to(b.name)
    if n % 8 == 7:
        if n % 3 != 2:
            b.public_access("RestrictPublicBuckets")
        b.policy(b.allow("*"))
    elif n % 4 == 2:
        b.policy(b.tls_only())
