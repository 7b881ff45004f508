"""What the extension remembers, apart for every account and region."""

import threading
from collections import defaultdict
from datetime import UTC, datetime
from types import SimpleNamespace

# Services with one endpoint per partition: their state has no region.
GLOBAL = "global"

_lock = threading.RLock()
_stores: dict[tuple[str, str], SimpleNamespace] = {}


def of(account: str, region: str) -> SimpleNamespace:
    """The store of an account and region; each module keeps its own members in it."""
    with _lock:
        return _stores.setdefault((account, region), SimpleNamespace())


def part(account: str, region: str, name: str, make):
    """One module's member of the store, made on first use."""
    store = of(account, region)
    with _lock:
        if not hasattr(store, name):
            setattr(store, name, make())
        return getattr(store, name)


def nested():
    return defaultdict(dict)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def moment(value) -> datetime:
    """A time as people write it: RFC 3339, or seconds since the epoch."""
    if isinstance(value, datetime):
        # moto's are without a zone and mean UTC
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no time")
    try:
        parsed = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{value!r} is no time: write 2024-01-31T12:00:00Z") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
