"""The LoST endpoint of the web server: `POST /lost` (RFC 5222, section 14).

Every LoST answer, errors included, is HTTP 200 with `application/lost+xml`, and none is kept by caches. A
body over the limit is not read to its end. Whatever goes wrong inside is told as `internalError`, never as
HTTP 5xx.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.lost import MEDIA_TYPE, answer
from vagtcentral.location.lost_directory import LostDirectory
from vagtcentral.location.lost_write import write_error
from vagtcentral.location.safe_xml import LARGEST_OCTETS

_log = logging.getLogger(__name__)


def wall_clock() -> int:
    """The instant now, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def lost_routes(
    atlas: Atlas,
    directory: LostDirectory,
    *,
    now: Callable[[], int] = wall_clock,
    largest: int = LARGEST_OCTETS,
    path: str = "/lost",
) -> APIRouter:
    """A router with the LoST endpoint at `path`; bodies of over `largest` octets get `badRequest`."""
    router = APIRouter()

    @router.post(
        path,
        summary="LoST (RFC 5222): the police's address for a place",
        response_class=Response,
        responses={200: {"content": {MEDIA_TYPE: {}}}},
        openapi_extra={"requestBody": {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
    )
    async def lost(request: Request) -> Response:
        """Answer one LoST request."""
        body = await _body(request, largest)
        if body is None:
            return _answered(write_error(directory.source, "badRequest", f"over {largest} octets"))
        return _answered(await asyncio.to_thread(_safely, body, atlas, directory, now()))

    return router


async def _body(request: Request, largest: int) -> bytes | None:
    """The body, or None as soon as it is over the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return bytes(body)


def _safely(body: bytes, atlas: Atlas, directory: LostDirectory, at: int) -> bytes:
    try:
        return answer(body, atlas, directory, at)
    except Exception as error:
        # The request holds a caller's place: only the kind of error goes into the log.
        _log.error("a LoST request could not be answered: %s", type(error).__name__)
        return write_error(directory.source, "internalError", "the request could not be answered")


def _answered(content: bytes) -> Response:
    return Response(content, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-cache"})
