"""CSV, by Python's reader."""

import csv
import io
import json
import unicodedata

FORMULA = "=+-@\t\r＝＋－＠"


def read(reports):
    return list(csv.reader(io.StringIO(reports.text("csv"), newline=""), strict=True))


def test_rows_and_columns(reports):
    header, *rows = read(reports)
    assert header[0] == "kind"
    assert len(set(header)) == len(header)
    assert len(rows) == reports.total()
    assert {len(row) for row in rows} == {len(header)}
    assert reports.text("csv").count("\r\n") == reports.text("csv").count("\n") == len(rows) + 1


def test_nothing_is_calculated(reports):
    text = reports.text("csv")
    semicolons = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))  # as where a comma separates decimals
    for row in read(reports) + semicolons + [line.split(";") for line in text.splitlines()]:
        for cell in row:
            assert not cell.strip() or cell.strip()[0] not in FORMULA, cell


def test_nothing_is_hidden(reports):
    for row in read(reports):
        for cell in row:
            assert not [c for c in cell if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029"], cell


def test_contents(reports):
    header, *rows = read(reports)
    rows = [dict(zip(header, row)) for row in rows]
    findings = [row for row in rows if row["kind"] == "finding"]
    for row, finding in zip(findings, reports.result["findings"], strict=True):
        assert row["fingerprint"] == finding["fingerprint"]
        assert row["status"] == finding["status"]
        assert json.loads(row["evidence"]) == finding["evidence"]
        assert row["tags"] == "" if finding["resource"]["tags"] is None else json.loads(row["tags"]) == finding["resource"]["tags"]
        assert bool(row["suppression_expires"]) == ("suppression" in finding)
    others = [row for row in rows if row["kind"] != "finding"]
    assert not [row for row in others if row["status"] not in ("", "not_observable")]
    assert sum(row["kind"] == "unobserved" for row in others) == len(reports.result["unobserved"])
