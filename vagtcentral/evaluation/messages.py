"""Location messages as they came in, kept before the sender has his answer; their call may be yet to come.

A message that a call was there for is in the journal of that call as well. This table has all of them, those
too that belong to no call, so that a program that was started again still knows which are waiting.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from vagtcentral.evaluation.engine import reason, sqlite_engine
from vagtcentral.evaluation.schema import StoreError, prepare, store_path
from vagtcentral.evaluation.tables import location_messages
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.matching import number_key


@dataclass(frozen=True, slots=True)
class LocationMessage:
    """A location message as it came in, before anybody knows which call it belongs to.

    `content` is what a call's `LocationReceived` holds: the posted form, or what a text message says; for a
    message that is not `usable` the body as it came. `usable` is False where the sender did not prove who he
    is, or sent too much: it is kept and given to no call. Personal data stay out of `repr`.
    """

    id: str
    at: int
    form: LocationForm
    number: str | None = field(repr=False)
    content: str = field(repr=False)
    usable: bool
    anomalies: tuple[str, ...]

    @property
    def event(self) -> LocationReceived:
        """The message as an event for its call."""
        return LocationReceived(self.at, self.form, self.content)


class _Batch:
    """The messages that are committed together, and why they were not."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.error: Exception | None = StoreError("the store was stopped while writing a location message")


class MessageStore:
    """The location messages of one store; make one with `MessageStore.open`."""

    def __init__(self, path: Path, engine: AsyncEngine) -> None:
        self.path = path
        self._engine = engine
        self._writing = asyncio.Lock()
        self._batch = _Batch()

    @classmethod
    async def open(cls, url_or_path: str | Path) -> "MessageStore":
        """Open the messages of a store, making it where it is missing; `StoreError` if it cannot be used."""
        path = store_path(url_or_path)
        await asyncio.to_thread(prepare, path, create=True)
        return cls(path, sqlite_engine(path))

    async def close(self) -> None:
        """Write what is being written, and close the file."""
        async with self._writing:
            await self._engine.dispose()

    async def __aenter__(self) -> "MessageStore":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def keep(self, message: LocationMessage, call_id: str | None) -> None:
        """Store a message and the call that it was given to, if any; return when it is on the disk.

        Messages that come while others are being written are committed together. Raises `StoreError`.
        """
        batch = self._batch
        batch.rows.append(_row(message, call_id))
        async with self._writing:
            if self._batch is batch:
                self._batch = _Batch()
                await self._write(batch)
        if batch.error is not None:
            raise batch.error

    async def given(self, call_id: str, number: str | None, since: int) -> None:
        """Note that a call has got the messages of its number that had waited since that instant."""
        waited = (
            location_messages.c.call_id.is_(None)
            & location_messages.c.usable
            & (location_messages.c.number == number_key(number))
            & (location_messages.c.at >= since)
        )
        async with self._writing:
            await self._execute(update(location_messages).where(waited).values(call_id=call_id))

    async def since(self, at: int) -> list[LocationMessage]:
        """The messages that came at that instant or later, in the order in which they came."""
        table = location_messages
        query = select(table).where(table.c.at >= at).order_by(table.c.at, table.c.id)
        try:
            async with self._engine.connect() as connection:
                return [_message(row) for row in (await connection.execute(query)).mappings()]
        except SQLAlchemyError as error:
            raise StoreError(f"{self.path}: location messages: {reason(error)}") from error

    async def _write(self, batch: _Batch) -> None:
        try:
            await self._execute(location_messages.insert(), batch.rows)
        except StoreError as error:
            batch.error = error
        else:
            batch.error = None

    async def _execute(self, statement: Any, rows: list[dict[str, Any]] | None = None) -> None:
        try:
            async with self._engine.begin() as connection:
                await connection.execute(statement, rows)
        except (SQLAlchemyError, OverflowError) as error:
            raise StoreError(f"{self.path}: location messages: {reason(error)}") from error


def _row(message: LocationMessage, call_id: str | None) -> dict[str, Any]:
    """The row of a message; its number in E.164 where it can be read so, as it is matched by that."""
    return {
        "id": message.id,
        "at": message.at,
        "form": message.form.value,
        "number": number_key(message.number) or message.number,
        "content": message.content,
        "usable": message.usable,
        "anomalies": json.dumps(message.anomalies),
        "call_id": call_id,
    }


def _message(row: Mapping[Any, Any]) -> LocationMessage:
    return LocationMessage(
        row["id"],
        row["at"],
        LocationForm(row["form"]),
        row["number"],
        row["content"],
        row["usable"],
        tuple(json.loads(row["anomalies"])),
    )
