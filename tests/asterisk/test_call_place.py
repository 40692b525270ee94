"""`vagtcentral call place` against `serve` on a real switch: the records are those of the scripts."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from tests.asterisk.baresip import Phone
from tests.asterisk.ports import free_port
from tests.asterisk.serving import ControlRoom
from tests.asterisk.switch import Switch
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.asterisk import caller
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.plan import CallPlan
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.menus.prompts import PromptStore
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import Script, find_script

SCRIPTS = (
    "114-wrong-keys",
    "114-keyed-postcode",
    "114-self-service",
    "114-hang-up-in-prompt",
    "114-hidden-number",
)
#: How long an operator talks, in seconds.
TALK_S = 2.0
SKILLS = ["emergency", "tips", "case", "general"]

LOCATED = """
title: "112 with AML"
about: "He says where he is while he waits, and hangs up."
at: 2019-03-04T08:14:40Z
service: "112"
caller:
  number: "+4510112009"
  does:
    - {on: arrives, after_s: 6, hang_up: true}
location:
  - after_s: 2.0
    aml: 'A"ML=1;lt=+55.65800;lg=+012.50200;rd=9;top=20190304081440;lc=68;pm=G;ml=70'
"""


@dataclass(frozen=True)
class Placed:
    """How the command ended, and what it printed."""

    status: int
    document: dict[str, Any]
    noted: str


async def place(room: ControlRoom, script: str | Path, *options: str) -> Placed:
    """Run the command with the settings of the room."""
    command = (sys.executable, "-m", "vagtcentral", "call", "place", str(script), "--json", *options)
    process = await asyncio.create_subprocess_exec(
        *command,
        env=room.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, noted = await process.communicate()
    assert process.returncode is not None
    return Placed(process.returncode, json.loads(said or "{}"), noted.decode())


@asynccontextmanager
async def operators(folder: Path) -> AsyncIterator[list[Phone]]:
    """As many telephones as there are calls; each takes every call and hangs up soon."""

    def busy(name: str) -> Callable[[dict[str, Any]], None]:
        def told(event: dict[str, Any]) -> None:
            if event["type"] == "CALL_INCOMING":
                phones[name].accept()
            elif event["type"] == "CALL_ESTABLISHED":
                asyncio.get_running_loop().call_later(TALK_S, phones[name].hang_up)

        return told

    phones: dict[str, Phone] = {}
    async with AsyncExitStack() as stack:
        for name in (f"op{n}" for n in range(len(SCRIPTS))):
            phones[name] = await stack.enter_async_context(Phone(folder / name, name, busy(name)))
        yield list(phones.values())


@asynccontextmanager
async def control_room(
    make_switch: Callable[..., Switch], prompts: PromptStore, folder: Path
) -> AsyncIterator[tuple[Switch, ControlRoom]]:
    """A switch and the program, not started yet, with an operator for everything at each telephone."""
    async with operators(folder / "operators") as phones:
        there = tuple(OperatorPhone(name=one.user, contact=f"127.0.0.1:{one.sip_port}") for one in phones)
        switch = make_switch(prompt_folders=(prompts.folder,), operators=there)
        staff = [{"name": one.user, "skills": SKILLS, "endpoint": f"PJSIP/{one.user}"} for one in phones]
        address = f"127.0.0.1:{switch.sip_port}"
        room = ControlRoom(folder / "room", switch, staff, prompts.folder, wrap_up_s=1, sip_address=address)
        try:
            yield switch, room
        finally:
            room.stop()


def simulated(script: Script, prompts: PromptStore) -> CallRecord:
    return CallRecord.fold(script.name, play_virtual(script, shipped_setting(), prompts.duration_ms))


async def test_scripted_calls_leave_the_records_that_their_scripts_leave_in_the_simulator(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    async with control_room(make_switch, prompts, tmp_path) as (_, room):
        await room.start()
        placed = await asyncio.gather(*(place(room, name) for name in SCRIPTS))
        assert [one.status for one in placed] == [0] * len(SCRIPTS), placed
        records = {record.caller: record for record in await room.until_closed(len(SCRIPTS))}
        assert len(records) == len(SCRIPTS)
        for name, one in zip(SCRIPTS, placed, strict=True):
            script = find_script(name)
            expected, seen = simulated(script, prompts), records[script.caller.number]
            for what in ("service", "keys", "outcome", "destination", "district", "answers", "language"):
                assert getattr(seen, what) == getattr(expected, what), f"{name}: {what}"
            assert (one.document["keys"], one.document["completed"]) == (expected.keys, True)
        assert await room.findings() == []


async def test_the_messages_of_the_script_reach_its_call_as_of_now(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    script = tmp_path / "located.yaml"
    script.write_text(LOCATED)
    async with control_room(make_switch, prompts, tmp_path) as (_, room):
        await room.start()
        placed = await place(room, script, "--aml", f"{room.url}/aml")
        (message,) = placed.document["messages"]
        assert (message["after_s"], message["status"], len(message["id"])) == (2.0, 200, 32)
        (record,) = await room.until_closed(1)
        assert (record.position_source, record.district) == ("gnss", "1470")
        assert "stale-fix" not in record.anomalies
        events = [turn.event for turn in await room.turns(record.call_id)]
        forms = [event.form for event in events if isinstance(event, LocationReceived)]
        assert forms == [LocationForm.AML_SMS]


async def test_who_is_hung_up_on_before_he_has_done_all_did_not_complete_his_call(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    """Nobody serves: the switch's own dialplan says so and hangs up."""
    async with control_room(make_switch, prompts, tmp_path) as (_, room):
        placed = await place(room, "114-wrong-keys")
        assert placed.status == 1
        assert (placed.document["end"], placed.document["completed"]) == ("hung_up_on", False)


async def test_an_address_at_which_no_switch_is_takes_no_call(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    async with control_room(make_switch, prompts, tmp_path) as (switch, room):
        placed = await place(room, "114-hang-up-in-prompt", "--sip-address", f"127.0.0.1:{free_port()}")
        assert (placed.status, placed.document["end"]) == (1, "not_answered")
        assert placed.document["seconds"] == 0
        assert "0 active channels" in switch.rx("core show channels count")


async def test_a_leg_whose_program_was_killed_is_ended_by_the_switch(
    make_switch: Callable[..., Switch], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody hangs up: not we, and not the dialplan, which has 112 wait for as long as he stays."""
    monkeypatch.setattr(caller, "RING_S", 3)
    monkeypatch.setattr(caller, "CONNECT_S", 3.0)
    monkeypatch.setattr(AriClient, "hangup", AsyncMock())
    switch = make_switch()
    who = (switch.written.ari_url, switch.written.ari_user, switch.written.ari_password)
    plan = CallPlan("112", "+4510112009", (), leaves_at=500, over_at=500)
    placed = await caller.place_call(*who, plan, switch.written.sip, patience_s=0)
    assert placed.end is caller.End.HUNG_UP
    assert "2 active channels" in switch.rx("core show channels count")
    async with asyncio.timeout(15):
        while "0 active channels" not in switch.rx("core show channels count"):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
