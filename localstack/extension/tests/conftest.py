"""One server for all tests, in a run directory and on a port of its own."""

import itertools
import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

HOME = Path(__file__).resolve().parents[2]
_accounts = itertools.count(300_000_000_001)
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def script(name, run, *arguments, **environment):
    """One of the scripts beside the extension, as a user would call it."""
    return subprocess.run(
        [HOME / name, *arguments],
        env={**os.environ, "OURSHARE_LOCALSTACK_RUN": str(run), "CI": "true", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )


def fetch(url, method="GET", body=None, headers=None):
    """Status, headers and text of an HTTP answer, whatever it is."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers or {}, method=method)
    try:
        with _opener.open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read().decode()


class Emulator:
    def __init__(self, endpoint):
        self.endpoint = endpoint

    def client(self, service, account, region="us-east-1"):
        client = boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        if service == "s3control":
            # the account goes in front of the host, which does not resolve for an address
            def strip(request, **_):
                request.url = request.url.replace(f"//{account}.", "//")

            client.meta.events.register("before-send.s3-control", strip)
        return client

    def hook(self, path, body=None, method=None):
        method = method or ("POST" if body is not None else "GET")
        status, _, text = fetch(f"{self.endpoint}/_ourshare/{path}", method, body)
        return status, json.loads(text)

    def raw(self, service, account, body, headers=None, path="/", method="POST"):
        """A request as a client sends it that knows more of the API than boto3 does."""
        credential = f"{account}/20260101/us-east-1/{service}/aws4_request"
        signed = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
        form = "application/x-www-form-urlencoded; charset=utf-8"
        sent = {"Authorization": signed, "Content-Type": form, **(headers or {})}
        return fetch(self.endpoint + path, method, body and body.encode(), sent)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    run = tmp_path_factory.mktemp("run")
    started = script("start", run)
    assert started.returncode == 0, started.stderr
    yield Emulator(started.stdout.strip())
    stopped = script("stop", run)
    assert stopped.returncode == 0, stopped.stderr


@pytest.fixture
def account():
    """An account that no other test knows."""
    return str(next(_accounts))


@pytest.fixture
def other():
    return str(next(_accounts))


@pytest.fixture
def pages(emulator):
    """Sets the cap on pages, and lifts it afterwards."""
    yield lambda cap: emulator.hook("pages", {"cap": cap})
    emulator.hook("pages", {"cap": None})


@pytest.fixture
def refused():
    """The error code of a call that must fail."""

    def code(function, **arguments):
        with pytest.raises(ClientError) as caught:
            function(**arguments)
        return caught.value.response["Error"]["Code"]

    return code
