"""`vagtcentral demo` and `replay`, run as a user runs them."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from vagtcentral.menus.load import find_menu

FIELDS = {
    "call_id",
    "service",
    "caller",
    "keys",
    "position",
    "district",
    "destination",
    "operator",
    "waited_s",
    "outcome",
    "transfers",
}


def vagtcentral(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vagtcentral", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which the demo has been played, and the JSON that it printed."""
    folder = tmp_path_factory.mktemp("demo")
    done = vagtcentral("demo", "--exit", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_the_json_has_the_promised_fields_for_every_call(played: tuple[Path, str]) -> None:
    calls = json.loads(played[1])["calls"]
    assert len(calls) >= 15
    assert all(call.keys() >= FIELDS for call in calls)
    assert all(call["data"].keys() >= {"name", "official", "date", "sha256", "cells"} for call in calls)
    assert not any(call["data"]["official"] for call in calls)
    assert all(call["evidence"] and call["radius_model"] for call in calls if call["position"])
    arrived = [call["call_id"] for call in calls]
    assert len(set(arrived)) == len(arrived)


def test_two_runs_are_byte_identical(played: tuple[Path, str], tmp_path: Path) -> None:
    again = vagtcentral("demo", "--exit", "--json", cwd=tmp_path)
    assert again.stdout == played[1]
    same_place = vagtcentral("demo", "--exit", "--json", cwd=tmp_path)
    assert same_place.stdout == played[1]


def test_the_table_names_every_call_and_where_the_record_is(tmp_path: Path) -> None:
    done = vagtcentral("demo", "--exit", cwd=tmp_path)
    assert done.returncode == 0
    assert "Nordjyllands Politi 100 %, 101 m outside" in done.stdout
    assert "Københavns Vestegns Politi 56 %, Københavns Politi 44 %" in done.stdout
    assert "var/demo.sqlite" in done.stderr
    assert "synthetic" in done.stderr
    assert (tmp_path / "var" / "demo.sqlite").exists()


def test_every_stored_call_replays_with_every_command_the_same(played: tuple[Path, str]) -> None:
    done = vagtcentral("replay", "--all", cwd=played[0])
    assert done.returncode == 0, done.stdout
    calls = json.loads(played[1])["calls"]
    lines = done.stdout.splitlines()
    assert len(lines) == len(calls)
    assert all(line.endswith("every command the same") for line in lines)


def test_a_changed_line_of_a_menu_shows_the_first_difference(
    played: tuple[Path, str], tmp_path: Path
) -> None:
    text = find_menu("114").read_text(encoding="utf-8")
    assert '"4": tips' in text
    changed = tmp_path / "changed.yaml"
    changed.write_text(text.replace('"4": tips', '"4": {to: tips, language: en}'), encoding="utf-8")
    done = vagtcentral("replay", "114-wrong-keys", "--menu", changed, "--json", cwd=played[0])
    assert done.returncode == 1
    call = json.loads(done.stdout)["calls"][0]
    assert call["same"] is False
    assert call["changed"] == ["menu 114"]
    difference = call["first_difference"]
    assert difference.startswith("turn 6, digit_pressed: command 2, enqueue: language is 'en'")
    untouched = vagtcentral("replay", "112-silent", "--menu", changed, cwd=played[0])
    assert untouched.returncode == 0


def test_a_changed_word_of_a_prompt_is_a_difference_too(played: tuple[Path, str], tmp_path: Path) -> None:
    text = find_menu("114").read_text(encoding="utf-8")
    changed = tmp_path / "changed.yaml"
    changed.write_text(text.replace("Haster det lige nu", "Er det akut"), encoding="utf-8")
    done = vagtcentral("replay", "114-silence", "--menu", changed, cwd=played[0])
    assert done.returncode == 1
    assert "turn 3, play_finished" in done.stdout
    assert "prompts" in done.stdout


def test_an_exported_journal_replays_from_its_file(played: tuple[Path, str], tmp_path: Path) -> None:
    file = tmp_path / "call.jsonl"
    exported = vagtcentral("replay", "114-theft-report", "--export", file, cwd=played[0])
    assert exported.returncode == 0
    replayed = vagtcentral("replay", file, "--steps", cwd=tmp_path)
    assert replayed.returncode == 0
    assert "  114-theft-report   1 call_arrived: answer, play" in replayed.stdout


def test_the_store_of_the_demo_passes_its_check(played: tuple[Path, str]) -> None:
    assert vagtcentral("db", "check", "--store", "var/demo.sqlite", cwd=played[0]).returncode == 0


def test_one_call_can_be_played_alone_and_from_a_file_of_ones_own(tmp_path: Path) -> None:
    script = tmp_path / "mine.yaml"
    script.write_text(
        "title: Mine\nabout: A call of my own.\nat: 2020-01-01T00:00:00Z\n"
        'service: "112"\ncaller: {number: null}\n',
        encoding="utf-8",
    )
    done = vagtcentral("demo", "--only", script, "--only", "112-silent", "--json", cwd=tmp_path)
    assert [call["call_id"] for call in json.loads(done.stdout)["calls"]] == ["112-silent", "mine"]


def test_a_demo_in_real_time_at_speed_ends_with_the_same_outcomes(tmp_path: Path) -> None:
    done = vagtcentral("demo", "--only", "114-self-service", "--speed", "60", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["calls"][0]["outcome"] == "self_service"


# --- bad input ---------------------------------------------------------------------------------


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line with which a command refused its input."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, lines
    return lines[0].removeprefix("vagtcentral: ")


def test_an_unknown_call_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    line = refused(vagtcentral("demo", "--only", "112-nope", cwd=tmp_path))
    assert line.startswith("112-nope: no such call; recorded calls are: 112-aml-abroad, ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"title: [", "bad.yaml:1: not YAML: "),
        (b"\xff\xfe", "bad.yaml: byte 0 is not UTF-8 text; a script is UTF-8 YAML"),
        (b"just words", "bad.yaml:1: just words; a script is a mapping with title, at, service, caller"),
        (b"title: x\ntitle: y\n", 'bad.yaml:2: not YAML: found duplicate key "title"'),
    ],
)
def test_an_unreadable_script_is_refused_in_one_line(tmp_path: Path, content: bytes, line: str) -> None:
    (tmp_path / "bad.yaml").write_bytes(content)
    assert refused(vagtcentral("demo", "--only", "bad.yaml", cwd=tmp_path)).startswith(line)


def test_a_script_with_a_key_no_telephone_has_is_refused_at_its_line(tmp_path: Path) -> None:
    text = (
        "title: x\nabout: x\nat: 2020-01-01T00:00:00Z\n"
        'service: "114"\ncaller:\n  number: null\n  does:\n    - {on: hears main, keys: "1x"}\n'
    )
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    line = refused(vagtcentral("demo", "--only", "bad.yaml", cwd=tmp_path))
    assert line == "bad.yaml:8: caller.does.0.keys: 1x; allowed: the keys 0-9, * and #"


def test_a_missing_script_is_refused(tmp_path: Path) -> None:
    line = refused(vagtcentral("demo", "--only", "gone.yaml", cwd=tmp_path))
    assert line == "gone.yaml: cannot be read: No such file or directory; a script is a YAML file"


def test_a_store_from_a_newer_version_is_refused(played: tuple[Path, str], tmp_path: Path) -> None:
    store = tmp_path / "newer.sqlite"
    shutil.copy(played[0] / "var" / "demo.sqlite", store)
    with sqlite3.connect(store) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    for command in (("replay", "--all", "--store", store), ("demo", "--store", store)):
        line = refused(vagtcentral(*command, cwd=tmp_path))
        assert line.startswith(f"{store}: store version 9999 is newer than this program's ")


def test_a_store_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_text("no database at all, but long enough to be read as a header" * 3)
    assert refused(vagtcentral("demo", "--store", "x.sqlite", cwd=tmp_path)).startswith("x.sqlite ")


def test_a_call_that_is_not_in_the_store_is_refused(played: tuple[Path, str]) -> None:
    line = refused(vagtcentral("replay", "112-nope", cwd=played[0]))
    assert line.startswith("var/demo.sqlite: no call 112-nope; it holds ")


def test_a_missing_store_is_refused_and_not_made(tmp_path: Path) -> None:
    refused(vagtcentral("replay", "--all", cwd=tmp_path))
    assert not (tmp_path / "var" / "demo.sqlite").exists()


def test_playing_into_a_store_that_has_the_calls_is_refused(played: tuple[Path, str]) -> None:
    done = vagtcentral("demo", "--store", "var/demo.sqlite", cwd=played[0])
    assert "is there already; a demo wants a new store" in refused(done)


@pytest.mark.parametrize("arguments", [("replay",), ("replay", "x", "--all")])
def test_replay_wants_one_thing_to_replay(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert (
        refused(vagtcentral(*arguments, cwd=tmp_path)) == "replay takes either one FILE or CALL-ID, or --all"
    )


def test_a_damaged_journal_file_is_refused_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("{}\n")
    assert refused(vagtcentral("replay", "bad.jsonl", cwd=tmp_path)).startswith("bad.jsonl:1: ")


def test_a_menu_that_cannot_be_read_is_refused(played: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("menu: [\n")
    line = refused(vagtcentral("replay", "--all", "--menu", tmp_path / "bad.yaml", cwd=played[0]))
    assert "bad.yaml:" in line
