import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vagtcentral.console.db import DEFAULT_STORE, app
from vagtcentral.evaluation import store as evaluation_store
from vagtcentral.evaluation.store import Store
from vagtcentral.evaluation.tables import HEAD
from vagtcentral.ivr.events import CallArrived
from vagtcentral.ivr.journal import Turn


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.sqlite"


def fill(file: Path) -> None:
    async def tell() -> None:
        async with await Store.open(file) as store:
            await store.append([Turn("call-1", 1, CallArrived(1, "114", None, "114", "", ""), ())])

    asyncio.run(tell())


def damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE calls SET service = '112'")


def test_upgrade_makes_a_store_and_then_leaves_it(file) -> None:
    made = run("upgrade", "--store", f"sqlite:///{file}")
    assert (made.exit_code, made.stdout) == (0, "")
    assert made.stderr == f"{file}: made, version {HEAD}\n"
    again = run("upgrade", "--store", str(file))
    assert (again.exit_code, again.stderr) == (0, f"{file}: is of version {HEAD} already\n")


def test_a_sound_store_gives_status_0(file) -> None:
    fill(file)
    checked = run("check", "--store", str(file))
    assert (checked.exit_code, checked.stdout) == (0, "1 calls checked, 0 findings\n")


def test_findings_give_status_1(file) -> None:
    fill(file)
    damage(file)
    checked = run("check", "--store", str(file))
    assert checked.exit_code == 1
    assert checked.stdout.splitlines()[0] == "call call-1: record: service is '112', its journal says '114'"


def test_findings_as_json_are_one_document(file) -> None:
    fill(file)
    damage(file)
    checked = run("check", "--json", "--store", str(file))
    assert checked.exit_code == 1
    assert json.loads(checked.stdout) == {
        "store": str(file),
        "calls": 1,
        "findings": [
            {"call_id": "call-1", "seq": None, "problem": "record: service is '112', its journal says '114'"}
        ],
    }


@pytest.mark.parametrize("command", ["upgrade", "check"])
def test_another_database_is_refused_in_one_line(command: str) -> None:
    refused = run(command, "--store", "mysql://root:secret@db/calls")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        "vagtcentral: store mysql://… is not supported; "
        "allowed is a file path or sqlite:///FILE (postgresql comes later)\n"
    )


def test_a_missing_store_cannot_be_checked(file) -> None:
    refused = run("check", "--store", str(file))
    assert (refused.exit_code, refused.stderr) == (2, f"vagtcentral: {file}: there is no store here\n")
    assert not file.exists()


def test_the_default_is_that_of_the_store() -> None:
    assert DEFAULT_STORE == evaluation_store.DEFAULT_STORE


def test_help_needs_no_database_library() -> None:
    code = "import sys, vagtcentral.console.db; sys.exit(bool({'sqlalchemy', 'pydantic'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)
