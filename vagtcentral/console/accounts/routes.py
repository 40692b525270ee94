"""`/api/sign-in`, `/api/sign-out`, `/api/me`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from vagtcentral.console.accounts.attempts import TooManyAttemptsError
from vagtcentral.console.accounts.door import COOKIE
from vagtcentral.console.accounts.guard import REFUSALS, accounts_of, address_of, require
from vagtcentral.console.accounts.permissions import Permission, Role
from vagtcentral.console.accounts.person import Person
from vagtcentral.console.accounts.problem import ProblemError, ProblemKind, problem_responses
from vagtcentral.console.accounts.sign_in import SignInRefusedError
from vagtcentral.location.position import iso_utc


class Credentials(BaseModel):
    """What is sent to sign in; `totp` is the code of the app, for accounts that have one."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(max_length=100)]
    password: Annotated[SecretStr, Field(max_length=1024)]
    totp: Annotated[str | None, Field(max_length=20)] = None


class Me(BaseModel):
    """Who is asking. `expires_at` is when he must sign in again at the latest (ISO 8601, UTC)."""

    name: str
    role: Role
    operator: str | None
    permissions: list[Permission]
    expires_at: str | None


def account_routes() -> APIRouter:
    """The routes for an application behind a `Door`."""
    routes = APIRouter(prefix="/api", tags=["accounts"])

    @routes.post(
        "/sign-in",
        summary="Sign in with name and password",
        responses=problem_responses(
            ProblemKind.SIGN_IN_REFUSED,
            ProblemKind.CROSS_ORIGIN,
            ProblemKind.INVALID,
            ProblemKind.TOO_MANY_ATTEMPTS,
            ProblemKind.UNAVAILABLE,
        ),
    )
    async def sign_in(given: Credentials, request: Request, response: Response) -> Me:
        """Begin a session, whose id comes as a cookie. What is wrong is not told apart."""
        try:
            signed = await accounts_of(request).sign_in(
                given.name,
                given.password.get_secret_value(),
                given.totp,
                address=address_of(request),
                in_place_of=request.cookies.get(COOKIE),
            )
        except SignInRefusedError as refused:
            raise ProblemError(ProblemKind.SIGN_IN_REFUSED, str(refused)) from None
        except TooManyAttemptsError as error:
            wait = {"Retry-After": str(error.wait_s)}
            raise ProblemError(ProblemKind.TOO_MANY_ATTEMPTS, str(error), wait) from None
        set_session_cookie(response, signed.session_id, secure=request.url.scheme == "https")
        return _me(signed.person, response)

    @routes.post("/sign-out", status_code=status.HTTP_204_NO_CONTENT, summary="End the session")
    async def sign_out(request: Request, response: Response) -> None:
        """Fine for a stranger too: afterwards nobody is signed in."""
        person: Person | None = request.state.person
        if person is not None and person.session is not None:
            await accounts_of(request).sessions.end(person, address_of(request))
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")

    @routes.get("/me", summary="Who is signed in", responses=REFUSALS)
    async def me(person: Annotated[Person, Depends(require())], response: Response) -> Me:
        """Whom the cookie or the token stands for, and what that person may do."""
        return _me(person, response)

    return routes


def set_session_cookie(response: Response, session_id: str, *, secure: bool) -> None:
    """Give the browser the id of its session, until it is closed; not for scripts, not from other sites."""
    response.set_cookie(COOKIE, session_id, httponly=True, samesite="strict", secure=secure, path="/")


def _me(person: Person, response: Response) -> Me:
    response.headers["Cache-Control"] = "no-store"
    may = [permission for permission in Permission if person.may(permission)]
    ends = None if person.expires_at is None else iso_utc(person.expires_at)
    return Me(name=person.name, role=person.role, operator=person.operator, permissions=may, expires_at=ends)
