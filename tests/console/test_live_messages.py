"""Location messages in the live system: durable, given to their calls, and remembered over a restart."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.console.whole_web import web
from vagtcentral.console.aml_server import AmlKeys, aml_routes
from vagtcentral.console.live import LiveSystem
from vagtcentral.console.settings import Settings
from vagtcentral.evaluation.messages import LocationMessage, MessageStore
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.events import CallerHungUp, Event, LocationForm, LocationReceived
from vagtcentral.ivr.setting import shipped_setting

NUMBER, NATIONAL = "+4520304050", "20304050"
MINUTE = 60_000


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.at = 1_800_000_000_000
        self._waiting: list[tuple[int, Callable[[], None]]] = []

    def now(self) -> int:
        return self.at

    def call_at(self, due: int, callback: Callable[[], None]) -> Any:
        entry = (due, callback)
        self._waiting.append(entry)
        return SimpleNamespace(cancel=lambda: entry in self._waiting and self._waiting.remove(entry))

    def pass_by(self, ms: int) -> None:
        self.at += ms
        for entry in [entry for entry in self._waiting if entry[0] <= self.at]:
            self._waiting.remove(entry)
            entry[1]()


async def nothing(*_: object) -> None:
    """What a switch does that is not there."""


class Program:
    """The live system without a switch, on one store; leaving the block is a power cut."""

    def __init__(self, folder: Path, clock: SetClock) -> None:
        self.file = folder / "store.sqlite"
        self.clock = clock
        self.sent = 0

    async def __aenter__(self) -> "Program":
        self.store = await Store.open(self.file)
        self.messages = await MessageStore.open(self.file)
        prompts: Any = SimpleNamespace(media=lambda spoken: f"sound:{spoken.name}")
        parts = (Settings(), shipped_setting(), (), prompts, self.store, self.messages, self.clock)
        self.live = LiveSystem(*parts)
        self.live.trunk.carrier.perform = nothing  # type: ignore[method-assign]
        await self.live.restore()
        self.live._resume()
        await self.live.controller.settled()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.live.close()
        await self.messages.close()
        await self.store.close()

    async def sends(self, number: str | None = NUMBER, usable: bool = True) -> str | None:
        """A handset sends a position; each is a little further north."""
        self.sent += 1
        name = f"m-{self.sent}-{self.clock.at}"
        call_id = await self.live.deliver(
            LocationMessage(name, self.clock.at, LocationForm.AML_HTTPS, number, self.form(), usable, ())
        )
        await self.live.controller.settled()
        return call_id

    def form(self) -> str:
        return f"location_latitude=55.67{self.sent}&location_longitude=12.5&location_accuracy=9"

    async def calls(self, call_id: str, number: str | None = NATIONAL) -> None:
        self.live._arrived(call_id, number, "112")
        await self.live.controller.settled()

    async def hears(self, call_id: str, event: Event) -> None:
        self.live.controller.report(call_id, event)
        await self.live.controller.settled()

    async def locations(self, call_id: str) -> list[LocationReceived]:
        turns = await self.store.read_turns(call_id)
        return [turn.event for turn in turns if isinstance(turn.event, LocationReceived)]

    def of_calls(self) -> list[str | None]:
        with closing(sqlite3.connect(self.file)) as connection:
            query = "SELECT call_id FROM location_messages ORDER BY at, id"
            return [call_id for (call_id,) in connection.execute(query)]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def program(tmp_path: Path, clock: SetClock) -> Program:
    return Program(tmp_path, clock)


async def test_a_message_during_the_call_is_its_own_and_stored_with_it(program: Program) -> None:
    async with program:
        await program.calls("a")
        assert await program.sends() == "a"
        assert [event.content for event in await program.locations("a")] == [program.form()]
        record = await program.store.record("a")
        assert record is not None
        assert record.position is not None
        assert program.of_calls() == ["a"]


async def test_a_message_before_the_call_waits_for_it_on_the_disk(program: Program, clock: SetClock) -> None:
    async with program:
        assert await program.sends() is None
        assert program.of_calls() == [None]
        clock.pass_by(MINUTE)
        await program.calls("a")
        assert [event.at for event in await program.locations("a")] == [clock.at]
    assert program.of_calls() == ["a"]


async def test_a_message_waits_over_a_restart(program: Program, clock: SetClock) -> None:
    async with program:
        await program.sends()
    clock.pass_by(MINUTE)
    async with program:
        await program.calls("a")
        assert len(await program.locations("a")) == 1


async def test_a_message_outside_the_window_waits_no_longer_over_a_restart_either(
    program: Program, clock: SetClock
) -> None:
    async with program:
        await program.sends()
    clock.pass_by(11 * MINUTE)
    async with program:
        await program.calls("a")
        assert await program.locations("a") == []
    assert program.of_calls() == [None]


async def test_a_call_from_before_the_restart_gets_the_messages_that_come_after_it(
    program: Program, clock: SetClock
) -> None:
    async with program:
        await program.calls("a")
    clock.pass_by(2 * MINUTE)
    async with program:
        assert await program.sends() == "a"
        assert len(await program.locations("a")) == 1


async def test_nothing_is_given_again_after_a_restart(program: Program) -> None:
    async with program:
        await program.sends()
        await program.calls("a")
        await program.sends()
        assert len(await program.locations("a")) == 2
    async with program:
        assert len(await program.locations("a")) == 2
        first = program.sent
        program.sent = 0
        assert await program.sends() is None, "the same content again is a duplicate"
        assert (len(await program.locations("a")), first) == (2, 2)


async def test_a_message_that_was_stored_and_not_yet_in_its_calls_journal_comes_after_the_restart(
    program: Program, clock: SetClock
) -> None:
    async with program:
        await program.calls("a")
        await program.calls("b", "30405060")
        await program.hears("b", CallerHungUp(clock.at))
        clock.pass_by(MINUTE)
        for name, number, call_id in (("m-1", NUMBER, "a"), ("m-2", "+4530405060", "b")):
            cut_off = LocationMessage(
                name, clock.at, LocationForm.AML_HTTPS, number, f"location_latitude={name}", True, ()
            )
            await program.messages.keep(cut_off, call_id)  # and here the power is cut
    clock.pass_by(MINUTE)
    async with program:
        for call_id, name in (("a", "m-1"), ("b", "m-2")):
            (event,) = await program.locations(call_id)
            assert (event.at, event.content) == (clock.at, f"location_latitude={name}")
        assert await program.store.check() == []


async def test_a_message_for_a_call_that_was_over_long_ago_is_in_its_journal(
    program: Program, clock: SetClock
) -> None:
    async with program:
        await program.calls("a")
        await program.hears("a", CallerHungUp(clock.at))
        clock.pass_by(5 * MINUTE)
        assert program.live.controller.room.call("a") is None
        assert await program.sends() == "a"
    clock.pass_by(5 * MINUTE)
    async with program:
        assert await program.sends() == "a"
        turns = await program.store.read_turns("a")
        assert [turn.commands for turn in turns[-2:]] == [(), ()]
        assert [type(turn.event) for turn in turns[-2:]] == [LocationReceived, LocationReceived]
        record = await program.store.record("a")
        assert record is not None
        assert (record.position, record.anomalies) == (None, ("location-after-close",))
        assert await program.store.check() == []
    assert program.of_calls() == ["a", "a"]


async def test_an_unusable_message_is_stored_and_given_to_no_call_before_or_after_a_restart(
    program: Program, clock: SetClock
) -> None:
    async with program:
        await program.calls("a")
        assert await program.sends(usable=False) is None
    async with program:
        assert await program.locations("a") == []
        await program.calls("b")
        assert await program.locations("b") == []
    assert program.of_calls() == [None]


async def test_if_the_store_fails_the_message_reaches_its_call_and_that_is_logged(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(*_: object) -> None:
        raise StoreError("disk full")

    async with program:
        await program.calls("a")
        monkeypatch.setattr(program.messages, "keep", full)
        with caplog.at_level(logging.ERROR):
            assert await program.sends() == "a"
        assert len(await program.locations("a")) == 1
    assert "not stored: disk full" in caplog.text
    assert "20304050" not in caplog.text


async def test_a_damaged_journal_does_not_keep_the_others_messages_from_them(
    program: Program, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with program:
        await program.calls("a")
        await program.hears("a", CallerHungUp(clock.at))
        await program.sends()
    with closing(sqlite3.connect(program.file)) as connection, connection:
        connection.execute("UPDATE journal SET event = '{}'")
    async with program:
        await program.calls("b", "30405060")
        assert await program.sends("30405060") == "b"
        assert len(await program.locations("b")) == 1
    assert "cannot be looked for in a journal" in caplog.text


async def test_a_cell_that_the_network_posts_locates_the_call_of_its_number(tmp_path: Path) -> None:
    """Through the whole of it: endpoint, store, call. What is odd is named in the table and in the call."""
    async with Program(tmp_path, SetClock()) as program:
        app = FastAPI()
        live = program.live
        app.include_router(aml_routes(live.deliver, AmlKeys(), program.clock.now, oddities=live.oddities))
        live._arrived("call-1", NATIONAL, "112")
        await live.controller.settled()
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://vagt.example") as client:
            cell = {"from": NUMBER, "cell": "LTE-238-01-1011-257,3"}
            answers = [await client.post("/aml", json=cell), await client.post("/aml", json=cell)]
        assert [answer.status_code for answer in answers] == [200, 202]  # the same once more is kept
        await live.controller.settled()
        record = await program.store.record("call-1")
        assert record is not None
        assert (record.district, record.position_source) == ("1470", "cell")
        assert record.anomalies == ("cells-synthetic",)
        stored = await program.messages.since(0)
        assert [message.anomalies for message in stored] == [("cells-synthetic",)] * 2


async def test_the_whole_application_takes_what_a_network_tells_and_names_what_is_odd(tmp_path: Path) -> None:
    async with web(tmp_path, aml_gateway_token="a-token") as client:
        told = {"from": NUMBER, "cell": "LTE-238-01-1-1"}
        answers = [
            await client.post("/aml", json=told, headers={"Authorization": f"Bearer {token}"})
            for token in ("a-token", "another")
        ]
    assert [answer.status_code for answer in answers] == [202, 202]
    async with await MessageStore.open(tmp_path / "store.sqlite") as messages:
        stored = {message.id: message for message in await messages.since(0)}
    given, refused = (stored[answer.json()["id"]] for answer in answers)
    assert (given.form, given.usable) == (LocationForm.CELL, True)
    assert given.anomalies == ("cells-synthetic", "cell-unknown")
    assert (refused.usable, refused.anomalies) == (False, ("token-invalid",))
