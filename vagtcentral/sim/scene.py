"""A recorded call played as a scene of its own: one script, its staff, one control room.

`play_virtual` plays it in virtual time, `play_live` behind the asyncio controller. Both put the same people
before the same room.
"""

import asyncio
from collections.abc import Callable, Iterator

from vagtcentral.ivr.clock import Clock
from vagtcentral.ivr.commands import CarrierCommand
from vagtcentral.ivr.controller import Controller
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.events import CallArrived, Event
from vagtcentral.ivr.journal import Journal, Turn
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import Setting
from vagtcentral.menus.model import Spoken
from vagtcentral.sim.agenda import Agenda, LiveAgenda, VirtualAgenda
from vagtcentral.sim.script import Script, ScriptError, StaffMember
from vagtcentral.sim.switch import ScriptedLine, spoken_ms
from vagtcentral.sim.virtual import VirtualRoom

#: Sees the commands of a turn at the moment at which they go out.
Witness = Callable[[str, Event, tuple[CarrierCommand, ...]], None]


def arrival(script: Script, setting: Setting) -> CallArrived:
    """The event with which the scripted call arrives. `ScriptError` where its menu is not known."""
    if script.menu not in setting.menus:
        known = ", ".join(sorted(setting.menus))
        raise ScriptError(f"{script.name}.yaml: menu: {script.menu}; known menus are: {known}")
    return setting.arrival(script.start, script.service, script.caller.number, script.menu)


def staff(script: Script, agenda: Agenda, sign_in: Callable[[Operator], None]) -> None:
    """Have the operators of the scene come to work, those at once who are ready at once."""
    for member in script.staff:
        if member.ready_after_s == 0:
            sign_in(_operator(member))
        elif member.ready_after_s is not None:
            _later(script, agenda, member, sign_in)


def _later(script: Script, agenda: Agenda, member: StaffMember, sign_in: Callable[[Operator], None]) -> None:
    assert member.ready_after_s is not None
    due = script.start + round(member.ready_after_s * 1000)
    agenda.at(due, lambda: sign_in(_operator(member)))


def _operator(member: StaffMember) -> Operator:
    return Operator(member.name, frozenset(member.skills), frozenset(member.languages), member.district)


def play_virtual(
    script: Script, setting: Setting, speech: Callable[[Spoken], int] = spoken_ms
) -> Iterator[Turn]:
    """Play the scene in virtual time; each turn is given before anything follows from it."""
    agenda = VirtualAgenda(script.start)
    virtual = VirtualRoom(Room(setting), agenda)
    line = ScriptedLine(script.name, script, agenda, virtual.report, speech)
    staff(script, agenda, virtual.sign_in)
    agenda.at(script.start, lambda: line.ring(arrival(script, setting)))
    return virtual.run(lambda _, commands: line.perform(commands))


class SimCarrier:
    """The simulated switch behind the asyncio controller, for one scene."""

    def __init__(self, witness: Witness = lambda call_id, event, commands: None) -> None:
        self._line: ScriptedLine | None = None
        self._witness = witness

    def attach(self, line: ScriptedLine) -> None:
        """Name the line that the commands are for."""
        self._line = line

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        """Carry out the carrier commands of one turn."""
        assert self._line is not None
        self._witness(call_id, event, commands)
        self._line.perform(commands)


async def play_live(
    script: Script,
    setting: Setting,
    journal: Journal,
    clock: Clock,
    witness: Witness = lambda call_id, event, commands: None,
) -> None:
    """Play the scene behind the asyncio controller, on a clock that runs; ends when the record has closed."""
    over = asyncio.Event()
    carrier = SimCarrier(witness)
    controller = Controller(Room(setting), carrier, journal, clock, lambda _: over.set())
    agenda = LiveAgenda(clock)
    line = ScriptedLine(script.name, script, agenda, controller.report)
    carrier.attach(line)
    staff(script, agenda, controller.sign_in)
    agenda.at(script.start, lambda: line.ring(arrival(script, setting)))
    await over.wait()
    await _wait_until(clock, script.start + script.last_message_ms)
    await controller.close()


async def _wait_until(clock: Clock, due: int) -> None:
    """Wait for location messages that come after the call is over: they belong to its journal."""
    passed = asyncio.Event()
    clock.call_at(due + 1, passed.set)
    await passed.wait()
