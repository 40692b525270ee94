"""Who may see what: every page and every route of the API, asked by every role and by a stranger."""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest

import vagtcentral.console.pages.all
from tests.browser.conftest import (
    ADMINISTRATOR,
    DEVELOPER,
    OPERATOR,
    SUPERVISOR,
    Console,
    MakeConsole,
)
from vagtcentral.console.accounts.permissions import Permission, Role, allowed
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.pages.shell import PAGES

ACCOUNTS = {
    Role.OPERATOR: OPERATOR,
    Role.SUPERVISOR: SUPERVISOR,
    Role.DEVELOPER: DEVELOPER,
    Role.ADMINISTRATOR: ADMINISTRATOR,
}
#: Who may use each route of the API: a permission, whoever is signed in, or everybody (machines that send or
#: ask, the way in and the way out). A route that is missing here fails the test.
EVERYBODY, SIGNED_IN = "everybody", "signed in"
ACTS = (
    "answer",
    "claim",
    "decline",
    "finish",
    "hang-up",
    "hold",
    "not-ready",
    "ready",
    "register",
    "retrieve",
    "sign-in",
    "sign-out",
    "transfer",
    "wrongly-routed",
)
ROUTES: dict[tuple[str, str], Permission | str] = {
    ("POST", "/aml"): EVERYBODY,
    ("POST", "/aml/"): EVERYBODY,
    ("POST", "/lost"): EVERYBODY,
    ("GET", "/health/live"): EVERYBODY,
    ("GET", "/health/ready"): EVERYBODY,
    ("POST", "/api/sign-in"): EVERYBODY,
    ("POST", "/api/sign-out"): EVERYBODY,
    ("GET", "/api/me"): SIGNED_IN,
    ("GET", "/api/live"): Permission.WATCH_LIVE,
    ("GET", "/api/operators"): Permission.WATCH_LIVE,
    **{("POST", f"/api/operators/{{name}}/{act}"): Permission.TAKE_CALLS for act in ACTS},
    ("GET", "/api/calls"): Permission.LOOK_UP_CALLS,
    ("GET", "/api/calls/{call_id}"): Permission.LOOK_UP_CALLS,
    ("GET", "/api/calls/{call_id}/positions"): Permission.SEE_POSITIONS,
    ("GET", "/api/calls/{call_id}/recordings/{name}"): Permission.LISTEN_TO_RECORDINGS,
    ("GET", "/metrics"): Permission.READ_METRICS,
    ("GET", "/api/openapi.json"): Permission.READ_API_MANUAL,
}
#: Requests that would end the session with which the others are made.
ENDING = {("POST", "/api/sign-in"), ("POST", "/api/sign-out"), ("POST", "/api/operators/{name}/sign-out")}


@pytest.fixture
async def console(make_console: MakeConsole) -> Console:
    return await make_console(sim_every_s=3600)


@pytest.fixture
async def asking(console: Console) -> AsyncIterator[dict[Role | None, httpx.AsyncClient]]:
    """A client for each role, signed in, and one for a stranger."""
    clients: dict[Role | None, httpx.AsyncClient] = {None: httpx.AsyncClient(base_url=console.url)}
    for role, account in ACCOUNTS.items():
        clients[role] = httpx.AsyncClient(base_url=console.url)
        given = {"name": account, "password": console.passwords[account]}
        assert (await clients[role].post("/api/sign-in", json=given)).status_code == 200
    yield clients
    for client in clients.values():
        await client.aclose()


def filled(path: str) -> str:
    """The path with an operator's own name, or a call that is not there, in its places."""
    return re.sub(r"\{[^}]+\}", "nothing", path.replace("/operators/{name}", "/operators/anna"))


#: What the acts that take a body need to be understood.
BODIES = {
    "claim": {"call_id": "nothing"},
    "transfer": {"skill": "theft"},
    "register": {"code": "theft"},
}


async def test_every_page_opens_for_its_roles_and_for_no_others(
    asking: dict[Role | None, httpx.AsyncClient],
) -> None:
    assert vagtcentral.console.pages.all
    assert len(PAGES) >= 8
    for one in PAGES:
        for role, client in asking.items():
            answer = await client.get(filled(one.path))
            where = (one.path, role)
            if role is None:
                assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in"), where
            else:
                assert answer.status_code == (200 if allowed(role, one.permission) else 403), where


