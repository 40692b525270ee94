"""Calls a second through a real Asterisk: by the control room, and by a plain dialplan with the same menu.

SIPp places calls with sound both ways (A-law, 50 packets a second) that key three levels of the menu of 114,
join a queue in which nobody is free, and hang up. Rates go up until one does not hold; a rate that fails is
tried once more, as a busy machine may be to blame. Times are measured at the caller's end: from the first
packet that says that a key was let go to the first one of the next prompt. Needs what `tests/asterisk` needs.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.asterisk_stage import Stage, stage
from benchmarks.asterisk_step import Side, Step, run_step
from tests.asterisk.switch import NoSwitchError

#: More than the last are not to be had here: the callers' ports for sound would run out.
RATES = (20.0, 40.0, 80.0, 120.0, 160.0, 200.0, 240.0, 280.0, 320.0)
#: No rate is begun after so long, in minutes.
MINUTES = 10.0
#: Numbers of callers, 8 digits each: every call has its own.
_FIRST_NUMBER = 20_000_000
_NAMES = {Side.ROOM: "control room", Side.PLAIN: "plain dialplan"}


def main() -> int:
    """Run, print a table or one JSON document; 2 where there is no switch to be had."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.asterisk", description=__doc__)
    parser.add_argument("--rates", type=_rates, default=RATES, help="calls a second, upwards, as 10,20,30")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long calls are placed at each rate")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="begin no rate after so long")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    asked = parser.parse_args()
    if asked.seconds < 1:
        parser.error("--seconds is at least 1")
    try:
        steps = asyncio.run(_run(asked.rates, asked.seconds, asked.minutes))
    except (NoSwitchError, FileNotFoundError) as reason:
        print(f"benchmarks.asterisk: {reason}", file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps(as_json(steps), indent=2))
    else:
        print(table(steps))
    return 0


def _rates(text: str) -> tuple[float, ...]:
    rates = tuple(sorted(float(rate) for rate in text.split(",")))
    if rates[0] < 2:
        raise argparse.ArgumentTypeError("rates are at least 2")
    return rates


async def _run(rates: Sequence[float], seconds: float, minutes: float) -> list[Step]:
    with tempfile.TemporaryDirectory(prefix="vagt-bench-") as folder:
        os.chmod(folder, 0o755)  # the switch may run as another user
        async with stage(Path(folder)) as here:
            return await climb(here, rates, seconds, minutes, Path(folder))


async def climb(
    here: Stage, rates: Sequence[float], seconds: float, minutes: float, folder: Path
) -> list[Step]:
    """Both sides at each rate in turns, each until a rate has failed twice. None is begun after `minutes`."""
    enough = time.monotonic() + 60 * minutes
    steps: list[Step] = []
    climbing = list(Side)
    number = _FIRST_NUMBER
    for rate in rates:
        if time.monotonic() > enough:
            print(f"{minutes:g} minutes are over: {rate:g} calls/s and more not tried", file=sys.stderr)
            break
        for side in tuple(climbing):
            for attempt in (1, 2):
                print(f"{_NAMES[side]}, {rate:g} calls/s …", file=sys.stderr)
                own = folder / f"{side}-{rate:g}-{attempt}"
                own.mkdir()
                step = await run_step(here, side, rate, seconds, number, own)
                number += step.calls
                steps.append(step)
                if step.holds:
                    break
            else:
                climbing.remove(side)
    return steps


def highest(steps: Sequence[Step], side: Side) -> float | None:
    """The highest rate that held, None if none did."""
    return max((step.rate for step in steps if step.side is side and step.holds), default=None)


def as_json(steps: Sequence[Step]) -> dict[str, object]:
    """Everything measured, and the machine it was measured on."""
    return {
        "machine": _machine(),
        "highest": {_NAMES[side]: highest(steps, side) for side in Side},
        "steps": [
            {
                "side": _NAMES[step.side],
                "calls_per_s": step.rate,
                "calls": step.calls,
                "holds": step.holds,
                "failures": dict(step.failures),
                "next_prompt_ms": {
                    "count": len(step.next_prompt_ms),
                    "p50": round(step.percentile(50), 1),
                    "p99": round(step.percentile(99), 1),
                },
                "control_room_ms_per_call": round(step.room_ms, 2),
                "switch_ms_per_call": round(step.switch_ms, 2),
                "processors_busy": round(step.busy, 3),
                "busy_with_others": round(step.others, 3),
            }
            for step in steps
        ],
    }


def table(steps: Sequence[Step]) -> str:
    """The steps in columns, then the highest rate of each side."""
    lines = [
        ", ".join(f"{key} {value}" for key, value in _machine().items()),
        "",
        f"{'':<15}{'calls/s':>8}{'calls':>7}{'key to next prompt, ms':>24}"
        f"{'processor ms per call':>25}{'processors busy':>18}",
        f"{'':<30}{'p50':>16}{'p99':>8}{'control room':>15}{'switch':>10}{'all':>9}{'others':>9}",
    ]
    for step in steps:
        failed = ", ".join(f"{count} {what}" for what, count in step.failures.items())
        note = "" if step.holds else f"  does not hold: {failed or 'prompts come too late'}"
        lines.append(
            f"{_NAMES[step.side]:<15}{step.rate:>8g}{step.calls:>7}{step.percentile(50):>16.1f}"
            f"{step.percentile(99):>8.1f}{step.room_ms:>15.1f}{step.switch_ms:>10.1f}{step.busy:>9.0%}"
            f"{step.others:>9.0%}{note}"
        )
    lines.append("")
    for side in Side:
        rate = highest(steps, side)
        tried = max((step.rate for step in steps if step.side is side), default=None)
        held = "no rate held" if rate is None else f"holds up to {rate:g} calls/s"
        lines.append(f"{_NAMES[side]}: {held}{', the highest tried' if rate and rate == tried else ''}")
    return "\n".join(lines)


def _machine() -> dict[str, str | int | None]:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"cores": os.cpu_count(), "architecture": platform.machine(), "python": python}


if __name__ == "__main__":
    sys.exit(main())
