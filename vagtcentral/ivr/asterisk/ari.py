"""The connection to Asterisk: one socket of events, requests beside it, and a fresh start after each loss.

    async with AriClient(url, user, password, "vagtcentral", on_event=take, on_resync=settle) as switch:
        await switch.answer(channel_id)

`docs/ari.md` says how it behaves when the switch does not.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import aiohttp

from vagtcentral.ivr.asterisk.ari_backoff import Backoff
from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_decode import EventReader
from vagtcentral.ivr.asterisk.ari_errors import AriError, Closed, Refused, Rejected, Replaced
from vagtcentral.ivr.asterisk.ari_events import AriEvent
from vagtcentral.ivr.asterisk.ari_hearing import Hearing
from vagtcentral.ivr.asterisk.ari_repeat import Look, Persistence, Repeat, Sightings
from vagtcentral.ivr.asterisk.ari_rest import ONLY_HTTP, HttpRest, Request, authorization
from vagtcentral.ivr.asterisk.ari_resync import Asked, Lost, Resynchronised, take_snapshot
from vagtcentral.ivr.asterisk.ari_settings import AriTiming, Transport, checked
from vagtcentral.ivr.asterisk.ari_socket import EventSocket
from vagtcentral.ivr.asterisk.ari_trouble import Trouble

log = logging.getLogger(__name__)

UNKNOWN_USER = 401
CHECK = "check user and password in its ari.conf and in our settings"


class AriClient(AriCommands):
    """An ARI application named `app`, connected until closed.

    `on_event` gets every event, in the order of the switch. `on_lost` is told when the connection has gone;
    `on_resync` is awaited after each connection, before the first event of it, and after a message that could
    not be read, before the next event, with a snapshot that also answers for what `asked` names. Neither
    should raise; if one does, it is logged and that is all.
    `now` gives milliseconds since 1970, `chance` a number from 0 to 1.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        app: str,
        *,
        on_event: Callable[[AriEvent], None],
        on_resync: Callable[[Resynchronised], Awaitable[None]],
        on_lost: Callable[[Lost], None] = lambda lost: None,
        asked: Callable[[], Asked] = Asked,
        transport: Transport = Transport.HTTP,
        timing: AriTiming = AriTiming(),
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.app = app
        self._base = checked(url)
        self._authorization = authorization(user, password)
        self._on_event = on_event
        self._on_resync = on_resync
        self._on_lost = on_lost
        self._asked = asked
        self._transport = transport
        self._timing = timing
        self._now = now
        self._chance = chance
        self._reader = EventReader()
        self._sightings = Sightings()
        self._hearing = Hearing(self)
        self._persistence = Persistence(
            self._send, self._sightings, timing.tries, lambda: self._backoff(timing.first_wait_s / 2)
        )
        self._session: aiohttp.ClientSession | None = None
        self._http: HttpRest | None = None
        self._socket: EventSocket | None = None
        self._listener: asyncio.Task[None] | None = None
        self._access: asyncio.Task[None] | None = None
        self._closing = False
        self._synchronised = asyncio.Event()
        self._ended = asyncio.Event()
        self._end: AriError | None = None

    # --- from outside -------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect, trying until it succeeds; return when the first `on_resync` is through.

        Raises `Refused` if the switch does not let us in. Bound it with `asyncio.timeout` if it may fail.
        """
        timing = self._timing
        limits = aiohttp.TCPConnector(limit=timing.connections, keepalive_timeout=timing.keep_alive_s)
        timeout = aiohttp.ClientTimeout(total=timing.request_s, sock_connect=timing.connect_s)
        self._session = aiohttp.ClientSession(
            connector=limits, timeout=timeout, headers={"Authorization": self._authorization}
        )
        self._http = HttpRest(self._session, self._base)
        self._listener = asyncio.create_task(self._listen(), name="ari")
        ended = asyncio.create_task(self._ended.wait())
        ready = asyncio.create_task(self._synchronised.wait())
        try:
            await asyncio.wait((ended, ready), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self.close()
            raise
        finally:
            ended.cancel()
            ready.cancel()
        if self._end is not None:
            await self.close()
            raise self._end

    async def close(self) -> None:
        """Disconnect for good. Channels stay in the application on the switch."""
        self._closing = True
        tasks = [task for task in (self._listener, self._access) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._session is not None:
            await self._session.close()
        self._ended.set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def connected(self) -> bool:
        """Whether events come now and all that happened before is settled."""
        return self._synchronised.is_set()

    async def until_ended(self) -> None:
        """Return when closed. Raises `Refused` or `Replaced` when the client has given up for that."""
        await self._ended.wait()
        if self._end is not None:
            raise self._end

    async def request(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        repeat: Repeat | Look | None = None,
    ) -> Any:
        """Send a request; `path` is below `/ari` and quoted. The answer's JSON, `None` where it has none.

        Without an answer it is sent again as `repeat` says; if that is not said, a `POST` never and all else
        freely. Raises `AriError`.
        """
        if self._end is not None:
            raise self._end
        if repeat is None:
            repeat = Repeat.NEVER if method == "POST" else Repeat.FREELY
        try:
            return await self._persistence.request(Request(method, path, query or {}, body), repeat)
        except Refused as error:
            if error.status == UNKNOWN_USER and self._access is None:
                self._access = asyncio.create_task(self._check_access(), name="ari access")
            raise

    # --- requests -----------------------------------------------------------------------------

    async def _send(self, request: Request) -> Any:
        if self._http is None or self._closing:
            raise Closed(request.method, request.path)
        socket = self._socket
        if self._transport is Transport.SOCKET and socket is not None and socket.rest.offered:
            try:
                return await socket.rest.send(request)
            except Rejected as error:
                if error.status != ONLY_HTTP:
                    raise
        return await self._http.send(request)

    async def _check_access(self) -> None:
        """A request was refused as if we were not known. If it is so, others are to take the calls."""
        try:
            await self._send(Request("GET", "asterisk/ping"))
        except Refused as error:
            self._finish(error, CHECK)
            if self._socket is not None:
                await self._socket.close()
        except AriError:
            pass  # the connection is lost: the next one tells
        finally:
            self._access = None

    # --- the connection -----------------------------------------------------------------------

    async def _listen(self) -> None:
        """Connect, hand over, listen; again and again until closed, refused or replaced."""
        backoff = self._backoff(self._timing.first_wait_s)
        trouble = Trouble(self._timing.remind_s)
        lost_at: int | None = None
        while self._end is None:
            await asyncio.sleep(backoff.next())
            try:
                socket = await self._connect()
            except Refused as error:
                self._finish(error, CHECK)
            except AriError as error:
                trouble.note(error)
            else:
                try:
                    lost_at = await self._serve(socket, lost_at, trouble, backoff)
                except Exception:  # a fault of ours must not leave the calls alone
                    log.exception("listening to the switch failed, connecting again")
                finally:
                    self._socket = None
                    await socket.close()

    async def _connect(self) -> EventSocket:
        assert self._session is not None
        return await EventSocket.open(self._session, self._base, self.app, self._reader, self._timing)

    async def _serve(
        self, socket: EventSocket, lost_at: int | None, trouble: Trouble, backoff: Backoff
    ) -> int | None:
        """Use one connection until it ends; the instant since which nobody was told, for the next one."""
        self._socket = socket
        since = time.monotonic()
        asking = [
            asyncio.create_task(self._attend(socket, lost_at, trouble)),
            asyncio.create_task(self._resolve_doubts(socket)),
        ]
        if self._transport is Transport.SOCKET:
            asking.append(asyncio.create_task(socket.rest.ask_if_offered()))
        try:
            reason = await socket.listen(self._now, self._seen)
        finally:
            for task in asking:
                task.cancel()
            await asyncio.wait(asking)
        was_synchronised = self._synchronised.is_set()
        self._synchronised.clear()
        if was_synchronised and time.monotonic() - since >= self._timing.steady_s:
            backoff.reset()
        if socket.replaced:
            text = "another program has connected as this application"
            self._finish(Replaced(0, "GET", "events", text), "only one may run")
        if not was_synchronised:
            return lost_at
        gap_from = socket.silent_since(self._now())
        log.warning("connection to the switch lost: %s", reason)
        _call(self._on_lost, Lost(gap_from, reason))
        await asyncio.sleep(self._timing.settle_s)
        return gap_from

    def _seen(self, event: AriEvent) -> bool:
        self._sightings.note(event.concerns())
        return self._hearing.take(event)

    async def _attend(self, socket: EventSocket, lost_at: int | None, trouble: Trouble) -> None:
        """Beside the listening: hand over, then make sure that events come; end the connection if not."""
        timing = self._timing
        try:
            gap_to = self._now()
            if not await self._hearing.works(timing.deaf_s):
                log.warning("a new connection to the switch brings no events, connecting again")
                return
            await self._hand_over(socket, lost_at, gap_to)
            trouble.over()
            while True:
                try:
                    await self._hearing.until_deaf(timing.hearing_s, timing.deaf_s)
                except AriError as error:
                    log.warning("whether events come cannot be tested: %s", error)
                else:
                    await socket.give_up()
                    return
        except AriError as error:
            trouble.note(error)
        except Exception:
            log.exception("handing over a connection failed, connecting again")
        finally:
            await socket.close()

    async def _resolve_doubts(self, socket: EventSocket) -> None:
        """A message that cannot be read may have told anything: ask the switch what it has now."""
        await self._synchronised.wait()
        while True:
            await socket.doubtful.wait()
            await asyncio.sleep(self._timing.doubt_s)
            socket.doubtful.clear()
            socket.keep()
            try:
                await self._hand_over(socket, None, self._now())
            except AriError as error:
                log.warning("what the switch has cannot be asked, trying again: %s", error)
                socket.doubtful.set()
                socket.let_through(self._deliver)

    async def _hand_over(self, socket: EventSocket, lost_at: int | None, gap_to: int) -> None:
        """Settle what happened meanwhile, then let through what has come since and all that comes."""
        snapshot = await take_snapshot(self, self._asked())
        try:
            await self._on_resync(Resynchronised(lost_at, gap_to, snapshot))
        except Exception:
            log.exception("settling the calls after a connection failed")
        self._synchronised.set()
        socket.let_through(self._deliver)

    def _deliver(self, event: AriEvent) -> None:
        _call(self._on_event, event)

    def _backoff(self, first_s: float) -> Backoff:
        return Backoff(first_s, self._timing.longest_wait_s, self._chance)

    def _finish(self, error: AriError, advice: str) -> None:
        if self._end is not None:
            return
        log.error("the switch does not serve us any more: %s; %s", error, advice)
        self._end = error
        self._ended.set()


def _call(callback: Callable[[Any], None], what: object) -> None:
    try:
        callback(what)
    except Exception:
        log.exception("handling %s failed", type(what).__name__)
