"""The clock of simulated calls, which may have run ahead of real time."""

import time
from dataclasses import replace
from pathlib import Path

from vagtcentral.console.live import live_system
from vagtcentral.console.settings import Settings
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.live import as_of
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script

HOUR_MS = 3_600_000


async def test_after_a_start_no_instant_is_before_those_in_the_journal(tmp_path: Path) -> None:
    ahead = round(time.time() * 1000) + HOUR_MS
    script = as_of(find_script("112-aml-in-time"), ahead)
    turns = [replace(turn, call_id="ahead") for turn in play_virtual(script, shipped_setting())]
    file = tmp_path / "store.sqlite"
    async with await Store.open(file) as store:
        assert await store.last_instant() is None
        await store.append(turns)
    settings = Settings(store=str(file), recordings=tmp_path)
    async with live_system(settings) as live:
        last = max(turn.event.at for turn in turns)
        assert ahead < last <= live.clock.now() < last + HOUR_MS


async def test_an_empty_store_begins_now(tmp_path: Path) -> None:
    settings = Settings(store=str(tmp_path / "store.sqlite"), recordings=tmp_path)
    async with live_system(settings) as live:
        assert abs(live.clock.now() - time.time() * 1000) < 60_000
