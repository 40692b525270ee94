"""A call step by step: what happened, what followed, in which state, and why."""

import json
from typing import Any

from nicegui import ui

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.guard import log_look
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.pages.format import clock_time, date_time
from vagtcentral.console.pages.parts import button, entry, facts, panel, table, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.evaluation.codec import JournalError, encode_commands, encode_event
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.replay import Step, replay
from vagtcentral.ivr.call import Call
from vagtcentral.ivr.commands import Command, RefuseOffer, ShowLocation
from vagtcentral.ivr.events import Event
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.phase import Phase

#: So many of the latest calls are listed.
LISTED = 40


@page("/replay", Permission.REPLAY_CALLS, title="nav_replay")
async def replay_list(visit: Visit) -> None:
    """Choose a call: the latest ones, or any by its id."""
    say = visit.say
    with panel(say("replay_choose")), ui.element("div").classes("form"):
        wanted = entry(say("replay_choose"))
        button(say("replay_open"), lambda: ui.navigate.to(f"/replay/{wanted.value.strip()}"))
    with panel(say("replay_calls")):
        for call_id in reversed((await visit.live.store.call_ids())[-LISTED:]):
            with ui.element("p"):
                ui.link(call_id, f"/replay/{call_id}")


@page("/replay/{call_id}", Permission.REPLAY_CALLS, title="nav_replay", in_navigation=False)
async def replay_call(visit: Visit, call_id: str) -> None:
    """One call."""
    try:
        turns = await visit.live.store.read_turns(call_id)
    except JournalError as error:
        text("p", visit.say("replay_damaged", why=error), "refused").props("role=alert")
        return
    if not turns:
        text("p", visit.say("replay_unknown", call=call_id), "refused").props("role=alert")
        return
    await log_look(visit.request, Deed.REPLAYED_CALL, call_id)
    Replayer(visit, turns).draw()


class Replayer:
    """The steps of one call, one of which is shown; everything shown was worked out by a fresh machine."""

    def __init__(self, visit: Visit, turns: list[Turn]) -> None:
        self._visit = visit
        self._say = visit.say
        self._turns = turns
        self._phases: list[Phase] = []
        call = Call(visit.live.setting)

        def handle(event: Event) -> tuple[Command, ...]:
            commands = call.handle(event)
            self._phases.append(call.phase)
            return commands

        self._steps = replay(turns, handle).steps
        self._shown = 0

    def draw(self) -> None:
        """Draw the buttons and the first step."""
        say = self._say
        text("h2", self._turns[0].call_id)
        with ui.element("div").classes("acts"):
            button(say("replay_first"), lambda: self._go(0), key="Home")
            button(say("replay_back"), lambda: self._go(self._shown - 1), key="←")
            button(say("replay_forward"), lambda: self._go(self._shown + 1), key="→", kind="main")
            button(say("replay_last"), lambda: self._go(len(self._steps) - 1), key="End")
        self._place = ui.element("div").props("aria-live=polite")
        ui.keyboard(self._key, ignore=["input", "select", "textarea"])
        self._go(0)

    def _go(self, step: int) -> None:
        self._shown = max(0, min(step, len(self._steps) - 1))
        self._place.clear()
        with self._place:
            self._draw_step(self._steps[self._shown])

    def _draw_step(self, step: Step) -> None:
        say = self._say
        number, count = self._shown + 1, len(self._steps)
        text("p", f"{say('replay_step', step=number, steps=count)} · {date_time(step.event.at)}", "state")
        same = say("replay_same") if step.same else say("replay_differs", difference=step.difference)
        text("p", same, "soft" if step.same else "notice")
        with ui.element("div").classes("two-columns"):
            with panel(say("replay_event")):
                kind, body = encode_event(step.event)
                _draw_value(kind, json.loads(body))
            with panel(say("replay_commands")):
                if not step.expected:
                    text("p", say("replay_none"), "soft")
                for command in json.loads(encode_commands(step.expected)):
                    _draw_value(command["kind"], command)
            with panel(say("replay_state")):
                self._draw_state()
            with panel(say("replay_reason")):
                for reason in _reasons(step.expected) or ["–"]:
                    text("p", reason)

    def _draw_state(self) -> None:
        record = CallRecord.fold(self._turns[0].call_id, self._turns[: self._shown + 1])
        shown = {  # the names of the code, as developers know them
            "phase": self._phases[self._shown].name.lower(),
            "node": record.node or "–",
            "language": record.language or "–",
            "keys": record.keys or "–",
            "district": record.district_name or "–",
            "destination": record.destination or "–",
            "operator": record.operator or "–",
            "waiting since": clock_time(record.waiting_since) or "–",
            "talking since": clock_time(record.talking_since) or "–",
            "outcome": record.outcome or "–",
        }
        facts(shown)

    def _key(self, event: Any) -> None:
        if event.action.keydown:
            match str(event.key):
                case "ArrowLeft":
                    self._go(self._shown - 1)
                case "ArrowRight":
                    self._go(self._shown + 1)
                case "Home":
                    self._go(0)
                case "End":
                    self._go(len(self._steps) - 1)


def _draw_value(kind: str, document: dict[str, Any]) -> None:
    """An event or a command: its kind, and its fields as they stand in the journal."""
    text("h3", kind)
    rows = [
        [name, json.dumps(value, ensure_ascii=False)] for name, value in document.items() if name != "kind"
    ]
    if rows:
        table(["", ""], rows)


def _reasons(commands: tuple[Command, ...]) -> list[str]:
    """What the commands say of why."""
    reasons = []
    for command in commands:
        if isinstance(command, ShowLocation):
            reasons += [command.decision.reason, *command.evidence]
        elif isinstance(command, RefuseOffer):
            reasons.append(f"{command.operator}: {command.reason}")
    return reasons
