import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.store import Arrival, Store
from vagtcentral.ivr.commands import Hold, SetTimer
from vagtcentral.ivr.events import CallerHungUp, DigitPressed, LocationForm, LocationReceived, Timer
from vagtcentral.ivr.journal import Journal, Turn


def on_disk(file, query: str) -> list:
    """What another program sees in the file right now."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def keyed(call_id: str, count: int) -> list[Turn]:
    return [Turn(call_id, seq, DigitPressed(1000 + seq, "1"), (Hold(),)) for seq in range(1, count + 1)]


class Commits:
    """Counts the transactions of a store, and can hold them back or break them."""

    def __init__(self, store: Store) -> None:
        self.count = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self._commit = store._make_durable
        store._make_durable = self.commit  # type: ignore[method-assign]

    async def commit(self) -> None:
        await self.gate.wait()
        self.count += 1
        await self._commit()


async def test_a_call_is_read_back_as_it_was_told(file, any_story) -> None:
    async with await Store.open(file) as store:
        journal: Journal = store
        for turn in any_story:
            await journal.append([turn])
        call_id = any_story[0].call_id
        assert await store.read_turns(call_id) == any_story
        assert await store.record(call_id) == CallRecord.fold(call_id, any_story)
        assert await store.check() == []


async def test_append_returns_only_when_the_turn_is_on_the_disk(file, told) -> None:
    async with await Store.open(file) as store:
        commits = Commits(store)
        for turn in told("answered"):
            commits.gate.clear()
            waiting = asyncio.create_task(store.append([turn]))
            await asyncio.sleep(0.01)
            assert not waiting.done()
            assert len(on_disk(file, "SELECT 1 FROM journal")) == turn.seq - 1
            commits.gate.set()
            await waiting
            assert len(on_disk(file, "SELECT 1 FROM journal")) == turn.seq
            assert on_disk(file, "SELECT last_seq FROM calls") == [(turn.seq,)]


async def test_a_commit_waits_for_the_disk(file) -> None:
    async with await Store.open(file) as store:
        pragma = {}
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            pragma[name] = (await store._connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


async def test_two_hundred_calls_share_a_few_commits(file) -> None:
    async with await Store.open(file) as store:
        commits = Commits(store)

        async def tell(call_id: str) -> None:
            for turn in keyed(call_id, 3):
                await store.append([turn])

        await asyncio.gather(*(tell(f"call-{number:03}") for number in range(200)))
        assert commits.count <= 12, "600 turns in a dozen transactions at most"
        assert len(await store.call_ids()) == 200
        assert await store.check() == []


async def test_turns_of_one_call_may_be_handed_over_without_waiting(file, told) -> None:
    async with await Store.open(file) as store:
        turns = told("transferred")
        await asyncio.gather(*(store.append([turn]) for turn in turns))
        assert await store.read_turns("call-transfer") == turns
        await store.append(told("answered"))
        assert await store.read_turns("call-1") == told("answered")


@pytest.mark.parametrize(
    ("poison", "complaint"),
    [
        (
            Turn("bad", 2, DigitPressed(1, "1"), ()),
            "call bad: turn 2 is already in the store; turn 3 comes next",
        ),
        (Turn("bad", 1, DigitPressed(1, "1"), ()), "call bad is already in the store, with 2 turns"),
        (Turn("bad", 4, DigitPressed(1, "1"), ()), "call bad: turn 4 leaves a gap; turn 3 comes next"),
        (Turn("bad", 0, DigitPressed(1, "1"), ()), "call bad: turn 0 leaves a gap; turn 3 comes next"),
        (Turn("new", 2, DigitPressed(1, "1"), ()), "call new: turn 2 leaves a gap; turn 1 comes next"),
        (Turn("bad", 3, DigitPressed("x", "1"), ()), "call bad, turn 3: digit_pressed cannot be written"),  # type: ignore[arg-type]
        (Turn("bad", 3, DigitPressed(2**70, "1"), ()), "call bad, turn 3: Python int too large"),
        (Turn("bad", 3, DigitPressed(1, "1"), (SetTimer(Timer.RING, "x"),)), "call bad, turn 3: set_timer"),  # type: ignore[arg-type]
    ],
)
async def test_a_poison_turn_fails_alone(file, poison: Turn, complaint: str) -> None:
    async with await Store.open(file) as store:
        await store.append(keyed("bad", 2))
        good = [keyed(f"good-{number}", 1) for number in range(20)]
        appends = [store.append(turns) for turns in good]
        appends.insert(10, store.append([poison]))
        said = await asyncio.gather(*appends, return_exceptions=True)
        assert [place for place, error in enumerate(said) if error is not None] == [10]
        assert isinstance(said[10], JournalError)
        assert complaint in str(said[10])
        await store.append([keyed("bad", 3)[2]])  # the call itself goes on
        assert len(await store.call_ids()) == 21
        assert await store.check() == []


async def test_half_a_character_loses_no_turn(file, story) -> None:
    turns = story("call-1", "+45\udce6").arrives().turns
    async with await Store.open(file) as store:
        await store.append(turns)
        assert (await store.read_turns("call-1"))[0].event.caller == "+45\\udce6"
        assert (await store.record("call-1")).caller == "+45\\udce6"
        assert await store.check() == []


async def test_a_gap_left_by_a_failed_turn_is_not_filled_by_the_next(file) -> None:
    async with await Store.open(file) as store:
        first, second, third = keyed("call-1", 3)
        broken = replace(second, event=DigitPressed(2**70, "1"))
        said = await asyncio.gather(
            store.append([first]), store.append([broken]), store.append([third]), return_exceptions=True
        )
        assert [error is None for error in said] == [True, False, False]
        assert await store.read_turns("call-1") == [first]


async def test_one_append_is_stored_whole_or_not_at_all(file) -> None:
    async with await Store.open(file) as store:
        with pytest.raises(StoreError, match="leaves a gap"):
            await store.append([*keyed("call-1", 3), Turn("call-2", 2, DigitPressed(1, "1"), ())])
        assert await store.call_ids() == []


async def test_an_append_that_failed_leaves_the_call_as_it_was(file) -> None:
    async with await Store.open(file) as store:
        first, second, third, fourth = keyed("call-1", 4)
        await store.append([first])
        with pytest.raises(StoreError, match="turn 4 leaves a gap; turn 3 comes next"):
            await store.append([second, fourth])
        await store.append([second, third])
        assert await store.check() == []


async def test_a_turn_that_another_program_has_written_meanwhile_is_refused(file) -> None:
    async with await Store.open(file) as store, await Store.open(file) as other:
        first, second, third = keyed("call-1", 3)
        await store.append([first])
        await other.append([second])
        with pytest.raises(StoreError, match="turn 2 is already in the store; turn 3 comes next"):
            await store.append([second])
        await store.append([third])
        assert await store.check() == []


async def test_a_lock_held_by_another_program_fails_all_that_wait_and_not_one_after_the_other(file) -> None:
    async with await Store.open(file) as store:
        await store._connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with asyncio.timeout(2):
                said = await asyncio.gather(
                    *(store.append(keyed(f"call-{number}", 1)) for number in range(100)),
                    return_exceptions=True,
                )
            assert all("database is locked" in str(error) for error in said)
            other.execute("ROLLBACK")
        await asyncio.gather(*(store.append(keyed(f"call-{number}", 1)) for number in range(100)))


async def test_a_caller_who_stops_waiting_takes_nothing_back(file) -> None:
    async with await Store.open(file) as store:
        commits = Commits(store)
        commits.gate.clear()
        waiting = asyncio.create_task(store.append(keyed("call-1", 1)))
        await asyncio.sleep(0.01)
        waiting.cancel()
        commits.gate.set()
        await asyncio.gather(waiting, return_exceptions=True)
        await store.append(keyed("call-1", 2)[1:])
        assert await store.read_turns("call-1") == keyed("call-1", 2)


async def test_close_commits_what_is_pending_and_then_refuses(file) -> None:
    store = await Store.open(file)
    waiting = asyncio.create_task(store.append(keyed("call-1", 1)))
    await asyncio.sleep(0)
    await store.close()
    await waiting
    await store.close()
    for refused in (store.append(keyed("call-2", 1)), store.call_ids(), store.check()):
        with pytest.raises(StoreError, match="the store is closed"):
            await refused
    assert on_disk(file, "SELECT call_id FROM journal") == [("call-1",)]


async def test_a_stopped_writer_fails_those_who_wait_and_those_who_come(file) -> None:
    store = await Store.open(file)
    Commits(store).gate.clear()
    waiting = asyncio.create_task(store.append(keyed("call-1", 1)))
    await asyncio.sleep(0.01)
    store._writer.cancel()
    with pytest.raises(StoreError, match="stopped while writing"):
        await waiting
    with pytest.raises(StoreError, match="closed"):
        await store.append(keyed("call-2", 1))
    await store.close()


async def test_an_open_call_goes_on_where_it_was_after_reopening(file, told) -> None:
    turns = told("called_back")
    for start in range(0, len(turns), 4):
        async with await Store.open(file) as store:
            assert await store.open_call_ids() == (["call-back"] if start else [])
            await store.append(turns[start : start + 4])
    async with await Store.open(file) as store:
        assert await store.record("call-back") == CallRecord.fold("call-back", turns)
        assert await store.open_call_ids() == []


async def test_closed_calls_leave_memory_and_take_late_events_nevertheless(file, told) -> None:
    async with await Store.open(file) as store:
        for turn in told("answered"):
            await store.append([turn])
        await store.append(keyed("open", 1))
        assert list(store._known) == ["open"]
        late = Turn("call-1", len(told("answered")) + 1, CallerHungUp(9), ())
        await store.append([late])
        assert list(store._known) == ["open"]
        assert (await store.read_turns("call-1"))[-1] == late


async def test_what_becomes_known_after_the_end_is_the_next_turn_of_its_call(file, told) -> None:
    turns = told("answered")
    known = [LocationReceived(9, LocationForm.AML_SMS, text) for text in ("one", "two", "three")]
    async with await Store.open(file) as store:
        await store.append(turns)
        assert all(await asyncio.gather(*(store.append_late("call-1", event) for event in known)))
        late = (await store.read_turns("call-1"))[len(turns) :]
        assert late == [Turn("call-1", len(turns) + n, event, ()) for n, event in enumerate(known, 1)]
        assert (await store.record("call-1")).anomalies[-1] == "location-after-close"
        assert await store.check() == []


async def test_only_a_call_that_is_over_takes_what_becomes_known_after_its_end(file) -> None:
    event = LocationReceived(9, LocationForm.AML_SMS, "text")
    async with await Store.open(file) as store:
        await store.append(keyed("open", 1))
        assert not await store.append_late("open", event)
        assert not await store.append_late("nobody", event)
        assert len(await store.read_turns("open")) == 1


async def test_arrivals_are_those_since_an_instant_and_all_that_are_open(file, told, story) -> None:
    async with await Store.open(file) as store:
        await store.append(told("answered"))
        await store.append(story("open", None).arrives().turns)
        began = told("answered")[0].event.at
        assert await store.arrivals(began) == [
            Arrival("call-1", "+4586123456", began, False),
            Arrival("open", None, began, True),
        ]
        assert [one.call_id for one in await store.arrivals(began + 1)] == ["open"]


async def test_records_come_in_the_order_of_arrival(file, told) -> None:
    async with await Store.open(file) as store:
        later = [replace(turn, call_id="a") for turn in told("answered")]
        later[0] = replace(later[0], event=replace(later[0].event, at=later[0].event.at + 1))
        await store.append(later)
        await store.append(told("answered"))
        assert await store.call_ids() == ["call-1", "a"]
        assert [record.call_id for record in await store.records()] == ["call-1", "a"]


async def test_an_unknown_call_has_no_turns_and_no_record(file) -> None:
    async with await Store.open(file) as store:
        assert await store.read_turns("nobody") == []
        assert await store.record("nobody") is None


async def test_nothing_is_appended_by_an_empty_append(file) -> None:
    async with await Store.open(file) as store:
        commits = Commits(store)
        await store.append([])
        assert commits.count == 0


async def test_a_call_with_a_damaged_journal_fails_alone(file) -> None:
    async with await Store.open(file) as store:
        await store.append(keyed("bad", 1))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE journal SET event = '{}'")
    async with await Store.open(file) as store:
        said = await asyncio.gather(
            store.append(keyed("bad", 2)[1:]), store.append(keyed("good", 1)), return_exceptions=True
        )
        assert "call bad, turn 1: digit_pressed, field at: Field required" in str(said[0])
        assert said[1] is None


async def test_a_damaged_call_is_set_aside_whole_and_its_id_is_free(file) -> None:
    async with await Store.open(file) as store:
        await store.append(keyed("bad", 2))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE journal SET event = '{}' WHERE seq = 2")
    async with await Store.open(file) as store:
        aside = await store.set_aside("bad", 99_000)
        assert aside == "bad+damaged-99000"
        await store.append(keyed("bad", 1))
        assert len(await store.read_turns("bad")) == 1
        kept = await store.record(aside)
        assert kept is not None
        assert (kept.ended_at, kept.outcome) == (99_000, "failed")
        assert await store.open_call_ids() == ["bad"]
        assert {finding.call_id for finding in await store.check()} == {aside}
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT seq, event FROM journal WHERE call_id = ? ORDER BY seq"
        assert [row[0] for row in connection.execute(query, (aside,))] == [1, 2]


async def test_a_call_that_there_is_not_cannot_be_set_aside(file) -> None:
    async with await Store.open(file) as store:
        with pytest.raises(StoreError, match="call nobody"):
            await store.set_aside("nobody", 1)
