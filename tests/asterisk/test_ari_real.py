"""The ARI client on a real Asterisk: what its fake cannot know."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.asterisk.switch import Switch
from tests.ivr.asterisk.test_ari import Desk, until
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_errors import Conflict, NotFound, Refused, Replaced
from vagtcentral.ivr.asterisk.ari_events import (
    AriEvent,
    ChannelDestroyed,
    ChannelEnteredBridge,
    PlaybackEvent,
    RecordingEvent,
    StasisStart,
)
from vagtcentral.ivr.asterisk.ari_resync import Asked, Lost, Resynchronised
from vagtcentral.ivr.asterisk.ari_settings import AriTiming, Transport

_numbers = itertools.count(1)


@asynccontextmanager
async def connected(
    switch: Switch, desk: Desk, transport: Transport = Transport.HTTP, **more: Any
) -> AsyncIterator[AriClient]:
    client = AriClient(
        switch.written.ari_url,
        switch.written.ari_user,
        switch.written.ari_password,
        switch.written.application,
        **{
            "on_event": desk.on_event,
            "on_resync": desk.on_resync,
            "on_lost": desk.on_lost,
            "asked": lambda: desk.asked,
            "transport": transport,
            **more,
        },
    )
    async with client:
        yield client


async def call(client: AriClient, desk: Desk) -> tuple[str, str]:
    """A call to 114 inside the switch, answered: the caller's end and ours."""
    caller = f"caller-{time.time_ns()}-{next(_numbers)}"
    ours = f"{caller};2"
    await client.originate("Local/114@network/n", caller, args=("caller",))
    await until(lambda: any(each.channel.id == ours for each in desk.of(StasisStart)))
    await client.answer(ours)
    await until(lambda: any(each.channel.id == caller for each in desk.of(StasisStart)))
    return caller, ours


def names(desk: Desk, kind: type[AriEvent], about: str) -> list[str]:
    return [type(each).__name__ for each in desk.of(kind) if about in each.concerns()]


@pytest.mark.parametrize("transport", Transport)
async def test_a_call_from_its_first_event_to_its_last(switch: Switch, transport: Transport) -> None:
    desk = Desk()
    async with connected(switch, desk, transport) as client:
        caller, ours = await call(client, desk)
        arrived = next(each for each in desk.of(StasisStart) if each.channel.id == ours)
        assert (arrived.args, arrived.channel.extension) == (("114",), "114")
        play, bridge = f"play-{caller}", f"bridge-{caller}"
        await client.play(ours, play, ["sound:digits/1", "sound:digits/2"])
        await until(lambda: "PlaybackContinuing" in names(desk, PlaybackEvent, play))
        await client.stop_playback(play)
        await until(lambda: "PlaybackFinished" in names(desk, PlaybackEvent, play))
        assert names(desk, PlaybackEvent, play)[:2] == ["PlaybackStarted", "PlaybackContinuing"]
        await client.set_variable(ours, "X", "æ,b=c&d")
        assert await client.get_variable(ours, "X") == "æ,b=c&d"
        assert await client.get_variable(ours, "Y") is None
        with pytest.raises(NotFound):
            await client.get_variable("nobody", "X")
        await client.send_dtmf(caller, "12#")
        await until(lambda: desk.digits == "12#")
        await client.create_bridge(bridge)
        await client.record_bridge(bridge, f"rec-{caller}")
        await until(lambda: len(names(desk, RecordingEvent, f"rec-{caller}")) == 1)
        await client.add_to_bridge(bridge, ours)
        await until(lambda: bool(names(desk, ChannelEnteredBridge, ours)))
        await client.stop_recording(f"rec-{caller}")
        await until(lambda: len(names(desk, RecordingEvent, f"rec-{caller}")) == 2)
        await client.hangup(ours)
        await until(lambda: bool(names(desk, ChannelDestroyed, caller)))
        await client.destroy_bridge(bridge)
        with pytest.raises(NotFound):
            await client.answer(ours)
        assert await client.our_channels() == frozenset()


async def test_a_call_goes_on_over_a_hundred_lost_connections_and_none_leaves_us_deaf(switch: Switch) -> None:
    desk = Desk()
    timing = AriTiming(settle_s=0.0, steady_s=0.0, deaf_s=0.2)
    async with connected(switch, desk, timing=timing) as client:
        caller, ours = await call(client, desk)
        for number in range(100):
            socket = client._socket
            assert socket is not None
            transport = socket._socket._response.connection.transport  # type: ignore[union-attr]
            transport.abort() if number % 2 else transport.close()  # type: ignore[union-attr]
            await until(lambda due=number + 2: len(desk.of(Resynchronised)) == due and client.connected)
            assert {caller, ours} <= desk.of(Resynchronised)[-1].snapshot.ours
            if number % 10 == 0:
                keys = len(desk.digits)
                await client.send_dtmf(caller, "5")
                await until(lambda due=keys + 1: len(desk.digits) == due)
        await client.hangup(ours)
        await until(lambda: bool(names(desk, ChannelDestroyed, ours)))


async def test_after_a_restart_the_client_is_back_within_two_seconds(
    make_switch: Callable[..., Switch],
) -> None:
    switch = await asyncio.to_thread(make_switch)
    desk = Desk(asked=Asked(("p1",), ("r1",)))
    async with connected(switch, desk) as client:
        await call(client, desk)
        await asyncio.to_thread(switch.kill)
        await until(lambda: bool(desk.of(Lost)))
        await asyncio.to_thread(switch.start)
        started = time.monotonic()
        await until(lambda: len(desk.of(Resynchronised)) == 2)
        assert time.monotonic() - started < 2.0
        snapshot = desk.of(Resynchronised)[-1].snapshot
        assert (dict(snapshot.channels), snapshot.ours) == ({}, frozenset())


async def test_a_wrong_password_is_refused(switch: Switch) -> None:
    written = switch.written
    client = AriClient(
        written.ari_url, written.ari_user, "wrong", written.application,
        on_event=print, on_resync=Desk().on_resync,
    )  # fmt: skip
    with pytest.raises(Refused):
        await client.start()


async def test_the_newer_of_two_clients_has_the_calls(switch: Switch) -> None:
    first, second = Desk(), Desk()
    async with connected(switch, first) as old, connected(switch, second) as new:
        with pytest.raises(Replaced):
            await asyncio.wait_for(old.until_ended(), 2)
        _, ours = await call(new, second)
        await new.hangup(ours)
        assert first.of(StasisStart) == []


async def test_what_the_switch_says_to_an_id_used_twice(switch: Switch) -> None:
    desk = Desk()
    async with connected(switch, desk) as client:
        caller, ours = await call(client, desk)
        # Not tried with a channel: Asterisk 22.10 refuses it (409), and then takes 15 s to stop.
        await client.create_bridge(f"b-{caller}")
        with pytest.raises(Conflict):
            await client.create_bridge(f"b-{caller}")
        play = f"twice-{caller}"
        await client.play(ours, play, ["sound:digits/1"])
        await client.play(ours, play, ["sound:digits/1"])
        await until(lambda: names(desk, PlaybackEvent, play).count("PlaybackFinished") == 2)
        await client.destroy_bridge(f"b-{caller}")
        await client.hangup(ours)
        await until(lambda: bool(names(desk, ChannelDestroyed, ours)))
