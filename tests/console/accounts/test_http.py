"""Accounts over HTTP: the door, the guard, the routes, and one shape for every error."""

import json
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, WebSocket

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.door import COOKIE, Door
from vagtcentral.console.accounts.guard import (
    REFUSALS,
    log_look,
    permitted,
    require,
)
from vagtcentral.console.accounts.permissions import GRANTS, Permission, Role
from vagtcentral.console.accounts.person import Person
from vagtcentral.console.accounts.problem import MEDIA_TYPE, install_problems
from vagtcentral.console.accounts.routes import account_routes
from vagtcentral.console.accounts.tables import sessions
from vagtcentral.console.accounts.tokens import PREFIX

HERE, ELSEWHERE = "http://console.test", "http://evil.test"


def path_of(permission: Permission) -> str:
    return f"/api/try/{permission.value.replace(':', '-')}"


def guarded_routes() -> APIRouter:
    """A route for each permission, and one that shows a position."""
    routes = APIRouter(responses=REFUSALS)
    for permission in Permission:

        @routes.get(path_of(permission))
        async def try_it(person: Annotated[Person, Depends(require(permission))]) -> str:
            return person.name

    @routes.get("/api/calls/{call_id}/position")
    async def position(
        call_id: str, request: Request, _person: Annotated[Person, Depends(require(Permission.SEE_POSITIONS))]
    ) -> str:
        await log_look(request, Deed.LOOKED_AT_POSITION, call_id)
        return "55.7, 12.6"

    return routes


@pytest.fixture
def app(world) -> FastAPI:
    app = FastAPI()
    app.add_middleware(Door, store=world.store)
    install_problems(app)
    app.include_router(account_routes())
    app.include_router(guarded_routes())

    @app.get("/page")
    async def page(request: Request) -> str:
        return getattr(request.state.person, "name", "a stranger")

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        person = permitted(socket, Permission.WATCH_LIVE)
        await socket.accept()
        await socket.send_text(person.name)
        await socket.close()

    return app


@pytest.fixture
def browser(app):
    """`browser()`: a new browser with an empty cookie jar, at the address that is given."""

    def make(address: str = "192.0.2.7", base: str = HERE) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(address, 50_000))
        return httpx.AsyncClient(transport=transport, base_url=base)

    return make


@pytest.fixture
async def staffed(world):
    for role in Role:
        await world.add(role.value, role)
    return world


async def sign_in(client: httpx.AsyncClient, name: str, password: str, **more) -> httpx.Response:
    body = json.dumps({"name": name, "password": password})
    headers = {"content-type": "application/json"} | more.pop("headers", {})
    return await client.post("/api/sign-in", content=body, headers=headers, **more)


def problem(answer: httpx.Response, status: int, code: str) -> str:
    """Check the shape of an error, and give its detail."""
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert set(said) == {"type", "title", "status", "detail"}
    assert (answer.status_code, said["status"]) == (status, status)
    assert said["type"] == (code if code == "about:blank" else f"urn:vagtcentral:problem:{code}")
    assert said["title"]
    return said["detail"]


# --- signing in and out ---------------------------------------------------------------------------


