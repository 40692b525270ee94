"""A caller of our own on a switch: presses keys when planned, goes when planned, and says how it went."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.ivr.asterisk.fake_ari import PASSWORD, USER, FakeAri, Fault, channel, event, fake_ari
from vagtcentral.ivr.asterisk import caller as caller_module
from vagtcentral.ivr.asterisk.ari_errors import AriError, Refused
from vagtcentral.ivr.asterisk.caller import APPLICATION, End, Placed, place_call
from vagtcentral.ivr.plan import CallPlan

SIP = "127.0.0.1:5060"


def plan(*keys: tuple[int, str], leaves_at: int | None = None, over_at: int = 300) -> CallPlan:
    return CallPlan("114", "+4510114008", keys, leaves_at, over_at)


class Callee:
    """The other end: answers soon unless told otherwise."""

    def __init__(self, switch: FakeAri) -> None:
        self.switch = switch
        self.at: dict[str, float] = {}

    @property
    def channel_id(self) -> str:
        return next(iter(self.switch.channels))

    async def answers(self) -> None:
        await self.switch.tell(event("StasisStart", channel=channel(self.channel_id), args=[]))

    async def hangs_up(self, why: str = "Normal Clearing") -> None:
        gone = self.channel_id
        del self.switch.channels[gone]
        await self.switch.tell(event("ChannelDestroyed", channel=channel(gone), cause=16, cause_txt=why))

    def keys(self) -> list[str]:
        pressed = zip(self.switch.requests, self.switch.bodies, strict=True)
        return [body["dtmf"] for request, body in pressed if request.endswith("/dtmf")]


@asynccontextmanager
async def called(
    planned: CallPlan, patience_s: float = 0.2
) -> AsyncIterator[tuple[Callee, asyncio.Task[Placed]]]:
    """A call on its way to a switch that does not answer by itself."""
    async with fake_ari() as switch:
        calling = asyncio.create_task(place_call(switch.url, USER, PASSWORD, planned, SIP, patience_s))
        async with asyncio.timeout(5):
            while not switch.channels and not calling.done():  # noqa: ASYNC110 - the switch is a program
                await asyncio.sleep(0.005)
        try:
            yield Callee(switch), calling
        finally:
            calling.cancel()
            await asyncio.wait([calling])


async def test_the_leg_goes_to_the_switch_itself_from_the_number_of_the_plan() -> None:
    async with called(plan()) as (callee, _):
        originate = callee.switch.requests.index(f"POST channels/{callee.channel_id}")
        body = callee.switch.bodies[originate]
        assert body["endpoint"] == "PJSIP/network/sip:114@127.0.0.1:5060"
        assert body["callerId"] == "+4510114008"
        assert body["app"].startswith(f"{APPLICATION}-")


async def test_the_switch_ends_the_leg_itself_where_nobody_does() -> None:
    """After 30 s of ringing, 60 s of the plan, 5 s of patience, and 10 s for us to be slow."""
    async with called(plan(over_at=60_000), patience_s=5) as (callee, _):
        (limit,) = [body["variables"] for body in callee.switch.bodies if body and "variables" in body]
        assert limit == {"TIMEOUT(absolute)": "105"}


async def test_a_caller_who_hides_his_number_shows_none() -> None:
    async with called(CallPlan("114", None, (), None, 100)) as (callee, _):
        assert "anonymous" in [
            body["callerId"] for body in callee.switch.bodies if body and "callerId" in body
        ]


async def test_each_key_is_pressed_at_its_instant_and_then_he_hangs_up() -> None:
    pressed: list[float] = []
    async with called(plan((100, "7"), (250, "4"), leaves_at=400, over_at=400)) as (callee, calling):
        keys = f"channels/{callee.channel_id}/dtmf"
        callee.switch.faults.append(
            Fault("POST", keys, 204, times=2, then=lambda: pressed.append(time.monotonic()))
        )
        await asyncio.sleep(0.3)
        assert callee.keys() == [], "nobody has answered"
        answered = time.monotonic()
        await callee.answers()
        placed = await calling
        first, second = pressed
        assert 0.1 <= first - answered < second - answered
        assert second - answered >= 0.25
        assert time.monotonic() - answered >= 0.4
        assert callee.keys() == ["7", "4"]
        assert (placed.end, placed.completed, placed.keys) == (End.HUNG_UP, True, "74")
        assert placed.seconds >= 0.4
        assert callee.switch.channels == {}


async def test_who_is_to_be_hung_up_on_has_done_all_when_he_is() -> None:
    async with called(plan((10, "3"), over_at=5_000)) as (callee, calling):
        await callee.answers()
        await asyncio.sleep(0.3)
        await callee.hangs_up()
        placed = await calling
        assert (placed.end, placed.completed, placed.keys) == (End.HUNG_UP_ON, True, "3")
        assert (placed.seconds > 0.2, placed.cause) == (True, "Normal Clearing")


@pytest.mark.parametrize(
    "planned", [plan((10, "3"), (5_000, "4"), over_at=6_000), plan((10, "3"), leaves_at=5_000, over_at=5_000)]
)
async def test_who_is_hung_up_on_too_early_has_not(planned: CallPlan) -> None:
    async with called(planned) as (callee, calling):
        await callee.answers()
        await asyncio.sleep(0.3)
        await callee.hangs_up()
        placed = await calling
        assert (placed.end, placed.completed, placed.keys) == (End.HUNG_UP_ON, False, "3")


async def test_a_key_that_comes_as_the_line_goes_dead_ends_in_the_same_way() -> None:
    async with called(plan((50, "3"), (60, "4"), over_at=5_000)) as (callee, calling):
        callee.switch.faults.append(Fault("POST", f"channels/{callee.channel_id}/dtmf", 404, times=9))
        await callee.answers()
        await asyncio.sleep(0.15)
        await callee.hangs_up()
        placed = await calling
        assert (placed.end, placed.completed, placed.keys) == (End.HUNG_UP_ON, False, "")


async def test_who_is_not_hung_up_on_waits_as_long_as_he_is_patient() -> None:
    async with called(plan((10, "3"), over_at=100), patience_s=0.2) as (callee, calling):
        await callee.answers()
        placed = await calling
        assert (placed.end, placed.completed) == (End.GAVE_UP, False), "nobody has taken the call"
        assert placed.seconds >= 0.3
        assert callee.switch.channels == {}


async def test_a_call_that_is_refused_was_not_answered() -> None:
    async with called(plan((10, "3"))) as (callee, calling):
        await callee.hangs_up("User busy")
        assert await calling == Placed(End.NOT_ANSWERED, False, "", 0.0, "User busy")
        assert callee.keys() == []


async def test_a_call_that_rings_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller_module, "RING_S", 0)
    monkeypatch.setattr(caller_module, "CONNECT_S", 0.3)
    async with called(plan()) as (callee, calling):
        assert (await calling).end is End.NOT_ANSWERED
        assert callee.switch.channels == {}


async def test_a_leg_that_went_while_the_switch_was_away_has_ended() -> None:
    async with called(plan(over_at=60_000)) as (callee, calling):
        await callee.answers()
        await asyncio.sleep(0.05)
        callee.switch.channels.clear()
        callee.switch.cut(callee.switch.socket)
        placed = await asyncio.wait_for(calling, 5)
        assert (placed.end, placed.cause) == (End.HUNG_UP_ON, "lost with the connection to the switch")


async def test_whoever_breaks_off_leaves_no_leg_behind() -> None:
    async with called(plan(over_at=60_000)) as (callee, calling):
        await callee.answers()
        await asyncio.sleep(0.05)
        calling.cancel()
        await asyncio.wait([calling])
        assert callee.switch.channels == {}


async def test_a_switch_that_cannot_make_the_leg_says_so() -> None:
    async with fake_ari() as switch:
        switch.faults.append(Fault("POST", "channels/", 500))
        with pytest.raises(AriError, match="500"):
            await place_call(switch.url, USER, PASSWORD, plan(), SIP, 0.1)


async def test_a_wrong_password_is_refused() -> None:
    async with fake_ari() as switch:
        with pytest.raises(Refused):
            await place_call(switch.url, USER, "wrong", plan(), SIP, 0.1)


async def test_a_switch_that_is_not_there_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller_module, "CONNECT_S", 0.3)
    async with fake_ari() as switch:
        url = switch.url
    with pytest.raises(TimeoutError):
        await place_call(url, USER, PASSWORD, plan(), SIP, 0.1)
