"""The start of the live system with calls that were live when it ended."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from vagtcentral.console.live import live_system
from vagtcentral.console.settings import Settings
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script


async def test_a_call_whose_requests_get_no_answer_keeps_nobody_from_coming_to_work(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    played = list(play_virtual(find_script("112-aml-in-time"), shipped_setting()))
    async with await Store.open(file) as store:
        await store.append([replace(turn, call_id="ill") for turn in played[:2]])
    asked, answers = asyncio.Event(), asyncio.Event()

    async def no_answer(*_: Any) -> None:
        asked.set()
        await answers.wait()

    async with live_system(Settings(store=str(file), recordings=tmp_path)) as live:
        live.trunk.carrier.perform = no_answer  # type: ignore[method-assign]
        run = asyncio.create_task(live.run())
        try:
            async with asyncio.timeout(5):
                await asked.wait()
                while not live.controller.room.dispatch.status("vagt-1"):  # noqa: ASYNC110 - a state
                    await asyncio.sleep(0.005)
        finally:
            answers.set()
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
