"""Where the time goes: a sampling profiler of this process, by the part of the program that was running.

It asks every few milliseconds of processor time which line runs, so that, unlike with `cProfile`, a program
of many small calls is not bent by being watched. Each answer weighs as much as the time since the one before,
as Python gives none in the middle of a long call into a library. A library's time counts for the part of
Vagtcentral that called it, time in collecting garbage for `garbage collection`.
"""

import gc
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

#: Asked for; a kernel gives no more than its clock ticks, often 4 ms.
INTERVAL_S = 0.001
GARBAGE = "garbage collection"
ELSE = "the benchmark's switch and loop"

#: Parts by the module that was running, most specific first.
PARTS: Mapping[str, str] = {
    "vagtcentral.location.ground": "location: exact geometry",
    "vagtcentral.location": "location: messages, raster, decision",
    "vagtcentral.ivr.whereabouts": "location: messages, raster, decision",
    "vagtcentral.menus": "menu walk",
    "vagtcentral.ivr.call": "call machine",
    "vagtcentral.ivr.line": "call machine",
    "vagtcentral.ivr.legs": "call machine",
    "vagtcentral.ivr.errand": "call machine",
    "vagtcentral.ivr.dispatch": "dispatch",
    "vagtcentral.ivr.room": "room",
    "vagtcentral.ivr.carrier": "room",
    "vagtcentral.sim.agenda": "agenda and timers",
    "vagtcentral.sim.virtual": "agenda and timers",
    "vagtcentral.sim": "the benchmark's switch and loop",
    "vagtcentral": "other parts of Vagtcentral",
}


class Sampler:
    """Counts, while it is entered, the seconds spent in each part and on each line by the main thread."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = defaultdict(float)
        self.lines: dict[str, float] = defaultdict(float)
        self._last = 0.0
        self._started = 0.0
        self._collecting = False

    def __enter__(self) -> "Sampler":
        gc.callbacks.append(self._garbage)
        self._last = time.process_time()
        self._before: Any = signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_S, INTERVAL_S)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)
        gc.callbacks.remove(self._garbage)

    def _garbage(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._started = time.process_time()
            self._collecting = True
        else:
            self._collecting = False
            spent = time.process_time() - self._started
            self.parts[GARBAGE] += spent
            self._last += spent

    def _sample(self, _: int, frame: FrameType | None) -> None:
        if self._collecting:
            return
        now = time.process_time()
        spent, self._last = now - self._last, now
        while frame is not None:
            module = frame.f_globals.get("__name__", "")
            # A dataclass' own methods are made from text; they count for whoever called them.
            if module.startswith(("vagtcentral", "benchmarks.")) and frame.f_code.co_filename != "<string>":
                self.parts[part_of(module)] += spent
                self.lines[f"{module}:{frame.f_lineno}"] += spent
                return
            frame = frame.f_back
        self.parts[ELSE] += spent


def part_of(module: str) -> str:
    """The part of the program that a module belongs to."""
    name = module
    while name:
        if name in PARTS:
            return PARTS[name]
        name = name.rpartition(".")[0]
    return ELSE


def sampled(run: Callable[[], object], times: int = 1) -> Sampler:
    """Run something under a sampler, several times over for more samples."""
    sampler = Sampler()
    for _ in range(times):
        with sampler:
            run()
    return sampler


def breakdown(seconds: Mapping[str, float]) -> list[tuple[str, float]]:
    """Each part's or line's share of the whole, greatest first."""
    whole = sum(seconds.values()) or 1.0
    return sorted(((name, spent / whole) for name, spent in seconds.items()), key=lambda one: -one[1])
