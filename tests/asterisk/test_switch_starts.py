"""The configuration that we write, run by a real Asterisk: it starts clean, takes calls, falls back."""

import asyncio
import csv
import json
import shutil
import socket
import stat
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from tests.asterisk.ports import free_port
from vagtcentral.ivr.asterisk.config import CDR_COLUMNS, OperatorPhone

SMOKE = Path(__file__).parent / "smoke"


@asynccontextmanager
async def sipp(*arguments: object, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """SIPp as long as the block lasts; `wait()` for it inside to see how it ended."""
    program = shutil.which("sipp")
    if program is None:
        raise FileNotFoundError("sipp: apt-get install sip-tester")
    process = await asyncio.create_subprocess_exec(
        program,
        *map(str, arguments),
        *("-i", "127.0.0.1", "-nostdin", "-timeout", "30", "-timeout_error", "-trace_err"),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def caller(
    switch: Any, service: str, folder: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, "Ear"]]:
    """One caller to a service, and what she hears."""
    with Ear() as ear:
        target = f"127.0.0.1:{switch.sip_port}"
        keys = ("-s", service, "-key", "media", ear.port)
        scenario = ("-sf", SMOKE / "caller.xml", *keys, "-m", 1, "-p", free_port())
        async with sipp(target, *scenario, folder=folder) as process:
            yield process, ear


class Ear:
    """The caller's media port: counts packets of sound, and those that are not silence."""

    def __enter__(self) -> "Ear":
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def spoken(self) -> int:
        """How many packets of 20 ms with sound have come in since the last look."""
        heard = 0
        while True:
            try:
                packet = self.socket.recv(2048)
            except BlockingIOError:
                return heard
            heard += len(set(packet[12:])) > 20  # a-law silence is a handful of values


def ari(switch: Any) -> aiohttp.ClientSession:
    user = f"{switch.written.ari_user}:{switch.written.ari_password}".encode()
    return aiohttp.ClientSession(headers={"Authorization": f"Basic {b64encode(user).decode()}"})


async def next_event(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while True:
        event: dict[str, Any] = json.loads((await socket.receive(timeout=10)).data)
        if event["type"] == kind:
            return event


def read_call_records(path: Path) -> list[dict[str, str]]:
    lines = path.read_text().splitlines() if path.exists() else []
    return list(csv.DictReader(lines, tuple(CDR_COLUMNS)))


async def call_records(switch: Any, count: int) -> list[dict[str, str]]:
    """Asterisk's own records, as soon as there are so many."""
    for _ in range(100):
        rows = read_call_records(switch.written.call_records)
        if len(rows) >= count:
            return rows
        await asyncio.sleep(0.05)
    pytest.fail(f"{len(rows)} call records, expected {count}")


def test_it_starts_without_a_complaint_and_every_module_runs(make_switch: Callable[..., Any]) -> None:
    switch = make_switch()
    modules = [line for line in switch.rx("module show").splitlines() if ".so" in line]
    assert len(modules) > 60
    assert [line for line in modules if "Running" not in line] == []
    assert switch.complaints() == []
    assert f"127.0.0.1:{switch.sip_port}" in switch.rx("pjsip show transports")


async def test_ari_asks_for_the_secret(switch: Any) -> None:
    url = switch.written.ari_url + "/asterisk/ping"
    async with aiohttp.ClientSession() as stranger, stranger.get(url) as answer:
        assert answer.status == 401
    async with ari(switch) as session, session.get(url) as answer:
        assert (answer.status, (await answer.json())["ping"]) == (200, "pong")


async def test_a_call_to_112_reaches_the_application_with_its_position_and_leaves_a_call_record(
    make_switch: Callable[..., Any], tmp_path: Path
) -> None:
    switch = make_switch()
    url = switch.written.ari_url
    app = switch.written.application
    async with ari(switch) as session, session.ws_connect(f"{url}/events?app={app}") as events:
        async with caller(switch, "112", tmp_path) as (process, ear):
            start = await next_event(events, "StasisStart")
            assert start["args"] == ["112"]
            channel = start["channel"]
            assert channel["caller"]["number"] == "4533123456"
            async with session.post(f"{url}/channels/{channel['id']}/answer") as answer:
                assert answer.status == 204
            variable = quote("GEOLOC_PROFILE(effective_location)")
            async with session.get(f"{url}/channels/{channel['id']}/variable?variable={variable}") as answer:
                place = (await answer.json())["value"]
            assert 'pos="55.6761 12.5683"' in place
            assert 'radius="30"' in place
            async with session.post(f"{url}/channels/{channel['id']}/play?media=sound:hello-world") as answer:
                assert answer.status == 201
            await next_event(events, "PlaybackFinished")
            assert ear.spoken() > 20
            async with session.delete(f"{url}/channels/{channel['id']}") as answer:
                assert answer.status == 204
            assert await process.wait() == 0
        (record,) = await call_records(switch, 1)
    assert record["uniqueid"] == channel["id"]
    assert (record["src"], record["dst"], record["disposition"]) == ("4533123456", "112", "ANSWERED")
    assert record["userfield"] == "application"
    assert float(record["start"]) <= float(record["answer"]) < float(record["end"])
    assert stat.S_IMODE(switch.written.state.stat().st_mode) == 0o700


@pytest.mark.parametrize("away", ["never connected", "connected and gone"])
async def test_without_the_application_112_goes_to_the_fixed_number_after_a_message(
    make_switch: Callable[..., Any], tmp_path: Path, away: str
) -> None:
    port = free_port()
    switch = make_switch(emergency_fallback=f"sip:vagthavende@127.0.0.1:{port}")
    if away == "connected and gone":
        events = f"{switch.written.ari_url}/events?app={switch.written.application}"
        async with ari(switch) as session, session.ws_connect(events):
            pass
    async with (
        sipp("-sf", SMOKE / "phone.xml", "-m", 1, "-p", port, folder=tmp_path) as duty_officer,
        caller(switch, "112", tmp_path) as (process, ear),
    ):
        assert await duty_officer.wait() == 0
        assert await process.wait() == 0
        assert ear.spoken() > 20
    assert {row["userfield"] for row in await call_records(switch, 1)} == {"fallback"}


async def test_without_the_application_114_hears_a_message_and_is_hung_up(
    make_switch: Callable[..., Any], tmp_path: Path
) -> None:
    switch = make_switch()
    async with caller(switch, "114", tmp_path) as (process, ear):
        assert await process.wait() == 0
        assert ear.spoken() > 20
    (record,) = await call_records(switch, 1)
    assert (record["dst"], record["userfield"]) == ("114", "fallback")


async def test_the_application_may_ring_an_operator(make_switch: Callable[..., Any], tmp_path: Path) -> None:
    port = free_port()
    switch = make_switch(operators=(OperatorPhone(name="anna", contact=f"127.0.0.1:{port}"),))
    url, app = switch.written.ari_url, switch.written.application
    async with (
        ari(switch) as session,
        session.ws_connect(f"{url}/events?app={app}") as events,
        sipp("-sf", SMOKE / "phone.xml", "-m", 1, "-p", port, folder=tmp_path) as phone,
    ):
        async with session.post(f"{url}/channels?endpoint=PJSIP/anna&app={app}&channelId=leg-1") as answer:
            assert answer.status == 200
        assert (await next_event(events, "StasisStart"))["channel"]["id"] == "leg-1"
        assert await phone.wait() == 0


def test_it_comes_back_after_being_killed_and_after_a_restart(make_switch: Callable[..., Any]) -> None:
    switch = make_switch()
    first = switch.pid
    switch.kill()
    switch.start()
    second = switch.pid
    switch.restart()
    assert len({first, second, switch.pid}) == 3
    assert "System uptime" in switch.rx("core show uptime")
