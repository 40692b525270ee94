"""Runs a room in virtual time, without an event loop: the controller's order of things on a heap.

`VirtualRoom.run` gives each turn before anything follows from it. Whoever takes the turns makes them durable
and then asks for the next one; so the journal's promise holds in virtual time as in real time.
"""

from collections import deque
from collections.abc import Callable, Iterator

from vagtcentral.ivr.commands import ADDRESSEE, Addressee, CancelTimer, CarrierCommand, SetTimer
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.events import Event, Timer, TimerFired
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.room import Follow, Room
from vagtcentral.sim.agenda import Entry, VirtualAgenda

#: How a simulated switch is told the carrier commands of one turn of a call.
Perform = Callable[[str, tuple[CarrierCommand, ...]], None]


# Looked up once: reading a member off its class costs ten times as much as reading a name.
_CARRIER, _DISPATCH, _CLOCK, _RECORD = Addressee


class VirtualRoom:
    """A room on a virtual agenda. A switch reports through `report`, operators sign in through `sign_in`."""

    def __init__(self, room: Room, agenda: VirtualAgenda) -> None:
        self.room = room
        self._agenda = agenda
        self._reported: deque[Follow] = deque()
        self._timers: dict[tuple[str, Timer], Entry] = {}
        self._wake: tuple[int, Entry] | None = None

    def report(self, call_id: str, event: Event) -> None:
        """Take an event of a call."""
        self._reported.append((call_id, event))

    def sign_in(self, operator: Operator) -> None:
        """An operator comes to work, ready."""
        self._reported += self.room.sign_in(operator, self._agenda.now())
        self._set_wake()

    def run(self, perform: Perform) -> Iterator[Turn]:
        """Play until nothing more can happen, giving each turn before its commands are carried out."""
        reported, handle, step, carry_out = (
            self._reported,
            self.room.handle,
            self._agenda.step,
            self._carry_out,
        )
        while True:
            while reported:
                call_id, event = reported.popleft()
                turn = handle(call_id, event)
                yield turn
                if turn.commands:
                    carry_out(turn, perform)
            if not step():
                return

    def _carry_out(self, turn: Turn, perform: Perform) -> None:
        call_id = turn.call_id
        for_carrier = []
        for_dispatch = []
        for command in turn.commands:
            addressee = ADDRESSEE[type(command)]
            if addressee is _CARRIER:
                for_carrier.append(command)
            elif addressee is _CLOCK:
                self._set_timer(call_id, command)  # type: ignore[arg-type]
            elif addressee is _DISPATCH:
                for_dispatch.append(command)
        if for_dispatch:
            self._reported += self.room.dispatched(call_id, for_dispatch, turn.event.at)  # type: ignore[arg-type]
            self._set_wake()
        if for_carrier:
            perform(call_id, tuple(for_carrier))  # type: ignore[arg-type]

    def _set_timer(self, call_id: str, command: SetTimer | CancelTimer) -> None:
        key = (call_id, command.timer)
        entry = self._timers.pop(key, None)
        if entry is not None:
            entry.cancel()
        if type(command) is SetTimer:
            self._timers[key] = self._agenda.call_at(command.due, self._fire, key, command.due)

    def _fire(self, key: tuple[str, Timer], due: int) -> None:
        del self._timers[key]
        call_id, timer = key
        self._reported.append((call_id, TimerFired(due, timer, due)))

    def _set_wake(self) -> None:
        due = self.room.dispatch.next_wake
        if due is None or (self._wake is not None and self._wake[0] <= due):
            return  # an alarm that comes too early finds nothing to do, and sets the next one
        if self._wake is not None:
            self._wake[1].cancel()
        self._wake = (due, self._agenda.call_at(due, self._woken))

    def _woken(self) -> None:
        self._wake = None
        self._reported += self.room.wake(self._agenda.now())
        self._set_wake()
