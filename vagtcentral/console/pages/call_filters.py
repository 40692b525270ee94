"""What stands in the search form as a query: texts and dates of a person to what the store is asked."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from vagtcentral.console.pages.format import DENMARK
from vagtcentral.evaluation.search import COUNTED, CallQuery

#: The fields that may stand in an address, which browsers keep; numbers and what was written may not.
IN_ADDRESS = ("service", "district", "outcome", "operator", "since", "until", "wrongly", "transfers")

#: Where in the list the page begins, as addresses have it.
OFFSET = "offset"

_YES_NO = {"yes": True, "no": False}


def query_of(values: Mapping[str, str]) -> CallQuery:
    """The query for the values of the form by name; an empty one means any. Dates are whole Danish days."""
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    outcome = given.get("outcome")
    return CallQuery(
        number=given.get("number"),
        call_id=given.get("call_id"),
        service=given.get("service"),
        district=given.get("district"),
        outcome=None if outcome == "live" else outcome,
        is_open=True if outcome == "live" else None,
        operator=given.get("operator"),
        since=_midnight(given.get("since"), 0),
        until=_midnight(given.get("until"), 1),
        wrongly_routed=_YES_NO.get(given.get("wrongly", "")),
        transferred=_YES_NO.get(given.get("transfers", "")),
        text=given.get("text"),
    )


def address_of(values: Mapping[str, str], offset: int) -> str:
    """The address to come back to: what is not personal, and the place in the list.

    A place in a list that was found by something personal would be one in another list: it is left out.
    """
    given = {name: value for name, value in values.items() if value.strip()}
    kept = {name: given[name] for name in IN_ADDRESS if name in given}
    if offset and kept.keys() == given.keys():
        kept[OFFSET] = str(offset)
    return "/calls" + (f"?{urlencode(kept)}" if kept else "")


def offset_in(address: Mapping[str, str]) -> int:
    """The place in the list that an address names; 0 for none, and for what is no place."""
    given = address.get(OFFSET, "")
    place = int(given) if given.isascii() and given.isdigit() and len(given) <= len(str(COUNTED)) else 0
    return place if place < COUNTED else 0


def _midnight(day: str | None, later: int) -> int | None:
    """When the day written `2026-11-22` begins in Denmark, or so many days later; None for what is no day."""
    try:
        local = date.fromisoformat(day or "") + timedelta(days=later)
    except (ValueError, OverflowError):
        return None
    return round(datetime(local.year, local.month, local.day, tzinfo=DENMARK).timestamp() * 1000)
