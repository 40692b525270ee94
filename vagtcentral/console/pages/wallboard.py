"""The wallboard: who waits, who is answered in time, what operators do, where the load is.

All of it stands on one screen of 1280 by 720: what there are many of is cut short, and says by how many.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nicegui import context, ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.floor import Desk, Doing, LiveCall
from vagtcentral.console.pages.board import (
    IDLE,
    ORDER,
    DistrictLoad,
    in_order,
    load_by_district,
    midnight,
    most_urgent,
    on_the_line,
    shades,
    waiting_by_service,
)
from vagtcentral.console.pages.format import clock_time, duration, percent, short_district, word
from vagtcentral.console.pages.html_table import Cell, Link, html_table
from vagtcentral.console.pages.live_table import LiveTable
from vagtcentral.console.pages.map_view import DENMARK, MapView
from vagtcentral.console.pages.parts import panel, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.service_level import ServiceLevel, service_levels
from vagtcentral.evaluation.target import Target, target_of

log = logging.getLogger(__name__)

STYLE = (Path(__file__).parent / "supervisor.css").read_text(encoding="utf-8")

#: How often the page looks whether something has changed, in seconds.
REFRESH_S = 0.2
#: How often the calls of the day are counted again, in seconds.
COUNT_S = 5.0
#: So many live calls, and so many operators who do something, have a row.
CALL_ROWS, OPERATOR_ROWS = 7, 9


@page("/wallboard", Permission.WATCH_LIVE, title="nav_wallboard", watched=True)
async def wallboard(visit: Visit) -> None:
    """Everything that happens now."""
    ui.add_css(STYLE)
    board = Wallboard(visit)
    board.draw()
    await board.count()


class Wallboard:
    """The board of one screen. Each part is written again only when what it says has changed."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._say = visit.say
        self._floor = visit.live.floor
        self._names = {row.code: row.name for row in visit.live.setting.atlas.territory.districts.values()}
        self._targets = {
            service: target_of(written) for service, written in visit.services.settings.targets.items()
        }
        self._dirty = True
        self._seen: dict[str, Any] = {}

    def draw(self) -> None:
        """Draw the frame of all parts, and keep them up to date from now on."""
        say = self._say
        with ui.element("div").classes("board"):
            with ui.element("div").classes("column-stack"):
                with panel(say("waiting_now")), ui.element("div").classes("tiles"):
                    self._waiting = {service: self._tile(service) for service in ("112", "114")}
                with panel(say("in_time_today")):
                    self._levels = ui.element("div").classes("levels")
                with panel(say("live_calls"), classes="live"):
                    self._count = text("p", "")
                    names = ("col_service", "col_phase", "col_arrived", "col_district", "col_operator")
                    self._calls = LiveTable(say("live_calls"), [say(name) for name in names])
                    self._more_calls = ui.label("").classes("soft")
            with ui.element("div").classes("column-stack"), panel(say("load_by_district"), classes="load"):
                atlas = self._visit.live.setting.atlas
                self._map = MapView(atlas, dark=self._visit.dark, label=say("load_on_map"))
                self._map.look_at(*DENMARK)
                self._load = ui.html("", sanitize=False)
            with ui.element("div").classes("column-stack"), panel(say("operators"), classes="people"):
                self._doing = text("p", "")
                self._operators = ui.html("", sanitize=False)
                self._more_operators = ui.label("").classes("soft")
                self._idle = ui.element("div").classes("idle")
        self._refresh()
        context.client.on_delete(self._floor.listen(self._mark))
        ui.timer(REFRESH_S, self._refresh)
        ui.timer(1.0, self._mark)
        ui.timer(COUNT_S, self.count)

    async def count(self) -> None:
        """Count the calls of the day anew."""
        now = self._visit.live.clock.now()
        levels = None
        with suppress(StoreError):
            levels = await service_levels(self._visit.live.store, midnight(now), now, self._targets)
        if self._is_new("levels", levels):
            self._levels.clear()
            with self._levels:
                if levels is None:
                    text("p", self._say("levels_unknown"), "notice")
                for service, level in (levels or {}).items():
                    self._draw_level(service, self._targets[service], level)

    # ------------------------------------------------------------------------------------------

    def _mark(self) -> None:
        self._dirty = True

    def _is_new(self, part: str, seen: Any) -> bool:
        if self._seen.get(part, ...) == seen:
            return False
        self._seen[part] = seen
        return True

    def _refresh(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        for part in (self._show_waiting, self._show_operators, self._show_load, self._show_calls):
            self._try(part)

    def _try(self, part: Callable[[], None]) -> None:
        """Show a part: what goes wrong in one must not take the others from the wall."""
        try:
            part()
        except Exception:
            log.exception("a part of the wallboard cannot be shown: %s", part.__name__)

    def _show_waiting(self) -> None:
        now = self._visit.live.clock.now()
        for service, waiting in waiting_by_service(self._floor.waiting(), now).items():
            count, longest = self._waiting[service]
            count.set_text(str(waiting.count))
            words = self._say("longest", time=duration(waiting.longest_ms)) if waiting.count else ""
            longest.set_text(words or self._say("nobody_waits"))

    def _show_calls(self) -> None:
        live = on_the_line(self._floor.live())
        if self._is_new("count", len(live)):
            self._write(self._count, self._say("calls_live", count=len(live)))
        self._calls.show({call.call_id: self._row(call) for call in most_urgent(live, CALL_ROWS)})
        self._say_more(self._more_calls, len(live) - CALL_ROWS)

    def _say_more(self, where: Any, count: int) -> None:
        where.set_text(self._say("and_more", count=count) if count > 0 else "")

    def _tile(self, service: str) -> tuple[Any, Any]:
        with ui.element("div").classes(f"tile of-{service}"):
            text("h3", self._say("emergency" if service == "112" else "service_114"))
            count = ui.label("0").classes("huge").props("role=status")
            longest = ui.label("").classes("soft")
        return count, longest

    def _draw_level(self, service: str, target: Target, level: ServiceLevel) -> None:
        say = self._say
        with ui.element("div"):
            share = level.share
            if share is None:
                text("p", f"{service}: {say('no_calls_yet')}", "state")
            else:
                reached = say("target_reached" if share >= target.share else "target_missed")
                text("p", f"{service}: {percent(share)} · {reached}", "state")
                total = level.in_time + level.late
                text("p", say("in_time_of", count=level.in_time, total=total, seconds=target.seconds), "soft")
            text("p", say("target", share=percent(target.share), seconds=target.seconds), "soft")

    def _show_operators(self) -> None:
        say = self._say
        desks = in_order(self._floor.desks.values())
        busy = [desk for desk in desks if desk.doing not in IDLE]
        rows: list[list[Cell]] = [
            [desk.operator.name, self._doing_of(desk), clock_time(desk.since or None)]
            for desk in busy[:OPERATOR_ROWS]
        ]
        idle = {one: [desk.operator.name for desk in desks if desk.doing is one] for one in IDLE}
        doing = [desk.doing for desk in desks]
        if not self._is_new("operators", (rows, idle, doing)):
            return
        counts = [f"{say(f'doing_{one.value}')}: {doing.count(one)}" for one in ORDER if one in doing]
        self._write(self._doing, " · ".join(counts))
        headings = [say("col_operator"), say("col_doing"), say("col_since")]
        self._operators.content = html_table(say("operators"), headings, rows) if rows else ""
        self._say_more(self._more_operators, len(busy) - OPERATOR_ROWS)
        if self._is_new("idle", idle):
            self._show_idle(idle)

    def _doing_of(self, desk: Desk) -> str:
        told = self._say(f"doing_{desk.doing.value}")
        if desk.doing is Doing.NOT_READY and desk.reason:
            return f"{told} ({word('reason', desk.reason, self._say)})"
        return told

    def _show_idle(self, idle: dict[Doing, list[str]]) -> None:
        """Whoever does nothing that has a beginning worth a row: names alone, the longest idle first."""
        self._idle.clear()
        with self._idle:
            for one, names in idle.items():
                if names:
                    text("h3", f"{self._say(f'doing_{one.value}')} ({len(names)})")
                    text("p", ", ".join(names))

    def _show_load(self) -> None:
        loads = load_by_district(self._floor.live(), self._floor.desks.values(), self._names)
        if self._is_new("load", loads):
            self._draw_load(loads)

    def _draw_load(self, loads: Sequence[DistrictLoad]) -> None:
        say = self._say
        rows: list[list[Cell]] = [
            [
                short_district(load.name) if load.name else say("no_district"),
                *map(str, (load.waiting, load.talking, load.others, load.ready)),
            ]
            for load in loads
        ]
        columns = ("col_district", "col_waiting", "col_talking", "col_others", "col_ready")
        busy = frozenset(place for place, load in enumerate(loads) if load.waiting)
        self._load.content = html_table(
            say("load_by_district"), [say(column) for column in columns], rows, strong=busy
        )
        self._map.shade(shades(loads))
        labels = {load.code: str(load.live) for load in loads if load.code is not None and load.live}
        if self._is_new("labels", labels):
            self._map.label(labels)

    def _row(self, call: LiveCall) -> list[Cell]:
        say, record = self._say, call.record
        service = f"{record.service or ''}{' → 112' if call.emergency and record.service != '112' else ''}"
        may_open = self._visit.person.may(Permission.LOOK_UP_CALLS)
        phase = say("phase_held") if call.held else say(f"phase_{call.phase.name.lower()}")
        return [
            Link(service, f"/calls/{call.call_id}") if may_open else service,
            phase,
            clock_time(record.arrived_at),
            short_district(record.district_name) if record.district_name else say("unknown"),
            record.operator or "–",
        ]

    def _write(self, where: Any, words: str) -> None:
        where.clear()
        with where:
            ui.label(words)
