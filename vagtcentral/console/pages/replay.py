"""A call step by step: what happened, what followed, in which state, and why."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from nicegui import ui

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.guard import log_look
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.problem import ProblemError
from vagtcentral.console.pages.call_reasons import Reasoner
from vagtcentral.console.pages.call_replay import CallSteps, changed_since, play_again
from vagtcentral.console.pages.format import clock_time, date_time, word
from vagtcentral.console.pages.html_table import Cell, Link, html_table
from vagtcentral.console.pages.parts import button, entry, named, panel, table, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.pages.wallboard import STYLE
from vagtcentral.evaluation.codec import JournalError, encode_commands, encode_event
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.search import CallQuery, search_calls
from vagtcentral.ivr.events import CallArrived
from vagtcentral.ivr.inside import FIRST_INSTANT
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.kinds import kind_of

#: So many of the latest calls are listed.
LISTED = 40


@page("/replay", Permission.REPLAY_CALLS, title="nav_replay")
async def replay_list(visit: Visit) -> None:
    """Choose a call: the latest ones, or any by its id."""
    say = visit.say
    ui.add_css(STYLE)
    with panel(say("replay_choose")), ui.element("div").classes("form"):
        wanted = entry(say("call_id"))
        with ui.element("div").classes("acts"):
            button(say("replay_open"), lambda: ui.navigate.to(_address(wanted.value.strip())), kind="main")
    try:
        found = await search_calls(visit.live.store, CallQuery(), limit=LISTED)
    except StoreError as error:
        text("p", say("search_fails", why=error), "refused").props("role=alert")
        return
    with panel(say("replay_latest", count=len(found.calls))):
        rows: list[list[Cell]] = [
            [
                Link(record.call_id, _address(record.call_id)),
                date_time(record.arrived_at),
                record.service or "",
                word("outcome", record.outcome or "live", say),
            ]
            for record in found.calls
        ]
        headings = [say(one) for one in ("call_id", "col_arrived", "col_service", "col_outcome")]
        ui.html(html_table(say("nav_calls"), headings, rows), sanitize=False)


@page("/replay/{call_id}", Permission.REPLAY_CALLS, title="nav_replay", in_navigation=False)
async def replay_call(visit: Visit, call_id: str) -> None:
    """One call. It is shown only once it is logged who replays it."""
    say = visit.say
    ui.add_css(STYLE)
    try:
        turns = await visit.live.store.read_turns(call_id)
    except JournalError as error:
        _refuse(say("replay_damaged", why=error))
        return
    if not turns:
        _refuse(say("replay_unknown", call=call_id))
        return
    arrived = turns[0].event
    if isinstance(arrived, CallArrived) and arrived.menu not in visit.live.setting.menus:
        _refuse(say("replay_menu_gone", menu=arrived.menu))
        return
    try:
        await log_look(visit.request, Deed.REPLAYED_CALL, call_id)
    except ProblemError:
        _refuse(say("look_not_logged"))
        return
    Replayer(visit, turns).draw()


def _address(call_id: str) -> str:
    return f"/replay/{quote(call_id, safe='')}"


def _refuse(words: str) -> None:
    text("p", words, "refused").props("role=alert")


class Replayer:
    """The steps of one call, one of which is shown; everything shown was worked out by a fresh machine."""

    def __init__(self, visit: Visit, turns: list[Turn]) -> None:
        self._visit = visit
        self._say = visit.say
        self._turns = turns
        self._played: CallSteps = play_again(turns, visit.live.setting)
        districts = {row.code: row.name for row in visit.live.setting.atlas.territory.districts.values()}
        staff = [member.operator for member in visit.live.staff]
        reasoner = Reasoner(visit.say, visit.live.setting, staff, districts)
        self._reasons = reasoner.all_reasons(turns)
        self._rows: list[Any] = []
        self._shown = 0

    def draw(self) -> None:
        """Draw the buttons, the list of steps, and the first step."""
        say, last = self._say, len(self._turns) - 1
        text("h2", self._turns[0].call_id)
        changed = changed_since(self._turns, self._visit.live.setting)
        if changed:
            what = ", ".join(say(f"changed_{one}") for one in changed)
            text("p", say("replay_changed", what=what), "notice")
        with ui.element("div").classes("acts"):
            button(say("replay_first"), lambda: self._go(0), key="Home")
            button(say("replay_back"), lambda: self._go(self._shown - 1), key="←")
            button(say("replay_forward"), lambda: self._go(self._shown + 1), key="→", kind="main")
            button(say("replay_last"), lambda: self._go(last), key="End")
            self._where = ui.label("").classes("state").props("role=status")
        with ui.element("div").classes("replay"):
            with panel(say("replay_table")), ui.element("ol").classes("steps"):
                for place, turn in enumerate(self._turns):
                    self._rows.append(self._step_button(place, turn))
            self._place = ui.element("div").classes("column-stack")
        ui.keyboard(self._key, ignore=["input", "select", "textarea"])
        self._go(0)

    def _step_button(self, place: int, turn: Turn) -> Any:
        label = f"{place + 1}. {clock_time(turn.event.at)} {kind_of(type(turn.event))}"
        with ui.element("li"):
            made = ui.element("button").props("type=button").classes("step")
            made.on("click", partial(self._go, place))
            named(made, self._say("replay_go", step=place + 1) + f": {kind_of(type(turn.event))}")
            with made:
                ui.label(label)
                if not self._played.steps[place].same:
                    ui.label("≠").classes("differs")
        return made

    def _go(self, step: int) -> None:
        self._rows[self._shown].props(remove="aria-current")
        self._shown = max(0, min(step, len(self._turns) - 1))
        self._rows[self._shown].props("aria-current=step")
        counted = self._say("replay_step", step=self._shown + 1, steps=len(self._turns))
        self._where.set_text(f"{counted} · {date_time(self._turns[self._shown].event.at)}")
        self._place.clear()
        with self._place:
            self._draw_step()

    def _draw_step(self) -> None:
        say, step = self._say, self._played.steps[self._shown]
        same = say("replay_same") if step.same else say("replay_differs", difference=step.difference)
        text("p", same, "soft" if step.same else "notice")
        with panel(say("replay_reason")), ui.element("ul").classes("reasons"):
            for reason in self._reasons[self._shown]:
                text("li", reason)
        with ui.element("div").classes("two-columns"):
            with panel(say("replay_event")):
                kind, body = encode_event(step.event)
                self._draw_value(kind, json.loads(body))
            with panel(say("replay_commands")):
                if not step.expected:
                    text("p", say("replay_none"), "soft")
                for command in json.loads(encode_commands(step.expected)):
                    self._draw_value(command["kind"], command)
        with panel(say("replay_state")):
            self._draw_state()

    def _draw_state(self) -> None:
        """What the step has changed, and on demand everything that the machine holds."""
        say, states = self._say, self._played.states
        now = states[self._shown]
        before = states[self._shown - 1] if self._shown else {}
        changed = [name for name in {**before, **now} if before.get(name, ...) != now.get(name, ...)]
        text("h3", say("state_changed"))
        if changed:
            headings = [say(one) for one in ("state_variable", "state_before", "state_now")]
            rows = [[name, _shown(before.get(name)), _shown(now.get(name))] for name in changed]
            table(headings, rows, name=say("state_changed"))
        else:
            text("p", say("state_unchanged"), "soft")
        with ui.element("details"):
            text("summary", say("state_all", count=len(now)))
            rows = [[name, _shown(value)] for name, value in now.items()]
            table([say("state_variable"), say("state_now")], rows, name=say("replay_state"))

    def _draw_value(self, kind: str, document: dict[str, Any]) -> None:
        """An event or a command: its kind, and its fields as they stand in the journal."""
        text("h3", kind)
        rows = [
            [name, json.dumps(value, ensure_ascii=False)]
            for name, value in document.items()
            if name != "kind"
        ]
        if rows:
            table([self._say("replay_field"), self._say("state_variable")], rows, name=kind)

    def _key(self, event: Any) -> None:
        if not event.action.keydown:
            return
        moves: dict[str, Callable[[], int]] = {
            "ArrowLeft": lambda: self._shown - 1,
            "ArrowRight": lambda: self._shown + 1,
            "Home": lambda: 0,
            "End": lambda: len(self._turns) - 1,
        }
        move = moves.get(str(event.key))
        if move is not None:
            self._go(move())


def _shown(value: Any) -> str:
    """A value of the state as the code has it, an instant as the time of day to the millisecond."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= FIRST_INSTANT:
        return f"{clock_time(value)}.{value % 1000:03}"
    return "–" if value is None or value == "" else str(value)
