"""Account Management, of which moto has nothing: contacts and regions."""

from . import ec2_settings, state
from .operations import error, operation


def _account(call):
    return call.get("AccountId") or call.account


def _contacts(call) -> dict:
    return state.part(_account(call), state.GLOBAL, "account_contacts", dict)


@operation("account", "GetAlternateContact")
def get_alternate_contact(call):
    kind = call.request["AlternateContactType"]
    found = _contacts(call).get(kind)
    if found is None:
        raise error(
            "ResourceNotFoundException", "No contact of the inputted alternate contact type found.", 404
        )
    return {"AlternateContact": found}


@operation("account", "PutAlternateContact")
def put_alternate_contact(call):
    members = ("AlternateContactType", "EmailAddress", "Name", "PhoneNumber", "Title")
    made = {name: call.request[name] for name in members}
    _contacts(call)[made["AlternateContactType"]] = made
    return {}


@operation("account", "DeleteAlternateContact")
def delete_alternate_contact(call):
    if _contacts(call).pop(call.request["AlternateContactType"], None) is None:
        raise error(
            "ResourceNotFoundException", "No contact of the inputted alternate contact type found.", 404
        )
    return {}


@operation("account", "GetContactInformation")
def get_contact_information(call):
    found = _contacts(call).get("primary")
    if found is None:
        raise error("ResourceNotFoundException", "No contact information found.", 404)
    return {"ContactInformation": found}


@operation("account", "PutContactInformation")
def put_contact_information(call):
    _contacts(call)["primary"] = call.request["ContactInformation"]
    return {}


_STATUS = {
    "not-opted-in": "DISABLED",
    "opt-in-not-required": "ENABLED_BY_DEFAULT",
    "opted-in": "ENABLED",
}


def _regions(call):
    return {name: _STATUS[status] for name, status in ec2_settings.regions(_account(call))}


@operation("account", "ListRegions")
def list_regions(call):
    wanted = call.get("RegionOptStatusContains", [])
    return {
        "Regions": [
            {"RegionName": name, "RegionOptStatus": status}
            for name, status in _regions(call).items()
            if not wanted or status in wanted
        ]
    }


def _region(call):
    name = call.request["RegionName"]
    if name not in _regions(call):
        raise error("ValidationException", f"Invalid Region Name {name}")
    return name


@operation("account", "GetRegionOptStatus")
def get_region_opt_status(call):
    name = _region(call)
    return {"RegionName": name, "RegionOptStatus": _regions(call)[name]}


@operation("account", "EnableRegion", "DisableRegion")
def switch_region(call):
    """Takes minutes in AWS; here it is done at once."""
    name = _region(call)
    if _regions(call)[name] == "ENABLED_BY_DEFAULT":
        raise error("ValidationException", f"{name} is enabled by default and cannot be changed.")
    regions = ec2_settings.opted_in(_account(call))
    regions.add(name) if call.operation[1] == "EnableRegion" else regions.discard(name)
    return {}