async def test_every_route_of_the_api_is_in_the_table_of_who_may_use_it(
    asking: dict[Role | None, httpx.AsyncClient],
) -> None:
    document = (await asking[Role.DEVELOPER].get("/api/openapi.json")).json()
    documented = {
        (method.upper(), path) for path, operations in document["paths"].items() for method in operations
    }
    assert documented | {("GET", "/api/openapi.json"), ("POST", "/aml/")} == set(ROUTES)


def expected(permission: Permission | str, role: Role | None) -> str:
    """What a person of this role, or a stranger, is answered."""
    if permission == EVERYBODY:
        return "let in"
    if role is None:
        return "who are you"
    if permission == SIGNED_IN or allowed(role, Permission(permission)):
        return "let in"
    return "not you"


def answered(response: httpx.Response) -> str:
    assert response.status_code < 500 or response.request.url.path == "/health/ready", response.text
    return {401: "who are you", 403: "not you"}.get(response.status_code, "let in")


async def test_every_route_of_the_api_lets_in_its_roles_and_nobody_else(
    asking: dict[Role | None, httpx.AsyncClient],
) -> None:
    for (method, path), permission in ROUTES.items():
        for role, client in asking.items():
            if (method, path) in ENDING and role is not None and expected(permission, role) == "let in":
                continue
            answer = await client.request(method, filled(path), json={})
            if path == "/api/sign-in":  # tells nobody who he is before he has signed in
                assert answer.status_code == 422
                continue
            assert answered(answer) == expected(permission, role), (method, path, role, answer.text)


async def test_an_operator_acts_for_himself_only(asking: dict[Role | None, httpx.AsyncClient]) -> None:
    for act in ACTS:
        answer = await asking[Role.OPERATOR].post(f"/api/operators/bo/{act}", json=BODIES.get(act, {}))
        assert answer.status_code == 403, (act, answer.text)


async def test_a_token_opens_what_its_scopes_name_and_nothing_else(console: Console) -> None:
    """For each role and each of its permissions: a token with that scope alone, and one with the others."""
    async with await AccountStore.open(str(console.folder / "store.sqlite")) as accounts:
        for role, account in ACCOUNTS.items():
            granted = [one for one in Permission if allowed(role, one)]
            for scope in granted:
                for scopes in ({scope}, set(granted) - {scope}):
                    _, token = await accounts.tokens.make(account, frozenset(scopes), None, By("os:test"))
                    await try_token(console, token, role, scopes)


async def try_token(console: Console, token: str, role: Role, may: set[Permission]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=console.url, headers=headers) as client:
        for (method, path), permission in ROUTES.items():
            if (method, path) in ENDING:
                continue
            answer = await client.request(method, filled(path), json={})
            wanted = "let in" if permission in (EVERYBODY, SIGNED_IN) or permission in may else "not you"
            assert answered(answer) == wanted, (method, path, role, may, answer.text)


async def test_a_wrong_token_lets_nobody_in_even_beside_a_good_cookie(
    asking: dict[Role | None, httpx.AsyncClient],
) -> None:
    headers = {"Authorization": "Bearer vagtcentral_" + "x" * 43}
    for client in asking.values():
        for (method, path), permission in ROUTES.items():
            if permission != EVERYBODY:
                answer = await client.request(method, filled(path), json={}, headers=headers)
                assert answer.status_code == 401, (method, path)


async def test_a_page_of_another_site_cannot_act(asking: dict[Role | None, httpx.AsyncClient]) -> None:
    operator = asking[Role.OPERATOR]
    for path in ("/api/operators/anna/ready", "/sign-out", "/choose", "/api/sign-out"):
        answer = await operator.post(path, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403, path


async def test_signing_in_by_guessing_is_slowed_down(console: Console) -> None:
    async with httpx.AsyncClient(base_url=console.url) as client:
        statuses = []
        for _ in range(12):
            answer = await client.post(
                "/api/sign-in", json={"name": OPERATOR, "password": "wrong-wrong-wrong"}
            )
            statuses.append(answer.status_code)
            await asyncio.sleep(0)
    assert set(statuses) == {401, 429}
    assert statuses[-1] == 429


def test_every_permission_is_granted_to_somebody() -> None:
    for permission in Permission:
        assert any(allowed(role, permission) for role in Role)
