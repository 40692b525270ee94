"""Runs a room under asyncio: one ordered queue of events per call, one journal, one carrier.

For every event: the call machine answers, the turn is made durable, then its commands go out. Calls wait for
each other nowhere, except where the journal gathers their turns into one commit.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from vagtcentral.ivr.carrier import Carrier, carrier_commands, dispatch_commands
from vagtcentral.ivr.clock import Alarm, Clock
from vagtcentral.ivr.commands import CancelTimer, CloseRecord, SetTimer
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.events import (
    CallArrived,
    CommandFailed,
    Event,
    LocationReceived,
    RecordingStored,
    Registered,
    Resumed,
    Timer,
    TimerFired,
    WrapUpFinished,
    WronglyRouted,
)
from vagtcentral.ivr.journal import Journal, Turn
from vagtcentral.ivr.kinds import kind_of
from vagtcentral.ivr.room import Follow, Room
from vagtcentral.ivr.scribe import Scribe

log = logging.getLogger(__name__)

#: A closed call is remembered this long, so that a late event is answered and not taken for a new call.
LINGER_MS = 60_000

#: The longest that operators wait for the calls of the journal to go on, in real seconds: more than the
#: scribe's patience with the journal.
RESUMED_WITHIN_S = 3.0

#: What still says something of a call that is over and forgotten.
_WORTH_KEEPING = (LocationReceived, RecordingStored, WrapUpFinished, Registered, WronglyRouted)


class Controller:
    """The live system: `report` takes events from the carrier, the desks and the location sources.

    If the journal fails or does not answer, the caller comes first: the commands go out all the same, and the
    `Scribe` keeps the unwritten turns and tries again. `on_closed` is told of each call whose record has
    closed.
    """

    def __init__(
        self,
        room: Room,
        carrier: Carrier,
        journal: Journal,
        clock: Clock,
        on_closed: Callable[[str], None] = lambda call_id: None,
    ) -> None:
        self.room = room
        self._carrier = carrier
        self._clock = clock
        self._on_closed = on_closed
        self._scribe = Scribe(journal, clock)
        self._queues: dict[str, deque[Event]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._alarms: dict[tuple[str, Timer], Alarm] = {}
        self._wake: tuple[int, Alarm] | None = None
        self._resuming: set[str] = set()
        self._all_resumed = asyncio.Event()
        self._all_resumed.set()
        self._closed = False
        self.watchers: list[Callable[[Turn], None]] = []  # told of each turn, once it is durable or kept

    # --- from outside -------------------------------------------------------------------------

    def report(self, call_id: str, event: Event) -> None:
        """Take an event of a call. Events of one call are handled in the order in which they are reported.

        Of a call that is over and forgotten, only what still says something is kept; nothing follows from it.
        """
        if self._closed:
            return
        self._queues.setdefault(call_id, deque()).append(event)
        if call_id not in self._workers:
            self._workers[call_id] = asyncio.get_running_loop().create_task(self._work(call_id))

    def rebuild(self, turns: Sequence[Turn]) -> None:
        """Take up a call again that was live when the controller ended, given its journal so far.

        Nothing is sent before it is resumed.
        """
        self.room.restore(turns)

    def resume(self, call_id: str) -> None:
        """Let a rebuilt call go on, once the carrier can carry out commands.

        To be done for every such call before operators sign in, so that nobody is offered a second call; they
        wait for `resumed`.
        """
        self._resuming.add(call_id)
        self._all_resumed.clear()
        self.report(call_id, Resumed(self._clock.now()))

    def sign_in(self, operator: Operator, *, ready: bool = True) -> None:
        """An operator comes to work, ready unless said otherwise."""
        self._follow(self.room.sign_in(operator, self._clock.now(), ready=ready))

    def ready(self, operator: str) -> None:
        """An operator can take calls (again)."""
        self._follow(self.room.ready(operator, self._clock.now()))

    def sign_out(self, operator: str) -> None:
        """An operator goes home; if he holds a call, when it is over."""
        self.room.sign_out(operator)

    def not_ready(self, operator: str) -> None:
        """An operator takes no further calls; one that he holds goes on."""
        self.room.not_ready(operator)

    def claim(self, operator: str, call_id: str) -> bool:
        """An operator asks for a waiting call; whether it is now offered to him."""
        follows = self.room.claim(operator, call_id, self._clock.now())
        self._follow(follows)
        return bool(follows)

    def suspend_offers(self) -> None:
        """The carrier is away: no operator is offered a call until `resume_offers`."""
        self.room.suspend_offers()

    def resume_offers(self) -> None:
        """The carrier is back, and has told what it must: whoever is ready is offered what has waited."""
        self._follow(self.room.resume_offers(self._clock.now()))

    async def resumed(self) -> None:
        """Wait until it is known who holds a resumed call, but not longer than `RESUMED_WITHIN_S`.

        What the carrier is asked for in these calls is not waited for: one slow request would keep all
        operators from every other call.
        """
        try:
            async with asyncio.timeout(RESUMED_WITHIN_S):
                await self._all_resumed.wait()
        except TimeoutError:
            late = ", ".join(sorted(self._resuming))
            log.error("operators come to work before it is known whether one of them has call %s", late)

    async def settled(self) -> None:
        """Wait until no event is waiting to be handled, and nothing is being written."""
        await self._handled()
        await self._scribe.settled()

    async def close(self) -> None:
        """Handle what has been reported, then stop. Timers are dropped; live calls stay in the journal."""
        await self._handled()
        self._closed = True
        await self._scribe.close()
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        if self._wake is not None:
            self._wake[1].cancel()
            self._wake = None

    @property
    def journal_well(self) -> bool:
        """Whether the journal takes what happens, and nothing is left that it has refused."""
        return self._scribe.well

    # --- one call -----------------------------------------------------------------------------

    async def _handled(self) -> None:
        while self._workers:
            await asyncio.wait(self._workers.values())

    async def _work(self, call_id: str) -> None:
        """Handle the events of one call until none is left; never ends on an error."""
        queue = self._queues[call_id]
        try:
            while queue:
                event = queue.popleft()
                try:
                    await self._turn(call_id, event)
                except Exception:
                    log.exception("call %s: %s could not be handled", call_id, kind_of(type(event)))
        finally:
            del self._workers[call_id], self._queues[call_id]

    async def _turn(self, call_id: str, event: Event) -> None:
        if self.room.call(call_id) is None and not isinstance(event, CallArrived):
            self._take_late(call_id, event)
            return
        turn = self.room.handle(call_id, event)
        await self._scribe.write(turn)
        self._set_timers(turn)
        self._watched(turn)
        self._follow(self.room.dispatched(call_id, dispatch_commands(turn.commands), event.at))
        if isinstance(event, Resumed):
            self._goes_on(call_id)
        await self._perform(turn)
        if turn.commands and isinstance(turn.commands[-1], CloseRecord):
            self._clock.call_at(self._clock.now() + LINGER_MS, lambda: self.room.forget(call_id))
            self._on_closed(call_id)

    def _goes_on(self, call_id: str) -> None:
        self._resuming.discard(call_id)
        if not self._resuming:
            self._all_resumed.set()

    def _take_late(self, call_id: str, event: Event) -> None:
        if isinstance(event, _WORTH_KEEPING):
            self._scribe.write_late(call_id, event)
        else:
            log.warning("call %s: %s for a call that is not known, ignored", call_id, kind_of(type(event)))

    def _watched(self, turn: Turn) -> None:
        for watch in self.watchers:
            try:
                watch(turn)
            except Exception:
                log.exception("call %s: a watcher failed", turn.call_id)

    async def _perform(self, turn: Turn) -> None:
        commands = carrier_commands(turn.commands)
        try:
            await self._carrier.perform(turn.call_id, turn.event, commands)
        except Exception as error:
            log.exception("call %s: the carrier failed", turn.call_id)
            for command in commands:
                failed = CommandFailed(self._clock.now(), kind_of(type(command)), str(error))
                self.report(turn.call_id, failed)

    # --- timers and follow-ups ----------------------------------------------------------------

    def _set_timers(self, turn: Turn) -> None:
        for command in turn.commands:
            if isinstance(command, SetTimer | CancelTimer):
                key = (turn.call_id, command.timer)
                alarm = self._alarms.pop(key, None)
                if alarm is not None:
                    alarm.cancel()
                if isinstance(command, SetTimer):
                    self._alarms[key] = self._clock.call_at(command.due, self._fire(key, command.due))

    def _fire(self, key: tuple[str, Timer], due: int) -> Callable[[], None]:
        def fire() -> None:
            self._alarms.pop(key, None)
            call_id, timer = key
            self.report(call_id, TimerFired(self._clock.now(), timer, due))

        return fire

    def _follow(self, follows: list[Follow]) -> None:
        for call_id, event in follows:
            self.report(call_id, event)
        self._set_wake()

    def _set_wake(self) -> None:
        due = self.room.dispatch.next_wake
        if due is None or (self._wake is not None and self._wake[0] <= due):
            return  # an alarm that comes too early finds nothing to do, and sets the next one
        if self._wake is not None:
            self._wake[1].cancel()
        self._wake = (due, self._clock.call_at(due, self._woken))

    def _woken(self) -> None:
        self._wake = None
        self._follow(self.room.wake(self._clock.now()))
