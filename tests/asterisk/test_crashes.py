"""The program dies, the switch dies, the connection dies: what becomes of the calls that are on the line."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.asterisk.conftest import Switch, free_port
from tests.asterisk.serving import ControlRoom
from tests.asterisk.sipp import Placed, operator_phone, place_calls
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.ivr.events import Resumed
from vagtcentral.menus.prompts import PromptStore

CALLERS, OPERATORS, KILLS = 20, 6, 20


@asynccontextmanager
async def control_room(
    make_switch: Callable[..., Switch], prompts: PromptStore, folder: Path
) -> AsyncIterator[tuple[Switch, ControlRoom]]:
    """A switch and the program on it, with operators for everything whose phones answer at once."""
    port = free_port()
    names = [f"op{n}" for n in range(OPERATORS)]
    phones = tuple(OperatorPhone(name=name, contact=f"127.0.0.1:{port}") for name in names)
    switch = make_switch(prompt_folders=(prompts.folder,), operators=phones)
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


async def callers(switch: Switch, folder: Path, count: int, seconds: float) -> Placed:
    """Half of them call 112, half 114; they key nothing and stay so long on the line."""

    def half(service: str, first: int, media_port: int) -> Any:
        numbers = [f"{first + n}" for n in range(count // 2)]
        target = f"127.0.0.1:{switch.sip_port}"
        stay_ms = round(seconds * 1000)
        return place_calls(
            target,
            service,
            numbers,
            rate=10,
            keys={},
            stay_ms=stay_ms,
            folder=folder / service,
            media_port=media_port,
        )

    emergency, service = await asyncio.gather(
        half("112", 20_11_20_00, 45_000), half("114", 20_11_40_00, 50_000)
    )
    complaint = emergency.complaint or service.complaint
    return Placed(emergency.successful + service.successful, emergency.failed + service.failed, complaint)


async def test_twenty_kills_under_twenty_calls_drop_nobody(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    chance = random.Random(3)
    async with control_room(make_switch, prompts, tmp_path) as (switch, room):
        calling = asyncio.create_task(callers(switch, tmp_path, CALLERS, 60))
        await asyncio.sleep(4)
        for _ in range(KILLS):
            room.kill()
            await room.start()
            await asyncio.sleep(chance.uniform(0.1, 1.0))
        assert not calling.done(), "the calls were over before the last kill"
        placed = await calling
        assert (placed.successful, placed.failed) == (CALLERS, 0), placed.complaint
        records = await room.until_closed(CALLERS)
        assert len(records) == CALLERS
        for record in records:
            turns = await room.turns(record.call_id)
            assert sum(isinstance(turn.event, Resumed) for turn in turns) == KILLS
        assert await room.findings() == []
        assert sum(record.operator is not None for record in records) >= OPERATORS
