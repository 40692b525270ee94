"""The program dies, the switch dies, the connection dies: what becomes of the calls that are on the line."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.conftest import Switch, free_port
from tests.asterisk.relay import Cut, Relay
from tests.asterisk.serving import ControlRoom
from tests.asterisk.sipp import Placed, operator_phone, place_calls
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.ivr.asterisk.settle import UNSEEN
from vagtcentral.ivr.events import Resumed
from vagtcentral.menus.prompts import PromptStore

CALLERS, OPERATORS, KILLS = 20, 6, 20

#: Ports for the callers' sound, of this worker alone: tests run beside each other.
MEDIA_PORT = 56_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4)


@asynccontextmanager
async def control_room(
    make_switch: Callable[..., Switch], prompts: PromptStore, folder: Path, relay: Relay | None = None
) -> AsyncIterator[tuple[Switch, ControlRoom]]:
    """A switch and the program on it, with operators for everything whose phones answer at once."""
    port = free_port()
    names = [f"op{n}" for n in range(OPERATORS)]
    phones = tuple(OperatorPhone(name=name, contact=f"127.0.0.1:{port}") for name in names)
    switch = make_switch(prompt_folders=(prompts.folder,), operators=phones)
    if relay is not None:
        relay.target = switch.ari_port
        switch.written = replace(switch.written, ari_url=f"http://127.0.0.1:{relay.port}")
    skills = ["emergency", "theft", "crime", "general", "local"]
    staff: list[dict[str, Any]] = [
        {"name": name, "skills": skills, "languages": ["da", "en"], "endpoint": f"PJSIP/{name}"}
        for name in names
    ]
    room = ControlRoom(folder / "room", switch, staff, prompts.folder, wrap_up_s=1)
    async with operator_phone(folder / "operators", port):
        await room.start()
        try:
            yield switch, room
        finally:
            room.stop()


async def call(
    switch: Switch, folder: Path, service: str, first: int, count: int, stay_s: float, **keys: str
) -> Placed:
    """Callers to a service, numbered from `first`, who press keys (`at_6="5"`: after 6 s) and hang up."""
    placed = await place_calls(
        f"127.0.0.1:{switch.sip_port}",
        service,
        [f"{first + n}" for n in range(count)],
        rate=10,
        keys={int(at.removeprefix("at_")) * 1000: key for at, key in keys.items()},
        stay_ms=round(stay_s * 1000),
        folder=folder / f"calls-{first}",
        media_port=MEDIA_PORT + first % 100 * 20,
    )
    assert placed.successful + placed.failed == count, placed.complaint
    return placed


async def callers(switch: Switch, folder: Path, count: int, stay_s: float) -> int:
    """Half of them call 112, half 114, and key nothing; how many of them were hung up on."""
    both = await asyncio.gather(
        call(switch, folder, "112", 20_11_20_10, count // 2, stay_s),
        call(switch, folder, "114", 20_11_40_40, count // 2, stay_s),
    )
    return sum(placed.failed for placed in both)


def by_number(records: list[CallRecord], first: int, count: int) -> list[CallRecord]:
    """The records of callers numbered from `first`."""
    numbers = {f"{first + n}" for n in range(count)}
    found = [record for record in records if record.caller in numbers]
    assert len(found) == count
    return found


async def test_twenty_kills_under_twenty_calls_drop_nobody(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    chance = random.Random(3)
    async with control_room(make_switch, prompts, tmp_path) as (switch, room):
        calling = asyncio.create_task(callers(switch, tmp_path, CALLERS, 90))
        await asyncio.sleep(4)
        for _ in range(KILLS):
            room.kill()
            await room.start()
            await asyncio.sleep(chance.uniform(0.1, 1.0))
        assert not calling.done(), "the calls were over before the last kill"
        assert await calling == 0
        records = await room.until_closed(CALLERS)
        assert len(records) == CALLERS
        for record in records:
            turns = await room.turns(record.call_id)
            assert sum(isinstance(turn.event, Resumed) for turn in turns) == KILLS
        assert await room.findings() == []
        assert sum(record.operator is not None for record in records) >= OPERATORS


@pytest.mark.parametrize("ends", ["in order", "by a power cut"])
async def test_a_switch_that_restarts_under_load_ends_the_calls_with_a_reason(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path, ends: str
) -> None:
    async with control_room(make_switch, prompts, tmp_path) as (switch, room):
        calling = asyncio.create_task(callers(switch, tmp_path, CALLERS, 12))
        await asyncio.sleep(4)
        await asyncio.to_thread(switch.stop if ends == "in order" else switch.kill)
        await asyncio.to_thread(switch.start)
        back = asyncio.get_running_loop().time()
        await room.until_ready()
        assert asyncio.get_running_loop().time() - back < 2.0
        records = await room.until_closed(CALLERS)
        assert len(records) == CALLERS
        for record in records:
            assert [failure for failure in record.failures if failure.startswith("caller: ")], record
            assert record.outcome in ("answered", "failed")
        await calling
        assert await callers(switch, tmp_path / "again", 2, 3) == 0
        assert await room.findings() == []


@pytest.mark.parametrize("what", [Cut.EVENTS, Cut.CLOSED, Cut.SILENT], ids=lambda what: what.name)
async def test_calls_are_settled_after_the_cable_was_cut_for_five_seconds(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path, what: Cut
) -> None:
    talking, leaving, keying, calling = 20_11_20_10, 20_11_40_20, 20_11_40_30, 20_11_20_40
    async with Relay() as relay, control_room(make_switch, prompts, tmp_path, relay) as (switch, room):
        async with asyncio.TaskGroup() as people:

            def people_call(*given: Any, **keys: str) -> None:
                people.create_task(call(switch, tmp_path, *given, **keys))

            people_call("112", talking, 3, 16)  # connected by the cut, and gone before its end
            await asyncio.sleep(9)
            people_call("114", leaving, 5, 6)
            people_call("114", keying, 5, 17, at_6="5", at_14="4")
            people_call("112", calling, 3, 15)
            await asyncio.sleep(4)
            relay.cut(what)
            await asyncio.sleep(5)
            relay.cut(Cut.NOTHING)
        records = await room.until_closed(16)
        assert len(records) == 16
        for record in by_number(records, talking, 3):
            assert (record.outcome, len(record.operators)) == ("answered", 1)
        for record in by_number(records, leaving, 5):
            assert (record.outcome, record.keys) == ("failed", "")
            assert record.failures == (f"caller: {UNSEEN}",)
        for record in by_number(records, keying, 5):
            assert (record.outcome, record.keys, record.destination) == (
                "abandoned_in_queue",
                "4",
                "tips",
            )
        for record in by_number(records, calling, 3):
            assert (record.outcome, len(record.operators)) == ("answered", 1)
        assert await room.findings() == []
        assert "0 active channels" in switch.rx("core show channels count")
        assert "Stasis" not in switch.rx("bridge show all")
