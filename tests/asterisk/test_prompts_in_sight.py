"""A switch that cannot read the prompts is told before it sends calls in which nobody would hear anything."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.asterisk.serving import ControlRoom
from tests.asterisk.switch import Switch
from vagtcentral.menus.prompts import PromptStore

STAFF = [{"name": "anna", "skills": ["emergency"], "endpoint": "PJSIP/anna"}]


async def test_serve_does_not_start_on_a_switch_that_cannot_read_the_prompts(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    switch = make_switch()
    out_of_sight = Path(tempfile.mkdtemp(dir=Path.home()))  # the switch has a home folder of its own
    shutil.copytree(prompts.folder, out_of_sight, dirs_exist_ok=True)
    try:
        room = ControlRoom(tmp_path / "room", switch, STAFF, out_of_sight)
        status = await asyncio.to_thread(room.run_to_its_end)
    finally:
        shutil.rmtree(out_of_sight)
    assert status == 2
    *_, line = room.log.read_text().splitlines()
    assert line.startswith(f"vagtcentral: {out_of_sight}/")
    assert "the switch cannot play it" in line
    assert "Traceback" not in room.log.read_text()


async def test_serve_starts_where_the_prompts_can_be_read(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    switch = make_switch(prompt_folders=(prompts.folder,))
    room = ControlRoom(tmp_path / "room", switch, STAFF, prompts.folder)
    await room.start()
    room.stop()
    assert switch.complaints() == []
    assert "vagtcentral-probe" not in await asyncio.to_thread(switch.rx, "bridge show all")
