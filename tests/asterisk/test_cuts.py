"""The connection to the switch breaks for five seconds while people call, press keys and hang up."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.asterisk.crowd import Caller, Crowd, control_room, crowd, records_of, until, until_all
from tests.asterisk.relay import Cut, Relay
from tests.asterisk.serving import ControlRoom
from tests.asterisk.switch import Switch
from tests.asterisk.switch_records import SwitchCall, switch_calls
from vagtcentral.ivr.asterisk.settle import UNSEEN
from vagtcentral.ivr.events import CallArrived, CallerHungUp, CarrierGap, Event
from vagtcentral.menus.prompts import PromptStore

CUT_S = 5.0
#: How long after the cable is mended everything must be settled, in ms; waits between attempts are a second.
SETTLED_MS = 3_000
#: A gap begins with the last sign of life, and the switch is asked for one every two seconds.
HEARTBEAT_MS = 2_000


@dataclass
class People:
    """Who is there at the cut, by what becomes of them, and who calls during it."""

    leaving_talk: list[Caller]
    staying: list[Caller]
    leaving_menu: list[Caller]
    keying: list[Caller]
    calling_112: Caller
    calling_114: Caller
    giving_up: Caller


@dataclass
class Mended:
    """When the cable was cut and mended, in ms since 1970."""

    cut_at: int
    at: int


@pytest.mark.parametrize("what", [Cut.EVENTS, Cut.CLOSED, Cut.SILENT], ids=lambda what: what.name)
async def test_calls_are_settled_after_the_cable_was_cut_for_five_seconds(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path, what: Cut
) -> None:
    async with (
        Relay() as relay,
        control_room(make_switch, prompts, tmp_path, relay) as (switch, room),
        crowd(switch, tmp_path / "callers") as callers,
    ):
        people = await call_before_the_cut(callers, room)
        mended = await go_on_during_the_cut(relay, what, callers, people)

        here = [*people.staying, *people.keying]
        for caller in here:
            await one_gap(room, caller, mended)
        for caller in [*people.leaving_talk, *people.leaving_menu]:
            await gone_unseen(room, caller, mended)
        records = await records_of(room, people.leaving_menu)
        assert [(one.outcome, one.keys, one.failures) for one in records] == [
            ("failed", "", (f"caller: {UNSEEN}",))
        ] * len(people.leaving_menu)

        for caller in people.staying:
            assert caller.on_the_line
            caller.hang_up()
        for caller in people.keying:
            caller.press("4")
        await until_all(room, people.keying, lambda record: record.destination == "tips", "keys count again")
        records = await records_of(room, people.keying)
        assert {record.keys for record in records} == {"4"}, "keys pressed during the cut are lost"

        away = await those_who_called_meanwhile(room, switch, what, people, mended)
        callers.hang_up()
        records = await room.until_closed(len(callers.callers) - len(away))
        spoke = await records_of(room, [*people.leaving_talk, *people.staying])
        assert [(record.outcome, len(record.operators)) for record in spoke] == [("answered", 1)] * 6
        ours, theirs = {record.call_id for record in records}, calls_by_number(switch)
        assert {number for number, call in theirs.items() if call.call_id not in ours} == away
        assert len(records) == len(theirs) - len(away)
        assert await room.findings() == []
        assert "0 active channels" in switch.rx("core show channels count")
        assert "Stasis" not in switch.rx("bridge show all")


async def call_before_the_cut(callers: Crowd, room: ControlRoom) -> People:
    """Six talk with operators, ten hear the menu; three more have telephones."""
    talking = await callers.gather_and_call("112", 6)
    waiting = await callers.gather(3)
    in_menu = await callers.gather_and_call("114", 10)
    await until_all(room, talking, lambda record: bool(record.operators), "operators talk")
    await until_all(room, in_menu, lambda record: record.node == "main", "callers hear the menu")
    return People(talking[:3], talking[3:], in_menu[:5], in_menu[5:], *waiting)


async def go_on_during_the_cut(relay: Relay, what: Cut, callers: Crowd, people: People) -> Mended:
    """What happens is done in three seconds of the five: a slow machine, too, has done it before the end."""
    began, cut_at = time.monotonic(), now_ms()
    relay.cut(what)
    await asyncio.sleep(0.5)  # the switch has noticed, if it can
    callers.call("112", people.calling_112)
    callers.call("114", people.calling_114, people.giving_up)
    for caller in (*people.leaving_talk, *people.leaving_menu):
        caller.hang_up()
    for caller in people.keying:
        caller.press("5")
    await asyncio.sleep(2)
    people.giving_up.hang_up()
    await asyncio.sleep(began + CUT_S - time.monotonic())
    mended = Mended(cut_at, now_ms())
    relay.cut(Cut.NOTHING)
    return mended


async def one_gap(room: ControlRoom, caller: Caller, mended: Mended) -> None:
    """The journal has the gap once; it is as long as the cut and ends soon after it."""
    await until(lambda: has(room, caller, CarrierGap), f"{caller.user} is told of the gap")
    (gap,) = [event for event in await events_of(room, caller) if isinstance(event, CarrierGap)]
    assert gap.at - mended.at < SETTLED_MS
    lasted = mended.at - mended.cut_at
    assert lasted - 100 < gap.lost_ms < lasted + HEARTBEAT_MS + SETTLED_MS


async def gone_unseen(room: ControlRoom, caller: Caller, mended: Mended) -> None:
    await until(lambda: has(room, caller, CallerHungUp), f"that {caller.user} has gone is noticed")
    events = await events_of(room, caller)
    (gone,) = [event for event in events if isinstance(event, CallerHungUp)]
    assert gone.cause == UNSEEN
    assert gone.at - mended.at < SETTLED_MS
    assert not any(isinstance(event, CarrierGap) for event in events)


async def those_who_called_meanwhile(
    room: ControlRoom, switch: Switch, what: Cut, people: People, mended: Mended
) -> set[str]:
    """Who is still there is taken; gives the numbers of those of whom only the switch knows.

    Where the switch has noticed, its dialplan speaks with them, and 112 is offered again until somebody is
    there. Where it has not, they wait for us, and of one who gives up meanwhile nobody is told.
    """
    noticed = what is not Cut.SILENT
    taken = [people.calling_112] if noticed else [people.calling_112, people.calling_114]
    for caller in taken:
        await until(lambda caller=caller: has(room, caller, CallArrived), f"{caller.user} is taken")
        (arrived,) = [event for event in await events_of(room, caller) if isinstance(event, CallArrived)]
        assert noticed or arrived.at - mended.at < SETTLED_MS
    await until_all(room, [people.calling_112], lambda record: bool(record.operators), "112 is answered")
    assert people.calling_112.on_the_line
    away = {people.giving_up, people.calling_114} - set(taken)
    marks = {number: (call.mark, call.disposition) for number, call in calls_by_number(switch).items()}
    if noticed:
        await until(lambda: people.calling_114.hung_up_on, "who hears that nobody is there is hung up on")
        fallback = ("fallback", "ANSWERED")
        assert [marks[caller.user] for caller in away] == [fallback, fallback]
    else:
        assert marks[people.giving_up.user] == ("application", "NO ANSWER")
    return {caller.user for caller in away}


def calls_by_number(switch: Switch) -> dict[str, SwitchCall]:
    return {call.caller: call for call in switch_calls(switch.written.call_records).values() if call.caller}


async def events_of(room: ControlRoom, caller: Caller) -> list[Event]:
    records = await records_of(room, [caller])
    return [turn.event for record in records for turn in await room.turns(record.call_id)]


async def has(room: ControlRoom, caller: Caller, kind: type[Event]) -> bool:
    return any(isinstance(event, kind) for event in await events_of(room, caller))


def now_ms() -> int:
    return time.time_ns() // 1_000_000