async def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get(staffed, browser) -> None:
    client = browser()
    answer = await sign_in(client, "operator", staffed.password)
    assert answer.status_code == 200
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"{COOKIE}=")
    assert {flag.lower() for flag in flags} == {"httponly", "samesite=strict", "path=/"}
    assert answer.json() == (await client.get("/api/me")).json()
    assert answer.json() == {
        "name": "operator",
        "role": "operator",
        "operator": "operator",
        "permissions": ["calls:take", "live:watch"],
        "expires_at": "2019-03-04T23:00:00Z",
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_over_https_the_cookie_never_goes_over_http(staffed, browser) -> None:
    answer = await sign_in(browser(base="https://console.test"), "operator", staffed.password)
    assert "Secure" in answer.headers["set-cookie"]


async def test_signing_in_again_changes_the_id_and_ends_the_old_session(staffed, browser) -> None:
    client = browser()
    await sign_in(client, "operator", staffed.password)
    first = client.cookies[COOKIE]
    await sign_in(client, "supervisor", staffed.password)
    assert client.cookies[COOKIE] != first
    assert len(await staffed.rows(sessions)) == 1
    thief = await browser().get("/api/me", headers={"cookie": f"{COOKIE}={first}"})
    problem(thief, 401, "not-signed-in")


async def test_an_id_that_somebody_planted_is_not_taken_over(staffed, browser) -> None:
    client = browser()
    client.cookies.set(COOKIE, "planted", domain="console.test")
    await sign_in(client, "operator", staffed.password)
    answer = await browser().get("/api/me", headers={"cookie": f"{COOKIE}=planted"})
    problem(answer, 401, "not-signed-in")


async def test_signing_out_ends_the_session_and_takes_the_cookie(staffed, browser) -> None:
    client = browser()
    await sign_in(client, "operator", staffed.password)
    kept = client.cookies[COOKIE]
    answer = await client.post("/api/sign-out")
    assert (answer.status_code, answer.content, COOKIE in client.cookies) == (204, b"", False)
    problem(await browser().get("/api/me", headers={"cookie": f"{COOKIE}={kept}"}), 401, "not-signed-in")
    assert (await client.post("/api/sign-out")).status_code == 204, "fine for a stranger too"


@pytest.mark.parametrize(
    "given", [("operator", "wrong"), ("nobody", "wrong"), ("", ""), ("operator", "\ud800")]
)
async def test_a_refused_sign_in_says_nothing_and_gives_no_cookie(staffed, browser, given) -> None:
    answer = await sign_in(browser(), *given)
    assert problem(answer, 401, "sign-in-refused") == "the name, the password or the code is wrong"
    assert "set-cookie" not in answer.headers


async def test_a_failed_sign_in_does_not_sign_out(staffed, browser) -> None:
    client = browser()
    await sign_in(client, "operator", staffed.password)
    await sign_in(client, "operator", "wrong")
    assert (await client.get("/api/me")).status_code == 200


async def test_too_many_attempts_are_told_how_long_to_wait(staffed, browser) -> None:
    client = browser()
    answers = [await sign_in(client, "operator", "wrong") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 6 + [429]
    assert problem(answers[-1], 429, "too-many-attempts") == "too many failed sign-ins: wait 1 s"
    assert answers[-1].headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "body"),
        (b"{", "body.1"),
        (b"[]", "body"),
        (b"null", "body"),
        (b'{"name": "operator"}', "body.password"),
        (b'{"name": 1, "password": "hunter2"}', "body.name"),
        (b'{"name": "x", "password": ["hunter2"]}', "body.password"),
        (b'{"name": "x", "password": "hunter2", "role": "administrator"}', "body.role"),
        (b'{"name": "x", "password": "' + b"hunter2" * 200 + b'"}', "body.password"),
        (b'{"name": "\\ud800", "password": "hunter2"}', "body.name"),
        (b'{"name": "x", "password": "hunter2", "totp": 123456}', "body.totp"),
        (b"\xff\xfe", "body.0"),
    ],
)
async def test_what_cannot_be_understood_is_told_without_what_was_sent(staffed, browser, body, place) -> None:
    headers = {"content-type": "application/json"}
    answer = await browser().post("/api/sign-in", content=body, headers=headers)
    assert problem(answer, 422, "invalid").startswith(f"{place}: ")
    assert "hunter2" not in answer.text
    assert await staffed.deeds(deed=Deed.SIGN_IN_FAILED) == []


# --- who may do what ------------------------------------------------------------------------------


@pytest.mark.parametrize("permission", Permission)
async def test_every_guarded_route_refuses_strangers_and_other_roles(staffed, browser, permission) -> None:
    stranger = await browser().get(path_of(permission))
    problem(stranger, 401, "not-signed-in")
    assert stranger.headers["www-authenticate"] == "Bearer"
    for role in Role:
        client = browser()
        await sign_in(client, role.value, staffed.password)
        answer = await client.get(path_of(permission))
        if permission in GRANTS[role]:
            assert (answer.status_code, answer.json()) == (200, role.value)
        else:
            detail = problem(answer, 403, "not-allowed")
            assert detail == f"{permission.value} is not among what the role {role.value} may do"


