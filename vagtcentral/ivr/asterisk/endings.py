"""What is to end on the switch, tried until it has: nobody is kept on a line on which nobody else is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence

from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_errors import AriError, Closed, NotFound
from vagtcentral.ivr.asterisk.names import read_id

log = logging.getLogger(__name__)


class Endings:
    """Ends channels and bridges. Who asks waits for the first attempt only; the others go on beside him."""

    def __init__(self, switch: AriCommands, waits_s: Sequence[float]) -> None:
        self._switch = switch
        self._waits_s = waits_s
        self._tried: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def hang_up(self, channel: str) -> None:
        """End a channel; that it is gone already is as good."""
        await self._end(channel, self._switch.hangup)

    async def destroy(self, bridge: str) -> None:
        """End a bridge; that it is gone already is as good."""
        await self._end(bridge, self._switch.destroy_bridge)

    def hang_up_soon(self, channel: str) -> None:
        """End a channel without waiting for it."""
        self._begin(self.hang_up(channel))

    def destroy_soon(self, bridge: str) -> None:
        """End a bridge without waiting for it."""
        self._begin(self.destroy(bridge))

    async def close(self) -> None:
        """Try no more: the next start finds what is left over."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _end(self, thing: str, end: Callable[[str], Awaitable[None]]) -> None:
        if thing in self._tried:
            return
        try:
            await end(thing)
        except (NotFound, Closed):
            pass
        except AriError as error:
            log.warning("call %s: cannot be ended, trying again: %s", read_id(thing).call_id, error)
            self._tried.add(thing)
            self._begin(self._persist(thing, end, error))

    async def _persist(self, thing: str, end: Callable[[str], Awaitable[None]], failure: AriError) -> None:
        try:
            for wait_s in self._waits_s:
                await asyncio.sleep(wait_s)
                try:
                    await end(thing)
                except (NotFound, Closed):
                    return
                except AriError as error:
                    failure = error
                else:
                    return
            log.error("call %s: left on the switch for good: %s", read_id(thing).call_id, failure)
        finally:
            self._tried.discard(thing)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
