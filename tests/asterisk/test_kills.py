"""The program is killed at any moment, again and again: nobody is dropped, and nothing is forgotten."""

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.asterisk.crowd import OPERATORS, Caller, control_room, crowd, records_of, until_all
from tests.asterisk.serving import ControlRoom
from tests.asterisk.switch import Switch
from tests.asterisk.switch_records import disagreements, switch_calls
from tests.asterisk.voices import WINDOW_S, listen
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.commands import Command, Connect, Gather, Hold
from vagtcentral.ivr.events import Resumed
from vagtcentral.menus.prompts import PromptStore

#: 20 callers in all: with an operator, waiting for one, and in the menu.
TALKING, QUEUED, IN_MENU = OPERATORS, 4, 10
KILLS = 20
#: So many of the kills come while the program starts and takes the calls up again, not when it is ready.
EARLY = 15
#: By how much an instant may differ from the switch's own record, in ms: the machine is busy with the starts.
BUSY_MS = 2_000
TONE, TONE_DB = 440, 10.0
#: How much later than the operator's answer a recording may begin on a busy machine, in seconds.
BEGINS_S = 12.0


async def test_twenty_kills_under_twenty_calls_drop_nobody(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    async with (
        control_room(make_switch, prompts, tmp_path) as (switch, room),
        crowd(switch, tmp_path / "callers") as people,
    ):
        talking = await people.gather_and_call("112", TALKING)
        await until_all(room, talking, lambda record: bool(record.operators), "operators talk")
        queued = await people.gather_and_call("112", QUEUED)
        await until_all(room, queued, lambda record: record.waiting_since is not None, "the others queue")
        in_menu = await people.gather_and_call("114", IN_MENU)
        await until_all(room, in_menu, lambda record: record.node == "main", "callers hear the menu")

        await kill_again_and_again(room)
        assert people.dropped() == []
        assert [caller.user for caller in people.callers if not caller.on_the_line] == []

        for caller in in_menu:
            caller.press("4")
        await until_all(room, in_menu, lambda record: record.destination == "tips", "keys count again")
        for place, (leaving, first) in enumerate(zip(talking, queued, strict=False)):
            leaving.hang_up()
            await until_all(room, [first], lambda record: bool(record.operators), "the first of the queue")
            behind = await records_of(room, [*queued[place + 1 :], *in_menu])
            assert [record.caller for record in behind if record.operators] == []
        assert people.dropped() == []
        people.hang_up()

        records = await room.until_closed(len(people.callers))
        assert len(records) == len(people.callers)
        assert disagreements(records, switch_calls(switch.written.call_records), BUSY_MS) == []
        assert await room.findings() == []
        await asked_again_from_the_same_node(room, in_menu)
        await kept_waiting(room, queued)
        await kept_talking(room, talking)


async def kill_again_and_again(room: ControlRoom) -> None:
    """Kill it twenty times, then let it be."""
    chance = random.Random(3)
    early = [True] * EARLY + [False] * (KILLS - 1 - EARLY)
    chance.shuffle(early)
    room.kill()
    began = time.monotonic()
    await room.start()
    start_s, ready = time.monotonic() - began, 1
    for while_starting in early:
        if while_starting:
            room.kill()
            room.launch()
            await asyncio.sleep(chance.uniform(0, 0.8) * start_s)
            ready += await room.ready()
        else:
            room.kill()
            await room.start()
            ready += 1
            await asyncio.sleep(chance.uniform(0, 1.0))
    room.kill()
    await room.start()
    assert ready <= KILLS - KILLS // 2, f"{ready} of {KILLS} kills came after the start"


async def asked_again_from_the_same_node(room: ControlRoom, callers: list[Caller]) -> None:
    for record in await records_of(room, callers):
        assert (record.keys, record.destination) == ("4", "tips")
        for commands in await resumed(room, record):
            (asked,) = (command for command in commands if isinstance(command, Gather))
            assert [prompt.name for prompt in asked.prompts] == ["main"]


async def kept_waiting(room: ControlRoom, callers: list[Caller]) -> None:
    """In their order of arrival, as operators came free; until then they heard that they wait."""
    records = await records_of(room, callers)
    assert [record.outcome for record in records] == ["answered"] * QUEUED
    arrived = [record.arrived_at or 0 for record in records]
    answered = [record.answered_at or 0 for record in records]
    assert (sorted(arrived), sorted(answered)) == (arrived, answered)
    for record in records:
        for commands in await resumed(room, record):
            assert any(isinstance(command, Hold) for command in commands), commands


async def kept_talking(room: ControlRoom, callers: list[Caller]) -> None:
    """With the same operator, and every second of it in one recording."""
    for record in await records_of(room, callers):
        assert (record.outcome, record.failures) == ("answered", ())
        (operator,) = record.operators
        for commands in await resumed(room, record):
            connected = [command for command in commands if isinstance(command, Connect)]
            assert [command.operator for command in connected] == [operator]
        await until_all(room, callers, lambda record: bool(record.recordings), "recordings are linked")
        (linked,) = record.recordings
        recording = listen(Path(linked["path"]))
        assert abs(recording.seconds - record.talked_s) < BEGINS_S
        heard = recording.prominence_db(TONE, [])
        second = round(1 / WINDOW_S)
        loudest = [max(heard[at : at + second]) for at in range(second, len(heard) - second, second)]
        assert min(loudest) >= TONE_DB, [round(each) for each in loudest]


async def resumed(room: ControlRoom, record: CallRecord) -> list[tuple[Command, ...]]:
    """What the call said each time that it was taken up again.

    A start that was killed soon did not come as far, or not as far as to write it down.
    """
    turns = await room.turns(record.call_id)
    again = [turn.commands for turn in turns if isinstance(turn.event, Resumed)]
    assert 3 <= len(again) <= KILLS
    return again
