"""Many calls a second through a real Asterisk: nothing is lost, and the switch tells the same story."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.asterisk import as_json, table
from benchmarks.asterisk_stage import stage
from benchmarks.asterisk_step import WAY, Side, Step, run_step
from tests.asterisk.ports import free_port
from tests.asterisk.serving import ControlRoom
from tests.asterisk.sipp import operator_phone, place_calls
from tests.asterisk.studio import record_in_studio
from tests.asterisk.switch import Switch
from tests.asterisk.switch_records import disagreements, switch_calls
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.menus.load import shipped_menu, shipped_names

CALLS, PER_SECOND = 300, 30
#: Report something; theft; where it happened. By ms since the answer: greeting and welcome last 0.8 s.
KEYS = {2000: "1", 3000: "1", 4000: "8", 4300: "0", 4600: "0", 4900: "0"}
#: One in fifteen is patient. If all gave up after the same time, operators would only ring in vain for those
#: who have waited longest.
STAYS_MS = [13_500 if number % 15 == 0 else 7_500 for number in range(CALLS)]
OPERATORS = ("anna", "bo")


async def test_300_calls_at_30_a_second_to_a_busy_queue_have_the_records_that_the_switch_has(
    make_switch: Callable[..., Switch], tmp_path: Path
) -> None:
    prompts = record_in_studio(tmp_path / "audio", map(shipped_menu, shipped_names()))
    port = free_port()
    phones = tuple(OperatorPhone(name=name, contact=f"127.0.0.1:{port}") for name in OPERATORS)
    switch = make_switch(prompt_folders=(prompts.folder,), operators=phones)
    staff: list[dict[str, Any]] = [
        {"name": name, "skills": ["theft"], "endpoint": f"PJSIP/{name}"} for name in OPERATORS
    ]
    room = ControlRoom(tmp_path / "room", switch, staff, prompts.folder, studio=prompts.studio, wrap_up_s=1)
    numbers = [f"45{20_000_000 + n}" for n in range(CALLS)]
    await room.start()
    try:
        async with operator_phone(tmp_path / "operators", port, "brief_operator"):
            placed = await place_calls(
                switch.written.sip, "114", numbers,
                rate=PER_SECOND, keys=KEYS, stay_ms=STAYS_MS, folder=tmp_path / "callers",
            )  # fmt: skip
            assert (placed.successful, placed.failed) == (CALLS, 0), placed.complaint
            records = await room.until_closed(CALLS, 10)
    finally:
        room.stop()
    assert sorted(record.caller or "" for record in records) == numbers
    assert {(record.keys, record.destination) for record in records} == {("118000", "theft")}
    outcomes = Counter(record.outcome for record in records)
    assert outcomes.keys() == {"answered", "abandoned_in_queue"}
    assert outcomes["answered"] >= 3 * len(OPERATORS), outcomes
    assert disagreements(records, switch_calls(switch.written.call_records)) == []
    assert await room.findings() == []
    assert switch.complaints() == []


async def test_the_benchmark_measures_both_sides(tmp_path: Path) -> None:
    steps = []
    async with stage(tmp_path) as here:
        for first, side in enumerate(Side):
            folder = tmp_path / side
            folder.mkdir()
            steps.append(await run_step(here, side, 8, 2, 20_000_000 + 100 * first, folder))
    for step in steps:
        assert (step.calls, step.failures) == (16, {})
        assert len(step.next_prompt_ms) == 8 * (len(WAY) - 1)
        assert step.switch_ms > 1
        assert 0 <= step.others < step.busy <= 1
    room, plain = steps
    assert room.room_ms > 2 * plain.room_ms, "only the control room's own calls cost it time"


def test_a_rate_with_a_failed_call_or_late_prompts_does_not_hold() -> None:
    def step(failures: dict[str, int], next_prompt_ms: list[float]) -> Step:
        return Step(Side.ROOM, 30, 300, failures, next_prompt_ms, 10, 20, 0.5, 0.1)

    prompt = [5.0] * 98
    assert step({}, [*prompt, 499.0, 499.0]).holds
    assert not step({}, [*prompt, 501.0, 501.0]).holds
    assert not step({"signalling": 1}, prompt).holds
    assert not step({}, []).holds, "nothing was measured"
    assert step({}, [*prompt, 7.0, 9.0]).percentile(50) == pytest.approx(5.0)
    steps = [step({}, prompt), replace(step({"signalling": 1}, prompt), rate=50)]
    assert "does not hold: 1 signalling" in table(steps)
    assert "control room: holds up to 30 calls/s\nplain dialplan: no rate held" in table(steps)
    assert as_json(steps)["highest"] == {"control room": 30, "plain dialplan": None}
