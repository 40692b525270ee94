"""Two ways for a request to reach the switch, HTTP and the socket of events, with the same errors."""

import asyncio
import json
import logging
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from vagtcentral.ivr.asterisk.ari_errors import AriError, ServerFault, Unreachable, error_of
from vagtcentral.ivr.asterisk.ari_model import Raw

log = logging.getLogger(__name__)

#: The socket's answer to a request whose result is a file.
ONLY_HTTP = 406


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is below `/ari`, without leading `/`; `query` and `body` hold its parameters."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path


def authorization(user: str, password: str) -> str:
    """The header that lets us in; never an address, which ends up in logs."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def path(*parts: str) -> str:
    """A path of parts that may hold any character, such as ids and file names."""
    return "/".join(quote(part, safe="") for part in parts)


class HttpRest:
    """Requests over HTTP through a bounded number of kept connections."""

    def __init__(self, session: aiohttp.ClientSession, base: URL) -> None:
        self._session = session
        self._base = str(base).rstrip("/")

    async def send(self, request: Request) -> Any:
        """The answer's JSON, `None` where it has none. Raises `AriError`."""
        url = URL(f"{self._base}/{request.target}", encoded=True)
        # The exceptions of aiohttp carry the request headers, our credentials among them. Ours are raised
        # outside the handler, so that they do not hold on to those.
        failure: AriError
        try:
            async with self._session.request(
                request.method, url, json=request.body, allow_redirects=False
            ) as response:
                content = await response.read()
                return _answer(request, response.status, response.reason or "", content)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            failure = _unreachable(request, f"no connection ({reason_of(error)})", maybe_done=False)
        except TimeoutError:
            failure = _unreachable(request, "no answer in time", maybe_done=True)
        except (aiohttp.ClientError, OSError) as error:
            failure = _unreachable(request, f"connection lost ({reason_of(error)})", maybe_done=True)
        raise failure


class SocketRest:
    """Requests over the socket of events; usable once the switch has shown that it answers there.

    Asterisk has this since 20.14, 21.9 and 22.4. It carries out the requests of one socket one after the
    other, so a slow one (an origination that waits for a name server) holds up all that follow.
    """

    def __init__(self, write: Callable[[str], Awaitable[None]], timeout_s: float) -> None:
        self._write = write
        self._timeout_s = timeout_s
        self._waiting: dict[str, asyncio.Future[Raw]] = {}
        self._ids = count(1)
        self.offered = False

    async def send(self, request: Request) -> Any:
        """The answer's JSON, `None` where it has none. Raises `AriError`."""
        request_id = str(next(self._ids))
        future: asyncio.Future[Raw] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future
        failure: AriError
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._write(json.dumps(_message(request_id, request)))
                answer = await future
        except TimeoutError:
            self.offered = False  # what follows, the repeat of this request too, goes over HTTP
            failure = _unreachable(request, "no answer in time", maybe_done=True)
        except (aiohttp.ClientError, OSError) as error:
            failure = _unreachable(request, f"connection lost ({reason_of(error)})", maybe_done=True)
        else:
            status = answer.get("status_code")
            content = str(answer.get("message_body") or "").encode()
            return _answer(request, status, str(answer.get("reason_phrase", "")), content)
        finally:
            del self._waiting[request_id]
        raise failure

    async def ask_if_offered(self) -> None:
        """Find out whether the switch answers here; until it has, `offered` is false."""
        try:
            await self.send(Request("GET", "asterisk/ping"))
        except AriError as error:
            self.offered = error.status != 0
        else:
            self.offered = True

    def take(self, answer: Raw) -> None:
        """A `RESTResponse` has come; one that nobody waits for any more is dropped."""
        future = self._waiting.get(str(answer.get("request_id")))
        if future is not None and not future.done():
            future.set_result(answer)

    def close(self) -> None:
        """The socket is gone: who waits for an answer is told."""
        self.offered = False
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the socket of events has closed"))


def _message(request_id: str, request: Request) -> dict[str, str]:
    message = {
        "type": "RESTRequest",
        "request_id": request_id,
        "method": request.method,
        "uri": request.target,
    }
    if request.body is not None:
        message |= {"content_type": "application/json", "message_body": json.dumps(request.body)}
    return message


def _answer(request: Request, status: Any, reason: str, content: bytes) -> Any:
    if not isinstance(status, int):
        raise ServerFault(0, request.method, request.path, "an answer without a status")
    try:
        body = json.loads(content) if content else None
    except (ValueError, RecursionError):
        body = None
        if 200 <= status < 300:
            text = f"an answer that is not JSON ({len(content)} bytes)"
            if request.method == "GET":
                raise ServerFault(status, request.method, request.path, text) from None
            # It is done, says the status; what else the answer of a command says is of no use here.
            log.warning("%s %s: %d: %s", request.method, request.path, status, text)
    if 200 <= status < 300:
        return body
    message = body.get("message") or body.get("error") if isinstance(body, dict) else None
    raise error_of(status, request.method, request.path, str(message or reason))


def _unreachable(request: Request, text: str, *, maybe_done: bool) -> Unreachable:
    return Unreachable(request.method, request.path, text, maybe_done=maybe_done)


def reason_of(error: BaseException) -> str:
    """Why a connection failed, in words without credentials."""
    strerror = getattr(error, "strerror", None)
    return str(strerror or type(error).__name__)
