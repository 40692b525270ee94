"""Conversations through `vagtcentral serve` on a real switch are recorded, with both voices, or are not."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.baresip import Phone, PhoneState
from tests.asterisk.serving import ControlRoom
from tests.asterisk.studio import record_in_studio
from tests.asterisk.switch import Switch
from tests.asterisk.voices import WINDOW_S, Recording, listen
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.ivr.events import CommandFailed
from vagtcentral.menus.load import find_menu, shipped_menu
from vagtcentral.menus.model import Spoken
from vagtcentral.menus.prompts import PromptStore

CALLER_TONE, OPERATOR_TONE = 440, 950
TIPS = "4"
#: How far each voice must stand out from everything else in every second, in dB. Measured: 40, and down to -5
#: for a quarter of a second in which a busy machine left gaps in the sound.
WELL_ABOVE_DB = 10.0
#: How late a recording may begin after the operator has taken the phone, in seconds: the machine's affair.
LATE_S = 5.0
#: In windows: what may be missing of a voice at either end of a recording, and a second.
ENDS, A_SECOND = 2, round(1 / WINDOW_S)


@dataclass
class Scene:
    """A switch, the program on it, a caller and the only operator, who takes every call."""

    switch: Switch
    room: ControlRoom
    prompts: PromptStore
    caller: Phone
    anna: Phone

    async def connect(self) -> None:
        """The caller dials 114 and keys until the operator's phone rings; return when both talk."""
        self.caller.dial(f"sip:114@127.0.0.1:{self.switch.sip_port}")
        async with asyncio.timeout(30):
            while self.anna.state is PhoneState.IDLE:
                await asyncio.sleep(1)
                self.caller.press(TIPS)
            while self.anna.state is not PhoneState.TALKING:  # noqa: ASYNC110 - the telephone is a program
                await asyncio.sleep(0.05)

    async def talk_and_close(self, seconds: float) -> CallRecord:
        """They go on talking, then the caller hangs up; return the record when it has closed."""
        await asyncio.sleep(seconds)
        self.caller.hang_up()
        (record,) = await self.room.until_closed(1)
        assert (record.outcome, record.operator) == ("answered", "anna")
        assert await self.room.findings() == []
        return record

    async def recorded(self) -> CallRecord:
        """The record when it has a recording, which may come a little after its close."""
        async with asyncio.timeout(15):
            while not (record := (await self.room.records())[0]).recordings:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.2)
        return record

    def files(self) -> list[Path]:
        return list(self.switch.written.recordings.iterdir())


@asynccontextmanager
async def scene(make_switch: Callable[..., Switch], folder: Path, **settings: object) -> AsyncIterator[Scene]:
    phones: dict[str, Phone] = {}

    def take(event: dict[str, Any]) -> None:
        if event["type"] == "CALL_INCOMING":
            phones["anna"].accept()

    prompts = record_in_studio(folder / "sound", [shipped_menu("114"), shipped_menu("survey")])
    async with (
        Phone(folder / "caller", "20114020", tone=CALLER_TONE) as caller,
        Phone(folder / "anna", "anna", take, tone=OPERATOR_TONE) as anna,
    ):
        phones["anna"] = anna
        contact = f"127.0.0.1:{anna.sip_port}"
        switch = make_switch(
            prompt_folders=(prompts.folder,), operators=(OperatorPhone(name="anna", contact=contact),)
        )
        staff = [{"name": "anna", "skills": ["tips"], "endpoint": "PJSIP/anna"}]
        given = {"studio": prompts.studio, "wrap_up_s": 1, **settings}
        room = ControlRoom(folder / "room", switch, staff, prompts.folder, **given)
        await room.start()
        try:
            yield Scene(switch, room, prompts, caller, anna)
        finally:
            room.stop()


