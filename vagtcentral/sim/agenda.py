"""What is going to happen and when: in virtual time a heap, in real time the event loop."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Protocol

from vagtcentral.ivr.clock import Alarm, Clock


class Agenda(Protocol):
    """Where the simulated people and the simulated switch put down what they will do."""

    def now(self) -> int:
        """The instant now."""
        ...

    def at(self, due: int, action: Callable[[], None]) -> Alarm:
        """Do this at `due`."""
        ...


class Entry:
    """One entry of a virtual agenda; cancelled entries stay in the heap and are skipped."""

    __slots__ = ("action", "given")

    def __init__(self, action: Callable[..., None], given: tuple[Any, ...]) -> None:
        self.action: Callable[..., None] | None = action
        self.given = given

    def cancel(self) -> None:
        """Do not do it."""
        self.action = None


class VirtualAgenda:
    """Virtual time: a heap of actions, and an instant that jumps from one to the next.

    At the same instant, what people and the switch do (`at`) goes before what the control room's timers do
    (`call_at`), because a key pressed at the very deadline counts; otherwise first put down, first done.
    """

    def __init__(self, start: int) -> None:
        self._now = start
        self._heap: list[tuple[int, int, int, Entry]] = []
        self._count = 0

    def now(self) -> int:
        """The instant now."""
        return self._now

    def at(self, due: int, action: Callable[..., None], *given: Any) -> Entry:
        """Do this, with what is given, at `due`, before any timer of the same instant."""
        self._count += 1
        entry = Entry(action, given)
        heappush(self._heap, (due if due > self._now else self._now, 0, self._count, entry))
        return entry

    def call_at(self, due: int, callback: Callable[..., None], *given: Any) -> Entry:
        """Do this, with what is given, at `due`, after everything else of the same instant."""
        self._count += 1
        entry = Entry(callback, given)
        heappush(self._heap, (due if due > self._now else self._now, 1, self._count, entry))
        return entry

    def step(self) -> bool:
        """Go on to the next entry and do it; False if there is none."""
        heap = self._heap
        while heap:
            due, _, _, entry = heappop(heap)
            action = entry.action
            if action is not None:
                self._now = due
                entry.action = None  # or entry and action keep each other, and with them a whole call, alive
                action(*entry.given)
                return True
        return False


class LiveAgenda:
    """An agenda on a clock that runs by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> int:
        """The instant now."""
        return self._clock.now()

    def at(self, due: int, action: Callable[[], None]) -> Alarm:
        """Do this at `due`."""
        return self._clock.call_at(due, action)
