"""Calls over HTTP: found, read, listened to; every look is logged first, and nothing else is given out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.door import Door
from vagtcentral.console.accounts.permissions import Permission, Role
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.problem import install_problems
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.api.calls import call_routes
from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.events import RecordingStored
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script

CALL = "112-aml-in-time"
SOUND = bytes(range(256)) * 40
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
BY = By("admin", "192.0.2.7")


@dataclass
class World:
    """The routes behind their door, with one call and its recordings."""

    app: FastAPI
    accounts: AccountStore
    folder: Path

    async def client(self, *scopes: Permission) -> httpx.AsyncClient:
        """A program with a supervisor's token for these scopes."""
        _, token = await self.accounts.tokens.make("lene", frozenset(scopes), None, BY)
        transport = httpx.ASGITransport(app=self.app)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(transport=transport, base_url="http://console.test", headers=headers)

    async def deeds(self) -> list[tuple[str, str | None, str | None]]:
        looks = (
            Deed.SEARCHED_CALLS,
            Deed.LOOKED_AT_CALL,
            Deed.LOOKED_AT_POSITION,
            Deed.LISTENED_TO_RECORDING,
        )
        entries = reversed(await self.accounts.log.read())
        return [(one.deed.value, one.call_id, one.detail) for one in entries if one.deed in looks]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "talk.wav").write_bytes(SOUND)
    (tmp_path / "secret.wav").write_bytes(b"not to be heard")
    (folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    stored = {
        "talk": folder / "talk.wav",
        "gone": folder / "gone.wav",
        "outside": tmp_path / "secret.wav",
        "climbing": folder / ".." / "secret.wav",
        "linked": folder / "link.wav",
        "folder": folder,
        "odd": "a\0b",
    }
    turns = [replace(turn, call_id=CALL) for turn in play_virtual(find_script(CALL), shipped_setting())]
    file = tmp_path / "calls.sqlite"
    async with (
        await Store.open(file) as store,
        await AccountStore.open(file, hasher=CHEAP) as accounts,
    ):
        await store.append(turns)
        for name, path in stored.items():
            await store.append_late(CALL, RecordingStored(turns[-1].event.at, name, str(path), 1.0))
        await accounts.accounts.add("lene", Role.SUPERVISOR, "rødgrød med fløde", BY)
        app = FastAPI()
        install_problems(app)
        app.include_router(call_routes(store, folder, lambda: turns[-1].event.at))
        app.add_middleware(Door, store=accounts)
        yield World(app, accounts, folder)


async def test_calls_are_found_and_the_log_says_by_what_not_by_which_value(world) -> None:
    client = await world.client(Permission.LOOK_UP_CALLS)
    found = await client.get("/api/calls", params={"service": "112", "number": "10112001"})
    assert found.status_code == 200
    assert (found.json()["total"], found.json()["more"]) == (1, False)
    (call,) = found.json()["calls"]
    assert (call["call_id"], call["outcome"], call["service"]) == (CALL, "answered", "112")
    assert call["arrived_at"].endswith("Z")
    assert (await client.get("/api/calls", params={"service": "114"})).json()["calls"] == []
    assert await world.deeds() == [
        ("searched-calls", None, "number, service"),
        ("searched-calls", None, "service"),
    ]


async def test_a_caller_who_waits_has_waited_until_now(world, tmp_path) -> None:
    turns = list(play_virtual(find_script(CALL), shipped_setting()))
    queued = next(n for n, turn in enumerate(turns) if CallRecord.fold("", turns[: n + 1]).waiting_since)
    async with await Store.open(tmp_path / "calls.sqlite") as store:
        await store.append([replace(turn, call_id="waits") for turn in turns[: queued + 1]])
    waited_s = (turns[-1].event.at - turns[queued].event.at) / 1000
    client = await world.client(Permission.LOOK_UP_CALLS)
    (listed,) = (await client.get("/api/calls", params={"is_open": True})).json()["calls"]
    assert listed["waited_s"] == waited_s > 0
    read = (await client.get("/api/calls/waits")).json()
    assert read["waited_s"] == waited_s
    assert read["record"]["waited_s"] == pytest.approx(waited_s, abs=0.05)
    closed = (await client.get(f"/api/calls/{CALL}")).json()
    assert closed["waited_s"] == CallRecord.fold(CALL, turns).waited_s


async def test_a_record_is_read_and_its_position_only_with_that_permission(world) -> None:
    client = await world.client(Permission.LOOK_UP_CALLS, Permission.SEE_POSITIONS)
    record = (await client.get(f"/api/calls/{CALL}")).json()["record"]
    assert record["position"]["source"] == "gnss"
    assert await world.deeds() == [("looked-at-call", CALL, None), ("looked-at-position", CALL, None)]
    blind = await world.client(Permission.LOOK_UP_CALLS)
    record = (await blind.get(f"/api/calls/{CALL}")).json()["record"]
    assert (record["position"], record["municipality"]) == (None, None)
    assert (await world.deeds())[2:] == [("looked-at-call", CALL, None)]


async def test_every_fix_is_given_with_its_districts_and_the_decision_and_the_look_is_logged(world) -> None:
    client = await world.client(Permission.SEE_POSITIONS)
    answer = await client.get(f"/api/calls/{CALL}/positions")
    assert answer.status_code == 200
    fixes = answer.json()["positions"]
    assert [fix["position"]["source"] for fix in fixes][-1] == "gnss"
    assert fixes == sorted(fixes, key=lambda fix: fix["at"])
    last = fixes[-1]
    assert last["at"].endswith("Z")
    assert last["decision"]["action"] == "route"
    assert last["decision"]["district"] == last["districts"][0]["code"]
    assert 0 < last["districts"][0]["probability"] <= 1
    assert await world.deeds() == [("looked-at-position", CALL, None)]
    assert (await client.get("/api/calls/nothing/positions")).status_code == 404


async def test_a_damaged_journal_is_said_to_be_and_nothing_of_it_shown(world, monkeypatch) -> None:
    async def damaged(*_: object) -> None:
        raise JournalError("turn 3: no JSON")

    monkeypatch.setattr(Store, "read_turns", damaged)
    client = await world.client(Permission.SEE_POSITIONS)
    answer = await client.get(f"/api/calls/{CALL}/positions")
    assert (answer.status_code, answer.json()["detail"]) == (503, "the journal of this call cannot be read")
    assert await world.deeds() == []


async def test_a_record_does_not_say_where_on_the_disk_a_recording_is(world) -> None:
    client = await world.client(Permission.LOOK_UP_CALLS)
    answer = await client.get(f"/api/calls/{CALL}")
    assert {"name": "talk", "seconds": 1.0} in answer.json()["record"]["recordings"]
    assert str(world.folder) not in answer.text


async def test_a_recording_is_heard_whole_or_in_part_and_each_time_logged(world) -> None:
    client = await world.client(Permission.LISTEN_TO_RECORDINGS)
    whole = await client.get(f"/api/calls/{CALL}/recordings/talk")
    assert (whole.status_code, whole.headers["content-type"], whole.content) == (200, "audio/wav", SOUND)
    assert "no-store" in whole.headers["cache-control"]
    part = await client.get(f"/api/calls/{CALL}/recordings/talk", headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, SOUND[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(SOUND)}"
    assert await world.deeds() == [("listened-to-recording", CALL, "talk")] * 2


@pytest.mark.parametrize("name", ["gone", "outside", "climbing", "linked", "folder", "odd", "unknown"])
async def test_nothing_but_recordings_of_the_folder_is_given_out(world, name) -> None:
    client = await world.client(Permission.LISTEN_TO_RECORDINGS)
    answer = await client.get(f"/api/calls/{CALL}/recordings/{name}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:vagtcentral:problem:not-found")
    assert str(world.folder.parent) not in answer.text
    assert await world.deeds() == []


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("/api/calls", Permission.LOOK_UP_CALLS),
        (f"/api/calls/{CALL}", Permission.LOOK_UP_CALLS),
        (f"/api/calls/{CALL}/positions", Permission.SEE_POSITIONS),
        (f"/api/calls/{CALL}/recordings/talk", Permission.LISTEN_TO_RECORDINGS),
    ],
)
async def test_who_lacks_the_permission_gets_nothing(world, path, needed) -> None:
    others = {
        Permission.LOOK_UP_CALLS,
        Permission.SEE_POSITIONS,
        Permission.LISTEN_TO_RECORDINGS,
        Permission.WATCH_LIVE,
    } - {needed}
    client = await world.client(*others)
    assert (await client.get(path)).status_code == 403
    assert (await client.get(path, headers={"Authorization": ""})).status_code == 401
    assert await world.deeds() == []


async def test_what_cannot_be_logged_is_not_shown(world, monkeypatch) -> None:
    async def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    client = await world.client(
        Permission.LOOK_UP_CALLS, Permission.LISTEN_TO_RECORDINGS, Permission.SEE_POSITIONS
    )
    monkeypatch.setattr(world.accounts.log, "write", full)
    looks = ("", f"/{CALL}", f"/{CALL}/positions", f"/{CALL}/recordings/talk")
    for path in (f"/api/calls{look}" for look in looks):
        assert (await client.get(path)).status_code == 503


@pytest.mark.parametrize(
    "wrong", [{"limit": "0"}, {"since": "yesterday"}, {"outcome": "fine"}, {"offset": "-1"}]
)
async def test_a_question_that_cannot_be_understood_is_refused(world, wrong) -> None:
    client = await world.client(Permission.LOOK_UP_CALLS)
    assert (await client.get("/api/calls", params=wrong)).status_code == 422


async def test_an_unknown_call_is_not_found(world) -> None:
    client = await world.client(Permission.LOOK_UP_CALLS)
    assert (await client.get("/api/calls/nothing")).status_code == 404
