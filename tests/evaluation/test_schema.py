import asyncio
import os
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from vagtcentral.console.accounts import tables as accounts
from vagtcentral.evaluation import schema
from vagtcentral.evaluation.schema import (
    MIGRATIONS,
    StoreError,
    open_to_others,
    store_path,
    store_version,
    upgrade,
)
from vagtcentral.evaluation.store import Store
from vagtcentral.evaluation.tables import HEAD, metadata


def set_version(file: Path, version: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))


async def refusal(store: str | Path, **settings: bool) -> str:
    with pytest.raises(StoreError) as caught:
        await Store.open(store, **settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_migrations_make_the_tables_that_the_program_uses(file) -> None:
    upgrade(file)
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, [metadata, accounts.metadata]) == []


def test_the_program_writes_the_newest_version() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_upgrading_makes_a_store_once(file) -> None:
    assert upgrade(f"sqlite:///{file}") == (None, HEAD)
    assert upgrade(file) == (HEAD, HEAD)
    assert store_version(file) == HEAD


async def test_a_store_of_this_version_opens_without_alembic(file, monkeypatch) -> None:
    upgrade(file)
    monkeypatch.setattr(schema, "run_migrations", lambda connection: pytest.fail("migrated"))
    await (await Store.open(file)).close()


async def test_making_and_opening_a_store_is_quick(file) -> None:
    await (await Store.open(file.with_name("warm.sqlite"))).close()
    started = time.perf_counter()
    await (await Store.open(file)).close()
    made = time.perf_counter()
    await (await Store.open(file)).close()
    opened = time.perf_counter()
    assert made - started < 0.5, "measured: 15 ms"
    assert opened - made < 0.25, "measured: 2 ms"


async def test_two_who_make_the_same_store_at_once_make_one(file) -> None:
    stores = await asyncio.gather(*(Store.open(file) for _ in range(5)))
    for store in stores:
        await store.close()
    assert store_version(file) == HEAD


def test_a_migration_that_fails_leaves_no_half_store(file, monkeypatch) -> None:
    def interrupted(connection) -> None:
        connection.exec_driver_sql("CREATE TABLE calls (call_id TEXT)")
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "run_migrations", interrupted)
    with pytest.raises(KeyboardInterrupt):
        upgrade(file)
    monkeypatch.undo()
    assert upgrade(file) == (None, HEAD)


async def test_folders_on_the_way_are_made(tmp_path) -> None:
    file = tmp_path / "var" / "100%" / "calls.sqlite"
    await (await Store.open(file)).close()
    assert file.exists()


async def test_a_store_is_for_its_owner_only_and_so_is_its_log(file) -> None:
    before = os.umask(0o022)
    try:
        async with await Store.open(file):
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {file.name + ending: 0o600 for ending in ("", "-wal", "-shm")}
    assert not open_to_others(file)


async def test_a_store_that_is_there_keeps_its_mode(file) -> None:
    file.touch()
    file.chmod(0o640)
    await (await Store.open(file)).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert open_to_others(file)


async def test_a_missing_store_is_not_made_where_it_must_be_there(file) -> None:
    assert await refusal(file, create=False) == f"{file}: there is no store here"
    assert not file.exists()


async def test_a_newer_store_is_refused(file) -> None:
    upgrade(file)
    set_version(file, "0009")
    newer = f"{file}: store version 0009 is newer than this program's {HEAD}; upgrade the program"
    assert await refusal(file) == newer
    with pytest.raises(StoreError) as caught:
        upgrade(file)
    assert str(caught.value) == newer


async def test_an_older_store_says_what_to_run(file) -> None:
    upgrade(file)
    set_version(file, "0000")
    older = f"{file}: store version 0000 is older than this program's {HEAD}; run `vagtcentral db upgrade`"
    assert await refusal(file) == older


@pytest.mark.parametrize("content", [b"garbage", b"no database at all " * 200], ids=["short", "long"])
async def test_a_file_that_is_no_database_is_refused_and_left_alone(file, content: bytes) -> None:
    file.write_bytes(content)
    assert await refusal(file) == f"{file} cannot be read as a store: file is not a database"
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE cats (name)", "CREATE TABLE alembic_version (version_num)"]
)
async def test_a_database_of_something_else_is_refused(file, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
    assert await refusal(file) == f"{file} is a database, but not a store of Vagtcentral"


async def test_an_empty_file_becomes_a_store(file) -> None:
    file.touch()
    await (await Store.open(file)).close()
    assert store_version(file) == HEAD


async def test_a_folder_is_refused(tmp_path) -> None:
    assert await refusal(tmp_path) == f"{tmp_path} is a folder; a store is a file"


async def test_a_folder_that_cannot_be_made_is_named(tmp_path) -> None:
    (tmp_path / "var").write_text("a file")
    file = tmp_path / "var" / "calls.sqlite"
    assert (await refusal(file)).startswith(f"{file}: the folder cannot be made: ")


async def test_a_folder_that_cannot_be_written_is_named(file, monkeypatch) -> None:
    monkeypatch.setattr(schema.os, "access", lambda path, mode: False)
    assert await refusal(file) == f"{file}: the folder {file.parent} is not writable"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("var/calls.sqlite", "var/calls.sqlite"),
        (Path("calls"), "calls"),
        ("sqlite:///var/calls.sqlite", "var/calls.sqlite"),
        ("sqlite:////srv/calls.sqlite", "/srv/calls.sqlite"),
    ],
)
def test_a_store_is_a_path_or_a_sqlite_url(given: str | Path, path: str) -> None:
    assert store_path(given) == Path(path)


@pytest.mark.parametrize(
    "given",
    [
        "mysql://root:secret@db/calls",
        "postgresql://db/calls",
        "sqlite://host/x",
        "sqlite://",
        "sqlite:///:memory:",
        ":memory:",
        "",
        "sqlite:///x?mode=ro",
        "://",
        "http://:99999999/",
    ],
)
def test_anything_else_is_refused_with_what_is_allowed_and_without_its_password(given: str) -> None:
    with pytest.raises(StoreError) as caught:
        store_path(given)
    assert str(caught.value).endswith("allowed is a file path or sqlite:///FILE (postgresql comes later)")
    assert "secret" not in str(caught.value)
