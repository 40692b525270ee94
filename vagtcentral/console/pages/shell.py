"""What every page has: who may see it, the language, the frame around it, and the live system behind it.

    @page("/wallboard", Permission.WATCH_LIVE, title="nav_wallboard")
    async def wallboard(visit: Visit) -> None:
        ui.label(visit.say("calls_waiting", count=3))

A stranger is sent to sign in, and whoever lacks the permission is told so; the page's own code never runs.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from inspect import Parameter, signature
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.person import Person
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.live import LiveSystem
from vagtcentral.console.pages.in_place import install_in_place
from vagtcentral.console.pages.parts import named
from vagtcentral.console.pages.staying import Stay, session_ended
from vagtcentral.console.settings import Settings
from vagtcentral.console.words import Say, preferred, say_in

LANGUAGE_COOKIE = "vagtcentral_language"
THEME_COOKIE = "vagtcentral_theme"
STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Services:
    """What pages work with."""

    live: LiveSystem
    accounts: AccountStore
    settings: Settings
    api_document: Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Declared:
    """A page as it was declared, for the navigation and for the tests of who may see it."""

    path: str
    permission: Permission
    title: str
    in_navigation: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """One person at one page."""

    person: Person
    language: str
    dark: bool
    say: Say
    request: Request
    services: Services
    stay: Stay

    @property
    def live(self) -> LiveSystem:
        """The live system."""
        return self.services.live


#: The titles of the navigation in its order, whatever the order of the imports.
NAVIGATION = (
    "nav_desk",
    "nav_shift",
    "nav_wallboard",
    "nav_calls",
    "nav_menus",
    "nav_keypad",
    "nav_replay",
    "nav_api",
    "nav_accounts",
)

PAGES: list[Declared] = []
_services: list[Services] = []

Body = Callable[..., Awaitable[None]]


def open_pages(services: Services) -> None:
    """Let the pages work with this live system; to be called once, before the server starts."""
    _services[:] = [services]
    services.accounts.sessions.ended.append(session_ended)


def page(
    path: str, permission: Permission, *, title: str, in_navigation: bool = True, watched: bool = False
) -> Callable[[Body], Body]:
    """Declare a page. `title` is a key of the words. Parameters in `path` are given to the function too.

    A page to be `watched` is in use as long as it is open; others are while somebody presses something.
    """

    def declare(body: Body) -> Body:
        PAGES.append(Declared(path, permission, title, in_navigation))

        async def show(request: Request, **given: Any) -> Response | None:
            person: Person | None = request.state.person
            if person is None:
                return RedirectResponse(f"/sign-in?next={quote(_here(request))}", 303)
            visit = visit_of(request, person)
            if not person.may(permission):
                return _refusal(visit)
            if watched:
                visit.stay.busy = lambda: True
            with frame(visit, title):
                await body(visit, **given)
                # Not before: a page with a timer is sent at its first wait, half drawn, and cannot fail.
                visit.stay.begin(visit.services.accounts, permission)
                _goes_home(visit)
            return None

        # NiceGUI and FastAPI read the parameters of a page from its signature.
        parameters = [Parameter("request", Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)]
        parameters += [
            parameter.replace(kind=Parameter.KEYWORD_ONLY)
            for name, parameter in signature(body).parameters.items()
            if name != "visit"
        ]
        show.__signature__ = signature(show).replace(parameters=parameters)  # type: ignore[attr-defined]
        show.__annotations__ = {one.name: one.annotation for one in parameters}
        ui.page(path, response_timeout=20)(show)
        return body

    return declare


def _goes_home(visit: Visit) -> None:
    """An operator who signs out at any page leaves his desk; the page's own last acts come first."""
    operator, live = visit.person.operator, visit.live
    if operator in live.floor.desks:
        visit.stay.on_signed_out.append(partial(live.presence.signed_out, operator))


def _refusal(visit: Visit) -> Response:
    """A plain page that says no, with the way back."""
    say = visit.say
    return HTMLResponse(
        f'<!doctype html><html lang="{visit.language}"><meta charset="utf-8">'
        f"<title>{say('not_allowed_title')} – {say('app_name')}</title><style>{STYLE}</style>"
        f'<body class="{"body--dark" if visit.dark else ""}"><main class="content">'
        f"<h1>{say('not_allowed_title')}</h1><p class=refused role=alert>{say('not_allowed')}</p>"
        f'<p><a href="/">{say("app_name")}</a></p></main></body></html>',
        status_code=403,
    )


