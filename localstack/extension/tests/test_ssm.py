import datetime

import pytest

RUN = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


@pytest.fixture
def ssm(emulator, account):
    return emulator.client("ssm", account)


@pytest.fixture
def instance(emulator, account):
    def launch():
        made = emulator.client("ec2", account).run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1
        )
        return made["Instances"][0]["InstanceId"]

    return launch


def report(ssm, id):
    content = {
        "AgentVersion": "3.3.1",
        "ComputerName": "host",
        "InstanceId": id,
        "IpAddress": "10.0.0.1",
        "PlatformName": "Amazon Linux",
        "PlatformType": "Linux",
        "PlatformVersion": "2023",
    }
    item = {
        "TypeName": "AWS:InstanceInformation",
        "SchemaVersion": "1.0",
        "CaptureTime": "2026-01-02T03:04:05Z",
        "Content": [content],
    }
    ssm.put_inventory(InstanceId=id, Items=[item])


def patches(ssm, id, *items):
    ssm.put_compliance_items(
        ResourceId=id,
        ResourceType="ManagedInstance",
        ComplianceType="Patch",
        ExecutionSummary={"ExecutionTime": RUN, "ExecutionType": "Command"},
        Items=list(items),
    )


def patch(id, state, severity="UNSPECIFIED", kind="Bugfix"):
    good = state in ("Installed", "InstalledOther", "NotApplicable")
    return {
        "Id": id,
        "Title": id,
        "Severity": severity,
        "Status": "COMPLIANT" if good else "NON_COMPLIANT",
        "Details": {"PatchState": state, "Classification": kind, "PatchGroup": "web"},
    }


def test_a_node_is_managed_once_it_reports(ssm, instance, refused):
    id = instance()
    assert ssm.describe_instance_information()["InstanceInformationList"] == []
    assert refused(ssm.describe_instance_patches, InstanceId=id) == "InvalidInstanceId"
    report(ssm, id)
    (row,) = ssm.describe_instance_information()["InstanceInformationList"]
    assert row["InstanceId"] == id and row["PingStatus"] == "Online"
    assert row["AgentVersion"] == "3.3.1" and row["ResourceType"] == "EC2Instance"
    (row,) = ssm.describe_instance_properties()["InstanceProperties"]
    assert row["InstanceState"] == "running" and row["PlatformName"] == "Amazon Linux"
    assert ssm.list_inventory_entries(InstanceId=id, TypeName="AWS:InstanceInformation")["Entries"]
    assert ssm.get_inventory()["Entities"][0]["Id"] == id
    nobody = "i-0123456789abcdef0"
    item = {"TypeName": "AWS:X", "SchemaVersion": "1.0", "CaptureTime": "2026-01-01T00:00:00Z"}
    assert refused(ssm.put_inventory, InstanceId=nobody, Items=[item]) == "InvalidInstanceId"


def test_stopped_and_terminated_nodes(emulator, account, ssm, instance):
    ec2, id = emulator.client("ec2", account), instance()
    report(ssm, id)
    ec2.stop_instances(InstanceIds=[id])
    assert ssm.describe_instance_information()["InstanceInformationList"] == []
    assert len(ssm.describe_instance_properties()["InstanceProperties"]) == 1
    ec2.terminate_instances(InstanceIds=[id])
    assert ssm.describe_instance_properties()["InstanceProperties"] == []


