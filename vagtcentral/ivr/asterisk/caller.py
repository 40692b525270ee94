"""A caller of our own on a real switch: a leg that goes out over SIP to the switch's own address and presses keys.

The call arrives at the switch like any other, with sound and keys in RTP (RFC 4733), and whoever takes calls there
cannot tell it from one. The leg belongs to an application of its own, so that the two are told nothing of each other.
"""

import asyncio
import logging
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from vagtcentral.ivr.asterisk import ari_events as ari
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_errors import AriError, Conflict, NotFound, Rejected
from vagtcentral.ivr.asterisk.ari_repeat import Repeat
from vagtcentral.ivr.asterisk.ari_rest import path
from vagtcentral.ivr.asterisk.ari_resync import Resynchronised
from vagtcentral.ivr.plan import CallPlan

log = logging.getLogger(__name__)

APPLICATION = "vagtcentral-caller"
#: How long the switch may take to let us in, and a call may ring, in seconds.
CONNECT_S, RING_S = 10.0, 30
PRESS_MS = 100
#: What a telephone shows of somebody who hides his number (RFC 3323, section 4.1.1).
HIDDEN = "anonymous"


class End(StrEnum):
    """How a placed call ended for its caller."""

    NOT_ANSWERED = "not_answered"  #: busy, refused, or rung in vain
    HUNG_UP = "hung_up"  #: he hung up as planned
    HUNG_UP_ON = "hung_up_on"  #: the other end hung up
    GAVE_UP = "gave_up"  #: nobody hung up on him when that was expected, and he was patient for a while


@dataclass(frozen=True, slots=True)
class Placed:
    """How it went: the `keys` pressed, how long it was answered, and what the switch said in the end.

    `completed` says whether he was answered and has done all that he had planned.
    """

    end: End
    completed: bool
    keys: str
    seconds: float
    cause: str


async def place_call(
    url: str, user: str, password: str, plan: CallPlan, sip_address: str, patience_s: float
) -> Placed:
    """Call the plan's service at the switch's own SIP address (`host:port`), and do as the plan says.

    Where he is to be hung up on, he waits `patience_s` longer for it. Raises `AriError` if the switch does not let
    us in or is lost, `TimeoutError` if it is not there.
    """
    leg = _Leg()
    client = AriClient(
        url,
        user,
        password,
        f"{APPLICATION}-{leg.channel}",  # of two programs with one name, the second would end the first
        on_event=leg.on_event,
        on_resync=leg.on_resync,
    )
    async with asyncio.timeout(CONNECT_S):
        await client.start()
    try:
        return await _Caller(client, leg, plan).call(f"PJSIP/network/sip:{plan.service}@{sip_address}", patience_s)
    finally:
        await client.close()


class _Leg:
    """The channel of the call: whether it has been answered, and whether it has ended and why."""

    def __init__(self) -> None:
        self.channel = uuid4().hex[:12]
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()
        self.cause = ""

    def on_event(self, event: ari.AriEvent) -> None:
        match event:
            case ari.StasisStart(channel=channel) if channel.id == self.channel:
                self.answered.set()
            case ari.ChannelDestroyed(channel=channel, cause_text=why) if channel.id == self.channel:
                self._end(why)

    async def on_resync(self, found: Resynchronised) -> None:
        """After a loss of the connection the leg may be gone."""
        if found.gap_from is not None and self.channel not in found.snapshot.channels:
            self._end("lost with the connection to the switch")

    def _end(self, why: str) -> None:
        self.cause = why
        self.ended.set()


class _Caller:
    """Does on the leg what the plan says."""

    def __init__(self, switch: AriClient, leg: _Leg, plan: CallPlan) -> None:
        self._switch = switch
        self._leg = leg
        self._plan = plan
        self._keys = ""
        self._answered_at = 0.0

    async def call(self, dial: str, patience_s: float) -> Placed:
        caller_id = self._plan.number or HIDDEN
        try:
            await self._switch.originate(dial, self._leg.channel, caller_id=caller_id, timeout_s=RING_S)
        except (Rejected, Conflict) as error:
            return self._placed(End.NOT_ANSWERED, str(error))
        await self._first(self._leg.answered, self._leg.ended)
        if not self._leg.answered.is_set():
            return self._placed(End.NOT_ANSWERED, self._leg.cause)
        self._answered_at = asyncio.get_running_loop().time()
        return await self._talk(patience_s)

    async def _talk(self, patience_s: float) -> Placed:
        plan = self._plan
        await self._on_leg("silence")  # a telephone that is silent sends sound all the same
        for at, key in plan.keys:
            if await self._ended_by(at / 1000):
                return self._placed(End.HUNG_UP_ON, self._leg.cause)
            await self._press(key)
        last_s = plan.over_at / 1000 if plan.leaves_at is not None else plan.over_at / 1000 + patience_s
        if await self._ended_by(last_s):
            return self._placed(End.HUNG_UP_ON, self._leg.cause)
        placed = self._placed(End.HUNG_UP if plan.leaves_at is not None else End.GAVE_UP, "")
        await self._hang_up()
        return placed

    async def _press(self, key: str) -> None:
        try:
            await self._switch.send_dtmf(self._leg.channel, key, duration_ms=PRESS_MS)
            self._keys += key
        except (NotFound, Conflict):
            pass  # he is being hung up on: the event is on its way

    async def _on_leg(self, what: str) -> None:
        try:
            await self._switch.request("POST", path("channels", self._leg.channel, what), repeat=Repeat.FREELY)
        except (NotFound, Conflict):
            pass

    async def _hang_up(self) -> None:
        try:
            await self._switch.hangup(self._leg.channel)
        except NotFound:
            pass

    async def _ended_by(self, second: float) -> bool:
        """Wait until so long after the answer; whether the call has ended by then."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(self._answered_at + second):
                await self._leg.ended.wait()
        except TimeoutError:
            return False
        return True

    async def _first(self, *events: asyncio.Event) -> None:
        waiting = [asyncio.create_task(event.wait()) for event in events]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=RING_S + CONNECT_S)
        finally:
            for task in waiting:
                task.cancel()

    def _placed(self, end: End, cause: str) -> Placed:
        ...
