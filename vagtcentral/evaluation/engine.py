"""The connections to a store's file: durable at every commit, readers beside the writer."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def sqlite_engine(path: Path) -> AsyncEngine:
    """An engine for the store in this file. It connects when first used; dispose of it at the end."""
    engine = create_async_engine(URL.create("sqlite+aiosqlite", database=str(path)), hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _configure)
    return engine


def reason(error: Exception) -> str:
    """What the database said, in one line and without the values of the row."""
    said = error.orig if isinstance(error, StatementError) else error
    return " ".join(str(said).split())


def _configure(connection: Any, _record: object) -> None:
    """Durable at every commit, readers beside the writer, and patience with another program's lock."""
    cursor = connection.cursor()
    for pragma in ("busy_timeout = 5000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
