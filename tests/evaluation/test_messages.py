"""The location messages of a store: on the disk before anybody goes on, together where they come together."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from vagtcentral.evaluation.messages import LocationMessage, MessageStore
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.ivr.events import LocationForm, LocationReceived

FORM = "device_number=%2B4520304050&location_latitude=55.6761&location_longitude=12.5683"


def message(name: str = "m-1", at: int = 1_000, number: str | None = "+4520304050") -> LocationMessage:
    return LocationMessage(name, at, LocationForm.AML_HTTPS, number, FORM, True, ("plus-lost",))


def on_disk(file, query: str) -> list:
    """What another program sees in the file right now."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


async def test_a_message_is_on_the_disk_when_it_is_kept(file) -> None:
    async with await MessageStore.open(file) as messages:
        await messages.keep(message(), "call-1")
        await messages.keep(replace(message("m-2"), usable=False, number=None), None)
        rows = on_disk(file, "SELECT * FROM location_messages ORDER BY id")
    assert rows == [
        ("m-1", 1_000, "aml_https", "+4520304050", FORM, 1, '["plus-lost"]', "call-1"),
        ("m-2", 1_000, "aml_https", None, FORM, 0, '["plus-lost"]', None),
    ]


async def test_messages_are_read_back_as_they_came_in_the_order_in_which_they_came(file) -> None:
    async with await MessageStore.open(file) as messages:
        for name, at in (("late", 3_000), ("early", 1_000), ("between", 2_000)):
            await messages.keep(message(name, at), None)
        assert await messages.since(2_000) == [message("between", 2_000), message("late", 3_000)]
        assert (await messages.since(0))[0].event == LocationReceived(1_000, LocationForm.AML_HTTPS, FORM)


@pytest.mark.parametrize("number", ["20304050", "20 30 40 50", "004520304050", "+45 20304050"])
async def test_a_number_is_kept_in_the_spelling_by_which_it_is_matched(file, number: str) -> None:
    async with await MessageStore.open(file) as messages:
        await messages.keep(message(number=number), None)
        assert [one.number for one in await messages.since(0)] == ["+4520304050"]


async def test_a_sender_that_is_no_number_is_kept_as_he_is(file) -> None:
    async with await MessageStore.open(file) as messages:
        await messages.keep(message(number="Telenor"), None)
        assert [one.number for one in await messages.since(0)] == ["Telenor"]


async def test_a_call_that_got_waiting_messages_is_noted_with_those_of_its_number_and_time_only(file) -> None:
    async with await MessageStore.open(file) as messages:
        await messages.keep(message("too-old", 1_000), None)
        await messages.keep(message("mine", 2_000), None)
        await messages.keep(message("taken", 2_000), "call-0")
        await messages.keep(replace(message("unusable", 2_000), usable=False), None)
        await messages.keep(message("another", 2_000, "+4599999999"), None)
        await messages.given("call-1", "20304050", 2_000)
        rows = on_disk(
            file, "SELECT id, call_id FROM location_messages WHERE call_id IS NOT NULL ORDER BY id"
        )
    assert rows == [("mine", "call-1"), ("taken", "call-0")]


async def test_messages_that_come_together_are_committed_together(file) -> None:
    async with await MessageStore.open(file) as messages:
        commits = []
        execute = messages._execute

        async def counted(statement, rows=None) -> None:
            commits.append(len(rows))
            await execute(statement, rows)

        messages._execute = counted  # type: ignore[method-assign]
        await asyncio.gather(*(messages.keep(message(f"m-{n}"), None) for n in range(200)))
        assert sum(commits) == 200
        assert len(commits) <= 3
        assert len(await messages.since(0)) == 200


async def test_a_lock_of_another_program_fails_those_who_wait_and_the_next_message_is_kept(file) -> None:
    async with await MessageStore.open(file) as messages:
        async with messages._engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            both = (messages.keep(message("m-1"), None), messages.keep(message("m-2"), None))
            said = await asyncio.gather(*both, return_exceptions=True)
            other.execute("ROLLBACK")
        for error in said:
            assert isinstance(error, StoreError)
            assert "database is locked" in str(error)
            assert "20304050" not in str(error)
        await messages.keep(message("m-3"), None)
        assert [one.id for one in await messages.since(0)] == ["m-3"]


async def test_what_was_not_written_because_the_program_ends_is_not_said_to_be(file) -> None:
    async with await MessageStore.open(file) as messages:

        async def never(*_: object) -> None:
            await asyncio.Event().wait()

        messages._execute = never  # type: ignore[method-assign]
        tasks = [asyncio.create_task(messages.keep(message(f"m-{n}"), None)) for n in range(3)]
        for task in tasks[:2]:  # the first writes alone, the second writes for the third as well
            await asyncio.sleep(0.01)
            task.cancel()
        with pytest.raises(StoreError, match="stopped while writing"):
            await tasks[2]


def test_nothing_personal_is_shown() -> None:
    assert "20304050" not in repr(message())
    assert "55.6761" not in repr(message())
