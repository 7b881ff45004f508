"""Reports of two saved results, as `ourshare report` writes them: `full`, in which everything stands once, and `hostile`,
whose names, tags, messages and reasons are what an intruder would write."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTDATA = ROOT / "internal" / "report" / "testdata"
FILES = {
    "json": "report.json",
    "ndjson": "report.ndjson",
    "csv": "report.csv",
    "markdown": "report.md",
    "ocsf": "report.ocsf.json",
}


def ourshare(*args):
    """Runs the program and returns what it prints, as bytes. Any exit code but 0 fails the test."""
    return subprocess.run([os.environ["OURSHARE_BIN"], *args], check=True, stdout=subprocess.PIPE, cwd=TESTDATA).stdout


class Reports:
    """The reports of one saved result, and the result itself."""

    def __init__(self, name, directory):
        saved = TESTDATA / f"{name}.json"
        flags = [flag for format in FILES for flag in ("--format", format)]
        ourshare("report", str(saved), "--out", str(directory), *flags)
        self.result = json.loads(saved.read_text("utf-8"))
        self.saved = saved
        self.directory = directory

    def bytes(self, format):
        return (self.directory / FILES[format]).read_bytes()

    def text(self, format):
        return self.bytes(format).decode("utf-8")  # which refuses what is no UTF-8

    def lines(self, format):
        text = self.text(format)
        assert text.endswith("\n")
        return [json.loads(line) for line in text.removesuffix("\n").split("\n")]

    def gaps(self):
        """How many things the result says it could not see."""
        scan = self.result["scan"]
        accounts = sum(not a["entered"] for a in scan.get("by_account", []))
        calls = sum(any(o != "ok" and n for o, n in line["outcomes"].items()) for line in self.result["coverage"])
        return len(scan.get("gaps", [])) + accounts + calls

    def gone(self):
        changes = self.result.get("comparison", {}).get("changes", [])
        return sum(c["change"] == "resolved" and c["after"] is None for c in changes)

    def total(self):
        """How many lines a report of one line each has."""
        return len(self.result["findings"]) + len(self.result.get("unobserved", [])) + self.gone() + self.gaps()


@pytest.fixture(scope="session", params=["full", "hostile"])
def reports(request, tmp_path_factory):
    return Reports(request.param, tmp_path_factory.mktemp(request.param) / "out")
