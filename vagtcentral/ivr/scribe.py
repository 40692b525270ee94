"""Writes what happens to calls into the journal, and keeps what it does not take.

What follows from a turn waits until it is durable, as long as the journal is well. A caller must not pay for
one that is ill: then nobody waits for it, and what is unwritten is tried again beside the calls.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress

from vagtcentral.ivr.clock import Alarm, Clock
from vagtcentral.ivr.events import Event
from vagtcentral.ivr.journal import Journal, Turn
from vagtcentral.ivr.kinds import kind_of

log = logging.getLogger(__name__)

#: The longest that a call waits for a journal that was well until now, in real seconds: a caller must not
#: hear nothing for longer, and a disk under load takes some hundredths.
PATIENCE_S = 1.0

#: How long after a failure the journal is tried again; twice as long after each further one, up to this.
RETRY_MS, LONGEST_RETRY_MS = 1_000, 60_000

#: The longest that the end of the program waits, in real seconds: twice as long as the store waits for a
#: lock, and more.
LAST_TRY_S = 15.0


class Scribe:
    """One writer for each call that has something unwritten, and one alarm that tries again for all of them.

    What there is of a call is written in its order, and handed over anew only when the journal has refused
    it: an append that is merely slow goes on.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._unwritten: dict[str, list[Turn | Event]] = {}  # an event that is no turn: it came after the end
        self._writers: dict[str, asyncio.Task[None]] = {}
        self._refused: set[str] = set()  # calls that wait for the next try
        self._silent = self._refusing = False  # each until something is written again
        self._retry: tuple[int, Alarm] | None = None
        self._pause_ms = RETRY_MS

    @property
    def well(self) -> bool:
        """Whether the journal takes what happens, and nothing is left that it has refused."""
        return not self._silent and not self._refused

    async def write(self, turn: Turn) -> None:
        """Write a turn, after all earlier ones of its call.

        Returns when it is durable, or when it would be wrong to wait longer: it is kept then.
        """
        writer = self._take(turn.call_id, turn)
        if writer is None or self._silent:
            return
        await asyncio.wait([writer], timeout=PATIENCE_S)
        if not writer.done() and not self._silent:
            self._silent = True
            log.error("call %s: the journal does not answer; calls go on without waiting", turn.call_id)

    def write_late(self, call_id: str, event: Event) -> None:
        """Write what became known of a call that is over, after all its turns; nobody waits for that."""
        self._take(call_id, event)

    async def settled(self) -> None:
        """Wait until nothing is being written."""
        while self._writers:
            await asyncio.wait(self._writers.values())

    async def close(self) -> None:
        """Try once more what is unwritten; what the journal does not take now is lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_TRY_S):
                await self.settled()
                self._try_again()
                await self.settled()
        self._call_off_retry()
        if self._unwritten:
            log.error("the journal does not have the last turns of %d calls", len(self._unwritten))

    # ------------------------------------------------------------------------------------------

    def _take(self, call_id: str, one: Turn | Event) -> asyncio.Task[None] | None:
        """Who writes it now; None where it is left to the next try."""
        self._unwritten.setdefault(call_id, []).append(one)
        if call_id in self._refused:
            self._set_retry(self._clock.now() + RETRY_MS)
            return None
        return self._writers.get(call_id) or self._begin(call_id)

    def _begin(self, call_id: str) -> asyncio.Task[None]:
        writer = self._writers[call_id] = asyncio.get_running_loop().create_task(self._write_all(call_id))
        return writer

    async def _write_all(self, call_id: str) -> None:
        """Write what there is of a call, and what is added meanwhile."""
        unwritten = self._unwritten[call_id]
        try:
            while unwritten:
                written = await self._write_first(call_id, unwritten)
                del unwritten[:written]
        except Exception as error:
            self._has_refused(call_id, error)
        else:
            del self._unwritten[call_id]
            self._refused.discard(call_id)
        finally:
            del self._writers[call_id]

    async def _write_first(self, call_id: str, unwritten: Sequence[Turn | Event]) -> int:
        """Write the turns that come first, else the one event; how many are done with then."""
        first = unwritten[0]
        if isinstance(first, Turn):
            turns = _leading_turns(unwritten)
            await self._journal.append(turns)
            self._has_written()
            return len(turns)
        if await self._journal.append_late(call_id, first):
            self._has_written()
        else:
            log.warning("call %s: %s for a call that is not known, ignored", call_id, kind_of(type(first)))
        return 1

    def _has_written(self) -> None:
        if self._silent or self._refusing:
            self._silent = self._refusing = False
            log.warning("the journal is written again")
            self._try_again()  # or the others would wait for the end of a long pause

    def _has_refused(self, call_id: str, error: Exception) -> None:
        """A call that is refused again says nothing new: it may be the fault of its own turns."""
        if call_id not in self._refused:
            trace = None if self._refusing else error
            log.error(
                "call %s: the journal failed; what it refused is kept: %s", call_id, error, exc_info=trace
            )
            self._refused.add(call_id)
            self._refusing = True
            self._pause_ms = RETRY_MS
        self._set_retry(self._clock.now() + self._pause_ms)

    def _set_retry(self, due: int) -> None:
        if self._retry is None or due < self._retry[0]:
            self._call_off_retry()
            self._retry = (due, self._clock.call_at(due, self._try_again))

    def _call_off_retry(self) -> None:
        if self._retry is not None:
            self._retry[1].cancel()
            self._retry = None

    def _try_again(self) -> None:
        self._call_off_retry()
        self._pause_ms = min(2 * self._pause_ms, LONGEST_RETRY_MS)
        refused = sorted(self._refused - self._writers.keys())
        if refused:
            log.error("the journal is tried again: it does not have all of %d calls", len(refused))
        for call_id in refused:
            self._begin(call_id)


def _leading_turns(unwritten: Iterable[Turn | Event]) -> list[Turn]:
    turns: list[Turn] = []
    for one in unwritten:
        if not isinstance(one, Turn):
            break
        turns.append(one)
    return turns
