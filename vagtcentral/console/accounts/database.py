"""Transactions on the store's tables of accounts.

The journal of calls writes to the same file, and calls come first: a transaction here takes the write lock
when it begins, writes a few rows and is over; nothing is hashed or awaited in it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vagtcentral.evaluation.engine import reason
from vagtcentral.evaluation.schema import StoreError

#: The execution option of connections that only read, and so need no lock.
_READS = "vagtcentral_reads"
_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class TakenError(StoreError):
    """What was to be written collides with what is there."""


class Database:
    """Reads and writes of one store; `name` is how it is called in errors."""

    def __init__(self, engine: AsyncEngine, name: str) -> None:
        self._engine = engine
        self._reader = engine.execution_options(**{_READS: True})
        self._name = name
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "begin", _begin_immediately)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def rows(self, query: Any, **values: Any) -> list[Any]:
        """What a query finds with these values, as mappings; `StoreError` where the store does not answer."""
        try:
            async with self._reader.connect() as connection:
                return list((await connection.execute(query, values)).mappings())
        except SQLAlchemyError as error:
            raise StoreError(f"{self._name}: {reason(error)}") from error

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: durable when the block has ended, undone when it raised.

        `StoreError` where the store cannot be written, `TakenError` where a constraint forbids it.
        """
        try:
            async with self._engine.begin() as connection:
                yield connection
        except IntegrityError as error:
            raise TakenError(f"{self._name}: {reason(error)}") from error
        except SQLAlchemyError as error:
            raise StoreError(f"{self._name}: {reason(error)}") from error

    def insert_missing(self, table: Table, rows: list[dict[str, Any]]) -> Any:
        """A statement that inserts those of the rows that are not there yet."""
        return _INSERTS[self._engine.dialect.name](table).values(rows).on_conflict_do_nothing()


def _begin_immediately(connection: Connection) -> None:
    """Of two who write one waits: begun by reading, a transaction could find the other's rows in its way."""
    if _READS not in connection.get_execution_options():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
