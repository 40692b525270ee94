"""The card of one call: position, its uncertainty and its source first; then caller, keys and times."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from vagtcentral.console.floor import Desk, LiveCall
from vagtcentral.console.pages.format import coordinates, date_time, duration, metres, number, percent
from vagtcentral.console.pages.parts import facts, panel, text
from vagtcentral.console.pages.shell import Visit
from vagtcentral.console.words import Say
from vagtcentral.evaluation.record import CallRecord

#: Districts less likely than this are left out.
LIKELY = 0.005


def draw_call(visit: Visit, call: LiveCall, desk: Desk, earlier: Sequence[CallRecord]) -> None:
    """Draw the card of the call that an operator is offered, talks on or registers."""
    say, record = visit.say, call.record
    with panel(say("where_is_caller")):
        draw_position(say, record, len(call.fixes) - 1)
    with panel(say("caller")):
        text("p", number(record.caller, say), "big")
        now = visit.live.clock.now()
        facts(
            {
                say("keyed"): _keyed(say, record),
                say("wanted"): _wanted(say, record),
                say("waited"): duration(1000 * record.waited_s),
                say("talking_since"): duration(now - desk.since),
                say("earlier_calls"): _earlier(say, earlier),
            }
        )


def draw_position(say: Say, record: CallRecord, earlier: int) -> None:
    """Where the caller is, how sure that is, and from what that is known."""
    position = record.position
    if position is None:
        text("p", say("no_position"), "big")
    else:
        radius = metres(position["radius_m"], say)
        text("p", f"{coordinates(position)} · {say('within', radius=radius)}", "big position")
        confidence = position["confidence"]
        sure = [] if confidence is None else [say("confidence", share=percent(confidence))]
        sources = [say(f"source_{position['source']}"), *sure]
        if record.position is not None and earlier > 0:
            sources.append(say("earlier_fixes", count=earlier))
        text("p", " · ".join(sources), "soft source")
    if record.municipality_name is not None:
        there = record.municipality_name
        if record.municipality_distance_m:
            there += f" ({say('outside_by', distance=metres(record.municipality_distance_m, say))})"
        facts({say("municipality"): there})
    _draw_districts(say, record.districts)
    if record.anomalies:
        facts({say("oddities"): ", ".join(record.anomalies)})


def _draw_districts(say: Say, chances: tuple[dict[str, Any], ...]) -> None:
    for chance in chances:
        if chance["probability"] < LIKELY:
            continue
        with ui.element("div").classes("share"):
            name = chance["name"]
            if chance["distance_m"]:
                name += f" ({say('outside_by', distance=metres(chance['distance_m'], say))})"
            text("span", name)
            with ui.element("div").classes("bar-of").props("aria-hidden=true"):
                ui.element("div").style(f"width: {100 * chance['probability']:.0f}%")
            text("span", percent(chance["probability"]))


def _keyed(say: Say, record: CallRecord) -> str:
    answers = [f"{name}: {value}" for name, value in record.answers.items()]
    return " · ".join([record.keys or say("nothing_keyed"), *answers])


def _wanted(say: Say, record: CallRecord) -> str:
    skill = (record.destination or "").removeprefix("112/")
    key = f"skill_{skill}"
    try:
        return say(key)
    except KeyError:
        return skill or say("unknown")


def _earlier(say: Say, earlier: Sequence[CallRecord]) -> str:
    """When the number called before, and which service, newest first."""
    shown = [f"{date_time(one.arrived_at)} ({one.service})" for one in earlier]
    return ", ".join(shown) or say("no_earlier_calls")
