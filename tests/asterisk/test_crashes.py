"""The switch dies under load: the calls end with a reason, and the program is back when the switch is."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.asterisk.crowd import control_room, crowd, records_of, until_all
from tests.asterisk.sipp import place_calls
from tests.asterisk.switch import Switch
from tests.asterisk.switch_records import disagreements, switch_calls
from vagtcentral.menus.prompts import PromptStore

CALLERS, STAY_S = 20, 12
#: Both sides note an instant when they see it; a switch that has just started is busy.
BUSY_MS = 2_000

#: Ports for the callers' sound, of this worker alone: tests run beside each other.
MEDIA_PORT = 56_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4)


async def call(switch: Switch, folder: Path, service: str, first: int, count: int) -> None:
    """Callers to a service, numbered from `first`, who key nothing and hang up after a while."""
    placed = await place_calls(
        f"127.0.0.1:{switch.sip_port}",
        service,
        [f"{first + n}" for n in range(count)],
        rate=10,
        keys={},
        stay_ms=STAY_S * 1000,
        folder=folder / f"calls-{first}",
        media_port=MEDIA_PORT + first % 100 * 20,
    )
    assert placed.successful + placed.failed == count, placed.complaint


@pytest.mark.parametrize("ends", ["in order", "by a power cut"])
async def test_a_switch_that_restarts_under_load_ends_the_calls_with_a_reason(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path, ends: str
) -> None:
    async with control_room(make_switch, prompts, tmp_path) as (switch, room):
        calling = asyncio.gather(
            call(switch, tmp_path, "112", 20_11_20_10, CALLERS // 2),
            call(switch, tmp_path, "114", 20_11_30_40, CALLERS // 2),
        )
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
        async with crowd(switch, tmp_path / "again") as people:
            both = [*await people.gather_and_call("112", 1), *await people.gather_and_call("114", 1)]
            await until_all(room, both[1:], lambda record: record.node == "main", "114 hears the menu")
            both[1].press("4")
            await until_all(room, both, lambda record: bool(record.operators), "operators are reached again")
            assert people.dropped() == []
            people.hang_up()
            await room.until_closed(CALLERS + 2)
            again = await records_of(room, both)
        assert [(record.outcome, record.failures) for record in again] == [("answered", ())] * 2
        calls = switch_calls(switch.written.call_records)
        theirs = {record.call_id: calls[record.call_id] for record in again}
        assert disagreements(again, theirs, BUSY_MS) == []
        assert await room.findings() == []
