"""The calls that wait, at the desk: a row for each call that stays the same row as long as the call waits.

Times change every second, so they stand outside the region that is read aloud; that tells of new calls alone.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from nicegui import ui

from vagtcentral.console.live_call import LiveCall
from vagtcentral.console.pages.format import duration, number
from vagtcentral.console.pages.parts import put_html, rewrite, shown_if, text, toggled, writing
from vagtcentral.console.words import Say

#: So many calls have a row; how many more wait is said below them.
MOST = 12

#: A call that nobody is rung for is told of when it has waited so long, in milliseconds.
TOLD_AFTER_MS = 2_000


#: A row is another call's only when it has been gone for so long, in seconds: a press on its button may be
#: under way.
RESTS_S = 3.0


@dataclass(slots=True)
class _Row:
    """A row, of the call `call_id`; drawing one anew costs the server more than all else at a desk.

    It keeps the call that has gone until it is another's: who presses in that moment is told so.
    """

    root: Any
    words: Any
    take: Any
    call_id: str = ""
    gone_at: float = 0.0


class WaitingList:
    """The list, drawn where the page is being drawn now."""

    def __init__(self, say: Say, take: Callable[[str], None]) -> None:
        """`take` is given the id of the call whose button was pressed."""
        self._say = say
        self._take = take
        self._rows: dict[str, _Row] = {}
        self._spare: deque[_Row] = deque()
        self._order: list[str] = []
        self._told: set[str] = set()
        self._nobody = text("p", say("nobody_waits"), "soft")
        self._place = ui.element("div").classes("waiting-rows")
        self._more = writing("p", "", "soft")
        self._aloud = writing("p", "", "sr-only").props("role=status")

    def show(self, calls: Sequence[LiveCall], offered_to: Callable[[str], str | None], now: int) -> None:
        """Show these calls, the next one first."""
        shown = calls[:MOST]
        self._keep([call.call_id for call in shown])
        for call in shown:
            self._write(self._rows[call.call_id], call, offered_to(call.call_id), now)
        shown_if(self._nobody, not calls)
        shown_if(self._more, len(calls) > MOST)
        rewrite(self._more, self._say("more_wait", count=max(0, len(calls) - MOST)))
        self._tell_of_new(calls, offered_to, now)

    def _keep(self, wanted: list[str]) -> None:
        """Rows of these calls in this order; no row is touched that need not be."""
        for gone in [call_id for call_id in self._order if call_id not in wanted]:
            self._put_aside(self._rows.pop(gone))
            self._order.remove(gone)
        for place, call_id in enumerate(wanted):
            if place < len(self._order) and self._order[place] == call_id:
                continue
            if call_id in self._rows:
                self._order.remove(call_id)
            else:
                self._rows[call_id] = self._row_for(call_id)
            self._rows[call_id].root.move(target_index=place)
            self._order.insert(place, call_id)

    def _put_aside(self, row: _Row) -> None:
        row.gone_at = time.monotonic()
        shown_if(row.root, False)
        self._spare.append(row)

    def _row_for(self, call_id: str) -> _Row:
        rested = self._spare and time.monotonic() - self._spare[0].gone_at > RESTS_S
        row = self._spare.popleft() if rested else self._draw()
        row.call_id = call_id
        shown_if(row.root, True)
        return row

    def _draw(self) -> _Row:
        with self._place, ui.element("div").classes("call-row") as root:
            words = ui.html("", sanitize=False).classes("words")
            take = ui.html(escape(self._say("take_call")), sanitize=False, tag="button")
            take.props("type=button").classes("act")
        row = _Row(root, words, take)
        take.on("click", lambda: self._take(row.call_id))
        return row

    def _write(self, row: _Row, call: LiveCall, offered: str | None, now: int) -> None:
        say = self._say
        toggled(row.root, "alarm", call.emergency)
        head = f"{_kind(say, call)} · {duration(_waited(call, now))}"
        where = call.record.district_name or say("unknown")
        html = f'<span class="head">{escape(head)}</span> <span class="soft where">{escape(where)}</span>'
        if offered is not None:
            html += f' <span class="soft offered">{escape(say("offered_to", name=offered))}</span>'
        put_html(row.words, html)
        # By its look alone: a press on an element that is said to be hidden would go unheard.
        toggled(row.root, "is-offered", offered is not None)
        name = say("take_call_named", caller=number(call.record.caller, say))
        if row.take.props.get("aria-label") != name:
            row.take.props["aria-label"] = name

    def _tell_of_new(
        self, calls: Sequence[LiveCall], offered_to: Callable[[str], str | None], now: int
    ) -> None:
        fresh = [
            call
            for call in calls
            if call.call_id not in self._told
            and _waited(call, now) >= TOLD_AFTER_MS
            and offered_to(call.call_id) is None
        ]
        self._told &= {call.call_id for call in calls}
        if not fresh:
            return
        self._told |= {call.call_id for call in fresh}
        where = fresh[0].record.district_name or self._say("unknown")
        told = self._say("waits_new", what=_kind(self._say, fresh[0]), where=where)
        rewrite(self._aloud, told if len(fresh) == 1 else self._say("wait_new", count=len(fresh)))


def _kind(say: Say, call: LiveCall) -> str:
    return say("emergency" if call.emergency else "service_114")


def _waited(call: LiveCall, now: int) -> int:
    return now - (call.record.waiting_since or now)
