"""Clocks: instants are milliseconds since 1970-01-01 UTC, and a clock can be asked to call back at one."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Alarm(Protocol):
    """A call-back that was asked for and can be called off."""

    def cancel(self) -> None:
        """Do not call back."""
        ...


class Clock(Protocol):
    """Where the controller takes its time from."""

    def now(self) -> int:
        """The instant now."""
        ...

    def call_at(self, due: int, callback: Callable[[], None]) -> Alarm:
        """Call back at `due`, at once if that is past."""
        ...


class WallClock:
    """Real time, or a rehearsal of it: begins at `start` and runs `speed` times as fast as real time."""

    def __init__(self, start: int | None = None, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError(f"speed {speed}: must be above 0")
        self._start = time.time_ns() // 1_000_000 if start is None else start
        self._speed = speed
        self._began = time.monotonic()

    def now(self) -> int:
        """The instant now."""
        return self._start + int((time.monotonic() - self._began) * 1000 * self._speed)

    def call_at(self, due: int, callback: Callable[[], None]) -> Alarm:
        """Call back at `due` from the running event loop, at once if that is past."""
        seconds = (due - self._start) / 1000 / self._speed - (time.monotonic() - self._began)
        return asyncio.get_running_loop().call_later(max(0.0, seconds), callback)
