"""Calls are found by what is known of them, newest first, page by page."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from vagtcentral.console.registration import FIELDS
from vagtcentral.evaluation import search
from vagtcentral.evaluation.search import REGISTRATION_NAMES, CallQuery, calls_of, search_calls
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.events import Registered, WronglyRouted
from vagtcentral.ivr.journal import Turn

DAY_MS = 86_400_000


@pytest.fixture
async def store(file, told, story) -> AsyncIterator[Store]:
    """Five calls, a day between each and the next, and a registered one."""
    made = [told("answered"), told("abandoned_in_menu"), told("transferred"), told("called_back")]
    registered = story("call-registered", "+4520304050").arrives("112").connected("Jørgen")
    fields = (("address", 'Ærøgade 4, "Kroen"'),)
    registered.after(5, lambda at: Registered(at, "Jørgen", "theft", fields, "Grøn KANO, 100_%"))
    registered.after(1, lambda at: WronglyRouted(at, "Jørgen"))
    async with await Store.open(file) as store:
        for days, turns in enumerate([*made, registered.turns]):
            await store.append([later(turn, days * DAY_MS) for turn in turns])
        yield store


def later(turn: Turn, ms: int) -> Turn:
    return replace(turn, event=replace(turn.event, at=turn.event.at + ms))


async def ids(store: Store, **sought) -> list[str]:
    found = await search_calls(store, CallQuery(**sought))
    assert (found.total, found.more) == (len(found.calls), False)
    return [record.call_id for record in found.calls]


NEWEST_FIRST = ["call-registered", "call-back", "call-transfer", "call-menu", "call-1"]


async def test_without_a_question_every_call_is_found_newest_first(store) -> None:
    assert await ids(store) == NEWEST_FIRST


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        ({"number": "20 30 40 50"}, ["call-registered"]),
        ({"number": "+45 2030-4050"}, ["call-registered"]),
        ({"number": "004520304050"}, ["call-registered"]),
        ({"number": "2030"}, ["call-registered"]),
        ({"number": "8612"}, NEWEST_FIRST[1:]),
        ({"number": "20304051"}, []),
        ({"number": "anna"}, []),
        ({"call_id": "call-1"}, ["call-1"]),
        ({"call_id": "trans"}, ["call-transfer"]),
        ({"call_id": "call_1"}, []),
        ({"service": "112"}, ["call-registered"]),
        ({"district": "1463"}, ["call-1"]),
        ({"outcome": "called_back"}, ["call-back"]),
        ({"is_open": True}, ["call-registered"]),
        ({"is_open": False}, NEWEST_FIRST[1:]),
        ({"operator": "bo"}, ["call-back", "call-transfer"]),
        ({"operator": "Jørgen"}, ["call-registered"]),
        ({"operator": "ann"}, []),
        ({"wrongly_routed": True}, ["call-registered"]),
        ({"wrongly_routed": False, "service": "112"}, []),
        ({"transferred": True}, ["call-transfer"]),
        ({"transferred": False}, [one for one in NEWEST_FIRST if one != "call-transfer"]),
        ({"text": "grøn kano"}, ["call-registered"]),
        ({"text": "GRØN"}, ["call-registered"]),
        ({"text": "ærøGADE"}, ["call-registered"]),
        ({"text": '"kroen"'}, ["call-registered"]),
        ({"text": "100_%"}, ["call-registered"]),
        ({"text": "100%"}, []),
        ({"text": "stolen BICYCLE"}, ["call-1"]),
        ({"text": "burglary", "number": "20304050"}, []),
    ],
)
async def test_calls_are_found_by(store, sought, expected) -> None:
    assert await ids(store, **sought) == expected


@pytest.mark.parametrize("name", REGISTRATION_NAMES)
async def test_the_names_in_a_registration_are_not_its_text(store, name) -> None:
    assert await ids(store, text=name) == []


def test_the_names_of_all_fields_that_can_be_registered_are_known() -> None:
    assert set(FIELDS) <= set(REGISTRATION_NAMES)


async def test_dates_are_from_and_up_to(store) -> None:
    first = (await store.record("call-1")).arrived_at
    assert await ids(store, since=first + DAY_MS) == NEWEST_FIRST[:4]
    assert await ids(store, until=first + DAY_MS) == ["call-1"]
    assert await ids(store, since=first, until=first) == []


async def test_pages_join_without_gap_or_overlap_and_the_total_is_that_of_all(store) -> None:
    pages = [await search_calls(store, CallQuery(), limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [record.call_id for page in pages for record in page.calls] == NEWEST_FIRST
    assert {page.total for page in pages} == {5}


async def test_counting_ends_at_a_bound_and_says_so(store, monkeypatch) -> None:
    monkeypatch.setattr(search, "COUNTED", 3)
    found = await search_calls(store, CallQuery())
    assert (found.total, found.more, len(found.calls)) == (3, True, 5)


async def test_the_calls_of_a_number_come_newest_first_and_as_many_as_asked_for(store) -> None:
    earlier = await calls_of(store, "+4586123456")
    assert [record.call_id for record in earlier] == NEWEST_FIRST[1:]
    assert [record.call_id for record in await calls_of(store, "+4586123456", 1)] == ["call-back"]
    assert await calls_of(store, None) == []


async def test_a_number_is_looked_up_and_not_searched_for(store) -> None:
    for condition in ("caller = '+4586123456'", "caller in ('+4586123456', '4586123456')"):
        query = f"explain query plan select * from calls where {condition} order by arrived_at desc"
        plan = await store.rows(text(query))
        assert any("ix_calls_caller" in row["detail"] for row in plan)


def test_what_is_sought_is_named_without_its_value() -> None:
    query = CallQuery(number="20304050", text="kano", wrongly_routed=False)
    assert query.sought == ["number", "wrongly_routed", "text"]
    assert "2030" not in repr(query)
    assert "kano" not in repr(query)
