"""Where a store is, which version it has, and how it gets the tables: checks before the first query.

The version of a store is the alembic revision in it. Opening reads it with one plain query, and alembic is
imported only where there is something to migrate.
"""

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.tables import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"
ALLOWED = "a file path or sqlite:///FILE (postgresql comes later)"

_one_at_a_time = threading.Lock()  # alembic keeps the migration in hand in a module variable


class StoreError(JournalError):
    """The store cannot be used, or refuses a turn; the message is one line that says which file or call."""


def store_path(url_or_path: str | Path) -> Path:
    """The file of a store given as a plain path or as `sqlite:///FILE`; `StoreError` for anything else."""
    text = str(url_or_path)
    if "://" not in text:
        if not text or text.startswith(":memory:"):
            raise StoreError(f"store {text!r} is no file; allowed is {ALLOWED}")
        return Path(text)
    scheme = text.partition("://")[0]  # only this is shown: the rest may hold a password
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError(f"store {scheme}://… cannot be read; allowed is {ALLOWED}") from None
    if scheme not in ("sqlite", "sqlite+aiosqlite") or url.host:
        raise StoreError(f"store {scheme}://… is not supported; allowed is {ALLOWED}")
    if url.query or not url.database or url.database == ":memory:":
        raise StoreError(f"store {text!r} is no plain file; allowed is {ALLOWED}")
    return Path(url.database)


def store_version(path: Path) -> str | None:
    """The version of the store in this file, None where the file is missing or empty.

    `StoreError` where the file is no database, or a database of something else.
    """
    if path.is_dir():
        raise StoreError(f"{path} is a folder; a store is a file")
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(path, timeout=5.0)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if not names:
                return None
            if "alembic_version" not in names:
                raise StoreError(f"{path} is a database, but not a store of Vagtcentral")
            versions = [
                version for (version,) in connection.execute("SELECT version_num FROM alembic_version")
            ]
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path} cannot be read as a store: {error}") from error
    if len(versions) != 1 or not versions[0].isdecimal():
        raise StoreError(f"{path} is a database, but not a store of Vagtcentral")
    return str(versions[0])


def prepare(path: Path, *, create: bool) -> None:
    """See to it that the file is a store of this program's version, making a new one where allowed."""
    version = store_version(path)
    if version == HEAD:
        return
    if version is None:
        if not create:
            raise StoreError(f"{path}: there is no store here")
        upgrade(path)
    elif int(version) < int(HEAD):
        older = f"store version {version} is older than this program's {HEAD}"
        raise StoreError(f"{path}: {older}; run `vagtcentral db upgrade`")
    else:
        raise _newer(path, version)


def upgrade(url_or_path: str | Path) -> tuple[str | None, str]:
    """Bring a store to this program's version, or make it; the version before (None: none) and after.

    All revisions are applied in one transaction: a store is never left half-way.
    """
    path = store_path(url_or_path)
    before = store_version(path)
    if before is not None and int(before) > int(HEAD):
        raise _newer(path, before)
    if before != HEAD:
        _make_folder(path)
        _make_file(path)
        _migrate(path)
    return before, HEAD


def _newer(path: Path, version: str) -> StoreError:
    return StoreError(
        f"{path}: store version {version} is newer than this program's {HEAD}; upgrade the program"
    )


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: the folder cannot be made: {error.strerror}") from error
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise StoreError(f"{path}: the folder {path.parent} is not writable")


def _make_file(path: Path) -> None:
    """An empty file for its owner only, before anything is in it; one that is there keeps its mode.

    SQLite gives the files of the log beside it the same mode. The folder is left open: prompts, which the
    switch reads as another user, are kept in it too.
    """
    try:
        path.resolve().touch(0o600, exist_ok=False)
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"{path}: the store cannot be made: {error.strerror}") from error


def open_to_others(url_or_path: str | Path) -> bool:
    """Whether other users of the machine may read or write the store's file."""
    path = store_path(url_or_path)
    return path.exists() and bool(path.stat().st_mode & 0o077)


def _migrate(path: Path) -> None:
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "connect", _log_ahead)
    event.listen(engine, "begin", _begin_immediately)
    try:
        with engine.connect() as connection:
            run_migrations(connection)
    except DBAPIError as error:
        raise StoreError(f"{path}: the store cannot be written: {error.orig}") from error
    finally:
        engine.dispose()


def _log_ahead(connection: Any, _record: object) -> None:
    """The file remembers this; it cannot be set within the transaction."""
    connection.execute("PRAGMA journal_mode = WAL")


def _begin_immediately(connection: Connection) -> None:
    """The write lock comes first: of two programs making the same store one waits, and finds it made."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def run_migrations(connection: Connection) -> None:
    """Apply all revisions that the database behind the connection does not have yet."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, "head")