def assert_both_voices_throughout(record: CallRecord) -> None:
    """The record names one recording, which goes on to the end of the conversation, with both tones."""
    (linked,) = record.recordings
    file = Path(linked["path"])
    recording = listen(file)
    assert linked["name"] == "1"
    assert linked["seconds"] == pytest.approx(recording.seconds, abs=1.0)
    assert record.left_at is not None
    assert recording.seconds == pytest.approx(record.left_at / 1000 - begun(file), abs=1.0)
    assert record.talked_s - LATE_S < recording.seconds < record.talked_s + 1.0
    assert_both_voices(recording, slice(ENDS, -ENDS))


def begun(recording: Path) -> float:
    """When the switch began to write the file, in seconds since 1970."""
    told = subprocess.run(["stat", "--format=%.W", recording], capture_output=True, text=True, check=True)
    return float(told.stdout)


def assert_both_voices(recording: Recording, windows: slice) -> None:
    for tone, other in ((CALLER_TONE, OPERATOR_TONE), (OPERATOR_TONE, CALLER_TONE)):
        heard = recording.prominence_db(tone, [other])[windows]
        seconds = [heard[start : start + A_SECOND] for start in range(0, len(heard) - A_SECOND + 1, A_SECOND)]
        assert min(map(max, seconds)) >= WELL_ABOVE_DB, f"{tone} Hz: {[round(each) for each in heard]}"


async def test_the_recording_of_a_conversation_has_both_voices_and_is_linked_from_its_record(
    make_switch: Callable[..., Switch], tmp_path: Path
) -> None:
    async with scene(make_switch, tmp_path) as played:
        await played.connect()
        await played.talk_and_close(4)
        record = await played.recorded()
        assert record.talked_s > 4
        assert_both_voices_throughout(record)


async def test_the_recording_goes_on_while_the_program_is_dead_and_is_linked_by_its_successor(
    make_switch: Callable[..., Switch], tmp_path: Path
) -> None:
    async with scene(make_switch, tmp_path) as played:
        await played.connect()
        await asyncio.sleep(2)
        played.room.kill()
        await asyncio.sleep(2)
        await played.room.start()
        await played.talk_and_close(3)
        record = await played.recorded()
        assert record.talked_s > 7
        assert record.operators == ("anna",)
        assert_both_voices_throughout(record)


async def test_a_conversation_that_ends_while_the_program_is_dead_has_its_recording_too(
    make_switch: Callable[..., Switch], tmp_path: Path
) -> None:
    async with scene(make_switch, tmp_path) as played:
        await played.connect()
        await asyncio.sleep(2)
        played.room.kill()
        await asyncio.sleep(2)
        played.caller.hang_up()
        await asyncio.sleep(1)
        await played.room.start()
        await played.room.until_closed(1)
        (linked,) = (await played.recorded()).recordings
        recording = listen(Path(linked["path"]))
        assert linked["seconds"] == pytest.approx(recording.seconds, abs=1.0)
        assert_both_voices(recording, slice(ENDS, ENDS + 12))


async def test_who_has_not_heard_that_he_will_be_recorded_is_not(
    make_switch: Callable[..., Switch], tmp_path: Path
) -> None:
    async with scene(make_switch, tmp_path) as played:
        menu = shipped_menu("114")
        announcement: Spoken = menu.spoken("recorded", "da")
        played.prompts.path(announcement).unlink()
        await played.connect()
        record = await played.talk_and_close(1)
        assert record.recordings == ()
        assert played.files() == []
        failed = [turn.event for turn in await played.room.turns(record.call_id)]
        assert [event.command for event in failed if isinstance(event, CommandFailed)] == ["play"]


async def test_a_menu_that_asks_for_no_recording_gets_none(
    make_switch: Callable[..., Switch], tmp_path: Path
) -> None:
    shipped = find_menu("114").read_text()
    unrecorded = shipped.replace("recording: {announcement: recorded}\n", "")
    assert unrecorded != shipped
    (tmp_path / "114.yaml").write_text(unrecorded)
    async with scene(make_switch, tmp_path, menus=f"114={tmp_path / '114.yaml'}") as played:
        await played.connect()
        record = await played.talk_and_close(1)
        assert record.recordings == ()
        assert played.files() == []
        assert record.failures == ()