async def test_a_token_does_what_its_scopes_name(staffed, browser) -> None:
    scopes = [Permission.LOOK_UP_CALLS]
    made, text = await staffed.store.tokens.make("supervisor", scopes, None, staffed.admin)
    bearer = {"authorization": f"Bearer {text}"}
    client = browser()
    assert (await client.get("/api/me", headers=bearer)).json()["permissions"] == ["calls:read"]
    assert (await client.get(path_of(Permission.LOOK_UP_CALLS), headers=bearer)).status_code == 200
    refused = await client.get(path_of(Permission.LISTEN_TO_RECORDINGS), headers=bearer)
    expected = "recordings:listen is not among what the token's scopes or its account may do"
    assert problem(refused, 403, "not-allowed") == expected
    await staffed.store.tokens.revoke(made.id, staffed.admin)
    problem(await client.get("/api/me", headers=bearer), 401, "not-signed-in")


async def test_a_wrong_token_does_not_fall_back_to_the_cookie(staffed, browser) -> None:
    client = browser()
    await sign_in(client, "operator", staffed.password)
    answer = await client.get("/api/me", headers={"authorization": f"Bearer {PREFIX}wrong"})
    problem(answer, 401, "not-signed-in")


@pytest.mark.parametrize("header", ["Bearer", "Bearer other-gateways-token", "Basic dTpw", "æ", ""])
async def test_a_header_that_is_not_for_us_changes_nothing(staffed, browser, header: str) -> None:
    client = browser()
    await sign_in(client, "operator", staffed.password)
    answer = await client.get("/api/me", headers={"authorization": header.encode("latin-1")})
    assert answer.status_code == 200


async def test_pages_know_who_asks(staffed, browser) -> None:
    client = browser()
    assert (await client.get("/page")).json() == "a stranger"
    await sign_in(client, "developer", staffed.password)
    assert (await client.get("/page")).json() == "developer"


async def test_who_is_disabled_is_out_at_the_next_request(staffed, browser) -> None:
    client = browser()
    await sign_in(client, "operator", staffed.password)
    await staffed.store.accounts.disable("operator", staffed.admin)
    problem(await client.get("/api/me"), 401, "not-signed-in")


async def test_no_route_is_forgotten(staffed, app, browser) -> None:
    """Every route of the API refuses a stranger, but the two that make and end a session."""
    asked = {
        path: (await browser().request(method, path.format(call_id="call-1"))).status_code
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/api/")
    }
    assert len(asked) == len(Permission) + 4
    assert {path for path, status in asked.items() if status != 401} == {"/api/sign-in", "/api/sign-out"}


# --- where requests come from ---------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/sign-in", "/api/sign-out", "/api/me", "/nowhere"])
@pytest.mark.parametrize(
    "headers", [{"origin": ELSEWHERE}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_what_a_page_of_another_site_posts_is_refused(staffed, browser, path, headers) -> None:
    client = browser()
    await sign_in(client, "operator", staffed.password)
    before = await staffed.rows(sessions)
    body = {"name": "developer", "password": staffed.password}
    problem(await client.post(path, json=body, headers=headers), 403, "cross-origin")
    assert await staffed.rows(sessions) == before


async def test_a_page_of_ours_may_post(staffed, browser) -> None:
    headers = {"origin": HERE, "sec-fetch-site": "same-origin"}
    answer = await sign_in(browser(), "operator", staffed.password, headers=headers)
    assert answer.status_code == 200


async def handshake(app: FastAPI, **headers: str) -> list[dict]:
    """What the server sends to a WebSocket handshake with these headers."""
    sent: list[dict] = []
    events = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}])

    async def receive():
        return next(events)

    async def send(message):
        sent.append(message)

    pairs = {"host": "console.test", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {"type": "websocket", "path": "/live", "raw_path": b"/live", "query_string": b"", "scheme": "ws"}
    scope |= {
        "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
        "subprotocols": [],
    }
    await app(scope, receive, send)
    return sent


async def test_a_websocket_opens_for_a_page_of_ours_with_somebody_who_may(staffed, app, browser) -> None:
    client = browser()
    await sign_in(client, "operator", staffed.password)
    cookie = f"{COOKIE}={client.cookies[COOKIE]}"
    opened = await handshake(app, origin=HERE, cookie=cookie)
    assert [message["type"] for message in opened] == [
        "websocket.accept",
        "websocket.send",
        "websocket.close",
    ]
    assert opened[1]["text"] == "operator"
    for headers in ({}, {"origin": ELSEWHERE}, {"origin": HERE, "sec_fetch_site": "cross-site"}):
        (closed,) = await handshake(app, cookie=cookie, **headers)
        assert (closed["type"], closed["code"]) == ("websocket.close", 1008)


@pytest.mark.parametrize("name", ["", "developer"])
async def test_a_websocket_stays_shut_for_who_may_not(staffed, app, browser, name: str) -> None:
    client = browser()
    if name:
        await sign_in(client, name, staffed.password)
    (closed,) = await handshake(app, origin=HERE, cookie=f"{COOKIE}={client.cookies.get(COOKIE, 'none')}")
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)


