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
from vagtcentral.console.pages.shell import PAGES

ACCOUNTS = {
    Role.OPERATOR: OPERATOR,
    Role.SUPERVISOR: SUPERVISOR,
    Role.DEVELOPER: DEVELOPER,
    Role.ADMINISTRATOR: ADMINISTRATOR,
}
#: Routes that are for everybody: machines that send or ask, and the way in and out.
OPEN = {"/aml", "/aml/", "/lost", "/health/live", "/health/ready", "/api/sign-in", "/api/sign-out"}
SIGNED_IN = {"/api/me"}


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
    return re.sub(r"\{[^}]+\}", "nothing", path)


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


async def test_every_route_of_the_api_refuses_strangers_and_the_wrong_roles(
    asking: dict[Role | None, httpx.AsyncClient],
) -> None:
    developer = asking[Role.DEVELOPER]
    document = (await developer.get("/api/openapi.json")).json()
    assert len(document["paths"]) > 20
    for path, operations in document["paths"].items():
        if path in OPEN:
            continue
        for method, operation in operations.items():
            statuses = {}
            for role, client in asking.items():
                answer = await client.request(method, filled(path), json={})
                statuses[role] = answer.status_code
                assert answer.status_code < 500, (method, path, role, answer.text)
            assert statuses[None] == 401, (method, path)
            if path not in SIGNED_IN:
                assert 403 in statuses.values(), (method, path, statuses)
                refused = {role for role, status in statuses.items() if status == 403}
                assert operation, refused
    stranger = asking[None]
    assert (await stranger.get("/api/openapi.json")).status_code == 401
    assert (await asking[Role.OPERATOR].get("/api/openapi.json")).status_code == 403


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
