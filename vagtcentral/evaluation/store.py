"""The store: every turn durable before its commands are carried out, and every call's record beside it.

One writer task collects the turns of all calls that wait and commits them together: the cost of reaching the
disk is shared. A turn that cannot be stored fails alone; those that came with it are committed without it.
The rows of `calls` are derived from the journal and written in the same transaction.
"""

import asyncio
from collections import ChainMap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vagtcentral.evaluation.audit import Finding, audit
from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.engine import reason, sqlite_engine
from vagtcentral.evaluation.group import Group, retold
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.rows import record_of, turn_of
from vagtcentral.evaluation.schema import StoreError, prepare, store_path
from vagtcentral.evaluation.tables import calls, journal
from vagtcentral.ivr.events import Event
from vagtcentral.ivr.journal import Turn

DEFAULT_STORE = "var/vagtcentral.sqlite"

_IDS_PER_QUERY = 500

_upsert_call = sqlite_insert(calls)
_upsert_call = _upsert_call.on_conflict_do_update(
    index_elements=[calls.c.call_id],
    set_={
        column.name: _upsert_call.excluded[column.name] for column in calls.columns if not column.primary_key
    },
)
_insert_turn = journal.insert()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that came in at the instant `at`, and whether its record is still open."""

    call_id: str
    caller: str | None = field(repr=False)
    at: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Append:
    """What one caller of `append` handed over, and what tells him how it went."""

    turns: tuple[Turn, ...]
    done: asyncio.Future[None]

    def succeed(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Store:
    """The journal and the records of one database file, open for appending and reading.

    Make one with `Store.open`; close it, or use it as an asynchronous context manager. Implements the
    `Journal` protocol of `vagtcentral.ivr.journal`.
    """

    def __init__(self, path: Path, engine: AsyncEngine, connection: AsyncConnection) -> None:
        self.path = path
        self._engine = engine
        self._connection = connection
        self._known: dict[str, CallRecord | JournalError] = {}
        self._pending: list[_Append] = []
        self._wake = asyncio.Event()
        self._late = asyncio.Lock()
        self._closed = False
        self._writer = asyncio.create_task(self._write_until_closed(), name=f"store {path.name}")

    @classmethod
    async def open(cls, url_or_path: str | Path, *, create: bool = True) -> "Store":
        """Open a store given as a path or as `sqlite:///FILE`, making it where it is missing and `create`.

        `StoreError` says in one line why it cannot be used: no database, another version, not writable.
        """
        path = store_path(url_or_path)
        await asyncio.to_thread(prepare, path, create=create)
        engine = sqlite_engine(path)
        try:
            connection = await engine.connect()
        except SQLAlchemyError as error:
            await engine.dispose()
            raise StoreError(f"{path}: {reason(error)}") from error
        return cls(path, engine, connection)

    async def close(self) -> None:
        """Commit what is pending and close the file. A second close does nothing."""
        self._closed = True
        self._wake.set()
        await asyncio.wait([self._writer])
        await self._connection.close()
        await self._engine.dispose()
        if not self._writer.cancelled():
            self._writer.result()  # raises what has killed the writer, if anything has

    async def __aenter__(self) -> "Store":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # --- writing ------------------------------------------------------------------------------

    async def append(self, turns: Sequence[Turn]) -> None:
        """Store the turns, all or none of them; returns once they are on the disk.

        `JournalError` (of which `StoreError` is one) where they cannot be stored: the next turn of a call
        must have the next number. A caller who stops waiting does not take back what he handed over.
        """
        self._require_open()
        if not turns:
            return
        append = _Append(tuple(turns), asyncio.get_running_loop().create_future())
        self._pending.append(append)
        self._wake.set()
        await append.done

    async def append_late(self, call_id: str, event: Event) -> bool:
        """Append what became known of a call after its record was closed: the next turn, without commands.

        False where there is no closed call of this id. Raises as `append` does.
        """
        async with self._late:  # or two of them would have the same number
            record = await self.record(call_id)
            if record is None or record.ended_at is None:
                return False
            await self.append([Turn(call_id, record.last_seq + 1, event, ())])
        return True

    async def set_aside(self, call_id: str, at: int) -> str:
        """Keep a call whose journal cannot be read under another id, closed, and free its own for a new one.

        Nothing of it is changed or lost. Returns the new id; `StoreError` where that cannot be written.
        """
        self._require_open()
        aside = f"{call_id}+damaged-{at}"
        row = select(calls).where(calls.c.call_id == call_id)
        try:
            async with self._engine.begin() as connection:
                kept = dict((await connection.execute(row)).mappings().one())
                kept |= {"call_id": aside, "ended_at": at, "outcome": "failed"}
                await connection.execute(calls.insert(), kept)
                moved = journal.update().where(journal.c.call_id == call_id)
                await connection.execute(moved.values(call_id=aside))
                await connection.execute(calls.delete().where(calls.c.call_id == call_id))
        except SQLAlchemyError as error:
            raise StoreError(f"{self.path}: call {call_id}: {reason(error)}") from error
        self._known.pop(call_id, None)
        return aside

    async def _write_until_closed(self) -> None:
        appends: list[_Append] = []
        try:
            while not (self._closed and not self._pending):
                await self._wake.wait()
                self._wake.clear()
                appends, self._pending = self._pending, []
                if appends:
                    await self._commit(appends)
        finally:
            for append in (*appends, *self._pending):  # only after a cancelled commit is any of them not done
                append.fail(StoreError(f"{self.path}: the store was stopped while writing"))

    async def _commit(self, appends: list[_Append], *, last_try: bool = False) -> None:
        """Commit all in one transaction; where one of them spoils that, each in one of its own."""
        try:
            group = await self._gather(appends)
            await self._write(group)
        except Exception as error:
            await self._connection.rollback()
            self._forget(appends)
            # A full disk or a lock is no turn's fault: trying each alone would only make all wait longer.
            last_try = last_try or isinstance(error, OperationalError)
            for append in appends:
                if last_try:
                    append.fail(self._explain(error, append))
                elif append.done.cancelled() or not append.done.done():
                    await self._commit([append], last_try=True)
            return
        self._keep(group.records)
        for append in appends:
            append.succeed()

    async def _gather(self, appends: Iterable[_Append]) -> Group:
        """One transaction's worth of rows. Turns that do not follow fail here, alone."""
        unknown = {turn.call_id for append in appends for turn in append.turns} - self._known.keys()
        found = await self._read_known(sorted(unknown)) if unknown else {}
        group = Group(ChainMap(found, self._known))
        for append in appends:
            try:
                group.add(append.turns)
            except Exception as error:
                append.fail(self._explain(error, append))
        return group

    async def _write(self, group: Group) -> None:
        if not group.turns:
            return
        connection = self._connection
        await connection.execute(_upsert_call, group.call_rows())
        await connection.execute(_insert_turn, group.turns)
        await self._make_durable()

    async def _make_durable(self) -> None:
        await self._connection.commit()

    async def _read_known(self, call_ids: list[str]) -> dict[str, CallRecord | JournalError]:
        """The records of calls that are not in memory, folded from their journal; new ones are absent."""
        found: dict[str, list[Any]] = {}
        for start in range(0, len(call_ids), _IDS_PER_QUERY):
            some = call_ids[start : start + _IDS_PER_QUERY]
            rows = await self._connection.execute(_journal_of(some))
            for row in rows.mappings():
                found.setdefault(row["call_id"], []).append(row)
        await self._connection.rollback()  # ends the reading, so that the writing sees the newest state
        return {call_id: retold(call_id, rows) for call_id, rows in found.items()}

    def _keep(self, records: dict[str, CallRecord]) -> None:
        """Remember the calls that go on, forget those that are over."""
        for call_id, record in records.items():
            if record.ended_at is None:
                self._known[call_id] = record
            else:
                self._known.pop(call_id, None)

    def _forget(self, appends: list[_Append]) -> None:
        """What was known of these calls may be what was wrong: it is read again when next needed."""
        for append in appends:
            for turn in append.turns:
                self._known.pop(turn.call_id, None)

    def _explain(self, error: Exception, append: _Append) -> Exception:
        if not isinstance(error, SQLAlchemyError | OverflowError):
            return error
        first = append.turns[0]
        explained = StoreError(f"{self.path}: call {first.call_id}, turn {first.seq}: {reason(error)}")
        explained.__cause__ = error
        return explained

    # --- reading ------------------------------------------------------------------------------

    async def call_ids(self) -> list[str]:
        """The calls in the store in the order of their arrival."""
        query = select(calls.c.call_id).order_by(calls.c.arrived_at, calls.c.call_id)
        return [row["call_id"] for row in await self.rows(query)]

    async def read_turns(self, call_id: str) -> list[Turn]:
        """The turns of a call in order, none for an unknown call; `JournalError` where one is damaged."""
        return [turn_of(row) for row in await self.rows(_journal_of([call_id]))]

    async def record(self, call_id: str) -> CallRecord | None:
        """The record of a call, None for an unknown one."""
        rows = await self.rows(select(calls).where(calls.c.call_id == call_id))
        return record_of(rows[0]) if rows else None

    async def records(self) -> list[CallRecord]:
        """The records of all calls in the order of their arrival."""
        query = select(calls).order_by(calls.c.arrived_at, calls.c.call_id)
        return [record_of(row) for row in await self.rows(query)]

    async def open_call_ids(self) -> list[str]:
        """The calls whose record is not closed: after a crash, those to be picked up again."""
        query = select(calls.c.call_id).where(calls.c.ended_at.is_(None))
        return [
            row["call_id"] for row in await self.rows(query.order_by(calls.c.arrived_at, calls.c.call_id))
        ]

    async def last_instant(self) -> int | None:
        """The latest instant in any journal (ms since 1970 UTC), None in an empty store; reads them all."""
        rows = await self.rows(select(func.max(journal.c.at).label("at")))
        latest: int | None = rows[0]["at"]
        return latest

    async def arrivals(self, since: int) -> list[Arrival]:
        """Who called at that instant or later, and whose call is still open, in the order of arrival."""
        columns = (calls.c.call_id, calls.c.caller, calls.c.arrived_at, calls.c.ended_at)
        query = select(*columns).where((calls.c.arrived_at >= since) | calls.c.ended_at.is_(None))
        rows = await self.rows(query.order_by(calls.c.arrived_at, calls.c.call_id))
        return [
            Arrival(row["call_id"], row["caller"], row["arrived_at"], row["ended_at"] is None)
            for row in rows
            if row["arrived_at"] is not None
        ]

    async def check(self) -> list[Finding]:
        """What is wrong in the store: gaps, damaged turns, records that do not follow from their journal."""
        self._require_open()
        async with self._engine.connect() as connection:
            return await audit(connection)

    def _require_open(self) -> None:
        if self._closed or self._writer.done():
            raise StoreError(f"{self.path}: the store is closed")

    async def rows(self, query: Any) -> list[Any]:
        """The rows of a query on the tables of the store; `StoreError` where it cannot be read."""
        self._require_open()
        try:
            async with self._engine.connect() as connection:
                return list((await connection.execute(query)).mappings())
        except SQLAlchemyError as error:
            raise StoreError(f"{self.path}: {reason(error)}") from error


def _journal_of(call_ids: list[str]) -> Any:
    query = select(journal).where(journal.c.call_id.in_(call_ids))
    return query.order_by(journal.c.call_id, journal.c.seq)
