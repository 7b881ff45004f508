"""The control surface under /_ourshare, outside the AWS API.

It gives an account what a test cannot make through the API: age, a root user
with a past, small pages, slowness, denials. README.md lists the routes.
"""

import re
import threading
import time
from collections import Counter

from localstack.http import Response, route

from . import aging, denials, paging, root

_lock = threading.Lock()
_calls: dict[str, dict[str, Counter]] = {}
_latency = 0.0


def before_call(chain, context, response):
    """Counts and delays every AWS call from outside, implemented or not."""
    if context.operation is None or context.is_internal_call:
        return
    key = f"{context.service.service_name}:{context.operation.name}"
    with _lock:
        _calls.setdefault(context.account_id, {}).setdefault(context.region, Counter())[key] += 1
    if _latency:
        time.sleep(_latency)


def _refuse(message, status=400):
    return Response.for_json({"error": message}, status=status)


def _body(request, required, optional=()):
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    if missing := [name for name in required if name not in body]:
        raise ValueError(f"missing: {', '.join(missing)}")
    if unknown := sorted(set(body) - set(required) - set(optional)):
        raise ValueError(f"unknown: {', '.join(unknown)}")
    if "account" in body and not re.fullmatch(r"\d{12}", str(body["account"])):
        raise ValueError("account must have twelve digits")
    return body


class Routes:
    @route("/_ourshare/ping", methods=["GET"])
    def ping(self, request):
        return Response.for_json({"ok": True})

    @route("/_ourshare/backdate", methods=["POST"])
    def backdate(self, request):
        try:
            body = _body(request, ("account", "kind", "id", "fields"), ("region",))
            aging.backdate(
                body["account"], body.get("region"), body["kind"], body["id"], body["fields"]
            )
        except (ValueError, TypeError) as e:
            return _refuse(str(e))
        except LookupError as e:
            return _refuse(str(e.args[0] if e.args else e), 404)
        return Response.for_json({"ok": True})

    @route("/_ourshare/root", methods=["POST"])
    def root(self, request):
        try:
            body = _body(request, ("account",), root.FIELDS)
            root.change(body.pop("account"), body)
        except (ValueError, TypeError) as e:
            return _refuse(str(e))
        return Response.for_json({"ok": True})

    @route("/_ourshare/pages", methods=["POST"])
    def pages(self, request):
        try:
            cap = _body(request, ("cap",))["cap"]
        except ValueError as e:
            return _refuse(str(e))
        if cap is not None and (type(cap) is not int or cap < 1):
            return _refuse("cap must be a positive number or null")
        paging.set_cap(cap)
        return Response.for_json({"cap": cap})

    @route("/_ourshare/latency", methods=["POST"])
    def latency(self, request):
        global _latency
        try:
            ms = _body(request, ("ms",))["ms"]
        except ValueError as e:
            return _refuse(str(e))
        if type(ms) not in (int, float) or not 0 <= ms <= 60_000:
            return _refuse("ms must be a number from 0 to 60000")
        _latency = ms / 1000
        return Response.for_json({"ms": ms})

    @route("/_ourshare/deny", methods=["POST"])
    def deny(self, request):
        try:
            body = _body(request, ("account", "operations"))
            names = body["operations"]
            if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
                raise ValueError("operations must be a list of names")
            denials.change(body["account"], names)
        except ValueError as e:
            return _refuse(str(e))
        return Response.for_json({"denied": sorted(names)})

    @route("/_ourshare/calls", methods=["GET", "DELETE"])
    def calls(self, request):
        account = request.args.get("account")
        with _lock:
            if request.method == "DELETE":
                for key in [account] if account else list(_calls):
                    _calls.pop(key, None)
                return Response.for_json({"ok": True})
            picked = {a: r for a, r in _calls.items() if account in (None, a)}
            rows = [
                {"account": a, "region": r, "operation": operation, "calls": n}
                for a, regions in sorted(picked.items())
                for r, counter in sorted(regions.items())
                for operation, n in sorted(counter.items())
            ]
        return Response.for_json({"total": sum(row["calls"] for row in rows), "calls": rows})
