"""The position that came in a call's signalling (PIDF-LO, RFC 6442), as the switch has understood it."""

import asyncio
import logging

from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_errors import AriError
from vagtcentral.ivr.asterisk.calls import AsteriskCalls
from vagtcentral.ivr.clock import Clock
from vagtcentral.ivr.events import LocationForm, LocationReceived

log = logging.getLogger(__name__)

GEOLOC = "GEOLOC_PROFILE(location_info)"
GEOLOC_CONFIDENCE = "GEOLOC_PROFILE(confidence)"


class SignalledLocation:
    """Asks the switch for it, beside everything else that happens to the call."""

    def __init__(self, switch: AriCommands, calls: AsteriskCalls, clock: Clock) -> None:
        self._switch = switch
        self._calls = calls
        self._clock = clock
        self._looking: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Wait for what is still being looked up."""
        if self._looking:
            await asyncio.wait(self._looking)

    def look_for(self, channel: str) -> None:
        """Tell the caller's call where he is, if his channel says so."""
        task = asyncio.get_running_loop().create_task(self._read(channel))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _read(self, channel: str) -> None:
        try:
            words = await self._switch.get_variable(channel, GEOLOC)
            if not words:
                return
            confidence = await self._switch.get_variable(channel, GEOLOC_CONFIDENCE)
        except AriError as error:
            log.warning("call %s: no location with the call: %s", channel, error)
            return
        content = f"{words},{confidence}" if confidence else words
        self._calls.report(channel, LocationReceived(self._clock.now(), LocationForm.GEOLOC, content))
