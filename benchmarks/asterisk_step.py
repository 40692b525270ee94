"""One step of the benchmark: calls at one rate through the menu into the queue, by one of the two answers."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks.asterisk_ears import Ear
from benchmarks.asterisk_stage import Stage
from tests.asterisk.sipp import MEDIA_PORT, MEDIA_PORTS, Placed, place_calls
from tests.asterisk.switch import cpu_seconds
from tests.asterisk.switch_records import SwitchCall, disagreements, switch_calls

#: Report something; theft; where it happened. By ms since the answer: each prompt may be 1.2 s late.
KEYS = {2000: "1", 3000: "1", 4000: "8", 4300: "0", 4600: "0", 4900: "0"}
STAY_MS = 7_500
#: The same for those who wait to hear the question. With the last prompt they are in the queue.
WAY = {"main": "1", "report": "1", "where-it-happened": "8000", "putting-through": ""}
PRESSED = "118000"

#: How many callers a second have ears, where that is not more than half of them.
EARS_PER_SECOND = 10
#: A rate at which more than one in a hundred waits longer than this for the next prompt does not hold.
SLOWEST_MS = 500
#: How long right records are waited for after the last call.
_PATIENCE_S = 10


class Side(StrEnum):
    """Who answers: its number on the switch."""

    ROOM = "114"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Step:
    """What was measured. Processor times are in ms for each call.

    `busy` is the share of all processors that was in use, `others` that of programs that have nothing to do
    with the calls. `next_prompt_ms` has the times from a key let go to the first packet of the next prompt,
    as callers with ears heard it. `failures` counts the calls by what went wrong with them.
    """

    side: Side
    rate: float
    calls: int
    failures: Mapping[str, int]
    next_prompt_ms: Sequence[float]
    room_ms: float
    switch_ms: float
    busy: float
    others: float

    @property
    def holds(self) -> bool:
        """Whether every call went as it should, and callers did not wait for their prompts."""
        return not self.failures and self.percentile(99) <= SLOWEST_MS

    def percentile(self, percent: float) -> float:
        """The time to the next prompt that so many percent of the keys did not exceed, in ms."""
        ordered = sorted(self.next_prompt_ms) or [float("inf")]
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


async def run_step(stage: Stage, side: Side, rate: float, seconds: float, first: int, folder: Path) -> Step:
    """Place calls for so many seconds, from numbers that count up from `first`, and judge each of them."""
    calls = round(rate * seconds)
    numbers = [str(first + n) for n in range(calls)]
    with_ears = round(min(EARS_PER_SECOND, rate / 2) * seconds)
    with ExitStack() as stack:
        ears = [stack.enter_context(Ear(WAY)) for _ in range(with_ears)]
        before = _times(stage)
        placed = await asyncio.gather(
            _place(stage, side, numbers[with_ears:], seconds, folder / "others", ()),
            _place(stage, side, numbers[:with_ears], seconds, folder / "ears", [ear.port for ear in ears]),
        )
        after = _times(stage)
    failures = {
        "signalling": calls - sum(one.successful for one in placed),
        "prompt not heard": sum(not ear.arrived for ear in ears),
    }
    failures |= await _record_failures(stage, side, set(numbers))
    spent = after.since(before)
    everything = spent.working + spent.idle
    return Step(
        side,
        rate,
        calls,
        {what: count for what, count in failures.items() if count},
        [ms for ear in ears for ms in ear.next_prompt_ms],
        1000 * spent.room / calls,
        1000 * spent.switch / calls,
        spent.working / everything,
        max(0.0, spent.working - spent.room - spent.switch - spent.callers) / everything,
    )


async def _place(
    stage: Stage, side: Side, numbers: Sequence[str], seconds: float, folder: Path, ears: Sequence[int]
) -> Placed:
    return await place_calls(
        stage.switch.written.sip,
        side.value,
        numbers,
        rate=len(numbers) / seconds,
        keys={} if ears else KEYS,
        stay_ms=STAY_MS,
        folder=folder,
        media_port=MEDIA_PORT + (MEDIA_PORTS if ears else 0),
        ears=ears,
    )


@dataclass(frozen=True, slots=True)
class _Spent:
    """Processor seconds: of the control room, the switch, SIPp and this program; all at work, and idle."""

    room: float
    switch: float
    callers: float
    working: float
    idle: float

    def since(self, before: "_Spent") -> "_Spent":
        return _Spent(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))


def _times(stage: Stage) -> _Spent:
    ticks = os.sysconf("SC_CLK_TCK")
    every = [int(field) / ticks for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle = every[3] + every[4]
    here = os.times()
    callers = here.user + here.system + here.children_user + here.children_system
    return _Spent(cpu_seconds(stage.room.pid), stage.switch.cpu_seconds(), callers, sum(every) - idle, idle)


async def _record_failures(stage: Stage, side: Side, numbers: set[str]) -> dict[str, int]:
    """What is wrong with the calls' records; those may come a moment after the calls."""
    judge = _room_failures if side is Side.ROOM else _plain_failures
    until = time.monotonic() + _PATIENCE_S
    while True:
        failures = await judge(stage, numbers)
        if not any(failures.values()) or time.monotonic() > until:
            return failures
        await asyncio.sleep(0.5)


async def _room_failures(stage: Stage, numbers: set[str]) -> dict[str, int]:
    records = [record for record in await stage.room.records() if record.caller in numbers]
    closed = [record for record in records if record.ended_at is not None]
    right = ("theft", PRESSED, "abandoned_in_queue")
    wrong = sum((record.destination, record.keys, record.outcome) != right for record in closed)
    return {
        "no closed record": len(numbers) - len(closed),
        "wrong record": wrong,
        "not as the switch says": len(disagreements(records, _calls_of(stage, numbers))),
    }


async def _plain_failures(stage: Stage, numbers: set[str]) -> dict[str, int]:
    calls = _calls_of(stage, numbers)
    wrong = sum(call.mark != PRESSED for call in calls.values())
    return {"no call record": len(numbers) - len(calls), "wrong keys": wrong}


def _calls_of(stage: Stage, numbers: set[str]) -> dict[str, SwitchCall]:
    calls = switch_calls(stage.switch.written.call_records)
    return {call_id: call for call_id, call in calls.items() if call.caller in numbers}
