"""A caller of our own on a real switch: a leg that goes out over SIP to the switch itself and presses keys.

The call arrives like any other, with sound and with keys in RTP (RFC 4733), and whoever takes it cannot tell
the difference. The leg belongs to an application of its own: the switch tells neither end of the other.
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from vagtcentral.ivr.asterisk import ari_events as ari
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_errors import AriError, Conflict, NotFound
from vagtcentral.ivr.asterisk.ari_repeat import Repeat
from vagtcentral.ivr.asterisk.ari_rest import path
from vagtcentral.ivr.asterisk.ari_resync import Resynchronised
from vagtcentral.ivr.plan import CallPlan

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
    """How it went: the `keys` pressed, for how long he was answered, and what the switch said of the end.

    `completed` says whether he was answered, has done all that he had planned, and was hung up on where he
    waited for that.
    """

    end: End
    completed: bool
    keys: str
    seconds: float
    cause: str


async def place_call(
    url: str,
    user: str,
    password: str,
    plan: CallPlan,
    sip_address: str,
    patience_s: float,
    trunk: str = "network",
) -> Placed:
    """Call the plan's service at the switch's own SIP address (`host:port`), and do as the plan says.

    The call goes out through the endpoint `trunk`. Where he is to be hung up on, he waits `patience_s` longer
    for it. Raises `AriError` if the switch refuses us or is lost meanwhile, `TimeoutError` if it is not
    there.
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
        dial = f"PJSIP/{trunk}/sip:{plan.service}@{sip_address}"
        await client.originate(
            dial,
            leg.channel,
            caller_id=plan.number or HIDDEN,
            timeout_s=RING_S,
            variables={"TIMEOUT(absolute)": str(_longest_s(plan, patience_s))},
        )
        return await _call(client, leg, plan, patience_s)
    finally:
        with suppress(AriError):
            await client.hangup(leg.channel)
        await client.close()


def _longest_s(plan: CallPlan, patience_s: float) -> int:
    """After how many seconds the switch ends the leg itself: we may have been killed meanwhile."""
    return math.ceil(RING_S + plan.over_at / 1000 + patience_s + CONNECT_S)


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

    async def ended_within(self, seconds: float) -> bool:
        """Wait for the end, but no longer than this."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended.wait()
        return self.ended.is_set()

    def _end(self, why: str) -> None:
        self.cause = why
        self.answered.set()  # nobody needs to wait for that any more
        self.ended.set()


async def _call(switch: AriClient, leg: _Leg, plan: CallPlan, patience_s: float) -> Placed:
    with suppress(TimeoutError):
        async with asyncio.timeout(RING_S + CONNECT_S):
            await leg.answered.wait()
    if leg.ended.is_set() or not leg.answered.is_set():
        return Placed(End.NOT_ANSWERED, False, "", 0.0, leg.cause)
    now = asyncio.get_running_loop().time
    began = now()
    keys = await _press_keys(switch, leg, plan, lambda: now() - began)
    stays = plan.leaves_at is None
    last_s = plan.over_at / 1000 + (patience_s if stays else 0.0)
    all_pressed = len(keys) == len(plan.keys)
    hung_up_on = await leg.ended_within(last_s - (now() - began))
    end = End.HUNG_UP_ON if hung_up_on else End.GAVE_UP if stays else End.HUNG_UP
    return Placed(end, all_pressed and hung_up_on == stays, keys, now() - began, leg.cause)


async def _press_keys(
    switch: AriClient, leg: _Leg, plan: CallPlan, since_answer_s: Callable[[], float]
) -> str:
    """Press each key at its instant until the call ends; which were pressed."""
    pressed = ""
    with suppress(NotFound, Conflict):  # he is being hung up on: the event is on its way
        # A telephone sends sound even where nobody speaks, and the far end may count on that.
        await switch.request("POST", path("channels", leg.channel, "silence"), repeat=Repeat.FREELY)
        for at, key in plan.keys:
            if await leg.ended_within(at / 1000 - since_answer_s()):
                break
            await switch.send_dtmf(leg.channel, key, duration_ms=PRESS_MS)
            pressed += key
    return pressed
