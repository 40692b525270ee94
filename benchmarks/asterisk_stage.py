"""A real switch with two answers to the same menu: the control room, and a plain dialplan beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.asterisk.serving import ControlRoom
from tests.asterisk.studio import PITCH, record_in_studio
from tests.asterisk.switch import Switch, end, launch
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.menus.load import shipped_menu, shipped_names
from vagtcentral.menus.prompts import PromptStore

_DIALPLAN = Path(__file__).with_name("asterisk_dialplan.conf")
_QUEUES = "[general]\n[theft]\nmusicclass = default\njoinempty = yes\nleavewhenempty = no\n"

#: Nobody of the staff takes the calls that are placed: the queue is busy for all of them.
_STAFF = [{"name": "anna", "skills": ["emergency"], "endpoint": "PJSIP/anna"}]


@dataclass(frozen=True, slots=True)
class Stage:
    """The switch and the control room on it, which runs in a process of its own."""

    switch: Switch
    room: ControlRoom


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Start both, as long as the block lasts; `folder` is for their files."""
    prompts = record_in_studio(folder / "audio", map(shipped_menu, shipped_names()))
    switch = launch(
        prompt_folders=(prompts.folder,),
        operators=(OperatorPhone(name="anna"),),
        rtp_ports=(10_000, 31_999),
    )
    try:
        _load_plain_dialplan(switch, prompts)
        room = ControlRoom(folder / "room", switch, _STAFF, prompts.folder, studio=prompts.studio)
        await room.start()
        try:
            yield Stage(switch, room)
        finally:
            room.stop()
    finally:
        end(switch)


def _load_plain_dialplan(switch: Switch, prompts: PromptStore) -> None:
    text = _DIALPLAN.read_text()
    spoken = shipped_menu("114").prompts
    for name in PITCH:
        sound = prompts.path(spoken[name]["da"]).with_suffix("")
        text = text.replace(f"%{{{name}}}", str(sound))
    folder = switch.written.folder
    (folder / "extensions_local.conf").write_text(text)
    (folder / "queues.conf").write_text(_QUEUES)
    switch.rx("module load app_queue.so")
    switch.rx("dialplan reload")
    assert "Queue(theft)" in switch.rx("dialplan show plain-theft")
