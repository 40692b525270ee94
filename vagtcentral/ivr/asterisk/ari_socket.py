"""One connection of the socket of events, from its opening to its end."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Self

import aiohttp
from yarl import URL

from vagtcentral.ivr.asterisk.ari_decode import EventReader
from vagtcentral.ivr.asterisk.ari_errors import AriError, Unreachable, error_of
from vagtcentral.ivr.asterisk.ari_events import ApplicationReplaced, AriEvent
from vagtcentral.ivr.asterisk.ari_rest import SocketRest, reason_of
from vagtcentral.ivr.asterisk.ari_settings import AriTiming

log = logging.getLogger(__name__)

#: A list of a thousand channels is an answer of 1 MB.
_LARGEST = 64 * 2**20


class EventSocket:
    """Reads and keeps events until `let_through` says where they go; then passes each on as it comes.

    `doubtful` is set when a message came that cannot be read, and so may have told anything.
    """

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, reader: EventReader, timing: AriTiming
    ) -> None:
        self._socket = socket
        self._reader = reader
        self._heartbeat_s = timing.heartbeat_s
        self._kept: deque[AriEvent] = deque()
        self._deliver: Callable[[AriEvent], None] = self._kept.append
        self._heard_at = 0
        self._broken = False
        self._deaf_since = 0
        self.replaced = False
        self.doubtful = asyncio.Event()
        self.rest = SocketRest(socket.send_str, timing.request_s)

    @classmethod
    async def open(
        cls, session: aiohttp.ClientSession, base: URL, app: str, reader: EventReader, timing: AriTiming
    ) -> Self:
        """Connect as application `app`. Raises `AriError`."""
        url = base / "events" % {"app": app, "subscribeAll": "false"}
        failure: AriError  # raised outside the handlers: the exceptions of aiohttp hold the credentials
        try:
            socket = await session.ws_connect(
                url,
                heartbeat=timing.heartbeat_s,
                max_msg_size=_LARGEST,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
            )
            return cls(socket, reader, timing)
        except aiohttp.WSServerHandshakeError as error:
            failure = error_of(error.status, "GET", "events", error.message)
        except TimeoutError:
            failure = Unreachable("GET", "events", "no answer in time", maybe_done=False)
        except (aiohttp.ClientError, OSError) as error:
            failure = Unreachable("GET", "events", reason_of(error), maybe_done=False)
        raise failure

    def let_through(self, deliver: Callable[[AriEvent], None]) -> None:
        """Give the events kept so far to `deliver`, then each further one."""
        while self._kept:
            deliver(self._kept.popleft())
        self._deliver = deliver

    def keep(self) -> None:
        """Keep events again until `let_through`."""
        self._deliver = self._kept.append

    async def listen(self, now: Callable[[], int], seen: Callable[[AriEvent], bool]) -> str:
        """Read until the connection ends or another program has taken our place; why it ended.

        Each event is shown to `seen` at once, and kept or passed on only if that says false.
        """
        while not self.replaced:
            message = await self._socket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                self._heard_at = now()
                lost = self._reader.lost
                read = self._reader.read(message.data)
                if self._reader.lost > lost:
                    self.doubtful.set()
                if isinstance(read, AriEvent):
                    if not seen(read):
                        self._deliver(read)
                    self.replaced = isinstance(read, ApplicationReplaced)
                elif read is not None:
                    self.rest.take(read)
            elif message.type is aiohttp.WSMsgType.BINARY:
                log.warning("%d bytes that are not text from the switch, ignored", len(message.data))
                self.doubtful.set()
            else:
                return self._why(message)
        return "replaced"

    def _why(self, message: aiohttp.WSMessage) -> str:
        if message.type is aiohttp.WSMsgType.CLOSE:
            return f"closed by the switch (code {message.data})"
        error = self._socket.exception()
        if self._deaf_since:
            return "no events come over it"
        self._broken = error is not None
        if isinstance(error, TimeoutError):
            return f"no sign of life for {1.5 * self._heartbeat_s:.1f} s"
        return reason_of(error) if error else "closed"

    def silent_since(self, now: int) -> int:
        """The instant from which on something may have been missed.

        After an orderly end that is `now`; after missed heartbeats the last message, or the last moment at
        which the switch must have been there, whichever is later; of a deaf connection the last message.
        """
        if self._deaf_since:
            return self._deaf_since
        if not self._broken:
            return now
        return max(self._heard_at, now - round(self._heartbeat_s * 1500))

    async def give_up(self) -> None:
        """It brings no events: end it."""
        self._deaf_since = self._heard_at
        await self.close()

    async def close(self) -> None:
        """End the connection; whoever waits for an answer over it is told."""
        self.rest.close()
        await self._socket.close()
