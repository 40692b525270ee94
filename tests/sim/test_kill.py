"""The demo in real time is killed at random moments, fifty times; the journal stays whole each time."""

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from vagtcentral.evaluation.codec import encode_commands
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.carrier import carrier_commands

KILLS = 50
AT_ONCE = 4
ROOT = Path(__file__).parents[2]


def wait_for_bytes(witness: Path, size: int) -> None:
    """Return the very moment at which the witness has seen so much: a turn's commands are just going out."""
    give_up = time.monotonic() + 20
    while os.stat(witness).st_size < size and time.monotonic() < give_up:
        pass


async def killed_demo(folder: Path, speed: float, seconds: float, size: int) -> None:
    """Start a demo; kill it some time after its first command, or when its witness has `size` bytes."""
    store, witness = folder / "store.sqlite", folder / "witness.jsonl"
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.sim.live_demo", str(store), str(witness), str(speed), cwd=ROOT
    )
    try:
        async with asyncio.timeout(60):
            while not (witness.exists() and witness.stat().st_size) and demo.returncode is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        if size:
            await asyncio.to_thread(wait_for_bytes, witness, size)
        else:
            await asyncio.sleep(seconds)
    finally:
        if demo.returncode is None:
            demo.send_signal(signal.SIGKILL)
        status = await demo.wait()
    assert status == -signal.SIGKILL, f"the demo ended by itself with {status} before it was killed"


async def check_store(folder: Path) -> int:
    """Hold the journal against the witness; returns how many turns the journal has."""
    seen: dict[str, list[str]] = {}
    # The kill may tear the last line.
    whole, _, _torn = (folder / "witness.jsonl").read_text().rpartition("\n")
    for line in whole.splitlines():
        call_id, _, commands = json.loads(line)
        seen.setdefault(call_id, []).append(commands)
    kept = 0
    async with await Store.open(folder / "store.sqlite", create=False) as store:
        assert await store.check() == []
        for call_id in await store.call_ids():
            turns = await store.read_turns(call_id)
            assert [turn.seq for turn in turns] == list(range(1, len(turns) + 1))
            acted = [encode_commands(carrier_commands(turn.commands)) for turn in turns]
            witnessed = seen.pop(call_id, [])
            assert acted[: len(witnessed)] == witnessed
            kept += len(turns)
    assert seen == {}, "commands went out for calls that the journal does not know"
    return kept


@pytest.mark.slow
async def test_no_event_that_led_to_a_command_is_missing_after_fifty_kills(tmp_path: Path) -> None:
    chance = random.Random(112)
    gate = asyncio.Semaphore(AT_ONCE)
    kept = []

    async def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        speed = chance.choice([1, 5, 20, 60])
        # Half of them at any moment, half just as commands go out; a whole demo leaves 50 kB of witness.
        size = chance.randint(1, 44_000) if number % 2 else 0
        async with gate:
            await killed_demo(folder, 100 if size else speed, chance.uniform(0, 1.5), size)
            kept.append(await check_store(folder))

    async with asyncio.TaskGroup() as group:
        for number in range(KILLS):
            group.create_task(one(number))
    assert len(kept) == KILLS
    assert max(kept) > 100, "the kills came too early to prove anything"
    assert len(set(kept)) > 10, "the kills came at the same moment"
