"""OCSF, by the schema of version 1.6.0 itself (which knows every attribute, and refuses others) and by py-ocsf-models."""

import functools
import re

import jsonschema
from ocsf_json_schema.embedded import OcsfJsonSchemaEmbedded
from ocsf_json_schema.loader import get_ocsf_schema
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.objects.cloud import Cloud


@functools.cache
def validator():
    ocsf = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.6.0"))
    schema = ocsf.get_class_schema("compliance_finding", ["cloud"])
    assert schema["additionalProperties"] is False
    return jsonschema.Draft202012Validator(schema)


def test_schema(reports):
    lines = reports.lines("ocsf")
    assert len(lines) == reports.total()
    for event in lines:
        validator().validate(event)
        assert event["metadata"]["version"] == "1.6.0"
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]


def test_the_schema_refuses(reports):
    event = reports.lines("ocsf")[0]
    for change in ({"invented": 1}, {"status_id": 7}, {"class_uid": 2004}, {"cloud": {}}, {"resources": [{"type": "x"}]}):
        assert not validator().is_valid(event | change)


def test_no_deprecated_attribute(reports):
    ocsf = get_ocsf_schema("1.6.0")

    def walk(kind, value):
        for name, inner in value.items():
            attribute = kind["attributes"].get(name)
            if attribute is None:
                continue
            assert not attribute.get("@deprecated"), name
            if attribute.get("object_type") and attribute["object_type"] != "object":
                for one in inner if isinstance(inner, list) else [inner]:
                    walk(ocsf["objects"][attribute["object_type"]], one)

    for event in reports.lines("ocsf"):
        walk(ocsf["classes"]["compliance_finding"], event)


def test_captions(reports):
    """Where an id has a caption of its own, the text beside it is that caption."""
    attributes = get_ocsf_schema("1.6.0")["classes"]["compliance_finding"]["attributes"]
    for event in reports.lines("ocsf"):
        for name in ("activity", "severity", "status"):
            text = event["activity_name" if name == "activity" else name]
            caption = attributes[f"{name}_id"]["enum"][str(event[f"{name}_id"])]["caption"]
            assert text == caption or event[f"{name}_id"] == 99


def test_models(reports):
    uids = set()
    for event in reports.lines("ocsf"):
        finding = ComplianceFinding.model_validate(event)
        Cloud.model_validate(event["cloud"] | {"account": None})
        assert finding.class_uid == 2003
        assert finding.category_uid == 2
        assert finding.type_uid == 200300 + finding.activity_id
        assert finding.compliance.control
        uids.add(finding.finding_info.uid)
    assert len(uids) == reports.total()


COMPLIANCE = {"pass": 1, "fail": 3, "unknown": 0, "not_applicable": 99, "manual": 99}


def test_verdicts(reports):
    """Every finding has its verdict, and nothing unknown reads like another one."""
    events = {event["finding_info"]["uid"]: event for event in reports.lines("ocsf")}
    for finding in reports.result["findings"]:
        event = events[finding["fingerprint"]]
        assert event["compliance"]["status_id"] == COMPLIANCE[finding["status"]]
        assert event["compliance"]["status_code"] == event["unmapped"]["status"] == finding["status"]
        assert event["message"] == finding["message"]
        assert event["cloud"]["account"]["uid"] == finding["account_id"]
        assert event["resources"][0]["uid"] == finding["resource"]["arn"]
        assert (event["status"] == "Suppressed") == ("suppression" in finding)
    for unobserved in reports.result["unobserved"]:
        event = events[unobserved["fingerprint"]]
        assert event["compliance"]["status_id"] == 0
        assert event["status"] != "Resolved"
    gaps = [e for e in events.values() if re.search("gap|not_entered", e["unmapped"]["kind"])]
    assert len(gaps) == reports.gaps()
    assert all(e["compliance"]["status_id"] == 0 for e in gaps)
