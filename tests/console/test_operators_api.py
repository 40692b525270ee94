"""What operators do over HTTP: what is not allowed is refused in words, and nothing happens."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from tests.console.floor_bench import FloorBench
from vagtcentral.console.accounts.door import Door
from vagtcentral.console.accounts.permissions import Permission, Role
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.problem import install_problems
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.api.operators import floor_routes
from vagtcentral.console.floor import REASONS, Doing

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
BY = By("admin", "192.0.2.7")


@dataclass
class World:
    """Anna's program and the floor on which she works."""

    bench: FloorBench
    anna: httpx.AsyncClient

    async def post(self, path: str, **body: Any) -> httpx.Response:
        answer = await self.anna.post(f"/api/operators/anna/{path}", json=body or None)
        await self.bench.settle()
        return answer


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    bench = FloorBench()
    async with await AccountStore.open(tmp_path / "store.sqlite", hasher=CHEAP) as accounts:
        await accounts.accounts.add("anna", Role.OPERATOR, "rødgrød med fløde", BY)
        scopes = frozenset({Permission.TAKE_CALLS, Permission.WATCH_LIVE})
        _, token = await accounts.tokens.make("anna", scopes, None, BY)
        app = FastAPI()
        install_problems(app)
        app.include_router(floor_routes(bench.floor))
        app.add_middleware(Door, store=accounts)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://console.test",
            headers={"Authorization": f"Bearer {token}"},
        ) as anna:
            yield World(bench, anna)


@pytest.mark.parametrize("reason", REASONS)
async def test_an_operator_is_not_ready_for_a_reason_of_the_list(world: World, reason: str) -> None:
    await world.post("sign-in")
    await world.post("ready")
    assert (await world.post("not-ready", reason=reason)).status_code == 204
    assert world.bench.desk("anna").reason == reason


async def test_a_reason_that_is_none_is_refused_and_told_which_there_are(world: World) -> None:
    await world.post("sign-in")
    await world.post("ready")
    answer = await world.post("not-ready", reason="coffee")
    assert (answer.status_code, answer.json()["title"]) == (422, "The request cannot be understood")
    assert "'break', 'meeting'" in answer.json()["detail"]
    assert world.bench.doing("anna") is Doing.READY


@pytest.mark.parametrize(("path", "body"), [("ready", {}), ("not-ready", {"reason": "break"})])
async def test_who_is_not_at_work_cannot_change_that_he_takes_calls(
    world: World, path: str, body: dict[str, str]
) -> None:
    answer = await world.post(path, **body)
    assert (answer.status_code, answer.json()["detail"]) == (409, "not_at_desk")
    assert world.bench.doing("anna") is Doing.AWAY


async def test_a_caller_is_sent_to_no_skill_that_nobody_has(world: World) -> None:
    await world.bench.talks()
    world.bench.floor.sign_in("bo")
    answer = await world.post("transfer", skill="nonsense")
    assert answer.status_code == 422
    assert "allowed are emergency, general, tips" in answer.json()["detail"]
    assert world.bench.doing("anna") is Doing.TALKING
    assert (await world.post("transfer", skill="emergency", reason="emergency")).status_code == 409
    assert (await world.post("transfer", skill="tips")).status_code == 204
    assert world.bench.doing("anna") is Doing.WRAP_UP


async def test_a_call_that_is_over_is_registered_by_its_id(world: World) -> None:
    await world.bench.talks()
    await world.post("hang-up")
    await world.post("finish")
    assert (await world.post("register", code="theft")).status_code == 409
    assert (await world.post("register", code="theft", call_id="a")).status_code == 204
    assert world.bench.call("a").record.registration == {"code": "theft", "fields": {}, "text": ""}
