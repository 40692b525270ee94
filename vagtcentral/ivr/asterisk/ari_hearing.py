"""Whether events reach us at all: a connection can be up, answer pings and requests, and yet bring none.

Seen with Asterisk 22.10 in 12 of 450 reconnections made at once after a loss: while the old connection was
being tidied up, the application was taken from the new one, which stayed deaf. No other sign shows it, so an
event is sent through the switch to ourselves.
"""

import asyncio
from itertools import count

from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_events import AriEvent, ChannelUserevent
from vagtcentral.ivr.asterisk.ari_repeat import Repeat
from vagtcentral.ivr.asterisk.ari_rest import path

_PREFIX = "vagtcentral-hearing-"


class Hearing:
    """The test of one connection after the other: we call, and must hear it."""

    def __init__(self, switch: AriCommands) -> None:
        self._switch = switch
        self._marks = count(1)
        self._mark = ""
        self._heard = asyncio.Event()
        self._events = 0

    def take(self, event: AriEvent) -> bool:
        """Every event is shown here first; true of our own call, which is for nobody else."""
        self._events += 1
        if not isinstance(event, ChannelUserevent) or not event.name.startswith(_PREFIX):
            return False
        if event.name == self._mark:
            self._heard.set()
        return True

    async def works(self, within_s: float) -> bool:
        """Call, and say whether the call was heard. Raises `AriError` if the request itself fails."""
        self._mark = f"{_PREFIX}{next(self._marks)}"
        self._heard.clear()
        where = path("events", "user", self._mark)
        query = {"application": self._switch.app}
        await self._switch.request("POST", where, query=query, repeat=Repeat.FREELY)
        try:
            async with asyncio.timeout(within_s):
                await self._heard.wait()
        except TimeoutError:
            return False
        return True

    async def until_deaf(self, every_s: float, within_s: float) -> None:
        """Return when a call was not heard. There is none while other events come. Raises `AriError`."""
        while True:
            before = self._events
            await asyncio.sleep(every_s)
            if self._events == before and not await self.works(within_s) and self._events == before:
                return
