"""The one shape of errors: problem details as JSON (RFC 9457), for people and programs alike.

    {"type": "urn:vagtcentral:problem:not-allowed", "title": "Not allowed", "status": 403, "detail": "…"}

`type` tells programs what it is; what HTTP alone knows, such as an unknown path, is `about:blank`.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from vagtcentral.evaluation.schema import StoreError

MEDIA_TYPE = "application/problem+json"
API = "/api/"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1


class ProblemKind(Enum):
    """What can go wrong: the end of its `type`, its title and its HTTP status."""

    NOT_SIGNED_IN = "not-signed-in", "Nobody is signed in", 401
    SIGN_IN_REFUSED = "sign-in-refused", "The sign-in was refused", 401
    NOT_ALLOWED = "not-allowed", "Not allowed", 403
    CROSS_ORIGIN = "cross-origin", "The request comes from elsewhere", 403
    NOT_FOUND = "not-found", "There is no such thing", 404
    NOT_NOW = "not-now", "Not possible right now", 409
    INVALID = "invalid", "The request cannot be understood", 422
    TOO_MANY_ATTEMPTS = "too-many-attempts", "Too many attempts", 429
    UNAVAILABLE = "unavailable", "The store does not answer", 503

    def __init__(self, code: str, title: str, status: int) -> None:
        self.code = code
        self.title = title
        self.status = status


class ProblemError(Exception):
    """Ends a request with a problem; `detail` is for whoever reads it and tells nothing personal."""

    def __init__(self, kind: ProblemKind, detail: str, headers: Mapping[str, str] | None = None) -> None:
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        super().__init__(f"{kind.code}: {detail}")

    def answer(self, connection: HTTPConnection) -> ASGIApp:
        """What ends the request: an HTTP answer that no cache may keep, or a WebSocket closed as refused."""
        if connection.scope["type"] == "websocket":
            return WebSocketClose(_POLICY_VIOLATION, self.kind.title)
        kind = f"urn:vagtcentral:problem:{self.kind.code}"
        return _answer(kind, self.kind.title, self.kind.status, self.detail, self.headers)


class ProblemDetails(BaseModel):
    """An error of the API (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def problem_responses(*kinds: ProblemKind) -> dict[int | str, dict[str, Any]]:
    """What a route says of its errors in the OpenAPI document."""
    titles: dict[int, list[str]] = {}
    for kind in kinds:
        titles.setdefault(kind.status, []).append(kind.title)
    content = {MEDIA_TYPE: {"schema": ProblemDetails.model_json_schema()}}
    return {status: {"description": "; ".join(said), "content": content} for status, said in titles.items()}


def install_problems(app: FastAPI) -> None:
    """Answer every error below `/api/` in the one shape, and elsewhere problems and a store that is ill."""

    async def problem(connection: HTTPConnection, error: ProblemError) -> ASGIApp:
        return error.answer(connection)

    async def invalid(connection: HTTPConnection, error: RequestValidationError) -> ASGIApp:
        return ProblemError(ProblemKind.INVALID, _in_words(error.errors())).answer(connection)

    async def unavailable(connection: HTTPConnection, _error: StoreError) -> ASGIApp:
        detail = "the store does not answer now; try again"
        return ProblemError(ProblemKind.UNAVAILABLE, detail, {"Retry-After": "1"}).answer(connection)

    async def other(request: Request, error: HTTPException) -> ASGIApp:
        if not request.url.path.startswith(API):
            return await http_exception_handler(request, error)
        return _by_http_alone(HTTPStatus(error.status_code), str(error.detail), error.headers)

    handlers: dict[type[Exception], Any] = {
        ProblemError: problem,
        RequestValidationError: invalid,
        StoreError: unavailable,
        HTTPException: other,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


class Unknown(BaseRoute):
    """What is below `/api/` and is no route of ours: a problem, 405 where only the method is wrong.

    To stand after every route of the API, and before anything that answers all paths.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take whatever is below `/api/`."""
        return (Match.FULL if scope["path"].startswith(API) else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """End the request."""
        if scope["type"] == "websocket":
            await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
            return
        answer = wrong_method(self._app, scope) or _by_http_alone(
            HTTPStatus.NOT_FOUND, "there is no route of this path"
        )
        await answer(scope, receive, send)


def catch_unknown(app: FastAPI) -> None:
    """Answer what no route of the API has taken; to be called after they are all there."""
    app.router.routes.append(Unknown(app))


def wrong_method(app: FastAPI, scope: Scope) -> JSONResponse | None:
    """The answer to a request that one of our routes would take with another method; None if none would."""
    asked = dict(scope, root_path=scope.get("app_root_path", ""))  # whatever it has been mounted in since
    routes = [route for route in app.routes if not isinstance(route, Mount | Unknown)]
    methods = [
        method
        for method in _METHODS
        if any(route.matches(dict(asked, method=method))[0] is Match.FULL for route in routes)
    ]
    if not methods:
        return None
    allow = {"Allow": ", ".join(methods)}
    return _by_http_alone(HTTPStatus.METHOD_NOT_ALLOWED, "the path takes other methods", allow)


def _in_words(errors: Sequence[Any]) -> str:
    """Where each error is and what is allowed, without what was sent: that may be a password."""
    return "; ".join(f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in errors)


def _by_http_alone(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return _answer("about:blank", status.phrase, status, detail, headers or {})


def _answer(kind: str, title: str, status: int, detail: str, headers: Mapping[str, str]) -> JSONResponse:
    problem = ProblemDetails(type=kind, title=title, status=status, detail=detail)
    kept = {**headers, "Cache-Control": "no-store"}
    return JSONResponse(problem.model_dump(), status, kept, media_type=MEDIA_TYPE)