def test_patch_states_are_counted_from_the_report(ssm, instance):
    id, silent = instance(), instance()
    report(ssm, id)
    report(ssm, silent)
    patches(
        ssm,
        id,
        patch("a", "Installed"),
        patch("b", "Missing", "CRITICAL", "Security"),
        patch("c", "Failed"),
        patch("d", "InstalledPendingReboot", kind="SecurityUpdates"),
        patch("e", "NotApplicable"),
    )
    (row,) = ssm.describe_instance_patch_states(InstanceIds=[id, silent])["InstancePatchStates"]
    assert row["InstanceId"] == id and row["OperationEndTime"] == RUN
    assert row["InstalledCount"] == row["MissingCount"] == row["FailedCount"] == 1
    assert row["InstalledPendingRebootCount"] == row["NotApplicableCount"] == 1
    assert row["CriticalNonCompliantCount"] == 1 and row["SecurityNonCompliantCount"] == 2
    assert row["OtherNonCompliantCount"] == 1 and row["PatchGroup"] == "web"
    missing = ssm.describe_instance_patches(
        InstanceId=id, Filters=[{"Key": "State", "Values": ["Missing"]}]
    )["Patches"]
    assert [(p["KBId"], p["State"]) for p in missing] == [("b", "Missing")]
    assert missing[0]["InstalledTime"].year == 1970
    groups = ssm.describe_instance_patch_states_for_patch_group(PatchGroup="web")
    assert len(groups["InstancePatchStates"]) == 1
    patches(ssm, id)
    (row,) = ssm.describe_instance_patch_states(InstanceIds=[id])["InstancePatchStates"]
    assert row["MissingCount"] == row["InstalledCount"] == 0


def test_an_agents_own_patch_summary(ssm, instance):
    id = instance()
    report(ssm, id)
    base = {"SchemaVersion": "1.0", "CaptureTime": "2026-02-01T00:00:00Z"}
    summary = {
        "PatchGroup": "g",
        "BaselineId": "pb-0123456789abcdef0",
        "OperationType": "Install",
        "OperationStartTime": "2026-02-01T00:00:00Z",
        "OperationEndTime": "2026-02-01T00:05:00Z",
        "InstalledCount": "7",
        "MissingCount": "2",
    }
    ssm.put_inventory(
        InstanceId=id, Items=[{"TypeName": "AWS:PatchSummary", **base, "Content": [summary]}]
    )
    (row,) = ssm.describe_instance_patch_states(InstanceIds=[id])["InstancePatchStates"]
    assert row["Operation"] == "Install" and row["InstalledCount"] == 7
    assert row["MissingCount"] == 2 and row["OperationEndTime"].minute == 5


def test_compliance_lists(ssm, instance):
    id = instance()
    report(ssm, id)
    patches(ssm, id, patch("a", "Installed", "LOW"), patch("b", "Missing", "HIGH"))
    items = ssm.list_compliance_items(ResourceIds=[id])["ComplianceItems"]
    assert [i["Status"] for i in items] == ["COMPLIANT", "NON_COMPLIANT"]
    bad = ssm.list_compliance_items(
        Filters=[{"Key": "Status", "Values": ["NON_COMPLIANT"], "Type": "EQUAL"}]
    )["ComplianceItems"]
    assert [i["Id"] for i in bad] == ["b"]
    (row,) = ssm.list_resource_compliance_summaries()["ResourceComplianceSummaryItems"]
    assert row["Status"] == "NON_COMPLIANT" and row["OverallSeverity"] == "HIGH"
    assert row["NonCompliantSummary"]["SeveritySummary"]["HighCount"] == 1
    (row,) = ssm.list_compliance_summaries()["ComplianceSummaryItems"]
    assert row["NonCompliantSummary"]["NonCompliantCount"] == 1


def test_age_and_silence_come_from_the_hook(emulator, account, ssm, instance):
    id = instance()
    report(ssm, id)
    patches(ssm, id, patch("a", "Installed"))
    where = {"account": account, "region": "us-east-1", "id": id}
    fields = {"PingStatus": "ConnectionLost", "LastPingDateTime": "2020-01-01T00:00:00Z"}
    assert emulator.hook("backdate", {**where, "kind": "ssm:instance", "fields": fields})[0] == 200
    fields = {"OperationEndTime": "2020-01-01T00:00:00Z", "Operation": "Install"}
    emulator.hook("backdate", {**where, "kind": "ssm:patch-state", "fields": fields})
    lost = [{"Key": "PingStatus", "Values": ["ConnectionLost"]}]
    (row,) = ssm.describe_instance_information(Filters=lost)["InstanceInformationList"]
    assert row["LastPingDateTime"].year == 2020
    (row,) = ssm.describe_instance_patch_states(InstanceIds=[id])["InstancePatchStates"]
    assert row["OperationEndTime"].year == 2020 and row["Operation"] == "Install"
