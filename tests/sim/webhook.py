"""A webhook-like carrier for the tests: it takes each turn as one answer and times the keys itself.

It stands for the kind of carrier that asks with a web request and gets back a document: play this, gather
keys, hold, connect, hang up. While it gathers it reports nothing; afterwards it reports what it collected.
Turns that do not answer a request are pushed, and replace whatever the caller was hearing.
"""

from functools import partial

from vagtcentral.ivr.clock import Alarm
from vagtcentral.ivr.commands import CallBack, CarrierCommand, Connect, Gather, HangUp, Hold, Play, StopPlay
from vagtcentral.ivr.events import (
    CallArrived,
    CallerAnswered,
    DigitPressed,
    DigitsCollected,
    Event,
    PlayFinished,
)
from vagtcentral.menus.model import DigitTiming
from vagtcentral.sim.agenda import VirtualAgenda
from vagtcentral.sim.switch import ScriptedLine

HEAR = (Play, Gather, Hold, Connect, CallBack, HangUp)
REQUESTS = (CallArrived, PlayFinished, DigitsCollected, CallerAnswered)


class WebhookLine(ScriptedLine):
    """A line whose keys are collected by the carrier: one `Gather` at a time, by its own three timers."""

    _gather: Gather | None = None
    _digits = ""
    _deadline: Alarm | None = None
    _overall: int | None = None

    def answer(self, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        """Carry out a turn as one document; a request that is answered with nothing would leave silence."""
        heard = [command for command in commands if isinstance(command, HEAR)]
        assert len(heard) <= 1, f"{event}: a document says one thing, not {heard}"
        if isinstance(event, REQUESTS) and self._waits_for(event):
            assert heard, f"{event}: the request was answered with nothing for the caller to hear"
        if heard:
            self._forget_gather()
            self._pending = None
        self.perform(tuple(command for command in commands if not isinstance(command, StopPlay)))
        if heard and isinstance(heard[0], Gather):
            self._gather = heard[0]

    _pending: Event | None = None

    def _waits_for(self, event: Event) -> bool:
        return event is self._pending

    def _tell(self, event: Event) -> None:
        if isinstance(event, REQUESTS):
            self._pending = event
        super()._tell(event)

    # --- keys ---------------------------------------------------------------------------------

    def _caller_acts(self, key: str | None) -> None:
        if key is None or not self._off_hook:
            super()._caller_acts(key)
        elif self._gather is not None:
            self._collect(self._gather, key)

    def _collect(self, gather: Gather, key: str) -> None:
        if self._playing is not None:
            if not gather.barge_in:
                return
            self._silence()
        now = self._agenda.now()
        if key == gather.terminator:
            self._collected()
            return
        self._digits += key
        if len(self._digits) >= gather.max_digits:
            self._collected()
            return
        if self._overall is None:
            self._overall = now + gather.timing.overall_ms
        self._listen_until(min(now + gather.timing.inter_ms, self._overall))

    def _played(self, play: int) -> None:
        if self._gather is None:
            super()._played(play)
            return
        self._heard.clear()
        self._playing = None
        timing: DigitTiming = self._gather.timing
        self._listen_until(self._agenda.now() + timing.first_ms)

    def _listen_until(self, due: int) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        assert isinstance(self._agenda, VirtualAgenda)
        self._deadline = self._agenda.call_at(due, partial(self._collected))

    def _collected(self) -> None:
        assert self._gather is not None
        collected = DigitsCollected(self._agenda.now(), self._gather.play, self._digits)
        self._forget_gather()
        self._tell(collected)

    def _forget_gather(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._gather = self._deadline = self._overall = None
        self._digits = ""

    def _hang_up(self) -> None:
        self._forget_gather()
        super()._hang_up()


class WebhookCarrier:
    """The webhook-like carrier behind the asyncio controller, for one scene."""

    def __init__(self) -> None:
        self.line: WebhookLine | None = None
        self.performed: list[CarrierCommand] = []

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        assert self.line is not None
        assert not isinstance(event, DigitPressed), "a webhook carrier does not report single keys"
        self.performed += commands
        self.line.answer(event, commands)
