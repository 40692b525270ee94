"""The card of one call: position, its uncertainty and its source first; then caller, keys and times."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
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
    word,
)
from vagtcentral.console.pages.in_place import put_html, rewrite, shown_if, writing
from vagtcentral.console.pages.parts import named, text
from vagtcentral.console.words import Say
from vagtcentral.evaluation.record import CallRecord

#: Districts less likely than this are left out.
LIKELY = 0.005


class CallCard:
    """The card of the call that an operator is offered, talks on or registers.

    It is a few pieces of HTML whose content changes: each call changes it several times, at many desks at
    once, and dozens of elements drawn anew would keep the server from telling of the next event.
    """

    def __init__(self, say: Say, operator: str) -> None:
        """Draw it where the page is being drawn now."""
        self._say = say
        self._operator = operator
        self._seen: Any = ...
        self._call: LiveCall | None = None
        self._earlier: Sequence[CallRecord] = ()
        self._nobody = text("p", say("no_call"), "panel soft")
        with named(
            ui.element("section").classes("panel where-caller"), say("where_is_caller")
        ) as self._where:
            self._place = ui.html("", sanitize=False)
            self._age = writing("p", "", "soft age")
        with named(ui.element("section").classes("panel who-calls"), say("caller")) as self._who:
            self._number = ui.html("", sanitize=False).classes("head")
            self._facts = ui.html("", sanitize=False, tag="dl").classes("facts")

    def show(self, call: LiveCall | None, earlier: Sequence[CallRecord]) -> None:
        """Show this call; nothing is written unless something has happened to it."""
        seen = None if call is None else (call.call_id, call.record.last_seq, len(earlier))
        if seen == self._seen:
            return
        self._seen, self._call, self._earlier = seen, call, earlier
        shown_if(self._nobody, call is None)
        for section in (self._where, self._who):
            shown_if(section, call is not None)
        if call is None:
            return
        say, record = self._say, call.record
        head = _tag("h2", say("where_is_caller")) + _position(say, record, len(call.fixes) - 1)
        put_html(self._place, head)
        put_html(self._number, _tag("h2", say("caller")) + _tag("p", number(record.caller, say), "big"))

    def tick(self, now: int) -> None:
        """Write the times that run."""
        call = self._call
        if call is None:
            return
        fix = _fixed_at(call)
        rewrite(self._age, "" if fix is None else self._say("fix_age", age=duration(now - fix)))
        put_html(self._facts, self._told(call, now))

    def _told(self, call: LiveCall, now: int) -> str:
        say, record, talk = self._say, call.record, call.talks.get(self._operator)
        return _pairs(
            {
                say("conversation"): "–" if talk is None else duration(talk.length(now)),
                say("waited"): duration(1000 * record.until(now).waited_s),
                say("wanted"): _wanted(say, record),
                say("keyed"): _keyed(say, record),
                say("earlier_calls"): _earlier(say, self._earlier),
            }
        )


def _fixed_at(call: LiveCall) -> int | None:
    """When the newest position was measured, as its source says (ms since 1970 UTC), else when it came."""
    position = call.record.position
    if position is None or not call.fixes:
        return None
    if position["time"] is None:
        return call.fixes[-1].at
    return int(datetime.fromisoformat(position["time"]).timestamp() * 1000)


def _position(say: Say, record: CallRecord, earlier: int) -> str:
    """Where the caller is, how sure that is, and from what that is known."""
    position = record.position
    if position is None:
        html = _tag("p", say("no_position"), "big")
    else:
        radius = metres(position["radius_m"], say)
        html = _tag("p", f"{coordinates(position)} · {say('within', radius=radius)}", "big position")
        html += _tag("p", " · ".join(_sources(say, position, earlier)), "soft source")
    more: dict[str, str] = {}
    if record.municipality_name is not None:
        outside = record.municipality_distance_m
        more[say("municipality")] = record.municipality_name + _outside(say, outside)
    html += _pairs(more, "facts") + _districts(say, record.districts)
    if record.anomalies:
        odd = "; ".join(dict.fromkeys(oddity(one, say) for one in record.anomalies))
        html += _pairs({say("oddities"): odd}, "facts")
    return html


def _sources(say: Say, position: Mapping[str, Any], earlier: int) -> list[str]:
    confidence = position["confidence"]
    sure = [] if confidence is None else [say("confidence", share=percent(confidence))]
    sources = [say(f"source_{position['source']}"), *sure]
    if position["time"] is not None:
        at = datetime.fromisoformat(position["time"]).timestamp()
        sources.append(say("fixed_at", time=clock_time(int(1000 * at))))
    if earlier > 0:
        sources.append(say("earlier_fix" if earlier == 1 else "earlier_fixes", count=earlier))
    return sources


def _districts(say: Say, chances: Sequence[Mapping[str, Any]]) -> str:
    html = ""
    for chance in chances:
        share = chance["probability"]
        if share >= LIKELY:
            bar = (
                f'<div class="bar-of" aria-hidden="true"><div style="width: {100 * share:.0f}%"></div></div>'
            )
            name = _tag("span", chance["name"] + _outside(say, chance["distance_m"]))
            html += f'<div class="share">{name}{bar}{_tag("span", percent(share))}</div>'
    return html


def _outside(say: Say, distance_m: float | None) -> str:
    return f" ({say('outside_by', distance=metres(distance_m, say))})" if distance_m else ""


def _tag(tag: str, words: str, classes: str = "") -> str:
    return f'<{tag} class="{classes}">{escape(words)}</{tag}>'


def _pairs(rows: Mapping[str, str], classes: str | None = None) -> str:
    """Names and values, as a list of their own where it has classes."""
    html = "".join(_tag("dt", name) + _tag("dd", value) for name, value in rows.items())
    return html if classes is None or not rows else f'<dl class="{classes}">{html}</dl>'


def _keyed(say: Say, record: CallRecord) -> str:
    # Nodes that ask where something is about ask for a postcode.
    answers = [
        say("keyed_postcode", code=value) if name.startswith("where-") else f"{name}: {value}"
        for name, value in record.answers.items()
    ]
    return " · ".join([record.keys or say("nothing_keyed"), *answers])


def _wanted(say: Say, record: CallRecord) -> str:
    skill = (record.destination or "").removeprefix("112/")
    return word("skill", skill, say) if skill else say("unknown")


def _earlier(say: Say, earlier: Sequence[CallRecord]) -> str:
    """When the number called before, and which service, newest first."""
    shown = [f"{date_time(one.arrived_at)} ({one.service})" for one in earlier]
    return ", ".join(shown) or say("no_earlier_calls")
