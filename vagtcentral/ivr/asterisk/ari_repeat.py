"""When a request that got no answer is sent again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from vagtcentral.ivr.asterisk.ari_backoff import Backoff
from vagtcentral.ivr.asterisk.ari_errors import Conflict, NotFound, Unreachable
from vagtcentral.ivr.asterisk.ari_rest import Request


class Repeat(Enum):
    """What a second arrival of the same request would do."""

    FREELY = "freely"  #: the same as one, so it is sent again
    NEVER = "never"  #: something more, and nobody can tell: it is sent again only if it surely did not arrive


@dataclass(frozen=True, slots=True)
class Look:
    """How to find out whether a request has been carried out, before it is sent again.

    It has if an event about `sighting` (an id that nobody used before) has come since, or if `GET path`
    finds the thing and `holds` is true of its description.
    """

    path: str
    sighting: str | None = None
    holds: Callable[[Any], bool] = lambda description: True


class Sightings:
    """Which of the ids that we have just given away were named by an event."""

    def __init__(self) -> None:
        self._seen: dict[str, bool] = {}

    def watch(self, look: Look) -> None:
        """Begin to look out for the id."""
        if look.sighting is not None:
            self._seen[look.sighting] = False

    def forget(self, look: Look) -> None:
        """Stop looking out for it."""
        if look.sighting is not None:
            self._seen.pop(look.sighting, None)

    def note(self, ids: tuple[str, ...]) -> None:
        """An event is about these."""
        for known in ids:
            if known in self._seen:
                self._seen[known] = True

    def seen(self, look: Look) -> bool:
        """Whether an event was about the id."""
        return look.sighting is not None and self._seen.get(look.sighting, False)


class Persistence:
    """Sends a request up to `tries` times as its `Repeat` or `Look` allows, with waits in between."""

    def __init__(
        self,
        send: Callable[[Request], Awaitable[Any]],
        sightings: Sightings,
        tries: int,
        backoff: Callable[[], Backoff],
    ) -> None:
        self._send = send
        self._sightings = sightings
        self._tries = tries
        self._backoff = backoff

    async def request(self, request: Request, repeat: Repeat | Look) -> Any:
        """The answer. Raises `AriError`: `Unreachable` after the last try.

        A `DELETE` that finds nothing the second time, and a second making that finds its own id taken, have
        done their work the first time: the answer is then `None`.
        """
        if isinstance(repeat, Repeat):
            return await self._persist(request, repeat)
        self._sightings.watch(repeat)
        try:
            return await self._persist(request, repeat)
        finally:
            self._sightings.forget(repeat)

    async def _persist(self, request: Request, repeat: Repeat | Look) -> Any:
        backoff = self._backoff()
        maybe_done = False
        while True:
            if wait_s := backoff.next():
                await asyncio.sleep(wait_s)
            try:
                return await self._send(request)
            except NotFound:
                if maybe_done and request.method == "DELETE":
                    return None
                raise
            except Conflict:
                if maybe_done and isinstance(repeat, Look):
                    return None
                raise
            except Unreachable as error:
                maybe_done = maybe_done or error.maybe_done
                failure = error
            if maybe_done and isinstance(repeat, Look):
                if await self._was_done(repeat, failure):
                    return None
            elif maybe_done and repeat is Repeat.NEVER:
                raise failure
            if backoff.attempts >= self._tries:
                raise failure

    async def _was_done(self, look: Look, failure: Unreachable) -> bool:
        """Whether the request was carried out. Raises its `failure` again if nobody can say."""
        if self._sightings.seen(look):
            return True
        try:
            description = await self._persist(Request("GET", look.path), Repeat.FREELY)
        except NotFound:
            return self._sightings.seen(look)
        except Unreachable:
            if self._sightings.seen(look):
                return True
            raise failure from None
        return look.holds(description)
