"""What a Systems Manager agent reports: itself, and the outcome of a patch run."""

from .target import say

_PATCH = {
    "Installed": ("COMPLIANT", "UNSPECIFIED"),
    "Missing": ("NON_COMPLIANT", "CRITICAL"),
    "Failed": ("NON_COMPLIANT", "HIGH"),
    "InstalledPendingReboot": ("NON_COMPLIANT", "MEDIUM"),
}


def report(target, region, id, name, platform="Amazon Linux"):
    """The agent reports its node, which makes it managed and online."""
    target.client("ssm", region).put_inventory(
        InstanceId=id,
        Items=[
            {
                "TypeName": "AWS:InstanceInformation",
                "SchemaVersion": "1.0",
                "CaptureTime": target.since(0),
                "Content": [
                    {
                        "AgentType": "amazon-ssm-agent",
                        "AgentVersion": "3.3.3050.0",
                        "ComputerName": f"{name}.fernhill.internal",
                        "InstanceId": id,
                        "PlatformName": platform,
                        "PlatformType": "Linux",
                        "PlatformVersion": "2023",
                    }
                ],
            }
        ],
    )


def patched(target, region, id, days=1, **states):
    """The outcome of a scan that ended so many days ago: states as Missing=2."""
    items = []
    for state, number in ({"Installed": 3} | states).items():
        status, severity = _PATCH[state]
        for n in range(number):
            items.append(
                {
                    "Id": f"kernel-6.1.{len(items)}",
                    "Title": f"kernel, {state.lower()} {n + 1}",
                    "Severity": severity,
                    "Status": status,
                    "Details": {
                        "PatchState": state,
                        "Classification": "Security",
                        "PatchSeverity": "Important",
                        "PatchBaselineId": "pb-0c10e65780EXAMPLE",
                        "PatchGroup": "servers",
                    },
                }
            )
    target.client("ssm", region).put_compliance_items(
        ResourceId=id,
        ResourceType="ManagedInstance",
        ComplianceType="Patch",
        ExecutionSummary={"ExecutionTime": target.ago(days), "ExecutionType": "Command"},
        Items=items,
    )


def demo(target, america, europe):
    say("reports of the Systems Manager agents")
    region = "us-east-1"

    def node(compute, region, name, days=1, **states):
        id = compute.instances[name]
        report(target, region, id, name)
        if days is not None:
            patched(target, region, id, days, **states)
        return id

    node(america, region, "web-1")
    node(america, region, "web-2", Missing=2)
    node(america, region, "reports-1", InstalledPendingReboot=1)
    node(america, region, "search-1", days=None)
    node(america, region, "bastion-1", days=45)
    node(america, region, "kiosk-1", days=60, Missing=9)
    silent = node(america, region, "batch-1", days=10)
    target.backdate(
        "ssm:instance",
        silent,
        region,
        PingStatus="ConnectionLost",
        LastPingDateTime=target.since(9),
    )

    region = "eu-west-1"
    node(europe, region, "eu-web-1", days=29)
    node(europe, region, "eu-web-2", Failed=1)
    node(europe, region, "eu-worker-1", days=31)
    node(europe, region, "eu-standby-1", days=2)


def second(target, compute):
    say("reports of the Systems Manager agents")
    id = compute.instances["lab-1"]
    report(target, "us-east-1", id, "lab-1")
    patched(target, "us-east-1", id)
