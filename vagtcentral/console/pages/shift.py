"""The summary of the operator's own shift, for training: times, and whether things were right."""

from functools import partial
from pathlib import Path
from typing import Any

from nicegui import ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.floor import Desk
from vagtcentral.console.pages.format import clock_time, duration, metres, percent
from vagtcentral.console.pages.parts import button, facts, panel, table, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.sim_trunk import SimTrunk
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.search import LONGEST_PAGE, CallQuery, search_calls
from vagtcentral.evaluation.target import Target, target_of
from vagtcentral.sim.shift import FEW, Handled, Right, Spread, Summary, handled, summary

STYLE = (Path(__file__).parent / "shift.css").read_text(encoding="utf-8")

#: A call that the operator took may have arrived so long before he sat down, in milliseconds.
_WAITED_MS = 3_600_000


@page("/shift", Permission.TAKE_CALLS, title="nav_shift")
async def shift(visit: Visit) -> None:
    """The summary of whoever looks at it."""
    desk = visit.live.floor.desks.get(visit.person.operator or "")
    if desk is None:
        text("p", visit.say("no_operator"), "refused").props("role=alert")
        return
    ui.add_css(STYLE)
    shown = ShiftPage(visit, desk)
    await shown.draw()


class ShiftPage:
    """The page of one operator."""

    def __init__(self, visit: Visit, desk: Desk) -> None:
        self._visit = visit
        self._say = visit.say
        self._desk = desk
        self._targets = {
            service: target_of(written) for service, written in visit.services.settings.targets.items()
        }

    async def draw(self) -> None:
        """Draw it as it is now."""
        say = self._say
        with ui.element("div").classes("acts"):
            button(say("shift_again"), self._fill)
            self._end = button(say("shift_end"), self._end_shift, kind="main")
        self._status = ui.element("div").props("role=status")
        self._place = ui.element("div").classes("shift")
        await self._fill()

    async def _end_shift(self) -> None:
        """Go home from the desk; the summary stays."""
        if self._desk.on_shift:
            self._visit.live.floor.sign_out(self._desk.operator.name)
            self._status.clear()
            with self._status:
                text("p", self._say("shift_ended"), "panel")
        await self._fill()

    async def _fill(self) -> None:
        say, since = self._say, self._desk.sat_down_at
        self._end.set_visibility(self._desk.on_shift)
        if since is None:
            self._show(partial(text, "p", say("shift_none"), "panel soft"))
            return
        try:
            calls, more = await self._calls(since)
        except StoreError:
            self._show(partial(text, "p", say("shift_unreadable"), "refused"))
            return
        trunk = self._visit.live.trunk
        truths = trunk.switch.truths if isinstance(trunk, SimTrunk) else {}
        self._show(partial(self._draw, summary(calls, truths, self._targets), since, more))

    async def _calls(self, since: int) -> tuple[list[Handled], bool]:
        """The calls of the shift that are over, and whether there were too many to read."""
        store, name = self._visit.live.store, self._desk.operator.name
        query = CallQuery(operator=name, since=since - _WAITED_MS)
        found = await search_calls(store, query, limit=LONGEST_PAGE)
        read = [handled(await store.read_turns(call.call_id), name, since) for call in found.calls]
        return [call for call in read if call is not None], found.total > len(found.calls)

    def _show(self, draw: Any) -> None:
        self._place.clear()
        with self._place:
            draw()

    def _draw(self, seen: Summary, since: int, more: bool) -> None:
        say = self._say
        text("p", say("shift_about", operator=self._desk.operator.name, since=clock_time(since)), "soft")
        if not seen.calls:
            text("p", say("shift_no_calls"), "panel")
            return
        if seen.calls < FEW:
            text("p", say("shift_few", count=seen.calls, few=FEW), "panel few")
        if more:
            text("p", say("shift_latest", count=LONGEST_PAGE), "soft")
        with ui.element("div").classes("two-columns"):
            self._draw_times(seen)
            with panel(say("shift_places")):
                self._draw_places(seen)
        with panel(say("shift_registrations")):
            self._draw_codes(seen)

    def _draw_times(self, seen: Summary) -> None:
        say = self._say
        with panel(say("shift_times")):
            rows = {
                say("shift_calls"): str(seen.calls),
                say("shift_answer"): self._spread(seen.rang_s),
                say("shift_waited"): self._spread(seen.waited_s),
            }
            for service, right in seen.answered_in_time.items():
                target = self._targets[service]
                rows[say("shift_in_time", service=service, seconds=target.seconds)] = self._aimed(
                    right, target
                )
            rows[say("shift_handling")] = self._spread(seen.handled_s)
            rows[say("shift_transfers")] = str(seen.transfers)
            facts(rows)

    def _draw_places(self, seen: Summary) -> None:
        say = self._say
        if not seen.judged:
            text("p", say("shift_no_truth"), "soft")
            return
        text("p", say("shift_places_about"), "soft")
        away = seen.distance_m
        spread = (
            "–"
            if away is None
            else say("shift_spread", median=metres(away.median, say), largest=metres(away.largest, say))
        )
        facts(
            {
                say("shift_distance"): spread,
                say("shift_inside"): self._right(seen.inside),
                say("shift_district"): self._right(seen.district),
                say("shift_astray"): self._right(seen.astray),
            }
        )

    def _draw_codes(self, seen: Summary) -> None:
        say = self._say
        if not seen.judged:
            text("p", say("shift_no_truth"), "soft")
            return
        facts({say("shift_registered"): self._right(seen.registered)})
        columns = ("code", "calls", "right", "otherwise", "missing")
        rows = [
            [
                say(f"code_{row.code}"),
                str(row.calls),
                str(row.right),
                ", ".join(say(f"code_{code}") for code in row.otherwise) or "–",
                str(row.missing),
            ]
            for row in seen.codes
        ]
        headings = [say(f"shift_col_{column}") for column in columns]
        table(headings, rows, name=say("shift_registrations"))

    def _spread(self, times: Spread | None) -> str:
        if times is None:
            return "–"
        return self._say(
            "shift_spread", median=duration(1000 * times.median), largest=duration(1000 * times.largest)
        )

    def _right(self, right: Right) -> str:
        """So many of so many; a share too, where there are enough to have one."""
        if not right.of:
            return "–"
        words = self._say("shift_right_of", right=right.right, of=right.of)
        return words if right.few else f"{words} ({percent(right.right / right.of)})"

    def _aimed(self, right: Right, target: Target) -> str:
        return self._say("shift_target", right=self._right(right), share=percent(target.share))
