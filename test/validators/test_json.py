"""JSON and ndjson, by jsonschema and the published schemas."""

import json

import jsonschema
from conftest import ourshare


def validator(*name):
    schema = json.loads(ourshare("schema", *name))
    cls = jsonschema.validators.validator_for(schema)
    assert cls is jsonschema.Draft202012Validator
    cls.check_schema(schema)
    return cls(schema, format_checker=cls.FORMAT_CHECKER)


def test_json_is_the_same_and_valid(reports):
    assert reports.bytes("json") == reports.saved.read_bytes()
    validator().validate(json.loads(reports.text("json")))


def test_ndjson(reports):
    check = validator("ndjson")
    lines = reports.lines("ndjson")
    for line in lines:
        check.validate(line)
    assert len(lines) == reports.total()
    findings = [line for line in lines if line["kind"] == "finding"]
    assert [f["fingerprint"] for f in findings] == [f["fingerprint"] for f in reports.result["findings"]]
    for line, finding in zip(findings, reports.result["findings"]):
        assert {key: line[key] for key in finding} == finding
        assert line["check"] == reports.result["checks"][finding["check_id"]]
    for line in lines:
        assert line["scan"]["id"] == reports.result["scan"]["id"]
        assert line["scan"]["complete"] is False


def test_the_schema_refuses(reports):
    check = validator("ndjson")
    line = reports.lines("ndjson")[0]
    for change in ({"status": "passed"}, {"kind": "x"}, {"scan": None}, {"extra": 1}):
        assert not check.is_valid(line | change)


def test_tickets(reports, tmp_path):
    saved = str(reports.saved)
    ourshare("report", saved, "--format", "json,tickets", "--out", str(tmp_path))
    check = validator("tickets")
    text = (tmp_path / "tickets.ndjson").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines
    for line in lines:
        check.validate(line)
        assert len(line["key"]) <= 255 and len(line["title"]) <= 255 and len(line["body"]) <= 32_767
        for finding in line["findings"]:
            assert finding["status"] != "unknown" or "cannot be observed" in finding["note"]
    opened = {f["fingerprint"] for line in lines if line["action"] == "open" for f in line["findings"]}
    failing = {
        f["fingerprint"]
        for f in reports.result["findings"]
        if f["status"] == "fail" and "suppression" not in f
    }
    assert opened == failing
    assert not check.is_valid(lines[0] | {"action": "delete"})
