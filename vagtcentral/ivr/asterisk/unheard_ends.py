"""Prompts of whose end nothing is heard: the switch is asked, so that no caller waits on in silence.

Nothing else would notice: while a prompt plays no timer of the call runs, since its length is the switch's
affair. Asterisk 22 may lose a prompt without an event (`docs/ari.md`).
"""

import asyncio
import logging
from collections.abc import Callable, Set

from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_errors import AriError, NotFound
from vagtcentral.ivr.asterisk.names import read_id

log = logging.getLogger(__name__)


class UnheardEnds:
    """Looks every `look_s` seconds after the prompts that are `waited_for` since the look before.

    `ended` is told of one that the switch does not have any more (`done`), or that it has never begun
    (`failed`): a prompt waits behind no other, so by then it was lost on its way.
    """

    def __init__(
        self,
        switch: AriCommands,
        waited_for: Callable[[], Set[str]],
        ended: Callable[[str, str], None],
        look_s: float,
    ) -> None:
        self._switch = switch
        self._waited_for = waited_for
        self._ended = ended
        self._look_s = look_s
        self._task: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Look from now on."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _watch(self) -> None:
        before: Set[str] = frozenset()
        while True:
            await asyncio.sleep(self._look_s)
            try:
                for playback in sorted(before & self._waited_for()):
                    await self._look_at(playback)
            except AriError as error:
                log.info("whether prompts play cannot be asked: %s", error)
            before = self._waited_for()

    async def _look_at(self, playback: str) -> None:
        try:
            state = "" if (await self._switch.playback(playback)).state != "queued" else "failed"
        except NotFound:
            state = "done"
        if state and playback in self._waited_for():
            log.warning("call %s: the switch did not tell the end of a prompt", read_id(playback).call_id)
            self._ended(playback, state)
