"""The card of one call: position, its uncertainty and its source first; then caller, keys and times."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nicegui import ui

from vagtcentral.console.live_call import LiveCall
from vagtcentral.console.pages.format import (
    clock_time,
    coordinates,
    date_time,
    duration,
    metres,
    number,
    oddity,
    percent,
)
from vagtcentral.console.pages.parts import coded, facts, panel, rewrite, text, writing
from vagtcentral.console.words import Say
from vagtcentral.evaluation.record import CallRecord

#: Districts less likely than this are left out.
LIKELY = 0.005


class CallCard:
    """The card of the call that an operator is offered, talks on or registers."""

    def __init__(self, say: Say) -> None:
        """Draw it where the page is being drawn now."""
        self._say = say
        self._place = ui.element("div").classes("column-stack")
        self._seen: Any = ...
        self._call: LiveCall | None = None

    def show(self, call: LiveCall | None, earlier: Sequence[CallRecord]) -> None:
        """Show this call; it is drawn again only when something has happened to it."""
        seen = None if call is None else (call.call_id, call.record.last_seq, len(earlier))
        if seen == self._seen:
            return
        self._seen, self._call = seen, call
        self._place.clear()
        with self._place:
            if call is None:
                text("p", self._say("no_call"), "panel soft")
            else:
                self._draw(call, earlier)

    def tick(self, now: int) -> None:
        """Write the times that run."""
        if self._call is None:
            return
        since, fix = self._call.connected_at, _fixed_at(self._call)
        rewrite(self._talking, "–" if since is None else duration(now - since))
        rewrite(self._age, "" if fix is None else _age(self._say, now - fix))

    def _draw(self, call: LiveCall, earlier: Sequence[CallRecord]) -> None:
        say, record = self._say, call.record
        with panel(say("where_is_caller"), classes="where-caller"):
            draw_position(say, record, len(call.fixes) - 1)
            self._age = writing("p", "", "soft age")
        with panel(say("caller"), classes="who-calls"):
            text("p", number(record.caller, say), "big")
            with ui.element("dl").classes("facts"):
                self._talking = self._fact(say("talking_since"), "–")
                self._fact(say("waited"), duration(1000 * record.waited_s))
                self._fact(say("wanted"), _wanted(say, record))
                self._fact(say("keyed"), _keyed(say, record))
                self._fact(say("earlier_calls"), _earlier(say, earlier))

    def _fact(self, name: str, value: str) -> Any:
        text("dt", name)
        return writing("dd", value)


def _fixed_at(call: LiveCall) -> int | None:
    """When the newest position was measured, as its source says (ms since 1970 UTC), else when it came."""
    position = call.record.position
    if position is None or not call.fixes:
        return None
    if position["time"] is None:
        return call.fixes[-1].at
    return int(datetime.fromisoformat(position["time"]).timestamp() * 1000)


def _age(say: Say, ms: int) -> str:
    return say("fix_age", age=duration(ms))


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
        if position["time"] is not None:
            at = datetime.fromisoformat(position["time"]).timestamp()
            sources.append(say("fixed_at", time=clock_time(int(1000 * at))))
        if earlier > 0:
            sources.append(say("earlier_fix" if earlier == 1 else "earlier_fixes", count=earlier))
        text("p", " · ".join(sources), "soft source")
    if record.municipality_name is not None:
        there = record.municipality_name
        if record.municipality_distance_m:
            there += f" ({say('outside_by', distance=metres(record.municipality_distance_m, say))})"
        facts({say("municipality"): there})
    _draw_districts(say, record.districts)
    if record.anomalies:
        facts({say("oddities"): "; ".join(dict.fromkeys(oddity(one, say) for one in record.anomalies))})


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
    # Nodes that ask where something is about ask for a postcode.
    answers = [
        say("keyed_postcode", code=value) if name.startswith("where-") else f"{name}: {value}"
        for name, value in record.answers.items()
    ]
    return " · ".join([record.keys or say("nothing_keyed"), *answers])


def _wanted(say: Say, record: CallRecord) -> str:
    skill = (record.destination or "").removeprefix("112/")
    return coded(say, "skill", skill) if skill else say("unknown")


def _earlier(say: Say, earlier: Sequence[CallRecord]) -> str:
    """When the number called before, and which service, newest first."""
    shown = [f"{date_time(one.arrived_at)} ({one.service})" for one in earlier]
    return ", ".join(shown) or say("no_earlier_calls")
