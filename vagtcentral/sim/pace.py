"""The clock of the simulated switch: real time made faster, at a pace that can be changed while it runs."""

import asyncio
import time
from collections.abc import Callable

#: The paces that can be chosen: so many times as fast as real time.
PACES = (1, 2, 5, 10, 30, 60)


class _Alarm:
    """A call-back that is due; `handle` is its timer in the event loop at the pace of now."""

    __slots__ = ("callback", "clock", "due", "handle")

    def __init__(self, clock: "PacedClock", due: int, callback: Callable[[], None]) -> None:
        self.clock = clock
        self.due = due
        self.callback = callback
        self.handle: asyncio.TimerHandle | None = None

    def cancel(self) -> None:
        """Do not call back."""
        if self.handle is not None:
            self.handle.cancel()
        self.clock.forget(self)


class PacedClock:
    """Begins at `start` (ms since 1970 UTC; None: now) and runs `speed` times as fast as real time."""

    def __init__(self, speed: float = 1.0, start: int | None = None) -> None:
        if not speed > 0:
            raise ValueError(f"speed {speed}: must be above 0")
        self._speed = speed
        self._start = time.time_ns() // 1_000_000 if start is None else start
        self._began = time.monotonic()
        self._alarms: set[_Alarm] = set()

    @property
    def speed(self) -> float:
        """How many times as fast as real time it runs."""
        return self._speed

    def run_at(self, speed: float) -> None:
        """Run so many times as fast from now on; what is due stays due at its instant."""
        if not speed > 0:
            raise ValueError(f"speed {speed}: must be above 0")
        self._start, self._began, self._speed = self.now(), time.monotonic(), speed
        for alarm in self._alarms:
            if alarm.handle is not None:
                alarm.handle.cancel()
            self._arm(alarm)

    def now(self) -> int:
        """The instant now."""
        return self._start + int((time.monotonic() - self._began) * 1000 * self._speed)

    def call_at(self, due: int, callback: Callable[[], None]) -> _Alarm:
        """Call back at `due` from the running event loop, at once if that is past."""
        alarm = _Alarm(self, due, callback)
        self._alarms.add(alarm)
        self._arm(alarm)
        return alarm

    def forget(self, alarm: _Alarm) -> None:
        """It was cancelled."""
        self._alarms.discard(alarm)

    def _arm(self, alarm: _Alarm) -> None:
        seconds = (alarm.due - self._start) / 1000 / self._speed - (time.monotonic() - self._began)
        loop = asyncio.get_running_loop()
        alarm.handle = loop.call_later(max(0.0, seconds), self._ring, alarm)

    def _ring(self, alarm: _Alarm) -> None:
        self._alarms.discard(alarm)
        alarm.callback()


def faster(speed: float) -> int:
    """The next pace above this one; the highest above the highest."""
    return next((pace for pace in PACES if pace > speed), PACES[-1])


def slower(speed: float) -> int:
    """The next pace below this one; the lowest below the lowest."""
    return next((pace for pace in reversed(PACES) if pace < speed), PACES[0])
