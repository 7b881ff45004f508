"""The root user's facts, which no API call can make."""

from . import state

FIELDS = ("mfa", "password", "password_last_used", "created", "access_keys", "certificates")


def _new():
    return {
        "mfa": "none",
        "password": True,
        "password_last_used": None,
        "created": state.moment("2020-01-01T00:00:00Z"),
        "access_keys": [],
        "certificates": 0,
    }


def of(account: str) -> dict:
    return state.part(account, state.GLOBAL, "root", _new)


def _key(key):
    if not isinstance(key, dict):
        raise ValueError("an access key is an object")
    names = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    if unknown := sorted(set(key) - set(names)):
        raise ValueError(f"an access key has no {', '.join(unknown)}; it has {', '.join(names)}")
    made = {"active": True, "last_rotated": state.now(), **key}
    for name in ("last_rotated", "last_used_date"):
        if made.get(name) is not None:
            made[name] = state.moment(made[name])
    return made


def change(account: str, facts: dict) -> None:
    """Set the named facts and leave the others."""
    checked = dict(facts)
    if checked.get("mfa", "none") not in ("none", "virtual", "hardware"):
        raise ValueError("mfa is none, virtual or hardware")
    if not isinstance(checked.get("password", True), bool):
        raise ValueError("password is true or false")
    if type(checked.get("certificates", 0)) is not int or not 0 <= checked.get("certificates", 0) <= 2:
        raise ValueError("certificates is a number from 0 to 2")
    for name in ("created", "password_last_used"):
        if checked.get(name) is not None:
            checked[name] = state.moment(checked[name])
    if "access_keys" in checked:
        if not isinstance(checked["access_keys"], list) or len(checked["access_keys"]) > 2:
            raise ValueError("access_keys is a list of at most two")
        checked["access_keys"] = [_key(key) for key in checked["access_keys"]]
    if "created" in checked and checked["created"] is None:
        raise ValueError("created is a time")
    of(account).update(checked)
    state.part(account, state.GLOBAL, "iam_report", dict).clear()
