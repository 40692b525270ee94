"""What a route asks for before it does anything, as FastAPI dependencies.

    @routes.get("/api/calls")
    async def calls(person: Annotated[Person, Depends(require(Permission.LOOK_UP_CALLS))]) -> ...

`Door` must stand before the application.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection
from fastapi.security import APIKeyCookie, HTTPBearer

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.door import COOKIE
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.person import By, Person
from vagtcentral.console.accounts.problem import ProblemError, ProblemKind, problem_responses
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.evaluation.schema import StoreError

#: What guarded routes say of their refusals in the OpenAPI document: `APIRouter(responses=REFUSALS)`.
REFUSALS = problem_responses(
    ProblemKind.NOT_SIGNED_IN, ProblemKind.NOT_ALLOWED, ProblemKind.CROSS_ORIGIN, ProblemKind.UNAVAILABLE
)

# These check nothing: the door has. They tell the OpenAPI document of the two ways to say who one is.
_BY_COOKIE = APIKeyCookie(name=COOKIE, scheme_name="session", auto_error=False)
_BY_TOKEN = HTTPBearer(scheme_name="token", auto_error=False)


@dataclass(frozen=True, slots=True)
class Require:
    """A dependency that yields the person who asks, and ends the request where he may not.

    Without a permission anybody who is signed in may.
    """

    permission: Permission | None = None

    def __call__(
        self,
        request: Request,
        _by_cookie: Annotated[object, Depends(_BY_COOKIE)],
        _by_token: Annotated[object, Depends(_BY_TOKEN)],
    ) -> Person:
        """The person; `ProblemError` with status 401 for a stranger and 403 without the permission."""
        return permitted(request, self.permission)


def require(permission: Permission | None = None) -> Require:
    """The dependency of a route for those with this permission, or for all who are signed in."""
    return Require(permission)


def permitted(connection: HTTPConnection, permission: Permission | None = None) -> Person:
    """The same called by hand, for WebSockets and pages."""
    person: Person | None = connection.state.person
    if person is None:
        detail = "sign in, or send a token that is good: Authorization: Bearer TOKEN"
        raise ProblemError(ProblemKind.NOT_SIGNED_IN, detail, {"WWW-Authenticate": "Bearer"})
    if permission is not None and not person.may(permission):
        lacking = "the token's scopes or its account" if person.token else f"the role {person.role}"
        raise ProblemError(ProblemKind.NOT_ALLOWED, f"{permission.value} is not among what {lacking} may do")
    return person


def accounts_of(connection: HTTPConnection) -> AccountStore:
    """The store of accounts that the door has."""
    store: AccountStore = connection.state.accounts
    return store


def address_of(connection: HTTPConnection) -> str | None:
    """Where the request comes from, as the server knows it; behind a proxy that is the proxy's word."""
    return None if connection.client is None else connection.client.host


async def log_look(
    connection: HTTPConnection, deed: Deed, call_id: str | None, detail: str | None = None
) -> None:
    """Log that whoever asks is shown something of a call, or of many (None); show it only after this.

    `ProblemError` with status 503 where it cannot be logged. A live call at the desk of its operator is not
    kept from him for that: there the caller comes first, and the failure is logged in its place.
    """
    person = permitted(connection)
    by = By(person.name, address_of(connection))
    try:
        await accounts_of(connection).log.write(deed, by, call_id=call_id, detail=detail)
    except StoreError:
        problem = "who looks at what must be logged, and cannot be now"
        raise ProblemError(ProblemKind.UNAVAILABLE, problem, {"Retry-After": "1"}) from None