# --- what is logged, and what goes wrong ----------------------------------------------------------


async def test_a_look_is_logged_with_who_what_and_from_where(staffed, browser) -> None:
    client = browser("198.51.100.9")
    await sign_in(client, "supervisor", staffed.password)
    assert (await client.get("/api/calls/call-7/position")).status_code == 200
    (entry,) = await staffed.store.log.read(call_id="call-7")
    assert (entry.deed, entry.who, entry.address) == (
        Deed.LOOKED_AT_POSITION,
        "supervisor",
        "198.51.100.9",
    )


async def test_signing_in_and_out_is_logged_from_where(staffed, browser) -> None:
    client = browser("198.51.100.9")
    await sign_in(client, "operator", "wrong")
    await sign_in(client, "operator", staffed.password)
    await client.post("/api/sign-out")
    logged = await staffed.store.log.read(account="operator", limit=3)
    assert [(entry.deed.value, entry.address) for entry in reversed(logged)] == [
        ("sign-in-failed", "198.51.100.9"),
        ("signed-in", "198.51.100.9"),
        ("signed-out", "198.51.100.9"),
    ]


async def test_what_cannot_be_logged_is_not_shown(staffed, browser) -> None:
    client = browser()
    await sign_in(client, "supervisor", staffed.password)
    async with staffed.store._database.writing() as connection:
        await connection.exec_driver_sql("DROP TABLE access_log")
    answer = await client.get("/api/calls/call-7/position")
    problem(answer, 503, "unavailable")
    assert "55.7" not in answer.text


async def test_a_store_that_does_not_answer_is_told_and_stops_nobody_who_shows_nothing(
    staffed, browser
) -> None:
    client = browser()
    await sign_in(client, "operator", staffed.password)
    async with staffed.store._database.writing() as connection:
        for table in ("sessions", "sign_in_failures"):
            await connection.exec_driver_sql(f"DROP TABLE {table}")
    for answer in (await client.get("/api/me"), await sign_in(browser(), "operator", staffed.password)):
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "1"
    assert (await browser().get("/page")).json() == "a stranger"


async def test_an_unknown_path_of_the_api_has_the_same_shape_and_pages_keep_theirs(staffed, browser) -> None:
    client = browser()
    assert problem(await client.get("/api/nowhere"), 404, "about:blank") == "Not Found"
    wrong_method = await client.get("/api/sign-in")
    assert problem(wrong_method, 405, "about:blank") == "Method Not Allowed"
    assert wrong_method.headers["allow"] == "POST"
    assert (await client.get("/nowhere")).json() == {"detail": "Not Found"}


async def test_the_openapi_document_tells_of_both_ways_in_and_of_the_errors(staffed, browser) -> None:
    document = (await browser().get("/openapi.json")).json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["session"] == {"type": "apiKey", "in": "cookie", "name": COOKIE}
    assert schemes["token"] == {"type": "http", "scheme": "bearer"}
    guarded = document["paths"][path_of(Permission.LOOK_UP_CALLS)]["get"]
    assert guarded["security"] == [{"session": []}, {"token": []}]
    assert document["paths"]["/api/me"]["get"]["security"] == [{"session": []}, {"token": []}]
    for status in ("401", "403", "503"):
        assert list(guarded["responses"][status]["content"]) == [MEDIA_TYPE]
    sign_in_responses = document["paths"]["/api/sign-in"]["post"]["responses"]
    assert set(sign_in_responses) == {"200", "401", "403", "422", "429", "503"}
