"""The journal of a call fed to a fresh machine, on the menus and the map in use now: what comes out again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vagtcentral.evaluation.replay import Step, replay
from vagtcentral.ivr.call import Call
from vagtcentral.ivr.commands import Command
from vagtcentral.ivr.events import CallArrived, Event
from vagtcentral.ivr.inside import state_of
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.setting import Setting


@dataclass(frozen=True, slots=True)
class ReplayCheck:
    """How many steps were replayed (0: the menu is gone), the first that differs, and what has changed since.

    `changed` has `menu` and `geometry`.
    """

    steps: int
    differs_at: int | None
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallSteps:
    """Every step of a replay, and what the machine held after each."""

    steps: tuple[Step, ...]
    states: tuple[dict[str, Any], ...]


def play_again(turns: Sequence[Turn], setting: Setting) -> CallSteps:
    """Replay the turns of one call, from the first on. `KeyError` where its menu is gone."""
    call = Call(setting)
    states: list[dict[str, Any]] = []

    def handle(event: Event) -> tuple[Command, ...]:
        commands = call.handle(event)
        states.append(state_of(call))
        return commands

    return CallSteps(replay(turns, handle).steps, tuple(states))


def changed_since(turns: Sequence[Turn], setting: Setting) -> tuple[str, ...]:
    """What is not as it was when the call came: `menu`, `geometry`."""
    arrived = turns[0].event
    if not isinstance(arrived, CallArrived):
        return ()
    menu = setting.menus.get(arrived.menu)
    changed = [] if menu is not None and menu.sha256 == arrived.menu_sha256 else ["menu"]
    if setting.atlas.data.sha256 != arrived.atlas_sha256:
        changed.append("geometry")
    return tuple(changed)


def check_replay(turns: Sequence[Turn], setting: Setting) -> ReplayCheck:
    """Replay the turns of one call, from the first on."""
    arrived, changed = turns[0].event, changed_since(turns, setting)
    if isinstance(arrived, CallArrived) and arrived.menu not in setting.menus:
        return ReplayCheck(0, None, ("menu",))
    done = replay(turns, Call(setting).handle)
    first = done.first_difference
    return ReplayCheck(len(done.steps), None if first is None else first.seq, changed)
