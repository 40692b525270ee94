"""Coming in and going out: sign-in, sign-out, the language and colour switches. Forms that need no script."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from vagtcentral.console.accounts.attempts import TooManyAttemptsError
from vagtcentral.console.accounts.door import COOKIE
from vagtcentral.console.accounts.guard import accounts_of, address_of
from vagtcentral.console.accounts.routes import set_session_cookie
from vagtcentral.console.accounts.sign_in import SignInRefusedError
from vagtcentral.console.pages.parts import named
from vagtcentral.console.pages.shell import (
    LANGUAGE_COOKIE,
    THEME_COOKIE,
    begin_page,
    hidden_field,
    home,
    language_of,
    switches,
)
from vagtcentral.console.words import LANGUAGES, say_in

THEMES = ("light", "dark")
_A_YEAR_S = 365 * 24 * 3600


def entry_routes() -> APIRouter:
    """The routes of the forms; the sign-in page itself is a page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def start(request: Request) -> Response:
        """The first page of whoever comes."""
        person = request.state.person
        return RedirectResponse("/sign-in" if person is None else home(person), 303)

    @routes.post("/sign-in")
    async def sign_in(
        request: Request,
        name: Annotated[str, Form(max_length=100)] = "",
        password: Annotated[str, Form(max_length=1024)] = "",
        totp: Annotated[str, Form(max_length=20)] = "",
        next_: Annotated[str, Form(alias="next", max_length=500)] = "",
    ) -> Response:
        """Let somebody in, or say that he cannot come in."""
        try:
            signed = await accounts_of(request).sign_in(
                name,
                password,
                totp or None,
                address=address_of(request),
                in_place_of=request.cookies.get(COOKIE),
            )
        except SignInRefusedError:
            return RedirectResponse(f"/sign-in?refused=1&next={_local(next_)}", 303)
        except TooManyAttemptsError as error:
            return RedirectResponse(f"/sign-in?wait={error.wait_s}&next={_local(next_)}", 303)
        answer = RedirectResponse(_local(next_) or home(signed.person), 303)
        set_session_cookie(answer, signed.session_id, secure=request.url.scheme == "https")
        return answer

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        """End the session."""
        person = request.state.person
        if person is not None and person.session is not None:
            await accounts_of(request).sessions.end(person, address_of(request))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    @routes.post("/choose")
    async def choose(
        language: Annotated[str, Form(max_length=10)] = "",
        theme: Annotated[str, Form(max_length=10)] = "",
        next_: Annotated[str, Form(alias="next", max_length=500)] = "",
    ) -> Response:
        """Remember a language or colours in the browser."""
        answer = RedirectResponse(_local(next_) or "/", 303)
        for cookie, value, allowed in (
            (LANGUAGE_COOKIE, language, LANGUAGES),
            (THEME_COOKIE, theme, THEMES),
        ):
            if value in allowed:
                answer.set_cookie(cookie, value, max_age=_A_YEAR_S, httponly=True, samesite="strict")
        return answer

    return routes


@ui.page("/sign-in")
async def sign_in_page(request: Request) -> None:
    """Name, password and, for accounts that have one, the code."""
    language = language_of(request)
    say = say_in(language)
    dark = request.cookies.get(THEME_COOKIE) == "dark"
    begin_page(language, dark, f"{say('sign_in')} – {say('app_name')}")
    query = request.query_params
    with (
        ui.element("main").classes("panel sign-in"),
        ui.element("form").props("method=post action=/sign-in").classes("entry"),
    ):
        with ui.element("h1").classes("brand"):
            ui.label(say("app_name"))
        if "refused" in query:
            ui.label(say("sign_in_refused")).classes("refused").props("role=alert")
        if query.get("wait", "").isdigit():
            ui.label(say("too_many_attempts", seconds=query["wait"])).classes("refused").props("role=alert")
        _field("name", say("user_name"), "text", "username", required=True)
        _field("password", say("password"), "password", "current-password", required=True)
        _field("totp", say("totp_code"), "text", "one-time-code", required=False)
        hidden_field("next", _local(query.get("next", "")))
        with ui.element("button").props("type=submit").classes("primary"):
            ui.label(say("sign_in"))
    with named(ui.element("nav").classes("acts choices"), say("language_and_colours")):
        switches(request, language, dark=dark)


def _field(name: str, label: str, kind: str, completes: str, *, required: bool) -> None:
    with ui.element("label"):
        ui.label(label)
        needed = " required" if required else ""
        ui.element("input").props(f"name={name} type={kind} autocomplete={completes}{needed}")


def _local(path: str) -> str:
    """The path if it is one of this server, else nothing: nobody is sent to another site."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith("//") and "\\" not in path and not parts.netloc
    return path if fine and path.isprintable() else ""
