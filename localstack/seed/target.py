"""The one account that is seeded, and the refusal of anything but an emulator on loopback."""

import ipaddress
import json
import os
import re
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from functools import cached_property

import boto3
from botocore.config import Config


class Refused(Exception):
    """A sentence for the person who ran the seed."""


# no redirects either: they could lead away from the address that was checked
class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


def _loopback(endpoint):
    """The endpoint without a trailing slash, if all its addresses are loopback."""
    url = urllib.parse.urlsplit(endpoint)
    try:
        port = url.port
    except ValueError:
        port = None
    if url.scheme != "http" or not url.hostname or not port or url.path.strip("/") or url.query:
        raise Refused(f"{endpoint} is no endpoint of the form http://127.0.0.1:4566.")
    try:
        found = {i[4][0] for i in socket.getaddrinfo(url.hostname, port, type=socket.SOCK_STREAM)}
    except OSError:
        raise Refused(f"{url.hostname} has no address; the seed writes to loopback only.") from None
    for address in found:
        if not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
            raise Refused(f"{endpoint} is not on loopback; the seed writes nowhere else.")
    return f"http://{url.netloc.rpartition('@')[2]}"


def _get(url):
    try:
        with _opener.open(url, timeout=10) as response:
            return json.load(response)
    except (OSError, ValueError):
        return None


class Target:
    def __init__(self, endpoint, account):
        if not re.fullmatch(r"\d{12}", account):
            raise Refused(f"{account!r} is no account number: it needs twelve digits.")
        self.endpoint = _loopback(endpoint)
        self.account = account
        health = _get(f"{self.endpoint}/_localstack/health")
        if not isinstance(health, dict) or "services" not in health:
            raise Refused(f"{endpoint} does not answer as LocalStack does; nothing was written.")
        if not _get(f"{self.endpoint}/_ourshare/ping"):
            raise Refused(f"{endpoint} runs without the extension ourshare_localstack.")
        self.now = datetime.now(UTC).replace(microsecond=0)
        self._clients = {}

    @cached_property
    def _session(self):
        # nothing of the caller's own AWS settings may have a say
        for name in list(os.environ):
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                del os.environ[name]
        os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        # in the emulator, an access key id of twelve digits is the account
        return boto3.Session(aws_access_key_id=self.account, aws_secret_access_key="test")

    def client(self, service, region="us-east-1"):
        key = (service, region)
        if key not in self._clients:
            client = self._clients[key] = self._session.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                config=Config(
                    s3={"addressing_style": "path"},
                    retries={"mode": "standard", "total_max_attempts": 2},
                    max_pool_connections=32,
                    read_timeout=120,
                ),
            )
            if service == "s3control":
                # its host name begins with the account, which loopback has no name for
                client.meta.events.register("before-sign.s3-control", self._plain_host)
        return self._clients[key]

    def _plain_host(self, request, **_):
        request.url = request.url.replace(f"//{self.account}.", "//", 1)

    def hook(self, name, **body):
        """The emulator's control surface, for what no API call can make."""
        request = urllib.request.Request(
            f"{self.endpoint}/_ourshare/{name}",
            data=json.dumps({"account": self.account, **body}).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            _opener.open(request, timeout=30).close()
        except urllib.error.HTTPError as e:
            said = e.read().decode(errors="replace")
            raise Refused(f"The emulator refused /_ourshare/{name}: {said}") from None

    def backdate(self, kind, id, region=None, **fields):
        self.hook("backdate", kind=kind, id=id, region=region, fields=fields)

    def ago(self, days):
        """A time so many days before the seed began."""
        return self.now - timedelta(days=days)

    def since(self, days):
        return self.ago(days).strftime("%Y-%m-%dT%H:%M:%SZ")


def say(text):
    print(f"seed: {text}", file=sys.stderr, flush=True)


def tags(name, **more):
    return [{"Key": k, "Value": v} for k, v in {"Name": name, **more}.items()]


def tagged(kind, name, **more):
    """TagSpecifications of an EC2 call."""
    return [{"ResourceType": kind, "Tags": tags(name, **more)}]