def _here(request: Request) -> str:
    """Where this page is, with its query."""
    return quote(request.url.path) + (f"?{request.url.query}" if request.url.query else "")


def visit_of(request: Request, person: Person) -> Visit:
    """The visit of a signed-in person."""
    language = language_of(request)
    dark = request.cookies.get(THEME_COOKIE) == "dark"
    return Visit(person, language, dark, say_in(language), request, _services[0], Stay(person))


def language_of(request: Request) -> str:
    """The language chosen at the switch, else the browser's."""
    return preferred(request.headers.get("accept-language"), request.cookies.get(LANGUAGE_COOKIE))


def home(person: Person) -> str:
    """The first page that a person may see."""
    return next((one.path for one in navigation(person)), "/nothing")


def navigation(person: Person) -> list[Declared]:
    """The pages in the navigation of a person, in its order."""
    shown = [one for one in PAGES if one.in_navigation and person.may(one.permission)]
    return sorted(shown, key=lambda one: NAVIGATION.index(one.title))


class frame:  # noqa: N801  used as a function, as NiceGUI's own elements are
    """The frame of a page: head, navigation, switches, and the main part, where the block's elements go."""

    def __init__(self, visit: Visit, title: str) -> None:
        self._visit = visit
        self._title = title
        self._main: Any = None

    def __enter__(self) -> Any:
        visit, say = self._visit, self._visit.say
        begin_page(visit.language, visit.dark, f"{say(self._title)} – {say('app_name')}")
        with ui.header().classes("bar"):
            ui.link(say("skip_to_content"), "#content").classes("skip")
            ui.label(say("app_name")).classes("brand")
            with named(ui.element("nav"), say("main_navigation")):
                for one in navigation(visit.person):
                    link = ui.link(say(one.title), one.path).classes("nav")
                    if one.title == self._title:
                        link.props("aria-current=page").classes("here")
            ui.space()
            role = say(f"role_{visit.person.role.value}")
            ui.label(say("signed_in_as", name=visit.person.name, role=role)).classes("who")
            switches(visit.request, visit.language, dark=visit.dark)
            _form_button("/sign-out", say("sign_out"), {})
        self._main = ui.element("div").props("id=content tabindex=-1").classes("content")
        self._main.__enter__()
        named(ui.element("h1").classes("sr-only"), say(self._title))
        return self._main

    def __exit__(self, *failure: Any) -> None:
        self._main.__exit__(*failure)


def begin_page(language: str, dark: bool, title: str) -> None:
    """Language, colours and title of a page."""
    ui.page_title(title)
    ui.dark_mode(value=dark)
    ui.add_head_html(f"<style>{STYLE}</style>")
    ui.add_head_html(f"<script>document.documentElement.lang = '{language}'</script>")
    install_in_place()
    ui.add_body_html(_connection_words(language))


def _connection_words(language: str) -> str:
    """What NiceGUI says of a lost connection, in the language of the page: it knows one for all pages."""
    words = json.dumps(say_in(language)("connection_lost"))
    return f"""<script>addEventListener("DOMContentLoaded", () => {{
      const [first, ...rest] = document.querySelectorAll("#popup > span");
      if (first) first.textContent = {words};
      rest.forEach((span) => span.remove());
      document.getElementById("popup")?.setAttribute("role", "alert");
    }})</script>"""


def switches(request: Request, language: str, *, dark: bool) -> None:
    """The switches for language and colours: plain forms, so that they work whatever the page does."""
    say = say_in(language)
    other = "en" if language == "da" else "da"
    back = _here(request)
    _form_button("/choose", say("language_switch"), {"language": other, "next": back}, lang=other)
    theme = "light" if dark else "dark"
    _form_button("/choose", say("dark_off" if dark else "dark_on"), {"theme": theme, "next": back})


def hidden_field(name: str, value: str) -> None:
    """A value that a form sends along; it may come from anywhere."""
    element = ui.element("input").props("type=hidden")
    element.props["name"], element.props["value"] = name, value


def _form_button(action: str, label: str, hidden: dict[str, str], lang: str | None = None) -> None:
    with ui.element("form").props("method=post") as form:
        form.props["action"] = action
        for name, value in hidden.items():
            hidden_field(name, value)
        with ui.element("button").props("type=submit" + (f" lang={lang}" if lang else "")).classes("switch"):
            ui.label(label)
