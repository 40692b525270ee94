"""The door of the web server: who is asking, and whether a page of ours asks.

An ASGI middleware before everything else, pages and WebSockets included. It sets `request.state.person` (None
for a stranger) and `request.state.accounts`; who may do what is asked by `guard.require`.
"""

from fastapi.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from vagtcentral.console.accounts.headers import guarded
from vagtcentral.console.accounts.origin import HANDSHAKE, objection
from vagtcentral.console.accounts.person import Person
from vagtcentral.console.accounts.problem import ProblemError, ProblemKind
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.accounts.tokens import PREFIX
from vagtcentral.evaluation.schema import StoreError

#: The name of the cookie that holds the id of a session.
COOKIE = "vagtcentral_session"


class Door:
    """Wraps an application: `app.add_middleware(Door, store=accounts)`."""

    def __init__(self, app: ASGIApp, store: AccountStore) -> None:
        self._app = app
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with the person who asks, or end it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        send = guarded(send)
        connection = HTTPConnection(scope)
        try:
            _require_our_page(connection)
            person = await self._person(connection)
        except ProblemError as problem:
            await problem.answer(connection)(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["person"], state["accounts"] = person, self._store
        await self._app(scope, receive, send)

    async def _person(self, connection: HTTPConnection) -> Person | None:
        """By the token where there is one of ours, else by the cookie; a wrong token does not fall back."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        session_id = connection.cookies.get(COOKIE)
        try:
            if scheme.lower() == "bearer" and token.strip().startswith(PREFIX):
                return await self._store.tokens.person(token.strip())
            return None if session_id is None else await self._store.sessions.person(session_id)
        except StoreError:
            detail = "who is asking cannot be looked up now; try again"
            raise ProblemError(ProblemKind.UNAVAILABLE, detail, {"Retry-After": "1"}) from None


def _require_our_page(connection: HTTPConnection) -> None:
    headers = connection.headers
    why = objection(
        HANDSHAKE if connection.scope["type"] == "websocket" else connection.scope["method"],
        host=headers.get("host"),
        origin=headers.get("origin"),
        fetch_site=headers.get("sec-fetch-site"),
    )
    if why is not None:
        raise ProblemError(ProblemKind.CROSS_ORIGIN, why)
